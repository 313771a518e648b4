import assert from 'node:assert/strict'
import xsiAccount from '../../nodes/accounts/xsi-account'
import xivoAccount from '../../nodes/accounts/xivo-account'
import agent from '../../nodes/actions/agent'
import forwarding from '../../nodes/actions/forwarding'
import lookup from '../../nodes/actions/lookup'
import request from '../../nodes/actions/request'
import xivoEvents from '../../nodes/events/xivo-events'
import { testConnection, type TestResult } from '../../nodes/shared/connectionTest'
import type { TelephonyEvent } from '../../src/model'
import type { NodeAPI } from 'node-red'
import { TestServer, type Line, type Peer, type ServerOptions } from '../xivo/support/server'
import { arrival, collect, helper, load, node, on, statuses, until, type FlowNode, type Message } from './support/flows'

const SECRET = 'geheim-7391'
const LOGIN = { acc: { username: 'dexample', password: SECRET } }

describe('nodes on a XiVO server', function () {
  this.timeout(15_000)
  let server: TestServer
  let port = ''
  let seen: Message[] = []
  let RED: NodeAPI | undefined
  const keep = (api: NodeAPI): void => { RED = api }
  const types = [xsiAccount, xivoAccount, xivoEvents, agent, forwarding, lookup, request, keep]

  /** Deploys an account on a new server, with an events node and one of each action node. */
  async function start (options: Partial<ServerOptions> = {}, account: Record<string, unknown> = {}, events: Record<string, unknown> = {}): Promise<void> {
    server = new TestServer({ version: '1.2', password: SECRET, ...options })
    port = String(await server.listen())
    const flow: FlowNode[] = [
      { id: 'acc', type: 'cti-xivo-account', name: 'Desk', connectTo: 'system', host: '127.0.0.1', port, settleMs: '0', scope: 'all', ...account },
      on('events', 'cti-xivo-events', { account: 'acc', wires: [['seen']], ...events }), on('seen', 'helper'), on('done', 'helper'),
      on('catch', 'catch', { wires: [['failed']] }), on('failed', 'helper'),
      ...['agent', 'forwarding', 'lookup', 'request'].map((name) => on(name, `cti-${name}`, { vendor: 'xivo', xivo: 'acc', action: name === 'request' ? 'request' : '', output: 'result', wires: [['done']] }))
    ]
    await load(types, flow, LOGIN)
    seen = collect('seen')
  }
  const online = (): Promise<void> => until(() => seen.some(({ topic }) => topic === 'connection.online'), 8000)
  async function event (name: string): Promise<TelephonyEvent> {
    await until(() => seen.some(({ topic }) => topic === name), 5000)
    return seen.find(({ topic }) => topic === name)?.payload as TelephonyEvent
  }
  async function run (id: string, payload: unknown): Promise<Record<string, unknown>> {
    const got = Promise.race([arrival('done'), arrival('failed').then(({ error }) => assert.fail(`${error?.code}: ${error?.message}`))])
    node(id).receive({ payload })
    return (await got).payload as Record<string, unknown>
  }
  /** Of the connection that is logged in: the first one asked for the version. */
  const peer = (): Peer => server.peers.at(-1) ?? assert.fail('nobody is connected')
  const ring = (tid: string): void => peer().send({ class: 'getlist', listname: 'phones', function: 'updatestatus', tipbxid: 'xivo', tid, status: { hintstatus: '8' } })
  /** Everything that clients sent. */
  const lines = (): Line[] => server.peers.flatMap((peer) => peer.lines)

  before(() => helper.startServer())
  after(() => helper.stopServer())
  afterEach(async () => {
    await helper.unload()
    await server.close()
  })

  it('log in by digest, become green, and tell calls as neutral events with the vendor\'s own line', async () => {
    await start()
    const shown = statuses('events')
    await online()
    await until(() => shown.at(-1)?.fill === 'green')
    assert.equal(JSON.stringify(lines()).includes(SECRET), false)
    ring('7')
    const ringing = await event('call.ringing')
    assert.deepEqual([ringing.platform, ringing.account, ringing.call?.owner.name, ringing.call?.direction], ['xivo', 'Desk', 'Dana Example', 'inbound'])
    assert.equal((seen.find(({ topic }) => topic === 'call.ringing')?.vendorEvent as { tid: string }).tid, '7')
  })

  it('show only what the account watches: the own user, by default', async () => {
    await start({}, { scope: '' })
    await online()
    ring('9')
    ring('7')
    await event('call.ringing')
    assert.deepEqual(seen.filter(({ topic }) => topic === 'call.ringing').map(({ payload }) => (payload as TelephonyEvent).user?.id ?? (payload as TelephonyEvent).call?.owner.id), ['3'])
  })

  it('filter events by user', async () => {
    await start({}, {}, { user: 'Lee Sample' })
    await online()
    ring('7')
    ring('9')
    assert.equal((await event('call.ringing')).call?.owner.name, 'Lee Sample')
    assert.equal(seen.filter(({ topic }) => topic === 'call.ringing').length, 1)
  })

  it('log the agent in at each connect, on the phone of the account, and take the presence', async () => {
    await start({}, { agentLogin: true, agentId: '2006', agentNumber: '1009', presence: 'away' })
    await online()
    await until(() => lines().some((line) => line.command === 'agentlogin'))
    const login = lines().find((line) => line.command === 'agentlogin')
    assert.deepEqual([login?.agentids, login?.agentphonenumber], ['agent:xivo/6', '1009'])
    assert.equal(lines().find((line) => line.class === 'login_capas')?.state, 'away')
  })

  it('send actions in the server\'s words, and take the event that follows for the proof', async () => {
    const told = (availability: string): Line => ({ class: 'getlist', listname: 'agents', function: 'updatestatus', tipbxid: 'xivo', tid: '4', status: { availability, availability_since: Date.now() / 1000, phonenumber: '1007' } })
    await start({ answer: (line) => line.command === 'agentlogin' ? [told('available')] : undefined })
    await online()
    const result = await run('agent', { action: 'agentLogin', agent: '2004', extension: '1007' })
    assert.equal(result.outcome, 'completed')
    assert.equal((await event('agent.loggedIn')).agent?.number, '2004')
  })

  it('refuse what XiVO cannot do, and name who can', async () => {
    await start()
    await online()
    const failed = arrival('failed')
    node('forwarding').receive({ payload: { action: 'setRemoteOffice', enabled: true } })
    const { error } = await failed
    assert.equal(error?.code, 'CTI_UNSUPPORTED')
    assert.match(error?.message ?? '', /Systems that can: xsi/)
  })

  it('list who works there, and send a request in the server\'s own words', async () => {
    await start()
    await online()
    const { items } = await run('lookup', { action: 'listUsers' })
    assert.deepEqual((items as { name: string }[]).map(({ name }) => name).sort(), ['Dana Example', 'Lee Sample'])
    await run('request', { body: { class: 'getipbxlist' } })
    assert.ok(lines().filter((line) => line.class === 'getipbxlist').length >= 2)
  })

  it('say that the password is wrong, to the status and to Catch nodes, and do not try again', async () => {
    await start({ password: 'another', swallowLoginErrors: true })
    const shown = statuses('events')
    const failed = await arrival('failed')
    assert.equal(failed.error?.code, 'CTI_UNAUTHORIZED')
    await until(() => shown.some(({ text }) => text?.endsWith('status.wrongPassword')))
    assert.equal(server.peers.length, 2, 'one asked for the version, one logged in')
    assert.equal(JSON.stringify(failed).includes(SECRET), false)
  })

  it('do not send the password in clear to a server that wants it so, unless told', async () => {
    await start({ version: '2.3' })
    assert.equal((await arrival('failed')).error?.code, 'CTI_UNSUPPORTED')
    assert.equal(JSON.stringify(lines()).includes(SECRET), false)
    await helper.unload()
    await server.close()
    await start({ version: '2.3' }, { clearPassword: true })
    await online()
  })

  it('say what is missing in an imported account, without connecting', async () => {
    server = new TestServer({ version: '1.2' })
    port = String(await server.listen())
    await load(types, [
      { id: 'acc', type: 'cti-xivo-account', name: '', host: '127.0.0.1', port }, on('events', 'cti-xivo-events', { account: 'acc' }),
      on('catch', 'catch', { wires: [['failed']] }), on('failed', 'helper')
    ], {})
    assert.equal((await arrival('failed')).error?.cause?.missing, 'username')
    assert.equal(server.peers.length, 0)
  })

  it('test a connection with unsaved values, and keep a stored password from another address or a weaker line', async () => {
    await start()
    await online()
    const saved = { connectTo: 'system', host: '127.0.0.1', port }
    const ask = (properties: Record<string, unknown>, credentials: Record<string, unknown> = { username: 'dexample', password: SECRET }): Promise<TestResult> =>
      testConnection(RED!, 'acc', { type: 'cti-xivo-account', properties: { ...saved, ...properties }, credentials })
    assert.equal((await ask({})).ok, true)
    assert.equal((await ask({}, { username: 'dexample', password: 'typo' })).code, 'CTI_UNAUTHORIZED')
    assert.equal((await ask({}, { username: 'dexample', password: '__PWRD__' })).ok, true)
    for (const other of [{ host: 'localhost' }, { clearPassword: true }, { starttls: 'off' }]) {
      await assert.rejects(ask(other, { username: 'dexample', password: '__PWRD__' }), { code: 'CTI_INVALID_REQUEST' })
    }
  })
})
