/** Users as lists show them (five9.md 3.5). */
import { type User } from '../../pbx/types'
import { type Site } from '../site'
import { skillsOf } from '../skills'

/** A user of the domain; the level of a skill is his priority in the queue, from 1. */
export function userRow (site: Site, user: User): Record<string, unknown> {
  return {
    id: site.ids.users.id(user.key), userName: user.email, fullName: `${user.first} ${user.last}`, firstName: user.first, lastName: user.last, extension: user.extension, email: user.email,
    active: true, roles: site.people.roles(user), permissions: site.people.permissions(user),
    skillLevels: skillsOf(site, user).map((queue) => ({ skillId: site.ids.skills.id(queue.key), level: 1 + (queue.members.find(({ agentKey }) => agentKey === user.agentKey)?.priority ?? 0) })),
    userProfileSet: false
  }
}
