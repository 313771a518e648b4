import assert from 'node:assert/strict'
import { VirtualClock } from '../../../src/simulator/pbx/clock'
import { checkInvariant } from '../../../src/simulator/pbx/invariant'
import { Pbx } from '../../../src/simulator/pbx/pbx'
import { type Connection, type Fact } from '../../../src/simulator/pbx/types'
import { Monkey } from './monkey'

const STEPS = 400
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
const TERMINAL = new Set(['cleared', 'diverted', 'transferred', 'dequeued', 'parked'])

/** What somebody knows who only listens to facts. */
class Listener {
  readonly known = new Map<string, Connection>()
  readonly ends = new Map<string, number>()
  problems: string[] = []
  private n = 0
  private at = 0

  hear (fact: Fact): void {
    if (fact.n !== ++this.n) this.problems.push(`fact ${fact.n} after ${this.n - 1}`)
    if (fact.at < this.at) this.problems.push(`fact ${fact.n} went back in time`)
    this.at = fact.at
    if (fact.type === 'reset') {
      this.known.clear()
      this.ends.clear()
    }
    const { connection, before } = fact
    if (connection === undefined) return
    const earlier = this.known.get(connection.key)
    if (before !== undefined && earlier !== undefined && earlier.state !== before.state) this.problems.push(`${connection.key} was ${earlier.state}, fact ${fact.type} says it was ${before.state}`)
    if (before !== undefined && before.state !== 'null' && connection.state === 'null') {
      if (!TERMINAL.has(fact.type)) this.problems.push(`${connection.key} ended by ${fact.type}`)
      this.ends.set(connection.key, (this.ends.get(connection.key) ?? 0) + 1)
    }
    this.known.set(connection.key, connection)
  }

  compare (pbx: Pbx): string[] {
    const problems = this.problems.splice(0)
    for (const [key, count] of this.ends) if (count !== 1) problems.push(`${key} ended ${count} times`)
    for (const connection of pbx.connections.values()) {
      const told = this.known.get(connection.key)
      if (told === undefined) problems.push(`nothing was told of ${connection.key}`)
      else {
        try {
          assert.deepEqual(withoutConference(told), withoutConference(connection))
        } catch (error) {
          problems.push(`${connection.key} differs from its last fact: ${error instanceof Error ? error.message : ''}`)
        }
      }
    }
    return problems
  }
}

/** Who is in a conference is told by facts about the conference. */
function withoutConference (connection: Connection): Partial<Connection> {
  const copy: Partial<Connection> = { ...connection }
  delete copy.conferenceKey
  return copy
}

describe('PBX under random treatment', () => {
  for (const seed of SEEDS) {
    it(`stays consistent and tells everything, seed ${seed}`, () => {
      const clock = new VirtualClock()
      const errors: unknown[] = []
      const pbx = new Pbx({ clock, seed, onError: (error) => { errors.push(error) } })
      const listener = new Listener()
      pbx.facts.on((fact) => { listener.hear(fact) })
      const monkey = new Monkey(pbx, clock, seed)
      try {
        for (let n = 0; n < STEPS; n++) {
          monkey.step()
          assert.deepEqual([...checkInvariant(pbx), ...listener.compare(pbx)], [], `step ${n}: ${monkey.last}`)
        }
        assert.ok(monkey.done > STEPS / 4, `${monkey.done} of ${STEPS} were possible`)
        clock.advance(24 * 3600 * 1000)
        assert.deepEqual(checkInvariant(pbx), [])
      } finally {
        pbx.close()
      }
      assert.deepEqual(errors, [])
      assert.equal(clock.waiting, 0)
    })
  }

  it('does the same for the same seed', () => {
    const run = (): string => {
      const clock = new VirtualClock()
      const pbx = new Pbx({ clock })
      const facts: string[] = []
      pbx.facts.on((fact) => { facts.push(JSON.stringify(fact)) })
      const monkey = new Monkey(pbx, clock, 77)
      for (let n = 0; n < 200; n++) monkey.step()
      pbx.close()
      return facts.join('\n')
    }
    assert.equal(run(), run())
  })
})
