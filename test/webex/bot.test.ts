/** The chat bot: what people write, what it answers, and that each acts with the own authorisation only. */
import assert from 'node:assert/strict'
import type { MemoryTokenStore } from '../../src/session/tokenStore'
import { pieces, withoutMention } from '../../src/webex/chat'
import { keyOf } from '../../src/webex/ids'
import { House, type Line } from './harness'

const CAROL = '+12025550199'
interface Message { id: string; text?: string; roomId: string; roomType: string; personEmail: string }

describe('Webex: the bot', () => {
  let house: House
  let line: Line
  const tokens = (): MemoryTokenStore => line.options.tokens as MemoryTokenStore
  beforeEach(async () => {
    house = await House.build({ webex: { autoConsent: 'alice', liftAfterMs: false } })
    const { botToken = '', clientId = '', clientSecret = '' } = house.simulator.demoLogin('webex')
    line = await house.online({ auth: { kind: 'none' }, bot: { accessToken: botToken }, client: { clientId, clientSecret, redirectUri: 'http://localhost:1880/cti/oauth' } })
  })
  afterEach(() => house.close())

  async function writes (user: string, body: object): Promise<Message> {
    const reply = await fetch(`${house.url}/v1/messages`, { method: 'POST', headers: { Authorization: `Bearer ${house.token(user)}`, 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
    assert.equal(reply.status, 200)
    return await reply.json() as Message
  }
  const heard = async (from = 0): Promise<{ message: Message; person: string }> => {
    const event = await line.event('vendor.messages.created', from)
    return { message: (line.raw[line.events.indexOf(event)] as { data: Message }).data, person: event.user?.id ?? '' }
  }
  const email = (): string => house.simulator.demoLogin('webex').botEmail ?? ''

  async function authorised (): Promise<string> {
    await writes('alice', { toPersonEmail: email(), text: '/auth' })
    const { person } = await heard()
    const { data } = await line.perform('webex.authorize', { vendor: { as: person } })
    const reply = await fetch((data as { url: string }).url, { redirect: 'manual' })
    await line.driver.authorizer.finish(Object.fromEntries(new URL(reply.headers.get('location') ?? '').searchParams))
    return person
  }

  it('reads what is written to it, who wrote, and answers in the same room', async () => {
    await writes('alice', { toPersonEmail: email(), text: '/dial 1002' })
    const { message, person } = await heard()
    assert.equal(message.text, '/dial 1002')
    assert.equal(message.personEmail, 'alice@example.com')
    assert.notEqual(person, '')
    const before = line.events.length
    const { data } = await line.perform('webex.sendMessage', { roomId: message.roomId, text: 'Dialling' })
    assert.equal((data as Message).roomId, message.roomId)
    await writes('alice', { toPersonEmail: email(), text: 'thanks' })
    assert.equal((await heard(before)).message.text, 'thanks', 'its own message is none to it')
  })

  it('hears in a room of many only what is said to it, without its own name', async () => {
    const commands = house.simulator.face('webex').commands ?? {}
    const { id: room } = commands.room?.run({ user: 'alice', title: 'Sales', members: ['bob'] }) as { id: string }
    commands.say?.run({ user: 'bob', room, text: 'not for the bot' })
    commands.say?.run({ user: 'bob', room, text: '/dial 1003', mention: true })
    const { message } = await heard()
    assert.deepEqual([message.text, message.roomId, message.roomType, message.personEmail], ['/dial 1003', room, 'group', 'bob@example.com'])
    await line.perform('webex.sendMessage', { roomId: room, text: 'Dialling' })
    const said = commands.messages?.run({ user: 'alice', room }) as { text: string }[]
    assert.equal(said[0]?.text, 'Dialling')
  })

  it('sends a card, and long text in pieces', async () => {
    const { data } = await line.perform('webex.sendMessage', { to: 'alice@example.com', card: { type: 'AdaptiveCard', version: '1.3', body: [{ type: 'TextBlock', text: 'Call' }] } })
    assert.equal(Array.isArray((data as { attachments?: unknown[] }).attachments), true)
    const long = await line.perform('webex.sendMessage', { to: 'alice@example.com', text: 'word '.repeat(1900) })
    assert.ok((long.data as unknown[]).length > 1)
    for (const fields of [{ text: 'x' }, { to: 'alice@example.com' }, { to: 'alice@example.com', roomId: 'r', text: 'x' }, { to: 'alice@example.com', card: 'x' }]) {
      await assert.rejects(line.perform('webex.sendMessage', fields), { code: 'CTI_INVALID_REQUEST' }, JSON.stringify(fields))
    }
  })

  it('has no line of its own', async () => {
    await assert.rejects(line.perform('originate', { to: '1002' }), { code: 'CTI_INVALID_REQUEST' })
  })

  it('acts for a person who has authorised, and for nobody else', async () => {
    const person = await authorised()
    assert.deepEqual(await tokens().keys(), [keyOf(person)])
    const granted = await line.event('vendor.authorization.granted')
    assert.deepEqual([granted.user?.id, granted.user?.email, granted.derived], [person, 'alice@example.com', true])
    const { newCallId } = await line.perform('originate', { to: '1002', vendor: { as: person } })
    assert.equal(house.pbx.connectionsOf('alice').length, 1)
    assert.ok(newCallId)
    await assert.rejects(line.perform('originate', { to: '1001', vendor: { as: 'bob@example.com' } }), { code: 'CTI_UNAUTHORIZED' })
    await assert.rejects(line.perform('originate', { to: '1001', user: 'bob@example.com', vendor: { as: person } }), { code: 'CTI_FORBIDDEN' })
  })

  it('takes no authorisation of another person than the one who wrote', async () => {
    await writes('bob', { toPersonEmail: email(), text: '/auth' })
    const { person } = await heard()
    const { data } = await line.perform('webex.authorize', { vendor: { as: person } })
    const reply = await fetch((data as { url: string }).url, { redirect: 'manual' })
    await assert.rejects(line.driver.authorizer.finish(Object.fromEntries(new URL(reply.headers.get('location') ?? '').searchParams)), { code: 'CTI_FORBIDDEN' })
    assert.deepEqual(await tokens().keys(), [])
  })

  it('tells the calls of a person who wants it, also after a restart, until told not to', async () => {
    const person = await authorised()
    await line.perform('webex.monitor', { enabled: true, vendor: { as: person } })
    const from = line.events.length
    house.pbx.inbound({ from: CAROL, to: '1001' })
    const { call } = await line.event('call.ringing', from)
    assert.equal(call?.owner.id, person)
    assert.equal((await line.perform('hangup', { vendor: { as: person }, confirm: 'completed' })).outcome, 'completed')
    await line.session.close('restart')
    const again = await house.online({ ...line.options })
    house.pbx.inbound({ from: CAROL, to: '1001' })
    await again.event('call.ringing')
    await again.perform('webex.monitor', { enabled: false, vendor: { as: person } })
    const rest = again.events.length
    for (const { key } of house.pbx.connectionsOf('alice')) house.pbx.release(key)
    await writes('alice', { toPersonEmail: email(), text: 'quiet?' })
    await again.event('vendor.messages.created', rest)
    assert.deepEqual(again.calls(rest), [])
  })

  it('goes on for the others when one authorisation is revoked, and says so', async () => {
    const person = await authorised()
    await line.perform('webex.monitor', { enabled: true, vendor: { as: person } })
    const record = await tokens().read(keyOf(person))
    await tokens().write(keyOf(person), { ...record!, refreshToken: 'revoked' })
    house.simulator.face('webex').act('expireCredentials')
    const revoked = await line.event('vendor.authorization.revoked')
    assert.equal(revoked.user?.id, person)
    assert.equal(line.session.status.state, 'online')
    // Who authorises anew is watched as before.
    house.simulator.face('webex').act('renewCredentials')
    const from = line.events.length
    const { data } = await line.perform('webex.authorize', { vendor: { as: person } })
    const reply = await fetch((data as { url: string }).url, { redirect: 'manual' })
    await line.driver.authorizer.finish(Object.fromEntries(new URL(reply.headers.get('location') ?? '').searchParams))
    await line.event('vendor.authorization.granted', from)
    const pushed = (): boolean => house.simulator.face('webex').connections().some(({ owner }) => owner === 'alice@example.com')
    await house.until(pushed, 'the webhooks of Alice')
    house.pbx.inbound({ from: CAROL, to: '1001' })
    assert.equal((await line.event('call.ringing', from)).call?.owner.id, person)
  })

  it('forgets a person', async () => {
    const person = await authorised()
    await line.perform('webex.forget', { vendor: { as: person } })
    assert.deepEqual(await tokens().keys(), [])
    await assert.rejects(line.perform('originate', { to: '1002', vendor: { as: person } }), { code: 'CTI_UNAUTHORIZED' })
  })
})

describe('Webex: chat text', () => {
  it('loses the name of the bot in group rooms only', () => {
    assert.equal(withoutMention(' Call Helper /dial 1002 ', 'group', ['Call Helper', 'Call']), '/dial 1002')
    assert.equal(withoutMention('Call /help', 'group', ['Call Helper', 'Call']), '/help')
    assert.equal(withoutMention('Call Helper is nice', 'direct', ['Call Helper']), 'Call Helper is nice')
    assert.equal(withoutMention('/help', 'group', ['', '']), '/help')
  })

  it('is cut at lines, never inside a sign, and nothing is lost', () => {
    const words = `${'a'.repeat(30)}\n${'😀'.repeat(20)}\n${'b'.repeat(10)}`
    const parts = pieces(words, 40)
    assert.ok(parts.every((part) => Buffer.byteLength(part) <= 40))
    assert.equal(parts.join('').replace(/\n/g, ''), words.replace(/\n/g, ''))
    assert.ok(parts.every((part) => !/[\uD800-\uDBFF]$/.test(part)))
    assert.deepEqual(pieces('short'), ['short'])
  })
})
