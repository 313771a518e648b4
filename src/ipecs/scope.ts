/** What the mapping of one message may look at, and how it makes drafts. */
import { samePlain, type Call, type CallState, type Cause, type EventName, type Party, type Reason, type VendorEventName } from '../model'
import { isoTime } from '../session/clock'
import type { CallDraft, EventDraft } from '../session/types'
import type { PictureView } from '../state/picture'
import type { Memory } from './memory'
import { defined } from './read'

export interface Scope {
  readonly memory: Memory
  /** The legs, agents and settings before this message. */
  readonly picture: PictureView
  /** ms of our clock. */
  readonly now: number
}

export type More = Omit<Partial<EventDraft>, 'event' | 'key' | 'call'>

/** This moment on the switch's clock: that is where the times of legs are (model.md R6). */
export function timeOf ({ memory, now }: Scope): string {
  return isoTime(now + memory.clock.offsetMs)
}

/** Frames hold no time of their own (CTI) or whole seconds without a zone (ACD), so ours is taken. */
export function draft (event: EventName | VendorEventName, parts: Omit<EventDraft, 'event'> = {}): EventDraft {
  return { event, ...parts }
}

export function causeOf (code: string | undefined, words: string | undefined): { cause?: Cause } {
  return code === undefined && words === undefined ? {} : { cause: defined({ code, text: words }) as Cause }
}

/** A number as a party; nothing when there is none. */
export function partyOf (memory: Memory, number: string | undefined, name?: string): Party | undefined {
  if (number === undefined && name === undefined) return undefined
  const isGroup = number !== undefined && memory.groups.isGroup(number)
  const isInternal = number !== undefined && !isGroup && memory.isInternal(number)
  const isKnown = number !== undefined && memory.extensions.has(number)
  const kind = isGroup ? 'queue' as const : isInternal ? 'user' as const : number !== undefined && memory.extensions.size > 0 ? 'external' as const : undefined
  return defined({ number, name: name ?? (isGroup ? memory.groups.ref(number).name : undefined), extension: isInternal ? number : undefined, userId: isKnown ? number : undefined, kind }) as Party
}

/** Both ends in the house, or not; unknown while no extension is known (ipecs.md 7.1, direction). */
export function reachOf (memory: Memory, other: string | undefined): { scope?: 'internal' | 'external' } {
  if (other === undefined || memory.extensions.size === 0) return {}
  return { scope: memory.isInternal(other) || memory.groups.isGroup(other) ? 'internal' : 'external' }
}

/** A device as the owner of legs. */
export function ownerOf (device: string): Call['owner'] {
  return { kind: 'device', id: device, number: device }
}

/** Frame of a device's leg. */
export function newLeg (scope: Scope, device: string, id: string, ref: string | undefined, direction: Call['direction'], state: CallState): CallDraft {
  return {
    id, owner: ownerOf(device), direction, state, startedAt: timeOf(scope), device: { id: device, kind: 'phone' },
    ...(ref === undefined ? {} : { vendorId: ref, correlationId: scope.memory.legs.correlation(ref) })
  }
}

const FIRST: Readonly<Record<CallState, EventName>> = {
  initiated: 'call.originated', dialing: 'call.originated', remoteRinging: 'call.remoteRinging', ringing: 'call.ringing', active: 'call.answered', held: 'call.held',
  queued: 'call.queued', parked: 'call.parked', failed: 'call.failed', ended: 'call.ended'
}

/** The event that a change of state is; a switch may skip steps, none is invented (model.md 3.1). */
function stepName (known: Call, next: CallDraft): EventName {
  if (known.state === next.state) return 'call.updated'
  switch (next.state) {
    case 'active': return known.state === 'held' ? 'call.resumed' : known.answeredAt === undefined || known.state === 'ringing' ? 'call.answered' : 'call.updated'
    case 'remoteRinging': return known.answeredAt === undefined ? 'call.remoteRinging' : 'call.updated'
    case 'ringing': case 'held': case 'parked': case 'failed': case 'queued': return FIRST[next.state]
    default: return 'call.updated'
  }
}

/** No news by themselves. */
const QUIET: ReadonlySet<string> = new Set(['vendorState', 'uncertain', 'linkedBy', 'conversationId', 'mergedFrom', 'related', 'clientRef'])

function differs (known: Call, next: CallDraft): boolean {
  const before = known as unknown as Record<string, unknown>
  const after = next as unknown as Record<string, unknown>
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) if (!QUIET.has(key) && !samePlain(before[key], after[key])) return true
  return false
}

/** What belongs to a state is gone with it. */
function settle (scope: Scope, event: EventName, known: Call | undefined, next: CallDraft): void {
  const at = timeOf(scope)
  if (next.state === 'ringing' && known?.state !== 'ringing') next.ringingAt ??= at
  if (event === 'call.answered') next.answeredAt ??= at
  if (next.state === 'held') next.heldAt ??= at
  else for (const field of ['heldAt', 'heldBy'] as const) delete next[field]
  if (next.state === 'active') delete next.recall
}

/** The next event of a leg, or none when nothing is new. @param first what tells of a leg that was not known, when its state alone would tell something else */
export function legStep (scope: Scope, known: Call | undefined, next: CallDraft, more: More = {}, first?: EventName): EventDraft[] {
  const call = defined(next) as CallDraft
  const event = known === undefined ? first ?? FIRST[call.state] : stepName(known, call)
  settle(scope, event, known, call)
  if (known !== undefined && !differs(known, call)) return []
  return [draft(event, { ...more, call })]
}

/** The end of a leg. */
export function endLeg (scope: Scope, known: Call, endReason: Reason, more: More = {}, fields: Partial<CallDraft> = {}): EventDraft {
  const call: CallDraft = { ...known, ...fields, state: 'ended', endReason, endedAt: timeOf(scope) }
  for (const field of ['heldBy', 'heldAt', 'recall'] as const) delete call[field]
  const name = known.owner.kind === 'queue' ? 'call.dequeued' : 'call.ended'
  scope.memory.due.drop(`end ${known.id}`)
  if (scope.memory.nameless.get(known.owner.id) === known.id) scope.memory.nameless.delete(known.owner.id)
  return draft(name, { reason: endReason, ...more, call })
}

/** Open legs of a device, oldest first. */
export function legsOfDevice (scope: Scope, device: string): Call[] {
  return scope.picture.callsOf(device).filter(({ owner }) => owner.kind === 'device').sort((a, b) => a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : 0)
}

/** The open leg of a device that a callRefID means. */
export function legOfRef (scope: Scope, device: string, ref: string | undefined): Call | undefined {
  const id = ref === undefined ? undefined : scope.memory.legs.find(device, ref)
  return id === undefined ? undefined : scope.picture.call(id)
}

/** Every open leg of a call. */
export function legsOfCall (scope: Scope, ref: string): Call[] {
  const correlation = scope.memory.legs.correlation(ref)
  const found: Call[] = []
  for (const call of scope.picture.calls()) if (call.correlationId === correlation) found.push(call)
  return found
}
