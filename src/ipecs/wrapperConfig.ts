/** Settings of the "iPECs API Wrapper" as options of an account (ipecs.md 2.9): for those who come from there. Pure. */
import type { IpecsOptions } from './options'
import { defined, fields, flag, isFields, number, parseObject, text, texts, type Fields } from './read'

export interface WrapperImport {
  /** What an account is made of, as far as the file tells. Credentials are not among it. */
  readonly options: Partial<Omit<IpecsOptions, 'username' | 'password'>>
  /** User name, when it stands there in clear. */
  readonly username?: string
  /** What was not taken over and why, each a sentence. Holds no secret. */
  readonly notes: readonly string[]
}

/** `[section]` and `key = value` lines; values as JSON where they are JSON. */
function parseIni (raw: string): Fields {
  const sections: Record<string, Record<string, unknown>> = Object.create(null) as Record<string, Record<string, unknown>>
  let section: Record<string, unknown> = sections.ipecs = Object.create(null) as Record<string, unknown>
  for (const line of raw.split(/\r?\n/)) {
    const head = /^\s*\[([^\]]+)\]\s*$/.exec(line)?.[1]
    const [, key, value] = /^\s*([\w.-]+)\s*[=:]\s*(.*?)\s*,?\s*$/.exec(line) ?? []
    if (head !== undefined) section = sections[head.trim()] ??= Object.create(null) as Record<string, unknown>
    else if (key !== undefined && value !== undefined) section[key] = valueOf(value)
  }
  return sections
}

function valueOf (raw: string): unknown {
  try {
    return JSON.parse(raw) as unknown
  } catch {
    // A word without quotes stands for itself.
    return raw
  }
}

/** Names of the keys are taken without regard to their case. */
function lowered (section: Fields): Fields {
  return Object.fromEntries(Object.entries(section).map(([key, value]) => [key.toLowerCase(), value]))
}

/** A port or host may stand in the address, beside it, or both. */
function addressOf (config: Fields, notes: string[]): Partial<IpecsOptions> {
  const uri = text(config.baseuri)
  const url = uri !== undefined && URL.canParse(uri.includes('://') ? uri : `https://${uri}`) ? new URL(uri.includes('://') ? uri : `https://${uri}`) : undefined
  if (uri !== undefined && url === undefined) notes.push('BaseURI is not an address and was left out.')
  const port = number(config.port) ?? (url?.port ? Number(url.port) : undefined)
  if (text(config.type) !== undefined && text(config.type) !== 'ipxapi') notes.push('A "type" other than ipxapi cannot be set: the path of the Web API is fixed.')
  return defined({ host: url?.hostname.replace(/^\[|\]$/g, ''), port }) as Partial<IpecsOptions>
}

function variantOf (config: Fields): IpecsOptions['socketVariant'] {
  const path = text(config.fullwss)?.replace(/^wss?:\/\/[^/]*/i, '')
  if (path === undefined) return undefined
  if (path.includes('token=')) return 'd'
  return path.endsWith('/login') ? 'c' : path.endsWith('/acd') ? 'b' : 'a'
}

const LEFT_OUT: readonly (readonly [key: string, note: string])[] = [
  ['pw', 'The password is not taken over: enter it in the account.'],
  ['key-file', 'The key file is not needed: Node-RED keeps the credentials.'],
  ['socket-timeout', 'socket-timeout and ping-timeout are left out: the socket is pinged every 30 s.'],
  ['retry-attempts', 'retry-attempts and retry-rate are left out: a login in use is tried every 12 s for as long as it can last.'],
  ['events-allowed', 'events-allowed and events-blocked are left out: choose the events in the event node.'],
  ['status-calls-only', 'status-calls-only is left out: the summary always has its times.']
]

/**
 * @param config the wrapper's configuration: parsed, as JSON text, or as text of sections and keys; whole, or its `ipecs` section alone
 * @returns options for an account. Never throws; what cannot be used is told in `notes`.
 */
export function importWrapperConfig (config: unknown): WrapperImport {
  const whole = typeof config === 'string' ? parseObject(config) ?? parseIni(config) : fields(config)
  const section = lowered(isFields(whole.ipecs) ? whole.ipecs : whole)
  const notes: string[] = []
  const address = addressOf(section, notes)
  const isVerified = flag(section.verify)
  if (isVerified === false) notes.push('The certificate of the switch is not verified, as in the wrapper. Better pin its fingerprint.')
  const range = texts(section.stations).map(Number)
  const stations = range.length === 2 && range.every(Number.isInteger) && range[0]! <= range[1]! ? [range[0]!, range[1]!] as const : undefined
  const lines = texts(section.queues)
  const isReset = flag(section['metrics-reset-enabled']) === true
  const isSecured = flag(section['uid-secure']) === true
  for (const [key, note] of LEFT_OUT) if (section[key] !== undefined) notes.push(note)
  if (isSecured) notes.push('The user name is encrypted in the file: enter it in the account.')
  const pings = number(section['socket-ping-interval'])
  const misses = number(section['max-missed-pings'])
  const timeout = number(section.timeout)
  const options = defined({
    ...address,
    accountType: text(section.target) === 'client' ? 'client' as const : undefined,
    socketVariant: variantOf(section),
    tls: isVerified === false ? { rejectUnauthorized: false } : undefined,
    stations,
    extensions: stations === undefined || stations[1] - stations[0] >= 1000 ? undefined : Array.from({ length: stations[1] - stations[0] + 1 }, (_, index) => String(stations[0] + index)),
    lines: lines.length > 0 ? lines : undefined,
    metricsResetTime: isReset ? text(section['metrics-reset-time']) : undefined,
    silenceMs: pings !== undefined && misses !== undefined && pings > 0 && misses > 0 ? Math.round(pings * misses * 1000) : undefined,
    timeoutMs: timeout !== undefined && timeout > 0 ? Math.max(1000, Math.round(timeout * 1000)) : undefined
  }) as WrapperImport['options']
  return { options, notes, ...(isSecured || text(section.uid) === undefined ? {} : { username: text(section.uid)! }) }
}
