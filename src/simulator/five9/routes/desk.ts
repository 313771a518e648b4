/** What else an agent's desktop does: prompts, worksheets, messages, history, subscriptions (five9.md 3.1, 3.2, 3.4). Bodies are not public. */
import { fields, needed } from '../bodies'
import { badRequest, notFound, refused } from '../errors'
import { type Call, type Reply, route, type Route } from '../http'
import { national } from '../people'
import { type Site } from '../site'
import { type Item, withoutOwner } from '../stores'
import { subscriptionPayload, SUBSCRIPTIONS } from '../subscriptions'
import { userById } from '../targets'
import { own, told } from './own'
import { historyOf, nextPage, openView } from './views'

const app = (line: string, handler: (call: Call) => Reply): Route => route(['appsvcs', 'supsvcs'], line, handler)

const PLAYER = 'interactions/calls/:cid/audio/player'

function play (operation: string, state: 'PLAYING' | 'PAUSED' | 'STOPPED'): Route {
  return own(`PUT ${PLAYER}/${operation}`, ({ site, user, params, body }) => {
    const { id } = site.ledger.inState(user.key, params.cid ?? '', operation, ['TALKING', 'ON_HOLD'])
    const wanted = operation === 'play_prompt' ? String(fields(body).value ?? '') : site.stores.players.get(id)?.promptId ?? null
    if (operation === 'play_prompt' && !site.options.prompts.some((prompt) => prompt.id === wanted)) throw notFound(`No prompt ${String(wanted)}`)
    if (wanted === null) throw refused('Nothing is played')
    const player = { state, promptId: wanted }
    site.stores.players.set(id, player)
    site.out.toUser(user.key, 'agent', 41, { callId: id, ...player })
    return {}
  })
}

const AUDIO: Route[] = [
  own('GET prompts', ({ site }) => ({ body: site.options.prompts })),
  own('GET interactions/calls/:cid/audio', ({ site, user, params }) => ({ body: site.ledger.find(user.key, params.cid ?? '') && site.options.prompts })),
  own(`GET ${PLAYER}`, ({ site, user, params }) => ({ body: site.stores.players.get(site.ledger.find(user.key, params.cid ?? '').id) ?? { state: 'STOPPED', promptId: null } })),
  play('play_prompt', 'PLAYING'), play('pause', 'PAUSED'), play('resume', 'PLAYING'), play('stop', 'STOPPED')
]

const WORKSHEET: Route[] = [
  own('GET interactions/:cid/worksheet', ({ site, user, params }) => ({ body: site.stores.worksheets.get(site.ledger.find(user.key, params.cid ?? '').id) ?? {} })),
  own('PUT interactions/:cid/worksheet', ({ site, user, params, body }) => {
    site.stores.worksheets.set(site.ledger.find(user.key, params.cid ?? '').id, fields(body))
    return { body: fields(body) }
  }),
  own('DELETE interactions/:cid/worksheet', ({ site, user, params }) => {
    site.stores.worksheets.delete(site.ledger.find(user.key, params.cid ?? '').id)
    return {}
  })
]

/** The simulator deals out no text interactions, previews and queue callbacks: lists are empty, and no id is known. */
const ABSENT = 'interaction'
const unknown = ({ params }: Call): Reply => { throw notFound(`No ${ABSENT} ${params.item ?? ''}`) }
const NONE: Route[] = [
  own('POST interactions/search', () => ({ body: [] })),
  ...['GET interactions/:item', ...['accept', 'reject/:reason', 'disposition', 'reject_preview/:reason'].map((operation) => `PUT interactions/:item/${operation}`),
    ...['GET', 'POST', 'PUT'].map((method) => `${method} interactions/:item/note`), 'PUT interactions/:item/note/:note'].map((line) => own(line, unknown)),
  own('GET queue_callbacks', () => ({ body: [] })),
  ...['GET queue_callbacks/:item', 'PUT queue_callbacks/:item/answer', 'PUT queue_callbacks/:item/reject'].map((line) => own(line, unknown)),
  own('GET previews', () => ({ body: [] })),
  ...['GET previews/:item', 'POST previews/:item/make_call', 'PUT previews/:item/dispose', 'PUT previews/:item/end', 'PUT previews/:item/renew'].map((line) => own(line, unknown))
]

const listMessages = ({ site, user }: Call): Reply => ({ body: site.stores.messages.list(({ to, from }) => to === user.key || from === user.key).map(bareMessage(site)) })

function sendMessage ({ site, user, body }: Call): Reply {
  const { text, message } = fields(body)
  const to = userById(site, needed(body, 'agentId'))
  return { body: bareMessage(site)(site.stores.messages.add({ from: user.key, to: to.key, text: String(text ?? message ?? ''), time: site.clock.now() })) }
}

/** The catalogue has messages in a place of their own and below each half; a client may name the message. */
const MESSAGES: Route[] = [
  ...['messages', 'agents', 'supervisors'].flatMap((place) => [app(`GET ${place}/:uid/messages`, listMessages), app(`POST ${place}/:uid/messages`, sendMessage), app(`POST ${place}/:uid/messages/:message`, sendMessage)]),
  app('POST users/:uid/broadcast_messages', ({ site, user, body }) => {
    const { text, message } = fields(body)
    for (const other of site.pbx.users.keys()) if (other !== user.key) site.stores.messages.add({ from: user.key, to: other, text: String(text ?? message ?? ''), time: site.clock.now() })
    return {}
  })
]

const bareMessage = ({ ids }: Site) => ({ from, to, ...item }: Item): unknown => ({ ...item, fromUserId: ids.users.id(String(from)), toUserId: ids.users.id(String(to)) })

const HISTORY: Route[] = [
  own('POST history', (call) => openView(call, historyOf(call.site, ({ userKey }) => userKey === call.user.key))),
  own('PUT history/:view/next', nextPage),
  app('POST orgs/:oid/contacts/:contact/history', (call) => {
    const number = fields(call.site.stores.contacts.get(call.params.contact).fields)['301']
    return openView(call, historyOf(call.site, ({ party }) => national(party.number) === number))
  }),
  app('PUT orgs/:oid/contacts/:contact/history/:view/next', nextPage)
]

/** @throws Five9Error 400 without an id, 404 for that of somebody else */
function dashboardOf ({ site, user, params, body }: Call): string {
  const { id = params.dashboard } = fields(body)
  if (typeof id !== 'string') throw badRequest('id is missing')
  if (site.stores.dashboards.get(id).owner !== user.key) throw notFound(`No subscription ${id}`)
  return id
}

const SUBSCRIPTION_ROUTES: Route[] = [
  own('GET subscriptions', ({ site, user }) => ({ body: SUBSCRIPTIONS.map((id) => ({ id, subscribed: site.stores.subscriptions.has(`${user.key} ${id}`) })) })),
  own('PUT subscriptions/:subscription', ({ site, user, params, body }) => {
    const id = SUBSCRIPTIONS.find((each) => each === params.subscription)
    if (id === undefined) throw notFound(`No subscription ${params.subscription ?? ''}`)
    const { subscribed, value } = fields(body)
    const on = (subscribed ?? value ?? true) === true
    if (on) site.stores.subscriptions.add(`${user.key} ${id}`)
    else site.stores.subscriptions.delete(`${user.key} ${id}`)
    site.out.toUser(user.key, 'agent', 16, { id, subscribed: on })
    if (on) site.out.toUser(user.key, 'agent', id === 'AGENTS_READY_PRESENCES' ? 15 : 29, subscriptionPayload(site, user, id))
    return { body: { id, subscribed: on } }
  }),
  own('GET dashboard/subscriptions', ({ site, user }) => ({ body: site.stores.dashboards.list(({ owner }) => owner === user.key).map(withoutOwner) })),
  own('POST dashboard/subscriptions', (call) => told(call, 62, call.site.stores.dashboards.add({ ...fields(call.body), owner: call.user.key }), 'CREATED')),
  // The id stands in the path in one catalogue, and nowhere in the other: then it is looked for in the body.
  ...['dashboard/subscriptions', 'dashboard/subscriptions/:dashboard'].flatMap((path) => [
    own(`PUT ${path}`, (call) => told(call, 64, call.site.stores.dashboards.change(dashboardOf(call), { ...fields(call.body), owner: call.user.key }), 'UPDATED')),
    own(`DELETE ${path}`, (call) => told(call, 63, call.site.stores.dashboards.remove(dashboardOf(call)), 'DELETED'))
  ])
]

export const DESK_ROUTES: Route[] = [...AUDIO, ...WORKSHEET, ...NONE, ...MESSAGES, ...HISTORY, ...SUBSCRIPTION_ROUTES]
