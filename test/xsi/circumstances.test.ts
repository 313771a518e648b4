import assert from 'node:assert/strict'
import type { Connection } from '../../src/simulator/pbx/types'
import { House } from './harness'

const CAROL = '+12025550199'

describe('XSI: a session in other circumstances', () => {
  let house: House
  afterEach(() => house.close())
  const admin = { auth: { kind: 'basic', username: 'cti-admin@example.com', password: 'demo' } } as const

  for (const scope of ['group', 'enterprise'] as const) {
    it(`sees the calls of a whole ${scope}, those that were there before too`, async () => {
      house = await House.build()
      const early = house.pbx.inbound({ from: CAROL, to: '1002' })
      house.pbx.answer(early?.key as string)
      const line = await house.online({ ...admin, scope, packages: ['Advanced Call'] })
      const found = await line.event('call.answered')
      assert.deepEqual([found.initial, found.call?.owner.id], [true, 'bob@example.com'])
      house.pbx.inbound({ from: CAROL, to: '1001' })
      const ringing = await line.event('call.ringing')
      assert.deepEqual([ringing.user?.name, ringing.user?.extension], ['Alice Martin', '1001'])
      const result = await line.perform('hangup', { user: '1001', confirm: 'completed' })
      assert.equal(result.callId, ringing.call?.id)
    })
  }

  it('sees a queue\'s calls in an enterprise without ACD packages as queue legs', async () => {
    house = await House.build()
    for (const key of ['agent-bob', 'agent-erin', 'agent-frank']) if (house.pbx.agents.get(key)?.loggedIn === true) house.pbx.signOut(key, { force: true })
    const line = await house.online({ ...admin, scope: 'enterprise', packages: ['Advanced Call'], queues: ['support@example.com'] })
    const entry = house.pbx.inbound({ from: CAROL, to: '1050' })
    const queued = await line.event('call.queued')
    assert.deepEqual([queued.call?.owner.kind, queued.call?.state], ['queue', 'queued'])
    house.pbx.external(house.pbx.otherEnd(entry as Connection)?.key as string).hangUp()
    await line.event('call.dequeued')
    assert.ok(!line.names.includes('call.ended'))
  })

  it('keeps the events that are faster than the reply to their subscription', async () => {
    house = await House.build()
    house.faults.inject({ kind: 'eventsFirst', face: 'xsi' })
    house.pbx.inbound({ from: CAROL, to: '1002' })
    const line = await house.online()
    const ringing = await line.event('call.ringing')
    assert.equal(ringing.initial, true)
    assert.equal(line.names.filter((name) => name === 'call.ringing').length, 1)
  })

  it('reads the calls by GET when no initial event comes', async () => {
    house = await House.build()
    house.pbx.inbound({ from: CAROL, to: '1002' })
    house.faults.inject({ kind: 'noEvents', face: 'xsi' })
    const line = await house.online({ initialEventMs: 50 })
    const ringing = await line.event('call.ringing')
    assert.equal(ringing.call?.from?.number, CAROL)
  })

  it('reads names in the charset of the reply', async () => {
    house = await House.build({ charset: 'ISO-8859-1' })
    const bob = house.pbx.users.get('bob')
    assert.ok(bob)
    bob.last = 'Käßler'
    const line = await house.online()
    house.pbx.inbound({ from: CAROL, to: '1002' })
    assert.equal((await line.event('call.ringing')).user?.name, 'Bob Käßler')
  })

  it('follows a redirect of the channel and stays with the server it leads to', async () => {
    house = await House.build()
    const at = '/com.broadsoft.async/com.broadsoft.xsi-events/v2.0/channel'
    house.faults.failNext('xsi', 302, { path: at, location: `${house.face.url}${at}` })
    const line = await house.online()
    house.pbx.inbound({ from: CAROL, to: '1002' })
    await line.event('call.ringing')
  })

  it('waits and comes again when the server is overloaded, for as long as the server says', async () => {
    house = await House.build()
    house.faults.failNext('xsi', 503, { path: '/profile', retryAfter: 1 })
    const line = house.line()
    await line.until(() => line.states.includes('waiting'), 'the session to wait')
    assert.ok((line.session.status.retryAt ?? 0) - Date.now() > 500)
    await line.session.whenOnline(4000)
  })

  it('is refused by a page of HTML with 401 as well', async () => {
    house = await House.build()
    house.faults.inject({ kind: 'status', face: 'xsi', status: 401, body: '<html><body>Login</body></html>' })
    await assert.rejects(house.line().session.whenOnline(3000), { code: 'CTI_UNAUTHORIZED' })
  })

  it('closes while the opening of the channel stays unanswered', async () => {
    house = await House.build()
    house.faults.inject({ kind: 'hang', face: 'xsi', path: '/v2.0/channel', method: 'POST', times: 1 })
    const line = house.line({ timeoutMs: 300 })
    await line.close()
    assert.equal(line.session.status.state, 'closed')
  })

  it('renews channel and subscriptions at half of the time that the server granted, and tells nothing of it', async () => {
    house = await House.build({ answerExpires: 1 })
    const line = await house.online()
    const ids = house.face.site.subscriptions.list().map(({ id }) => id).sort()
    const channel = house.face.connections()[0]?.id
    const from = line.events.length
    const deadline = Date.now() + 1600
    await house.until(() => Date.now() > deadline, 'more than one life of a channel')
    assert.deepEqual(house.face.site.subscriptions.list().map(({ id }) => id).sort(), ids)
    assert.equal(house.face.connections()[0]?.id, channel)
    assert.deepEqual(line.names.slice(from), [])
    assert.deepEqual(line.warnings, [])
  })

  it('subscribes anew when a renewal finds the subscription gone', async () => {
    house = await House.build({ answerExpires: 1 })
    const line = await house.online({ packages: ['Advanced Call'] })
    const [old] = house.face.site.subscriptions.list().map(({ id }) => id)
    house.face.site.subscriptions.clear()
    await house.until(() => house.face.site.subscriptions.list().length === 1, 'a new subscription')
    assert.notEqual(house.face.site.subscriptions.list()[0]?.id, old)
    await line.until(() => line.session.status.state === 'online', 'the session to stay online')
    house.pbx.inbound({ from: CAROL, to: '1002' })
    await line.event('call.ringing')
  })

  it('clears away what an earlier run has left behind', async () => {
    house = await House.build()
    const first = await house.online({ applicationId: 'same', channelSetId: 'same-set' })
    const leftovers = house.face.site.subscriptions.list().map(({ id }) => id)
    assert.equal(leftovers.length, 9)
    const second = await house.online({ applicationId: 'same', channelSetId: 'same-set' })
    assert.ok(house.face.site.subscriptions.list().every(({ id }) => !leftovers.includes(id)))
    house.pbx.inbound({ from: CAROL, to: '1002' })
    await second.event('call.ringing')
    await first.close()
  })

  it('does nothing more after a close in the middle of connecting', async () => {
    house = await House.build()
    const line = house.line()
    await line.until(() => line.states.includes('subscribing'), 'half of the way')
    await line.close()
    await house.until(() => house.face.connections().length === 0, 'no channel')
    assert.equal(line.session.status.state, 'closed')
  })

  it('gets rid of subscriptions that are not ours by answering that they are unknown', async () => {
    house = await House.build()
    const line = await house.online()
    const body = { Subscription: { event: 'Call Waiting', expires: 3600, channelSetId: 'set-0', applicationId: 'somebody-else' } }
    await line.perform('request', { method: 'POST', path: '/com.broadsoft.xsi-events/v2.0/user/bob@example.com', body })
    await house.until(() => house.face.site.subscriptions.list().length === 9, 'the server to drop it')
    assert.ok(line.events.every(({ feature }) => feature?.name !== 'callWaiting'))
  })

  it('closes within two seconds when the server does not answer any more', async () => {
    house = await House.build()
    const line = await house.online()
    house.faults.inject({ kind: 'hang', face: 'xsi' })
    const before = Date.now()
    await line.close()
    assert.ok(Date.now() - before < 2000)
    assert.equal(line.session.status.state, 'closed')
  })

  it('renews a token that runs out while it is online, for commands, heartbeats and acknowledgements alike', async () => {
    house = await House.build({ tokens: { old: 'bob@example.com', fresh: 'bob@example.com' } })
    const asked: boolean[] = []
    const token = (fresh: boolean): Promise<string> => {
      asked.push(fresh)
      return Promise.resolve(fresh ? 'fresh' : 'old')
    }
    const line = await house.online({ auth: { kind: 'bearer', token }, userId: 'bob@example.com', heartbeatMs: 50 })
    const used = new Map<string, string>()
    const kind = (url: string): string => url.includes('heartbeat') ? 'heartbeat' : url.includes('eventresponse') ? 'acknowledgement' : 'command'
    const stop = house.spy((url, { headers }) => used.set(kind(url), headers.authorization ?? ''))
    delete house.face.site.options.tokens.old
    await house.until(() => used.get('heartbeat') === 'Bearer fresh', 'a heartbeat with the new token')
    house.pbx.inbound({ from: CAROL, to: '1002' })
    const { call } = await line.event('call.ringing')
    await line.perform('answer', { callId: call?.id, confirm: 'completed' })
    await house.until(() => house.face.figures().waiting === 0, 'all acknowledgements')
    stop()
    assert.deepEqual([...used].sort(), [['acknowledgement', 'Bearer fresh'], ['command', 'Bearer fresh'], ['heartbeat', 'Bearer fresh']])
    assert.deepEqual(asked, [false, true])
    assert.equal(line.session.status.state, 'online')
  })

  for (const [version, sent] of [['24.0', '24.0'], [undefined, '22.0'], ['', undefined]] as const) {
    it(`asks for version ${version === '' ? 'of the server\'s choice' : version ?? 'by default'}`, async () => {
      house = await House.build()
      const seen = new Set<unknown>()
      const stop = house.spy((url, { headers }) => { if (!url.includes('eventresponse')) seen.add(headers['x-broadworks-protocol-version']) })
      await house.online(version === undefined ? {} : { protocolVersion: version })
      stop()
      assert.deepEqual([...seen], [sent])
    })
  }

  it('understands a server that answers in JSON', async () => {
    house = await House.build()
    const stop = house.spy((url, { headers }) => { if (!url.includes('/com.broadsoft.async/')) headers.accept = 'application/json' })
    try {
      const line = await house.online()
      house.pbx.inbound({ from: CAROL, to: '1002' })
      const { call } = await line.event('call.ringing')
      const [listed] = (await line.perform('listCalls')).items as { id: string; from?: { number?: string } }[]
      assert.deepEqual([listed?.id, listed?.from?.number], [call?.id, CAROL])
      const { forwarding } = await line.perform('setForwarding', { condition: 'busy', enabled: true, to: '+12025550177' })
      assert.equal(forwarding?.rules.busy?.to, '+12025550177')
      await assert.rejects(line.perform('originate', { to: '+12025550199', user: 'nobody@example.com' }), { code: 'CTI_NOT_FOUND' })
    } finally {
      stop()
    }
  })

  it('waits when a token cannot be had for the moment', async () => {
    house = await House.build()
    const line = house.line({ auth: { kind: 'bearer', token: () => Promise.reject(new Error('the identity service is away')) }, userId: 'bob@example.com' })
    await line.until(() => line.states.includes('waiting'), 'the session to wait')
    assert.ok(!line.states.includes('refused'))
  })

  it('tries the next server when the first is not there', async () => {
    house = await House.build()
    const line = await house.online({ host: 'http://127.0.0.1:9', servers: [house.face.url] })
    assert.ok(line.states.includes('waiting'))
  })

  it('shows no credentials in errors, warnings and events', async () => {
    house = await House.build()
    const secret = 'pa55-word-of-bob'
    const line = house.line({ auth: { kind: 'basic', username: 'bob@example.com', password: secret } })
    await assert.rejects(line.session.whenOnline(3000), (error: Error & { cause: unknown }) => {
      const shown = JSON.stringify([error.message, error.stack, error.cause, line.events])
      return !shown.includes(secret) && !shown.includes(Buffer.from(`bob@example.com:${secret}`).toString('base64'))
    })
  })
})
