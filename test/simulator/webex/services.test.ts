import assert from 'node:assert/strict'
import { type Answer, at, CAROL, list, openWorld, type World } from './world'

const ME = '/telephony/config/people/me/settings'

/** What people set, their mailboxes, queues and agents (webex-calling.md 3.5 - 3.8). */
describe('simulator/webex: services', () => {
  let world: World
  beforeEach(async () => { world = await openWorld() })
  afterEach(() => world.close())

  const get = async (who: string, path: string): Promise<Answer['body']> => (await world.api(who, `GET ${path}`)).body
  const put = async (who: string, path: string, body: unknown): Promise<number> => (await world.api(who, `PUT ${path}`, body)).status

  it('reads and writes the whole of forwarding, which really forwards', async () => {
    const off = { enabled: false, destination: '', destinationVoicemailEnabled: false }
    const read = await get('dave', `${ME}/callForwarding`)
    assert.deepEqual(read, {
      callForwarding: { always: { ...off, ringReminderEnabled: false }, busy: off, noAnswer: { ...off, numberOfRings: 3, systemMaxNumberOfRings: 20 } }, businessContinuity: off
    })
    const noAnswer = { enabled: true, destination: '1002', numberOfRings: 2, destinationVoicemailEnabled: false }
    assert.equal(await put('dave', `${ME}/callForwarding`, { callForwarding: { always: off, busy: off, noAnswer }, businessContinuity: { ...off, enabled: true, destination: CAROL } }), 204)
    const dave = await world.personId('dave')
    assert.deepEqual(await get('cti-admin', `/people/${dave}/features/callForwarding`), {
      callForwarding: { always: { ...off, ringReminderEnabled: false }, busy: off, noAnswer: { ...noAnswer, systemMaxNumberOfRings: 20 } }, businessContinuity: { enabled: true, destination: CAROL, destinationVoicemailEnabled: false }
    })
    await world.listen('dave')
    await world.listen('bob')
    world.pbx.inbound({ from: CAROL, to: '1003' })
    await world.pass(12_000)
    assert.deepEqual(world.receiver.take('/dave').map(({ event }) => `${String(event.event)} ${String(at(event, 'data', 'eventType'))}`), ['created received', 'updated updated', 'deleted forwarded'])
    const [received] = world.receiver.take('/bob')
    assert.deepEqual([at(received?.event, 'data', 'redirections', 0, 'reason'), at(received?.event, 'data', 'redirections', 0, 'redirectingParty', 'name')], ['noAnswer', 'Dave Osei'])
  })

  it('resets what a partial forwarding leaves out, and refuses one without a destination or too many rings', async () => {
    await put('alice', `${ME}/callForwarding`, { callForwarding: { busy: { enabled: true, destination: '1002' } } })
    await put('alice', `${ME}/callForwarding`, { callForwarding: { always: { enabled: true, destination: '1003', ringReminderEnabled: true } } })
    const read = await get('alice', `${ME}/callForwarding`)
    assert.deepEqual([at(read, 'callForwarding', 'busy', 'enabled'), at(read, 'callForwarding', 'always', 'ringReminderEnabled')], [false, true])
    assert.equal(await put('alice', `${ME}/callForwarding`, { callForwarding: { always: { enabled: true } } }), 400)
    assert.equal(await put('alice', `${ME}/callForwarding`, { callForwarding: { noAnswer: { enabled: false, numberOfRings: 21 } } }), 400)
    assert.deepEqual(await get('alice', `${ME}/callForwarding`), read, 'a refusal changes nothing')
  })

  it('forwards to the mailbox of a destination', async () => {
    const always = { enabled: true, destination: '1002', destinationVoicemailEnabled: true }
    await put('alice', `${ME}/callForwarding`, { callForwarding: { always } })
    assert.deepEqual(at(await get('alice', `${ME}/callForwarding`), 'callForwarding', 'always'), { ...always, ringReminderEnabled: false })
    world.pbx.inbound({ from: CAROL, to: '1001' })
    assert.ok([...world.pbx.connections.values()].some(({ party }) => party.kind === 'voicemail' && party.userKey === 'bob'))
  })

  it('sets do-not-disturb for oneself, and for others only as an administrator', async () => {
    assert.equal(await put('alice', `${ME}/doNotDisturb`, { enabled: true, ringSplashEnabled: true }), 204)
    assert.deepEqual(await get('alice', `${ME}/doNotDisturb`), { enabled: true, ringSplashEnabled: true, webexGoOverrideEnabled: false })
    assert.equal(world.pbx.users.get('alice')?.dnd.enabled, true)
    const path = `/people/${await world.personId('alice')}/features/doNotDisturb`
    assert.equal((await world.api('bob', `GET ${path}`)).status, 403)
    assert.equal(await put('bob', path, { enabled: false }), 403)
    assert.equal(await put('alice', path, { enabled: false }), 204, 'one\'s own')
    assert.equal(await put('cti-admin', path, { enabled: 'yes' }), 400)
    assert.equal(await put('cti-admin', path, { enabled: true, webexGoOverrideEnabled: true }), 204)
    assert.deepEqual(await get('cti-admin', path), { enabled: true, ringSplashEnabled: false, webexGoOverrideEnabled: true })
  })

  it('keeps voicemail and intercept settings part by part', async () => {
    assert.equal(await put('alice', `${ME}/voicemail`, { enabled: false, sendBusyCalls: { enabled: false } }), 204)
    const read = await get('alice', `${ME}/voicemail`)
    assert.deepEqual([read.enabled, read.sendBusyCalls, at(read, 'messageStorage', 'storageType')], [false, { enabled: false, greeting: 'DEFAULT', greetingUploaded: false }, 'INTERNAL'])
    assert.equal(world.pbx.users.get('alice')?.features.voicemail, false)
    const path = `/people/${await world.personId('alice')}/features/intercept`
    assert.equal((await world.api('bob', `GET ${path}`)).status, 403)
    assert.equal(await put('cti-admin', path, { enabled: true, outgoing: { type: 'ALLOW_LOCAL_ONLY' } }), 204)
    const intercept = await get('cti-admin', path)
    assert.deepEqual([intercept.enabled, intercept.outgoing, at(intercept, 'incoming', 'type')], [true, { type: 'ALLOW_LOCAL_ONLY', transferEnabled: false }, 'INTERCEPT_ALL'])
    assert.equal((await world.api('alice', `GET ${ME}/intercept`)).status, 404)
  })

  it('lists, counts, marks and deletes voice messages, and switches a lamp elsewhere', async () => {
    await world.listen('alice', { resource: 'telephony_mwi' })
    world.pbx.leaveVoicemail('alice', { kind: 'external', number: CAROL, name: 'Carol Diaz' }, 4400)
    world.pbx.leaveVoicemail('alice', world.pbx.partyOf('bob'), 2000, true)
    const items = list(await get('alice', '/telephony/voiceMessages'), 'items')
    assert.deepEqual(items.map(({ duration, urgent, read }) => [duration, urgent, read]), [[2, true, false], [4, false, false]])
    assert.equal(at(items[0], 'callingParty', 'personId'), await world.personId('bob'))
    assert.deepEqual(await get('alice', '/telephony/voiceMessages/summary'), { newMessages: 1, oldMessages: 0, newUrgentMessages: 1, oldUrgentMessages: 0 })
    const post = (line: string, body: unknown): Promise<Answer> => world.api('alice', `POST /telephony/voiceMessages/${line}`, body)
    assert.equal((await post('markAsRead', { messageId: items[1]?.id })).status, 204)
    assert.deepEqual(await get('alice', '/telephony/voiceMessages/summary'), { newMessages: 0, oldMessages: 1, newUrgentMessages: 1, oldUrgentMessages: 0 })
    await post('markAsRead', {})
    await post('markAsUnread', { messageId: items[0]?.id })
    assert.deepEqual(await get('alice', '/telephony/voiceMessages/summary'), { newMessages: 0, oldMessages: 1, newUrgentMessages: 1, oldUrgentMessages: 0 })
    assert.equal((await world.api('alice', `DELETE /telephony/voiceMessages/${String(items[0]?.id)}`)).status, 204)
    assert.equal((await world.api('alice', `DELETE /telephony/voiceMessages/${String(items[0]?.id)}`)).status, 404)
    await world.settle()
    world.receiver.take()
    const lamp = `/telephony/externalVoicemail/mwi?id=${await world.personId('alice')}`
    assert.equal((await world.api(world.login.serviceToken ?? '', `POST ${lamp}`, { action: 'SET' })).status, 204)
    assert.equal((await world.api('alice', `POST ${lamp}`, { action: 'SET' })).status, 403)
    await world.settle()
    assert.equal(at(world.receiver.take()[0]?.event, 'data', 'newMessages'), 1)
  })

  it('lets an agent log in and out, pause, join and leave queues', async () => {
    const state = async (): Promise<unknown> => (await get('erin', `${ME}/queues`)).agentACDState
    assert.equal(await state(), 'SIGN_OUT')
    assert.deepEqual(await get('alice', `${ME}/queues`), { queues: [] })
    assert.equal(await put('alice', `${ME}/queues`, { agentACDState: 'AVAILABLE' }), 404)
    for (const [asked, read] of [['SIGN_IN', 'AVAILABLE'], ['UNAVAILABLE', 'UNAVAILABLE'], ['AVAILABLE', 'AVAILABLE'], ['SIGN_OUT', 'SIGN_OUT'], ['UNAVAILABLE', 'UNAVAILABLE']]) {
      assert.equal(await put('erin', `${ME}/queues`, { agentACDState: asked }), 204)
      assert.equal(await state(), read)
    }
    assert.equal(await put('erin', `${ME}/queues`, { agentACDState: 'WRAP_UP' }), 404, 'there was no call')
    assert.equal(await put('erin', `${ME}/queues`, { agentACDState: 'SLEEPING' }), 400)
    const [support, billing] = list(await get('erin', `${ME}/queues`), 'queues')
    assert.equal(await put('erin', `${ME}/queues`, { agentACDState: 'AVAILABLE', queues: [{ id: support?.id, available: false }, { id: billing?.id, available: true }] }), 204)
    assert.deepEqual(list(await get('erin', `${ME}/queues`), 'queues').map(({ available }) => available), [false, true])
    assert.equal(await put('erin', `${ME}/queues`, { queues: [{ id: 'unknown', available: false }] }), 400)
    world.pbx.inbound({ from: CAROL, to: '1050' })
    assert.deepEqual(list(await get('erin', '/telephony/calls'), 'items'), [])
  })

  it('shows the wrap-up after a queue call, and what was asked for during it at once', async () => {
    await put('bob', `${ME}/queues`, { agentACDState: 'AVAILABLE' })
    world.pbx.inbound({ from: CAROL, to: '1050' })
    world.pbx.answer(world.pbx.connectionsOf('bob')[0]?.key ?? '')
    const state = async (): Promise<unknown> => (await get('bob', `${ME}/queues`)).agentACDState
    assert.equal(await state(), 'AVAILABLE')
    await put('bob', `${ME}/queues`, { agentACDState: 'UNAVAILABLE' })
    assert.equal(await state(), 'UNAVAILABLE')
    world.pbx.release(world.pbx.connectionsOf('bob')[0]?.key ?? '')
    assert.equal(await state(), 'WRAP_UP')
    world.clock.advance(10_000)
    assert.equal(await state(), 'UNAVAILABLE')
  })

  it('keeps agents in queues that do not allow to leave', async () => {
    await world.close()
    world = await openWorld({ webex: { fixedQueues: ['support'] } })
    const [support] = list(await get('bob', `${ME}/queues`), 'queues')
    assert.equal(support?.allowLogOffEnabled, false)
    assert.equal(await put('bob', `${ME}/queues`, { agentACDState: 'AVAILABLE', queues: [{ id: support?.id, available: false }] }), 400)
    assert.equal((await get('bob', `${ME}/queues`)).agentACDState, 'SIGN_OUT', 'nothing of it was done')
  })

  it('gives administrators queues, agents, waiting calls, and the membership of others', async () => {
    const queues = list(await get('cti-admin', '/telephony/config/queues?name=supp'), 'queues')
    assert.deepEqual(queues.map(({ name, extension, phoneNumber }) => [name, extension, phoneNumber]), [['Support', '1050', '+12025550150']])
    const first = await world.api('cti-admin', 'GET /telephony/config/queues/agents?max=2&start=0')
    assert.deepEqual(list(first.body, 'agents').map(({ firstName, queueCount, joinCount }) => [firstName, queueCount, joinCount]), [['Bob', 1, 1], ['Erin', 2, 2]])
    assert.match(String(first.headers.link), /start=2[^>]*>; rel="next"$/)
    const erin = await world.personId('erin')
    const [support] = list(await get('cti-admin', `/telephony/config/queues/agents/${erin}`), 'queues')
    assert.equal(await put('cti-admin', `/telephony/config/queues/agents/${erin}/settings`, { settings: [{ queueId: support?.id, joinEnabled: false }] }), 204)
    assert.equal(at(await get('cti-admin', `/telephony/config/queues/agents/${erin}`), 'queues', 0, 'joinEnabled'), false)
    assert.equal(list(await get('cti-admin', '/telephony/config/queues/agents?joinEnabled=false'), 'agents').length, 1)
    world.pbx.inbound({ from: CAROL, to: '1050' })
    const [waiting] = list(await get('cti-admin', `/telephony/queues/${String(support?.id)}/calls`), 'items')
    assert.deepEqual([waiting?.queueName, at(waiting, 'remoteParty', 'number'), typeof waiting?.callId], ['Support', CAROL, 'string'])
  })
})
