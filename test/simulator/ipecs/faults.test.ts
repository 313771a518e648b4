/** Failures on request, restarts and broken lines. */
import assert from 'node:assert/strict'
import { IpecsFace } from '../../../src/simulator/ipecs/face'
import { ask, type RawClient } from './client'
import { IpecsWorld } from './world'

describe('simulator/ipecs faults', () => {
  let world: IpecsWorld
  let client: RawClient
  beforeEach(async () => {
    world = await IpecsWorld.open()
    client = await world.listener('1001', '1002')
  })
  afterEach(() => world.close())

  const face = (): IpecsFace => {
    const found = world.simulator.face('ipecs')
    assert.ok(found instanceof IpecsFace)
    return found
  }
  const dnd = (enabled: boolean): void => { world.pbx.setDnd('ann', enabled) }

  it('answers with a given status, an empty body, late, never, or cuts the line', async () => {
    const { faults } = world.simulator
    faults.failNext('ipecs', 503, { path: 'call/status', retryAfter: 2 })
    const busy = await client.request('GET', 'call/status?deviceNumber=1001')
    assert.deepEqual([busy.status, busy.headers['retry-after'], busy.body], [503, '2', { error: { code: 99, message: 'unknown' } }])
    faults.inject({ kind: 'status', face: 'ipecs', status: 502, body: '<html>bad gateway</html>', contentType: 'text/html', times: 1 })
    assert.deepEqual((await client.request('POST', 'checkconnection')).text, '<html>bad gateway</html>')
    faults.inject({ kind: 'empty', face: 'ipecs', times: 1 })
    assert.equal((await client.request('POST', 'checkconnection')).text, '')
    faults.inject({ kind: 'cut', face: 'ipecs', times: 1 })
    await assert.rejects(client.request('POST', 'checkconnection'))
    faults.inject({ kind: 'slow', face: 'ipecs', ms: 3000, times: 1 })
    const slow = client.request('POST', 'checkconnection')
    await client.request('POST', 'checkconnection')
    world.clock.advance(3000)
    assert.equal((await slow).status, 200)
    faults.inject({ kind: 'hang', face: 'ipecs', times: 1 })
    const hung = client.request('POST', 'checkconnection')
    await client.request('POST', 'checkconnection')
    await Promise.all([assert.rejects(hung), face().restart()])
  })

  it('sends the events of a request before its answer', async () => {
    world.simulator.faults.inject({ kind: 'eventsFirst', face: 'ipecs', times: 1 })
    let events = -1
    const answered = client.post('make', { deviceNumber: '1001', calledDN: '1002' }).then(() => { events = client.frames.length })
    await client.next(({ event }) => event === 'call')
    await answered
    assert.ok(events >= 0)
  })

  it('loses, repeats, spoils, splits and merges frames, so that serials have gaps and doubles', async () => {
    const { faults } = world.simulator
    const serials = async (): Promise<unknown[]> => (await client.settle()).filter(({ event }) => event === 'call').map(({ data }) => (data as { evtSerialNum: number }).evtSerialNum)
    faults.inject({ kind: 'lose', face: 'ipecs', times: 2 })
    dnd(true)
    dnd(false)
    assert.deepEqual(await serials(), [2])
    faults.inject({ kind: 'duplicate', face: 'ipecs', times: 2 })
    dnd(true)
    assert.deepEqual(await serials(), [3, 3])
    faults.inject({ kind: 'malformed', face: 'ipecs', times: 1 })
    dnd(false)
    assert.deepEqual([await serials(), client.garbage.length], [[4], 1])
    const split = faults.inject({ kind: 'split', face: 'ipecs', size: 7 })
    dnd(true)
    await new Promise((resolve) => { setImmediate(resolve) })
    world.clock.advance(1000)
    assert.deepEqual(await serials(), [5])
    faults.revoke(split.id)
    faults.inject({ kind: 'merge', face: 'ipecs', size: 2, times: 2 })
    dnd(false)
    assert.deepEqual([await serials(), client.garbage.length], [[6], 1])
    faults.inject({ kind: 'noEvents', face: 'ipecs', times: 2 })
    dnd(true)
    assert.deepEqual(await serials(), [])
    faults.inject({ kind: 'unknown', face: 'ipecs', times: 1 })
    dnd(false)
    assert.deepEqual((await client.settle())[0], { event: 'probe', data: { type: 'unknownToEveryClient', eventCode: 999, deviceNumber: '0000' } })
  })

  it('forgets the beat', async () => {
    world.simulator.faults.inject({ kind: 'noHeartbeat', face: 'ipecs', times: 1 })
    world.clock.advance(60_000)
    assert.deepEqual(await client.told(), [])
    world.clock.advance(60_000)
    assert.equal((await client.told()).length, 1)
  })

  it('drops channels, whose sessions live on', async () => {
    assert.deepEqual(face().connections().map(({ kind, owner }) => [kind, owner]), [['socket', 'apiuser']])
    assert.equal(face().act('dropConnections'), 1)
    await client.until(() => client.closed !== undefined)
    await world.hangUp(client)
    await client.open()
    dnd(true)
    assert.equal((await client.told()).length, 2, 'monitors are those of the session')
  })

  it('forgets tokens while the channel goes on', async () => {
    assert.equal(face().commands?.forgetTokens?.run({}), 1)
    assert.equal((await client.request('POST', 'checkconnection')).status, 401)
    dnd(true)
    assert.equal((await client.told()).length, 2)
    assert.equal((await client.login()).status, 200)
  })

  it('takes passwords out of use, and back', async () => {
    assert.equal(face().act('expireCredentials'), 1)
    assert.equal((await client.request('POST', 'checkconnection')).status, 401)
    assert.equal((await client.login()).status, 401)
    face().act('renewCredentials')
    assert.equal((await client.login()).status, 200)
  })

  it('ends monitors', async () => {
    assert.equal(face().act('endSubscriptions'), 1)
    dnd(true)
    assert.deepEqual(await client.told(), ['A 19 Station/1001>/ - -'])
  })

  it('goes away and comes back without its sessions, on the same port, while calls go on', async () => {
    const { url } = face()
    const leg = world.ring('1001')
    await face().restart()
    assert.equal(face().url, url)
    await client.until(() => client.closed !== undefined)
    assert.equal((await client.request('POST', 'checkconnection')).status, 401)
    await client.ready('1001')
    world.pbx.answer(leg.key)
    assert.equal((await client.told()).at(-1), 'C connected 1001 ref214 callingDN=2025550123 calledDN=1001 cause=59')
  })

  it('comes back with a certificate that nobody trusts', async () => {
    await face().restart({ newCertificate: true })
    await assert.rejects(client.login(), /self-signed|certificate/)
    assert.equal((await world.client().login()).status, 200)
  })

  it('keeps sessions while the line is broken', async () => {
    await face().line(false)
    await client.until(() => client.closed !== undefined)
    await assert.rejects(client.request('POST', 'checkconnection'))
    await face().line(true)
    assert.equal((await client.request('POST', 'checkconnection')).status, 200)
    world.clock.advance(120_000)
    assert.equal((await client.request('POST', 'checkconnection')).status, 401)
  })

  it('bears what is no HTTP, and bodies that are too long', async () => {
    assert.equal((await client.request('POST', 'call/make', { text: 'x'.repeat(300 * 1024) })).status, 400)
    assert.equal((await client.request('GET', 'call/status?q=%7B%22')).status, 400)
    for (const path of ['//', '/ipxapi/server/v1/users/%ZZ/login', '/*']) assert.ok((await ask(client.place, 'GET', path)).status >= 400)
    await assert.rejects(client.open({ path: '/ipxapi/server/v1/users/%ZZ/login' }), /400/)
    assert.equal((await client.request('POST', 'call/monitor', { body: { deviceNumber: [{}] } })).status, 400)
    assert.equal((await client.request('POST', 'call/monitor', { body: {} })).status, 400)
  })
})
