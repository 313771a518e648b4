/** Stored call records (ipecs.md 3.2, 3.4). */
import { badParameter } from '../errors'
import { type Call, optional, type Reply, type Route } from '../http'

const PAGE = 50

function flag (call: Call, name: string): boolean {
  return optional(call, name)?.toLowerCase() === 'true'
}

/** `maxCount` 0 means all, as a known client uses it. */
function most (call: Call): number {
  const given = optional(call, 'maxCount')
  const count = given === undefined ? PAGE : Number(given)
  if (!Number.isInteger(count) || count < 0) throw badParameter()
  return count === 0 ? Number.MAX_SAFE_INTEGER : count
}

function get (call: Call): Reply {
  const { site, session } = call
  const found = site.records.find(call.condition, session.type === 'client' ? session.user : undefined)
  const items = found.slice(0, most(call))
  return { plain: flag(call, 'countOnly') ? { count: found.length } : { count: items.length, items } }
}

function remove (call: Call): Reply {
  call.site.records.remove(call.condition)
  return { empty: true }
}

export const recordRoutes = { 'GET smdr': get, 'DELETE smdr': remove } satisfies Record<string, Route>
