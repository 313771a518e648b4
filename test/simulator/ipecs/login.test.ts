/** Login, tokens, the event channel and how sessions end (ipecs.md 2). */
import assert from 'node:assert/strict'
import { connect } from 'node:tls'
import { Agent } from 'node:https'
import { WebSocket } from 'ws'
import { ask, basic, RawClient } from './client'
import { IpecsWorld } from './world'

describe('simulator/ipecs login', () => {
  let world: IpecsWorld
  beforeEach(async () => { world = await IpecsWorld.open() })
  afterEach(() => world.close())

  const error = (answer: { status: number; text: string }): string => `${answer.status} ${answer.text}`

  it('answers a login with a token of 43 signs and the system, byte for byte as the switch', async () => {
    const client = world.client()
    const answer = await ask(client.place, 'GET', '/ipxapi/server/v1/users/apiuser/login', { headers: { Authorization: 'Basic YXBpdXNlcjpkZW1v' }, agent: new Agent() })
    assert.equal(answer.status, 200)
    const { token, ...rest } = answer.body
    assert.match(String(token), /^[A-Za-z0-9_-]{43}$/)
    assert.deepEqual(rest, { checkConnectionTimer: 120, systemType: 'iPECS UCP600', systemVersion: 'S-UCP-Rls2008-4.0.33-App', apiVersion: '1.0.0', terminalCount: 5 })
    assert.deepEqual(answer.raw.slice(0, 4), ['Cache-control', 'no-cache', 'Content-Type', 'application/json'])
  })

  it('keeps connections for 5 s and 100 requests, and says so', async () => {
    const client = world.client()
    const agent = new Agent({ keepAlive: true })
    const answer = await ask(client.place, 'GET', client.base('login'), { headers: { Authorization: basic('apiuser', 'demo') }, agent })
    assert.deepEqual([answer.headers.connection, answer.headers['keep-alive']], ['Keep-Alive', 'timeout=5, max=100'])
    agent.destroy()
  })

  it('refuses wrong passwords, accounts and users of other paths with code 2', async () => {
    const wrong = '401 {"error":{"code":2,"message":"Invalid Login Information"}}'
    assert.equal(error(await world.client('apiuser', 'nope').login()), wrong)
    assert.equal(error(await world.client('stranger', 'demo').login()), wrong)
    const client = world.client()
    assert.equal(error(await ask(client.place, 'GET', client.base('login'))), wrong)
    assert.equal(error(await ask(client.place, 'GET', client.base('login'), { headers: { Authorization: basic('apiadmin', 'demo') } })), wrong)
  })

  it('has one session an account and three at once', async () => {
    await world.client().ready()
    assert.equal(error(await world.client().login()), '401 {"error":{"code":5,"message":"Already Login"}}')
    assert.equal((await world.client('apiadmin').login()).status, 200)
    assert.equal((await world.client('wallboard').login()).status, 200)
    assert.equal(error(await world.client('records').login()), '401 {"error":{"code":6,"message":"Too Many Login"}}')
    const station = world.client('1001')
    station.type = 'client'
    assert.equal((await station.login()).status, 200)
  })

  it('takes the token in any spelling of Bearer, for its own account only', async () => {
    const client = await world.client().ready()
    assert.equal((await client.request('GET', 'call/status?deviceNumber=1001', { headers: { Authorization: `bearer ${client.token}` } })).status, 200)
    const invalid = '401 {"error":{"code":3,"message":"Invalid Token"}}'
    assert.equal(error(await client.request('GET', 'call/status?deviceNumber=1001', { headers: { Authorization: 'Bearer other' } })), invalid)
    assert.equal(error(await ask(client.place, 'GET', '/ipxapi/server/v1/users/apiadmin/call/status?deviceNumber=1001', { headers: { Authorization: `Bearer ${client.token}` } })), invalid)
    assert.equal(error(await ask(client.place, 'GET', '/ipxapi/client/v1/users/apiuser/smdr', { headers: { Authorization: `Bearer ${client.token}` } })), invalid)
    assert.equal((await client.request('GET', 'call/nothing')).status, 404)
    assert.equal((await ask(client.place, 'GET', '/elsewhere')).status, 404)
  })

  it('refuses what an account is not ticked for with 400 and code 2', async () => {
    const board = await world.client('wallboard').ready()
    const not = '400 2 Resource is not allowed for this user'
    assert.equal(await board.refused('POST', 'call/make', { deviceNumber: '1001', calledDN: '1002' }), not)
    assert.equal(await board.refused('GET', 'smdr'), not)
    assert.equal((await board.request('POST', 'checkconnection')).text, '{}')
    world.ring('1001')
    const told = await board.told()
    assert.ok(told.length > 3 && told.every((line) => line.startsWith('A')), told.join('\n'))
  })

  it('opens the channel at each of the four addresses, and one only', async () => {
    const client = world.client()
    await client.login()
    const ways: Parameters<RawClient['open']>[0][] = [
      { path: client.base('login') }, { path: client.base('acd') }, { path: '/ipxapi' }, { path: `${client.base('login')}?token=${client.token}`, headers: {} },
      { headers: { Authorization: `bearer ${client.token}`, Upgrade: 'WebSocket' } }
    ]
    for (const way of ways) {
      await client.open(way)
      await assert.rejects(client.open(way), /400/)
      await world.hangUp(client)
    }
    await assert.rejects(client.open({ headers: { Authorization: 'Bearer none' } }), /401/)
    await assert.rejects(client.open({ headers: {} }), /401/)
    await assert.rejects(client.open({ path: client.base('smdr') }), /400/)
  })

  it('answers the handshake as the switch, also to two Upgrade headers and an offered compression', async () => {
    const client = world.client()
    await client.login()
    const { hostname, port } = new URL(client.place.url)
    const socket = connect({ host: hostname, port: Number(port), ca: client.place.ca })
    socket.on('error', () => {})
    socket.write([
      `GET ${client.base('login')} HTTP/1.1`, `Host: ${hostname}:${port}`, 'Upgrade: websocket', 'Connection: Upgrade', 'Upgrade: WebSocket', `Authorization: bearer ${client.token}`,
      `Origin: https://${hostname}:${port}`, 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Extensions: permessage-deflate', '', ''
    ].join('\r\n'))
    const bytes = await new Promise<Buffer>((resolve) => { socket.once('data', resolve) })
    assert.equal(bytes.toString('latin1'), 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n')
    socket.destroy()
  })

  it('ends a session that is idle, unless its channel is open', async () => {
    const client = world.client()
    await client.login()
    world.clock.advance(119_000)
    assert.equal((await client.request('POST', 'checkconnection')).text, '{}')
    world.clock.advance(119_000)
    assert.equal((await ask(client.place, 'POST', '/ipxapi/users/apiuser/checkconnection', { headers: { Authorization: `Bearer ${client.token}` } })).text, '{}')
    await client.open()
    world.clock.advance(3_600_000)
    assert.equal((await client.request('POST', 'checkconnection')).status, 200)
    await world.hangUp(client)
    world.clock.advance(120_000)
    assert.equal((await client.request('POST', 'checkconnection')).status, 401)
    assert.equal((await client.login()).status, 200)
  })

  it('logs out with an empty answer and closes the channel with 1000', async () => {
    const client = await world.client().ready()
    const answer = await client.request('POST', 'logout')
    assert.deepEqual([answer.status, answer.text, answer.headers['content-length']], [200, '', '0'])
    await client.until(() => client.closed !== undefined)
    assert.equal(client.closed, 1000)
    assert.equal((await client.request('POST', 'logout')).status, 401)
    assert.equal((await client.login()).status, 200)
  })

  it('lets stations log in with their code, call and read their own records', async () => {
    const station = new RawClient(world.simulator.demoLogin('ipecs'), '1001', 'demo')
    station.type = 'client'
    await station.login()
    const rung = await station.request('POST', 'clickcall', { body: { From: '1001', To: '1002' } })
    assert.deepEqual([rung.status, rung.text], [200, ''])
    assert.equal(world.only('ann').alertingDevices.length, 1)
    world.pbx.answer(world.only('ann').key)
    world.pbx.release(world.only('ann').key)
    world.pbx.release(world.pbx.originate('ben', '1003').key)
    assert.deepEqual((await station.request('GET', 'smdr?countOnly=true')).body, { count: 1 })
    assert.equal((await station.request('DELETE', 'smdr')).status, 404)
    assert.equal((await station.request('POST', 'call/make', { body: { deviceNumber: '1001', calledDN: '1002' } })).status, 404)
    assert.equal(error(await station.request('POST', 'clickcall', { body: { From: '1002', To: '1001' } })), '403 {"error":{"code":102,"message":"access denied"}}')
    assert.equal(error(await station.request('POST', 'clickcall', { body: { From: '1001' } })), '400 {"error":{"code":105,"message":"parameter"}}')
    assert.equal((await new RawClient(world.simulator.demoLogin('ipecs'), '1001', '').login()).status, 401)
  })

  it('is trusted by its own authority and by no other', async () => {
    const login = world.simulator.demoLogin('ipecs')
    assert.match(login.url, /^https:\/\/127\.0\.0\.1:\d+$/)
    await assert.rejects(ask({ url: login.url }, 'GET', '/'), /self-signed/)
    assert.equal((await ask({ ...login, url: login.url.replace('127.0.0.1', 'localhost') }, 'GET', '/')).status, 404)
  })
})

describe('simulator/ipecs options of sessions', () => {
  let world: IpecsWorld
  afterEach(() => world.close())

  it('says Already Login for a while after a logout', async () => {
    world = await IpecsWorld.open({ clearingMs: 4000, alreadyLoginCode: 7 })
    const client = await world.client().ready()
    await client.request('POST', 'logout')
    assert.deepEqual((await client.login()).body, { error: { code: 7, message: 'Already Login' } })
    world.clock.advance(4000)
    assert.equal((await client.login()).status, 200)
  })

  it('replaces the channel by a second one', async () => {
    world = await IpecsWorld.open({ secondSocket: 'replace' })
    const client = world.client()
    await client.login()
    const first = new WebSocket(client.place.url.replace('http', 'ws') + client.base('login'), { ca: client.place.ca, headers: { Authorization: `Bearer ${client.token}` } })
    const closed = new Promise((resolve) => { first.on('close', resolve) })
    await new Promise((resolve) => { first.on('open', resolve) })
    await client.open()
    assert.equal(await closed, 1000)
    world.ring('1001')
    assert.ok((await client.told()).length > 0)
  })

  it('works in clear', async () => {
    world = await IpecsWorld.open({ tls: false })
    assert.match(world.simulator.demoLogin('ipecs').url, /^http:/)
    const client = await world.listener('1001')
    world.pbx.setDnd('ann', true)
    assert.deepEqual(await client.told(), ['A 19 Station/1001>/ - -', 'C dnd 1001 svcType=enable'])
  })

  it('closes idle connections', async () => {
    world = await IpecsWorld.open({ keepAliveMs: 50 })
    const client = world.client()
    const { hostname, port } = new URL(client.place.url)
    const socket = connect({ host: hostname, port: Number(port), ca: client.place.ca })
    socket.write(`GET ${client.base('login')} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`)
    await new Promise((resolve) => { socket.once('data', resolve) })
    await new Promise((resolve) => { socket.once('close', resolve) })
  })
})
