/** CallRedirectedEvent: the owner's side moved one call, or two by a transfer (xsi.md 4.9, 9.5, 9.6; model.md 3.4). */
import { type Call, type Party } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import { endDrafts } from './callMapping'
import { redirectReason } from './causes'
import { legIdOf, mapLeg } from './legs'
import { partyOfAddress } from './parties'
import type { XsiNode } from './protocol'
import { child, children, defined, millis, text } from './read'
import { draft, legDraft, type Reducer, type ReducerTable, type Scope } from './scope'

interface Moved { readonly call: XsiNode; readonly leg: CallDraft; readonly known?: Call; readonly reason?: string; readonly at?: number }

function movedOf (scope: Scope, call: XsiNode): Moved | undefined {
  const callId = text(call, 'callId')
  if (callId === undefined) return undefined
  const id = legIdOf(scope.picture, scope.target.id, callId, millis(call, 'startTime'))
  if (scope.picture.tombstone(id) !== undefined) return undefined
  const known = scope.picture.call(id)
  const redirect = child(call, 'redirect')
  const at = millis(redirect, 'redirectTime') ?? millis(call, 'detachedTime')
  const leg = mapLeg(call, scope.target, known, scope.context, true, id)
  return { call, leg, known, reason: text(redirect, 'reason'), at }
}

/** Where the call went, with the name and id of the colleague who has the number. */
function destinationOf (scope: Scope, call: XsiNode): Party | undefined {
  const told = partyOfAddress(text(child(call, 'redirect'), 'address'))
  const person = told?.number === undefined ? undefined : scope.context.personAt(told.number)
  return person === undefined ? told : { ...told, ...defined({ name: person.name, userId: person.id }), kind: person.kind }
}

/** The state that the leg had until now: events before the terminal one tell it, whatever the message says of the end. */
function before (moved: Moved, fields: Partial<CallDraft>): CallDraft {
  return { ...moved.leg, state: moved.known?.state ?? (moved.leg.answeredAt === undefined ? 'ringing' : 'active'), ...fields }
}

function endMoved (scope: Scope, moved: Moved, leg: CallDraft, reason: NonNullable<CallDraft['endReason']>): EventDraft[] {
  return endDrafts(scope, leg, { endReason: reason }, millis(moved.call, 'detachedTime') ?? moved.at)
}

/** Of two legs the held one, or the older, is the party that is passed on; the other was consulted. */
function consultOrder (legs: readonly Moved[]): [Moved, Moved] | undefined {
  const [one, two] = legs
  if (one === undefined || two === undefined || legs.length !== 2) return undefined
  const consulted = (moved: Moved): boolean => moved.known?.related?.some(({ kind }) => kind === 'consultOf') === true
  if (consulted(one)) return [two, one]
  if (consulted(two)) return [one, two]
  return one.leg.startedAt <= two.leg.startedAt ? [one, two] : [two, one]
}

function attended (scope: Scope, held: Moved, consult: Moved): EventDraft[] {
  const transfer: NonNullable<Call['transfer']> = { kind: consult.leg.answeredAt === undefined ? 'early' : 'attended', role: 'transferor' }
  const to = consult.leg.remote ?? destinationOf(scope, held.call)
  if (to !== undefined) transfer.to = to
  const kept = held.leg.related?.filter(({ kind, id }) => kind !== 'consultedBy' || id !== consult.leg.id) ?? []
  const heldLeg: CallDraft = { ...held.leg, transfer, related: [...kept, { kind: 'consultedBy', id: consult.leg.id }] }
  const consultLeg: CallDraft = { ...consult.leg, related: [...consult.leg.related?.filter(({ kind }) => kind !== 'consultOf') ?? [], { kind: 'consultOf', id: held.leg.id }] }
  return [
    legDraft(scope, 'call.transferred', { ...heldLeg, state: held.known?.state ?? 'held', ...(held.known?.heldBy === undefined ? {} : { heldBy: held.known.heldBy }) }, held.at, { reason: 'transferred' }),
    ...endMoved(scope, held, heldLeg, 'transferred'),
    ...endMoved(scope, consult, consultLeg, 'transferred')
  ]
}

function single (scope: Scope, moved: Moved): EventDraft[] {
  const to = destinationOf(scope, moved.call)
  const reason = redirectReason(moved.reason)
  if (scope.context.ownMark(moved.leg.id)?.kind === 'park') return endMoved(scope, moved, moved.leg, 'parked')
  if (reason === 'transferred') {
    const transfer: NonNullable<Call['transfer']> = { kind: 'blind', role: 'transferor', ...(to === undefined ? {} : { to }) }
    const leg: CallDraft = { ...moved.leg, transfer }
    return [
      legDraft(scope, 'call.transferred', { ...before(moved, { transfer }), ...(moved.known?.heldBy === undefined ? {} : { heldBy: moved.known.heldBy }) }, moved.at, { reason }),
      ...endMoved(scope, moved, leg, reason)
    ]
  }
  const leg: CallDraft = { ...moved.leg, ...(to === undefined ? {} : { remote: to }) }
  return [legDraft(scope, 'call.redirected', before({ ...moved, leg }, {}), moved.at, { reason }), ...endMoved(scope, moved, leg, reason)]
}

const redirected: Reducer = (scope, data) => {
  const calls = [...children(child(data, 'calls'), 'call'), ...children(data, 'call')]
  if (calls.length === 0) return [draft(scope, `vendor.${scope.message.type}`)]
  const legs = calls.map((call) => movedOf(scope, call)).filter((moved) => moved !== undefined)
  const pair = legs.every(({ reason }) => reason === 'transfer') ? consultOrder(legs) : undefined
  return pair === undefined ? legs.flatMap((moved) => single(scope, moved)) : attended(scope, ...pair)
}

export const REDIRECT_REDUCERS: ReducerTable = { CallRedirectedEvent: redirected }
