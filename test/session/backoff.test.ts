import assert from 'node:assert/strict'
import { Backoff } from '../../src/session/backoff'

describe('back-off', () => {
  it('has full jitter below a ceiling that doubles up to a minute', () => {
    const half = new Backoff(() => 0.5)
    assert.deepEqual(Array.from({ length: 8 }, () => half.next(0)), [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
  })

  it('never comes at once, nor fails after very many attempts', () => {
    const none = new Backoff(() => 0)
    for (let i = 0; i < 5000; i++) assert.equal(none.next(0), 250)
    assert.equal(none.attempt, 5000)
  })

  it('starts again after one minute online and not before', () => {
    const full = new Backoff(() => 1)
    full.next(0)
    full.next(0)
    assert.equal(full.next(59_999), 4000)
    assert.equal(full.next(60_000), 1000)
    assert.equal(full.attempt, 1)
  })

  it('waits at least as long as the peer asks for, and at most an hour', () => {
    const full = new Backoff(() => 1)
    assert.equal(full.next(0, 20_000), 20_000)
    assert.equal(full.next(0, 500), 2000)
    assert.equal(full.next(0, 1e12), 3_600_000)
    assert.equal(full.next(0, Number.NaN), 8000)
    assert.equal(full.next(0, -5), 16_000)
  })
})
