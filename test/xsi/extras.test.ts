import assert from 'node:assert/strict'
import type { Stats, TelephonyEvent } from '../../src/model'
import { House, type Line } from './harness'

const CAROL = '+12025550199'
const QUEUE = 'support@example.com'
const ADMIN = { kind: 'basic', username: 'cti-admin@example.com', password: 'demo' } as const

describe('XSI: what goes beyond calls and settings', () => {
  let house: House
  let line: Line
  beforeEach(async () => { house = await House.build() })
  afterEach(() => house.close())

  async function talk (): Promise<string> {
    const rings = house.pbx.inbound({ from: CAROL, to: '1002' })
    assert.ok(rings)
    await line.event('call.ringing')
    house.pbx.answer(rings.key)
    return (await line.event('call.answered')).call?.id as string
  }

  it('calls a third person and joins all when he answers', async () => {
    line = await house.online()
    const callId = await talk()
    const result = await line.perform('conference', { callId, to: '1001', clientRef: 'case-1' })
    assert.equal(result.callId, callId)
    await line.until(() => line.session.picture.call(result.newCallId as string)?.state === 'remoteRinging', 'Alice to ring')
    house.pbx.answer(house.pbx.connectionsOf('alice')[0]?.key as string)
    await line.until(() => line.names.filter((name) => name === 'call.conferenced').length === 2, 'both legs in the conference')
    assert.equal(line.session.picture.call(callId)?.conference?.members.length, 2)
    assert.equal(line.session.picture.call(result.newCallId as string)?.clientRef, 'case-1')
  })

  it('resumes the held call when the third person declines', async () => {
    line = await house.online()
    const callId = await talk()
    const { newCallId } = await line.perform('conference', { callId, to: '1001' })
    await line.until(() => line.session.picture.call(callId)?.state === 'held', 'the first call to be held')
    await line.until(() => line.session.picture.call(newCallId as string) !== undefined, 'the second call')
    await line.perform('hangup', { callId: newCallId })
    await line.event('call.resumed')
    assert.ok(!line.names.includes('call.conferenced'))
    assert.deepEqual(line.warnings, [])
  })

  it('cannot mute a call outside a conference, and says why', async () => {
    line = await house.online()
    const callId = await talk()
    await assert.rejects(line.perform('mute', { callId }), (error: Error & { code: string }) => error.code === 'CTI_UNSUPPORTED' && /conference/.test(error.message))
  })

  const places: [string, Record<string, unknown>, string, number][] = [
    ['a location in any case', { location: 'broadworksanywhere' }, 'location=BroadWorksAnywhere', 0],
    ['a shared appearance', { device: 'bob-desk@sip.example.com' }, 'location=SharedCallAppearance&locationAddress=bob-desk%40sip.example.com', 0],
    ['a number', { device: '+12025550166' }, 'location=BroadWorksAnywhere&locationAddress=%2B12025550166', 0],
    ['an unknown word, with a warning', { location: 'kitchen' }, '', 1]
  ]
  for (const [what, fields, expected, warnings] of places) {
    it(`rings the own phone named by ${what}`, async () => {
      line = await house.online()
      const asked: string[] = []
      const stop = house.spy((url) => { if (url.includes('/calls/New')) asked.push(url) })
      const result = await line.perform('originate', { to: CAROL, ...fields }).catch(() => undefined)
      stop()
      const query = asked[0]?.split('?')[1]?.replace('address=%2B12025550199', '').replace(/^&/, '')
      assert.equal(query, expected)
      if (warnings > 0) assert.equal(result?.warnings?.length, warnings)
    })
  }

  it('calls for an executive, shows his number and pushes the call to him', async () => {
    line = await house.online({ auth: ADMIN, scope: 'users', userList: ['frank@example.com', 'alice@example.com'] })
    const result = await line.perform('originate', { user: '1005', to: CAROL, onBehalfOf: '1001' })
    const own = house.pbx.connectionsOf('frank')[0]
    assert.ok(own)
    house.pbx.answer(own.key)
    await line.until(() => line.session.picture.call(result.newCallId as string)?.state === 'active', 'Carol to answer')
    await line.perform('push', { callId: result.newCallId })
    await line.until(() => [...line.session.picture.calls()].some((leg) => leg.owner.id === 'alice@example.com'), 'the call at the executive')
    await assert.rejects(line.perform('originate', { user: '1001', to: CAROL, onBehalfOf: '1002' }), { code: 'CTI_FORBIDDEN' })
  })

  it('lists phones, with what is registered and what is not', async () => {
    const bob = house.pbx.users.get('bob')
    assert.ok(bob)
    const device = house.pbx.devices.get(bob.devices[0] as string)
    assert.ok(device)
    device.registered = false
    line = await house.online({ auth: ADMIN, scope: 'users', userList: ['alice@example.com', 'bob@example.com'], packages: ['Advanced Call'] })
    const phones = (await line.perform('listPhones')).items as { user: { id: string }; registered: boolean; id: string }[]
    const of = (id: string): boolean[] => phones.filter(({ user }) => user.id === id).map(({ registered }) => registered)
    assert.ok(of('alice@example.com').every((registered) => registered) && of('alice@example.com').length > 0)
    assert.ok(of('bob@example.com').includes(false))
    const page = await line.perform('listPhones', { limit: 1, query: 'bob' })
    assert.ok((page.items as { user: { id: string } }[]).every(({ user }) => user.id === 'bob@example.com'))
  })

  it('tells the hook of users who are not watched as well', async () => {
    line = await house.online({ auth: ADMIN, scope: 'users', userList: ['bob@example.com'] })
    const [bob, alice] = (await line.perform('userStates', { ids: ['1002', 'alice@example.com'] })).items as { device?: { hook: string } }[]
    assert.deepEqual([bob?.device?.hook, alice?.device?.hook], ['on', 'on'])
  })

  it('gives figures of queues, told or counted', async () => {
    line = await house.online({ auth: ADMIN, scope: 'user', queues: [QUEUE], packages: ['Call Center Queue', 'Call Center Monitoring'] })
    for (const agent of house.pbx.agents.values()) if (agent.loggedIn) house.pbx.signOut(agent.key, { force: true })
    house.pbx.inbound({ from: CAROL, to: '1050' })
    await line.event('call.queued')
    const [stats] = (await line.perform('queueStats', { ids: [QUEUE] })).items as Stats[]
    assert.equal(stats?.subject.id, QUEUE)
    assert.equal((stats?.vendorMetrics as { waiting: number }).waiting, 1)
  })

  it('has the feature codes and calls me now', async () => {
    line = await house.online()
    const codes = (await line.perform('xsi.featureCodes')).items as { name: string; code: string }[]
    assert.ok(codes.some(({ name, code }) => name === 'Call Park' && code === '*68'))
    await line.perform('xsi.callMeNow', { to: CAROL })
    const { call } = await line.event('call.originated')
    assert.equal(call?.owner.id, 'bob@example.com')
    await assert.rejects(line.perform('xsi.callMeNow'), { code: 'CTI_INVALID_REQUEST' })
  })

  it('goes on as another kind of supervisor', async () => {
    line = await house.online({ auth: ADMIN, scope: 'users', userList: ['bob@example.com', 'dave@example.com'], packages: ['Advanced Call'] })
    await talk()
    const supervisor = [...house.pbx.users.values()].find((user) => user.supervisor)
    assert.ok(supervisor)
    await line.perform('listen', { user: supervisor.extension, target: '1002' })
    house.pbx.answer(house.pbx.connectionsOf(supervisor.key)[0]?.key as string)
    await house.until(() => house.pbx.connectionsOf(supervisor.key)[0]?.state === 'connected', 'the supervisor to listen')
    await line.perform('xsi.monitorMode', { user: supervisor.extension, mode: 'bargeIn' })
    assert.equal(house.pbx.connectionsOf(supervisor.key)[0]?.monitor?.mode, 'bargeIn')
  })

  it('sees at the agent who is listening, how, and when he is gone', async () => {
    line = await house.online({ auth: ADMIN, scope: 'users', userList: ['bob@example.com', 'dave@example.com'], packages: ['Advanced Call'] })
    await talk()
    const monitored = (): unknown[] => line.events.filter(({ call }) => call?.owner.id === 'bob@example.com').filter(({ changes, event }) => event === 'call.monitored' || changes?.includes('monitoredBy') === true).map(({ call }) => [call?.monitoredBy?.mode, call?.monitoredBy?.party?.userId])
    await line.perform('listen', { user: '1003', target: '1002' })
    house.pbx.answer(house.pbx.connectionsOf('dave')[0]?.key as string)
    await house.until(() => monitored().length > 0, 'the call to be monitored')
    await line.perform('xsi.monitorMode', { user: '1003', mode: 'whisper' })
    await house.until(() => monitored().length > 1, 'the change of mode')
    await line.perform('hangup', { user: '1003' })
    await house.until(() => monitored().length > 2, 'the end of it')
    assert.deepEqual(monitored(), [['listen', 'dave@example.com'], ['whisper', 'dave@example.com'], [undefined, undefined]])
  })
})

describe('XSI: whom and what an account watches', () => {
  let house: House
  beforeEach(async () => { house = await House.build() })
  afterEach(() => house.close())
  const group = { auth: ADMIN, scope: 'group' } as const

  it('subscribes with one list a target when told to, and hears all of it', async () => {
    const line = await house.online({ auth: ADMIN, scope: 'users', userList: ['alice@example.com', 'bob@example.com'], packageList: true })
    const subscriptions = house.face.site.subscriptions.list()
    assert.equal(subscriptions.length, 2)
    assert.ok(subscriptions.every(({ list, packages }) => list && packages.includes('Advanced Call') && packages.includes('Do Not Disturb')))
    house.pbx.inbound({ from: CAROL, to: '1002' })
    await line.event('call.ringing')
    await line.perform('setDnd', { user: '1001', enabled: true, confirm: 'completed' })
    assert.ok(line.events.filter(({ event }) => event === 'dnd.changed').some(({ initial }) => initial !== true))
  })

  it('takes the packages one by one when a list of them is refused', async () => {
    const line = await house.online({ packageList: true, packages: ['Advanced Call', 'Do Not Disturb', 'No Such Package'] })
    assert.deepEqual(house.face.site.subscriptions.list().map(({ packages }) => packages.join()).sort(), ['Advanced Call', 'Do Not Disturb'])
    assert.deepEqual(line.warnings, ['packageRefused'])
  })

  it('knows the agents of a group and their queues before it is online', async () => {
    house.pbx.signIn('agent-bob', { routing: 'ready' })
    const entry = house.pbx.inbound({ from: CAROL, to: '1050' })
    assert.ok(entry)
    const line = await house.online(group)
    assert.notEqual(line.session.picture.agent('bob@example.com')?.state, undefined)
    assert.equal(line.session.picture.agent('alice@example.com'), undefined)
    const first = line.events.filter(({ event }) => event.startsWith('agent.'))
    assert.ok(first.length > 0 && first.every(({ initial }) => initial === true))
    await line.until(() => line.session.picture.queue(QUEUE) !== undefined, 'the queue')
    assert.deepEqual(line.warnings, [])
  })

  it('is told of the listed people of a group only, and of queues', async () => {
    const line = await house.online({ ...group, userList: ['1001'] })
    house.pbx.inbound({ from: CAROL, to: '1002' })
    house.pbx.inbound({ from: '+12025550177', to: '1001' })
    const ringing = await line.event('call.ringing')
    assert.equal(ringing.call?.owner.id, 'alice@example.com')
    const others = (event: TelephonyEvent): boolean => event.call?.owner.id === 'bob@example.com' || event.agent?.id === 'bob@example.com' || event.user?.id === 'bob@example.com'
    assert.deepEqual(line.events.filter(others), [])
  })
})
