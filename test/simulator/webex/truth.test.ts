import assert from 'node:assert/strict'
import { checkInvariant } from '../../../src/simulator/pbx/invariant'
import { at, type Json, list, openWorld, type World } from './world'

const PEOPLE = ['alice', 'bob', 'dave', 'erin', 'frank'] as const
const FIELDS = ['callSessionId', 'personality', 'state', 'remoteParty', 'appearance', 'created', 'answered', 'muted', 'recordingState'] as const

describe('simulator/webex: what events said is what the lists say', () => {
  let world: World
  const table = new Map<string, Json>()
  beforeEach(async () => {
    table.clear()
    world = await openWorld({ seed: 23 })
    for (const who of PEOPLE) await world.listen(who)
  })
  afterEach(() => world.close())

  /** Folds events as somebody sees them who only listens; the first of a call must be `created`, nothing may follow its end. */
  const fold = async (): Promise<void> => {
    await world.settle()
    for (const { path, event } of world.receiver.take()) {
      const data = event.data as Json
      const key = `${path.slice(1)} ${String(data.callId)}`
      const known = table.has(key)
      if (data.eventType !== 'forwarded') assert.equal(event.event === 'created', !known, `${String(event.event)} ${String(data.eventType)} of ${key}, ${known ? 'known' : 'unknown'}`)
      if (event.event === 'deleted') table.delete(key)
      else table.set(key, data)
    }
  }

  const compare = async (): Promise<number> => {
    await fold()
    let open = 0
    for (const who of PEOPLE) {
      const listed = list((await world.api(who, 'GET /telephony/calls')).body, 'items')
      const told = [...table.keys()].filter((key) => key.startsWith(`${who} `)).map((key) => key.slice(who.length + 1))
      assert.deepEqual(told.sort(), listed.map(({ id }) => String(id)).sort(), `${who} at ${world.clock.now()}`)
      assert.equal(listed.length, world.pbx.connectionsOf(who).length)
      for (const call of listed) for (const field of FIELDS) assert.deepEqual(at(table.get(`${who} ${String(call.id)}`), field), call[field], `${who} ${String(call.id)} ${field}`)
      open += listed.length
    }
    return open
  }

  it('holds during minutes of mixed traffic', async function () {
    this.timeout(60_000)
    world.simulator.traffic.set(40)
    let seen = 0
    for (let round = 0; round < 40; round++) {
      world.clock.advance(3100)
      // Scripts go on in microtasks between two steps of the clock.
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => { setImmediate(resolve) })
      seen += await compare()
    }
    assert.ok(seen > 40, `only ${seen} calls were open`)
    assert.deepEqual(checkInvariant(world.pbx), [])
    assert.equal(world.simulator.face('webex').figures().failed, 0)
  })

  it('holds after each script', async function () {
    this.timeout(60_000)
    for (const name of world.simulator.scenarios.filter((each) => !/restart|gap|reuse/.test(each))) {
      await world.simulator.runScenario(name)
      await compare()
    }
  })
})
