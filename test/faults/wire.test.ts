import assert from 'node:assert/strict'
import type { FaultKind } from '../../src/simulator/faults/faults'
import { agree, assertOrder, day, hangUpAll } from './support/agree'
import { SkipClock } from './support/skipClock'
import { until, World } from './support/world'
import { VENDORS } from './vendors'

const PHASES = ['waiting', 'connecting', 'authenticating', 'subscribing', 'online'] as const
const SPOILT = ['malformed', 'truncated', 'oversize', 'unknown'] as const satisfies readonly FaultKind[]

for (const vendor of VENDORS) {
  const { platform, changes = vendor.told, beyond = [] } = vendor
  describe(`${platform}: the wire`, () => {
    let world: World
    afterEach(() => world.close())

    for (const seed of vendor.comparable ? [1, 2, 3] : []) {
      it(`breaks at random moments of a busy day, and the session knows everything in the end (seed ${seed})`, async () => {
        world = await World.start(vendor, { seed })
        const line = await world.online({ who: 'everybody' })
        const { connections } = world.kept
        let cuts = 0
        await day(world, seed, 120, async (_n, rng) => {
          if (!rng.chance(0.06)) return
          cuts++
          const lives = line.states.length
          const wasOnline = line.session.status.state === 'online'
          world.cut()
          if (!wasOnline) return
          // The next steps, and the next break, meet the session on any part of its way back.
          const phase = rng.pick(PHASES)
          await line.until(() => line.states.slice(lives).includes(phase), `the state ${phase}`)
        })
        world.cut()
        await line.until(() => line.session.status.state !== 'online', 'the last loss')
        if (vendor.untold?.includes('calls') === true) await line.state('online').then(() => hangUpAll(world))
        await agree(world, line)
        assertOrder(line)
        assert.ok(cuts > 2, `${cuts} breaks`)
        const count = (name: string): number => line.names().filter((event) => event === name).length
        assert.ok(count('connection.offline') > 0)
        assert.equal(count('connection.online'), count('connection.offline') + 1)
        assert.equal(count('connection.resync'), count('connection.offline'))
        await until(() => world.kept.connections === connections, 'the face to forget the broken connections')
      })

      it(`carries pieces that have nothing to do with messages (seed ${seed})`, async () => {
        world = await World.start(vendor, { seed })
        world.relay.chop(seed)
        const line = await world.online({ who: 'everybody' })
        world.simulator.pbx.inbound({ from: '+12025550123', name: 'Zoë Ünal 平', to: '1001' })
        await day(world, seed + 10, 60)
        await agree(world, line)
        assertOrder(line)
        if (vendor.namesAreOwn !== true) assert.ok(line.events.some(({ call }) => call?.from?.name === 'Zoë Ünal 平' || call?.remote?.name === 'Zoë Ünal 平'), 'a name of several bytes a letter arrives whole')
        assert.deepEqual(line.warnings, [])
        assert.deepEqual(line.states.filter((state) => state === 'waiting'), [])
      })
    }

    if (vendor.comparable) it('carries messages twice, several at once, and out of step, and nothing is doubled', async () => {
      world = await World.start(vendor)
      const { faults } = world.simulator
      const line = await world.online({ who: 'everybody' })
      faults.inject({ kind: 'duplicate', face: platform, chance: 0.5 })
      faults.inject({ kind: 'merge', face: platform, chance: 0.5, size: 3, ms: 5 })
      faults.inject({ kind: 'split', face: platform, chance: 0.3, ms: 0 })
      faults.inject({ kind: 'delay', face: platform, chance: 0.2, ms: 3 })
      await day(world, 21, 120)
      await agree(world, line)
      assertOrder(line)
      assert.ok((faults.counts.duplicate ?? 0) > 10 && (vendor.apart === true || (faults.counts.merge ?? 0) > 10))
      assert.deepEqual(line.warnings, [])
    })

    for (const kind of SPOILT) {
      it(`carries ${kind} messages: warned once, counted each time, and the next one is read`, async () => {
        world = await World.start(vendor)
        const line = await world.online()
        const { pbx, faults } = world.simulator
        for (let n = 1; n <= 3; n++) {
          faults.inject({ kind, face: platform, times: 1, ...(kind === 'oversize' ? { size: vendor.oversize } : {}) })
          if (changes === undefined) pbx.setDnd('bob', n % 2 === 1)
          else changes.make(world.simulator, 2 * n - 1)
          await until(() => (faults.counts[kind] ?? 0) === n, 'the fault')
          // A message that was cut short is known as such when the next one begins, and may take that one with it.
          if (changes === undefined) {
            pbx.setForwarding('bob', 'noAnswer', { enabled: true, to: `100${n + 2}` })
            pbx.setForwarding('bob', 'busy', { enabled: true, to: `100${n + 2}` })
          } else changes.make(world.simulator, 2 * n)
          await line.until(() => changes?.known(line.session.picture, 2 * n) ?? line.session.picture.forwarding(vendor.owner('bob'))?.rules.busy?.to?.endsWith(`100${n + 2}`) === true, 'the next message')
        }
        pbx.setDnd('bob', false)
        const connection = world.ring()
        await line.event('call.ringing')
        pbx.release(connection.key)
        await line.event('call.ended')
        const warning = vendor.warnings[kind]
        if (beyond.includes(kind)) assert.deepEqual(line.warnings, [])
        else if (warning === undefined) assert.equal(line.names().filter((name) => name.startsWith('vendor.')).length, 3, line.names().join(' '))
        else assert.equal(line.warnings.filter((code) => code === warning).length, 1, line.warnings.join(' '))
        if (warning !== undefined) assert.equal(line.session.counters[`warning.${warning}`], 3)
        assert.equal(line.session.status.state, 'online')
        assert.deepEqual(line.states.filter((state) => state === 'waiting'), [])
        assertOrder(line)
      })
    }

    if (vendor.comparable) it('carries spoilt messages at random all day, and the session knows everything in the end', async () => {
      world = await World.start(vendor, { seed: 8 })
      const { faults } = world.simulator
      const line = await world.online({ who: 'everybody' })
      for (const kind of ['malformed', 'truncated', 'unknown', 'lose'] as const) faults.inject({ kind, face: platform, chance: 0.03 })
      await day(world, 8, 120)
      faults.clear()
      if (vendor.untold?.includes('calls') === true) hangUpAll(world)
      await agree(world, line)
      assertOrder(line)
    })

    it('is silent though it is open: lost after the limit, back when it speaks again', async () => {
      world = await World.start(vendor)
      const line = await world.online({ silenceMs: 300, commandMs: 200, timeoutMs: 200 })
      const connection = await world.talk(line)
      const from = line.mark
      world.relay.freeze()
      await line.event('connection.offline', from)
      assert.equal(line.session.status.state, 'waiting')
      assert.equal(line.session.status.error?.code, 'CTI_UNAVAILABLE')
      world.simulator.pbx.hold(connection.key)
      await line.until(() => line.states.filter((state) => state === 'connecting').length > 1, 'another attempt')
      world.relay.thaw()
      await line.event('connection.online', from)
      assert.deepEqual(line.calls(from), ['call.held'])
      assertOrder(line)
    })

    it('is silent from the first byte: the attempt ends, and a later one succeeds', async () => {
      world = await World.start(vendor)
      world.relay.freeze()
      const clock = new SkipClock()
      const line = world.line({ commandMs: 200, timeoutMs: 200, clock })
      // Each step of a log-in has its own limit.
      const hurry = setInterval(() => { void clock.skip(3000) }, 10)
      await line.state('waiting').finally(() => clearInterval(hurry))
      assert.ok(['CTI_TIMEOUT', 'CTI_UNAVAILABLE'].includes(line.session.status.error?.code ?? ''), line.session.status.error?.code)
      world.relay.thaw()
      await line.session.whenOnline(5000)
      assert.deepEqual(line.names().filter((name) => name.startsWith('connection.')), ['connection.online'])
    })
  })
}
