/** Accounts, logins and tokens: one session an account, three accounts at once, an end for what is idle (ipecs.md 2.3, 2.4, 2.6). */
import { type PbxClock } from '../pbx/clock'
import { type Pbx } from '../pbx/pbx'
import { type Rng } from '../pbx/rng'
import { ApiError, badLogin, badToken, notTicked } from './errors'
import { type IpecsOptions, type Right } from './options'
import { type EventSocket } from './socket'

export type AccountType = 'server' | 'client'

export interface Session {
  readonly id: string
  readonly type: AccountType
  readonly user: string
  readonly token: string
  readonly rights: ReadonlySet<Right>
  /** Extensions and groups with Monitor Start, and numbers with Presence Start. */
  readonly monitors: Set<string>
  readonly presences: Set<string>
  /** The one event channel. */
  socket?: EventSocket
  /** Last `evtSerialNum`, where it counts by session. */
  serial: number
  cancel: () => void
}

const TOKEN_BYTES = 32

export class Sessions {
  private readonly byToken = new Map<string, Session>()
  /** Accounts that the server is still clearing: name -> until, ms. */
  private readonly clearing = new Map<string, number>()
  /** Sessions whose token was forgotten and whose channel goes on. */
  private readonly orphans = new Set<Session>()
  private last = 0
  /** Logins since the start. */
  logins = 0
  /** No password is good. */
  expired = false

  constructor (private readonly needs: { pbx: Pbx; clock: PbxClock; rng: Rng; options: IpecsOptions }) {}

  /**
   * Logs in with the value of the header Authorization.
   * @throws ApiError 401: wrong account or password, `Already Login`, or too many accounts
   */
  login (type: AccountType, user: string, authorization: string | undefined): Session {
    const { options, clock } = this.needs
    const rights = this.check(type, user, authorization)
    const now = clock.now()
    if (this.of(type, user) !== undefined || (this.clearing.get(user) ?? 0) > now) throw new ApiError(401, options.alreadyLoginCode, 'Already Login')
    const others = [...this.byToken.values()].filter((session) => session.type === 'server')
    // What a fourth account meets is not documented: an error of its own with the status of login errors.
    if (type === 'server' && others.length >= options.sessions) throw new ApiError(401, options.fullCode, 'Too Many Login')
    this.clearing.delete(user)
    this.logins++
    const session: Session = { id: `login-${++this.last}`, type, user, token: this.makeToken(), rights, monitors: new Set(), presences: new Set(), serial: 0, cancel: () => {} }
    this.byToken.set(session.token, session)
    this.touch(session)
    return session
  }

  /** The session of a token, which lives on from now. @throws ApiError 401 for a token that is over or belongs to another account */
  require (token: string | undefined, type?: AccountType, user?: string): Session {
    const session = this.byToken.get(token ?? '')
    if (session === undefined || (type !== undefined && session.type !== type) || (user !== undefined && session.user !== user)) throw badToken()
    this.touch(session)
    return session
  }

  /** The idle time begins anew; with a socket there is none. */
  touch (session: Session): void {
    session.cancel()
    session.cancel = session.socket !== undefined ? () => {} : this.needs.clock.after(this.needs.options.checkConnectionTimer * 1000, () => { this.end(session) })
  }

  /** Ends a session with its socket; `clears`: as by a logout. */
  end (session: Session, clears = false): void {
    if (!this.byToken.delete(session.token)) return
    session.cancel()
    if (clears && this.needs.options.clearingMs > 0) this.clearing.set(session.user, this.needs.clock.now() + this.needs.options.clearingMs)
    const { socket } = session
    delete session.socket
    socket?.end(1000)
  }

  /** Forgets all sessions, as a server that was restarted; their sockets are closed. */
  clear (): void {
    for (const session of this.list()) this.end(session)
    this.clearing.clear()
  }

  /** Logouts are through. */
  cleared (): void {
    this.clearing.clear()
  }

  /** The tokens are void from now on, the sockets stay open (fault "forget token"). @returns how many there were */
  forget (): number {
    for (const session of this.byToken.values()) session.cancel()
    const count = this.byToken.size
    for (const session of this.list()) {
      this.byToken.delete(session.token)
      this.orphans.add(session)
    }
    return count
  }

  /** Sessions with an event channel, also those whose token was forgotten. */
  listening (): Session[] {
    for (const session of this.orphans) if (session.socket === undefined) this.orphans.delete(session)
    return [...this.byToken.values(), ...this.orphans].filter(({ socket }) => socket !== undefined)
  }

  list (): Session[] {
    return [...this.byToken.values()]
  }

  get size (): number {
    return this.byToken.size
  }

  private of (type: AccountType, user: string): Session | undefined {
    return this.list().find((session) => session.type === type && session.user === user)
  }

  private check (type: AccountType, user: string, authorization: string | undefined): Set<Right> {
    const { pbx, options } = this.needs
    const given = basic(authorization)
    if (this.expired || given === undefined || given.user !== user) throw badLogin()
    if (type === 'server') {
      const account = options.accounts.find(({ name }) => name === user)
      if (account === undefined || account.password !== given.password) throw badLogin()
      return new Set(account.rights)
    }
    // The authorization code and its suffix are one password here; without one a station cannot log in (ipecs.md 1).
    const station = pbx.userByExtension(user)
    if (station === undefined || given.password === '' || station.password !== given.password) throw badLogin()
    return new Set(['smdr'])
  }

  /** 43 characters base64url, as every token that was seen; nothing is in it. */
  private makeToken (): string {
    return Buffer.from(Array.from({ length: TOKEN_BYTES }, () => this.needs.rng.integer(0, 255))).toString('base64url')
  }
}

/** @throws ApiError 400 for an account that is not ticked for a group of functions */
export function demand (session: Session, right: Right): void {
  if (!session.rights.has(right)) throw notTicked()
}

/** User and password of a Basic header; UTF-8, as the character set is not stated. */
function basic (authorization: string | undefined): { user: string; password: string } | undefined {
  const match = /^Basic\s+(\S+)$/i.exec(authorization ?? '')
  const text = Buffer.from(match?.[1] ?? '', 'base64').toString('utf8')
  const at = text.indexOf(':')
  return at < 1 ? undefined : { user: text.slice(0, at), password: text.slice(at + 1) }
}

/** Token of a Bearer header, in any spelling of the word. */
export function bearer (authorization: string | undefined): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1]
}
