import assert from 'node:assert/strict'
import { type Answer, ask, at, list, openWorld, type World } from './world'

/** Rooms and messages, as far as a bot needs them (webex-calling.md 9.1). */
describe('simulator/webex: bot', () => {
  let world: World
  let bot: string
  beforeEach(async () => {
    world = await openWorld()
    bot = world.login.botToken ?? ''
    for (const [resource, event] of [['messages', 'created'], ['attachmentActions', 'created']]) await world.listen(bot, { resource, event, targetUrl: `${world.receiver.url}/${resource}` })
  })
  afterEach(() => world.close())

  const control = async (command: string, body: object): Promise<Answer> => ask(`${world.simulator.control.url}/faces/webex/${command}`, { method: 'POST', token: world.simulator.control.token, body })
  const heard = async (path = '/messages'): Promise<Record<string, unknown>[]> => {
    await world.settle()
    return world.receiver.take(path).map(({ event }) => event)
  }
  const post = (who: string, body: unknown): Promise<Answer> => world.api(who, 'POST /messages', body)

  it('is a person of its own kind', async () => {
    const { body } = await world.api(bot, 'GET /people/me')
    assert.deepEqual([body.type, body.emails], ['bot', [world.login.botEmail]])
  })

  it('hears a person by a webhook without the text, reads it, and answers', async () => {
    assert.equal((await control('say', { user: 'alice', text: '/auth' })).status, 200)
    const [event] = await heard()
    assert.deepEqual([event?.event, event?.resource, event?.actorId], ['created', 'messages', await world.personId('alice')])
    assert.deepEqual(Object.keys(at(event, 'data') as object).sort(), ['created', 'id', 'personEmail', 'personId', 'roomId', 'roomType'])
    const message = await world.api(bot, `GET /messages/${String(at(event, 'data', 'id'))}`)
    assert.deepEqual([message.body.text, message.body.roomType, message.body.personEmail], ['/auth', 'direct', 'alice@example.com'])
    const reply = await post(bot, { toPersonId: message.body.personId, markdown: 'Please **log in**' })
    assert.deepEqual([reply.status, reply.body.roomId, reply.body.text], [200, message.body.roomId, 'Please log in'])
    const { body } = await control('messages', { user: 'alice' })
    assert.deepEqual((body as unknown as { text: string }[]).map(({ text }) => text), ['Please log in', '/auth'])
    const own = await heard()
    assert.deepEqual(own.map((each) => at(each, 'data', 'personEmail')), [world.login.botEmail], 'a bot hears itself too')
  })

  it('hears a group only when it is mentioned, and then its name stands first', async () => {
    const room = (await control('room', { user: 'alice', title: 'Team', members: ['bob'] })).body
    await control('say', { user: 'alice', room: room.id, text: 'just us' })
    assert.deepEqual(await heard(), [])
    const said = (await control('say', { user: 'bob', room: room.id, text: '/help', mention: true })).body
    const [event] = await heard()
    const botId = (await world.api(bot, 'GET /people/me')).body.id
    assert.deepEqual([at(event, 'data', 'roomType'), at(event, 'data', 'mentionedPeople')], ['group', [botId]])
    assert.equal((await world.api(bot, `GET /messages/${String(said.id)}`)).body.text, 'Call Helper /help')
    assert.equal((await world.api(bot, `GET /messages?roomId=${String(room.id)}`)).status, 403)
    assert.equal(list((await world.api(bot, `GET /messages?roomId=${String(room.id)}&mentionedPeople=me`)).body, 'items').length, 1)
    assert.equal((await control('say', { user: 'dave', room: room.id, text: 'hello' })).status, 409, 'who is not in the room')
    const members = list((await world.api(bot, `GET /memberships?roomId=${String(room.id)}`)).body, 'items')
    assert.equal(members.length, 3)
    const [one] = list((await world.api(bot, `GET /memberships?roomId=${String(room.id)}&personEmail=alice@example.com`)).body, 'items')
    assert.deepEqual((await world.api(bot, `GET /memberships?roomId=${String(room.id)}&personId=${String(one?.personId)}`)).body, { items: [one] })
    assert.deepEqual((await world.api(bot, `GET /memberships/${String(one?.id)}`)).body, one)
    assert.equal((await world.api(bot, 'GET /memberships/none')).status, 404)
    assert.deepEqual(list((await world.api(bot, 'GET /rooms?type=group')).body, 'items').map(({ title }) => title), ['Team'])
  })

  it('takes persons as clients too, with their own tokens', async () => {
    const { body } = await post('alice', { toPersonEmail: world.login.botEmail, text: '/dial 1002' })
    const [event] = await heard()
    assert.equal(at(event, 'data', 'id'), body.id)
    assert.equal((await world.api('bob', `GET /messages/${String(body.id)}`)).status, 404)
  })

  it('shows a card, and brings what was filled in when asked for it', async () => {
    const content = { type: 'AdaptiveCard', version: '1.3', body: [] }
    const card = { contentType: 'application/vnd.microsoft.card.adaptive', content }
    const sent = await post(bot, { toPersonEmail: 'alice@example.com', text: 'a card', attachments: [card] })
    assert.deepEqual(sent.body.attachments, [card])
    assert.equal((await control('submit', { user: 'alice', message: sent.body.id, inputs: { number: '1002' } })).status, 200)
    const [event] = await heard('/attachmentActions')
    assert.deepEqual([event?.event, at(event, 'data', 'messageId'), at(event, 'data', 'inputs')], ['created', sent.body.id, undefined])
    const action = await world.api(bot, `GET /attachment/actions/${String(at(event, 'data', 'id'))}`)
    assert.deepEqual([action.body.type, action.body.inputs, action.body.personId], ['submit', { number: '1002' }, await world.personId('alice')])
    assert.equal((await control('submit', { user: 'bob', message: sent.body.id })).status, 409)
  })

  it('refuses what the platform refuses: no target or two, no words, too many, new cards, two files', async () => {
    const refused = async (body: object): Promise<void> => { assert.equal((await post(bot, body)).status, 400, JSON.stringify(body).slice(0, 100)) }
    const to = { toPersonEmail: 'alice@example.com' }
    await refused({ text: 'x' })
    await refused({ ...to, toPersonId: await world.personId('alice'), text: 'x' })
    await refused({ ...to })
    await refused({ ...to, text: 'é'.repeat(3720) })
    await refused({ ...to, text: 'x', attachments: [{ contentType: 'text/html', content: {} }] })
    await refused({ ...to, text: 'x', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: { version: '1.5' } }] })
    await refused({ ...to, text: 'x', files: ['a', 'b'] })
    assert.equal((await post(bot, { ...to, text: 'é'.repeat(3719) })).status, 200)
    assert.equal((await post(bot, { toPersonEmail: 'nobody@example.com', text: 'x' })).status, 404)
    assert.equal((await post(bot, { roomId: 'unknown', text: 'x' })).status, 404)
  })

  it('hears everything at once where it asks for that, rooms and members included', async () => {
    await world.listen(bot, { resource: 'all', event: 'all', targetUrl: `${world.receiver.url}/all` })
    await control('say', { user: 'alice', text: 'hello' })
    const kinds = (await heard('/all')).map(({ resource, event }) => `${String(resource)} ${String(event)}`)
    for (const kind of ['memberships created', 'messages created']) assert.ok(kinds.includes(kind), kinds.join())
  })

  it('lets the author change and delete a message, and nobody else', async () => {
    const { body } = await post(bot, { toPersonEmail: 'alice@example.com', text: 'first' })
    const path = `/messages/${String(body.id)}`
    assert.equal((await world.api('alice', `PUT ${path}`, { roomId: body.roomId, text: 'mine' })).status, 403)
    assert.equal((await world.api(bot, `PUT ${path}`, { roomId: body.roomId, markdown: 'second <@personEmail:bob@example.com>' })).body.text, 'second Bob Keller')
    assert.equal((await world.api(bot, `DELETE ${path}`)).status, 204)
    assert.equal((await world.api(bot, `GET ${path}`)).status, 404)
  })

  it('takes an agreement back on command, and lists its commands', async () => {
    assert.deepEqual((await control('revoke', { user: 'alice' })).body, { revoked: 0 })
    assert.equal((await control('nothing', {})).status, 404)
    assert.deepEqual((await control('presence', { user: 'alice', presence: 'outtolunch' })).body, { presence: 'outtolunch' })
    assert.equal((await world.api('alice', 'GET /people/me')).body.status, 'OutOfOffice')
    assert.ok((await control('presence', { user: 'nobody', presence: 'away' })).status >= 400)
    const { text } = await ask(`${world.simulator.control.url}/faces/webex/commands`, { token: world.simulator.control.token })
    assert.deepEqual((JSON.parse(text) as { name: string }[]).map(({ name }) => name), ['room', 'say', 'submit', 'messages', 'presence', 'revoke'])
  })
})
