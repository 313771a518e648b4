/** Who authorised, with which tokens, and what becomes of them: against the OAuth pages of the simulator. */
import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { MemoryTokenStore, type TokenStore } from '../../src/session/tokenStore'
import { accountOfState, createWebexDriver, scopesOf, type WebexDriver, type WebexOptions } from '../../src/webex'
import { Authorizer } from '../../src/webex/authorizer'
import { settingsOf } from '../../src/webex/options'
import { Tokens } from '../../src/webex/tokens'
import { House } from './harness'

const REDIRECT = 'http://localhost:1880/cti/oauth'

describe('Webex: authorisation', () => {
  let house: House
  afterEach(() => house.close())

  const options = (tokens: TokenStore, more: Partial<WebexOptions> = {}): WebexOptions => {
    const { clientId = '', clientSecret = '' } = house.simulator.demoLogin('webex')
    return {
      accountId: 'acc', instanceId: 'cti-auth', baseUrl: house.url, auth: { kind: 'integration' }, tokens,
      client: { clientId, clientSecret, redirectUri: REDIRECT, scopes: scopesOf(['calls', 'people', 'settings']) }, ...more
    }
  }

  /** What the browser brings back. */
  async function consent (url: string): Promise<Record<string, string>> {
    const reply = await fetch(url, { redirect: 'manual' })
    assert.equal(reply.status, 302, await reply.text())
    const to = new URL(reply.headers.get('location') ?? '')
    assert.ok(to.href.startsWith(REDIRECT))
    return Object.fromEntries(to.searchParams)
  }

  async function authorised (driver: WebexDriver, personId?: string): Promise<Awaited<ReturnType<WebexDriver['authorizer']['finish']>>> {
    return driver.authorizer.finish(await consent(driver.authorizer.begin(personId).url))
  }

  /** Paths that are asked while `work` runs. */
  async function asked (work: () => Promise<unknown>): Promise<string[]> {
    const paths: string[] = []
    const take = (message: unknown): void => { paths.push((message as { request: IncomingMessage }).request.url?.split('?')[0] ?? '') }
    subscribe('http.server.request.start', take)
    try {
      await work()
    } finally {
      unsubscribe('http.server.request.start', take)
    }
    return paths
  }

  it('keeps what the browser brought, says who it was, and needs no second authorisation after a restart', async () => {
    house = await House.build({ webex: { autoConsent: 'bob' } })
    const tokens = new MemoryTokenStore()
    const driver = createWebexDriver(options(tokens))
    const flow = driver.authorizer.begin()
    assert.equal(accountOfState(flow.state), 'acc')
    const holder = await driver.authorizer.finish(await consent(flow.url))
    assert.equal(holder.email, 'bob@example.com')
    assert.deepEqual(await createWebexDriver(options(tokens)).authorizer.holder(), holder)
    const line = await house.online({ ...options(tokens) })
    assert.equal(line.driver.ownOwner(), holder.id)
  })

  it('takes a state once, only its own, and not after five minutes', async () => {
    house = await House.build({ webex: { autoConsent: 'bob' } })
    const driver = createWebexDriver(options(new MemoryTokenStore()))
    const query = await consent(driver.authorizer.begin().url)
    await driver.authorizer.finish(query)
    await assert.rejects(driver.authorizer.finish(query), { code: 'CTI_FORBIDDEN' })
    const fresh = await consent(driver.authorizer.begin().url)
    for (const state of [undefined, '', 'acc~x.y', fresh.state!.replace(/^acc/, 'other'), `${fresh.state}x`]) {
      await assert.rejects(driver.authorizer.finish({ ...fresh, ...(state === undefined ? { state: undefined } : { state }) }), { code: 'CTI_FORBIDDEN' }, String(state))
    }
    let now = Date.now()
    const settings = settingsOf(options(new MemoryTokenStore()))
    const late = new Authorizer(settings, new Tokens(settings), () => now)
    const old = await consent(late.begin().url)
    now += 300_001
    await assert.rejects(late.finish(old), { code: 'CTI_FORBIDDEN' })
  })

  it('throws the tokens away when somebody else came back', async () => {
    house = await House.build({ webex: { autoConsent: 'alice' } })
    const tokens = new MemoryTokenStore()
    const driver = createWebexDriver(options(tokens))
    const bob = (await house.online()).driver.ownOwner() ?? ''
    await assert.rejects(authorised(driver, bob), { code: 'CTI_FORBIDDEN' })
    assert.deepEqual(await tokens.keys(), [])
  })

  it('tells a refusal of the person, and a wrong code', async () => {
    house = await House.build({ webex: { denyConsent: true } })
    const driver = createWebexDriver(options(new MemoryTokenStore()))
    await assert.rejects(authorised(driver), { code: 'CTI_UNAUTHORIZED' })
    const { state } = driver.authorizer.begin()
    await assert.rejects(driver.authorizer.finish({ state, code: 'no-such-code' }), { code: 'CTI_UNAUTHORIZED' })
  })

  it('tells listeners of an authorisation, and no longer of one after they left', async () => {
    house = await House.build({ webex: { autoConsent: 'bob' } })
    const driver = createWebexDriver(options(new MemoryTokenStore()))
    const heard: (string | undefined)[] = []
    const leave = driver.authorizer.onAuthorised(({ name }) => heard.push(name))
    await authorised(driver)
    leave()
    await authorised(driver)
    assert.deepEqual(heard, ['Bob Keller'])
  })

  it('renews once for ten requests that were refused at once, and none of them fails', async () => {
    house = await House.build({ webex: { autoConsent: 'bob', rotateRefreshTokens: true } })
    const tokens = new MemoryTokenStore()
    await authorised(createWebexDriver(options(tokens)))
    const line = await house.online({ ...options(tokens), hooks: undefined, pollIdleMs: 60_000, settingsMs: 0 })
    const before = (await tokens.read('account'))?.accessToken
    house.simulator.face('webex').act('expireCredentials')
    const paths = await asked(() => Promise.all(Array.from({ length: 10 }, () => line.perform('request', { path: '/people/me' }))))
    assert.equal(paths.filter((path) => path === '/v1/access_token').length, 1)
    assert.notEqual((await tokens.read('account'))?.accessToken, before)
    assert.equal(line.session.status.state, 'online')
  })

  it('renews before a token expires', async () => {
    house = await House.build({ webex: { autoConsent: 'bob', accessTokenSeconds: 200 } })
    const tokens = new MemoryTokenStore()
    await authorised(createWebexDriver(options(tokens)))
    const paths = await asked(() => house.online({ ...options(tokens), hooks: undefined, settingsMs: 0, pollIdleMs: 60_000 }))
    assert.ok(paths.includes('/v1/access_token'))
    assert.ok(!paths.slice(0, paths.indexOf('/v1/access_token')).includes('/v1/people/me'))
  })

  it('is refused, and says what to do, when nobody has authorised or the authorisation was revoked', async () => {
    house = await House.build({ webex: { autoConsent: 'bob' } })
    const tokens = new MemoryTokenStore()
    const nobody = house.line({ ...options(tokens) })
    await assert.rejects(nobody.session.whenOnline(3000), { code: 'CTI_UNAUTHORIZED', message: /Authorize/ })
    await tokens.write('account', { accessToken: 'gone', refreshToken: 'revoked', expiresAt: Date.now() + 3_600_000 })
    const revoked = house.line({ ...options(tokens) })
    await assert.rejects(revoked.session.whenOnline(3000), { code: 'CTI_UNAUTHORIZED' })
    assert.equal(revoked.session.status.state, 'refused')
    assert.equal(revoked.error?.cause.authorise, true)
    assert.ok(!JSON.stringify(revoked.error).includes('revoked"'), 'no token in the error')
  })

  it('waits for a person who types the code of a device grant', async () => {
    house = await House.build({ webex: { deviceIntervalSeconds: 0.05 } })
    const driver = createWebexDriver(options(new MemoryTokenStore()))
    const grant = await driver.authorizer.beginDevice()
    assert.match(grant.verificationUri, /^http/)
    assert.ok(grant.userCode.length > 3)
    const stop = new AbortController()
    const waiting = driver.authorizer.finishDevice({ ...grant, intervalMs: 20 }, stop.signal)
    setImmediate(() => stop.abort(new Error('enough')))
    await assert.rejects(waiting, { message: 'enough' })
  })

  it('acts with a service app on members only, and with the newest refresh token', async () => {
    house = await House.build()
    const { serviceClientId: clientId = '', serviceClientSecret: clientSecret = '', serviceRefreshToken: refreshToken = '' } = house.simulator.demoLogin('webex')
    const line = await house.online({ auth: { kind: 'service', refreshToken }, client: { clientId, clientSecret }, userList: ['alice@example.com'] })
    await assert.rejects(line.perform('originate', { to: '1002' }), { code: 'CTI_INVALID_REQUEST' })
    const { newCallId } = await line.perform('originate', { user: 'alice@example.com', to: '1002', confirm: 'completed' })
    assert.equal(line.session.picture.call(newCallId ?? '')?.owner.name, 'Alice Martin')
    assert.equal(house.pbx.connectionsOf('alice').length, 1)
  })

  it('does not act on others with a token of one person', async () => {
    house = await House.build()
    const line = await house.online()
    await line.perform('searchDirectory', { query: 'alice@example.com' })
    await assert.rejects(line.perform('originate', { user: 'alice@example.com', to: '1002' }), { code: 'CTI_FORBIDDEN' })
  })
})

describe('Webex: scopes', () => {
  it('are those of what is ticked, each once', () => {
    assert.deepEqual(scopesOf(['calls', 'calls', 'xsi']), ['spark:kms', 'spark:calls_read', 'spark:calls_write', 'spark:xsi'])
  })
})
