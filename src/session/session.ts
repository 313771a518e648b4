import { randomBytes } from 'node:crypto'
import {
  CtiError, NumberHelper, PLATFORM_LABELS, type ActionRequest, type ActionResult, type Connection as ConnectionInfo, type EventName, type Platform, type SessionState, type TelephonyEvent
} from '../model'
import { Conversations } from '../state/conversations'
import { Picture } from '../state/picture'
import { Backoff } from './backoff'
import { capabilityOf } from './capability'
import { realClock } from './clock'
import { Connection, noCounts, type ConnectionOwner } from './connection'
import { Inbound, type Gap } from './inbound'
import { LegMemory } from './legMemory'
import { Listeners } from './listeners'
import { Performer } from './perform'
import { presentState } from './presentState'
import { redactText } from './redact'
import { RequestQueue } from './requestQueue'
import { Stamper } from './stamper'
import { hasConnection, mayGo } from './stateMachine'
import type { Capability, Clock, Driver, ReconcileCounts, SessionListener, SessionOptions, SessionStatus, Snapshot, TelephonySession } from './types'
import { Waiters } from './waiters'
import { withLimit } from './withLimit'

const GRACE_MS = 2000
const DEFAULT_TIMEOUT_MS = 5000
/** ms that log-in and subscription, and reading the state of now, may take. */
const OPEN_LIMIT_MS = 60_000
const RESYNC_LIMIT_MS = 300_000
/** ms that a driver gets to log out; the whole close takes at most 2 s. */
const CLOSE_LIMIT_MS = 1500

/** The life of one account's connection (design.md, "The life of a session"); the same for every vendor. */
export class Session implements TelephonySession {
  readonly platform: Platform
  readonly accountId: string
  readonly picture: Picture
  readonly counters: Record<string, number> = {}
  private readonly clock: Clock
  private readonly driver: Driver
  private readonly listeners = new Listeners((error) => this.listenerFailed(error))
  private readonly conversations: Conversations
  private readonly memory = new LegMemory()
  private readonly waiters = new Waiters(() => this.count('confirmErrors'))
  private readonly stamper: Stamper
  private readonly inbound: Inbound
  private readonly queue: RequestQueue
  private readonly performer: Performer
  private readonly backoff: Backoff
  private readonly onlineWaiters = new Set<(error: CtiError | undefined) => void>()
  private state: SessionState = 'closed'
  private error: CtiError | undefined
  private retryAt: number | undefined
  private connection: Connection | undefined
  private retryTimer: unknown
  private openTimer: unknown
  private graceTimer: unknown
  private closingNow: Promise<void> | undefined
  /** Somebody joined while it closed. */
  private wantedAgain = false
  /** ms when the line was lost; undefined before the first time online. */
  private offlineAt: number | undefined
  private gap: Gap | undefined

  constructor (private readonly options: SessionOptions) {
    this.clock = options.clock ?? realClock
    this.driver = options.driver
    this.platform = options.driver.platform
    this.accountId = options.accountId
    const now = (): number => this.clock.now()
    this.picture = new Picture(now, () => now() + (this.connection?.clockOffsetMs ?? 0))
    this.conversations = new Conversations(options.accountId, now)
    const count = (name: string): void => this.count(name)
    this.stamper = new Stamper({
      accountId: options.accountId,
      account: options.account,
      platform: this.platform,
      picture: this.picture,
      conversations: this.conversations,
      memory: this.memory,
      numbers: new NumberHelper(options.country),
      count
    })
    this.inbound = new Inbound({
      clock: this.clock, picture: this.picture, stamper: this.stamper, settleMs: options.settleMs ?? 0, emit: (event, vendorEvent) => this.emit(event, vendorEvent), count
    })
    this.queue = new RequestQueue(this.clock, this.driver.pace)
    this.backoff = new Backoff(options.random ?? Math.random)
    this.performer = new Performer({
      accountId: options.accountId,
      account: options.account,
      driver: this.driver,
      clock: this.clock,
      picture: this.picture,
      memory: this.memory,
      waiters: this.waiters,
      queue: this.queue,
      timeoutMs: options.timeoutMs,
      link: () => this.state === 'online' ? this.connection : undefined,
      status: () => this.status
    })
  }

  get status (): SessionStatus {
    return {
      state: this.state,
      attempt: this.backoff.attempt,
      ...(this.error ? { error: this.error } : {}),
      ...(this.retryAt !== undefined ? { retryAt: this.retryAt } : {}),
      ...(this.state === 'online' && this.connection?.word !== undefined ? { note: this.connection.word } : {})
    }
  }

  join (listener: SessionListener): () => void {
    this.listeners.add(listener)
    this.graceTimer = this.stopTimer(this.graceTimer)
    if (this.closingNow !== undefined) this.wantedAgain = true
    this.openSoon()
    let joined = true
    return () => {
      if (!joined) return
      joined = false
      this.listeners.remove(listener)
      if (this.listeners.size === 0) this.closeAfterGrace()
    }
  }

  presentState (): TelephonyEvent[] {
    return presentState(this.picture, this.stamper, { at: this.clock.now(), offsetMs: this.connection?.clockOffsetMs ?? 0 }, this.state)
  }

  perform (request: ActionRequest, options: { signal?: AbortSignal } = {}): Promise<ActionResult> {
    return this.performer.perform(request, options.signal)
  }

  capability (action: string): Capability {
    return capabilityOf(this.platform, this.driver.actions, action)
  }

  close (why: 'removed' | 'restart'): Promise<void> {
    this.closingNow ??= this.shut(why).finally(() => {
      this.closingNow = undefined
      if (this.wantedAgain && this.listeners.size > 0) this.openSoon()
      this.wantedAgain = false
    })
    return this.closingNow
  }

  whenOnline (ms: number): Promise<void> {
    if (this.state === 'online') return Promise.resolve()
    if (this.state === 'refused') return Promise.reject(this.error ?? this.offline())
    if (this.state === 'closed' && this.listeners.size === 0) return Promise.reject(this.offline())
    return new Promise<void>((resolve, reject) => {
      const done = (error: CtiError | undefined): void => {
        this.onlineWaiters.delete(done)
        this.clock.clearTimeout(timer)
        if (error === undefined) resolve()
        else reject(error)
      }
      const timer = this.clock.setTimeout(() => done(this.offline(` after ${ms} ms`)), ms)
      this.onlineWaiters.add(done)
    })
  }

  private offline (when = ''): CtiError {
    const why = this.error === undefined ? '' : `: ${this.error.message}`
    return new CtiError('CTI_NOT_CONNECTED', `The account ${this.options.account} is ${this.state}${when}${why}`, {
      vendor: this.platform, state: this.state, retryable: true, ...(this.error ? { reason: this.error.code } : {})
    })
  }

  private openSoon (): void {
    if (this.state !== 'closed' || this.openTimer !== undefined || this.closingNow !== undefined) return
    this.openTimer = this.clock.setTimeout(() => {
      this.openTimer = undefined
      if (this.state === 'closed' && this.listeners.size > 0) this.connect()
    }, 0)
  }

  private closeAfterGrace (): void {
    if (this.graceTimer !== undefined || this.state === 'closed') return
    this.graceTimer = this.clock.setTimeout(() => {
      this.graceTimer = undefined
      if (this.listeners.size === 0) void this.close('restart')
    }, this.options.graceMs ?? GRACE_MS)
  }

  private connect (): void {
    // A listener may have closed the session when it heard of the state.
    if (!this.go('connecting') || (this.state as SessionState) !== 'connecting') return
    const epoch = randomBytes(6).toString('hex')
    this.stamper.begin(epoch)
    const connection = new Connection(this.connectionOwner(), epoch, this.clock.now())
    this.connection = connection
    this.gap = undefined
    this.open(connection).catch((error: unknown) => this.fail(connection, error))
  }

  private async open (connection: Connection): Promise<void> {
    await withLimit(this.clock, OPEN_LIMIT_MS, 'log in and subscribe', () => this.driver.open(connection), connection.signal)
    if (!connection.isOpen) return
    const now = this.clock.now()
    if (this.offlineAt !== undefined) this.gap = { from: this.offlineAt, to: now }
    const scope = await withLimit(this.clock, RESYNC_LIMIT_MS, 'read the present state', () => this.driver.resync(connection), connection.signal)
    if (!connection.isOpen) return
    const { agentsChanged, ...calls } = connection.counts
    const resync = { scope, calls: { ...calls }, agentsChanged, tookMs: this.clock.now() - now }
    const downMs = this.gap === undefined ? {} : { downMs: this.clock.now() - this.gap.from }
    if (this.gap !== undefined) this.tell('connection.resync', { state: this.state, ...downMs, resync })
    connection.onlineAt = this.clock.now()
    this.offlineAt = undefined
    this.error = undefined
    this.go('online')
    this.tell('connection.online', { state: 'online', ...downMs, resync })
    this.settleOnline(undefined)
  }

  private connectionOwner (): ConnectionOwner {
    return {
      clock: this.clock,
      picture: this.picture,
      timeoutMs: this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      phase: (state) => { if (state !== this.state) this.go(state) },
      receive: (connection, drafts, vendorEvent) => this.inbound.receive(drafts, vendorEvent, connection.clockOffsetMs),
      reconcile: (connection, snapshot) => this.reconcile(connection, snapshot),
      lost: (connection, error) => this.fail(connection, error),
      silent: (connection, ms) => this.fail(connection, new CtiError('CTI_UNAVAILABLE', `Nothing was heard from ${PLATFORM_LABELS[this.platform]} for ${Math.round(ms / 1000)} s.`, { vendor: this.platform, retryable: true })),
      warn: (connection, code, text) => this.warn(connection, code, text),
      noted: (connection) => { if (connection === this.connection && this.state === 'online') this.listeners.status(this.status) }
    }
  }

  /** A snapshot that breaks the contract finds nothing: drivers call this from timers too, where an exception would end the process. */
  private reconcile (connection: Connection, snapshot: Snapshot): ReconcileCounts {
    try {
      return this.inbound.reconcile(connection, snapshot, this.gap, this.state === 'online')
    } catch (error) {
      this.warn(connection, 'badSnapshot', CtiError.from(error).message)
      return noCounts()
    }
  }

  /** The connection is over: wait and come again, or stay away when the peer will not have us. */
  private fail (connection: Connection, reason: unknown): void {
    if (connection !== this.connection || !connection.isOpen) return
    const error = CtiError.from(reason, this.platform)
    // An unforeseen error is no refusal: it may be a broken line as well.
    const refused = reason instanceof CtiError && (error.code === 'CTI_UNAUTHORIZED' || error.cause.retryable === false)
    this.inbound.flush()
    connection.end(error)
    this.connection = undefined
    this.error = error
    const now = this.clock.now()
    const wasOnline = connection.onlineAt !== undefined
    if (wasOnline) this.offlineAt = now
    const delay = this.backoff.next(now - (connection.onlineAt ?? now), error.cause.retryAfterMs)
    if (!refused) this.retryIn(delay)
    this.go(refused ? 'refused' : 'waiting')
    const { attempt } = this.backoff
    if (wasOnline) this.tell('connection.offline', { state: this.state, attempt, ...(refused ? {} : { retryInMs: delay }) }, error)
    if (refused) this.tell('connection.refused', { state: 'refused', attempt }, error)
    if (refused) this.settleOnline(error)
    this.performer.connectionLost(error, refused)
  }

  /** One reconnect loop only. */
  private retryIn (ms: number): void {
    if (this.retryTimer !== undefined) return
    this.retryAt = this.clock.now() + ms
    this.retryTimer = this.clock.setTimeout(() => {
      this.retryTimer = undefined
      this.retryAt = undefined
      this.connect()
    }, ms)
  }

  private async shut (why: 'removed' | 'restart'): Promise<void> {
    this.openTimer = this.stopTimer(this.openTimer)
    this.graceTimer = this.stopTimer(this.graceTimer)
    this.retryTimer = this.stopTimer(this.retryTimer)
    this.retryAt = undefined
    if (this.state === 'closed') return this.settleOnline(this.offline())
    const { connection } = this
    this.inbound.flush()
    connection?.stopHearing()
    this.go('closing')
    const over = new CtiError('CTI_NOT_CONNECTED', `The account ${this.options.account} was closed.`, { vendor: this.platform, retryable: true })
    this.performer.connectionLost(over, true)
    if (connection !== undefined) {
      // A driver that fails to log out is no reason to stay: the peer ends the subscription by its own time limit.
      await withLimit(this.clock, CLOSE_LIMIT_MS, 'log out', () => this.driver.close(connection, why)).catch(() => this.count('closeErrors'))
      connection.end(over)
    }
    this.forget()
    this.go('closed')
    this.settleOnline(over)
  }

  private forget (): void {
    this.connection = undefined
    this.error = undefined
    this.offlineAt = undefined
    this.gap = undefined
    this.queue.stop()
    this.backoff.reset()
    this.picture.clear()
    this.conversations.clear()
    this.memory.clear()
    this.stamper.clear()
  }

  private go (to: SessionState): boolean {
    if (!mayGo(this.state, to)) {
      this.count('badTransitions')
      return false
    }
    if (!hasConnection(this.state) && to === 'connecting') this.retryAt = undefined
    this.state = to
    this.listeners.status(this.status)
    return true
  }

  private tell (event: EventName, connection: ConnectionInfo, error?: CtiError): void {
    const { code, text } = error?.cause ?? {}
    const cause = error === undefined ? undefined : { code: code ?? error.code, text: redactText(text ?? error.message) }
    this.inbound.receive([{ event, connection, ...(cause ? { cause } : {}) }], undefined, this.connection?.clockOffsetMs ?? 0)
  }

  private emit (event: TelephonyEvent, vendorEvent: unknown): void {
    this.count('events')
    this.waiters.offer(event)
    this.listeners.event(event, vendorEvent)
  }

  private warn (connection: Connection, code: string, text: string): void {
    this.count(`warning.${code}`)
    if (connection.warned.has(code)) return
    connection.warned.add(code)
    this.listeners.warning(code, redactText(text))
  }

  private listenerFailed (_error: unknown): void {
    this.count('listenerErrors')
  }

  private settleOnline (error: CtiError | undefined): void {
    for (const done of [...this.onlineWaiters]) done(error)
  }

  private stopTimer (timer: unknown): undefined {
    if (timer !== undefined) this.clock.clearTimeout(timer)
  }

  private count (name: string): void {
    this.counters[name] = (this.counters[name] ?? 0) + 1
  }
}
