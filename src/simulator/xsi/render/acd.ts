/** Call centre elements: queue entries, call info at the agent, agent state, joins, figures (xsi.md 4.11). */
import { type Agent, type Connection, type Queue } from '../../pbx/types'
import { type Site } from '../site'
import { type El, el, flag, text } from '../tree'
import { addressEl, partyContent } from './party'

/** The caller of a queued connection or of the agent's leg that it led to. */
function callerContent (site: Site, connection: Connection): (El | undefined)[] {
  return partyContent(site, connection.remote)
}

/** `acdCallInfo` of a call that came through a queue. */
export function acdCallInfo (site: Site, connection: Connection): El | undefined {
  const queue = connection.queueKey === undefined ? undefined : site.pbx.queues.get(connection.queueKey)
  if (!queue) return undefined
  const entry = connection.queueConnection === undefined ? undefined : site.pbx.connections.get(connection.queueConnection)
  const since = entry?.queuedAt ?? connection.startedAt
  const waited = Math.max(0, (connection.answeredAt ?? connection.endedAt ?? site.clock.now()) - since)
  const others = queue.entries.filter((key) => key !== connection.queueConnection).length
  return el('acdCallInfo',
    text('acdUserId', site.names.queueId(queue)),
    text('acdName', queue.name),
    addressEl('acdNumber', queue.number),
    text('numCallsInQueue', others),
    text('waitTime', Math.round(waited / 1000)),
    el('callingPartyInfo', callerContent(site, connection)),
    text('dispositionCode', connection.disposition))
}

export interface EntryView { removedAt?: number; bounced?: boolean; answeredBy?: { userId?: string; callId?: string } }

/** `queueEntry`: a caller who waits, or who just stopped waiting. */
export function queueEntry (site: Site, connection: Connection, queue: Queue, view: EntryView = {}): El {
  const added = connection.queuedAt ?? connection.startedAt
  return el('queueEntry',
    text('callId', site.ids.callId(connection.key)),
    text('extTrackingId', site.ids.trackingId(connection.callKey)),
    el('remoteParty', callerContent(site, connection)),
    text('addTime', added),
    text('removeTime', view.removedAt),
    flag('bounced', view.bounced),
    text('acdName', queue.name),
    addressEl('acdNumber', queue.number),
    text('acdPriority', '0-Highest'),
    text('addTimeInPriorityBucket', added),
    text('answeringUserId', view.answeredBy?.userId),
    text('answeringCallId', view.answeredBy?.callId))
}

/** All entries of a queue in order of service. */
export function queueEntries (site: Site, queue: Queue): El[] {
  return queue.entries
    .map((key) => site.pbx.connections.get(key))
    .filter((connection) => connection !== undefined)
    .map((connection) => queueEntry(site, connection, queue))
}

/** What an agent asked for during a call: here it counts at once, as the state belongs to the agent and not to the call. */
function wished (agent: Agent): Pick<Agent, 'loggedIn' | 'routing' | 'reason'> {
  const { pending, loggedIn, routing, reason } = agent
  if (pending === undefined) return { loggedIn, routing, reason }
  return pending.routing === 'loggedOut' ? { loggedIn: false, routing: 'notReady' } : { loggedIn, routing: pending.routing, reason: pending.reason }
}

/** Vendor's word for the state of an agent. */
export function agentStateOf (agent: Agent): string {
  const { loggedIn, routing, reason } = wished(agent)
  if (agent.wrapUp) return 'Wrap-Up'
  if (!loggedIn) return 'Sign-Out'
  if (routing === 'ready') return 'Available'
  return reason === undefined && agent.since === agent.loggedInAt ? 'Sign-In' : 'Unavailable'
}

/** The code that goes with `Unavailable`. */
export function unavailableCodeOf (agent: Agent): string | undefined {
  return agentStateOf(agent) === 'Unavailable' ? wished(agent).reason : undefined
}

/** Children of `agentStateInfo` and `stateInfo`. */
export function agentState (site: Site, agent: Agent, name: string): El {
  const state = agentStateOf(agent)
  const times = state === 'Sign-Out' ? undefined : site.agentTimes.figures(agent.key)
  return el(name,
    text('state', state),
    el('stateTimestamp', text('value', agent.since)),
    text('unavailableCode', unavailableCodeOf(agent)),
    agent.wrapUp && text('wrapUpCallId', site.ids.callId(agent.wrapUp.connectionKey)),
    times && text('signInTimestamp', agent.loggedInAt),
    times && text('totalAvailableTime', times.available),
    times && value('averageWrapUpTime', times.averageWrapUp),
    agent.wrapUp && text('wrapUpCallCenterUserId', site.names.queueIdOf(agent.wrapUp.queueKey)))
}

/** `joinInfo` of an agent and a queue; `joined` absent means left. */
export function joinInfo (site: Site, agent: Agent, queue: Queue, withSkill: boolean): El {
  const member = queue.members.find((item) => item.agentKey === agent.key)
  return el('joinInfo',
    text('acdUserId', site.names.queueId(queue)),
    flag('joined', member?.joined),
    withSkill && member?.joined ? text('skillLevel', member.priority + 1) : undefined)
}

/** Queues that have the agent as a member. */
export function queuesOf (site: Site, agentKey: string): Queue[] {
  return [...site.pbx.queues.values()].filter((queue) => queue.members.some((member) => member.agentKey === agentKey))
}

function value (name: string, amount: number): El {
  return el(name, text('value', Math.round(amount)))
}

/** `monitoringStatus` of a queue, seconds. */
export function monitoringStatus (site: Site, queue: Queue): El {
  const { figures } = queue
  const now = site.clock.now()
  const waits = queue.entries.map((key) => site.pbx.connections.get(key)?.queuedAt ?? now)
  const agents = queue.members.map((member) => site.pbx.agents.get(member.agentKey)).filter((agent) => agent !== undefined)
  const staffed = agents.filter((agent) => agent.loggedIn)
  const busy = (agent: Agent): boolean => site.pbx.connectionsOf(agent.userKey).length > 0
  const answered = Math.max(1, figures.answered)
  return el('monitoringStatus',
    value('averageHandlingTime', figures.talkSeconds / answered),
    value('expectedWaitTime', queue.entries.length * figures.waitSeconds / answered),
    value('averageSpeedOfAnswer', figures.waitSeconds / answered),
    value('longestWaitTime', waits.length > 0 ? (now - Math.min(...waits)) / 1000 : 0),
    value('numCallsInQueue', queue.entries.length),
    text('numAgentsAssigned', agents.length),
    text('numAgentsStaffed', staffed.length),
    text('numStaffedAgentsIdle', staffed.filter((agent) => agent.routing === 'ready' && !agent.wrapUp && !busy(agent)).length),
    text('numStaffedAgentsUnavailable', staffed.filter((agent) => agent.routing === 'notReady').length))
}
