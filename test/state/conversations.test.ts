import assert from 'node:assert/strict'
import { Conversations, type ConversationLeg } from '../../src/state'

function setup (): { of: (id: string, part?: Partial<ConversationLeg>) => string; conversations: Conversations; pass: (ms: number) => void } {
  let now = 1_000_000
  const conversations = new Conversations('acc', () => now)
  return { conversations, pass: (ms) => { now += ms }, of: (id, part = {}) => conversations.join({ id, startedAt: '2026-01-05T09:00:00.000Z', ...part }).id }
}

describe('conversations', () => {
  it('are named by account and first correlation id, or by the leg when there is none', () => {
    const { of } = setup()
    assert.equal(of('a', { correlationId: 'k' }), 'acc:k')
    assert.equal(of('b', { correlationId: 'k' }), 'acc:k')
    assert.equal(of('c'), 'acc:c')
    assert.equal(of('c', { correlationId: 'later' }), 'acc:c')
    assert.equal(of('d', { correlationId: 'later' }), 'acc:c')
  })

  it('follow relations, but not the one of a consultation', () => {
    const { of } = setup()
    of('a', { correlationId: 'k' })
    assert.equal(of('agent', { correlationId: 'k2', related: [{ kind: 'queueLeg', id: 'a' }] }), 'acc:k')
    assert.equal(of('consult', { correlationId: 'k3', related: [{ kind: 'consultOf', id: 'a' }] }), 'acc:k3')
    assert.equal(of('x', { related: [{ kind: 'otherEnd', id: 'unheard' }] }), 'acc:x')
  })

  it('take the one that the vendor names', () => {
    const { of } = setup()
    of('a', { correlationId: 'k' })
    assert.equal(of('target', { correlationId: 'k2', conversationId: 'acc:k' }), 'acc:k')
    assert.equal(of('other', { correlationId: 'k2' }), 'acc:k')
    assert.equal(of('free', { conversationId: 'acc:own' }), 'acc:own')
  })

  it('go on as the earliest when several meet in one leg, by the order of appearance when they began together', () => {
    const { conversations, of } = setup()
    const at = (second: number): string => `2026-01-05T09:00:0${second}.000Z`
    of('a', { correlationId: 'ka', startedAt: at(3) })
    of('b', { correlationId: 'kb', startedAt: at(1) })
    of('c', { correlationId: 'kc', startedAt: at(1) })
    const met = conversations.join({ id: 'a', correlationId: 'kc', startedAt: at(3), related: [{ kind: 'otherEnd', id: 'b' }] })
    assert.equal(met.id, 'acc:kb')
    assert.deepEqual([...met.moved].sort(), ['acc:ka', 'acc:kc'])
    assert.deepEqual([...met.mergedFrom].sort(), ['acc:ka', 'acc:kc'])
    assert.deepEqual(['a', 'b', 'c'].map((id) => of(id)), ['acc:kb', 'acc:kb', 'acc:kb'])
    assert.equal(of('d', { conversationId: 'acc:ka' }), 'acc:kb')
    assert.equal(conversations.size, 1)
    assert.deepEqual(conversations.join({ id: 'a', startedAt: at(3) }).moved, [])
  })

  it('become one at a completed transfer', () => {
    const { conversations, of } = setup()
    of('c', { correlationId: 'kc', startedAt: '2026-01-05T09:01:00.000Z' })
    of('a', { correlationId: 'ka' })
    const merged = conversations.mergeConsult({ id: 'c', startedAt: 'x', related: [{ kind: 'consultOf', id: 'a' }, { kind: 'otherEnd', id: 'unheard' }] })
    assert.deepEqual([merged?.id, merged?.moved], ['acc:ka', ['acc:kc']])
    assert.equal(conversations.mergeConsult({ id: 'c', startedAt: 'x', related: [{ kind: 'consultOf', id: 'a' }] }), undefined)
    assert.equal(conversations.mergeConsult({ id: 'unheard', startedAt: 'x' }), undefined)
  })

  it('are forgotten a minute after the last leg, not while one is open', () => {
    const { conversations, of, pass } = setup()
    of('long', { correlationId: 'k0' })
    of('a', { correlationId: 'k1' })
    of('b', { correlationId: 'k1' })
    conversations.leave('a')
    pass(60_000)
    of('x1')
    assert.equal(of('b2', { correlationId: 'k1' }), 'acc:k1')
    conversations.leave('b')
    conversations.leave('b2')
    pass(59_999)
    of('x2')
    assert.equal(conversations.size, 4)
    pass(1)
    of('x3')
    assert.equal(conversations.size, 4)
    assert.equal(of('long', { correlationId: 'other' }), 'acc:k0')
  })

  it('that came to life again are not forgotten for having been idle before', () => {
    const { conversations, of, pass } = setup()
    of('a', { correlationId: 'k1' })
    conversations.leave('a')
    pass(30_000)
    of('b', { correlationId: 'k1', startedAt: '2026-01-05T09:00:30.000Z' })
    pass(60_000)
    of('x')
    assert.equal(of('c', { correlationId: 'other', related: [{ kind: 'otherEnd', id: 'b' }] }), 'acc:k1')
  })

  it('do not grow with a day of calls', () => {
    const { conversations, of, pass } = setup()
    for (let i = 0; i < 3000; i++) {
      of(`leg${i}`, { correlationId: `k${i}` })
      conversations.leave(`leg${i}`)
      pass(1000)
    }
    assert.ok(conversations.size <= 61, String(conversations.size))
  })

  it('without open legs are bounded, however many end in the same minute', () => {
    const { conversations, of } = setup()
    of('open', { correlationId: 'k-open' })
    for (let i = 0; i < 12_000; i++) {
      of(`leg${i}`, { correlationId: `k${i}` })
      conversations.leave(`leg${i}`)
    }
    assert.ok(conversations.size <= 5002, String(conversations.size))
    assert.equal(of('open', { correlationId: 'other' }), 'acc:k-open')
  })
})
