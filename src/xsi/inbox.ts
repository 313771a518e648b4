/** Events on their way from the stream to the session: acknowledge, sort out, reduce or compare (xsi.md 4.4, 6, 9.1). Runs on the wire path. */
import type { EventDraft, Link } from '../session/types'
import { freeDrafts } from './agentMapping'
import { reduce } from './events'
import type { DriverMemory } from './memory'
import { INITIAL_EVENTS, PACKAGES, QUEUE_PACKAGES, SNAPSHOT_EVENTS, SUBSCRIPTION_TERMINATED, type XsiEvent } from './protocol'
import type { OwnMark, Person, ReduceContext } from './scope'
import { isServiceEvent } from './serviceMapping'
import { snapshotOf } from './snapshot'
import { keyOf, type Wanted } from './subscriptions'

/** ms that events of a subscription whose id is still on its way are kept. */
const HOLD_MS = 5000
const MAX_HELD = 1000
/** Events that may wait between the opening of the channel and the resync. */
const MAX_BACKLOG = 10_000
/** ms after a queue call within which the server tells of wrap-up. */
const SETTLE_MS = 300
/** ms that the state of agents is waited for when all the rest is there. */
const AGENT_MS = 300
/** ms within which the answer to a renewal counts as present values. */
const REFRESH_MS = 10_000

export interface InboxOptions {
  readonly link: Link
  readonly memory: DriverMemory
  readonly wantedOf: (subscriptionId: string) => Wanted | undefined
  /** Whether the account is told of this user or queue. */
  readonly concerns: (targetId: string) => boolean
  readonly subscribing: () => boolean
  readonly terminated: (subscriptionId: string) => void
  /** Numbers are missing: these subscriptions must be read anew. */
  readonly gap: (subscriptionIds: readonly string[]) => void
}

/** One object for all events of a connection: the reducers only read it. */
class Context implements ReduceContext {
  now = 0
  advancedCall = false

  constructor (private readonly options: InboxOptions, private readonly queues: ReadonlySet<string>) {}

  person (id: string): Person | undefined {
    return this.options.memory.people.get(id)
  }

  personAt (number: string): Person | undefined {
    const { people } = this.options.memory
    return people.get(people.find(number) ?? '')
  }

  targetOf (subscriptionId: string): string | undefined {
    const ownerId = this.options.wantedOf(subscriptionId)?.ownerId
    return ownerId === undefined ? undefined : this.person(ownerId)?.id ?? ownerId
  }

  hasQueueEvents (queueId: string): boolean {
    return this.queues.has(queueId)
  }

  serviceChanged (targetId: string, type: string, info: unknown): boolean {
    return this.options.memory.serviceChanged(targetId, type, info)
  }

  ownMark (legId: string): OwnMark | undefined {
    return this.options.memory.ownMark(legId, this.options.link.clock.now())
  }
}

/** The stream that an event came over: the only one that may acknowledge it (xsi.md 4.4). */
export interface EventSource { acknowledge (eventId: string, known: boolean): void }

/** A target whose present state the server was asked for, and the package by which it will be told. */
export interface Awaited { readonly wanted: Wanted; readonly package: string }

interface HeldEvent { readonly event: XsiEvent; readonly source: EventSource; readonly until: number }

export class Inbox {
  private readonly queues = new Set<string>()
  private readonly context: Context
  private held: HeldEvent[] = []
  private backlog: XsiEvent[] | undefined = []
  private readonly refreshing = new Map<string, { until: number; told: Set<string> }>()
  /** By subscription and type of the event that is waited for. */
  private readonly awaited = new Map<string, Awaited>()
  private arrived: (() => void) | undefined
  private holdTimer: unknown
  private gapTimer: unknown
  private readonly settleTimers = new Map<string, unknown>()

  constructor (private readonly options: InboxOptions) {
    this.context = new Context(options, this.queues)
    options.link.signal.addEventListener('abort', () => this.stop(), { once: true })
  }

  /** One event of the stream. Never throws. */
  take (event: XsiEvent, source: EventSource): void {
    const { link, memory, wantedOf, subscribing } = this.options
    if (wantedOf(event.subscriptionId) === undefined) {
      if (subscribing() && this.held.length < MAX_HELD) this.hold(event, source)
      else source.acknowledge(event.eventId, false)
      return
    }
    source.acknowledge(event.eventId, true)
    const now = link.clock.now()
    if (memory.sequence.take(event.subscriptionId, event.sequence, event.eventId, now) === 'duplicate') return
    if (this.gapTimer === undefined) this.watchGap(now)
    if (this.backlog === undefined) this.handle(event)
    else if (this.backlog.length < MAX_BACKLOG) this.backlog.push(event)
    else link.warn('backlogFull', 'More events came while connecting than can be kept; the state read afterwards makes up for them.')
  }

  /** A subscription is known by its id from now on: what came before its reply is taken in. */
  known (id: string, wanted: Wanted): void {
    if (wanted.ownerId !== undefined && wanted.packages.some((name) => QUEUE_PACKAGES.has(name))) {
      if (wanted.packages.includes(PACKAGES.queue)) this.queues.add(wanted.ownerId)
      if (this.options.memory.people.get(wanted.ownerId) === undefined) this.options.memory.people.addQueue(wanted.ownerId)
    }
    if (this.held.length === 0) return
    const ready = this.held.filter(({ event }) => event.subscriptionId === id)
    this.held = this.held.filter(({ event }) => event.subscriptionId !== id)
    for (const { event, source } of ready) this.take(event, source)
  }

  /** The server was asked for present values of this target. */
  expect (wanted: Wanted): void {
    if (wanted.ownerId === undefined) return
    const key = keyOf(wanted)
    this.refreshing.set(key, { until: this.options.link.clock.now() + REFRESH_MS, told: new Set() })
    for (const name of wanted.packages) {
      const type = INITIAL_EVENTS[name]
      const agent = name === PACKAGES.agent && this.options.memory.withoutInitial.has(wanted.ownerId)
      if (type !== undefined && !agent) this.awaited.set(`${key}\n${type}`, { wanted, package: name })
    }
  }

  /** It was refused: nothing is to be waited for. */
  forget (wanted: Wanted): void {
    const key = keyOf(wanted)
    this.refreshing.delete(key)
    for (const name of wanted.packages) this.awaited.delete(`${key}\n${INITIAL_EVENTS[name] ?? ''}`)
    this.arrived?.()
  }

  /** From now on events go through at once; those that came while connecting go first. */
  goLive (): void {
    const waiting = this.backlog ?? []
    this.backlog = undefined
    for (const event of waiting) this.handle(event)
  }

  /**
   * Waits until every initial event asked for has come, `ms` at most. Users who are no agents get none for the agent package and are told by no refusal
   * either: these are waited for only a moment longer than the others. @returns the targets whose event stayed away
   */
  async initialEvents (ms: number): Promise<Awaited[]> {
    await this.arrival(ms, () => [...this.awaited.values()].every((one) => one.package === PACKAGES.agent))
    await this.arrival(Math.min(ms, AGENT_MS), () => this.awaited.size === 0)
    const missing = [...this.awaited.values()]
    this.awaited.clear()
    return missing
  }

  private async arrival (ms: number, enough: () => boolean): Promise<void> {
    const { link } = this.options
    if (enough() || link.signal.aborted) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        link.clock.clearTimeout(timer)
        link.signal.removeEventListener('abort', done)
        this.arrived = undefined
        resolve()
      }
      const timer = link.clock.setTimeout(done, ms)
      link.signal.addEventListener('abort', done, { once: true })
      this.arrived = () => { if (enough()) done() }
    })
  }

  /** What the mapping of replies to GET needs. */
  reduceContext (): ReduceContext {
    this.context.now = this.options.link.clock.now() + this.options.link.clockOffsetMs
    this.context.advancedCall = false
    return this.context
  }

  private handle (event: XsiEvent): void {
    const { link } = this.options
    try {
      this.map(event)
    } catch (error) {
      link.warn('badEvent', `An event (${event.type.slice(0, 60)}) could not be read: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  private map (event: XsiEvent): void {
    const { link, wantedOf, terminated } = this.options
    if (event.type === SUBSCRIPTION_TERMINATED) return terminated(event.subscriptionId)
    const wanted = wantedOf(event.subscriptionId)
    const { context } = this
    context.now = link.clock.now() + link.clockOffsetMs
    const targetId = event.targetId ?? context.targetOf(event.subscriptionId)
    if (targetId !== undefined && !this.options.concerns(targetId)) return
    context.advancedCall = wanted?.packages.includes(PACKAGES.advancedCall) === true
    const refreshing = this.refreshing.size > 0 && wanted !== undefined && this.isRefreshing(wanted, event)
    const snapshot = refreshing || SNAPSHOT_EVENTS.has(event.type) ? snapshotOf(link.picture, event, context, refreshing) : undefined
    if (snapshot !== undefined) link.reconcile(snapshot)
    else this.deliver(event, refreshing)
    if (this.awaited.size > 0 && wanted !== undefined && SNAPSHOT_EVENTS.has(event.type) && this.awaited.delete(`${keyOf(wanted)}\n${event.type}`)) this.arrived?.()
  }

  private deliver (event: XsiEvent, refreshing: boolean): void {
    const { link } = this.options
    const drafts = reduce(link.picture, event, this.context)
    if (drafts.length === 0) return
    link.receive(refreshing ? drafts.map((draft) => ({ ...draft, initial: true as const })) : drafts, event.raw)
    for (const { stats } of drafts) if (stats !== undefined) this.options.memory.noteStats(stats)
    for (const draft of drafts) if (draft.event === 'call.ended' && draft.call?.agent !== undefined) this.settle(draft)
  }

  private isRefreshing (wanted: Wanted, event: XsiEvent): boolean {
    const key = keyOf(wanted)
    const asked = this.refreshing.get(key)
    if (asked === undefined || asked.told.has(event.type) || !isServiceEvent(event.data)) return false
    asked.told.add(event.type)
    return asked.until >= this.options.link.clock.now()
  }

  private hold (event: XsiEvent, source: EventSource): void {
    const { clock } = this.options.link
    this.held.push({ event, source, until: clock.now() + HOLD_MS })
    this.holdTimer ??= clock.setTimeout(() => this.releaseHeld(), HOLD_MS)
  }

  private releaseHeld (): void {
    const { clock } = this.options.link
    this.holdTimer = undefined
    const now = clock.now()
    const late = this.held.filter(({ until }) => until <= now)
    this.held = this.held.filter(({ until }) => until > now)
    for (const { event, source } of late) source.acknowledge(event.eventId, false)
    if (this.held.length > 0) this.holdTimer = clock.setTimeout(() => this.releaseHeld(), Math.max(1, this.held[0].until - now))
  }

  private watchGap (now: number): void {
    const { link, memory, gap } = this.options
    const due = memory.sequence.dueIn(now)
    if (due === undefined) return
    this.gapTimer = link.clock.setTimeout(() => {
      this.gapTimer = undefined
      const lost = memory.sequence.lost(link.clock.now())
      if (lost.length > 0) {
        link.warn('eventsLost', 'Numbers are missing in the event stream: the state is read anew.')
        gap(lost)
      }
      this.watchGap(link.clock.now())
    }, due)
  }

  /** A queue call is over: free again, unless the server says something else in the next moment. */
  private settle ({ call }: EventDraft): void {
    const { link } = this.options
    const agentId = call?.owner.id
    if (agentId === undefined || this.settleTimers.has(agentId) || link.picture.agent(agentId)?.state !== 'busy') return
    this.settleTimers.set(agentId, link.clock.setTimeout(() => {
      this.settleTimers.delete(agentId)
      const drafts = freeDrafts(link.picture, agentId, link.clock.now() + link.clockOffsetMs)
      if (drafts.length > 0) link.receive(drafts)
    }, SETTLE_MS))
  }

  private stop (): void {
    const { clock } = this.options.link
    for (const timer of [this.holdTimer, this.gapTimer, ...this.settleTimers.values()]) if (timer !== undefined) clock.clearTimeout(timer)
    this.settleTimers.clear()
    this.held = []
    this.backlog = []
  }
}
