/** One connection of an account: joined or logged in, both halves working, sockets open, moved when the service moves (five9.md 2.6, 6). */
import { CtiError } from '../model'
import { Duplicates } from '../session/duplicates'
import type { EventDraft, Link } from '../session/types'
import { ownAgentDrafts } from './agentMapping'
import { Five9Api, type ApiReply, type ApiRequest } from './api'
import { Entry } from './entry'
import { asLost, farmOf, isLoginState, isMigrated } from './errors'
import { figureDrafts, reduce } from './events'
import { halfPath } from './half'
import type { Memory } from './memory'
import { Migration } from './migration'
import { StatsOutlet } from './outlet'
import { CONTEXTS, EVENT, type Frame, type Half, type LoginState } from './protocol'
import { Reader } from './reader'
import { iso, lookup, stateWord } from './read'
import { build, type RouteName, type RouteValues } from './routes'
import type { Scope } from './scope'
import { statisticsSnapshot } from './snapshot'
import { Sockets } from './sockets'

/** ms by which the server's clock may seem to step before it is believed; what is less is delay on the way. */
const CLOCK_STEP_MS = 2000
/** States that block a session which has worked. */
const BLOCKING: ReadonlySet<string> = new Set<LoginState>(['ACCEPT_NOTICE', 'RELOGIN', 'SELECT_SKILLS'])
/** Events after which the line is of no use (five9.md 4.2). */
const FATAL: Readonly<Record<string, string>> = { [EVENT.serverUnavailable]: 'Five9 has lost its call server.', [EVENT.eventServerUnavailable]: 'Five9 cannot deliver events just now.' }
const MAINTENANCE: Readonly<Record<string, string>> = {
  37: 'Five9 has announced maintenance.', 70: 'Maintenance of Five9 has begun.', 73: 'Maintenance of Five9 is over.', 84: 'The users of this Five9 domain may move to the maintenance host.'
}

/** Refusals that a start may meet and that pass by themselves: the rules of the moment, not the account's settings. */
const PASSING: ReadonlySet<string> = new Set(['CTI_CONFLICT', 'CTI_NOT_FOUND', 'CTI_PROTOCOL'])

interface CommandOptions { readonly signal?: AbortSignal; readonly query?: ApiRequest['query'] }

export class Five9Connection {
  readonly api: Five9Api
  readonly reader: Reader
  readonly entry: Entry
  private readonly sockets: Sockets
  private readonly outlet: StatsOutlet
  private readonly migration: Migration
  private readonly seen = new Duplicates()

  constructor (readonly link: Link, readonly memory: Memory) {
    const { clock, signal } = link
    const { settings } = memory
    this.api = new Five9Api(settings, memory.credentials, clock)
    this.entry = new Entry(link, memory, this.api)
    this.outlet = new StatsOutlet(clock, settings.statsIntervalMs, (drafts, raw) => link.receive(drafts, raw))
    this.reader = new Reader(link, memory, (request) => this.entry.patiently(request))
    this.sockets = new Sockets(memory, link, this.api, {
      frame: (half, frame) => this.take(half, frame),
      malformed: () => link.warn('frame', 'A frame of Five9 was no JSON document with an event id.'),
      lost: (error) => {
        // The old host lets go of us: time to go where it told us to (five9.md 9.5).
        if (this.migration.isNear) this.migration.hurry()
        else this.lost(error)
      }
    })
    this.migration = new Migration({
      link,
      memory,
      move: (payload, farmId) => this.move(payload, farmId),
      failed: (error) => this.lost(error)
    })
    signal.addEventListener('abort', () => this.end(), { once: true })
  }

  /** Joins the session that is known, or logs in; brings every half to WORKING; reads lists; opens the sockets. @throws CtiError */
  async open (): Promise<void> {
    try {
      await this.begin()
    } catch (error) {
      const failure = CtiError.from(error, 'five9')
      throw PASSING.has(failure.code) ? asLost(failure) : failure
    }
  }

  /** Reads the state of now (five9.md 6.2, step 4). @param poll what is found is an ordinary event: the line was not down */
  async resync (poll = false): Promise<'full'> {
    await this.reader.resync(poll)
    return 'full'
  }

  /** Logs the agent's half out; the connection stays, and does not log him in again by itself. @param reasonId goes as a query parameter (S) */
  async stopAgent (reasonId: string | undefined, signal: AbortSignal): Promise<void> {
    const { memory } = this
    await this.send({ method: 'PUT', path: `${halfPath('agent', memory.uid)}/session_stop`, signal, ...(reasonId === undefined ? {} : { query: { reasonCodeId: reasonId } }) }, 'agent')
    memory.stopped = true
    memory.began.delete('agent')
    memory.loginState = 'SELECT_STATION'
    this.ownAgentChanged()
  }

  /** A path of the domain below the account's first half. */
  orgPath (rest: string): string {
    return `${CONTEXTS[this.memory.halves[0] ?? 'agent']}/orgs/${encodeURIComponent(this.api.identity.orgId)}${rest}`
  }

  /** Goes to where the service has been moved to, and reads the state there. @throws CtiError */
  migrate (): Promise<void> {
    return this.migration.begin(undefined)
  }

  /** True while the service is about to move: nothing new should begin. */
  get isMoving (): boolean {
    return this.migration.isNear
  }

  /**
   * Sends a request of the table. Refused because the login is not finished, or because the service has moved, it is put right and sent once more; the
   * system has not carried it out in either case.
   * @throws CtiError
   */
  command (name: RouteName, values: RouteValues = {}, options: CommandOptions = {}): Promise<ApiReply> {
    const { memory } = this
    const { uid } = memory
    const { half, method, path, body } = build(name, { uid, oid: this.api.identity.orgId, ...values }, memory.settings.advanced)
    if (!memory.halves.includes(half)) return Promise.reject(new CtiError('CTI_FORBIDDEN', `This needs the role "${half}" in the account.`, { vendor: 'five9', retryable: false }))
    return this.send({ method, path: CONTEXTS[half] + path, ...options, ...(body === undefined ? {} : { body }), idempotent: method === 'GET' && name !== 'click_to_dial' }, half)
  }

  /** Any request below the API host, with the same repair. @throws CtiError */
  async send (request: ApiRequest, half: Half): Promise<ApiReply> {
    await this.migration.done(request.signal)
    try {
      return await this.api.send({ signal: this.link.signal, ...request })
    } catch (error) {
      const failure = CtiError.from(error, 'five9')
      if (isMigrated(failure)) await this.migration.begin(undefined, farmOf(failure))
      else if (isLoginState(failure) && this.memory.halves.includes(half) && !(half === 'agent' && this.memory.stopped)) await this.entry.work(half, undefined, undefined, request.signal)
      else throw this.judged(failure)
      return this.api.send({ signal: this.link.signal, ...request }).catch((again: unknown) => { throw this.judged(CtiError.from(again, 'five9')) })
    }
  }

  /** What the action table tells the event side: drafts that follow from a reply. */
  tell (drafts: readonly EventDraft[]): void {
    this.link.receive(drafts)
  }

  /** The picture has changed by something else than a frame: the own agent may be another one now. */
  ownAgentChanged (): void {
    const at = this.link.clock.now() + this.link.clockOffsetMs
    this.link.receive(ownAgentDrafts(this.scope('agent', { id: '', at, timed: false, payload: undefined, raw: {} })))
  }

  /** Ends what this client began, or all, or nothing (five9.md 2.7). The caller limits the time. */
  async close (why: 'removed' | 'restart'): Promise<void> {
    const { memory, link, sockets } = this
    this.outlet.stop()
    this.reader.stop()
    sockets.close()
    const { logout } = memory.settings
    const ours = memory.halves.filter((half) => memory.began.has(half))
    const talking = why === 'restart' && link.picture.callsOf(memory.uid).length > 0
    if (memory.credentials.identity === undefined || logout === 'never' || talking || (logout === 'own' && ours.length === 0)) return
    const { uid } = memory
    // A logout of the token ends both halves: the one that this account does not use may be somebody's at his desk.
    const whole = logout === 'always' || ours.length > 1
    const request: ApiRequest = whole
      ? { method: 'POST', path: `${CONTEXTS[memory.halves[0] ?? 'agent']}/auth/logout` }
      : { method: 'PUT', path: `${halfPath(ours[0] ?? 'agent', uid)}/session_stop` }
    await this.api.send({ ...request, signal: link.signal })
  }

  private async begin (): Promise<void> {
    const { link, memory, entry } = this
    link.phase('authenticating')
    await entry.enter()
    await entry.workAll()
    link.phase('subscribing')
    await this.reader.lists()
    await this.sockets.open(memory.halves)
  }

  /** A token that died is no fault of the request: the account logs in again, once, and then backs off. */
  private judged (error: CtiError): CtiError {
    if (error.code !== 'CTI_UNAUTHORIZED') return error
    this.memory.credentials.forget()
    // The request is answered first: it was surely not carried out.
    this.link.clock.setTimeout(() => this.lost(error), 0)
    return new CtiError('CTI_NOT_CONNECTED', 'The Five9 session has ended; the account logs in again.', { ...error.cause, retryable: true })
  }

  /** The service is elsewhere: learn where, work there, listen there, and only then let go of the old sockets. Nothing is lost between (five9.md 6.3). */
  private async move (payload: unknown, farmId?: string): Promise<void> {
    const { memory, sockets, entry } = this
    const { credentials } = memory
    credentials.moveTo(farmId)
    if (typeof payload === 'object' && payload !== null) credentials.learn(payload)
    await entry.settleHost()
    await entry.workAll()
    await sockets.replace(memory.halves)
    await this.resync(true)
  }

  private lost (error: CtiError): void {
    this.link.lost(asLost(error))
  }

  private end (): void {
    this.outlet.stop()
    this.reader.stop()
    this.sockets.close()
    this.api.close()
  }

  private scope (half: Half, frame: Frame): Scope {
    return { half, frame, memory: this.memory, picture: this.link.picture }
  }

  /** One frame. Nothing may escape from here: it runs in the socket's listener. */
  private take (half: Half, frame: Frame): void {
    const { link } = this
    link.heard()
    try {
      this.readClock(frame)
      if (frame.messageId !== undefined && this.seen.isRepeated(`${frame.id} ${frame.messageId} ${frame.at} ${frame.size ?? 0}`, link.clock.now())) return
      if (this.isFatal(frame)) return
      const scope = this.scope(half, frame)
      if (frame.id === EVENT.statistics) this.fullStatistics(scope)
      else this.outlet.offer(reduce(scope), frame.raw)
      // Being busy, in wrap-up or free follows from the calls that the frame has just told.
      if (half === 'agent') link.receive(ownAgentDrafts(scope), frame.raw)
      this.reader.react(half, frame)
      if (frame.id === EVENT.loginState) this.repair(half, frame)
      this.migration.look()
    } catch (error) {
      link.warn('frame', `A frame with event ${frame.id.slice(0, 20)} could not be handled: ${CtiError.from(error).message}`)
    }
  }

  /** A notice, a moved session, skills to choose: in the way of everything until it is dealt with (five9.md 2.5). A log-out is not: somebody wanted it. */
  private repair (half: Half, { payload }: Frame): void {
    const { link } = this
    if (!BLOCKING.has(stateWord(payload) ?? '') || this.entry.isDriving(half) || this.migration.isNear) return
    this.entry.work(half).then(() => this.ownAgentChanged(), (error: unknown) => {
      if (!link.signal.aborted) link.warn('loginState', `The session needs attention: ${CtiError.from(error, 'five9').message}`)
    })
  }

  private fullStatistics (scope: Scope): void {
    const { frame, memory, picture } = scope
    const changes = memory.statistics.replace(frame.payload)
    this.link.reconcile({ ...statisticsSnapshot(memory, picture, changes, frame.at), poll: true, vendorEvent: frame.raw })
    this.outlet.offer(changes.flatMap((change) => figureDrafts(scope, change)), frame.raw)
    this.reader.gotStatistics(changes.map(({ source }) => source))
  }

  private readClock ({ at, timed }: Frame): void {
    const { link } = this
    if (!timed) return
    const offset = at - link.clock.now()
    // The way of a frame only ever takes time: the largest difference seen is the nearest to the truth.
    if (link.clockOffsetMs === 0 || offset > link.clockOffsetMs || link.clockOffsetMs - offset > CLOCK_STEP_MS) link.clockOffsetMs = offset
  }

  /** The line is of no use any more; or it is about to move, or is announced to. */
  private isFatal (frame: Frame): boolean {
    const { link } = this
    const fatal = lookup(FATAL, frame.id)
    if (fatal !== undefined) {
      this.lost(new CtiError('CTI_UNAVAILABLE', fatal, { vendor: 'five9', code: frame.id, retryable: true }))
      return true
    }
    const notice = lookup(MAINTENANCE, frame.id)
    if (notice !== undefined) link.warn(`maintenance.${frame.id}`, notice)
    if (frame.id === EVENT.switchoverForced) this.endCalls(frame)
    this.migration.noticed(frame)
    return false
  }

  /** 1002: the running task has got a system disposition, so its calls are over here (five9.md 4.2). */
  private endCalls (frame: Frame): void {
    const { link, memory } = this
    const reason = 'shutdown' as const
    link.receive(link.picture.callsOf(memory.uid).map((call) => ({
      event: 'call.ended' as const, call: { ...call, state: 'ended' as const, endReason: reason, endedBy: 'system' as const, endedAt: iso(frame.at) }, reason, derived: true as const, time: iso(frame.at)
    })), frame.raw)
    memory.wrapUps.clear()
  }
}
