/** What an XSI account may borrow from a Webex account: its token and the addresses of its organisation (webex-calling.md 7.4). */
import { CtiError } from '../model'
import { replyError } from './errors'
import { keyOf } from './ids'
import type { Settings } from './options'
import { isRecord, parseJson, text, type Json } from './read'
import type { Tokens } from './tokens'

/** Where the XSI servers of the organisation are, and under which id the person is known there. */
export interface XsiPlace {
  readonly actionsUrl: string
  readonly eventsUrl: string
  readonly channelUrl?: string
  /** Domain whose SRV records name the event servers. */
  readonly srvDomain?: string
  readonly userId: string
}

export interface XsiProvider {
  /** Bearer token; `fresh`: the last one was refused. @throws CtiError */
  token (fresh: boolean): Promise<string>
  /** @throws CtiError CTI_UNSUPPORTED when XSI is not switched on for the organisation */
  discover (): Promise<XsiPlace>
}

const invalid = (message: string): CtiError => new CtiError('CTI_INVALID_REQUEST', message, { vendor: 'webex', retryable: false })
/** The version is part of the paths that are appended. */
const bare = (url: string): string => url.replace(/\/+$/, '').replace(/\/v2\.0$/, '')

export function xsiProvider (settings: Settings, tokens: Tokens): XsiProvider {
  const source = tokens.account
  const token = async (fresh: boolean): Promise<string> => {
    if (source === undefined) throw invalid('The Webex account of this XSI account has no token of a user.')
    return source(fresh)
  }
  const discover = (): Promise<XsiPlace> => tokens.withHttp(async (http) => {
    const read = async (path: string): Promise<Json> => {
      const ask = async (fresh: boolean) => http.request({ url: settings.baseUrl + path, headers: { Authorization: `Bearer ${await token(fresh)}`, Accept: 'application/json' }, idempotent: true })
      let reply = await ask(false)
      if (reply.status === 401) reply = await ask(true)
      if (reply.status !== 200) throw replyError(reply)
      const node = parseJson(reply.text())
      return isRecord(node) ? node : {}
    }
    const me = await read('/people/me')
    const id = text(me, 'id')
    const orgId = settings.orgId ?? text(me, 'orgId')
    if (id === undefined || orgId === undefined) throw new CtiError('CTI_PROTOCOL', 'Webex does not tell the organisation of the token.', { vendor: 'webex', retryable: true })
    const org = await read(`/organizations/${encodeURIComponent(orgId)}?callingData=true`)
    const actions = text(org, 'xsiActionsEndpoint')
    const events = text(org, 'xsiEventsEndpoint')
    if (actions === undefined || events === undefined) {
      throw CtiError.unsupported('XSI', 'webex', 'XSI is not switched on for this organisation; Cisco does it on request', [])
    }
    const channel = text(org, 'xsiEventsChannelEndpoint')
    const domain = text(org, 'xsiDomain')
    return {
      actionsUrl: bare(actions), eventsUrl: bare(events), userId: keyOf(id),
      ...(channel === undefined ? {} : { channelUrl: bare(channel) }), ...(domain === undefined ? {} : { srvDomain: domain })
    }
  })
  return { token, discover }
}
