/** Webhooks that come twice, in another order, late, or not at all: the session has what the house has, and each leg ends once. */
import assert from 'node:assert/strict'
import { TERMINAL_EVENTS } from '../../src/model'
import type { FaultSpec } from '../../src/simulator/faults/faults'
import { House } from './harness'

const CAROL = '+12025550199'
const STATES: Readonly<Record<string, string>> = { alerting: 'ringing', connected: 'active', hold: 'held' }

describe('Webex: webhooks in disorder', () => {
  let house: House
  afterEach(() => house.close())

  const CASES: readonly (readonly [string, readonly Omit<FaultSpec, 'face'>[], number])[] = [
    ['doubled', [{ kind: 'duplicate' }], 1],
    ['swapped', [{ kind: 'swap', chance: 0.5 }], 1],
    ['many at once', [], 6],
    ['lost now and then', [{ kind: 'lose', chance: 0.3 }], 1],
    ['all of it', [{ kind: 'duplicate', chance: 0.3 }, { kind: 'swap', chance: 0.3 }, { kind: 'lose', chance: 0.2 }], 4]
  ]

  for (const [name, faults, deliveriesAtOnce] of CASES) {
    it(name, async () => {
      house = await House.build({ webex: { deliveriesAtOnce } })
      const line = await house.online({ reconcileMs: 150, healthMs: 400, settingsMs: 0 })
      for (const fault of faults) house.simulator.faults.inject({ face: 'webex', ...fault })
      const bob = (): ReturnType<House['pbx']['connectionsOf']> => house.pbx.connectionsOf('bob')
      for (let n = 0; n < 12; n++) {
        const call = house.pbx.inbound({ from: CAROL, to: '1002' })
        const own = bob().at(-1)
        if (call === undefined || own === undefined) continue
        if (n % 3 > 0) house.pbx.answer(own.key)
        if (n % 3 === 2) {
          house.pbx.hold(own.key)
          house.pbx.resume(own.key)
        }
        if (n % 4 !== 3) house.pbx.release(own.key)
      }
      const legs = (): string[] => [...line.session.picture.calls()].map(({ state }) => state).sort()
      const truth = (): string[] => bob().map(({ state }) => STATES[state] ?? state).sort()
      await house.until(() => legs().join() === truth().join(), `${legs().join()} to be ${truth().join()}`).catch(() => assert.deepEqual(legs(), truth()))
      for (const { key } of bob()) house.pbx.release(key)
      await house.until(() => legs().length === 0, 'all to end')
      const ends = new Map<string, number>()
      for (const { event, call } of line.events) if (call !== undefined && TERMINAL_EVENTS.has(event)) ends.set(call.id, (ends.get(call.id) ?? 0) + 1)
      assert.deepEqual([...ends].filter(([, count]) => count !== 1), [])
      assert.equal(line.session.counters.badDrafts ?? 0, 0)
    }).timeout(15_000)
  }
})
