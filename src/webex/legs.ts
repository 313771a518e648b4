/** A call of the vendor as a leg: the same for REST and events (webex-calling.md 3.2, 4.4, 7.1, 8; model.md 3). Pure. */
import { legId, type Call, type CallState } from '../model'
import type { CallDraft } from '../session/types'
import { keyOf } from './ids'
import { completeParty, keepDetails, mapParty, mapRedirections, scopeOf, selfOf } from './parties'
import { RECORDING_STATES } from './protocol'
import { boolean, defined, millis, number, record, records, text, time, type Json } from './read'
import type { ReduceContext, Source, Target } from './scope'

const DEVICES: Readonly<Record<string, NonNullable<Call['device']>['kind']>> = { DEVICE: 'phone', APPLICATION: 'app' }

/** ms by which two messages may state the beginning of one call differently. */
const SAME_MOMENT_MS = 1000

/** The call's id: `id` in REST, `callId` in events (webex-calling.md 10.1). */
export function callIdOf (call: Json): string | undefined {
  return text(call, 'callId') ?? text(call, 'id')
}

const isOutbound = (call: Json): boolean => text(call, 'personality') !== 'terminator'

/** Id of the leg that a call of this person is. */
export function legIdOf (call: Json, callId: string, target: Target, source: Source): string {
  const { picture, context } = source
  const plain = context.legIdOf(target.id, callId, undefined)
  const again = reusedId(plain, target.id, callId, millis(call, 'created'), source)
  if (again !== undefined) return again
  if (!isOutbound(call) || picture.call(plain) !== undefined) return plain
  return context.legIdOf(target.id, callId, text(call, 'callSessionId'))
}

/** A server that was restarted gives its ids anew: the same id with another beginning is another call. */
function reusedId (plain: string, owner: string, callId: string, created: number | undefined, { picture }: Source): string | undefined {
  if (created === undefined) return undefined
  const other = legId(owner, keyOf(callId), created.toString(36))
  if (picture.call(other) !== undefined || picture.tombstone(other) !== undefined) return other
  const before = picture.call(plain) ?? picture.tombstone(plain)
  if (before === undefined || before.uncertain?.includes('startedAt') === true) return undefined
  const apart = Math.abs(Date.parse(before.startedAt) - created)
  // Nothing begins when it has ended; nothing begins twice.
  const isLater = before.endedAt !== undefined && created >= Date.parse(before.endedAt) && apart > 0
  return isLater || apart > SAME_MOMENT_MS ? other : undefined
}

/** State of the leg; by the vendor's state and personality, never by the name of the event (webex-calling.md 4.4). Undefined: a word that is not known. */
export function stateOf (call: Json): CallState | undefined {
  const personality = text(call, 'personality')
  switch (text(call, 'state')) {
    case 'alerting': return personality === 'terminator' ? 'ringing' : personality === 'clickToDial' ? 'initiated' : 'dialing'
    case 'connecting': return personality === 'terminator' ? 'ringing' : 'dialing'
    case 'connected': return 'active'
    case 'held':
    case 'remoteHeld': return 'held'
    case 'disconnected': return 'ended'
    default: return undefined
  }
}

function heldByOf (call: Json, known: Call | undefined): Call['heldBy'] {
  const state = text(call, 'state')
  if (state === 'remoteHeld') return 'remote'
  if (state !== 'held') return undefined
  // Own hold wins over the other side's (U16): that one is still there.
  return known?.heldBy === 'remote' || known?.heldBy === 'both' ? 'both' : 'local'
}

function recordingOf (call: Json, known: Call | undefined): Call['recording'] {
  const word = text(call, 'recordingState')
  const state = word === undefined || !Object.hasOwn(RECORDING_STATES, word) ? undefined : RECORDING_STATES[word]
  return state === undefined ? known?.recording : { ...known?.recording, state }
}

/** While a queue offers a call, the caller's name is prefixed by the queue's (webex-calling.md 4.4). */
function withoutQueue (party: Json, call: Json): Json {
  const name = text(party, 'name')
  const queue = text(record(records(call, 'redirections')[0], 'redirectingParty'), 'name')
  return name === undefined || queue === undefined || !name.startsWith(`${queue}  -  `) ? party : { ...party, name: name.slice(queue.length + 5) }
}

function queueOf (call: Json, known: Call | undefined, context: ReduceContext): Call['queue'] {
  const told = records(call, 'redirections').find((one) => text(one, 'reason') === 'callQueue')
  if (told === undefined) return known?.queue
  const party = record(told, 'redirectingParty')
  const name = text(party, 'name')
  const line = text(party, 'number')
  const id = context.queueIdOf(text(party, 'id'), line, name) ?? text(party, 'id')
  return { ...known?.queue, ...defined({ id, name, number: line }) }
}

function deviceOf (call: Json, known: Call | undefined): Call['device'] {
  const id = text(call, 'endpointId')
  return id === undefined ? known?.device : defined({ id, kind: DEVICES[text(call, 'endpointType') ?? ''] }) as Call['device']
}

/**
 * The leg as it is after this message. What the vendor leaves out is taken from what is known.
 * @param known the leg before; undefined for one that is met for the first time
 */
export function mapLeg (call: Json, callId: string, target: Target, known: Call | undefined, source: Source): CallDraft {
  const { context } = source
  const told = mapParty(withoutQueue(record(call, 'remoteParty'), call), (id) => context.person(id))
  const direction = known?.direction ?? (isOutbound(call) ? 'outbound' : 'inbound')
  const inbound = direction === 'inbound'
  const state = stateOf(call) ?? known?.state ?? (inbound ? 'ringing' : 'dialing')
  const self = selfOf(target.person, target.id)
  const heldBy = heldByOf(call, known)
  const startedAt = known?.startedAt ?? time(call, 'created')
  const redirections = mapRedirections(call, (id) => context.person(id)) ?? known?.redirections
  const oldest = redirections?.at(-1)
  const queue = queueOf(call, known, context)
  const session = text(call, 'callSessionId')
  const muted = boolean(call, 'muted')
  const capable = boolean(call, 'muteCapable')
  return defined({
    ...known,
    id: known?.id ?? legIdOf(call, callId, target, source),
    vendorId: context.restIdOf(callId) ?? known?.vendorId ?? callId,
    correlationId: session === undefined ? known?.correlationId : keyOf(session),
    owner: known?.owner ?? target.owner,
    state,
    vendorState: text(call, 'state') ?? known?.vendorState,
    heldBy,
    heldAt: heldBy === undefined ? undefined : known?.heldAt,
    direction,
    scope: scopeOf(record(call, 'remoteParty')) ?? known?.scope,
    from: inbound ? completeParty(known?.from, told) : known?.from ?? self,
    to: inbound ? known?.to ?? self : completeParty(known?.to, told),
    // A transfer tells nothing of what the caller dialled.
    dialed: known?.dialed ?? (oldest === undefined || oldest.reason === 'transferred' || oldest.party.number === undefined ? undefined : oldest.party),
    remote: keepDetails(known?.remote, told),
    redirections,
    device: deviceOf(call, known),
    line: number(call, 'appearance') ?? known?.line,
    startedAt: startedAt ?? new Date(context.now).toISOString(),
    answeredAt: known?.answeredAt ?? time(call, 'answered'),
    endedAt: state === 'ended' ? time(call, 'disconnected') ?? known?.endedAt : undefined,
    queue,
    agent: queue === undefined ? known?.agent : known?.agent ?? defined({ id: target.id, name: target.owner.name }),
    recall: text(record(call, 'recall'), 'type') === 'park' ? 'park' as const : known?.recall,
    recording: recordingOf(call, known),
    muted: muted === true ? true : known?.muted === undefined ? undefined : muted ?? known.muted,
    can: state === 'ended' || capable !== true ? undefined : muted === true ? ['unmute' as const] : ['mute' as const],
    uncertain: startedAt === undefined ? ['startedAt'] : known?.uncertain
  }) as CallDraft
}
