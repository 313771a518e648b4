import assert from 'node:assert/strict'
import { request } from 'node:https'
import { connect } from 'node:net'
import { WebSocket } from 'ws'
import { APP, ask, type Doc } from './client'
import { ADA, Five9World, ROSA, SUPPORT } from './world'

/** Bytes on a bare socket; what comes back until it closes. */
function bytes (port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => { socket.end(text) })
    let got = ''
    socket.on('data', (chunk: Buffer) => { got += chunk.toString() })
    socket.on('error', reject)
    socket.on('close', () => { resolve(got) })
  })
}

describe('simulator/five9 server', () => {
  const warnings: string[] = []
  const watch = (warning: Error): void => { if (warning.name === 'SimulatorWarning') warnings.push(String(warning.stack)) }
  let world: Five9World
  before(() => { process.on('warning', watch) })
  after(() => { process.off('warning', watch) })
  afterEach(async () => {
    await world.close()
    assert.deepEqual(warnings, [])
  })

  it('outlives garbage, odd addresses and bodies', async () => {
    world = await Five9World.open()
    const rosa = world.client('rosa.agent')
    const feed = await rosa.work()
    const port = Number(new URL(world.face.url).port)
    await bytes(port, 'NONSENSE\r\n\r\n')
    assert.match(await bytes(port, 'GET // HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'), /^HTTP\/1.1 401/)
    assert.match(await bytes(port, 'GET //[ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'), /^HTTP\/1.1 401/)
    for (const raw of ['{', '"text"', '[]', 'null', '{"__proto__":{"number":"1"}}', '{"number":{}}', '{"currentState":7}']) {
      for (const path of ['interactions/make_external_call', 'callbacks', 'interactions/make_agent_call']) assert.equal((await rosa.call('POST', `${APP}/agents/{uid}/${path}`, { raw })).status, 400, `${path} ${raw}`)
      assert.equal((await rosa.call('PUT', `${APP}/agents/{uid}/presence`, { raw })).status, 400, raw)
    }
    assert.equal((await rosa.call('GET', `${APP}/agents/%E0%A4%A/presence`)).status, 400)
    assert.equal((await rosa.call('GET', `${APP}/agents/{uid}/interactions/calls/__proto__`)).status, 404)
    assert.equal((await rosa.call('POST', `${APP}/agents/{uid}/callbacks`, { raw: JSON.stringify({ number: 'x'.repeat(5_000_000) }) })).status, 413)
    feed.ws.send('\u0000'.repeat(10_000))
    feed.ws.send(Buffer.from([1, 2, 3]))
    assert.deepEqual(await feed.settle(), [])
    feed.ws.send('x'.repeat(100_000))
    assert.equal((await feed.whenClosed()).code, 1009)
  })

  it('speaks TLS with a certificate that clients can trust, and then marks cookies as secure', async () => {
    world = await Five9World.open({ tls: true })
    const { ca } = world.simulator.demoLogin('five9')
    assert.match(world.face.url, /^https:/)
    const content = JSON.stringify({ passwordCredentials: { username: 'rosa.agent@example.com', password: 'demo' } })
    const { cookies, body } = await new Promise<{ cookies: string[]; body: Doc }>((resolve, reject) => {
      const asked = request(new URL(`${APP}/auth/login`, world.face.url), { method: 'POST', ca, agent: false, headers: { 'Content-Length': Buffer.byteLength(content) } }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => { resolve({ cookies: response.headers['set-cookie'] ?? [], body: JSON.parse(Buffer.concat(chunks).toString()) as Doc }) })
      })
      asked.on('error', reject)
      asked.end(content)
    })
    assert.ok(cookies.every((cookie) => cookie.includes('; Secure')))
    const ws = new WebSocket(`${world.face.url.replace('https', 'wss')}/appsvcs/ws/tls`, { ca, headers: { Authorization: `Bearer-${String(body.tokenId)}` } })
    const [first] = await new Promise<[string]>((resolve, reject) => {
      ws.once('message', (data) => { resolve([String(data)]) })
      ws.once('error', reject)
    })
    assert.match(first, /"eventId":"1010"/)
    ws.terminate()
  })

  it('has commands for the control API', async () => {
    world = await Five9World.open()
    const feed = await world.client('rosa.agent').work()
    const { url, token } = world.simulator.control
    const post = (name: string, body: unknown): ReturnType<typeof ask> => ask(url, 'POST', `/faces/five9/${name}`, { Authorization: `Bearer ${token}` }, JSON.stringify(body))
    assert.equal((await post('tell', { eventId: 57, payLoad: ['/orgs'] })).status, 200)
    assert.deepEqual((await feed.next('57')).payLoad, ['/orgs'])
    assert.equal((await post('tell', { eventId: 'x' })).status, 409)
    assert.equal((await post('migrate', { forced: true, announceMs: 10 })).status, 200)
    await feed.next('1002')
  })

  it('tells events that nothing in the PBX makes', async () => {
    world = await Five9World.open()
    const [rosa, sam] = [world.client('rosa.agent'), world.client('sam.super')]
    const [aws, sws] = [await rosa.work(), await sam.work('supervisor')]
    for (const id of [48, 57, 71, 84, 1000, 5002, 5010]) world.face.tell(id, { note: id })
    assert.deepEqual((await aws.settle()).map(({ id }) => id), ['48', '57', '71', '84', '1000', '5002', '5010'])
    assert.deepEqual((await sws.settle()).filter(({ id }) => id !== '5000').map(({ id, payLoad }) => [id, payLoad]).at(-1), ['5010', { note: 5010 }])
  })

  it('gives a demo log-in of an agent, and of a supervisor as administrator', async () => {
    world = await Five9World.open()
    const { username, password, adminUsername, adminPassword, url } = world.simulator.demoLogin('five9')
    assert.deepEqual([username, adminUsername], ['rosa.agent@example.com', 'sam.super@example.com'])
    const agent = world.client(username, password)
    await agent.login()
    assert.equal((await agent.start()).status, 204)
    const admin = world.client(adminUsername, adminPassword)
    await admin.login()
    assert.equal((await admin.start('supervisor')).status, 204)
    assert.equal((await ask(url, 'GET', `${APP}/auth/metadata`)).status, 401)
  })

  it('answers the cloud services on the way to the application seats', async () => {
    world = await Five9World.open()
    const sam = world.client('sam.super')
    await sam.work('supervisor')
    const exchanged = await sam.call('POST', '/cloudauthsvcs/v1/domains/{oid}/exchangefdmtoken')
    const { access_token: token } = exchanged.body as { access_token: string }
    const path = '/acl/v1/domains/131001/my-ui-permissions'
    assert.ok(((await ask(sam.api, 'GET', path, { Authorization: `Bearer ${token}` })).body as string[]).includes('CAN_VIEW_ACTIVE_SESSIONS'))
    assert.deepEqual([(await ask(sam.api, 'GET', path)).status, (await ask(sam.api, 'POST', '/cloudauthsvcs/v1/domains/131001/exchangefdmtoken')).status], [401, 401])
    assert.equal((await sam.sup('GET', 'orgs/{oid}/application_seats')).status, 200)
  })

  it('forgets what a user followed when his session ends', async () => {
    world = await Five9World.open()
    const sam = world.client('sam.super')
    await sam.work('supervisor')
    await sam.sup('PUT', `supervisors/{uid}/interactions/skills/${SUPPORT}/subscribe`)
    await sam.sup('POST', 'auth/logout')
    const sws = await sam.work('supervisor')
    await sws.settle()
    world.pbx.inbound({ from: ADA, to: '0501' })
    assert.ok((await sws.settle()).every(({ id }) => id === '5012'))
  })

  it('shows a call that another system placed, and the other way round', async () => {
    world = await Five9World.open()
    const rosa = world.client('rosa.agent')
    const feed = await rosa.work()
    world.pbx.originate('rosa', '0124')
    const [created] = await feed.settle()
    assert.deepEqual([created?.id, (created?.payLoad as Doc).callType], ['3', 'INTERNAL'])
    await rosa.onCall('PUT', String((created?.payLoad as Doc).id), 'disconnect')
    await rosa.mine('POST', 'interactions/make_agent_call', { agentId: '3000002' })
    assert.equal(world.pbx.connectionsOf('ben').length, 1)
    assert.equal(rosa.uid, ROSA)
  })
})
