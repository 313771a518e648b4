import assert from 'node:assert/strict'
import { CALL_STATES, type Agent, type Call, type CallState, type TelephonyEvent } from '../../src/model'
import { difference, Picture, type Difference, type Found } from '../../src/state'

const NOW = Date.UTC(2026, 0, 5, 9, 0, 0)
const CONNECTED = NOW - 1000
type Leg = Partial<Call> & { id: string }
const leg = (part: Leg): Call => ({ owner: { kind: 'user', id: 'alice' }, state: 'active', direction: 'inbound', startedAt: '2026-01-05T08:00:00.000Z', conversationId: 'c', ...part })

interface Bench { picture: Picture; at: (ms: number) => void; tell: (event: Partial<TelephonyEvent>) => void; diff: (found: Found) => Difference; names: (found: Found) => string[] }

function knowing (...legs: Leg[]): Bench {
  let now = NOW - 60_000
  const picture = new Picture(() => now)
  const tell = (event: Partial<TelephonyEvent>): void => picture.fold({
    event: 'call.updated', id: 'e', seq: 1, epoch: 'e', platform: 'xsi', account: 'a', accountId: 'a', time: 't', timeSource: 'local', receivedAt: 't', ...event
  })
  for (const part of legs) tell({ call: leg(part) })
  const diff = (found: Found): Difference => difference(picture, found, { now: NOW, time: new Date(NOW).toISOString(), since: CONNECTED })
  return { picture, tell, diff, at: (ms) => { now = ms }, names: (found) => diff(found).drafts.map(({ event, call, agent }) => [event, call?.id ?? agent?.id].filter(Boolean).join(' ')) }
}

describe('difference: legs', () => {
  const first: Record<Exclude<CallState, 'ended'>, string> = {
    initiated: 'call.originated', dialing: 'call.originated', remoteRinging: 'call.remoteRinging', ringing: 'call.ringing', active: 'call.answered',
    held: 'call.held', queued: 'call.queued', parked: 'call.parked', failed: 'call.failed'
  }
  for (const [state, event] of Object.entries(first)) {
    it(`tells a leg found ${state} by one ${event}`, () => {
      const { diff } = knowing()
      const { drafts, counts } = diff({ calls: [leg({ id: 'a', state: state as CallState })], owners: 'all' })
      assert.deepEqual(drafts.map((draft) => [draft.event, draft.found, draft.call?.state]), [[event, 'added', state]])
      assert.deepEqual(counts, { checked: 1, added: 1, ended: 0, changed: 0, agentsChanged: 0 })
    })
  }

  const steps: [CallState, CallState, string][] = [
    ['ringing', 'active', 'call.answered'], ['dialing', 'active', 'call.answered'], ['ringing', 'held', 'call.held'], ['active', 'held', 'call.held'], ['held', 'active', 'call.resumed'],
    ['initiated', 'dialing', 'call.updated'], ['dialing', 'remoteRinging', 'call.remoteRinging'], ['active', 'parked', 'call.parked'], ['parked', 'active', 'call.unparked'],
    ['parked', 'ringing', 'call.ringing'], ['active', 'queued', 'call.queued'], ['dialing', 'failed', 'call.failed'], ['active', 'ringing', 'call.ringing']
  ]
  for (const [from, to, event] of steps) {
    it(`leads from ${from} to ${to} by ${event}`, () => {
      const { diff } = knowing({ id: 'a', state: from })
      const { drafts, counts } = diff({ calls: [leg({ id: 'a', state: to })], owners: 'all' })
      assert.deepEqual(drafts.map((draft) => [draft.event, draft.call?.state]), [[event, to]])
      if (event === 'call.updated') assert.deepEqual(drafts[0]!.changes, ['state'])
      assert.equal(counts.changed, 1)
    })
  }

  it('has exactly one event for each step, and none for no step', () => {
    for (const from of CALL_STATES.filter((state) => state !== 'ended')) {
      for (const to of CALL_STATES) {
        const { drafts } = knowing({ id: 'a', state: from }).diff({ calls: [leg({ id: 'a', state: to })], owners: 'all' })
        assert.equal(drafts.length, from === to ? 0 : 1, `${from} to ${to}`)
      }
    }
  })

  it('ends what is not there any more as lost, a queue leg by its own event, and only of owners that were looked at', () => {
    const { diff } = knowing({ id: 'a' }, { id: 'q', state: 'queued', owner: { kind: 'queue', id: '7' } }, { id: 'b', owner: { kind: 'user', id: 'bo' } })
    const { drafts, counts } = diff({ calls: [], owners: ['alice', '7'] })
    assert.deepEqual(drafts.map(({ event, call, reason, derived }) => [event, call?.id, call?.state, reason, derived]), [
      ['call.ended', 'a', 'ended', 'lost', true], ['call.dequeued', 'q', 'ended', 'lost', true]
    ])
    assert.deepEqual([drafts[0]!.call?.endedAt, drafts[0]!.call?.endReason, drafts[0]!.call?.uncertain], [new Date(NOW).toISOString(), 'lost', ['endedAt', 'endReason']])
    assert.deepEqual([counts.ended, counts.checked], [2, 2])
    assert.equal(diff({ calls: [] }).drafts.length, 0)
    assert.equal(diff({}).drafts.length, 0)
  })

  it('tells changed fields by an update, and nothing when a snapshot only knows less', () => {
    const { diff } = knowing({ id: 'a', from: { number: '5550101', name: 'Ann Doe' }, muted: true, redirections: [{ party: { number: '1' }, reason: 'busy' }] })
    assert.equal(diff({ calls: [leg({ id: 'a', answeredAt: '2026-01-05T08:00:09.000Z' })], owners: 'all' }).drafts.length, 0)
    const { drafts } = diff({ calls: [leg({ id: 'a', remote: { number: '5550109' }, muted: false })], owners: 'all' })
    assert.deepEqual([drafts[0]!.event, drafts[0]!.changes], ['call.updated', ['muted', 'remote']])
    assert.equal(drafts[0]!.call?.from?.name, 'Ann Doe')
  })

  it('does not keep what belonged to the state that was left', () => {
    const { diff } = knowing({ id: 'a', state: 'held', heldBy: 'local', heldAt: 'x', recall: 'hold' })
    const { call } = diff({ calls: [leg({ id: 'a' })], owners: 'all' }).drafts[0]!
    assert.deepEqual([call?.heldBy, call?.heldAt, call?.recall], [undefined, undefined, undefined])
  })

  it('leaves alone what is newer than the snapshot and what has ended since', () => {
    const { diff, tell, at } = knowing({ id: 'a' })
    at(NOW - 100)
    tell({ event: 'call.held', call: leg({ id: 'a', state: 'held' }) })
    tell({ event: 'call.ringing', call: leg({ id: 'new', state: 'ringing' }) })
    tell({ event: 'call.ended', call: leg({ id: 'gone', state: 'ended' }) })
    const found = { calls: [leg({ id: 'a' }), leg({ id: 'gone' })], owners: 'all' as const }
    assert.equal(diff({ ...found, takenAt: NOW - 200 }).drafts.length, 0)
    assert.deepEqual(diff({ ...found, takenAt: NOW - 50 }).drafts.map(({ event, call }) => [event, call?.id]), [['call.resumed', 'a'], ['call.ended', 'new']])
  })

  it('accepts an ended leg in a snapshot', () => {
    const { names } = knowing({ id: 'a' })
    assert.deepEqual(names({ calls: [leg({ id: 'a', state: 'ended' }), leg({ id: 'b', state: 'ended' })], owners: 'all' }), ['call.ended a'])
  })
})

describe('difference: ids that mean nothing after a gap', () => {
  const remote = { number: '5550101' }

  it('match by owner, remote number and state; the rest ends as lost and begins anew', () => {
    const { diff, names } = knowing({ id: '1', remote }, { id: '2', from: { number: '5550102' }, state: 'ringing' }, { id: '3', remote: { number: '5550103' } })
    const found: Found = {
      calls: [leg({ id: '9', vendorId: 'v9', from: remote }), leg({ id: '8', from: { number: '5550102' }, state: 'ringing' }), leg({ id: '7', remote: { number: '5550104' } })],
      owners: 'all',
      idsComparable: false
    }
    assert.deepEqual(diff(found).renamed, [['9', '1'], ['8', '2']])
    assert.deepEqual(names(found), ['call.updated 1', 'call.answered 7', 'call.ended 3'])
  })

  it('that name another leg still are not given to a second one', () => {
    const { diff } = knowing({ id: '1', remote }, { id: '2', remote: { number: '5550102' } })
    const { renamed, drafts } = diff({ calls: [leg({ id: '2', remote })], owners: 'all', idsComparable: false })
    assert.deepEqual(renamed, [])
    assert.deepEqual(drafts.map(({ event, call }) => [event, call?.id]), [['call.updated', '2'], ['call.ended', '1']])
  })

  it('do not match without a number, nor twice, nor in another state or direction', () => {
    const { diff } = knowing({ id: '1' }, { id: '2', remote })
    assert.deepEqual(diff({ calls: [leg({ id: '8' })], owners: 'all', idsComparable: false }).renamed, [])
    const { renamed } = diff({ calls: [leg({ id: '7', remote, direction: 'outbound' }), leg({ id: '8', remote, state: 'held' }), leg({ id: '9', remote }), leg({ id: '10', remote })], owners: 'all', idsComparable: false })
    assert.deepEqual(renamed, [['9', '2']])
  })

  it('still count for legs that this connection told of', () => {
    const { diff, tell, at } = knowing({ id: '1', remote })
    at(CONNECTED + 10)
    tell({ call: leg({ id: '5', remote, state: 'ringing' }) })
    const { drafts, renamed } = diff({ calls: [leg({ id: '5', remote })], owners: 'all', idsComparable: false })
    assert.deepEqual(renamed, [])
    assert.deepEqual(drafts.map(({ event, call }) => [event, call?.id]), [['call.answered', '5'], ['call.ended', '1']])
  })
})

describe('difference: agents and settings', () => {
  const agent = (part: Partial<Agent> = {}): Agent => ({ id: '7', state: 'notReady', since: 't', ...part })

  it('tells the state of an agent, a new reason, and other changes by an update', () => {
    const { tell, names, diff } = knowing()
    assert.deepEqual(names({ agents: [agent({ state: 'wrapUp' }), agent({ id: '8', state: 'loggedOut' })] }), ['agent.wrapUp 7', 'agent.loggedOut 8'])
    tell({ agent: agent({ name: 'Ann Doe', reason: { id: '1' }, queues: [{ id: 'q', joined: true }] }) })
    assert.deepEqual(names({ agents: [agent({ since: 'other', reason: { id: '1' } })] }), [])
    assert.deepEqual(names({ agents: [agent({ reason: { id: '2' } })] }), ['agent.notReady 7'])
    assert.deepEqual(names({ agents: [agent({ state: 'busy' })] }), ['agent.busy 7'])
    const { drafts, counts } = diff({ agents: [agent({ reason: { id: '1' }, pending: { routing: 'ready' } })] })
    assert.deepEqual([drafts[0]!.event, drafts[0]!.changes, drafts[0]!.agent?.name, counts.agentsChanged], ['agent.updated', ['pending'], 'Ann Doe', 1])
  })

  it('does not know the state of agents that are missing in a full list', () => {
    const { tell, diff } = knowing()
    tell({ agent: agent({ name: 'Ann Doe' }) })
    assert.equal(diff({ agents: [] }).drafts.length, 0)
    const { drafts } = diff({ agents: [], allAgents: true })
    assert.deepEqual(drafts.map(({ event, agent: told }) => [event, told?.state, told?.name]), [['agent.updated', 'unknown', 'Ann Doe']])
  })

  it('tells settings only when values differ', () => {
    const { tell, diff } = knowing()
    const user = { id: 'alice' }
    const found: Found = {
      forwardings: [{ user, rules: { busy: { enabled: true, to: '5550101' } }, complete: true }],
      dnd: [{ user, dnd: { enabled: false } }],
      mailboxes: [{ user, voicemail: { newMessages: 0, waiting: false } }],
      presences: [{ user, presence: { value: 'available' } }],
      devices: [{ user, device: { id: 'd', registered: true, hook: 'on' } }],
      queues: [{ id: 'q', waiting: 0 }]
    }
    const initial = diff(found)
    assert.deepEqual(initial.drafts.map(({ event, found: how }) => [event, how]), [
      ['queue.updated', 'added'], ['forwarding.changed', 'added'], ['dnd.changed', 'added'], ['voicemail.updated', 'added'], ['user.presence', 'added'], ['device.registered', 'added'], ['device.hook', 'added']
    ])
    for (const draft of initial.drafts) tell(draft as Partial<TelephonyEvent>)
    assert.equal(diff(found).drafts.length, 0)
    const { drafts } = diff({
      ...found,
      forwardings: [{ user, rules: { busy: { enabled: false, to: '5550101' }, always: { enabled: true, to: '1' } }, complete: true }],
      devices: [{ device: { id: 'd', registered: false } }]
    })
    assert.deepEqual(drafts.map(({ event }) => event), ['forwarding.changed', 'device.unregistered'])
    assert.deepEqual(drafts[0]!.forwarding?.changed, ['always', 'busy'])
    assert.equal(diff({ forwardings: [{ user, rules: { busy: { enabled: true, to: '5550101' } }, complete: false }] }).drafts.length, 0)
  })
})
