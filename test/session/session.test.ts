import assert from 'node:assert/strict'
import { CtiError, type TelephonyEvent } from '../../src/model'
import { Session, type SessionListener, type SessionOptions } from '../../src/session'
import { deferred, draft, entry, FakeDriver, leg } from '../support/fakeDriver'
import { ManualClock } from '../support/manualClock'

interface Bench { clock: ManualClock; driver: FakeDriver; session: Session; events: TelephonyEvent[]; states: string[]; warnings: string[]; listener: SessionListener; names: () => string[] }

function bench (options: Partial<SessionOptions> = {}, driver = new FakeDriver()): Bench {
  const clock = new ManualClock()
  const session = new Session({ accountId: 'acc1', account: 'Desk', driver, clock, random: () => 1, ...options })
  const events: TelephonyEvent[] = []
  const states: string[] = []
  const warnings: string[] = []
  const listener: SessionListener = {
    event: (event) => { events.push(event) },
    status: ({ state }) => { states.push(state) },
    warning: (code) => { warnings.push(code) }
  }
  return { clock, driver, session, events, states, warnings, listener, names: () => events.map(({ event }) => event) }
}

async function online (options: Partial<SessionOptions> = {}, driver = new FakeDriver()): Promise<Bench & { leave: () => void }> {
  const all = bench(options, driver)
  const leave = all.session.join(all.listener)
  await all.clock.advance()
  assert.equal(all.session.status.state, 'online')
  return { ...all, leave }
}

const unauthorized = (): CtiError => new CtiError('CTI_UNAUTHORIZED', 'Wrong password.')
const broken = (retryAfterMs?: number): CtiError => new CtiError('CTI_UNAVAILABLE', 'Line broken.', retryAfterMs === undefined ? {} : { retryAfterMs })

describe('Session: opening and closing', () => {
  it('opens for the first user on the next tick and goes through its states', async () => {
    const { session, clock, driver, listener, states, names } = bench()
    session.join(listener)
    assert.deepEqual(driver.log, [])
    await clock.advance()
    assert.deepEqual(driver.log, ['open', 'resync'])
    assert.deepEqual(states, ['connecting', 'authenticating', 'subscribing', 'online'])
    assert.deepEqual(names(), ['connection.online'])
  })

  it('keeps the line for the grace after the last user left, and one that joins meanwhile finds it', async () => {
    const { session, clock, driver, leave, listener } = await online()
    leave()
    await clock.advance(1999)
    session.join(listener)
    await clock.advance(10_000)
    assert.equal(session.status.state, 'online')
    assert.deepEqual(driver.log, ['open', 'resync'])
  })

  it('closes after the grace, leaves no timer, and opens anew for the next user', async () => {
    const { session, clock, driver, leave, listener } = await online()
    leave()
    leave()
    await clock.advance(2000)
    assert.equal(session.status.state, 'closed')
    assert.equal(clock.pending, 0)
    assert.ok(driver.link.signal.aborted)
    session.join(listener)
    await clock.advance()
    assert.equal(session.status.state, 'online')
    assert.equal(driver.links.length, 2)
  })

  it('ends within two seconds when the driver never finishes to log out', async () => {
    const { session, clock, driver } = await online()
    driver.onClose = () => new Promise(() => {})
    const start = clock.now()
    let closedAt = 0
    void session.close('removed').then(() => { closedAt = clock.now() })
    await clock.advance(2000)
    assert.equal(closedAt - start, 1500)
    assert.ok(driver.link.signal.aborted)
    assert.equal(clock.pending, 0)
  })

  it('closes once for several callers and while a log-in is still running', async () => {
    const { session, clock, driver, listener } = bench()
    const login = deferred<void>()
    driver.opens.push(() => login.promise)
    session.join(listener)
    await clock.advance()
    const [a, b] = [session.close('removed'), session.close('removed')]
    await clock.advance()
    await Promise.all([a, b])
    assert.deepEqual(driver.log, ['open', 'close removed'])
    login.reject(new Error('too late'))
    await clock.advance(10_000)
    assert.deepEqual(driver.log.filter((step) => step === 'resync'), [])
    assert.equal(session.counters.badTransitions, undefined)
  })

  it('opens again for somebody who joined while it closed', async () => {
    const { session, clock, driver, leave, listener } = await online()
    const logout = deferred<void>()
    driver.onClose = () => logout.promise
    leave()
    await clock.advance(2000)
    assert.equal(session.status.state, 'closing')
    session.join(listener)
    logout.resolve()
    await clock.advance()
    assert.equal(session.status.state, 'online')
    assert.equal(driver.links.length, 2)
  })

  it('survives a driver that throws on close', async () => {
    const { session, clock, driver } = await online()
    driver.onClose = () => { throw new Error('no') }
    const closed = session.close('removed')
    await clock.advance()
    await closed
    assert.equal(session.status.state, 'closed')
  })
})

describe('Session: loss and return', () => {
  it('comes back after a back-off, with the length of the gap, the counter anew and a new epoch', async () => {
    const { clock, driver, session, events, names, states } = await online()
    await clock.advance(5000)
    const first = driver.link
    first.lost(broken())
    first.lost(broken())
    assert.equal(session.status.state, 'waiting')
    assert.ok(first.signal.aborted)
    assert.equal(session.status.retryAt, clock.now() + 1000)
    await clock.advance(999)
    assert.equal(driver.links.length, 1)
    await clock.advance(1)
    assert.equal(driver.links.length, 2)
    assert.deepEqual(names(), ['connection.online', 'connection.offline', 'connection.resync', 'connection.online'])
    const [online1, offline, resync, online2] = events
    assert.deepEqual(offline!.connection, { state: 'waiting', attempt: 1, retryInMs: 1000 })
    assert.equal(offline!.cause?.text, 'Line broken.')
    assert.equal(resync!.connection?.downMs, 1000)
    assert.equal(online2!.connection?.downMs, 1000)
    assert.deepEqual([online1!.seq, offline!.seq, resync!.seq, online2!.seq], [1, 2, 1, 2])
    assert.notEqual(online1!.epoch, online2!.epoch)
    assert.deepEqual(states.slice(-5), ['waiting', 'connecting', 'authenticating', 'subscribing', 'online'])
  })

  it('doubles the wait with each failure, up to a minute, and starts again after a minute online', async () => {
    const { clock, driver, session } = await online()
    const waits: number[] = []
    for (let i = 0; i < 8; i++) driver.opens.push(() => Promise.reject(broken()))
    driver.link.lost(broken())
    for (let i = 0; i < 8; i++) {
      waits.push(session.status.retryAt! - clock.now())
      await clock.advance(waits.at(-1)!)
    }
    assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
    await clock.advance(60_000)
    assert.equal(session.status.state, 'online')
    await clock.advance(60_000)
    driver.link.lost(broken())
    assert.equal(session.status.retryAt! - clock.now(), 1000)
  })

  it('honours Retry-After', async () => {
    const { clock, driver, session } = await online()
    driver.link.lost(broken(30_000))
    assert.equal(session.status.retryAt! - clock.now(), 30_000)
  })

  it('stays away after a refused log-in until it is closed and joined anew', async () => {
    const { clock, driver, session, listener, names, events } = bench()
    driver.opens.push(() => Promise.reject(unauthorized()))
    const leave = session.join(listener)
    const rejected = assert.rejects(session.whenOnline(5000), { code: 'CTI_UNAUTHORIZED' })
    await clock.advance()
    await rejected
    assert.equal(session.status.state, 'refused')
    await clock.advance(3_600_000)
    assert.equal(driver.links.length, 1)
    assert.deepEqual(names(), ['connection.refused'])
    assert.equal(events[0]!.connection?.state, 'refused')
    await assert.rejects(session.whenOnline(5000), { code: 'CTI_UNAUTHORIZED' })
    leave()
    await clock.advance(2000)
    session.join(listener)
    await clock.advance()
    assert.equal(session.status.state, 'online')
  })

  it('is refused by any error that says it is not retryable, also while online', async () => {
    const { driver, session, names } = await online()
    driver.link.lost(new CtiError('CTI_FORBIDDEN', 'Licence withdrawn.', { retryable: false }))
    assert.equal(session.status.state, 'refused')
    assert.deepEqual(names().slice(-2), ['connection.offline', 'connection.refused'])
  })

  it('does not take an unforeseen error of a driver for a refusal', async () => {
    const { clock, driver, session, listener } = bench()
    driver.opens.push(() => { throw new TypeError('x is undefined') })
    session.join(listener)
    await clock.advance()
    assert.equal(session.status.state, 'waiting')
    assert.equal(session.status.error?.code, 'CTI_PROTOCOL')
    await clock.advance(1000)
    assert.equal(session.status.state, 'online')
  })

  it('gives up a log-in that never ends', async () => {
    const { clock, driver, session, listener } = bench()
    driver.opens.push(() => new Promise(() => {}))
    session.join(listener)
    await clock.advance(60_000)
    assert.equal(session.status.state, 'waiting')
    assert.equal(session.status.error?.code, 'CTI_TIMEOUT')
  })

  it('counts a failed resync as lost', async () => {
    const { clock, driver, session, listener, names } = bench()
    driver.onResync = () => Promise.reject(broken())
    session.join(listener)
    await clock.advance()
    assert.equal(session.status.state, 'waiting')
    assert.deepEqual(names(), [])
  })

  it('counts silence beyond the watchdog as lost, and anything heard as life', async () => {
    const { clock, driver, session } = await online()
    driver.link.watchdog(10_000)
    for (let i = 0; i < 5; i++) {
      await clock.advance(9000)
      driver.link.heard()
    }
    assert.equal(session.status.state, 'online')
    await clock.advance(10_000)
    assert.equal(session.status.state, 'waiting')
    assert.equal(session.status.error?.code, 'CTI_UNAVAILABLE')
  })

  it('hears nothing from a connection that is over', async () => {
    const { clock, driver, events } = await online()
    const old = driver.link
    old.lost(broken())
    const before = events.length
    old.receive([draft('call.ringing', { id: 'a' })])
    assert.deepEqual(old.reconcile({ calls: [leg({ id: 'a' })], owners: 'all' }), { checked: 0, added: 0, ended: 0, changed: 0, agentsChanged: 0 })
    old.watchdog(10)
    assert.equal(events.length, before)
    await clock.advance(1000)
    old.lost(broken())
    assert.equal(driver.links.length, 2)
    assert.equal(driver.link.signal.aborted, false)
  })

  it('survives drafts and snapshots that are none', async () => {
    const { driver, session, warnings, events } = await online()
    driver.link.receive([null, undefined] as unknown as [])
    assert.deepEqual(driver.link.reconcile({ calls: 7 } as never), { checked: 0, added: 0, ended: 0, changed: 0, agentsChanged: 0 })
    assert.deepEqual(warnings, ['badSnapshot'])
    driver.link.receive([draft('call.ringing', { id: 'a' })])
    assert.equal(events.at(-1)!.event, 'call.ringing')
    assert.equal(session.counters.badDrafts, 2)
  })

  it('closes cleanly when a listener closes it at the first state it hears of', async () => {
    const { session, clock, driver } = bench()
    session.join({ status: ({ state }) => { if (state === 'connecting') void session.close('removed') } })
    await clock.advance(5000)
    assert.equal(session.status.state, 'closed')
    assert.deepEqual(driver.log, [])
    assert.equal(clock.pending, 0)
  })

  it('lets a driver hang as much as it needs on the end of the connection', async () => {
    const warned: Error[] = []
    const listen = (warning: Error): void => { warned.push(warning) }
    process.on('warning', listen)
    const { driver, clock } = await online()
    for (let i = 0; i < 50; i++) driver.link.signal.addEventListener('abort', () => {})
    await clock.advance()
    process.off('warning', listen)
    assert.deepEqual(warned, [])
  })

  it('tells a warning once a connection and code, without secrets', async () => {
    const { driver, session, warnings, clock } = await online()
    driver.link.warn('slow', 'password=hunter2')
    driver.link.warn('slow', 'again')
    assert.deepEqual(warnings, ['slow'])
    assert.equal(session.counters['warning.slow'], 2)
    driver.link.lost(broken())
    await clock.advance(1000)
    driver.link.warn('slow', 'again')
    assert.deepEqual(warnings, ['slow', 'slow'])
  })
})

describe('Session: snapshots', () => {
  it('marks what is found at the first connect as initial', async () => {
    const driver = new FakeDriver()
    driver.snapshot = { calls: [leg({ id: 'a', state: 'active' })], owners: 'all', agents: [{ id: '7', state: 'ready', since: '2026-01-05T08:00:00.000Z' }] }
    const { events } = await online({}, driver)
    assert.deepEqual(events.map(({ event, initial }) => [event, initial]), [['call.answered', true], ['agent.ready', true], ['connection.online', undefined]])
    assert.equal(events[0]!.call?.answeredAt, undefined)
    assert.deepEqual(events[2]!.connection?.resync?.calls, { checked: 1, added: 1, ended: 0, changed: 0 })
  })

  it('tells after a gap what ended, changed and began, with the gap', async () => {
    const driver = new FakeDriver()
    driver.snapshot = { calls: [leg({ id: 'a', state: 'active' }), leg({ id: 'b' })], owners: 'all' }
    const { clock, events } = await online({}, driver)
    driver.snapshot = { calls: [leg({ id: 'b', state: 'active' }), leg({ id: 'c', state: 'held', heldBy: 'local' })], owners: 'all' }
    driver.link.lost(broken())
    const from = new Date(clock.now()).toISOString()
    await clock.advance(1000)
    const found = events.filter(({ resynced }) => resynced)
    assert.deepEqual(found.map(({ event, call }) => [event, call?.id]), [['call.answered', 'b'], ['call.held', 'c'], ['call.ended', 'a']])
    assert.deepEqual(found[0]!.gap, { from, to: new Date(clock.now()).toISOString() })
    const lost = found[2]!
    assert.equal(lost.call?.endReason, 'lost')
    assert.deepEqual(lost.call?.uncertain, ['endedAt', 'endReason'])
    assert.equal(lost.derived, true)
    assert.deepEqual(events.find(({ event }) => event === 'connection.resync')?.connection?.resync?.calls, { checked: 3, added: 1, ended: 1, changed: 1 })
  })

  it('lets live events through while it reads the snapshot, and leaves newer legs alone', async () => {
    const driver = new FakeDriver()
    const { clock, events, session } = await online({}, driver)
    driver.link.lost(broken())
    driver.onResync = async (link) => {
      const takenAt = clock.now()
      clock.jump(5)
      link.receive([draft('call.ringing', { id: 'new' })])
      link.reconcile({ calls: [], owners: 'all', takenAt })
    }
    await clock.advance(1000)
    assert.equal(session.picture.call('new')?.state, 'ringing')
    assert.equal(events.some(({ event }) => event === 'call.ended'), false)
  })

  it('polls without marks', async () => {
    const { driver, events } = await online()
    driver.link.reconcile({ calls: [leg({ id: 'p' })], owners: 'all', poll: true })
    const last = events.at(-1)!
    assert.deepEqual([last.event, last.initial, last.resynced], ['call.ringing', undefined, undefined])
  })
})

describe('Session: listeners', () => {
  it('gives the first one the object and each further one a copy made before', async () => {
    const { driver, session, clock } = await online()
    const first: TelephonyEvent[] = []
    const second: TelephonyEvent[] = []
    session.join({ status: () => {} })
    session.join({
      event: (event) => {
        second.push(event)
        event.call!.id = 'changed by a flow'
      }
    })
    const raw = { wire: { text: 'x' } }
    const raws: unknown[] = []
    session.join({
      event: (event, vendorEvent) => {
        first.push(event)
        raws.push(vendorEvent)
      }
    })
    driver.link.receive([draft('call.ringing', { id: 'a' })], raw)
    await clock.advance()
    assert.equal(first[0]!.call?.id, 'a')
    assert.notEqual(raws[0], raw)
    assert.deepEqual(raws[0], raw)
    assert.equal(session.picture.call('a')?.id, 'a')
  })

  it('is not harmed by one that throws', async () => {
    const { driver, session, events } = await online()
    const fail = (): void => { throw new Error('flow') }
    session.join({ event: fail, status: fail, warning: fail })
    driver.link.receive([draft('call.ringing', { id: 'a' })])
    driver.link.warn('w', 'w')
    driver.link.lost(broken())
    assert.ok(events.some(({ event }) => event === 'call.ringing'))
    assert.ok(session.counters.listenerErrors! >= 3)
  })

  it('keeps what it knows when a flow changes its message', async () => {
    const { driver, session, events } = await online()
    const call = leg({ id: 'a', from: { number: '5550101', name: 'Ann Doe' } })
    driver.link.receive([{ event: 'call.ringing', call }])
    events.at(-1)!.call!.from!.name = 'changed'
    assert.equal(session.picture.call('a')?.from?.name, 'Ann Doe')
    assert.equal(call.from?.name, 'Ann Doe')
  })

  it('hands out the state of now on demand, without moving the counter', async () => {
    const { driver, session, events } = await online()
    driver.link.receive([
      draft('call.ringing', { id: 'a' }),
      { event: 'agent.ready', agent: { id: '7', state: 'ready', since: '2026-01-05T08:00:00.000Z' } },
      { event: 'dnd.changed', user: { id: 'alice' }, dnd: { enabled: true } },
      { event: 'voicemail.updated', user: { id: 'alice' }, voicemail: { newMessages: 1, waiting: true } },
      { event: 'forwarding.changed', forwarding: { user: { id: 'alice' }, rules: { busy: { enabled: true, to: '5550102' } }, complete: true } }
    ])
    const last = events.at(-1)!.seq
    const present = session.presentState()
    assert.deepEqual(present.map(({ event }) => event), ['call.ringing', 'agent.ready', 'forwarding.changed', 'dnd.changed', 'voicemail.updated', 'connection.online'])
    assert.ok(present.every(({ initial, seq }) => initial === true && seq === last))
    present[0]!.call!.id = 'changed'
    assert.equal(session.picture.call('a')?.id, 'a')
    driver.link.receive([draft('call.answered', { id: 'a', state: 'active' })])
    assert.equal(events.at(-1)!.seq, last + 1)
  })
})

describe('Session: whenOnline', () => {
  it('resolves when online and at once when it is', async () => {
    const { session, clock, listener } = bench()
    session.join(listener)
    const waiting = session.whenOnline(1000)
    await clock.advance()
    await waiting
    await session.whenOnline(1000)
    assert.equal(clock.pending, 0)
  })

  it('rejects when the time is over, when closed, and when nobody wants the session', async () => {
    const { session, clock, driver, listener } = bench()
    await assert.rejects(session.whenOnline(1000), { code: 'CTI_NOT_CONNECTED' })
    driver.opens.push(() => new Promise(() => {}))
    session.join(listener)
    const late = assert.rejects(session.whenOnline(1000), /connecting|authenticating/)
    await clock.advance(1000)
    await late
    const closed = assert.rejects(session.whenOnline(9000), { code: 'CTI_NOT_CONNECTED' })
    const closing = session.close('removed')
    await clock.advance(1500)
    await closing
    await closed
    assert.equal(clock.pending, 0)
  })
})

describe('Session: capability', () => {
  it('says yes, no, or no with the reason', () => {
    const driver = new FakeDriver({ hold: entry(() => ({})), hangup: entry(() => ({}), { available: () => 'the licence lacks call control' }) })
    const { session } = bench({}, driver)
    assert.deepEqual(session.capability('hold'), { can: true })
    assert.deepEqual(session.capability('hangup'), { can: false, why: 'the licence lacks call control' })
    assert.equal(session.capability('park').can, false)
    assert.equal(session.capability('toString').can, false)
  })
})
