/** From what is told of a call, by webhook or list, to neutral events: pure (webex-calling.md 4.4, 7.1; model.md 3). */
import { samePlain, type Call, type CallState, type EventName } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import { endDrafts } from './endings'
import { callIdOf, legIdOf, mapLeg } from './legs'
import { text, type Json } from './read'
import type { Source, Target } from './scope'

/** One call as a message tells it. */
export interface ToldCall {
  readonly call: Json
  readonly target: Target
  /** The envelope's word; `deleted` is the end whatever the state says. */
  readonly event?: string
  /** ms since 1970; absent where a list tells of the call. */
  readonly at?: number
  /** Key of the message, for redeliveries. */
  readonly key?: string
}

const FIRST: Readonly<Record<CallState, EventName>> = {
  initiated: 'call.originated', dialing: 'call.originated', remoteRinging: 'call.remoteRinging', ringing: 'call.ringing', active: 'call.answered', held: 'call.held',
  queued: 'call.queued', parked: 'call.parked', failed: 'call.failed', ended: 'call.ended'
}
/** Not told: ours, or following from another change. */
const UNTOLD: ReadonlySet<string> = new Set<keyof Call>(['vendorState', 'vendorId', 'uncertain', 'linkedBy', 'conversationId', 'mergedFrom', 'clientRef', 'related', 'heldAt', 'startedAt', 'recording'])

/** How far a call has come: between two messages of the same moment the later state counts (webex-calling.md 4.2). */
const RANKS: Readonly<Record<CallState, number>> = { initiated: 0, ringing: 0, queued: 0, dialing: 1, remoteRinging: 2, parked: 3, active: 3, held: 3, failed: 4, ended: 5 }
export const rankOf = (state: CallState): number => RANKS[state]

function stepName (known: Call, leg: CallDraft): EventName {
  if (known.state === leg.state) return 'call.updated'
  if (leg.state === 'active') return known.state === 'held' ? 'call.resumed' : known.answeredAt === undefined ? 'call.answered' : 'call.updated'
  if (leg.state === 'held') return 'call.held'
  return 'call.updated'
}

function changesOf (known: Call, leg: CallDraft): string[] {
  const before = known as unknown as Record<string, unknown>
  const after = leg as unknown as Record<string, unknown>
  return [...new Set([...Object.keys(after), ...Object.keys(before)])].filter((name) => !UNTOLD.has(name) && !samePlain(before[name], after[name]))
}

function stamped (drafts: EventDraft[], { at, key, target }: ToldCall): EventDraft[] {
  return drafts.map((draft) => ({
    ...draft,
    user: target.user,
    ...(key === undefined ? {} : { key }),
    ...(at === undefined ? {} : { time: new Date(at).toISOString(), timeSource: 'vendor' as const })
  }))
}

/**
 * What is new about one call.
 * @returns 0..n drafts in the order in which they must be sent; a call without id gives none
 */
export function reduceCall (told: ToldCall, source: Source): EventDraft[] {
  const { call, target } = told
  const callId = callIdOf(call)
  if (callId === undefined) return []
  const { picture, context } = source
  const id = legIdOf(call, callId, target, source)
  const known = picture.call(id)
  const leg = mapLeg(call, callId, target, known, source)
  if (told.event === 'deleted' || leg.state === 'ended') {
    // Of a leg that is met by its end, what precedes the end is told as well: it was still open then.
    const last: CallDraft = { ...leg, state: known?.state ?? (leg.answeredAt !== undefined ? 'active' : leg.direction === 'inbound' ? 'ringing' : 'dialing') }
    return stamped(endDrafts(call, last, context.markOf(id), otherOf(source)), told)
  }
  if (known === undefined && picture.tombstone(id) !== undefined) return []
  // No call rings again after it was answered: that is an old word that comes late.
  if (known?.answeredAt !== undefined && rankOf(leg.state) < rankOf('active')) return []
  return stamped(stepDrafts(known, leg), told)
}

function stepDrafts (known: Call | undefined, leg: CallDraft): EventDraft[] {
  const event = known === undefined ? FIRST[leg.state] : stepName(known, leg)
  const recording: EventDraft[] = leg.recording !== undefined && leg.recording.state !== known?.recording?.state ? [{ event: 'call.recording', call: leg }] : []
  if (event !== 'call.updated' || known === undefined) return [{ event, call: leg }, ...recording]
  const changes = changesOf(known, leg)
  return changes.length === 0 ? recording : [{ event, call: leg, changes }, ...recording]
}

/** A leg that is missing in the list of its owner: it has ended, by whatever (webex-calling.md 6). */
export function reduceGone (known: Call, target: Target, source: Source): EventDraft[] {
  // Two clocks that differ a little end no call before it was answered.
  const endedAt = new Date(Math.max(source.context.now, Date.parse(known.answeredAt ?? known.startedAt))).toISOString()
  const leg: CallDraft = { ...known, endedAt, uncertain: [...new Set([...known.uncertain ?? [], 'endedAt'])] }
  return stamped(endDrafts({}, leg, source.context.markOf(known.id), otherOf(source)), { call: {}, target }).map((draft) => ({ ...draft, derived: true as const }))
}

const otherOf = ({ picture }: Source) => (id: string): Call | undefined => picture.call(id) ?? picture.tombstone(id)

/** Key of an event: the envelope has no id of its own (webex-calling.md 4.3). Undefined where nothing tells one event from the next. */
export function eventKey (resource: string, event: string, data: Json): string | undefined {
  const at = text(data, 'eventTimestamp')
  return at === undefined ? undefined : [resource, event, callIdOf(data), text(data, 'eventType'), at, text(data, 'state')].join('|')
}
