import assert from 'node:assert/strict'
import { CtiError } from '../../src/model'
import xsiEvents from '../../nodes/events/xsi-events'
import originate from '../../nodes/actions/originate'
import { registerAccount, type AccountNode } from '../../nodes/shared/account'
import type { SimulatorAddress } from '../../nodes/shared/simulatorNode'
import type { Node, NodeAPI, NodeDef } from 'node-red'
import { event, fakeAccounts } from './support/fakeSession'
import { ACCOUNT, SECRETS, TAB, collect, helper, load, node, on, statuses, until } from './support/flows'

const TRACE = 60

describe('an account node', function () {
  const accounts = fakeAccounts()
  let simulator: () => Promise<SimulatorAddress> = () => Promise.reject(new Error('none'))
  /** Stands for the simulator's config node. */
  function simulators (RED: NodeAPI): void {
    RED.nodes.registerType('cti-simulator-pbx', function (this: Node, def: NodeDef) {
      RED.nodes.createNode(this, def)
      Object.assign(this, { whenReady: () => simulator() })
    })
  }
  const types = [(RED: NodeAPI) => { registerAccount(RED, accounts.definition) }, simulators, xsiEvents, originate]
  const events = on('n', 'cti-xsi-events', { account: 'acc' })
  const caller = on('m', 'cti-originate', { vendor: 'xsi', xsi: 'acc', y: 200 })
  const account = (): AccountNode => node('acc') as AccountNode
  const logged = (): string[] => helper.log().args.map(([entry]) => entry.msg instanceof Error ? `${entry.msg.message} ${JSON.stringify(entry.msg)}` : JSON.stringify(entry.msg) ?? '')

  before(() => helper.startServer())
  after(() => helper.stopServer())
  beforeEach(() => { accounts.sessions.length = 0 })
  afterEach(async () => { await helper.unload() })

  it('makes one session for all its users, and none without a user', async () => {
    await load(types, [ACCOUNT])
    assert.equal(accounts.sessions.length, 0)
    await helper.unload()
    await load(types, [ACCOUNT, events, caller])
    await until(() => accounts.sessions.length === 1 && accounts.last().listeners.size === 1)
    assert.deepEqual(Object.keys(account().users).sort(), ['m', 'n'])
    await helper.setFlows([TAB, ACCOUNT, events], 'nodes')
    await until(() => Object.keys(account().users).join() === 'n')
    assert.equal(accounts.last().closed, undefined, 'the other user keeps the session')
  })

  it('gives the session its label, country, time limit, credentials and stable ids', async () => {
    await load(types, [{ ...ACCOUNT, country: 'us', timeout: '7' }, events])
    await until(() => accounts.sessions.length === 1)
    const { settings } = accounts.last()
    assert.deepEqual([settings.accountId, settings.label, settings.country, settings.timeoutMs], ['acc', 'Office', 'US', 7000])
    assert.deepEqual(settings.credentials, { username: 'alice@example.com', password: 'geheim-7391' })
    assert.match(settings.stableId('application'), /^cti-[0-9a-f]{24}$/)
    assert.equal(settings.stableId('application'), settings.stableId('application'))
    assert.notEqual(settings.stableId('application'), settings.stableId('channelSet'))
  })

  it('replaces environment variables in properties and credentials', async () => {
    process.env.CTI_TEST_SECRET = 'aus-der-umgebung'
    process.env.CTI_TEST_TIMEOUT = '9'
    await load(types, [{ ...ACCOUNT, timeout: '${CTI_TEST_TIMEOUT}' }, events], { acc: { username: '12345', password: '${CTI_TEST_SECRET}' } })
    await until(() => accounts.sessions.length === 1)
    assert.deepEqual(accounts.last().settings.credentials, { username: '12345', password: 'aus-der-umgebung' })
    assert.equal(accounts.last().settings.timeoutMs, 9000)
    delete process.env.CTI_TEST_SECRET
    delete process.env.CTI_TEST_TIMEOUT
  })

  it('refuses without a try when credentials are missing, and tells users and Catch nodes', async () => {
    await load(types, [ACCOUNT, events, caller, on('caught', 'helper'), on('catch', 'catch', { wires: [['caught']] })], { acc: { username: 'alice@example.com' } })
    const seen = collect('caught')
    await until(() => account().sessionStatus.state === 'refused')
    assert.equal(accounts.sessions.length, 0)
    await until(() => seen.length === 2)
    node('m').receive({ payload: '5550100' })
    await until(() => seen.length === 3)
    assert.deepEqual(seen.map((msg) => msg.error?.code), ['CTI_INVALID_REQUEST', 'CTI_INVALID_REQUEST', 'CTI_INVALID_REQUEST'])
  })

  it('puts a refused login at Catch nodes, once for each user, as Node-RED routes it', async () => {
    await load(types, [ACCOUNT, events, caller, on('caught', 'helper'), on('catch', 'catch', { wires: [['caught']] })])
    await until(() => accounts.sessions.length === 1 && accounts.last().listeners.size === 1)
    const seen: unknown[] = []
    node('caught').on('input', (msg) => { seen.push(msg) })
    const error = new CtiError('CTI_UNAUTHORIZED', 'User name or password is wrong.', { vendor: 'xsi', httpStatus: 401, retryable: false })
    accounts.last().become({ state: 'refused', error })
    accounts.last().become({ state: 'refused', error })
    await until(() => seen.length > 0)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(seen.length, 2)
    assert.equal((seen[0] as { error: { source: { id: string }; code: string } }).error.source.id, 'acc')
  })

  it('shows each state under its users', async () => {
    await load(types, [ACCOUNT, events])
    await until(() => accounts.sessions.length === 1 && accounts.last().listeners.size === 1)
    const seen = statuses('n')
    const cases = [
      [{ state: 'authenticating' }, 'yellow ring', 'status.authenticating'], [{ state: 'waiting', retryAt: Date.now() + 8000 }, 'yellow ring', 'status.retry'],
      [{ state: 'waiting' }, 'red ring', 'status.offline'], [{ state: 'refused', error: new CtiError('CTI_UNAUTHORIZED', 'no') }, 'red dot', 'status.wrongPassword'],
      [{ state: 'refused', error: new CtiError('CTI_CONFLICT', 'no') }, 'red dot', 'status.inUse'], [{ state: 'online' }, 'green dot', 'status.online']
    ] as const
    for (const [status, look, key] of cases) {
      accounts.last().become(status)
      await until(() => seen.at(-1)?.text?.endsWith(key) === true)
      assert.equal(`${seen.at(-1)?.fill} ${seen.at(-1)?.shape}`, look)
    }
  })

  it('waits for its simulator and takes address and login from it', async () => {
    let ready: (address: SimulatorAddress) => void = () => undefined
    const address = new Promise<SimulatorAddress>((resolve) => { ready = resolve })
    simulator = () => address
    await load(types, [{ id: 'acc', type: 'cti-xsi-account', connectTo: 'simulator', simulator: 'pbx' }, { id: 'pbx', type: 'cti-simulator-pbx' }, events], {})
    assert.equal(account().sessionStatus.state, 'connecting')
    assert.equal(accounts.sessions.length, 0)
    ready({ url: (face) => `http://127.0.0.1:1/${face}`, login: () => ({ username: 'demo', password: 'demo' }) })
    await until(() => accounts.sessions.length === 1)
    assert.equal(accounts.last().settings.simulator?.url('xsi'), 'http://127.0.0.1:1/xsi')
  })

  it('says so when its simulator is missing or cannot start', async () => {
    await load(types, [{ id: 'acc', type: 'cti-xsi-account', connectTo: 'simulator', simulator: '' }, events], {})
    await until(() => account().sessionStatus.state === 'refused')
    assert.equal(account().sessionStatus.error?.cause.missing, 'simulator')
    await helper.unload()
    simulator = () => Promise.reject(new CtiError('CTI_CONFLICT', 'The port is taken.'))
    await load(types, [{ id: 'acc', type: 'cti-xsi-account', connectTo: 'simulator', simulator: 'pbx' }, { id: 'pbx', type: 'cti-simulator-pbx' }, events], {})
    await until(() => account().sessionStatus.error?.code === 'CTI_CONFLICT')
  })

  it('closes within two seconds although its session never does, and says why it closes', async () => {
    await load(types, [ACCOUNT, events])
    await until(() => accounts.sessions.length === 1)
    const session = accounts.last()
    session.closing = () => new Promise(() => undefined)
    const begin = Date.now()
    await helper.setFlows([TAB, { ...ACCOUNT, host: 'other.example.com' }, events], 'nodes')
    await until(() => accounts.sessions.length === 2, 5000)
    assert.ok(Date.now() - begin < 3000, `${Date.now() - begin} ms`)
    assert.equal(session.closed, 'restart')
    assert.equal(session.listeners.size, 0)
    const second = accounts.last()
    await helper.setFlows([TAB, on('n', 'cti-xsi-events', { account: '' })], 'nodes')
    await until(() => second.closed === 'removed')
  })

  it('keeps no listener, user or session over twenty deploys of its users', async () => {
    await load(types, [ACCOUNT, events, caller])
    await until(() => accounts.sessions.length === 1 && accounts.last().listeners.size === 1)
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    for (let i = 0; i < 20; i++) await helper.setFlows([TAB, ACCOUNT, { ...events, user: String(i) }, { ...caller, timeout: String(i + 1) }], 'nodes')
    assert.equal(accounts.sessions.length, 1)
    await until(() => accounts.last().listeners.size === 1 && Object.keys(account().users).length === 2)
    await until(() => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length <= before + 1)
  })

  it('logs each warning once, however many users it has', async () => {
    await load(types, [ACCOUNT, events, caller])
    await until(() => accounts.sessions.length === 1 && accounts.last().listeners.size === 1)
    for (let i = 0; i < 3; i++) accounts.last().warn('ack.late', 'The server waits for acknowledgements.')
    assert.equal(logged().filter((text) => text.includes('ack.late')).length, 1)
  })

  it('tries again when what the session needs cannot be reached now, and says when', async () => {
    const { definition } = accounts
    let failures = 1
    const flaky = (RED: NodeAPI): void => {
      registerAccount(RED, {
        ...definition,
        createSession: (settings, warn) => failures-- > 0 ? Promise.reject(new CtiError('CTI_UNAVAILABLE', 'Not now.', { retryable: true })) : definition.createSession(settings, warn)
      })
    }
    await load([flaky, xsiEvents], [ACCOUNT, events])
    await until(() => account().sessionStatus.state === 'waiting')
    assert.ok((account().sessionStatus.retryAt ?? 0) > 0)
    await assert.rejects(account().perform({ action: 'listCalls' }), { code: 'CTI_UNAVAILABLE' })
    await until(() => accounts.sessions.length === 1 && accounts.last().listeners.size === 1)
    assert.equal(logged().filter((text) => text.includes('log.waiting')).length, 1)
  })

  it('leaves no timer behind when it is closed while it waits for a try', async () => {
    const never = (RED: NodeAPI): void => {
      registerAccount(RED, { ...accounts.definition, createSession: () => { throw new CtiError('CTI_UNAVAILABLE', 'Not now.', { retryable: true, retryAfterMs: 3_600_000 }) } })
    }
    await load([never, xsiEvents], [ACCOUNT, events])
    await until(() => account().sessionStatus.state === 'waiting')
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    await helper.unload()
    await until(() => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length < before)
  })

  it('begins anew when what a refusal was about is there, and leaves a session that works alone', async () => {
    const released: unknown[] = []
    const releasing = (RED: NodeAPI): void => { registerAccount(RED, { ...accounts.definition, release: (session) => released.push(session) }) }
    await load([releasing, xsiEvents], [ACCOUNT, events])
    await until(() => accounts.sessions.length === 1 && accounts.last().listeners.size === 1)
    const first = accounts.last()
    first.become({ state: 'online' })
    await account().renew()
    assert.deepEqual([accounts.sessions.length, released], [1, []])
    first.become({ state: 'refused', error: new CtiError('CTI_UNAUTHORIZED', 'Authorise.') })
    await account().renew()
    await until(() => accounts.sessions.length === 2 && accounts.last().listeners.size === 1)
    assert.deepEqual([first.closed, released], ['restart', [first]])
    // While a try is under way its refusal is what the renewal was for.
    accounts.last().become({ state: 'authenticating' })
    await account().renew()
    accounts.last().become({ state: 'refused', error: new CtiError('CTI_UNAUTHORIZED', 'Authorise.') })
    await until(() => accounts.sessions.length === 3 && accounts.last().listeners.size === 1)
  })

  it('never writes a secret into the log, at any level', async () => {
    helper.settings({ logging: { console: { level: 'trace', metrics: true } } })
    await load(types, [ACCOUNT, events, caller])
    await until(() => accounts.sessions.length === 1 && accounts.last().listeners.size === 1)
    accounts.last().become({ state: 'waiting', retryAt: Date.now() + 1000, error: new CtiError('CTI_UNAVAILABLE', 'Server says 503.', { httpStatus: 503 }) })
    accounts.last().become({ state: 'refused', error: new CtiError('CTI_UNAUTHORIZED', 'Wrong.', { httpStatus: 401 }) })
    accounts.last().emit(event({ event: 'connection.refused', connection: { state: 'refused' } }))
    node('m').receive({ payload: '5550100' })
    await until(() => accounts.last().requests.length === 1)
    assert.ok(helper.log().args.some(([entry]) => entry.level <= TRACE))
    for (const secret of Object.values(SECRETS.acc).slice(1)) assert.equal(logged().some((text) => text.includes(secret)), false)
    helper.settings({})
  })
})
