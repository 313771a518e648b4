import assert from 'node:assert/strict'
import { ask, at, CAROL, list, openWorld, type World } from './world'

/** What a request is refused for, and what is read (webex-calling.md 3.2, 3.9 - 3.11). */
describe('simulator/webex: requests', () => {
  let world: World
  beforeEach(async () => { world = await openWorld() })
  afterEach(() => world.close())

  const status = async (who: string, line: string, body?: unknown): Promise<number> => (await world.api(who, line, body)).status

  it('tells an error with message, description and the tracking id of the header', async () => {
    const { status, headers, body } = await world.api('alice', 'GET /telephony/calls/nothing')
    assert.equal(status, 404)
    assert.deepEqual(body, { message: 'Call not found', errors: [{ description: 'Call not found' }], trackingId: headers.trackingid })
    assert.match(String(headers.trackingid), /^ROUTER_/)
    assert.equal(headers['content-type'], 'application/json;charset=UTF-8')
    assert.equal(headers.date, new Date(world.clock.now()).toUTCString(), 'the clock of the events')
  })

  it('gives each kind of mistake its status', async () => {
    assert.equal(await status('nobody', 'GET /people/me'), 401)
    assert.equal((await ask(`${world.login.url}/v1/people/me`)).status, 401)
    assert.equal(await status('alice', 'GET /telephony/config/queues'), 403)
    assert.equal(await status('alice', 'GET /nowhere'), 404)
    assert.equal((await ask(`${world.login.url}/elsewhere`)).status, 404)
    const method = await world.api('alice', 'DELETE /people/me')
    assert.deepEqual([method.status, method.headers.allow], [405, 'GET'])
    const post = (raw: string, type: string): ReturnType<typeof ask> => ask(`${world.login.url}/v1/telephony/calls/dial`, { method: 'POST', token: 'demo-token-alice', raw, headers: { 'Content-Type': type } })
    assert.equal((await post('destination=1002', 'text/plain')).status, 415)
    assert.equal((await post('{"destination":', 'application/json')).status, 400)
    assert.equal((await post('[1]', 'application/json')).status, 400)
    assert.equal((await post('{"destination":1002}', 'application/json')).status, 400)
    assert.equal((await post(JSON.stringify({ destination: 'x'.repeat(2_000_000) }), 'application/json')).status, 413)
    assert.equal(await status('alice', 'GET /telephony/calls/%zz'), 400)
    assert.equal(await status('cti-admin', 'GET /people?orgId=Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi9vdGhlcg'), 403)
  })

  it('has no line for an application, nor for somebody without a licence', async () => {
    const service = await world.api(world.login.serviceToken ?? '', 'POST /telephony/calls/dial', { destination: '1002' })
    assert.deepEqual([service.status, at(service.body, 'errors', 0)], [400, { description: 'Target user not authorized', errorCode: 4003 }])
    assert.equal((await world.api(world.login.serviceToken ?? '', 'GET /people/me')).body.type, 'appuser')
    const admin = await world.api('cti-admin', 'GET /telephony/calls')
    assert.deepEqual([admin.status, at(admin.body, 'errors', 0, 'errorCode')], [404, 4008])
    assert.equal(await status(world.login.botToken ?? '', 'GET /telephony/calls'), 403)
  })

  it('plays faults of requests: a status with Retry-After, HTML, nothing, a cut line', async () => {
    const { faults } = world.simulator
    faults.failNext('webex', 429, { retryAfter: 7 })
    const limited = await world.api('alice', 'GET /people/me')
    assert.deepEqual([limited.status, limited.headers['retry-after']], [429, '7'])
    assert.equal(limited.body.trackingId, limited.headers.trackingid)
    faults.failNext('webex', 502, { body: '<html>bad gateway</html>' })
    const gateway = await world.api('alice', 'GET /people/me')
    assert.deepEqual([gateway.status, gateway.headers['content-type'], gateway.text], [502, 'text/html', '<html>bad gateway</html>'])
    faults.inject({ kind: 'empty', face: 'webex', times: 1 })
    assert.equal((await world.api('alice', 'GET /people/me')).text, '')
    faults.inject({ kind: 'cut', face: 'webex', times: 1 })
    await assert.rejects(world.api('alice', 'GET /people/me'))
    faults.inject({ kind: 'slow', face: 'webex', times: 1, ms: 2000 })
    const slow = world.api('alice', 'GET /people/me')
    while (world.simulator.faults.counts.slow !== 1) await new Promise((resolve) => { setImmediate(resolve) })
    world.clock.advance(2000)
    assert.equal((await slow).status, 200)
    faults.failNext('webex', 401, { path: '/telephony/' })
    assert.deepEqual([await status('alice', 'GET /people/me'), await status('alice', 'GET /telephony/calls'), await status('alice', 'GET /telephony/calls')], [200, 401, 200])
  })

  it('limits requests a minute where that is asked for', async () => {
    await world.close()
    world = await openWorld({ webex: { requestsPerMinute: 2 } })
    const seen = [await status('alice', 'GET /people/me'), await status('alice', 'GET /people/me'), await status('bob', 'GET /people/me')]
    assert.deepEqual(seen, [200, 200, 200])
    world.clock.advance(20_000)
    const limited = await world.api('alice', 'GET /people/me')
    assert.deepEqual([limited.status, limited.headers['retry-after']], [429, '40'])
    world.clock.advance(40_000)
    assert.equal(await status('alice', 'GET /people/me'), 200)
  })

  it('shows people: filters, pages, unknown ids, what only an administrator sees', async () => {
    assert.equal(await status('alice', 'GET /people'), 400)
    const [bob] = list((await world.api('alice', 'GET /people?displayName=Bo')).body, 'items')
    assert.deepEqual([bob?.displayName, bob?.emails, bob?.licenses], ['Bob Keller', ['bob@example.com'], undefined])
    const id = await world.personId('bob')
    const uuid = Buffer.from(id, 'base64url').toString().split('/').at(-1) ?? ''
    const byId = await world.api('alice', `GET /people?id=${id},${uuid},unknown`)
    assert.deepEqual([list(byId.body, 'items').length, byId.body.notFoundIds], [1, ['unknown']])
    assert.equal((await world.api('alice', `GET /people/${Buffer.from(Buffer.from(id, 'base64url')).toString('base64')}`)).body.id, id, 'with padding')
    const names: unknown[] = []
    for (let path = '/people?callingData=true&max=4'; path !== '';) {
      const page = await world.api('cti-admin', `GET ${path}`)
      names.push(...list(page.body, 'items').map(({ firstName, licenses, locationId }) => `${String(firstName)} ${(licenses as unknown[]).length} ${locationId === undefined ? 'nowhere' : 'placed'}`))
      path = /^<[^>]*\/v1([^>]+)>; rel="next"$/.exec(String(page.headers.link ?? ''))?.[1] ?? ''
    }
    assert.deepEqual(names, ['Alice 1 placed', 'Bob 1 placed', 'Dave 1 placed', 'Erin 1 placed', 'Frank 1 placed', 'CTI 0 nowhere'])
    const [licence] = list((await world.api('cti-admin', 'GET /licenses')).body, 'items')
    assert.match(String(licence?.name), /^Webex Calling - /)
    assert.equal(await status('alice', 'GET /licenses'), 403)
  })

  it('shows presence as the platform does: in a call, not to be disturbed', async () => {
    const presence = async (): Promise<unknown> => (await world.api('bob', `GET /people/${await world.personId('alice')}`)).body.status
    assert.equal(await presence(), 'active')
    world.pbx.answer(world.pbx.inbound({ from: CAROL, to: '1001' })?.key ?? '')
    assert.equal(await presence(), 'call')
    world.pbx.setDnd('alice', true)
    assert.equal(await presence(), 'DoNotDisturb')
  })

  it('tells the organisation, with XSI addresses only when asked', async () => {
    const [short] = list((await world.api('cti-admin', 'GET /organizations')).body, 'items')
    assert.deepEqual(Object.keys(short ?? {}), ['id', 'displayName', 'created'])
    const uuid = Buffer.from(String(short?.id), 'base64url').toString().split('/').at(-1) ?? ''
    const { body } = await world.api('cti-admin', `GET /organizations/${uuid}?callingData=true`)
    assert.equal(body.id, short?.id)
    assert.match(String(body.xsiEventsChannelEndpoint), /\/com\.broadsoft\.async\/com\.broadsoft\.xsi-events$/)
    assert.equal(await status('cti-admin', 'GET /organizations/other'), 404)
  })

  it('keeps 20 records of history for each kind, newest first, private callers without a number', async () => {
    for (let n = 0; n < 23; n++) {
      world.pbx.release(world.pbx.inbound({ ...(n === 22 ? {} : { from: CAROL }), to: '1003' })?.key ?? '')
      world.clock.advance(1000)
    }
    const { body } = await world.api('dave', 'GET /telephony/calls/history?type=missed')
    const records = list(body, 'items')
    assert.equal(records.length, 20)
    assert.deepEqual(Object.keys(records[0] ?? {}), ['type', 'privacyEnabled', 'time'])
    assert.equal(records[0]?.privacyEnabled, true)
    assert.ok(String(records[0]?.time) > String(records[1]?.time))
    assert.equal(await status('dave', 'GET /telephony/calls/history?type=lost'), 400)
    assert.deepEqual((await world.api('dave', 'GET /telephony/calls/history?type=placed')).body, { items: [] })
  })

  it('works over TLS with a certificate that names this machine', async () => {
    await world.close()
    world = await openWorld({ webex: { tls: true } })
    assert.match(world.login.url, /^https:/)
    assert.match(world.login.ca ?? '', /BEGIN CERTIFICATE/)
    const { get } = await import('node:https')
    const seen = await new Promise<number | undefined>((resolve, reject) => {
      get(`${world.login.url}/v1/people/me`, { ca: world.login.ca, agent: false, headers: { Authorization: 'Bearer demo-token-alice' } }, (response) => {
        response.resume().on('end', () => { resolve(response.statusCode) })
      }).on('error', reject)
    })
    assert.equal(seen, 200)
  })
})
