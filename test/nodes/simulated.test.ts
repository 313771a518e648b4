import assert from 'node:assert/strict'
import simulatorPbx from '../../nodes/simulator/simulator-pbx'
import xsiAccount from '../../nodes/accounts/xsi-account'
import xsiEvents from '../../nodes/events/xsi-events'
import originate from '../../nodes/actions/originate'
import transfer from '../../nodes/actions/transfer'
import call from '../../nodes/actions/call'
import request from '../../nodes/actions/request'
import { isSimulatedPbx } from '../../nodes/shared/simulatedPbx'
import type { Simulator } from '../../src/simulator/simulator'
import { TAB, arrival, collect, helper, load, node, on, statuses, until, type FlowNode, type Message } from './support/flows'

const CAROL = '+12025550199'

describe('nodes on a simulated XSI system', function () {
  this.timeout(20_000)
  const types = [simulatorPbx, xsiAccount, xsiEvents, originate, transfer, call, request]
  const flow: FlowNode[] = [
    { id: 'pbx', type: 'cti-simulator-pbx', name: '' }, { id: 'acc', type: 'cti-xsi-account', name: 'Alice', connectTo: 'simulator', simulator: 'pbx', scope: 'user' },
    on('events', 'cti-xsi-events', { account: 'acc', wires: [['seen']] }), on('seen', 'helper'),
    on('place', 'cti-originate', { vendor: 'xsi', xsi: 'acc', wires: [['done']] }), on('act', 'cti-call', { action: '', wires: [['done']] }),
    on('move', 'cti-transfer', { action: '', wires: [['done']] }), on('ask', 'cti-request', { vendor: 'xsi', xsi: 'acc', method: 'GET', methodType: 'str', wires: [['done']] }),
    on('done', 'helper'), on('catch', 'catch', { wires: [['failed']] }), on('failed', 'helper')
  ]
  let seen: Message[] = []
  const simulator = (): Promise<Simulator> => {
    const pbx: unknown = node('pbx')
    assert.ok(isSimulatedPbx(pbx))
    return pbx.simulator()
  }
  const start = async (): Promise<void> => {
    await load(types, flow, {})
    seen = collect('seen')
    await until(() => seen.some((msg) => msg.topic === 'connection.online'), 8000)
  }
  const event = async (topic: string): Promise<Message> => {
    await until(() => seen.some((msg) => msg.topic === topic), 5000)
    return seen.find((msg) => msg.topic === topic)!
  }
  const run = async (id: string, payload: unknown): Promise<Record<string, unknown>> => {
    const got = Promise.race([arrival('done'), arrival('failed').then((failed) => { throw new Error(`${failed.error?.code}: ${failed.error?.message}`) })])
    node(id).receive({ payload })
    return (await got).payload as Record<string, unknown>
  }
  const fail = async (id: string, payload: unknown): Promise<NonNullable<Message['error']>> => {
    const got = arrival('failed')
    node(id).receive({ payload })
    return (await got).error!
  }

  before(() => helper.startServer())
  after(() => helper.stopServer())
  beforeEach(start)
  afterEach(async () => { await helper.unload() })

  it('places a call, holds and ends it, each on the result of the one before', async () => {
    const placed = await run('place', CAROL)
    assert.equal(typeof placed.newCallId, 'string')
    await run('act', { accountId: 'acc', action: 'answer', callId: placed.newCallId })
    await event('call.answered')
    const held = await run('act', { ...placed, action: 'hold', outcome: undefined })
    assert.equal(held.callId, placed.newCallId)
    await event('call.held')
    await run('act', { accountId: 'acc', action: 'hangup', callId: placed.newCallId })
    const ended = await event('call.ended')
    assert.equal((ended.payload as { call: { id: string } }).call.id, placed.newCallId)
    assert.equal(typeof ended.vendorEvent, 'object')
  })

  it('has vendor errors at the Catch node with code and cause', async () => {
    const gone = await fail('act', { accountId: 'acc', action: 'hangup', callId: 'alice@example.com/callhalf-99999:0' })
    assert.equal(gone.code, 'CTI_NOT_FOUND')
    assert.equal((await fail('place', 'no number')).code, 'CTI_INVALID_REQUEST')
    assert.equal((await fail('act', { accountId: 'acc', action: 'sendDtmf', callId: 'x', digits: 'hello' })).code, 'CTI_INVALID_REQUEST')
    assert.equal((await fail('act', { accountId: 'acc', action: 'hold' })).code, 'CTI_NOT_FOUND', 'no call is there, and none is named')
    assert.equal((await fail('place', {})).code, 'CTI_INVALID_REQUEST', 'nothing to call')
    const vendor = await fail('ask', { path: '/v2.0/user/nobody@example.com/profile' })
    assert.equal(vendor.cause?.vendor, 'xsi')
    assert.equal(typeof vendor.cause?.httpStatus, 'number')
  })

  it('asks the system in its own words', async () => {
    const answer = await run('ask', { path: '/v2.0/user/alice@example.com/profile' })
    assert.equal((answer.data as { status: number }).status, 200)
  })

  it('gives up after the time limit', async () => {
    const { faults } = await simulator()
    faults.inject({ kind: 'slow', ms: 4000 })
    const failed = await fail('place', { to: CAROL, timeoutMs: 300 })
    assert.ok(['CTI_UNKNOWN_OUTCOME', 'CTI_TIMEOUT'].includes(failed.code ?? ''), failed.code)
  })

  it('tells when the connection is lost during a request, and does not place the call again', async () => {
    const { faults, restartFace, pbx } = await simulator()
    faults.inject({ kind: 'hang', path: '/calls/new' })
    const failed = fail('place', { to: CAROL, timeoutMs: 1500 })
    await until(() => (faults.counts.hang ?? 0) > 0)
    await restartFace('xsi', { downMs: 200 })
    const error = await failed
    assert.equal(error.code, 'CTI_UNKNOWN_OUTCOME', `${error.message} ${JSON.stringify(error.cause)}`)
    assert.equal(faults.counts.hang, 1)
    assert.ok([...pbx.calls.values()].length <= 1)
  })

  it('shows the loss of the connection, fails what runs, and comes back', async () => {
    const shown = statuses('events')
    const { restartFace } = await simulator()
    await restartFace('xsi', { downMs: 600 })
    await until(() => shown.some((status) => status.fill === 'yellow' || status.fill === 'red'), 5000)
    await until(() => shown.at(-1)?.fill === 'green', 15_000)
    assert.ok(seen.some((msg) => msg.topic === 'connection.offline'))
  })

  it('follows its simulator when that is deployed anew', async () => {
    const first = (await simulator()).faces.xsi?.url
    seen.length = 0
    await helper.setFlows([TAB, ...flow.map((one) => one.id === 'pbx' ? { ...one, seed: '7' } : one)], 'nodes')
    seen = collect('seen')
    await until(() => node('pbx') !== null && seen.some((msg) => msg.topic === 'connection.online'), 8000)
    assert.notEqual((await simulator()).faces.xsi?.url, first)
    assert.ok((await run('ask', { path: '/v2.0/user/alice@example.com/profile' })).data)
  })

  it('works in a subflow, with the account given from outside', async () => {
    await helper.unload()
    const inner: FlowNode[] = [
      { id: 'sub', type: 'subflow', name: 'who', in: [], out: [{ x: 1, y: 1, wires: [{ id: 'inner', port: 0 }] }], env: [{ name: 'ACCOUNT', type: 'str', value: '' }] },
      { ...on('inner', 'cti-xsi-events', { account: '${ACCOUNT}' }), z: 'sub' },
      on('use', 'subflow:sub', { env: [{ name: 'ACCOUNT', type: 'conf-type', value: 'acc' }], wires: [['seen']] })
    ]
    await load(types, [...flow.filter(({ id }) => id === 'pbx' || id === 'acc' || id === 'seen'), ...inner], {})
    seen = collect('seen')
    await event('connection.online')
  })

  it('leaves no socket or timer behind after deploys', async () => {
    await helper.unload()
    const rest = (): number => process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout/.test(name)).length
    const before = rest()
    for (let i = 0; i < 20; i++) {
      await start()
      await helper.setFlows([TAB, ...flow], 'full')
      await helper.unload()
    }
    await until(() => rest() <= before + 2, 5000)
    await load(types, flow, {})
  })
})
