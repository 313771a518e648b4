import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type SimulatorOptions } from '../../../src/simulator/simulator'
import { type Answer, ask, at, type Json, list, openWorld, type World } from './world'

const REDIRECT = 'http://localhost:6001/redirect'

/** The ways to a token (webex-calling.md 2.3). */
describe('simulator/webex: OAuth', () => {
  let world: World
  const open = async (webex: SimulatorOptions['webex'] = {}): Promise<void> => { world = await openWorld({ webex }) }
  afterEach(() => world.close())

  const authorize = (more: Record<string, string> = {}): Promise<Answer> => ask(`${world.login.url}/v1/authorize?${new URLSearchParams({
    client_id: world.login.clientId ?? '', response_type: 'code', redirect_uri: REDIRECT, scope: 'spark:calls_read spark:people_read', state: 'state-1', ...more
  }).toString()}`)
  const locationOf = (answer: Answer): URL => new URL(answer.headers.location ?? '', world.login.url)
  const token = (form: Record<string, string>, client: Record<string, string> = {}): Promise<Answer> => ask(`${world.login.url}/v1/access_token`, {
    method: 'POST', form: { client_id: world.login.clientId ?? '', client_secret: world.login.clientSecret ?? '', ...client, ...form }
  })
  const exchange = (code: string, more: Record<string, string> = {}): Promise<Answer> => token({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT, ...more })
  const agree = async (person = 'alice', more: Record<string, string> = {}, form: Record<string, string> = {}): Promise<URL> => {
    const broker = locationOf(await authorize(more))
    const decided = await ask(`${world.login.url}${broker.pathname}`, { method: 'POST', form: { ...Object.fromEntries(broker.searchParams), person, password: 'demo', decision: 'accept', ...form } })
    return locationOf(decided)
  }
  const granted = async (person = 'alice', more: Record<string, string> = {}): Promise<Json> => (await exchange((await agree(person, more)).searchParams.get('code') ?? '')).body
  const me = (access: unknown): Promise<Answer> => world.api(String(access), 'GET /people/me')

  it('leads a person over the page to a code, and the code to tokens of that person', async () => {
    await open()
    const answer = await authorize()
    assert.equal(answer.status, 302)
    assert.equal(locationOf(answer).pathname, '/idb/oauth2/v1/authorize')
    const page = await ask(locationOf(answer).href)
    assert.match(page.headers['content-type'] ?? '', /^text\/html/)
    assert.match(page.text, /<option value="alice">Alice Martin<\/option>/)
    assert.match(page.text, /spark:calls_read/)
    const back = await agree()
    assert.equal(`${back.origin}${back.pathname}`, REDIRECT)
    assert.equal(back.searchParams.get('state'), 'state-1')
    const { status, body } = await exchange(back.searchParams.get('code') ?? '')
    assert.equal(status, 200)
    assert.deepEqual(Object.keys(body), ['access_token', 'expires_in', 'refresh_token', 'refresh_token_expires_in', 'token_type', 'scope'])
    assert.deepEqual([body.expires_in, body.refresh_token_expires_in, body.token_type, body.scope], [1_209_599, 7_775_999, 'Bearer', 'spark:calls_read spark:people_read'])
    assert.deepEqual((await me(body.access_token)).body.emails, ['alice@example.com'])
  })

  it('takes a code once, in time, with the address and client it was made for', async () => {
    await open({ codeSeconds: 60 })
    const code = async (): Promise<string> => (await agree()).searchParams.get('code') ?? ''
    const once = await code()
    assert.equal((await exchange(once)).status, 200)
    const again = await exchange(once)
    assert.equal(again.status, 400)
    assert.equal(typeof again.body.trackingId, 'string')
    assert.equal((await exchange(await code(), { redirect_uri: 'http://localhost:6001/other' })).status, 400)
    assert.equal((await exchange(await code(), { client_secret: 'wrong' })).status, 401)
    const old = await code()
    world.clock.advance(60_000)
    assert.equal((await exchange(old)).status, 400)
  })

  it('redirects refusals, but never to an address or for a client that it does not know', async () => {
    await open({ integrationScopes: ['spark:calls_read', 'spark-admin:calls_read'] })
    const declined = locationOf(await ask(`${world.login.url}/idb/oauth2/v1/authorize`, { method: 'POST', form: { ...Object.fromEntries(locationOf(await authorize({ scope: 'spark:calls_read' })).searchParams), decision: 'decline' } }))
    assert.deepEqual([declined.searchParams.get('error'), declined.searchParams.get('state'), declined.searchParams.get('code')], ['access_denied', 'state-1', null])
    assert.equal(locationOf(await authorize({ scope: 'spark:all' })).searchParams.get('error'), 'invalid_scope')
    assert.equal((await agree('alice', { scope: 'spark-admin:calls_read' })).searchParams.get('error'), 'invalid_scope', 'a plain person cannot grant it')
    assert.ok((await agree('cti-admin', { scope: 'spark-admin:calls_read' })).searchParams.get('code'))
    const wrong: Record<string, string>[] = [{ redirect_uri: 'https://elsewhere.example.com/' }, { client_id: 'C123' }, { redirect_uri: 'no address' }]
    for (const more of wrong) {
      const answer = await authorize(more)
      assert.deepEqual([answer.status, answer.headers.location], [400, undefined])
    }
    assert.equal(locationOf(await authorize({ scope: 'spark:calls_read', state: 'x'.repeat(501) })).searchParams.get('error'), 'invalid_request')
  })

  it('shows the page again after a wrong password, and writes nothing of the request into it unescaped', async () => {
    await open()
    const broker = locationOf(await authorize({ state: '"><script>' }))
    const answer = await ask(`${world.login.url}${broker.pathname}`, { method: 'POST', form: { ...Object.fromEntries(broker.searchParams), person: 'alice', password: 'x', decision: 'accept' } })
    assert.equal(answer.status, 200)
    assert.match(answer.text, /Wrong person or password/)
    assert.ok(!answer.text.includes('<script>'))
  })

  it('knows exact redirect addresses where such are listed', async () => {
    await open({ redirectUris: ['https://nodered.example.com/cti/callback'], autoConsent: 'bob' })
    assert.equal((await authorize()).status, 400)
    const back = locationOf(await authorize({ redirect_uri: 'https://nodered.example.com/cti/callback' }))
    assert.equal(back.host, 'nodered.example.com')
    assert.ok(back.searchParams.get('code'))
  })

  it('says access_denied without a page where nobody agrees', async () => {
    await open({ denyConsent: true })
    assert.equal(locationOf(await authorize()).searchParams.get('error'), 'access_denied')
  })

  it('renews with the same refresh token, and earlier access tokens stay good until they expire', async () => {
    await open({ accessTokenSeconds: 3600 })
    const first = await granted()
    world.clock.advance(1_800_000)
    const second = (await token({ grant_type: 'refresh_token', refresh_token: String(first.refresh_token) })).body
    assert.equal(second.refresh_token, first.refresh_token)
    assert.notEqual(second.access_token, first.access_token)
    assert.equal((await me(first.access_token)).status, 200)
    world.clock.advance(1_800_000)
    assert.deepEqual([(await me(first.access_token)).status, (await me(second.access_token)).status], [401, 200])
    assert.equal((await token({ grant_type: 'refresh_token', refresh_token: 'nothing' })).status, 400)
  })

  it('can give a new refresh token each time', async () => {
    await open({ rotateRefreshTokens: true })
    const first = await granted()
    const again = { grant_type: 'refresh_token', refresh_token: String(first.refresh_token) }
    const second = await token(again)
    assert.notEqual(second.body.refresh_token, first.refresh_token)
    assert.equal((await token(again)).status, 400)
  })

  it('asks for the verifier where a challenge was sent', async () => {
    await open()
    const verifier = 'v'.repeat(50)
    const challenge = { code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256' }
    const code = async (): Promise<string> => (await agree('alice', challenge)).searchParams.get('code') ?? ''
    assert.equal((await exchange(await code())).status, 400)
    assert.equal((await exchange(await code(), { code_verifier: verifier })).status, 200)
  })

  it('grants a device: pending, too fast, agreed on another screen, once', async () => {
    await open({ deviceIntervalSeconds: 5 })
    const { body } = await ask(`${world.login.url}/v1/device/authorize`, { method: 'POST', form: { client_id: world.login.clientId ?? '', scope: 'spark:calls_read spark:people_read' } })
    assert.deepEqual(Object.keys(body), ['device_code', 'user_code', 'verification_uri', 'verification_uri_complete', 'expires_in', 'interval'])
    const basic = Buffer.from(`${world.login.clientId}:${world.login.clientSecret}`).toString('base64')
    const poll = (): Promise<Answer> => ask(`${world.login.url}/v1/device/token`, {
      method: 'POST', headers: { Authorization: `Basic ${basic}` }, form: { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: String(body.device_code), client_id: world.login.clientId ?? '' }
    })
    assert.equal((await poll()).status, 428)
    const fast = await poll()
    assert.deepEqual([fast.status, fast.body.message], [400, 'slow_down'])
    assert.match((await ask(String(body.verification_uri_complete))).text, /spark:calls_read/)
    await ask(String(body.verification_uri), { method: 'POST', form: { userCode: String(body.user_code), person: 'dave', password: 'demo', decision: 'accept' } })
    world.clock.advance(5000)
    const agreed = await poll()
    assert.equal(agreed.status, 200)
    assert.deepEqual((await me(agreed.body.access_token)).body.emails, ['dave@example.com'])
    assert.equal((await poll()).status, 400)
  })

  it('renews the token of the service app', async () => {
    await open()
    const { serviceRefreshToken = '', serviceClientId = '', serviceClientSecret = '' } = world.login
    const { status, body } = await token({ grant_type: 'refresh_token', refresh_token: serviceRefreshToken }, { client_id: serviceClientId, client_secret: serviceClientSecret })
    assert.equal(status, 200)
    assert.equal((await world.api(String(body.access_token), `GET /telephony/calls/members/${await world.personId('alice')}/calls`)).status, 200)
    assert.equal((await token({ grant_type: 'refresh_token', refresh_token: serviceRefreshToken })).status, 400, 'of another client')
  })

  it('ends a token by log-out and all of an agreement by its revocation', async () => {
    await open()
    const [one, other] = [await granted('alice', { scope: 'spark:people_read spark:people_write' }), await granted('alice', { scope: 'spark:people_read' })]
    await ask(`${world.login.url}/idb/oauth2/v1/logout?token=${String(one.access_token)}`)
    assert.equal((await me(one.access_token)).status, 401)
    const { body } = await world.api('cti-admin', `GET /authorizations?personId=${await world.personId('alice')}`)
    assert.equal(list(body, 'items').length, 2)
    for (const { id } of list(body, 'items')) assert.equal((await world.api('cti-admin', `DELETE /authorizations/${String(id)}`)).status, 204)
    assert.equal((await me(other.access_token)).status, 401)
    assert.equal((await token({ grant_type: 'refresh_token', refresh_token: String(other.refresh_token) })).status, 400)
  })

  it('refuses all access tokens on command, while refresh tokens still work', async () => {
    await open()
    const grant = await granted()
    assert.ok(world.simulator.face('webex').act('expireCredentials') > 0)
    assert.deepEqual([(await me(grant.access_token)).status, (await me('alice')).status], [401, 401])
    const renewed = (await token({ grant_type: 'refresh_token', refresh_token: String(grant.refresh_token) })).body
    assert.equal((await me(renewed.access_token)).status, 200)
    world.simulator.face('webex').act('renewCredentials')
    assert.equal((await me('alice')).status, 200)
  })

  it('can let XSI know a call by the uuid in the session id', async () => {
    world = await openWorld({ xsi: { trackingUuids: true } })
    world.pbx.inbound({ from: '+12025550199', to: '1002' })
    const session = at((await world.api('bob', 'GET /telephony/calls')).body, 'items', 0, 'callSessionId')
    const half = Buffer.from(await world.callId('bob'), 'base64url').toString().split('/').at(-1) ?? ''
    const details = await ask(`${world.simulator.demoLogin('xsi').url}/com.broadsoft.xsi-actions/v2.0/user/bob@example.com/calls/${half}`, { token: 'demo-token-bob' })
    assert.ok(details.text.includes(`<extTrackingId>${Buffer.from(String(session), 'base64url').toString()}</extTrackingId>`), details.text)
  })

  it('opens XSI to a token with that scope, under the uuid of the person, with the same call ids', async () => {
    await open()
    const { body: organization } = await world.api('cti-admin', 'GET /organizations?callingData=true')
    const actions = String(at(organization, 'items', 0, 'xsiActionsEndpoint'))
    assert.ok(actions.startsWith(world.simulator.faces.xsi?.url ?? 'nowhere'))
    const uuid = Buffer.from(await world.personId('bob'), 'base64url').toString().split('/').at(-1) ?? ''
    world.pbx.inbound({ from: '+12025550199', to: '1002' })
    const calls = (grant: Json): Promise<Answer> => ask(`${actions}/v2.0/user/${uuid}/calls`, { token: String(grant.access_token) })
    assert.equal((await calls(await granted('bob'))).status, 401)
    const listed = await calls(await granted('bob', { scope: 'spark:xsi' }))
    assert.equal(listed.status, 200)
    const half = Buffer.from(await world.callId('bob'), 'base64url').toString().split('/').at(-1) ?? ''
    assert.match(half, /^callhalf-\d+:0$/)
    assert.ok(listed.text.includes(`<callId>${half}</callId>`))
  })
})
