/** Skills are the queues of the PBX: an agent has those that list him, and is active in those that he joined (five9.md 3.3). */
import { type Queue, type User } from '../pbx/types'
import { refused } from './errors'
import { type Site } from './site'

/** Queues that an agent belongs to, joined or not. */
export function skillsOf ({ pbx }: Site, user: User): Queue[] {
  return [...pbx.queues.values()].filter((queue) => queue.members.some(({ agentKey }) => agentKey === user.agentKey))
}

/** Ids of the skills that an agent is active in. */
export function activeSkills (site: Site, user: User): string[] {
  return skillsOf(site, user).filter((queue) => queue.members.some(({ agentKey, joined }) => agentKey === user.agentKey && joined)).map((queue) => site.ids.skills.id(queue.key))
}

/**
 * Makes an agent active in exactly these skills.
 * @throws Five9Error for a skill that is not his, before anything is changed
 */
export function setActiveSkills (site: Site, user: User, ids: string[]): void {
  const mine = skillsOf(site, user)
  for (const id of ids) if (!mine.some((queue) => site.ids.skills.id(queue.key) === id)) throw refused(`The agent has no skill ${id}`, { objectId: id })
  for (const queue of mine) if (user.agentKey !== undefined) site.pbx.join(user.agentKey, queue.key, ids.includes(site.ids.skills.id(queue.key)))
}
