/** Agents as XiVO knows them, done with what the PBX has: a pause in every queue is its "not ready" (xivo-cti.md 3.7). */
import { Refusal } from '../pbx/types'
import { isPaused, queuesOf } from './render/agents'
import { type Site } from './site'

/** Does something that the PBX may refuse; false when it did. */
export function allowed (act: () => void): boolean {
  try {
    act()
    return true
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}

/** Pauses or unpauses an agent in all his queues. One who is not logged in is left alone. */
export function pauseAll (site: Site, agentKey: string | undefined, paused: boolean): void {
  const agent = site.pbx.agents.get(agentKey ?? '')
  if (agent?.loggedIn !== true) return
  site.pbx.setRouting(agent.key, paused ? 'notReady' : 'ready')
  for (const { queue, member } of queuesOf(site, agent.key)) if (member.paused) site.pbx.pauseQueue(agent.key, queue.key, false)
}

/** Pauses or unpauses an agent in one queue; in all of them it is the same as not ready. */
export function pauseOne (site: Site, agentKey: string, queueKey: string, paused: boolean): void {
  const { pbx } = site
  const agent = pbx.agents.get(agentKey)
  const mine = queuesOf(site, agentKey)
  if (agent?.loggedIn !== true || !mine.some(({ queue }) => queue.key === queueKey)) return
  const others = mine.filter(({ queue }) => queue.key !== queueKey)
  const routing = agent.pending?.routing ?? agent.routing
  if (paused && others.every(({ member }) => isPaused(agent, member))) return pauseAll(site, agentKey, true)
  if (!paused && routing === 'notReady') {
    for (const { queue } of others) pbx.pauseQueue(agentKey, queue.key, true)
    pbx.setRouting(agentKey, 'ready')
  }
  pbx.pauseQueue(agentKey, queueKey, paused)
}

/** Makes an agent a member of a queue; one that he never belonged to takes him up. @returns false when he is a member already, or unknown */
export function addMember (site: Site, agentKey: string, queueKey: string): boolean {
  const queue = site.pbx.queues.get(queueKey)
  if (queue === undefined || !site.pbx.agents.has(agentKey)) return false
  const member = queue.members.find((each) => each.agentKey === agentKey)
  if (member?.joined === true) return false
  if (member === undefined) queue.members.push({ agentKey, joined: false, paused: false, priority: 0 })
  site.pbx.join(agentKey, queueKey, true)
  return true
}

/** @returns false when he is no member */
export function removeMember (site: Site, agentKey: string, queueKey: string): boolean {
  if (!queuesOf(site, agentKey).some(({ queue }) => queue.key === queueKey)) return false
  site.pbx.join(agentKey, queueKey, false)
  return true
}

/** Logs an agent in at a phone, ready. */
export function logIn (site: Site, agentKey: string, number: string): void {
  site.memory.agentPhone.set(agentKey, number)
  site.pbx.signIn(agentKey, { routing: 'ready' })
}
