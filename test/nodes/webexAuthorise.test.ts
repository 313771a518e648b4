import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AccountNode } from '../../nodes/shared/account'
import webexAccount from '../../nodes/accounts/webex-account'
import xsiAccount from '../../nodes/accounts/xsi-account'
import webexEvents from '../../nodes/events/webex-events'
import xsiEvents from '../../nodes/events/xsi-events'
import { startSimulator, type Simulator } from '../../src/simulator/simulator'
import { collect, helper, load, node, on, served, statuses, until, type FlowNode } from './support/flows'

type Answer = Record<string, unknown> & { state?: string; address?: string; userCode?: string; message?: string; ok?: boolean; holder?: { name?: string } }

describe('authorising a Webex account', function () {
  this.timeout(20_000)
  const types = [served, webexAccount, webexEvents, xsiAccount, xsiEvents]
  let simulator: Simulator
  let userDir = ''
  let account: FlowNode
  let secrets: Record<string, string>
  const base = (): string => helper.url()
  const state = (): string => (node('acc') as AccountNode).sessionStatus.state
  const online = async (): Promise<void> => { await until(() => state() === 'online', 8000).catch(() => assert.fail(JSON.stringify((node('acc') as AccountNode).sessionStatus) + (node('acc') as AccountNode).sessionStatus.error?.message)) }

  before(() => helper.startServer())
  after(() => helper.stopServer())
  beforeEach(async () => {
    simulator = await startSimulator({ webex: { autoConsent: 'alice', deviceIntervalSeconds: 0.05 } })
    userDir = await mkdtemp(join(tmpdir(), 'cti-webex-'))
    helper.settings({ userDir })
    const login = simulator.demoLogin('webex') as unknown as Record<string, string>
    account = {
      id: 'acc', type: 'cti-webex-account', name: 'Office', connectTo: 'system', auth: 'integration', baseUrl: `${simulator.face('webex').url}/v1`, clientId: login.clientId,
      redirectUri: `${base()}/cti/oauth/callback`, features: ['calls', 'people', 'settings', 'xsi']
    }
    secrets = { clientSecret: login.clientSecret!, tokenKey: 'a'.repeat(64), webhookSecret: 'b'.repeat(64) }
  })
  afterEach(async () => {
    await helper.unload()
    helper.settings({ userDir: undefined })
    await simulator.close()
    await rm(userDir, { recursive: true, force: true })
  })

  const deploy = (change: Record<string, unknown> = {}, more: FlowNode[] = []): Promise<void> =>
    load(types, [{ ...account, ...change }, on('events', 'cti-webex-events', { account: 'acc', wires: [['seen']] }), on('seen', 'helper'), ...more], { acc: secrets })
  const post = async (what: string, more: Record<string, unknown> = {}, change: Record<string, unknown> = {}): Promise<{ status: number; body: Answer }> => {
    const { id, type, ...properties } = { ...account, ...change }
    const credentials = Object.fromEntries(Object.keys(secrets).map((name) => [name, '__PWRD__']))
    const reply = await fetch(`${base()}/cti/${id}/${what}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ type, properties, credentials, ...more }) })
    return { status: reply.status, body: await reply.json() as Answer }
  }
  const standing = async (): Promise<Answer> => await (await fetch(`${base()}/cti/acc/authorization`)).json() as Answer

  it('by the browser: the redirect comes back, the account goes on, and says who it was', async () => {
    await deploy()
    await until(() => state() === 'refused')
    assert.deepEqual(await standing(), { state: 'none' })
    const { body } = await post('authorize', { way: 'browser' })
    assert.equal(body.state, 'waiting')
    const scopes = new URL(body.address!).searchParams.get('scope')?.split(' ') ?? []
    assert.ok(scopes.includes('spark:calls_write') && scopes.includes('spark:xsi') && !scopes.includes('spark-admin:calls_read'), scopes.join(' '))
    const page = await fetch(body.address!)
    assert.equal(page.status, 200, await page.text())
    await online()
    assert.deepEqual([(await standing()).state, (await standing()).holder?.name], ['done', 'Alice Martin'])
    const logged = helper.log().args.map(([{ msg }]) => msg instanceof Error ? `${msg.message} ${JSON.stringify(msg)}` : JSON.stringify(msg) ?? '')
    for (const secret of Object.values(secrets)) assert.equal(logged.some((text) => text.includes(secret)), false)
  })

  it('keeps the tokens encrypted, for the owner only, over a restart', async () => {
    await deploy()
    await fetch((await post('authorize')).body.address!)
    await online()
    const path = join(userDir, '.cti-tokens', 'acc.json')
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    assert.equal((await readFile(path)).includes('spark:'), false)
    await helper.unload()
    await deploy()
    await online()
    assert.equal((await standing()).holder?.name, 'Alice Martin')
  })

  it('by a code on another device', async () => {
    await deploy()
    const { body } = await post('authorize', { way: 'device' })
    assert.ok(body.userCode !== undefined && body.userCode.length >= 4 && URL.canParse(body.address!), JSON.stringify(body))
    assert.equal((await standing()).state, 'waiting')
    const form = new URLSearchParams({ userCode: body.userCode, person: 'alice', password: 'demo', decision: 'accept' })
    const page = await fetch(new URL('/v1/device/verify', body.address!), { method: 'POST', body: form })
    assert.equal(page.status, 200)
    await online()
    assert.equal((await standing()).holder?.name, 'Alice Martin')
  })

  it('takes a redirect once, and none that it did not begin', async () => {
    await deploy()
    const { body } = await post('authorize')
    const first = await fetch(body.address!)
    const again = await fetch(first.url)
    assert.deepEqual([first.status, again.status], [200, 400])
    assert.equal((await standing()).state, 'done', 'a second redirect undoes nothing')
    for (const query of ['', '?code=x', '?code=x&state=acc~a.b', '?code=x&state=nobody~a.b', '?code=x&state=<script>', '?code=a&code=b&state=acc~a.b']) {
      const reply = await fetch(`${base()}/cti/oauth/callback${query}`)
      assert.equal(reply.status, 400, query)
      assert.equal((await reply.text()).includes('<script>'), false)
    }
  })

  it('says that nobody agreed', async () => {
    await simulator.close()
    simulator = await startSimulator({ webex: { denyConsent: true } })
    account = { ...account, baseUrl: `${simulator.face('webex').url}/v1` }
    await deploy()
    const page = await fetch((await post('authorize')).body.address!)
    assert.equal(page.status, 400)
    const { state: how, message } = await standing()
    assert.equal(how, 'failed')
    assert.match(message ?? '', /did not agree/)
    await until(() => state() === 'refused')
  })

  it('says what to check when the integration is refused', async () => {
    await deploy()
    const { body } = await post('authorize', { credentials: { ...secrets, clientSecret: 'mistyped' } })
    assert.equal((await fetch(body.address!)).status, 400)
    assert.match((await standing()).message ?? '', /status 401.*(Check client id|checkClient)/)
  })

  it('shows again who authorised before, some time after another try went wrong', async () => {
    await deploy()
    await fetch((await post('authorize')).body.address!)
    await online()
    const began = new URL((await post('authorize')).body.address!).searchParams.get('state') ?? ''
    await fetch(`${base()}/cti/oauth/callback?error=access_denied&state=${encodeURIComponent(began)}`)
    assert.equal((await standing()).state, 'failed')
    const real = Date.now
    try {
      Date.now = () => real() + 600_000
      assert.deepEqual([(await standing()).state, (await standing()).holder?.name], ['done', 'Alice Martin'])
    } finally {
      Date.now = real
    }
  })

  it('works before the account is deployed, with the secrets as typed', async () => {
    await load(types, [on('seen', 'helper')], {})
    const { body } = await post('authorize', { credentials: secrets })
    assert.equal((await fetch(body.address!)).status, 200)
    assert.equal((await standing()).holder?.name, 'Alice Martin')
    await helper.unload()
    await deploy()
    await online()
  })

  it('sends no stored secret to another address, and needs a key to keep what comes back', async () => {
    await deploy()
    assert.equal((await post('authorize', {}, { tokenUrl: 'https://evil.example.net/token' })).status, 400)
    assert.equal((await post('authorize', { credentials: { clientSecret: 'typed' } })).status, 400)
    assert.equal((await post('authorize', { type: 'cti-xsi-account' })).status, 400)
    assert.equal((await post('authorize', { credentials: { ...secrets, clientSecret: '' } })).status, 400)
  })

  it('tests the public address along the way of the webhooks', async () => {
    await deploy()
    assert.deepEqual((await post('reach', {}, { publicUrl: base() })).body.ok, true)
    assert.equal((await post('reach', {}, { publicUrl: `${base()}/elsewhere` })).body.ok, false)
    assert.equal((await post('reach', {}, { publicUrl: '' })).body.ok, false)
    assert.equal((await post('reach', {}, { publicUrl: 'ftp://x' })).status, 400)
  })

  it('lets webhooks in by the account\'s own path, signature and size only', async () => {
    await deploy({ publicUrl: base() })
    await fetch((await post('authorize')).body.address!)
    await online()
    const [hook] = simulator.face('webex').connections()
    const target = hook!.peer
    const send = async (url: string, body: string, secret = secrets.webhookSecret!): Promise<number> => {
      const reply = await fetch(url, { method: 'POST', body, headers: { 'X-Spark-Signature': createHmac('sha1', secret).update(body).digest('hex') } })
      return reply.status
    }
    assert.equal(await send(target, '{}'), 204)
    assert.equal(await send(target, '{}', 'another secret'), 401)
    assert.equal(await send(target.replace(/.$/, (last) => last === '0' ? '1' : '0'), '{}'), 404)
    assert.equal(await send(target.replace('/acc/', '/other/'), '{}'), 404)
    assert.equal(await send(target, 'x'.repeat(300 * 1024)), 413)
    const seen = collect('seen')
    simulator.pbx.inbound({ from: '+12025550199', to: '1001' })
    await until(() => seen.some(({ topic }) => topic === 'call.ringing'))
  })

  it('polls, and says why, where Node-RED asks everybody for a password', async () => {
    helper.settings({ userDir, httpNodeAuth: { user: 'x', pass: 'y' } })
    await deploy({ publicUrl: base() })
    const shown = statuses('events')
    await fetch((await post('authorize')).body.address!)
    await online()
    assert.deepEqual(simulator.face('webex').connections(), [])
    await until(() => shown.at(-1)?.text === '@switchhook/node-red-cti/cti-editor:status.polling')
    assert.ok(helper.log().args.some(([{ msg }]) => String(msg).includes('httpNodeAuth')))
    const seen = collect('seen')
    simulator.pbx.inbound({ from: '+12025550199', to: '1001' })
    await until(() => seen.some(({ topic }) => topic === 'call.ringing'), 8000)
    assert.equal((await post('reach', {}, { publicUrl: base() })).body.ok, false)
    helper.settings({ userDir, httpNodeAuth: undefined })
  })

  it('lends token and servers to an XSI account, which tries again while Webex cannot be asked', async () => {
    const xsi: FlowNode = { id: 'xsi', type: 'cti-xsi-account', name: 'XSI', auth: 'webex', webex: 'acc' }
    await deploy({}, [xsi, on('xevents', 'cti-xsi-events', { account: 'xsi', wires: [['xseen']] }), on('xseen', 'helper')])
    const borrower = node('xsi') as AccountNode
    await until(() => borrower.sessionStatus.state === 'refused')
    await fetch((await post('authorize')).body.address!)
    await online()
    await until(() => borrower.sessionStatus.state === 'online', 8000)
    const seen = collect('xseen')
    simulator.pbx.inbound({ from: '+12025550199', to: '1001' })
    await until(() => seen.some(({ topic }) => topic === 'call.ringing'))
  })
})
