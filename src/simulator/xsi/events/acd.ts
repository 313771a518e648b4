/** Call centre events: queues, agents (xsi.md 4.11, 9.9). */
import { type Agent, type Connection, type Party, type Queue } from '../../pbx/types'
import { type FactContext, type FactEvent, type FactTable } from '../events'
import { agentState, agentStateOf, joinInfo, monitoringStatus, queueEntry, type EntryView, unavailableCodeOf } from '../render/acd'
import { addressEl, partyContent, redirectEl } from '../render/party'
import { el, flag, text, type El } from '../tree'

function queueOf ({ site, fact }: FactContext): { queue: Queue; entry: Connection } | undefined {
  const { connection } = fact
  if (connection?.party.kind !== 'queue') return undefined
  const queue = site.pbx.queues.get(fact.queueKey ?? connection.queueKey ?? connection.party.queueKey ?? '')
  return queue && { queue, entry: connection }
}

function event (context: FactContext, type: string, view: EntryView = {}, after: (El | undefined)[] = []): FactEvent[] {
  const found = queueOf(context)
  if (!found) return []
  const data = [queueEntry(context.site, found.entry, found.queue, view), ...after].filter((item) => item !== undefined)
  return [{ queueKey: found.queue.key, type: `${type}Event`, data }]
}

function monitoring (context: FactContext): FactEvent[] {
  const found = queueOf(context)
  return found ? [figures(context, found.queue)] : []
}

function figures ({ site }: FactContext, queue: Queue): FactEvent {
  return { queueKey: queue.key, type: 'CallCenterMonitoringEvent', data: [monitoringStatus(site, queue)] }
}

function position ({ fact }: FactContext): El | undefined {
  const place = fact.detail?.position
  return typeof place === 'number' ? text('position', place) : undefined
}

function redirect ({ fact }: FactContext): El | undefined {
  const to = fact.detail?.to as Party | undefined
  return to && redirectEl(to.number, fact.cause, fact.at)
}

/** What the queue says about a call that left it, by cause (xsi.md 4.11). */
const DEPARTURES: Record<string, string> = { abandoned: 'ACDCallAbandoned', cancelled: 'ACDCallAbandoned', stranded: 'ACDCallStranded', escaped: 'ACDCallEscaped', overflowTime: 'ACDCallOverflowed', overflowSize: 'ACDCallOverflowed', transfer: 'ACDCallTransferred', supervisor: 'ACDCallTransferred', blindTransfer: 'ACDCallTransferred' }
const OVERFLOWS: Record<string, string> = { overflowTime: 'time', overflowSize: 'size' }

function dequeued (context: FactContext): FactEvent[] {
  const { site, fact } = context
  const removedAt = fact.at
  const leg = fact.related?.[0]
  if (fact.cause === 'normal' && leg !== undefined) {
    const user = site.pbx.agents.get(fact.agentKey ?? '')?.userKey ?? site.pbx.connections.get(leg)?.party.userKey
    return [...event(context, 'ACDCallAnsweredByAgent', { removedAt, answeredBy: { userId: site.names.userIdOf(user), callId: site.ids.callId(leg) } }), ...monitoring(context)]
  }
  const type = DEPARTURES[fact.cause ?? ''] ?? 'ACDCallReleased'
  return [...event(context, type, { removedAt }, [text('overflowReason', OVERFLOWS[fact.cause ?? '']), redirect(context)]), ...monitoring(context)]
}

/** An agent who was rung for the queue did not take the call: it is back in line. */
function bounced ({ site, fact }: FactContext): FactEvent[] {
  const { connection } = fact
  const back = fact.cause === 'bounced' || fact.cause === 'rejected'
  if (!back || connection?.party.kind !== 'user' || connection.queueConnection === undefined) return []
  const entry = site.pbx.connections.get(connection.queueConnection)
  const queue = site.pbx.queues.get(connection.queueKey ?? '')
  if (!entry || !queue) return []
  const place = queue.entries.indexOf(entry.key) + 1
  return [{ queueKey: queue.key, type: 'ACDCallBouncedEvent', data: [queueEntry(site, entry, queue, { bounced: true }), ...(place > 0 ? [el('position')].map((item) => ({ ...item, text: String(place) })) : [])] }]
}

/** Night service took the call before it ever waited. */
function nightPolicy (context: FactContext): FactEvent[] {
  const { site } = context
  const found = queueOf(context)
  if (!found || context.fact.cause !== 'night') return []
  const { queue, entry } = found
  const data = [
    text('callId', site.ids.callId(entry.key)), text('extTrackingId', site.ids.trackingId(entry.callKey)), text('acdName', queue.name), addressEl('acdNumber', queue.number),
    el('remoteParty', partyContent(site, entry.remote)), redirect(context)
  ].filter((item) => item !== undefined)
  return [{ queueKey: queue.key, type: 'ACDNightPolicyAppliedEvent', data }]
}

function information (context: FactContext): FactEvent[] {
  const { detail } = context.fact
  if (!Array.isArray(detail?.changed) || !detail.changed.includes('position')) return []
  return event(context, detail.change === 'promoted' ? 'ACDCallPromoted' : 'ACDCallReordered', {}, [position(context)])
}

/** Only what shows: a wish that comes into force at the end of a call was told when it was made. */
function agent (context: FactContext): FactEvent[] {
  const { site, fact } = context
  const live = fact.agent ?? site.pbx.agents.get(fact.agentKey ?? '')
  if (!live) return []
  const shown = (one: Agent): string => `${agentStateOf(one)} ${unavailableCodeOf(one) ?? ''}`
  if (fact.agentBefore && shown(fact.agentBefore) === shown(live)) return []
  const queues = [...site.pbx.queues.values()].filter((queue) => queue.members.some((member) => member.agentKey === live.key))
  return [{ userKey: live.userKey, type: 'AgentStateEvent', data: [agentState(site, live, 'agentStateInfo')] }, ...queues.map((queue) => figures(context, queue))]
}

function membership ({ site, fact }: FactContext): FactEvent[] {
  const live = fact.agent ?? site.pbx.agents.get(fact.agentKey ?? '')
  const queue = site.pbx.queues.get(fact.queueKey ?? '')
  const change = fact.detail?.change
  // There is no pause of a single queue here.
  if (!live || !queue || change === 'paused' || change === 'unpaused') return []
  return [{ userKey: live.userKey, type: 'ACDAgentJoinUpdateEvent', data: [el('ccAgentJoinUpdateData', joinInfo(site, live, queue, false))] }]
}

function queueMode ({ site, fact }: FactContext): FactEvent[] {
  const queue = site.pbx.queues.get(fact.queueKey ?? '')
  if (!queue) return []
  return [{ queueKey: queue.key, type: 'ACDNightServiceEvent', data: [flag('active', queue.night.enabled)].filter((item) => item !== undefined) }]
}

function disposition ({ site, fact }: FactContext): FactEvent[] {
  const { connection } = fact
  const code = connection?.disposition
  const userKey = fact.userKey ?? connection?.party.userKey
  if (!connection || code === undefined || userKey === undefined) return []
  return [{ userKey, type: 'AgentDispositionCodeAddedEvent', data: [text('dispositionCode', code), text('callId', site.ids.callId(connection.key))].filter((item) => item !== undefined) }]
}

/** A restarted server tells what waits now. */
function reset ({ site }: FactContext): FactEvent[] {
  return [...site.pbx.queues.values()].map((queue) => ({
    queueKey: queue.key, type: 'ACDSubscriptionResyncEvent',
    data: queue.entries.length === 0 ? [] : [el('queueEntries', queue.entries.map((key) => site.pbx.connections.get(key)).map((entry) => entry && queueEntry(site, entry, queue)))]
  }))
}

export const acdEvents: FactTable = {
  queued: (context) => [...event(context, 'ACDCallAdded', {}, [position(context)]), ...monitoring(context)],
  offered: (context) => event(context, 'ACDCallOfferedToAgent'),
  dequeued,
  diverted: (context) => [...bounced(context), ...nightPolicy(context)],
  cleared: bounced,
  callInformation: information,
  agent,
  membership,
  queueMode,
  disposition,
  reset
}
