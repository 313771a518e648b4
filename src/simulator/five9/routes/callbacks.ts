/** Reminders to call somebody back, with their events (five9.md 3.4). Bodies are not public. */
import { fields, needed, optional } from '../bodies'
import { dial, shown } from '../dialing'
import { notFound } from '../errors'
import { type Call, type Reply, route, type Route } from '../http'
import { type Site } from '../site'
import { type Item, withoutOwner as bare } from '../stores'
import { own, told } from './own'

/** Events 53, 54, 55. */
export const CALLBACK_ROUTES: Route[] = [
  own('GET callbacks', ({ site, user }) => ({ body: site.stores.callbacks.list(({ owner }) => owner === user.key).map(bare) })),
  own('POST callbacks', (call) => {
    const item = call.site.stores.callbacks.add({ ...fields(call.body), number: needed(call.body, 'number'), owner: call.user.key })
    return told(call, 53, item, 'CREATED')
  }),
  // One, or a list of them; the answer has the form of the request.
  own('PUT callbacks', (call) => {
    const { body } = call
    const change = (item: unknown): Reply => changeCallback(call, String(fields(item).id ?? ''), fields(item))
    return Array.isArray(body) ? { body: body.map((item) => change(item).body) } : change(body)
  }),
  own('DELETE callbacks', ({ site, user, body }) => {
    const ids = (Array.isArray(body) ? body : [fields(body).id]).map(String)
    for (const id of ids) removeCallback(site, user.key, id)
    return {}
  }),
  // Before the row with an id, which would take the word for one.
  own('GET callbacks/snooze', () => ({ body: { minutes: 5 } })),
  own('PUT callbacks/snooze', ({ body }) => ({ body: fields(body) })),
  own('PUT callbacks/dismiss', (call) => {
    for (const { id } of call.site.stores.callbacks.list(({ owner }) => owner === call.user.key)) changeCallback(call, id, { dismissed: true })
    return {}
  }),
  own('PUT callbacks/:callback', (call) => changeCallback(call, call.params.callback, fields(call.body))),
  own('DELETE callbacks/:callback', ({ site, user, params }) => {
    removeCallback(site, user.key, params.callback)
    return {}
  }),
  own('PUT callbacks/:callback/dismiss', (call) => changeCallback(call, call.params.callback, { dismissed: true })),
  own('PUT callbacks/:callback/snooze', (call) => changeCallback(call, call.params.callback, { snoozedAt: call.site.clock.now() })),
  own('POST callbacks/:callback/make_call', ({ site, session, user, params }) => {
    const { number, campaignId } = callbackOf(site, user.key, params.callback)
    return { body: shown(site, dial(site, session, String(number), optional({ campaignId }, 'campaignId'))) }
  }),
  route(['appsvcs', 'supsvcs'], 'GET orgs/:oid/callbacks', ({ site }) => ({ body: site.stores.callbacks.list().map(bare) }))
]

/** @throws Five9Error 404 for one of somebody else */
function callbackOf (site: Site, userKey: string, id: string | undefined): Item {
  const item = site.stores.callbacks.get(id)
  if (item.owner !== userKey) throw notFound(`No callback ${item.id}`)
  return item
}

function changeCallback (call: Call, id: string | undefined, change: Record<string, unknown>): Reply {
  const item = callbackOf(call.site, call.user.key, id)
  return told(call, 54, call.site.stores.callbacks.change(item.id, { ...change, owner: item.owner }), 'UPDATED')
}

function removeCallback (site: Site, userKey: string, id: string | undefined): void {
  const item = callbackOf(site, userKey, id)
  site.stores.callbacks.remove(item.id)
  site.out.toUser(userKey, 'agent', 55, bare(item), 'DELETED')
}
