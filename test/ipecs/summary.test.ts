/** The wrapper's summary (ipecs.md 7.4), with the numbers that it meant. */
import assert from 'node:assert/strict'
import { readFrame } from '../../src/ipecs/frames'
import { Summary, type SummaryOptions } from '../../src/ipecs/summary'
import { FakeSwitch } from './support/switch'
import { acd, Line, START } from './support/line'

const KEYS = [
  'stations-connected', 'stations-idle', 'stations-busy', 'agents-logged-in', 'agents-available', 'agents-unavailable', 'agents-busy', 'agents-idle', 'total-inbound-calls', 'total-answered-calls', 'total-abandoned-calls',
  'total-outbound-calls', 'total-calls-in-queue', 'total-calls-onwrap', 'total-calls-onhold', 'total-logged-in-time', 'total-agn-login-time', 'total-avail-time', 'total-unavail-time', 'total-idle-time', 'total-busy-time',
  'total-hold-time', 'total-wrap-time', 'total-ring-time', 'total-talk-time', 'total-handle-time', 'station-list'
]

class Tape {
  readonly summary: Summary
  readonly hooks: string[] = []
  at = 0
  constructor (options: Partial<SummaryOptions> = {}) {
    this.summary = new Summary({ lines: undefined, stations: undefined, resetAt: undefined, ...options })
  }

  /** @param at s since the beginning */
  play (at: number, code: number, fields: Parameters<typeof acd>[1] = {}): this {
    this.at = at
    const frame = readFrame(acd(code, fields) as Record<string, unknown>)
    assert.ok(frame.kind === 'acd')
    this.hooks.push(...this.summary.fold(frame.record, at * 1000).map(({ name, payload }) => `${name} ${Object.values(payload).join()}`))
    return this
  }

  figures (...keys: string[]): unknown[] {
    const object = this.summary.object(this.at * 1000)
    return keys.map((key) => object[key])
  }
}

const day = (options: Partial<SummaryOptions> = {}): Tape => new Tape(options).play(0, 84, { from: 'Station/1001' }).play(0, 18, { from: 'Station/1001' }).play(10, 11, { from: 'Station/1001', data1: '0008', data2: '0101' })
const call = (tape: Tape, from: number, ref = 214): Tape => tape
  .play(from, 3, { ref, from: 'CO/0006' }).play(from, 72, { ref, from: 'CO/0006', to: 'Station/1001', data1: '2025550123' }).play(from + 1, 3, { ref, from: 'CO/0006', to: 'Station/1001', data1: '0008' }).play(from + 1, 66, { ref, from: 'Station/1001', to: 'CO/0006', data1: '0008' })
const taken = (tape: Tape, at: number, ref = 214): Tape => tape.play(at, 42, { ref, from: 'CO/0006', to: 'Station/1001' }).play(at, 17, { from: 'Station/1001' })
const over = (tape: Tape, at: number, ref = 214): Tape => tape.play(at, 15, { from: 'Station/1001', data1: '0008' }).play(at, 18, { from: 'Station/1001' }).play(at, 44, { ref, from: 'Station/1001', data1: '0000' }).play(at, 2, { from: 'CO/0006' })

describe('iPECS: the summary', () => {
  it('has the keys of the wrapper', () => assert.deepEqual(Object.keys(new Tape().summary.object(0)), KEYS))

  it('counts a call once, from its first record to the wrap-up', () => {
    const tape = call(day(), 20)
    assert.deepEqual(tape.figures('total-inbound-calls', 'total-calls-in-queue', 'agents-idle'), [1, 1, 1])
    taken(tape, 30)
    assert.deepEqual(tape.figures('total-answered-calls', 'total-calls-in-queue', 'agents-busy', 'stations-busy', 'stations-idle'), [1, 0, 1, 1, 0])
    tape.play(40, 49, { ref: 214, from: 'Station/1001', to: 'CO/0006' })
    assert.deepEqual(tape.figures('total-calls-onhold'), [1])
    tape.play(45, 42, { ref: 214, from: 'CO/0006', to: 'Station/1001' })
    over(tape, 60)
    assert.deepEqual(tape.figures('total-calls-onhold', 'total-calls-onwrap', 'agents-busy', 'total-ring-time', 'total-talk-time', 'total-hold-time', 'total-handle-time'), [0, 1, 0, 10, 25, 5, 30])
    tape.play(70, 16, { from: 'Station/1001' })
    assert.deepEqual(tape.figures('total-wrap-time', 'total-calls-onwrap', 'total-logged-in-time', 'total-agn-login-time', 'total-busy-time', 'total-idle-time', 'station-list'), [10, 0, 70, 60, 30, 40, ['1001']])
    assert.deepEqual(tape.hooks, ['addStationConnectedHook 1', 'addAgentLoggedInHook 1', 'addNewCallHook 1', 'addCallWaitingHook 1', 'addCallAnsweredHook 1', 'addStationBusyHook 1', 'addCallDisconnectedHook 0'])
  })

  it('counts callers who gave up: told without a callRefID, by the free line, or cut before the answer', () => {
    const tape = call(day(), 20)
    tape.play(25, 43, { from: 'CO/0006', to: 'Station/1001' }).play(25, 2, { from: 'CO/0006' })
    call(tape, 30, 215).play(35, 2, { from: 'CO/0006' })
    call(tape, 40, 216).play(45, 44, { ref: 216, from: 'CO/0006', to: 'Station/1001' }).play(45, 2, { from: 'CO/0006' })
    assert.deepEqual(tape.figures('total-inbound-calls', 'total-abandoned-calls', 'total-answered-calls', 'total-calls-in-queue'), [3, 3, 0, 0])
  })

  it('tells the stations apart, which the wrapper did not', () => {
    const tape = day().play(0, 84, { from: 'Station/1002' }).play(10, 11, { from: 'Station/1002', data1: '0008', data2: '0102' }).play(20, 13, { from: 'Station/1001', data1: '0005', data2: '0008' }).play(50, 14, { from: 'Station/1001', data2: '0008' })
    assert.deepEqual(tape.figures('agents-logged-in', 'agents-available', 'total-unavail-time', 'total-avail-time'), [2, 2, 30, 50])
    tape.play(60, 12, { from: 'Station/1001', data1: '0008' }).play(60, 82, { from: 'Station/1002' })
    assert.deepEqual(tape.figures('agents-logged-in', 'stations-connected', 'station-list'), [0, 1, ['1001']])
  })

  it('counts an outbound call at its number, once', () => {
    const tape = day().play(20, 17, { from: 'Station/1001' }).play(20, 41, { ref: 5, from: 'Station/1001', to: 'CO/0007' }).play(25, 42, { ref: 5, from: 'CO/0007', to: 'Station/1001' }).play(30, 67, { ref: 5, from: 'Station/1001', to: 'CO/0007', data2: '2025550123' })
    tape.play(31, 67, { ref: 5, from: 'Station/1001', to: 'CO/0007', data2: '2025550123' })
    assert.deepEqual(tape.figures('total-outbound-calls', 'total-answered-calls', 'stations-busy', 'agents-busy'), [1, 0, 1, 1])
  })

  it('leaves out other lines and stations', () => {
    const tape = call(day({ lines: new Set(['7']), stations: [1001, 1001] }), 20).play(20, 84, { from: 'Station/1002' })
    assert.deepEqual(tape.figures('total-inbound-calls', 'stations-connected'), [0, 1])
  })

  it('begins anew at the set hour of the switch: counters, not states', () => {
    const tape = day({ resetAt: 22 * 3600 })
    tape.play(20, 3, { ref: 1, from: 'CO/0006', time: '2024/05/02 21:59:58' })
    tape.play(22, 68, { time: '2024/05/02 22:00:00' })
    assert.deepEqual(tape.figures('total-inbound-calls', 'agents-logged-in', 'total-calls-in-queue', 'total-agn-login-time'), [0, 1, 1, 0])
    taken(tape, 30, 1)
    assert.deepEqual(tape.figures('total-answered-calls', 'total-inbound-calls'), [0, 0], 'a call of the day before makes no more answers than calls')
    tape.play(40, 68, { time: '2024/05/03 21:59:00' })
    call(tape, 41, 2).play(42, 68, { time: '2024/05/03 21:59:30' })
    assert.deepEqual(tape.figures('total-inbound-calls'), [1])
  })

  describe('in a session', () => {
    let pbx: FakeSwitch
    let line: Line
    beforeEach(async () => { pbx = await new FakeSwitch().start() })
    afterEach(async () => {
      await line.close()
      await pbx.stop()
    })

    it('comes as figures and hooks, and survives a reconnect', async () => {
      line = await Line.online(pbx)
      const told = await line.feed(acd(3, { ref: 214, from: 'CO/0006' }))
      assert.deepEqual(told.map(({ event, stats }) => [event, stats?.vendorMetrics]).slice(0, 2), [['vendor.addNewCallHook', { 'Total Calls': 1 }], ['vendor.addCallWaitingHook', { 'Calls In Queue': 1 }]])
      const stats = told.find(({ event }) => event === 'stats.updated')?.stats
      assert.deepEqual([stats?.metrics.offered, (stats?.vendorMetrics as { legacySummary: Record<string, unknown> }).legacySummary['total-inbound-calls'], stats?.window.from], [1, 1, new Date(START + 4000).toISOString()])
      pbx.drop()
      await line.reach('waiting')
      await line.clock.advance(1000)
      await line.reach('online')
      await line.feed(acd(3, { ref: 215, from: 'CO/0007' }))
      assert.equal(((await line.perform('ipecs.summary')).data as Record<string, unknown>)['total-inbound-calls'], 2)
    })

    it('is told within its interval once, and not at all when it is switched off', async () => {
      line = await Line.online(pbx, { statsIntervalMs: 1000 })
      await line.feed(acd(3, { ref: 1, from: 'CO/0006' }), acd(3, { ref: 2, from: 'CO/0007' }))
      assert.equal(line.events.filter(({ event }) => event === 'stats.updated').length, 0)
      await line.clock.advance(1000)
      assert.deepEqual(line.events.filter(({ event }) => event === 'stats.updated').map(({ stats }) => stats?.metrics.offered), [2])
      await line.close()
      line = await Line.online(pbx, { legacySummary: false })
      assert.deepEqual((await line.feed(acd(3, { ref: 1, from: 'CO/0006' }))).map(({ event }) => event), [])
    })
  })
})
