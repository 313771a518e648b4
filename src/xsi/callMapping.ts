/** Call events but redirection and conferences: one row an event type (xsi.md 4.9). */
import { type Call, type EventName } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import { settleDrafts } from './agentMapping'
import { endedByOf, plainEndReason, releaseCauseOf } from './causes'
import { changedFields, legIdOf, mapLeg, stepDrafts } from './legs'
import type { XsiNode } from './protocol'
import { child, defined, has, iso, millis, text } from './read'
import { draft, legDraft, type Reducer, type ReducerTable, type Scope } from './scope'

type Handler = (scope: Scope, call: XsiNode, leg: CallDraft, known: Call | undefined, data: XsiNode) => EventDraft[]

/** What the name of an event implies where an operator's platform leaves it out. */
const IMPLIED: Readonly<Record<string, { readonly personality: string; readonly state: string }>> = {
  CallReceivedEvent: { personality: 'Terminator', state: 'Alerting' },
  CallOriginatedEvent: { personality: 'Originator', state: 'Alerting' },
  CallOriginatingEvent: { personality: 'Click-to-Dial', state: 'Alerting' }
}

/** The call of an event: a child of its own, or, on some platforms, the data itself. */
function callOf (type: string, data: XsiNode): XsiNode {
  const call = child(data, 'call') ?? data
  const implied = call.personality === undefined || call.state === undefined ? IMPLIED[type] : undefined
  return implied === undefined ? call : { ...implied, ...call }
}

/** Wraps what all events of one call share: find the leg, drop what is late, build the new state. */
function onCall (handler: Handler, afterEnd = false): Reducer {
  return (scope, data) => {
    const call = callOf(scope.message.type, data)
    const callId = text(call, 'callId')
    if (callId === undefined) return [draft(scope, `vendor.${scope.message.type}`)]
    const id = legIdOf(scope.picture, scope.target.id, callId, millis(call, 'startTime'))
    const ended = scope.picture.tombstone(id)
    if (ended !== undefined && !afterEnd) return []
    const known = scope.picture.call(id)
    if (ended !== undefined) return handler(scope, call, { ...ended, ...afterEndFields(mapLeg(call, scope.target, ended, scope.context)) }, ended, data)
    return handler(scope, call, mapLeg(call, scope.target, known, scope.context, true, id), known, data)
  }
}

/** Of a leg that is over only the recording may still change (model.md R3). */
function afterEndFields (leg: CallDraft): Pick<CallDraft, 'recording'> {
  return leg.recording === undefined ? {} : { recording: leg.recording }
}

/** A leg that goes on, unless the state says that it is over, whatever the event is called. */
const step: Handler = (scope, call, leg, known, data) => leg.state === 'ended' ? released(scope, call, leg, known, data) : [...stepDrafts(scope, call, known, relateQueue(scope, leg)), ...busyDrafts(scope, leg, known)]

/** Fills `related` of an agent's leg with the queue's leg of the same conversation (model.md 3.3). */
function relateQueue (scope: Scope, leg: CallDraft): CallDraft {
  const queue = leg.queue?.id
  if (queue === undefined || leg.correlationId === undefined || leg.owner.kind === 'queue' || leg.related?.some((one) => one.kind === 'queueLeg') === true) return leg
  const found = scope.picture.callsOf(queue).find((other) => other.correlationId === leg.correlationId)
  return found === undefined ? leg : { ...leg, related: [...leg.related ?? [], { kind: 'queueLeg', id: found.id }] }
}

function busyDrafts (scope: Scope, leg: CallDraft, known: Call | undefined): EventDraft[] {
  return leg.state === 'active' && leg.agent !== undefined && known?.state !== 'active' ? settleDrafts(scope, leg) : []
}

/** `CallUpdated` while we wait for an answer, with the remote party resolved: the far end rings (xsi.md 7.1). */
const updated: Handler = (scope, call, leg, known, data) => {
  if (known?.monitoredBy !== undefined && leftAlone(known, leg)) {
    const alone = { ...leg }
    delete alone.monitoredBy
    return step(scope, call, alone, known, data)
  }
  const rings = known?.state === 'dialing' && leg.state === 'dialing' && has(child(call, 'remoteParty'), 'address')
  if (!rings) return step(scope, call, leg, known, data)
  return stepDrafts(scope, call, known, { ...leg, state: 'remoteRinging', ringingAt: leg.ringingAt ?? iso(scope.context.now) })
}

/**
 * The supervisor is gone: XSI has no event for it. A call that is told again with nothing new in it, or in another conversation, was changed by his leaving.
 * Uncertain, as the vendor does not say which events follow.
 */
function leftAlone (known: Call, leg: CallDraft): boolean {
  const changes = changedFields(known, leg)
  return changes.length === 0 || changes.includes('correlationId')
}

/** Digits are being collected: the leg is under way, the call is not. */
const collecting: Handler = (scope, call, leg, known, data) => {
  const early = known === undefined || known.state === 'initiated' || known.state === 'dialing'
  return step(scope, call, { ...leg, state: early ? 'initiated' : known.state }, known, data)
}

/** A leg event of a fixed name for a leg that is known; of an unknown one the state it is in. */
function named (event: EventName, overlay: (leg: CallDraft, known: Call, scope: Scope) => Partial<CallDraft> = () => ({}), reason?: EventDraft['reason']): Handler {
  return (scope, call, leg, known) => {
    if (known === undefined) return stepDrafts(scope, call, known, leg)
    const made = { ...leg, ...overlay(leg, known, scope) }
    const changes = changedFields(known, made)
    if (changes.length === 0) return []
    return [legDraft(scope, event, made, undefined, { changes, ...(reason === undefined ? {} : { reason }) })]
  }
}

/**
 * The remote party was moved by the one we talked to. A new tracking id means that our call was merged into another conversation: we are the one who was
 * consulted. An unchanged one means that we are the party that was passed on (model.md 3.4).
 */
const transferred: Handler = (scope, call, leg, known) => {
  if (known === undefined) return stepDrafts(scope, call, known, leg)
  const target = known.correlationId !== leg.correlationId
  const early = known.answeredAt === undefined
  const transfer: NonNullable<Call['transfer']> = target
    ? { kind: early ? 'early' : 'attended', role: 'target' }
    : { kind: leg.state === 'remoteRinging' ? 'blind' : 'attended', role: 'transferee' }
  if (known.remote !== undefined) transfer.by = known.remote
  if (leg.remote !== undefined) transfer[target ? 'from' : 'to'] = leg.remote
  return [legDraft(scope, 'call.transferred', { ...leg, transfer }, undefined, { reason: 'transferred' })]
}

/** An announcement plays before the release. Only outbound attempts fail; an inbound leg just changes. */
const releasing: Handler = (scope, call, leg, known, data) => {
  const told = releaseCauseOf(call)
  if (told === undefined || leg.direction === 'inbound') return step(scope, call, leg, known, data)
  return known?.state === 'failed' ? [] : [legDraft(scope, 'call.failed', { ...leg, state: 'failed' }, undefined, told)]
}

/** Another leg of the same conversation was answered, so this one was not missed. */
function answeredElsewhere (scope: Scope, leg: CallDraft): boolean {
  if (leg.correlationId === undefined) return false
  for (const other of scope.picture.calls()) {
    if (other.id !== leg.id && other.correlationId === leg.correlationId && other.direction === 'inbound' && other.owner.kind === 'user' && other.answeredAt !== undefined) return true
  }
  return false
}

function endOf (scope: Scope, call: XsiNode, leg: CallDraft): Pick<CallDraft, 'endReason' | 'endedBy' | 'uncertain'> & Pick<EventDraft, 'cause'> {
  const told = releaseCauseOf(call)
  const endedBy = endedByOf(text(call, 'releasingParty'))
  const by = endedBy === undefined ? {} : { endedBy }
  if (told !== undefined) return { endReason: told.reason, cause: told.cause, ...by }
  const mark = scope.context.ownMark(leg.id)
  if (mark?.kind === 'park') return { endReason: 'parked', ...by }
  if (mark?.kind === 'reject' && leg.answeredAt === undefined) return { endReason: 'rejected', endedBy: 'local' }
  const unanswered = leg.direction === 'inbound' && leg.answeredAt === undefined
  if (unanswered && endedBy !== 'local' && answeredElsewhere(scope, leg)) {
    return { endReason: 'answeredElsewhere', uncertain: [...leg.uncertain ?? [], 'endReason'], ...by }
  }
  return { endReason: plainEndReason(leg, endedBy), ...by }
}

/** The events that end a leg: what must come before, then exactly one terminal event (model.md R3). */
export function endDrafts (scope: Scope, leg: CallDraft, end: ReturnType<typeof endOf>, at: number | undefined): EventDraft[] {
  const { cause, ...fields } = end
  const made: CallDraft = { ...leg, ...fields, state: 'ended', endedAt: iso(at ?? scope.context.now) }
  delete made.heldBy
  delete made.heldAt
  delete made.can
  const why = { reason: end.endReason, ...(cause === undefined ? {} : { cause }) }
  const drafts: EventDraft[] = []
  const mark = scope.context.ownMark(leg.id)
  if (mark?.kind === 'park') {
    // The leg is still there for the moment that this event tells: it ends with the next one.
    const state = scope.picture.call(leg.id)?.state ?? 'active'
    drafts.push(legDraft(scope, 'call.parked', { ...leg, state, ...(mark.slot === undefined ? {} : { to: mark.slot }), parkedAt: iso(at ?? scope.context.now) }, at, { reason: 'parked' }))
  }
  drafts.push(legDraft(scope, 'call.ended', made, at, why))
  return drafts
}

const released: Handler = (scope, call, leg, known) => {
  const end = endOf(scope, call, leg)
  const at = millis(call, 'releaseTime')
  const failed = leg.direction === 'outbound' && leg.answeredAt === undefined && end.cause !== undefined && known?.state !== 'failed'
  if (!failed) return endDrafts(scope, leg, end, at)
  return [legDraft(scope, 'call.failed', { ...leg, state: 'failed' }, at, { reason: end.endReason, cause: end.cause }), ...endDrafts(scope, leg, end, at)]
}

/** No longer presented to this user, who keeps no control over it. */
const detached: Handler = (scope, call, leg) => {
  const end = endOf(scope, call, leg)
  const known = leg.answeredAt === undefined && end.endReason !== 'answeredElsewhere' && end.endReason !== 'parked' && end.endReason !== 'rejected'
  return endDrafts(scope, leg, known ? { ...end, endReason: 'unknown' } : end, millis(call, 'detachedTime'))
}

const recording: Handler = (scope, call, leg, known, data) => {
  const failed = scope.message.type === 'CallRecordingStoppedEvent' && text(data, 'reason') === 'Failure'
  const made: CallDraft = failed && leg.recording !== undefined ? { ...leg, recording: { ...leg.recording, state: 'failed' } } : leg
  if (known?.recording?.state === made.recording?.state) return known === undefined ? stepDrafts(scope, call, known, made) : named('call.updated')(scope, call, made, known, data)
  return [legDraft(scope, 'call.recording', made)]
}

type Monitoring = NonNullable<Call['monitoredBy']>

/** Who listens, and how, by the leg of a supervisor of this account: this event does not tell a whisper from listening (xsi.md 4.9). */
function supervisorOf (scope: Scope): Monitoring | undefined {
  for (const { conference, remote, owner } of scope.picture.calls()) {
    const kind = conference?.state === 'ended' ? undefined : conference?.kind
    if (kind === undefined || kind === 'normal' || remote?.userId !== scope.target.id) continue
    return { mode: kind, party: { ...defined({ number: owner.number, name: owner.name, userId: owner.id }), kind: 'user' } }
  }
  return undefined
}

const monitored = (mode: Monitoring['mode']): Handler => named('call.monitored', (_leg, _known, scope) => ({ monitoredBy: supervisorOf(scope) ?? { mode } }))
const vendorOnly: Handler = (scope, _call, leg, known) => [draft(scope, `vendor.${scope.message.type}`, { call: known ?? leg })]

export const CALL_REDUCERS: ReducerTable = {
  CallOriginatingEvent: onCall(step),
  CallOriginatedEvent: onCall(step),
  CallCollectingEvent: onCall(collecting),
  CallReceivedEvent: onCall(step),
  CallUpdatedEvent: onCall(updated),
  CallAnsweredEvent: onCall(step),
  CallHeldEvent: onCall(step),
  CallRetrievedEvent: onCall(step),
  CallTransferredEvent: onCall(transferred),
  CallForwardedEvent: onCall(named('call.redirected', undefined, 'forwarded')),
  CallPickedUpEvent: onCall(named('call.updated', undefined, 'pickedUp')),
  CallBargedInEvent: onCall(monitored('bargeIn')),
  CallMonitoredEvent: onCall(monitored('listen')),
  CallParkRetrievedEvent: onCall(named('call.unparked')),
  CallDetachedEvent: onCall(detached),
  CallReleasingEvent: onCall(releasing),
  CallReleasedEvent: onCall(released),
  CallRecordingStartingEvent: onCall(recording, true),
  CallRecordingStartedEvent: onCall(recording, true),
  CallRecordingPausedEvent: onCall(recording, true),
  CallRecordingResumedEvent: onCall(recording, true),
  CallRecordingStoppedEvent: onCall(recording, true),
  CallSecurityClassificationUpdatedEvent: onCall(step),
  CallClientSessionInfoUpdatedEvent: onCall(step),
  PlayMusicOnHoldFailureEvent: onCall(vendorOnly)
}
