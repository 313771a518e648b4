/** How a leg ended. The vendor gives no causes: what our own actions did explains most of it (webex-calling.md 7.1; model.md 3.4, 11). Pure. */
import type { Call, EventName, Party, Reason } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import type { OwnMark } from './memory'
import { boolean, text, type Json } from './read'

/** What precedes `call.ended`, and what that says. */
interface Ending { readonly reason: Reason; readonly endedBy?: Call['endedBy']; readonly before?: EventName; readonly call?: Partial<CallDraft>; readonly uncertain?: string[] }

const wasAnswered = (leg: CallDraft): boolean => leg.answeredAt !== undefined || leg.state === 'active' || leg.state === 'held'
/** Words of `eventType` for a leg that went on elsewhere before it was answered (webex-calling.md 4.4, U16). */
const FORWARDED: ReadonlySet<string> = new Set(['forwarded', 'redirected'])

const transferEnding = (kind: 'blind' | 'attended' | 'early', to: Party | undefined): Ending => ({
  reason: 'transferred', endedBy: 'local', before: 'call.transferred', call: { transfer: { kind, role: 'transferor', ...(to === undefined ? {} : { to }) } }
})

type Marked = { [Kind in OwnMark['kind']]: (mark: Extract<OwnMark, { kind: Kind }>, leg: CallDraft, other: (id: string) => Call | undefined) => Ending | undefined }

const BY_MARK: Marked = {
  hangup: (_mark, leg) => ({ reason: wasAnswered(leg) ? 'normal' : leg.direction === 'outbound' ? 'cancelled' : 'rejected', endedBy: 'local' }),
  reject: () => ({ reason: 'rejected', endedBy: 'local' }),
  push: () => ({ reason: 'deflected', endedBy: 'local', before: 'call.redirected' }),
  park: ({ slot }) => ({ reason: 'parked', endedBy: 'local', before: 'call.parked', call: { to: { ...slot, kind: 'park' } } }),
  blind: ({ to }) => transferEnding('blind', to),
  redirect: ({ to }) => ({ reason: 'deflected', endedBy: 'local', before: 'call.redirected', call: { remote: to } }),
  attended: ({ role, other: id }, _leg, other) => role === 'first' ? transferEnding('attended', other(id)?.remote) : { reason: 'transferred', endedBy: 'local' },
  early: ({ role, other: id }, leg, other) => {
    const consulted = role === 'first' ? other(id) : leg
    // The target did not answer: nothing was transferred, this leg ended for a reason of its own.
    if (consulted?.answeredAt === undefined) return undefined
    return role === 'first' ? transferEnding('early', consulted.remote) : { reason: 'transferred', endedBy: 'local' }
  }
}

function byMark (mark: OwnMark | undefined, leg: CallDraft, other: (id: string) => Call | undefined): Ending | undefined {
  if (mark === undefined) return undefined
  const ending = BY_MARK[mark.kind] as (mark: OwnMark, leg: CallDraft, other: (id: string) => Call | undefined) => Ending | undefined
  return ending(mark, leg, other)
}

function told (call: Json, leg: CallDraft): Ending {
  if (boolean(call, 'completedElsewhere') === true && !wasAnswered(leg)) return { reason: 'answeredElsewhere', uncertain: ['endReason'] }
  if (FORWARDED.has(text(call, 'eventType') ?? '') && !wasAnswered(leg)) return { reason: 'forwarded', before: 'call.redirected' }
  if (wasAnswered(leg)) return { reason: 'normal' }
  // An attempt that reached nobody: no cause is given.
  return leg.direction === 'outbound' ? { reason: 'unknown', before: 'call.failed' } : { reason: 'unknown' }
}

/**
 * The events of an end, in order.
 * @param leg as it was last, completed by the last message
 * @param call the last message, or an empty object when the leg was missed in a list
 */
export function endDrafts (call: Json, leg: CallDraft, mark: OwnMark | undefined, other: (id: string) => Call | undefined): EventDraft[] {
  const { reason, endedBy, before, call: more, uncertain = [] } = byMark(mark, leg, other) ?? told(call, leg)
  const last: CallDraft = { ...leg, ...more }
  const ended: CallDraft = { ...last, state: 'ended', endReason: reason, ...(endedBy === undefined ? {} : { endedBy }) }
  const doubt = [...new Set([...leg.uncertain ?? [], ...uncertain])]
  if (doubt.length > 0) ended.uncertain = doubt
  delete ended.heldBy
  const final: EventDraft = { event: 'call.ended', reason, call: ended }
  delete last.endedAt
  return before === undefined ? [final] : [{ event: before, reason, call: before === 'call.failed' ? { ...last, state: 'failed' } : last }, final]
}
