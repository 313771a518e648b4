import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { CAROL, openHouse, type House } from '../support/house'
import { at, brief, type ChannelReader, EVENTS } from '../support/xsiClient'

const SET = 'set-1'

describe('simulator/xsi subscriptions', () => {
  let house: House
  let channel: ChannelReader
  beforeEach(async () => {
    house = await openHouse()
    channel = await house.admin.open({ set: SET })
  })
  afterEach(() => house.close())

  it('refuses an unknown channel set, package, target and scope with the codes of the field', async () => {
    const cases: [path: string, packageName: string, set: string, status: number, code: string | undefined][] = [
      ['user/bob@example.com', 'Advanced Call', 'none', 403, '110842'],
      ['user/bob@example.com', 'Unheard Of', SET, 400, undefined],
      ['user/nobody@example.com', 'Advanced Call', SET, 404, '4008'],
      ['user/support@example.com', 'Advanced Call', SET, 403, undefined],
      ['user/bob@example.com', 'Call Center Queue', SET, 403, undefined]
    ]
    for (const [path, packageName, set, status, code] of cases) {
      const answer = await house.admin.trySubscribe(path, packageName, set)
      assert.equal(answer.status, status, path)
      if (code !== undefined) assert.equal(at(answer.xml(), 'ErrorInfo', 'errorCode'), code)
    }
    const unknown = await house.admin.request('PUT', `${EVENTS}/subscription/none`, { body: '<Subscription/>' })
    assert.deepEqual([unknown.status, at(unknown.xml(), 'ErrorInfo', 'errorCode')], [403, '110862'])
    await house.bob.open({ set: 'bob' })
    assert.equal((await house.bob.trySubscribe('user/alice@example.com', 'Advanced Call', 'bob')).status, 403)
    assert.equal((await house.bob.trySubscribe('enterprise/acme', 'Advanced Call', 'bob')).status, 403)
    assert.equal((await house.bob.trySubscribe('user/bob@example.com', 'Advanced Call', SET)).status, 403, 'a channel set of somebody else')
  })

  it('overwrites an equal subscription and lists own ones by filter', async () => {
    const first = await house.admin.subscribe('user/bob@example.com', 'Advanced Call', SET)
    const second = await house.admin.subscribe('user/bob@example.com', 'Advanced Call', SET)
    const other = await house.admin.subscribe('user/bob@example.com', 'Advanced Call', SET, 'another application')
    await house.admin.subscribe('enterprise/acme', 'Do Not Disturb', SET)
    assert.notEqual(first, second)
    const ids = async (query: string): Promise<string[]> => [...(await house.admin.request('GET', `${EVENTS}/subscription${query}`)).text.matchAll(/<subscriptionId>([^<]+)/g)].map((match) => match[1] ?? '')
    assert.deepEqual(await ids('?targetId=bob@example.com'), [second, other])
    assert.deepEqual(await ids('?targetId=bob@example.com&extAppId=another%20application'), [other])
    assert.equal((await ids('?targetEntityType=ServiceProvider')).length, 1)
    assert.equal((await ids('')).length, 3)
    assert.match((await house.admin.request('GET', `${EVENTS}/subscription/${second}`)).text, /<Subscription xmlns="[^"]+"><subscriptionId>[^<]+<\/subscriptionId><subscriberId>cti-admin@example\.com<\/subscriberId><targetIdType>User<\/targetIdType><targetId>bob@example\.com<\/targetId><event>Advanced Call<\/event><expires>7200<\/expires><channelSetId>set-1<\/channelSetId><applicationId>test<\/applicationId><\/Subscription>/)
  })

  it('takes the packages of bridges and route points for a whole enterprise only, and those of rooms at a user', async () => {
    for (const name of ['Route Point Queue', 'Meet Me Conference', 'Push Notification Registration']) {
      assert.equal((await house.admin.trySubscribe('enterprise/acme', name, SET)).status, 200, name)
      assert.equal((await house.admin.trySubscribe('user/bob@example.com', name, SET)).status, 403, name)
    }
    await house.admin.subscribe('user/bob@example.com', 'Collaborate Room', SET)
    assert.deepEqual((await channel.settle()).map(({ type }) => type), ['CollaborateRoomSubscriptionEvent'])
  })

  it('gives the whole system no id', async () => {
    const id = await house.admin.subscribe('system', 'Do Not Disturb', SET)
    assert.match((await house.admin.request('GET', `${EVENTS}/subscription/${id}`)).text, /<targetIdType>System<\/targetIdType><event>/)
    await house.admin.request('DELETE', `${EVENTS}/subscription/${id}`)
    assert.deepEqual((await channel.settle()).map(({ type, target }) => [type, target]), [['SubscriptionTerminatedEvent', undefined]])
  })

  it('takes a package list as one subscription', async () => {
    const body = `<Subscription xmlns="http://schema.broadsoft.com/xsi"><eventPackageList><event>Advanced Call</event><event>Do Not Disturb</event><event>Call Forwarding Always</event></eventPackageList><channelSetId>${SET}</channelSetId></Subscription>`
    assert.equal((await house.admin.request('POST', `${EVENTS}/user/bob@example.com`, { body, headers: { 'X-BroadWorks-Protocol-Version': '22.0' } })).status, 400)
    assert.equal((await house.admin.request('POST', `${EVENTS}/user/bob@example.com`, { body })).status, 200)
    const events = await channel.settle()
    assert.deepEqual(events.map((event) => event.type), ['CallSubscriptionEvent', 'DoNotDisturbEvent', 'CallForwardingAlwaysEvent'])
    assert.equal(new Set(events.map((event) => event.subscription)).size, 1)
    assert.deepEqual(events.map((event) => event.sequence), [1, 2, 3])
  })

  it('gives no initial event to collections and reports everybody with his own targetId', async () => {
    await house.admin.subscribe('serviceprovider/acme', 'Advanced Call', SET)
    assert.deepEqual(await channel.settle(), [])
    house.simulator.pbx.inbound({ from: CAROL, to: '1002' })
    house.simulator.pbx.inbound({ from: '+12025550155', to: '1003' })
    const events = await channel.settle()
    assert.deepEqual([...new Set(events.map((event) => event.target))], ['bob@example.com', 'dave@example.com'])
    assert.ok(events.every((event) => /<xsi:userId>cti-admin@example\.com</.test(event.raw)))
  })

  it('filters by package: Basic has no holds, Standard has them, neither has redirections but a release instead', async () => {
    for (const [user, packageName] of [['bob', 'Basic Call'], ['bob', 'Standard Call'], ['bob', 'Advanced Call']] as const) await house.admin.subscribe(`user/${user}@example.com`, packageName, SET)
    const [basic, standard, advanced] = (await channel.settle()).map((event) => event.subscription)
    const leg = house.simulator.pbx.inbound({ from: CAROL, to: '1002' })
    house.simulator.pbx.answer(leg?.key ?? '')
    house.simulator.pbx.hold(leg?.key ?? '')
    house.simulator.pbx.blindTransfer(leg?.key ?? '', '1001')
    const events = await channel.settle()
    const types = (id: string | undefined): string[] => events.filter((event) => event.subscription === id).map((event) => event.type.replace('Event', '')).slice(1)
    assert.deepEqual(types(basic), ['CallReceived', 'HookStatus', 'CallAnswered', 'CallReleased', 'HookStatus'])
    assert.deepEqual(types(standard), ['CallReceived', 'CallUpdated', 'HookStatus', 'CallAnswered', 'CallHeld', 'CallReleased', 'HookStatus'])
    assert.deepEqual(types(advanced), ['CallReceived', 'CallUpdated', 'HookStatus', 'CallAnswered', 'CallHeld', 'CallRedirected', 'HookStatus'])
  })

  it('shows a call that services took before a phone rang to Advanced only', async () => {
    await house.admin.subscribe('user/bob@example.com', 'Standard Call', SET)
    await house.admin.subscribe('user/bob@example.com', 'Advanced Call', SET)
    await channel.settle()
    house.simulator.pbx.setForwarding('bob', 'always', { enabled: true, to: '1001' })
    house.simulator.pbx.inbound({ from: CAROL, to: '1002' })
    assert.deepEqual((await channel.settle()).slice(2).map((event) => brief(event).replace(/ \d+ /, ' ')), ['CallReceived Terminator Alerting', 'CallRedirected Terminator Detached unconditional'])
  })

  it('tells the end of a subscription, by the owner and by time', async () => {
    const own = await house.admin.subscribe('user/bob@example.com', 'Advanced Call', SET)
    const provider = await house.admin.subscribe('serviceprovider/acme', 'Advanced Call', SET)
    for (const id of [own, provider]) assert.equal((await house.admin.request('DELETE', `${EVENTS}/subscription/${id}`)).status, 200)
    const ended = (await channel.settle()).filter((event) => event.type === 'SubscriptionTerminatedEvent')
    assert.deepEqual(ended.map((event) => event.subscription), [own, provider])
    assert.match(ended[0]?.raw ?? '', /<xsi:eventData xsi1:type="xsi:SubscriptionTerminatedEvent"\/><\/xsi:Event>$/)
    const dying = await house.admin.subscribe('user/bob@example.com', 'Do Not Disturb', SET)
    house.simulator.faces.xsi?.act('endSubscriptions')
    const last = (await channel.settle()).at(-1)
    assert.deepEqual([last?.type, last?.subscription], ['SubscriptionTerminatedEvent', dying])
  })

  it('posts events to a contact instead of a channel', async () => {
    const bodies: string[] = []
    let arrived: () => void = () => {}
    const second = new Promise<void>((resolve) => { arrived = resolve })
    const hook = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => { body += chunk.toString() })
      request.on('end', () => {
        bodies.push(body)
        response.end()
        if (bodies.length === 2) arrived()
      })
    })
    await new Promise<void>((resolve) => { hook.listen(0, '127.0.0.1', resolve) })
    try {
      const uri = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/events`
      const body = `<Subscription xmlns="http://schema.broadsoft.com/xsi"><event>Do Not Disturb</event><httpContact><uri>${uri}</uri></httpContact></Subscription>`
      assert.equal((await house.admin.request('POST', `${EVENTS}/user/bob@example.com`, { body })).status, 200)
      house.simulator.pbx.setDnd('bob', true)
      await second
      assert.match(bodies[1] ?? '', new RegExp(`<xsi:httpContact><xsi:uri>${uri}</xsi:uri></xsi:httpContact><xsi:targetId>bob@example.com<.*<xsi:active>true<`))
    } finally {
      await new Promise((resolve) => { hook.close(resolve) })
    }
  })

  it('9.9 agent pause and a queue call, at the agent and at the queue', async () => {
    const { pbx } = house.simulator
    await house.admin.subscribe('user/bob@example.com', 'Call Center Agent', SET)
    await house.admin.subscribe('user/support@example.com', 'Call Center Queue', SET)
    await house.admin.subscribe('user/bob@example.com', 'Advanced Call', SET)
    const set = (inner: string) => house.bob.user('PUT', 'bob@example.com', '/services/CallCenter', { body: `<CallCenter xmlns="http://schema.broadsoft.com/xsi">${inner}</CallCenter>` })
    const fresh = async (): Promise<string[]> => {
      const all = await channel.settle()
      const part = all.slice(seen)
      seen = all.length
      return part.map((event) => {
        const state = at(event.data, 'xsi:agentStateInfo', 'xsi:state')
        const code = at(event.data, 'xsi:agentStateInfo', 'xsi:unavailableCode')
        return [brief(event), state, code].filter((item) => item !== undefined).join(' ')
      })
    }
    let seen = 0
    assert.deepEqual(await fresh(), ['AgentSubscription', 'ACDSubscription', 'CallSubscription On-Hook'])
    assert.equal((await set('<agentACDState>Available</agentACDState>')).status, 200)
    assert.equal((await set('<agentACDState>Unavailable</agentACDState><agentUnavailableCode>LUNCH</agentUnavailableCode>')).status, 200)
    assert.equal((await set('<agentACDState>Unavailable</agentACDState><agentUnavailableCode>NAP</agentUnavailableCode>')).status, 400)
    assert.equal((await set('<agentACDState>Available</agentACDState>')).status, 200)
    assert.deepEqual(await fresh(), ['AgentState Available', 'AgentState Unavailable LUNCH', 'AgentState Available'])

    pbx.inbound({ from: CAROL, to: '1050' })
    const leg = pbx.connectionsOf('bob')[0]?.key ?? ''
    pbx.answer(leg)
    const answered = (await channel.settle()).find((event) => event.type === 'ACDCallAnsweredByAgentEvent')
    const received = (await channel.settle()).find((event) => event.type === 'CallReceivedEvent')
    assert.equal(at(answered?.data, 'xsi:queueEntry', 'xsi:answeringUserId'), 'bob@example.com')
    assert.equal(at(answered?.data, 'xsi:queueEntry', 'xsi:answeringCallId'), at(received?.data, 'xsi:call', 'xsi:callId'))
    assert.equal(at(received?.data, 'xsi:call', 'xsi:huntGroupUserId'), 'support@example.com')
    assert.equal(at(received?.data, 'xsi:call', 'xsi:acdCallInfo', 'xsi:acdUserId'), 'support@example.com')
    assert.equal(answered?.target, 'support@example.com')
    assert.deepEqual((await fresh()).map((line) => line.split(' ')[0]), ['ACDCallAdded', 'ACDCallOfferedToAgent', 'CallReceived', 'CallUpdated', 'HookStatus', 'CallAnswered', 'ACDCallAnsweredByAgent'])
    assert.equal((await set('<agentACDState>Unavailable</agentACDState><agentUnavailableCode>BREAK</agentUnavailableCode>')).status, 200)
    assert.deepEqual(await fresh(), ['AgentState Unavailable BREAK'], 'counts at once, also during a call')
    assert.equal((await set('<agentACDState>Available</agentACDState>')).status, 200)
    pbx.external(leg).hangUp()
    await channel.settle()
    house.clock.advance(10_000)
    const end = await fresh()
    assert.deepEqual(end.filter((line) => line.startsWith('AgentState')), ['AgentState Available', 'AgentState Wrap-Up', 'AgentState Available'])

    pbx.inbound({ from: CAROL, to: '1050' })
    pbx.reject(pbx.connectionsOf('bob')[0]?.key ?? '')
    assert.ok((await fresh()).some((line) => line.startsWith('ACDCallBounced')))
    pbx.external(pbx.queued('support')[0]?.key ?? '').hangUp()
    assert.ok((await fresh()).some((line) => line.startsWith('ACDCallAbandoned')))
  })
})
