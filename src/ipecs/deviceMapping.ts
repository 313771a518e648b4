/** Phones and their settings: registration, hook, presence, forwarding, do not disturb, mailbox (ipecs.md 4.3 to 4.5, 7.1). */
import { samePlain, type Condition, type DeviceState, type Forwarding, type Mailbox, type Presence, type Rule, type UserRef } from '../model'
import type { EventDraft } from '../session/types'
import type { AcdRecord, CtiEvent } from './frames'
import { ACD } from './protocol'
import { flag, lookup, number, text, type Fields } from './read'
import { draft, endLeg, legsOfDevice, type Scope } from './scope'

/** The person at a device; of a personal group its master number is the person's (ipecs.md 1, serviceDN). */
export function userOf (device: string, serviceNumber?: string): UserRef & { id: string } {
  return { id: device, extension: device, number: serviceNumber ?? device }
}

const CONDITIONS: Readonly<Record<string, readonly Condition[]>> = { uncondition: ['always'], busy: ['busy'], no_answer: ['noAnswer'], busy_noans: ['busy', 'noAnswer'] }
/** Conditions that exist; the switch has one rule at a time (model.md 7, I). */
const ALL: readonly Condition[] = ['always', 'busy', 'noAnswer']

/** `cfwdType` and its target as rules. `DND` is no forwarding and leaves all off. */
export function forwardingOf (user: UserRef, kind: string | undefined, to: string | undefined, seconds?: number): Forwarding {
  const active = lookup(CONDITIONS, kind) ?? []
  const rules: Forwarding['rules'] = {}
  for (const condition of ALL) {
    const rule: Rule = { enabled: active.includes(condition) }
    if (rule.enabled && to !== undefined) rule.to = to
    if (rule.enabled && condition === 'noAnswer' && seconds !== undefined) rule.ringSeconds = seconds
    rules[condition] = rule
  }
  return { user, rules, complete: true }
}

/** Low digit: the kind of target; +16 no answer, +32 busy, +48 both (ipecs.md 4.4). */
const CONDITIONS_OF_TYPE: Readonly<Record<number, readonly Condition[]>> = { 0: ['always'], 1: ['noAnswer'], 2: ['busy'], 3: ['busy', 'noAnswer'] }
const VOICE_MAIL = 8

function forwardingOfType (user: UserRef, data: string | undefined): Forwarding {
  const type = number(data)
  const active = type === undefined ? [] : CONDITIONS_OF_TYPE[type >> 4] ?? []
  const rules: Forwarding['rules'] = {}
  for (const condition of active) rules[condition] = { enabled: true, ...(type !== undefined && (type & 15) === VOICE_MAIL ? { toVoicemail: true as const } : {}) }
  return { user, rules, complete: false }
}

export function mailboxOf (data: Fields): Mailbox {
  const [fresh, old, urgent] = [number(data.newMsg), number(data.oldMsg), number(data.newUrgentMsg)]
  return {
    newMessages: fresh ?? 0, waiting: flag(data.msgStatus) ?? (fresh ?? 0) + (urgent ?? 0) > 0,
    ...(old === undefined ? {} : { oldMessages: old }), ...(urgent === undefined ? {} : { newUrgent: urgent })
  }
}

const STATUS: Readonly<Record<string, Presence['status']>> = {
  idle: 'available', block: 'offline', DND: 'dnd', dnd: 'dnd', stn_talk: 'busy', trk_talk: 'busy', busy: 'busy', ring: 'busy', hold: 'busy', conf: 'busy'
}

/** Status of presence events and of `call/status`; a forwarded phone is told as its own word only. */
export function presenceOf (status: string): Presence {
  const known = lookup(STATUS, status)
  return { value: status, ...(known === undefined ? {} : { status: known }) }
}

function deviceDraft (scope: Scope, device: string, change: Partial<DeviceState>): EventDraft[] {
  const known = scope.picture.device(device)
  const state: DeviceState = { id: device, kind: 'phone', ...change }
  if (change.registered !== undefined && known?.registered !== change.registered) return [draft(change.registered ? 'device.registered' : 'device.unregistered', { device: state, user: userOf(device) })]
  if (change.hook !== undefined && known?.hook !== change.hook) return [draft('device.hook', { device: state, user: userOf(device) })]
  return []
}

function presenceDraft (scope: Scope, device: string, status: string): EventDraft[] {
  const presence = presenceOf(status)
  return samePlain(scope.picture.presence(device), presence) ? [] : [draft('user.presence', { user: userOf(device), presence })]
}

function dndDraft (scope: Scope, device: string, enabled: boolean, serviceNumber?: string): EventDraft[] {
  return scope.picture.dnd(device)?.enabled === enabled ? [] : [draft('dnd.changed', { user: userOf(device, serviceNumber), dnd: { enabled } })]
}

function forwardingDraft (scope: Scope, forwarding: Forwarding & { user: { id?: string } }): EventDraft[] {
  const known = scope.picture.forwarding(forwarding.user.id ?? '')
  const changed = (Object.keys(forwarding.rules) as Condition[]).filter((condition) => !samePlain(known?.rules[condition], forwarding.rules[condition]))
  return changed.length === 0 && known !== undefined ? [] : [draft('forwarding.changed', { user: forwarding.user, forwarding: { ...forwarding, changed } })]
}

/** ms after which calls of an idle station are over though nothing ended them: a gap hid their end. */
const IDLE_MS = 2000

/** An idle phone has no calls. Only a leg that a gap left in doubt, or one of a station that is not monitored, can stand against that. */
function idle (scope: Scope, device: string): EventDraft[] {
  const { memory, picture, now } = scope
  const doubted = picture.call(memory.nameless.get(device) ?? '')
  const lost = (at: number, legs: readonly Parameters<typeof endLeg>[1][]): EventDraft[] => legs.map((leg) => endLeg({ ...scope, now: at }, leg, 'lost', { derived: true }, { uncertain: ['endedAt', 'endReason'] }))
  if (memory.monitored.has(device)) return doubted === undefined ? [] : lost(now, [doubted])
  if (legsOfDevice(scope, device).length > 0) memory.due.set(`idle ${device}`, now + IDLE_MS, (at) => lost(at, legsOfDevice(scope, device)))
  return []
}

type DeviceReducer = (scope: Scope, device: string, event: CtiEvent) => EventDraft[]
const TYPES: Readonly<Record<string, DeviceReducer>> = {
  registered: (scope, device) => deviceDraft(scope, device, { registered: true }),
  unregistered: (scope, device) => deviceDraft(scope, device, { registered: false }),
  presence: (scope, device, { data }) => {
    const status = text(data.status)
    // Trunks have no user; their status is told raw.
    return status === undefined || text(data.deviceType) === 'trk' ? [draft('vendor.presence')] : [...(status === 'idle' ? idle(scope, device) : []), ...presenceDraft(scope, device, status)]
  },
  dnd: (scope, device, { data, serviceNumber }) => {
    const service = text(data.svcType)
    return service === undefined ? [draft('vendor.dnd')] : dndDraft(scope, device, service === 'enable', serviceNumber)
  },
  forwarding: (scope, device, { data, serviceNumber }) => {
    const kind = text(data.svcType)
    const drafts = forwardingDraft(scope, forwardingOf(userOf(device, serviceNumber), kind, text(data.destination)))
    return kind === 'DND' ? [...drafts, ...dndDraft(scope, device, true, serviceNumber)] : drafts
  },
  mwi: (scope, device, { data, serviceNumber }) => {
    const voicemail = mailboxOf(data)
    return samePlain(scope.picture.mailbox(device), voicemail) ? [] : [draft('voicemail.updated', { user: userOf(device, serviceNumber), voicemail })]
  }
}

/** @returns undefined for a type that is not about a phone or its settings */
export function ctiDeviceDrafts (scope: Scope, event: CtiEvent): EventDraft[] | undefined {
  const reducer = lookup(TYPES, event.type)
  return reducer === undefined || event.device === undefined ? undefined : reducer(scope, event.device, event)
}

function notIdle ({ memory }: Scope, device: string): EventDraft[] {
  memory.due.drop(`idle ${device}`)
  return []
}

type AcdDevice = (scope: Scope, station: string, record: AcdRecord) => EventDraft[]
/** What the other stream tells of monitored devices is left to it. */
const isOurs = (scope: Scope, station: string): boolean => !scope.memory.monitored.has(station)

const CODES: Readonly<Record<number, AcdDevice>> = {
  [ACD.stationBusy]: (scope, station) => [...notIdle(scope, station), ...deviceDraft(scope, station, { hook: 'off' }), ...(isOurs(scope, station) ? presenceDraft(scope, station, 'busy') : [])],
  [ACD.stationIdle]: (scope, station) => [...idle(scope, station), ...deviceDraft(scope, station, { hook: 'on' }), ...(isOurs(scope, station) ? presenceDraft(scope, station, 'idle') : [])],
  [ACD.dndOn]: (scope, station) => dndDraft(scope, station, true),
  [ACD.dndOff]: (scope, station) => dndDraft(scope, station, false),
  [ACD.forwardOn]: (scope, station, { data1 }) => isOurs(scope, station) ? forwardingDraft(scope, forwardingOfType(userOf(station), data1)) : [],
  [ACD.forwardOff]: (scope, station) => isOurs(scope, station) ? forwardingDraft(scope, forwardingOf(userOf(station), 'disable', undefined)) : [],
  [ACD.inService]: (scope, station) => deviceDraft(scope, station, { registered: true }),
  [ACD.outOfService]: (scope, station) => deviceDraft(scope, station, { registered: false })
}

/** Hot desk: the record's destination is the dummy station that the agent takes (ipecs.md 4.3). */
const HOT_DESK: Readonly<Record<number, boolean>> = { [ACD.hotDeskIn]: true, [ACD.hotDeskOut]: false }

/** @returns undefined for a code that is not about a phone or its settings */
export function acdDeviceDrafts (scope: Scope, record: AcdRecord): EventDraft[] | undefined {
  const { code, source, dest } = record
  const hotDesk = HOT_DESK[code]
  if (hotDesk !== undefined) return dest === undefined ? undefined : deviceDraft(scope, dest.number, { registered: hotDesk })
  const reducer = CODES[code]
  return reducer === undefined || source?.kind !== 'station' ? undefined : reducer(scope, source.number, record)
}
