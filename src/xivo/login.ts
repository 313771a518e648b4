/** The three steps of logging in, without a socket: what to send, what an answer means (xivo-cti.md 2.3 to 2.6). */
import { createHash } from 'node:crypto'
import { CtiError } from '../model'
import { Dialect, isProtocol, type Protocol } from './dialect'
import { failureOf, splitError } from './failures'
import { LOGIN_TIMER_MS, type Outgoing, type XivoMessage } from './protocol'
import { fields, text, texts, type Fields } from './read'

/** What logging in needs to know. */
export interface Credentials {
  readonly login: string
  readonly password: string
  readonly company: string
  readonly ident: string
  readonly profile?: string
  readonly presence: string
  readonly lastConnWins: boolean
  readonly agent?: { readonly number?: string }
  /** Set by hand; else what the server names is taken. */
  readonly fixedProtocol: boolean
  readonly allowClearPassword: boolean
  readonly release?: number
}

/** What the server granted (xivo-cti.md 2.5). */
export interface Capabilities {
  readonly userId: string
  /** Name of the CTI profile. */
  readonly profile?: string
  readonly profileId: string
  readonly xlets: unknown
  readonly services: readonly string[]
  readonly preferences: unknown
  /** By presence: `longname`, `color`, `allowed`, `actions`. */
  readonly userStatus: Fields
  /** By hint code: `longname`, `color`. */
  readonly phoneStatus: Fields
}

export type LoginStep =
  | { readonly kind: 'send'; readonly message: Outgoing }
  /** The server speaks another version: a new connection is needed, the first step cannot be repeated. */
  | { readonly kind: 'reconnect'; readonly protocol: Protocol }
  | { readonly kind: 'done'; readonly capabilities: Capabilities; readonly dialect: Dialect }
  | { readonly kind: 'failed'; readonly error: CtiError }
  | { readonly kind: 'ignore' }

type Phase = 'id' | 'pass' | 'capas' | 'done'
const CLASS_OF: Readonly<Record<Phase, string>> = { id: 'login_id', pass: 'login_pass', capas: 'login_capas', done: '' }
const IGNORE: LoginStep = { kind: 'ignore' }

/** Lower-case hex of sha1(sessionid:password), UTF-8 (xivo-cti.md 2.3). */
export function hashPassword (sessionId: string, password: string): string {
  return createHash('sha1').update(`${sessionId}:${password}`, 'utf8').digest('hex')
}

function failed (code: CtiError['code'], message: string, cause: CtiError['cause'] = {}): LoginStep {
  return { kind: 'failed', error: new CtiError(code, message, { vendor: 'xivo', retryable: false, ...cause }) }
}

/** One attempt on one connection. */
export class Login {
  private phase: Phase = 'id'
  private commandId = 0
  private profileId = ''
  private readonly dialect: Dialect

  constructor (private readonly credentials: Credentials, private readonly protocol: Protocol, private readonly encrypted: () => boolean) {
    this.dialect = new Dialect(protocol, credentials.release)
  }

  /** The step that waits for its answer. */
  get step (): string {
    return CLASS_OF[this.phase]
  }

  start (): Outgoing {
    const { company, ident, login } = this.credentials
    const version = this.protocol === '1.2' ? { version: '9999', xivoversion: '1.2', 'lastlogout-datetime': '', 'lastlogout-stopper': '' }
      // Servers of 2.0 to 2.2 read one of the names, 2.3 the other (xivo-cti.md 2.6).
      : { wazoversion: this.protocol, xivoversion: this.protocol }
    return this.message('login_id', { company, ident, userlogin: login, ...version })
  }

  /** What to do about a line of the server. State that is broadcast before the end of the log-in is ignored: it is read afterwards. */
  take (message: XivoMessage): LoginStep {
    if (this.phase === 'done') return IGNORE
    const error = text(message.error_string)
    if (message.class !== CLASS_OF[this.phase]) return error === 'notloggedyet' ? { kind: 'failed', error: failureOf(error) } : IGNORE
    if (error !== undefined) return this.refused(error)
    if (this.phase === 'id') return this.sendPassword(message)
    return this.phase === 'pass' ? this.sendProfile(message) : this.finish(message)
  }

  /**
   * The connection ended before the log-in did.
   * @param sinceConnectMs ms since TCP was up: a close near the server's login timer is no answer to the last step
   */
  closed (sinceConnectMs: number): CtiError {
    const late = sinceConnectMs >= LOGIN_TIMER_MS - 500
    if (late || this.dialect.isTwo || this.phase === 'id') {
      const why = late ? 'the log-in took longer than the server allows' : 'the connection was closed'
      return new CtiError('CTI_UNAVAILABLE', `Logging in failed at ${this.step}: ${why}.`, { vendor: 'xivo', retryable: true, step: this.step })
    }
    if (this.phase === 'pass') {
      // Servers of 1.2 often close before their error line is out (xivo-cti.md 2.6): trying on would lock nobody out, but help nobody either.
      return new CtiError('CTI_UNAUTHORIZED', 'The server closed the connection at the password: probably the password is wrong, or the user has no CTI profile.', { vendor: 'xivo', retryable: false, step: this.step })
    }
    return new CtiError('CTI_FORBIDDEN', 'The server closed the connection when the CTI profile was chosen: probably it is not the profile of this user.', { vendor: 'xivo', retryable: false, step: this.step })
  }

  private message (name: string, keys: Fields): Outgoing {
    return { class: name, commandid: ++this.commandId, ...keys }
  }

  private refused (error: string): LoginStep {
    const { word, detail = '' } = splitError(error)
    if (word === 'xivoversion_client' || word === 'wazoversion_client') return this.otherVersion(detail)
    if (word === 'missing') {
      const other = detail.includes('hashedpassword') ? ' The server speaks 1.2: set the protocol version to 1.2 or auto.' : ''
      return failed('CTI_PROTOCOL', `The server misses ${detail.slice(0, 80)} in ${this.step}.${other}`, { code: word, text: detail.slice(0, 80) })
    }
    const { code, message, cause } = failureOf(error)
    return { kind: 'failed', error: new CtiError(code, message, { ...cause, step: this.step }) }
  }

  private otherVersion (detail: string): LoginStep {
    const server = detail.slice(detail.indexOf(';') + 1).trim()
    if (!isProtocol(server)) return failed('CTI_UNSUPPORTED', `The server speaks protocol ${server.slice(0, 20)}; 1.2 and 2.0 to 2.3 are supported.`, { serverVersion: server.slice(0, 20) })
    if (this.credentials.fixedProtocol) {
      return failed('CTI_UNSUPPORTED', `The account is set to protocol ${this.protocol}, the server speaks ${server}. Set the version to ${server} or auto.`, { serverVersion: server })
    }
    if (server === this.protocol) return failed('CTI_PROTOCOL', `The server refuses protocol ${server} and names the same one.`)
    return { kind: 'reconnect', protocol: server }
  }

  private sendPassword (message: XivoMessage): LoginStep {
    const sessionId = text(message.sessionid)
    if (sessionId === undefined) return failed('CTI_PROTOCOL', 'The server gave no session id.', { retryable: true })
    this.phase = 'pass'
    const { password, allowClearPassword } = this.credentials
    if (!this.dialect.isTwo) return { kind: 'send', message: this.message('login_pass', { hashedpassword: hashPassword(sessionId, password) }) }
    if (!this.encrypted() && !allowClearPassword) {
      return failed('CTI_UNSUPPORTED', 'This server wants the password in clear and offers no encryption. Switch STARTTLS on at the server, or allow the clear password in the account.', { code: 'clearPassword' })
    }
    return { kind: 'send', message: this.message('login_pass', { password }) }
  }

  private sendProfile (message: XivoMessage): LoginStep {
    const offered = texts(message.capalist)
    const { profile, presence, lastConnWins, agent } = this.credentials
    if (profile !== undefined && !offered.includes(profile)) {
      return failed('CTI_FORBIDDEN', `The CTI profile ${profile} is not offered to this user; there is ${offered.join(', ') || 'none'}.`, { profiles: offered })
    }
    const chosen = profile ?? offered[0]
    if (chosen === undefined || !/^\d+$/.test(chosen)) return failed('CTI_FORBIDDEN', 'The server offers no CTI profile to this user.')
    this.profileId = chosen
    this.phase = 'capas'
    const keys = { capaid: Number(chosen), state: presence }
    if (this.dialect.isTwo) return { kind: 'send', message: this.message('login_capas', keys) }
    const kind = agent === undefined ? { loginkind: 'user' } : { loginkind: 'agent', ...(agent.number ? { agentphonenumber: agent.number } : {}) }
    return { kind: 'send', message: this.message('login_capas', { ...keys, ...kind, lastconnwins: lastConnWins }) }
  }

  private finish (message: XivoMessage): LoginStep {
    const userId = text(message.userid)
    if (userId === undefined) return failed('CTI_PROTOCOL', 'The server finished the log-in without a user id.', { retryable: true })
    this.phase = 'done'
    const capas = fields(message.capas)
    const profile = text(message.appliname)
    return {
      kind: 'done',
      dialect: this.dialect,
      capabilities: {
        userId,
        profileId: this.profileId,
        xlets: message.capaxlets,
        services: texts(capas.services),
        preferences: capas.preferences,
        userStatus: fields(capas.userstatus),
        phoneStatus: fields(capas.phonestatus),
        ...(profile === undefined ? {} : { profile })
      }
    }
  }
}
