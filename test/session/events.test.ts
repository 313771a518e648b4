import assert from 'node:assert/strict'
import type { TelephonyEvent } from '../../src/model'
import { Session, type EventDraft, type SessionOptions } from '../../src/session'
import { draft, FakeDriver, leg } from '../support/fakeDriver'
import { ManualClock } from '../support/manualClock'

interface Bench { clock: ManualClock; driver: FakeDriver; session: Session; events: TelephonyEvent[]; receive: (...drafts: EventDraft[]) => void; names: () => string[] }

async function online (options: Partial<SessionOptions> = {}): Promise<Bench> {
  const clock = new ManualClock()
  const driver = new FakeDriver()
  const session = new Session({ accountId: 'acc1', account: 'Desk', driver, clock, ...options })
  const events: TelephonyEvent[] = []
  session.join({ event: (event) => { if (!event.event.startsWith('connection.')) events.push(event) } })
  await clock.advance()
  return { clock, driver, session, events, receive: (...drafts) => driver.link.receive(drafts, { raw: true }), names: () => events.map(({ event }) => event) }
}

describe('events: frame', () => {
  it('have platform, account, a counter that grows by one, and the time of arrival', async () => {
    const { clock, events, receive } = await online()
    receive(draft('call.ringing', { id: 'a' }), draft('call.answered', { id: 'a', state: 'active' }, { time: '2026-01-05T08:59:59.500Z' }))
    const [ringing, answered] = events
    assert.equal(answered!.seq, ringing!.seq + 1)
    assert.equal(ringing!.epoch, answered!.epoch)
    assert.deepEqual([ringing!.platform, ringing!.account, ringing!.accountId], ['xsi', 'Desk', 'acc1'])
    const now = new Date(clock.now()).toISOString()
    assert.deepEqual([ringing!.time, ringing!.timeSource, ringing!.receivedAt], [now, 'local', now])
    assert.deepEqual([answered!.time, answered!.timeSource], ['2026-01-05T08:59:59.500Z', 'vendor'])
  })

  it('put our own times on the clock of the vendor, so that durations are differences on one clock', async () => {
    const { clock, driver, events, receive } = await online()
    driver.link.clockOffsetMs = 90_000
    receive(draft('call.ringing', { id: 'a' }))
    const [ringing] = events
    assert.equal(Date.parse(ringing!.time), clock.now() + 90_000)
    assert.equal(Date.parse(ringing!.receivedAt), clock.now())
    assert.equal(ringing!.call?.ringingAt, ringing!.time)
  })

  it('have unique ids without a key and the same id for a message delivered again', async () => {
    const { driver, session, events, receive, clock } = await online()
    const keyed = draft('call.ringing', { id: 'a' }, { key: 'E1' })
    receive(keyed)
    driver.link.receive([keyed])
    assert.equal(events.length, 1)
    assert.equal(session.counters.duplicates, 1)
    receive(draft('call.updated', { id: 'a' }, { changes: ['data'] }), draft('call.updated', { id: 'a' }, { changes: ['data'] }))
    assert.equal(new Set(events.map(({ id }) => id)).size, 3)
    await clock.advance(600_000)
    receive({ event: 'reference.changed', reference: { list: 'users' }, key: 'E1' })
    assert.equal(events.length, 4)
  })

  it('does not take two equal drafts of one message for a duplicate, but the whole message the second time', async () => {
    const { events, receive } = await online()
    const update = draft('call.updated', { id: 'a' }, { key: 'E2', changes: ['muted'] })
    receive(update, update)
    receive(update, update)
    assert.equal(events.length, 2)
    assert.notEqual(events[0]!.id, events[1]!.id)
  })

  it('remembers the last 2000 keys, not all of them, and none after ten minutes', async () => {
    const { events, receive, clock } = await online()
    const one = (key: string): EventDraft => ({ event: 'reference.changed', reference: { list: 'users' }, key })
    receive(one('first'))
    for (let i = 0; i < 1999; i++) receive(one(`k${i}`))
    receive(one('first'))
    assert.equal(events.length, 2000)
    for (let i = 1999; i < 6000; i++) receive(one(`k${i}`))
    receive(one('first'))
    assert.equal(events.length, 6002)
    await clock.advance(600_000)
    receive(one('k5999'))
    assert.equal(events.length, 6003)
  })

  it('survive a draft that breaks the contract', async () => {
    const { session, events, receive } = await online()
    receive({ event: 'call.ringing', call: { id: 'broken' } } as unknown as EventDraft, draft('call.ringing', { id: 'a' }))
    assert.equal(session.counters.badDrafts, 1)
    assert.equal(events.at(-1)!.call?.id, 'a')
  })

  it('carry E.164 by the country of the account', async () => {
    const { events, receive } = await online({ country: 'GB' })
    receive(draft('call.ringing', {
      id: 'a', from: { number: '020 7946 0018' }, to: { number: '1001' }, redirections: [{ party: { number: '+12025550123' }, reason: 'forwarded' }]
    }))
    const { call } = events[0]!
    assert.equal(call?.from?.e164, '+442079460018')
    assert.equal(call?.from?.number, '020 7946 0018')
    assert.equal(call?.redirections?.[0]?.party.e164, '+12025550123')
  })
})

describe('events: life of a leg', () => {
  it('end once; what comes later is dropped and counted but for disposition and recording', async () => {
    const { session, names, receive } = await online()
    receive(draft('call.ringing', { id: 'a' }))
    receive(draft('call.ended', { id: 'a', state: 'ended' }))
    receive(
      draft('call.ended', { id: 'a', state: 'ended' }), draft('call.answered', { id: 'a', state: 'active' }), draft('call.updated', { id: 'a' }, { changes: ['muted'] }),
      draft('call.recording', { id: 'a', state: 'ended', recording: { state: 'off' } }), draft('call.disposition', { id: 'a', state: 'ended', disposition: { id: '1' } })
    )
    assert.deepEqual(names(), ['call.ringing', 'call.ended', 'call.recording', 'call.disposition'])
    assert.equal(session.counters.afterEnd, 3)
    assert.equal(session.picture.call('a'), undefined)
    assert.equal(session.picture.tombstone('a')?.disposition?.id, '1')
  })

  it('may begin anew with the same id after a minute', async () => {
    const { clock, names, receive } = await online()
    receive(draft('call.ringing', { id: 'a' }), draft('call.ended', { id: 'a', state: 'ended' }))
    await clock.advance(59_999)
    receive(draft('call.ringing', { id: 'a' }))
    await clock.advance(1)
    receive(draft('call.ringing', { id: 'a' }))
    assert.deepEqual(names(), ['call.ringing', 'call.ended', 'call.ringing'])
  })

  it('are remembered longer while the disposition is due', async () => {
    const { clock, names, receive } = await online()
    receive(draft('call.answered', { id: 'a', state: 'active' }), draft('call.ended', { id: 'a', state: 'ended', dispositionDue: true }))
    await clock.advance(600_000)
    receive(draft('call.disposition', { id: 'a', state: 'ended', disposition: { id: '1' } }))
    receive(draft('call.answered', { id: 'a', state: 'active' }))
    assert.deepEqual(names(), ['call.answered', 'call.ended', 'call.disposition'])
  })

  it('does not send an update that changes nothing, and finds out itself what changed', async () => {
    const { session, events, receive } = await online()
    receive(draft('call.ringing', { id: 'a', from: { number: '5550101' } }))
    receive(draft('call.updated', { id: 'a' }, { changes: [] }), draft('call.updated', { id: 'a' }))
    assert.equal(session.counters.unchanged, 2)
    receive(draft('call.updated', { id: 'a', from: { number: '5550101', name: 'Ann Doe' }, muted: true }))
    assert.deepEqual(events.at(-1)!.changes, ['from', 'muted'])
    receive({ event: 'agent.ready', agent: { id: '7', state: 'ready', since: 'x' } })
    receive({ event: 'agent.updated', agent: { id: '7', state: 'ready', since: 'x' } }, { event: 'agent.updated', agent: { id: '7', state: 'ready', since: 'x', number: '4' } })
    assert.deepEqual(events.at(-1)!.changes, ['number'])
    assert.equal(session.counters.unchanged, 3)
  })

  it('keep what was told before and when it happened', async () => {
    const { clock, events, receive } = await online()
    receive(draft('call.ringing', { id: 'a', from: { number: '5550101' }, correlationId: 'k' }))
    await clock.advance(3000)
    receive(draft('call.answered', { id: 'a', state: 'active', startedAt: '2026-01-05T09:00:01.000Z', direction: 'outbound' }))
    await clock.advance(3000)
    receive(draft('call.held', { id: 'a', state: 'held', heldBy: 'local' }), draft('call.resumed', { id: 'a', state: 'active' }))
    const [, answered, held, resumed] = events
    assert.equal(answered!.call?.startedAt, '2026-01-05T09:00:00.000Z')
    assert.equal(answered!.call?.direction, 'inbound')
    assert.deepEqual([answered!.call?.from?.number, answered!.call?.ringingAt, answered!.call?.answeredAt], ['5550101', events[0]!.time, answered!.time])
    assert.equal(held!.call?.heldAt, held!.time)
    assert.equal(resumed!.call?.heldBy, undefined)
    assert.equal(resumed!.call?.answeredAt, answered!.time)
  })
})

describe('events: conversation', () => {
  const at = (second: number): string => `2026-01-05T09:00:0${second}.000Z`

  it('is the first correlation id and stays when that of the leg changes', async () => {
    const { events, receive } = await online()
    receive(draft('call.ringing', { id: 'a', correlationId: 'k1' }), draft('call.answered', { id: 'a', state: 'active', correlationId: 'k2' }), draft('call.ringing', { id: 'b', correlationId: 'k2' }))
    assert.deepEqual(events.map(({ call }) => call?.conversationId), ['acc1:k1', 'acc1:k1', 'acc1:k1'])
    assert.ok(events.every(({ call }) => call?.mergedFrom === undefined))
  })

  it('that began first goes on when two meet, and the other is named', async () => {
    const { session, events, receive } = await online()
    receive(
      draft('call.answered', { id: 'late', state: 'active', correlationId: 'k2', startedAt: at(5) }),
      draft('call.answered', { id: 'early', state: 'active', correlationId: 'k1', startedAt: at(1) }),
      draft('call.answered', { id: 'third', state: 'active', correlationId: 'k2', startedAt: at(6) })
    )
    receive(draft('call.updated', { id: 'late', state: 'active', correlationId: 'k1' }, { changes: ['correlationId'] }))
    const { conversationId, mergedFrom } = events.at(-1)!.call!
    assert.deepEqual([conversationId, mergedFrom], ['acc1:k1', ['acc1:k2']])
    assert.equal(session.picture.call('third')?.conversationId, 'acc1:k1')
    receive(draft('call.held', { id: 'third', state: 'held', correlationId: 'k2' }), draft('call.ringing', { id: 'fourth', correlationId: 'k2' }))
    assert.deepEqual(events.slice(-2).map(({ call }) => call?.conversationId), ['acc1:k1', 'acc1:k1'])
  })
})

describe('events: late caller data', () => {
  const ringing = (from?: object): EventDraft => draft('call.ringing', { id: 'a', ...(from ? { from } : {}) })

  it('holds the ringing until number and name are known', async () => {
    const { clock, events, names, receive } = await online({ settleMs: 250 })
    receive(ringing())
    const came = clock.now()
    await clock.advance(100)
    receive(draft('call.updated', { id: 'a', from: { number: '5550101', name: 'Ann Doe' } }, { changes: ['from'] }))
    assert.deepEqual(names(), ['call.ringing'])
    assert.deepEqual([events[0]!.call?.from?.name, Date.parse(events[0]!.time)], ['Ann Doe', came])
    await clock.advance(1000)
    assert.equal(events.length, 1)
  })

  it('lets it go after the limit, and what comes later is an update', async () => {
    const { clock, names, receive } = await online({ settleMs: 250 })
    receive(ringing({ number: '5550101' }))
    await clock.advance(249)
    assert.deepEqual(names(), [])
    await clock.advance(1)
    assert.deepEqual(names(), ['call.ringing'])
    receive(draft('call.updated', { id: 'a', from: { number: '5550101', name: 'Ann Doe' } }, { changes: ['from'] }))
    assert.deepEqual(names(), ['call.ringing', 'call.updated'])
  })

  it('does not hold one that is complete or anonymous, nor another leg, and keeps the order of the leg', async () => {
    const { events, names, receive, clock, session } = await online({ settleMs: 250 })
    receive(ringing())
    receive(draft('call.ringing', { id: 'b', from: { number: '5550101', name: 'Ann Doe' } }), draft('call.ringing', { id: 'c', from: { private: true } }))
    assert.deepEqual(events.map(({ call }) => call?.id), ['b', 'c'])
    receive(draft('call.answered', { id: 'a', state: 'active' }))
    assert.deepEqual(names().slice(2), ['call.ringing', 'call.answered'])
    await clock.advance(1000)
    assert.equal(events.length, 4)
    assert.equal(session.picture.call('a')?.state, 'active')
  })

  it('tells the rest of an update that brought the caller too', async () => {
    const { events, names, receive } = await online({ settleMs: 250 })
    receive(ringing())
    receive(draft('call.updated', { id: 'a', from: { number: '5550101', name: 'Ann Doe' }, muted: true }, { changes: ['from', 'muted'] }))
    assert.deepEqual(names(), ['call.ringing', 'call.updated'])
    assert.deepEqual(events[1]!.changes, ['muted'])
  })

  it('sends what it holds before the connection goes', async () => {
    const { driver, names, receive, session, clock } = await online({ settleMs: 250 })
    receive(ringing())
    const closed = session.close('removed')
    await clock.advance()
    await closed
    assert.deepEqual(names(), ['call.ringing'])
    assert.equal(clock.pending, 0)
    assert.equal(driver.links.length, 1)
  })

  it('knows the leg whose ringing it holds, so that what the vendor says next is understood', async () => {
    const { names, receive, session } = await online({ settleMs: 250 })
    receive(ringing())
    assert.deepEqual([names(), session.picture.call('a')?.state], [[], 'ringing'])
  })

  it('counts in the order in which events go out, each with an id of its own', async () => {
    const { clock, events, receive } = await online({ settleMs: 250 })
    receive(ringing())
    receive(draft('call.ringing', { id: 'b', from: { private: true } }))
    await clock.advance(250)
    receive(draft('call.answered', { id: 'a', state: 'active' }))
    assert.deepEqual(events.map(({ call }) => call?.id), ['b', 'a', 'a'])
    const first = events[0]!.seq
    assert.deepEqual(events.map(({ seq }) => seq - first), [0, 1, 2])
    assert.equal(new Set(events.map(({ id }) => id)).size, 3)
  })

  it('takes the other party along with the caller', async () => {
    const { events, names, receive } = await online({ settleMs: 250 })
    receive(ringing())
    receive(draft('call.updated', { id: 'a', from: { number: '5550101', name: 'Ann Doe' }, remote: { number: '5550101', name: 'Ann Doe' } }, { changes: ['from', 'remote'] }))
    assert.deepEqual([names(), events[0]!.call?.remote?.number], [['call.ringing'], '5550101'])
  })

  it('compares a snapshot with what it holds', async () => {
    const { driver, names, receive } = await online({ settleMs: 250 })
    receive(ringing())
    driver.link.reconcile({ calls: [leg({ id: 'a' })], owners: 'all' })
    assert.deepEqual(names(), ['call.ringing'])
  })
})
