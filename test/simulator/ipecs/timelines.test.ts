/** The timelines of ipecs.md 9, event by event. */
import assert from 'node:assert/strict'
import { brief, type RawClient } from './client'
import { ADA, IpecsWorld } from './world'

const LOGON = { agentId: '0101', groupNumber: '620', loginPrimary: 'primary', loginPriority: 1 }
const agent = (id = '0101'): string => `primaryAgentId=${id} primaryAcdGroup=620 secondaryAgentId= secondaryAcdGroup=`

describe('simulator/ipecs timelines', () => {
  let world: IpecsWorld
  let client: RawClient
  beforeEach(async () => {
    world = await IpecsWorld.open()
    client = await world.listener('1001', '1002', '1003', '1005', '620', '630')
  })
  afterEach(() => world.close())

  const told = async (expected: string[]): Promise<void> => { assert.deepEqual(await client.told(), expected) }
  const logOn = async (): Promise<void> => {
    await client.post('agent_logon', { deviceNumber: '1001', ...LOGON })
    await client.settle()
  }
  /** 1001 talks to Ada, reference 214. */
  const talk = async (): Promise<void> => {
    world.pbx.answer(world.ring('1001').key)
    await client.settle()
  }

  it('9.1 tells of offline devices after Monitor Start, of devices and agents that come, and each full minute', async () => {
    const answer = await client.request('POST', 'call/monitor', { body: { deviceNumber: ['1004', '9999', '620'] } })
    assert.equal(answer.text, '{"result":[{"1004":"OK"},{"9999":"invalidParameterValue"},{"620":"OK"}]}')
    await told(['C unregistered 1004'])
    world.pbx.setRegistered('dan-desk', true)
    await told(['A 84 Station/1004>/ - -', 'A 18 Station/1004>/ - -', 'C registered 1004'])
    await client.post('agent_logon', { deviceNumber: '1001', ...LOGON })
    await told(['A 11 Station/1001>/ 0008 0101', 'A 18 Station/1001>/ - -', `C agent_logon 1001 ${agent()}`, `C agent_ready 1001 ${agent()}`])
    world.clock.advance(56_000)
    await told(['A 68 />/ 0502 24'])
    world.clock.advance(60_000)
    const [beat] = await client.settle()
    assert.deepEqual(beat, { event: 'acd', data: { time: '2024/05/02 10:17:00', eventCode: 68, eventString: 'TIME & DATE', sourceType: '', sourceNumber: '', destType: '', destNumber: '     ', data1: '0502', data2: '24' } })
  })

  it('9.2 gives a call of a group to an agent, who wraps up when the caller hangs up', async () => {
    await logOn()
    const caller = world.pbx.otherEnd(world.ring('+12025550100'))
    const ringing = await client.settle()
    assert.deepEqual(ringing.map((frame) => (frame.data as { time?: string }).time ?? '').filter((time) => time !== ''), Array(7).fill('2024/05/02 10:15:04'))
    assert.deepEqual(ringing.map(brief), [
      'A 3 ref214 CO/0006>/ - 0002', 'A 1 ref214 CO/0006>Station/ - -', 'A 72 ref214 CO/0006>Station/1001 2025550123 Ada Example', 'A 71 ref214 CO/0006>Station/1001 5550100 -',
      'A 3 ref214 CO/0006>Station/1001 0008 0005', 'A 66 ref214 Station/1001>CO/0006 0008 0008', 'C ringing 1001 ref214 callingDN=2025550123 calledDN=620 cause=65',
      'A 72 ref214 CO/0006>Station/1001 2025550123 Ada Example'
    ])
    world.clock.advance(5000)
    await client.post('answer', { deviceNumber: '1001', callRefID: 214 })
    const answered = await client.settle()
    assert.deepEqual(answered[0], {
      event: 'acd', data: { time: '2024/05/02 10:15:09', callRefID: 214, eventCode: 42, eventString: 'SEIZE ACK/CONNECT/ANSWER', sourceType: 'CO', sourceNumber: '0006', destType: 'Station', destNumber: '1001', data1: '    ', data2: '    ' }
    })
    assert.deepEqual(answered[2], {
      event: 'call', data: { type: 'connected', deviceNumber: '1001', serviceDN: '1001', callingDN: '2025550123', calledDN: '620', causeCode: 65, causeMsg: 'group_call', callRefID: 214, evtSerialNum: 4 }
    })
    assert.equal(answered.length, 4)
    world.clock.advance(50_000)
    await client.settle()
    world.pbx.external(caller?.key ?? '').hangUp()
    await told([
      'A 15 Station/1001>/ 0008 -', 'A 18 Station/1001>/ - -', 'A 44 ref214 Station/1001>/ 0000 -', 'A 2 CO/0006>/ - -', 'C releasedasc 1001 ref214 releasedAscDN=2025550123 cause=48',
      'C released 1001 ref214 releasedDN=1001 cause=48', `C agent_work 1001 ${agent()}`
    ])
    world.clock.advance(10_000)
    await told(['A 68 />/ 0502 24', 'A 16 Station/1001>/ 0008 -', `C agent_ready 1001 ${agent()}`])
  })

  it('9.2 lets a call wait when nobody is free, and rings when somebody is', async () => {
    await logOn()
    world.pbx.setDnd('ann', true)
    await client.settle()
    world.ring('+12025550100')
    await told([
      'A 3 ref214 CO/0006>/ - 0002', 'A 1 ref214 CO/0006>Station/ - -', 'A 72 ref214 CO/0006>Station/ 2025550123 Ada Example', 'A 71 ref214 CO/0006>Station/ 5550100 -',
      'A 62 ref214 CO/0006>/ 0008 -',
      'C queueing 620 callingDN=2025550123 calledDN=620 diversionNum= qCount=1 primaryAgentId= primaryAcdGroup=620 secondaryAgentId= secondaryAcdGroup= cause=23'
    ])
    world.pbx.setDnd('ann', false)
    await told([
      'A 20 Station/1001>/ - -', 'C dnd 1001 svcType=disable', 'A 3 ref214 CO/0006>Station/1001 0008 0005', 'A 66 ref214 Station/1001>CO/0006 0008 0008',
      'C ringing 1001 ref214 callingDN=2025550123 calledDN=620 cause=65', 'A 72 ref214 CO/0006>Station/1001 2025550123 Ada Example'
    ])
  })

  it('9.2 tells of a caller who gives up before the answer', async () => {
    await logOn()
    const caller = world.pbx.otherEnd(world.ring('+12025550100'))
    await client.settle()
    world.pbx.external(caller?.key ?? '').hangUp()
    await told(['A 43 CO/0006>Station/1001 - -', 'A 18 Station/1001>/ - -', 'A 2 CO/0006>/ - -', 'C released 1001 ref214 releasedDN=1001 cause=48'])
  })

  it('9.3 calls out, talks and hangs up', async () => {
    assert.deepEqual(await client.post('make', { deviceNumber: '1001', calledDN: '912025550124' }), { callRefID: 214 })
    await told([
      'C proceeding 1001 ref214 dialDigit=912025550124', 'A 17 ref214 Station/1001>/ - -', 'A 41 ref214 Station/1001>CO/0006 - -', 'A 1 ref214 CO/0006>Station/1001 - -',
      'C alerting 1001 ref214 callingDN=1001 calledDN=912025550124 cause=22', 'A 67 ref214 Station/1001>CO/0006 - 912025550124'
    ])
    world.clock.advance(1000)
    await told(['C connected 1001 ref214 callingDN=1001 calledDN=912025550124 cause=22', 'A 42 ref214 CO/0006>Station/1001 - -'])
    world.clock.advance(91_000)
    await client.settle()
    assert.deepEqual(await client.post('clear_connection', { deviceNumber: '1001', callRefID: 214 }), {})
    await told([
      'C released 1001 ref214 releasedDN=1001 cause=48', 'A 44 ref214 Station/1001>/ 0000 -', 'A 69 ref214 Station/1001>CO/0006 000131 912025550124', 'A 18 Station/1001>/ - -', 'A 2 CO/0006>/ - -'
    ])
  })

  it('9.3 fails at a busy station, whose services may be asked for, and ends after the tone', async () => {
    world.pbx.originate('cleo', '1002')
    await client.settle()
    await client.post('make', { deviceNumber: '1001', calledDN: '1003' })
    await told([
      'C proceeding 1001 ref215 dialDigit=1003', 'A 17 ref215 Station/1001>/ - -', 'C fail 1001 ref215 callingDN=1001 calledDN=1003 busySvcList=intrude,callback,callwait cause=3',
      'A 43 Station/1001>Station/1003 - -'
    ])
    world.clock.advance(9999)
    await told([])
    world.clock.advance(1)
    await told(['C released 1001 ref215 releasedDN=1001 cause=3', 'A 18 Station/1001>/ - -'])
  })

  it('9.4 holds and retrieves, with somebody outside and between stations', async () => {
    await talk()
    assert.deepEqual(await client.post('hold', { deviceNumber: '1001', callRefID: 214 }), {})
    await told(['C hold 1001 ref214 holdDN=1001', 'A 49 ref214 Station/1001>CO/0006 - -'])
    assert.equal(await client.refused('POST', 'call/hold', { deviceNumber: '1001', callRefID: 214 }), '403 203 invalidConnectionState')
    await client.post('retrieve', { deviceNumber: '1001', callRefID: 214 })
    await told(['C retrieve 1001 ref214 retrieveDN=1001', 'A 42 ref214 CO/0006>Station/1001 - -'])
    assert.equal(await client.refused('POST', 'call/retrieve', { deviceNumber: '1001', callRefID: 214 }), '403 201 NoHeldCall')
    await client.post('clear_connection', { deviceNumber: '1001', callRefID: 214 })
    await client.post('make', { deviceNumber: '1001', calledDN: '1002' })
    await client.post('answer', { deviceNumber: '1002', callRefID: 215 })
    await client.settle()
    await client.post('hold', { deviceNumber: '1001', callRefID: 215 })
    await told(['C hold 1001 ref215 holdDN=1001', 'C held 1002 ref215 holdDN=1001', 'A 49 ref215 Station/1001>Station/1002 - -'])
    await client.post('retrieve', { deviceNumber: '1001', callRefID: 215 })
    await told(['C retrieve 1001 ref215 retrieveDN=1001', 'C retrieved 1002 ref215 retrieveDN=1001', 'A 42 ref215 Station/1002>Station/1001 - -'])
  })

  /** 1001 consults 1002, who answers. */
  const consult = async (svcType = 'transfer'): Promise<void> => {
    await talk()
    assert.deepEqual(await client.post('consultation', { deviceNumber: '1001', callRefID: 214, calledDN: '1002', svcType }), { callRefID: 215 })
    await told([
      'C hold 1001 ref214 holdDN=1001', 'A 58 ref214 Station/1001>CO/0006 - -', 'C proceeding 1001 ref215 dialDigit=1002', 'C alerting 1001 ref215 callingDN=1001 calledDN=1002 cause=37',
      'A 41 ref215 Station/1001>Station/1002 - -', 'A 66 ref215 Station/1002>Station/1001 0000 0000', 'C ringing 1002 ref215 callingDN=1001 calledDN=1002 cause=37'
    ])
    await client.post('answer', { deviceNumber: '1002', callRefID: 215 })
    await told([
      'A 42 ref215 Station/1001>Station/1002 - -', 'A 17 ref215 Station/1002>/ - -', 'C connected 1002 ref215 callingDN=1001 calledDN=1002 cause=37', 'C connected 1001 ref215 callingDN=1001 calledDN=1002 cause=37'
    ])
  }

  it('9.5 consults and transfers: the held call goes on', async () => {
    await consult()
    assert.deepEqual(await client.post('transfer', { deviceNumber: '1001', callRefID: 214 }), { callRefID: 214 })
    await told([
      'C transferring 1001 ref214 transferedDN=2025550123 transferToDN=1002 transferorDN=1001 callType=screened', 'C transferred 1002 ref214 transferToDN=1002 transferorDN=1001',
      'A 70 ref214 CO/0006>Station/1002 - -', 'C released 1001 ref214 releasedDN=1001 cause=32', 'A 18 Station/1001>/ - -'
    ])
    await client.post('clear_connection', { deviceNumber: '1002', callRefID: 214 })
    await told(['C released 1002 ref214 releasedDN=1002 cause=48', 'A 44 ref214 Station/1002>/ 0000 -', 'A 18 Station/1002>/ - -', 'A 2 CO/0006>/ - -'])
  })

  it('9.5 goes back to the held call', async () => {
    await talk()
    await client.post('consultation', { deviceNumber: '1001', callRefID: 214, calledDN: '1002', svcType: 'transfer' })
    await client.settle()
    assert.deepEqual(await client.post('reconnect', { deviceNumber: '1001', callRefID: 215 }), {})
    await told([
      'C released 1001 ref215 releasedDN=1001 cause=48', 'C released 1002 ref215 releasedDN=1002 cause=48', 'A 44 ref215 Station/1001>/ 0000 -', 'A 18 Station/1002>/ - -',
      'C retrieve 1001 ref214 retrieveDN=1001', 'A 42 ref214 CO/0006>Station/1001 - -'
    ])
  })

  it('9.5 makes a conference of two calls, under the reference of the held one', async () => {
    await consult('conference')
    assert.deepEqual(await client.post('conference', { deviceNumber: '1001', callRefID: 214 }), { callRefID: 214 })
    await told([
      'C retrieve 1001 ref214 retrieveDN=1001', 'A 42 ref214 CO/0006>Station/1001 - -', 'C conferencing 1001 ref214 memberDN=1001,2025550123,1002 newConfMemberDN=1002',
      'C conferenced 1002 ref214 memberDN=1001,2025550123,1002 masterDN=1001 newConfMemberDN=1002', 'A 45 ref214 Station/1001>Station/1002 0002 -'
    ])
    await client.post('clear_connection', { deviceNumber: '1002', callRefID: 214 })
    await told(['C released 1002 ref214 releasedDN=1002 cause=48', 'A 44 ref214 Station/1002>/ 0000 -', 'A 45 ref214 Station/1001>/ 0001 -', 'A 18 Station/1002>/ - -'])
    await client.post('clear_connection', { deviceNumber: '1001', callRefID: 214 })
    await told(['C released 1001 ref214 releasedDN=1001 cause=48', 'A 44 ref214 Station/1001>/ 0000 -', 'A 18 Station/1001>/ - -', 'A 2 CO/0006>/ - -'])
  })

  it('9.5 lets the master leave a conference that goes on', async () => {
    await consult('conference')
    await client.post('conference', { deviceNumber: '1001', callRefID: 214 })
    await client.settle()
    await client.post('clear_connection', { deviceNumber: '1001', callRefID: 214 })
    await told(['C released 1001 ref214 releasedDN=1001 cause=57', 'A 45 ref214 Station/1001>/ 0003 -', 'A 44 ref214 Station/1001>/ 0003 -', 'A 18 Station/1001>/ - -'])
    await client.post('clear_connection', { deviceNumber: '1002', callRefID: 214 })
    await told(['C released 1002 ref214 releasedDN=1002 cause=48', 'A 44 ref214 Station/1002>/ 0000 -', 'A 18 Station/1002>/ - -', 'A 2 CO/0006>/ - -'])
  })

  it('9.5 transfers blind, and while the target rings', async () => {
    await talk()
    assert.deepEqual(await client.post('1step_transfer', { deviceNumber: '1001', callRefID: 214, transferDN: '1002' }), { callRefID: 214 })
    await told([
      'C transferring 1001 ref214 transferedDN=2025550123 transferToDN=1002 transferorDN=1001 callType=blind', 'A 66 ref214 Station/1002>CO/0006 0000 0000',
      'C ringing 1002 ref214 callingDN=2025550123 calledDN=1002 diversionNum=1001 cause=52', 'C released 1001 ref214 releasedDN=1001 cause=52', 'A 18 Station/1001>/ - -'
    ])
    await client.post('answer', { deviceNumber: '1002', callRefID: 214 })
    await client.post('consultation', { deviceNumber: '1002', callRefID: 214, calledDN: '1003', svcType: 'transfer' })
    await client.settle()
    await client.post('transfer', { deviceNumber: '1002', callRefID: 215 })
    await told([
      'C transferring 1002 ref214 transferedDN=2025550123 transferToDN=1003 transferorDN=1002 callType=unscreened', 'C transferred 1003 ref214 transferToDN=1003 transferorDN=1002',
      'A 70 ref214 CO/0006>Station/1003 - -', 'C released 1002 ref214 releasedDN=1002 cause=60', 'A 18 Station/1002>/ - -'
    ])
    await client.post('answer', { deviceNumber: '1003', callRefID: 214 })
    await told(['A 42 ref214 CO/0006>Station/1003 - -', 'A 17 ref214 Station/1003>/ - -', 'C connected 1003 ref214 callingDN=2025550123 calledDN=1003 cause=59'])
  })

  it('9.5 reroutes what rings, what talks and what waits', async () => {
    world.ring('1001')
    await client.settle()
    await client.post('reroute', { deviceNumber: '1001', callRefID: 214, divertToDN: '1003' })
    await told([
      'C rerouting 1001 ref214 calledDN=1003 reroutingDN=1001 cause=58', 'C released 1001 ref214 releasedDN=1001 cause=58', 'A 18 Station/1001>/ - -', 'A 66 ref214 Station/1003>CO/0006 0000 0000',
      'C ringing 1003 ref214 callingDN=2025550123 calledDN=1003 diversionNum=1001 cause=28'
    ])
    await client.post('answer', { deviceNumber: '1003', callRefID: 214 })
    await client.settle()
    await client.post('reroute', { deviceNumber: '1003', callRefID: 214, divertToDN: '1002' })
    assert.deepEqual((await client.told()).filter((line) => line.startsWith('C')), [
      'C rerouting 1003 ref214 calledDN=1002 reroutingDN=1003 cause=58', 'C ringing 1002 ref214 callingDN=2025550123 calledDN=1002 diversionNum=1003 cause=52', 'C released 1003 ref214 releasedDN=1003 cause=58'
    ])
    world.ring('620', '+12025550124')
    await client.settle()
    await client.post('reroute', { deviceNumber: '620', callRefID: 215, divertToDN: '1001' })
    assert.deepEqual((await client.told()).filter((line) => line.startsWith('C')), ['C ringing 1001 ref215 callingDN=2025550124 calledDN=1001 diversionNum=620 cause=28'])
  })

  it('9.6 pauses and ends the pause of an agent: the events come before the answer', async () => {
    await logOn()
    const pause = { deviceNumber: '1001', agentId: '0101', groupNumber: '620' }
    let first: number | undefined
    const answered = client.post('agent_state', { ...pause, agentState: 'dutyOff', reasonCode: '5' }).then(() => { first ??= client.frames.length })
    await answered
    assert.equal(first, 2)
    await told(['A 13 Station/1001>/ 0005 0008', `C agent_notready 1001 ${agent()}`])
    await client.post('agent_state', { ...pause, agentState: 'dutyOn', reasonCode: '0' })
    await told(['A 14 Station/1001>/ - 0008', `C agent_ready 1001 ${agent()}`])
    for (const [reasonCode, data] of [['0', '0010'], ['*', '0011'], ['#', '0012']] as const) {
      await client.post('agent_state', { ...pause, agentState: 'dutyOff', reasonCode })
      await told([`A 13 Station/1001>/ ${data} 0008`, `C agent_notready 1001 ${agent()}`])
    }
    assert.equal(await client.refused('POST', 'call/agent_logon', { deviceNumber: '1001', ...LOGON }), '403 147 InvalidState')
    await client.post('agent_logoff', { ...pause, loginPrimary: 'primary' })
    await told([`C agent_logoff 1001 ${agent()}`, 'A 12 Station/1001>/ 0008 -'])
    assert.equal(await client.refused('POST', 'call/agent_logoff', { ...pause, loginPrimary: 'primary' }), '403 147 InvalidState')
    world.pbx.setDnd('ann', true)
    await told(['A 19 Station/1001>/ - -', 'C dnd 1001 svcType=enable'])
  })

  it('9.7 forwards, parks and picks up', async () => {
    await client.post('forward', { deviceNumber: '1001', DN: '1001', cfwdType: 'no_answer', destNumber: '1002' })
    await told(['C forwarding 1001 destination=1002 svcType=no_answer', 'A 21 Station/1001>/ 0017 -'])
    await client.post('forward', { deviceNumber: '1001', DN: '1001', cfwdType: 'disable' })
    await told(['C forwarding 1001 destination= svcType=disable', 'A 22 Station/1001>/ - -'])
    await talk()
    assert.deepEqual(await client.post('park', { deviceNumber: '1001', callRefID: 214 }), { parkingLoc: 601 })
    await told(['C released 1001 ref214 releasedDN=1001 cause=48', 'A 55 ref214 Station/1001>CO/0006 0601 -', 'A 18 Station/1001>/ - -'])
    await client.post('unpark', { deviceNumber: '1002', callingDN: '1002', parkingLoc: 601 })
    await told(['A 42 ref214 CO/0006>Station/1002 - -', 'A 17 ref214 Station/1002>/ - -', 'C connected 1002 ref214 callingDN=2025550123 calledDN=1002 cause=22'])
    await client.post('clear_connection', { deviceNumber: '1002', callRefID: 214 })
    await client.settle()
    world.ring('1001', ADA)
    await client.settle()
    await client.post('pickup', { deviceNumber: '1002', callingDN: '1002', pickedDN: '1001', pickupType: 'direct_pickup' })
    const lines = await client.told()
    assert.deepEqual(lines.filter((line) => /^C|A 57/.test(line)).map((line) => line.replace(/ref\d+/, 'ref')), [
      'C released 1001 ref releasedDN=1001 cause=11', 'C connected 1002 ref callingDN=2025550123 calledDN=1002 cause=11', 'A 57 Station/1002>CO/0006 - -'
    ])
  })
})
