/** What goes wrong on the way, against the simulator: nothing is lost, nothing doubled, nothing hangs. */
import assert from 'node:assert/strict'
import type { CtiError } from '../../src/model'
import type { FaultSpec } from '../../src/simulator/faults/faults'
import { House, type Line } from './harness'

const CAROL = '+12025550199'

describe('Webex: faults', () => {
  let house: House
  beforeEach(async () => { house = await House.build() })
  afterEach(() => house.close())

  const inject = (spec: Omit<FaultSpec, 'face'>): void => { house.simulator.faults.inject({ face: 'webex', ...spec }) }
  const ringing = async (line: Line): Promise<string> => {
    const from = line.events.length
    house.pbx.inbound({ from: CAROL, to: '1002' })
    return (await line.event('call.ringing', from)).call?.id ?? ''
  }
  const dialled = (): number => house.pbx.connectionsOf('bob').length

  for (const [name, options] of [['by webhook', {}], ['by polling', { hooks: undefined }]] as const) {
    it(`a line that is cut in a call comes back, and the call that ended meanwhile has ended (${name})`, async () => {
      const line = await house.online({ ...options, settingsMs: 100, timeoutMs: 500 })
      const kept = await ringing(line)
      const lost = await ringing(line)
      const face = house.simulator.face('webex')
      await face.line(false)
      await line.until(() => line.session.status.state === 'waiting', 'the loss')
      const call = line.session.picture.call(lost)!
      const key = [...house.pbx.connections.values()].filter(({ party, state }) => party.kind === 'user' && state !== 'null').at(-1)!.key
      house.pbx.release(key)
      assert.equal(call.state, 'ringing')
      await face.line(true)
      await line.session.whenOnline(5000)
      const ended = await line.event('call.ended')
      assert.deepEqual([ended.call?.id, ended.reason, ended.resynced], [lost, 'lost', true])
      assert.equal(line.session.picture.call(kept)?.state, 'ringing')
      assert.equal(line.names.filter((event) => event === 'call.ringing').length, 2)
    }).timeout(20_000)
  }

  it('looks at once whether Webex is away when a request met nobody, also where webhooks tell of calls', async () => {
    const line = await house.online({ reconcileMs: 600_000, healthMs: 600_000 })
    await house.simulator.face('webex').line(false)
    await assert.rejects(line.perform('getDnd'))
    await line.until(() => line.session.status.state === 'waiting', 'the loss')
  })

  it('closes within two seconds when nobody answers any more', async () => {
    const line = await house.online()
    inject({ kind: 'hang' })
    const before = Date.now()
    await line.session.close('removed')
    assert.ok(Date.now() - before < 2000)
  })

  it('a dial whose reply is lost is not sent again; its event proves it', async () => {
    const line = await house.online()
    inject({ kind: 'cut', path: '/dial', times: 1 })
    const outcome = await line.perform('originate', { to: CAROL, timeoutMs: 1500 }).then(({ outcome: word }) => word, (error: CtiError) => error.code)
    assert.equal(outcome, dialled() === 1 ? 'completed' : 'CTI_UNKNOWN_OUTCOME')
    assert.ok(dialled() <= 1)
  })

  it('a dial whose reply says nothing is known by its event', async () => {
    const line = await house.online()
    inject({ kind: 'empty', path: '/dial', times: 1 })
    const { outcome, newCallId } = await line.perform('originate', { to: CAROL, confirm: 'completed' })
    assert.equal(outcome, 'completed')
    assert.equal(line.session.picture.call(newCallId ?? '')?.to?.number, CAROL)
  })

  it('a dial that is refused by 429 is told and not repeated; a read is repeated when the time is over', async () => {
    const line = await house.online({ settingsMs: 0 })
    inject({ kind: 'status', status: 429, retryAfter: 1, path: '/dial', times: 1 })
    await assert.rejects(line.perform('originate', { to: CAROL }), (error: CtiError) => error.code === 'CTI_RATE_LIMITED' && error.cause.retryAfterMs === 1000)
    assert.equal(dialled(), 0)
    inject({ kind: 'status', status: 429, retryAfter: 1, path: '/history', times: 1 })
    assert.ok(Array.isArray((await line.perform('callHistory', { type: 'placed' })).items))
  })

  it('a call that has ended already is hung up', async () => {
    const line = await house.online()
    const callId = await ringing(line)
    inject({ kind: 'status', status: 404, path: '/hangup', times: 1, body: '{"message":"Call not found"}', contentType: 'application/json' })
    const result = await line.perform('hangup', { callId })
    assert.equal(result.outcome, 'completed')
    assert.equal(result.warnings?.length, 1)
  })

  it('the second step of a consultation that fails is undone', async () => {
    const line = await house.online()
    const callId = await ringing(line)
    await line.perform('answer', { callId, confirm: 'completed' })
    inject({ kind: 'status', status: 400, path: '/dial', times: 1 })
    await assert.rejects(line.perform('consult', { callId, to: '1001' }), (error: CtiError) => error.cause.undone === true)
    await line.until(() => line.session.picture.call(callId)?.state === 'active', 'the call to be resumed')
  })

  it('a refused park leaves no reason behind', async () => {
    const line = await house.online()
    const callId = await ringing(line)
    await line.perform('answer', { callId, confirm: 'completed' })
    inject({ kind: 'status', status: 400, path: '/park', times: 1 })
    await assert.rejects(line.perform('park', { callId }), { code: 'CTI_INVALID_REQUEST' })
    for (const { key } of house.pbx.connectionsOf('bob')) house.pbx.release(key)
    assert.equal((await line.event('call.ended')).reason, 'normal')
    assert.ok(!line.names.includes('call.parked'))
  })

  it('a call goes to the own mailbox, or to that of somebody else', async () => {
    const line = await house.online()
    for (const voicemail of ['own', '1002', '1001']) {
      const from = line.events.length
      const callId = await ringing(line)
      await line.perform('redirect', { callId, to: { voicemail }, confirm: 'completed' })
      const { call, reason } = await line.event('call.redirected', from)
      assert.deepEqual([call?.remote?.kind, reason], ['voicemail', 'deflected'])
      assert.equal(dialled(), 0)
    }
  })

  it('pages of a gateway instead of lists end no call', async () => {
    const line = await house.online({ hooks: undefined })
    const callId = await ringing(line)
    inject({ kind: 'status', status: 200, path: '/telephony/calls', times: 1, body: '<html>Sign in</html>', contentType: 'text/html' })
    await line.until(() => line.warnings.includes('notRead'), 'the warning')
    await line.perform('answer', { callId, confirm: 'completed' })
    assert.ok(!line.names.includes('call.ended'))
  })

  it('a short trouble is no loss, however many people are looked at in that moment', async () => {
    const { serviceClientId: clientId = '', serviceClientSecret: clientSecret = '', serviceRefreshToken: refreshToken = '' } = house.simulator.demoLogin('webex')
    const people = [...house.pbx.users.values()].filter(({ admin }) => admin !== true).map(({ email }) => email)
    const line = await house.online({ auth: { kind: 'service', refreshToken }, client: { clientId, clientSecret }, userList: people, hooks: undefined, pollIdleMs: 300, pollBusyMs: 300 })
    inject({ kind: 'status', status: 503, path: '/calls', times: people.length })
    await house.until(() => house.simulator.faults.counts.status === people.length, 'one failure for each')
    await ringing(line)
    assert.ok(line.warnings.includes('notRead'))
    assert.deepEqual(line.states.filter((state) => state === 'waiting'), [])
  })

  it('settings that are not granted are left out, and not asked for again and again', async () => {
    inject({ kind: 'status', status: 403, path: 'callForwarding' })
    inject({ kind: 'status', status: 403, path: 'voiceMessages' })
    const line = await house.online({ settingsMs: 50 })
    await ringing(line)
    assert.ok(!line.names.includes('forwarding.changed'))
    await assert.rejects(line.perform('getForwarding'), { code: 'CTI_FORBIDDEN' })
    assert.ok((house.simulator.faults.counts.status ?? 0) < 8)
  })

  it('a system that is down at the start is tried again, a token that is refused is not', async () => {
    await house.simulator.face('webex').line(false)
    const line = house.line({ timeoutMs: 300 })
    await line.until(() => line.states.includes('waiting'), 'the first failure')
    await house.simulator.face('webex').line(true)
    await line.session.whenOnline(5000)
    const refused = house.line({ auth: { kind: 'token', accessToken: 'wrong' } })
    await assert.rejects(refused.session.whenOnline(3000), { code: 'CTI_UNAUTHORIZED' })
    assert.equal(refused.session.status.state, 'refused')
  })
})
