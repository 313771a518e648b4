/** Transfers: the held call's number goes on, the consultation's ends in silence (ipecs.md 7.1, 9.5; model.md 3.4). */
import { type Call, type Party } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import type { CtiReducer } from './callMapping'
import { lookup, text } from './read'
import { causeOf, draft, endLeg, legOfRef, legsOfDevice, newLeg, partyOf, timeOf, type Scope } from './scope'

type Transfer = NonNullable<Call['transfer']>
/** A number of so many digits is no extension. */
const OUTSIDE_DIGITS = 7
const KINDS: Readonly<Record<string, Transfer['kind']>> = { blind: 'blind', screened: 'attended', unscreened: 'early' }
const KIND_OF_CAUSE: Readonly<Record<string, Transfer['kind']>> = { 52: 'blind', 32: 'attended', 60: 'early' }

/** What was dialled has a prefix for outside lines, which the number of the other side has not. */
function isSameNumber (one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return false
  return one === other || (Math.min(one.length, other.length) >= OUTSIDE_DIGITS && (one.endsWith(other) || other.endsWith(one)))
}

/** The device's other leg that belongs to the transfer: with the number that it goes to, else tied to it, else the only one. */
function consultLeg (scope: Scope, leg: Call, to: string | undefined): Call | undefined {
  const others = legsOfDevice(scope, leg.owner.id).filter(({ id }) => id !== leg.id)
  const named = others.filter(({ remote }) => isSameNumber(remote?.number, to))
  const pool = named.length > 0 ? named : others
  const open = others.filter(({ state }) => state !== 'held' && state !== 'failed')
  return pool.find(({ related }) => related?.some(({ id }) => id === leg.id) === true) ?? named[0] ?? (others.length === 1 ? others[0] : open.length === 1 ? open[0] : undefined)
}

export const transferring: CtiReducer = (scope, event) => {
  const { memory } = scope
  const leg = legOfRef(scope, event.device, event.ref)
  const [to, from] = [text(event.data.transferToDN), text(event.data.transferedDN)]
  const kind = lookup(KINDS, text(event.data.callType)?.toLowerCase()) ?? lookup(KIND_OF_CAUSE, event.cause) ?? 'blind'
  memory.learnCall(event.ref, { transfer: { by: event.device, kind, ...(to === undefined ? {} : { to }), ...(from === undefined ? {} : { from }) }, diverted: { by: event.device, reason: 'transferred' } })
  if (leg === undefined) return []
  const [toParty, fromParty] = [partyOf(memory, to), partyOf(memory, from)]
  const transfer: Transfer = { kind, role: 'transferor', ...(toParty === undefined ? {} : { to: toParty }), ...(fromParty === undefined ? {} : { from: fromParty }) }
  const consult = kind === 'blind' ? undefined : consultLeg(scope, leg, to)
  const related = consult === undefined || leg.related?.some(({ id }) => id === consult.id) === true ? leg.related : [...leg.related ?? [], { kind: 'consultedBy' as const, id: consult.id }]
  const told = causeOf(event.cause, event.causeText)
  const drafts = [draft('call.transferred', { ...told, reason: 'transferred', call: { ...leg, transfer, ...(related === undefined ? {} : { related }) } })]
  // Nothing more comes for the consultation: its end is told here (ipecs.md 7.1, reused id on transfer).
  if (consult !== undefined) drafts.push(endLeg(scope, consult, 'transferred', { derived: true }, { endedBy: 'local' }))
  return drafts
}

export const transferred: CtiReducer = (scope, event) => {
  const { memory } = scope
  const info = memory.call(event.ref)?.transfer
  const [to, by] = [text(event.data.transferToDN) ?? info?.to, text(event.data.transferorDN) ?? info?.by]
  const told = causeOf(event.cause, event.causeText)
  const known = legOfRef(scope, event.device, event.ref)
  const byParty = partyOf(memory, by)
  const kind = info?.kind ?? 'attended'
  if (event.device !== to) {
    if (known === undefined) return []
    const remote = partyOf(memory, to)
    const transfer: Transfer = { kind, role: 'transferee', ...(byParty === undefined ? {} : { by: byParty }), ...(remote === undefined ? {} : { to: remote }) }
    return [draft('call.transferred', { ...told, reason: 'transferred', call: kind !== 'attended' && known.state === 'held' ? ringingFar({ ...known, transfer }, remote) : moved({ ...known, transfer }, remote, kind === 'attended') })]
  }
  const leg = known ?? targetLeg(scope, event.device, by)
  const remote = partyOf(memory, info?.from, nameOf(scope, event.ref, info?.from)) ?? callerOf(scope, event.ref)
  const transfer: Transfer = { kind, role: 'target', ...(byParty === undefined ? {} : { by: byParty }), ...(remote === undefined ? {} : { from: remote }) }
  if (leg === undefined) {
    const fresh = newLeg(scope, event.device, memory.legs.begin(event.device, event.ref), event.ref, 'inbound', 'active')
    return [draft('call.transferred', { ...told, reason: 'transferred', call: { ...moved(fresh, remote, true), transfer, to: partyOf(memory, event.device)!, uncertain: ['startedAt'] } })]
  }
  memory.legs.alias(event.device, event.ref, leg.id)
  const call: CallDraft = { ...leg, vendorId: event.ref, correlationId: memory.legs.correlation(event.ref), transfer }
  return [draft('call.transferred', { ...told, reason: 'transferred', call: moved(call, remote, leg.state !== 'ringing') })]
}

/** It was on hold, by whichever side, when it was passed on: now the new partner rings (model.md 3.1, a remote blind transfer). */
function ringingFar (leg: CallDraft, remote: Party | undefined): CallDraft {
  const call: CallDraft = { ...leg, state: 'remoteRinging', ...(remote === undefined ? {} : { remote }) }
  delete call.heldBy
  delete call.heldAt
  return call
}

/** The leg with the other partner; once connected that one holds it no more. Its own hold stays. */
function moved (leg: CallDraft, remote: Party | undefined, isConnected: boolean): CallDraft {
  const call: CallDraft = { ...leg, ...(remote === undefined ? {} : { remote }) }
  if (!isConnected || call.state === 'ringing') return call
  if (call.state === 'held' && (call.heldBy === 'local' || call.heldBy === 'both')) return { ...call, heldBy: 'local' }
  call.state = 'active'
  delete call.heldBy
  delete call.heldAt
  return call
}

/** The target's leg of the consultation: with the transferor, under another number. */
function targetLeg (scope: Scope, device: string, by: string | undefined): Call | undefined {
  const legs = legsOfDevice(scope, device)
  return legs.find(({ remote, from }) => by !== undefined && (remote?.number === by || from?.number === by)) ?? (legs.length === 1 ? legs[0] : undefined)
}

function callerOf (scope: Scope, ref: string): Party | undefined {
  const caller = scope.memory.call(ref)?.caller
  return caller === undefined ? undefined : partyOf(scope.memory, caller.number, caller.name)
}

function nameOf (scope: Scope, ref: string, number: string | undefined): string | undefined {
  const caller = scope.memory.call(ref)?.caller
  return caller !== undefined && caller.number === number ? caller.name : undefined
}

/** When a call is passed on without a CTI event: the transferor's leg ends, the others stay (ACD 70). */
export function passedOn (scope: Scope, leg: Call, to: string | undefined): EventDraft[] {
  const party = partyOf(scope.memory, to)
  const transfer: Transfer = leg.transfer ?? { kind: 'attended', role: 'transferor', ...(party === undefined ? {} : { to: party }) }
  return [
    ...(leg.transfer === undefined ? [draft('call.transferred', { reason: 'transferred', call: { ...leg, transfer } })] : []),
    endLeg(scope, { ...leg, transfer }, 'transferred', {}, { endedBy: 'local', endedAt: timeOf(scope) })
  ]
}
