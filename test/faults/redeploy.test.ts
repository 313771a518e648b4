import assert from 'node:assert/strict'
import type { TelephonyEvent } from '../../src/model'
import { helper } from '../nodes/support/flows'
import { Deployed, type Kind } from './support/deployed'
import { until, World } from './support/world'
import { VENDORS } from './vendors'

const resources = (): number => process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout/.test(name)).length
const DEPLOYS = 20

for (const vendor of VENDORS) {
  describe(`${vendor.platform}: deploys in the middle of traffic`, function () {
    this.timeout(30_000)
    const isBrief = vendor.untold?.includes('calls') === true
    let world: World
    let nodes: Deployed

    before(() => helper.startServer())
    after(() => helper.stopServer())
    beforeEach(async () => {
      world = await World.start(vendor)
      nodes = new Deployed(world)
      await nodes.start()
      await nodes.online()
    })
    afterEach(async () => {
      await helper.unload()
      await world.close()
    })

    /** Bob's call goes on hold or back; resolves when the flow has the event. */
    async function toggle (key: string, n: number): Promise<void> {
      const from = nodes.seen.length
      const { pbx } = world.simulator
      if (n % 2 === 0) pbx.hold(key)
      else pbx.resume(key)
      await nodes.event(n % 2 === 0 ? 'call.held' : 'call.resumed', from)
    }

    /** Others call each other, and one more calls Bob. */
    function traffic (n: number): void {
      const { pbx } = world.simulator
      for (const user of ['alice', 'dave']) for (const { key } of pbx.connectionsOf(user)) pbx.release(key)
      pbx.originate('alice', n % 2 === 0 ? '1003' : '+12025550199')
      for (const connection of pbx.connectionsOf('bob').filter(({ state }) => state === 'alerting')) pbx.release(connection.key)
      // Where one word is all that is told of a phone, a call that rings hides the one that is held.
      if (!isBrief) pbx.inbound({ from: '+12025550177', to: '1002' })
    }

    it(`${DEPLOYS} deploys of all kinds: each event of the call once, and nothing piles up`, async () => {
      const connection = world.ring()
      await nodes.event('call.ringing')
      world.simulator.pbx.answer(connection.key)
      const leg = (await nodes.event('call.answered')).call?.id
      await nodes.deploy('full')
      await nodes.online()
      const kept = world.kept
      const before = resources()
      const users = Object.keys(nodes.account.users).sort()
      const kinds: [Kind, (n: number) => Record<string, Record<string, unknown>>][] = [
        ['nodes', (n) => ({ events: { name: `events ${n}` } })],
        ['nodes', (n) => ({ acc: { name: `Office ${n}` } })],
        ['flows', (n) => ({ act: { name: `act ${n}` }, events: { name: `again ${n}` } })],
        ['full', () => ({})]
      ]
      for (let n = 0; n < DEPLOYS; n++) {
        const [kind, changes] = kinds[n % kinds.length] as typeof kinds[number]
        traffic(n)
        await nodes.deploy(kind, nodes.flow(changes(n)))
        await nodes.online()
        await toggle(connection.key, n)
        assert.deepEqual(Object.keys(nodes.account.users).sort(), users)
        await until(() => world.face.connections().length === kept.connections, () => `one connection after deploy ${n}: ${world.face.connections().length}`)
      }
      const ofCall = nodes.seen.map(({ topic, payload }) => ({ topic, call: (payload as TelephonyEvent).call })).filter(({ call }) => isBrief ? call?.owner.id === vendor.owner('bob') : call?.id === leg).map(({ topic }) => topic).filter((topic) => topic !== 'call.updated')
      assert.deepEqual(ofCall, ['call.ringing', 'call.answered', ...Array.from({ length: DEPLOYS }, (_, n) => n % 2 === 0 ? 'call.held' : 'call.resumed')])
      const ids = nodes.seen.map(({ payload }) => (payload as { id: string }).id)
      assert.equal(new Set(ids).size, ids.length, 'no event twice')
      assert.deepEqual(world.kept, kept, 'what the system keeps for us')
      await until(() => resources() <= before + 2, () => `${resources()} sockets and timers, ${before} before`)
      assert.deepEqual(nodes.caught, [])
    })

    it('a deploy that does not touch the account keeps the line', async () => {
      const connection = world.ring()
      await nodes.event('call.ringing')
      world.simulator.pbx.answer(connection.key)
      await nodes.event('call.answered')
      const { epoch } = await nodes.event('call.answered')
      for (let n = 0; n < 6; n++) {
        await nodes.deploy('nodes', nodes.flow({ events: { name: `events ${n}` } }))
        assert.equal(nodes.account.sessionStatus.state, 'online')
        await toggle(connection.key, n)
      }
      assert.deepEqual(new Set(nodes.seen.map(({ payload }) => (payload as { epoch: string }).epoch)), new Set([epoch]))
      assert.equal(nodes.told('connection.offline').length, 0)
    })

    it('a deploy while the peer is dead takes seconds, not minutes, and leaves nothing', async () => {
      world.relay.freeze()
      const started = Date.now()
      const deployed = nodes.deploy('full')
      await deployed
      assert.ok(Date.now() - started < 4000, `${Date.now() - started} ms`)
      world.relay.thaw()
      await nodes.online(10_000)
      world.ring()
      await nodes.event('call.ringing')
      assert.deepEqual(nodes.calls(), ['call.ringing'])
    })

    it('a deploy in the middle of an originate: it is never sent again', async () => {
      world.relay.freeze()
      nodes.send('place', { to: '1001', timeoutMs: 20_000 })
      await until(() => world.relay.count(vendor.originate) === 1, 'the request')
      await nodes.deploy('full')
      world.relay.thaw()
      await nodes.online(10_000)
      assert.equal(world.relay.count(vendor.originate), 1, 'never sent again')
      assert.deepEqual(nodes.results, [])
    })

    it('an account that is removed takes everything back at the system', async () => {
      await nodes.deploy('full')
      await nodes.online()
      await helper.unload()
      await until(() => world.kept.connections === 0 && world.kept.subscriptions === 0, () => `nothing to be kept: ${JSON.stringify(world.kept)}`)
      await until(() => world.relay.size === 0, 'no socket')
    })
  })
}
