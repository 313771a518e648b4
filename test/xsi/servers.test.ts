import assert from 'node:assert/strict'
import type { SrvRecord, XsiOptions } from '../../src/xsi/options'
import { inOrder, serversOf } from '../../src/xsi/servers'
import { House, type Line } from './harness'

const CAROL = '+12025550199'
const BASE: XsiOptions = { auth: { kind: 'basic', username: 'u', password: 'p' }, applicationId: 'a', channelSetId: 's', random: () => 0 }
const record = (name: string, priority: number, weight = 50, port = 443): SrvRecord => ({ name, priority, weight, port })
const answer = (...records: SrvRecord[]) => (name: string): Promise<SrvRecord[]> => name === '_xsi-client._tcp.xsi.example.com' ? Promise.resolve(records) : Promise.reject(new Error(`ENOTFOUND ${name}`))

describe('XSI: the servers of an account', () => {
  it('come in the order of priority, and by weight among equals', () => {
    const records = [record('c', 20), record('a', 10, 10), record('b', 10, 90)]
    assert.deepEqual(inOrder(records, () => 0).map(({ name }) => name), ['a', 'b', 'c'])
    assert.deepEqual(inOrder(records, () => 0.5).map(({ name }) => name), ['b', 'a', 'c'])
    assert.deepEqual(inOrder([record('x', 1, 0), record('y', 1, 0)], () => 0.9).map(({ name }) => name), ['x', 'y'])
    assert.deepEqual(inOrder([record('.', 0)], () => 0), [])
  })

  it('are those of the SRV records of the host, without the ones that speak no TLS', async () => {
    const found = await serversOf({ ...BASE, host: 'xsi.example.com', resolveSrv: answer(record('xsp2.example.com.', 20), record('xsp1.example.com', 10, 50, 8443), record('xsp1.example.com', 10, 50, 80)) })
    assert.deepEqual(found.channels.map(({ channel }) => channel), ['https://xsp1.example.com:8443', 'https://xsp2.example.com'].map((origin) => `${origin}/com.broadsoft.async/com.broadsoft.xsi-events`))
    assert.deepEqual(found.commands, found.channels)
  })

  it('leave commands where whole addresses were entered', async () => {
    const found = await serversOf({
      ...BASE, actionsUrl: 'https://api.example.com/com.broadsoft.xsi-actions', eventsUrl: 'https://api.example.com/com.broadsoft.xsi-events', srvDomain: 'xsi.example.com',
      resolveSrv: answer(record('one.example.com', 1), record('two.example.com', 2))
    })
    assert.deepEqual(found.commands.map(({ actions }) => actions), ['https://api.example.com/com.broadsoft.xsi-actions'])
    assert.deepEqual(found.channels.map(({ actions, events }) => [actions, events]), ['one', 'two'].map((name) => ['https://api.example.com/com.broadsoft.xsi-actions', `https://${name}.example.com/com.broadsoft.xsi-events`]))
  })

  const unasked: [string, Partial<XsiOptions>][] = [
    ['an address', { host: '192.0.2.1' }], ['a port', { host: 'xsi.example.com:8443' }], ['a list', { host: 'xsi.example.com', servers: ['xsp2.example.com'] }], ['a bare name', { host: 'localhost' }]
  ]
  for (const [what, options] of unasked) {
    it(`are what was entered when that is ${what}: nobody is asked`, async () => {
      const found = await serversOf({ ...BASE, ...options, resolveSrv: () => { throw new Error('asked') } })
      assert.equal(found.channels.length, 1 + (options.servers?.length ?? 0))
    })
  }

  it('are the host when there are no records', async () => {
    const found = await serversOf({ ...BASE, host: 'other.example.com', resolveSrv: answer() })
    assert.deepEqual(found.channels.map(({ events }) => events), ['https://other.example.com/com.broadsoft.xsi-events'])
  })
})

describe('XSI: several event servers', () => {
  let house: House
  afterEach(() => house.close())

  const build = async (count = 2): Promise<void> => { house = await House.build({ servers: count }) }
  const channels = (): { id: string; server?: number }[] => house.face.connections()
  const online = async (): Promise<Line> => {
    const line = await house.online({ servers: house.face.urls.slice(1), random: () => 0 })
    await house.until(() => channels().length === house.face.urls.length, 'a channel to each server')
    return line
  }

  it('have a channel each, in one set, preferred in their order', async () => {
    await build(3)
    await online()
    const set = house.face.site.channels.ofSet('set-0')
    assert.deepEqual(set.map(({ priority }) => priority).sort(), [1, 2, 3])
    assert.deepEqual(channels().map(({ server }) => server).sort(), [0, 1, 2])
  })

  it('keep their channels by heartbeats, renewals and acknowledgements to the server of the stream', async () => {
    house = await House.build({ servers: 2, heartbeatTimeoutMs: 400, answerExpires: 1, ackTimeoutMs: 300 })
    const line = await house.online({ servers: house.face.urls.slice(1), heartbeatMs: 100 })
    await house.until(() => channels().length === 2, 'both channels')
    const ids = channels().map(({ id }) => id).sort()
    house.pbx.inbound({ from: CAROL, to: '1002' })
    await line.event('call.ringing')
    const deadline = Date.now() + 1300
    await house.until(() => Date.now() > deadline, 'several heartbeats and more than one life')
    assert.deepEqual(channels().map(({ id }) => id).sort(), ids)
    const { resent, lost, waiting } = house.face.figures()
    assert.deepEqual([resent, lost, waiting], [0, 0, 0])
    assert.deepEqual(line.warnings, [])
  })

  it('stand in for each other: events go on, and the lost channel comes back alone', async () => {
    await build()
    const line = await online()
    const from = line.events.length
    await house.face.line(false, 0)
    await line.until(() => line.warnings.includes('channelLost'), 'the loss to be noticed')
    assert.deepEqual(channels().map(({ server }) => server), [1])
    house.pbx.inbound({ from: CAROL, to: '1002' })
    const ringing = await line.event('call.ringing', from)
    await line.perform('answer', { callId: ringing.call?.id, confirm: 'completed' })
    await house.face.line(true, 0)
    await house.until(() => channels().length === 2, 'the channel to come back')
    await line.perform('hangup', { callId: ringing.call?.id, confirm: 'completed' })
    assert.deepEqual(line.calls(from), ['call.ringing', 'call.answered', 'call.ended'])
    assert.ok(!line.names.includes('connection.lost'))
    assert.equal(line.session.status.state, 'online')
  })

  it('do not repeat an event that one of them sends again for the other', async () => {
    house = await House.build({ servers: 2, ackTimeoutMs: 100 })
    const line = await online()
    house.faults.inject({ kind: 'status', face: 'xsi', path: 'eventresponse', status: 503, times: 2 })
    house.pbx.inbound({ from: CAROL, to: '1002' })
    await line.event('call.ringing')
    await house.until(() => house.face.figures().resent > 0, 'an event to be sent again')
    await house.until(() => house.face.figures().waiting === 0, 'all acknowledgements')
    assert.equal(line.names.filter((name) => name === 'call.ringing').length, 1)
    assert.equal(channels().length, 2)
  })

  it('are lost when the last one is', async () => {
    await build()
    const line = await online()
    await house.face.line(false)
    await line.until(() => line.session.status.state === 'waiting', 'the session to be lost')
    await house.face.line(true)
    await line.event('connection.resync')
    await house.until(() => channels().length === 2, 'both channels')
  })

  it('suffice for a start when the first does not answer', async () => {
    await build()
    const urls = [...house.face.urls]
    await house.face.line(false, 0)
    const line = house.line({ host: urls[0], servers: [urls[1]], random: () => 0 })
    await line.session.whenOnline(4000)
    assert.deepEqual(channels().map(({ server }) => server), [1])
    await house.face.line(true, 0)
    await house.until(() => channels().length === 2, 'the other channel')
  })

  it('notice a stream that is silent although its socket stands', async () => {
    await build()
    const line = await house.online({ servers: house.face.urls.slice(1), heartbeatMs: 100, silenceMs: 500, random: () => 0 })
    await house.until(() => channels().length === 2, 'both channels')
    const [silent] = channels()
    house.faults.inject({ kind: 'noHeartbeat', face: 'xsi', connection: silent?.id })
    await line.until(() => line.warnings.includes('channelLost'), 'the silence to be noticed')
    await house.until(() => channels().length === 2 && channels().every(({ id }) => id !== silent?.id), 'a new channel')
    assert.equal(line.session.status.state, 'online')
  })

  it('are found by SRV records', async () => {
    await build()
    const ports = house.face.urls.map((url) => Number(new URL(url).port))
    await house.online({ host: 'http://xsi.example.com', resolveSrv: answer(...ports.map((port, priority) => record('127.0.0.1', priority, 50, port))) })
    await house.until(() => channels().length === 2, 'both channels')
  })

  it('stop together when another program takes the application id', async () => {
    await build()
    const line = await online()
    await house.online({ applicationId: 'app-0', channelSetId: 'another-set' })
    await line.until(() => line.session.status.state === 'refused', 'the session to stop')
    assert.match(line.error?.message ?? '', /application id/)
  })

  it('leave nothing behind', async () => {
    await build()
    const line = await online()
    await line.close()
    assert.deepEqual([channels().length, house.face.site.subscriptions.size], [0, 0])
  })
})
