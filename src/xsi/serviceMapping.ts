/** Settings of people: forwarding, do not disturb, mailbox, presence, features, hook, park slots (xsi.md 4.9, 4.10). Only differences are told. */
import { legId, parseAddress, samePlain, type Call, type Condition, type Forwarding, type Mailbox, type Presence, type Rule } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import { mapParty, partyOfPerson } from './parties'
import type { XsiNode } from './protocol'
import { boolean, child, defined, has, iso, millis, number, text } from './read'
import { draft, legDraft, type Reducer, type ReducerTable, type Scope } from './scope'

/** A rule from the settings of a forwarding service: the event has `tel:` numbers, the GET has none. */
export function mapRule (info: XsiNode): Rule {
  const to = text(info, 'forwardToPhoneNumber')
  return defined({
    enabled: boolean(info, 'active') ?? false,
    to: to === undefined ? undefined : parseAddress(to).number,
    rings: number(info, 'numberOfRings'),
    ringSplash: boolean(info, 'ringSplash')
  }) as Rule
}

/** Which condition an event type or service of the vendor is about. */
export const FORWARDING_EVENTS: Readonly<Record<string, Condition>> = {
  CallForwardingAlwaysEvent: 'always', CallForwardingBusyEvent: 'busy', CallForwardingNoAnswerEvent: 'noAnswer'
}

const forwarding = (condition: Condition): Reducer => (scope, data) => {
  const known = scope.picture.forwarding(scope.target.id)
  const info = child(data, 'info')
  const rule = info === undefined ? undefined : mapRule(info)
  const before = known?.rules[condition]
  if (rule === undefined ? before === undefined : samePlain(before, rule)) return []
  const rules: Forwarding['rules'] = { ...known?.rules, [condition]: rule ?? { enabled: false } }
  const told: Forwarding = { user: scope.target.user ?? { id: scope.target.id }, rules, changed: [condition], complete: known?.complete ?? false }
  return [draft(scope, 'forwarding.changed', { forwarding: told })]
}

/** `info` of do-not-disturb. */
export function mapDnd (info: XsiNode): { enabled: boolean; ringSplash?: boolean } {
  return defined({ enabled: boolean(info, 'active') ?? false, ringSplash: boolean(info, 'ringSplash') }) as { enabled: boolean; ringSplash?: boolean }
}

const dnd: Reducer = (scope, data) => {
  const told = mapDnd(child(data, 'info') ?? {})
  const known = scope.picture.dnd(scope.target.id)
  return known !== undefined && samePlain(known, told) ? [] : [draft(scope, 'dnd.changed', { dnd: told })]
}

/** Counters of a mailbox: a missing one is 0 (xsi.md 10, trap 12). */
export function mapMailbox (summary: XsiNode | undefined): Mailbox {
  const newMessages = number(summary, 'newMessages') ?? 0
  return {
    newMessages,
    oldMessages: number(summary, 'oldMessages') ?? 0,
    newUrgent: number(summary, 'newUrgentMessages') ?? 0,
    oldUrgent: number(summary, 'oldUrgentMessages') ?? 0,
    waiting: newMessages > 0
  }
}

const mailbox: Reducer = (scope, data) => {
  const told = mapMailbox(child(data, 'messageSummary'))
  return samePlain(scope.picture.mailbox(scope.target.id), told) ? [] : [draft(scope, 'voicemail.updated', { voicemail: told })]
}

const PRESENCE_STATUS: Readonly<Record<string, NonNullable<Presence['status']>>> = {
  None: 'available', 'Business Trip': 'away', 'Gone for the Day': 'away', Lunch: 'away', Meeting: 'busy', 'Out Of Office': 'away', 'Temporarily Out': 'away',
  Training: 'busy', Unavailable: 'away', Vacation: 'away', 'Available In Office': 'available', 'Available Out Of Office': 'available', Busy: 'busy'
}
/** Presence where the service is off or has no profile. */
const NO_PRESENCE = 'None'

/** Personal Assistant (`presence`, when active) or the older CommPilot Express (`profile`). */
export function mapPresence (info: XsiNode): Presence {
  const off = boolean(info, 'active') === false
  const value = (off ? undefined : text(info, 'presence') ?? text(info, 'profile')) ?? NO_PRESENCE
  const until = !off && boolean(info, 'enableExpirationTime') === true ? untilOf(info) : undefined
  return defined({ value, status: PRESENCE_STATUS[value], until }) as Presence
}

/** `expirationTime` is a dateTime; some releases send ms since 1970. */
function untilOf (info: XsiNode): string | undefined {
  const ms = millis(info, 'expirationTime') ?? Date.parse(text(info, 'expirationTime') ?? '')
  return Number.isFinite(ms) ? iso(ms) : undefined
}

const presence: Reducer = (scope, data) => {
  const told = mapPresence(child(data, 'info') ?? {})
  return samePlain(scope.picture.presence(scope.target.id), told) ? [] : [draft(scope, 'user.presence', { presence: told })]
}

/** Settings that the model calls a feature; `field` is the one that a flow wants as value. */
function feature (name: string, field?: string): Reducer {
  return (scope, data) => {
    const info = child(data, 'info')
    if (!scope.context.serviceChanged(scope.target.id, scope.message.type, info ?? null)) return []
    const raw = info === undefined || field === undefined ? undefined : text(info, field)
    const value = raw === undefined ? undefined : raw.startsWith('tel:') ? parseAddress(raw).number : raw
    return [draft(scope, 'feature.changed', { feature: defined({ name, enabled: info === undefined ? false : boolean(info, 'active'), value }) as { name: string } })]
  }
}

/** Settings without a word of the model: the vendor's own event, when they changed. */
const settings: Reducer = (scope, data) =>
  scope.context.serviceChanged(scope.target.id, scope.message.type, child(data, 'info') ?? null) ? [draft(scope, `vendor.${scope.message.type}`)] : []

const hook: Reducer = (scope, data) => {
  const told = text(data, 'hookStatus')
  const state = told === 'Off-Hook' ? 'off' : told === 'On-Hook' ? 'on' : undefined
  if (state === undefined) return [draft(scope, `vendor.${scope.message.type}`)]
  if (scope.picture.device(scope.target.id)?.hook === state) return []
  return [draft(scope, 'device.hook', { device: { id: scope.target.id, hook: state } })]
}

/** The vendor gives a parked call no id at the place where it is parked, and a slot holds one call: its leg is the parked one that has no vendor id. */
function slotLeg (scope: Scope): Call | undefined {
  return scope.picture.callsOf(scope.target.id).find((leg) => leg.state === 'parked' && leg.vendorId === undefined)
}

/** A call was parked against the target, or the slot is free again. Where it went is not told. */
const parkedAgainst: Reducer = (scope, data) => {
  const known = slotLeg(scope)
  const party = child(data, 'parkedParty')
  if (party !== undefined) return known === undefined ? slotTaken(scope, party) : []
  if (known === undefined) return []
  const left: CallDraft = { ...known, state: 'ended', endReason: 'unknown' }
  return [legDraft(scope, 'call.unparked', known), legDraft(scope, 'call.ended', left, undefined, { reason: 'unknown' })]
}

function slotTaken (scope: Scope, node: XsiNode): EventDraft[] {
  const from = mapParty(node, scope.context)
  const now = iso(scope.context.now)
  const slot = partyOfPerson(scope.target.person, scope.target.id)
  const leg: CallDraft = {
    id: legId(scope.target.id, `park-${scope.message.eventId}`),
    owner: scope.target.owner,
    state: 'parked',
    direction: 'inbound',
    startedAt: now,
    parkedAt: now,
    to: { ...slot, kind: 'park' },
    uncertain: ['startedAt'],
    ...(from === undefined ? {} : { from, remote: from })
  }
  return [legDraft(scope, 'call.parked', leg, undefined, { reason: 'parked' })]
}

export const SERVICE_REDUCERS: ReducerTable = {
  ...Object.fromEntries(Object.entries(FORWARDING_EVENTS).map(([type, condition]) => [type, forwarding(condition)])),
  DoNotDisturbEvent: dnd,
  VoiceMailMessageSummaryEvent: mailbox,
  PersonalAssistantEvent: presence,
  CommPilotExpressEvent: presence,
  RemoteOfficeEvent: feature('remoteOffice', 'remoteOfficeNumber'),
  CallWaitingEvent: feature('callWaiting'),
  HotelingGuestEvent: feature('hoteling', 'hostUserId'),
  VoiceMessagingEvent: feature('voicemail'),
  HookStatusEvent: hook,
  CallParkedAgainstEvent: parkedAgainst,
  CallForwardingAlwaysSecondaryEvent: settings,
  BroadWorksAnywhereEvent: settings,
  MusicOnHoldEvent: settings,
  ThirdPartyVoiceMailSupportEvent: settings,
  SilentAlertingEvent: settings,
  SequentialRingEvent: settings,
  SimultaneousRingPersonalEvent: settings,
  SecurityClassificationEvent: settings,
  CallTransferEvent: settings,
  FlexibleSeatingGuestEvent: settings,
  LastNumberRedialEvent: settings,
  'N-WayCallEvent': settings,
  ThreeWayCallEvent: settings
}

/** Event types that carry present values after a subscribe or refresh of a person (xsi.md 4.7). */
export function isServiceEvent (data: XsiNode): boolean {
  return has(data, 'info') || has(data, 'unassigned') || has(data, 'messageSummary')
}
