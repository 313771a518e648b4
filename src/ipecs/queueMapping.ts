/** Waiting callers as legs of their group, and how they leave it (ipecs.md 7.1; model.md 3.3, 8). */
import { legId, type Call, type Queue, type Reason } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import { agentOfDevice } from './agentMapping'
import type { AcdRecord, CtiEvent } from './frames'
import type { Waiting } from './memory'
import { defined, number } from './read'
import { causeOf, draft, endLeg, legsOfDevice, legStep, partyOf, timeOf, type Scope } from './scope'

/** ms after which a caller whose agent's phone fell silent is taken for gone, where no other stream tells. */
const GONE_MS = 300

/** The group of a call, by its number or by what the ACD stream told. */
export function queueOf ({ memory }: Scope, device: string, ref: string, group: string | undefined): Call['queue'] | undefined {
  const rung = memory.call(ref)?.offered
  const told = group ?? (rung?.device === device ? rung.queue : undefined)
  return told === undefined ? undefined : memory.groups.ref(memory.groups.canonical(told))
}

function waitingOf ({ memory }: Scope, ref: string): Waiting | undefined {
  for (const one of memory.waiting.values()) if (one.ref === ref) return one
  return undefined
}

/** CTI `queueing` names no call: the caller and the group say which it is (model.md 3.3). */
function waitingBy ({ memory }: Scope, queue: string, calling: string | undefined, isFree: (one: Waiting) => boolean): Waiting | undefined {
  if (calling === undefined) return undefined
  for (const one of memory.waiting.values()) if (one.calling === calling && memory.groups.canonical(one.queue) === queue && isFree(one)) return one
  return undefined
}

function queueLeg (scope: Scope, id: string, queue: string, ref: string | undefined, calling: string | undefined, line: string | undefined): CallDraft {
  const { memory } = scope
  const named = memory.groups.ref(queue)
  const caller = ref === undefined ? undefined : memory.call(ref)?.caller
  const from = partyOf(memory, caller?.number ?? calling, caller?.name)
  const did = ref === undefined ? undefined : memory.call(ref)?.did
  return defined({
    id, vendorId: ref, correlationId: ref === undefined ? undefined : memory.legs.correlation(ref), owner: { kind: 'queue' as const, ...named }, state: 'queued' as const, direction: 'inbound' as const,
    from, remote: from, to: { ...named, id: undefined, kind: 'queue' as const }, dialed: did === undefined ? undefined : { number: did }, trunk: line === undefined ? undefined : { id: line, number: line },
    queue: named, startedAt: timeOf(scope), queuedAt: timeOf(scope)
  }) as CallDraft
}

function enter (scope: Scope, one: Waiting, more: Omit<EventDraft, 'event'> = {}): EventDraft {
  scope.memory.waiting.set(one.leg, one)
  const leg = queueLeg(scope, one.leg, one.queue, one.ref, one.calling, one.line)
  return draft('call.queued', { ...more, call: { ...leg, to: defined(leg.to ?? {}) } })
}

/** ACD 62: a call enters a group's queue; bin 0 is no group. */
export function enterQueue (scope: Scope, { code, ref, data1, source }: AcdRecord): EventDraft[] {
  const { memory, now } = scope
  if (ref === undefined) return []
  const info = memory.call(ref)
  const calling = info?.caller?.number ?? (source?.kind === 'station' ? source.number : undefined)
  if (calling !== undefined) memory.groups.tellBin(`wait ${calling}`, data1, now)
  const queue = memory.groups.byBin(data1)
  const before = waitingOf(scope, ref)
  if (queue === undefined || (before !== undefined && memory.groups.canonical(before.queue) === queue)) return []
  if (before !== undefined) return [...leave(scope, before, 'overflow'), ...enterQueue(scope, { code, ref, ...(data1 === undefined ? {} : { data1 }), ...(source === undefined ? {} : { source }) })]
  const line = source?.kind === 'line' ? source.number : info?.line
  const met = waitingBy(scope, queue, calling, (one) => one.ref === undefined)
  if (met !== undefined) return adopt(scope, met, ref, line)
  const one = defined({ leg: memory.legs.begin(queue, ref), queue, ref, line, calling }) as Waiting
  return [enter(scope, one)]
}

/** A caller known from the other stream gets his callRefID. */
function adopt (scope: Scope, one: Waiting, ref: string, line?: string): EventDraft[] {
  const { memory, picture } = scope
  memory.waiting.set(one.leg, { ...one, ref, ...(line === undefined ? {} : { line }) })
  const leg = picture.call(one.leg)
  return leg === undefined ? [] : legStep(scope, leg, { ...leg, vendorId: ref, correlationId: memory.legs.correlation(ref), ...(line === undefined ? {} : { trunk: { id: line, number: line } }) })
}

/** CTI `queueing`: a caller waits for an agent of the group. */
export function queueing (scope: Scope, event: CtiEvent): EventDraft[] {
  const { memory, now } = scope
  const { device: queue, calling } = event
  if (queue === undefined) return []
  if (calling !== undefined) memory.groups.tellNumber(`wait ${calling}`, queue, now)
  const drafts = surplus(scope, queue, number(event.data.qCount), calling)
  const met = waitingBy(scope, queue, calling, () => true)
  if (met !== undefined) return drafts
  const leg = legId(queue, `wait-${event.serial ?? now}`, memory.legs.generation)
  return [...drafts, enter(scope, defined({ leg, queue, calling }) as Waiting, causeOf(event.cause, event.causeText))]
}

/** More callers without a callRefID than the switch counts: the oldest are gone, and nothing told how. */
function surplus (scope: Scope, queue: string, count: number | undefined, calling: string | undefined): EventDraft[] {
  if (count === undefined) return []
  const own = [...scope.memory.waiting.values()].filter((one) => one.queue === queue)
  const isMet = own.some((one) => one.calling === calling)
  const many = own.length + (isMet ? 0 : 1) - count
  return many <= 0 ? [] : own.filter((one) => one.ref === undefined && one.calling !== calling).slice(0, many).flatMap((one) => leave(scope, one, 'unknown', { derived: true }))
}

/** The caller is out of the queue. */
export function leave (scope: Scope, one: Waiting, reason: Reason, more: Omit<EventDraft, 'event' | 'call'> = {}, fields: Partial<CallDraft> = {}): EventDraft[] {
  scope.memory.waiting.delete(one.leg)
  scope.memory.due.drop(`gone ${one.leg}`)
  const leg = scope.picture.call(one.leg)
  return leg === undefined ? [] : [endLeg(scope, leg, reason, more, fields)]
}

/** The caller gave up, or went elsewhere: by callRefID, else by the line that fell free (ipecs.md 10, trap 23). */
export function leaveBy (scope: Scope, by: { ref?: string; line?: string }, reason: Reason): EventDraft[] {
  return [...scope.memory.waiting.values()].filter((one) => by.ref === undefined ? by.line !== undefined && one.line === by.line : one.ref === by.ref).flatMap((one) => leave(scope, one, reason))
}

/** A phone outside the group rings because the group sent the caller on: somebody pulled him out, or it overflowed. */
export function sentOn (scope: Scope, ref: string, by: string): EventDraft[] {
  const one = waitingOf(scope, ref)
  return one === undefined || scope.memory.groups.canonical(one.queue) !== by ? [] : leave(scope, one, 'transferred')
}

/** A phone of the group rings: the waiting caller is offered to it, and the two legs learn of each other. */
export function offered (scope: Scope, leg: CallDraft, ref: string): { leg: CallDraft; drafts: EventDraft[] } {
  const { memory, picture } = scope
  const queue = leg.queue?.id
  const drafts: EventDraft[] = []
  let one = waitingOf(scope, ref)
  if (one === undefined && queue !== undefined) {
    one = waitingBy(scope, queue, leg.from?.number, (other) => other.ref === undefined)
    if (one !== undefined) drafts.push(...adopt(scope, one, ref))
  }
  const waits = one === undefined ? undefined : picture.call(one.leg)
  if (one === undefined || waits === undefined) return { leg, drafts }
  memory.due.drop(`gone ${one.leg}`)
  const offeredTo = agentOfDevice(memory, leg.owner.id) ?? { id: leg.owner.id, number: leg.owner.id }
  drafts.push(draft('call.offered', { call: { ...waits, vendorId: ref, correlationId: memory.legs.correlation(ref), queue: { ...waits.queue, offeredTo } } }))
  return { leg: { ...leg, queue: leg.queue ?? memory.groups.ref(one.queue), related: [...leg.related ?? [], { kind: 'queueLeg', id: one.leg }] }, drafts }
}

/** An agent took the caller. */
export function answered (scope: Scope, leg: Pick<CallDraft, 'id' | 'owner' | 'direction'>, ref: string): EventDraft[] {
  const one = leg.direction === 'inbound' ? waitingOf(scope, ref) : undefined
  if (one === undefined) return []
  const agent = agentOfDevice(scope.memory, leg.owner.id) ?? { id: leg.owner.id, number: leg.owner.id }
  const waits = scope.picture.call(one.leg)
  return leave(scope, one, 'normal', {}, { agent, related: [...(waits?.related ?? []).filter(({ id }) => id !== leg.id), { kind: 'agentLeg', id: leg.id }] })
}

/** An agent's phone stopped ringing without an answer while the caller may still wait. */
export function unanswered (scope: Scope, ref: string, reason: Reason): EventDraft[] {
  const { memory, picture } = scope
  const one = waitingOf(scope, ref)
  const waits = one === undefined ? undefined : picture.call(one.leg)
  if (one === undefined || waits?.queue?.offeredTo === undefined) return []
  if (reason !== 'normal' && reason !== 'abandoned') return [bounced(waits)]
  // A plain clearing is the caller's, or the switch's after its time was over: the ACD stream tells; alone, nobody does.
  if (!memory.hasAcd) memory.due.set(`gone ${one.leg}`, scope.now + GONE_MS, (now) => leave({ ...scope, now }, one, 'abandoned', { derived: true }))
  return []
}

function bounced (waits: Call): EventDraft {
  const queue: NonNullable<Call['queue']> = { ...waits.queue, bounced: true }
  delete queue.offeredTo
  return draft('call.updated', { changes: ['queue.bounced', 'queue.offeredTo'], call: { ...waits, queue } })
}

/** CTI `queued`: our own device waits; no callRefID, so it is its only call that is not answered (ipecs.md 4.5). */
export function ownQueued (scope: Scope, event: CtiEvent & { readonly device: string }): EventDraft[] {
  const { memory } = scope
  const legs = legsOfDevice(scope, event.device)
  const leg = legs.findLast(({ transfer }) => transfer?.role === 'transferee' && transfer.to?.number === event.called) ?? legs.findLast(({ direction, state }) => direction === 'outbound' && state !== 'held' && state !== 'failed')
  if (leg === undefined) return [draft('vendor.queued')]
  const count = number(event.data.qCount)
  const queue = event.called === undefined ? {} : memory.groups.ref(event.called)
  return legStep(scope, leg, { ...leg, state: 'queued', queue: { ...leg.queue, ...queue, ...(count === undefined ? {} : { position: count }) } }, causeOf(event.cause, event.causeText))
}

/** The queues that differ from what was told of them last. @param counts what the switch itself counts in this message */
export function queueDrafts (scope: Scope, counts: ReadonlyMap<string, number> = new Map()): EventDraft[] {
  const { memory } = scope
  const waiting = new Map<string, number>()
  for (const { queue } of memory.waiting.values()) {
    const id = memory.groups.canonical(queue)
    waiting.set(id, (waiting.get(id) ?? 0) + 1)
  }
  const drafts: EventDraft[] = []
  for (const id of new Set([...memory.groups.list(), ...memory.toldQueues.keys(), ...waiting.keys()])) {
    if (memory.groups.canonical(id) !== id) continue
    const queue: Queue = { ...memory.groups.ref(id), waiting: counts.get(id) ?? waiting.get(id) ?? 0, agents: memory.agents.countOf(id) }
    const print = JSON.stringify(queue)
    const before = memory.toldQueues.get(id)
    memory.toldQueues.set(id, print)
    if (print !== before && (before !== undefined || queue.waiting !== 0 || queue.agents?.loggedIn !== 0)) drafts.push(draft('queue.updated', { queue }))
  }
  return drafts
}
