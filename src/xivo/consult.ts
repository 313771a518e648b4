/** A consultation of ours: the server tells of its answer and its end, but not of the leg itself (xivo-cti.md 9.4; model.md 3.4). */
import { legId, type Call } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import { iso, text } from './read'
import { draft, endLeg, legStep, type Reducer, type Scope } from './scope'

/**
 * We asked to consult somebody: the talk is held and a leg of our own making begins.
 * @param held the leg that we talk on
 * @param number whom to consult; absent when another session of the user asked
 */
export function beginConsult (scope: Scope, held: Call, number?: string, state: 'dialing' | 'active' = 'dialing'): EventDraft[] {
  const { tables } = scope
  const phone = held.device?.id
  if (phone === undefined) return []
  const id = legId(phone, `consult:${Math.round(scope.now)}`, scope.epoch)
  tables.consult = { phone, held: held.id, leg: id }
  const at = iso(scope.now)
  const to = number === undefined ? undefined : tables.phoneOfNumber(number)
  const leg: CallDraft = {
    id, owner: held.owner, state, direction: 'outbound', startedAt: at, related: [{ kind: 'consultOf', id: held.id }], from: tables.partyOf(phone),
    ...(held.device === undefined ? {} : { device: held.device }),
    ...(number === undefined ? {} : { to: to === undefined ? { number } : tables.partyOf(to) }),
    ...(to === undefined ? {} : { scope: 'internal' as const })
  }
  const kept: CallDraft = { ...held, state: 'held', heldBy: held.heldBy === 'remote' || held.heldBy === 'both' ? 'both' : 'local', related: [...held.related ?? [], { kind: 'consultedBy', id }] }
  return [...legStep(scope, held, kept, { derived: true }), ...legStep(scope, undefined, leg, { derived: true })]
}

/** The far end of the consultation rings or talks, as its phone shows. */
export function consultPeerDrafts (scope: Scope, phone: string, rings: boolean): EventDraft[] {
  const leg = consultLeg(scope)
  if (leg === undefined || !rings || leg.state !== 'dialing' || leg.to?.number === undefined || scope.tables.phoneOfNumber(leg.to.number) !== phone) return []
  return legStep(scope, leg, { ...leg, state: 'remoteRinging' }, { derived: true })
}

function consultLeg (scope: Scope): Call | undefined {
  return scope.tables.consult === undefined ? undefined : scope.picture.call(scope.tables.consult.leg)
}

/** The events of the end of a leg, and of the consultation that hangs on it. */
export function endWithConsult (scope: Scope, known: Call, more: Partial<CallDraft> = {}): EventDraft[] {
  const { tables } = scope
  const { consult } = tables
  const leg = consultLeg(scope)
  if (consult === undefined || (consult.held !== known.id && consult.leg !== known.id)) return endLeg(scope, known, more)
  tables.consult = undefined
  if (consult.leg === known.id || leg === undefined) return endLeg(scope, known, more)
  if (consult.completing !== true) return [...endLeg(scope, known, more), ...endLeg(scope, leg, more)]
  const transfer: NonNullable<Call['transfer']> = { kind: leg.answeredAt === undefined ? 'early' : 'attended', role: 'transferor', ...(leg.to === undefined ? {} : { to: leg.to }) }
  tables.marks.delete(known.id)
  const end = { endReason: 'transferred' as const, endedBy: 'local' as const }
  return [
    draft(scope, 'call.transferred', { call: { ...known, transfer }, reason: 'transferred' }),
    ...endLeg(scope, known, { ...end, transfer }),
    ...endLeg(scope, leg, end)
  ]
}

/** The consultation is over and we talk with the held party again. */
export function cancelledDrafts (scope: Scope): EventDraft[] {
  const { tables, picture } = scope
  const { consult } = tables
  if (consult === undefined) return []
  const leg = consultLeg(scope)
  const held = picture.call(consult.held)
  tables.consult = undefined
  const resumed: CallDraft | undefined = held === undefined ? undefined : { ...held, state: 'active' }
  delete resumed?.heldBy
  return [
    ...(leg === undefined ? [] : endLeg(scope, leg, { endReason: 'normal', endedBy: 'local' })),
    ...(held === undefined || resumed === undefined ? [] : legStep(scope, held, resumed))
  ]
}

/** The phone named by `line`, a lower-case identity; late servers say pjsip (xivo-cti.md 11). */
function phoneOfLine (scope: Scope): string | undefined {
  const line = text(scope.message.line)
  return line === undefined ? scope.tables.ownPhone : scope.tables.phoneOfChannel(`${line}-`) ?? scope.tables.ownPhone
}

const answered: Reducer = (scope) => {
  const leg = consultLeg(scope)
  if (leg !== undefined) return legStep(scope, leg, { ...leg, state: 'active' })
  const phone = phoneOfLine(scope)
  const talk = phone === undefined ? undefined : scope.picture.callsOf(scope.tables.ownerOf(phone).id).find((call) => call.device?.id === phone && (call.state === 'active' || call.state === 'held'))
  const asVendor = draft(scope, `vendor.${String(scope.message.class)}`)
  return talk === undefined ? [asVendor] : [...beginConsult(scope, talk, undefined, 'active'), asVendor]
}

const cancelled: Reducer = (scope) => scope.tables.consult === undefined ? [draft(scope, `vendor.${String(scope.message.class)}`)] : cancelledDrafts(scope)

export const CONSULT_REDUCERS: Readonly<Record<string, Reducer>> = {
  current_call_attended_transfer_answered: answered,
  current_call_attended_transfer_cancelled: cancelled
}
