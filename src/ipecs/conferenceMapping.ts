/** Conferences: the legs of a member fold into one number, and the consultation ends in it (ipecs.md 4.5; model.md 3.4, 5). */
import { type Call, type Conference } from '../model'
import type { EventDraft } from '../session/types'
import type { CtiReducer } from './callMapping'
import { text, texts } from './read'
import { causeOf, draft, endLeg, legOfRef, legsOfDevice, newLeg, partyOf, type Scope } from './scope'

/** The leg that goes on: the one of this number, else the held one, else the only one in talk. */
function surviving (scope: Scope, device: string, ref: string): Call | undefined {
  const known = legOfRef(scope, device, ref)
  if (known !== undefined) return known
  const legs = legsOfDevice(scope, device).filter(({ state }) => state === 'active' || state === 'held')
  return legs.find(({ state }) => state === 'held') ?? legs[0]
}

/** @param role of the device that the event is about */
export function conferenceDrafts (role: Conference['role']): CtiReducer {
  return (scope, event) => {
    const { memory } = scope
    const { device, ref } = event
    const leg = surviving(scope, device, ref)
    const others = texts(event.data.memberDN).filter((number) => number !== device)
    const newest = text(event.data.newConfMemberDN)
    if (newest !== undefined && newest !== device && !others.includes(newest)) others.push(newest)
    const members = others.map((number) => ({ party: partyOf(memory, number)! }))
    const id = `conf-${memory.legs.correlation(ref)}`
    const conference: Conference = { id, role, kind: 'normal', state: 'active', members }
    const base = leg ?? newLeg(scope, device, memory.legs.begin(device, ref), ref, 'inbound', 'active')
    if (leg !== undefined) memory.legs.alias(device, ref, leg.id)
    const call = { ...base, state: 'active' as const, vendorId: ref, correlationId: memory.legs.correlation(ref), conference }
    delete call.heldBy
    delete call.heldAt
    const told = causeOf(event.cause, event.causeText)
    const isNew = leg?.conference?.id !== id || leg.conference.state === 'ended'
    const drafts: EventDraft[] = [draft(isNew ? 'call.conferenced' : 'call.updated', { ...told, ...(isNew ? { reason: 'conferenced' as const } : { changes: ['conference'] }), call })]
    if (role !== 'controller') return drafts
    const talks = legsOfDevice(scope, device).filter((other) => other.id !== base.id && (other.state === 'active' || other.state === 'held'))
    // Whoever joins later had a leg of his own until now.
    const joined = talks.filter(({ remote }) => newest !== undefined && remote?.number === newest)
    const folded = isNew ? talks : [joined.find(({ state }) => state === 'active') ?? joined[0]].filter((other) => other !== undefined)
    return [...drafts, ...folded.map((other) => endLeg(scope, other, 'conferenced', { derived: true }))]
  }
}
