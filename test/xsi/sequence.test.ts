import assert from 'node:assert/strict'
import { GAP_EVENTS, GAP_MS, Sequence } from '../../src/xsi/sequence'

/** Takes numbers of one subscription, each under an event id of its own. */
function take (sequence: Sequence, numbers: readonly number[], now = 0, subscription = 's'): string[] {
  return numbers.map((number) => sequence.take(subscription, number, `${subscription}-${number}-${now}`, now))
}

describe('XSI: sequence numbers', () => {
  it('lets events in order pass and knows of no hole', () => {
    const sequence = new Sequence()
    assert.deepEqual(take(sequence, [1, 2, 3, 4]), ['new', 'new', 'new', 'new'])
    assert.equal(sequence.dueIn(0), undefined)
    assert.deepEqual(sequence.lost(1e9), [])
  })

  it('begins with any number: a subscription may be older than we are', () => {
    const sequence = new Sequence()
    take(sequence, [17, 18])
    assert.equal(sequence.dueIn(0), undefined)
  })

  it('knows a duplicate by event id and by number', () => {
    const sequence = new Sequence()
    assert.equal(sequence.take('s', 2, 'a', 0), 'new')
    assert.equal(sequence.take('s', 2, 'a', 1), 'duplicate')
    assert.equal(sequence.take('s', 2, 'b', 2), 'duplicate')
    assert.equal(sequence.take('other', 2, 'c', 3), 'new')
    assert.equal(sequence.take('other', undefined, 'c', 4), 'duplicate')
    assert.equal(sequence.take('other', undefined, 'd', 4), 'new')
  })

  it('forgets duplicates after ten minutes, and then takes the number for a new beginning', () => {
    const sequence = new Sequence()
    take(sequence, [1, 2, 3], 0)
    assert.equal(sequence.take('s', 2, 'later', 600_001), 'new')
  })

  it('closes a hole when the late event comes within the window', () => {
    const sequence = new Sequence()
    take(sequence, [1, 2, 4, 5], 100)
    assert.equal(sequence.dueIn(100), GAP_MS)
    assert.deepEqual(sequence.lost(100 + GAP_MS - 1), [])
    take(sequence, [3], 101)
    assert.equal(sequence.dueIn(101), undefined)
    assert.deepEqual(sequence.lost(1e9), [])
  })

  it('gives a hole up after two seconds, once', () => {
    const sequence = new Sequence()
    take(sequence, [1, 3], 100)
    assert.deepEqual(sequence.lost(100 + GAP_MS), ['s'])
    assert.deepEqual(sequence.lost(1e9), [])
    assert.deepEqual(take(sequence, [4], 200), ['new'])
    assert.equal(sequence.dueIn(200), undefined)
  })

  it('gives a hole up when too many events have passed it', () => {
    const sequence = new Sequence()
    take(sequence, [1], 0)
    take(sequence, Array.from({ length: GAP_EVENTS }, (_, n) => n + 3), 0)
    assert.equal(sequence.dueIn(0), 0)
    assert.deepEqual(sequence.lost(0), ['s'])
  })

  it('waits for a second hole on its own time', () => {
    const sequence = new Sequence()
    take(sequence, [1, 3, 5], 0)
    take(sequence, [2], 1500)
    assert.deepEqual(sequence.lost(GAP_MS), [])
    assert.deepEqual(sequence.lost(1500 + GAP_MS), ['s'])
  })

  it('takes number 1 as a restart, not as a duplicate', () => {
    const sequence = new Sequence()
    take(sequence, [1, 2, 3], 0)
    assert.deepEqual(take(sequence, [1, 2, 3], 5), ['new', 'new', 'new'])
    assert.equal(sequence.dueIn(5), undefined)
  })

  it('takes a lower number that was never seen for a restart whose beginning was lost', () => {
    const sequence = new Sequence()
    take(sequence, [500, 501], 0)
    assert.deepEqual(take(sequence, [2], 5), ['new'])
    assert.deepEqual(sequence.lost(5), ['s'])
    assert.deepEqual(take(sequence, [3], 6), ['new'])
    assert.equal(sequence.dueIn(6), undefined)
  })

  it('takes a number that comes after its hole was given up for what it is: late', () => {
    const sequence = new Sequence()
    take(sequence, [1, 3], 0)
    sequence.lost(GAP_MS)
    assert.deepEqual(take(sequence, [2], GAP_MS + 1), ['new'])
    assert.deepEqual(sequence.lost(1e9), [])
    assert.deepEqual(take(sequence, [4], GAP_MS + 2), ['new'])
    assert.equal(sequence.dueIn(GAP_MS + 2), undefined)
  })

  it('goes on with any number after the connection was away, and still knows duplicates', () => {
    const sequence = new Sequence()
    take(sequence, [1, 2, 4], 0)
    sequence.rebase()
    assert.equal(sequence.dueIn(0), undefined)
    assert.deepEqual(take(sequence, [4], 1), ['duplicate'])
    assert.deepEqual(take(sequence, [9, 10], 1), ['new', 'new'])
    assert.equal(sequence.dueIn(1), undefined)
    take(sequence, [12], 1)
    assert.equal(sequence.dueIn(1), GAP_MS)
  })

  it('keeps subscriptions apart and forgets those that are gone', () => {
    const sequence = new Sequence()
    take(sequence, [1, 3], 0, 'a')
    take(sequence, [1, 2], 0, 'b')
    sequence.forget('a')
    assert.deepEqual(sequence.lost(1e9), [])
  })

  it('remembers a bounded number of events', () => {
    const sequence = new Sequence()
    for (let n = 1; n <= 10_000; n++) assert.equal(sequence.take('s', n, `e${n}`, 0), 'new')
    assert.equal(sequence.take('s', 9_999, 'x', 0), 'duplicate')
    assert.equal(sequence.take('s', 1, 'e1', 0), 'new')
  })
})
