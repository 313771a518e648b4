/** Failure replies of the API as errors (webex-calling.md 3.9). */
import { CtiError } from '../model'
import { statusError, type HttpReply } from '../transport/http'
import { isRecord, parseJson, records, text } from './read'

const MAX_TEXT = 300
/** What the platform's own codes mean; the wording may change (webex-calling.md U5). */
const HINTS: Readonly<Record<string, string>> = {
  4003: 'This token may not act on calls of its own: a service app or administrator acts on members, by their id.',
  4008: 'The user has no Webex Calling licence.'
}

/** The reason of most refusals; which scope is needed is in the vendor's text, if at all. */
const NOT_GRANTED = ' If a scope is missing: tick what it is for in the account, see that the integration has it, and authorise anew.'

/** What the error body says; empty for the pages of gateways. */
function errorInfoOf (body: string): { text?: string; code?: string; trackingId?: string } {
  const node = parseJson(body)
  if (!isRecord(node)) return {}
  const [first] = records(node, 'errors')
  const said = (text(node, 'message') ?? text(first, 'description'))?.slice(0, MAX_TEXT)
  const code = text(node, 'errorCode') ?? text(first, 'errorCode')
  const trackingId = text(node, 'trackingId')
  return { ...(said === undefined ? {} : { text: said }), ...(code === undefined ? {} : { code }), ...(trackingId === undefined ? {} : { trackingId }) }
}

/** The error that a failure reply is. `cause.trackingId` is what Cisco's support asks for; it is in the message too. */
export function replyError (reply: HttpReply): CtiError {
  const info = errorInfoOf(reply.text())
  const error = statusError(reply, 'webex', info.text)
  const header = reply.headers.trackingid
  const trackingId = info.trackingId ?? (typeof header === 'string' ? header : undefined)
  const hint = info.code !== undefined && Object.hasOwn(HINTS, info.code) ? ` ${HINTS[info.code]}` : error.code === 'CTI_FORBIDDEN' ? NOT_GRANTED : ''
  return new CtiError(error.code, `${error.message}${hint}${trackingId === undefined ? '' : ` Tracking id ${trackingId.slice(0, 100)}.`}`, {
    ...error.cause, ...(info.code === undefined ? {} : { code: info.code }), ...(trackingId === undefined ? {} : { trackingId })
  })
}

/** The same trouble, but worth another connection: at the start of a session only wrong settings and refused tokens are final. */
export function asLost (raw: unknown): CtiError {
  const error = CtiError.from(raw, 'webex')
  return error.code === 'CTI_UNAUTHORIZED' ? error : new CtiError('CTI_UNAVAILABLE', error.message, { ...error.cause, retryable: true })
}
