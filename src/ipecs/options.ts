/** What an iPECS account is made of, and what is left out filled in (ipecs.md 1, 2, 11). */
import { CtiError } from '../model'
import type { TokenStore } from '../session/tokenStore'
import type { TlsOptions } from '../transport/tls'
import { commandsOf, type Commands, type CommandOverrides } from './commands'
import { SOCKET_VARIANTS, type SocketVariant } from './protocol'
import { isFields } from './read'

/** `server`: an account of the switch, with events and call control; `client`: a station's own login, which may read its call records and make a click call. */
export type IpecsAccountType = 'server' | 'client'

export interface IpecsOptions {
  /** Host name of the switch, without scheme. Needed unless `baseUrl` is given. */
  readonly host?: string
  /** Port of the Web API; the switch has no fixed one, so it is needed with `host`. */
  readonly port?: number
  /** `https://host:port`, instead of host and port. Plain http is taken for this machine only (simulator). */
  readonly baseUrl?: string
  /** Account name, or the station number of a client account. */
  readonly username: string
  /** Password; of a client account the authentication code and its suffix, one after the other. */
  readonly password: string
  /** Default `server`. */
  readonly accountType?: IpecsAccountType
  /** CA, pinned fingerprint (`fingerprint256`), or `rejectUnauthorized: false` for "do not verify"; for HTTPS and the web socket alike. */
  readonly tls?: TlsOptions
  /** `http://[user:password@]host[:port]` */
  readonly proxy?: string
  /** Address form of the web socket (ipecs.md 2.5): `auto` (default) tries c, d, a, b; a letter begins with that one and still falls back. */
  readonly socketVariant?: 'auto' | SocketVariant
  /** Extensions to monitor (CTI): their numbers, or `all`, which needs the command `getTerminals` to exist at the switch. Default none: ACD events only. */
  readonly extensions?: 'all' | readonly string[]
  /** Also ask for presence events of the extensions. Default true. */
  readonly presence?: boolean
  /** Number of a group to its bin, the switch's internal index: `{ "620": "8" }`. What is missing is learned from the events (ipecs.md 11). */
  readonly groups?: Readonly<Record<string, string | number>>
  /** Names of groups by number, shown in events. */
  readonly groupNames?: Readonly<Record<string, string>>
  /** Outside lines that the summary counts, by number (the wrapper's `queues`). Default all. */
  readonly lines?: readonly (string | number)[]
  /** Stations that the summary counts: first and last number (the wrapper's `stations`). Default all. */
  readonly stations?: readonly [number, number]
  /** Emit the wrapper's summary object and hooks (ipecs.md 7.4). Default true. */
  readonly legacySummary?: boolean
  /** `HH:MM` or `HH:MM:SS` of the switch's clock at which the counters of the summary begin anew. Default never. */
  readonly metricsResetTime?: string
  /** ms within which `stats.updated` is told once. Default 1000; 0 tells each change. */
  readonly statsIntervalMs?: number
  /** IANA name of the switch's time zone, such as `Europe/Rome`. Default: learned from its clock, to the quarter of an hour. */
  readonly timeZone?: string
  /** Additions and corrections to the table of commands (ipecs.md 3.2, 3.5): an object, or its JSON text. */
  readonly commands?: string | CommandOverrides
  /** Send every JSON body as `{ transactionID, data }`, also those that the vendor prints without. Default false. */
  readonly alwaysEnvelope?: boolean
  /** Where the token outlives a crash, so that the next start can log out with it (ipecs.md 10, trap 5). Default: memory. */
  readonly tokenStore?: TokenStore
  /** ms between two tries while the switch says `Already Login`. Default 12,000. */
  readonly alreadyLoginMs?: number
  /** ms after which `Already Login` is given up. Default twice the session time of the switch (240,000 while unknown). */
  readonly alreadyLoginLimitMs?: number
  /** Limit of one request in ms. Default 10,000. */
  readonly timeoutMs?: number
  /** ms between two pings on the socket. Default 30,000. */
  readonly pingMs?: number
  /** ms within which a ping must be answered. Default 15,000. */
  readonly pongMs?: number
  /** ms without any frame that mean the line is dead, once the clock event of each minute was seen. Default 150,000. */
  readonly silenceMs?: number
  /** ms after which devices that could not be monitored are tried again. Default 60,000. */
  readonly monitorRetryMs?: number
}

export interface Settings {
  /** `https://host:port`, without path. */
  readonly origin: string
  readonly username: string
  readonly password: string
  readonly accountType: IpecsAccountType
  readonly tls: TlsOptions | undefined
  readonly proxy: string | undefined
  readonly variants: readonly SocketVariant[]
  readonly extensions: 'all' | readonly string[]
  readonly presence: boolean
  /** Bin without leading zeros by group number. */
  readonly groups: ReadonlyMap<string, string>
  readonly groupNames: ReadonlyMap<string, string>
  readonly lines: ReadonlySet<string> | undefined
  readonly stations: readonly [number, number] | undefined
  readonly legacySummary: boolean
  /** Seconds since midnight. */
  readonly resetAt: number | undefined
  readonly statsIntervalMs: number
  readonly timeZone: string | undefined
  readonly commands: Commands
  readonly alwaysEnvelope: boolean
  readonly tokenStore: TokenStore | undefined
  readonly alreadyLoginMs: number
  readonly alreadyLoginLimitMs: number | undefined
  readonly timeoutMs: number
  readonly pingMs: number
  readonly pongMs: number
  readonly silenceMs: number
  readonly monitorRetryMs: number
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i
const TIME_OF_DAY = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/
const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])$/

function invalid (text: string): CtiError {
  return new CtiError('CTI_INVALID_REQUEST', text, { vendor: 'ipecs', retryable: false })
}

function originOf ({ host, port, baseUrl }: IpecsOptions): string {
  if (baseUrl !== undefined && baseUrl.trim() !== '') {
    const text = baseUrl.trim().includes('://') ? baseUrl.trim() : `https://${baseUrl.trim()}`
    if (!URL.canParse(text)) throw invalid('The address of the iPECS account is not a URL.')
    const url = new URL(text)
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.test(url.hostname))) throw invalid('The address of the iPECS account must begin with https://; only a simulator on this machine may do without.')
    return url.origin
  }
  const name = host?.trim() ?? ''
  if (name === '') throw invalid('The iPECS account has no host.')
  const bracketed = name.includes(':') && !name.startsWith('[') ? `[${name}]` : name
  if (!HOST.test(bracketed)) throw invalid('The host of the iPECS account is not a host name.')
  if (port === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) throw invalid('The iPECS account needs the port of the Web API (1 to 65535): the switch has no fixed one.')
  return `https://${bracketed}:${port}`
}

function oneOf<T extends string> (what: string, value: T, words: readonly T[]): T {
  if (!words.includes(value)) throw invalid(`The ${what} of the iPECS account must be one of ${words.join(', ')}.`)
  return value
}

function milliseconds (what: string, value: number | undefined, otherwise: number, least = 1): number {
  if (value === undefined) return otherwise
  if (!Number.isFinite(value) || value < least) throw invalid(`The ${what} of the iPECS account must be a number of at least ${least}.`)
  return value
}

/** `0008` and `8` name one bin. */
export function bareNumber (text: string): string {
  return /^\d+$/.test(text) ? text.replace(/^0+(?=\d)/, '') : text
}

function resetTime (text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined
  const [, hours, minutes, seconds = '0'] = TIME_OF_DAY.exec(text.trim()) ?? []
  if (hours === undefined || minutes === undefined) throw invalid('The reset time of the iPECS account must look like 22:00.')
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
}

function zoneOf (name: string | undefined): string | undefined {
  if (name === undefined || name.trim() === '') return undefined
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name.trim() }).resolvedOptions().timeZone
  } catch {
    throw invalid(`There is no time zone "${name.trim().slice(0, 60)}"; it must look like Europe/Rome.`)
  }
}

function extensionsOf (list: IpecsOptions['extensions']): Settings['extensions'] {
  if (list === undefined || list === 'all') return list ?? []
  return [...new Set(list.map((one) => String(one).trim()).filter((one) => one !== ''))]
}

function stationsOf (range: IpecsOptions['stations']): Settings['stations'] {
  if (range === undefined) return undefined
  if (range.length !== 2 || !range.every(Number.isInteger) || range[0] > range[1]) throw invalid('The stations of the iPECS account must be a first and a last number.')
  return [range[0], range[1]]
}

function mapOf (what: string, table: unknown): Map<string, string> {
  if (table === undefined) return new Map()
  if (!isFields(table)) throw invalid(`The ${what} of the iPECS account must be an object.`)
  return new Map(Object.entries(table).map(([number, value]) => [number.trim(), String(value).trim()]))
}

/** Checks the options and fills in what is left out. @throws CtiError CTI_INVALID_REQUEST */
export function settingsOf (options: IpecsOptions): Settings {
  if (!options.username?.trim()) throw invalid('The iPECS account has no user name.')
  const first = options.socketVariant ?? 'auto'
  if (first !== 'auto') oneOf('web socket form', first, SOCKET_VARIANTS)
  return {
    origin: originOf(options),
    username: options.username.trim(),
    password: options.password ?? '',
    accountType: oneOf('type', options.accountType ?? 'server', ['server', 'client']),
    tls: options.tls,
    proxy: options.proxy || undefined,
    variants: first === 'auto' ? SOCKET_VARIANTS : [first, ...SOCKET_VARIANTS.filter((variant) => variant !== first)],
    extensions: extensionsOf(options.extensions),
    presence: options.presence ?? true,
    groups: new Map([...mapOf('group table', options.groups)].map(([number, bin]) => [number, bareNumber(bin)])),
    groupNames: mapOf('group names', options.groupNames),
    lines: options.lines === undefined || options.lines.length === 0 ? undefined : new Set(options.lines.map((line) => bareNumber(String(line).trim()))),
    stations: stationsOf(options.stations),
    legacySummary: options.legacySummary ?? true,
    resetAt: resetTime(options.metricsResetTime),
    statsIntervalMs: milliseconds('statistics interval', options.statsIntervalMs, 1000, 0),
    timeZone: zoneOf(options.timeZone),
    commands: commandsOf(options.commands),
    alwaysEnvelope: options.alwaysEnvelope ?? false,
    tokenStore: options.tokenStore,
    alreadyLoginMs: milliseconds('wait for a login in use', options.alreadyLoginMs, 12_000),
    alreadyLoginLimitMs: options.alreadyLoginLimitMs === undefined ? undefined : milliseconds('limit of a login in use', options.alreadyLoginLimitMs, 0),
    timeoutMs: milliseconds('time limit', options.timeoutMs, 10_000),
    pingMs: milliseconds('ping interval', options.pingMs, 30_000),
    pongMs: milliseconds('ping limit', options.pongMs, 15_000),
    silenceMs: milliseconds('silence limit', options.silenceMs, 150_000),
    monitorRetryMs: milliseconds('monitor retry', options.monitorRetryMs, 60_000)
  }
}
