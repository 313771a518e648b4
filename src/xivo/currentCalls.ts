/** The calls of the own line with number, name and begin; only those that are connected (xivo-cti.md 4.7). */
import type { Call, Party } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import { cancelledDrafts, endWithConsult } from './consult'
import { newLeg, ringsOn } from './hintLegs'
import { defined, iso, millis, objects, text } from './read'
import { legStep, legsOfPhone, type Reducer, type Scope } from './scope'
import type { CurrentCall } from './tables'

export function readCurrentCalls (value: unknown): CurrentCall[] {
  return objects(value).map((entry) => defined({
    name: text(entry.cid_name), number: text(entry.cid_number), held: entry.call_status === 'hold', since: millis(entry.call_start)
  }) as CurrentCall)
}

/** Adds what the entry knows of the other party; facts that came before are kept. */
export function completeByEntry (leg: CallDraft, entry: CurrentCall): CallDraft {
  const next: CallDraft = { ...leg }
  const party = defined({ number: entry.number, name: entry.name }) as Party
  if (Object.keys(party).length > 0) {
    next.remote = { ...party, ...leg.remote }
    const field = leg.direction === 'inbound' ? 'from' : 'to'
    next[field] = { ...party, ...leg[field] }
  }
  if (entry.since !== undefined) next.answeredAt = leg.answeredAt ?? iso(entry.since)
  return next
}

const CONNECTABLE: ReadonlySet<string> = new Set(['active', 'held', 'ringing', 'dialing', 'remoteRinging', 'initiated'])
/** Which leg an entry most likely is, when no number tells: one that talks before one that only might. */
const LIKELY: readonly string[] = ['active', 'held', 'dialing', 'remoteRinging', 'ringing', 'initiated']

/** Entries and legs that belong together; an entry may have none. */
export function pairUp (legs: readonly Call[], entries: readonly CurrentCall[]): { entry: CurrentCall; leg?: Call }[] {
  const free = new Set(legs.filter(({ state }) => CONNECTABLE.has(state)))
  const sure = entries.map((entry) => {
    const leg = entry.number === undefined ? undefined : [...free].find((one) => one.remote?.number === entry.number)
    if (leg !== undefined) free.delete(leg)
    return { entry, leg }
  })
  return sure.map(({ entry, leg }) => {
    const found = leg ?? [...free].filter((one) => one.remote?.number === undefined || one.answeredAt === undefined).sort((a, b) => LIKELY.indexOf(a.state) - LIKELY.indexOf(b.state))[0]
    if (found === undefined) return { entry }
    free.delete(found)
    return { entry, leg: found }
  })
}

function stateOf (entry: CurrentCall, leg: CallDraft): CallDraft {
  const next: CallDraft = { ...leg, state: entry.held ? 'held' : 'active' }
  if (!entry.held) delete next.heldBy
  // Which end pressed hold is not told (xivo-cti.md 11); our own phone would have shown it by its hint.
  else next.heldBy ??= 'remote'
  return next
}

/** The feed of the own line without channels: it answers, holds and ends legs. */
function byFeed (scope: Scope, phone: string, entries: readonly CurrentCall[]): EventDraft[] {
  const consulting = scope.tables.consult
  const legs = legsOfPhone(scope, phone).filter(({ id }) => id !== consulting?.leg)
  const pairs = pairUp(legs, entries)
  const paired = new Set(pairs.map(({ leg }) => leg?.id))
  const drafts: EventDraft[] = []
  for (const leg of legs) if (!paired.has(leg.id) && leg.answeredAt !== undefined) drafts.push(...endWithConsult(scope, leg))
  for (const { entry, leg } of pairs) {
    if (leg === undefined) {
      const direction = scope.tables.dials.some((dial) => dial.phone === phone && dial.leg === undefined) ? 'outbound' as const : 'inbound' as const
      drafts.push(...legStep(scope, undefined, stateOf(entry, completeByEntry(newLeg(scope, phone, { state: 'active', direction, uncertain: ['direction', 'startedAt'] }), entry))))
    } else if (consulting?.held === leg.id) drafts.push(...legStep(scope, leg, completeByEntry(leg, entry)))
    else drafts.push(...legStep(scope, leg, stateOf(entry, completeByEntry(leg, entry))))
  }
  return [...drafts, ...ringsOn(scope, phone, drafts)]
}

/** With channels the feed only adds numbers and names. */
function addNames (scope: Scope, phone: string, entries: readonly CurrentCall[]): EventDraft[] {
  const legs = legsOfPhone(scope, phone).filter(({ answeredAt, id }) => answeredAt !== undefined && id !== scope.tables.consult?.leg)
  return pairUp(legs, entries).flatMap(({ entry, leg }) => leg === undefined ? [] : legStep(scope, leg, completeByEntry(leg, entry)))
}

export const reduceCurrentCalls: Reducer = (scope) => {
  const { tables } = scope
  const entries = readCurrentCalls(scope.message.current_calls)
  tables.currentCalls = entries
  const phone = tables.ownPhone
  if (!tables.synced || phone === undefined || !tables.watches('phones', phone)) return []
  // 1.2 tells the end of a cancelled consultation by this list alone (xivo-cti.md 3.5).
  if (tables.consult?.cancelling === true && entries.some(({ held }) => !held)) return cancelledDrafts(scope)
  return tables.hasChannels ? addNames(scope, phone, entries) : byFeed(scope, phone, entries)
}
