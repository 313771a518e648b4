import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import registerSimulator from '../../../nodes/simulator/simulator'
import registerPbx from '../../../nodes/simulator/simulator-pbx'
import { isSimulatedPbx, type SimulatedPbx } from '../../../nodes/shared/simulatedPbx'
import { isSimulatorNode } from '../../../nodes/shared/simulatorNode'
import { helper, load, node, on, until, type FlowNode, type Message } from '../support/flows'

const PBX: FlowNode = { id: 'pbx', type: 'cti-simulator-pbx', name: 'house', ports: '', directory: '', traffic: '0', seed: '1' }
const sim = (action = ''): FlowNode => on('sim', 'cti-simulator', { pbx: 'pbx', action, wires: [['out']] })
const FLOW = (action?: string): FlowNode[] => [PBX, sim(action), on('out', 'helper'), on('catch', 'catch', { wires: [['problem']], scope: null }), on('problem', 'helper')]

const pbxNode = (): SimulatedPbx => {
  const found: unknown = node('pbx')
  assert.ok(isSimulatedPbx(found))
  return found
}
/** The admin application of the present flow; the helper makes a new one with each. */
const admin = helper as unknown as { request (): { post (path: string): Promise<{ status: number }> } }
const press = async (id: string): Promise<number> => (await admin.request().post(`/cti-simulator/${id}/press`)).status

/** What came out of the node, or of the Catch node, in order. */
let seen: Message[] = []
async function begin (flow: FlowNode[]): Promise<void> {
  await load([registerPbx, registerSimulator], flow, {})
  seen = []
  for (const id of ['out', 'problem']) node(id).on('input', (msg) => { seen.push(msg as Message) })
}
async function send (payload?: unknown, ms?: number): Promise<Message> {
  const place = seen.length
  node('sim').receive({ payload })
  await until(() => seen.length > place, ms)
  return seen[place]
}

const SYSTEMS = ['xsi', 'xivo', 'five9', 'ipecs', 'webex'] as const

describe('simulator nodes', () => {
  afterEach(async () => { await helper.unload() })
  const start = async (action?: string): Promise<void> => begin(FLOW(action))

  it('gives an account the address and the login of its systems once it listens', async () => {
    await start()
    const found: unknown = node('pbx')
    assert.ok(isSimulatorNode(found))
    const address = await found.whenReady()
    assert.match(address.url('xsi'), /^http:\/\/127\.0\.0\.1:\d+$/)
    const { username, password, adminUsername, groupId, enterpriseId } = address.login('xsi')
    assert.deepEqual([username, adminUsername, groupId, enterpriseId], ['alice@example.com', 'cti-admin@example.com', 'sales', 'acme'])
    const asked = await fetch(`${address.url('xsi')}/com.broadsoft.xsi-actions/v2.0/user/${username}/profile`, { headers: { Authorization: `Basic ${btoa(`${username}:${password}`)}` } })
    assert.equal(asked.status, 200)
    for (const system of SYSTEMS) assert.match(address.url(system), /^(https?|tcp):\/\/127\.0\.0\.1:\d+$/)
  })

  it('is gone from its port within two seconds after a deploy, with a client still connected', async () => {
    await start()
    const url = new URL((await (pbxNode()).whenReady()).url('xsi'))
    const began = Date.now()
    await helper.unload()
    assert.ok(Date.now() - began < 2000)
    await assert.rejects(fetch(url))
  })

  it('rings Alice at a press of the button', async () => {
    await start()
    const { pbx } = await pbxNode().simulator()
    assert.equal(await press('sim'), 200)
    await until(() => seen.length === 1)
    assert.equal((seen[0].payload as { action: string }).action, 'ring')
    assert.deepEqual(pbx.connectionsOf('alice').map(({ state, remote }) => [state, remote?.number]), [['alerting', '+12025550199']])
  })

  it('says that a node does not run when its button is pressed before Deploy', async () => {
    await start()
    assert.equal(await press('nobody'), 404)
    assert.equal(await press('pbx'), 404)
  })

  it('rings whom the node names, unless the message names somebody', async () => {
    await begin(FLOW().map((each) => each.id === 'sim' ? { ...each, to: 'bob' } : each))
    const rung = async (payload: unknown): Promise<unknown> => ((await send(payload)).payload as { party?: { userKey?: string } }).party?.userKey
    assert.equal(await rung({}), 'bob')
    assert.equal(await rung({ to: 'dave' }), 'dave')
    assert.equal((await send({ action: 'answer', user: 'bob' })).error, undefined)
    assert.equal((await send({ action: 'answer' })).error?.code, 'CTI_CONFLICT', 'other actions are about Alice still')
  })

  it('plays a call by messages: ring, answer, hang up', async () => {
    await start()
    const { pbx } = await pbxNode().simulator()
    const rang = await send({ action: 'ring', to: '1002', from: '+12025550155', name: 'Short Talker' })
    assert.deepEqual(rang.request, { action: 'ring', to: '1002', from: '+12025550155', name: 'Short Talker' })
    assert.equal(pbx.connectionsOf('bob')[0].remote?.name, 'Short Talker')
    await send({ action: 'answer', user: 'bob' })
    assert.equal(pbx.connectionsOf('bob')[0].state, 'connected')
    await send({ action: 'hangup', user: 'bob', by: 'caller' })
    assert.deepEqual(pbx.connectionsOf('bob'), [])
  })

  it('takes text as the field that the action is about', async () => {
    await start('ring')
    const { pbx } = await pbxNode().simulator()
    await send('+12025550188')
    assert.equal(pbx.connectionsOf('alice')[0].remote?.number, '+12025550188')
  })

  it('takes a time stamp for a mere trigger', async () => {
    await start('ring')
    const { pbx } = await pbxNode().simulator()
    await send(Date.now())
    assert.equal(pbx.connectionsOf('alice')[0].remote?.number, '+12025550199')
  })

  it('withholds the caller when asked for an empty number', async () => {
    await start('ring')
    await send({ from: '' })
    assert.equal((await pbxNode().simulator()).pbx.connectionsOf('alice')[0].remote?.private, true)
  })

  it('sets and ends failures, traffic and connections', async () => {
    await start()
    const simulator = await pbxNode().simulator()
    await send({ action: 'fault', kind: 'status', status: 503, times: 2, face: 'xsi' })
    assert.deepEqual(simulator.faults.list().map(({ kind, status, times, face }) => [kind, status, times, face]), [['status', 503, 2, 'xsi']])
    await send({ action: 'clearFaults' })
    assert.deepEqual(simulator.faults.list(), [])
    await send({ action: 'traffic', callsPerMinute: 30 })
    assert.equal(simulator.traffic.rate.callsPerMinute, 30)
    await send({ action: 'traffic', callsPerMinute: 0 })
    assert.equal(simulator.traffic.rate.callsPerMinute, 0)
    assert.deepEqual((await send({ action: 'drop' })).payload, { action: 'drop', dropped: 0 })
    const { port } = new URL(simulator.faces.xsi?.url ?? '')
    assert.deepEqual((await send({ action: 'restart' })).payload, { action: 'restart', restarted: SYSTEMS, downMs: 0 })
    assert.ok((await fetch(`http://127.0.0.1:${port}/`)).status >= 400)
  })

  it('does what one system only can, and names what there is when asked for something else', async () => {
    await start()
    const { payload } = await send({ action: 'command', face: 'webex', command: 'say', user: 'alice', text: '/help' })
    assert.equal((payload as { result: { text: string } }).result.text, '/help')
    assert.deepEqual([(payload as { face: string }).face, (payload as { command: string }).command], ['webex', 'say'])
    assert.equal((await send({ action: 'command', command: 'say', user: 'nobody' })).error?.code, 'CTI_NOT_FOUND')
    const { error } = await send({ action: 'command', command: 'sing' })
    assert.equal(error?.code, 'CTI_INVALID_REQUEST')
    assert.match(error?.message ?? '', /webex: say/)
  })

  it('lists the state: people, calls, systems, scenarios', async () => {
    await start()
    await send({ action: 'ring' })
    const { payload } = await send({ action: 'state' }) as { payload: { users: { key: string }[]; calls: { state: string }[]; systems: { name: string }[]; scenarios: string[] } }
    assert.ok(payload.users.some(({ key }) => key === 'alice'))
    assert.equal(payload.calls.length, 2)
    assert.deepEqual(payload.systems.map(({ name }) => name), SYSTEMS)
    assert.ok(payload.scenarios.includes('in-answered'))
    assert.doesNotThrow(() => structuredClone(payload))
  })

  it('plays a scenario and sends the message on at its end', async () => {
    await start()
    const { pbx } = await pbxNode().simulator()
    const facts: string[] = []
    pbx.facts.on(({ type, cause }) => { facts.push(`${type} ${cause ?? ''}`.trim()) })
    const { payload, error } = await send({ action: 'scenario', scenario: 'in-rejected' }, 8000)
    assert.equal(error, undefined)
    assert.deepEqual(payload, { action: 'scenario', scenario: 'in-rejected' })
    assert.ok(facts.includes('cleared busy') || facts.includes('failed busy'), facts.join())
  })

  it('ends a scenario with the flow, without an error', async () => {
    await start()
    node('sim').receive({ payload: { action: 'scenario', scenario: 'in-missed' } })
    const { pbx } = await pbxNode().simulator()
    await until(() => pbx.connections.size > 0)
    const errors: unknown[] = []
    const spied: NodeJS.EventEmitter = node('sim')
    spied.on('call:error', (call) => errors.push(call))
    await helper.unload()
    assert.deepEqual(errors, [])
  })

  const REFUSED: [string, Record<string, unknown>, string][] = [
    ['an unknown action', { action: 'explode' }, 'CTI_INVALID_REQUEST'],
    ['a name of the language instead of an action', { action: 'constructor' }, 'CTI_INVALID_REQUEST'],
    ['an answer when nothing rings', { action: 'answer' }, 'CTI_CONFLICT'],
    ['a hang-up without a call', { action: 'hangup', user: '1002' }, 'CTI_CONFLICT'],
    ['an unknown user', { action: 'answer', user: 'zoe' }, 'CTI_NOT_FOUND'],
    ['an unknown scenario', { action: 'scenario', scenario: '__proto__' }, 'CTI_INVALID_REQUEST'],
    ['an unknown failure', { action: 'fault', kind: 'fire' }, 'CTI_INVALID_REQUEST'],
    ['a system that is not there', { action: 'drop', face: 'centrex' }, 'CTI_INVALID_REQUEST'],
    ['too much traffic', { action: 'traffic', callsPerMinute: 60001 }, 'CTI_INVALID_REQUEST'],
    ['traffic that is no number', { action: 'traffic', callsPerMinute: 'many' }, 'CTI_INVALID_REQUEST']
  ]
  for (const [what, payload, code] of REFUSED) {
    it(`gives ${what} to Catch nodes with a code`, async () => {
      await start()
      assert.equal((await send(payload)).error?.code, code)
    })
  }

  it('answers every message with an error, and does not stop the flow, when its port is taken', async () => {
    const occupant = createServer().listen(0, '127.0.0.1')
    await once(occupant, 'listening')
    try {
      const { port } = occupant.address() as { port: number }
      await begin(FLOW().map((each) => each.id === 'pbx' ? { ...each, ports: `xsi:${port}` } : each))
      assert.ok((await send({ action: 'ring' })).error)
      await assert.rejects(pbxNode().whenReady())
    } finally {
      occupant.close()
    }
  })

  it('does not end Node-RED when it cannot start and nobody asks for it', async () => {
    const unhandled: unknown[] = []
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', (reason) => unhandled.push(reason))
    try {
      await load([registerPbx], [{ ...PBX, ports: 'nonsense' }], {})
      await new Promise((resolve) => setImmediate(resolve))
      await helper.unload()
    } finally {
      process.removeAllListeners('unhandledRejection')
      for (const listener of others) process.on('unhandledRejection', listener)
    }
    assert.deepEqual(unhandled, [])
  })

  it('answers every message with an error when its directory is wrong or its PBX is missing', async () => {
    await begin(FLOW().map((each) => each.id === 'pbx' ? { ...each, directory: '{"users": 7}' } : each))
    assert.equal((await send({ action: 'ring' })).error?.code, 'CTI_INVALID_REQUEST')
    await helper.unload()
    await begin(FLOW().filter((each) => each.id !== 'pbx'))
    assert.equal((await send({ action: 'ring' })).error?.code, 'CTI_INVALID_REQUEST')
  })

  it('keeps the PBX and its calls when only a simulator node is deployed', async () => {
    await start()
    const before = await pbxNode().simulator()
    await send({ action: 'ring' })
    await helper.setFlows([{ id: 'tab', type: 'tab', label: 'tab' }, ...FLOW('state')], 'nodes')
    await until(() => helper.getNode('sim') !== null)
    assert.equal(await pbxNode().simulator(), before)
    assert.equal(before.pbx.connectionsOf('alice').length, 1)
  })
})
