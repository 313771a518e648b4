import assert from 'node:assert/strict'
import { LiveState, type LiveFilter, type LiveView } from '../../src/state'
import type { Agent, Call, TelephonyEvent } from '../../src/model'

const START = Date.UTC(2026, 0, 5, 9, 0, 0)
const ALL: LiveFilter = { account: () => true, call: () => true, agent: () => true, queue: () => true }

/** Events of an account, each with the next number. */
class Wire {
  now = START
  readonly live = new LiveState(() => this.now)
  private seq = 0

  tell (event: TelephonyEvent['event'], part: Partial<TelephonyEvent> = {}): boolean {
    const time = new Date(this.now).toISOString()
    return this.live.fold({
      event, id: `e${this.seq}`, seq: ++this.seq, epoch: 'one', platform: 'xsi', account: 'Desk', accountId: 'acc', time, timeSource: 'local', receivedAt: time, ...part
    })
  }

  leg (id: string, part: Partial<Call> = {}): { call: Call } {
    return { call: { id, conversationId: `acc:${id}`, owner: { kind: 'user', id: 'alice' }, state: 'ringing', direction: 'inbound', startedAt: new Date(this.now).toISOString(), ...part } }
  }

  get view (): LiveView { return this.live.view(ALL) }
  get calls (): string[] { return this.view.calls.map(({ id, state }) => `${id} ${state}`) }
}
const agent = (part: Partial<Agent> = {}): { agent: Agent } => ({ agent: { id: '7', state: 'ready', since: '2026-01-05T08:00:00.000Z', ...part } })

describe('live state', () => {
  it('has what the events told, each with its account', () => {
    const wire = new Wire()
    assert.equal(wire.tell('call.ringing', wire.leg('a')), true)
    wire.tell('agent.ready', agent())
    wire.tell('queue.updated', { queue: { id: 'q', name: 'Support', waiting: 2 } })
    wire.tell('call.ringing', { ...wire.leg('a'), accountId: 'other', platform: 'xivo' })
    const { calls, agents, queues, accounts, stale } = wire.view
    assert.deepEqual(calls.map(({ id, accountId, platform }) => [id, accountId, platform]), [['a', 'acc', 'xsi'], ['a', 'other', 'xivo']])
    assert.deepEqual([agents.length, queues[0]?.waiting, stale], [1, 2, false])
    assert.deepEqual(accounts.map(({ account, connection }) => [account, connection]), [['Desk', 'online'], ['Desk', 'online']])
  })

  it('is not changed by a flow that changes what went in or came out', () => {
    const wire = new Wire()
    const told = wire.leg('a')
    wire.tell('call.ringing', told)
    told.call.owner.id = 'changed'
    wire.view.calls[0]!.owner.id = 'changed'
    assert.equal(wire.view.calls[0]?.owner.id, 'alice')
  })

  it('drops a leg at its end, and takes no older news of it', () => {
    const wire = new Wire()
    wire.tell('call.ringing', wire.leg('a'))
    wire.tell('call.ended', wire.leg('a', { state: 'ended' }))
    assert.equal(wire.tell('call.answered', wire.leg('a', { state: 'active' })), false)
    assert.equal(wire.tell('call.disposition', wire.leg('never seen', { state: 'ended' })), false)
    assert.deepEqual(wire.calls, [])
  })

  it('does not go back to an event that a flow has held up', () => {
    const wire = new Wire()
    wire.tell('call.ringing', wire.leg('a'))
    wire.tell('call.answered', wire.leg('a', { state: 'active' }))
    assert.equal(wire.tell('call.ringing', { ...wire.leg('a'), seq: 1 }), false)
    wire.tell('agent.notReady', agent({ state: 'notReady' }))
    wire.tell('agent.ready', { ...agent(), seq: 2 })
    assert.deepEqual([wire.calls, wire.view.agents[0]?.state], [['a active'], 'notReady'])
  })

  it('says that it is stale from the loss of the connection to its return', () => {
    const wire = new Wire()
    wire.tell('call.ringing', wire.leg('a'))
    wire.now += 5000
    wire.tell('connection.offline', { connection: { state: 'waiting' } })
    assert.deepEqual([wire.view.stale, wire.view.calls[0]?.stale, wire.view.accounts[0]?.since], [true, true, '2026-01-05T09:00:05.000Z'])
    wire.tell('connection.refused', { connection: { state: 'refused' } })
    assert.equal(wire.view.accounts[0]?.connection, 'refused')
    wire.tell('connection.online', { epoch: 'two', connection: { state: 'online', downMs: 900 } })
    assert.deepEqual([wire.view.stale, 'stale' in wire.view.calls[0]!, wire.calls], [false, false, ['a ringing']])
  })

  it('keeps what a returning connection does not mention, and drops what a new one does not know', () => {
    const wire = new Wire()
    for (const id of ['a', 'b']) wire.tell('call.ringing', wire.leg(id))
    wire.tell('agent.ready', agent())
    wire.tell('queue.updated', { queue: { id: 'q' } })
    wire.tell('connection.online', { epoch: 'two', connection: { state: 'online', downMs: 900 } })
    wire.tell('connection.online', { epoch: 'two', connection: { state: 'online' }, initial: true })
    assert.deepEqual([wire.calls.length, wire.view.agents.length], [2, 1])
    wire.tell('call.answered', { ...wire.leg('b', { state: 'active' }), epoch: 'three', initial: true })
    wire.tell('connection.online', { epoch: 'three', connection: { state: 'online' } })
    assert.deepEqual([wire.calls, wire.view.agents, wire.view.queues], [['b active'], [], []])
  })

  it('counts who waits from the legs of a queue, by the clock of the system', () => {
    const wire = new Wire()
    wire.tell('connection.online', { connection: { state: 'online' }, time: new Date(START + 90_000).toISOString() })
    const queuedAt = new Date(START + 80_000).toISOString()
    wire.tell('call.queued', { ...wire.leg('a', { owner: { kind: 'queue', id: 'q', name: 'Support' }, state: 'queued', queuedAt }), timeSource: 'vendor' })
    assert.deepEqual(wire.view.queues.map(({ id, waiting, longestWaitSeconds }) => [id, waiting, longestWaitSeconds]), [['q', 1, 10]])
    wire.tell('call.dequeued', wire.leg('a', { owner: { kind: 'queue', id: 'q' }, state: 'ended' }))
    assert.equal(wire.view.queues[0]?.waiting, 0)
  })

  it('moves all legs of a conversation that ended in another', () => {
    const wire = new Wire()
    wire.tell('call.answered', wire.leg('a', { state: 'active', conversationId: 'acc:2' }))
    wire.tell('call.transferred', wire.leg('b', { state: 'active', conversationId: 'acc:1', mergedFrom: ['acc:2'] }))
    assert.deepEqual(wire.view.calls.map(({ conversationId }) => conversationId), ['acc:1', 'acc:1'])
  })

  it('refuses more accounts and agents than can be', () => {
    const wire = new Wire()
    for (let i = 0; i < 100; i++) wire.tell('connection.online', { accountId: `acc${i}` })
    assert.throws(() => wire.tell('connection.online', { accountId: 'one more' }), { code: 'CTI_INVALID_REQUEST' })
    for (let i = 0; i < 10_000; i++) wire.tell('agent.ready', { ...agent({ id: `${i}` }), accountId: 'acc1' })
    assert.throws(() => wire.tell('agent.ready', { ...agent({ id: 'one more' }), accountId: 'acc1' }), { code: 'CTI_INVALID_REQUEST' })
    assert.equal(wire.view.agents.length, 10_000)
  })
})
