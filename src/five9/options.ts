/** What a Five9 account is made of, and what is left out filled in (five9.md 2). */
import { CALL_STATES, CtiError, type CallState } from '../model'
import type { TlsOptions } from '../transport/tls'

/** Login roots by region; sources agree for the US only, so a free host is offered beside them (five9.md 2.1). */
export const REGIONS = {
  us: 'https://app.five9.com',
  eu: 'https://app.eu.five9.com',
  uk: 'https://app.five9.eu',
  ca: 'https://app.five9.ca'
} as const
export type Five9Region = keyof typeof REGIONS

/** Which halves of the API are used: they have sessions, events and rights of their own. */
export type Five9Role = 'agent' | 'supervisor' | 'both'
/** `attach` joins a session that runs already; `takeOver` ends it: whoever works there is thrown out (five9.md 2.4). */
export type Five9Policy = 'attach' | 'takeOver'
/**
 * What happens to the Five9 session when the account is closed: `own` ends what this account began, `always` logs the user out of both halves, also of what
 * was only joined, `never` leaves all as it is.
 */
export type Five9Logout = 'own' | 'always' | 'never'
/** Known types; another word is sent as it is. `EMPTY` carries no call: enough for a supervisor and for presence (five9.md 2.5). */
export const STATION_TYPES = ['EMPTY', 'SOFTPHONE', 'PSTN', 'GATEWAY', 'STATION'] as const

/**
 * What no public source tells, as data: overrides of our conventions (five9.md 3.7). Keys of the first three are names of requests, see `ROUTES` in
 * `routes.ts`; a body may hold `"{name}"` where a parameter goes, and is an object, or a text with the whole.
 */
export interface Five9Advanced {
  paths?: Readonly<Record<string, string>>
  methods?: Readonly<Record<string, string>>
  bodies?: Readonly<Record<string, unknown>>
  /** A vendor's call state and the neutral one that it means. */
  callStates?: Readonly<Record<string, CallState>>
  /** Sends the reason of a logout as query parameter of `session_stop`. Default false: how it is carried is not public. */
  logoutReason?: boolean
  /** False leaves out the `Authorization` header: some domains take the cookies alone. Default true. */
  authorization?: boolean
}

export interface Five9Options {
  /** Preset of the login root. Default `us`; `baseUrl` wins. */
  readonly region?: Five9Region
  /** Login root: host, `host:port` or URL. Plain http is taken for this machine only (simulator). */
  readonly baseUrl?: string
  readonly username: string
  readonly password: string
  /** OAuth access token of a single-sign-on domain; used instead of the password. `token(true)` asks for a fresh one. */
  readonly token?: (fresh: boolean) => Promise<string>
  /** Default `agent`. */
  readonly role?: Five9Role
  /** Default `attach`. */
  readonly policy?: Five9Policy
  /** Default `EMPTY`. Only of the agent; the supervisor's session has none. */
  readonly stationType?: string
  /** Telephone number (PSTN) or id of the station (GATEWAY). */
  readonly stationId?: string
  /** Skills to be active after a new login, by name or id; absent: all that the agent has; an empty list: none. */
  readonly skills?: readonly string[]
  /** Accepts maintenance notices that block the login. Default true; with false the login stops there. */
  readonly acceptNotices?: boolean
  /** Default `own`. */
  readonly logout?: Five9Logout
  /** Name of this program at Five9 and of its sockets; two with the same name shut each other out. Default: random, for each driver. */
  readonly appKey?: string
  /** ms within which `stats.updated` of one subject is told once. Default 1000; 0 tells all. */
  readonly statsIntervalMs?: number
  readonly tls?: TlsOptions
  /** `http://[user:password@]host[:port]` */
  readonly proxy?: string
  /** Limit of one request in ms. Default 30,000 (five9.md 5). */
  readonly timeoutMs?: number
  /** ms between two pings on a socket. Default 15,000; two without an answer end it. */
  readonly pingMs?: number
  /** Largest frame in bytes; full statistics are megabytes. Default 256 MiB. */
  readonly maxFrameBytes?: number
  /** ms between the tries while a new session is not yet known everywhere. Default 2000. */
  readonly settleMs?: number
  /** ms that a resync waits for full statistics. Default 5000. */
  readonly statisticsMs?: number
  readonly advanced?: Five9Advanced
}

export interface Settings {
  /** Login root without trailing slash. */
  readonly root: string
  readonly username: string
  readonly password: string
  readonly token: Five9Options['token']
  readonly role: Five9Role
  readonly policy: Five9Policy
  readonly stationType: string
  readonly stationId: string
  readonly skills: readonly string[] | undefined
  readonly acceptNotices: boolean
  readonly logout: Five9Logout
  readonly appKey: string | undefined
  readonly statsIntervalMs: number
  readonly tls: TlsOptions | undefined
  readonly proxy: string | undefined
  readonly timeoutMs: number
  readonly pingMs: number
  readonly maxFrameBytes: number
  readonly settleMs: number
  readonly statisticsMs: number
  readonly advanced: Five9Advanced
}

const MIB = 1024 * 1024
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i

/** True for a host of this machine: only there plain http is taken. */
export function isLoopback (hostname: string): boolean {
  return LOOPBACK.test(hostname)
}

function invalid (text: string): CtiError {
  return new CtiError('CTI_INVALID_REQUEST', text, { vendor: 'five9', retryable: false })
}

function rootOf ({ region = 'us', baseUrl }: Five9Options): string {
  if (baseUrl === undefined || baseUrl.trim() === '') {
    if (!Object.hasOwn(REGIONS, region)) throw invalid(`The region of the Five9 account must be one of ${Object.keys(REGIONS).join(', ')}.`)
    return REGIONS[region]
  }
  const text = baseUrl.trim()
  const whole = text.includes('://') ? text : `https://${text}`
  if (!URL.canParse(whole)) throw invalid('The host of the Five9 account is not a host name or URL.')
  const { protocol, hostname, origin } = new URL(whole)
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(hostname))) throw invalid('The address of the Five9 account must begin with https://; only a simulator on this machine may do without.')
  return origin
}

function oneOf<T extends string> (what: string, value: T, words: readonly T[]): T {
  if (!words.includes(value)) throw invalid(`The ${what} of the Five9 account must be one of ${words.join(', ')}.`)
  return value
}

function milliseconds (what: string, value: number, least: number): number {
  if (!Number.isFinite(value) || value < least) throw invalid(`The ${what} of the Five9 account must be a number of at least ${least}.`)
  return value
}

function isTextMap (value: unknown): boolean {
  return value === undefined || (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every((part) => typeof part === 'string'))
}

function advancedOf (advanced: Five9Advanced): Five9Advanced {
  const { paths, methods, bodies, callStates } = advanced
  if (!isTextMap(paths) || !isTextMap(methods) || !isTextMap(callStates)) throw invalid('"paths", "methods" and "callStates" of the advanced settings must be objects of texts.')
  if (bodies !== undefined && (typeof bodies !== 'object' || bodies === null || Array.isArray(bodies))) throw invalid('"bodies" of the advanced settings must be an object.')
  for (const path of Object.values(paths ?? {})) if (!path.startsWith('/')) throw invalid(`The path "${path.slice(0, 60)}" of the advanced settings must begin with "/".`)
  for (const method of Object.values(methods ?? {})) if (!/^(?:GET|POST|PUT|DELETE)$/.test(method)) throw invalid('The methods of the advanced settings must be GET, POST, PUT or DELETE.')
  for (const state of Object.values(callStates ?? {})) if (!CALL_STATES.includes(state)) throw invalid(`"callStates" of the advanced settings: ${String(state).slice(0, 30)} is none of ${CALL_STATES.join(', ')}.`)
  return advanced
}

/** Checks the options and fills in what is left out. @throws CtiError CTI_INVALID_REQUEST */
export function settingsOf (options: Five9Options): Settings {
  if (!options.username && options.token === undefined) throw invalid('The Five9 account has no user name.')
  const stationType = (options.stationType || 'EMPTY').toUpperCase()
  const stationId = options.stationId?.trim() ?? ''
  if (stationType === 'PSTN' && !/^\+?\d{3,}$/.test(stationId.replace(/[\s().-]/g, ''))) throw invalid('A PSTN station needs the telephone number that Five9 shall call.')
  if (stationType === 'GATEWAY' && stationId === '') throw invalid('A GATEWAY station needs its id.')
  return {
    root: rootOf(options),
    username: options.username,
    password: options.password,
    token: options.token,
    role: oneOf('role', options.role ?? 'agent', ['agent', 'supervisor', 'both']),
    policy: oneOf('session policy', options.policy ?? 'attach', ['attach', 'takeOver']),
    stationType,
    stationId: stationType === 'PSTN' ? stationId.replace(/[\s().-]/g, '') : stationId,
    skills: options.skills,
    acceptNotices: options.acceptNotices ?? true,
    logout: oneOf('logout', options.logout ?? 'own', ['own', 'always', 'never']),
    appKey: options.appKey?.replace(/[^A-Za-z0-9_-]/g, '') || undefined,
    statsIntervalMs: milliseconds('statistics interval', options.statsIntervalMs ?? 1000, 0),
    tls: options.tls,
    proxy: options.proxy || undefined,
    timeoutMs: milliseconds('time limit', options.timeoutMs ?? 30_000, 1),
    pingMs: milliseconds('ping interval', options.pingMs ?? 15_000, 10),
    maxFrameBytes: milliseconds('frame limit', options.maxFrameBytes ?? 256 * MIB, 1024),
    settleMs: milliseconds('settle time', options.settleMs ?? 2000, 1),
    statisticsMs: milliseconds('statistics limit', options.statisticsMs ?? 5000, 1),
    advanced: advancedOf(options.advanced ?? {})
  }
}
