/** The timelines of the protocol sheet (ipecs.md 9), frame by frame, and what is told of them. */
import assert from 'node:assert/strict'
import { FakeSwitch, refuse } from './support/switch'
import { acd, cti, Line } from './support/line'

const CALLER = '2025550123'
const group = { primaryAgentId: '0101', primaryAcdGroup: '620', secondaryAgentId: '', secondaryAcdGroup: '' }
const normal = { causeCode: 48, causeMsg: 'normal_clearing' }

describe('iPECS: the timelines', () => {
  let pbx: FakeSwitch
  let line: Line
  beforeEach(async () => {
    pbx = await new FakeSwitch().start()
    line = await Line.online(pbx)
  })
  afterEach(async () => {
    await line.close()
    await pbx.stop()
  })

  const loggedIn = async (): Promise<void> => {
    await line.feed(acd(84, { from: 'Station/1001' }), acd(11, { from: 'Station/1001', data1: '0008', data2: '0101' }), cti('agent_logon', '1001', group), cti('agent_ready', '1001', group))
    await line.clock.advance(300)
    line.events.length = 0
  }
  const inbound = async (): Promise<void> => {
    await line.feed(
      acd(3, { ref: 214, from: 'CO/0006', data2: '0002' }), acd(72, { ref: 214, from: 'CO/0006', to: 'Station/1001', data1: CALLER, data2: 'Ada Example' }), acd(71, { ref: 214, from: 'CO/0006', to: 'Station/1001', data1: '5550100' }),
      cti('ringing', '1001', { callRefID: 214, callingDN: CALLER, calledDN: '1001', causeCode: 22 }), cti('connected', '1001', { callRefID: 214, callingDN: CALLER, calledDN: '1001', causeCode: 22 })
    )
    line.events.length = 0
  }
  const consulted = async (): Promise<void> => {
    await inbound()
    pbx.on('POST call/consultation', () => ({ body: { data: { callRefID: 221 } } }))
    await line.perform('consult', { callId: '214', to: '1002' })
    await line.feed(
      cti('hold', '1001', { callRefID: 214, holdDN: '1001' }), acd(58, { ref: 214, from: 'Station/1001' }), cti('proceeding', '1001', { callRefID: 221, dialDigit: '1002' }),
      cti('alerting', '1001', { callRefID: 221, callingDN: '1001', calledDN: '1002', causeCode: 37 }), cti('ringing', '1002', { callRefID: 221, callingDN: '1001', calledDN: '1002', causeCode: 37 }),
      cti('connected', '1002', { callRefID: 221, callingDN: '1001', calledDN: '1002' }), cti('connected', '1001', { callRefID: 221, callingDN: '1001', calledDN: '1002' })
    )
  }

  it('9.1 start of day: offline and online again, log-on, ready once', async () => {
    const told = await line.feed(
      cti('unregistered', '1002'), acd(84, { from: 'Station/1002' }), acd(18, { from: 'Station/1002' }), cti('registered', '1002'),
      acd(11, { from: 'Station/1001', data1: '0008', data2: '0101' }), acd(18, { from: 'Station/1001' }), cti('agent_logon', '1001', group), cti('agent_ready', '1001', group), acd(68, { data1: '0502', data2: '24', time: '2024/05/02 10:16:00' })
    )
    await line.clock.advance(300)
    assert.deepEqual(Line.short(line.events.slice(line.events.indexOf(told[0]!))), [
      'device.unregistered 1002', 'device.registered 1002', 'device.hook 1002', 'device.hook 1001', 'agent.loggedIn ready', 'agent.ready ready'
    ])
    const agent = line.session.picture.agent('0101')
    assert.deepEqual([agent?.queues, agent?.user?.extension, agent?.routing], [[{ id: '620', joined: true, paused: false }], '1001', 'ready'])
  })

  it('9.2 a trunk call waits for the group, is offered, answered, and followed by wrap-up', async () => {
    await loggedIn()
    const from = line.events.length
    await line.feed(
      acd(3, { ref: 214, from: 'CO/0006', data2: '0002' }), acd(1, { ref: 214, from: 'CO/0006', to: 'Station/     ' }),
      acd(72, { ref: 214, from: 'CO/0006', to: 'Station/1001', data1: CALLER, data2: 'Ada Example' }), acd(71, { ref: 214, from: 'CO/0006', to: 'Station/1001', data1: '5550100' }),
      acd(62, { ref: 214, from: 'CO/0006', data1: '0008' }), cti('queueing', '620', { callingDN: CALLER, calledDN: '620', diversionNum: '', qCount: 1, causeCode: 23, causeMsg: 'no_available_agents' }),
      acd(3, { ref: 214, from: 'CO/0006', to: 'Station/1001', data1: '0008', data2: '0005' }), acd(66, { ref: 214, from: 'Station/1001', to: 'CO/0006', data1: '0008', data2: '0008' }),
      cti('ringing', '1001', { callRefID: 214, callingDN: CALLER, calledDN: '620', causeCode: 65, causeMsg: 'group_call' }), acd(72, { ref: 214, from: 'CO/0006', to: 'Station/1001', data1: CALLER, data2: 'Ada Example' })
    )
    const waits = line.session.picture.callsOf('620')
    assert.equal(waits.length, 1)
    assert.deepEqual([waits[0]?.queue?.offeredTo?.id, waits[0]?.from?.name, waits[0]?.dialed?.number, waits[0]?.trunk?.id], ['0101', 'Ada Example', '5550100', '6'])
    await line.feed(
      acd(42, { ref: 214, from: 'CO/0006', to: 'Station/1001' }), acd(17, { from: 'Station/1001' }), cti('connected', '1001', { callRefID: 214, callingDN: CALLER, calledDN: '620', causeCode: 65 }), cti('agent_busy', '1001', group)
    )
    const talk = line.session.picture.callsOf('1001')[0]
    assert.deepEqual([talk?.queue?.id, talk?.agent?.id, talk?.from?.name, talk?.dialed?.kind, talk?.scope], ['620', '0101', 'Ada Example', 'queue', 'external'])
    await line.feed(
      acd(15, { from: 'Station/1001', data1: '0008' }), acd(18, { from: 'Station/1001' }), acd(44, { ref: 214, from: 'Station/1001', data1: '0000' }), acd(2, { from: 'CO/0006' }),
      cti('releasedasc', '1001', { callRefID: 214, releasedAscDN: CALLER, ...normal }), cti('released', '1001', { callRefID: 214, releasedDN: '1001', ...normal }), cti('agent_work', '1001', group)
    )
    assert.equal(line.session.picture.agent('0101')?.wrapUp?.callId, talk?.id)
    await line.feed(acd(16, { from: 'Station/1001' }), cti('agent_ready', '1001', group))
    await line.clock.advance(2000)
    assert.deepEqual(Line.short(line.events.slice(from)), [
      'call.queued 620/214 queued', 'call.offered 620/214 queued', 'call.ringing 1001/214 ringing',
      'device.hook 1001', 'agent.busy busy', 'call.answered 1001/214 active', 'call.dequeued 620/214 ended',
      'agent.wrapUp wrapUp', 'device.hook 1001', 'call.updated 1001/214 active', 'call.ended 1001/214 ended', 'agent.ready ready'
    ])
    const [ended] = line.events.filter(({ event }) => event === 'call.ended')
    assert.deepEqual([ended?.call?.endReason, ended?.call?.endedBy], ['normal', 'remote'])
    const [queue] = line.events.filter(({ event }) => event === 'call.dequeued')
    assert.deepEqual([queue?.reason, queue?.call?.agent?.id, queue?.call?.conversationId], ['normal', '0101', ended?.call?.conversationId])
    const queues = line.events.flatMap(({ queue }) => queue?.waiting === undefined ? [] : [[queue.waiting, queue.agents?.busy, queue.agents?.wrapUp].join()])
    assert.deepEqual(queues.filter((one, index) => one !== queues[index - 1]), ['1,0,0', '1,1,0', '0,1,0', '0,0,1', '0,0,0'])
  })

  it('9.2 the caller gives up: the queue leg is abandoned, without a callRefID', async () => {
    await loggedIn()
    const told = await line.feed(
      acd(3, { ref: 214, from: 'CO/0006', data2: '0002' }), acd(62, { ref: 214, from: 'CO/0006', data1: '0008' }), acd(66, { ref: 214, from: 'Station/1001', to: 'CO/0006', data1: '0008' }),
      cti('ringing', '1001', { callRefID: 214, callingDN: CALLER, calledDN: '620', causeCode: 65 }),
      acd(43, { from: 'CO/0006', to: 'Station/1001' }), acd(18, { from: 'Station/1001' }), acd(2, { from: 'CO/0006' }), cti('released', '1001', { callRefID: 214, ...normal })
    )
    assert.deepEqual(Line.short(told).filter((one) => one.startsWith('call')), ['call.queued 620/214 queued', 'call.offered 620/214 queued', 'call.ringing 1001/214 ringing', 'call.dequeued 620/214 ended', 'call.ended 1001/214 ended'])
    assert.equal(told.find(({ event }) => event === 'call.dequeued')?.reason, 'abandoned')
  })

  it('9.3 an outbound call: the reply, what follows it, the late number, and the hang-up', async () => {
    pbx.on('POST call/make', () => ({ body: { data: { callRefID: 220 } } }))
    const { newCallId } = await line.perform('originate', { user: '1001', to: '912025550123' })
    assert.deepEqual(pbx.of('POST call/make')[0]?.data, { deviceNumber: '1001', calledDN: '912025550123' })
    const told = await line.feed(
      cti('proceeding', '1001', { callRefID: 220, dialDigit: '912025550123' }), acd(17, { from: 'Station/1001' }), acd(41, { ref: 220, from: 'Station/1001', to: 'CO/0007' }), acd(1, { ref: 220, from: 'CO/0007' }),
      cti('alerting', '1001', { callRefID: 220, callingDN: '1001', calledDN: '912025550123', causeCode: 22 }), cti('connected', '1001', { callRefID: 220, causeCode: 22 }), acd(42, { ref: 220, from: 'CO/0007', to: 'Station/1001' }),
      acd(67, { ref: 220, from: 'Station/1001', to: 'CO/0007', data2: '912025550123' })
    )
    assert.deepEqual(Line.short(told), ['call.originated 1001/220 dialing', 'device.hook 1001', 'call.updated 1001/220 dialing', 'call.remoteRinging 1001/220 remoteRinging', 'call.answered 1001/220 active'])
    assert.equal(told[0]?.call?.id, newCallId)
    const hangup = line.perform('hangup', { callId: newCallId, confirm: 'completed' })
    await new Promise((resolve) => { setTimeout(resolve, 20) })
    const ended = await line.feed(
      cti('released', '1001', { callRefID: 220, releasedDN: '1001', ...normal }), acd(44, { ref: 220, from: 'Station/1001', data1: '0000' }),
      acd(69, { ref: 220, from: 'Station/1001', to: 'CO/0007', data1: '000131', data2: '912025550123' }), acd(18, { from: 'Station/1001' }), acd(2, { from: 'CO/0007' })
    )
    assert.equal((await hangup).outcome, 'completed')
    assert.deepEqual(Line.short(ended), ['call.ended 1001/220 ended', 'vendor.smdr', 'device.hook 1001'])
    assert.deepEqual([ended[0]?.call?.trunk?.id, ended[0]?.call?.endedBy], ['7', 'local'])
  })

  it('9.3 busy: failed, and over ten seconds later', async () => {
    const told = await line.feed(
      cti('proceeding', '1001', { callRefID: 215, dialDigit: '1002' }), cti('fail', '1001', { callRefID: 215, callingDN: '1001', calledDN: '1002', busySvcList: ['intrude', 'callback'], causeCode: 3, causeMsg: 'user_busy' }),
      cti('released', '1001', { callRefID: 215, releasedDN: '1001', causeCode: 3 })
    )
    assert.deepEqual(Line.short(told), ['call.originated 1001/215 dialing', 'call.failed 1001/215 failed', 'call.ended 1001/215 ended'])
    assert.deepEqual([told[1]?.reason, told[1]?.cause], ['busy', { code: '3', text: 'user_busy' }])
  })

  it('9.4 hold by either side, both, and the recall of a held call', async () => {
    await inbound()
    const told = await line.feed(
      cti('hold', '1001', { callRefID: 214, holdDN: '1001' }), acd(49, { ref: 214, from: 'Station/1001', to: 'CO/0006' }), cti('held', '1001', { callRefID: 214, holdDN: CALLER }), cti('retrieve', '1001', { callRefID: 214 }),
      cti('retrieved', '1001', { callRefID: 214 }), acd(42, { ref: 214, from: 'CO/0006', to: 'Station/1001' }), cti('hold', '1001', { callRefID: 214, holdDN: '1001' }),
      acd(50, { ref: 214, from: 'Station/1001', to: 'CO/0006' }), cti('ringing', '1001', { callRefID: 214, callingDN: CALLER, calledDN: '1001', causeCode: 27, causeMsg: 'recall' }), cti('connected', '1001', { callRefID: 214 })
    )
    assert.deepEqual(told.filter(({ call }) => call !== undefined).map(({ event, call }) => `${event} ${call?.heldBy ?? ''}${call?.recall ?? ''}`), [
      'call.held local', 'call.updated both', 'call.updated remote', 'call.resumed ', 'call.held local', 'call.ringing hold', 'call.answered '
    ])
  })

  it('9.4 refusals: 203 when it is held, 201 when nothing is', async () => {
    await inbound()
    pbx.on('POST call/hold', () => refuse(403, 203, 'invalidConnectionState'))
    await assert.rejects(line.perform('hold', { callId: '214' }), { code: 'CTI_CONFLICT' })
    await line.feed(cti('hold', '1001', { callRefID: 214 }))
    pbx.on('POST call/retrieve', () => refuse(403, 201, 'NoHeldCall'))
    await assert.rejects(line.perform('resume', { callId: '214' }), { code: 'CTI_CONFLICT' })
  })

  it('9.5 attended transfer: the held number goes on, the target keeps its leg, one conversation', async () => {
    await consulted()
    const conversation = line.session.picture.callsOf('1001').find(({ vendorId }) => vendorId === '214')?.conversationId
    const target = line.session.picture.callsOf('1002')[0]
    await line.perform('completeTransfer', {})
    assert.equal(pbx.of('POST call/transfer')[0]?.data.callRefID, 214)
    const told = await line.feed(
      cti('transferring', '1001', { callRefID: 214, transferedDN: CALLER, transferToDN: '1002', transferorDN: '1001', callType: 'screened' }), cti('transferred', '1002', { callRefID: 214, transferToDN: '1002', transferorDN: '1001' }),
      acd(70, { ref: 214, from: 'Station/1001', to: 'Station/1002' }), cti('released', '1001', { callRefID: 214, causeCode: 32 }), acd(18, { from: 'Station/1001' })
    )
    assert.deepEqual(Line.short(told), ['call.transferred 1001/214 held', 'call.ended 1001/221 ended', 'call.transferred 1002/214 active', 'call.ended 1001/214 ended', 'device.hook 1001'])
    const goes = line.session.picture.callsOf('1002')[0]
    assert.deepEqual([goes?.id, goes?.remote?.number, goes?.remote?.name, goes?.transfer?.role, goes?.conversationId], [target?.id, CALLER, 'Ada Example', 'target', conversation])
    assert.deepEqual(told.filter(({ event }) => event === 'call.ended').map(({ reason }) => reason), ['transferred', 'transferred'])
    const end = await line.feed(cti('released', '1002', { callRefID: 214, ...normal }))
    assert.deepEqual(Line.short(end), ['call.ended 1002/214 ended'])
  })

  it('9.5 the transfer asks with the other callRefID when the switch does not know the first, and remembers', async () => {
    await consulted()
    pbx.on('POST call/transfer', ({ data }) => data.callRefID === 214 ? refuse(404, 106, 'invalidConnectionIdentifier') : undefined)
    await line.perform('completeTransfer', {})
    await line.perform('completeTransfer', {})
    assert.deepEqual(pbx.of('POST call/transfer').map(({ data }) => data.callRefID), [214, 221, 221])
  })

  it('9.5 the consultation is cancelled', async () => {
    await consulted()
    await line.perform('cancelTransfer', { confirm: 'accepted' })
    assert.equal(pbx.of('POST call/reconnect')[0]?.data.callRefID, 221)
    const told = await line.feed(cti('released', '1001', { callRefID: 221, releasedDN: '1001' }), cti('released', '1002', { callRefID: 221 }), cti('retrieve', '1001', { callRefID: 214 }))
    assert.deepEqual(Line.short(told), ['call.ended 1001/221 ended', 'call.ended 1002/221 ended', 'call.resumed 1001/214 active'])
  })

  it('9.5 a conference folds the legs of the organiser', async () => {
    await consulted()
    pbx.on('POST call/conference', () => ({ body: { data: { callRefID: 218 } } }))
    await line.perform('conference', {})
    const told = await line.feed(
      cti('conferencing', '1001', { callRefID: 218, memberDN: ['1001', CALLER, '1002'], newConfMemberDN: '1002' }), cti('conferenced', '1002', { callRefID: 218, memberDN: ['1001', CALLER, '1002'], masterDN: '1001', newConfMemberDN: '1002' }),
      acd(45, { ref: 218, from: 'Station/1001', data1: '0002' })
    )
    assert.deepEqual(Line.short(told), ['call.conferenced 1001/218 active', 'call.ended 1001/221 ended', 'call.conferenced 1002/218 active'])
    assert.deepEqual(told[0]?.call?.conference?.members.map(({ party }) => party?.number), [CALLER, '1002'])
    assert.equal(told[1]?.reason, 'conferenced')
    assert.deepEqual(Line.short(await line.feed(cti('released', '1001', { callRefID: 218 }), cti('released', '1002', { callRefID: 218 }))), ['call.ended 1001/218 ended', 'call.ended 1002/218 ended'])
  })

  it('9.5 blind transfer, and the recall to the one who passed it on', async () => {
    await inbound()
    await line.perform('transfer', { callId: '214', to: '1002' })
    assert.deepEqual(pbx.of('POST call/1step_transfer')[0]?.data, { deviceNumber: '1001', callRefID: 214, transferDN: '1002' })
    const told = await line.feed(
      cti('transferring', '1001', { callRefID: 214, transferedDN: CALLER, transferToDN: '1002', transferorDN: '1001', callType: 'blind' }), cti('ringing', '1002', { callRefID: 214, callingDN: CALLER, calledDN: '1002', causeCode: 52 }),
      cti('released', '1001', { callRefID: 214, releasedDN: '1001', causeCode: 52 }), cti('released', '1002', { callRefID: 214, causeCode: 10 }),
      cti('ringing', '1001', { callRefID: 214, callingDN: CALLER, calledDN: '1001', causeCode: 27 }), cti('connected', '1001', { callRefID: 214 })
    )
    assert.deepEqual(Line.short(told), [
      'call.transferred 1001/214 active', 'call.ringing 1002/214 ringing', 'call.ended 1001/214 ended', 'call.ended 1002/214 ended', 'call.ringing 1001/214 ringing', 'call.answered 1001/214 active'
    ])
    assert.deepEqual([told[1]?.call?.redirections?.[0]?.party.number, told[1]?.call?.redirections?.[0]?.reason, told[1]?.call?.conversationId], ['1001', 'transferred', told[0]?.call?.conversationId])
    assert.notEqual(told[4]?.call?.id, told[2]?.call?.id, 'a number used again is another leg')
    assert.equal(told[4]?.call?.recall, 'transfer')
  })

  it('9.5 a ringing call is sent elsewhere', async () => {
    const told = await line.feed(
      cti('ringing', '1001', { callRefID: 214, callingDN: CALLER, calledDN: '1001' }), cti('rerouting', '1001', { callRefID: 214, calledDN: '1003', reroutingDN: '1001', causeCode: 58, causeMsg: 'reroute' }),
      cti('released', '1001', { callRefID: 214, causeCode: 58 }), cti('ringing', '1002', { callRefID: 214, callingDN: CALLER, calledDN: '1002', diversionNum: '1001', causeCode: 28 })
    )
    assert.deepEqual(Line.short(told), ['call.ringing 1001/214 ringing', 'call.redirected 1001/214 ringing', 'call.ended 1001/214 ended', 'call.ringing 1002/214 ringing'])
    assert.deepEqual([told[1]?.call?.remote?.number, told[2]?.reason, told[3]?.call?.redirections], ['1003', 'deflected', [{ party: { number: '1001', extension: '1001', userId: '1001', kind: 'user' }, reason: 'deflected' }]])
  })

  it('9.6 pause with its reason in one event, back, and log-off', async () => {
    await loggedIn()
    const told = await line.feed(
      acd(18, { from: 'Station/1001' }), acd(13, { from: 'Station/1001', data1: '0011', data2: '0008' }), cti('agent_notready', '1001', group), acd(14, { from: 'Station/1001', data2: '0008' }), cti('agent_ready', '1001', group),
      cti('agent_logoff', '1001', group), acd(12, { from: 'Station/1001', data1: '0008' })
    )
    await line.clock.advance(1000)
    assert.deepEqual(Line.short(told).filter((one) => one.startsWith('agent')), ['agent.notReady notReady', 'agent.ready ready', 'agent.loggedOut loggedOut'])
    assert.equal(told.find(({ event }) => event === 'agent.notReady')?.agent?.reason?.id, '*')
  })

  it('9.6 the reason comes up to 300 ms after the other stream, or not at all', async () => {
    await loggedIn()
    await line.feed(cti('agent_notready', '1001', group))
    assert.equal(line.session.picture.agent('0101')?.state, 'ready')
    await line.feed(acd(13, { from: 'Station/1001', data1: '0005', data2: '0008' }))
    assert.deepEqual(line.events.filter(({ event }) => event.startsWith('agent')).map(({ event, agent }) => [event, agent?.reason?.id]), [['agent.notReady', '5']])
    await line.feed(cti('agent_ready', '1001', group))
    await line.clock.advance(3000)
    line.events.length = 0
    await line.feed(cti('agent_notready', '1001', group))
    await line.clock.advance(300)
    assert.deepEqual(line.events.filter(({ agent }) => agent !== undefined).map(({ event, agent }) => [event, agent?.reason]), [['agent.notReady', undefined]])
    assert.equal(line.session.picture.agent('0101')?.state, 'notReady')
  })

  it('9.6 the phone key for do not disturb is told once', async () => {
    const told = await line.feed(acd(19, { from: 'Station/1001' }), cti('dnd', '1001', { svcType: 'enable' }))
    assert.deepEqual(Line.short(told), ['dnd.changed 1001'])
  })

  it('9.7 forwarding, told with its target', async () => {
    const told = await line.feed(cti('forwarding', '1001', { svcType: 'no_answer', destination: '1002' }), acd(21, { from: 'Station/1001', data1: '0017' }))
    assert.deepEqual(Line.short(told), ['forwarding.changed 1001'])
    assert.deepEqual(told[0]?.forwarding?.rules, { always: { enabled: false }, busy: { enabled: false }, noAnswer: { enabled: true, to: '1002' } })
  })

  it('9.7 park and retrieve at another phone', async () => {
    await inbound()
    pbx.on('POST call/park', () => ({ body: { data: { parkingLoc: 601 } } }))
    const { slot } = await line.perform('park', { callId: '214' })
    assert.deepEqual(slot, { number: '601', kind: 'park' })
    const told = await line.feed(cti('released', '1001', { callRefID: 214 }), acd(55, { ref: 214, from: 'Station/1001' }))
    assert.deepEqual(Line.short(told), ['call.parked 1001/214 parked', 'call.ended 1001/214 ended'])
    assert.equal(told[0]?.call?.to?.number, '601')
    await line.perform('retrieve', { user: '1002', slot: '601', confirm: 'accepted' })
    assert.deepEqual(pbx.of('POST call/unpark')[0]?.data, { deviceNumber: '1002', callingDN: '1002', parkingLoc: 601 })
    const [taken] = await line.feed(cti('connected', '1002', { callRefID: 214 }))
    assert.deepEqual([taken?.event, taken?.call?.related?.[0]?.kind, taken?.call?.remote?.number, taken?.call?.conversationId], ['call.answered', 'parkedFrom', CALLER, told[0]?.call?.conversationId])
  })

  it('9.7 pickup: the one rings no more, the other talks', async () => {
    const told = await line.feed(
      cti('ringing', '1001', { callRefID: 214, callingDN: CALLER, calledDN: '1001' }), cti('released', '1001', { callRefID: 214, causeCode: 11, causeMsg: 'pickup' }),
      cti('connected', '1002', { callRefID: 214, causeCode: 11, causeMsg: 'pickup' }), acd(57, { from: 'Station/1002', to: 'Station/1001' })
    )
    assert.deepEqual(Line.short(told), ['call.ringing 1001/214 ringing', 'call.redirected 1001/214 ringing', 'call.ended 1001/214 ended', 'call.answered 1002/214 active'])
    assert.deepEqual([told[2]?.reason, told[3]?.call?.related?.[0]?.kind, told[3]?.call?.remote?.number], ['pickedUp', 'pickedUpFrom', CALLER])
  })
})
