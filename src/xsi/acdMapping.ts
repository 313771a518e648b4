/** Queues of call centres: entries come, are offered, go (xsi.md 4.11; model.md 3.3, 8). The queue is the target of the event. */
import { legId, type Call, type Queue, type Reason } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import { changedFields, legIdOf } from './legs'
import { mapParty, mapRedirections, partyOfAddress } from './parties'
import type { XsiNode } from './protocol'
import { child, defined, has, iso, millis, number, text, time } from './read'
import { countedQueue, toldQueue } from './queues'
import { draft, legDraft, type ReduceContext, type Reducer, type ReducerTable, type Scope, type Target } from './scope'

/** The queue as owner of its legs: the entry knows its name and number best. */
function queueOwner (entry: XsiNode, target: Pick<Target, 'id' | 'owner'>): Call['owner'] {
  const number = partyOfAddress(text(entry, 'acdNumber'))?.number ?? target.owner.number
  return defined({ kind: 'queue' as const, id: target.id, name: text(entry, 'acdName') ?? target.owner.name, number }) as Call['owner']
}

/**
 * One `queueEntry` as a leg owned by its queue.
 * @param position 1-based, from the event beside the entry
 */
export function mapEntry (entry: XsiNode, target: Pick<Target, 'id' | 'owner'>, known: Call | undefined, context: Pick<ReduceContext, 'person' | 'now'>, position?: number): CallDraft | undefined {
  const vendorId = text(entry, 'callId')
  if (vendorId === undefined) return undefined
  const owner = queueOwner(entry, target)
  const party = mapParty(child(entry, 'remoteParty'), context)
  const joined = time(entry, 'addTime') ?? known?.queuedAt
  const queue: NonNullable<Call['queue']> = defined({
    id: target.id,
    name: owner.name,
    number: owner.number,
    position: position ?? known?.queue?.position,
    priority: text(entry, 'acdPriority') ?? known?.queue?.priority,
    bounced: has(entry, 'bounced') ? true as const : undefined,
    offeredTo: known?.queue?.offeredTo
  })
  return defined({
    ...known,
    id: legId(target.id, vendorId),
    vendorId,
    correlationId: text(entry, 'extTrackingId') ?? known?.correlationId,
    owner,
    state: 'queued' as const,
    direction: 'inbound' as const,
    from: known?.from ?? party,
    to: known?.to ?? defined({ number: owner.number, name: owner.name, userId: owner.id, kind: 'queue' as const }),
    remote: party ?? known?.remote,
    startedAt: known?.startedAt ?? joined ?? iso(context.now),
    queuedAt: joined,
    queue
  }) as CallDraft
}

type Handler = (scope: Scope, entry: XsiNode, leg: CallDraft, known: Call | undefined, data: XsiNode) => EventDraft[]

function onEntry (handler: Handler): Reducer {
  return (scope, data) => {
    const entry = child(data, 'queueEntry')
    const id = entry === undefined ? undefined : legId(scope.target.id, text(entry, 'callId') ?? '')
    if (entry === undefined || id === undefined) return [draft(scope, `vendor.${scope.message.type}`)]
    if (scope.picture.tombstone(id) !== undefined) return []
    const known = scope.picture.call(id)
    const leg = mapEntry(entry, scope.target, known, scope.context, number(data, 'position'))
    return leg === undefined ? [draft(scope, `vendor.${scope.message.type}`)] : handler(scope, entry, leg, known, data)
  }
}

function depth (scope: Scope, joined?: CallDraft, leftId?: string): EventDraft {
  return draft(scope, 'queue.updated', { queue: countedQueue(scope, scope.target.id, joined, leftId) })
}

function queued (scope: Scope, entry: XsiNode, leg: CallDraft, data: XsiNode): EventDraft[] {
  const redirections = mapRedirections(data, scope.context)
  return [legDraft(scope, 'call.queued', redirections === undefined ? leg : { ...leg, redirections }, millis(entry, 'addTime')), depth(scope, leg)]
}

const added: Handler = (scope, entry, leg, known, data) => known === undefined ? queued(scope, entry, leg, data) : update(scope, entry, leg, known, data)

const update: Handler = (scope, entry, leg, known, data) => {
  if (known === undefined) return queued(scope, entry, leg, data)
  const changes = changedFields(known, leg)
  return changes.length === 0 ? [] : [legDraft(scope, 'call.updated', leg, undefined, { changes })]
}

/** The agent who is rung for this entry: his leg has the same tracking id. The entry itself does not name him. */
const offered: Handler = (scope, _entry, leg) => {
  const agentLeg = agentLegOf(scope, leg)
  const queue: NonNullable<Call['queue']> = { ...leg.queue }
  delete queue.bounced
  delete queue.offeredTo
  if (agentLeg !== undefined) queue.offeredTo = defined({ id: agentLeg.owner.id, name: agentLeg.owner.name, number: agentLeg.owner.number })
  return [legDraft(scope, 'call.offered', agentLeg === undefined ? { ...leg, queue } : { ...leg, queue, related: withLeg(leg, agentLeg.id) })]
}

function agentLegOf (scope: Scope, leg: CallDraft): Call | undefined {
  if (leg.correlationId === undefined) return undefined
  for (const other of scope.picture.calls()) {
    if (other.correlationId === leg.correlationId && other.owner.kind === 'user' && other.state === 'ringing' && other.queue?.id === scope.target.id) return other
  }
  return undefined
}

function withLeg (leg: Pick<Call, 'related'>, id: string): NonNullable<Call['related']> {
  return [...leg.related?.filter((relation) => relation.kind !== 'agentLeg') ?? [], { kind: 'agentLeg', id }]
}

/** Not taken by the agent: back in the queue, or gone where `redirect` says. */
const bounced: Handler = (scope, entry, leg, known, data) => {
  if (has(data, 'redirect')) return left('bounced')(scope, entry, leg, known, data)
  const queue: NonNullable<Call['queue']> = { ...leg.queue, bounced: true }
  delete queue.offeredTo
  return update(scope, entry, { ...leg, queue }, known, data)
}

/** The entry is out of the queue: one terminal event, `call.dequeued` (model.md 3.2). */
function left (reason: Reason, more: (scope: Scope, entry: XsiNode, leg: CallDraft) => { leg: CallDraft; drafts?: EventDraft[] } = (_scope, _entry, leg) => ({ leg })): Handler {
  return (scope, entry, base, _known, data) => {
    const at = millis(entry, 'removeTime')
    const joined = millis(entry, 'addTime')
    const to = partyOfAddress(text(child(data, 'redirect'), 'address'))
    const { leg, drafts = [] } = more(scope, entry, base)
    const queue: NonNullable<Call['queue']> = { ...leg.queue, ...(at === undefined || joined === undefined ? {} : { waitMs: Math.max(0, at - joined) }) }
    delete queue.offeredTo
    const made: CallDraft = { ...leg, queue, state: 'ended', endedAt: iso(at ?? scope.context.now), endReason: reason, ...(to === undefined ? {} : { remote: to }) }
    const code = text(data, 'overflowReason')
    return [legDraft(scope, 'call.dequeued', made, at, { reason, ...(code === undefined ? {} : { cause: { text: code } }) }), ...drafts, depth(scope, undefined, leg.id)]
  }
}

/** Answered: the queue's leg and the agent's leg point at each other, whatever their tracking ids are (xsi.md 9.9). */
const answered = left('normal', (scope, entry, leg) => {
  const agentId = text(entry, 'answeringUserId')
  const callId = text(entry, 'answeringCallId')
  if (agentId === undefined) return { leg }
  const person = scope.context.person(agentId)
  const agent = defined({ id: agentId, name: person?.name, number: person?.number ?? person?.extension })
  if (callId === undefined) return { leg: { ...leg, agent } }
  const id = legIdOf(scope.picture, agentId, callId)
  const made: CallDraft = { ...leg, agent, related: withLeg(leg, id) }
  const other = scope.picture.call(id)
  if (other === undefined || other.related?.some((relation) => relation.kind === 'queueLeg' && relation.id === leg.id) === true) return { leg: made }
  const joined: CallDraft = { ...other, queue: { ...defined({ ...leg.queue, position: undefined, offeredTo: undefined, bounced: undefined }), ...other.queue }, related: [...other.related ?? [], { kind: 'queueLeg', id: leg.id }] }
  return { leg: made, drafts: [legDraft(scope, 'call.updated', joined, undefined, { changes: ['related'] })] }
})

/** Calls that a policy sent on before they were queued: no entry, so the leg begins and ends here. */
const neverQueued: Reducer = (scope, data) => {
  const leg = mapEntry(data, scope.target, undefined, scope.context)
  const redirect = child(data, 'redirect')
  const to = partyOfAddress(text(redirect, 'address'))
  if (leg === undefined || to === undefined) return [draft(scope, `vendor.${scope.message.type}`)]
  if (scope.picture.tombstone(leg.id) !== undefined) return []
  const at = millis(redirect, 'redirectTime')
  const made: CallDraft = { ...leg, remote: to }
  delete made.queuedAt
  return [
    legDraft(scope, 'call.redirected', made, at, { reason: 'forwarded' }),
    legDraft(scope, 'call.dequeued', { ...made, state: 'ended', endedAt: iso(at ?? scope.context.now), endReason: 'forwarded' }, at, { reason: 'forwarded' })
  ]
}

type Mode = NonNullable<Queue['mode']>

/** Forced forwarding outranks a holiday, a holiday the night. */
export function modeOf (active: { forced: boolean; holiday: boolean; night: boolean }): Mode {
  return active.forced ? 'forcedForward' : active.holiday ? 'holiday' : active.night ? 'night' : 'open'
}

/** One policy was switched. The others are not in the message: the mode falls back to open only when this one had set it. */
function policy (mode: Exclude<Mode, 'open'>): Reducer {
  return (scope, data) => {
    const active = has(data, 'active') || has(data, 'forceNightService')
    const known = scope.picture.queue(scope.target.id)?.mode
    const next = active ? mode : known === mode || known === undefined ? 'open' : known
    if (next === known) return []
    const queue: Queue = { ...countedOrTold(scope), mode: next }
    return [draft(scope, 'queue.updated', { queue, changes: ['mode'] })]
  }
}

/** Depth is only said of queues whose calls are seen. */
function countedOrTold (scope: Scope): Queue {
  return scope.context.hasQueueEvents(scope.target.id) ? countedQueue(scope, scope.target.id) : toldQueue(scope, scope.target.id)
}

/** No word of the model: the vendor's own event, with the leg it is about. */
const vendorOnly: Reducer = (scope, data) => {
  const callId = text(child(data, 'queueEntry'), 'callId')
  const call = callId === undefined ? undefined : scope.picture.call(legId(scope.target.id, callId))
  return [draft(scope, `vendor.${scope.message.type}`, call === undefined ? {} : { call })]
}

const removed = (reason: Reason): Reducer => onEntry(left(reason))

export const ACD_REDUCERS: ReducerTable = {
  ACDCallAddedEvent: onEntry(added),
  ACDCallOfferedToAgentEvent: onEntry(offered),
  ACDCallUpdatedEvent: onEntry(update),
  ACDCallReorderedEvent: onEntry(update),
  ACDCallPromotedEvent: onEntry(update),
  ACDCallBouncedEvent: onEntry(bounced),
  ACDWhisperStartedEvent: vendorOnly,
  ACDCallAnsweredByAgentEvent: onEntry(answered),
  ACDCallAbandonedEvent: removed('abandoned'),
  ACDCallReleasedEvent: removed('unknown'),
  ACDCallEscapedEvent: removed('escaped'),
  ACDCallTransferredEvent: removed('transferred'),
  ACDCallOverflowedEvent: removed('overflow'),
  ACDCallStrandedEvent: removed('stranded'),
  ACDCallStrandedUnavailableEvent: removed('stranded'),
  ACDCallForwardedEvent: neverQueued,
  ACDHolidayPolicyAppliedEvent: neverQueued,
  ACDNightPolicyAppliedEvent: neverQueued,
  ACDForcedForwardingEvent: policy('forcedForward'),
  ACDHolidayServiceEvent: policy('holiday'),
  ACDNightServiceEvent: policy('night')
}
