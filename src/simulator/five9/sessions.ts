/** Sessions, their tokens, and the login state of each half (five9.md 2.4, 2.5, 8.3). */
import { type PbxClock } from '../pbx/clock'
import { type Rng } from '../pbx/rng'
import { type User } from '../pbx/types'
import { hex, uuid } from '../random'
import { BUSINESS, Five9Error } from './errors'
import { type Five9Options, type Notice } from './options'

export type HalfName = 'agent' | 'supervisor'
export type LoginState = 'SELECT_STATION' | 'ACCEPT_NOTICE' | 'SELECT_SKILLS' | 'RELOGIN' | 'WORKING'
export interface Station { stationId: string; stationType: string; state: 'CONNECTED' | 'DISCONNECTED' }

interface Half {
  state: LoginState
  station: Station
  /** Notices that are not accepted yet. */
  notices: Notice[]
  /** Full statistics go to the next socket unasked: the session is new, nobody attached to it. */
  fresh: boolean
}

export interface Session {
  readonly id: string
  readonly user: User
  readonly tokens: Set<string>
  readonly halves: Record<HalfName, Half>
  readonly startedAt: number
  /** How many migrations it has gone along with. */
  generation: number
  /** Requests that are still refused after the login. */
  settling: number
  lastSeen: number
}

const NO_STATION: Station = { stationId: '', stationType: 'EMPTY', state: 'DISCONNECTED' }
const half = (notices: Notice[]): Half => ({ state: 'SELECT_STATION', station: { ...NO_STATION }, notices: [...notices], fresh: false })

/** A client that logs in at every poll loses its oldest tokens. */
const MOST_TOKENS = 100

interface SessionHooks {
  /** A half came into `WORKING`, or left it: `by` the state machine or the end of the session. */
  changed: (session: Session, name: HalfName, before: LoginState) => void
  ended: (session: Session) => void
  /** Whether a socket keeps the session alive. */
  connected: (session: Session) => boolean
}

export class Sessions {
  private readonly byUser = new Map<string, Session>()
  private readonly byToken = new Map<string, Session>()
  private readonly foreign: Set<string>
  private readonly timers = new Map<Session, () => void>()
  /** All credentials are refused since a fault, until they are renewed. */
  expired = false
  /** Migrations up to now. */
  generation = 0
  /** Maintenance was announced: its end is told to each session that is back. */
  maintenance = false
  hooks: SessionHooks = { changed: () => {}, ended: () => {}, connected: () => false }

  constructor (private readonly needs: { options: Five9Options; clock: PbxClock; rng: Rng }) {
    this.foreign = new Set(needs.options.foreign)
  }

  list (): Session[] {
    return [...this.byUser.values()]
  }

  of (userKey: string): Session | undefined {
    return this.byUser.get(userKey)
  }

  /** A new token: on the running session of the user, or with `ForceIn` on a new one that throws the old one out. */
  login (user: User, policy: string): { session: Session; token: string } {
    const running = this.byUser.get(user.key)
    if (running !== undefined && policy === 'ForceIn') this.end(running)
    const session = this.byUser.get(user.key) ?? this.begin(user)
    const token = uuid(this.needs.rng)
    session.tokens.add(token)
    const [oldest] = session.tokens
    if (session.tokens.size > MOST_TOKENS && oldest !== undefined) {
      session.tokens.delete(oldest)
      this.byToken.delete(oldest)
    }
    session.settling = this.needs.options.settleRequests
    this.byToken.set(token, session)
    return { session, token }
  }

  /** The session of a token or a session cookie. */
  find (token: string): Session | undefined {
    const session = this.expired ? undefined : this.byToken.get(token)
    if (session !== undefined) session.lastSeen = this.needs.clock.now()
    return session
  }

  /** Ends a session with all its tokens. */
  end (session: Session): void {
    if (this.byUser.get(session.user.key) !== session) return
    this.byUser.delete(session.user.key)
    for (const token of [...session.tokens, session.id]) this.byToken.delete(token)
    this.timers.get(session)?.()
    this.timers.delete(session)
    for (const name of ['agent', 'supervisor'] as const) this.enter(session, name, 'SELECT_STATION')
    this.foreign.delete(session.user.key)
    this.hooks.ended(session)
  }

  /** Ends all, without a word to anybody. */
  clear (): void {
    for (const cancel of this.timers.values()) cancel()
    for (const map of [this.byUser, this.byToken, this.timers]) map.clear()
  }

  /** @throws Five9Error DUPLICATE_LOGIN while somebody else's session lives and `force` is not given */
  start (session: Session, name: HalfName, station: Omit<Station, 'state'>, force: boolean): void {
    const { options } = this.needs
    if (this.foreign.has(session.user.key) && !force) throw new Five9Error(options.duplicateStatus, 1, 'The user is logged in elsewhere', { contextCode: 'DUPLICATE_LOGIN' })
    this.foreign.delete(session.user.key)
    const own = session.halves[name]
    own.station = { ...station, state: station.stationType === 'EMPTY' ? 'DISCONNECTED' : 'CONNECTED' }
    own.fresh ||= own.state !== 'WORKING'
    if (own.state === 'SELECT_STATION') this.goOn(session, name, own.notices.length > 0 ? 'ACCEPT_NOTICE' : undefined)
  }

  /** @throws Five9Error when the notice is not there */
  accept (session: Session, name: HalfName, id: string): Notice {
    const own = session.halves[name]
    const notice = own.notices.find((each) => each.id === id)
    if (notice === undefined) throw new Five9Error(404, 1, `No notice ${id}`, { objectId: id })
    own.notices = own.notices.filter((each) => each !== notice)
    if (own.state === 'ACCEPT_NOTICE' && own.notices.length === 0) this.goOn(session, name)
    return notice
  }

  /** Skills were chosen. */
  chosen (session: Session): void {
    if (session.halves.agent.state === 'SELECT_SKILLS') this.enter(session, 'agent', 'WORKING')
  }

  /** @throws Five9Error unless the half waits for it or works */
  restart (session: Session, name: HalfName): void {
    const { state } = session.halves[name]
    if (state !== 'RELOGIN' && state !== 'WORKING') throw wrongState(state, 'sessionRestart', 'RELOGIN')
    this.enter(session, name, 'WORKING')
  }

  stop (session: Session, name: HalfName): void {
    this.enter(session, name, 'SELECT_STATION')
  }

  /** The session goes along with the latest migration; what worked has to log in again. */
  move (session: Session): void {
    session.generation = this.generation
    for (const name of ['agent', 'supervisor'] as const) if (session.halves[name].state === 'WORKING') this.enter(session, name, 'RELOGIN')
  }

  private begin (user: User): Session {
    const { clock, rng, options } = this.needs
    const session: Session = {
      id: (hex(rng, 32) + hex(rng, 32)).toLowerCase(), user, tokens: new Set(), halves: { agent: half(options.notices), supervisor: half(options.notices) },
      startedAt: clock.now(), generation: this.generation, settling: 0, lastSeen: clock.now()
    }
    this.byUser.set(user.key, session)
    this.byToken.set(session.id, session)
    this.watch(session)
    return session
  }

  private goOn (session: Session, name: HalfName, first?: LoginState): void {
    const skills = name === 'agent' && this.needs.options.selectSkills
    this.enter(session, name, first ?? (skills ? 'SELECT_SKILLS' : 'WORKING'))
  }

  private enter (session: Session, name: HalfName, state: LoginState): void {
    const own = session.halves[name]
    const before = own.state
    own.state = state
    if (state === 'SELECT_STATION') own.station = { ...NO_STATION }
    if (before !== state) this.hooks.changed(session, name, before)
  }

  private watch (session: Session): void {
    const { clock, options } = this.needs
    const rest = session.lastSeen + options.sessionMs - clock.now()
    this.timers.set(session, clock.after(Math.max(rest, 1000), () => {
      if (this.hooks.connected(session)) session.lastSeen = clock.now()
      if (clock.now() - session.lastSeen >= options.sessionMs) this.end(session)
      else this.watch(session)
    }))
  }
}

/** The recorded wording: it says "agent" on supervisor paths as well. */
export function wrongState (state: LoginState, operation: string, allowed = 'WORKING'): Five9Error {
  return new Five9Error(BUSINESS, 3, `Improper agent login state ${state} while calling ${operation}. Allowed is ${allowed}`, { contextCode: 'LOGIN' })
}
