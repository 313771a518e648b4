/** Legs from the state of a phone alone, servers from 15.19 on: no call ids and no numbers on the wire (xivo-cti.md 7.1, 8, 9.2). */
import type { Call, Party } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import { endWithConsult } from './consult'
import { HINT, OFFLINE_HINTS, RINGING_HINTS } from './protocol'
import { defined, iso, lookup, text } from './read'
import { legStep, legsOfPhone, type Scope } from './scope'
import { completeByOwnSheet } from './sheetMapping'
import { DIAL_MS } from './tables'

/** A leg that begins now, with an id of our own. */
export function newLeg (scope: Scope, phone: string, fields: Pick<CallDraft, 'state' | 'direction'> & Partial<CallDraft>): CallDraft {
  const { tables } = scope
  const self = tables.partyOf(phone)
  const leg: CallDraft = {
    id: tables.nextLeg(phone, scope.epoch), owner: tables.ownerOf(phone), device: tables.deviceOf(phone), startedAt: iso(scope.now),
    ...(fields.direction === 'inbound' ? { to: self } : { from: self }),
    ...fields
  }
  return fields.direction === 'inbound' && phone === tables.ownPhone ? completeByOwnSheet(scope, leg) : leg
}

function takeDial (scope: Scope, phone: string): { leg: (id: string) => void; to: Party } | undefined {
  const dial = scope.tables.dials.find((one) => one.phone === phone && one.leg === undefined && scope.now - one.at < DIAL_MS)
  return dial === undefined ? undefined : { leg: (id) => { dial.leg = id }, to: { number: dial.to } }
}

function outbound (scope: Scope, phone: string, state: 'initiated' | 'dialing'): EventDraft[] {
  const dial = takeDial(scope, phone)
  const leg = newLeg(scope, phone, defined({ state, direction: 'outbound' as const, to: dial?.to }) as Pick<CallDraft, 'state' | 'direction'>)
  dial?.leg(leg.id)
  return legStep(scope, undefined, leg)
}

const inbound = (scope: Scope, phone: string): EventDraft[] => legStep(scope, undefined, newLeg(scope, phone, { state: 'ringing', direction: 'inbound' }))

const end = (scope: Scope, legs: readonly Call[], more: Partial<CallDraft> = {}): EventDraft[] => {
  const drafts: EventDraft[] = []
  for (const leg of legs) if (!drafts.some(({ call }) => call?.id === leg.id && call.state === 'ended')) drafts.push(...endWithConsult(scope, leg, more))
  return drafts
}

const active = (leg: Call, uncertain?: string[]): CallDraft => {
  const next: CallDraft = { ...leg, state: 'active', ...(uncertain === undefined ? {} : { uncertain: [...leg.uncertain ?? [], ...uncertain] }) }
  delete next.heldBy
  return next
}
const held = (leg: Call): CallDraft => ({ ...leg, state: 'held', heldBy: 'local' })

type Rule = (scope: Scope, phone: string, legs: Call[], before: string | undefined) => EventDraft[]

/** The phone rings and does nothing else: what it talked on is over. */
const rings: Rule = (scope, phone, legs) => {
  const talks = legs.filter(({ state }) => state !== 'ringing' && state !== 'initiated')
  const ended = end(scope, talks)
  if (legs.length > talks.length) return ended
  return [...ended, ...takeDial(scope, phone) === undefined ? inbound(scope, phone) : outbound(scope, phone, 'initiated')]
}

/** In use and ringing. When it only rang before, one of its calls was answered and another rings on. */
const ringsAgain: Rule = (scope, phone, legs, before) => {
  const ringing = legs.filter(({ state }) => state === 'ringing')
  const taken = before === HINT.ringing ? ringing[0] : undefined
  return [...taken === undefined ? [] : legStep(scope, taken, active(taken)), ...ringing.length > (taken === undefined ? 0 : 1) ? [] : inbound(scope, phone)]
}

/** A phone that rings though none of its legs does any more: the one that did is another call, which was answered. */
export function ringsOn (scope: Scope, phone: string, drafts: readonly EventDraft[]): EventDraft[] {
  if (!RINGING_HINTS.has(text(scope.tables.row('phones', phone).status.hintstatus) ?? '')) return []
  const still = legsOfPhone(scope, phone).filter(({ id, state }) => (state === 'ringing' || state === 'initiated') && !drafts.some(({ call }) => call?.id === id && call.state !== state))
  return still.length > 0 ? [] : inbound(scope, phone)
}

/** Calling or talking (xivo-cti.md 10, trap 13). */
const talks: Rule = (scope, phone, legs, before) => {
  if (legs.length === 0) return outbound(scope, phone, 'dialing')
  const drafts: EventDraft[] = []
  const talking = legs.some(({ state }) => state === 'active')
  for (const leg of legs) {
    // After a second call rang, the same code says that it was taken or that it gave up.
    if (leg.state === 'ringing') drafts.push(...legStep(scope, leg, active(leg, before === HINT.inUseRinging ? ['state', 'answeredAt'] : undefined)))
    else if (leg.state === 'initiated') drafts.push(...legStep(scope, leg, { ...leg, state: 'dialing' }))
    else if (leg.state === 'held' && !talking) drafts.push(...legStep(scope, leg, active(leg)))
    else if (leg.state === 'held' && before === HINT.inUseHeld) drafts.push(...end(scope, [leg], { uncertain: ['endedAt'] }))
  }
  return drafts
}

const holds: Rule = (scope, _phone, legs) => {
  const last = legs.filter(({ state }) => state === 'active')
  // It rings no more and dials no more: what did is over, or it is what is held.
  const begun = legs.filter(({ state }) => state === 'dialing' || state === 'remoteRinging' || state === 'ringing' || state === 'initiated')
  if (begun.length === legs.length) last.push(...begun.splice(0, 1))
  return [...end(scope, begun), ...last.flatMap((leg) => legStep(scope, leg, held(leg)))]
}

/** One is held and another is talked on or dialled. */
const holdsAndTalks: Rule = (scope, phone, legs) => {
  const drafts: EventDraft[] = []
  const ringing = legs.find(({ state }) => state === 'ringing')
  const first = legs.find(({ state }) => state === 'active')
  if (first !== undefined && !legs.some(({ state }) => state === 'held')) drafts.push(...legStep(scope, first, held(first)))
  if (ringing !== undefined) drafts.push(...legStep(scope, ringing, active(ringing)))
  else if (legs.length === 1) drafts.push(...outbound(scope, phone, 'dialing'))
  return drafts
}

const RULES: Readonly<Record<string, Rule>> = {
  [HINT.idle]: (scope, _phone, legs) => end(scope, legs),
  [HINT.ringing]: rings,
  [HINT.inUse]: talks,
  [HINT.busy]: talks,
  [HINT.inUseRinging]: ringsAgain,
  [HINT.held]: holds,
  [HINT.inUseHeld]: holdsAndTalks
}

/** What a new hint means for the legs of a phone. */
export function hintDrafts (scope: Scope, phone: string, before: string | undefined, after: string): EventDraft[] {
  const legs = legsOfPhone(scope, phone)
  const over = after === HINT.idle || OFFLINE_HINTS.has(after)
  if (over) scope.tables.dials = scope.tables.dials.filter((dial) => dial.phone !== phone || dial.leg === undefined)
  if (over) return end(scope, legs)
  // While we consult, the phone has two legs of our making and the hint cannot tell which one it means.
  if (scope.tables.consult?.phone === phone) return []
  return lookup(RULES, after)?.(scope, phone, legs, before) ?? []
}
