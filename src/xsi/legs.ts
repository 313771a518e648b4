/** One `call` element as a leg of the model (xsi.md 4.9; model.md 3.1). */
import { legId, samePlain, type ActionName, type Call, type CallState, type EventName } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import type { PictureView } from '../state/picture'
import { recallOf } from './causes'
import { completeParty, keepDetails, mapParty, mapRedirections, partyOfPerson, scopeOf } from './parties'
import type { XsiNode } from './protocol'
import { child, defined, has, iso, millis, number, text, time, typeOf } from './read'
import { legDraft, type ReduceContext, type Scope, type Target } from './scope'

type Recording = NonNullable<Call['recording']>
const RECORDING_STATE: Readonly<Record<string, Recording['state']>> = { Pending: 'pending', Started: 'on', Paused: 'paused', Failed: 'failed' }
const RECORDING_CONTROLS: Readonly<Record<string, NonNullable<Recording['controls']>>> = {
  record: ['start'], pause: ['pause'], 'pause-stop': ['pause', 'stop'], resume: ['resume'], 'resume-stop': ['resume', 'stop'], stop: ['stop']
}
const CONTROL_ACTION: Readonly<Record<string, ActionName>> = {
  start: 'startRecording', stop: 'stopRecording', pause: 'pauseRecording', resume: 'resumeRecording'
}
const ENDED: ReadonlySet<string> = new Set(['Released', 'Detached', 'Idle'])

/** States table of model.md 3.1, column X. There is no state for "far end rings" on the wire: see `callMapping.ts`. */
export function stateOf (personality: string | undefined, vendorState: string | undefined, known: Pick<Call, 'state' | 'answeredAt'> | undefined): CallState {
  if (vendorState === 'Active') return 'active'
  if (vendorState === 'Held' || vendorState === 'Remote Held') return 'held'
  if (vendorState !== undefined && ENDED.has(vendorState)) return 'ended'
  if (vendorState !== 'Alerting') return known?.state ?? 'active'
  // An answered leg that alerts again was moved by the other side: the new far end rings (xsi.md 8).
  if (known?.answeredAt !== undefined) return 'remoteRinging'
  if (personality === 'Terminator') return 'ringing'
  if (personality === 'Click-to-Dial') return 'initiated'
  return known?.state === 'remoteRinging' ? 'remoteRinging' : 'dialing'
}

function heldByOf (vendorState: string | undefined, known: Call | undefined): Call['heldBy'] {
  if (vendorState === 'Remote Held') return 'remote'
  if (vendorState !== 'Held') return undefined
  return known?.heldBy === 'remote' || known?.heldBy === 'both' ? 'both' : 'local'
}

/** Recording of a call: told by `recordingState`; without it, by what may be done or by `recorded`. */
export function recordingOf (call: XsiNode): Call['recording'] {
  const told = text(call, 'recordingState')
  const allowed = text(call, 'allowedRecordingControls')
  const controls = allowed === undefined ? undefined : RECORDING_CONTROLS[allowed]
  const state = (told === undefined ? undefined : RECORDING_STATE[told]) ?? (has(call, 'recorded') || controls?.includes('start') === true ? 'off' as const : undefined)
  return state === undefined ? undefined : defined({ state, controls }) as Recording
}

function allowedActions (call: XsiNode, recording: Call['recording']): ActionName[] | undefined {
  const allowed: ActionName[] = []
  if (has(call, 'allowAnswer')) allowed.push('answer')
  if (has(call, 'allowRetrieve')) allowed.push('resume')
  for (const control of recording?.controls ?? []) allowed.push(CONTROL_ACTION[control])
  return allowed.length === 0 ? undefined : allowed
}

function deviceOf (call: XsiNode): Call['device'] {
  const endpoint = child(call, 'endpoint')
  if (endpoint === undefined) return undefined
  if (typeOf(endpoint) === 'AccessEndpoint' || has(endpoint, 'addressOfRecord')) {
    const id = text(endpoint, 'addressOfRecord')
    return id === undefined ? undefined : { id }
  }
  for (const key in endpoint) {
    const id = key.startsWith('@') || key === '$' ? undefined : text(endpoint, key)
    if (id !== undefined) return { id, kind: 'other' }
  }
  return undefined
}

function queueOf (call: XsiNode, known: Call | undefined): Pick<Call, 'queue' | 'dialed' | 'disposition'> {
  const acd = child(call, 'acdCallInfo')
  if (acd === undefined) {
    const hunt = text(call, 'huntGroupUserId')
    return hunt === undefined || known?.queue !== undefined ? {} : { queue: { id: hunt } }
  }
  const party = mapParty({ address: acd.acdNumber }, { person: () => undefined })
  const id = text(acd, 'acdUserId')
  const name = text(acd, 'acdName')
  const waited = number(acd, 'waitTime')
  const code = text(acd, 'dispositionCode')
  return defined({
    queue: { ...known?.queue, ...defined({ id, name, number: party?.number, waitMs: waited === undefined ? undefined : waited * 1000 }) },
    dialed: known?.dialed ?? (party === undefined ? undefined : { ...party, ...defined({ name, userId: id }), kind: 'queue' as const }),
    disposition: code === undefined ? undefined : { id: code }
  }) as Pick<Call, 'queue' | 'dialed' | 'disposition'>
}

function notesOf (call: XsiNode, known: Call | undefined): Call['data'] {
  const notes = defined({ info: text(call, 'clientSessionInfo'), securityClassification: text(call, 'securityClassification') })
  return Object.keys(notes).length === 0 ? known?.data : { ...known?.data, ...notes } as Record<string, string>
}

/**
 * "Advanced Call" tells a call before forwarding and do-not-disturb have decided (xsi.md 10, trap 7): that the phone rang is certain only once the server
 * names a device or an appearance, or the call is talked on.
 */
function uncertainOf (call: XsiNode, state: CallState, known: Call | undefined, preService: boolean): string[] | undefined {
  const list = (known?.uncertain ?? []).filter((field) => field !== 'ringingAt')
  const presented = state === 'active' || state === 'held' || has(call, 'endpoint') || has(call, 'appearance') || has(call, 'allowAnswer')
  const open = known === undefined ? preService : known.uncertain?.includes('ringingAt') === true
  if (open && !presented) list.push('ringingAt')
  return list.length === 0 ? undefined : list
}

/** The caller dialled what the oldest forward was for. A transfer tells nothing of what was dialled. */
function dialedByForward (redirections: Call['redirections']): Call['dialed'] {
  const oldest = redirections?.at(-1)
  return oldest === undefined || oldest.reason === 'transferred' || oldest.party.number === undefined ? undefined : oldest.party
}

/**
 * The id of a leg. After a restart the server numbers its calls anew (model.md 10): the callId of a call that has ended, with a later start, is another
 * call and gets an id of its own, for it must not be taken for late news of the old one.
 * @param startedAt ms of the vendor's clock, when the message tells it
 */
export function legIdOf (picture: PictureView, ownerId: string, callId: string, startedAt?: number): string {
  const id = legId(ownerId, callId)
  if (picture.call(id) !== undefined) return id
  const open = picture.callsOf(ownerId).find((leg) => leg.vendorId === callId)
  if (open !== undefined) return open.id
  const ended = picture.tombstone(id)
  return ended === undefined || startedAt === undefined || startedAt <= Date.parse(ended.startedAt) ? id : legId(ownerId, callId, String(startedAt))
}

/**
 * The whole leg after this `call` element: what was known, overlaid with what is told. XSI sends the complete call each time, so a volatile field that
 * is missing is over (hold, allowed actions); facts of the past stay (first answer, first parties, redirections).
 * @param known the leg in the picture; it is not changed
 * @param live false for a present state that was read: it tells what is, not what services may still decide
 * @param id of a leg that is not known yet, see `legIdOf`
 */
export function mapLeg (call: XsiNode, target: Target, known: Call | undefined, context: ReduceContext, live = true, id?: string): CallDraft {
  const vendorId = text(call, 'callId') ?? ''
  const vendorState = text(call, 'state')
  const personality = text(call, 'personality')
  const direction = known?.direction ?? (personality === 'Terminator' ? 'inbound' : 'outbound')
  const state = stateOf(personality, vendorState, known)
  const told = mapParty(child(call, 'remoteParty'), context)
  const remote = keepDetails(known?.remote, told)
  const startedAt = known?.startedAt ?? time(call, 'startTime')
  const redirections = mapRedirections(call, context) ?? known?.redirections
  const recording = recordingOf(call) ?? (known?.recording === undefined ? undefined : { state: known.recording.state })
  const acd = queueOf(call, known)
  const self = known === undefined ? partyOfPerson(target.person, target.id) : undefined
  const preService = live && context.advancedCall && state === 'ringing'
  const heldBy = heldByOf(vendorState, known)
  const leg: CallDraft = {
    ...known,
    id: known?.id ?? id ?? legId(target.id, vendorId),
    vendorId,
    owner: known?.owner ?? target.owner,
    state,
    direction,
    startedAt: startedAt ?? iso(context.now),
    from: direction === 'inbound' ? completeParty(known?.from, told) : known?.from ?? self,
    to: direction === 'inbound' ? known?.to ?? self : completeParty(known?.to, told),
    vendorState,
    heldBy,
    heldAt: heldBy === undefined ? undefined : time(call, 'heldTime') ?? known?.heldAt,
    correlationId: text(call, 'extTrackingId') ?? known?.correlationId,
    scope: scopeOf(text(child(call, 'remoteParty'), 'callType')) ?? known?.scope,
    remote,
    redirections,
    device: deviceOf(call) ?? known?.device,
    line: number(call, 'appearance') ?? known?.line,
    answeredAt: known?.answeredAt ?? time(call, 'answerTime'),
    heldMs: number(call, 'totalHeldTime') ?? known?.heldMs,
    recall: recallOf(text(call, 'recallType')) ?? known?.recall,
    recording,
    can: state === 'ended' ? undefined : allowedActions(call, recording),
    data: notesOf(call, known),
    uncertain: uncertainOf(call, state, known, preService),
    ...acd
  }
  if (state === 'ringing' && leg.ringingAt === undefined) leg.ringingAt = startedAt ?? iso(context.now)
  if (startedAt === undefined) leg.uncertain = [...leg.uncertain ?? [], 'startedAt']
  const dialed = leg.dialed ?? dialedByForward(redirections)
  if (dialed !== undefined) leg.dialed = dialed
  if (has(call, 'acdCallInfo') && leg.agent === undefined && target.owner.kind === 'user') leg.agent = defined({ id: target.id, name: target.owner.name })
  return defined(leg) as CallDraft
}

const UNTOLD: ReadonlySet<string> = new Set(['vendorState', 'uncertain', 'linkedBy', 'conversationId'])

/** Names of the fields that differ between two states of a leg. */
export function changedFields (known: Call, leg: CallDraft): string[] {
  const changes: string[] = []
  const before = known as unknown as Record<string, unknown>
  const after = leg as unknown as Record<string, unknown>
  for (const key in after) if (!UNTOLD.has(key) && !samePlain(before[key], after[key])) changes.push(key)
  for (const key in before) if (!UNTOLD.has(key) && before[key] !== undefined && after[key] === undefined) changes.push(key)
  return changes
}

const FIRST: Readonly<Record<CallState, EventName>> = {
  initiated: 'call.originated', dialing: 'call.originated', remoteRinging: 'call.remoteRinging', ringing: 'call.ringing', active: 'call.answered', held: 'call.held',
  queued: 'call.queued', parked: 'call.parked', failed: 'call.failed', ended: 'call.ended'
}

/** The event that a change of state is, between a known leg and what it has become. */
function stepName (known: Call, leg: CallDraft): EventName {
  if (known.state === leg.state) return 'call.updated'
  switch (leg.state) {
    case 'active': return known.state === 'held' ? 'call.resumed' : known.answeredAt === undefined ? 'call.answered' : 'call.updated'
    case 'held': return 'call.held'
    case 'remoteRinging': return known.answeredAt === undefined ? 'call.remoteRinging' : 'call.updated'
    case 'ringing': return leg.recall !== undefined && known.recall === undefined ? 'call.ringing' : 'call.updated'
    case 'failed': return 'call.failed'
    default: return 'call.updated'
  }
}

const TIME_FIELD: Partial<Record<EventName, string>> = { 'call.originated': 'startTime', 'call.ringing': 'startTime', 'call.answered': 'answerTime', 'call.held': 'heldTime' }

/** The leg and its first or next event, whatever the message was called: a server may skip steps, none is invented (xsi.md 8). Nothing new: no draft. */
export function stepDrafts (scope: Scope, call: XsiNode, known: Call | undefined, leg: CallDraft, more: Omit<EventDraft, 'event' | 'key' | 'call'> = {}): EventDraft[] {
  const event = known === undefined ? FIRST[leg.state] : stepName(known, leg)
  const fields = { ...more }
  if (event === 'call.updated') {
    fields.changes = changedFields(known as Call, leg)
    if (fields.changes.length === 0) return []
  }
  if (event === 'call.answered' && leg.answeredAt === undefined) leg.answeredAt = iso(scope.context.now)
  const field = TIME_FIELD[event]
  return [legDraft(scope, event, leg, field === undefined ? undefined : millis(call, field), fields)]
}
