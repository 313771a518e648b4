import assert from 'node:assert/strict'
import callLog from '../../nodes/state/call-log'
import liveState from '../../nodes/state/live-state'
import simulatorPbx from '../../nodes/simulator/simulator-pbx'
import xsiAccount from '../../nodes/accounts/xsi-account'
import xsiEvents from '../../nodes/events/xsi-events'
import { isSimulatedPbx } from '../../nodes/shared/simulatedPbx'
import type { TelephonyEvent } from '../../src/model'
import type { LiveView } from '../../src/state'
import type { Simulator } from '../../src/simulator/simulator'
import { event, leg } from './support/fakeSession'
import { arrival, collect, helper, load, node, on, statuses, TAB, until, type FlowNode, type Message } from './support/flows'

const viewOf = (msg: Message | undefined): LiveView => msg?.payload as LiveView

describe('a live state node', () => {
  const start = async (properties: Record<string, unknown> = {}): Promise<Message[]> => {
    await load([liveState], [on('live', 'cti-live-state', { interval: '20', ...properties, wires: [['out']] }), on('out', 'helper'), on('catch', 'catch', { wires: [['failed']] }), on('failed', 'helper')], {})
    return collect('out')
  }
  const tell = (...events: TelephonyEvent[]): void => { for (const payload of events) node('live').receive({ payload }) }
  const ask = async (message: Record<string, unknown> = {}): Promise<Message> => {
    const got = arrival('out')
    node('live').receive(message)
    return got
  }
  const ringing = (id: string, part: Parameters<typeof leg>[0] = {}): TelephonyEvent => event({ event: 'call.ringing', call: leg({ id, ...part }) })
  const agent = (id: string, part: Partial<NonNullable<TelephonyEvent['agent']>> = {}): TelephonyEvent => event({ event: 'agent.ready', agent: { id, state: 'ready', since: '2026-01-01T09:00:00.000Z', ...part } })

  before(() => helper.startServer())
  after(() => helper.stopServer())
  afterEach(async () => { await helper.unload() })

  it('tells the state when it changes, as a message of its own', async () => {
    const seen = await start()
    tell(ringing('a'), agent('7'))
    await until(() => viewOf(seen.at(-1))?.agents?.length === 1)
    assert.equal(seen[0]?.topic, 'live.state')
    assert.deepEqual(viewOf(seen.at(-1)).calls.map(({ id, accountId }) => [id, accountId]), [['a', 'acc']])
  })

  it('tells at most one state an interval, the last one last, and none when nothing that is shown has changed', async () => {
    const seen = await start({ interval: '100', user: 'Alice' })
    const begin = Date.now()
    for (let i = 0; i < 50; i++) {
      tell(ringing(`a${i}`))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await until(() => viewOf(seen.at(-1))?.calls.length === 50)
    assert.ok(seen.length <= (Date.now() - begin) / 100 + 2, `${seen.length} messages`)
    const { length } = seen
    tell(ringing('b', { owner: { kind: 'user', id: 'bob' } }))
    const answer = await ask()
    assert.equal(viewOf(answer).calls.length, 50)
    await new Promise((resolve) => setTimeout(resolve, 150))
    assert.equal(seen.length, length + 1)
  })

  it('answers any other message, which keeps what it had', async () => {
    const seen = await start({ mode: 'demand' })
    tell(ringing('a'))
    const answer = await ask({ payload: { from: 'browser' }, topic: 'wallboard', mark: 5 })
    assert.deepEqual([answer.topic, answer.mark, answer.request, viewOf(answer).calls.length], ['wallboard', 5, { from: 'browser' }, 1])
    assert.equal(seen.length, 1, 'events are taken in silently')
  })

  it('narrows what it shows by user, queue and system', async () => {
    const flows: [Record<string, unknown>, string[], string[], string[]][] = [
      [{}, ['a', 'b', 'q'], ['7', '8'], ['support']],
      [{ user: 'bob, 1009' }, ['b'], ['8'], ['support']],
      [{ queue: 'Support' }, ['b', 'q'], ['7'], ['support']],
      [{ queue: 'Support', user: 'bob' }, ['b'], [], ['support']],
      [{ platform: 'xivo' }, [], [], []]
    ]
    for (const [properties, calls, agents, queues] of flows) {
      await start({ mode: 'demand', ...properties })
      tell(
        ringing('a'), ringing('b', { owner: { kind: 'user', id: 'bob' }, queue: { id: 'support', name: 'Support' } }),
        event({ event: 'call.queued', call: leg({ id: 'q', owner: { kind: 'queue', id: 'support', name: 'Support' }, state: 'queued' }) }),
        agent('7', { queues: [{ id: 'support', name: 'Support', joined: true }] }), agent('8', { user: { id: 'bob' }, queues: [{ id: 'support', joined: false }] })
      )
      const view = viewOf(await ask({ payload: 1 }))
      assert.deepEqual([view.calls, view.agents, view.queues].map((list) => list.map(({ id }) => id)), [calls, agents, queues], JSON.stringify(properties))
      await helper.unload()
    }
  })

  it('shows how much there is, and that it is stale', async () => {
    await start()
    const shown = statuses('live')
    tell(ringing('a'))
    await until(() => shown.at(-1)?.fill === 'green')
    tell(event({ event: 'connection.offline', connection: { state: 'waiting' } }))
    await until(() => shown.at(-1)?.fill === 'yellow')
    assert.equal(viewOf(await ask()).stale, true)
  })

  it('sends an event that is not whole to Catch nodes', async () => {
    await start()
    const failed = arrival('failed')
    tell(event({ event: 'call.ringing', call: { id: 'a' } as never }))
    assert.equal((await failed).error?.code, 'CTI_INVALID_REQUEST')
  })

  it('has an error, and goes on, when a flow put into an event what cannot be told', async () => {
    const seen = await start()
    const failed = arrival('failed')
    tell(ringing('a', { data: { amount: 1n as never } }))
    assert.equal((await failed).error?.code, 'CTI_PROTOCOL')
    tell(event({ event: 'call.ended', call: leg({ id: 'a', state: 'ended' }) }), ringing('b'))
    await until(() => viewOf(seen.at(-1))?.calls.length === 1)
  })

  it('leaves no timer behind', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    for (let i = 0; i < 5; i++) {
      await start({ interval: '100000' })
      tell(ringing('a'), ringing('b'))
      await ask()
      await helper.unload()
    }
    assert.ok(timers() <= before + 1, `${timers()} ${before}`)
  })
})

describe('a live state node on a simulated XSI system', function () {
  this.timeout(20_000)
  const flow: FlowNode[] = [
    { id: 'pbx', type: 'cti-simulator-pbx', name: '' },
    {
      id: 'acc', type: 'cti-xsi-account', name: 'Office', connectTo: 'simulator', simulator: 'pbx', scope: 'users', userList: 'alice@example.com,bob@example.com',
      queues: 'support@example.com', packages: 'Advanced Call,Call Center Agent,Call Center Queue'
    },
    on('events', 'cti-xsi-events', { account: 'acc', initial: true, wires: [['live', 'told', 'log']] }), on('told', 'helper'),
    on('live', 'cti-live-state', { interval: '20', wires: [['out']] }), on('out', 'helper'), on('log', 'cti-call-log', { running: true, wires: [['records']] }), on('records', 'helper')
  ]
  let told: Message[] = []
  const simulator = (): Promise<Simulator> => {
    const pbx: unknown = node('pbx')
    assert.ok(isSimulatedPbx(pbx))
    return pbx.simulator()
  }
  /** Resolves with the view that fits. */
  const shows = async (seen: Message[], fits: (view: LiveView) => boolean): Promise<LiveView> => {
    await until(() => seen.length > 0 && fits(viewOf(seen.at(-1))), 8000)
    return viewOf(seen.at(-1))
  }

  before(() => helper.startServer())
  after(() => helper.stopServer())
  beforeEach(async () => {
    await load([simulatorPbx, xsiAccount, xsiEvents, liveState, callLog], flow, {})
    told = collect('told')
    await until(() => told.some(({ topic }) => topic === 'connection.online'), 8000)
  })
  afterEach(async () => { await helper.unload() })

  it('counts calls, agents and callers who wait, as the PBX has them', async () => {
    const seen = collect('out')
    const { pbx } = await simulator()
    const call = pbx.inbound({ from: '+12025550199', to: '1001' })!
    await shows(seen, ({ calls }) => calls.length === 1 && calls[0]?.state === 'ringing')
    pbx.answer(call.key)
    await shows(seen, ({ calls }) => calls[0]?.state === 'active')
    pbx.inbound({ from: '+12025550188', to: '1050' })
    const view = await shows(seen, ({ queues }) => queues.some(({ waiting }) => waiting === 1))
    assert.deepEqual(view.calls.map(({ owner }) => owner.kind).sort(), ['queue', 'user'])
    pbx.signIn('agent-bob', { routing: 'ready' })
    await shows(seen, ({ agents }) => agents.some(({ state }) => state === 'ready' || state === 'busy'))
    pbx.external(call.key).hangUp()
    await shows(seen, ({ calls }) => calls.every(({ owner }) => owner.id !== 'alice@example.com'))
  })

  it('is stale while the connection is away, and right when it is back', async () => {
    const seen = collect('out')
    const { pbx, restartFace } = await simulator()
    const call = pbx.inbound({ from: '+12025550199', to: '1001' })!
    await shows(seen, ({ calls }) => calls.length === 1)
    const away = restartFace('xsi', { downMs: 400 })
    await shows(seen, ({ stale, calls }) => stale && calls[0]?.stale === true)
    pbx.external(call.key).hangUp()
    await away
    const view = await shows(seen, ({ stale }) => !stale)
    assert.deepEqual(view.calls, [])
  })

  it('knows a call that began before the flow did, and so does the call log', async () => {
    const records = collect('records')
    const { pbx } = await simulator()
    const call = pbx.inbound({ from: '+12025550199', to: '1001' })!
    pbx.answer(call.key)
    await until(() => records.length === 2)
    const { id } = records[1]?.payload as { id: string }
    // Account and simulator stay as they are: only the flow's nodes are new.
    const anew = flow.map((one) => one.type.startsWith('cti-') && one.x !== undefined ? { ...one, name: 'anew' } : one)
    await helper.setFlows([TAB, ...anew], 'nodes')
    const answer = async (): Promise<LiveView> => {
      const got = arrival('out')
      node('live').receive({ payload: 'ask' })
      return viewOf(await got)
    }
    await until(() => (node('live') as { name?: string } | null)?.name === 'anew')
    let view = await answer()
    for (let i = 0; i < 50 && view.calls.length === 0; i++) view = await answer()
    assert.deepEqual(view.calls.map(({ owner, state }) => [owner.id, state]), [['alice@example.com', 'active']])
    assert.equal(view.stale, false)
    pbx.external(call.key).hangUp()
    await until(() => records.some(({ payload }) => !(payload as { open: boolean }).open), 8000)
    const last = records.at(-1)?.payload as { id: string; result: string }
    assert.deepEqual([last.result, last.id], ['answered', id])
  })
})
