/** Webhooks made, found again, healed and removed; what comes in by them; and what happens without. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { WebhookInbox } from '../../src/webex'
import { House, type Line } from './harness'

const CAROL = '+12025550199'
interface Hook { id: string; name: string; resource: string; event: string; status: string; targetUrl: string }

describe('Webex: webhooks', () => {
  let house: House
  afterEach(() => house.close())

  async function api (method: string, path: string, body?: object, user = 'bob'): Promise<Record<string, unknown>> {
    const reply = await fetch(`${house.url}/v1${path}`, { method, headers: { Authorization: `Bearer ${house.token(user)}`, 'Content-Type': 'application/json' }, ...(body ? { body: JSON.stringify(body) } : {}) })
    return reply.status === 204 ? {} : await reply.json() as Record<string, unknown>
  }
  const hooks = async (): Promise<Hook[]> => (await api('GET', '/webhooks?max=100')).items as Hook[]
  const rings = async (line: Line): Promise<string> => {
    const from = line.events.length
    house.pbx.inbound({ from: CAROL, to: '1002' })
    return (await line.event('call.ringing', from)).call?.id ?? ''
  }

  it('are made once a resource, found again after a restart, and removed with the account', async () => {
    house = await House.build()
    const line = await house.online({ instanceId: 'cti-a' })
    const first = await hooks()
    assert.deepEqual(first.map(({ resource }) => resource).sort(), ['telephony_calls', 'telephony_conference', 'telephony_mwi'])
    await line.session.close('restart')
    assert.equal((await hooks()).length, 3)
    const again = await house.online({ instanceId: 'cti-a', hooks: line.options.hooks! })
    assert.deepEqual((await hooks()).map(({ id }) => id).sort(), first.map(({ id }) => id).sort())
    await rings(again)
    await again.session.close('removed')
    assert.deepEqual(await hooks(), [])
  })

  it('do not show their secret to a flow', async () => {
    house = await House.build()
    const line = await house.online()
    const { data } = await line.perform('request', { path: '/webhooks' })
    assert.equal((data as { body: { items: unknown[] } }).body.items.length, 3)
    assert.ok(!JSON.stringify(data).includes(line.options.hooks!.secret))
  })

  it('lose their doubles and those of an old address, while those of others stay', async () => {
    house = await House.build()
    const inbox = house.hooks.inbox('/cti/hooks/x/y')
    const make = (name: string, targetUrl: string): Promise<unknown> => api('POST', '/webhooks', { name, targetUrl, resource: 'telephony_calls', event: 'all', secret: inbox.secret })
    await make('cti-a:telephony_calls', inbox.targetUrl!)
    await make('cti-a:telephony_calls', inbox.targetUrl!)
    await make('cti-a:telephony_calls', 'http://127.0.0.1:9/old')
    await make('somebody else', 'http://127.0.0.1:9/other')
    const line = await house.online({ instanceId: 'cti-a', hooks: inbox })
    const calls = (await hooks()).filter(({ resource }) => resource === 'telephony_calls')
    assert.deepEqual(calls.map(({ name, targetUrl }) => [name, targetUrl]).sort(), [['cti-a:telephony_calls', inbox.targetUrl], ['somebody else', 'http://127.0.0.1:9/other']])
    await rings(line)
    await line.session.close('removed')
    assert.deepEqual((await hooks()).map(({ name }) => name), ['somebody else'])
  })

  it('are asked for one by one where "all" is not taken', async () => {
    house = await House.build({ webex: { eventAll: false } })
    const line = await house.online({ instanceId: 'cti-a' })
    assert.equal((await hooks()).filter(({ resource }) => resource === 'telephony_calls').length, 3)
    const callId = await rings(line)
    await line.perform('answer', { callId, confirm: 'completed' })
    await line.session.close('restart')
    await house.online({ instanceId: 'cti-a', hooks: line.options.hooks! })
    assert.equal((await hooks()).length, 9)
  })

  it('are switched on again after the vendor has switched them off, and what was missed is told', async () => {
    house = await House.build({ webex: { webhookFailures: 1 } })
    const line = await house.online({ healthMs: 300, reconcileMs: 60_000, settingsMs: 0 })
    house.hooks.broken = 500
    house.pbx.inbound({ from: CAROL, to: '1002' })
    await house.until(() => house.hooks.deliveries.some(({ status }) => status === 500), 'a delivery that fails')
    house.hooks.broken = undefined
    const told = await line.event('call.ringing')
    assert.equal(told.call?.state, 'ringing')
    await house.until(() => line.session.status.note === undefined, 'webhooks to work')
    assert.ok((await hooks()).every(({ status }) => status === 'active'))
  })

  it('give way to polling when deliveries go on failing, which the status says', async () => {
    house = await House.build({ webex: { webhookFailures: 1 } })
    const line = await house.online({ healthMs: 100, settingsMs: 0 })
    house.hooks.broken = 500
    const rung = setInterval(() => {
      for (const { key } of house.pbx.connectionsOf('bob')) house.pbx.release(key)
      house.pbx.inbound({ from: CAROL, to: '1002' })
    }, 50)
    try {
      await line.until(() => line.notes.includes('polling'), 'polling')
      assert.ok(line.warnings.includes('webhookInactive'))
    } finally {
      clearInterval(rung)
    }
  })

  it('are not needed: without a public address the calls are polled into the same events', async () => {
    house = await House.build()
    const line = await house.online({ hooks: undefined })
    assert.equal(line.session.status.note, 'polling')
    const callId = await rings(line)
    await line.perform('answer', { callId, confirm: 'completed' })
    await line.perform('hold', { callId, confirm: 'completed' })
    await line.perform('resume', { callId, confirm: 'completed' })
    for (const { key } of house.pbx.connectionsOf('bob')) house.pbx.release(key)
    const ended = await line.event('call.ended')
    assert.deepEqual(line.calls(), ['call.ringing', 'call.answered', 'call.held', 'call.resumed', 'call.ended'])
    assert.deepEqual(ended.call?.uncertain, ['endedAt'])
    assert.equal(ended.derived, true)
    assert.deepEqual(await hooks(), [])
  })

  it('are not needed to go on with a call that was just made', async () => {
    house = await House.build({ webex: { liftAfterMs: false } })
    const line = await house.online({ hooks: undefined, pollIdleMs: 60_000, pollBusyMs: 60_000 })
    const { newCallId } = await line.perform('originate', { to: '1001' })
    assert.equal(line.session.picture.call(newCallId ?? '')?.state, 'initiated')
    await line.perform('hangup', { callId: newCallId })
    assert.deepEqual(house.pbx.connectionsOf('bob'), [])
  })

  it('with a wrong signature are refused, and change nothing', async () => {
    house = await House.build()
    const line = await house.online()
    await rings(line)
    const inbox = line.options.hooks!
    const { body, headers } = house.hooks.deliveries[0]!
    const forged = Buffer.from(body.toString().replace('+12025550199', '+12025550100'))
    const before = line.events.length
    for (const bad of [headers, {}, { 'x-spark-signature': '' }, { 'x-spark-signature': 'zz' }, { 'x-spark-signature': createHmac('sha1', 'another secret').update(forged).digest('hex') },
      { 'x-spark-signature': createHmac('sha1', inbox.secret).update(forged).digest('hex'), 'x-webex-signature': '00'.repeat(32) }]) {
      assert.equal(inbox.deliver(forged, bad), 401, JSON.stringify(bad))
    }
    await new Promise((resolve) => { setImmediate(resolve) })
    assert.equal(line.events.length, before)
  })

  it('that are played again are dropped', async () => {
    house = await House.build()
    const line = await house.online({ settingsMs: 0 })
    await rings(line)
    for (const { key } of house.pbx.connectionsOf('bob')) house.pbx.release(key)
    await line.event('call.ended')
    const before = line.events.length
    for (const { body, headers } of [...house.hooks.deliveries]) assert.equal(line.options.hooks!.deliver(body, headers), 204)
    await rings(line)
    assert.deepEqual(line.calls(before), ['call.ringing'])
  })

  it('are taken in either form of the newer signature', async () => {
    for (const newSignature of ['sha1', 'sha256', 'sha256='] as const) {
      house = await House.build({ webex: { newSignature } })
      await rings(await house.online())
      await house.close()
    }
    house = await House.build()
  })

  it('do their work where events name calls by another region than requests', async () => {
    house = await House.build({ webex: { eventRegion: 'urn:TEAM:us-west-2_r' } })
    const line = await house.online()
    const callId = await rings(line)
    await line.perform('answer', { callId, confirm: 'completed' })
    await line.perform('hangup', { callId, confirm: 'completed' })
    assert.deepEqual(line.calls(), ['call.ringing', 'call.answered', 'call.ended'])
  })

  it('tell of the mailbox and of a conference', async () => {
    house = await House.build({ webex: { liftAfterMs: false } })
    const line = await house.online({ settingsMs: 0 })
    const from = line.events.length
    house.pbx.leaveVoicemail('bob', { kind: 'external', number: CAROL }, 5000)
    assert.equal((await line.event('voicemail.updated', from)).voicemail?.newMessages, 1)
    const callId = await rings(line)
    await line.perform('answer', { callId, confirm: 'completed' })
    const { newCallId } = await line.perform('consult', { callId, to: '1001', confirm: 'completed' })
    for (const user of ['bob', 'alice']) {
      await house.until(() => house.pbx.connectionsOf(user).some(({ state }) => state === 'alerting' || state === 'initiated') || user === 'bob', `${user} to be rung`)
      const own = house.pbx.connectionsOf(user).find(({ state }) => state === 'initiated' || (state === 'alerting' && user === 'alice'))
      if (own !== undefined) house.pbx.answer(own.key)
    }
    await line.until(() => line.session.picture.call(newCallId ?? '')?.state === 'active', 'Alice to answer')
    // Made at the phone: nothing but the webhook tells of it.
    house.pbx.conferenceStart('bob', house.pbx.connectionsOf('bob').map(({ key }) => key))
    const { call } = await line.event('call.conferenced')
    assert.equal(call?.conference?.members.length, 2)
  })
})

describe('Webex: the inbox', () => {
  const secret = 'demo-secret-0123456789'
  const signed = (body: string): Record<string, string> => ({ 'x-spark-signature': createHmac('sha1', secret).update(body).digest('hex') })
  const inbox = (): WebhookInbox => new WebhookInbox({ publicUrl: 'https://nodered.example.com/', path: 'cti/hooks/a/b', secret })

  it('knows its address, and that it has none without a public one', () => {
    assert.equal(inbox().targetUrl, 'https://nodered.example.com/cti/hooks/a/b')
    assert.equal(new WebhookInbox({ path: '/x', secret }).targetUrl, undefined)
  })

  it('takes no secret that is none, and no address that is none', () => {
    for (const bad of ['', 'short']) assert.throws(() => new WebhookInbox({ path: '/x', secret: bad }), { code: 'CTI_INVALID_REQUEST' })
    assert.throws(() => new WebhookInbox({ path: '/x', secret, publicUrl: 'nodered.example.com' }), { code: 'CTI_INVALID_REQUEST' })
  })

  it('answers before it hands over, in the order of arrival', async () => {
    const one = inbox()
    const taken: string[] = []
    one.listen((body) => taken.push(body.toString()))
    for (const body of ['1', '2', '3']) assert.equal(one.deliver(Buffer.from(body), signed(body)), 204)
    assert.deepEqual(taken, [])
    await new Promise((resolve) => { setImmediate(resolve) })
    assert.deepEqual(taken, ['1', '2', '3'])
  })

  it('refuses what is too large, and more than can wait', () => {
    const one = inbox()
    one.listen(() => undefined)
    assert.equal(one.deliver(Buffer.alloc(256 * 1024 + 1), {}), 413)
    const headers = signed('x')
    const answers = Array.from({ length: 2001 }, () => one.deliver(Buffer.from('x'), headers))
    assert.equal(answers.filter((status) => status === 503).length, 1)
  })

  it('answers well while nobody listens, so that the vendor does not switch the webhook off', () => {
    assert.equal(inbox().deliver(Buffer.from('x'), signed('x')), 204)
  })
})
