import assert from 'node:assert/strict'
import { SkipClock } from './support/skipClock'
import { until, World } from './support/world'
import { VENDORS } from './vendors'

const LIMIT_MS = 2000

/** Sockets and timers of this process that would keep it alive. */
const open = (): number => process.getActiveResourcesInfo().filter((name) => /TCPSocketWrap|TLSWrap|Timeout/.test(name)).length

for (const vendor of VENDORS) {
  describe(`${vendor.platform}: closing`, () => {
    let world: World
    beforeEach(async () => { world = await World.start(vendor) })
    afterEach(() => world.close())

    /** Closes and checks that nothing of the session is left. */
    async function closes (line: Awaited<ReturnType<World['online']>>, clock: SkipClock): Promise<void> {
      const started = Date.now()
      await line.close()
      assert.ok(Date.now() - started < LIMIT_MS + 100, `${Date.now() - started} ms`)
      assert.equal(line.session.status.state, 'closed')
      assert.equal(clock.pending, 0, 'timers of the session')
      await until(() => world.relay.size === 0, () => `${world.relay.size} sockets to close`, 500)
      const told = line.mark
      await clock.skip(3_600_000)
      assert.equal(line.mark, told, 'nothing is told after the end')
      assert.equal(line.states.at(-1), 'closed')
    }

    it('takes everything back that it had at the system', async () => {
      const clock = new SkipClock()
      const line = await world.online({ clock, who: 'everybody' })
      await closes(line, clock)
      await until(() => world.kept.connections === 0 && world.kept.subscriptions === 0, () => `nothing to be kept: ${JSON.stringify(world.kept)}`)
    })

    it('ends within two seconds when the peer is dead, and leaves nothing open', async () => {
      const clock = new SkipClock()
      const line = await world.online({ clock })
      await world.talk(line)
      world.relay.freeze()
      await closes(line, clock)
    })

    for (const state of ['connecting', 'authenticating', 'subscribing', 'online'] as const) {
      it(`ends while it is ${state}, with a dead peer`, async () => {
        const clock = new SkipClock()
        const line = world.line({ clock })
        await line.until(() => line.states.includes(state), state)
        world.relay.freeze()
        await closes(line, clock)
      })

      it(`ends while it is ${state}, with a living peer, and leaves nothing there`, async () => {
        const clock = new SkipClock()
        const line = world.line({ clock })
        await line.until(() => line.states.includes(state), state)
        await closes(line, clock)
        await until(() => world.kept.connections === 0, 'no connection at the system')
      })
    }

    it('ends while it waits for the next attempt', async () => {
      const clock = new SkipClock()
      const line = await world.online({ clock })
      await world.face.line(false)
      await line.state('waiting')
      await closes(line, clock)
    })

    it('ends after a refusal', async () => {
      const clock = new SkipClock()
      const line = world.line({ clock, password: 'not-the-password' })
      await line.state('refused')
      await closes(line, clock)
    })

    it('fails what is under way, and does so with a code', async () => {
      const line = await world.online()
      world.relay.freeze()
      const running = line.perform('originate', { to: '1001', timeoutMs: 10_000 }).then(() => 'done', (error: { code: string }) => error.code)
      await until(() => world.relay.count(vendor.originate) > 0, 'the request')
      await line.close()
      assert.equal(await running, 'CTI_UNKNOWN_OUTCOME')
    })

    it('leaves the process as it was, however often', async () => {
      await (await world.online()).close()
      await until(() => world.relay.size === 0, 'the first to be gone')
      const before = open()
      for (let n = 0; n < 20; n++) {
        const line = await world.online({ id: 'again' })
        if (n % 2 === 0) world.relay.cut()
        await line.close()
      }
      await until(() => open() <= before, () => `${open()} open resources, ${before} before`)
      await until(() => world.face.connections().length === 0, 'no connection at the system')
    })
  })
}
