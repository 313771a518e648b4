import assert from 'node:assert/strict'
import callLog from '../../nodes/state/call-log'
import xsiAccount from '../../nodes/accounts/xsi-account'
import xsiEvents from '../../nodes/events/xsi-events'
import type { CallRecord } from '../../src/state'
import { RealClock } from '../../src/simulator/pbx/clock'
import { startSimulator, type Simulator } from '../../src/simulator/simulator'
import { event, leg } from './support/fakeSession'
import { arrival, collect, helper, load, node, on, statuses, until, type Message } from './support/flows'

const recordOf = (msg: Message): CallRecord => msg.payload as CallRecord

describe('a call log node', function () {
  const start = async (properties: Record<string, unknown> = {}): Promise<Message[]> => {
    await load([callLog], [on('log', 'cti-call-log', { ...properties, wires: [['out']] }), on('out', 'helper'), on('catch', 'catch', { wires: [['failed']] }), on('failed', 'helper')], {})
    return collect('out')
  }
  const tell = (...events: ReturnType<typeof event>[]): void => { for (const payload of events) node('log').receive({ payload }) }
  const call = (id: string, more: Partial<ReturnType<typeof event>> = {}): ReturnType<typeof event>[] => [
    event({ event: 'call.ringing', call: leg({ id, conversationId: `acc:${id}` }), ...more }),
    event({ event: 'call.ended', call: leg({ id, conversationId: `acc:${id}`, state: 'ended', endReason: 'cancelled', endedAt: '2026-01-01T10:00:05.000Z' }), ...more })
  ]

  before(() => helper.startServer())
  after(() => helper.stopServer())
  afterEach(async () => { await helper.unload() })

  it('sends one record when the conversation is over, as a message of its own', async function () {
    this.timeout(8000)
    const seen = await start()
    tell(...call('a'))
    await until(() => seen.length > 0, 6000)
    const [msg] = seen
    assert.deepEqual(Object.keys(msg!).sort(), ['_msgid', 'payload', 'topic'])
    assert.equal(msg?.topic, 'call.record')
    const { open, result, durationSeconds, user, legs } = recordOf(msg!)
    assert.deepEqual({ open, result, durationSeconds, user, legs: legs.length }, { open: false, result: 'missed', durationSeconds: 5, user: undefined, legs: 1 })
    assert.equal(seen.length, 1)
  })

  it('tells running records too when asked to, each revision higher, under one id', async function () {
    this.timeout(8000)
    const seen = await start({ running: true })
    const [ringing, ended] = call('a')
    tell(ringing!, event({ event: 'call.answered', call: leg({ id: 'a', conversationId: 'acc:a', state: 'active', answeredAt: '2026-01-01T10:00:02.000Z' }) }), ended!)
    await until(() => seen.length === 3, 6000)
    assert.deepEqual(seen.map(recordOf).map(({ revision, open }) => [revision, open]), [[1, true], [2, true], [3, false]])
    assert.equal(new Set(seen.map((msg) => recordOf(msg).id)).size, 1)
  })

  it('keeps accounts apart whose systems count alike', async function () {
    this.timeout(8000)
    const seen = await start()
    tell(...call('a'), ...call('a', { accountId: 'other', account: 'other', platform: 'xivo' }))
    await until(() => seen.length === 2, 6000)
    assert.equal(new Set(seen.map((msg) => recordOf(msg).id)).size, 2)
    assert.deepEqual(seen.map((msg) => recordOf(msg).platform).sort(), ['xivo', 'xsi'])
  })

  it('closes as unknown what is older than the limit', async function () {
    this.timeout(8000)
    const seen = await start({ timeout: '0.01' })
    tell(call('a')[0]!)
    await until(() => seen.length > 0, 6000)
    assert.deepEqual([recordOf(seen[0]!).result, recordOf(seen[0]!).uncertain], ['unknown', ['endedAt']])
  })

  it('sends what is no event to Catch nodes, and takes events that concern no call', async () => {
    const seen = await start()
    const shape = leg()
    for (const payload of [undefined, 'text', 7, {}, { event: 'call.ringing' }, event({ event: 'call.ringing', call: { ...shape, owner: undefined } as never }), event({ event: 'call.ringing', call: { ...shape, related: 'x' } as never }),
      event({ event: 'call.ringing', call: leg({ data: { text: 'x'.repeat(2 ** 21) } }) }), { ...event({ event: 'call.ringing' }), time: undefined }]) {
      const failed = arrival('failed')
      node('log').receive({ payload })
      assert.equal((await failed).error?.code, 'CTI_INVALID_REQUEST', JSON.stringify(payload)?.slice(0, 80))
    }
    const failures = collect('failed')
    tell(event({ event: 'connection.online', connection: { state: 'online' } }), event({ event: 'dnd.changed', dnd: { enabled: true } }), event({ event: 'vendor.MeetMe' }))
    node('log').receive({ payload: 'the last one' })
    await until(() => failures.length > 0)
    assert.equal(failures.length, 1)
    assert.equal(seen.length, 0)
  })

  it('refuses a message that refers to itself', async () => {
    await start()
    const payload = event({ event: 'call.ringing', call: leg() })
    Object.assign(payload.call!, { data: payload.call })
    const failed = arrival('failed')
    node('log').receive({ payload })
    assert.equal((await failed).error?.code, 'CTI_INVALID_REQUEST')
  })

  it('shows how many are open, and has no timer when none is', async function () {
    this.timeout(8000)
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    await start()
    const shown = statuses('log')
    const before = timers()
    const [ringing, ended] = call('a')
    tell(ringing!)
    await until(() => shown.some(({ fill }) => fill === 'blue'))
    tell(ended!)
    await until(() => shown.at(-1)?.fill === 'grey', 6000)
    await until(() => timers() <= before)
  })
})

describe('a call log node on a simulated XSI system', function () {
  this.timeout(30_000)
  let simulator: Simulator
  let seen: Message[] = []
  let events: Message[] = []
  const closed = (): CallRecord[] => seen.map(recordOf).filter(({ open }) => !open)
  /** Each conversation as it was written last. */
  const rows = (): CallRecord[] => [...new Map(closed().map((record) => [record.id, record])).values()]
  const play = async (scenario: string): Promise<CallRecord> => {
    await begin(10)
    await simulator.runScenario(scenario)
    return only()
  }
  const only = async (): Promise<CallRecord> => {
    await until(() => closed().length > 0, 8000)
    assert.equal(rows().length, 1, `${rows().length} records`)
    return rows()[0]!
  }

  before(() => helper.startServer())
  after(() => helper.stopServer())
  /** @param pace of the PBX: so many times as fast as life */
  const begin = async (pace: number): Promise<void> => {
    simulator = await startSimulator({ clock: new RealClock(pace) })
    const account = {
      id: 'acc', type: 'cti-xsi-account', name: 'Office', connectTo: 'system', host: simulator.face('xsi').url, scope: 'users', queues: 'support@example.com,billing@example.com',
      userList: ['alice', 'bob', 'dave', 'erin', 'frank'].map((name) => `${name}@example.com`).join(','), packages: 'Advanced Call,Call Center Agent,Call Center Queue'
    }
    await load([xsiAccount, xsiEvents, callLog], [
      account, on('events', 'cti-xsi-events', { account: 'acc', initial: true, wires: [['log', 'told']] }), on('told', 'helper'), on('log', 'cti-call-log', { wires: [['out']] }), on('out', 'helper')
    ], { acc: { username: 'cti-admin@example.com', password: 'demo' } })
    seen = collect('out')
    events = collect('told')
    await until(() => events.some(({ topic }) => topic === 'connection.online'), 8000)
  }
  afterEach(async () => {
    await helper.unload()
    await simulator.close()
  })

  it('writes an answered call once', async () => {
    const { result, direction, from, user, talkSeconds, ringSeconds, hungUpBy } = await play('in-answered')
    assert.deepEqual({ result, direction, hungUpBy, user: user?.id }, { result: 'answered', direction: 'inbound', hungUpBy: 'caller', user: 'bob@example.com' })
    assert.match(from?.number ?? '', /2025550199$/)
    assert.ok(Math.abs((talkSeconds ?? 0) - 9) < 1.5 && Math.abs((ringSeconds ?? 0) - 2) < 1, `${talkSeconds} ${ringSeconds}`)
  })

  it('writes a missed call once', async () => {
    const { result, answeredAt } = await play('in-cancelled')
    assert.deepEqual([result, answeredAt], ['missed', undefined])
  })

  it('writes a transferred call once, with both who had it', async () => {
    const { result, transfers, legs } = await play('blind')
    assert.equal(result, 'answered')
    assert.deepEqual(transfers.map(({ kind }) => kind), ['blind'])
    assert.deepEqual([...new Set(legs.map(({ owner }) => owner.id))].sort(), ['alice@example.com', 'bob@example.com'])
  })

  it('writes a call with a consultation once', async () => {
    // Times of the PBX and of the session are compared here: on a fast clock they are not the same.
    await begin(1)
    const { pbx } = simulator
    const held = pbx.inbound({ from: '+12025550199', to: '1002' })!
    pbx.answer(held.key)
    pbx.hold(held.key)
    const consultation = pbx.originate('bob', '1001')
    pbx.answer(pbx.connectionsOf('alice')[0]!.key)
    await until(() => events.filter(({ topic }) => topic === 'call.answered').length === 3)
    await new Promise((resolve) => setTimeout(resolve, 200))
    pbx.completeTransfer(held.key, consultation.key)
    await until(() => events.filter(({ topic }) => topic === 'call.transferred').length >= 2)
    pbx.release(pbx.connectionsOf('alice')[0]!.key)
    const { result, transfers, consultSeconds } = await only()
    assert.deepEqual([result, transfers.map(({ kind }) => kind)], ['answered', ['attended']])
    assert.ok((consultSeconds ?? 0) > 0)
  })

  it('writes a call through a queue once, with queue and agent', async () => {
    const { result, queue, agent, queueSeconds, offers } = await play('queue-answered')
    assert.deepEqual([result, queue?.id], ['answered', 'support@example.com'])
    assert.ok(agent?.id ?? agent?.name)
    assert.ok((queueSeconds ?? 0) > 0)
    assert.ok(offers.some(({ result: offered }) => offered === 'answered'))
  })
})
