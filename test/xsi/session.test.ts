import assert from 'node:assert/strict'
import type { Connection } from '../../src/simulator/pbx/types'
import { House, type Line } from './harness'

const CAROL = '+12025550199'

describe('XSI: a session against a server', () => {
  let house: House
  beforeEach(async () => { house = await House.build() })
  afterEach(() => house.close())

  function ring (to = '1002'): Connection {
    const rings = house.pbx.inbound({ from: CAROL, to })
    assert.ok(rings)
    return rings
  }

  it('logs in, opens a channel, subscribes and is online', async () => {
    const line = await house.online()
    assert.deepEqual(line.states.filter((state, index, all) => state !== all[index - 1]), ['connecting', 'authenticating', 'subscribing', 'online'])
    assert.equal(house.face.connections().length, 1)
    assert.equal(house.face.site.subscriptions.list().length, 9)
    assert.deepEqual(line.warnings, [])
  })

  it('tells a call that rings, is answered, held, resumed and hung up, once each', async () => {
    const line = await house.online()
    ring()
    const ringing = await line.event('call.ringing')
    assert.equal(ringing.call?.from?.number, CAROL)
    assert.equal(ringing.call?.from?.e164, CAROL)
    assert.equal(ringing.call?.to?.extension, '1002')
    assert.equal(ringing.user?.name, 'Bob Keller')
    const callId = ringing.call?.id as string
    await line.until(() => line.session.picture.call(callId)?.can?.includes('answer') === true, 'permission to answer')
    for (const [action, event] of [['answer', 'call.answered'], ['hold', 'call.held'], ['resume', 'call.resumed'], ['hangup', 'call.ended']]) {
      const result = await line.perform(action, { callId, confirm: 'completed' })
      assert.equal(result.outcome, 'completed', action)
      await line.event(event)
    }
    assert.deepEqual(line.calls(), ['call.ringing', 'call.answered', 'call.held', 'call.resumed', 'call.ended'])
    const ended = await line.event('call.ended')
    assert.equal(ended.call?.endReason, 'normal')
    assert.equal(ended.call?.endedBy, 'local')
    assert.equal([...line.session.picture.calls()].length, 0)
  })

  it('passes the vendor event, parsed, with each event', async () => {
    const line = await house.online()
    ring()
    await line.event('call.ringing')
    const raw = line.raw[line.names.indexOf('call.ringing')] as { eventData: { call: { callId: string } } }
    assert.match(raw.eventData.call.callId, /^callhalf-/)
  })

  it('dials, and the new call carries the reference of the caller', async () => {
    const line = await house.online()
    const result = await line.perform('originate', { to: CAROL, clientRef: 'ticket-7', confirm: 'completed' })
    assert.equal(result.outcome, 'completed')
    assert.ok(result.newCallId)
    const originated = await line.event('call.originated')
    assert.equal(originated.call?.id, result.newCallId)
    assert.equal(originated.call?.state, 'initiated')
    await line.perform('hangup', { callId: result.newCallId, confirm: 'completed' })
    assert.equal((await line.event('call.ended')).call?.clientRef, 'ticket-7')
  })

  it('consults and completes a transfer: one transferred, both legs end, the conversation survives', async () => {
    const line = await house.online()
    const rings = ring()
    await line.event('call.ringing')
    house.pbx.answer(rings.key)
    const answered = await line.event('call.answered')
    const held = answered.call?.id as string
    const consult = await line.perform('consult', { callId: held, to: '1001', confirm: 'completed' })
    const consultId = consult.newCallId as string
    assert.equal(line.session.picture.call(held)?.state, 'held')
    await line.until(() => line.session.picture.call(consultId)?.state === 'remoteRinging', 'Alice to ring')
    const alice = house.pbx.connectionsOf('alice')[0]
    assert.ok(alice)
    house.pbx.answer(alice.key)
    await line.until(() => line.session.picture.call(consultId)?.state === 'active', 'the consultation to be answered')
    assert.deepEqual(line.session.picture.call(consultId)?.related, [{ kind: 'consultOf', id: held }])
    const from = line.events.length
    const result = await line.perform('completeTransfer', { callId: held, confirm: 'completed' })
    assert.equal(result.outcome, 'completed')
    await line.until(() => [...line.session.picture.calls()].length === 0, 'both legs to end')
    assert.deepEqual(line.calls(from), ['call.transferred', 'call.ended', 'call.ended'])
    const moved = await line.event('call.transferred', from)
    assert.equal(moved.call?.transfer?.kind, 'attended')
    assert.equal(moved.call?.transfer?.role, 'transferor')
    assert.equal(moved.call?.conversationId, answered.call?.conversationId)
  })

  it('resumes the held call when the second step of a consultation fails, and says so', async () => {
    const line = await house.online()
    house.pbx.answer(ring().key)
    const { call } = await line.event('call.answered')
    house.faults.failNext('xsi', 403, { method: 'POST', path: '/calls/New' })
    await assert.rejects(line.perform('consult', { callId: call?.id, to: '1001' }), (error: { code: string; message: string }) => error.code === 'CTI_FORBIDDEN' && error.message.includes('has been resumed'))
    await line.event('call.resumed')
  })

  it('transfers blindly', async () => {
    const line = await house.online()
    house.pbx.answer(ring().key)
    const { call } = await line.event('call.answered')
    const result = await line.perform('transfer', { callId: call?.id, to: { user: '1001' }, confirm: 'completed' })
    assert.equal(result.outcome, 'completed')
    assert.deepEqual(line.calls(), ['call.ringing', 'call.answered', 'call.transferred', 'call.ended'])
    assert.equal((await line.event('call.ended')).call?.endReason, 'transferred')
  })

  it('comes back after a restart of the server in the middle of a call with one resync and nothing doubled', async () => {
    const line = await house.online()
    const rings = ring()
    house.pbx.answer(rings.key)
    await line.event('call.answered')
    const from = line.events.length
    await house.face.restart()
    await line.event('connection.resync', from)
    await line.event('connection.online', from)
    house.pbx.release(rings.key)
    await line.event('call.ended', from)
    assert.deepEqual(line.names.slice(from).filter((name) => name !== 'device.hook'), ['connection.offline', 'connection.resync', 'connection.online', 'call.ended'])
    assert.equal(house.face.site.subscriptions.list().length, 9)
  })

  it('tells what happened while it was away, marked as found afterwards', async () => {
    const line = await house.online()
    const rings = ring()
    house.pbx.answer(rings.key)
    await line.event('call.answered')
    const from = line.events.length
    house.faults.inject({ kind: 'cut', face: 'xsi', path: '/profile', times: 1 })
    house.face.act('dropConnections')
    await line.event('connection.offline', from)
    house.pbx.release(rings.key)
    ring()
    await line.event('connection.online', from)
    const ended = await line.event('call.ended', from)
    assert.equal(ended.resynced, true)
    assert.equal(ended.call?.endReason, 'lost')
    const found = await line.event('call.ringing', from)
    assert.equal(found.resynced, true)
    assert.ok(found.gap)
  })

  it('keeps its subscriptions when only the stream broke', async () => {
    const line = await house.online()
    const before = house.face.site.subscriptions.list().map(({ id }) => id).sort()
    house.face.act('dropConnections')
    await line.event('connection.offline')
    await line.event('connection.resync')
    assert.deepEqual(house.face.site.subscriptions.list().map(({ id }) => id).sort(), before)
  })

  it('is refused once by a wrong password and does not try again', async () => {
    const line = house.line({ auth: { kind: 'basic', username: 'bob@example.com', password: 'wrong' } })
    await assert.rejects(line.session.whenOnline(3000), { code: 'CTI_UNAUTHORIZED' })
    assert.equal(line.session.status.state, 'refused')
    assert.equal(line.states.filter((state) => state === 'connecting').length, 1)
  })

  it('asks for one fresh token, and is refused when that is no better', async () => {
    const asked: boolean[] = []
    const stale = house.line({ auth: { kind: 'bearer', token: async (fresh) => `wrong-${asked.push(fresh)}` }, userId: 'bob@example.com' })
    await assert.rejects(stale.session.whenOnline(3000), { code: 'CTI_UNAUTHORIZED' })
    assert.deepEqual(asked, [false, true])
    const token = house.face.login().adminToken
    const line = await house.online({ auth: { kind: 'bearer', token: async (fresh) => fresh ? token : 'stale' }, userId: 'cti-admin@example.com', scope: 'users', userList: ['bob@example.com'] })
    ring()
    assert.equal((await line.event('call.ringing')).call?.owner.name, 'Bob Keller')
  })

  it('drops duplicates before they reach the session', async () => {
    const line = await house.online()
    house.faults.inject({ kind: 'duplicate', face: 'xsi' })
    house.pbx.answer(ring().key)
    await line.event('call.answered')
    assert.deepEqual(line.calls(), ['call.ringing', 'call.answered'])
    assert.equal(line.session.counters.duplicates ?? 0, 0)
  })

  for (const kind of ['split', 'merge'] as const) {
    it(`reads documents that arrive ${kind === 'split' ? 'in pieces' : 'several at once'}`, async () => {
      const line = await house.online()
      house.faults.inject(kind === 'split' ? { kind, face: 'xsi', size: 7 } : { kind, face: 'xsi', size: 3, ms: 20 })
      const rings = ring()
      await line.event('call.ringing')
      house.pbx.answer(rings.key)
      await line.event('call.answered')
      house.pbx.release(rings.key)
      await line.event('call.ended')
      assert.deepEqual(line.calls(), ['call.ringing', 'call.answered', 'call.ended'])
    })
  }

  it('reads on after a malformed document', async () => {
    const line = await house.online()
    house.faults.inject({ kind: 'malformed', face: 'xsi', times: 1 })
    const rings = ring()
    await line.until(() => line.warnings.length > 0, 'a warning')
    house.pbx.answer(rings.key)
    await line.event('call.answered')
    assert.ok(line.warnings.includes('malformedDocument'))
    assert.equal(line.session.status.state, 'online')
  })

  it('acknowledges an event that lacks its type: unanswered it would end the channel', async () => {
    const line = await house.online()
    await house.until(() => house.face.figures().waiting === 0, 'the first events to be acknowledged')
    const acknowledged: string[] = []
    const stop = house.spy((url) => { if (url.endsWith('/channel/eventresponse')) acknowledged.push(url) })
    const [channel] = house.face.site.channels.list()
    channel?.wire.send(Buffer.from('<?xml version="1.0"?><x:Event xmlns:x="http://schema.broadsoft.com/xsi"><x:eventID>e</x:eventID><x:subscriptionId>s</x:subscriptionId><x:eventData/></x:Event>'))
    await house.until(() => acknowledged.length > 0, 'the acknowledgement')
    stop()
    assert.deepEqual(line.warnings, ['unknownDocument'])
  })

  it('reads the state anew when an event was lost for good', async () => {
    const line = await house.online()
    house.faults.inject({ kind: 'lose', face: 'xsi', times: 1 })
    const rings = ring()
    house.pbx.answer(rings.key)
    await line.until(() => line.warnings.includes('eventsLost'), 'the gap to be noticed')
    await line.event('call.answered')
  })

  it('subscribes again when the server ends a subscription', async () => {
    const line = await house.online()
    const before = house.face.site.subscriptions.list().map(({ id }) => id)
    house.face.act('endSubscriptions')
    await house.until(() => house.face.site.subscriptions.list().length === 9, 'new subscriptions')
    const after = house.face.site.subscriptions.list().map(({ id }) => id)
    assert.equal(after.length, 9)
    assert.ok(after.every((id) => !before.includes(id)))
    ring()
    await line.event('call.ringing')
  })

  it('comes back when the stream falls silent', async () => {
    const line = await house.online({ heartbeatMs: 100, silenceMs: 400 })
    house.faults.inject({ kind: 'stall', face: 'xsi' })
    await line.event('connection.offline')
    house.faults.clear()
    await line.event('connection.resync')
    ring()
    await line.event('call.ringing')
  })

  it('stops and tells why when another program takes its application id', async () => {
    const first = await house.online({ applicationId: 'same' })
    await house.online({ applicationId: 'same' })
    await first.until(() => first.session.status.state === 'refused', 'the first to stop')
    assert.equal(first.session.status.error?.code, 'CTI_CONFLICT')
    assert.equal(first.session.status.error?.cause.code, 'DuplicateChannelSet')
  })

  it('goes on when acknowledgements fail', async () => {
    const line = await house.online()
    house.faults.inject({ kind: 'status', face: 'xsi', status: 500, path: 'eventresponse' })
    house.pbx.answer(ring().key)
    await line.event('call.answered')
    assert.equal(line.session.status.state, 'online')
    await line.until(() => line.warnings.includes('acknowledgeFailed'), 'a warning')
  })

  it('leaves nothing behind when it closes', async () => {
    const line: Line = await house.online()
    await line.close()
    assert.equal(house.face.site.subscriptions.list().length, 0)
    assert.equal(house.face.connections().length, 0)
  })

  it('tells a missing service as a warning and goes on with the others', async () => {
    const line = await house.online({ packages: ['Advanced Call', 'No Such Package'] })
    assert.deepEqual(line.warnings, ['packageRefused'])
    ring()
    await line.event('call.ringing')
  })
})
