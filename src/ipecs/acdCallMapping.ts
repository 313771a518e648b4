/** Calls as the ACD stream tells them: it makes the legs of stations that are not monitored, and only adds to the others (ipecs.md 4.3, 7.1; model.md R5). */
import { type Call, type Reason } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import { agentOfDevice, noteQueueCall } from './agentMapping'
import { filled } from './callMapping'
import type { AcdRecord } from './frames'
import { ACD, Q850 } from './protocol'
import { answered, enterQueue, leaveBy, offered, unanswered } from './queueMapping'
import { lookup } from './read'
import { draft, endLeg, legOfRef, legsOfCall, legsOfDevice, legStep, newLeg, partyOf, reachOf, timeOf, type More, type Scope } from './scope'
import { passedOn } from './transferMapping'

type Reducer = (scope: Scope, record: AcdRecord) => EventDraft[]

/** Ringing type of code 3 for an ACD group (ipecs.md 4.3). */
const UCD_RING = 5

/** Stations among the ends of a record that this stream speaks for. */
function own ({ memory }: Scope, ...ends: readonly AcdRecord['source'][]): string[] {
  return ends.flatMap((end) => end?.kind === 'station' && !memory.monitored.has(end.number) ? [end.number] : [])
}

const lineOf = ({ source, dest }: AcdRecord): string | undefined => source?.kind === 'line' ? source.number : dest?.kind === 'line' ? dest.number : undefined
const otherOf = (record: AcdRecord, station: string): string | undefined => {
  const other = record.source?.kind === 'station' && record.source.number === station ? record.dest : record.source
  return other?.kind === 'station' ? other.number : undefined
}

/** The leg of a station that a record means: by callRefID, else its only one in a fitting state. */
function legFor (scope: Scope, station: string, { ref }: AcdRecord, fits: (call: Call) => boolean = () => true): Call | undefined {
  if (ref !== undefined) return legOfRef(scope, station, ref)
  return legsOfDevice(scope, station).filter(fits).at(-1)
}

function begun (scope: Scope, station: string, record: AcdRecord & { ref: string }, direction: Call['direction'], state: Call['state']): CallDraft {
  const { memory } = scope
  const { ref } = record
  const other = partyOf(memory, otherOf(record, station))
  const line = lineOf(record)
  const self = partyOf(memory, station)!
  const rung = memory.call(ref)?.offered
  const leg: CallDraft = {
    ...newLeg(scope, station, memory.legs.begin(station, ref), ref, direction, state),
    ...(line === undefined ? {} : { trunk: { id: line, number: line }, scope: 'external' as const }), ...(other === undefined ? {} : { remote: other, ...reachOf(memory, other.number) }),
    ...(direction === 'inbound' ? { to: self, ...(other === undefined ? {} : { from: other }) } : { from: self, ...(other === undefined ? {} : { to: other }) }),
    ...(rung?.device === station && direction === 'inbound' ? { queue: memory.groups.ref(rung.queue) } : {})
  }
  return filled(scope, leg, ref)
}

const hasRef = (record: AcdRecord): record is AcdRecord & { ref: string } => record.ref !== undefined

function rings (scope: Scope, station: string, record: AcdRecord): EventDraft[] {
  if (!hasRef(record)) return []
  const known = legOfRef(scope, station, record.ref)
  if (known !== undefined) return known.state === 'ringing' ? legStep(scope, known, filled(scope, known, record.ref)) : []
  const { leg, drafts } = offered(scope, begun(scope, station, record, 'inbound', 'ringing'), record.ref)
  return [...drafts, ...legStep(scope, undefined, leg)]
}

/** A group's phone rings: the record names the group by its bin (ipecs.md 4.3). */
const ring: Reducer = (scope, record) => {
  const { memory, now } = scope
  const station = record.source?.kind === 'station' ? record.source.number : undefined
  if (station === undefined || !hasRef(record)) return []
  memory.groups.tellBin(`ring ${station} ${record.ref}`, record.data1, now)
  const queue = memory.groups.byBin(record.data1)
  if (queue !== undefined) memory.learnCall(record.ref, { offered: { device: station, queue } })
  if (!memory.monitored.has(station)) return rings(scope, station, record)
  const known = legOfRef(scope, station, record.ref)
  if (known === undefined || queue === undefined || known.queue !== undefined) return []
  const { leg, drafts } = offered(scope, { ...known, queue: memory.groups.ref(queue) }, record.ref)
  return [...drafts, ...legStep(scope, known, leg)]
}

const coRing: Reducer = (scope, record) => {
  const line = lineOf(record)
  if (record.ref !== undefined && line !== undefined) scope.memory.learnCall(record.ref, { line })
  const queue = Number(record.data2) === UCD_RING && record.dest?.kind === 'station' ? scope.memory.groups.byBin(record.data1) : undefined
  if (record.ref !== undefined && queue !== undefined) scope.memory.learnCall(record.ref, { offered: { device: record.dest!.number, queue } })
  return own(scope, record.dest).flatMap((station) => rings(scope, station, record))
}

const seize: Reducer = (scope, record) => {
  if (!hasRef(record)) return []
  const line = lineOf(record)
  if (line !== undefined) scope.memory.learnCall(record.ref, { line })
  return own(scope, record.source).flatMap((station) => {
    const known = legOfRef(scope, station, record.ref)
    return known === undefined ? legStep(scope, undefined, begun(scope, station, record, 'outbound', 'dialing')) : []
  })
}

/** Comes up to half a minute late: only adds what was dialled (ipecs.md 7.1). */
const dialled: Reducer = (scope, record) => {
  if (!hasRef(record)) return []
  const station = record.source?.kind === 'station' ? record.source.number : undefined
  const to = partyOf(scope.memory, record.data2)
  if (station === undefined || to === undefined) return []
  const known = legOfRef(scope, station, record.ref)
  if (known !== undefined) return known.direction === 'outbound' && known.to === undefined ? legStep(scope, known, { ...known, to, remote: to, ...reachOf(scope.memory, to.number) }) : []
  return own(scope, record.source).flatMap(() => legStep(scope, undefined, { ...begun(scope, station, record, 'outbound', 'dialing'), to, remote: to }))
}

function connectOne (scope: Scope, station: string, record: AcdRecord & { ref: string }): EventDraft[] {
  const { memory } = scope
  const known = legOfRef(scope, station, record.ref)
  const next: CallDraft = known === undefined ? { ...begun(scope, station, record, 'inbound', 'active'), uncertain: ['direction', 'startedAt'] } : { ...known, state: 'active' }
  const agent = next.queue === undefined ? undefined : agentOfDevice(memory, station)
  if (agent !== undefined) next.agent = agent
  if (next.queue !== undefined) noteQueueCall(memory, station, next.id, next.queue.id)
  return [...legStep(scope, known, next), ...(known?.answeredAt === undefined ? answered(scope, next, record.ref) : [])]
}

const connect: Reducer = (scope, record) => hasRef(record) ? own(scope, record.source, record.dest).flatMap((station) => connectOne(scope, station, record)) : []

/** The end of a leg that this stream speaks for. @param by the station that ended it */
function end (scope: Scope, leg: Call, reason: Reason, by: string | undefined, more: More = {}): EventDraft {
  const endedBy = by === undefined ? undefined : by === leg.owner.id ? 'local' as const : 'remote' as const
  return endLeg(scope, leg, reason, more, endedBy === undefined ? {} : { endedBy })
}

/** No callRefID: the line, or the station, tells which call (ipecs.md 10, trap 13). */
const abandon: Reducer = (scope, record) => {
  const line = lineOf(record)
  const drafts = own(scope, record.source, record.dest).flatMap((station) => {
    const leg = legFor(scope, station, record, (call) => call.answeredAt === undefined && (line === undefined || call.trunk === undefined || call.trunk.id === line))
    if (leg === undefined || leg.answeredAt !== undefined) return []
    if (leg.direction === 'inbound') return [end(scope, leg, 'normal', 'other')]
    return [...(leg.state === 'failed' ? [] : [draft('call.failed', { reason: 'unknown', call: { ...leg, state: 'failed' } })]), endLeg(scope, leg, 'unknown')]
  })
  const by = record.ref === undefined ? line === undefined ? {} : { line } : { ref: record.ref }
  return [...drafts, ...leaveBy(scope, by, 'abandoned')]
}

/** data1: 0 normal, 1 a cause in data2 (hex), 3 left a conference. */
function causeOfEnd ({ data1, data2 }: AcdRecord): { reason: Reason; more: More } {
  const q850 = data1 !== undefined && Number(data1) === 1 && data2 !== undefined ? Number.parseInt(data2, 16) : Number.NaN
  return Number.isNaN(q850) ? { reason: 'normal', more: {} } : { reason: lookup(Q850, String(q850)) ?? 'error', more: { cause: { code: String(q850), q850 } } }
}

const disconnect: Reducer = (scope, record) => {
  if (!hasRef(record)) return []
  const { reason, more } = causeOfEnd(record)
  const by = record.source?.kind === 'station' ? record.source.number : undefined
  const named = own(scope, record.source, record.dest)
  const legs = named.length > 0 ? named.flatMap((station) => legOfRef(scope, station, record.ref) ?? []) : legsOfCall(scope, record.ref).filter(({ owner }) => owner.kind === 'device' && !scope.memory.monitored.has(owner.id))
  // An agent's end while the caller waits on is no end of the caller's.
  const isCaller = record.source?.kind === 'line' || (by !== undefined && legOfRef(scope, by, record.ref)?.direction === 'outbound')
  return [...legs.map((leg) => end(scope, leg, reason, by, more)), ...(isCaller ? leaveBy(scope, { ref: record.ref }, 'abandoned') : [])]
}

const coIdle: Reducer = (scope, record) => {
  const line = lineOf(record)
  if (line === undefined) return []
  const legs: EventDraft[] = []
  for (const call of scope.picture.calls()) {
    if (call.owner.kind === 'device' && call.trunk?.id === line && !scope.memory.monitored.has(call.owner.id)) legs.push(endLeg(scope, call, 'normal'))
  }
  return [...legs, ...leaveBy(scope, { line }, 'abandoned')]
}

const hold: Reducer = (scope, record) => own(scope, record.source, record.dest).flatMap((station) => {
  const leg = legFor(scope, station, record, ({ state }) => state === 'active')
  const side = record.source?.number === station ? 'local' as const : 'remote' as const
  return leg === undefined ? [] : legStep(scope, leg, { ...leg, state: 'held', heldBy: leg.heldBy !== undefined && leg.heldBy !== side ? 'both' : side })
})

/** The held call rings back; it is not taken again before it is answered (ipecs.md 10, trap 13). */
const recall: Reducer = (scope, record) => own(scope, record.source).flatMap((station) => {
  const leg = legFor(scope, station, record, ({ state }) => state === 'held')
  return leg === undefined ? [] : legStep(scope, leg, { ...leg, state: 'ringing', recall: 'hold' })
})

const complete: Reducer = (scope, record) => own(scope, record.source).flatMap((station) => {
  const leg = legFor(scope, station, record)
  return leg === undefined ? [] : passedOn(scope, leg, otherOf(record, station))
})

const conference: Reducer = (scope, record) => own(scope, record.source).flatMap((station) => {
  const leg = legFor(scope, station, record)
  if (leg === undefined || record.ref === undefined) return []
  const isOver = Number(record.data1) !== 2
  if (isOver) return leg.conference === undefined ? [] : legStep(scope, leg, { ...leg, conference: { ...leg.conference, state: 'ended' } })
  const other = partyOf(scope.memory, otherOf(record, station))
  const members = [...leg.conference?.members ?? [], ...(other === undefined ? [] : [{ party: other }])]
  return [draft(leg.conference === undefined ? 'call.conferenced' : 'call.updated', {
    reason: 'conferenced', ...(leg.conference === undefined ? {} : { changes: ['conference'] }),
    call: { ...leg, conference: { id: `conf-${scope.memory.legs.correlation(record.ref)}`, role: 'controller', kind: 'normal', state: 'active', members } }
  })]
})

/** A ringing leg goes on elsewhere, then ends. */
function goesOn (scope: Scope, leg: Call, reason: Reason, to: string | undefined): EventDraft[] {
  const remote = partyOf(scope.memory, to)
  const call = remote === undefined ? leg : { ...leg, remote }
  return [draft('call.redirected', { reason, call }), endLeg(scope, { ...leg, ...call }, reason)]
}

const forward: Reducer = (scope, record) => own(scope, record.source).flatMap((station) => {
  const leg = legFor(scope, station, record)
  if (record.ref !== undefined) scope.memory.learnCall(record.ref, { diverted: { by: station, reason: 'forwarded' } })
  return leg === undefined ? [] : goesOn(scope, leg, 'forwarded', otherOf(record, station))
})

/** Source takes the call that rings at dest; no callRefID, so the ringing leg gives it. */
const pickup: Reducer = (scope, record) => {
  const taker = record.source?.kind === 'station' ? record.source.number : undefined
  const rang = record.dest?.kind === 'station' ? record.dest.number : undefined
  const line = lineOf(record)
  const leg = [...scope.picture.calls()].find((call) => call.state === 'ringing' && call.owner.kind === 'device' && (rang === undefined ? call.trunk?.id === line && line !== undefined : call.owner.id === rang))
  if (taker === undefined || leg?.vendorId === undefined) return []
  const ended = scope.memory.monitored.has(leg.owner.id) ? [] : goesOn(scope, leg, 'pickedUp', taker)
  if (scope.memory.monitored.has(taker) || legOfRef(scope, taker, leg.vendorId) !== undefined) return ended
  const next: CallDraft = {
    ...begun(scope, taker, { code: record.code, ref: leg.vendorId }, 'inbound', 'active'), related: [{ kind: 'pickedUpFrom', id: leg.id }],
    ...(leg.from === undefined ? {} : { from: leg.from, remote: leg.from }), ...(leg.trunk === undefined ? {} : { trunk: leg.trunk })
  }
  return [...ended, ...legStep(scope, undefined, next), ...answered(scope, next, leg.vendorId)]
}

const park: Reducer = (scope, record) => own(scope, record.source).flatMap((station) => {
  const leg = legFor(scope, station, record)
  if (leg === undefined) return []
  return [draft('call.parked', { reason: 'parked', call: { ...leg, state: 'parked', to: { kind: 'park' }, parkedAt: timeOf(scope) } }), endLeg(scope, leg, 'parked', {}, { endedBy: 'local' })]
})

/** The caller's number and name, and the number dialled into: for all legs of the call (ipecs.md 7.1). */
function told (learn: (scope: Scope, record: AcdRecord & { ref: string }) => void): Reducer {
  return (scope, record) => {
    if (!hasRef(record)) return []
    learn(scope, record)
    return legsOfCall(scope, record.ref).flatMap((leg) => legStep(scope, leg, filled(scope, leg, record.ref)))
  }
}

const learnLine: Reducer = told((scope, record) => {
  const line = lineOf(record)
  if (line !== undefined) scope.memory.learnCall(record.ref, { line })
})

/** The caller waits again: whoever was rung for him is not any more, and has not answered. */
const queuedAgain: Reducer = (scope, record) => {
  const rung = hasRef(record) ? legsOfCall(scope, record.ref).filter(({ owner, state, queue }) => owner.kind === 'device' && state === 'ringing' && queue !== undefined && !scope.memory.monitored.has(owner.id)) : []
  const bounced = rung.length > 0 && record.ref !== undefined ? unanswered(scope, record.ref, 'noAnswer') : []
  return [...rung.map((leg) => end(scope, leg, 'noAnswer', undefined)), ...bounced, ...enterQueue(scope, record)]
}

const overflow: Reducer = (scope, record) => {
  const line = lineOf(record)
  return leaveBy(scope, record.ref === undefined ? line === undefined ? {} : { line } : { ref: record.ref }, 'overflow')
}

const REDUCERS: Readonly<Record<number, Reducer>> = {
  [ACD.coBusy]: learnLine, [ACD.coIdle]: coIdle, [ACD.coRing]: coRing, [ACD.seize]: seize, [ACD.connect]: connect, [ACD.abandon]: abandon, [ACD.disconnect]: disconnect, [ACD.conference]: conference,
  [ACD.forward]: forward, [ACD.hold]: hold, [ACD.recall]: recall, [ACD.park]: park, [ACD.pickup]: pickup, [ACD.transferHold]: hold, [ACD.overflow]: overflow, [ACD.queued]: queuedAgain, [ACD.group]: enterQueue,
  [ACD.ring]: ring, [ACD.dialled]: dialled, [ACD.transferred]: complete,
  [ACD.did]: told((scope, { ref, data1 }) => { if (data1 !== undefined) scope.memory.learnCall(ref, { did: data1 }) }),
  [ACD.caller]: told((scope, { ref, data1, data2, source }) => {
    const caller = { ...(data1 === undefined ? {} : { number: data1 }), ...(data2 === undefined ? {} : { name: data2 }) }
    scope.memory.learnCall(ref, { caller, ...(source?.kind === 'line' ? { line: source.number } : {}) })
  })
}

/** @returns undefined for a code that is about no call */
export function acdCallDrafts (scope: Scope, record: AcdRecord): EventDraft[] | undefined {
  return REDUCERS[record.code]?.(scope, record)
}
