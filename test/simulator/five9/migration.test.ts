import assert from 'node:assert/strict'
import { APP, type BareClient, type Doc, type Feed, SUP } from './client'
import { ADA, DISPOSITION, Five9World } from './world'

const detail = (body: unknown): Doc => (body as { five9ExceptionDetail: Doc }).five9ExceptionDetail

describe('simulator/five9 migration', () => {
  let world: Five9World
  let rosa: BareClient
  let feed: Feed
  const open = async (...options: Parameters<typeof Five9World.open>): Promise<void> => {
    world = await Five9World.open(...options)
    rosa = world.client('rosa.agent')
    feed = await rosa.work()
  }
  afterEach(() => world.close())

  it('9.5: is announced, names the new place, closes the sockets, and asks for a new log-in there', async () => {
    await open({ servers: 2 })
    const [first, second] = world.face.urls
    assert.equal(rosa.api, first)
    world.face.migrate({ announceMs: 600_000 })
    assert.equal((await feed.next('37')).payLoad, 600_000)
    await feed.next('70')
    const told = await feed.next('1001')
    assert.equal((await feed.whenClosed()).code, 1000)
    const refusal = await rosa.mine('GET', 'presence')
    assert.deepEqual([refusal.status, detail(refusal.body).errorCode, detail(refusal.body).context], [435, 5001, { contextCode: 'MIGRATION', farmId: '150' }])
    assert.equal((await rosa.openFeed().catch(({ status }: { status: number }) => status)), 435)
    rosa.take({ headers: {}, body: told.payLoad })
    assert.deepEqual([rosa.api, rosa.farmId], [second, '150'])
    assert.equal((await rosa.app('GET', 'auth/metadata')).status, 200)
    assert.equal(await rosa.state(), 'RELOGIN')
    assert.equal((await rosa.mine('GET', 'presence')).status, 435)
    assert.deepEqual([(await rosa.mine('PUT', 'session_restart')).status, await rosa.state()], [204, 'WORKING'])
    feed = await rosa.feed()
    assert.equal(world.face.connections()[0]?.server, 1)
    assert.equal((await rosa.mine('GET', 'presence')).status, 200)
    assert.equal(world.pbx.agentState('agent-rosa'), 'notReady')
  })

  it('gives the new place on the old host\'s metadata as well', async () => {
    await open({ servers: 2 })
    world.face.migrate()
    rosa.take(await rosa.app('GET', 'auth/metadata'))
    assert.deepEqual([rosa.api, await rosa.state()], [world.face.urls[1], 'RELOGIN'])
  })

  it('waits for the calls of an agent, and takes him along when they are over', async () => {
    await open({ servers: 2 })
    await rosa.mine('PUT', 'presence', { currentState: { readyChannels: ['CALL'] } })
    world.pbx.inbound({ from: ADA, to: '0500' })
    const { id } = (await feed.next('3')).payLoad as { id: string }
    await rosa.onCall('PUT', id, 'answer')
    world.face.migrate()
    await feed.next('1001')
    assert.equal((await rosa.onCall('PUT', id, 'hold')).status, 204)
    assert.equal((await rosa.onCall('PUT', id, 'disconnect')).status, 204)
    await feed.next(({ payLoad }) => (payLoad as Doc).state === 'WRAP_UP')
    await feed.whenClosed()
    rosa.take(await rosa.app('GET', 'auth/metadata'))
    await rosa.mine('PUT', 'session_restart')
    assert.equal((await rosa.onCall('PUT', id, 'dispose', { dispositionId: DISPOSITION })).status, 200)
  })

  it('moves at once when it is forced, and on the same host to another farm', async () => {
    await open()
    await rosa.mine('PUT', 'presence', { currentState: { readyChannels: ['CALL'] } })
    world.pbx.inbound({ from: ADA, to: '0500' })
    world.face.act('resync')
    await feed.next('1002')
    await feed.whenClosed()
    const refusal = await rosa.mine('GET', 'interactions')
    assert.deepEqual([refusal.status, detail(refusal.body).errorCode], [435, 5001])
    rosa.farmId = String((detail(refusal.body).context as Doc).farmId)
    assert.equal(await rosa.state(), 'RELOGIN')
    await rosa.mine('PUT', 'session_restart')
    assert.equal(((await rosa.mine('GET', 'interactions')).body as Doc[]).length, 1)
  })

  it('is begun by a supervisor, who can ask where it will go; the end of maintenance is told to who is back', async () => {
    await open({ servers: 2 })
    const sam = world.client('sam.super')
    const sws = await sam.work('supervisor')
    const next = (await sam.call('GET', `${SUP}/supervisors/{uid}/switchover_metadata`)).body as { context: Doc }
    assert.equal(next.context.farmId, '150')
    const moved = await sam.sup('PUT', 'supervisors/{uid}/migrate')
    assert.deepEqual([moved.status, ((moved.body as Doc).context as Doc).farmId], [200, '150'])
    await sws.next('1001')
    world.face.migrate({ announceMs: 1000 })
    sam.take(await sam.call('GET', `${SUP}/auth/metadata`))
    assert.equal(sam.farmId, '151')
    const back = await sam.feed('supervisor', 'again')
    await sam.sup('PUT', 'supervisors/{uid}/session_restart')
    await back.next('73')
    assert.equal(await sam.state('supervisor'), 'WORKING')
  })

  it('refuses the name of a farm that is not the domain\'s', async () => {
    await open()
    const refusal = await rosa.call('GET', `${APP}/agents/{uid}/presence`, { headers: { farmId: 'APIKEY1' } })
    assert.deepEqual([refusal.status, (detail(refusal.body).context as Doc).farmId], [435, '149'])
    assert.equal((await rosa.call('GET', `${APP}/agents/{uid}/presence`, { auth: 'cookie' })).status, 200)
    assert.equal((await rosa.mine('GET', 'switchover_metadata')).status, 435)
  })
})
