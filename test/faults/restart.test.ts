import assert from 'node:assert/strict'
import type { Line } from './support/line'
import { until, World } from './support/world'
import { VENDORS } from './vendors'

/** Not what follows from a call: that a phone is off the hook, an agent busy, a person in a call. */
const isOfCall = (name: string): boolean => !/^(?:device\.hook$|agent\.|user\.presence$)/.test(name)
const LIFE = ['connection.offline', 'connection.resync', 'connection.online']

for (const vendor of VENDORS) {
  describe(`${vendor.platform}: the system restarts`, () => {
    let world: World
    let line: Line
    beforeEach(async () => {
      world = await World.start(vendor)
      line = await world.online()
    })
    afterEach(() => world.close())

    it('while nothing goes on: yellow, then green, offline, resync and online once, and nothing else is told', async () => {
      const before = world.kept
      const from = line.mark
      await world.whileAway(line, () => undefined)
      const connection = world.ring()
      await line.event('call.ringing', from)
      assert.deepEqual(line.names(from).slice(0, 4), [...LIFE, 'call.ringing'])
      assert.deepEqual(line.colours, ['yellow', 'green', 'yellow', 'green'])
      assert.deepEqual(world.kept, before)
      world.simulator.pbx.release(connection.key)
      await line.event('call.ended', from)
    })

    it('tells the length of the gap and what it found', async () => {
      const from = line.mark
      await world.talk(line)
      await world.whileAway(line, () => undefined, 120)
      const offline = await line.event('connection.offline', from)
      const resync = await line.event('connection.resync', from)
      const online = await line.event('connection.online', from)
      assert.ok((online.connection?.downMs ?? 0) >= 120, `${online.connection?.downMs} ms`)
      assert.ok((online.connection?.downMs ?? Infinity) <= Date.parse(online.receivedAt) - Date.parse(offline.receivedAt) + 5)
      assert.deepEqual(resync.connection?.resync?.calls, { checked: 1, added: 0, ended: 0, changed: 0 })
      assert.deepEqual(online.connection?.resync, resync.connection?.resync)
      assert.equal(offline.connection?.state, 'waiting')
      assert.ok((offline.connection?.retryInMs ?? 0) > 0)
      assert.ok(online.epoch !== offline.epoch)
    })

    it('in a call: the leg is found again under its id, nothing is doubled, its end comes once', async () => {
      const connection = await world.talk(line)
      const [known] = line.session.picture.callsOf(vendor.owner('bob'))
      const from = line.mark
      await world.whileAway(line, () => undefined)
      const [found] = line.session.picture.callsOf(vendor.owner('bob'))
      assert.equal(found?.id, known?.id)
      assert.equal(found?.conversationId, known?.conversationId)
      assert.equal(found?.answeredAt, known?.answeredAt)
      world.simulator.pbx.release(connection.key)
      const ended = await line.event('call.ended', from)
      assert.equal(ended.call?.id, known?.id)
      assert.equal(ended.resynced, undefined)
      assert.equal(ended.call?.endReason, vendor.plainEnd)
      assert.deepEqual(line.names(from).filter(isOfCall), [...LIFE, 'call.ended'])
    })

    it('a call that ended meanwhile ends as lost, with the end marked uncertain', async () => {
      const connection = await world.talk(line)
      const from = line.mark
      await world.whileAway(line, () => world.simulator.pbx.release(connection.key))
      assert.deepEqual(line.calls(from), ['call.ended'])
      const ended = await line.event('call.ended', from)
      assert.equal(ended.reason ?? ended.call?.endReason, 'lost')
      assert.equal(ended.call?.endReason, 'lost')
      assert.deepEqual([...ended.call?.uncertain ?? []].sort(), ['endReason', 'endedAt'])
      assert.equal(ended.resynced, true)
      assert.ok(ended.gap && Date.parse(ended.gap.from) <= Date.parse(ended.gap.to))
      assert.equal([...line.session.picture.calls()].length, 0)
      const resync = await line.event('connection.resync', from)
      assert.equal(resync.connection?.resync?.calls.ended, 1)
    })

    it('a call that began meanwhile is told by one event of its present state', async () => {
      const from = line.mark
      let key = ''
      await world.whileAway(line, () => {
        key = world.ring().key
        world.simulator.pbx.answer(key)
        world.simulator.pbx.hold(key)
      })
      await line.event('call.held', from)
      assert.deepEqual(line.calls(from), ['call.held'])
      const held = await line.event('call.held', from)
      assert.equal(held.resynced, true)
      assert.equal(held.initial, undefined)
      assert.ok(held.gap)
      assert.equal(held.call?.state, 'held')
      assert.ok(held.call?.startedAt)
      world.simulator.pbx.resume(key)
      await line.event('call.resumed', from)
      world.simulator.pbx.release(key)
      await line.event('call.ended', from)
      assert.deepEqual(line.calls(from), ['call.held', 'call.resumed', 'call.ended'])
    })

    it('a call that rings since is told as ringing, one that was answered since as answered', async () => {
      const first = world.ring()
      await line.event('call.ringing')
      let from = line.mark
      await world.whileAway(line, () => world.simulator.pbx.answer(first.key))
      assert.deepEqual(line.calls(from), ['call.answered'])
      assert.equal((await line.event('call.answered', from)).resynced, true)
      // Where one word is all that is told of a phone, a second call is behind the first.
      if (vendor.untold?.includes('calls') === true) return
      from = line.mark
      await world.whileAway(line, () => world.ring())
      await line.event('call.ringing', from)
      assert.deepEqual(line.calls(from), ['call.ringing'])
    })

    it('a call held meanwhile is told as held, once', async () => {
      const connection = await world.talk(line)
      const from = line.mark
      await world.whileAway(line, () => world.simulator.pbx.hold(connection.key))
      assert.deepEqual(line.calls(from), ['call.held'])
      const held = await line.event('call.held', from)
      assert.equal(held.resynced, true)
      assert.equal(held.call?.heldBy, 'local')
    })

    it('one call for another: the old one ends as lost, the new one is told', async () => {
      const connection = await world.talk(line)
      const from = line.mark
      await world.whileAway(line, () => {
        world.simulator.pbx.release(connection.key)
        world.ring()
      })
      await line.event('call.ringing', from)
      assert.deepEqual(line.calls(from).sort(), ['call.ended', 'call.ringing'])
      const [ended, ringing] = [await line.event('call.ended', from), await line.event('call.ringing', from)]
      assert.notEqual(ended.call?.id, ringing.call?.id)
      assert.notEqual(ended.call?.conversationId, ringing.call?.conversationId)
    })

    if (vendor.changes === undefined) it('settings that changed meanwhile are told once, those that did not are not', async () => {
      const { pbx } = world.simulator
      const { picture } = line.session
      const from = line.mark
      await world.whileAway(line, () => {
        pbx.setForwarding('bob', 'always', { enabled: true, to: '1001' })
        pbx.setDnd('bob', true)
      })
      await line.until(() => picture.forwarding(vendor.owner('bob'))?.rules.always?.enabled === true, 'the forwarding')
      await line.until(() => picture.dnd(vendor.owner('bob'))?.enabled === true, 'do not disturb')
      const again = line.mark
      await world.whileAway(line, () => undefined)
      pbx.setForwarding('bob', 'always', { enabled: false })
      await line.event('forwarding.changed', again)
      assert.deepEqual(line.names(again), [...LIFE, 'forwarding.changed'])
      assert.equal(line.names(from).filter((name) => name === 'forwarding.changed').length, 2)
      assert.equal(line.names(from).filter((name) => name === 'dnd.changed').length, 1)
    })

    if (vendor.ownAgentOnly !== true) it('the state of an agent that changed meanwhile is told once', async () => {
      const { pbx } = world.simulator
      const everybody = await world.online({ who: 'everybody' })
      pbx.signIn('agent-erin', { routing: 'ready' })
      await everybody.event('agent.ready')
      const from = everybody.mark
      await world.whileAway(everybody, () => pbx.setRouting('agent-erin', 'notReady', 'LUNCH'))
      const [name, state] = vendor.untold?.includes('agents') === true ? ['agent.updated', 'unknown'] : ['agent.notReady', 'notReady']
      const changed = await everybody.event(name, from)
      assert.equal(changed.resynced, true)
      assert.equal(changed.agent?.state, state)
      assert.deepEqual(everybody.names(from).filter((each) => each.startsWith('agent.')), [name])
    })

    it('again and again: as many offlines as onlines, and what the system keeps for us does not grow', async () => {
      const before = world.kept
      const connection = await world.talk(line)
      const from = line.mark
      for (let n = 0; n < 4; n++) await world.whileAway(line, () => undefined, 1)
      world.simulator.pbx.release(connection.key)
      await line.event('call.ended', from)
      assert.deepEqual(line.names(from).filter(isOfCall), [...LIFE, ...LIFE, ...LIFE, ...LIFE, 'call.ended'])
      assert.deepEqual(world.kept, before)
    })

    it('while it comes back: one loop, and still one of each event', async () => {
      await world.talk(line)
      const from = line.mark
      const first = world.restart(50)
      await line.event('connection.offline', from)
      await first
      await line.until(() => ['connecting', 'authenticating', 'subscribing'].includes(line.session.status.state), 'the next attempt')
      await world.restart(50)
      await line.event('connection.online', from)
      world.simulator.pbx.release([...world.simulator.pbx.connectionsOf('bob')][0]?.key ?? '')
      await line.event('call.ended', from)
      assert.deepEqual(line.names(from).filter(isOfCall), [...LIFE, 'call.ended'])
      await until(() => world.face.connections().length === (vendor.connections ?? 1), 'one connection')
    })

    it('when the PBX itself forgets its calls they end as lost, and the next call is a new one', async () => {
      await world.talk(line)
      const from = line.mark
      await world.whileAway(line, () => world.simulator.pbx.restart())
      await line.event('call.ended', from)
      world.ring()
      await line.event('call.ringing', from)
      assert.deepEqual(line.calls(from), ['call.ended', 'call.ringing'])
      assert.equal((await line.event('call.ended', from)).call?.endReason, 'lost')
    })
  })
}
