/** Cursors on the server, and the calls of the past that most of them page through (five9.md 3.4). */
import { fields } from '../bodies'
import { notFound } from '../errors'
import { type Call, type Reply } from '../http'
import { national } from '../people'
import { type Site } from '../site'
import { type Item } from '../stores'

const PAGE = 100

/** A cursor on the server: created by POST, paged by PUT `next`. */
export function openView ({ site, user, body }: Call, records: unknown[]): Reply {
  const limit = Math.max(1, Number(fields(body).limit ?? PAGE) || PAGE)
  const { id } = site.stores.views.add({ owner: user.key, records, from: limit, limit })
  return { body: { id, records: records.slice(0, limit) } }
}

/** @throws Five9Error 404 for a view of somebody else */
function viewOf ({ site, user, params }: Call): Item & { records: unknown[]; from: number; limit: number } {
  const view = site.stores.views.get(params.view)
  if (view.owner !== user.key) throw notFound(`No view ${view.id}`)
  return view as Item & { records: unknown[]; from: number; limit: number }
}

/** DELETE of a view. @throws Five9Error 404 for that of somebody else */
export function closeView (call: Call): Reply {
  call.site.stores.views.remove(viewOf(call).id)
  return {}
}

/** PUT `next` of a view. @throws Five9Error 404 for that of somebody else */
export function nextPage (call: Call): Reply {
  const { site } = call
  const view = viewOf(call)
  const { records, from, limit } = view
  site.stores.views.change(view.id, { from: from + limit })
  return { body: { id: view.id, records: records.slice(from, from + limit) } }
}

/** Calls of the past that fit, the newest first; field names are the simulator's own. */
export function historyOf ({ pbx, ids, ledger }: Site, wanted: (entry: Site['pbx']['history'][number]) => boolean): unknown[] {
  return pbx.history.filter(wanted).reverse().map((entry) => ({
    id: entry.id, userId: ids.users.id(entry.userKey), callId: ledger.byKey(entry.connectionKey)?.id ?? (pbx.connections.has(entry.connectionKey) ? ids.call(entry.connectionKey) : null),
    type: { placed: 'OUTBOUND', received: 'INBOUND', missed: 'MISSED' }[entry.kind], number: national(entry.party.number), name: entry.party.name ?? '', startTime: entry.at,
    length: entry.answeredAt === undefined ? 0 : entry.endedAt - entry.answeredAt
  }))
}
