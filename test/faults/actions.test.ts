import assert from 'node:assert/strict'
import { CtiError } from '../../src/model'
import type { FaultSpec } from '../../src/simulator/faults/faults'
import type { Line } from './support/line'
import { CAROL, until, World } from './support/world'
import { VENDORS } from './vendors'

const PAGE = '<html><body><h1>Bad gateway</h1></body></html>'
const failed = async (promise: Promise<unknown>): Promise<CtiError> => {
  try {
    await promise
  } catch (error) {
    assert.ok(error instanceof CtiError, String(error))
    return error
  }
  throw new Error('it did not fail')
}

for (const vendor of VENDORS) {
  const { platform, requests } = vendor
  describe(`${platform}: requests that go wrong`, () => {
    let world: World
    let line: Line
    beforeEach(async () => {
      world = await World.start(vendor)
      line = await world.online()
    })
    afterEach(() => world.close())
    const originate = (fields: Record<string, unknown> = {}): ReturnType<Line['perform']> => line.perform('originate', { to: CAROL, timeoutMs: 300, ...fields })
    const calls = (): number => [...world.simulator.pbx.calls.values()].filter(({ endedAt }) => endedAt === undefined).length

    it('an originate on a line that falls silent: the outcome is unknown, and it is sent once', async () => {
      const sent = world.relay.count(vendor.originate)
      world.relay.freeze()
      const error = await failed(originate())
      assert.equal(error.code, 'CTI_UNKNOWN_OUTCOME')
      assert.equal(error.cause.retryable, false)
      world.relay.thaw()
      const from = line.mark
      if (vendor.missedAfterMs === undefined) await line.event('connection.online', from).catch(() => undefined)
      await until(() => line.session.status.state === 'online', 'the session')
      assert.equal(world.relay.count(vendor.originate), sent + 1)
      assert.equal(calls(), 0)
    })

    it('an originate while the line breaks: known by its event when it went through, unknown when not, never sent again', async () => {
      const sent = world.relay.count(vendor.originate)
      const result = originate({ timeoutMs: 1000, confirm: 'completed' }).then((done) => done.outcome, (error: CtiError) => error.code)
      await until(() => world.relay.count(vendor.originate) > sent, 'the request')
      world.cut()
      const outcome = await result
      await until(() => line.session.status.state === 'online', 'the session')
      assert.equal(world.relay.count(vendor.originate), sent + 1)
      const made = calls()
      assert.ok(made <= 1)
      assert.ok(['completed', 'accepted', 'CTI_UNKNOWN_OUTCOME', 'CTI_NOT_CONNECTED'].includes(outcome), outcome)
      if (outcome === 'completed' || outcome === 'accepted') assert.equal(made, 1)
      if (outcome === 'CTI_NOT_CONNECTED') assert.equal(made, 0)
    })

    it('while it is offline requests fail at once, and are not sent later', async () => {
      const sent = world.relay.count(vendor.originate)
      const from = line.mark
      const back = world.restart(50)
      await line.event('connection.offline', from)
      const started = Date.now()
      const error = await failed(originate())
      assert.ok(Date.now() - started < 100)
      assert.equal(error.code, 'CTI_NOT_CONNECTED')
      assert.equal(error.cause.retryable, true)
      await back
      await line.event('connection.online', from)
      world.ring()
      await line.event('call.ringing', from)
      assert.equal(world.relay.count(vendor.originate), sent)
      assert.equal(calls(), 1)
    })

    if (requests === undefined) return

    const spoil = (kind: FaultSpec['kind'], more: Partial<FaultSpec> = {}): void => {
      world.simulator.faults.inject({ kind, face: platform, path: requests.originate, ...more })
    }

    it('a slow reply to a look-up is a time-out that may be tried again; then it works', async () => {
      world.simulator.faults.inject({ kind: 'slow', ms: 600, face: platform, path: requests.lookup, times: 1 })
      const error = await failed(line.perform(vendor.lookup ?? 'profile', { timeoutMs: 150 }))
      assert.equal(error.code, 'CTI_TIMEOUT')
      assert.equal(error.cause.retryable, true)
      assert.equal((await line.perform(vendor.lookup ?? 'profile')).outcome, 'completed')
      assert.equal(line.session.status.state, 'online')
    })

    it('a reply to an originate that comes too late: the outcome is unknown in time, and it was sent once', async () => {
      spoil('slow', { ms: 400 })
      const started = Date.now()
      const error = await failed(originate({ timeoutMs: 150 }))
      assert.equal(error.code, 'CTI_UNKNOWN_OUTCOME')
      assert.ok(Date.now() - started < 350)
      assert.equal(world.simulator.faults.counts.slow, 1)
      assert.equal(world.relay.count(vendor.originate), 1)
    })

    it('a slow reply to an originate that is waited for: one call, one event', async () => {
      spoil('slow', { ms: 150 })
      const result = await originate({ timeoutMs: 3000, confirm: 'completed' })
      assert.equal(result.outcome, 'completed')
      assert.equal((await line.event('call.originated')).call?.id, result.newCallId)
      assert.equal(calls(), 1)
    })

    it('an originate without reply: unknown, sent once, the next one works', async () => {
      spoil('hang', { times: 1 })
      assert.equal((await failed(originate({ timeoutMs: 150 }))).code, 'CTI_UNKNOWN_OUTCOME')
      assert.equal(world.relay.count(vendor.originate), 1)
      assert.equal((await originate({ timeoutMs: 2000 })).action, 'originate')
      assert.equal(calls(), 1)
    })

    it('an originate whose connection is cut: unknown, never repeated by the transport', async () => {
      spoil('cut')
      assert.equal((await failed(originate())).code, 'CTI_UNKNOWN_OUTCOME')
      assert.equal(world.simulator.faults.counts.cut, 1)
      assert.equal(world.relay.count(vendor.originate), 1)
      assert.equal(calls(), 0)
    })

    it('an originate that was carried out though its reply was empty: found by its event or unknown, one call in any case', async () => {
      spoil('empty', { times: 1 })
      const outcome = await originate({ confirm: 'completed', timeoutMs: 1000 }).then((result) => result.newCallId, (error: CtiError) => error.code)
      assert.ok(outcome === 'CTI_UNKNOWN_OUTCOME' || outcome?.startsWith(vendor.owner('bob')), outcome)
      assert.equal(calls(), 1)
      assert.equal(world.relay.count(vendor.originate), 1)
    })

    for (const [status, code, more] of [
      [403, 'CTI_FORBIDDEN', {}], [404, 'CTI_NOT_FOUND', {}], [429, 'CTI_RATE_LIMITED', { retryAfter: 7 }], [500, 'CTI_UNAVAILABLE', {}], [502, 'CTI_UNAVAILABLE', { body: PAGE }], [503, 'CTI_UNAVAILABLE', { body: PAGE, retryAfter: 3 }]
    ] as const) {
      it(`${status} to an originate is ${code}${'body' in more ? ', also with a page' : ''}: sent once, the line stays`, async () => {
        spoil('status', { status, ...more })
        const error = await failed(originate({ timeoutMs: 1000 }))
        assert.ok(error.code === code || (status >= 500 && error.code === 'CTI_UNKNOWN_OUTCOME'), error.code)
        assert.equal(error.cause.httpStatus, status)
        assert.equal(error.cause.vendor, platform)
        if ('retryAfter' in more) assert.equal(error.cause.retryAfterMs, more.retryAfter * 1000)
        assert.ok(!/[<>]/.test(error.message), error.message)
        assert.equal(world.simulator.faults.counts.status, 1)
        assert.equal(calls(), 0)
        assert.equal(line.session.status.state, 'online')
      })
    }

    it('a look-up that meets a page instead of an answer says so, and the session goes on', async () => {
      world.simulator.faults.failNext(platform, 200, { body: PAGE, path: requests.lookup })
      const error = await failed(line.perform(vendor.lookup ?? 'profile'))
      assert.ok(['CTI_PROTOCOL', 'CTI_UNAVAILABLE'].includes(error.code), error.code)
      assert.equal((await line.perform(vendor.lookup ?? 'profile')).outcome, 'completed')
    })

    it('401 to a command: said to the one who asked', async () => {
      world.simulator.faults.failNext(platform, 401, { path: requests.lookup, times: 2 })
      const error = await failed(line.perform(vendor.lookup ?? 'profile'))
      // A dead token may also mean that the account logs in again.
      assert.ok(error.code === 'CTI_UNAUTHORIZED' || (error.code === 'CTI_NOT_CONNECTED' && error.cause.httpStatus === 401), error.code)
    })

    it('many slow requests at once: all end, none hangs, and the account works on', async () => {
      world.simulator.faults.inject({ kind: 'slow', ms: 100, face: platform, path: requests.lookup, times: 20 })
      const results = await Promise.allSettled(Array.from({ length: 20 }, () => line.perform(vendor.lookup ?? 'profile', { timeoutMs: 400 })))
      for (const result of results) if (result.status === 'rejected') assert.ok(['CTI_TIMEOUT', 'CTI_RATE_LIMITED'].includes((result.reason as CtiError).code), (result.reason as Error).message)
      assert.ok(results.some(({ status }) => status === 'fulfilled'))
      world.simulator.faults.clear()
      assert.equal((await line.perform(vendor.lookup ?? 'profile')).outcome, 'completed')
    })
  })
}
