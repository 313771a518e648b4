import { CtiError } from '../model'
import type { TlsOptions } from '../transport/tls'
import { isProtocol, parseRelease, type Protocol } from './dialect'
import { DEAD_AFTER_MS, KEEPALIVE_MS, PORTS } from './protocol'

/** `all`, `own` (what belongs to the account's user), `users` (what belongs to the users that are watched), or ids, numbers and names. */
export type Watch = 'all' | 'own' | 'users' | readonly string[]
export interface Watched { users: Watch; phones: Watch; agents: Watch; queues: Watch }

/** How an account asks for its session. */
export interface XivoOptions {
  host: string
  /** Default 5003, with `tls: 'direct'` 5013. */
  port?: number
  login: string
  password: string
  /** `auto` (default) asks for the newest and takes what the server names. */
  protocol?: Protocol | 'auto'
  /** Release of the server such as `14.06`, when known: sharpens what is offered. */
  serverRelease?: string
  company?: string
  /** Name of this client, shown in the server's log. */
  ident?: string
  /** Id of the CTI profile; default the first that the server offers. */
  profile?: string
  /** Presence to take on the first connect, with all that it does (it may end do-not-disturb); default `available`. After a reconnect it is the last one known, and the rest stays as it is. */
  presence?: string
  lastConnWins?: boolean
  /** Logs an agent in after each connect: the user's own or the one named by id or number, on this extension or on the agent's own phone. */
  agent?: { id?: string; number?: string }
  /** `auto`: on when the server offers it; `require`: no login without; `off`; `direct`: TLS from the first byte (CTIS). */
  tls?: 'auto' | 'require' | 'off' | 'direct'
  tlsOptions?: TlsOptions
  /** Accept TLS 1.0 with old ciphers: the only one that these servers speak. */
  legacyTls?: boolean
  /** Send the clear password of 2.x over an unencrypted line. */
  allowClearPassword?: boolean
  proxy?: string
  watch?: Partial<Watched>
  /** ms between two keepalives; default 30,000. */
  keepaliveMs?: number
  /** ms of silence after a keepalive that mean the line is dead; default 10,000. */
  deadAfterMs?: number
  /** ms to wait for the STARTTLS offer when encryption is required or when the first try saw the offer late. */
  offerMs?: number
  /** ms for TCP and TLS together. */
  connectTimeoutMs?: number
}

export type Settings = Required<Omit<XivoOptions, 'serverRelease' | 'profile' | 'agent' | 'proxy' | 'watch'>>
  & Pick<XivoOptions, 'profile' | 'agent' | 'proxy'> & { readonly release?: number; readonly watch: Watched }

function invalid (text: string): CtiError {
  return new CtiError('CTI_INVALID_REQUEST', text, { vendor: 'xivo', retryable: false })
}

/** Checks the options and fills in what is left out. @throws CtiError CTI_INVALID_REQUEST */
export function settingsOf (options: XivoOptions): Settings {
  const { serverRelease, protocol = 'auto', tls = 'auto' } = options
  if (!options.host) throw invalid('The XiVO account has no host.')
  if (!options.login) throw invalid('The XiVO account has no login.')
  if (protocol !== 'auto' && !isProtocol(protocol)) throw invalid(`The protocol version must be auto or one of 1.2, 2.0, 2.1, 2.2, 2.3, not ${String(protocol).slice(0, 20)}.`)
  const release = serverRelease ? parseRelease(serverRelease) : undefined
  if (serverRelease && release === undefined) throw invalid('The server release must look like 14.06.')
  if (options.profile !== undefined && options.profile !== '' && !/^\d+$/.test(options.profile)) throw invalid('The CTI profile must be its number: anything else makes the server drop the line.')
  return {
    host: options.host,
    port: options.port ?? (tls === 'direct' ? PORTS.ctis : PORTS.cti),
    login: options.login,
    password: options.password,
    protocol,
    tls,
    company: options.company || 'default',
    ident: options.ident || 'node-red',
    presence: options.presence || 'available',
    lastConnWins: options.lastConnWins ?? false,
    tlsOptions: options.tlsOptions ?? {},
    legacyTls: options.legacyTls ?? false,
    allowClearPassword: options.allowClearPassword ?? false,
    offerMs: options.offerMs ?? 2000,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    keepaliveMs: options.keepaliveMs ?? KEEPALIVE_MS,
    deadAfterMs: options.deadAfterMs ?? DEAD_AFTER_MS,
    watch: { users: 'all', phones: 'all', agents: 'all', queues: 'all', ...options.watch },
    ...(release === undefined ? {} : { release }),
    ...(options.profile ? { profile: options.profile } : {}),
    ...(options.agent === undefined ? {} : { agent: options.agent }),
    ...(options.proxy ? { proxy: options.proxy } : {})
  }
}
