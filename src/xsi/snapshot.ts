/** Present state as a snapshot: initial and refreshed events, and replies of GET (xsi.md 4.7, 6; model.md 6). Pure. */
import { parseAddress, type Call, type Forwarding } from '../model'
import type { CallDraft, Snapshot } from '../session/types'
import type { PictureView } from '../state/picture'
import { mapEntry, modeOf } from './acdMapping'
import { mapAgent, mapMemberships } from './agentMapping'
import { mapConference } from './conferenceMapping'
import { legIdOf, mapLeg } from './legs'
import { SNAPSHOT_EVENTS, type XsiEvent, type XsiNode } from './protocol'
import { boolean, child, children, has, millis, text } from './read'
import { toldQueue } from './queues'
import { targetFor, type ReduceContext, type Target } from './scope'
import { FORWARDING_EVENTS, isServiceEvent, mapDnd, mapMailbox, mapPresence, mapRule } from './serviceMapping'

const OPEN_STATES: ReadonlySet<string> = new Set(['Alerting', 'Active', 'Held', 'Remote Held'])

interface Source { readonly picture: PictureView; readonly context: ReduceContext }

/** Calls of one user as legs; calls that are over or were moved are left out. */
export function legsOf ({ picture, context }: Source, target: Target, calls: readonly XsiNode[], conference?: XsiNode): CallDraft[] {
  const open = calls.filter((call) => OPEN_STATES.has(text(call, 'state') ?? '') && text(call, 'callId') !== undefined)
  const legs = open.map((call) => legOf(call, target, picture, context))
  if (conference === undefined) return legs
  const byId = new Map(legs.map((leg) => [leg.id, leg]))
  const mapped = mapConference(conference, target.id, (id) => byId.get(id) as Call | undefined, undefined)
  const inside = new Set(mapped.members.map(({ callId }) => callId))
  return legs.map((leg) => inside.has(leg.id) ? { ...leg, conference: mapped } : leg)
}

function legOf (call: XsiNode, target: Target, picture: PictureView, context: ReduceContext): CallDraft {
  const id = legIdOf(picture, target.id, text(call, 'callId') ?? '', millis(call, 'startTime'))
  return mapLeg(call, target, picture.call(id), context, false, id)
}

/** Snapshot of the calls and the hook of one user; it lists all legs of the owner. */
export function callsSnapshot (source: Source, targetId: string, calls: readonly XsiNode[], hook?: string, conference?: XsiNode): Snapshot {
  const target = targetFor(targetId, source.context)
  const snapshot: Snapshot = { calls: legsOf(source, target, calls, conference), owners: [targetId] }
  // A call parked at the owner is not among his calls: without this it would be taken for lost.
  const slots = source.picture.callsOf(targetId).filter((leg) => leg.state === 'parked' && leg.vendorId === undefined)
  snapshot.calls?.push(...slots)
  if (hook === 'On-Hook' || hook === 'Off-Hook') {
    snapshot.devices = [{ ...(target.user === undefined ? {} : { user: { ...target.user, id: targetId } }), device: { id: targetId, hook: hook === 'On-Hook' ? 'on' : 'off' } }]
  }
  return snapshot
}

/** Snapshot of a queue's entries; it lists all legs of the queue. */
export function queueSnapshot (source: Source, queueId: string, entries: readonly XsiNode[]): Snapshot {
  const target = { id: queueId, owner: { ...targetFor(queueId, source.context).owner, kind: 'queue' as const } }
  const calls = entries.flatMap((entry, index) => {
    const known = text(entry, 'callId') === undefined ? undefined : source.picture.callsOf(queueId).find((leg) => leg.vendorId === text(entry, 'callId'))
    return mapEntry(entry, target, known, source.context, known?.queue?.position ?? index + 1) ?? []
  })
  const queue = { ...toldQueue(source, queueId), waiting: calls.length }
  const name = calls[0]?.owner.name
  const number = calls[0]?.owner.number
  const oldest = calls.map((leg) => leg.queuedAt ?? leg.startedAt).sort().at(0)
  return {
    calls,
    owners: [queueId],
    queues: [{ ...queue, ...(name === undefined ? {} : { name }), ...(number === undefined ? {} : { number }), ...(oldest === undefined ? {} : { oldestJoinedAt: oldest }) }]
  }
}

/** Snapshot of an agent, from an initial event or from the service `CallCenter`. */
export function agentSnapshot (source: Source, agentId: string, info: XsiNode, memberships: ReturnType<typeof mapMemberships>): Snapshot {
  const target = targetFor(agentId, source.context)
  const known = source.picture.agent(agentId)
  const busy = source.picture.callsOf(agentId).some((leg) => leg.agent !== undefined && (leg.state === 'active' || leg.state === 'held'))
  const agent = mapAgent(info, target, known, busy, source.context.now)
  return { agents: [memberships.length === 0 ? agent : { ...agent, queues: memberships }] }
}

/** The queues of `services/CallCenter`. */
export function membershipsOfService (service: XsiNode): ReturnType<typeof mapMemberships> {
  return children(child(service, 'callCenterList'), 'callCenterDetails').flatMap((node) => {
    const id = text(node, 'serviceUserId')
    return id === undefined ? [] : [{ id, joined: boolean(node, 'available') ?? false, ...(boolean(node, 'isLogOffAllowed') === false ? { fixed: true as const } : {}) }]
  })
}

function configurationSnapshot (source: Source, queueId: string, data: XsiNode): Snapshot {
  const active = (name: string): boolean => has(child(data, name), 'active')
  const mode = modeOf({ forced: active('forcedForwarding'), holiday: active('holidayService'), night: active('nightService') || has(data, 'forceNightService') })
  const known = source.picture.queue(queueId)
  const queue = { ...toldQueue(source, queueId), mode }
  return { queues: [known?.waiting === undefined || !source.context.hasQueueEvents(queueId) ? queue : { ...queue, waiting: known.waiting }] }
}

type Taker = (source: Source, targetId: string, data: XsiNode) => Snapshot

const callsTaker: Taker = (source, targetId, data) =>
  callsSnapshot(source, targetId, children(child(data, 'calls'), 'call'), text(data, 'hookStatus'), child(data, 'conference'))
const queueTaker: Taker = (source, targetId, data) => queueSnapshot(source, targetId, children(child(data, 'queueEntries'), 'queueEntry'))

const TAKERS: Readonly<Record<string, Taker>> = {
  CallSubscriptionEvent: callsTaker,
  CallSubscriptionResyncEvent: callsTaker,
  ACDSubscriptionEvent: queueTaker,
  ACDSubscriptionResyncEvent: queueTaker,
  ACDConfigurationSubscriptionEvent: configurationSnapshot,
  AgentSubscriptionEvent: (source, targetId, data) => agentSnapshot(source, targetId, child(data, 'stateInfo') ?? {}, mapMemberships(data))
}

/** Settings of a person as told after a subscribe or refresh. A service that is not assigned says nothing. */
function serviceSnapshot (source: Source, targetId: string, type: string, data: XsiNode): Snapshot | undefined {
  const user = { ...targetFor(targetId, source.context).user, id: targetId }
  if (type === 'VoiceMailMessageSummaryEvent') return { mailboxes: [{ user, voicemail: mapMailbox(child(data, 'messageSummary')) }] }
  const info = child(data, 'info')
  if (info === undefined) return {}
  const condition = FORWARDING_EVENTS[type]
  if (condition !== undefined) {
    const known = source.picture.forwarding(targetId)
    const forwarding: Forwarding = { user, rules: { ...known?.rules, [condition]: mapRule(info) }, complete: known?.complete ?? false }
    return { forwardings: [forwarding] }
  }
  if (type === 'DoNotDisturbEvent') return { dnd: [{ user, dnd: mapDnd(info) }] }
  if (type === 'PersonalAssistantEvent' || type === 'CommPilotExpressEvent') return { presences: [{ user, presence: mapPresence(info) }] }
  return undefined
}

/**
 * The snapshot that an event holds, or undefined when the event is a change.
 * @param refreshing the subscription was just made or refreshed, so that a service event tells a present value (xsi.md 10, trap 16)
 */
export function snapshotOf (picture: PictureView, message: XsiEvent, context: ReduceContext, refreshing: boolean): Snapshot | undefined {
  const targetId = message.targetId ?? context.targetOf(message.subscriptionId)
  if (targetId === undefined) return undefined
  const source = { picture, context }
  const taker = SNAPSHOT_EVENTS.has(message.type) ? TAKERS[message.type] : undefined
  const taken = taker !== undefined ? taker(source, targetId, message.data)
    : refreshing && isServiceEvent(message.data) ? serviceSnapshot(source, targetId, message.type, message.data) : undefined
  if (taken === undefined) return undefined
  taken.vendorEvent = message.raw
  return taken
}

/** A directory entry or profile: the number that the user is called by, without URI dress. */
export function plainNumber (raw: string | undefined): string | undefined {
  return raw === undefined ? undefined : parseAddress(raw).number
}
