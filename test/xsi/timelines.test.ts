import assert from 'node:assert/strict'
import type { EventDraft } from '../../src/session/types'
import { freeDrafts } from '../../src/xsi/agentMapping'
import { stateOf } from '../../src/xsi/legs'
import { callsSnapshot, snapshotOf } from '../../src/xsi/snapshot'
import { ALICE, callXml, CAROL, data, eventOf, golden, names, NOW, World } from './world'

const BOB_ID = 'bob@example.com'
const LEG = `${BOB_ID}/callhalf-1207:0`
const one = (type: string, call: string): string => data(type, call)
const last = (drafts: readonly EventDraft[]): EventDraft => drafts.at(-1) as EventDraft

describe('XSI: states of a call', () => {
  const rows: [string, string, Parameters<typeof stateOf>[2], string][] = [
    ['Terminator', 'Alerting', undefined, 'ringing'], ['Click-to-Dial', 'Alerting', undefined, 'initiated'], ['Originator', 'Alerting', undefined, 'dialing'],
    ['Originator', 'Alerting', { state: 'remoteRinging' }, 'remoteRinging'], ['Terminator', 'Active', undefined, 'active'], ['Originator', 'Held', undefined, 'held'],
    ['Originator', 'Remote Held', undefined, 'held'], ['Originator', 'Released', undefined, 'ended'], ['Terminator', 'Detached', undefined, 'ended'],
    ['Terminator', 'Alerting', { state: 'active', answeredAt: 'x' }, 'remoteRinging']
  ]
  for (const [personality, state, known, expected] of rows) {
    it(`${personality}, ${state}${known === undefined ? '' : `, was ${known.state}`}: ${expected}`, () => assert.equal(stateOf(personality, state, known), expected))
  }
})

describe('XSI: timelines', () => {
  let world: World
  beforeEach(() => { world = new World() })

  function talk (): void {
    for (const name of ['CallReceivedEvent-1', 'CallUpdatedEvent-1', 'CallAnsweredEvent-1']) world.sample(name)
  }

  it('a missed call rings, is updated and ends as cancelled', () => {
    const all = ['CallReceivedEvent-1', 'CallUpdatedEvent-1', 'CallReleasedEvent-2'].flatMap((name) => names(world.sample(name)))
    assert.deepEqual(all, ['call.ringing', 'call.updated', 'call.ended'])
  })

  it('an ended leg stays ended, whatever comes late', () => {
    talk()
    world.sample('CallReleasedEvent-1')
    for (const name of ['CallReleasedEvent-1', 'CallUpdatedEvent-1', 'CallRedirectedEvent-1', 'CallAnsweredEvent-1']) assert.deepEqual(world.sample(name), [], name)
  })

  it('Redirected and then Detached or Released end a leg once', () => {
    talk()
    assert.equal(last(world.sample('CallRedirectedEvent-1')).event, 'call.ended')
    assert.deepEqual(world.play(one('CallDetachedEvent', callXml({ state: 'Detached' }))), [])
    assert.deepEqual(world.sample('CallReleasedEvent-1'), [])
  })

  it('a second answer after a blind transfer by the other side is an update', () => {
    talk()
    const moved = world.play(one('CallUpdatedEvent', callXml({ state: 'Alerting', remote: ALICE, answer: 1767261604500 })))
    assert.deepEqual(names(moved), ['call.updated'])
    assert.equal(moved[0].call?.state, 'remoteRinging')
    assert.equal(moved[0].call?.from?.name, 'Carol Diaz', 'who called stays')
    assert.equal(moved[0].call?.remote?.name, 'Alice Martin')
    const again = world.play(one('CallAnsweredEvent', callXml({ state: 'Active', remote: ALICE, answer: 1767261604500 })))
    assert.deepEqual(names(again), ['call.updated'])
    assert.equal(again[0].call?.answeredAt, '2026-01-01T10:00:04.500Z')
  })

  it('click-to-dial: originated once, dialing, far end rings, answered', () => {
    const all = [
      world.sample('CallOriginatingEvent-1'), world.sample('CallOriginatedEvent-1'),
      world.play(one('CallUpdatedEvent', callXml({ id: 'callhalf-1201:0', ext: '310:1', personality: 'Originator', state: 'Alerting' }))),
      world.play(one('CallAnsweredEvent', callXml({ id: 'callhalf-1201:0', ext: '310:1', personality: 'Originator', state: 'Active', answer: 1767261609000 })))
    ].flat()
    assert.deepEqual(names(all), ['call.originated', 'call.updated', 'call.remoteRinging', 'call.answered'])
    assert.deepEqual(all.map(({ call }) => call?.state), ['initiated', 'dialing', 'remoteRinging', 'active'])
    assert.equal(last(all).call?.direction, 'outbound')
  })

  it('click-to-dial that nobody lifts ends without having failed', () => {
    world.sample('CallOriginatingEvent-1')
    const drafts = world.play(one('CallReleasedEvent', callXml({ id: 'callhalf-1201:0', personality: 'Click-to-Dial', state: 'Released', more: '<xsi:releasingParty>localRelease</xsi:releasingParty>' })))
    assert.deepEqual(names(drafts), ['call.ended'])
    assert.equal(drafts[0].reason, 'cancelled')
  })

  it('an announcement is one failure, and the release after it only the end', () => {
    world.sample('CallOriginatedEvent-1')
    assert.deepEqual(names(world.sample('CallReleasingEvent-1')), ['call.failed'])
    assert.deepEqual(names(world.sample('CallReleasedEvent-3')), ['call.ended'])
  })

  it('hold by the other side, then by us: held, updated to both; resume ends ours', () => {
    talk()
    const remote = world.play(one('CallHeldEvent', callXml({ state: 'Remote Held', answer: 1767261604500 })))
    assert.deepEqual([names(remote), remote[0].call?.heldBy], [['call.held'], 'remote'])
    const both = world.play(one('CallHeldEvent', callXml({ state: 'Held', answer: 1767261604500, tail: '<xsi:heldTime>1767261620000</xsi:heldTime>' })))
    assert.deepEqual([names(both), both[0].call?.heldBy], [['call.updated'], 'both'])
    const back = world.play(one('CallRetrievedEvent', callXml({ state: 'Active', answer: 1767261604500 })))
    assert.deepEqual([names(back), back[0].call?.heldBy], [['call.resumed'], undefined])
  })

  it('an event for an unknown leg makes it known in the state it is in', () => {
    assert.deepEqual(names(world.sample('CallHeldEvent-1')), ['call.held'])
    assert.deepEqual(names(world.sample('CallRetrievedEvent-1')), ['call.resumed'])
  })

  it('attended transfer at the transferor: one transferred with both sides, two ends', () => {
    talk()
    world.sample('CallHeldEvent-1')
    world.play(one('CallAnsweredEvent', callXml({ id: 'callhalf-1209:0', ext: '312:1', personality: 'Originator', state: 'Active', remote: ALICE, start: 1767261640000, answer: 1767261645000 })))
    const drafts = world.sample('CallRedirectedEvent-3')
    assert.deepEqual(drafts.map(({ event, call }) => [event, call?.vendorId]), [['call.transferred', 'callhalf-1207:0'], ['call.ended', 'callhalf-1207:0'], ['call.ended', 'callhalf-1209:0']])
    assert.deepEqual(drafts[0].call?.transfer, { kind: 'attended', role: 'transferor', to: { number: '1001', name: 'Alice Martin', userId: 'alice@example.com', extension: '1001', kind: 'user' } })
    assert.equal(drafts[0].call?.state, 'held')
    assert.deepEqual(drafts[2].call?.related, [{ kind: 'consultOf', id: LEG }])
    assert.equal([...world.picture.calls()].length, 0)
  })

  it('transfer while the consulted phone rings is early', () => {
    talk()
    world.sample('CallHeldEvent-1')
    world.play(one('CallOriginatedEvent', callXml({ id: 'callhalf-1209:0', ext: '312:1', personality: 'Originator', state: 'Alerting', remote: ALICE, start: 1767261640000 })))
    const xml = golden('CallRedirectedEvent-3').replace('<xsi:answerTime>1767261645000</xsi:answerTime>', '')
    assert.equal(world.play(xml)[0].call?.transfer?.kind, 'early')
  })

  it('the consulted one is the target, the one passed on the transferee', () => {
    const target = { target: 'alice@example.com' }
    const bob = '<xsi:name>Bob Keller</xsi:name><xsi:address>tel:1002</xsi:address><xsi:userId>bob@example.com</xsi:userId><xsi:callType>Group</xsi:callType>'
    world.play(one('CallAnsweredEvent', callXml({ id: 'callhalf-1210:0', ext: '312:1', state: 'Active', remote: bob, start: 1767261640000, answer: 1767261645000 })), target)
    const [consulted] = world.sample('CallTransferredEvent-1', target)
    assert.equal(consulted.event, 'call.transferred')
    assert.deepEqual([consulted.call?.transfer?.kind, consulted.call?.transfer?.role, consulted.call?.transfer?.by?.name, consulted.call?.transfer?.from?.name], ['attended', 'target', 'Bob Keller', 'Carol Diaz'])
    assert.equal(consulted.call?.correlationId, '311:1')
    world.play(one('CallAnsweredEvent', callXml({ state: 'Active', remote: bob, answer: 1767261604500 })))
    const [passed] = world.play(one('CallTransferredEvent', callXml({ state: 'Active', remote: ALICE, answer: 1767261604500 })))
    assert.deepEqual([passed.call?.transfer?.role, passed.call?.transfer?.to?.name], ['transferee', 'Alice Martin'])
  })

  it('forwarding before anybody rang leaves the ringing uncertain; a phone that showed the call makes it certain', () => {
    world.sample('CallReceivedEvent-1')
    assert.deepEqual(last(world.sample('CallRedirectedEvent-2')).call?.uncertain, ['ringingAt'])
    world = new World()
    world.sample('CallReceivedEvent-1')
    assert.equal(world.sample('CallUpdatedEvent-1')[0].call?.uncertain, undefined)
    world = new World()
    world.advancedCall = false
    assert.equal(world.sample('CallReceivedEvent-1')[0].call?.uncertain, undefined)
  })

  it('withheld identity: private, without a made-up name', () => {
    const [draft] = world.play(one('CallReceivedEvent', callXml({ state: 'Alerting', remote: '<xsi:privacy/><xsi:callType>Network</xsi:callType>' })))
    assert.deepEqual(draft.call?.from, { private: true, kind: 'external' })
  })

  it('the callers name that comes later completes from', () => {
    world.play(one('CallReceivedEvent', callXml({ state: 'Alerting', remote: '<xsi:address>tel:+12025550199</xsi:address>' })))
    const [draft] = world.play(one('CallUpdatedEvent', callXml({ state: 'Alerting' })))
    assert.deepEqual(draft.changes?.sort(), ['from', 'remote', 'scope'])
    assert.equal(draft.call?.from?.name, 'Carol Diaz')
  })

  it('nothing changed, nothing said', () => {
    talk()
    assert.deepEqual(world.play(one('CallUpdatedEvent', golden('CallAnsweredEvent-1').replace(/^<xsi:eventData[^>]*>|<\/xsi:eventData>$/g, ''))), [])
    world.sample('HookStatusEvent-1')
    assert.deepEqual(world.sample('HookStatusEvent-1'), [])
    world.sample('CallForwardingAlwaysEvent-1')
    assert.deepEqual(world.sample('CallForwardingAlwaysEvent-1'), [])
    world.sample('RemoteOfficeEvent-1')
    assert.deepEqual(world.sample('RemoteOfficeEvent-1'), [])
  })

  it('an unanswered leg of a call that a colleague took was answered elsewhere', () => {
    world.sample('CallReceivedEvent-1')
    world.play(one('CallAnsweredEvent', callXml({ id: 'callhalf-1300:0', state: 'Active', answer: 1767261604500 })), { target: 'alice@example.com' })
    assert.equal(last(world.sample('CallReleasedEvent-2')).reason, 'answeredElsewhere')
  })

  it('our own park and reject explain the end', () => {
    talk()
    world.marks.set(LEG, { kind: 'park', slot: { number: '2222', kind: 'park' } })
    const parked = world.sample('CallReleasedEvent-1')
    assert.deepEqual(names(parked), ['call.parked', 'call.ended'])
    assert.deepEqual([parked[0].call?.to, parked[0].call?.state, parked[1].reason], [{ number: '2222', kind: 'park' }, 'active', 'parked'])
    world = new World()
    world.sample('CallReceivedEvent-1')
    world.marks.set(LEG, { kind: 'reject' })
    assert.deepEqual([last(world.sample('CallReleasedEvent-2'))].map(({ reason, call }) => [reason, call?.endedBy]), [['rejected', 'local']])
  })

  it('recordings may end after the call', () => {
    talk()
    world.sample('CallRecordingStartedEvent-1')
    world.sample('CallReleasedEvent-1')
    const [draft] = world.sample('CallRecordingStoppedEvent-1')
    assert.deepEqual([draft.event, draft.call?.recording?.state, draft.call?.state], ['call.recording', 'off', 'ended'])
  })

  it('a failed recording is told as failed', () => {
    talk()
    world.sample('CallRecordingStartedEvent-1')
    const [draft] = world.play(golden('CallRecordingStoppedEvent-1').replace('User Requested', 'Failure'))
    assert.equal(draft.call?.recording?.state, 'failed')
  })

  it('recalls ring again', () => {
    const [draft] = world.play(one('CallReceivedEvent', callXml({ state: 'Alerting', more: '<xsi:recallType>Call Transfer Recall</xsi:recallType>' })))
    assert.deepEqual([draft.event, draft.call?.recall], ['call.ringing', 'transfer'])
  })

  it('monitoring, barge-in, pick-up and retrieved parking have their own events', () => {
    talk()
    const body = callXml({ ext: '399:1', state: 'Active', answer: 1767261604500 })
    assert.deepEqual(names(world.play(one('CallMonitoredEvent', body))), ['call.monitored'])
    const [barged] = world.play(one('CallBargedInEvent', body))
    assert.deepEqual([barged.event, barged.call?.monitoredBy], ['call.monitored', { mode: 'bargeIn' }])
    assert.deepEqual(names(world.play(one('CallParkRetrievedEvent', callXml({ ext: '400:1', state: 'Active', remote: ALICE, answer: 1767261604500 })))), ['call.unparked'])
    const [picked] = world.play(one('CallPickedUpEvent', callXml({ ext: '401:1', state: 'Active', answer: 1767261604500 })))
    assert.deepEqual([picked.event, picked.reason], ['call.updated', 'pickedUp'])
  })

  it('a call forwarded at the far end is redirected and goes on', () => {
    world.sample('CallOriginatedEvent-1')
    const [draft] = world.play(one('CallForwardedEvent', callXml({ id: 'callhalf-1201:0', personality: 'Originator', state: 'Alerting', remote: ALICE })))
    assert.deepEqual([draft.event, draft.reason, draft.call?.remote?.name, draft.call?.state], ['call.redirected', 'forwarded', 'Alice Martin', 'dialing'])
    assert.equal(draft.call?.to?.number, '+12025550199', 'what was dialled stays')
  })

  it('conference: each leg joins, changes are updates, the end is an update', () => {
    talk()
    world.play(one('CallAnsweredEvent', callXml({ id: 'callhalf-1209:0', ext: '312:1', personality: 'Originator', state: 'Active', remote: ALICE, answer: 1767261645000 })))
    const started = world.sample('ConferenceStartedEvent-1')
    assert.deepEqual(names(started), ['call.conferenced', 'call.conferenced'])
    assert.deepEqual(started[0].call?.conference?.members.map(({ party }) => party?.name), ['Carol Diaz', 'Alice Martin'])
    const members = (deaf: string): string => `<xsi:conference><xsi:state>Active</xsi:state><xsi:conferenceParticipantList><xsi:conferenceParticipant><xsi:callId>callhalf-1207:0</xsi:callId>${deaf}</xsi:conferenceParticipant><xsi:conferenceParticipant><xsi:callId>callhalf-1209:0</xsi:callId></xsi:conferenceParticipant></xsi:conferenceParticipantList></xsi:conference>`
    assert.deepEqual(names(world.play(data('ConferenceCallMutedEvent', members('<xsi:muted/>')))), ['call.updated', 'call.updated'])
    assert.deepEqual(world.play(data('ConferenceUpdatedEvent', members('<xsi:muted/>'))), [])
    assert.deepEqual(world.play(data('ConferenceMutedEvent', members('<xsi:muted/>'))).map(({ changes, call }) => [changes, call?.muted]), [[['muted'], true], [['muted'], true]])
    const ended = world.sample('ConferenceReleasedEvent-1')
    assert.deepEqual(ended.map(({ event, call }) => [event, call?.conference?.state]), [['call.updated', 'ended'], ['call.updated', 'ended']])
  })
})

describe('XSI: agents and queues over time', () => {
  let world: World
  beforeEach(() => { world = new World() })
  const state = (name: string, more = ''): string => data('AgentStateEvent', `<xsi:agentStateInfo><xsi:state>${name}</xsi:state><xsi:stateTimestamp><xsi:value>1767262000000</xsi:value>${more}</xsi:stateTimestamp></xsi:agentStateInfo>`)
  const QUEUE = { target: 'support@example.com' }

  it('tells log-in before the first state, and drops repeats for severity', () => {
    assert.deepEqual(names(world.play(state('Sign-Out'))), ['agent.loggedOut'])
    assert.deepEqual(names(world.play(state('Sign-In'))), ['agent.loggedIn'])
    assert.deepEqual(names(world.play(state('Available'))), ['agent.ready'])
    assert.deepEqual(world.play(state('Available', '<xsi:severity>1</xsi:severity><xsi:prevSeverity>0</xsi:prevSeverity>')), [])
    assert.deepEqual(names(world.play(state('Sign-Out'))), ['agent.loggedOut'])
    assert.deepEqual(names(world.play(state('Available'))), ['agent.loggedIn', 'agent.ready'])
  })

  it('tells a new reason as not ready again', () => {
    world.sample('AgentStateEvent-1')
    assert.deepEqual(world.sample('AgentStateEvent-1'), [])
    const [draft] = world.play(golden('AgentStateEvent-1').replace('LUNCH', 'BREAK'))
    assert.deepEqual([draft.event, draft.agent?.reason], ['agent.notReady', { id: 'BREAK' }])
  })

  it('busy comes from queue calls only, keeps what the agent asked for, and ends with the call', () => {
    world.play(state('Available'))
    world.sample('CallReceivedEvent-3')
    const answered = golden('CallReceivedEvent-3').replace('CallReceivedEvent', 'CallAnsweredEvent').replace('Alerting', 'Active')
    const drafts = world.play(answered)
    assert.deepEqual(names(drafts), ['call.answered', 'agent.busy'])
    assert.deepEqual([drafts[1].derived, drafts[1].agent?.routing], [true, 'ready'])
    assert.deepEqual(world.play(state('Available')), [], 'the state of the vendor does not end it')
    const [later] = world.play(state('Unavailable'))
    assert.deepEqual([later.event, later.agent?.state, later.agent?.routing], ['agent.updated', 'busy', 'notReady'])
    world.play(answered.replace('CallAnsweredEvent', 'CallReleasedEvent').replace('Active', 'Released'))
    const free = freeDrafts(world.picture, BOB_ID, NOW)
    assert.deepEqual(names(free), ['agent.notReady'])
    assert.deepEqual(freeDrafts(world.picture, 'nobody', NOW), [])
  })

  it('queue entry: added, offered to the agent who rings, bounced, answered', () => {
    world.sample('ACDCallAddedEvent-1', QUEUE)
    assert.deepEqual(world.sample('CallReceivedEvent-3')[0].call?.related, [{ kind: 'queueLeg', id: 'support@example.com/callhalf-1301:0' }])
    const entry = (type: string, more = ''): string => golden('ACDCallAddedEvent-1').replace('ACDCallAddedEvent', type).replace('<xsi:acdName>', `${more}<xsi:acdName>`)
    const [offered] = world.play(entry('ACDCallOfferedToAgentEvent'), QUEUE)
    assert.deepEqual([offered.event, offered.call?.state, offered.call?.queue?.offeredTo?.id], ['call.offered', 'queued', BOB_ID])
    const [bounced] = world.play(entry('ACDCallBouncedEvent', '<xsi:bounced/>'), QUEUE)
    assert.deepEqual([bounced.event, bounced.call?.queue?.bounced, bounced.call?.queue?.offeredTo], ['call.updated', true, undefined])
    const answered = world.sample('ACDCallAnsweredByAgentEvent-1', QUEUE)
    assert.deepEqual(names(answered), ['call.dequeued', 'queue.updated'])
    assert.equal(answered[1].queue?.waiting, 0)
    assert.deepEqual(world.sample('ACDCallAnsweredByAgentEvent-1', QUEUE), [])
  })

  it('joins queue leg and agent leg by the answer when their tracking ids differ', () => {
    world.sample('ACDCallAddedEvent-1', QUEUE)
    world.play(golden('CallReceivedEvent-3').replace('320:1', '321:1'))
    const answered = world.sample('ACDCallAnsweredByAgentEvent-1', QUEUE)
    assert.deepEqual(names(answered), ['call.dequeued', 'call.updated', 'queue.updated'])
    assert.deepEqual(answered[1].call?.related, [{ kind: 'queueLeg', id: 'support@example.com/callhalf-1301:0' }])
  })

  const leaving: [string, string][] = [
    ['ACDCallAbandonedEvent', 'abandoned'], ['ACDCallReleasedEvent', 'unknown'], ['ACDCallEscapedEvent', 'escaped'], ['ACDCallTransferredEvent', 'transferred'],
    ['ACDCallStrandedEvent', 'stranded'], ['ACDCallStrandedUnavailableEvent', 'stranded']
  ]
  for (const [type, reason] of leaving) {
    it(`${type} takes the call out of the queue: ${reason}`, () => {
      world.sample('ACDCallAddedEvent-1', QUEUE)
      const drafts = world.play(golden('ACDCallAddedEvent-1').replace('ACDCallAddedEvent', type), QUEUE)
      assert.deepEqual(names(drafts), ['call.dequeued', 'queue.updated'])
      assert.equal(drafts[0].reason, reason)
      assert.equal(drafts[0].call?.state, 'ended')
    })
  }

  it('call events of a queue are not told twice, and are used where there are no others', () => {
    assert.deepEqual(world.sample('CallReceivedEvent-1', QUEUE), [])
    world.queuesWithEvents.clear()
    assert.deepEqual(names(world.sample('CallReceivedEvent-1', QUEUE)), ['call.queued', 'queue.updated'])
    assert.deepEqual(world.sample('CallUpdatedEvent-1', QUEUE).map(({ event, call }) => [event, call?.state]), [['call.updated', 'queued']])
    const gone = world.sample('CallReleasedEvent-2', QUEUE)
    assert.deepEqual([names(gone), gone[0].reason], [['call.dequeued', 'queue.updated'], 'abandoned'])
  })

  it('night service sets the mode, and only its own end opens again', () => {
    assert.equal(world.sample('ACDNightServiceEvent-1', QUEUE)[0].queue?.mode, 'night')
    assert.deepEqual(world.play(data('ACDForcedForwardingEvent'), QUEUE), [])
    assert.equal(world.play(data('ACDNightServiceEvent'), QUEUE)[0].queue?.mode, 'open')
  })
})

describe('XSI: snapshots', () => {
  it('an idle user has no calls and a phone on hook', () => {
    const world = new World()
    const snapshot = snapshotOf(world.picture, eventOf(golden('CallSubscriptionEvent-1')), world.context(), false)
    assert.deepEqual([snapshot?.calls, snapshot?.owners, snapshot?.devices?.[0]?.device], [[], [BOB_ID], { id: BOB_ID, hook: 'on' }])
  })

  it('a resync lists the whole of the target', () => {
    const world = new World()
    const event = eventOf(golden('CallSubscriptionResyncEvent-1'))
    const snapshot = snapshotOf(world.picture, event, world.context(), false)
    assert.deepEqual(snapshot?.calls?.map(({ id, state, answeredAt }) => [id, state, answeredAt]), [[LEG, 'active', '2026-01-01T10:00:04.500Z']])
    assert.equal(snapshot?.vendorEvent, event.raw)
  })

  it('leaves calls out that are over', () => {
    const world = new World()
    const calls = eventOf(data('CallSubscriptionEvent', `<xsi:calls>${callXml({ state: 'Released' })}${callXml({ id: 'x', state: 'Held', remote: CAROL })}</xsi:calls>`))
    assert.deepEqual(snapshotOf(world.picture, calls, world.context(), false)?.calls?.map(({ vendorId }) => vendorId), ['x'])
  })

  it('agents come with their queues, queues with their entries', () => {
    const world = new World()
    const agent = snapshotOf(world.picture, eventOf(golden('AgentSubscriptionEvent-1')), world.context(), false)?.agents?.[0]
    assert.deepEqual([agent?.state, agent?.queues], ['ready', [{ id: 'support@example.com', joined: true, skill: 1 }, { id: 'billing@example.com', joined: false }]])
    const queue = snapshotOf(world.picture, eventOf(golden('ACDSubscriptionEvent-1'), { target: 'support@example.com' }), world.context(), false)
    assert.deepEqual([queue?.owners, queue?.calls?.length, queue?.queues?.[0]?.waiting], [['support@example.com'], 1, 1])
  })

  it('service events tell a present value only while a subscription is made or renewed', () => {
    const world = new World()
    const event = eventOf(golden('CallForwardingAlwaysEvent-1'))
    assert.equal(snapshotOf(world.picture, event, world.context(), false), undefined)
    assert.equal(snapshotOf(world.picture, event, world.context(), true)?.forwardings?.[0]?.rules.always?.enabled, true)
    assert.deepEqual(Object.keys(snapshotOf(world.picture, eventOf(golden('DoNotDisturbEvent-2')), world.context(), true) ?? {}), ['vendorEvent'])
  })

  it('a call parked at the user is not lost by a list of his calls', () => {
    const world = new World()
    world.sample('CallParkedAgainstEvent-1')
    const snapshot = callsSnapshot({ picture: world.picture, context: world.context() }, BOB_ID, [])
    assert.equal(snapshot.calls?.[0]?.state, 'parked')
  })
})
