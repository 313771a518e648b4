import assert from 'node:assert/strict'
import type { Call, TelephonyEvent } from '../../src/model'
import { Picture } from '../../src/state'

const NOW = Date.UTC(2026, 0, 5, 9, 0, 0)

function setup (): { picture: Picture; fold: (event: Partial<TelephonyEvent>) => void; tell: (name: TelephonyEvent['event'], call: Partial<Call> & { id: string }) => void; pass: (ms: number) => void } {
  let now = NOW
  const picture = new Picture(() => now)
  const fold = (event: Partial<TelephonyEvent>): void => picture.fold({
    event: 'call.updated', id: 'e', seq: 1, epoch: 'e', platform: 'xsi', account: 'a', accountId: 'a', time: 't', timeSource: 'local', receivedAt: 't', ...event
  })
  const tell = (event: TelephonyEvent['event'], call: Partial<Call> & { id: string }): void => fold({
    event, call: { owner: { kind: 'user', id: 'alice' }, state: 'ringing', direction: 'inbound', startedAt: '2026-01-05T09:00:00.000Z', conversationId: 'c', ...call }
  })
  return { picture, fold, tell, pass: (ms) => { now += ms } }
}

describe('picture: legs', () => {
  it('knows open legs by id and owner, and each ended one for a minute', () => {
    const { picture, tell, pass } = setup()
    tell('call.ringing', { id: 'a' })
    tell('call.ringing', { id: 'b', owner: { kind: 'user', id: 'bo' } })
    tell('call.answered', { id: 'a', state: 'active' })
    assert.deepEqual(picture.callsOf('alice').map(({ id, state }) => [id, state]), [['a', 'active']])
    assert.deepEqual([...picture.calls()].map(({ id }) => id), ['a', 'b'])
    tell('call.ended', { id: 'a', state: 'ended' })
    assert.equal(picture.call('a'), undefined)
    assert.deepEqual(picture.callsOf('alice'), [])
    assert.equal(picture.tombstone('a')?.state, 'ended')
    pass(59_999)
    assert.ok(picture.tombstone('a'))
    pass(1)
    assert.equal(picture.tombstone('a'), undefined)
  })

  it('shares no object with the event', () => {
    const { picture, fold } = setup()
    const call: Call = { id: 'a', owner: { kind: 'user', id: 'alice' }, state: 'ringing', direction: 'inbound', startedAt: 't', conversationId: 'c', from: { name: 'Ann Doe' }, related: [{ kind: 'otherEnd', id: 'b' }] }
    fold({ event: 'call.ringing', call })
    call.from!.name = 'changed'
    call.related!.pop()
    call.owner.id = 'changed'
    assert.deepEqual(picture.call('a')?.from, { name: 'Ann Doe' })
    assert.equal(picture.call('a')?.related?.length, 1)
    assert.equal(picture.callsOf('alice').length, 1)
  })

  it('remembers at most 5000 ended legs', () => {
    const { picture, tell } = setup()
    for (let i = 0; i < 5005; i++) tell('call.ended', { id: `l${i}`, state: 'ended' })
    assert.equal(picture.tombstone('l4'), undefined)
    assert.equal(picture.touchedAt('l4'), undefined)
    assert.ok(picture.tombstone('l5'))
  })

  it('forgets expired ended legs behind one whose disposition is still due', () => {
    const { picture, tell, pass } = setup()
    tell('call.ended', { id: 'due', state: 'ended', dispositionDue: true })
    tell('call.ended', { id: 'old', state: 'ended' })
    pass(60_000)
    tell('call.ended', { id: 'new', state: 'ended' })
    assert.equal(picture.touchedAt('old'), undefined)
    assert.ok(picture.tombstone('due'))
    pass(3_600_000)
    assert.equal(picture.tombstone('due'), undefined)
  })

  it('knows when a leg was last told of', () => {
    const { picture, tell, pass } = setup()
    tell('call.ringing', { id: 'a' })
    pass(500)
    tell('call.answered', { id: 'a', state: 'active' })
    assert.equal(picture.touchedAt('a'), NOW + 500)
  })

  it('finds a leg by the new id that the vendor gave it', () => {
    const { picture, tell } = setup()
    tell('call.answered', { id: 'a', state: 'active' })
    picture.rename('a2', 'a')
    assert.equal(picture.call('a2')?.id, 'a')
    tell('call.ended', { id: 'a', state: 'ended' })
    assert.equal(picture.tombstone('a2')?.id, 'a')
  })
})

describe('picture: queues', () => {
  const queue = (id: string): Call['owner'] => ({ kind: 'queue', id, name: 'Sales' })

  it('counts who waits where the vendor does not tell, and the longest wait ticks', () => {
    const { picture, tell, pass } = setup()
    tell('call.queued', { id: 'q1', state: 'queued', owner: queue('7'), queuedAt: '2026-01-05T09:00:05.000Z' })
    tell('call.queued', { id: 'q2', state: 'queued', owner: queue('7'), queuedAt: '2026-01-05T09:00:02.000Z' })
    pass(12_000)
    assert.deepEqual(picture.queue('7'), { id: '7', name: 'Sales', waiting: 2, oldestJoinedAt: '2026-01-05T09:00:02.000Z', longestWaitSeconds: 10 })
    tell('call.dequeued', { id: 'q2', state: 'ended', owner: queue('7') })
    assert.equal(picture.queue('7')?.longestWaitSeconds, 7)
    tell('call.dequeued', { id: 'q1', state: 'ended', owner: queue('7') })
    assert.equal(picture.queue('7')?.waiting, 0)
    assert.equal(picture.queue('7')?.oldestJoinedAt, undefined)
    assert.equal(picture.queue('8'), undefined)
  })

  it('takes the word of the vendor first', () => {
    const { picture, tell, fold, pass } = setup()
    tell('call.queued', { id: 'q1', state: 'queued', owner: queue('7'), queuedAt: '2026-01-05T09:00:00.000Z' })
    fold({ event: 'queue.updated', queue: { id: '7', name: 'Sales desk', waiting: 3, oldestJoinedAt: '2026-01-05T08:59:00.000Z', longestWaitSeconds: 60 } })
    pass(5000)
    const found = picture.queue('7')
    assert.deepEqual([found?.name, found?.waiting, found?.longestWaitSeconds], ['Sales desk', 3, 65])
    fold({ event: 'queue.updated', queue: { id: '9', waiting: 0 } })
    assert.deepEqual([...picture.queues()].map(({ id }) => id), ['7', '9'])
  })
})

describe('picture: settings', () => {
  it('keeps agents, DND, mailbox, presence by user, devices by id', () => {
    const { picture, fold, pass } = setup()
    fold({ event: 'agent.ready', agent: { id: '7', state: 'ready', since: 't' } })
    fold({ event: 'dnd.changed', user: { id: 'alice' }, dnd: { enabled: true } })
    fold({ event: 'voicemail.updated', user: { id: 'alice' }, voicemail: { newMessages: 2, waiting: true } })
    fold({ event: 'user.presence', user: { id: 'alice' }, presence: { value: 'lunch' } })
    fold({ event: 'device.registered', device: { id: 'd', registered: true } })
    fold({ event: 'device.hook', device: { id: 'd', hook: 'off' } })
    assert.equal(picture.agent('7')?.state, 'ready')
    assert.equal(picture.dnd('alice')?.enabled, true)
    assert.equal(picture.mailbox('alice')?.newMessages, 2)
    assert.equal(picture.presence('alice')?.value, 'lunch')
    assert.deepEqual(picture.device('d'), { id: 'd', registered: true, hook: 'off' })
    pass(10)
    fold({ event: 'agent.busy', agent: { id: '7', state: 'busy', since: 't' } })
    assert.equal(picture.touchedAt('7'), NOW + 10)
    assert.equal([...picture.agents()].length, 1)
  })

  it('replaces only the rules that an incomplete forwarding names', () => {
    const { picture, fold } = setup()
    fold({ event: 'forwarding.changed', forwarding: { user: { id: 'alice' }, rules: { always: { enabled: false }, busy: { enabled: true, to: '5550101' } }, complete: true } })
    fold({ event: 'forwarding.changed', forwarding: { user: { id: 'alice' }, rules: { always: { enabled: true, to: '5550102' } }, changed: ['always'], complete: false } })
    assert.deepEqual(picture.forwarding('alice'), {
      user: { id: 'alice' }, rules: { always: { enabled: true, to: '5550102' }, busy: { enabled: true, to: '5550101' } }, complete: true
    })
    fold({ event: 'forwarding.changed', user: { id: 'bo' }, forwarding: { user: { name: 'Bo' }, rules: {}, complete: true } })
    assert.ok(picture.forwarding('bo'))
  })

  it('forgets everything at once', () => {
    const { picture, fold, tell } = setup()
    tell('call.ringing', { id: 'a' })
    fold({ event: 'agent.ready', agent: { id: '7', state: 'ready', since: 't' } })
    fold({ event: 'queue.updated', queue: { id: '7' } })
    picture.clear()
    assert.deepEqual([[...picture.calls()].length, [...picture.agents()].length, [...picture.queues()].length, picture.touchedAt('a')], [0, 0, 0, undefined])
  })
})
