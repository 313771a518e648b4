import assert from 'node:assert/strict'
import { VirtualClock } from '../../../src/simulator/pbx/clock'
import { checkInvariant } from '../../../src/simulator/pbx/invariant'
import { Pbx } from '../../../src/simulator/pbx/pbx'
import { type Fact } from '../../../src/simulator/pbx/types'
import { play, scenarios } from '../../../src/simulator/scenarios'

/**
 * What must be told, in this order, other facts between them allowed: `type cause @whose`, where whose is a user, `queue` or `outside`,
 * and `!` at the end asks for one more detail of the fact.
 */
const EXPECTED: Record<string, string[]> = {
  'in-answered': ['originated @outside', 'delivered @bob', 'hook off @bob', 'established @bob', 'established @outside', 'cleared normal/local @outside', 'cleared normal/remote @bob', 'hook on @bob'],
  'in-missed': ['delivered @dave', 'cleared noAnswer/system @dave', 'cleared noAnswer/remote @outside'],
  'in-busy': ['established @dave', 'originated @outside', 'cleared busy/remote @outside', 'cleared normal/local @dave'],
  'in-rejected': ['delivered @dave', 'cleared rejected/local @dave', 'cleared busy/remote @outside'],
  'in-cancelled': ['delivered @bob', 'cleared cancelled/local @outside', 'cleared cancelled/remote @bob'],
  'in-unknown-caller': ['delivered @bob', 'established @bob', 'cleared normal/local @bob'],
  'in-did': ['delivered @bob', 'established @bob', 'cleared normal/remote @bob'],
  'late-name': ['delivered @bob', 'callInformation @outside', 'callInformation @bob', 'established @bob', 'cleared normal/local @bob'],
  internal: ['originated @alice', 'delivered @bob', 'delivered @alice', 'established @bob', 'established @alice', 'cleared normal/local @alice', 'cleared normal/remote @bob'],
  'in-two-devices': ['delivered @alice', 'established @alice', 'cleared normal/local @alice'],
  'call-waiting': ['established @bob', 'delivered @bob', 'held normal @bob', 'established @bob', 'cleared normal/local @bob', 'retrieved normal @bob', 'cleared normal/local @bob', 'hook on @bob'],
  'out-phone': ['hook off @bob', 'originated @bob', 'delivered @outside', 'delivered @bob', 'established @outside', 'established @bob', 'cleared normal/local @bob'],
  'out-click': ['serviceInitiated clickToDial @bob', 'callInformation @bob', 'hook off @bob', 'originated @bob', 'delivered @bob', 'established @bob', 'cleared normal/local @bob'],
  'out-click-not-lifted': ['serviceInitiated clickToDial @bob', 'cleared noAnswer/system @bob'],
  'out-click-busy': ['originated @bob', 'failed busy @bob', 'cleared busy/remote @bob'],
  'out-click-invalid': ['originated @bob', 'failed invalidNumber @bob', 'cleared invalidNumber/system @bob'],
  'out-click-no-answer': ['delivered @bob', 'failed noAnswer @bob', 'cleared noAnswer/remote @bob'],
  'out-cancelled': ['delivered @bob', 'cleared cancelled/local @bob', 'cleared cancelled/remote @outside'],
  'hold-local': ['established @bob', 'held normal @bob', 'held remoteHold @outside', 'retrieved normal @bob', 'retrieved remoteHold @outside', 'cleared normal/local @bob'],
  'hold-remote': ['held normal @bob', 'held remoteHold @alice', 'retrieved normal @bob', 'retrieved remoteHold @alice'],
  'hold-both': ['held normal @alice', 'held remoteHold @bob', 'held normal @bob', 'held remoteHold @alice', 'retrieved normal @alice', 'retrieved remoteHold @bob', 'retrieved normal @bob', 'retrieved remoteHold @alice', 'cleared normal/local @bob'],
  mute: ['callInformation @bob', 'callInformation @bob', 'cleared normal/local @bob'],
  dtmf: ['callInformation @bob', 'cleared normal/local @bob'],
  'call-data': ['callInformation @bob', 'callInformation @bob', 'cleared normal/local @bob'],
  recording: ['recording starting @bob', 'recording started @bob', 'recording paused @bob', 'recording resumed @bob', 'recording stopped @bob', 'cleared normal/local @bob'],
  'recording-off': ['feature @bob', 'cleared normal/local @bob', 'feature @bob'],
  'recording-always': ['recording starting @bob', 'recording started @bob', 'cleared normal/local @bob'],
  blind: ['transferred blindTransfer/local @bob', 'hook on @bob', 'transferred blindTransfer @outside', 'delivered @alice', 'delivered @outside', 'established @alice', 'cleared normal/remote @alice'],
  'blind-no-answer-recall': ['transferred blindTransfer/local @bob', 'delivered @dave', 'cleared noAnswer/system @dave', 'delivered recall @bob', 'established @bob', 'cleared normal/local @bob'],
  attended: ['held normal @bob', 'originated @bob', 'established @alice', 'transferred transfer/local @bob', 'transferred transfer/local @bob', 'hook on @bob', 'transferred transfer @outside', 'transferred transfer @alice', 'cleared normal/local @alice'],
  'attended-cancel': ['held normal @bob', 'established @alice', 'cleared normal/local @bob', 'cleared normal/remote @alice', 'retrieved normal @bob', 'cleared normal/local @bob'],
  early: ['transferred earlyTransfer/local @bob', 'transferred earlyTransfer/local @bob', 'transferred earlyTransfer @outside', 'transferred earlyTransfer @alice', 'established @alice', 'established @outside'],
  'transfer-to-voicemail': ['transferred blindTransfer/local @bob', 'established @voicemail', 'established @outside', 'cleared normal/local @outside', 'mailbox @alice'],
  'transfer-chain': ['transferred blindTransfer/local @bob', 'established @alice', 'transferred blindTransfer/local @alice', 'established @dave', 'transferred blindTransfer/local @dave', 'established @erin', 'cleared normal/remote @erin'],
  deflected: ['delivered @bob', 'diverted deflected/local @bob', 'delivered @alice', 'established @alice'],
  'conference-3': ['established @alice', 'retrieved normal @bob', 'conferenced conference @bob', 'cleared conference/local @bob', 'conferenceChanged conference @bob', 'cleared conference/remote @outside', 'cleared conference/local @bob', 'cleared conference/remote @alice'],
  'conference-member-leaves': ['conferenced conference @bob', 'cleared normal/local @alice', 'cleared normal/remote @bob', 'conferenceChanged conference @bob', 'cleared normal/local @bob'],
  'conference-controller-leaves': ['conferenced conference @bob', 'conferenceChanged conference @bob', 'transferred transfer/local @bob', 'transferred transfer/local @bob', 'transferred transfer @outside', 'transferred transfer @alice', 'cleared normal/local @alice'],
  listen: ['established silentMonitor @dave', 'monitored silentMonitor @bob', 'cleared normal/local @dave', 'monitored silentMonitor @bob'],
  whisper: ['established whisper @dave', 'monitored whisper @bob'],
  'barge-in': ['established bargeIn @dave', 'monitored bargeIn @bob'],
  'park-retrieve': ['parked parked/local @bob', 'held parked @outside', 'hook off @alice', 'unparked unparked @outside', 'established @alice', 'cleared normal/local @alice'],
  'park-recall': ['parked parked/local @bob', 'unparked recall @outside', 'delivered recall @bob', 'established @bob'],
  'pickup-group': ['delivered @bob', 'originated @alice', 'diverted pickedUp/remote @bob', 'callInformation pickedUp @outside', 'established @alice', 'established @outside'],
  'pickup-directed': ['delivered @bob', 'originated @dave', 'diverted pickedUp/remote @bob', 'established @dave'],
  'forward-always': ['forwarding @dave', 'diverted forwardAlways/system @dave', 'delivered @alice', 'established @alice', 'forwarding @dave'],
  'forward-no-answer': ['delivered @dave', 'diverted forwardNoAnswer/system @dave', 'callInformation forwardNoAnswer @outside', 'delivered @alice', 'established @alice'],
  'forward-busy': ['established @dave', 'diverted forwardBusy/system @dave', 'delivered @alice', 'established @alice', 'cleared normal/local @dave'],
  'forward-not-reachable': ['registration @dave', 'diverted forwardNotReachable/system @dave', 'established @alice', 'registration @dave'],
  dnd: ['dnd @dave', 'originated @alice', 'failed doNotDisturb @alice', 'cleared doNotDisturb/remote @alice', 'dnd @dave'],
  'forward-loop': ['originated @alice', 'diverted forwardAlways/system @dave', 'failed notReachable @alice', 'cleared notReachable/system @alice'],
  voicemail: ['diverted voicemail/local @alice', 'established @voicemail', 'mailbox @alice', 'mailbox @alice', 'mailbox @alice'],
  presence: ['presence @alice', 'presence @alice'],
  'unregistered-in-call': ['established @bob', 'registration @bob', 'registration @bob', 'cleared normal/remote @bob'],
  'queue-answered': ['agent @erin', 'queued queued @outside', 'queued queued @queue', 'offered offered @erin', 'delivered @erin', 'established @erin', 'established @outside', 'dequeued normal/system @queue', 'cleared normal/remote @erin', 'agent wrapUp @erin'],
  'queue-ring-all': ['delivered @erin', 'delivered @frank', 'established @erin', 'cleared answeredElsewhere/remote @frank', 'dequeued normal/system @queue'],
  'queue-bounced': ['delivered @erin', 'cleared bounced/system @erin', 'callInformation bounced @queue', 'delivered @frank', 'established @frank', 'dequeued normal/system @queue'],
  'queue-abandoned': ['queued queued @queue', 'cleared cancelled/local @outside', 'dequeued abandoned/remote @queue'],
  'queue-abandoned-short': ['delivered @erin', 'cleared cancelled/local @outside', 'dequeued abandoned/remote @queue', 'cleared cancelled/remote @erin'],
  'queue-overflow': ['queued queued @queue', 'dequeued overflowTime/system @queue', 'queued queued @queue', 'delivered @erin', 'established @erin', 'dequeued normal/system @queue'],
  'queue-overflow-size': ['queued queued @queue', 'queued queued @queue', 'dequeued overflowSize/system @queue', 'delivered @alice', 'dequeued normal/local @queue'],
  'queue-night': ['queueMode night', 'diverted night/system @queue', 'delivered @alice', 'established @alice', 'queueMode night'],
  'queue-stranded': ['queued queued @queue', 'agent @erin', 'dequeued stranded/system @queue', 'cleared stranded/remote @outside'],
  'queue-to-queue': ['dequeued normal/system @queue', 'transferred blindTransfer/local @erin', 'queued queued @outside', 'queued queued @queue', 'established @frank', 'dequeued normal/system @queue'],
  'queue-supervisor-redirect': ['queued queued @queue', 'dequeued transfer/system @queue', 'delivered @alice', 'established @alice'],
  'queue-reorder': ['queued queued @queue', 'queued queued @queue', 'callInformation @queue', 'callInformation @queue', 'dequeued normal/local @queue', 'dequeued normal/local @queue'],
  'agent-forced-pause': ['cleared bounced/system @erin', 'agent @erin', 'delivered @frank', 'established @frank'],
  'agent-day': ['agent signIn @erin', 'agent routing @erin', 'agent routing @erin', 'agent routing @erin', 'established @erin', 'cleared normal/local @erin', 'agent wrapUp @erin', 'agent routing @erin', 'agent signOut @erin'],
  'agent-pause-in-call': ['established @erin', 'agent pending @erin', 'cleared normal/local @erin', 'agent wrapUp @erin', 'agent routing @erin', 'agent routing @erin'],
  'agent-queue-paused': ['membership paused @erin', 'membership unpaused @erin'],
  'agent-queue-left': ['membership left @erin', 'membership joined @erin'],
  'agent-wrap-up-timer': ['cleared normal/local @erin', 'agent wrapUp @erin', 'agent timer @erin'],
  'agent-wrap-up-disposition': ['agent wrapUp @erin', 'disposition @erin', 'agent routing @erin'],
  'agent-supervisor-force': ['agent supervisor @erin', 'agent signOut @erin'],
  'agent-logout-in-call': ['established @erin', 'agent pending @erin', 'cleared normal/local @erin', 'agent signOut @erin'],
  'disposition-late': ['cleared normal/local @erin', 'agent wrapUp @erin', 'agent timer @erin', 'disposition @erin'],
  'gap-ringing': ['delivered @bob', 'line down', 'established @bob', 'line up', 'cleared normal/local @bob'],
  'gap-talk': ['established @bob', 'line down', 'cleared normal/remote @bob', 'line up'],
  'gap-transfer': ['established @alice', 'line down', 'transferred transfer/local @bob', 'line up', 'cleared normal/local @alice'],
  'gap-wrap-up': ['agent wrapUp @erin', 'line down', 'agent routing @erin', 'line up'],
  restart: ['established @bob', 'reset shutdown', 'established @bob', 'cleared normal/local @bob']
}

/** All that an expectation may name of a fact. */
function words (fact: Fact): Set<string> {
  const { connection, detail = {} } = fact
  const whose = connection === undefined || connection.party.kind === 'user' ? fact.userKey : connection.party.kind === 'external' ? 'outside' : connection.party.kind
  const cause = fact.cause === undefined ? '' : connection?.releasedBy === undefined ? fact.cause : `${fact.cause}/${connection.releasedBy}`
  return new Set([fact.type, cause, ...['hook', 'change', 'action'].map((name) => String(detail[name])), `@${whose ?? ''}`, `@${fact.userKey ?? ''}`])
}

describe('scenarios', () => {
  it('all have an expectation', () => {
    assert.deepEqual([...scenarios.keys()].filter((name) => EXPECTED[name] === undefined), [])
    assert.deepEqual(Object.keys(EXPECTED).filter((name) => !scenarios.has(name)), [])
  })

  for (const [name, { title }] of scenarios) {
    it(`${name}: ${title}`, async () => {
      const clock = new VirtualClock()
      const pbx = new Pbx({ clock })
      const told: { text: string; words: Set<string> }[] = []
      const problems: string[] = []
      const before = JSON.stringify([...pbx.users.values()].map(({ forwarding, dnd, features, presence }) => ({ forwarding, dnd, features, presence })))
      pbx.facts.on((fact) => {
        const known = words(fact)
        told.push({ text: [...known].join(' '), words: known })
      })
      const line = (state: string) => (): void => { told.push({ text: `line ${state}`, words: new Set(['line', state]) }) }
      await play(pbx, name, { hooks: { breakLine: line('down'), mendLine: line('up') } }).done
      problems.push(...checkInvariant(pbx))
      let at = 0
      for (const expected of EXPECTED[name] ?? []) {
        const found = told.findIndex(({ words: known }, n) => n >= at && expected.split(' ').every((word) => known.has(word)))
        if (found < 0) assert.fail(`not told: ${expected}\n${told.slice(at).map(({ text }) => text).join('\n')}`)
        at = found + 1
      }
      clock.advance(120_000)
      assert.deepEqual([...problems, ...checkInvariant(pbx)], [])
      assert.deepEqual([...pbx.connections.values()].filter(({ state }) => state !== 'null').map(({ key }) => key), [], 'calls are left')
      assert.equal(JSON.stringify([...pbx.users.values()].map(({ forwarding, dnd, features, presence }) => ({ forwarding, dnd, features, presence }))), before, 'settings are left')
      pbx.close()
      assert.equal(clock.waiting, 0)
    })
  }

  it('hangs up what a refused script leaves, and nothing else', async () => {
    const clock = new VirtualClock()
    const pbx = new Pbx({ clock })
    const other = pbx.originate('alice', '+12025550199')
    clock.advance(2000)
    pbx.setDnd('alice', true)
    await assert.rejects(play(pbx, 'blind').done, { name: 'Refusal', code: 'noCall' })
    assert.deepEqual([...pbx.connections.values()].filter(({ state, callKey }) => state !== 'null' && callKey !== other.callKey), [])
    assert.equal(other.state, 'connected')
    pbx.close()
  })

  it('can be stopped while it waits', async () => {
    const clock = new VirtualClock()
    const pbx = new Pbx({ clock })
    const { stage, done } = play(pbx, 'attended', { drivesClock: false })
    const stopped = assert.rejects(done, { name: 'StageStopped' })
    stage.stop()
    await stopped
    assert.equal(pbx.connectionsOf('bob').length, 0)
    pbx.close()
    assert.equal(clock.waiting, 0)
  })

  it('rejects a name that does not exist', () => {
    const pbx = new Pbx({ clock: new VirtualClock() })
    assert.throws(() => play(pbx, 'no-such-thing'), RangeError)
  })

  it('says what a directory lacks', () => {
    const pbx = new Pbx({ clock: new VirtualClock(), directory: { users: [{ key: 'one', first: 'One', last: 'Only', extension: '1' }] } })
    assert.throws(() => play(pbx, 'in-answered'), /three users/)
  })
})
