import assert from 'node:assert/strict'
import { TERMINAL_EVENTS } from '../../src/model'
import { Rng } from '../../src/simulator/pbx/rng'
import { Refusal } from '../../src/simulator/pbx/types'
import { play, scenarios } from '../../src/simulator/scenarios'
import { day } from '../faults/support/agree'
import { Stage } from './support/stage'

/** ms of PBX time between two looks, and after the script for what still runs (wrap-up). */
const STEP_MS = 1000
const AFTERWARDS_MS = 60_000
const MOST_STEPS = 400

function assertLegs (stage: Stage): void {
  const ends = new Map<string, number>()
  for (const { event, call } of stage.events) if (call !== undefined) ends.set(call.id, (ends.get(call.id) ?? 0) + (TERMINAL_EVENTS.has(event) ? 1 : 0))
  assert.deepEqual([...ends].filter(([, count]) => count !== 1), [], 'each leg ends once')
  for (const counter of ['badDrafts', 'badTransitions', 'listenerErrors']) assert.equal(stage.session.counters[counter] ?? 0, 0, counter)
}

describe('iPECS: each script of the simulator through a session', () => {
  let stage: Stage
  let legs = 0
  afterEach(() => stage.close())

  for (const name of scenarios.keys()) {
    it(`${name}: the session has what the house has, at each step and at the end`, async () => {
      stage = await Stage.open()
      await stage.agree('before')
      const { clock, simulator, session } = stage
      const face = simulator.face('ipecs')
      let down: Promise<void> | undefined
      const { done } = play(simulator.pbx, name, {
        drivesClock: false,
        hooks: {
          breakLine: () => { down = face.line(false) },
          mendLine: () => { down = down?.then(() => face.line(true)).then(() => { down = undefined }) }
        }
      })
      let over = false
      void done.catch(() => undefined).finally(() => { over = true })
      let left = AFTERWARDS_MS / STEP_MS
      for (let step = 0; step < MOST_STEPS && left > 0; step++) {
        if (over) left -= 5
        clock.advance(over ? STEP_MS * 5 : STEP_MS)
        await new Promise((resolve) => { setImmediate(resolve) })
        if (down !== undefined) continue
        if (session.status.state !== 'online') await session.whenOnline(4000)
        await stage.agree(`after step ${step}`)
      }
      await done
      await stage.agree('at the end')
      assertLegs(stage)
      legs += new Set(stage.events.flatMap(({ call }) => call === undefined ? [] : [call.id])).size
    }).timeout(20_000)
  }

  for (const seed of [1, 2, 3, 5, 8, 10]) {
    it(`a busy day, at random (seed ${seed})`, async () => {
      stage = await Stage.open()
      const rng = new Rng(seed + 40)
      await day({ simulator: stage.simulator }, seed, 150, async () => {
        stage.clock.advance(rng.integer(100, 4000))
        await stage.agree('in between')
      })
      const { pbx } = stage.simulator
      for (const { key, state, party } of [...pbx.connections.values()]) {
        if (state === 'null' || party.kind === 'queue') continue
        try {
          pbx.release(key)
        } catch (error) {
          if (!(error instanceof Refusal)) throw error
        }
      }
      stage.clock.advance(120_000)
      await stage.agree('at the end')
      assertLegs(stage)
    }).timeout(30_000)
  }

  it('has played calls', async () => {
    stage = await Stage.open()
    assert.ok(legs > scenarios.size, `only ${legs} legs`)
  })
})
