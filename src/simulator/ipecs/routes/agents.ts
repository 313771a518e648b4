/** Agents: their events leave before the answer (ipecs.md 3.2, 3.3, 9.6). */
import { type Agent, type Queue } from '../../pbx/types'
import { ctiError, refusing } from '../errors'
import { type Call, choice, needed, optional, type Reply, type Route, stationFor, whole } from '../http'
import { agentId, groupsOf } from '../events/tell'

const DONE_FIRST: Reply = { data: {}, eventsFirst: true }
const PRIORITIES = 9

/** The agent of a station and one of its groups. @throws ApiError for a station without an agent, an unknown group or a wrong id */
function agentIn (call: Call): { agent: Agent; group: Queue; id: string } {
  const { site } = call
  const agent = site.pbx.agentOf(stationFor(call).key)
  if (agent === undefined) throw ctiError('accessDenied')
  const group = site.numbers.group(needed(call, 'groupNumber'))
  const id = needed(call, 'agentId')
  if (group === undefined || !/^\d{4}$/.test(id)) throw ctiError('value')
  return { agent, group, id }
}

/** An agent who is logged on in the group with that id. @throws ApiError 147: what a second log-off meets is not documented */
function loggedOn (call: Call): { agent: Agent; group: Queue } {
  const { agent, group, id } = agentIn(call)
  if (!agent.loggedIn || !groupsOf(call.site, agent).includes(group)) throw ctiError('state')
  if (agentId(call.site, agent) !== id) throw ctiError('value')
  return { agent, group }
}

/** The first log-on is for one group only; further groups are logged on one by one. */
function logon (call: Call): Reply {
  const { site } = call
  const { pbx, memory } = site
  const { agent, group, id } = agentIn(call)
  const primary = choice(call, 'loginPrimary', ['primary', 'secondary']) === 'primary'
  const priority = optional(call, 'loginPriority') === undefined ? 0 : whole(call, 'loginPriority', 0, PRIORITIES)
  const member = group.members.find(({ agentKey }) => agentKey === agent.key)
  if (member === undefined) throw ctiError('accessDenied')
  if (agent.loggedIn && member.joined) throw ctiError('state')
  member.priority = priority
  memory.agentIds.set(agent.key, id)
  if (primary) memory.primary.set(agent.key, group.key)
  if (agent.loggedIn) {
    pbx.join(agent.key, group.key, true)
    return DONE_FIRST
  }
  memory.reasons.delete(agent.key)
  pbx.join(agent.key, group.key, true)
  for (const other of groupsOf(site, agent)) if (other !== group) pbx.join(agent.key, other.key, false)
  pbx.signIn(agent.key, { routing: 'ready' })
  return DONE_FIRST
}

function logoff (call: Call): Reply {
  const { pbx } = call.site
  const { agent, group } = loggedOn(call)
  if (groupsOf(call.site, agent).length > 1) pbx.join(agent.key, group.key, false)
  else pbx.signOut(agent.key, { force: true })
  return DONE_FIRST
}

/** A pause is for all groups: the PBX knows no other. The reason is one sign; with `dutyOn` it says nothing. */
function state (call: Call): Reply {
  const { site } = call
  const { agent } = loggedOn(call)
  const off = choice(call, 'agentState', ['dutyOn', 'dutyOff']) === 'dutyOff'
  const digit = optional(call, 'reasonCode')
  if (digit !== undefined && !/^[0-9*#]$/.test(digit)) throw ctiError('value')
  if (off && digit !== undefined) site.memory.reasons.set(agent.key, digit)
  const reason = off ? site.pbx.reasonCodes[Number(digit) - 1]?.code : undefined
  refusing({ wrongState: 'state' }, () => { site.pbx.setRouting(agent.key, off ? 'notReady' : 'ready', reason) })
  return DONE_FIRST
}

export const agentRoutes: Record<string, Route> = { 'POST call/agent_logon': logon, 'POST call/agent_logoff': logoff, 'POST call/agent_state': state }
