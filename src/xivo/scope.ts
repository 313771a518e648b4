/** What the mapping of one message may look at, and how it makes drafts. */
import { samePlain, type Call, type CallState, type EventName, type VendorEventName } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import type { PictureView } from '../state/picture'
import type { XivoMessage } from './protocol'
import { iso } from './read'
import type { Tables } from './tables'

export interface Scope {
  readonly tables: Tables
  /** The legs, agents and settings before this message. */
  readonly picture: PictureView
  readonly message: XivoMessage
  /** ms since 1970 on the server's clock. */
  readonly now: number
  /** Of this connection. */
  readonly epoch: string
}

export type Reducer = (scope: Scope) => EventDraft[]
export type DraftFields = Omit<EventDraft, 'event' | 'key' | 'call'>

/** A draft at the server's time. Without `key`: this server never delivers a line twice (xivo-cti.md 4.1). */
export function draft (scope: Scope, event: EventName | VendorEventName, fields: Omit<EventDraft, 'event' | 'key'> = {}): EventDraft {
  return { event, time: iso(scope.now), timeSource: 'vendor', ...fields }
}

/** A message without a neutral word. */
export const asVendor: Reducer = (scope) => [draft(scope, `vendor.${String(scope.message.class).slice(0, 80)}`)]

const FIRST: Readonly<Record<CallState, EventName>> = {
  initiated: 'call.originated', dialing: 'call.originated', remoteRinging: 'call.remoteRinging', ringing: 'call.ringing', active: 'call.answered', held: 'call.held',
  queued: 'call.queued', parked: 'call.parked', failed: 'call.failed', ended: 'call.ended'
}

/** The event that a change of state is; a server may skip steps, none is invented (model.md 3.1). */
function stepName (known: Call, next: CallDraft): EventName {
  if (known.state === next.state) return 'call.updated'
  if (known.state === 'parked') return 'call.unparked'
  switch (next.state) {
    case 'active': return known.state === 'held' ? 'call.resumed' : known.answeredAt === undefined ? 'call.answered' : 'call.updated'
    case 'remoteRinging': return known.answeredAt === undefined ? 'call.remoteRinging' : 'call.updated'
    case 'held': case 'parked': case 'failed': return FIRST[next.state]
    default: return 'call.updated'
  }
}

/** Fields that say how sure we are and what the vendor calls it: no news by themselves. */
const QUIET_FIELDS: ReadonlySet<string> = new Set(['vendorState', 'uncertain', 'linkedBy', 'conversationId', 'mergedFrom'])

function differs (known: Call, next: CallDraft): boolean {
  const before = known as unknown as Record<string, unknown>
  const after = next as unknown as Record<string, unknown>
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) if (!QUIET_FIELDS.has(key) && !samePlain(before[key], after[key])) return true
  return false
}

/** The next event of a leg, or none when nothing is new. Fills the times that the event proves. */
export function legStep (scope: Scope, known: Call | undefined, next: CallDraft, more: DraftFields = {}): EventDraft[] {
  if (known !== undefined && !differs(known, next)) return []
  const event = known === undefined ? FIRST[next.state] : stepName(known, next)
  const at = iso(scope.now)
  if (next.state === 'ringing') next.ringingAt ??= at
  if ((next.state === 'active' || next.state === 'held') && next.answeredAt === undefined && known !== undefined) next.answeredAt = at
  if (event === 'call.answered') next.answeredAt ??= at
  if (next.state === 'held') next.heldAt ??= at
  else delete next.heldAt
  if (next.state === 'parked') next.parkedAt ??= at
  return [draft(scope, event, { ...more, call: next })]
}

/** A leg has ended; what we did ourselves explains why (xivo-cti.md 7.1, endReason). */
export function endLeg (scope: Scope, known: Call, more: Partial<CallDraft> = {}): EventDraft[] {
  const mark = scope.tables.marks.get(known.id)
  scope.tables.marks.delete(known.id)
  const drafts: EventDraft[] = []
  const ended: CallDraft = { ...known, endReason: 'unknown', ...more, state: 'ended', endedAt: iso(scope.now) }
  for (const field of ['heldBy', 'heldAt', 'can'] as const) delete ended[field]
  if (mark?.kind === 'hangup') Object.assign(ended, { endReason: 'normal', endedBy: 'local' })
  if (mark?.kind === 'transfer') {
    const transfer: NonNullable<Call['transfer']> = { kind: known.transfer?.kind ?? 'blind', role: 'transferor' }
    if (mark.to !== undefined) transfer.to = { number: mark.to }
    drafts.push(draft(scope, 'call.transferred', { call: { ...known, transfer }, reason: 'transferred' }))
    Object.assign(ended, { transfer, endReason: 'transferred', endedBy: 'local' })
  }
  drafts.push(draft(scope, 'call.ended', { call: ended, reason: ended.endReason ?? 'unknown' }))
  return drafts
}

/** Open legs of a phone, oldest first. */
export function legsOfPhone (scope: Pick<Scope, 'tables' | 'picture'>, phone: string): Call[] {
  return scope.picture.callsOf(scope.tables.ownerOf(phone).id)
    .filter((call) => call.device?.id === phone && call.owner.kind !== 'queue')
    .sort((a, b) => a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : 0)
}
