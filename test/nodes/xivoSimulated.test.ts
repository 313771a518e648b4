import assert from 'node:assert/strict'
import xivoAccount from '../../nodes/accounts/xivo-account'
import agent from '../../nodes/actions/agent'
import call from '../../nodes/actions/call'
import lookup from '../../nodes/actions/lookup'
import originate from '../../nodes/actions/originate'
import transfer from '../../nodes/actions/transfer'
import xivoEvents from '../../nodes/events/xivo-events'
import { isSimulatedPbx } from '../../nodes/shared/simulatedPbx'
import simulatorPbx from '../../nodes/simulator/simulator-pbx'
import type { TelephonyEvent } from '../../src/model'
import type { Simulator } from '../../src/simulator/simulator'
import { arrival, collect, helper, load, node, on, statuses, until, type FlowNode, type Message } from './support/flows'

const CAROL = '+12025550199'

describe('nodes on a simulated XiVO', function () {
  this.timeout(20_000)
  const types = [simulatorPbx, xivoAccount, xivoEvents, originate, transfer, call, agent, lookup]
  let seen: Message[] = []
  const simulator = (): Promise<Simulator> => {
    const pbx: unknown = node('pbx')
    assert.ok(isSimulatedPbx(pbx))
    return pbx.simulator()
  }
  async function start (account: Record<string, unknown> = {}, house: Record<string, unknown> = {}): Promise<void> {
    const flow: FlowNode[] = [
      { id: 'pbx', type: 'cti-simulator-pbx', name: '', ...house }, { id: 'acc', type: 'cti-xivo-account', name: 'Alice', connectTo: 'simulator', simulator: 'pbx', ...account },
      on('events', 'cti-xivo-events', { account: 'acc', wires: [['seen']] }), on('seen', 'helper'), on('place', 'cti-originate', { vendor: 'xivo', xivo: 'acc', wires: [['done']] }),
      ...['call', 'transfer', 'agent', 'lookup'].map((name) => on(name, `cti-${name}`, { action: '', output: 'result', wires: [['done']] })),
      on('done', 'helper'), on('catch', 'catch', { wires: [['failed']] }), on('failed', 'helper')
    ]
    await load(types, flow, {})
    seen = collect('seen')
    await until(() => seen.some(({ topic }) => topic === 'connection.online'), 8000)
  }
  async function event (name: string, fits: (event: TelephonyEvent) => boolean = () => true): Promise<TelephonyEvent> {
    const find = (): TelephonyEvent | undefined => seen.map(({ payload }) => payload as TelephonyEvent).find((one) => one.event === name && fits(one))
    await until(() => find() !== undefined, 6000)
    return find()!
  }
  async function run (id: string, payload: Record<string, unknown> | string): Promise<Record<string, unknown>> {
    const got = Promise.race([arrival('done'), arrival('failed').then(({ error }) => assert.fail(`${error?.code}: ${error?.message}`))])
    node(id).receive({ payload: typeof payload === 'string' ? payload : { accountId: 'acc', ...payload } })
    return (await got).payload as Record<string, unknown>
  }

  before(() => helper.startServer())
  after(() => helper.stopServer())
  afterEach(async () => { await helper.unload() })

  it('place a call and end it, each on the result of the one before', async () => {
    await start()
    const placed = await run('place', CAROL)
    const id = placed.newCallId as string
    assert.equal(typeof id, 'string')
    await event('call.answered', (one) => one.call?.id === id)
    const ended = await run('call', { ...placed, outcome: undefined, action: 'hangup', callId: id })
    assert.equal(ended.outcome, 'completed')
    await event('call.ended', (one) => one.call?.id === id)
  })

  for (const { release, tls, protocol } of [{ release: '', tls: false, protocol: '1.2' }, { release: '15.20', tls: true, protocol: '1.2' }, { release: '16.11', tls: false, protocol: '2.2' }, { release: '17.16', tls: true, protocol: '2.3' }]) {
    it(`work with the server that the simulator plays: ${release || 'the usual one'}${tls ? ' with encryption' : ''}`, async () => {
      await start({}, { xivoRelease: release, xivoTls: tls })
      const { items } = await run('lookup', { action: 'profile' }) as { items: { protocol: string }[] }
      assert.equal(items[0]?.protocol, protocol)
      assert.equal((await simulator()).face('xivo').figures().encrypted, tls ? 1 : 0)
      assert.equal(typeof (await run('place', CAROL)).newCallId, 'string')
    })
  }

  it('hand a call over to a colleague', async () => {
    await start()
    const { pbx } = await simulator()
    pbx.inbound({ from: CAROL, to: '1001' })
    const ringing = await event('call.ringing')
    assert.deepEqual([ringing.call?.from?.number, ringing.call?.from?.name], [CAROL, 'Carol Diaz'], 'the call form told who it is')
    const [leg] = [...pbx.connections.values()].filter(({ party, state }) => party.userKey === 'alice' && state === 'alerting')
    pbx.answer(leg!.key)
    const { call: talk } = await event('call.answered')
    const moved = await run('transfer', { action: 'transfer', callId: talk?.id, to: '1002' })
    assert.equal(moved.outcome, 'completed')
    const ended = await event('call.ended', (one) => one.call?.id === talk?.id)
    assert.equal(ended.call?.endReason, 'transferred')
  })

  it('tell a ringing phone once, whether its caller is known or not', async () => {
    await start({ scope: 'all', settleMs: '100' })
    const { pbx } = await simulator()
    pbx.inbound({ from: CAROL, to: '1002' })
    const { call: leg } = await event('call.ringing')
    const [phone] = [...pbx.connections.values()].filter(({ party, state }) => party.userKey === 'bob' && state === 'alerting')
    pbx.answer(phone!.key)
    await event('call.answered')
    assert.deepEqual(seen.filter(({ topic }) => topic === 'call.ringing').map(({ payload }) => (payload as TelephonyEvent).call?.id), [leg?.id])
  })

  it('log the account\'s agent in at the start, and an agent by name', async () => {
    await start({ scope: 'users', userList: 'Bob Keller, 1004', agentLogin: true, agentId: 'Bob Keller' })
    await event('agent.loggedIn', (one) => one.agent?.name === 'Bob Keller')
    const result = await run('agent', { action: 'agentLogin', agent: '1004' })
    assert.equal(result.outcome, 'completed')
    await event('agent.loggedIn', (one) => one.agent?.name === 'Erin Novak')
  })

  it('are warned when the agent of the account is none', async () => {
    await start({ agentLogin: true, agentId: 'Nobody' })
    await until(() => helper.log().args.some(([entry]) => String(entry.msg).includes('agentLogin')))
  })

  it('show the loss of the connection, and come back with what changed meanwhile', async () => {
    await start({ scope: 'all' })
    const shown = statuses('events')
    const { restartFace, pbx } = await simulator()
    const back = restartFace('xivo', { downMs: 500 })
    await event('connection.offline')
    pbx.inbound({ from: CAROL, to: '1002' })
    await back
    const found = await event('call.ringing', (one) => one.resynced === true)
    assert.equal(found.call?.owner.name, 'Bob Keller')
    await until(() => shown.at(-1)?.fill === 'green', 8000)
  })

  it('leave no socket or timer behind after deploys', async () => {
    const rest = (): number => process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout/.test(name)).length
    const before = rest()
    for (let i = 0; i < 10; i++) {
      await start()
      await helper.unload()
    }
    await until(() => rest() <= before + 2, 5000)
  })
})
