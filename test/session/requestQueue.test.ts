import assert from 'node:assert/strict'
import { RequestQueue } from '../../src/session/requestQueue'
import { deferred, type Deferred } from '../support/fakeDriver'
import { ManualClock, settled } from '../support/manualClock'

const free = (): AbortSignal => new AbortController().signal

describe('request queue', () => {
  it('runs so many at once and the rest in order', async () => {
    const queue = new RequestQueue(new ManualClock(), { concurrency: 2, perSecond: 100, queued: 10 })
    const jobs: Deferred<number>[] = []
    const started: number[] = []
    const results = [0, 1, 2, 3].map((i) => {
      jobs.push(deferred())
      return queue.run(() => {
        started.push(i)
        return jobs[i]!.promise
      }, free())
    })
    await settled()
    assert.deepEqual(started, [0, 1])
    jobs[1]!.resolve(1)
    await settled()
    assert.deepEqual(started, [0, 1, 2])
    jobs[0]!.reject(new Error('no'))
    await assert.rejects(results[0]!)
    await settled()
    assert.deepEqual(started, [0, 1, 2, 3])
    jobs[2]!.resolve(2)
    jobs[3]!.resolve(3)
    assert.deepEqual(await Promise.all(results.slice(1)), [1, 2, 3])
  })

  it('keeps the order of one leg while others pass', async () => {
    const queue = new RequestQueue(new ManualClock(), { concurrency: 10, perSecond: 100, queued: 10 })
    const first = deferred<void>()
    const started: string[] = []
    const start = (name: string, key: string, wait?: Promise<void>): Promise<void> => queue.run(async () => {
      started.push(name)
      await wait
    }, free(), key)
    const all = [start('a1', 'a', first.promise), start('a2', 'a'), start('b1', 'b')]
    await settled()
    assert.deepEqual(started, ['a1', 'b1'])
    first.resolve()
    await Promise.all(all)
    assert.deepEqual(started, ['a1', 'b1', 'a2'])
  })

  it('sends so many a second, saved up to one second, and leaves no timer', async () => {
    const clock = new ManualClock()
    const queue = new RequestQueue(clock, { concurrency: 100, perSecond: 4, queued: 100 })
    const times: number[] = []
    const start = clock.now()
    for (let i = 0; i < 8; i++) void queue.run(async () => { times.push(clock.now() - start) }, free())
    await clock.advance(5000)
    assert.deepEqual(times, [0, 0, 0, 0, 250, 500, 750, 1000])
    assert.equal(clock.pending, 0)
  })

  it('refuses more than may wait', async () => {
    const queue = new RequestQueue(new ManualClock(), { concurrency: 1, perSecond: 100, queued: 1 })
    const first = deferred<void>()
    const running = queue.run(() => first.promise, free())
    const waiting = queue.run(() => Promise.resolve(), free())
    await assert.rejects(queue.run(() => Promise.resolve(), free()), { code: 'CTI_RATE_LIMITED' })
    first.resolve()
    await Promise.all([running, waiting])
    await queue.run(() => Promise.resolve(), free())
  })

  it('never runs what was aborted while it waited, and goes on with the next', async () => {
    const clock = new ManualClock()
    const queue = new RequestQueue(clock, { concurrency: 1, perSecond: 1, queued: 9 })
    await queue.run(() => Promise.resolve(), free())
    const aborter = new AbortController()
    let ran = false
    const aborted = queue.run(async () => { ran = true }, aborter.signal)
    aborter.abort(new Error('changed my mind'))
    await assert.rejects(aborted, /changed my mind/)
    assert.equal(clock.pending, 0)
    await assert.rejects(queue.run(async () => { ran = true }, aborter.signal), /changed my mind/)
    const next = queue.run(() => Promise.resolve('next'), free())
    await clock.advance(1000)
    assert.equal(await next, 'next')
    assert.equal(ran, false)
    assert.equal(queue.size, 0)
  })

  it('leaves what has begun to itself', async () => {
    const queue = new RequestQueue(new ManualClock(), { concurrency: 1, perSecond: 0, queued: 9 })
    const aborter = new AbortController()
    const job = deferred<string>()
    const running = queue.run(() => job.promise, aborter.signal)
    await settled()
    aborter.abort(new Error('too late'))
    job.resolve('done')
    assert.equal(await running, 'done')
  })

  it('survives a job that throws at once', async () => {
    const queue = new RequestQueue(new ManualClock(), { concurrency: 1, perSecond: 0, queued: 9 })
    await assert.rejects(queue.run(() => { throw new Error('at once') }, free()), /at once/)
    assert.equal(await queue.run(() => Promise.resolve(1), free()), 1)
  })
})
