import assert from 'node:assert/strict'
import { setImmediate as settled } from 'node:timers/promises'
import { VirtualClock } from '../../../src/simulator/pbx/clock'
import { checkInvariant } from '../../../src/simulator/pbx/invariant'
import { Pbx } from '../../../src/simulator/pbx/pbx'
import { Load } from '../../../src/simulator/scenarios/load'
import { Traffic } from '../../../src/simulator/scenarios/traffic'

interface World { clock: VirtualClock; pbx: Pbx; facts: string[] }

function world (): World {
  const clock = new VirtualClock()
  const pbx = new Pbx({ clock })
  const facts: string[] = []
  pbx.facts.on((fact) => { facts.push(`${fact.at} ${fact.type} ${fact.userKey ?? ''} ${fact.cause ?? ''}`) })
  return { clock, pbx, facts }
}

/** Lets time pass in steps in which the scripts can go on. */
async function pass (clock: VirtualClock, ms: number, each: () => void = () => undefined): Promise<void> {
  for (let passed = 0; passed < ms; passed += 250) {
    clock.advance(250)
    await settled()
    each()
  }
}

const open = (pbx: Pbx): number => [...pbx.connections.values()].filter(({ state }) => state !== 'null').length

describe('traffic', () => {
  it('makes about as many calls a minute as asked for, and stays consistent', async () => {
    const { clock, pbx } = world()
    const traffic = new Traffic(pbx, { callsPerMinute: 20, seed: 5 })
    traffic.start()
    await pass(clock, 300_000, () => { assert.deepEqual(checkInvariant(pbx), []) })
    await traffic.stop()
    const { started, skipped, queueCalls, completed, refused } = traffic.figures
    assert.ok(Math.abs(started + skipped + queueCalls - 100) <= 20, JSON.stringify(traffic.figures))
    assert.ok(completed > started / 2 && refused < completed, JSON.stringify(traffic.figures))
    assert.ok([...pbx.queues.values()].reduce((sum, { figures }) => sum + figures.answered, 0) > 0, 'agents answer')
    pbx.close()
  })

  it('does the same for the same seed', async () => {
    const run = async (seed: number): Promise<string> => {
      const { clock, pbx, facts } = world()
      const traffic = new Traffic(pbx, { callsPerMinute: 30, seed })
      traffic.start()
      await pass(clock, 60_000)
      await traffic.stop()
      pbx.close()
      return facts.join('\n')
    }
    const [one, same, other] = [await run(1), await run(1), await run(2)]
    assert.equal(one, same)
    assert.notEqual(one, other)
  })

  it('leaves no call and no timer when it stops, and can begin again', async () => {
    const { clock, pbx, facts } = world()
    const traffic = new Traffic(pbx, { callsPerMinute: 60 })
    traffic.start()
    await pass(clock, 20_000)
    assert.ok(open(pbx) > 0)
    await traffic.stop()
    assert.equal(open(pbx), 0)
    clock.advance(120_000)
    const quiet = facts.length
    clock.advance(120_000)
    assert.equal(facts.length, quiet)
    traffic.start()
    await pass(clock, 10_000)
    assert.ok(facts.length > quiet)
    await traffic.stop()
    pbx.close()
    assert.equal(clock.waiting, 0)
  })

  it('leaves nobody talking to a mailbox, whenever it stops', async () => {
    let deposits = 0
    for (let seed = 1; seed <= 25; seed++) {
      const { clock, pbx } = world()
      const traffic = new Traffic(pbx, { callsPerMinute: 240, seed })
      traffic.start()
      await pass(clock, 4000 + 500 * seed)
      for (const { party, state } of pbx.connections.values()) if (party.kind === 'voicemail' && state !== 'null') deposits++
      await traffic.stop()
      assert.equal(open(pbx), 0, `seed ${seed}`)
      pbx.close()
    }
    assert.ok(deposits > 0, 'none was on when it stopped')
  })

  it('leaves people alone who are in a call already', async () => {
    const { clock, pbx } = world()
    const call = pbx.originate('bob', '+12025550199')
    clock.advance(2000)
    const traffic = new Traffic(pbx, { callsPerMinute: 120 })
    traffic.start()
    await pass(clock, 30_000, () => { assert.equal(call.state, 'connected') })
    await traffic.stop()
    assert.equal(call.state, 'connected')
    pbx.close()
  })

  it('refuses rates that make no sense', () => {
    const { pbx } = world()
    for (const callsPerMinute of [0, -1, NaN, 1e9]) assert.throws(() => new Traffic(pbx, { callsPerMinute }), { code: 'invalidValue' })
    for (const eventsPerSecond of [0, -1, NaN, 1e9]) assert.throws(() => new Load(pbx, { eventsPerSecond }), { code: 'invalidValue' })
  })
})

describe('load', () => {
  it('tells facts at the rate asked for', () => {
    const { clock, pbx } = world()
    const load = new Load(pbx, { eventsPerSecond: 300 })
    load.start()
    clock.advance(10_000)
    assert.ok(Math.abs(load.facts - 3000) < 100, `${load.facts} facts in 10 s`)
    assert.deepEqual(checkInvariant(pbx), [])
    load.stop()
    assert.equal(open(pbx), 0)
    pbx.close()
    assert.equal(clock.waiting, 0)
  })

  it('waits when everybody is in a call', () => {
    const { clock, pbx } = world()
    for (const user of pbx.users.values()) if (user.devices.length > 0) pbx.originate(user.key, '+12025550177')
    const load = new Load(pbx, { eventsPerSecond: 100 })
    load.start()
    clock.advance(5000)
    assert.equal(load.facts, 0)
    load.stop()
    pbx.close()
  })

  it('keeps what it remembers within bounds', () => {
    const { clock, pbx } = world()
    const book = pbx.idBook('xsi', (kind, n) => `${kind}-${n}`)
    pbx.facts.on(({ connection }) => { if (connection !== undefined) book.id('call', connection.key) })
    const load = new Load(pbx, { eventsPerSecond: 2000 })
    load.start()
    clock.advance(25_000)
    load.stop()
    assert.ok(pbx.history.length > 3000, 'more calls than are remembered')
    assert.ok(pbx.calls.size < 2100 && pbx.connections.size < 4200, `${pbx.calls.size} calls, ${pbx.connections.size} connections`)
    assert.ok(book.size < 4200 && pbx.history.length <= 10_000, `${book.size} ids, ${pbx.history.length} history entries`)
    pbx.close()
  })
})
