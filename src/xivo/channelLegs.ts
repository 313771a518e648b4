/** Legs from the channels of Asterisk, servers up to 15.18 (xivo-cti.md 4.4, 7.1, 9.1). */
import { legId, type Call, type CallState, type Party } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import { HINT, RINGING_HINTS, TALKING_HINTS } from './protocol'
import { defined, flag, iso, millis, text, texts, type Fields } from './read'
import { endWithConsult } from './consult'
import { draft, legsOfPhone, legStep, type DraftFields, type Scope } from './scope'
import { completeBySheet } from './sheetMapping'
import { DIAL_MS, type Channel, type PendingDial, type Tables } from './tables'

/** ms by which the server's clock may seem to run behind. */
const CLOCK_MS = 1000
/** ms after which a call that comes in has shown that it rings. */
export const PLACE_MS = 1000

const hintOf = (scope: Pick<Scope, 'tables'>, phone: string | undefined): string => text(scope.tables.row('phones', phone).status.hintstatus) ?? ''

/** Merges a push into the channel. New channels get their leg id when they belong to a phone. */
export function foldChannel (scope: Scope, name: string, status: Fields): Channel {
  const { tables, picture } = scope
  const known = tables.channels.get(name)
  const channel: Channel = { ...known, status: { ...known?.status, ...status }, born: known?.born ?? millis(status.timestamp) ?? scope.now }
  const phone = tables.phoneOfChannel(name)
  // Found at the start: its phone may ring for it.
  if (known === undefined && !tables.synced && RINGING_HINTS.has(hintOf(scope, phone))) channel.rang = true
  if (channel.leg === undefined && phone !== undefined) {
    const id = legId(phone, name)
    // Names begin anew when Asterisk restarts: one that ended a moment ago is another call (xivo-cti.md 10, trap 22).
    channel.leg = known === undefined && picture.tombstone(id) !== undefined && picture.call(id) === undefined ? legId(phone, name, String(channel.born)) : id
  }
  tables.channels.set(name, channel)
  return channel
}

function directionOf (channel: Channel, scope: Scope, phone: string): Call['direction'] | undefined {
  const { direction, commstatus } = channel.status
  if (direction === 'in' || commstatus === 'ringing' || commstatus === 'linked-called') return 'inbound'
  if (direction === 'out' || commstatus === 'calling' || commstatus === 'linked-caller') return 'outbound'
  if (pendingDial(scope, phone, channel) !== undefined) return 'outbound'
  // Off the hook and never rung since the channel is there: somebody dials. With another call at the phone it may also be one that is coming in.
  return channel.rang !== true && TALKING_HINTS.has(hintOf(scope, phone)) && (channel.waited === true || legsOfPhone(scope, phone).length === 0) ? 'outbound' : undefined
}

/** The own phone rings and nobody calls it: somebody has it called for him, and it rings before anything is dialled (xivo-cti.md 9.1, 9.3). */
function ringsForNobody (scope: Scope, phone: string, channel: Channel): boolean {
  const { rang, waited, status } = channel
  return (rang === true || (waited === true && legsOfPhone(scope, phone).length === 0)) && status.commstatus === 'ready' && status.talkingto_id === undefined && hintOf(scope, phone) === HINT.ringing
}

/** The call of ours that this channel is, if there is one: its phone rings first (xivo-cti.md 9.3). */
function pendingDial (scope: Scope, phone: string, channel: Channel): string | undefined {
  const fits = ({ leg, at }: PendingDial): boolean => leg === undefined ? channel.born > at - CLOCK_MS && channel.born < at + DIAL_MS : leg === channel.leg
  const dial = scope.tables.dials.find((one) => one.phone === phone && fits(one))
  if (dial === undefined) return undefined
  dial.leg ??= channel.leg
  return dial.to
}

const isUp = (channel: Channel | undefined): boolean => channel?.status.state === 'Up'
const isLinked = ({ status }: Channel): boolean => text(status.commstatus)?.startsWith('linked') === true || /^(channel|<?meetme>?)$/.test(text(status.talkingto_kind) ?? '')

function isAnswered (scope: Scope, phone: string, channel: Channel, peerName: string | undefined, direction: Call['direction']): boolean {
  if (isLinked(channel)) return true
  const rangAndTalks = (of: string | undefined, { rang }: Channel): boolean => rang === true && TALKING_HINTS.has(hintOf(scope, of)) && !RINGING_HINTS.has(hintOf(scope, of))
  if (direction === 'inbound') return isUp(channel) || (peerName !== undefined && rangAndTalks(phone, channel))
  const peer = peerName === undefined ? undefined : scope.tables.channels.get(peerName)
  if (peer === undefined || peerName === undefined) return false
  return (isUp(peer) && peer.status.direction !== 'out') || rangAndTalks(scope.tables.phoneOfChannel(peerName), peer)
}

function stateOf (scope: Scope, phone: string, name: string, channel: Channel, known: Call | undefined, direction: Call['direction']): { state: CallState; heldBy?: Call['heldBy'] } {
  const { status } = channel
  const peerName = text(status.talkingto_id)
  const peer = peerName === undefined ? undefined : scope.tables.channels.get(peerName)
  if (flag(status.parked) === true || status.talkingto_kind === 'parking') return { state: 'parked' }
  const talked = known?.answeredAt !== undefined || known?.state === 'held'
  // Nobody can hold what was not answered.
  if (talked || flag(status.holded) === true || isAnswered(scope, phone, channel, peerName, direction)) {
    const local = flag(status.holded) === true
    // The other end may hold somebody else: it consults us.
    const remote = flag(peer?.status.holded) === true && (text(peer?.status.talkingto_id) ?? name) === name
    return local || remote ? { state: 'held', heldBy: local && remote ? 'both' : local ? 'local' : 'remote' } : { state: 'active' }
  }
  if (direction === 'inbound') return { state: 'ringing' }
  if (status.commstatus !== 'calling' && status.direction !== 'out') {
    const isOurs = scope.tables.dials.some((dial) => dial.leg === channel.leg)
    return { state: ((channel.rang ?? channel.waited) === true && hintOf(scope, phone) === HINT.ringing) || (isOurs && !TALKING_HINTS.has(hintOf(scope, phone))) ? 'initiated' : 'dialing' }
  }
  const phoneRings = peer?.status.commstatus === 'ringing' && peerName !== undefined && scope.tables.phoneOfChannel(peerName) !== undefined
  return { state: phoneRings || peer?.status.state === 'Ringing' ? 'remoteRinging' : 'dialing' }
}

/** The other end: a known phone, or what a sheet told of a line to the network. */
function peerOf (scope: Scope, peerName: string | undefined): Pick<CallDraft, 'remote' | 'trunk' | 'scope'> {
  if (peerName === undefined) return {}
  const { tables } = scope
  const phone = tables.phoneOfChannel(peerName)
  if (phone !== undefined) return { remote: tables.partyOf(phone), scope: 'internal' }
  if (!tables.channels.has(peerName) || /^local\//i.test(peerName)) return {}
  const name = peerName.slice(0, Math.max(peerName.lastIndexOf('-'), 0)) || peerName
  const facts = tables.sheets.get(peerName)?.facts
  const remote = defined({ number: facts?.number, name: facts?.name, kind: 'external' as const }) as Party
  return { trunk: { id: name, name }, scope: 'external', ...(remote.number === undefined && remote.name === undefined ? {} : { remote }) }
}

/**
 * The conversation that the other end brings along: a channel goes on when the one it talked to leaves (xivo-cti.md 8), so whoever it talks to next
 * belongs to the same one (model.md 3.4).
 */
function conversationOf ({ tables, picture }: Scope, name: string, peerName: string | undefined): string | undefined {
  const peer = peerName === undefined ? undefined : tables.channels.get(peerName)
  if (peer === undefined) return undefined
  // A consultation has its own until it is completed, though it uses the channel of the held call.
  if (tables.consult !== undefined && peer.leg === tables.consult.held) return picture.call(tables.consult.leg)?.conversationId
  const own = peer.leg === undefined ? undefined : picture.call(peer.leg)
  const partner = peer.partner === undefined || peer.partner === legAt(tables, name) ? undefined : picture.call(peer.partner)
  return peer.conversation ?? own?.conversationId ?? partner?.conversationId
}

const legAt = (tables: Tables, name: string): string | undefined => tables.channels.get(name)?.leg

/** Notes the conversation of a leg at its other end. */
function keepConversation ({ tables }: Scope, { correlationId, conversationId }: Call): void {
  for (const part of correlationId?.split(' ') ?? []) {
    const channel = tables.channels.get(part)
    if (channel !== undefined) channel.conversation = conversationId
  }
}

/** The slot in `<exten>@<lot>` (xivo-cti.md 4.4). */
function slotOf (peerName: string | undefined): Party | undefined {
  const at = peerName?.indexOf('@') ?? -1
  return peerName === undefined || at < 1 ? undefined : { number: peerName.slice(0, at), kind: 'park' }
}

/** The whole leg as its channel shows it now, or undefined while its direction is not known. */
export function channelLeg (scope: Scope, phone: string, name: string, known: Call | undefined): CallDraft | undefined {
  const { tables } = scope
  const channel = tables.channels.get(name)
  if (channel?.leg === undefined) return undefined
  const isGuess = known === undefined && ringsForNobody(scope, phone, channel) && pendingDial(scope, phone, channel) === undefined
  const direction = known?.direction ?? (isGuess ? 'outbound' : directionOf(channel, scope, phone))
  if (direction === undefined) return undefined
  const { state, heldBy } = stateOf(scope, phone, name, channel, known, direction)
  const peerName = text(channel.status.talkingto_id)
  const parked = state === 'parked'
  const peer = parked ? {} : peerOf(scope, peerName)
  const self = tables.partyOf(phone)
  const dialled = direction === 'outbound' ? tables.dials.find((dial) => dial.leg === channel.leg)?.to : undefined
  const target: Party | undefined = dialled === undefined ? undefined : { number: dialled }
  const inbound = direction === 'inbound'
  const remote = peer.remote ?? known?.remote ?? (inbound ? undefined : target)
  const next: CallDraft = {
    ...known,
    id: known?.id ?? channel.leg,
    vendorId: name,
    owner: known?.owner ?? tables.ownerOf(phone),
    device: tables.deviceOf(phone),
    state,
    direction,
    vendorState: text(channel.status.commstatus),
    heldBy,
    startedAt: known?.startedAt ?? iso(channel.born),
    correlationId: peerName === undefined || parked ? known?.correlationId : [name, peerName].sort().join(' '),
    scope: peer.scope ?? known?.scope,
    trunk: peer.trunk ?? known?.trunk,
    from: known?.from ?? (inbound ? peer.remote : self),
    to: parked ? slotOf(peerName) ?? known?.to : known?.to ?? (inbound ? self : target ?? peer.remote),
    remote,
    uncertain: known?.uncertain ?? (isGuess ? ['direction'] : undefined),
    conversationId: conversationOf(scope, name, peerName) ?? known?.conversationId
  }
  return completeBySheet(scope, defined(next) as CallDraft, peerName, name)
}

/** By the time of their first push, else by its order. */
function isOlder (channels: ReadonlyMap<string, Channel>, one: string, other: string): boolean {
  const [a = 0, b = 0] = [channels.get(one)?.born, channels.get(other)?.born]
  return a === b ? [...channels.keys()].find((name) => name === one || name === other) === one : a < b
}

/** A talk that changes its other end was transferred: the one whose channel is younger was consulted (model.md 3.4). */
function transferOf (scope: Scope, known: Call, next: CallDraft, name: string): Pick<CallDraft, 'transfer'> | undefined {
  const peerName = text(scope.tables.channels.get(name)?.status.talkingto_id)
  const before = known.correlationId?.split(' ').find((part) => part !== name)
  if (known.answeredAt === undefined || before === undefined || peerName === undefined || before === peerName || next.state === 'parked') return undefined
  if (!scope.tables.channels.has(peerName)) return undefined
  const other = scope.tables.channels.get(peerName)
  const target = isOlder(scope.tables.channels, peerName, name)
  const transfer: NonNullable<Call['transfer']> = { kind: other?.status.commstatus === 'ringing' && !isUp(other) ? 'blind' : 'attended', role: target ? 'target' : 'transferee' }
  if (known.remote !== undefined) transfer.by = known.remote
  if (next.remote !== undefined) transfer[target ? 'from' : 'to'] = next.remote
  return { transfer }
}

/** The far end of our consultation, seen from its own channel: ties the leg of our making to the one that rings there. */
function consultLegDrafts (scope: Scope, name: string): EventDraft[] {
  const { tables, picture } = scope
  const leg = picture.call(tables.consult?.leg ?? '')
  const held = picture.call(tables.consult?.held ?? '')
  if (leg === undefined || held === undefined) return []
  for (const [other, { status }] of tables.channels) {
    const pair = [name, other].sort().join(' ')
    if (status.talkingto_id !== name || pair === held.correlationId) continue
    const { remote, scope: reach } = peerOf(scope, other)
    return legStep(scope, leg, defined({ ...leg, correlationId: pair, remote: leg.remote ?? remote, scope: leg.scope ?? reach }) as CallDraft)
  }
  return []
}

/** Looks at one channel again and tells what is new about its leg. */
export function evaluate (scope: Scope, name: string, more: DraftFields = {}): EventDraft[] {
  const { tables, picture } = scope
  const phone = tables.phoneOfChannel(name)
  const channel = tables.channels.get(name)
  const id = channel?.leg
  if (phone === undefined || id === undefined || channel?.over === true || !tables.watches('phones', phone) || picture.tombstone(id) !== undefined) return []
  // While we consult, the one channel serves both legs and tells nothing of the held one.
  if (tables.consult?.held === id) return consultLegDrafts(scope, name)
  const known = picture.call(id)
  if (known !== undefined) keepConversation(scope, known)
  const next = channelLeg(scope, phone, name, known)
  if (next === undefined) {
    if (channel?.waited !== true && !tables.unplaced.has(name)) tables.unplaced.set(name, scope.now)
    return []
  }
  tables.unplaced.delete(name)
  const peer = tables.channels.get(text(channel?.status.talkingto_id) ?? '')
  if (peer !== undefined) peer.partner = id
  const transferred = known === undefined ? undefined : transferOf(scope, known, next, name)
  if (known === undefined || transferred === undefined) return legStep(scope, known, next, more)
  // The same push may also say that the talk is held or goes on: that is a step of its own.
  const { state, heldBy, heldAt } = known
  const moved = defined({ ...next, ...transferred, state, heldBy, heldAt }) as CallDraft
  return [draft(scope, 'call.transferred', { ...more, call: moved, reason: 'transferred' }), ...legStep(scope, moved as Call, { ...next, ...transferred, ...(heldAt === undefined ? {} : { heldAt }) }, more)]
}

/** Channels pushes: the leg of the channel itself, and the one at its other end. */
export function channelDrafts (scope: Scope, name: string): EventDraft[] {
  return withPeers(scope, [name]).flatMap((one) => evaluate(scope, one))
}

/** The channels and those at their other ends, each once: whoever calls a phone sees by its hint that it rings or talks. */
function withPeers (scope: Scope, names: readonly string[]): string[] {
  const peers = names.map((name) => text(scope.tables.channels.get(name)?.status.talkingto_id)).filter((peer) => peer !== undefined)
  return [...new Set([...names, ...peers])]
}

/** The party that we hold is gone while we consult: our channel goes on with the consultation. */
function heldPartyLeft (scope: Scope, name: string): EventDraft[] {
  const { tables, picture } = scope
  const { consult } = tables
  const held = picture.call(consult?.held ?? '')
  if (consult === undefined || held === undefined || held.correlationId?.split(' ').includes(name) !== true) return []
  const own = [...tables.channels.values()].find(({ leg }) => leg === held.id)
  if (own !== undefined) own.leg = consult.leg
  tables.consult = undefined
  return endWithConsult(scope, held, { endedBy: 'remote' })
}

/** It rang, and whoever called talks on another phone now. */
function takenElsewhere ({ tables, picture }: Scope, known: Call, name: string): boolean {
  if (known.state !== 'ringing') return false
  const caller = known.correlationId?.split(' ').find((part) => part !== name)
  return [...tables.channels.values()].some(({ leg, status }) => status.talkingto_id === caller && leg !== undefined && leg !== known.id && picture.call(leg)?.answeredAt !== undefined)
}

/** The channel is gone from its phone or from the list. */
export function endChannel (scope: Scope, name: string): EventDraft[] {
  const { tables, picture } = scope
  const channel = tables.channels.get(name)
  const id = channel?.leg
  const known = id === undefined ? undefined : picture.call(id)
  if (channel !== undefined) channel.over = true
  tables.unplaced.delete(name)
  tables.dials = tables.dials.filter((dial) => dial.leg === undefined || dial.leg !== id)
  if (known === undefined) return heldPartyLeft(scope, name)
  keepConversation(scope, known)
  return endWithConsult(scope, known, takenElsewhere(scope, known, name) ? { endReason: 'answeredElsewhere' } : {})
}

/** Channels at phones with another call, whose direction nobody told: what rings would have shown by now, so somebody dials. */
export function placeWaiting (scope: Scope): EventDraft[] {
  const { tables } = scope
  const due = [...tables.unplaced].filter(([, since]) => scope.now - since >= PLACE_MS).map(([name]) => name)
  return due.flatMap((name) => {
    tables.unplaced.delete(name)
    const channel = tables.channels.get(name)
    if (channel === undefined) return []
    channel.waited = true
    return evaluate(scope, name)
  })
}

/** A phone's channels or hint changed: end what is gone, look at the rest again. */
export function phoneChannelDrafts (scope: Scope, phone: string, before: Fields): EventDraft[] {
  const now = texts(scope.tables.row('phones', phone).status.channels)
  const gone = texts(before.channels).filter((name) => !now.includes(name))
  return [...gone.flatMap((name) => endChannel(scope, name)), ...withPeers(scope, now).flatMap((name) => evaluate(scope, name))]
}
