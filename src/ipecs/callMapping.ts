/** Calls as the CTI stream tells them: one row a type (ipecs.md 4.5, 7.1, 8; model.md 3). */
import { type Call, type CallState, type Party, type Reason } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import { agentOfDevice } from './agentMapping'
import { conferenceDrafts } from './conferenceMapping'
import type { CtiEvent } from './frames'
import { CAUSE, CAUSES } from './protocol'
import { answered, leaveBy, offered, ownQueued, queueOf, sentOn, unanswered } from './queueMapping'
import { lookup, text } from './read'
import { causeOf, draft, endLeg, legOfRef, legsOfDevice, legStep, newLeg, partyOf, reachOf, timeOf, type More, type Scope } from './scope'
import { transferred, transferring } from './transferMapping'

export type CtiReducer = (scope: Scope, event: CtiEvent & { readonly device: string; readonly ref: string }) => EventDraft[]

/** ms after which the other side's end is taken for the end of the leg (ipecs.md 7.1). */
const OTHER_END_MS = 2000

const more = ({ cause, causeText }: CtiEvent): More => causeOf(cause, causeText)
const reasonOf = ({ cause }: CtiEvent): Reason => cause === undefined ? 'unknown' : lookup(CAUSES, cause) ?? 'unknown'

/** What the legs of a call have in common: line, caller's name, number that was dialled into. */
export function filled (scope: Scope, leg: CallDraft, ref: string): CallDraft {
  const { memory } = scope
  const info = memory.call(ref)
  const next = { ...leg }
  if (info?.line !== undefined && leg.trunk === undefined) next.trunk = { id: info.line, number: info.line }
  const caller = info?.caller
  if (leg.direction === 'inbound' && caller !== undefined && (leg.from?.number === undefined || leg.from.number === caller.number)) {
    next.from = { ...partyOf(memory, leg.from?.number ?? caller.number, caller.name), ...leg.from, ...(caller.name === undefined ? {} : { name: caller.name }) }
    if (leg.remote === undefined || leg.remote.number === next.from.number) next.remote = next.from
  }
  if (leg.direction === 'inbound' && info?.did !== undefined && leg.dialed === undefined) next.dialed = { number: info.did }
  return next
}

/** How the caller came here. */
function arrival (scope: Scope, { device, ref, called, diversion, cause }: Parameters<CtiReducer>[1]): Partial<CallDraft> {
  const { memory } = scope
  const info = memory.call(ref)
  const queue = queueOf(scope, device, ref, cause === CAUSE.group ? called : undefined)
  const by = diversion ?? (info?.transfer?.to === device ? info.transfer.by : undefined)
  const reason: Reason = by !== undefined && by === info?.diverted?.by ? info.diverted.reason : info?.transfer?.to === device ? 'transferred' : lookup(CAUSES, cause) === 'deflected' ? 'deflected' : 'forwarded'
  return {
    to: partyOf(memory, device)!,
    ...(called !== undefined && called !== device ? { dialed: partyOf(memory, called)! } : {}),
    ...(by === undefined || by === device ? {} : { redirections: [{ party: partyOf(memory, by)!, reason }] }),
    ...(queue === undefined ? {} : { queue })
  }
}

function inboundLeg (scope: Scope, event: Parameters<CtiReducer>[1], id: string, state: CallState): CallDraft {
  const { memory } = scope
  const from = partyOf(memory, event.calling)
  const leg = {
    ...newLeg(scope, event.device, id, event.ref, 'inbound', state), ...arrival(scope, event), ...(from === undefined ? {} : { from, remote: from })
  }
  const whole = filled(scope, leg, event.ref)
  return { ...whole, ...reachOf(memory, whole.from?.number) }
}

function outboundLeg (scope: Scope, event: Parameters<CtiReducer>[1], id: string, state: CallState, to?: string): CallDraft {
  const { memory } = scope
  const remote = partyOf(memory, to)
  const held = legsOfDevice(scope, event.device).filter((call) => call.heldBy === 'local' || call.heldBy === 'both')
  const leg: CallDraft = {
    ...newLeg(scope, event.device, id, event.ref, 'outbound', state), from: partyOf(memory, event.device)!,
    ...(remote === undefined ? {} : { to: remote, remote }), ...reachOf(memory, to),
    // A call made while another is held is the question before a transfer, whoever began it.
    ...(held.length === 1 ? { related: [{ kind: 'consultOf' as const, id: held[0]!.id }] } : {})
  }
  return filled(scope, leg, event.ref)
}

/** The known leg; one that a gap left without a number, or with one that a transfer may have changed; or none. @param isTalk a leg that only rings is not meant */
function known (scope: Scope, device: string, ref: string, isTalk = false): Call | undefined {
  const { memory, picture } = scope
  const leg = legOfRef(scope, device, ref)
  const nameless = memory.nameless.get(device)
  if (leg !== undefined && leg.id === nameless) memory.nameless.delete(device)
  if (leg !== undefined || memory.legs.find(device, ref) !== undefined) return leg
  const found = nameless === undefined ? undefined : picture.call(nameless)
  if (found === undefined || (isTalk && found.state === 'ringing')) return undefined
  memory.nameless.delete(device)
  memory.legs.alias(device, ref, found.id)
  return found
}

function named (scope: Scope, leg: Call, ref: string): CallDraft {
  return leg.vendorId === ref ? { ...leg } : { ...leg, vendorId: ref, correlationId: scope.memory.legs.correlation(ref) }
}

const begin = (scope: Scope, device: string, ref: string): string => scope.memory.legs.begin(device, ref)

const dialing: CtiReducer = (scope, event) => {
  const leg = legOfRef(scope, event.device, event.ref)
  if (leg !== undefined) return []
  return [draft('device.hook', { device: { id: event.device, kind: 'phone', hook: 'off' } }), ...legStep(scope, undefined, outboundLeg(scope, event, begin(scope, event.device, event.ref), 'initiated'), more(event))]
}

const proceeding: CtiReducer = (scope, event) => {
  const digits = text(event.data.dialDigit)?.replace(/#$/, '')
  const leg = legOfRef(scope, event.device, event.ref)
  if (leg === undefined) return legStep(scope, undefined, outboundLeg(scope, event, begin(scope, event.device, event.ref), 'dialing', digits), more(event))
  const to = partyOf(scope.memory, digits)
  const state = leg.state === 'initiated' ? 'dialing' : leg.state
  return legStep(scope, leg, { ...leg, state, ...(to === undefined ? {} : { to, remote: to, ...reachOf(scope.memory, digits) }) }, more(event))
}

const alerting: CtiReducer = (scope, event) => {
  const leg = legOfRef(scope, event.device, event.ref)
  if (leg === undefined) return legStep(scope, undefined, outboundLeg(scope, event, begin(scope, event.device, event.ref), 'remoteRinging', event.called), more(event))
  const remote = partyOf(scope.memory, event.called)
  const state = leg.state === 'initiated' || leg.state === 'dialing' ? 'remoteRinging' : leg.state
  return legStep(scope, leg, { ...leg, state, ...(leg.to === undefined && remote !== undefined ? { to: remote } : {}), ...(remote === undefined ? {} : { remote, ...reachOf(scope.memory, event.called) }) }, more(event))
}

const ringing: CtiReducer = (scope, event) => {
  const { memory } = scope
  if (event.cause === CAUSE.group) memory.groups.tellNumber(`ring ${event.device} ${event.ref}`, event.called, scope.now)
  const leg = legOfRef(scope, event.device, event.ref)
  const isRecall = event.cause === CAUSE.recall
  if (leg?.transfer?.role === 'transferor' && leg.state !== 'ringing') {
    // Passed on to the own number: the call rings anew before the end of the first leg is told.
    const again = inboundLeg(scope, event, begin(scope, event.device, event.ref), 'ringing')
    return [endLeg(scope, leg, 'transferred', more(event), { endedBy: 'local' }), ...legStep(scope, undefined, again, more(event))]
  }
  if (leg !== undefined) {
    if (!isRecall && leg.state !== 'ringing') return []
    return legStep(scope, leg, filled(scope, { ...leg, state: 'ringing', ...(isRecall ? { recall: leg.state === 'held' ? 'hold' as const : leg.recall ?? 'hold' } : {}) }, event.ref), more(event))
  }
  const next = inboundLeg(scope, event, begin(scope, event.device, event.ref), 'ringing')
  if (isRecall) next.recall = [...memory.parked.values()].some(({ ref }) => ref === event.ref) ? 'park' : 'transfer'
  if (event.diversion !== undefined && event.cause !== CAUSE.group) return [...sentOn(scope, event.ref, event.diversion), ...legStep(scope, undefined, next, more(event))]
  const { leg: joined, drafts } = offered(scope, next, event.ref)
  return [...drafts, ...legStep(scope, undefined, joined, more(event))]
}

/** Who talks now: told apart from who called, because transfer and pickup change it. */
function remoteOf (leg: Call, event: CtiEvent, memory: Scope['memory']): Party | undefined {
  const number = leg.direction === 'inbound' ? event.calling : event.called
  if (number === undefined || number === leg.owner.id || number === leg.remote?.number) return leg.remote
  return partyOf(memory, number)
}

const connected: CtiReducer = (scope, event) => {
  const { memory } = scope
  const leg = known(scope, event.device, event.ref)
  const next = leg === undefined ? takenOver(scope, event) : { ...named(scope, leg, event.ref), state: 'active' as const, ...(remoteOf(leg, event, memory) === undefined ? {} : { remote: remoteOf(leg, event, memory)! }) }
  const agent = next.queue === undefined ? undefined : agentOfDevice(memory, event.device)
  if (agent !== undefined) next.agent = agent
  const isFirst = leg === undefined || leg.answeredAt === undefined
  return [...legStep(scope, leg, filled(scope, next, event.ref), more(event)), ...(isFirst ? answered(scope, next, event.ref) : [])]
}

/** Connected without having rung: taken out of a park slot, picked up, or met in the middle of its life. */
function takenOver (scope: Scope, event: Parameters<CtiReducer>[1]): CallDraft {
  const { memory } = scope
  const id = begin(scope, event.device, event.ref)
  if (event.calling === event.device) return outboundLeg(scope, event, id, 'active', event.called)
  const leg = inboundLeg(scope, event, id, 'active')
  const slot = [...memory.parked].find(([, { ref }]) => ref === event.ref)
  if (slot !== undefined) {
    memory.parked.delete(slot[0])
    const { leg: from, remote } = slot[1]
    return { ...leg, related: [{ kind: 'parkedFrom', id: from }], ...(leg.remote === undefined && remote !== undefined ? { from: remote, remote } : {}) }
  }
  if (event.cause !== CAUSE.pickup) return leg
  const rang = scope.picture.tombstone(memory.call(event.ref)?.diverted === undefined ? '' : memory.legs.find(memory.call(event.ref)!.diverted!.by, event.ref) ?? '')
  return rang === undefined ? leg : { ...leg, related: [{ kind: 'pickedUpFrom', id: rang.id }], ...(leg.from === undefined && rang.from !== undefined ? { from: rang.from, remote: rang.from } : {}) }
}

/** Causes with which a ringing leg goes on elsewhere: told before its end (model.md 3.2, call.redirected). */
const GOES_ON: ReadonlySet<Reason> = new Set<Reason>(['pickedUp', 'deflected', 'forwarded'])

const released: CtiReducer = (scope, event) => {
  const { memory } = scope
  const leg = known(scope, event.device, event.ref)
  if (leg === undefined) return []
  const passed = memory.call(event.ref)?.transfer
  // The end of a leg that was passed on to its own number, told after the new one rings.
  if (leg.state === 'ringing' && reasonOf(event) === 'transferred' && passed?.by === event.device && passed.to === event.device) return []
  const mark = memory.marks.get(leg.id)
  memory.marks.delete(leg.id)
  if (mark !== undefined) return parked(scope, leg, event.ref, mark.slot, more(event))
  const reason: Reason = leg.transfer?.role === 'transferor' ? 'transferred' : reasonOf(event)
  const drafts: EventDraft[] = []
  if (leg.state === 'ringing' && GOES_ON.has(reason)) {
    memory.learnCall(event.ref, { diverted: { by: event.device, reason: 'deflected' } })
    const isTold = memory.due.drop(`redirected ${leg.id}`)
    if (!isTold) drafts.push(draft('call.redirected', { ...more(event), reason, call: leg }))
  }
  const endedBy = leg.endedBy ?? (leg.transfer?.role === 'transferor' || text(event.data.releasedDN) === event.device ? 'local' as const : undefined)
  const end = endLeg(scope, leg, reason, more(event), endedBy === undefined ? {} : { endedBy })
  // A caller of the house who hangs up leaves the queue; who passed his call on does not.
  const isCaller = leg.direction === 'outbound' || leg.transfer?.role === 'transferee'
  const left = isCaller && reason !== 'transferred' ? leaveBy(scope, { ref: event.ref }, 'abandoned') : []
  return [...drafts, end, ...left, ...(leg.state === 'ringing' ? unanswered(scope, event.ref, reason) : [])]
}

/** A parked call leaves its phone; the slot is in the answer to our command (ipecs.md 7.1). */
function parked (scope: Scope, leg: Call, ref: string, slot: string | undefined, told: More): EventDraft[] {
  const to: Party = { kind: 'park', ...(slot === undefined ? {} : { number: slot }) }
  if (slot !== undefined) scope.memory.parkedAt(slot, { ref, leg: leg.id, by: leg.owner.id, ...(leg.remote === undefined ? {} : { remote: leg.remote }) })
  const call: CallDraft = { ...leg, state: 'parked', to, parkedAt: timeOf(scope) }
  delete call.heldBy
  return [draft('call.parked', { ...told, reason: 'parked', call }), endLeg(scope, { ...leg, to, parkedAt: timeOf(scope) }, 'parked', told, { endedBy: 'local' })]
}

const releasedOther: CtiReducer = (scope, event) => {
  const leg = known(scope, event.device, event.ref)
  if (leg === undefined) return []
  const { id } = leg
  scope.memory.due.set(`end ${id}`, scope.now + OTHER_END_MS, (now) => {
    const open = scope.picture.call(id)
    return open === undefined ? [] : [endLeg({ ...scope, now }, open, reasonOf(event), { ...more(event), derived: true }, { endedBy: 'remote' })]
  })
  return legStep(scope, leg, { ...named(scope, leg, event.ref), endedBy: 'remote' }, more(event))
}

const rerouting: CtiReducer = (scope, event) => {
  const leg = known(scope, event.device, event.ref)
  if (leg === undefined) return []
  scope.memory.learnCall(event.ref, { diverted: { by: event.device, reason: 'deflected' } })
  scope.memory.due.set(`redirected ${leg.id}`, scope.now + OTHER_END_MS, () => [])
  const remote = partyOf(scope.memory, event.called)
  const reason = reasonOf(event) === 'unknown' ? 'deflected' : reasonOf(event)
  return [draft('call.redirected', { ...more(event), reason, call: { ...named(scope, leg, event.ref), ...(remote === undefined ? {} : { remote }) } })]
}

/** The other side of a call that went elsewhere: it stays, with another partner (ipecs.md 11, rerouting and rerouted). */
const rerouted: CtiReducer = (scope, event) => {
  const leg = known(scope, event.device, event.ref)
  const remote = partyOf(scope.memory, event.called)
  return leg === undefined || remote === undefined ? [] : legStep(scope, leg, { ...leg, remote }, more(event))
}

const fail: CtiReducer = (scope, event) => {
  const leg = legOfRef(scope, event.device, event.ref)
  const next = leg ?? outboundLeg(scope, event, begin(scope, event.device, event.ref), 'dialing', event.called)
  return legStep(scope, leg, { ...next, state: 'failed' }, { ...more(event), reason: reasonOf(event) })
}

/** Who is at the other side's button counts: `hold` is our own, `held` the other's. */
function holding (side: 'local' | 'remote'): CtiReducer {
  return (scope, event) => {
    const leg = known(scope, event.device, event.ref, true)
    const base = leg === undefined ? begun(scope, event) : named(scope, leg, event.ref)
    if (base === undefined) return []
    const other = side === 'local' ? 'remote' : 'local'
    return legStep(scope, leg, { ...base, state: 'held', heldBy: leg?.heldBy === other || leg?.heldBy === 'both' ? 'both' : side }, more(event))
  }
}

function resuming (side: 'local' | 'remote'): CtiReducer {
  return (scope, event) => {
    const leg = known(scope, event.device, event.ref, true)
    const base = leg === undefined ? begun(scope, event) : named(scope, leg, event.ref)
    if (base === undefined) return []
    if (leg?.heldBy === 'both') return legStep(scope, leg, { ...base, heldBy: side === 'local' ? 'remote' : 'local' }, more(event))
    return legStep(scope, leg, { ...base, state: 'active' }, more(event), 'call.resumed')
  }
}

/** A call met in the middle of its life; not one that has just ended. Its direction is not told. */
function begun (scope: Scope, event: Parameters<CtiReducer>[1]): CallDraft | undefined {
  if (scope.memory.legs.find(event.device, event.ref) !== undefined) return undefined
  return { ...filled(scope, newLeg(scope, event.device, begin(scope, event.device, event.ref), event.ref, 'inbound', 'active'), event.ref), uncertain: ['direction', 'startedAt'] }
}

/** Types that are about one leg of one device. */
const REDUCERS: Readonly<Record<string, CtiReducer>> = {
  dialing, proceeding, alerting, ringing, connected, released, releasedasc: releasedOther, rerouting, rerouted, fail,
  hold: holding('local'), held: holding('remote'), retrieve: resuming('local'), retrieved: resuming('remote'),
  transferring, transferred, conferencing: conferenceDrafts('controller'), conferenced: conferenceDrafts('member')
}

/** @returns undefined for a type that is about no leg, or names none */
export function callDrafts (scope: Scope, event: CtiEvent): EventDraft[] | undefined {
  if (event.type === 'queued') return event.device === undefined ? undefined : ownQueued(scope, { ...event, device: event.device })
  const reducer = lookup(REDUCERS, event.type)
  if (reducer === undefined || event.device === undefined || event.ref === undefined) return undefined
  return reducer(scope, { ...event, device: event.device, ref: event.ref })
}
