/** The same calls by each family of paths: one's own, `members/me`, a member by id (webex-calling.md 7.3). */
import assert from 'node:assert/strict'
import type { WebexOptions } from '../../src/webex'
import { pathOf } from '../../src/webex/actions/request'
import { House } from './harness'

const CAROL = '+12025550199'

const FAMILIES: readonly (readonly [string, (house: House) => Partial<WebexOptions>, Record<string, string>])[] = [
  ['one\'s own', () => ({}), {}],
  ['members/me', () => ({ ownPaths: 'membersMe' }), {}],
  ['a member by id', (house) => {
    const { serviceClientId: clientId = '', serviceClientSecret: clientSecret = '', serviceRefreshToken: refreshToken = '' } = house.simulator.demoLogin('webex')
    return { auth: { kind: 'service', refreshToken }, client: { clientId, clientSecret }, userList: ['bob@example.com'] }
  }, { user: 'bob@example.com' }]
]

describe('Webex: families of paths', () => {
  let house: House
  beforeEach(async () => { house = await House.build({ webex: { liftAfterMs: false } }) })
  afterEach(() => house.close())

  for (const [name, options, whose] of FAMILIES) {
    it(`${name}: a call, a consultation, a conference, the list, the history`, async () => {
      const line = await house.online(options(house))
      house.pbx.inbound({ from: CAROL, to: '1002' })
      const callId = (await line.event('call.ringing')).call?.id
      const done = { ...whose, confirm: 'completed' }
      await line.perform('answer', { callId, ...done })
      await line.perform('hold', { callId, ...done })
      await line.perform('resume', { callId, ...done })
      const { newCallId } = await line.perform('consult', { callId, to: '1001', ...done })
      await house.until(() => house.pbx.connectionsOf('bob').some(({ state }) => state === 'initiated') || house.pbx.connectionsOf('alice').length > 0, 'a phone to ring')
      for (const user of ['bob', 'alice']) {
        const rings = house.pbx.connectionsOf(user).find(({ state }) => state === 'initiated' || (user === 'alice' && state === 'alerting'))
        if (rings !== undefined) house.pbx.answer(rings.key)
      }
      await line.until(() => line.session.picture.call(newCallId ?? '')?.state === 'active', 'Alice to answer')
      await line.perform('conference', { callIds: [callId, newCallId], ...done })
      assert.equal(((await line.perform('listCalls', whose)).items as unknown[]).length, 2)
      await line.perform('hangup', { callId, conference: 'all', ...done })
      await line.until(() => [...line.session.picture.calls()].length === 0, 'all to end')
      assert.ok(((await line.perform('callHistory', whose)).items as unknown[]).length > 0)
      assert.equal((await line.perform('setDnd', { enabled: true, ...whose })).dnd?.enabled, true)
    })
  }

  it('tell what an account cannot do, and why', async () => {
    const line = await house.online({ ...FAMILIES[2]![1](house), tokens: undefined })
    assert.deepEqual(line.session.capability('agentReady').can, false)
    assert.deepEqual(line.session.capability('webex.monitor').can, false)
    assert.deepEqual(line.session.capability('webex.interests').can, true)
    assert.deepEqual((await house.online()).session.capability('webex.interests').can, false)
  })

  it('a service app that names nobody hears of everybody', async () => {
    const line = await house.online({ ...FAMILIES[2]![1](house), userList: [] })
    house.pbx.inbound({ from: CAROL, to: '1001' })
    house.pbx.inbound({ from: CAROL, to: '1002' })
    await line.until(() => line.calls().length === 2, 'both')
    await line.until(() => line.driver.ownerOf('alice@example.com') !== undefined, 'who it is')
    const id = line.driver.ownerOf('alice@example.com')
    assert.deepEqual(line.session.picture.callsOf(id!).map(({ state }) => state), ['ringing'])
    for (const { key } of house.pbx.connectionsOf('alice')) house.pbx.release(key)
    await line.event('call.ended')
  })

  it('members that are none, and one without calling, are no reason to stay away', async () => {
    const line = await house.online({ ...FAMILIES[2]![1](house), userList: ['bob@example.com', 'nobody@example.com'] })
    assert.ok(line.warnings.includes('memberUnknown'))
    house.pbx.inbound({ from: CAROL, to: '1002' })
    await line.event('call.ringing')
  })

  it('a request stays below the API, whatever path is asked for', () => {
    for (const [raw, path] of [['/people', '/people'], ['people/me?x=1', '/people/me?x=1'], ['/v1/rooms', '/rooms']] as const) assert.equal(pathOf(raw), path)
    for (const raw of ['', '//evil.example.com', 'https://evil.example.com/', '/people/../../x', '/people/%2e%2e/x', '\\\\evil', '/a/..']) assert.throws(() => pathOf(raw), { code: 'CTI_INVALID_REQUEST' }, raw)
  })
})

describe('Webex: queues, agents and interests', () => {
  let house: House
  beforeEach(async () => { house = await House.build() })
  afterEach(() => house.close())

  it('a waiting call is queued and leaves the queue', async () => {
    const admin = await house.online({ auth: { kind: 'token', accessToken: house.token('cti-admin') }, members: true })
    const queues = ((await admin.perform('listQueues')).items as { id: string; name: string }[]).filter(({ name }) => name === 'Support')
    const line = await house.online({ auth: { kind: 'token', accessToken: house.token('cti-admin') }, members: true, queues: queues.map(({ id }) => id), pollIdleMs: 50 })
    const { key } = house.pbx.inbound({ from: CAROL, to: '1050' })!
    const { call } = await line.event('call.queued')
    assert.deepEqual([call?.owner.kind, call?.owner.name, call?.from?.number, call?.queue?.position], ['queue', 'Support', CAROL, 1])
    assert.equal((await line.perform('listCalls', { queue: queues[0]!.id })).items?.length, 1)
    const from = house.pbx.connections
    for (const connection of [...from.values()]) if (connection.callKey === house.pbx.connections.get(key)?.callKey && connection.party.kind === 'external') house.pbx.release(connection.key)
    const left = await line.event('call.dequeued')
    assert.equal(left.call?.id, call?.id)
    assert.deepEqual(line.calls().filter((name) => name === 'call.dequeued').length, 1)
  })

  it('agent states are told as they change, busy by the calls of the queue', async () => {
    const line = await house.online({ settingsMs: 50 })
    const agents = (): string[] => line.names.filter((name) => name.startsWith('agent.') && name !== 'agent.updated')
    await line.until(() => [...line.session.picture.agents()].length === 1, 'the agent')
    const before = agents().length
    if (!house.pbx.agents.get('agent-bob')!.loggedIn) {
      house.pbx.signIn('agent-bob')
      await line.until(() => agents().slice(before).includes('agent.loggedIn'), 'log-in')
    }
    house.pbx.setRouting('agent-bob', 'ready')
    await line.until(() => [...line.session.picture.agents()][0]?.state === 'ready', 'ready')
    house.pbx.setRouting('agent-bob', 'notReady')
    await line.until(() => agents().at(-1) === 'agent.notReady', 'not ready')
    house.pbx.signOut('agent-bob', { force: true })
    await line.until(() => agents().at(-1) === 'agent.loggedOut', 'log-out')
  })

  it('interests are registered, bring their events, and end with the account', async () => {
    const options: Partial<WebexOptions> = { auth: { kind: 'token', accessToken: house.token('cti-admin') }, members: true, interests: ['Agent', 'Queue', 'Workspaces'] }
    const line = await house.online(options)
    const { data } = await line.perform('webex.interests')
    assert.deepEqual((data as { interests: unknown[] }).interests.length, 3)
    const agent = house.pbx.agents.get('agent-erin')!
    if (agent.loggedIn) house.pbx.signOut('agent-erin', { force: true })
    else house.pbx.signIn('agent-erin')
    await line.until(() => line.names.some((name) => name.startsWith('vendor.telephony_agent.')), 'an agent event')
    await line.session.close('removed')
    const again = await house.online({ ...options, interests: [] })
    assert.deepEqual(((await again.perform('webex.interests')).data as { interests: unknown[] }).interests, [])
  })
})
