import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { startSimulator } from '../../src/simulator/simulator'
import { CAROL, openHouse, type House } from './support/house'
import { brief } from './support/xsiClient'

describe('simulator', () => {
  let house: House
  beforeEach(async () => { house = await openHouse({ token: 'control-token' }) })
  afterEach(() => house.close())

  const control = async (method: string, path: string, body?: unknown, token = 'control-token'): Promise<{ status: number; body: Record<string, unknown> }> => {
    const answer = await fetch(house.simulator.control.url + path, { method, headers: { Authorization: `Bearer ${token}`, Connection: 'close' }, body: body === undefined ? undefined : JSON.stringify(body) })
    return { status: answer.status, body: await answer.json() as Record<string, unknown> }
  }

  it('names a face, its address and logins that work, and no face that it has not got', async () => {
    const login = house.simulator.demoLogin('xsi')
    assert.equal(login.url, house.simulator.faces.xsi?.url)
    assert.equal((await house.client(login.username, login.password).user('GET', login.username, '/profile')).status, 200)
    assert.equal((await house.client(login.adminUsername, login.adminPassword).user('GET', login.username, '/profile')).status, 200)
    assert.throws(() => house.simulator.demoLogin('telex' as 'xsi'), /no face "telex"/)
  })

  it('restarts a face on its port while calls go on, and forgets its clients', async () => {
    const { url } = house.simulator.demoLogin('xsi')
    const channel = await house.bob.open({ set: 'set-1' })
    await house.bob.subscribe('user/bob@example.com', 'Advanced Call', 'set-1')
    const leg = house.simulator.pbx.inbound({ from: CAROL, to: '1002' })
    house.simulator.pbx.answer(leg?.key ?? '')
    const back = house.simulator.restartFace('xsi', { downMs: 1000 })
    await channel.until(() => channel.ended)
    await assert.rejects(house.bob.user('GET', 'bob@example.com', '/profile'))
    // The wait of the face begins when its sockets are gone.
    while (house.clock.waiting === 0) await new Promise((resolve) => { setImmediate(resolve) })
    house.clock.advance(1000)
    await back
    assert.equal(house.simulator.faces.xsi?.url, url)
    assert.match((await house.bob.user('GET', 'bob@example.com', '/calls')).text, /<callId>/)
    const again = await house.bob.open({ set: 'set-1' })
    await house.bob.subscribe('user/bob@example.com', 'Advanced Call', 'set-1')
    assert.match(brief((await again.settle())[0] ?? assert.fail('no event')), /^CallSubscription.*Off-Hook$/)
  })

  it('does not come back from a restart when it was closed meanwhile', async () => {
    const back = house.simulator.restartFace('xsi', { downMs: 1000 })
    while (house.clock.waiting === 0) await new Promise((resolve) => { setImmediate(resolve) })
    const failed = assert.rejects(back, /stopped/)
    await house.simulator.close()
    house.clock.advance(1000)
    await failed
    await assert.rejects(house.bob.user('GET', 'bob@example.com', '/profile'))
  })

  it('breaks and mends the line without forgetting subscriptions', async () => {
    await house.bob.open({ set: 'set-1' })
    await house.bob.subscribe('user/bob@example.com', 'Advanced Call', 'set-1')
    await house.simulator.face('xsi').line(false)
    await assert.rejects(house.bob.user('GET', 'bob@example.com', '/profile'))
    await house.simulator.face('xsi').line(true)
    const channel = await house.bob.open({ set: 'set-1' })
    house.simulator.pbx.inbound({ from: CAROL, to: '1002' })
    assert.ok((await channel.settle()).some((event) => event.type === 'CallReceivedEvent'))
  })

  it('leaves nothing running when a port is taken', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => { taken.listen(0, '127.0.0.1', resolve) })
    try {
      await assert.rejects(startSimulator({ ports: { control: (taken.address() as AddressInfo).port } }), /EADDRINUSE/)
    } finally {
      await new Promise((resolve) => { taken.close(resolve) })
    }
  })

  it('runs scenarios and traffic', async () => {
    assert.ok(house.simulator.scenarios.includes('in-answered'))
    await house.simulator.runScenario('in-answered')
    await assert.rejects(house.simulator.runScenario('none'))
    house.simulator.traffic.set(60)
    house.clock.advance(30_000)
    assert.equal(house.simulator.traffic.rate.callsPerMinute, 60)
    assert.ok(house.simulator.log.read().filter((line) => line.type === 'originated').length > 5)
    await house.simulator.traffic.stop()
    assert.equal(house.simulator.traffic.rate.callsPerMinute, 0)
  })

  it('is driven over the control API, with the token only', async () => {
    assert.equal((await control('GET', '/state', undefined, 'wrong')).status, 401)
    assert.equal((await control('GET', '/nothing')).status, 404)
    const call = await control('POST', '/calls/inbound', { from: CAROL, to: '1002' })
    assert.equal(call.body.state, 'alerting')
    const key = String(call.body.key)
    assert.equal((await control('POST', `/calls/${key}/answer`)).status, 200)
    assert.equal((await control('POST', `/calls/${key}/answer`)).status, 409)
    assert.equal(house.simulator.pbx.connections.get(key)?.state, 'connected')
    assert.equal((await control('POST', `/calls/${key}/hangup`)).status, 200)
    assert.equal((await control('POST', `/calls/${key}/hangup`)).status, 404)
    assert.equal((await control('POST', '/calls/inbound', { from: CAROL })).status, 400)
    assert.equal((await control('POST', '/traffic', { callsPerMinute: -1 })).status, 400)
    assert.deepEqual((await control('POST', '/traffic', { callsPerMinute: 6 })).body, { callsPerMinute: 6, eventsPerSecond: 0 })
    assert.equal((await control('POST', '/traffic', { callsPerMinute: 0 })).status, 200)
    const fault = await control('POST', '/faults', { kind: 'status', status: 503, times: 1, face: 'xsi' })
    assert.equal((await house.bob.user('GET', 'bob@example.com', '/profile')).status, 503)
    assert.equal((await control('DELETE', `/faults/${String(fault.body.id)}`)).status, 404, 'used up')
    assert.equal((await control('POST', '/faults', { kind: 'earthquake' })).status, 400)
    const channel = await house.bob.open({ set: 'set-1' })
    assert.deepEqual((await control('POST', '/faces/xsi/dropConnections')).body, { met: 1 })
    await channel.until(() => channel.ended)
    assert.equal((await control('POST', '/scenarios/in-answered', { wait: true })).status, 200)
    assert.equal((await control('POST', '/scenarios/none')).status, 404)
    assert.equal((await control('POST', '/faces/xsi/restart')).status, 200)
    const log = await fetch(`${house.simulator.control.url}/log?limit=3`, { headers: { Authorization: 'Bearer control-token', Connection: 'close' } })
    assert.equal((await log.json() as unknown[]).length, 3)
    assert.equal((await control('POST', '/pbx/restart')).status, 200)
  })
})
