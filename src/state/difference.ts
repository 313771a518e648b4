import type { Call, CallState, EventName, Reason, TelephonyEvent } from '../model'
import { changedFields } from './changes'
import { settingsDifference } from './settingsDifference'
import type { Difference, DifferenceMode, Found, KnownState, LegFound } from './differenceTypes'

export type { Difference, DifferenceMode, DifferenceDraft, Found, KnownState } from './differenceTypes'

/** Which event tells of a leg that is met in this state for the first time (model.md 6). */
export const EVENT_OF_STATE: Readonly<Record<CallState, EventName>> = {
  initiated: 'call.originated',
  dialing: 'call.originated',
  remoteRinging: 'call.remoteRinging',
  ringing: 'call.ringing',
  active: 'call.answered',
  held: 'call.held',
  queued: 'call.queued',
  parked: 'call.parked',
  failed: 'call.failed',
  ended: 'call.ended'
}

/** Where the event that leads from one state to another is not the one of the state reached. */
const EVENT_OF_STEP: Readonly<Partial<Record<CallState, Readonly<Partial<Record<CallState, EventName>>>>>> = {
  // The lifted phone of a click-to-dial call: no second call.originated (model.md 3.2).
  initiated: { dialing: 'call.updated' },
  dialing: { initiated: 'call.updated' },
  remoteRinging: { dialing: 'call.updated', initiated: 'call.updated' },
  held: { active: 'call.resumed' },
  parked: { active: 'call.unparked', held: 'call.unparked', ringing: 'call.ringing' }
}

/** Differences in these are not told: ours, or times that two sources state differently. */
const SILENT: ReadonlySet<string> = new Set<keyof Call>([
  'id', 'conversationId', 'mergedFrom', 'clientRef', 'related', 'linkedBy', 'uncertain', 'vendorState', 'owner', 'direction',
  'startedAt', 'ringingAt', 'answeredAt', 'heldAt', 'queuedAt', 'parkedAt', 'endedAt', 'heldMs'
])
/** Belong to a state: gone with it, unless told again. */
const OF_STATE = ['heldBy', 'heldAt', 'recall', 'parkedAt', 'can', 'vendorState'] as const satisfies readonly (keyof Call)[]

/**
 * What must be told so that a listener who knows `known` knows `found` (model.md 6): lost legs, legs found, one event for a leg in another state, updates.
 * Changes nothing; times are ISO, on the clock of the vendor.
 */
export function difference (known: KnownState, found: Found, mode: DifferenceMode): Difference {
  const result: Difference = { drafts: [], renamed: [], counts: { checked: 0, added: 0, ended: 0, changed: 0, agentsChanged: 0 } }
  if (found.calls !== undefined || found.owners !== undefined) callsDifference(known, found, mode, result)
  settingsDifference(known, found, mode, result)
  return result
}

function callsDifference (known: KnownState, found: Found, mode: DifferenceMode, result: Difference): void {
  const takenAt = found.takenAt ?? mode.now
  const pairs = match(known, found, mode)
  const matched = new Set<string>()
  for (const leg of found.calls ?? []) {
    result.counts.checked++
    const before = pairs.get(leg)
    if (before === undefined) {
      if (known.tombstone(leg.id) === undefined) addFound(leg, result)
      continue
    }
    matched.add(before.id)
    if (before.id !== leg.id) result.renamed.push([leg.id, before.id])
    if ((known.touchedAt(before.id) ?? 0) > takenAt) continue
    addChanged(before, leg, result)
  }
  for (const call of known.calls()) {
    if (matched.has(call.id) || !isCovered(call, found) || (known.touchedAt(call.id) ?? 0) > takenAt) continue
    result.counts.checked++
    addLost(call, mode, result)
  }
}

function isCovered (call: Call, { owners }: Found): boolean {
  return owners === 'all' || (owners?.includes(call.owner.id) ?? false)
}

/** Which known leg each found one is: by id, or by owner, remote number and state when ids mean nothing after the gap. */
function match (known: KnownState, found: Found, mode: DifferenceMode): Map<LegFound, Call> {
  const pairs = new Map<LegFound, Call>()
  const taken = new Set<string>()
  const pair = (leg: LegFound, call: Call | undefined): void => {
    if (call === undefined || taken.has(call.id)) return
    pairs.set(leg, call)
    taken.add(call.id)
  }
  const legs = found.calls ?? []
  if (found.idsComparable !== false) {
    for (const leg of legs) pair(leg, known.call(leg.id))
    return pairs
  }
  for (const leg of legs) {
    const same = known.call(leg.id)
    // Told by this very connection, so its id is of the same life.
    if (same !== undefined && (known.touchedAt(same.id) ?? 0) >= mode.since) pair(leg, same)
  }
  for (const leg of legs) {
    if (pairs.has(leg)) continue
    const free = (call: Call): boolean => !taken.has(call.id) && (known.touchedAt(call.id) ?? 0) < mode.since
    const call = alike(known.callsOf(leg.owner.id), leg, free)
    // An id that already names another leg cannot name this one too.
    if (call?.id === leg.id || known.call(leg.id) === undefined) pair(leg, call)
  }
  for (const leg of legs) if (!pairs.has(leg)) pair(leg, known.call(leg.id))
  return pairs
}

function alike (calls: readonly Call[], leg: LegFound, free: (call: Call) => boolean): Call | undefined {
  const number = remoteNumber(leg)
  if (number === undefined) return undefined
  return calls.find((call) => free(call) && call.state === leg.state && call.direction === leg.direction && remoteNumber(call) === number)
}

function remoteNumber (leg: LegFound): string | undefined {
  return leg.remote?.number ?? (leg.direction === 'inbound' ? leg.from : leg.to)?.number
}

function addFound (leg: LegFound, result: Difference): void {
  if (leg.state === 'ended') return
  result.drafts.push({ event: EVENT_OF_STATE[leg.state], call: leg, found: 'added' })
  result.counts.added++
}

function addChanged (before: Call, leg: LegFound, result: Difference): void {
  const call = merge(before, leg)
  const changes = changedFields(before, call, SILENT)
  if (before.state === leg.state) {
    if (changes.length === 0) return
    result.drafts.push({ event: 'call.updated', call, changes, found: 'changed' })
    result.counts.changed++
    return
  }
  if (leg.state === 'ended') {
    result.drafts.push({ event: terminal(before), call, reason: leg.endReason ?? 'unknown', found: 'changed' })
    result.counts.ended++
    return
  }
  const event = EVENT_OF_STEP[before.state]?.[leg.state] ?? EVENT_OF_STATE[leg.state]
  result.drafts.push({ event, call, ...(event === 'call.updated' ? { changes } : {}), found: 'changed' })
  result.counts.changed++
}

/** What was found, completed by what is known; what belongs to the state that was left is not kept. */
function merge (before: Call, leg: LegFound): LegFound {
  const kept: Partial<Call> = { ...before }
  if (before.state !== leg.state) for (const field of OF_STATE) delete kept[field]
  const call: LegFound = { ...kept, ...withoutUndefined(leg), id: before.id, startedAt: before.startedAt }
  if (before.conversationId !== undefined) call.conversationId = before.conversationId
  return call
}

function withoutUndefined (leg: LegFound): LegFound {
  const copy: LegFound = { ...leg }
  for (const key of Object.keys(copy) as (keyof LegFound)[]) if (copy[key] === undefined) delete copy[key]
  return copy
}

function addLost (call: Call, mode: DifferenceMode, result: Difference): void {
  const reason: Reason = 'lost'
  result.drafts.push({
    event: terminal(call),
    reason,
    derived: true,
    call: { ...call, state: 'ended', endedAt: mode.time, endReason: reason, uncertain: ['endedAt', 'endReason'] },
    found: 'ended'
  })
  result.counts.ended++
}

function terminal (call: Pick<Call, 'owner'>): TelephonyEvent['event'] & EventName {
  return call.owner.kind === 'queue' ? 'call.dequeued' : 'call.ended'
}
