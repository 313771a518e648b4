/** What a subscription for one user or queue is told at its beginning and at each refresh: the present state (xsi.md 4.7). */
import { type Agent, type Queue, type User } from '../pbx/types'
import { type EventBody } from './delivery'
import { type Site } from './site'
import { type Subscription } from './subscriptions'
import { type El, el, flag, text } from './tree'
import { agentState, joinInfo, monitoringStatus, queueEntries, queuesOf } from './render/acd'
import { callEl } from './render/call'
import { conferenceOf } from './render/conference'
import { SERVICE_EVENTS, serviceInfo } from './render/services'
import { messageSummary } from './render/voicemail'

/** Present calls of a user: content of CallSubscriptionEvent and of the resync event. */
export function callsState (site: Site, user: User): El[] {
  const calls = site.pbx.connectionsOf(user.key).filter((connection) => connection.state !== 'null')
  const conference = conferenceOf(site, user.key)
  return [
    ...(calls.length > 0 ? [el('calls', calls.map((connection) => callEl(site, connection)))] : []),
    ...(conference ? [conference] : []),
    el('hookStatus')
  ].map((item) => item.name === 'hookStatus' ? { ...item, text: user.hook === 'off' ? 'Off-Hook' : 'On-Hook' } : item)
}

function agentSubscription (site: Site, agent: Agent): El[] {
  const queues = queuesOf(site, agent.key)
  return [
    el('joinData', queues.length > 0 && el('joinInfos', queues.map((queue) => joinInfo(site, agent, queue, true)))),
    agentState(site, agent, 'stateInfo')
  ]
}

function forUser (site: Site, user: User, name: string): EventBody | undefined {
  if (name === 'Basic Call' || name === 'Standard Call' || name === 'Advanced Call') return { type: 'CallSubscriptionEvent', data: callsState(site, user) }
  const agent = site.pbx.agents.get(user.agentKey ?? '')
  if (name === 'Call Center Agent') return agent && { type: 'AgentSubscriptionEvent', data: agentSubscription(site, agent) }
  if (name === 'Voice Mail Message Summary') return { type: 'VoiceMailMessageSummaryEvent', data: [messageSummary(user, 'messageSummary')] }
  if (name === 'Collaborate Room') return { type: 'CollaborateRoomSubscriptionEvent', data: [] }
  const service = SERVICE_EVENTS[name]
  return service === undefined ? undefined : { type: `${service}Event`, data: serviceInfo(site, user, name) }
}

function forQueue (site: Site, queue: Queue, name: string): EventBody | undefined {
  const entries = queueEntries(site, queue)
  if (name === 'Call Center Queue') return { type: 'ACDSubscriptionEvent', data: entries.length > 0 ? [el('queueEntries', entries)] : [] }
  if (name === 'Call Center Monitoring') return { type: 'CallCenterMonitoringEvent', data: [monitoringStatus(site, queue)] }
  if (name === 'Call Center Configuration') return { type: 'ACDConfigurationSubscriptionEvent', data: [el('nightService', flag('active', queue.night.enabled)), text('forceNightService', undefined)].filter((item) => item !== undefined) }
  return undefined
}

/** Initial events of a subscription for a user or queue, in the order of its packages. */
export function initialEvents (site: Site, subscription: Subscription): EventBody[] {
  const user = site.pbx.users.get(subscription.target.userKey ?? '')
  const queue = site.pbx.queues.get(subscription.target.queueKey ?? '')
  return subscription.packages
    .map((name) => user ? forUser(site, user, name) : queue && forQueue(site, queue, name))
    .filter((body) => body !== undefined)
}
