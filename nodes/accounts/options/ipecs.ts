/** From the settings of an iPECS account to the options of its driver, and from a wrapper's configuration to the settings. Pure. */
import type { TokenStore } from '../../../src/session/tokenStore'
import { SOCKET_VARIANTS, type IpecsAccountType, type IpecsOptions, type WrapperImport } from '../../../src/ipecs'
import type { AccountSettings } from '../../shared/accountSettings'
import { isPlainObject, toCount, toFlag, toList, toText } from '../../shared/coerce'
import { proxyUrl } from '../../shared/proxy'
import { choiceIn, given, missing, objectIn, unusable } from './read'

const TYPES = ['server', 'client'] as const satisfies readonly IpecsAccountType[]
const TRUSTS = ['authority', 'fingerprint', 'none'] as const
const SOCKETS = ['auto', ...SOCKET_VARIANTS] as const
/** Extensions that ranges may stand for together. */
const MOST_EXTENSIONS = 5000
const RANGE = /^(\d+)\s*-\s*(\d+)$/

function place ({ properties, simulator }: AccountSettings): Pick<IpecsOptions, 'host' | 'port' | 'baseUrl'> {
  if (simulator) return { baseUrl: simulator.url('ipecs') }
  const host = toText(properties.host)
  if (host === '') throw missing('ipecs', 'host', 'The account has no server: enter its host.')
  const port = toCount(properties.port)
  // The whole address, as a browser shows it; the port may stand in it, or in its own field.
  if (host.includes('://')) return { baseUrl: port === undefined || /:\d+\/*$/.test(host) ? host : `${host.replace(/\/+$/, '')}:${port}` }
  if (port === undefined) throw missing('ipecs', 'port', 'The account has no port: enter that of the Web API, which the telephone system itself tells (System Data 160-161).')
  return { host, port }
}

function login ({ credentials, simulator }: AccountSettings): Pick<IpecsOptions, 'username' | 'password'> {
  const { username, password } = simulator ? simulator.login('ipecs') : credentials
  if (username === undefined) throw missing('ipecs', 'username', 'The account has no user name: enter it in the account.')
  if (password === undefined) throw missing('ipecs', 'password', 'The account has no password: enter it in the account.')
  return { username, password }
}

/** Nothing but the choice made in the account turns the check of the certificate off. */
function trust ({ properties, tls, simulator }: AccountSettings): Pick<IpecsOptions, 'tls'> {
  if (simulator) {
    const ca = simulator.login('ipecs').ca ?? simulator.ca
    return ca === undefined ? {} : { tls: { ca } }
  }
  const chosen = choiceIn('ipecs', properties, 'trust', TRUSTS)
  if (chosen === 'none') return { tls: { ...tls, rejectUnauthorized: false } }
  if (chosen === 'authority') return tls === undefined ? {} : { tls }
  const fingerprint256 = toText(properties.fingerprint)
  if (fingerprint256 === '') throw missing('ipecs', 'fingerprint', 'The account accepts one certificate only, and its fingerprint is not entered.')
  return { tls: { ...tls, fingerprint256 } }
}

/** `1001-1003, 1010` as single numbers. */
function extensions ({ properties, simulator }: AccountSettings): Pick<IpecsOptions, 'extensions'> {
  const list = toList(properties.extensions)
  if (list.length === 0) return simulator ? { extensions: 'all' } : {}
  if (list.length === 1 && list[0]?.toLowerCase() === 'all') return { extensions: 'all' }
  const numbers: string[] = []
  for (const part of list) {
    const [, first, last] = RANGE.exec(part) ?? []
    const count = first === undefined ? 1 : Number(last) - Number(first) + 1
    if (!(count >= 1) || numbers.length + count > MOST_EXTENSIONS) throw unusable('ipecs', 'extensions', `"${part.slice(0, 40)}" is no range of extensions, or there are more than ${MOST_EXTENSIONS} of them.`)
    if (first === undefined) numbers.push(part)
    // Leading zeros belong to the number.
    else for (let i = 0; i < count; i++) numbers.push(String(Number(first) + i).padStart(first.length, '0'))
  }
  return { extensions: numbers }
}

interface Group { number: string; bin: string; name: string }

/** Rows of the table; from an environment variable also JSON. */
function groups (value: unknown): Pick<IpecsOptions, 'groups' | 'groupNames'> {
  const rows: Group[] = (Array.isArray(value) ? value : []).filter(isPlainObject).map(({ number, bin, name }) => ({ number: toText(number), bin: toText(bin), name: toText(name) }))
  const table = (field: 'bin' | 'name'): Record<string, string> => Object.fromEntries(rows.filter((row) => row.number !== '' && row[field] !== '').map((row) => [row.number, row[field]]))
  return rows.length === 0 ? {} : { groups: table('bin'), groupNames: table('name') }
}

function stations (value: unknown): Pick<IpecsOptions, 'stations'> {
  const text = toText(value)
  if (text === '') return {}
  const [, first, last] = RANGE.exec(text) ?? []
  if (first === undefined || Number(first) > Number(last)) throw unusable('ipecs', 'stations', 'The stations of the summary must be a first and a last number, such as 1001-1016.')
  return { stations: [Number(first), Number(last)] }
}

const milliseconds = (seconds: unknown): number | undefined => {
  const count = toCount(seconds)
  return count === undefined ? undefined : count * 1000
}

/** How long a login that is in use is waited for; the driver wants 1 at least. A test soon says that it is in use. */
function patience ({ properties, trial }: AccountSettings): Pick<IpecsOptions, 'alreadyLoginMs' | 'alreadyLoginLimitMs'> {
  if (trial) return { alreadyLoginMs: 1000, alreadyLoginLimitMs: 1 }
  const limit = milliseconds(properties.loginLimit)
  return given({ alreadyLoginMs: milliseconds(properties.loginRetry), alreadyLoginLimitMs: limit === undefined ? undefined : Math.max(1, limit) })
}

/**
 * @param tokenStore where the token outlives a crash
 * @returns the options of the driver
 * @throws CtiError CTI_INVALID_REQUEST; `cause.missing` names what has to be entered, `cause.field` what cannot be used
 */
export function ipecsOptions (settings: AccountSettings, tokenStore: TokenStore): IpecsOptions {
  const { properties, simulator, timeoutMs } = settings
  const where = place(settings)
  return {
    ...where,
    ...login(settings),
    accountType: simulator ? 'server' : choiceIn('ipecs', properties, 'accountType', TYPES),
    ...trust(settings),
    ...extensions(settings),
    presence: toFlag(properties.presence, true),
    ...groups(properties.groups),
    ...stations(properties.stations),
    legacySummary: toFlag(properties.legacySummary, true),
    socketVariant: simulator ? 'auto' : choiceIn('ipecs', properties, 'socket', SOCKETS),
    alwaysEnvelope: toFlag(properties.alwaysEnvelope),
    tokenStore,
    ...patience(settings),
    ...given({
      lines: toList(properties.lines),
      metricsResetTime: toText(properties.summaryReset),
      statsIntervalMs: toCount(properties.statsInterval),
      timeZone: toText(properties.timeZone),
      commands: objectIn('ipecs', properties, 'commands') as IpecsOptions['commands'],
      proxy: simulator ? undefined : proxyUrl(settings.proxy, where.host ?? where.baseUrl),
      timeoutMs
    })
  }
}

/** Consecutive numbers as ranges: what fits into the field. */
function ranged (numbers: readonly string[]): string {
  const parts: string[][] = []
  for (const number of numbers) {
    const last = parts.at(-1)
    if (last !== undefined && Number(last.at(-1)) + 1 === Number(number)) last.push(number)
    else parts.push([number])
  }
  return parts.map((part) => part.length > 2 ? `${part[0]}-${part.at(-1)}` : part.join(', ')).join(', ')
}

/** Fields of the dialog by name, with what an imported configuration has for them. */
export function importedFields ({ options, username }: WrapperImport): Record<string, string | boolean> {
  const { host, port, accountType, socketVariant, tls, stations: range, extensions: list, lines, metricsResetTime, timeoutMs } = options
  const fields = {
    host, accountType, username,
    port: port === undefined ? undefined : String(port),
    socket: socketVariant,
    trust: tls?.rejectUnauthorized === false ? 'none' : undefined,
    stations: range?.join('-'),
    extensions: Array.isArray(list) ? ranged(list as readonly string[]) : undefined,
    lines: lines?.join(', '),
    summaryReset: metricsResetTime,
    timeout: timeoutMs === undefined ? undefined : String(timeoutMs / 1000)
  }
  return given(fields) as Record<string, string>
}
