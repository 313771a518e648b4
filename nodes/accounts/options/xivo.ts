/** From the settings of a XiVO account to the options of its driver. Pure. */
import { CtiError } from '../../../src/model'
import { PROTOCOLS, type Protocol, type Watch, type Watched, type XivoOptions } from '../../../src/xivo'
import type { AccountSettings } from '../../shared/accountSettings'
import { toCount, toFlag, toList, toText } from '../../shared/coerce'
import { proxyUrl } from '../../shared/proxy'

/** ms that a ringing call waits for number and name of the caller unless the account says otherwise (model.md R8). */
const SETTLE_MS = 250
const HIGHEST_PORT = 65535

const unusable = (field: string, message: string): CtiError => new CtiError('CTI_INVALID_REQUEST', message, { vendor: 'xivo', field, retryable: false })
const missing = (what: string, message: string): CtiError => new CtiError('CTI_INVALID_REQUEST', message, { vendor: 'xivo', missing: what, retryable: false })

/** Only what has a value: an absent option is the driver's default. */
function given<T extends object> (options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== '')) as Partial<T>
}

function portOf (value: unknown): number | undefined {
  if (toText(value) === '') return undefined
  const port = toCount(value)
  if (port === undefined || !Number.isInteger(port) || port === 0 || port > HIGHEST_PORT) throw unusable('port', `The port of the account must be a number from 1 to ${HIGHEST_PORT}.`)
  return port
}

function place ({ properties, simulator }: AccountSettings): Pick<XivoOptions, 'host' | 'port'> {
  if (simulator) {
    const { hostname, port } = new URL(simulator.url('xivo'))
    return { host: hostname, port: Number(port) }
  }
  const host = toText(properties.host)
  if (host === '') throw missing('host', 'The account has no server: enter its host.')
  const port = portOf(properties.port)
  return { host, ...(port === undefined ? {} : { port }) }
}

function login ({ credentials, simulator }: AccountSettings): Pick<XivoOptions, 'login' | 'password'> {
  const { username, password } = simulator ? simulator.login('xivo') : credentials
  if (username === undefined) throw missing('username', 'The account has no user name: enter it in the account.')
  if (password === undefined) throw missing('password', 'The account has no password: enter it in the account.')
  return { login: username, password }
}

/** What the choices of the dialog are called in the driver. */
const ENCRYPTION = { auto: 'auto', required: 'require', off: 'off', direct: 'direct' } as const satisfies Record<string, XivoOptions['tls']>

function encryption ({ properties, tls, simulator }: AccountSettings): Partial<XivoOptions> {
  const chosen = toText(properties.starttls) || 'auto'
  if (!Object.hasOwn(ENCRYPTION, chosen)) throw unusable('starttls', 'The encryption of the account must be auto, required, off or direct.')
  if (simulator) {
    const isDirect = new URL(simulator.url('xivo')).protocol === 'tls:'
    return { tls: isDirect ? 'direct' : 'auto', allowClearPassword: true, ...(simulator.ca === undefined ? {} : { tlsOptions: { ca: simulator.ca } }) }
  }
  const { ca, cert, key, passphrase, servername, rejectUnauthorized } = tls ?? {}
  const fingerprint256 = toText(properties.fingerprint)
  return {
    tls: ENCRYPTION[chosen as keyof typeof ENCRYPTION],
    tlsOptions: given({ ca, cert, key, passphrase, servername, rejectUnauthorized, fingerprint256 }),
    legacyTls: toFlag(properties.legacyTls),
    allowClearPassword: toFlag(properties.clearPassword)
  }
}

function dialect ({ properties, simulator }: AccountSettings): Partial<XivoOptions> {
  const chosen = simulator ? 'auto' : toText(properties.dialect) || 'auto'
  if (chosen !== 'auto' && !(PROTOCOLS as readonly string[]).includes(chosen)) throw unusable('dialect', `The dialect of the account must be auto or one of ${PROTOCOLS.join(', ')}.`)
  return { protocol: chosen as Protocol | 'auto', ...given({ serverRelease: simulator ? '' : toText(properties.release) }) }
}

const SCOPES: Readonly<Record<string, Watched>> = {
  user: { users: 'own', phones: 'own', agents: 'own', queues: 'own' },
  users: { users: [], phones: 'users', agents: 'users', queues: 'users' },
  all: { users: 'all', phones: 'all', agents: 'all', queues: 'all' }
}

/** `all`, a list, or what the scope makes of an empty field. */
function override (value: unknown, otherwise: Watch): Watch {
  const list = toList(value)
  if (list.length === 0) return otherwise
  return list.length === 1 && list[0]?.toLowerCase() === 'all' ? 'all' : list
}

function watch ({ properties }: AccountSettings): Watched {
  const scope = toText(properties.scope) || 'user'
  const chosen = Object.hasOwn(SCOPES, scope) ? SCOPES[scope] : undefined
  if (chosen === undefined) throw unusable('scope', 'The account must watch user, users or all.')
  const userList = toList(properties.userList)
  if (scope === 'users' && userList.length === 0) throw missing('userList', 'The account watches a list of users, and the list is empty.')
  return {
    users: scope === 'users' ? userList : chosen.users,
    phones: override(properties.phones, chosen.phones),
    agents: override(properties.agents, chosen.agents),
    queues: override(properties.queues, chosen.queues)
  }
}

function agent ({ properties }: AccountSettings): Pick<XivoOptions, 'agent'> {
  if (!toFlag(properties.agentLogin)) return {}
  return { agent: given({ id: toText(properties.agentId), number: toText(properties.agentNumber) }) }
}

/**
 * @returns the options of the driver
 * @throws CtiError CTI_INVALID_REQUEST; `cause.missing` names what has to be entered, `cause.field` what cannot be used
 */
export function xivoOptions (settings: AccountSettings): XivoOptions {
  const { properties, simulator } = settings
  const where = place(settings)
  return {
    ...where,
    ...login(settings),
    ...dialect(settings),
    ...encryption(settings),
    ...given({
      profile: toText(properties.profile),
      presence: toText(properties.presence),
      proxy: simulator ? undefined : proxyUrl(settings.proxy, where.host)
    }),
    ...agent(settings),
    lastConnWins: toFlag(properties.lastConnWins),
    watch: watch(settings)
  }
}

/** ms that a ringing call waits for its caller's number and name; 0 not at all. */
export function xivoSettleMs ({ properties }: AccountSettings): number {
  return toCount(properties.settleMs) ?? SETTLE_MS
}
