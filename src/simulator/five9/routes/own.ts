/** What rows of an agent's own things share. */
import { type Call, type Reply, route, type Route } from '../http'
import { type Item, withoutOwner } from '../stores'

/** A row below the agent's own path. */
export const own = (line: string, handler: (call: Call) => Reply): Route => route(['appsvcs'], line.replace(' ', ' agents/:uid/'), handler)

/** Answers with a thing and tells its owner of it. */
export function told ({ site, user }: Call, eventId: number, item: Item, reason: string): Reply {
  site.out.toUser(user.key, 'agent', eventId, withoutOwner(item), reason)
  return { body: withoutOwner(item) }
}
