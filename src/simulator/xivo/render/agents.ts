/** Agents and queue members (xivo-cti.md 3.3, 4.5). */
import { type Agent, type Connection, type Party, type Queue, type QueueMember } from '../../pbx/types'
import { type Message } from '../codec'
import { type Site } from '../site'
import { hintOf, mainDevice, memberStatusOf } from './phones'

const INSIDE = new Set<Party['kind']>(['user', 'queue', 'park', 'voicemail'])

/** Queues that an agent is in, with his membership. */
export function queuesOf (site: Site, agentKey: string): { queue: Queue; member: QueueMember }[] {
  const found: { queue: Queue; member: QueueMember }[] = []
  for (const queue of site.pbx.queues.values()) {
    const member = queue.members.find((each) => each.agentKey === agentKey && each.joined)
    if (member !== undefined) found.push({ queue, member })
  }
  return found
}

/** Not ready is a pause in every queue; what an agent asked for during a call counts at once. */
export function isPaused (agent: Agent, member: QueueMember): boolean {
  const routing = agent.pending?.routing ?? agent.routing
  return agent.loggedIn && (member.paused || routing === 'notReady')
}

/** Number of the phone that an agent logged in at. */
export function phoneOf (site: Site, agent: Agent): string | undefined {
  if (!agent.loggedIn) return undefined
  return site.memory.agentPhone.get(agent.key) ?? site.pbx.users.get(agent.userKey)?.extension
}

function talks (connection: Connection): boolean {
  return connection.state === 'connected' || connection.state === 'hold'
}

function nonAcd (calls: Connection[]): Connection | undefined {
  return calls.find((connection) => talks(connection) || connection.direction === 'outbound')
}

export interface AgentView { availability: string; onCallAcd: boolean; onWrapup: boolean; nonAcd: [direction: string, internal: boolean] | null }

/** What an agent is, by the server's order of precedence. */
export function viewOf (site: Site, agent: Agent): AgentView {
  const open = agent.loggedIn ? site.pbx.connectionsOf(agent.userKey).filter((connection) => connection.monitor === undefined) : []
  const onCallAcd = open.some((connection) => connection.agentKey === agent.key && connection.queueKey !== undefined && talks(connection))
  const other = nonAcd(open.filter((connection) => connection.queueKey === undefined))
  const direction = other?.direction === 'inbound' ? 'incoming' : 'outgoing'
  const internal = other !== undefined && INSIDE.has(other.remote?.kind ?? 'user')
  const onWrapup = agent.wrapUp !== undefined
  const view = { onCallAcd, onWrapup, nonAcd: other === undefined ? null : [direction, internal] as [string, boolean] }
  return { ...view, availability: availability(site, agent, view) }
}

function availability (site: Site, agent: Agent, view: Omit<AgentView, 'availability'>): string {
  if (!agent.loggedIn) return 'logged_out'
  if (view.onCallAcd) return 'unavailable'
  if (view.nonAcd !== null) return `on_call_nonacd_${view.nonAcd[0]}_${view.nonAcd[1] ? 'internal' : 'external'}`
  const queues = queuesOf(site, agent.key)
  if (queues.length > 0 && queues.every(({ member }) => isPaused(agent, member))) return 'unavailable'
  return view.onWrapup ? 'unavailable' : 'available'
}

/** Complete status of an agent. @param since when the availability began, ms */
export function agentStatus (site: Site, agent: Agent, since: number): Message {
  const view = viewOf(site, agent)
  const talking = site.pbx.connectionsOf(agent.userKey).find(talks)
  const [channel] = view.onCallAcd ? site.channels.of(talking?.key) : []
  return {
    availability: view.availability, availability_since: since / 1000, queues: queuesOf(site, agent.key).map(({ queue }) => site.ids.id('queue', queue.key)),
    on_call_acd: view.onCallAcd, on_wrapup: view.onWrapup, nonacd_call_status: view.nonAcd, phonenumber: phoneOf(site, agent) ?? null, channel: channel?.name ?? null,
    ...(site.release.second ? {} : { groups: [] })
  }
}

export function agentConfig (site: Site, agent: Agent): Message {
  const user = site.pbx.users.get(agent.userKey)
  return { context: 'default', firstname: user?.first ?? '', lastname: user?.last ?? '', number: site.ids.agentNumber(agent) }
}

/** A member of a queue: configuration and status are the same object, all text. */
export function memberConfig (site: Site, agent: Agent, queue: Queue, member: QueueMember): Message {
  const device = mainDevice(site, agent.userKey)
  const count = site.memory.memberCounts.get(`${agent.key},${queue.key}`)
  return {
    queue_name: queue.key, interface: `Agent/${site.ids.agentNumber(agent)}`, membership: 'static',
    status: agent.loggedIn ? memberStatusOf(device === undefined ? '4' : hintOf(site, device)) : '101',
    paused: isPaused(agent, member) ? '1' : '0', penalty: String(member.priority), callstaken: String(count?.calls ?? 0), lastcall: count?.last === undefined ? '' : clockTime(count.last)
  }
}

/** Local time of the server, `HH:MM:SS`. */
function clockTime (at: number): string {
  const time = new Date(at)
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')
}
