import assert from 'node:assert/strict'
import { type BareClient, type Doc } from './client'
import { ADA, Five9World, ROSA, SALES } from './world'

describe('simulator/five9 sockets', () => {
  let world: Five9World
  let rosa: BareClient
  const open = async (...options: Parameters<typeof Five9World.open>): Promise<void> => {
    world = await Five9World.open(...options)
    rosa = world.client('rosa.agent')
    await rosa.login()
    await rosa.start()
  }
  afterEach(() => world.close())

  it('greets with 1010 and answers the text ping with 1202, both in the shape of the sheet', async () => {
    await open()
    const feed = await rosa.openFeed()
    const greeting = await feed.next('1010')
    const context = { eventId: '1010', eventReason: 'Successful WebSocket Connection', messageId: null, userId: ROSA, correlationId: null, userName: null, timeStamp: world.clock.now(), tenantId: '131001', broadCast: false }
    assert.deepEqual([feed.raw[0], greeting.context], [JSON.stringify({ context, payLoad: null }), context])
    world.clock.advance(15_000)
    feed.ws.send('ping')
    await feed.next('1202')
    assert.equal(feed.raw[1], JSON.stringify({ context: { ...context, eventId: '1202', eventReason: null, timeStamp: world.clock.now() }, payLoad: 'pong' }))
  })

  it('does not count the frames of the protocol, nor anything else, as a ping', async () => {
    await open({ pingTimeoutMs: 60_000 })
    const feed = await rosa.feed()
    world.clock.advance(50_000)
    await feed.settle()
    world.clock.advance(50_000)
    feed.ws.ping()
    feed.ws.send('{"ping":true}')
    feed.ws.send('PING')
    await new Promise((resolve) => { feed.ws.once('pong', resolve) })
    world.clock.advance(10_000)
    assert.deepEqual(await feed.whenClosed(), { code: 1001, reason: 'No ping' })
  })

  it('lets one socket live for a key: the second one gets 1020 and 3000, the first goes on', async () => {
    await open()
    const first = await rosa.feed('agent', 'one_agent')
    const second = await rosa.openFeed('agent', 'one_agent')
    await second.next('1020')
    assert.equal((await second.whenClosed()).code, 3000)
    const other = await rosa.feed('agent', 'another')
    await rosa.mine('PUT', 'presence', { currentState: { readyChannels: ['CALL'] } })
    for (const feed of [first, other]) assert.deepEqual((await feed.settle()).map(({ id }) => id), ['12'])
    first.ws.close()
    await first.whenClosed()
    while (world.face.connections().length > 1) await new Promise((resolve) => { setImmediate(resolve) })
    await rosa.feed('agent', 'one_agent')
  })

  it('refuses an upgrade without a session, on a wrong path or by a fault', async () => {
    await open()
    const refused = (half: 'agent' | 'supervisor', key: string, auth: 'none' | 'both', status: number): Promise<void> => assert.rejects(rosa.openFeed(half, key, auth), { status })
    await refused('agent', 'key', 'none', 401)
    await refused('agent', 'key/more', 'both', 404)
    world.simulator.faults.failNext('five9', 503, { path: '/appsvcs/ws/' })
    await refused('agent', 'key', 'both', 503)
    const feed = await rosa.openFeed('agent', 'key', 'cookie')
    await feed.next('1010')
  })

  it('lists its connections, and cuts one or all', async () => {
    await open()
    const [one, two] = [await rosa.feed('agent', 'a'), await rosa.feed('agent', 'b')]
    const listed = world.face.connections()
    assert.deepEqual(listed.map(({ kind, owner }) => [kind, owner]), [['agent', 'rosa.agent@example.com'], ['agent', 'rosa.agent@example.com']])
    assert.equal(world.face.act('dropConnections', listed[0]?.id), 1)
    assert.equal((await one.whenClosed()).code, 1006)
    assert.deepEqual((await two.settle()), [])
    assert.equal(world.face.act('endSubscriptions'), 1)
    await two.next('1003')
    assert.equal((await two.whenClosed()).code, 1003)
  })

  it('says nothing twice that did not happen twice, and never tells an agent of others', async () => {
    await open()
    const ben = world.client('ben.agent')
    const [feed, other] = [await rosa.feed(), await ben.work()]
    await rosa.mine('PUT', 'presence', { currentState: { readyChannels: ['CALL'] } })
    world.pbx.inbound({ from: ADA, to: '0500' })
    assert.deepEqual((await feed.settle()).map(({ id }) => id), ['12', '3', '30'])
    assert.deepEqual(await other.settle(), [])
    const ids = feed.events.map(({ context }) => context.messageId).filter((id) => id !== null)
    assert.equal(new Set(ids).size, ids.length)
  })

  it('goes away and comes back on its port, knowing no session any more', async () => {
    await open()
    const feed = await rosa.feed()
    const { url } = world.face
    const back = world.face.restart({ downMs: 5000 })
    await feed.whenClosed()
    await assert.rejects(rosa.state())
    while (world.clock.waiting === 0) await new Promise((resolve) => { setImmediate(resolve) })
    world.clock.advance(5000)
    assert.equal((await back).url, url)
    assert.equal((await rosa.app('GET', 'auth/metadata')).status, 401)
    await world.face.line(false)
    await assert.rejects(rosa.login())
    await world.face.line(true)
    assert.equal((await rosa.login()).status, 200)
  })

  for (const [kind, expectation] of [
    ['split', 'whole'], ['duplicate', 'twice'], ['lose', 'nothing'], ['malformed', 'malformed'], ['truncated', 'malformed'], ['unknown', 'unknown'], ['oversize', 'large']
  ] as const) {
    it(`plays the fault ${kind}`, async () => {
      await open()
      const feed = await rosa.feed()
      world.simulator.faults.inject({ kind, face: 'five9', times: 1, ...(kind === 'oversize' ? { size: 100_000 } : {}) })
      await rosa.mine('PUT', 'presence', { currentState: { readyChannels: ['CALL'] } })
      // Pieces follow each other with a pause.
      world.clock.advance(100)
      const got = (await feed.settle()).map(({ id }) => id)
      assert.deepEqual(got, { whole: ['12'], twice: ['12', '12'], nothing: [], malformed: ['malformed'], unknown: ['9999', '12'], large: ['9998', '12'] }[expectation])
    })
  }

  it('forgets pongs and events where a fault says so', async () => {
    await open()
    const feed = await rosa.feed()
    const { faults } = world.simulator
    faults.inject({ kind: 'noHeartbeat', face: 'five9', times: 1 })
    faults.inject({ kind: 'noEvents', face: 'five9', path: '12', times: 1 })
    feed.ws.send('ping')
    await rosa.mine('PUT', 'presence', { currentState: { readyChannels: ['CALL'] } })
    await rosa.mine('PUT', 'presence', { currentState: { readyChannels: [] } })
    assert.deepEqual((await feed.settle()).map(({ id }) => id), ['12'])
    assert.equal(feed.events.filter(({ id }) => id === '1202').length, 1)
    faults.inject({ kind: 'stall', face: 'five9' })
    await rosa.mine('PUT', 'presence', { currentState: { readyChannels: ['CALL'] } })
    feed.ws.send('ping')
    const before = feed.events.length
    await rosa.state()
    assert.equal(feed.events.length, before)
    faults.clear()
    await feed.next('12')
    await feed.next('1202')
  })

  it('plays faults of requests with the error body of the system, or with a page', async () => {
    await open()
    const { faults } = world.simulator
    faults.failNext('five9', 429, { retryAfter: 7 })
    const limited = await rosa.app('GET', 'auth/metadata')
    assert.deepEqual([limited.status, limited.headers['retry-after'], ((limited.body as Doc).five9ExceptionDetail as Doc).errorCode], [429, '7', 429])
    faults.failNext('five9', 502, { body: '<html><body>Bad gateway</body></html>' })
    const page = await rosa.app('GET', 'auth/metadata')
    assert.deepEqual([page.status, page.headers['content-type'], page.body], [502, 'text/html', undefined])
    faults.inject({ kind: 'slow', face: 'five9', times: 1, ms: 500 })
    const { waiting } = world.clock
    const slow = rosa.app('GET', 'auth/metadata')
    while (world.clock.waiting === waiting) await new Promise((resolve) => { setImmediate(resolve) })
    world.clock.advance(500)
    assert.equal((await slow).status, 200)
    faults.inject({ kind: 'cut', face: 'five9', times: 1 })
    await assert.rejects(rosa.app('GET', 'auth/metadata'))
    faults.inject({ kind: 'empty', face: 'five9', times: 1 })
    assert.deepEqual([(await rosa.app('GET', 'auth/metadata')).text], [''])
    faults.inject({ kind: 'pretty', face: 'five9', times: 1 })
    assert.match((await rosa.app('GET', 'auth/metadata')).text, /^\{\n {2}"tokenId"/)
  })

  it('sends the events of a request after its answer, unless a fault turns that round', async () => {
    await open()
    const feed = await rosa.feed()
    const order: string[] = []
    feed.ws.on('message', () => order.push('event'))
    const put = async (): Promise<void> => {
      await rosa.mine('PUT', 'active_skills', order.length === 0 ? [] : [SALES])
      order.push('reply')
    }
    await put()
    await feed.next('11')
    assert.equal(order.length, 2)
    world.simulator.faults.inject({ kind: 'eventsFirst', face: 'five9', times: 1 })
    await put()
    await feed.next('11')
    assert.equal(world.simulator.faults.counts.eventsFirst, 1)
  })

  it('tells of the PBX that lost its calls', async () => {
    await open()
    const feed = await rosa.feed()
    await rosa.mine('PUT', 'presence', { currentState: { readyChannels: ['CALL'] } })
    world.pbx.inbound({ from: ADA, to: '0500' })
    await feed.settle()
    world.pbx.restart()
    assert.deepEqual((await feed.settle()).map(({ id, payLoad }) => [id, (payLoad as Doc).state]), [['4', 'FINISHED'], ['5', 'FINISHED'], ['31', 'FINISHED']])
    assert.deepEqual((await rosa.mine('GET', 'interactions')).body, [])
  })

  it('tells of the station: the phone leaves and comes back', async () => {
    await open()
    const feed = await rosa.feed()
    world.pbx.setRegistered('rosa-desk', false)
    const gone = await feed.settle()
    assert.deepEqual(gone.map(({ id }) => id), ['18', '42'])
    assert.deepEqual(gone[0]?.payLoad, { stationId: '', stationType: 'SOFTPHONE', state: 'DISCONNECTED' })
    assert.equal((await rosa.mine('POST', 'interactions/make_external_call', { number: ADA })).status, 435)
    world.pbx.setRegistered('rosa-desk', true)
    assert.deepEqual((await feed.settle()).map(({ id, payLoad }) => [id, (payLoad as Doc).state]), [['18', 'CONNECTED']])
  })
})
