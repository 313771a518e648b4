import assert from 'node:assert/strict'
import xsiEvents from '../../nodes/events/xsi-events'
import { registerAccount } from '../../nodes/shared/account'
import type { TelephonyEvent } from '../../src/model'
import { event, fakeAccounts, leg } from './support/fakeSession'
import { ACCOUNT, TAB, arrival, collect, helper, load, node, on, statuses, until, type FlowNode, type Message } from './support/flows'

describe('an event node', function () {
  const accounts = fakeAccounts()
  const types = [(RED: Parameters<typeof xsiEvents>[0]) => { registerAccount(RED, accounts.definition) }, xsiEvents]
  const start = async (properties: Record<string, unknown>, ...more: FlowNode[]): Promise<Message[]> => {
    accounts.sessions.length = 0
    await load(types, [ACCOUNT, on('n', 'cti-xsi-events', { account: 'acc', ...properties, wires: [['out']] }), on('out', 'helper'), ...more])
    await until(() => accounts.sessions.length === 1 && accounts.last().listeners.size === 1)
    return collect('out')
  }
  const counts = (): Record<string, number> => (node('n') as unknown as { counts: Record<string, number> }).counts
  /** A last event that passes every filter shows that the ones before have been dealt with. */
  const settled = async (seen: Message[]): Promise<Message[]> => {
    accounts.last().emit(event({ event: 'connection.online', connection: { state: 'online' } }))
    await until(() => seen.at(-1)?.topic === 'connection.online')
    return seen.slice(0, -1)
  }

  before(() => helper.startServer())
  after(() => helper.stopServer())
  afterEach(async () => { await helper.unload() })

  it('sends a fresh message with topic, payload and the vendor\'s own message', async () => {
    await start({})
    const got = arrival('out')
    const ringing = event({ event: 'call.ringing', call: leg() })
    accounts.last().emit(ringing, { eventID: '7' })
    const msg = await got
    assert.equal(msg.topic, 'call.ringing')
    assert.deepEqual(msg.payload, ringing)
    assert.deepEqual(msg.vendorEvent, { eventID: '7' })
    assert.deepEqual(Object.keys(msg).sort(), ['_msgid', 'payload', 'topic', 'vendorEvent'])
  })

  it('leaves the vendor\'s message out when told so', async () => {
    await start({ vendorEvent: false })
    const got = arrival('out')
    accounts.last().emit(event({ event: 'call.ringing', call: leg() }), { eventID: '7' })
    assert.equal('vendorEvent' in await got, false)
  })

  it('gives every event node, and every event of one vendor message, objects of its own', async () => {
    const seen = await start({}, on('n2', 'cti-xsi-events', { account: 'acc', wires: [['out2']] }), on('out2', 'helper'))
    const others = collect('out2')
    const vendor = { eventID: '7' }
    const ringing = event({ event: 'call.ringing', call: leg() })
    accounts.last().emit(ringing, vendor)
    accounts.last().emit(event({ event: 'call.answered', call: leg({ state: 'active' }) }), vendor)
    await until(() => seen.length === 2 && others.length === 2)
    const objects = [...seen, ...others].flatMap((msg) => [msg.payload, msg.vendorEvent, (msg.payload as { call: unknown }).call])
    assert.equal(new Set(objects).size, objects.length)
    assert.deepEqual(seen[0]?.payload, others[0]?.payload)
  })

  it('starts with every neutral event but two, and counts what it holds back', async () => {
    const seen = await start({})
    for (const name of ['call.updated', 'stats.updated', 'vendor.MeetMe', 'call.held'] as const) accounts.last().emit(event({ event: name, call: leg() }))
    accounts.last().emit(event({ event: 'call.ringing', call: leg(), initial: true }))
    assert.deepEqual((await settled(seen)).map((msg) => msg.topic), ['call.held'])
    assert.deepEqual(counts(), { sent: 2, filtered: 3, replaced: 0, initial: 1 })
  })

  describe('that tells the present state', () => {
    const present = (): TelephonyEvent[] => [
      event({ event: 'call.ringing', call: leg(), initial: true }), event({ event: 'agent.ready', agent: { id: '7', state: 'ready', since: '2026-01-01T09:00:00.000Z' }, initial: true }),
      event({ event: 'connection.online', connection: { state: 'online' }, initial: true })
    ]
    const topics = (seen: Message[]): unknown[] => seen.map(({ topic }) => topic)

    it('does so once the account is online, from the session and not from what it heard of the log-in', async () => {
      const seen = await start({ initial: true })
      const session = accounts.last()
      session.become({ state: 'subscribing' })
      session.emit(event({ event: 'call.held', call: leg({ id: 'half told' }), initial: true }))
      session.emit(event({ event: 'call.held', call: leg() }))
      session.present = present()
      session.become({ state: 'online' })
      session.emit(event({ event: 'connection.online', connection: { state: 'online' } }))
      await until(() => seen.length >= 4)
      assert.deepEqual(topics(seen), ['call.held', 'call.ringing', 'agent.ready', 'connection.online'])
      assert.deepEqual(seen.map(({ payload }) => (payload as TelephonyEvent).initial), [undefined, true, true, undefined])
      assert.deepEqual(counts(), { sent: 4, filtered: 0, replaced: 0, initial: 0 })
      seen.length = 0
      session.become({ state: 'waiting' })
      session.become({ state: 'online' })
      session.emit(event({ event: 'call.held', call: leg({ id: 'new colleague' }), initial: true }))
      assert.deepEqual(topics(await settled(seen)), ['call.held'])
    })

    it('does so at a deploy on an account that is online, and tells of the connection too', async () => {
      const seen = await start({ initial: true })
      accounts.last().present = present()
      accounts.last().become({ state: 'online' })
      await until(() => seen.length === 2)
      seen.length = 0
      await helper.setFlows([TAB, ACCOUNT, on('n', 'cti-xsi-events', { account: 'acc', initial: true, user: 'Alice', wires: [['out']] }), on('out', 'helper')], 'nodes')
      await until(() => seen.length === 2)
      assert.deepEqual(topics(seen), ['call.ringing', 'connection.online'], 'the filter concerns these as well')
      assert.equal(accounts.sessions.length, 1)
    })
  })

  it('passes what has no neutral name when ticked', async () => {
    const seen = await start({ events: ['vendor.*', 'connection.online'] })
    accounts.last().emit(event({ event: 'vendor.MeetMe' }))
    accounts.last().emit(event({ event: 'call.held', call: leg() }))
    assert.deepEqual((await settled(seen)).map((msg) => msg.topic), ['vendor.MeetMe'])
  })

  it('sends of each figure the newest, once an interval', async () => {
    const seen = await start({ events: ['stats.updated'], interval: '40' })
    const figure = (id: string, answered: number): void => {
      accounts.last().emit(event({ event: 'stats.updated', stats: { subject: { kind: 'queue', id }, window: { kind: 'day' }, metrics: { answered }, source: 'vendor' } }))
    }
    for (let i = 1; i <= 5; i++) figure('q1', i)
    figure('q2', 9)
    await until(() => seen.length === 2)
    assert.deepEqual(seen.map((msg) => (msg.payload as { stats: { metrics: { answered: number } } }).stats.metrics.answered), [5, 9])
    assert.equal(counts().replaced, 4)
  })

  it('shows a bad number filter instead of failing', async () => {
    await load(types, [ACCOUNT, on('n', 'cti-xsi-events', { account: 'acc', number: '/(/' })])
    assert.ok(node('n'))
    await until(() => helper.log().args.some(([entry]) => String(entry.msg).includes('log.badNumber')))
  })

  it('says that it has no account, and takes none of another type', async () => {
    for (const account of ['', 'nowhere', 'out']) {
      await load(types, [ACCOUNT, on('n', 'cti-xsi-events', { account }), on('out', 'helper')])
      const spied = node('n') as unknown as { status: { lastCall?: { args: [{ text: string; fill: string }] } } }
      await until(() => spied.status.lastCall !== undefined)
      assert.deepEqual(spied.status.lastCall?.args[0].fill, 'red', account)
      await helper.unload()
    }
  })

  it('writes at most two statuses a second, the last one last', async () => {
    await start({})
    const seen = statuses('n')
    const begin = Date.now()
    let end = begin
    for (let i = 0; end - begin < 1200; i++) {
      accounts.last().become({ state: i % 2 ? 'connecting' : 'authenticating' })
      await new Promise((resolve) => setImmediate(resolve))
      end = Date.now()
    }
    accounts.last().become({ state: 'online' })
    await until(() => seen.at(-1)?.fill === 'green')
    assert.ok(seen.length <= 5, `${seen.length} statuses`)
  })

  it('lets a flow that throws harm nobody else', async () => {
    const seen = await start({})
    accounts.last().emit(event({ event: 'call.held', call: leg() }))
    await until(() => seen.length === 1)
    assert.equal(helper.log().args.filter(([entry]) => entry.level <= 20).length, 0)
  })
})
