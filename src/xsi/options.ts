/** What an XSI account is made of, and the addresses that follow from it (xsi.md 2.1, 3.1). */
import { CtiError } from '../model'
import type { TlsOptions } from '../transport/http'

export type XsiAuth =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  /** `token(true)` asks for a fresh one because the last was refused. */
  | { readonly kind: 'bearer'; token (fresh: boolean): Promise<string> }
export type XsiScope = 'user' | 'users' | 'group' | 'enterprise'

export interface XsiOptions {
  /** Host, `host:port` or `https://host` of the server; the three addresses below win over it. */
  readonly host?: string
  /** Further servers of the same provider: events come over a channel to each, commands go to the first that answers. */
  readonly servers?: readonly string[]
  /** Domain whose SRV records `_xsi-client._tcp` name the servers. Default: the host, when it is a plain name and no further servers are given. */
  readonly srvDomain?: string
  /** Looks SRV records up. Default: the DNS of the machine. */
  readonly resolveSrv?: ResolveSrv
  /** 0..1: who comes first among servers of equal priority, and the jitter of repetitions. Default `Math.random`. */
  readonly random?: () => number
  readonly actionsUrl?: string
  readonly eventsUrl?: string
  readonly channelUrl?: string
  /** Names of the web applications where a provider has renamed them. */
  readonly actionsContext?: string
  readonly eventsContext?: string
  readonly channelContext?: string
  readonly auth: XsiAuth
  /** Id of the account's own user in paths. Default: the user name. Needed with a bearer token (Webex: the person's uuid). */
  readonly userId?: string
  /** Whose calls are seen. Default `user`. */
  readonly scope?: XsiScope
  /** User ids for scope `users`; with a group or enterprise, whom of it the account is told of (empty: all). */
  readonly userList?: readonly string[]
  readonly groupId?: string
  readonly enterpriseId?: string
  /** Call centres (user ids) for the queue packages; default: those that the user supervises or works in. */
  readonly queues?: readonly string[]
  /** Event packages, xsi.md 4.8. Default `DEFAULT_PACKAGES` and, as far as the server has them, `EXTRA_PACKAGES`. */
  readonly packages?: readonly string[]
  /** One subscription with a list of packages for each target, instead of one for each package. Needs a server of release 23. */
  readonly packageList?: boolean
  /** Unique per running program, the same at each start: they decide whose channel a server ends. */
  readonly applicationId: string
  readonly channelSetId: string
  /** Default `22.0`; empty leaves the choice to the server. */
  readonly protocolVersion?: string
  readonly tls?: TlsOptions
  readonly proxy?: string
  /** Between two heartbeats, ms. Default 15,000. */
  readonly heartbeatMs?: number
  /** Silence on the stream that counts as dead, ms. Default 40,000. */
  readonly silenceMs?: number
  /** Asked for, s; the server answers what it grants. Default 7,200 and 86,400. */
  readonly channelExpires?: number
  readonly subscriptionExpires?: number
  /** Limit of one command, ms. Default 10,000. */
  readonly timeoutMs?: number
  /** How long a resync waits for initial events before it asks by GET, ms. Default 3,000. */
  readonly initialEventMs?: number
}

export const HEARTBEAT_MS = 15_000
export const SILENCE_MS = 40_000
export const CHANNEL_EXPIRES_S = 7200
export const SUBSCRIPTION_EXPIRES_S = 86_400
export const COMMAND_MS = 10_000
export const INITIAL_EVENT_MS = 3000
export const PROTOCOL_VERSION = '22.0'
const CHANNEL_CONTEXT = 'com.broadsoft.async/com.broadsoft.xsi-events'

export interface SrvRecord { readonly name: string; readonly port: number; readonly priority: number; readonly weight: number }
/** SRV records of a name. @throws any error when there are none */
export type ResolveSrv = (name: string) => Promise<readonly SrvRecord[]>

/** Addresses without trailing slash; `/v2.0/...` is appended. */
export interface Bases { readonly actions: string; readonly events: string; readonly channel: string }

function originOf (host: string): string {
  const text = host.includes('://') ? host : `https://${host}`
  if (!URL.canParse(text)) throw new CtiError('CTI_INVALID_REQUEST', 'The host of the account is not a host name or URL.', { vendor: 'xsi', retryable: false })
  return new URL(text).origin
}

const bare = (url: string): string => url.replace(/\/+$/, '')
const context = (name: string): string => `/${name.replace(/^\/+|\/+$/g, '')}`

/** The applications of an account at a server; `origin` is `https://host[:port]`. */
export function basesAt (options: XsiOptions, origin: string): Bases {
  return {
    actions: origin + context(options.actionsContext ?? 'com.broadsoft.xsi-actions'),
    events: origin + context(options.eventsContext ?? 'com.broadsoft.xsi-events'),
    channel: origin + context(options.channelContext ?? CHANNEL_CONTEXT)
  }
}

/** Every server of the account, the first choice first. @throws CtiError CTI_INVALID_REQUEST without any address */
export function basesOf (options: XsiOptions): Bases[] {
  const at = (origin: string): Bases => basesAt(options, origin)
  const bases: Bases[] = []
  const { actionsUrl, eventsUrl, channelUrl } = options
  if (actionsUrl !== undefined && eventsUrl !== undefined) {
    bases.push({ actions: bare(actionsUrl), events: bare(eventsUrl), channel: bare(channelUrl ?? `${originOf(eventsUrl)}${context(options.channelContext ?? CHANNEL_CONTEXT)}`) })
  } else if (options.host !== undefined && options.host !== '') {
    bases.push(at(originOf(options.host)))
  }
  for (const server of options.servers ?? []) bases.push(at(originOf(server)))
  if (bases.length === 0) throw new CtiError('CTI_INVALID_REQUEST', 'The account has no server: enter its host.', { vendor: 'xsi', retryable: false })
  return bases
}

/**
 * Whether credentials may follow a redirect: never to another scheme; to the same host, to another server of the account, or to a host with the same
 * parent domain (load distribution among the servers of one provider, xsi.md 3.1).
 */
export function trustsRedirect (servers: readonly Bases[]): (from: URL, to: URL) => boolean {
  const known = new Set(servers.flatMap(({ actions, events, channel }) => [actions, events, channel].map((url) => new URL(url).hostname)))
  return (from, to) => {
    if (from.protocol !== to.protocol) return false
    if (from.hostname === to.hostname || known.has(to.hostname)) return true
    const parent = from.hostname.split('.').slice(1)
    const numeric = /^[\d.]+$|^\[/.test(from.hostname)
    return !numeric && parent.length >= 2 && to.hostname.split('.').slice(1).join('.') === parent.join('.')
  }
}
