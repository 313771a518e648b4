/** Requests for agents, conferences and records, with their effect on the PBX, and what options change (ipecs.md 3). */
import assert from 'node:assert/strict'
import { type RawClient } from './client'
import { IpecsWorld } from './world'

describe('simulator/ipecs more requests', () => {
  let world: IpecsWorld
  let client: RawClient
  const open = async (options: Parameters<typeof IpecsWorld.open>[0] = {}): Promise<void> => {
    world = await IpecsWorld.open(options)
    client = await world.listener('1001', '1002', '1003', '1005', '620')
  }
  afterEach(() => world.close())

  const calls = async (): Promise<string[]> => (await client.told()).filter((line) => line.startsWith('C'))
  const state = (userKey: string): string[] => world.pbx.connectionsOf(userKey).map((connection) => connection.state)
  const refused = (command: string, data: Record<string, unknown>): Promise<string> => client.refused('POST', `call/${command}`, data)

  describe('of agents', () => {
    beforeEach(() => open())
    const agent = { deviceNumber: '1001', agentId: '0101' }

    it('logs on to a second group, and off from one after the other', async () => {
      await client.post('agent_logon', { ...agent, groupNumber: '620', loginPrimary: 'primary', loginPriority: 2 })
      await client.post('agent_logon', { ...agent, groupNumber: '630', loginPrimary: 'secondary', loginPriority: 0 })
      assert.equal(world.pbx.queues.get('sales')?.members[0]?.priority, 2)
      assert.deepEqual((await client.told()).slice(4), ['A 25 Station/1001>/ 0001 0101', 'C agent_logon 1001 primaryAgentId=0101 primaryAcdGroup=620 secondaryAgentId=0101 secondaryAcdGroup=630'])
      await client.post('agent_state', { ...agent, groupNumber: '630', agentState: 'dutyOff', reasonCode: '1' })
      assert.equal(world.pbx.agents.get('agent-ann')?.reason, 'BREAK')
      assert.deepEqual((await client.told()).filter((line) => line.startsWith('A')), ['A 13 Station/1001>/ 0001 0008', 'A 13 Station/1001>/ 0001 0001'])
      await client.post('agent_logoff', { ...agent, groupNumber: '620', loginPrimary: 'primary' })
      await client.post('agent_logoff', { ...agent, groupNumber: '630', loginPrimary: 'secondary' })
      assert.deepEqual(await client.told(), [
        'C agent_logoff 1001 primaryAgentId=0101 primaryAcdGroup=620 secondaryAgentId= secondaryAcdGroup=', 'A 12 Station/1001>/ 0008 -',
        'C agent_logoff 1001 primaryAgentId=0101 primaryAcdGroup=630 secondaryAgentId= secondaryAcdGroup=', 'A 12 Station/1001>/ 0001 -'
      ])
      assert.equal(world.pbx.agents.get('agent-ann')?.loggedIn, false)
    })

    it('refuses stations, groups and ids that do not fit', async () => {
      const logon = { loginPrimary: 'primary', loginPriority: 1 }
      assert.equal(await refused('agent_logon', { ...agent, ...logon, deviceNumber: '1003', groupNumber: '620' }), '403 143 AccessDenied')
      assert.equal(await refused('agent_logon', { ...agent, ...logon, deviceNumber: '1005', groupNumber: '620' }), '403 143 AccessDenied')
      assert.equal(await refused('agent_logon', { ...agent, ...logon, groupNumber: '699' }), '400 111 invalidParameterValue')
      assert.equal(await refused('agent_logon', { ...agent, ...logon, agentId: '77', groupNumber: '620' }), '400 111 invalidParameterValue')
      assert.equal(await refused('agent_logon', { ...agent, ...logon, groupNumber: '620', loginPriority: 10 }), '400 111 invalidParameterValue')
      await client.post('agent_logon', { ...agent, ...logon, groupNumber: '620' })
      assert.equal(await refused('agent_state', { ...agent, groupNumber: '620', agentState: 'dutyOff', reasonCode: 'x' }), '400 111 invalidParameterValue')
      assert.equal(await refused('agent_state', { ...agent, agentId: '0102', groupNumber: '620', agentState: 'dutyOff', reasonCode: '1' }), '400 111 invalidParameterValue')
      assert.equal(await refused('agent_state', { ...agent, groupNumber: '630', agentState: 'dutyOff', reasonCode: '1' }), '403 147 InvalidState')
    })

    it('pauses in a call: told at once, true after it', async () => {
      await client.post('agent_logon', { ...agent, groupNumber: '620', loginPrimary: 'primary' })
      world.pbx.answer(world.ring('1001').key)
      await client.settle()
      await client.post('agent_state', { ...agent, groupNumber: '620', agentState: 'dutyOff', reasonCode: '3' })
      assert.deepEqual((await client.told())[0], 'A 13 Station/1001>/ 0003 0008')
      assert.equal(world.pbx.agents.get('agent-ann')?.routing, 'ready')
      world.pbx.release(world.only('ann').key)
      assert.equal((await calls()).at(-1), 'C agent_notready 1001 primaryAgentId=0101 primaryAcdGroup=620 secondaryAgentId= secondaryAcdGroup=')
      assert.equal(world.pbx.agents.get('agent-ann')?.routing, 'notReady')
    })
  })

  describe('of conferences', () => {
    it('calls all members of a group, joins who answers, adds, mutes and drops them', async () => {
      await open({ confGroups: { 100: ['1002', '1003'] } })
      await client.post('confgroup', { deviceNumber: '1001', groupIndex: 100 })
      assert.deepEqual((await calls()).map((line) => line.split(' ').slice(1, 3).join(' ')), ['proceeding 1001', 'alerting 1001', 'ringing 1002', 'proceeding 1001', 'alerting 1001', 'ringing 1003'])
      await client.post('answer', { deviceNumber: '1002', callRefID: 214 })
      await client.post('answer', { deviceNumber: '1003', callRefID: 215 })
      assert.equal(world.pbx.conferenceOf('ann')?.connections.length, 2)
      const told = await calls()
      assert.ok(told.includes('C confgroupmember groupIndex=100 groupUsage=true memberIndex=2 memberDN=1003 memberState=busy'), told.join('\n'))
      assert.ok(told.includes('C conferencing 1001 ref214 memberDN=1001,1002,1003 newConfMemberDN=1003'), told.join('\n'))
      await client.post('confgroup_callee', { deviceNumber: '1001', groupIndex: 100, memberType: 'station', memberIndex: 3, memberDN: '1005' })
      await client.post('answer', { deviceNumber: '1005', callRefID: 216 })
      assert.equal(world.pbx.conferenceOf('ann')?.connections.length, 3)
      await client.settle()
      await client.post('confgroup_mutecallee', { deviceNumber: '1001', groupIndex: 100, memberIndex: 2, svcType: 'on' })
      assert.equal(world.only('cleo').muted, true)
      assert.deepEqual(await calls(), ['C setmuteon 1001 groupIndex=100 memberIndex=2 muteOn=true'])
      await client.order('DELETE', 'call/confgroup_callee', { deviceNumber: '1001', groupIndex: 100, memberIndex: 2 })
      assert.deepEqual(await client.told(), [
        'C releasedasc 1003 ref214 releasedAscDN=1001 cause=48', 'C released 1003 ref214 releasedDN=1003 cause=48', 'A 45 ref214 Station/1001>/ 0003 -', 'A 44 ref214 Station/1003>/ 0003 -',
        'A 18 Station/1003>/ - -', 'C confgroupmember groupIndex=100 groupUsage=true memberIndex=2 memberDN=1003 memberState=idle'
      ])
      await client.post('confgroup', { deviceNumber: '1001', groupIndex: 999 })
      assert.deepEqual(['ann', 'ben', 'cleo', 'eve'].flatMap(state), [])
      assert.equal(await refused('confgroup', { deviceNumber: '1001', groupIndex: 999 }), '403 205 noConnectionToClear')
      assert.equal(await refused('confgroup', { deviceNumber: '1001', groupIndex: 101 }), '400 111 invalidParameterValue')
      assert.equal(await refused('confgroup_callee', { deviceNumber: '1001', groupIndex: 100, memberType: 'station', memberIndex: 3, memberDN: '1005' }), '403 147 InvalidState')
    })

    it('opens and closes rooms', async () => {
      await open()
      const room = async (): Promise<unknown> => (await client.request('GET', 'call/confroom?deviceNumber=1001&roomIndex=3')).body.data
      assert.deepEqual(await room(), { roomIndex: 3, roomUsage: 'false', memberCount: 0, member: [] })
      await client.post('confroom', { deviceNumber: '1001', roomIndex: 3, roomPwd: '77', roomUsage: 'true' })
      assert.deepEqual(await room(), { roomIndex: 3, roomUsage: 'true', memberCount: 1, member: ['1001'] })
      assert.equal(await refused('confroom', { deviceNumber: '1001', roomIndex: 3, roomPwd: '78', roomUsage: 'false' }), '403 149 InvalidPassword')
      await client.post('confroom', { deviceNumber: '1001', roomIndex: 3, roomPwd: '77', roomUsage: 'false' })
      assert.deepEqual(await calls(), ['C confroommember 1001 roomIndex=3 roomUsage=true memberCount=1 member=1001', 'C confroommember 1001 roomIndex=3 roomUsage=false memberCount=0 member='])
    })
  })

  describe('of records', () => {
    it('keeps records of calls, finds them by conditions and deletes them', async () => {
      await open({ liveRecords: true })
      await client.post('make', { deviceNumber: '1001', calledDN: '912025550124' })
      world.clock.advance(132_000)
      await client.post('clear_connection', { deviceNumber: '1001', callRefID: 214 })
      const [live] = (await client.told(true)).filter((line) => line.startsWith('R'))
      assert.equal(live, 'R  ref214 Index=1 StationNumber=1001 CoNumber=06 Duration=00:02:11 StartTime=2024-05-02 10:15 Direction=O DialedNumber1=912025550124 Cost= AccountCode= DialedNumber2= DisconnectCause=16-Normal Call Clearing')
      world.pbx.answer(world.ring('1002').key)
      world.pbx.release(world.only('ben').key)
      world.ring('1001')
      world.pbx.external(world.only('ann').key).hangUp()
      world.pbx.release(world.pbx.originate('ann', '1002').key)
      const find = async (q?: unknown): Promise<string> => {
        const answer = await client.request('GET', `smdr?maxCount=10${q === undefined ? '' : `&q=${encodeURIComponent(JSON.stringify(q))}`}`)
        if (answer.status !== 200) return String(answer.status)
        return ((answer.body.items ?? []) as { Index: string; Direction: string }[]).map((item) => item.Index + item.Direction).join(' ')
      }
      assert.equal(await find(), '1O 2I 3R 4E')
      assert.equal(await find({ StationNumber: '1001' }), '1O 3R 4E')
      assert.equal(await find({ StationNumber: '1001', '$>': { StartTime: '2024-05-02 10:16' } }), '3R 4E')
      assert.equal(await find({ $or: [{ Direction: 'I' }, { '$<=': { Index: 1 } }] }), '1O 2I')
      assert.equal(await find({ $not: { $regex: { DialedNumber1: '91202*' } } }), '2I 3R 4E')
      assert.equal(await find({ $and: [{ $regex: { DialedNumber1: '?00?' } }, { '$>=': { Duration: '00:00:00' } }] }), '4E')
      assert.equal(await find({ $regex: { StartTime: '2024-05-02\\*' } }), '')
      assert.equal(await find({ NoSuchField: 1, '$>': { constructor: 0 } }), '')
      assert.equal(await find({ constructor: 'x' }), '')
      assert.equal(await find({ $regex: { DialedNumber1: `${'*'.repeat(50)}x` } }), '')
      assert.equal(await find({ $or: 1 }), '400')
      assert.deepEqual((await client.request('GET', 'smdr?countOnly=true')).body, { count: 4 })
      assert.equal(((await client.request('GET', 'smdr?maxCount=2')).body.items as unknown[]).length, 2)
      assert.equal(((await client.request('GET', 'smdr?maxCount=0')).body.items as unknown[]).length, 4)
      const deleted = await client.request('DELETE', 'smdr', { text: encodeURIComponent('{"StationNumber":"1001","Direction":"R"}') })
      assert.deepEqual([deleted.status, deleted.text], [200, ''])
      assert.equal(await find(), '1O 2I 4E')
      await client.request('DELETE', `smdr?q=${encodeURIComponent('{"Direction":"E"}')}`)
      await client.request('DELETE', 'smdr', { body: { Direction: 'I' } })
      assert.equal(await find(), '1O')
    })
  })

  describe('with other options', () => {
    it('wants the reference that a site expects for transfer', async () => {
      for (const [refOf, wrong, right] of [['held', 215, 214], ['active', 214, 215]] as const) {
        await open({ refOf })
        world.pbx.answer(world.ring('1001').key)
        await client.post('consultation', { deviceNumber: '1001', callRefID: 214, calledDN: '1002', svcType: 'transfer' })
        world.pbx.answer(world.only('ben').key)
        assert.equal(await refused('transfer', { deviceNumber: '1001', callRefID: wrong }), '404 106 invalidConnectionIdentifier')
        assert.deepEqual(await client.post('transfer', { deviceNumber: '1001', callRefID: right }), { callRefID: 214 })
        if (refOf === 'held') await world.close()
      }
    })

    it('refuses stations without a licence and those that may not be monitored', async () => {
      await open({ unlicensed: ['1003'], refused: ['1002'], monitorGroups: false })
      const answer = await client.request('POST', 'call/monitor', { body: { deviceNumber: ['1002', '1003', '620'] } })
      assert.deepEqual(answer.body.result, [{ 1002: 'AccessDenied' }, { 1003: 'serviceNotSupported' }, { 620: 'invalidParameterValue' }])
      assert.equal(await refused('make', { deviceNumber: '1003', calledDN: '1001' }), '400 102 serviceNotSupported')
    })

    it('lets the user of an analogue phone lift before it dials', async () => {
      await open({ analogue: ['1001'] })
      assert.deepEqual(await client.post('make', { deviceNumber: '1001', calledDN: '1002' }), { callRefID: 214 })
      assert.deepEqual(await calls(), [])
      world.pbx.answer(world.only('ann').key)
      assert.deepEqual((await calls()).slice(0, 2), ['C dialing 1001 ref214', 'C proceeding 1001 ref214 dialDigit=1002'])
    })

    it('rings a station again that holds too long', async () => {
      await open({ holdRecallMs: 30_000 })
      world.pbx.answer(world.ring('1001').key)
      await client.post('hold', { deviceNumber: '1001', callRefID: 214 })
      await client.settle()
      world.clock.advance(30_000)
      assert.deepEqual(await client.told(), ['A 50 ref214 Station/1001>CO/0006 - -', 'C ringing 1001 ref214 callingDN=2025550123 calledDN=1001 cause=27'])
      await client.post('answer', { deviceNumber: '1001', callRefID: 214 })
      assert.deepEqual(await calls(), ['C connected 1001 ref214 callingDN=2025550123 calledDN=1001 cause=59'])
    })
  })
})
