import { CtiError, copyPlain, type ActionRequest, type ActionResult, type Platform, type TelephonyEvent } from '../../src/model'
import { realClock, withLimit } from '../../src/session'
import { Backoff } from '../../src/session/backoff'
import type { Capability, SessionStatus, TelephonySession } from '../../src/session/types'

/** ms that closing may take; Node-RED itself would wait 15 s and then start a second session beside the first. */
export const CLOSE_LIMIT_MS = 2000
/** Different warnings remembered, so that each is logged once. */
const WARNINGS_KEPT = 200

/** The turns of a session that a log should have, each once. */
export interface HubLog {
  online (): void
  /** Lost, or not reached; it tries again. */
  waiting (reason: string): void
  /** The settings or the system allow no session; it does not try again. */
  refused (error: CtiError): void
  warning (code: string, text: string): void
}
export interface HubOptions {
  readonly platform: Platform
  /** Name of the account in messages. */
  readonly label: string
  /** Makes the session; may wait (a simulator's address). Rejects with a CtiError when the settings do not suffice: it is tried again only when `cause.retryable` says so. */
  readonly open: () => Promise<TelephonySession>
  /** Told when a session that `open` made is closed. */
  readonly release?: (session: TelephonySession) => void
  readonly log: HubLog
}

/** A user of the session. `event` gets objects of its own, which a flow may change; nothing is copied for a user that does not accept the event. */
export interface HubListener {
  /** Absent: takes every event. Runs on the wire path. */
  accepts? (event: TelephonyEvent): boolean
  event? (event: TelephonyEvent, vendorEvent: unknown): void
  /** false: the vendor's message is not wanted, so it is never copied for this user. */
  readonly vendorEvent?: boolean
  status? (status: SessionStatus): void
}

/**
 * The session of one account node and those who use it. The session is made when first needed. Knows nothing of Node-RED; one hub lives as long as its
 * node, from deploy to deploy.
 */
export class AccountHub {
  readonly platform: Platform
  private readonly options: HubOptions
  private readonly members = new Set<HubListener>()
  private readonly warned = new Set<string>()
  /** Vendor messages that a flow has: a second event of the same message goes out with a copy. */
  private readonly handedOut = new WeakSet<object>()
  private session: TelephonySession | undefined
  private opening: Promise<TelephonySession | undefined> | undefined
  private leaveSession: (() => void) | undefined
  private problem: CtiError | undefined
  private readonly backoff = new Backoff(Math.random)
  /** The next try to make a session, where what it needs could not be reached. */
  private retry: { at: number; timer: NodeJS.Timeout } | undefined
  private closed = false
  /** What a try under way lacked is there now: its refusal does not count. */
  private renewing = false
  private loggedState: SessionStatus['state'] = 'closed'

  constructor (options: HubOptions) {
    this.options = options
    this.platform = options.platform
  }

  get status (): SessionStatus {
    if (this.closed) return { state: 'closed', attempt: 0 }
    if (this.problem && this.retry) return { state: 'waiting', error: this.problem, retryAt: this.retry.at, attempt: this.backoff.attempt }
    if (this.problem) return { state: 'refused', error: this.problem, attempt: 0 }
    return this.session?.status ?? { state: this.opening ? 'connecting' : 'closed', attempt: 0 }
  }

  /** Registers a user of the session; the first one opens it, the last to leave closes it. @returns a function that leaves, safe to call twice */
  join (listener: HubListener): () => void {
    if (this.closed) {
      listener.status?.(this.status)
      return () => undefined
    }
    this.members.add(listener)
    if (this.session) this.enter(this.session)
    else void this.ensure()
    listener.status?.(this.status)
    return () => {
      this.members.delete(listener)
      if (this.members.size > 0) return
      this.leaveSession?.()
      this.leaveSession = undefined
    }
  }

  /** The session, made if it was not; undefined if the settings do not allow one (see `status.error`). Does not connect. */
  ensure (): Promise<TelephonySession | undefined> {
    this.opening ??= this.open()
    return this.opening
  }

  /** Runs an action. Rejects with a CtiError; CTI_NOT_CONNECTED while there is no session. */
  async perform (request: ActionRequest, signal?: AbortSignal): Promise<ActionResult> {
    if (this.session && !this.closed) return this.session.perform(request, signal ? { signal } : {})
    if (this.problem) throw this.problem
    throw new CtiError('CTI_NOT_CONNECTED', `The account "${this.options.label}" is not connected.`, { vendor: this.platform, retryable: true })
  }

  /** What is known now, as events marked `initial`; the caller's own objects. Empty while there is no session. */
  presentState (): TelephonyEvent[] {
    return this.closed ? [] : this.session?.presentState() ?? []
  }

  /** Whether the system behind can do an action; undefined while there is no session. */
  capability (action: string): Capability | undefined {
    return this.session?.capability(action)
  }

  /** Ends the session within 2 s even if the peer is dead. */
  async close (why: 'removed' | 'restart'): Promise<void> {
    this.closed = true
    clearTimeout(this.retry?.timer)
    this.members.clear()
    this.leaveSession?.()
    this.leaveSession = undefined
    if (this.session) await this.end(this.session, why)
  }

  /** Begins anew when the session was refused, could not be made, or is about to be refused; does nothing otherwise. */
  async renew (): Promise<void> {
    const { state } = this.status
    this.renewing = state === 'connecting' || state === 'authenticating' || state === 'subscribing'
    if (this.closed || state !== 'refused') return
    const { session } = this
    this.leaveSession?.()
    this.session = this.problem = this.opening = this.leaveSession = undefined
    this.loggedState = 'closed'
    if (session) await this.end(session, 'restart')
    if (this.members.size > 0) await this.ensure()
    this.tell()
  }

  private async end (session: TelephonySession, why: 'removed' | 'restart'): Promise<void> {
    await withLimit(realClock, CLOSE_LIMIT_MS, 'close the session', () => session.close(why)).catch(() => undefined)
    this.options.release?.(session)
  }

  private async open (): Promise<TelephonySession | undefined> {
    try {
      // The flow's other nodes are made first: a Catch node is to see a refusal.
      await new Promise(setImmediate)
      const session = await this.options.open()
      if (this.closed) {
        await this.end(session, 'restart')
        return undefined
      }
      this.session = session
      if (this.members.size > 0) this.enter(session)
      return session
    } catch (error) {
      const problem = CtiError.from(error, this.platform)
      this.problem = problem
      if (this.closed) return undefined
      if (problem.cause.retryable === true) this.tryLater(problem)
      else this.options.log.refused(problem)
      this.tell()
      return undefined
    }
  }

  private tryLater ({ message, cause }: CtiError): void {
    if (this.loggedState !== 'waiting') this.options.log.waiting(message)
    this.loggedState = 'waiting'
    const ms = this.backoff.next(0, cause.retryAfterMs)
    const timer = setTimeout(() => {
      this.retry = this.problem = this.opening = undefined
      if (this.members.size > 0) void this.ensure()
    }, ms)
    this.retry = { at: Date.now() + ms, timer }
  }

  private enter (session: TelephonySession): void {
    this.leaveSession ??= session.join({
      event: (event, vendorEvent) => { this.deliver(event, vendorEvent) },
      status: (status) => {
        this.note(status)
        this.tell()
      },
      warning: (code, text) => { this.warn(code, text) }
    })
  }

  private tell (): void {
    for (const member of this.members) member.status?.(this.status)
  }

  /** Copies are made before the first user, and the flow behind it, can change the original. */
  private deliver (event: TelephonyEvent, vendorEvent: unknown): void {
    let first: HubListener | undefined
    for (const member of this.members) {
      if (member.event === undefined || member.accepts?.(event) === false) continue
      if (first === undefined) first = member
      else this.hand(member, copyPlain(event), vendorEvent, true)
    }
    if (first) this.hand(first, event, vendorEvent, false)
  }

  private hand (member: HubListener, event: TelephonyEvent, vendorEvent: unknown, copy: boolean): void {
    let own = member.vendorEvent === false ? undefined : vendorEvent
    if (typeof own === 'object' && own !== null) {
      if (copy || this.handedOut.has(own)) own = copyPlain(own)
      else this.handedOut.add(own)
    }
    try {
      member.event?.(event, own)
    } catch (error) {
      this.warn('listener', (error as Error).message)
    }
  }

  /** The log hears of each warning once. */
  private warn (code: string, text: string): void {
    const key = `${code} ${text}`
    if (this.warned.has(key) || this.warned.size >= WARNINGS_KEPT) return
    this.warned.add(key)
    this.options.log.warning(code, text)
  }

  /** Logs the turns that matter, once each, however many users the session has. */
  private note (status: SessionStatus): void {
    const outage = status.state === 'waiting' || status.state === 'refused'
    if ((!outage && status.state !== 'online') || status.state === this.loggedState) return
    this.loggedState = status.state
    if (status.state === 'refused' && this.renewing) {
      void this.renew()
      return
    }
    this.renewing = false
    if (status.state === 'online') this.options.log.online()
    else if (status.state === 'waiting') this.options.log.waiting(status.error?.message ?? '')
    else this.options.log.refused(status.error ?? new CtiError('CTI_UNAUTHORIZED', 'The system refused the log-in.', { vendor: this.platform }))
  }
}
