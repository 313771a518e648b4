import assert from 'node:assert/strict'
import { APP, ask, type Doc, SUP } from './client'
import { Five9World, ROSA } from './world'

const NOTICES = [{ id: '9001', annotation: 'Service update', text: '<h1>Update</h1>' }, { id: '9002', annotation: 'Second', text: '<p>More</p>' }]
const detail = (body: unknown): Doc => (body as { five9ExceptionDetail: Doc }).five9ExceptionDetail

describe('simulator/five9 login', () => {
  let world: Five9World
  const open = async (...options: Parameters<typeof Five9World.open>): Promise<void> => { world = await Five9World.open(...options) }
  afterEach(() => world.close())

  it('answers a login with the shape of the sheet and host-only cookies on an address', async () => {
    await open()
    const rosa = world.client('rosa.agent')
    const { status, body, headers } = await rosa.login()
    const { port } = new URL(world.face.url)
    const address = (kind: string): Doc[] => [{ host: '127.0.0.1', port, routeKey: `${kind}KEY1`, version: '13.0.183' }]
    const { tokenId, sessionId, orgId, userId, context, metadata } = body as Doc
    assert.equal(status, 200)
    assert.match(String(tokenId), /^[0-9a-f-]{36}$/)
    assert.match(String(sessionId), /^[0-9a-f]{64}$/)
    assert.deepEqual([orgId, userId, (context as Doc).farmId], ['131001', ROSA, '149'])
    assert.deepEqual((metadata as Doc).dataCenters, [{ name: 'Atlanta Data Center', uiUrls: address('UI'), apiUrls: address('API'), loginUrls: address('LOG'), active: true }])
    const cookies = headers['set-cookie'] as string[]
    assert.deepEqual(cookies.map((cookie) => cookie.split('=')[0]), ['Authorization', 'apiRouteKey', 'farmId', 'f9-sessionId', 'BIGipServerlogin'])
    assert.ok(cookies.every((cookie) => !/Domain|Secure/.test(cookie)), cookies.join())
  })

  it('gives session cookies a domain when it is addressed below five9.com, never the load balancer\'s', async () => {
    await open()
    const content = JSON.stringify({ passwordCredentials: { username: 'rosa.agent@example.com', password: 'demo' } })
    const { headers, body } = await ask(world.face.url, 'POST', `${APP}/auth/login`, { Host: 'app.five9.com' }, content)
    const cookies = headers['set-cookie'] as string[]
    assert.deepEqual(cookies.map((cookie) => cookie.includes('Domain=five9.com')), [true, true, true, true, false])
    const { metadata } = body as { metadata: { dataCenters: { apiUrls: Doc[] }[] } }
    assert.deepEqual(metadata.dataCenters[0]?.apiUrls[0]?.host, 'app.five9.com')
  })

  it('refuses a wrong password, an unknown user and a strange body with JSON and no cookies', async () => {
    await open()
    for (const [username, password] of [['rosa.agent', 'wrong'], ['nobody', 'demo']]) {
      const { status, body, headers } = await world.client(username ?? '', password).login()
      assert.deepEqual([status, detail(body).errorCode, headers['set-cookie']], [401, 401, undefined])
    }
    assert.equal((await ask(world.face.url, 'POST', `${APP}/auth/login`, {}, '{')).status, 400)
    assert.equal((await ask(world.face.url, 'POST', `${APP}/auth/login`, {}, '{}')).status, 400)
    const strange = await ask(world.face.url, 'POST', `${APP}/auth/login`, {}, JSON.stringify({ passwordCredentials: { username: 'rosa', password: 'demo' }, policy: 'Sometimes' }))
    assert.equal(strange.status, 400)
  })

  it('accepts the token with a hyphen or the cookies alone, and nothing else', async () => {
    await open()
    const rosa = world.client('rosa.agent')
    await rosa.login()
    const path = `${APP}/auth/metadata`
    assert.equal((await rosa.call('GET', path, { auth: 'token' })).status, 200)
    assert.equal((await rosa.call('GET', path, { auth: 'cookie' })).status, 200)
    assert.equal((await rosa.call('GET', path, { auth: 'none', headers: { Cookie: `f9-sessionId=${rosa.cookies.get('f9-sessionId') ?? ''}` } })).status, 200)
    for (const headers of [{}, { Authorization: `Bearer ${rosa.token}` }, { Authorization: 'Bearer-nonsense' }, { Cookie: 'BIGipServerlogin=1' }] as Record<string, string>[]) {
      const { status, body } = await rosa.call('GET', path, { auth: 'none', headers })
      assert.deepEqual([status, detail(body).errorCode, detail(body).message], [401, 401, 'User is not logged in'], JSON.stringify(headers))
    }
    assert.equal((await ask(world.face.url, 'GET', '/nowhere')).status, 401)
    assert.equal((await rosa.call('GET', '/nowhere')).status, 404)
    assert.equal((await rosa.app('GET', 'agents/{uid}/nothing_of_that_name')).status, 404)
    assert.equal((await rosa.app('GET', 'auth/logout')).status, 405)
  })

  it('takes each half from SELECT_STATION to WORKING by itself, as bare JSON strings', async () => {
    await open()
    const mia = world.client('mia.both')
    await mia.login('AttachExisting', SUP)
    const asked = await mia.call('GET', `${SUP}/supervisors/{uid}/login_state`)
    assert.equal(asked.text, '"SELECT_STATION"')
    assert.deepEqual([(await mia.start('supervisor', { stationType: 'EMPTY' })).status, await mia.state('supervisor'), await mia.state()], [204, 'WORKING', 'SELECT_STATION'])
    const early = await mia.app('GET', 'orgs/{oid}/users')
    assert.deepEqual([early.status, detail(early.body).errorCode, detail(early.body).context], [435, 3, { contextCode: 'LOGIN' }])
    assert.equal(detail(early.body).message, 'Improper agent login state SELECT_STATION while calling getUsers. Allowed is WORKING')
    assert.equal((await mia.sup('GET', 'orgs/{oid}/users')).status, 200)
    assert.equal((await mia.start()).status, 204)
    assert.equal((await mia.app('GET', 'orgs/{oid}/users')).status, 200)
    assert.equal(world.pbx.agentState('agent-mia'), 'notReady')
  })

  it('holds everybody at the notices until each is accepted, and says accepted:false to the end', async () => {
    await open({ notices: NOTICES, settleRequests: 2 })
    const rosa = world.client('rosa.agent')
    await rosa.login()
    const settling = [await rosa.app('GET', 'auth/metadata'), await rosa.app('GET', 'auth/metadata'), await rosa.app('GET', 'auth/metadata')]
    assert.deepEqual(settling.map(({ status }) => status), [401, 401, 200])
    assert.deepEqual([await rosa.state(), (await rosa.start()).status, await rosa.state()], ['SELECT_STATION', 204, 'ACCEPT_NOTICE'])
    const refusal = await rosa.app('GET', 'orgs/{oid}/users')
    assert.equal(detail(refusal.body).message, 'Improper agent login state ACCEPT_NOTICE while calling getUsers. Allowed is WORKING')
    const listed = (await rosa.mine('GET', 'maintenance_notices')).body as Doc[]
    assert.deepEqual(listed, NOTICES.map((notice) => ({ ...notice, accepted: false })))
    assert.equal((await rosa.mine('PUT', 'maintenance_notices/77/accept')).status, 404)
    assert.deepEqual([(await rosa.mine('GET', 'maintenance_notices/9002')).body, (await rosa.mine('GET', 'maintenance_notices/77')).status], [listed[1], 404])
    for (const { id } of listed) {
      const { status, body } = await rosa.mine('PUT', `maintenance_notices/${String(id)}/accept`)
      assert.deepEqual([status, (body as Doc).accepted], [200, false])
    }
    assert.equal(await rosa.state(), 'WORKING')
    assert.deepEqual((await rosa.mine('GET', 'maintenance_notices')).body, [])
  })

  it('asks for skills where the domain wants them chosen, and takes an empty list', async () => {
    await open({ selectSkills: true })
    const rosa = world.client('rosa.agent')
    await rosa.login()
    await rosa.start()
    assert.equal(await rosa.state(), 'SELECT_SKILLS')
    assert.equal((await rosa.mine('PUT', 'active_skills', ['300000000000032'])).status, 435)
    assert.equal((await rosa.mine('PUT', 'active_skills', { skills: [] })).status, 400)
    assert.equal((await rosa.mine('PUT', 'active_skills', [])).status, 200)
    assert.deepEqual([await rosa.state(), (await rosa.mine('GET', 'active_skills')).body], ['WORKING', []])
    assert.equal(world.pbx.queues.get('sales')?.members[0]?.joined, false)
  })

  it('tells of a foreign session, which force or a logout ends', async () => {
    await open({ foreign: ['rosa', 'ben'] })
    const rosa = world.client('rosa.agent')
    await rosa.login()
    const refusal = await rosa.start('agent', undefined, false)
    assert.deepEqual([refusal.status, detail(refusal.body).context, await rosa.state()], [435, { contextCode: 'DUPLICATE_LOGIN' }, 'SELECT_STATION'])
    assert.deepEqual([(await rosa.start()).status, await rosa.state()], [204, 'WORKING'])
    const ben = world.client('ben.agent')
    await ben.login()
    assert.equal((await ben.start('agent', undefined, false)).status, 435)
    await ben.app('POST', 'auth/logout')
    await ben.login()
    assert.equal((await ben.start('agent', undefined, false)).status, 204)
  })

  it('attaches with a second token, or throws the old session out with its tokens, cookies and sockets', async () => {
    await open()
    const [first, second, third] = [world.client('rosa.agent'), world.client('rosa.agent'), world.client('rosa.agent')]
    const feed = await first.work()
    const one = (await second.login()).body as Doc
    assert.notEqual(second.token, first.token)
    assert.equal(one.sessionId, first.cookies.get('f9-sessionId'))
    assert.deepEqual([await second.state(), await first.state()], ['WORKING', 'WORKING'])
    await third.login('ForceIn')
    assert.deepEqual(await feed.whenClosed(), { code: 1000, reason: 'Session ended' })
    for (const auth of ['token', 'cookie'] as const) assert.equal((await first.call('GET', `${APP}/auth/metadata`, { auth })).status, 401)
    assert.equal((await second.call('GET', `${APP}/auth/metadata`)).status, 401)
    assert.equal(await third.state(), 'SELECT_STATION')
  })

  it('ends one half, or with a logout both', async () => {
    await open()
    const mia = world.client('mia.both')
    const feed = await mia.work()
    await mia.start('supervisor')
    assert.equal((await mia.mine('GET', 'can_stop_session')).body, true)
    assert.equal((await mia.mine('PUT', 'session_stop?reasonCodeId=1')).status, 435)
    assert.equal((await mia.mine('PUT', 'session_stop?reasonCodeId=402101')).status, 204)
    assert.equal((await feed.next('17')).payLoad, 'SELECT_STATION')
    assert.deepEqual([await mia.state(), await mia.state('supervisor'), world.pbx.agentState('agent-mia')], ['SELECT_STATION', 'WORKING', 'loggedOut'])
    await mia.start()
    assert.equal((await mia.sup('POST', 'auth/logout')).status, 204)
    assert.equal((await mia.app('GET', 'auth/metadata')).status, 401)
    assert.equal((await mia.sup('GET', 'auth/metadata')).status, 401)
    assert.equal(world.pbx.agentState('agent-mia'), 'loggedOut')
  })

  it('lets in who has the role, on his own path, with a station that exists', async () => {
    await open({ withheld: { ben: ['CAN_RUN_WEB_AGENT'] } })
    const [sam, rosa, ben] = [world.client('sam.super'), world.client('rosa.agent'), world.client('ben.agent')]
    for (const client of [sam, rosa, ben]) await client.login()
    assert.deepEqual([(await sam.start()).status, (await rosa.start('supervisor')).status, (await ben.start()).status], [403, 403, 403])
    assert.equal((await rosa.start('agent', { stationType: 'CARRIER_PIGEON' })).status, 435)
    assert.equal((await rosa.start('agent', { stationType: 'PSTN' })).status, 435)
    assert.equal((await rosa.start('agent', { stationType: 'PSTN', stationId: '5550100123', state: 'DISCONNECTED' })).status, 204)
    assert.equal((await rosa.mine('PUT', 'station/softphone_force_restart')).status, 435)
    assert.equal((await rosa.mine('PUT', 'station/restart', { value: null })).status, 204)
    assert.equal((await rosa.mine('GET', 'station_state')).body, 'CONNECTED')
    assert.deepEqual((await rosa.mine('GET', 'station')).body, { stationId: '5550100123', stationType: 'PSTN', state: 'CONNECTED' })
    assert.equal((await rosa.app('GET', 'agents/3000002/presence')).status, 403)
    assert.equal((await rosa.app('GET', 'orgs/999/users')).status, 403)
  })

  it('logs in by an access token of single sign-on, which stands behind a space', async () => {
    await open()
    const { token, url } = world.simulator.demoLogin('five9')
    const answer = await ask(url, 'POST', `${APP}/auth/login_by_token`, { Authorization: `Bearer ${token}` }, JSON.stringify({ policy: 'AttachExisting' }))
    assert.deepEqual([answer.status, (answer.body as Doc).userId], [200, ROSA])
    assert.equal((await ask(url, 'POST', `${APP}/auth/login_by_token`, { Authorization: 'Bearer nothing' }, '{}')).status, 401)
  })

  it('forgets a session that nobody uses, and logs its agent out', async () => {
    await open({ sessionMs: 1_800_000 })
    const rosa = world.client('rosa.agent')
    await rosa.login()
    await rosa.start()
    world.clock.advance(1_700_000)
    assert.equal((await rosa.mine('PUT', 'ping')).status, 204)
    world.clock.advance(1_700_000)
    assert.deepEqual((await rosa.mine('GET', 'session_expiration')).body, { expirationTime: world.clock.now() + 1_800_000 })
    world.clock.advance(1_900_000)
    assert.equal((await rosa.app('GET', 'auth/metadata')).status, 401)
    assert.equal(world.pbx.agentState('agent-rosa'), 'loggedOut')
  })

  it('refuses every credential from a fault on until they are renewed', async () => {
    await open()
    const rosa = world.client('rosa.agent')
    await rosa.login()
    world.face.act('expireCredentials')
    assert.deepEqual([(await rosa.app('GET', 'auth/metadata')).status, (await rosa.login()).status], [401, 401])
    world.face.act('renewCredentials')
    assert.deepEqual([(await rosa.app('GET', 'auth/metadata')).status, (await rosa.login()).status], [200, 200])
  })
})
