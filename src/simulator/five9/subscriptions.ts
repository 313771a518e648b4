/** What agents may follow (five9.md 3.4): ids of the subscriptions are the simulator's own, as none are public. */
import { type User } from '../pbx/types'
import { skillsOf } from './skills'
import { type Site } from './site'
import { snapshot } from './snapshots'

export const SUBSCRIPTIONS = ['AGENTS_READY_PRESENCES', 'SKILL_STATS_SNAPSHOT'] as const
type SubscriptionId = typeof SUBSCRIPTIONS[number]

/** What the events of a subscription tell (15: agents who are ready; 29: the agent's skills). */
export function subscriptionPayload (site: Site, user: User, id: SubscriptionId): unknown {
  if (id === 'SKILL_STATS_SNAPSHOT') return skillsOf(site, user).map((queue) => ({ id: site.ids.skills.id(queue.key), ...snapshot(site, queue) }))
  return [...site.pbx.agents.values()].filter((agent) => site.pbx.agentState(agent.key) === 'ready').map((agent) => site.ids.users.id(agent.userKey))
}

/** Tells followers what is new; each learns only of changes. */
export class Followers {
  private readonly told = new Map<string, string>()

  constructor (private readonly site: Site) {}

  settle (): void {
    for (const entry of this.told.keys()) if (!this.site.stores.subscriptions.has(entry)) this.told.delete(entry)
    for (const entry of this.site.stores.subscriptions) {
      const [userKey = '', name] = entry.split(' ')
      const user = this.site.pbx.users.get(userKey)
      const id = SUBSCRIPTIONS.find((each) => each === name)
      if (user === undefined || id === undefined) continue
      const payLoad = subscriptionPayload(this.site, user, id)
      const shape = JSON.stringify(payLoad, (field, value: unknown) => field === 'maxQueueDuration' ? undefined : value)
      if (this.told.get(entry) === shape) continue
      if (this.told.has(entry)) this.site.out.toUser(userKey, 'agent', id === 'AGENTS_READY_PRESENCES' ? 15 : 29, payLoad)
      this.told.set(entry, shape)
    }
  }
}
