/**
 * Call events whose target is a queue: virtual users appear in the events of a group or enterprise (xsi.md 4.7, 4.12). Where the ACD events of the queue
 * are subscribed as well, those are trusted and the call events are not told a second time (model.md R5).
 */
import { legId, type Call } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import { endedByOf, redirectReason, releaseCauseOf } from './causes'
import { changedFields, mapLeg } from './legs'
import { partyOfAddress } from './parties'
import type { XsiNode } from './protocol'
import { child, children, defined, iso, millis, text } from './read'
import { countedQueue } from './queues'
import { draft, legDraft, type Scope } from './scope'

function asQueued (scope: Scope, call: XsiNode, known: Call | undefined): CallDraft {
  const mapped = mapLeg(call, scope.target, known, scope.context, false)
  const { id, owner } = scope.target
  const made: CallDraft = {
    ...mapped,
    state: 'queued',
    queuedAt: known?.queuedAt ?? mapped.startedAt,
    queue: { ...known?.queue, ...defined({ id, name: owner.name, number: owner.number }) }
  }
  delete made.ringingAt
  delete made.answeredAt
  delete made.can
  return made
}

function ended (scope: Scope, call: XsiNode, leg: CallDraft): EventDraft[] {
  const redirect = child(call, 'redirect')
  const told = releaseCauseOf(call)
  const endedBy = endedByOf(text(call, 'releasingParty'))
  const at = millis(call, 'releaseTime') ?? millis(redirect, 'redirectTime') ?? millis(call, 'detachedTime')
  const gaveUp = redirect === undefined && told === undefined && endedBy === 'remote'
  const reason = redirect === undefined ? told?.reason ?? (gaveUp ? 'abandoned' as const : 'unknown' as const) : redirectReason(text(redirect, 'reason'))
  const to = partyOfAddress(text(redirect, 'address'))
  const made: CallDraft = {
    ...leg, state: 'ended', endedAt: iso(at ?? scope.context.now), endReason: reason, ...defined({ endedBy }), ...(to === undefined ? {} : { remote: to })
  }
  return [
    legDraft(scope, 'call.dequeued', made, at, { reason, ...(told === undefined ? {} : { cause: told.cause }) }),
    draft(scope, 'queue.updated', { queue: countedQueue(scope, scope.target.id, undefined, leg.id) })
  ]
}

/** Any call event of a queue: queued at the first, dequeued at the end, updated between. */
export function reduceQueueCall (scope: Scope, data: XsiNode): EventDraft[] {
  if (scope.context.hasQueueEvents(scope.target.id)) return []
  return [...children(data, 'call'), ...children(child(data, 'calls'), 'call')].flatMap((call) => {
    const callId = text(call, 'callId')
    const id = legId(scope.target.id, callId ?? '')
    if (callId === undefined || scope.picture.tombstone(id) !== undefined) return []
    const known = scope.picture.call(id)
    const leg = asQueued(scope, call, known)
    const state = text(call, 'state')
    if (state === 'Released' || state === 'Detached' || scope.message.type === 'CallRedirectedEvent') return ended(scope, call, leg)
    if (known === undefined) {
      return [
        legDraft(scope, 'call.queued', leg, millis(call, 'startTime')),
        draft(scope, 'queue.updated', { queue: countedQueue(scope, scope.target.id, leg) })
      ]
    }
    const changes = changedFields(known, leg)
    return changes.length === 0 ? [] : [legDraft(scope, 'call.updated', leg, undefined, { changes })]
  })
}
