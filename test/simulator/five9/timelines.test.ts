/** The timelines of the sheet (five9.md 9), each as a test. */
import assert from 'node:assert/strict'
import { type BareClient, type Doc, type Event, type Feed } from './client'
import { ADA, BEN, CAMPAIGN, DISPOSITION, Five9World, LUNCH, OUTBOUND, ROSA, SALES } from './world'

const call = ({ id, payLoad }: Event): string => `${id} ${String((payLoad as Doc).state ?? '')}`.trim()
const READY = { currentState: { readyChannels: ['CALL', 'VOICE_MAIL'], notReadyReasonCodeId: '0' }, pendingState: null, currentStateTime: 0, pendingStateDelayTime: 0, gracefulModeOn: false }
const PAUSE = { ...READY, currentState: { readyChannels: [], notReadyReasonCodeId: LUNCH } }

/** Rows that incremental frames told, merged by source and id in order. */
function rows (events: Event[], source: string, id: string): Doc[] {
  return events.filter((event) => event.id === '5012').flatMap(({ payLoad }) => payLoad as Doc[]).filter(({ dataSource }) => dataSource === source)
    .flatMap(({ updated, added }) => [...added as Doc[], ...updated as Doc[]]).filter((row) => row.id === id)
}

describe('simulator/five9 timelines', () => {
  let world: Five9World
  let rosa: BareClient
  let ben: BareClient
  let sam: BareClient
  let aws: Feed
  let benFeed: Feed
  let sws: Feed

  beforeEach(async () => {
    world = await Five9World.open()
    rosa = world.client('rosa.agent')
    ben = world.client('ben.agent')
    sam = world.client('sam.super')
    aws = await rosa.work()
    benFeed = await ben.work()
    sws = await sam.work('supervisor')
    await sws.settle()
  })
  afterEach(() => world.close())

  const ready = async (client: BareClient): Promise<void> => { assert.equal((await client.mine('PUT', 'presence', { ...READY, currentState: { readyChannels: ['CALL'], notReadyReasonCodeId: '0' } })).status, 200) }
  const talk = async (): Promise<string> => {
    await ready(rosa)
    world.pbx.inbound({ from: ADA, to: '+15550100100' })
    const { payLoad } = await aws.next('3')
    const { id } = payLoad as { id: string }
    assert.equal((await rosa.onCall('PUT', id, 'answer')).status, 204)
    await aws.settle()
    await sws.settle()
    return id
  }
  const drain = async (): Promise<void> => { for (const feed of [aws, benFeed, sws]) await feed.settle() }

  it('9.1: an inbound call is answered, held, resumed, ended and disposed', async () => {
    world.pbx.inbound({ from: ADA, to: '+15550100100' })
    const waiting = rows(await sws.settle(), 'ACD_STATUS', SALES)
    assert.deepEqual(waiting.map(({ callsInQueue, currentLongestQueueTime }) => [callsInQueue, currentLongestQueueTime]), [[1, 0]])
    world.clock.advance(2000)
    assert.equal((await rosa.mine('PUT', 'presence', READY)).status, 200)
    const offered = (await aws.settle()).filter(({ id }) => id !== '12')
    assert.deepEqual(offered.map(call), ['3 OFFERED', '30 OFFERED'])
    const { id: callId, variables, ...fields } = offered[0]?.payLoad as Doc & { id: string; variables: Record<string, string> }
    assert.match(callId, /^[0-9A-F]{32}$/)
    assert.deepEqual([fields.callType, fields.remoteNumber, fields.campaignId, fields.skillId], ['INBOUND', '5550100142', CAMPAIGN, SALES])
    assert.deepEqual([variables['101'], variables['102'], variables['104']], ['5550100142', '5550100100', 'Sales'])
    assert.deepEqual(offered[0]?.context.eventReason, 'CREATED')
    let told = await sws.settle()
    const ringing = rows(told, 'AGENT_STATE', ROSA).at(-1)
    assert.deepEqual([ringing?.state, ringing?.callType, ringing?.campaignId], ['RINGING', 'INBOUND', CAMPAIGN])
    assert.equal(rows(told, 'ACD_STATUS', SALES).at(-1)?.callsInQueue, 0)

    world.clock.advance(3000)
    assert.equal((await rosa.onCall('PUT', callId, 'answer')).status, 204)
    assert.deepEqual((await aws.settle()).map(call), ['4 TALKING'])
    told = await sws.settle()
    const talking = rows(told, 'AGENT_STATE', ROSA).at(-1)
    assert.deepEqual([talking?.state, talking?.onCallStateSince, talking?.customer, (talking?.channelAvailability as Doc).Voice], ['ON_CALL', world.clock.now(), 'Ada Lind', { current: 1, max: 1, status: 'ready' }])
    assert.equal(rows(told, 'ACD_STATUS', SALES).at(-1)?.agentsOnCall, 1)

    world.clock.advance(15_000)
    assert.equal((await rosa.onCall('PUT', callId, 'hold')).status, 204)
    assert.deepEqual((await aws.settle()).map(call), ['4 ON_HOLD'])
    assert.equal(rows(await sws.settle(), 'AGENT_STATE', ROSA).at(-1)?.onHoldStateSince, world.clock.now())
    world.clock.advance(10_000)
    assert.equal((await rosa.onCall('PUT', callId, 'unhold')).status, 204)
    assert.deepEqual((await aws.settle()).map(call), ['4 TALKING'])
    assert.equal(rows(await sws.settle(), 'AGENT_STATE', ROSA).at(-1)?.onHoldStateSince, 0)

    const changed = await rosa.onCall('PUT', callId, 'variables_2', { 201: 'ORDER-7' })
    assert.deepEqual([changed.status, ((changed.body as Doc).variables as Doc)['201']], [200, 'ORDER-7'])
    const data = await aws.settle()
    assert.deepEqual([data.map(call), ((data[0]?.payLoad as Doc).variables as Doc)['201']], [['4 TALKING'], 'ORDER-7'])

    world.clock.advance(30_000)
    world.pbx.external(world.pbx.connectionsOf('rosa')[0]?.key ?? '').hangUp()
    assert.deepEqual((await aws.settle()).map(call), ['4 WRAP_UP'])
    const acw = rows(await sws.settle(), 'AGENT_STATE', ROSA).at(-1)
    assert.deepEqual([acw?.state, acw?.afterCallWorkStateSince, acw?.onCallStateSince], ['ACW', world.clock.now(), 0])
    assert.deepEqual(((await rosa.mine('GET', 'interactions/calls')).body as Doc[]).map(({ state }) => state), ['WRAP_UP'])

    world.clock.advance(10_000)
    const disposed = await rosa.onCall('PUT', callId, 'dispose', { dispositionId: DISPOSITION })
    assert.deepEqual([disposed.status, (disposed.body as Doc).id, (disposed.body as Doc).state, (disposed.body as Doc).dispositionId], [200, callId, 'FINISHED', DISPOSITION])
    const end = await aws.settle()
    assert.deepEqual(end.map(call), ['4 FINISHED', '5 FINISHED', '31 FINISHED', '12'])
    assert.deepEqual((end.at(-1)?.payLoad as Doc).currentState, READY.currentState)
    told = await sws.settle()
    assert.equal(rows(told, 'AGENT_STATE', ROSA).at(-1)?.state, 'READY')
    const figures = rows(told, 'AGENT_STATISTIC', ROSA).at(-1)
    assert.deepEqual([figures?.totalCallsCount, figures?.inboundCallsCount, figures?.dispositions], [1, 1, { [DISPOSITION]: 1 }])
    assert.equal((await rosa.onCall('GET', callId, '')).status, 404)
  })

  it('9.1: without a disposition the timer ends after-call work with one of the system', async () => {
    const callId = await talk()
    await rosa.onCall('PUT', callId, 'disconnect')
    await aws.settle()
    world.clock.advance(120_000)
    const end = await aws.settle()
    assert.deepEqual(end.map(call), ['4 FINISHED', '5 FINISHED', '31 FINISHED', '12'])
    assert.equal((end[0]?.payLoad as Doc).dispositionId, '-1')
  })

  it('9.2: an outbound call rings, is answered, and has after-call work in its campaign', async () => {
    const made = await rosa.mine('POST', 'interactions/make_external_call', { number: ADA, skipDNCCheck: false, checkMultipleContacts: true, campaignId: OUTBOUND })
    assert.equal(made.status, 200)
    const dialled = await aws.settle()
    assert.deepEqual(dialled.map(call), ['3 OFFERED', '30 OFFERED', '4 RINGING_ON_OTHER_SIDE'])
    const { id, callType, remoteNumber, campaignId } = dialled[0]?.payLoad as Doc & { id: string }
    assert.deepEqual([callType, remoteNumber, campaignId, (made.body as Doc).id], ['OUTBOUND', '5550100142', OUTBOUND, id])
    assert.deepEqual(rows(await sws.settle(), 'AGENT_STATE', ROSA), [])
    world.clock.advance(6000)
    const leg = world.pbx.connectionsOf('rosa')[0]
    world.pbx.external(leg?.key ?? '').answer()
    assert.deepEqual((await aws.settle()).map(call), ['4 TALKING'])
    const row = rows(await sws.settle(), 'AGENT_STATE', ROSA).at(-1)
    assert.deepEqual([row?.state, row?.callType], ['ON_CALL', 'OUTBOUND'])
    assert.equal((await rosa.onCall('PUT', id, 'dispose', { dispositionId: DISPOSITION })).status, 435)
    assert.equal((await rosa.onCall('PUT', id, 'disconnect')).status, 204)
    assert.deepEqual((await aws.settle()).map(call), ['4 WRAP_UP'])
    assert.equal((await rosa.onCall('PUT', id, 'dispose', { dispositionId: DISPOSITION })).status, 200)
    assert.deepEqual((await aws.settle()).map(call), ['4 FINISHED', '5 FINISHED', '31 FINISHED', '12'])
  })

  it('9.2: a number that is busy gives 65 and no answer', async () => {
    await rosa.mine('POST', 'interactions/make_external_call', { number: '+15550100188' })
    const events = await aws.settle()
    assert.deepEqual(events.map(({ id }) => id), ['3', '30', '65', '5', '31'])
    assert.equal((events[2]?.payLoad as Doc).number, '+15550100188')
    assert.deepEqual((await rosa.mine('GET', 'interactions/calls')).body, [])
  })

  it('9.3: an attended transfer keeps the conversation and hands the customer over', async () => {
    const callId = await talk()
    const session = (((await rosa.onCall('GET', callId, '')).body as Doc).variables as Doc)['103']
    assert.equal((await rosa.onCall('PUT', callId, 'transfer_to_agent', { agentId: BEN, warm: true })).status, 204)
    const begun = await aws.settle()
    assert.deepEqual(begun.map(call).slice(0, 3), ['4 ON_HOLD', '3 OFFERED', '30 OFFERED'])
    const second = begun[1]?.payLoad as Doc & { id: string; variables: Doc }
    assert.deepEqual([(begun[0]?.payLoad as Doc).id, second.callType, second.variables['103']], [callId, 'INTERNAL', session])
    const atBen = (await benFeed.settle())[0]?.payLoad as Doc & { id: string; variables: Doc }
    assert.deepEqual([atBen.state, atBen.callType, atBen.variables['103']], ['OFFERED', 'INTERNAL', session])
    assert.equal((await ben.onCall('PUT', atBen.id, 'answer')).status, 204)
    assert.deepEqual((await aws.settle()).map((event) => [call(event), (event.payLoad as Doc).id]), [['4 TALKING', second.id]])
    assert.deepEqual((await benFeed.settle()).map(call), ['4 TALKING'])
    assert.equal((await rosa.onCall('PUT', callId, 'complete_transfer')).status, 204)
    const over = (await aws.settle()).map((event) => [call(event), (event.payLoad as Doc).id])
    assert.deepEqual(over.filter(([, id]) => id === second.id), [['4 FINISHED', second.id], ['5 FINISHED', second.id], ['31 FINISHED', second.id]])
    assert.deepEqual(over.filter(([, id]) => id === callId), [['4 WRAP_UP', callId]])
    assert.ok(over.findIndex(([what, id]) => what === '4 FINISHED' && id === second.id) < over.findIndex(([, id]) => id === callId), 'the second call ends first')
    const handed = await benFeed.settle()
    assert.deepEqual(handed.map(({ id }) => id), ['4', '32'])
    const { remoteNumber, variables } = handed[0]?.payLoad as Doc & { variables: Doc }
    assert.deepEqual([remoteNumber, variables['103']], ['5550100142', session])
  })

  it('9.3: a consultation is cancelled, and one that nobody answers gives 40', async () => {
    const callId = await talk()
    await rosa.onCall('PUT', callId, 'transfer_to_agent', { userId: BEN, isWarm: true })
    await aws.settle()
    assert.equal((await rosa.onCall('PUT', callId, 'cancel_transfer')).status, 204)
    const back = (await aws.settle()).map((event) => [call(event), (event.payLoad as Doc).id])
    assert.deepEqual(back.at(-1), ['4 TALKING', callId])
    assert.deepEqual(back.filter(([, id]) => id !== callId).map(([what]) => what), ['4 FINISHED', '5 FINISHED', '31 FINISHED'])
    await rosa.onCall('PUT', callId, 'transfer_to_agent', { agentId: BEN, warm: true })
    await aws.settle()
    world.clock.advance(30_000)
    const silent = await aws.settle()
    assert.deepEqual(silent.map(({ id }) => id), ['40', '5', '31', '4'])
    assert.deepEqual([(silent[0]?.payLoad as Doc).id, ((await rosa.onCall('GET', callId, '')).body as Doc).state], [callId, 'ON_HOLD'])
  })

  it('9.3: a blind transfer is over at once; when nobody takes it there is 58 and the agent talks again', async () => {
    const callId = await talk()
    assert.equal((await rosa.onCall('PUT', callId, 'transfer_to_agent', { agentId: BEN, warm: false })).status, 204)
    assert.deepEqual((await aws.settle()).map(call), ['4 WRAP_UP'])
    assert.deepEqual((await benFeed.settle()).map(call), ['3 OFFERED', '30 OFFERED'])
    world.clock.advance(20_000)
    const failed = await aws.settle()
    assert.deepEqual(failed.filter(({ id }) => id !== '12').map(call), ['58', '4 TALKING'])
    assert.deepEqual(((await rosa.mine('GET', 'interactions/calls')).body as Doc[]).map(({ id, state }) => [id, state]), [[callId, 'TALKING']])
    assert.deepEqual((await benFeed.settle()).map(call), ['4 FINISHED', '5 FINISHED', '31 FINISHED'])
  })

  it('9.4: a pause comes into force at once, or after the call and its wrap-up', async () => {
    await ready(rosa)
    await drain()
    const paused = await rosa.mine('PUT', 'presence', PAUSE)
    assert.deepEqual([paused.status, (paused.body as Doc).currentState], [200, PAUSE.currentState])
    assert.deepEqual((await aws.settle()).map(({ id, payLoad }) => [id, (payLoad as Doc).currentState]), [['12', PAUSE.currentState]])
    const told = await sws.settle()
    const row = rows(told, 'AGENT_STATE', ROSA).at(-1)
    assert.deepEqual([row?.state, row?.reasonCodeId, row?.notReadyStateSince, (row?.presence as Doc).currentState], ['NOT_READY', LUNCH, world.clock.now(), { readyChannels: [], notReadyReasonCode: Number(LUNCH) }])
    for (const id of [SALES, '0']) assert.deepEqual([rows(told, 'ACD_STATUS', id).at(-1)?.agentsNotReadyForCalls, rows(told, 'ACD_STATUS', id).at(-1)?.agentsInQueue], [2, 0])

    const callId = await talk()
    const pending = await rosa.mine('PUT', 'presence', PAUSE)
    assert.equal(pending.status, 202)
    const [waits] = await aws.settle()
    assert.deepEqual([waits?.id, (waits?.payLoad as Doc).pendingState, (waits?.payLoad as Doc).gracefulModeOn], ['12', PAUSE.currentState, true])
    await rosa.onCall('PUT', callId, 'disconnect')
    await rosa.onCall('PUT', callId, 'dispose', { dispositionId: DISPOSITION })
    const last = (await aws.settle()).at(-1)
    assert.deepEqual([last?.id, (last?.payLoad as Doc).currentState, (last?.payLoad as Doc).pendingState], ['12', PAUSE.currentState, null])
    await rosa.mine('PUT', 'presence', READY)
    await drain()
    const forced = await sam.sup('PUT', `supervisors/{uid}/agents/${ROSA}/presence`, PAUSE)
    assert.equal(forced.status, 200)
    assert.deepEqual(((await aws.settle())[0]?.payLoad as Doc).currentState, PAUSE.currentState)
    assert.equal(rows(await sws.settle(), 'AGENT_STATE', ROSA).at(-1)?.state, 'NOT_READY')
  })
})
