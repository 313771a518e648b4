import {
  copyPlain, TERMINAL_EVENTS, AFTER_END_EVENTS,
  type Agent, type Call, type DeviceState, type Dnd, type Forwarding, type Mailbox, type Presence, type Queue, type TelephonyEvent
} from '../model'
import { Fifo } from './fifo'
import { QueueLegs } from './queueLegs'

/** What is known of an account now. Read only: the session folds events into it. */
export interface PictureView {
  /** Open legs by id; ended legs are found by `tombstone`. */
  call (id: string): Call | undefined
  calls (): IterableIterator<Call>
  callsOf (ownerId: string): Call[]
  /** A leg that ended less than 60 s ago. */
  tombstone (id: string): Call | undefined
  agent (id: string): Agent | undefined
  agents (): IterableIterator<Agent>
  queue (id: string): Queue | undefined
  queues (): IterableIterator<Queue>
  forwarding (userId: string): Forwarding | undefined
  dnd (userId: string): Dnd | undefined
  mailbox (userId: string): Mailbox | undefined
  presence (userId: string): Presence | undefined
  device (id: string): DeviceState | undefined
}

/** ms that an ended leg is remembered, so that late messages for it are recognised (model.md R3). */
export const TOMBSTONE_MS = 60_000
/** ms that an ended leg is remembered while its disposition is still due. */
const DISPOSITION_MS = 3_600_000
const MAX_TOMBSTONES = 5000
const MAX_LEGS = 50_000

interface Grave { call: Call; until: number }

/**
 * The calls, agents, queues and settings of one account as its events told them. Every object in it is a copy of its own,
 * so a flow that changes its message cannot change what is known here.
 */
export class Picture implements PictureView {
  private readonly legs = new Map<string, Call>()
  private readonly byOwner = new Map<string, Set<string>>()
  private readonly graves = new Map<string, Grave>()
  /** Graves in the order of their end: ordinary ones, and those whose disposition is due. */
  private readonly order = new Fifo<Grave>()
  private readonly dueOrder = new Fifo<Grave>()
  private readonly otherIds = new Map<string, string>()
  private readonly touched = new Map<string, number>()
  private readonly agentsById = new Map<string, Agent>()
  private readonly queueLegs = new QueueLegs()
  private readonly queuesById = new Map<string, Queue>()
  private readonly forwardings = new Map<string, Forwarding>()
  private readonly dnds = new Map<string, Dnd>()
  private readonly mailboxes = new Map<string, Mailbox>()
  private readonly presences = new Map<string, Presence>()
  private readonly devices = new Map<string, DeviceState>()

  /**
   * @param now ms of our own clock
   * @param vendorNow ms of the vendor's clock, in which the times of legs and queues are written (model.md R6)
   */
  constructor (private readonly now: () => number, private readonly vendorNow: () => number = now) {}

  call (id: string): Call | undefined {
    return this.legs.get(this.idOf(id))
  }

  calls (): IterableIterator<Call> {
    return this.legs.values()
  }

  callsOf (ownerId: string): Call[] {
    const found: Call[] = []
    for (const id of this.byOwner.get(ownerId) ?? []) {
      const call = this.legs.get(id)
      if (call !== undefined) found.push(call)
    }
    return found
  }

  tombstone (id: string): Call | undefined {
    const own = this.idOf(id)
    const grave = this.graves.get(own)
    if (grave === undefined) return undefined
    return grave.until > this.now() ? grave.call : undefined
  }

  agent (id: string): Agent | undefined {
    return this.agentsById.get(id)
  }

  agents (): IterableIterator<Agent> {
    return this.agentsById.values()
  }

  /** The queue as the vendor tells it; number waiting and longest wait come from its queue legs where the vendor is silent. */
  queue (id: string): Queue | undefined {
    return this.queueLegs.complete(id, this.queuesById.get(id), (leg) => this.legs.get(leg), this.vendorNow())
  }

  * queues (): IterableIterator<Queue> {
    for (const id of new Set([...this.queuesById.keys(), ...this.queueLegs.ids()])) {
      const queue = this.queue(id)
      if (queue !== undefined) yield queue
    }
  }

  forwarding (userId: string): Forwarding | undefined {
    return this.forwardings.get(userId)
  }

  dnd (userId: string): Dnd | undefined {
    return this.dnds.get(userId)
  }

  mailbox (userId: string): Mailbox | undefined {
    return this.mailboxes.get(userId)
  }

  presence (userId: string): Presence | undefined {
    return this.presences.get(userId)
  }

  device (id: string): DeviceState | undefined {
    return this.devices.get(id)
  }

  /** Queues as the vendor told them, and every user with a known setting of that kind, for `presentState`. */
  settings (): { queues: Map<string, Queue>; forwardings: Map<string, Forwarding>; dnds: Map<string, Dnd>; mailboxes: Map<string, Mailbox> } {
    return { queues: this.queuesById, forwardings: this.forwardings, dnds: this.dnds, mailboxes: this.mailboxes }
  }

  /** ms of our clock when a leg or an agent was last told of; undefined when never. */
  touchedAt (id: string): number | undefined {
    return this.touched.get(this.idOf(id))
  }

  /** The id under which a leg is known here: another one after `rename`. */
  idOf (id: string): string {
    return this.otherIds.size === 0 ? id : this.otherIds.get(id) ?? id
  }

  /** The vendor numbers its legs anew after a gap: `newId` means the leg known as `knownId` from now on (model.md 6). */
  rename (newId: string, knownId: string): void {
    if (newId !== knownId && !this.legs.has(newId)) this.otherIds.set(newId, knownId)
  }

  /** Takes in one event that was stamped and is about to be sent. */
  fold (event: TelephonyEvent): void {
    if (event.call !== undefined) this.foldCall(event.event, event.call)
    if (event.agent !== undefined) {
      this.agentsById.set(event.agent.id, copyPlain(event.agent))
      this.touched.set(event.agent.id, this.now())
    }
    if (event.queue !== undefined) this.queuesById.set(event.queue.id, copyPlain(event.queue))
    this.foldSettings(event)
  }

  /** Legs of conversation `from` now belong to `to` (model.md 2.1, merge). */
  moveConversation (from: string, to: string, mergedFrom: readonly string[]): void {
    for (const call of this.legs.values()) if (call.conversationId === from) Object.assign(call, { conversationId: to, mergedFrom: [...mergedFrom] })
    for (const { call } of this.graves.values()) if (call.conversationId === from) Object.assign(call, { conversationId: to, mergedFrom: [...mergedFrom] })
  }

  /** Changes what is known of an open leg without an event: what an action of ours adds to it. */
  amend (id: string, change: Pick<Partial<Call>, 'clientRef' | 'related'>): void {
    const call = this.call(id)
    if (call !== undefined) Object.assign(call, copyPlain(change))
  }

  /** Forgets everything: the session was closed, the next connection is a first one. */
  clear (): void {
    for (const memory of [
      this.legs, this.byOwner, this.graves, this.order, this.dueOrder, this.otherIds, this.touched, this.agentsById, this.queuesById,
      this.forwardings, this.dnds, this.mailboxes, this.presences, this.devices
    ]) memory.clear()
    this.queueLegs.clear()
  }

  private foldCall (name: string, told: Call): void {
    const grave = this.graves.get(told.id)
    if (grave !== undefined && AFTER_END_EVENTS.has(name)) {
      grave.call = copyPlain(told)
      if (told.dispositionDue === undefined) grave.until = Math.min(grave.until, this.now() + TOMBSTONE_MS)
      return
    }
    if (TERMINAL_EVENTS.has(name) || told.state === 'ended') return this.bury(copyPlain(told))
    const call = copyPlain(told)
    const before = this.legs.get(call.id)
    if (before !== undefined && before.owner.id !== call.owner.id) this.leaveOwner(before)
    this.legs.set(call.id, call)
    this.touched.set(call.id, this.now())
    const ofOwner = this.byOwner.get(call.owner.id)
    if (ofOwner === undefined) this.byOwner.set(call.owner.id, new Set([call.id]))
    else ofOwner.add(call.id)
    if (call.owner.kind === 'queue') this.queueLegs.enter(call)
    if (this.legs.size > MAX_LEGS) this.forgetOldest()
  }

  private foldSettings (event: TelephonyEvent): void {
    const user = event.user?.id
    if (event.forwarding !== undefined) {
      const id = event.forwarding.user.id ?? user
      if (id !== undefined) this.forwardings.set(id, mergeForwarding(this.forwardings.get(id), event.forwarding))
    }
    if (event.device?.id !== undefined) this.devices.set(event.device.id, { ...this.devices.get(event.device.id), ...copyPlain(event.device) })
    if (user === undefined) return
    if (event.dnd !== undefined) this.dnds.set(user, copyPlain(event.dnd))
    if (event.voicemail !== undefined) this.mailboxes.set(user, copyPlain(event.voicemail))
    if (event.presence !== undefined) this.presences.set(user, copyPlain(event.presence))
  }

  private bury (call: Call): void {
    this.drop(call)
    const now = this.now()
    const isDue = call.dispositionDue === true
    const grave: Grave = { call, until: now + (isDue ? DISPOSITION_MS : TOMBSTONE_MS) }
    this.graves.set(call.id, grave)
    this.touched.set(call.id, now)
    const order = isDue ? this.dueOrder : this.order
    order.push(grave)
    this.sweep(this.order, now)
    this.sweep(this.dueOrder, now)
  }

  private sweep (order: Fifo<Grave>, now: number): void {
    for (let oldest = order.peek(); oldest !== undefined && (oldest.until <= now || order.size > MAX_TOMBSTONES); oldest = order.peek()) {
      order.shift()
      const { id } = oldest.call
      if (this.graves.get(id) !== oldest) continue
      this.graves.delete(id)
      this.forgetId(id)
    }
  }

  private drop (call: Call): void {
    const known = this.legs.get(call.id)
    if (known === undefined) return
    this.leaveOwner(known)
    this.legs.delete(call.id)
  }

  private leaveOwner (call: Call): void {
    const ofOwner = this.byOwner.get(call.owner.id)
    ofOwner?.delete(call.id)
    if (ofOwner?.size === 0) this.byOwner.delete(call.owner.id)
    if (call.owner.kind === 'queue') this.queueLegs.leave(call)
  }

  private forgetOldest (): void {
    const oldest = this.legs.values().next().value
    if (oldest === undefined) return
    this.drop(oldest)
    this.forgetId(oldest.id)
  }

  private forgetId (id: string): void {
    // The id may be in use again, by another leg.
    if (!this.legs.has(id)) this.touched.delete(id)
    if (this.otherIds.size === 0) return
    for (const [other, known] of this.otherIds) if (known === id) this.otherIds.delete(other)
  }
}

/** An incomplete message only replaces the rules it names (model.md 7). */
function mergeForwarding (known: Forwarding | undefined, told: Forwarding): Forwarding {
  const copy = copyPlain(told)
  delete copy.changed
  if (told.complete || known === undefined) return copy
  return { ...copy, rules: { ...known.rules, ...copy.rules }, complete: known.complete }
}
