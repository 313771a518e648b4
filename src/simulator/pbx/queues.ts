import { type Core } from './core'
import { type Ending } from './endings'
import { MOST_REDIRECTIONS, type Way } from './routing'
import { type Agent, type CauseName, type Connection, type Queue, type QueueMember, Refusal } from './types'

/** A call that stays although nobody is logged in goes after this time. */
const STRAND_SECONDS = 10

/** Automatic call distribution: callers wait in line, agents who are free are rung. */
export class Queues {
  /** Agents who did not answer an entry, by the key of the queue's connection. */
  private readonly tried = new Map<string, Set<string>>()
  /** When an agent last had a queue call, for `longestIdle`. */
  private readonly lastServed = new Map<string, number>()

  constructor (private readonly core: Core) {}

  /** A call comes to a queue. Returns the queue's connection while it waits (or whatever took it: night service, overflow). */
  enter (way: Way, queue: Queue): Connection | undefined {
    const now = this.core.now()
    const entry = this.core.open(way.call, this.core.numbering.partyOfQueue(queue), { state: 'queued', queueKey: queue.key, redirections: way.redirections, remote: way.caller.party })
    if (queue.night.enabled) return this.turnAway(way, queue, entry, 'night', queue.night.to)
    queue.figures.offered++
    this.core.change(way.caller, { state: 'queued', personality: 'originator', remote: entry.party, ...this.core.unheld(way.caller) }, { type: 'queued', cause: 'queued', queueKey: queue.key, related: [entry.key] })
    entry.queuedAt = now
    this.core.parts.transfers.forget(way.call.key)
    queue.entries.splice(way.toFront === true ? 0 : queue.entries.length, 0, entry.key)
    this.core.tell({ type: 'queued', cause: 'queued', queueKey: queue.key, related: [way.caller.key], detail: { position: this.position(entry) } }, entry)
    const { overflow } = queue
    if (overflow?.size !== undefined && queue.entries.length > overflow.size) return this.overflow(entry, queue, 'overflowSize')
    if (overflow?.afterSeconds !== undefined) this.core.timers.set(entry.key, 'overflow', overflow.afterSeconds * 1000, () => { this.overflow(entry, queue, 'overflowTime') })
    if (!this.staffed(queue)) this.core.timers.set(entry.key, 'strand', STRAND_SECONDS * 1000, () => { if (!this.staffed(queue)) this.strand(entry) })
    this.look()
    return entry
  }

  /** Place in line from 1; 0 when it does not wait. */
  position (entry: Connection): number {
    return (this.core.queues.get(entry.queueKey ?? '')?.entries.indexOf(entry.key) ?? -1) + 1
  }

  /** Rings free agents for waiting calls, when the present operation is complete. */
  look (): void {
    for (const queue of this.core.queues.values()) {
      if (queue.entries.length > 0) this.core.afterOperation(`distribute ${queue.key}`, () => { this.distribute(queue) })
    }
  }

  /** Somebody logged in or out, joined or left: calls of a queue without anybody are stranded. */
  staffChanged (): void {
    this.core.afterOperation('strand', () => { this.strandAll() })
  }

  /** An agent answered: the queue's part is over, other agents stop ringing. */
  answered (connection: Connection): void {
    const entry = this.core.connections.get(connection.queueConnection ?? '')
    const queue = this.core.queues.get(connection.queueKey ?? '')
    if (entry === undefined || entry.state === 'null' || queue === undefined) return
    queue.figures.answered++
    queue.figures.waitSeconds += Math.round((this.core.now() - entry.startedAt) / 1000)
    this.lastServed.set(connection.agentKey ?? '', this.core.now())
    for (const other of this.offers(entry)) if (other !== connection) this.core.parts.endings.finish(other, { cause: 'answeredElsewhere', releasedBy: 'remote' })
    this.leave(entry, { cause: 'normal', releasedBy: 'system', related: [connection.key], ...(connection.agentKey === undefined ? {} : { agentKey: connection.agentKey }) })
  }

  /** An agent who was rung did not take the call: it stays in line and the next one is tried. */
  bounced (offer: Connection, cause: 'bounced' | 'rejected'): void {
    const entry = this.core.connections.get(offer.queueConnection ?? '')
    const queue = this.core.queues.get(offer.queueKey ?? '')
    const agent = this.core.agents.get(offer.agentKey ?? '')
    this.core.parts.endings.finish(offer, { cause, releasedBy: cause === 'rejected' ? 'local' : 'system' })
    if (entry === undefined || entry.state === 'null' || queue === undefined || agent === undefined) return
    this.triedFor(entry).add(agent.key)
    this.core.tell({ type: 'callInformation', cause: 'bounced', queueKey: queue.key, agentKey: agent.key, related: [offer.key], detail: { changed: ['bounced'], position: this.position(entry) } }, entry)
    if (cause === 'bounced' && queue.noAnswer === 'nextAndNotReady' && agent.loggedIn) this.core.parts.agents.setRouting(agent, 'notReady', undefined, 'system')
    this.look()
  }

  /** An agent sends a call on that the queue rings him for: the queue loses it. */
  taken (offer: Connection): void {
    const entry = this.core.connection(offer.queueConnection ?? '')
    for (const other of this.offers(entry)) if (other !== offer) this.core.parts.endings.finish(other, { cause: 'answeredElsewhere', releasedBy: 'remote' })
    this.leave(entry, { cause: 'transfer', releasedBy: 'remote', related: [offer.key] })
  }

  /** A call leaves the line; agents who are rung for it stop ringing. */
  leave (entry: Connection, ending: Ending): void {
    const queue = this.core.queue(entry.queueKey ?? '')
    const waitedMs = entry.queuedAt === undefined ? 0 : this.core.now() - entry.queuedAt
    queue.entries = queue.entries.filter((key) => key !== entry.key)
    this.tried.delete(entry.key)
    if (ending.cause === 'abandoned') queue.figures.abandoned++
    if (ending.cause === 'overflowTime' || ending.cause === 'overflowSize') queue.figures.overflowed++
    const offers = this.offers(entry).filter(({ key }) => ending.related?.includes(key) !== true)
    this.core.parts.endings.finish(entry, { ...ending, type: ending.type ?? 'dequeued', detail: { ...ending.detail, waitedMs } })
    for (const offer of offers) this.core.parts.endings.finish(offer, { cause: 'cancelled', releasedBy: 'remote' })
  }

  /** Sends a waiting call elsewhere, as a supervisor does. */
  redirect (entry: Connection, to: string, cause: CauseName = 'transfer'): void {
    const resolved = this.core.numbering.resolve(to)
    if (resolved.kind === 'invalid') throw new Refusal('invalidNumber', `${to} cannot be dialled`)
    this.send(this.waiting(entry), to, cause)
  }

  /** Ends a waiting call. */
  release (entry: Connection): void {
    const caller = this.core.otherEnd(this.waiting(entry))
    this.leave(entry, { cause: 'normal', releasedBy: 'local' })
    if (caller !== undefined) this.core.parts.endings.finish(caller, { cause: 'normal', releasedBy: 'remote' })
  }

  /** Moves a waiting call to a place in line, from 0; returns its position, from 1. */
  reorder (entry: Connection, index: number, change: 'reordered' | 'promoted' = 'reordered'): number {
    const queue = this.core.queue(this.waiting(entry).queueKey ?? '')
    if (!Number.isInteger(index) || index < 0 || index >= queue.entries.length) throw new Refusal('invalidValue', `place ${index} does not exist`)
    queue.entries = queue.entries.filter((key) => key !== entry.key)
    queue.entries.splice(index, 0, entry.key)
    this.core.tell({ type: 'callInformation', queueKey: queue.key, detail: { changed: ['position'], change, position: index + 1 } }, entry)
    this.look()
    return index + 1
  }

  setNight (queue: Queue, enabled: boolean, to?: string): void {
    const target = to ?? queue.night.to
    queue.night = { enabled, ...(target === undefined ? {} : { to: target }) }
    this.core.tell({ type: 'queueMode', queueKey: queue.key, cause: 'night', detail: { night: enabled } })
  }

  reset (): void {
    this.tried.clear()
    this.lastServed.clear()
  }

  private distribute (queue: Queue): void {
    for (const key of [...queue.entries]) {
      const entry = this.core.connections.get(key)
      if (entry === undefined || entry.state === 'null' || this.offers(entry).length > 0) continue
      const agents = this.candidates(queue, entry)
      if (agents.length === 0) return
      for (const agent of queue.policy === 'ringAll' ? agents : agents.slice(0, 1)) this.offer(queue, entry, agent)
    }
  }

  private offer (queue: Queue, entry: Connection, agent: Agent): void {
    const call = this.core.callOf(entry)
    const caller = this.core.otherEnd(entry)
    const waitedMs = this.core.now() - (entry.queuedAt ?? entry.startedAt)
    this.core.tell({ type: 'offered', cause: 'offered', queueKey: queue.key, agentKey: agent.key, userKey: agent.userKey, detail: { waitedMs } }, entry)
    const leg = this.core.parts.routing.ring(call, this.core.user(agent.userKey), {
      agentKey: agent.key, queueKey: queue.key, queueConnection: entry.key, queuedAt: entry.queuedAt ?? entry.startedAt, redirections: entry.redirections,
      ...(caller === undefined ? {} : { remote: caller.party })
    }, [entry.key])
    this.core.timers.set(leg.key, 'noAnswer', queue.ringSeconds * 1000, () => { this.bounced(leg, 'bounced') })
  }

  private candidates (queue: Queue, entry: Connection): Agent[] {
    const free = this.members(queue).filter(({ agent, member }) => !member.paused && this.core.parts.agents.free(agent))
    const tried = this.triedFor(entry)
    const fresh = free.filter(({ agent }) => !tried.has(agent.key))
    if (fresh.length === 0) tried.clear()
    const list = fresh.length === 0 ? free : fresh
    if (queue.policy === 'longestIdle') list.sort((a, b) => this.idleSince(a.agent) - this.idleSince(b.agent))
    return list.sort((a, b) => a.member.priority - b.member.priority).map(({ agent }) => agent)
  }

  private idleSince (agent: Agent): number {
    return this.lastServed.get(agent.key) ?? 0
  }

  /** Joined members who are logged in. */
  private members (queue: Queue): { agent: Agent; member: QueueMember }[] {
    return queue.members.flatMap((member) => {
      const agent = this.core.agents.get(member.agentKey)
      return agent !== undefined && member.joined && agent.loggedIn ? [{ agent, member }] : []
    })
  }

  private staffed (queue: Queue): boolean {
    return this.members(queue).length > 0
  }

  private offers (entry: Connection): Connection[] {
    return this.core.openIn(this.core.callOf(entry)).filter((other) => other.queueConnection === entry.key && other.state === 'alerting')
  }

  private triedFor (entry: Connection): Set<string> {
    const tried = this.tried.get(entry.key) ?? new Set<string>()
    this.tried.set(entry.key, tried)
    return tried
  }

  private strandAll (): void {
    for (const queue of this.core.queues.values()) {
      if (queue.entries.length > 0 && !this.staffed(queue)) for (const key of [...queue.entries]) this.strand(this.core.connection(key))
    }
  }

  private strand (entry: Connection): void {
    const caller = this.core.otherEnd(entry)
    this.leave(entry, { cause: 'stranded', releasedBy: 'system' })
    if (caller !== undefined) this.core.parts.endings.finish(caller, { cause: 'stranded', releasedBy: 'remote' })
  }

  private overflow (entry: Connection, queue: Queue, cause: 'overflowTime' | 'overflowSize'): Connection | undefined {
    return this.send(entry, queue.overflow?.to ?? '', cause)
  }

  private send (entry: Connection, to: string, cause: CauseName): Connection | undefined {
    const caller = this.core.otherEnd(entry)
    const call = this.core.callOf(entry)
    const target = this.core.numbering.party(this.core.numbering.resolve(to))
    this.leave(entry, { cause, releasedBy: 'system', detail: { to: target } })
    if (caller === undefined) return undefined
    const way: Way = { call, caller, redirections: entry.redirections }
    if (way.redirections.length >= MOST_REDIRECTIONS) return this.core.parts.routing.fail(way, 'notReachable')
    return this.core.parts.routing.deliver({ ...way, redirections: [{ party: entry.party, cause, at: this.core.now() }, ...entry.redirections] }, to)
  }

  /** Night service: the call never waits. */
  private turnAway (way: Way, queue: Queue, entry: Connection, cause: CauseName, to: string | undefined): Connection | undefined {
    const target = to === undefined ? undefined : this.core.numbering.party(this.core.numbering.resolve(to))
    this.core.parts.endings.finish(entry, { type: 'diverted', cause, releasedBy: 'system', ...(target === undefined ? {} : { detail: { to: target, queue: queue.key } }) })
    if (to === undefined || way.redirections.some(({ party }) => party.queueKey === queue.key)) return this.core.parts.routing.fail(way, 'notReachable')
    return this.core.parts.routing.deliver({ ...way, redirections: [{ party: entry.party, cause, at: this.core.now() }, ...way.redirections] }, to)
  }

  private waiting (entry: Connection): Connection {
    if (entry.party.kind !== 'queue' || entry.state !== 'queued') throw new Refusal('wrongState', `${entry.key} does not wait in a queue`)
    return entry
  }
}
