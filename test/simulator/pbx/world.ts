import assert from 'node:assert/strict'
import { VirtualClock } from '../../../src/simulator/pbx/clock'
import { demoDirectory } from '../../../src/simulator/pbx/demo'
import { checkInvariant } from '../../../src/simulator/pbx/invariant'
import { Pbx } from '../../../src/simulator/pbx/pbx'
import { type Connection, type Directory, type Fact, Refusal, type RefusalCode } from '../../../src/simulator/pbx/types'

export const CAROL = '+12025550199'

/** A PBX on a clock that a test moves, and all that it told. */
export class World {
  readonly clock = new VirtualClock()
  readonly pbx: Pbx
  readonly facts: Fact[] = []
  /** Mistakes in timers and listeners; a test takes out what it provoked. */
  readonly errors: unknown[] = []

  constructor (directory: Directory = demoDirectory) {
    this.pbx = new Pbx({ clock: this.clock, directory, onError: (error) => { this.errors.push(error) } })
    this.pbx.facts.on((fact) => { this.facts.push(fact) })
  }

  /** `type cause` of the facts about a user since the last time they were asked for. */
  told (userKey?: string): string[] {
    return this.facts.splice(0).filter((fact) => userKey === undefined || fact.userKey === userKey).map(({ type, cause }) => cause === undefined ? type : `${type} ${cause}`)
  }

  last (type: Fact['type'], userKey?: string): Fact {
    const fact = this.facts.findLast((one) => one.type === type && (userKey === undefined || one.userKey === userKey))
    assert.ok(fact, `no fact ${type}`)
    return fact
  }

  ring (to = '1002', from = CAROL): Connection {
    const call = this.pbx.inbound({ from, to })
    assert.ok(call)
    return call
  }

  talk (to = '1002'): Connection {
    const call = this.ring(to)
    this.pbx.answer(call.key)
    return call
  }

  only (userKey: string): Connection {
    const open = this.pbx.connectionsOf(userKey)
    assert.equal(open.length, 1, `${userKey} has ${open.length} calls`)
    return open[0] as Connection
  }

  refuses (code: RefusalCode, act: () => unknown): void {
    assert.throws(act, (error) => error instanceof Refusal && error.code === code)
  }

  /** Consistent, and nothing runs on after the end. */
  close (): void {
    assert.deepEqual(this.errors, [])
    assert.deepEqual(checkInvariant(this.pbx), [])
    this.pbx.close()
    assert.equal(this.clock.waiting, 0)
  }
}

/** Creates a world for each test of a describe block and closes it. */
export function eachWorld (directory?: Directory): () => World {
  let world: World
  beforeEach(() => { world = new World(directory) })
  afterEach(() => { world.close() })
  return () => world
}
