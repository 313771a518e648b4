import assert from 'node:assert/strict'
import { Faults, type FaultSpec } from '../../../src/simulator/faults/faults'
import { Wire } from '../../../src/simulator/faults/wire'
import { VirtualClock } from '../../../src/simulator/pbx/clock'
import { Rng } from '../../../src/simulator/pbx/rng'

function bench (seed = 1) {
  const clock = new VirtualClock()
  const faults = new Faults(new Rng(seed))
  const out: string[] = []
  const wire = new Wire((bytes) => out.push(bytes.toString()), { faults, where: { face: 'xsi', connection: 'c1' }, rng: new Rng(seed), clock, unknown: () => Buffer.from('?'), filler: (bytes) => Buffer.alloc(bytes, 'x') })
  return { clock, faults, out, wire, send: (text: string) => wire.send(Buffer.from(text)), with: (spec: FaultSpec) => faults.inject(spec) }
}

describe('simulator/faults wire', () => {
  it('passes messages unchanged when nothing is wrong', () => {
    const { out, send } = bench()
    send('one'); send('two')
    assert.deepEqual(out, ['one', 'two'])
  })

  it('splits at the given size, or anywhere by seed, and loses no byte', () => {
    const fixed = bench()
    fixed.with({ kind: 'split', size: 2 })
    fixed.send('abcde'); fixed.send('fg')
    fixed.clock.advance(100)
    assert.deepEqual(fixed.out, ['ab', 'cd', 'e', 'fg'])
    const runs = [7, 7, 8].map((seed) => {
      const free = bench(seed)
      free.with({ kind: 'split' })
      free.send('x'.repeat(200))
      free.clock.advance(1000)
      assert.equal(free.out.join('').length, 200)
      return free.out.map((piece) => piece.length).join()
    })
    assert.equal(runs[0], runs[1])
    assert.notEqual(runs[0], runs[2])
  })

  it('merges two messages, or what came until the wait is over', () => {
    const { out, send, clock, with: set } = bench()
    set({ kind: 'merge', ms: 50 })
    for (const text of ['one', 'two', 'three']) send(text)
    assert.deepEqual(out, ['onetwo'])
    clock.advance(50)
    assert.deepEqual(out, ['onetwo', 'three'])
  })

  it('holds everything while stalled and goes on when that is revoked', () => {
    const { out, send, faults, with: set } = bench()
    const fault = set({ kind: 'stall', connection: 'c1' })
    send('one'); send('two')
    assert.deepEqual(out, [])
    faults.revoke(fault.id)
    assert.deepEqual(out, ['one', 'two'])
  })

  it('duplicates, loses, swaps, cuts, spoils and floods, so many times as asked', () => {
    const { out, send, with: set } = bench()
    for (const kind of ['duplicate', 'lose', 'swap'] as const) {
      set({ kind, times: 1 })
      send('one'); send('two')
    }
    assert.deepEqual(out, ['one', 'one', 'two', 'two', 'two', 'one'])
    out.length = 0
    set({ kind: 'truncated', times: 1 })
    send('0123456789')
    assert.ok((out[0]?.length ?? 10) < 10)
    set({ kind: 'malformed', times: 1 })
    send('0123456789')
    assert.ok(out[1]?.includes('<&'))
    set({ kind: 'unknown', times: 1 })
    set({ kind: 'oversize', times: 1, size: 1000 })
    send('end')
    assert.deepEqual(out.slice(2).map((piece) => piece.length), [1000, 1, 3])
  })

  it('meets only its place, by chance if asked, and counts', () => {
    const { faults } = bench()
    faults.inject({ kind: 'lose', face: 'xivo' })
    faults.inject({ kind: 'lose', connection: 'c2' })
    assert.equal(faults.take('lose', { face: 'xsi', connection: 'c1' }), undefined)
    faults.inject({ kind: 'status', path: '/Calls/', method: 'put', times: 1 })
    assert.equal(faults.take('status', { face: 'xsi', method: 'PUT', path: '/profile' }), undefined)
    assert.equal(faults.take('status', { face: 'xsi', method: 'PUT', path: '/x/calls/new' })?.hits, 1)
    assert.equal(faults.take('status', { face: 'xsi', method: 'PUT', path: '/x/calls/new' }), undefined)
    faults.clear()
    const half = faults.inject({ kind: 'lose', chance: 0.5 })
    for (let n = 0; n < 1000; n++) faults.take('lose', { face: 'xsi' })
    assert.ok(faults.list()[0]?.id === half.id && Math.abs((faults.list()[0]?.hits ?? 0) - 500) < 80)
    assert.equal(faults.counts.status, 1)
  })
})
