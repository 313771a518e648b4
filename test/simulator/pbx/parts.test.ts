import assert from 'node:assert/strict'
import { once } from 'node:events'
import { EventEmitter } from 'node:events'
import { RealClock, VirtualClock } from '../../../src/simulator/pbx/clock'
import { furnish } from '../../../src/simulator/pbx/directory'
import { IdBook } from '../../../src/simulator/pbx/ids'
import { Rng } from '../../../src/simulator/pbx/rng'
import { Timers } from '../../../src/simulator/pbx/timers'

describe('VirtualClock', () => {
  it('runs what falls due in order, also what is added on the way, and nothing early', () => {
    const clock = new VirtualClock(0)
    const ran: string[] = []
    clock.after(20, () => { ran.push(`b${clock.now()}`) })
    clock.after(10, () => {
      ran.push(`a${clock.now()}`)
      clock.after(5, () => { ran.push(`c${clock.now()}`) })
      clock.after(0, () => { ran.push(`d${clock.now()}`) })
    })
    clock.advance(9)
    assert.deepEqual(ran, [])
    clock.advance(20)
    assert.deepEqual([ran, clock.now(), clock.waiting], [['a10', 'd10', 'c15', 'b20'], 29, 0])
  })

  it('forgets what is cancelled', () => {
    const clock = new VirtualClock(0)
    const cancel = clock.after(10, () => { assert.fail('ran') })
    cancel()
    cancel()
    clock.advance(100)
  })
})

describe('RealClock', () => {
  it('lives faster by its factor', async () => {
    const clock = new RealClock(1000)
    const events = new EventEmitter()
    const start = clock.now()
    clock.after(10_000, () => { events.emit('due') })
    const alive = setInterval(() => undefined, 1000)
    await once(events, 'due')
    clearInterval(alive)
    assert.ok(clock.now() - start >= 8000)
  })
})

describe('Timers', () => {
  it('starts a timer of the same name anew and ends all of an owner', () => {
    const clock = new VirtualClock(0)
    const timers = new Timers(clock, (task) => { task() })
    const ran: string[] = []
    timers.set('one', 'x', 10, () => { ran.push('old') })
    timers.set('one', 'x', 20, () => { ran.push('new') })
    timers.set('two', 'x', 5, () => { ran.push('two') })
    timers.clearOwner('two')
    clock.advance(100)
    assert.deepEqual([ran, timers.owners(), timers.has('one', 'x')], [['new'], [], false])
    timers.clear('nobody', 'x')
  })
})

describe('Rng', () => {
  it('gives the same for the same seed, within its limits', () => {
    const [one, two, other] = [new Rng(7), new Rng(7), new Rng(8)]
    const draw = (rng: Rng): number[] => Array.from({ length: 50 }, () => rng.integer(1, 6))
    const drawn = draw(one)
    assert.deepEqual(drawn, draw(two))
    assert.notDeepEqual(drawn, draw(other))
    assert.deepEqual([Math.min(...drawn), Math.max(...drawn)], [1, 6])
    assert.throws(() => one.pick([]), RangeError)
    assert.deepEqual([one.chance(0), one.chance(1)], [false, true])
  })
})

describe('IdBook', () => {
  it('keeps one id for a thing and kind, both ways, until it is forgotten', () => {
    const book = new IdBook((kind, n) => `${kind}-${n}`)
    assert.deepEqual([book.id('call', 'a'), book.id('call', 'b'), book.id('call', 'a'), book.id('track', 'a')], ['call-1', 'call-2', 'call-1', 'track-1'])
    assert.deepEqual([book.keyOf('call', 'call-2'), book.keyOf('track', 'call-2')], ['b', undefined])
    book.forget(['a', 'nothing'])
    assert.deepEqual([book.keyOf('call', 'call-1'), book.keyOf('track', 'track-1'), book.size, book.id('call', 'a')], [undefined, undefined, 1, 'call-3'])
    book.reset()
    assert.equal(book.id('call', 'z'), 'call-1')
  })
})

describe('furnish', () => {
  it('fills in what a directory leaves out', () => {
    const house = furnish({ domain: 'example.org', users: [{ key: 'ann', first: 'Ann', last: 'Lee', extension: '10', agentKey: 'a1', devices: [{}, { kind: 'mobile' }, { kind: 'app' }] }], queues: [{ key: 'q', name: 'Q', number: '20', members: ['a1'] }] })
    const [ann] = house.users
    assert.deepEqual([ann?.email, ann?.password, ann?.devices, ann?.forwarding.busy], ['ann@example.org', 'demo', ['ann-desk', 'ann-mobile', 'ann-app2'], { enabled: false }])
    assert.deepEqual(house.queues[0]?.members, [{ agentKey: 'a1', joined: true, paused: false, priority: 0 }])
    assert.deepEqual([house.agents[0]?.userKey, house.timers.parkRecall], ['ann', 45])
  })
})
