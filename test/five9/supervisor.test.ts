import assert from 'node:assert/strict'
import { statisticsSnapshot } from '../../src/five9/snapshot'
import type { EventDraft } from '../../src/session/types'
import { OID, UID } from './server'
import { World } from './world'

const BEN = '3000002'
const T0 = 1763699000000
const row = (state: string, more: object = {}): Record<string, unknown> => ({
  id: BEN, callType: null, campaignId: null, customer: null, parkedCallsCount: 0, reasonCodeId: '0', state, stateSince: T0, onHoldStateSince: 0, onCallStateSince: 0, reasonCodeSince: 0, afterCallWorkStateSince: 0,
  permanentRecording: false, sessionRecording: false,
  presence: { pendingState: null, currentState: { readyChannels: ['CALL'], notReadyReasonCode: 0 } },
  channelAvailability: { Voice: { current: 0, max: 1, status: 'ready' }, Video: { current: 0, max: 1, status: 'not-enabled' }, Total: { current: 0, max: 2, status: 'ready' } }, readyChannels: '[CALL]', ...more
})
const acd = (more: object = {}): Record<string, unknown> => ({ id: '300000000000031', callsInQueue: 1, callbacksInQueue: 0, voicemailsInQueue: 2, agentsActive: 2, agentsLoggedIn: 2, agentsInQueue: 0, agentsOnCall: 1, agentsNotReadyForCalls: 1, longestQueueTime: 612000, currentLongestQueueTime: 41000, ...more })

describe('Five9: what a supervisor sees', () => {
  let world: World
  beforeEach(() => { world = new World({ role: 'supervisor' }) })
  const update = (...rows: object[]): EventDraft[] => world.feed('5012', [{ dataSource: 'AGENT_STATE', added: [], updated: rows, removed: [] }], 'supervisor')
  const told = (...rows: object[]): string[] => update(...rows).filter(({ event }) => event !== 'call.updated' && event !== 'agent.updated').map(({ event, call }) => call === undefined ? event : `${event} ${call.state}`)

  it('tells agents by state, with reason, channels and times', () => {
    assert.deepEqual(told(row('READY')), ['agent.ready'])
    const [paused] = update(row('NOT_READY', { reasonCodeId: '401101', reasonCodeSince: T0, presence: { currentState: { readyChannels: [], notReadyReasonCode: 401101 }, pendingState: { readyChannels: [], notReadyReasonCode: 401101 } } }))
    assert.equal(paused?.event, 'agent.notReady')
    assert.deepEqual(paused?.agent?.reason, { id: '401101', name: 'Lunch' })
    assert.equal(paused?.agent?.pending, undefined, 'the same state twice is nothing pending')
    assert.equal(paused?.agent?.since, new Date(T0).toISOString())
    assert.deepEqual(paused?.agent?.channels, { voice: { ready: true, current: 0, max: 1, enabled: true }, video: { ready: false, current: 0, max: 1, enabled: false } })
    assert.deepEqual(told(row('LOGGED_OUT')), ['agent.loggedOut'])
    assert.deepEqual(told(row('READY')), ['agent.loggedIn', 'agent.ready'])
    assert.deepEqual(told(row('SOMETHING_NEW')), ['agent.busy'])
  })

  it('takes the customer of a call for a name, a number, or both', () => {
    const remote = (customer: unknown): unknown => update(row('ON_CALL', { callType: 'INBOUND', onCallStateSince: T0 + 5000, customer }))[0]?.call?.remote
    assert.deepEqual([remote('Ada Lind'), remote('(555) 010-0142'), remote({ name: 'Ada Lind', number: '5550100142' }), remote({ ani: '5550100142' }), remote(null)], [
      { name: 'Ada Lind' }, { number: '(555) 010-0142' }, { number: '5550100142', name: 'Ada Lind' }, { number: '5550100142' }, { number: '5550100142' }
    ])
  })

  it('makes one call of ringing, talk, hold and end', () => {
    update(row('READY'))
    assert.deepEqual(told(row('RINGING', { callType: 'INBOUND', stateSince: T0 + 1000 })), ['call.ringing ringing', 'agent.busy'])
    const [answered] = update(row('ON_CALL', { callType: 'INBOUND', onCallStateSince: T0 + 5000, customer: 'Ada Lind', campaignId: '300000000000100' }))
    assert.equal(answered?.event, 'call.answered')
    assert.deepEqual([answered?.call?.remote, answered?.call?.campaign, answered?.call?.answeredAt], [{ name: 'Ada Lind' }, { id: '300000000000100', name: 'Inbound' }, new Date(T0 + 5000).toISOString()])
    assert.deepEqual(told(row('ON_CALL', { callType: 'INBOUND', onCallStateSince: T0 + 5000, onHoldStateSince: T0 + 9000 })), ['call.held held'])
    assert.deepEqual(told(row('ON_CALL', { callType: 'INBOUND', onCallStateSince: T0 + 5000 })), ['call.resumed active'])
    assert.deepEqual(told(row('ACW', { afterCallWorkStateSince: T0 + 20_000 })), ['call.ended ended', 'agent.wrapUp'])
    assert.equal(new Set(world.drafts.flatMap(({ call }) => call?.id ?? [])).size, 1)
    assert.equal(world.picture.agent(BEN)?.wrapUp?.callId, answered?.call?.id)
  })

  it('tells a second call when the beginning is another', () => {
    update(row('ON_CALL', { onCallStateSince: T0 + 1000 }))
    assert.deepEqual(told(row('ON_CALL', { onCallStateSince: T0 + 8000 })), ['call.ended ended', 'call.answered active'])
  })

  it('begins an outbound call when it is answered, the first that is seen of it', () => {
    update(row('READY'))
    assert.deepEqual(told(row('ON_CALL', { callType: 'OUTBOUND', onCallStateSince: T0 + 1000 })), ['call.originated dialing', 'call.answered active', 'agent.busy'])
  })

  it('follows parked calls and recording', () => {
    update(row('ON_CALL', { onCallStateSince: T0 + 1000 }))
    assert.deepEqual(told(row('ON_CALL', { onCallStateSince: T0 + 1000, sessionRecording: true })), ['call.recording active'])
    assert.deepEqual(told(row('READY', { parkedCallsCount: 1 })), ['call.parked parked', 'agent.ready'])
    assert.deepEqual(told(row('ON_CALL', { parkedCallsCount: 0, onCallStateSince: T0 + 30_000 })), ['call.unparked active', 'agent.busy'])
    assert.deepEqual(told(row('READY')), ['call.ended ended', 'agent.ready'])
  })

  it('merges rows field by field', () => {
    update(row('READY'))
    assert.deepEqual(told({ id: BEN, state: 'ON_CALL', onCallStateSince: T0 + 1 }), ['call.answered active', 'agent.busy'])
    assert.deepEqual(told({ id: BEN, customer: 'Ada Lind' }), [])
    assert.equal(world.memory.statistics.row('AGENT_STATE', BEN)?.onCallStateSince, T0 + 1)
  })

  it('knows nothing more of an agent whose row is removed, and ends his call', () => {
    update(row('ON_CALL', { onCallStateSince: T0 + 1 }))
    const drafts = world.feed('5012', [{ dataSource: 'AGENT_STATE', added: [], updated: [], removed: [BEN, 'nobody', null] }], 'supervisor')
    assert.deepEqual(drafts.map(({ event, agent }) => agent?.state ?? event), ['call.ended', 'unknown'])
  })

  it('tells queues and keeps the total of the domain apart', () => {
    const drafts = world.feed('5012', [{ dataSource: 'ACD_STATUS', added: [acd(), acd({ id: '0', callsInQueue: 9 })], updated: [], removed: [] }], 'supervisor')
    assert.deepEqual(drafts.map(({ event }) => event), ['queue.updated', 'stats.updated'])
    assert.deepEqual(drafts[0]?.queue, { id: '300000000000031', name: 'Sales', waiting: 1, longestWaitSeconds: 41, callbacksWaiting: 0, voicemailsWaiting: 2, agents: { assigned: 2, loggedIn: 2, ready: 0, notReady: 1, busy: 1 } })
    assert.deepEqual(drafts[1]?.stats?.subject, { kind: 'account', id: OID })
    assert.equal(world.picture.queue('0'), undefined)
    assert.deepEqual(world.names('5012', [{ dataSource: 'ACD_STATUS', added: [], updated: [acd()], removed: [] }], 'supervisor'), [])
  })

  it('turns figures into seconds and rates, with dispositions by name', () => {
    const figures = { totalCallsCount: 4, outboundCallsCount: 1, averageCallTime: 61500, averageHoldTime: '2000', occupancy: 0.5, loginTime: 3_600_000, dispositions: { 300000000000143: 3, '-7': 1, 5: 2 } }
    const [agent, total] = world.feed('5012', [{ dataSource: 'AGENT_STATISTIC', added: [{ id: BEN, ...figures }, { id: '', ...figures }], updated: [], removed: [] }], 'supervisor')
    assert.deepEqual(agent?.stats?.subject, { kind: 'agent', id: BEN, name: 'Ben Agent' })
    assert.deepEqual(agent?.stats?.metrics, { handled: 4, outbound: 1, avgTalk: 61.5, avgHold: 2, occupancy: 0.5, loggedInSeconds: 3600 })
    assert.deepEqual((agent?.stats?.vendorMetrics as { dispositionsByName: object }).dispositionsByName, { Sale: 3, Transferred: 1 })
    assert.equal(agent?.stats?.window.kind, 'day')
    assert.equal(total?.stats?.subject.kind, 'account')
    const [campaign] = world.feed('5012', [{ dataSource: 'INBOUND_CAMPAIGN_STATISTICS', added: [{ id: '300000000000100', totalCallsCount: 10, abandonCallRate: 12.5, serviceLevelQueue: 0.8 }], updated: [], removed: [] }], 'supervisor')
    assert.deepEqual(campaign?.stats?.metrics, { offered: 10, abandonRate: 0.125, serviceLevel: 0.8 })
  })

  it('passes sources on that have no neutral word', () => {
    assert.deepEqual(world.names('5012', [{ dataSource: 'STATIONS', added: [{ id: '1' }], updated: [], removed: [] }], 'supervisor'), ['vendor.INCREMENTAL_STATS_UPDATE'])
    assert.deepEqual(world.memory.statistics.names, ['STATIONS'])
    assert.deepEqual(world.names('6007', {}, 'supervisor'), ['vendor.FDS_REAL_TIME'])
  })

  it('tells who is listened to at his leg', () => {
    update(row('ON_CALL', { onCallStateSince: T0 + 1 }))
    const [monitored] = world.feed('6005', { agentId: BEN, monitorType: 'WHISPER' }, 'supervisor')
    assert.equal(monitored?.event, 'call.monitored')
    assert.equal(monitored?.call?.monitoredBy?.mode, 'whisper')
    const [over] = world.feed('6005', { agentId: BEN, monitorType: 'NONE' }, 'supervisor')
    assert.equal(over?.event, 'call.updated')
    assert.equal(over?.call?.monitoredBy, undefined)
    assert.deepEqual(world.names('6005', 'x', 'supervisor'), ['vendor.MONITORING_STATE_UPDATED'])
  })

  it('leaves the own agent to his own half when the account has both', () => {
    world = new World({ role: 'both' })
    assert.deepEqual(world.names('5012', [{ dataSource: 'AGENT_STATE', added: [row('ON_CALL', { id: UID, onCallStateSince: T0 })], updated: [], removed: [] }], 'supervisor'), [])
    assert.deepEqual(told(row('READY')), ['agent.ready'])
  })

  it('makes a snapshot of a full frame: agents, their calls, queues; the leg that is known stays', () => {
    update(row('ON_CALL', { onCallStateSince: T0 + 1 }))
    const [leg] = [...world.picture.calls()]
    const changes = world.memory.statistics.replace([{ dataSource: 'AGENT_STATE', data: [row('ON_CALL', { onCallStateSince: T0 + 1, customer: 'Ada Lind' })] }, { dataSource: 'ACD_STATUS', data: [acd(), acd({ id: '0' })] }])
    const snapshot = statisticsSnapshot(world.memory, world.picture, changes, T0)
    assert.deepEqual(snapshot.calls?.map(({ id, state }) => [id, state]), [[leg?.id, 'active']])
    assert.deepEqual(snapshot.owners, [BEN])
    assert.deepEqual(snapshot.queues?.map(({ id }) => id), ['300000000000031'])
    assert.equal(snapshot.allAgents, true)
    const gone = statisticsSnapshot(world.memory, world.picture, world.memory.statistics.replace([{ dataSource: 'AGENT_STATE', data: [] }]), T0)
    assert.deepEqual([gone.owners, gone.calls, gone.agents], [[BEN], [], []])
  })
})
