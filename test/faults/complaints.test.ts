/** What users of telephony nodes complain of most, each as a test of the nodes in a running Node-RED. */
import assert from 'node:assert/strict'
import { helper, node, on, TAB, type FlowNode } from '../nodes/support/flows'
import { Deployed } from './support/deployed'
import { until, World } from './support/world'
import { VENDORS } from './vendors'

for (const vendor of VENDORS) {
  const { platform, nodes: { secret = 'password', connections: kept = 1 } } = vendor
  describe(`${platform}: complaints`, function () {
    this.timeout(30_000)
    let world: World
    let nodes: Deployed
    const unhandled: unknown[] = []
    const note = (reason: unknown): void => { unhandled.push(reason) }

    before(() => helper.startServer())
    after(() => helper.stopServer())
    beforeEach(async () => {
      process.on('unhandledRejection', note)
      world = await World.start(vendor)
      nodes = new Deployed(world)
    })
    afterEach(async () => {
      await helper.unload()
      await world.close()
      process.removeListener('unhandledRejection', note)
      assert.deepEqual(unhandled.splice(0), [])
    })
    const start = async (): Promise<void> => {
      await nodes.start()
      await nodes.online()
    }
    /** A whole call of Bob's; gives back what was told of it. */
    async function callOnce (): Promise<string[]> {
      const from = nodes.seen.length
      const { pbx } = world.simulator
      const connection = world.ring()
      await nodes.event('call.ringing', from)
      pbx.answer(connection.key)
      await nodes.event('call.answered', from)
      pbx.release(connection.key)
      await nodes.event('call.ended', from)
      return nodes.calls(from)
    }
    const WHOLE = ['call.ringing', 'call.answered', 'call.ended']

    it('"does not reconnect": after a cut, a restart, a night without the system and a restart of the PBX events come again without a deploy', async () => {
      await start()
      assert.deepEqual(await callOnce(), WHOLE)
      const troubles: (() => Promise<void>)[] = [
        async () => { world.cut() },
        async () => { await world.restart(20) },
        async () => {
          const from = nodes.seen.length
          await world.face.line(false)
          await nodes.event('connection.offline', from)
          await until(() => nodes.account.sessionStatus.attempt >= 2, 'a second attempt that fails', 8000)
          await world.face.line(true)
        }
      ]
      for (const [n, trouble] of troubles.entries()) {
        const from = nodes.seen.length
        await trouble()
        await nodes.event('connection.offline', from)
        await until(() => nodes.told('connection.online', from).length > 0, `the line after trouble ${n}`, 12_000)
        assert.deepEqual(await callOnce(), WHOLE)
      }
      assert.equal(nodes.told('connection.offline').length, nodes.told('connection.online').length - 1)
    })

    it('"status lies": green only while the system would deliver, yellow while it tries, red when it gave up, with the reason', async () => {
      await world.face.line(false)
      await nodes.start()
      await until(() => nodes.look('events')?.fill === 'yellow' && nodes.account.sessionStatus.state === 'waiting', 'yellow')
      assert.ok(!nodes.colours('events').includes('green'))
      await world.face.line(true)
      await until(() => nodes.look('events')?.fill === 'green', 'green', 10_000)
      assert.equal(world.face.connections().length, kept)
      assert.deepEqual(await callOnce(), WHOLE)
      const from = nodes.seen.length
      await world.face.line(false)
      await nodes.event('connection.offline', from)
      await until(() => nodes.look('events')?.fill === 'yellow', 'yellow again')
      await until(() => nodes.look('place')?.fill === 'yellow', 'yellow under the action node as well')
      await world.face.line(true)
      await until(() => nodes.look('events')?.fill === 'green' && nodes.look('place')?.fill === 'green', 'green again', 10_000)
      assert.deepEqual(nodes.colours('events').filter((fill) => fill !== undefined).at(-1), 'green')
      const secrets = nodes.secrets
      await nodes.deploy('full', nodes.flow(), { acc: { ...secrets.acc as object, [secret]: 'not-the-password' } })
      await until(() => nodes.look('events')?.fill === 'red', 'red', 10_000)
      assert.match(nodes.look('events')?.text ?? '', /wrongPassword/)
      await nodes.deploy('full', nodes.flow(), secrets)
      await until(() => nodes.look('events')?.fill === 'green', 'green with the right password', 10_000)
    })

    it('"status lies": after a wrong password there is one attempt a deploy, and none by itself', async () => {
      await nodes.start(nodes.flow(), { acc: { ...nodes.secrets.acc as object, [secret]: 'not-the-password' } })
      await until(() => nodes.look('events')?.fill === 'red', 'red')
      assert.equal(world.relay.count(vendor.login), 1)
      await nodes.deploy('nodes', nodes.flow({ events: { name: 'changed' } }), { acc: { ...nodes.secrets.acc as object, [secret]: 'not-the-password' } })
      await until(() => nodes.look('events')?.fill === 'red', 'red')
      assert.ok(world.relay.count(vendor.login) <= 2)
      assert.ok(nodes.caught.some(({ error }) => error?.code === 'CTI_UNAUTHORIZED'), 'a Catch node hears of it')
    })

    it('"duplicate events after a deploy": after many deploys of all kinds one call is one ringing, one answer, one end', async () => {
      await start()
      for (const kind of ['full', 'nodes', 'flows', 'nodes', 'full', 'full'] as const) {
        await nodes.deploy(kind, nodes.flow({ events: { name: `after ${kind} ${nodes.seen.length}` } }))
        await nodes.online()
        assert.deepEqual(await callOnce(), WHOLE, kind)
      }
      assert.equal(world.face.connections().length, kept)
    })

    it('"duplicate events after a deploy": two event nodes of one account get each event once, with objects of their own', async () => {
      await nodes.start([...nodes.flow(), on('events2', vendor.nodes.events, { account: 'acc', wires: [['seen']] })])
      await nodes.online()
      await nodes.deploy('nodes', [...nodes.flow(), on('events2', vendor.nodes.events, { account: 'acc', name: 'changed', wires: [['seen']] })])
      await nodes.online()
      const from = nodes.seen.length
      world.ring()
      await nodes.event('call.ringing', from, 2)
      const [one, two] = nodes.told('call.ringing', from)
      assert.equal(one?.id, two?.id)
      assert.notEqual(one, two)
      assert.notEqual(one?.call, two?.call)
      assert.equal(world.face.connections().length, kept, 'one session for both')
    })

    it('"error can\'t be caught": each kind of failure reaches a Catch node, with a code, a cause and the node it came from', async () => {
      await start()
      const gone = await nodes.fails('act', { action: 'hangup', callId: 'nobody/none' })
      assert.equal(gone.code, 'CTI_NOT_FOUND')
      assert.equal(gone.source?.id, 'act')
      assert.equal((await nodes.fails('place', {})).code, 'CTI_INVALID_REQUEST')
      assert.equal((await nodes.fails('act', { action: 'makeCoffee' })).code, 'CTI_INVALID_REQUEST')
      for (const payload of [null, undefined, 7, [], 'x'.repeat(100_000), { to: { user: {} } }, new Date()]) {
        const failed = await nodes.fails('place', payload)
        assert.match(String(failed.code), /^CTI_/, String(payload).slice(0, 20))
      }
      world.relay.freeze()
      const silent = await nodes.fails('place', { to: '1001', timeoutMs: 200 })
      assert.equal(silent.code, 'CTI_UNKNOWN_OUTCOME')
      assert.equal(silent.cause?.vendor, platform)
      const from = nodes.seen.length
      world.relay.thaw()
      // Where no connection stands, a short silence is no loss.
      if (vendor.missedAfterMs === undefined) await nodes.event('connection.offline', from)
      await world.face.line(false)
      await nodes.event('connection.offline', from)
      const offline = await nodes.fails('place', { to: '1001' })
      assert.equal(offline.code, 'CTI_NOT_CONNECTED')
      assert.equal(offline.cause?.retryable, true)
      await world.face.line(true)
      await nodes.online(10_000)
      assert.deepEqual(await callOnce(), WHOLE)
    })

    it('"flow broke after an update": a flow of an older version, with fewer and with unknown properties, runs as it did', async () => {
      const { nodes: { account, events, properties } } = vendor
      const bare = properties(world.simulator, world.relay.place)
      const old: FlowNode[] = [
        TAB,
        { id: 'acc', type: account, name: 'Office', ...bare, colourOfTheBoss: 'teal', retired: { deep: [1, { list: null }] } },
        { id: 'events', type: events, z: 'tab', x: 1, y: 1, account: 'acc', wires: [['seen']], somethingNew: true },
        { id: 'act', type: 'cti-call', z: 'tab', x: 1, y: 1, vendor: platform, [platform]: 'acc', wires: [['results']], oldOption: 'x' },
        { id: 'place', type: 'cti-originate', z: 'tab', x: 1, y: 1, [platform]: 'acc', vendor: platform, wires: [['results']], version: '1' },
        on('catch', 'catch', { scope: null, wires: [['caught']] }),
        ...['seen', 'results', 'caught'].map((id) => on(id, 'test-sink'))
      ]
      await nodes.start(old)
      await nodes.online()
      assert.deepEqual(await callOnce(), WHOLE)
      nodes.send('place', '1001')
      await until(() => nodes.results.length === 1 || nodes.caught.length > 0, 'the result')
      assert.deepEqual(nodes.caught, [])
      const { newCallId } = nodes.results[0]?.payload as { newCallId: string }
      nodes.send('act', { action: 'hangup', callId: newCallId })
      await until(() => nodes.results.length === 2 || nodes.caught.length > 0, 'the second result')
      assert.deepEqual(nodes.caught, [])
      assert.deepEqual(nodes.results.map(({ payload }) => (payload as { action: string }).action), ['originate', 'hangup'])
    })

    for (const version of [0, 1, '1', 99, '', null]) {
      it(`"flow broke after an update": runs with version ${JSON.stringify(version)}`, async () => {
        await nodes.start(nodes.flow(Object.fromEntries(['acc', 'events', 'place', 'act'].map((id) => [id, { version }]))))
        await nodes.online()
        assert.ok(node('events'))
        assert.deepEqual(await callOnce(), WHOLE)
      })
    }
  })
}
