import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { EventDraft } from '../../src/session/types'
import { SNAPSHOT_EVENTS } from '../../src/xsi/protocol'
import { callXml, data, eventOf, golden, names, World } from './world'
import { reduce } from '../../src/xsi/events'

interface Row {
  /** Samples played before. */
  after?: string[]
  target?: string
  /** The drafts, as far as the test looks at them. */
  expect: Partial<EventDraft>[]
}
const BOB = { id: 'bob@example.com', name: 'Bob Keller', number: '2025550102', extension: '1002' }
const BOB_OWNER = { kind: 'user', id: 'bob@example.com', name: 'Bob Keller', number: '2025550102' }
const SUPPORT_OWNER = { kind: 'queue', id: 'support@example.com', name: 'Support', number: '+12025550150' }
const BOB_PARTY = { number: '2025550102', name: 'Bob Keller', extension: '1002', userId: 'bob@example.com', kind: 'user' }
const CAROL_PARTY = { number: '+12025550199', name: 'Carol Diaz', kind: 'external' }
const ALICE_PARTY = { number: '1001', name: 'Alice Martin', userId: 'alice@example.com', kind: 'user' } as const
const DEVICE = { id: '12025550102@sip.example.com' }
const BOB_REMOTE = '<xsi:name>Bob Keller</xsi:name><xsi:address>tel:1002</xsi:address><xsi:userId>bob@example.com</xsi:userId><xsi:callType>Group</xsi:callType>'
const START = '2026-01-01T10:00:00.000Z'
const ANSWERED = '2026-01-01T10:00:04.500Z'
const INBOUND = {
  id: 'bob@example.com/callhalf-1207:0', vendorId: 'callhalf-1207:0', correlationId: '311:1', owner: BOB_OWNER, direction: 'inbound', scope: 'external',
  from: CAROL_PARTY, to: BOB_PARTY, remote: CAROL_PARTY, startedAt: START
}
const RANG = { ...INBOUND, ringingAt: START }
const TALKED = { ...RANG, device: DEVICE, line: 1, answeredAt: ANSWERED }
const OUTBOUND = {
  id: 'bob@example.com/callhalf-1201:0', vendorId: 'callhalf-1201:0', correlationId: '310:1', owner: BOB_OWNER, direction: 'outbound', from: BOB_PARTY, startedAt: START, line: 1
}
const RING = ['CallReceivedEvent-1', 'CallUpdatedEvent-1']
const TALK = [...RING, 'CallAnsweredEvent-1']
const ENTRY = {
  id: 'support@example.com/callhalf-1301:0', vendorId: 'callhalf-1301:0', correlationId: '320:1', owner: SUPPORT_OWNER, direction: 'inbound',
  from: CAROL_PARTY, to: { number: '+12025550150', name: 'Support', userId: 'support@example.com', kind: 'queue' }, remote: CAROL_PARTY,
  startedAt: '2026-01-01T10:01:40.000Z', queuedAt: '2026-01-01T10:01:40.000Z'
}
const QUEUE = { id: 'support@example.com', name: 'Support', number: '+12025550150', priority: '0-Highest' }

const conferenceOf = (kind: 'bargeIn', state: 'active' | 'held'): unknown => ({
  id: 'conf:bob@example.com', role: 'controller', kind, state,
  members: [{ callId: 'bob@example.com/callhalf-1207:0', party: CAROL_PARTY }, { callId: 'bob@example.com/callhalf-1209:0' }]
})

const ROWS: Record<string, Row> = {
  'CallReceivedEvent-1': {
    expect: [{
      event: 'call.ringing', time: START, timeSource: 'vendor', user: BOB,
      call: { ...RANG, state: 'ringing', vendorState: 'Alerting', uncertain: ['ringingAt'] } as EventDraft['call']
    }]
  },
  'CallUpdatedEvent-1': {
    after: ['CallReceivedEvent-1'],
    expect: [{ event: 'call.updated', changes: ['device', 'line', 'can'], call: { ...RANG, device: DEVICE, line: 1, state: 'ringing', vendorState: 'Alerting', can: ['answer'] } as EventDraft['call'] }]
  },
  'HookStatusEvent-1': { expect: [{ event: 'device.hook', device: { id: 'bob@example.com', hook: 'off' } }] },
  'CallAnsweredEvent-1': { after: RING, expect: [{ event: 'call.answered', time: ANSWERED, timeSource: 'vendor', call: { ...TALKED, state: 'active', vendorState: 'Active' } as EventDraft['call'] }] },
  'CallHeldEvent-1': {
    after: TALK,
    expect: [{
      event: 'call.held', time: '2026-01-01T10:00:20.000Z',
      call: { ...TALKED, state: 'held', vendorState: 'Held', heldBy: 'local', heldAt: '2026-01-01T10:00:20.000Z', can: ['resume'] } as EventDraft['call']
    }]
  },
  'CallRetrievedEvent-1': {
    after: [...TALK, 'CallHeldEvent-1'],
    expect: [{ event: 'call.resumed', call: { ...TALKED, state: 'active', vendorState: 'Active', heldMs: 12000 } as EventDraft['call'] }]
  },
  'CallReleasedEvent-1': {
    after: TALK,
    expect: [{
      event: 'call.ended', reason: 'normal', time: '2026-01-01T10:01:00.000Z',
      call: { ...TALKED, state: 'ended', vendorState: 'Released', endReason: 'normal', endedBy: 'remote', endedAt: '2026-01-01T10:01:00.000Z' } as EventDraft['call']
    }]
  },
  'CallReceivedEvent-2': {
    expect: [{
      event: 'call.ringing',
      call: {
        ...RANG, state: 'ringing', vendorState: 'Alerting', uncertain: ['ringingAt'], dialed: { number: '1001', name: 'Alice Martin', userId: 'alice@example.com', kind: 'user' },
        redirections: [{ party: { number: '1001', name: 'Alice Martin', userId: 'alice@example.com', kind: 'user' }, reason: 'noAnswer' }]
      } as EventDraft['call']
    }]
  },
  'CallReleasedEvent-2': {
    after: ['CallReceivedEvent-1'],
    expect: [{
      event: 'call.ended', reason: 'cancelled',
      call: { ...RANG, uncertain: ['ringingAt'], state: 'ended', vendorState: 'Released', endReason: 'cancelled', endedBy: 'remote', endedAt: '2026-01-01T10:00:15.000Z' } as EventDraft['call']
    }]
  },
  'CallOriginatingEvent-1': {
    expect: [{ event: 'call.originated', time: START, call: { ...OUTBOUND, state: 'initiated', vendorState: 'Alerting', to: { number: '+12025550199' }, remote: { number: '+12025550199' } } as EventDraft['call'] }]
  },
  'CallOriginatedEvent-1': {
    after: ['CallOriginatingEvent-1'],
    expect: [{
      event: 'call.updated', changes: ['state', 'to', 'scope', 'remote', 'device'],
      call: { ...OUTBOUND, state: 'dialing', vendorState: 'Alerting', scope: 'external', to: CAROL_PARTY, remote: CAROL_PARTY, device: DEVICE } as EventDraft['call']
    }]
  },
  'CallReleasingEvent-1': {
    after: ['CallOriginatedEvent-1'],
    expect: [{ event: 'call.failed', reason: 'invalidNumber', cause: { code: '111', text: 'User Not Found' } }]
  },
  'CallReleasedEvent-3': {
    after: ['CallOriginatedEvent-1'],
    expect: [
      { event: 'call.failed', reason: 'busy', cause: { code: '017', text: 'Busy', q850: 17, sip: 486 } },
      { event: 'call.ended', reason: 'busy', cause: { code: '017', text: 'Busy', q850: 17, sip: 486 }, time: '2026-01-01T10:00:05.000Z' }
    ]
  },
  'CallHeldEvent-2': { expect: [{ event: 'call.held', timeSource: undefined }] },
  'CallRedirectedEvent-1': {
    after: TALK,
    expect: [
      {
        event: 'call.transferred', reason: 'transferred', time: '2026-01-01T10:00:30.000Z',
        call: { ...TALKED, state: 'active', vendorState: 'Detached', transfer: { kind: 'blind', role: 'transferor', to: ALICE_PARTY } } as EventDraft['call']
      },
      {
        event: 'call.ended', reason: 'transferred', time: '2026-01-01T10:00:30.001Z',
        call: {
          ...TALKED, state: 'ended', vendorState: 'Detached', endReason: 'transferred', endedAt: '2026-01-01T10:00:30.001Z',
          transfer: { kind: 'blind', role: 'transferor', to: ALICE_PARTY }
        } as EventDraft['call']
      }
    ]
  },
  'CallRedirectedEvent-2': {
    after: ['CallReceivedEvent-1'],
    expect: [
      { event: 'call.redirected', reason: 'forwarded', call: { ...RANG, uncertain: ['ringingAt'], state: 'ringing', vendorState: 'Detached', remote: { number: '+12025550177' } } as EventDraft['call'] },
      {
        event: 'call.ended', reason: 'forwarded',
        call: {
          ...RANG, uncertain: ['ringingAt'], state: 'ended', vendorState: 'Detached', remote: { number: '+12025550177' }, endReason: 'forwarded', endedAt: '2026-01-01T10:00:00.011Z'
        } as EventDraft['call']
      }
    ]
  },
  'CallRedirectedEvent-3': {
    after: [...TALK, 'CallHeldEvent-1'],
    expect: [{ event: 'call.transferred', reason: 'transferred' }, { event: 'call.ended', reason: 'transferred' }, { event: 'call.ended', reason: 'transferred' }]
  },
  'CallTransferredEvent-1': { expect: [{ event: 'call.answered' }] },
  'CallReceivedEvent-3': {
    expect: [{
      event: 'call.ringing',
      call: {
        ...RANG, id: 'bob@example.com/callhalf-1303:0', vendorId: 'callhalf-1303:0', correlationId: '320:1', startedAt: '2026-01-01T10:01:45.000Z', ringingAt: '2026-01-01T10:01:45.000Z',
        state: 'ringing', vendorState: 'Alerting', uncertain: ['ringingAt'], agent: { id: 'bob@example.com', name: 'Bob Keller' },
        queue: { id: 'support@example.com', name: 'Support', number: '+12025550150', waitMs: 5000 },
        dialed: { number: '+12025550150', name: 'Support', userId: 'support@example.com', kind: 'queue' }
      } as EventDraft['call']
    }]
  },
  'CallDetachedEvent-1': { after: ['CallReceivedEvent-3'], expect: [{ event: 'call.ended', reason: 'unknown', time: '2026-01-01T10:00:20.000Z' }] },
  'CallRecordingStartedEvent-1': { after: TALK, expect: [{ event: 'call.recording' }] },
  'CallRecordingPausedEvent-1': { after: [...TALK, 'CallRecordingStartedEvent-1'], expect: [{ event: 'call.recording' }] },
  'CallRecordingStoppedEvent-1': { after: [...TALK, 'CallRecordingStartedEvent-1'], expect: [{ event: 'call.recording' }] },
  'ConferenceStartedEvent-1': { after: TALK, expect: [{ event: 'call.conferenced' }] },
  'ConferenceReleasedEvent-1': { after: [...TALK, 'ConferenceStartedEvent-1'], expect: [{ event: 'call.updated', changes: ['conference'] }] },
  'DoNotDisturbEvent-1': { expect: [{ event: 'dnd.changed', dnd: { enabled: true, ringSplash: false }, user: BOB }] },
  'DoNotDisturbEvent-2': { after: ['DoNotDisturbEvent-1'], expect: [{ event: 'dnd.changed', dnd: { enabled: false } }] },
  'CallForwardingAlwaysEvent-1': {
    expect: [{ event: 'forwarding.changed', forwarding: { user: BOB, rules: { always: { enabled: true, to: '+12025550177', ringSplash: false } }, changed: ['always'], complete: false } }]
  },
  'CallForwardingNoAnswerEvent-1': {
    after: ['CallForwardingBusyEvent-1'],
    expect: [{
      event: 'forwarding.changed',
      forwarding: { user: BOB, rules: { busy: { enabled: false }, noAnswer: { enabled: true, to: '+12025550177', rings: 4 } }, changed: ['noAnswer'], complete: false }
    }]
  },
  'CallForwardingBusyEvent-1': { expect: [{ event: 'forwarding.changed' }] },
  'RemoteOfficeEvent-1': { expect: [{ event: 'feature.changed', feature: { name: 'remoteOffice', enabled: true, value: '+12025550188' } }] },
  'HotelingGuestEvent-1': { expect: [{ event: 'feature.changed', feature: { name: 'hoteling', enabled: true, value: 'desk7@example.com' } }] },
  'CallParkedAgainstEvent-1': { expect: [{ event: 'call.parked', reason: 'parked' }] },
  'CallParkedAgainstEvent-2': { after: ['CallParkedAgainstEvent-1'], expect: [{ event: 'call.unparked' }, { event: 'call.ended', reason: 'unknown' }] },
  'VoiceMailMessageSummaryEvent-1': { expect: [{ event: 'voicemail.updated', voicemail: { newMessages: 1, oldMessages: 3, newUrgent: 0, oldUrgent: 0, waiting: true } }] },
  'VoiceMailMessageSummaryEvent-2': {
    after: ['VoiceMailMessageSummaryEvent-1'],
    expect: [{ event: 'voicemail.updated', voicemail: { newMessages: 0, oldMessages: 0, newUrgent: 0, oldUrgent: 0, waiting: false } }]
  },
  'AgentStateEvent-1': {
    expect: [{
      event: 'agent.notReady', time: '2026-01-01T10:06:40.000Z', timeSource: 'vendor',
      agent: {
        id: 'bob@example.com', name: 'Bob Keller', number: '2025550102', user: BOB, state: 'notReady', routing: 'notReady', reason: { id: 'LUNCH' },
        since: '2026-01-01T10:06:40.000Z', loggedInAt: '2026-01-01T09:00:00.000Z', vendorState: 'Unavailable'
      }
    }]
  },
  'AgentStateEvent-2': { expect: [{ event: 'agent.wrapUp' }] },
  'ACDAgentJoinUpdateEvent-1': { expect: [{ event: 'agent.queueJoined' }] },
  'AgentDispositionCodeAddedEvent-1': { after: ['CallReceivedEvent-3'], expect: [{ event: 'call.disposition' }] },
  'ACDCallAddedEvent-1': {
    target: 'support@example.com',
    expect: [
      { event: 'call.queued', time: '2026-01-01T10:01:40.000Z', user: undefined, call: { ...ENTRY, state: 'queued', queue: { ...QUEUE, position: 1 } } as EventDraft['call'] },
      { event: 'queue.updated', queue: { id: 'support@example.com', name: 'Support', number: '2025550150', waiting: 1, oldestJoinedAt: '2026-01-01T10:01:40.000Z' } }
    ]
  },
  'ACDCallAnsweredByAgentEvent-1': {
    after: ['ACDCallAddedEvent-1'],
    target: 'support@example.com',
    expect: [
      {
        event: 'call.dequeued', reason: 'normal', time: '2026-01-01T10:01:49.000Z',
        call: {
          ...ENTRY, state: 'ended', endedAt: '2026-01-01T10:01:49.000Z', endReason: 'normal', queue: { ...QUEUE, position: 1, waitMs: 9000 },
          agent: { id: 'bob@example.com', name: 'Bob Keller', number: '2025550102' }, related: [{ kind: 'agentLeg', id: 'bob@example.com/callhalf-1303:0' }]
        } as EventDraft['call']
      },
      { event: 'queue.updated', queue: { id: 'support@example.com', name: 'Support', number: '2025550150', waiting: 0 } }
    ]
  },
  'ACDCallOverflowedEvent-1': {
    after: ['ACDCallAddedEvent-1'],
    target: 'support@example.com',
    expect: [{ event: 'call.dequeued', reason: 'overflow', cause: { text: 'time' } }, { event: 'queue.updated' }]
  },
  'ACDNightServiceEvent-1': { target: 'support@example.com', expect: [{ event: 'queue.updated', changes: ['mode'] }] },
  'CallCenterMonitoringEvent-1': {
    target: 'support@example.com',
    expect: [
      {
        event: 'stats.updated',
        stats: {
          subject: { kind: 'queue', id: 'support@example.com', name: 'Support' }, window: { kind: 'other' }, metrics: { avgHandle: 184, avgSpeedOfAnswer: 21 }, source: 'vendor',
          vendorMetrics: {
            averageHandlingTime: 184, expectedWaitTime: 60, averageSpeedOfAnswer: 21, longestWaitTime: 35, numCallsInQueue: 2, numAgentsAssigned: 5, numAgentsStaffed: 3,
            numStaffedAgentsIdle: 0, numStaffedAgentsUnavailable: 1
          }
        }
      },
      { event: 'queue.updated', queue: { id: 'support@example.com', name: 'Support', number: '2025550150', waiting: 0, estimatedWaitSeconds: 60, agents: { assigned: 5, loggedIn: 3, ready: 0, notReady: 1 } } }
    ]
  },
  // Servers before release 19 write figures and times without a severity beside them.
  'CallCenterMonitoringEvent-2': {
    target: 'support@example.com',
    expect: [
      { event: 'stats.updated' },
      { event: 'queue.updated', queue: { id: 'support@example.com', name: 'Support', number: '2025550150', waiting: 0, estimatedWaitSeconds: 60, agents: { assigned: 5, loggedIn: 3, ready: 0, notReady: 1 } } }
    ]
  },
  'AgentStateEvent-3': {
    expect: [{ event: 'agent.ready', time: '2026-01-01T10:06:40.000Z', agent: { id: 'bob@example.com', name: 'Bob Keller', number: '2025550102', user: BOB, state: 'ready', routing: 'ready', vendorState: 'Available', since: '2026-01-01T10:06:40.000Z', loggedInAt: '2026-01-01T09:00:00.000Z' } }]
  },
  // A sign-in in 1970 is none.
  'AgentStateEvent-4': { expect: [{ event: 'agent.wrapUp', time: '2026-01-01T10:06:40.000Z' }] },
  'CallBargedInEvent-1': {
    after: TALK,
    expect: [{
      event: 'call.monitored', changes: ['correlationId', 'monitoredBy', 'recording', 'remote', 'scope'],
      call: {
        ...TALKED, state: 'active', vendorState: 'Active', correlationId: '340:1', scope: 'internal', monitoredBy: { mode: 'bargeIn' }, recording: { state: 'on' },
        remote: { number: '1003', extension: '1003', name: 'Dave Osei', userId: 'dave@example.com', kind: 'user' }
      } as EventDraft['call']
    }]
  },
  'CallUpdatedEvent-2': {
    after: [...TALK, 'CallBargedInEvent-1'],
    expect: [{ event: 'call.updated', changes: ['correlationId', 'monitoredBy', 'remote', 'scope'], call: { ...TALKED, state: 'active', vendorState: 'Active', recording: { state: 'on' } } as EventDraft['call'] }]
  },
  'ConferenceStartedEvent-2': {
    after: TALK,
    expect: [{
      event: 'call.conferenced',
      call: { ...TALKED, state: 'active', vendorState: 'Active', conference: conferenceOf('bargeIn', 'active') } as EventDraft['call']
    }]
  },
  'ConferenceHeldEvent-1': {
    after: [...TALK, 'ConferenceStartedEvent-2'],
    expect: [{ event: 'call.updated', changes: ['conference'], call: { ...TALKED, state: 'active', vendorState: 'Active', conference: conferenceOf('bargeIn', 'held') } as EventDraft['call'] }]
  },
  'CallCollectingEvent-1': { expect: [{ event: 'call.originated' }] },
  'CallRecordingStoppedEvent-2': {
    after: ['CallReceivedEvent-1'],
    expect: [{ event: 'call.recording', call: { ...RANG, line: 1, state: 'ringing', vendorState: 'Alerting', recording: { state: 'failed' } } as EventDraft['call'] }]
  },
  'CallHistoryEvent-1': { expect: [{ event: 'vendor.CallHistoryEvent' }] }
}

/** Only the keys that the row names; the conversation is the session's affair, and the order of `changes` says nothing. */
function looked (draft: EventDraft, row: Partial<EventDraft>): unknown {
  const known = draft as unknown as Record<string, unknown>
  const seen = Object.fromEntries(Object.keys(row).map((key) => [key, known[key]])) as Partial<EventDraft>
  if (seen.call !== undefined) seen.call = { ...seen.call }
  delete seen.call?.conversationId
  return sorted(seen)
}

function sorted (draft: Partial<EventDraft>): Partial<EventDraft> {
  return draft.changes === undefined ? draft : { ...draft, changes: [...draft.changes].sort() }
}

describe('XSI: events as neutral drafts', () => {
  const samples = readdirSync(join(__dirname, '..', 'golden', 'xsi')).filter((name) => name.endsWith('.xml')).map((name) => name.slice(0, -4))

  it('has a row for every recorded sample that is a change', () => {
    const changes = samples.filter((name) => !SNAPSHOT_EVENTS.has(name.replace(/-\d+$/, '')))
    assert.deepEqual(changes.filter((name) => ROWS[name] === undefined), [])
  })

  for (const [name, row] of Object.entries(ROWS)) {
    it(`${name}: ${row.expect.map(({ event }) => event).join(', ')}`, () => {
      const world = new World()
      const envelope = { target: row.target }
      for (const before of row.after ?? []) world.sample(before, envelope)
      const drafts = world.sample(name, envelope)
      assert.deepEqual(names(drafts), row.expect.map(({ event }) => event))
      row.expect.forEach((expected, index) => assert.deepEqual(looked(drafts[index], expected), sorted({ ...expected })))
    })
  }

  it('gives a type without a neutral word as vendor event under its own name', () => {
    for (const type of ['FlexibleSeatingGuestEvent', 'N-WayCallEvent', 'RoutePointCallReceivedEvent', 'ACDCallStrandedTreatmentCompletedEvent', 'SomethingNewEvent']) {
      assert.deepEqual(names(new World().play(data(type))), [`vendor.${type}`])
    }
  })

  it('never throws on events whose data is not what it should be', () => {
    const bodies = ['', '<xsi:call/>', '<xsi:call>text</xsi:call>', '<xsi:call><xsi:callId/></xsi:call>', '<xsi:calls/>', '<xsi:call><xsi:callId>x</xsi:callId></xsi:call>',
      '<xsi:conference/>', '<xsi:queueEntry/>', '<xsi:info>text</xsi:info>', '<xsi:agentStateInfo><xsi:state>Odd</xsi:state></xsi:agentStateInfo>']
    for (const name of samples) {
      const type = name.replace(/-\d+$/, '')
      for (const body of bodies) for (const target of ['bob@example.com', 'support@example.com']) assert.doesNotThrow(() => new World().play(data(type, body), { target }), `${type} ${body}`)
    }
  })

  it('takes the mode and the person of a monitored call from the supervisor\'s own leg, and clears it when he is gone', () => {
    const world = new World()
    for (const name of TALK) world.sample(name)
    const alice = callXml({ id: 'callhalf-1501:0', ext: '350:1', personality: 'Originator', state: 'Active', remote: BOB_REMOTE, answer: 1767261610000 })
    const conference = (kind: string): string => data('ConferenceUpdatedEvent', `<xsi:conference><xsi:state>Active</xsi:state><xsi:muted/><xsi:conferenceType>${kind}</xsi:conferenceType><xsi:conferenceParticipantList><xsi:conferenceParticipant><xsi:callId>callhalf-1501:0</xsi:callId></xsi:conferenceParticipant></xsi:conferenceParticipantList></xsi:conference>`)
    const bob = data('CallMonitoredEvent', callXml({ state: 'Active', answer: 1767261604500, more: '<xsi:endpoint xsi1:type="xsi:AccessEndpoint"><xsi:addressOfRecord>12025550102@sip.example.com</xsi:addressOfRecord></xsi:endpoint><xsi:appearance>1</xsi:appearance>' }))
    world.play(data('CallAnsweredEvent', alice), { target: 'alice@example.com' })
    world.play(conference('Supervisor Coached'), { target: 'alice@example.com' })
    const party = { number: '2025550101', name: 'Alice Martin', userId: 'alice@example.com', kind: 'user' }
    assert.deepEqual(world.play(bob).map(({ event, call }) => [event, call?.monitoredBy]), [['call.monitored', { mode: 'whisper', party }]])
    world.play(conference('Barge-In'), { target: 'alice@example.com' })
    assert.deepEqual(world.play(bob).map(({ event, call }) => [event, call?.monitoredBy]), [['call.monitored', { mode: 'bargeIn', party }]])
    assert.deepEqual(world.play(bob.replace('CallMonitoredEvent', 'CallUpdatedEvent')).map(({ event, changes, call }) => [event, changes, call?.monitoredBy]), [['call.updated', ['monitoredBy'], undefined]])
  })

  it('keeps a call monitored through an update that tells something else', () => {
    const world = new World()
    for (const name of [...TALK, 'CallBargedInEvent-1']) world.sample(name)
    const [draft] = world.play(golden('CallBargedInEvent-1').replace('CallBargedInEvent', 'CallUpdatedEvent').replace('</xsi:call>', '<xsi:clientSessionInfo>ticket 7</xsi:clientSessionInfo></xsi:call>'))
    assert.deepEqual([draft.changes, draft.call?.monitoredBy], [['data'], { mode: 'bargeIn' }])
  })

  it('reads calls of platforms that leave out what the event says, write dates, or put the call into the data itself', () => {
    const bare = '<xsi:callId>callhalf-1601:0</xsi:callId><xsi:startTime>2026-01-01T13:00:00+03:00</xsi:startTime><xsi:remoteParty><xsi:address>tel:+12025550199</xsi:address></xsi:remoteParty>'
    for (const body of [bare, `<xsi:call>${bare}</xsi:call>`]) {
      const [{ event, call }] = new World().play(data('CallReceivedEvent', body))
      assert.deepEqual([event, call?.direction, call?.state, call?.startedAt, call?.from?.number], ['call.ringing', 'inbound', 'ringing', START, '+12025550199'])
    }
  })

  it('ends a leg that any event shows as over, once', () => {
    const world = new World()
    for (const name of TALK) world.sample(name)
    const over = data('CallUpdatedEvent', callXml({ state: 'Released', answer: 1767261604500 }).replace('<xsi:remoteParty>', '<xsi:releasingParty>remoteRelease</xsi:releasingParty><xsi:remoteParty>'))
    assert.deepEqual(world.play(over).map(({ event, reason }) => [event, reason]), [['call.ended', 'normal']])
    assert.deepEqual(world.play(over), [])
  })

  it('falls back to the target of the subscription when the envelope names none', () => {
    const world = new World()
    const [draft] = reduce(world.picture, eventOf(golden('CallReceivedEvent-1'), { target: null }), world.context())
    assert.equal(draft.call?.owner.id, 'bob@example.com')
    const [unknown] = reduce(world.picture, eventOf(golden('CallReceivedEvent-1'), { target: null, subscriptionId: 'other' }), world.context())
    assert.equal(unknown.event, 'vendor.CallReceivedEvent')
  })
})
