/** A queue at this moment, and the calls that wait in it (five9.md 3.6). */
import { type Queue } from '../pbx/types'
import { national } from './people'
import { type Site } from './site'
import { agentStateOf } from './statistics/agentState'
import { waitingIn } from './statistics/acdStatus'

/** Waiting calls and ready agents of a queue; the longest wait in ms. */
export function snapshot (site: Site, queue: Queue): { inQueueCallCount: number; inQueueCallbackCount: number; maxQueueDuration: number; readyForCallAgentsIds: string[] } {
  const { clock, pbx, ids } = site
  const waiting = waitingIn(site, queue)
  const ready = queue.members.filter(({ joined }) => joined).flatMap(({ agentKey }) => pbx.users.get(pbx.agents.get(agentKey)?.userKey ?? '') ?? []).filter((user) => agentStateOf(site, user) === 'READY')
  return {
    inQueueCallCount: waiting.length, inQueueCallbackCount: 0, maxQueueDuration: Math.max(0, ...waiting.map(({ since }) => clock.now() - since)),
    readyForCallAgentsIds: ready.map(({ key }) => ids.users.id(key))
  }
}

/** Interactions of a queue for who follows it: field names are the simulator's own (event 5014). */
export function interactionsOf (site: Site, queue: Queue): unknown[] {
  const { pbx, ids } = site
  return pbx.queued(queue.key).map((entry) => ({
    interactionId: ids.conversation(entry.callKey), channelType: 'CALL', skillId: ids.skills.id(queue.key), number: national(entry.remote?.number), queuedTime: entry.queuedAt ?? entry.startedAt,
    position: pbx.queuePosition(entry.key)
  }))
}
