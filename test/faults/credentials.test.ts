import assert from 'node:assert/strict'
import type { FaultSpec } from '../../src/simulator/faults/faults'
import { SkipClock } from './support/skipClock'
import { until, World } from './support/world'
import { VENDORS } from './vendors'

const HOUR_MS = 3_600_000
/** What may come in between instead of an answer. */
const PAGE = '<html><head><title>Sign in to the network</title></head><body><p>Welcome &mdash; please sign in</p></body></html>'
/** Replies that say "not now": tried again. */
const LATER: readonly (readonly [string, Partial<FaultSpec>])[] = [
  ['500', { status: 500 }],
  ['502 with a page', { status: 502, body: PAGE }],
  ['503', { status: 503 }],
  ['503 with a page', { status: 503, body: PAGE }],
  ['200 with a page of somebody else', { status: 200, body: PAGE }],
  ['408', { status: 408 }]
]

for (const vendor of VENDORS) {
  const { platform } = vendor
  describe(`${platform}: credentials and refusals`, () => {
    let world: World
    beforeEach(async () => { world = await World.start(vendor) })
    afterEach(() => world.close())

    it('a wrong password is tried once, and never again by itself', async () => {
      const clock = new SkipClock()
      const line = world.line({ password: 'not-the-password', clock })
      await line.state('refused')
      const { opened } = world.relay
      assert.equal(line.session.status.error?.code, 'CTI_UNAUTHORIZED')
      assert.equal(world.relay.count(vendor.login), 1)
      assert.deepEqual(line.colours, ['yellow', 'red'])
      assert.deepEqual(line.names(), ['connection.refused'])
      await clock.skip(24 * HOUR_MS)
      assert.equal(clock.pending, 0, 'nothing is planned')
      assert.equal(world.relay.opened, opened)
      assert.equal(world.relay.count(vendor.login), 1)
      await assert.rejects(line.session.whenOnline(10), { code: 'CTI_UNAUTHORIZED' })
      await assert.rejects(line.perform('originate', { to: '1001' }), (error: { code: string; cause: { retryable?: boolean; reason?: string } }) => (
        error.code === 'CTI_NOT_CONNECTED' && error.cause.retryable === false && error.cause.reason === 'CTI_UNAUTHORIZED'
      ))
      assert.equal(world.relay.count(vendor.login), 1)
    })

    it('a further user of a refused account does not make it try again', async () => {
      const line = world.line({ password: 'not-the-password' })
      await line.state('refused')
      const leave = line.session.join({})
      await new Promise((resolve) => { setImmediate(resolve) })
      leave()
      assert.equal(world.relay.count(vendor.login), 1)
    })

    it('the right password after a wrong one works at once, with the same ids', async () => {
      const wrong = world.line({ password: 'not-the-password', id: 'same' })
      await wrong.state('refused')
      await wrong.close()
      const right = await world.online({ id: 'same' })
      world.ring()
      await right.event('call.ringing')
    })

    it('the password is nowhere in what is told', async () => {
      const secret = 'Zwiebelkuchen-4711'
      const line = world.line({ password: secret })
      await line.state('refused')
      const { error } = line.session.status
      const told = JSON.stringify([line.events, line.raw, line.warnings, line.statuses, error?.message, error?.cause, error?.stack])
      for (const form of [secret, Buffer.from(`bob@example.com:${secret}`).toString('base64')]) assert.ok(!told.includes(form))
    })

    it('credentials that end while it is online: one refusal, no loop; and after a new deploy it works', async () => {
      const clock = new SkipClock()
      const line = await world.online({ clock })
      await world.talk(line)
      const from = line.mark
      world.face.act('expireCredentials')
      world.relay.cut()
      await clock.skip(60_000)
      await line.state('refused')
      const logins = world.relay.count(vendor.login)
      await clock.skip(HOUR_MS)
      assert.equal(clock.pending, 0)
      assert.equal(world.relay.count(vendor.login), logins)
      assert.deepEqual(line.names(from), ['connection.offline', 'connection.refused'])
      assert.equal(line.session.status.error?.code, 'CTI_UNAUTHORIZED')
      await line.close()
      world.face.act('renewCredentials')
      const again = await world.online()
      assert.equal([...again.session.picture.calls()].length, 1)
    })

    const { tokens } = vendor
    if (tokens !== undefined) {
      it('a token that is refused is renewed once; when the new one is no better, that is the end', async () => {
        const asked: boolean[] = []
        const clock = new SkipClock()
        const line = world.line({ clock, token: async (fresh) => `stale-${asked.push(fresh)}` })
        await line.state('refused')
        await clock.skip(HOUR_MS)
        assert.deepEqual(asked, [false, true])
        assert.equal(line.session.status.error?.code, 'CTI_UNAUTHORIZED')
      })

      it('a token that ends while it is online is renewed without a loss, and what follows uses the new one', async () => {
        const { simulator, valid: [first, second], keepalive } = tokens
        await world.close()
        world = await World.start(vendor, simulator)
        const asked: boolean[] = []
        const line = await world.online({
          silenceMs: 2000,
          token: async (fresh) => {
            asked.push(fresh)
            return fresh ? second : first
          }
        })
        world.simulator.faults.failNext(platform, 401, { path: keepalive })
        await until(() => asked.length === 2, 'a fresh token')
        world.ring()
        await line.event('call.ringing')
        assert.deepEqual(asked, [false, true])
        assert.ok(world.relay.count(new RegExp(second)) > 0)
        assert.deepEqual(line.names().filter((name) => name.startsWith('connection.')), ['connection.online'])
      })
    }

    const { requests } = vendor
    if (requests === undefined) return

    for (const [name, reply] of LATER) {
      it(`${name} at the log-in is no refusal: tried again, then online`, async () => {
        world.simulator.faults.failNext(platform, reply.status ?? 500, { ...reply, path: requests.login })
        const line = world.line()
        await line.state('waiting')
        assert.notEqual(line.session.status.error?.code, 'CTI_UNAUTHORIZED')
        await line.session.whenOnline(5000)
        assert.deepEqual(line.colours, ['yellow', 'green'])
        assert.ok(!line.names().includes('connection.refused'))
      })
    }

    it('403 at the log-in is a refusal: somebody has to change something', async () => {
      const clock = new SkipClock()
      world.simulator.faults.inject({ kind: 'status', face: platform, status: 403, path: requests.login })
      const line = world.line({ clock })
      await line.state('refused')
      assert.equal(line.session.status.error?.code, 'CTI_FORBIDDEN')
      const hits = world.simulator.faults.counts.status
      await clock.skip(HOUR_MS)
      assert.equal(world.simulator.faults.counts.status, hits)
    })

    it('429 at the log-in: comes back after the time it names, not before', async () => {
      const clock = new SkipClock()
      world.simulator.faults.failNext(platform, 429, { retryAfter: 90, path: requests.login })
      const line = world.line({ clock })
      await line.state('waiting')
      assert.equal(line.session.status.error?.code, 'CTI_RATE_LIMITED')
      const wait = (line.session.status.retryAt ?? 0) - clock.now()
      assert.ok(wait > 89_000 && wait <= 90_000, `${wait} ms`)
      const attempts = (): number => line.states.filter((state) => state === 'connecting').length
      await clock.skip(89_000)
      assert.equal(attempts(), 1)
      await clock.skip(1_000)
      await line.session.whenOnline(5000)
      assert.equal(attempts(), 2)
    })

    it('503 with Retry-After is honoured as well', async () => {
      const clock = new SkipClock()
      world.simulator.faults.failNext(platform, 503, { retryAfter: 30, path: requests.login, body: PAGE })
      const line = world.line({ clock })
      await line.state('waiting')
      const wait = (line.session.status.retryAt ?? 0) - clock.now()
      assert.ok(wait > 29_000 && wait <= 30_000, `${wait} ms`)
      await clock.skip(30_000)
      await line.session.whenOnline(5000)
    })

    it('a system that is down all night is asked ever more seldom, and found in the morning', async () => {
      const clock = new SkipClock()
      const down = world.simulator.faults.inject({ kind: 'status', face: platform, status: 503, path: requests.login })
      const line = world.line({ clock })
      for (let n = 1; n <= 12; n++) {
        await until(() => line.session.status.state === 'waiting' && line.session.status.attempt === n, `failure ${n}`)
        await clock.skip((line.session.status.retryAt ?? 0) - clock.now())
      }
      assert.ok(line.names().length === 0, line.names().join(' '))
      world.simulator.faults.revoke(down.id)
      await until(() => line.session.status.state === 'waiting' || line.session.status.state === 'online', 'the last attempt')
      if (line.session.status.state === 'waiting') await clock.skip(60_000)
      await line.session.whenOnline(5000)
      assert.equal(line.session.counters.badTransitions ?? 0, 0)
    })
  })
}
