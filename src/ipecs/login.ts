/** The token of an account: one live session at the switch, which must not be lost nor fought for (ipecs.md 2.3, 2.6, 2.7, 6). */
import { CtiError } from '../model'
import type { Link } from '../session/types'
import { MemoryTokenStore, type TokenStore } from '../session/tokenStore'
import type { IpecsApi } from './api'
import { isAlreadyLogin } from './errors'
import type { Settings } from './options'
import { pause } from './pause'
import { SESSION_SECONDS } from './protocol'
import { number, text, type Fields } from './read'

const TOKEN_KEY = 'session'
/** ms after a logout before the next login: the switch needs a moment to clear a session. */
const CLEAR_MS = 1000
/** ms of trying within one attempt to connect; the session limits that to a minute. */
const PATIENCE_MS = 45_000

/** What the switch says of itself at a login (ipecs.md 2.3). */
interface SwitchInfo { readonly type?: string; readonly version?: string; readonly apiVersion?: string; readonly terminals?: number }

export class Login {
  /** s that the token lives without a request or a socket. */
  seconds = SESSION_SECONDS
  info: SwitchInfo = {}
  private token: string | undefined
  private usedAt = -Infinity
  /** ms when `Already Login` was heard for the first time. */
  private blockedSince: number | undefined
  private readonly store: TokenStore

  constructor (private readonly settings: Settings) {
    this.store = settings.tokenStore ?? new MemoryTokenStore()
  }

  /** The token of a connection that was lost a moment ago, while it is good (ipecs.md 6, first row). */
  fresh (now: number): string | undefined {
    return this.token !== undefined && now - this.usedAt < this.seconds * 1000 ? this.token : undefined
  }

  /** The token was used now. */
  touch (now: number): void {
    this.usedAt = now
  }

  /** The switch does not know the token any more. */
  forget (): void {
    this.token = undefined
  }

  /**
   * Logs in. A wrong password is told at once; a login in use is tried again every 12 s, first with a logout by the token of the last life.
   * @throws CtiError CTI_UNAUTHORIZED; CTI_CONFLICT, retryable until the limit is over; errors of the transport
   */
  async enter (api: IpecsApi, link: Link): Promise<void> {
    const { clock, signal } = link
    const startedAt = clock.now()
    let hasTried = false
    for (;;) {
      try {
        this.take(await api.login(signal), api)
        await this.store.write(TOKEN_KEY, { accessToken: api.token!, expiresAt: clock.now() + this.seconds * 1000 })
        this.blockedSince = undefined
        this.touch(clock.now())
        return
      } catch (raw) {
        const error = CtiError.from(raw, 'ipecs')
        if (!isAlreadyLogin(error)) throw error
        this.blockedSince ??= clock.now()
        if (clock.now() - this.blockedSince >= this.limitMs) throw this.givenUp(error)
        if (!hasTried && error.cause.full !== true && await this.logOutLast(api, signal)) await pause(clock, CLEAR_MS, signal)
        else {
          link.warn('alreadyLogin', `The switch still holds ${error.cause.full === true ? 'as many logins as it allows' : 'another login of this account'}: it is tried again for up to ${Math.round(this.limitMs / 1000)} s.`)
          if (clock.now() - startedAt + this.settings.alreadyLoginMs > PATIENCE_MS) throw withWait(error, this.settings.alreadyLoginMs)
          await pause(clock, this.settings.alreadyLoginMs, signal)
        }
        hasTried = true
        if (signal.aborted) throw CtiError.from(signal.reason, 'ipecs')
      }
    }
  }

  /** Ends the session at the switch; its answer is empty (ipecs.md 2.7). Never rejects: a dead peer ends the session by its own limit. */
  async leave (api: IpecsApi, timeoutMs: number): Promise<void> {
    const token = this.token
    this.token = undefined
    if (token === undefined) return
    try {
      await api.call('logout', {}, { token, timeoutMs })
      await this.store.remove(TOKEN_KEY)
    } catch {
      // The token stays in the store, so that the next start can log out with it.
    }
  }

  private get limitMs (): number {
    return this.settings.alreadyLoginLimitMs ?? 2 * this.seconds * 1000
  }

  private take (reply: Fields, api: IpecsApi): void {
    this.token = api.token
    const seconds = number(reply.checkConnectionTimer)
    if (seconds !== undefined && seconds > 0) this.seconds = seconds
    const [type, version, apiVersion, terminals] = [text(reply.systemType), text(reply.systemVersion), text(reply.apiVersion), number(reply.terminalCount)]
    this.info = { ...(type ? { type } : {}), ...(version ? { version } : {}), ...(apiVersion ? { apiVersion } : {}), ...(terminals === undefined ? {} : { terminals }) }
  }

  /** A crash left a session behind: its token ends it (ipecs.md 10, trap 5). @returns whether there was a token that the switch took */
  private async logOutLast (api: IpecsApi, signal: AbortSignal): Promise<boolean> {
    const token = this.token ?? (await this.store.read(TOKEN_KEY))?.accessToken
    if (token === undefined) return false
    this.token = undefined
    try {
      await api.call('logout', {}, { token, signal })
    } catch {
      // "Invalid Token": the session is another program's, or about to end by itself. Waiting is all that is left.
      return false
    } finally {
      await this.store.remove(TOKEN_KEY)
    }
    return true
  }

  private givenUp (error: CtiError): CtiError {
    this.blockedSince = undefined
    return new CtiError('CTI_CONFLICT', error.cause.full === true
      ? 'Other programs hold all logins of the Web API that the switch allows. Log one out on the switch: Maintenance > Trace > HTTP Log View > Logged-on User List > Log out other users.'
      : 'Another program seems to be logged in with this account, and the switch allows one. Give Node-RED an account of its own, or log the other out on the switch: Maintenance > Trace > HTTP Log View > Logged-on User List > Log out other users.',
      { ...error.cause, retryable: false })
  }
}

function withWait (error: CtiError, ms: number): CtiError {
  error.cause.retryAfterMs = ms
  return error
}
