/** Events of own calls: one leg a call object, told by its changes of state (five9.md 7.1, 8.1; model.md 3). */
import type { Call, CallState, EventName, Reason } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import { EVENT_OF_STATE } from '../state/difference'
import { conferenceOf, directionOf, dispositionOf, isInternal, mapCall, readCall, stateOf, type CallFacts } from './callFields'
import { sameNumber, type Dial, type Memory } from './memory'
import { OVER } from './protocol'
import { defined, fields, text, textOf } from './read'
import { asVendor, draft, type Reducer, type Scope } from './scope'

/** Where the event of a step is not the one of the state that is reached. */
const STEPS: Readonly<Partial<Record<CallState, Readonly<Partial<Record<CallState, EventName>>>>>> = {
  held: { active: 'call.resumed' },
  parked: { active: 'call.unparked', held: 'call.unparked', ringing: 'call.ringing' },
  initiated: { dialing: 'call.updated' },
  dialing: { initiated: 'call.updated' },
  remoteRinging: { initiated: 'call.updated', dialing: 'call.updated' }
}

/** Another own call of the same session: a new internal one beside it is a consultation, also one made at the desktop. */
function heldBeside (scope: Scope, facts: CallFacts): Call | undefined {
  const session = facts.named['call.session_id']
  return scope.picture.callsOf(scope.memory.uid).find((call) => call.vendorId !== facts.id && (call.state === 'held' || call.state === 'active') && (session === undefined ? call.state === 'held' : call.correlationId === session))
}

/** 3 and 4, and 30, which repeats 3: whatever leads to the state that is known already only updates. */
const called: Reducer = (scope) => {
  const { frame, memory, picture } = scope
  const facts = readCall(frame.payload, memory)
  if (facts === undefined) return asVendor(scope)
  const id = memory.legOf(facts.id)
  const known = picture.call(id)
  if (facts.state !== undefined) memory.told(facts.id, facts.state)
  if (known === undefined && picture.tombstone(id) !== undefined) return afterEnd(scope, facts)
  if (facts.state !== undefined && OVER.has(facts.state)) return over(scope, facts, known)
  return known === undefined ? begun(scope, facts) : stepped(scope, facts, known)
}

function begun (scope: Scope, facts: CallFacts): EventDraft[] {
  const { frame, memory } = scope
  const consultation = isInternal(facts) ? heldBeside(scope, facts) : undefined
  const dial: Dial | undefined = facts.type.includes('INBOUND') ? undefined : memory.dialOf(facts.remote, frame.at)
  const direction = directionOf(memory, facts, consultation !== undefined || dial !== undefined)
  const state = stateOf(memory, facts.state, direction)
  // Without a state that is known nothing certain can be said of a new call.
  if (state === undefined) return asVendor(scope)
  const leg = mapCall(memory, facts, state, direction, frame.at, undefined)
  if (direction === 'inbound') return [draft(scope, EVENT_OF_STATE[state], { call: leg })]
  const held = dial?.consultOf ?? consultation?.id
  if (held !== undefined) leg.related = [{ kind: 'consultOf', id: held }]
  if (dial !== undefined) {
    memory.dialDone(dial)
    dial.made?.(leg.id)
  }
  if (state === 'initiated') return [draft(scope, 'call.originated', { call: leg })]
  const drafts = [draft(scope, 'call.originated', { call: { ...leg, state: 'dialing' } })]
  return state === 'dialing' ? drafts : [...drafts, draft(scope, EVENT_OF_STATE[state], { call: leg })]
}

/** An internal call that was taken for one to us rings at the other side: it was dialled at the desk. */
function turned (facts: CallFacts, known: Call): Call {
  if (facts.state !== 'RINGING_ON_OTHER_SIDE' || known.direction !== 'inbound' || known.answeredAt !== undefined) return known
  const call: Call = { ...known, direction: 'outbound' }
  for (const field of ['from', 'to', 'ringingAt'] as const) delete call[field]
  return call
}

function stepped (scope: Scope, facts: CallFacts, told: Call): EventDraft[] {
  const { frame, memory } = scope
  const known = turned(facts, told)
  const state = stateOf(memory, facts.state, known.direction) ?? known.state
  const leg = mapCall(memory, facts, state, known.direction, frame.at, known)
  const drafts: EventDraft[] = []
  const changed = known.recording?.state !== leg.recording?.state && leg.recording !== undefined
  if (changed && known.recording === undefined && leg.recording?.state === 'off') leg.recording = { state: 'off' }
  else if (changed) drafts.push(draft(scope, 'call.recording', { call: leg }))
  if (state !== known.state) drafts.unshift(draft(scope, STEPS[known.state]?.[state] ?? EVENT_OF_STATE[state], { call: leg }))
  const joined = conferenceDraft(scope, facts, leg, known)
  if (joined !== undefined) drafts.push(joined)
  const taken = takenOver(scope, leg, known)
  if (taken !== undefined) drafts.push(taken)
  return drafts.length > 0 ? drafts : [draft(scope, 'call.updated', { call: leg })]
}

/** A conference by the participants of the call, or concluded from our own request when the call is told again after it (model.md 11). */
function conferenceDraft (scope: Scope, facts: CallFacts, leg: CallDraft, known: Call): EventDraft | undefined {
  const { memory } = scope
  const told = conferenceOf(memory, facts, known)
  if (told?.state === 'active' && known.conference?.state !== 'active') {
    memory.conferences.delete(facts.id)
    return draft(scope, 'call.conferenced', { call: leg })
  }
  if (!memory.conferences.has(facts.id) || leg.state !== 'active') return undefined
  const added = memory.conferences.get(facts.id)
  memory.conferences.delete(facts.id)
  const members = [leg.remote, added].filter((party) => party !== undefined).map((party) => ({ party }))
  leg.conference = { id: `conf:${leg.id}`, role: 'controller', kind: 'normal', state: 'active', members }
  return draft(scope, 'call.conferenced', { call: leg, derived: true })
}

/** The colleague who consulted us has gone: another number is on the line now (five9.md 9.3). */
function takenOver (scope: Scope, leg: CallDraft, known: Call): EventDraft | undefined {
  const before = known.remote?.number
  const now = leg.remote?.number
  if (known.scope !== 'internal' || known.direction !== 'inbound' || leg.state !== 'active' || before === undefined || now === undefined || sameNumber(before, now)) return undefined
  leg.transfer = defined({ kind: 'attended' as const, role: 'target' as const, by: known.remote, from: leg.remote })
  return draft(scope, 'call.transferred', { call: leg, derived: true })
}

/** Own action, else what is certain; a call that was answered ends normally (model.md 3.2, endReason F). */
function endOf (memory: Memory, facts: CallFacts, known: Call): Pick<Call, 'endReason' | 'endedBy'> {
  const mark = memory.marks.get(facts.id)
  if (mark?.kind === 'transfer' || mark?.kind === 'consultation') return { endReason: 'transferred', endedBy: 'local' }
  if (mark?.kind === 'reject') return { endReason: 'rejected', endedBy: 'local' }
  const local = mark?.kind === 'hangup' ? { endedBy: 'local' as const } : {}
  if (known.state === 'failed' && known.endReason !== undefined) return { endReason: known.endReason }
  const unanswered: Reason = mark?.kind === 'hangup' ? 'cancelled' : 'unknown'
  return { endReason: known.answeredAt === undefined && known.state !== 'active' && known.state !== 'held' ? unanswered : 'normal', ...local }
}

/** WRAP_UP, FINISHED, or event 5 of a leg that is open. */
function over (scope: Scope, facts: CallFacts, known: Call | undefined): EventDraft[] {
  const { frame, memory } = scope
  const isDue = facts.state === 'WRAP_UP'
  const id = memory.legOf(facts.id)
  if (isDue) memory.wrapUps.set(facts.id, id)
  else memory.wrapUps.delete(facts.id)
  // A call that was never shown and is over says nothing to a flow; only its wrap-up matters to the agent.
  if (known === undefined) return []
  const end = endOf(memory, facts, known)
  const leg: CallDraft = { ...mapCall(memory, facts, 'ended', known.direction, frame.at, known), ...end }
  if (isDue) leg.dispositionDue = true
  const drafts: EventDraft[] = []
  const mark = memory.marks.get(facts.id)
  if (mark?.kind === 'transfer' && known.state !== 'ended') {
    leg.transfer = defined({ kind: mark.how ?? 'blind', role: 'transferor' as const, to: mark.to, from: known.remote })
    drafts.push(draft(scope, 'call.transferred', { call: defined({ ...leg, state: known.state, heldBy: known.heldBy, endReason: undefined, endedBy: undefined, dispositionDue: undefined }) as CallDraft }))
  }
  drafts.push(draft(scope, 'call.ended', { call: leg, reason: leg.endReason ?? 'unknown' }))
  const disposition = isDue ? undefined : dispositionOf(memory, facts)
  if (disposition !== undefined) drafts.push(draft(scope, 'call.disposition', { call: { ...leg, disposition } }))
  return drafts
}

/** Of a leg that is over only the disposition may still come (model.md R3), unless a failed transfer brings it back. */
function afterEnd (scope: Scope, facts: CallFacts): EventDraft[] {
  const { memory, picture } = scope
  const grave = picture.tombstone(memory.legOf(facts.id))
  if (facts.state === undefined || !OVER.has(facts.state)) return []
  if (facts.state === 'WRAP_UP') {
    memory.wrapUps.set(facts.id, memory.legOf(facts.id))
    return []
  }
  return disposed(scope, facts, grave)
}

function disposed (scope: Scope, facts: CallFacts, grave: Call | undefined): EventDraft[] {
  const { memory } = scope
  memory.wrapUps.delete(facts.id)
  const own = memory.marks.get(facts.id)?.disposition
  const disposition = dispositionOf(memory, facts) ?? (own === undefined ? undefined : memory.reference.ref('dispositions', own))
  if (grave === undefined || disposition === undefined || grave.disposition?.id === disposition.id) return []
  const leg: Call = { ...grave, disposition, vendorState: facts.state ?? 'FINISHED' }
  delete leg.dispositionDue
  return [draft(scope, 'call.disposition', { call: leg })]
}

/** 5, and 31, which repeats it: the call is over and disposed. The payload may be no more than an id. */
const deleted: Reducer = (scope) => {
  const { frame, memory, picture } = scope
  const facts = readCall(typeof frame.payload === 'string' ? { id: frame.payload } : frame.payload, memory)
  if (facts === undefined) return asVendor(scope)
  const final: CallFacts = { ...facts, state: 'FINISHED' }
  memory.told(facts.id, 'FINISHED')
  const id = memory.legOf(facts.id)
  const known = picture.call(id)
  return known === undefined ? disposed(scope, final, picture.tombstone(id)) : over(scope, final, known)
}

/** Words of a failed dial and what they mean; the payload is not public (five9.md 11). */
const FAILURES: readonly (readonly [RegExp, Reason])[] = [
  [/busy/i, 'busy'], [/no.?answer/i, 'noAnswer'], [/dnc|do not call|not allowed|permission/i, 'forbidden'], [/invalid|wrong|unallocated/i, 'invalidNumber'], [/congest|no.?line/i, 'congestion']
]

/** 65, 75: a dial of ours did not come off. The action fails; a leg that is there says so. */
const dialFailed: Reducer = (scope) => {
  const { frame, memory, picture } = scope
  const payload = fields(frame.payload)
  const said = text(frame.payload) ?? textOf(payload, 'message', 'reason', 'errorMessage') ?? 'the dial attempt failed'
  const number = textOf(payload, 'number', 'phone')
  const dial = memory.dialOf(number, frame.at)
  if (dial !== undefined) {
    memory.dialDone(dial)
    dial.failed?.(said)
  }
  const open = picture.callsOf(memory.uid).filter(({ direction, answeredAt, state }) => direction === 'outbound' && answeredAt === undefined && (state === 'initiated' || state === 'dialing' || state === 'remoteRinging'))
  const leg = number === undefined ? (open.length === 1 ? open[0] : undefined) : open.find((call) => call.to?.number !== undefined && sameNumber(call.to.number, number))
  if (leg === undefined) return asVendor(scope)
  const reason = FAILURES.find(([words]) => words.test(said))?.[1] ?? 'unknown'
  return [draft(scope, 'call.failed', { call: { ...leg, state: 'failed', endReason: reason }, reason, cause: { text: said } })]
}

/** ms in which a failure that names no call is put down to our last transfer. */
const FRESH_MS = 120_000

/** 58, 40: the target was not reached. A call that had left comes back as a new leg; what goes on is told by event 4 and by a fresh reading. */
const transferFailed: Reducer = (scope) => {
  const { frame, memory, picture } = scope
  const named = textOf(fields(frame.payload), 'id', 'callId', 'interactionId') ?? text(frame.payload)
  const callId = named !== undefined && memory.marks.has(named) ? named : [...memory.marks].filter(([, { kind, at }]) => kind === 'transfer' && Math.abs(frame.at - at) < FRESH_MS).at(-1)?.[0]
  const reason: Reason = frame.id === '40' ? 'noAnswer' : 'unknown'
  if (callId === undefined) return asVendor(scope)
  const leg = picture.call(memory.legOf(callId))
  if (leg !== undefined) memory.marks.delete(callId)
  else memory.reopen(callId)
  return asVendor(scope).map((news) => ({ ...news, reason, ...(leg === undefined ? {} : { call: leg }) }))
}

export const CALL_REDUCERS: Readonly<Record<string, Reducer>> = {
  3: called, 4: called, 30: called, 5: deleted, 31: deleted, 40: transferFailed, 58: transferFailed, 65: dialFailed, 75: dialFailed
}
