/** What a live state node shows of all that it knows. Pure. */
import type { Agent, Call, Queue } from '../../src/model'
import type { LiveFilter } from '../../src/state'
import { toList } from './coerce'
import { isOneOf } from './eventFilter'

/** @param def the node's `user`, `queue`, `platform`: texts separated by commas; an empty one lets all pass, and all have to fit */
export function liveFilter (def: Readonly<Record<string, unknown>>): LiveFilter {
  const users = new Set(toList(def.user))
  const queues = new Set(toList(def.queue))
  const platforms = new Set(toList(def.platform))
  const inUsers = ({ owner, agent }: Call): boolean => users.size === 0 || (owner.kind !== 'queue' && isOneOf(users, owner)) || isOneOf(users, agent)
  const inQueues = ({ owner, queue }: Call): boolean => queues.size === 0 || isOneOf(queues, queue) || (owner.kind === 'queue' && isOneOf(queues, owner))
  return {
    account: ({ platform }) => platforms.size === 0 || platforms.has(platform),
    call: (call) => inUsers(call) && inQueues(call),
    agent: (agent: Agent) => (users.size === 0 || isOneOf(users, agent) || isOneOf(users, agent.user))
      && (queues.size === 0 || (agent.queues ?? []).some((queue) => queue.joined && isOneOf(queues, queue))),
    queue: (queue: Queue) => queues.size === 0 || isOneOf(queues, queue)
  }
}
