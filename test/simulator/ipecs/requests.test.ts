/** Each request of the command table, with its effect on the PBX, and what it refuses (ipecs.md 3). */
import assert from 'node:assert/strict'
import { type RawClient } from './client'
import { ADA, IpecsWorld } from './world'

describe('simulator/ipecs requests', () => {
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

  describe('of calls', () => {
    beforeEach(() => open())

    it('takes parameters with and without the envelope, in the query, in q and as numbers', async () => {
      assert.deepEqual((await client.request('POST', 'call/make', { body: { deviceNumber: 1001, calledDN: 1002 } })).body, { data: { callRefID: 214 } })
      assert.deepEqual((await client.request('POST', 'call/answer', { body: { transactionID: 5, data: { deviceNumber: '1002', callRefID: '214' } } })).body, { transactionID: 5, data: {} })
      assert.deepEqual((await client.request('GET', 'call/status?deviceNumber=1001')).body, { data: { state: 'stn_talk' } })
      assert.deepEqual((await client.request('GET', `call/status?q=${encodeURIComponent('{"deviceNumber":"1003"}')}`)).body, { data: { state: 'idle' } })
      assert.equal((await client.request('POST', 'call/monitor', { body: { transactionID: 6, data: { deviceNumber: ['1001'] } } })).text, '{"transactionID":6,"result":[{"1001":"OK"}]}')
      assert.equal((await client.request('POST', 'call/make', { text: '{"deviceNumber"' })).status, 400)
      assert.equal((await client.request('POST', 'call/make', { text: '[1]' })).status, 400)
    })

    it('names what is wrong with a call', async () => {
      assert.equal(await refused('make', { deviceNumber: '9999', calledDN: '1002' }), '404 104 invalidCallingDeviceIdentifier')
      assert.equal(await refused('make', { deviceNumber: '1099', calledDN: '1002' }), '404 104 invalidCallingDeviceIdentifier')
      assert.equal(await refused('make', { deviceNumber: '1004', calledDN: '1002' }), '403 150 unregistered')
      assert.equal(await refused('make', { deviceNumber: '1001' }), '400 111 invalidParameterValue')
      assert.equal(await refused('make', { deviceNumber: '1001', calledDN: 'ann' }), '404 105 invalidCalledDeviceIdentifier')
      assert.equal(await refused('answer', { deviceNumber: '1001', callRefID: 77 }), '404 106 invalidConnectionIdentifier')
      assert.equal(await refused('answer', { deviceNumber: '1001', callRefID: 'x' }), '400 111 invalidParameterValue')
      world.pbx.answer(world.ring('1001').key)
      assert.equal(await refused('answer', { deviceNumber: '1001', callRefID: 214 }), '403 204 noCallToAnswer')
      assert.equal(await refused('consultation', { deviceNumber: '1001', callRefID: 214, calledDN: '1002' }), '400 111 invalidParameterValue')
      assert.equal(await refused('transfer', { deviceNumber: '1001', callRefID: 214 }), '403 201 NoHeldCall')
      assert.equal(await refused('1step_transfer', { deviceNumber: '1001', callRefID: 214, transferDN: '5' }), '400 107 invalidDestination')
      assert.equal(await refused('1step_transfer', { deviceNumber: '1001', callRefID: 214, transferDN: 'x' }), '400 107 invalidDestination')
      assert.equal(await refused('dial_digit', { deviceNumber: '1001', callRefID: 214, dialDigit: 'A' }), '400 111 invalidParameterValue')
    })

    it('rejects what rings by the command that hangs up', async () => {
      world.ring('1001')
      await client.settle()
      await client.post('clear_connection', { deviceNumber: '1001', callRefID: 214 })
      assert.deepEqual(await client.told(), ['C released 1001 ref214 releasedDN=1001 cause=103', 'A 43 CO/0006>Station/1001 - -', 'A 18 Station/1001>/ - -', 'A 2 CO/0006>/ - -'])
    })

    it('fails to numbers that do not exist and to the busy', async () => {
      await client.post('make', { deviceNumber: '1001', calledDN: '912025550126' })
      assert.deepEqual((await calls()).at(-1), 'C fail 1001 ref214 callingDN=1001 calledDN=912025550126 cause=13')
      await client.post('clear_connection', { deviceNumber: '1001', callRefID: 214 })
      await client.post('make', { deviceNumber: '1001', calledDN: '912025550125' })
      assert.deepEqual((await calls()).at(-1), 'C fail 1001 ref215 callingDN=1001 calledDN=912025550125 cause=3')
    })

    it('dials digits, which make no event', async () => {
      world.pbx.answer(world.ring('1001').key)
      await client.settle()
      let dialled: unknown
      const stop = world.pbx.facts.on(({ detail }) => { dialled = detail?.dtmf })
      await client.post('dial_digit', { deviceNumber: '1001', callRefID: 214, dialDigit: '#' })
      stop()
      assert.equal(dialled, '#')
      assert.deepEqual(await client.told(), [])
    })

    it('intrudes, camps on and calls back on the busy tone of a station', async () => {
      const busy = world.pbx.originate('cleo', '1002')
      world.pbx.answer(world.only('ben').key)
      await client.post('make', { deviceNumber: '1001', calledDN: '1003' })
      assert.equal(await refused('busy_service', { deviceNumber: '1001', callRefID: 215, type: 'intrude' }), '403 143 AccessDenied')
      assert.deepEqual(await client.post('busy_service', { deviceNumber: '1001', callRefID: 215, type: 'callwait' }), { callRefID: 215 })
      assert.deepEqual((await calls()).at(-1), 'C ringing 1003 ref215 callingDN=1001 calledDN=1003 cause=99')
      assert.equal(await refused('busy_service', { deviceNumber: '1001', callRefID: 215, type: 'callwait' }), '403 203 invalidConnectionState')
      await client.post('clear_connection', { deviceNumber: '1001', callRefID: 215 })

      await client.post('make', { deviceNumber: '1005', calledDN: '1003' })
      assert.deepEqual(await client.post('busy_service', { deviceNumber: '1005', callRefID: 216, type: 'intrude' }), { callRefID: 217 })
      assert.equal(world.only('eve').monitor?.mode, 'bargeIn')
      assert.deepEqual((await calls()).at(-1), 'C connected 1005 ref217 callingDN=1003 calledDN=1005 cause=31')
      await client.post('clear_connection', { deviceNumber: '1005', callRefID: 217 })

      await client.post('make', { deviceNumber: '1001', calledDN: '1003' })
      await client.post('busy_service', { deviceNumber: '1001', callRefID: 218, type: 'callback' })
      assert.deepEqual(state('ann'), [])
      await client.settle()
      world.pbx.release(busy.key)
      assert.deepEqual((await calls()).at(-1), 'C ringing 1001 ref219 callingDN=1003 calledDN=1001 cause=4')
      world.pbx.answer(world.only('ann').key)
      assert.deepEqual((await calls()).slice(-2), ['C alerting 1001 ref219 callingDN=1001 calledDN=1003 cause=22', 'C ringing 1003 ref219 callingDN=1001 calledDN=1003 cause=22'])
    })

    it('forgets a call back that is cancelled', async () => {
      const busy = world.pbx.originate('cleo', '1002')
      await client.post('make', { deviceNumber: '1001', calledDN: '1003' })
      await client.post('busy_service', { deviceNumber: '1001', callRefID: 215, type: 'callback' })
      await client.post('call_back', { deviceNumber: '1001', svcType: 'false' })
      world.pbx.release(busy.key)
      await client.settle()
      assert.deepEqual(state('ann'), [])
      assert.equal(await refused('call_back', { deviceNumber: '1001', svcType: 'false' }), '403 147 InvalidState')
    })

    it('picks up in the group and parks until the places are taken', async () => {
      world.ring('1001')
      await client.post('pickup', { deviceNumber: '1002', callingDN: '1002', pickupType: 'group_pickup' })
      assert.deepEqual([state('ann'), state('ben')], [[], ['connected']])
      assert.equal(await refused('pickup', { deviceNumber: '1001', callingDN: '1001', pickupType: 'group_pickup' }), '403 204 noCallToAnswer')
      assert.equal(await refused('pickup', { deviceNumber: '1001', callingDN: '1001', pickupType: 'direct_pickup' }), '404 105 invalidCalledDeviceIdentifier')
      assert.deepEqual(await client.post('park', { deviceNumber: '1002', callRefID: 214 }), { parkingLoc: 601 })
      world.pbx.answer(world.ring('1001', '+12025550124').key)
      assert.deepEqual(await client.post('park', { deviceNumber: '1001', callRefID: 215 }), { parkingLoc: 602 })
      world.pbx.answer(world.ring('1001', '+12025550127').key)
      assert.equal(await refused('park', { deviceNumber: '1001', callRefID: 216 }), '403 301 resourceBusy')
      assert.equal(await refused('unpark', { deviceNumber: '1003', callingDN: '1003', parkingLoc: 700 }), '400 111 invalidParameterValue')
      await client.settle()
      await client.post('make', { deviceNumber: '1002', calledDN: '601' })
      assert.equal((await calls()).at(-1), 'C connected 1002 ref214 callingDN=2025550123 calledDN=1002 cause=22')
      assert.equal(await refused('unpark', { deviceNumber: '1003', callingDN: '1003', parkingLoc: 601 }), '403 201 NoHeldCall')
    })
  })

  describe('of stations', () => {
    beforeEach(() => open())

    it('sets and reads forwarding of every type', async () => {
      const get = async (): Promise<unknown> => (await client.request('GET', 'call/forward?deviceNumber=1001&DN=1001')).body.data
      const set = (cfwdType: string, destNumber?: string): Promise<unknown> => client.post('forward', { deviceNumber: '1001', DN: '1001', cfwdType, ...(destNumber === undefined ? {} : { destNumber }) })
      assert.deepEqual(await get(), { cfwdType: 'disable', destNumber: '' })
      const data: Record<string, string> = { uncondition: '0002', busy: '0034', no_answer: '0018', busy_noans: '0050' }
      for (const [type, code] of Object.entries(data)) {
        await set(type, '912025550199')
        assert.deepEqual(await get(), { cfwdType: type, destNumber: '912025550199' })
        assert.deepEqual(await client.told(), [`C forwarding 1001 destination=912025550199 svcType=${type}`, `A 21 Station/1001>/ ${code} -`])
      }
      assert.equal(world.pbx.users.get('ann')?.forwarding.always.enabled, false)
      await set('no_answer', '620')
      assert.equal((await client.told()).at(-1), 'A 21 Station/1001>/ 0022 -')
      world.pbx.setForwarding('ann', 'noAnswer', { rings: 3 })
      assert.deepEqual(await get(), { cfwdType: 'no_answer', destNumber: '620', ringTime: 18 })
      assert.equal(await refused('forward', { deviceNumber: '1001', DN: '1001', cfwdType: 'busy', destNumber: '5' }), '400 112 invalidForwardingDestination')
      assert.equal(await refused('forward', { deviceNumber: '1001', DN: '1001', cfwdType: 'sometimes', destNumber: '1002' }), '400 111 invalidParameterValue')
      await set('disable')
      await set('DND')
      assert.equal(world.pbx.users.get('ann')?.dnd.enabled, true)
      assert.deepEqual(await get(), { cfwdType: 'DND', destNumber: '' })
    })

    it('goes the way of forwarding, and tells it', async () => {
      world.pbx.setForwarding('ann', 'noAnswer', { enabled: true, to: '1002', rings: 2 })
      await client.settle()
      world.ring('1001')
      await client.settle()
      world.clock.advance(12_000)
      assert.deepEqual(await client.told(), [
        'A 48 ref214 Station/1001>Station/1002 - -', 'C released 1001 ref214 releasedDN=1001 cause=8', 'A 18 Station/1001>/ - -', 'A 66 ref214 Station/1002>CO/0006 0000 0000',
        'C ringing 1002 ref214 callingDN=2025550123 calledDN=1002 diversionNum=1001 cause=8'
      ])
    })

    it('sets and reads do not disturb, and counts messages', async () => {
      await client.post('dnd', { deviceNumber: '1001', DN: '1001', svcType: 'enable' })
      assert.deepEqual((await client.request('GET', 'call/dnd?deviceNumber=1001')).body, { data: { svcType: 'enable' } })
      await client.request('POST', 'call/monitor', { body: { deviceNumber: ['1004'] } })
      await client.settle()
      world.pbx.setRegistered('dan-desk', true)
      assert.deepEqual((await client.request('GET', 'call/mwi?deviceNumber=1004')).body, { data: { msgStatus: 'false', newMsg: 0, oldMsg: 0, newUrgentMsg: 0 } })
      await client.settle()
      const { id } = world.pbx.leaveVoicemail('dan', { kind: 'external', number: ADA }, 5000)
      world.pbx.leaveVoicemail('dan', { kind: 'external', number: ADA }, 5000, true)
      world.pbx.markVoicemail('dan', id, true)
      assert.deepEqual((await client.request('GET', 'call/mwi?deviceNumber=1004')).body, { data: { msgStatus: 'true', newMsg: 1, oldMsg: 1, newUrgentMsg: 1 } })
      assert.equal((await calls()).at(-1), 'C mwi 1004 msgStatus=true newMsg=1 oldMsg=1 newUrgentMsg=1')
    })

    it('says what each station is', async () => {
      const status = async (device: string): Promise<unknown> => (await client.request('GET', `call/status?deviceNumber=${device}`)).body.data
      assert.deepEqual(await status('1004'), { state: 'block' })
      world.pbx.setDnd('cleo', true)
      assert.deepEqual(await status('1003'), { state: 'DND' })
      world.pbx.setForwarding('eve', 'always', { enabled: true, to: '1003' })
      assert.deepEqual(await status('1005'), { state: 'fwd_uncond' })
      world.ring('1001')
      assert.deepEqual(await status('1001'), { state: 'ring' })
      world.pbx.answer(world.only('ann').key)
      assert.deepEqual(await status('1001'), { state: 'trk_talk' })
      world.pbx.hold(world.only('ann').key)
      assert.deepEqual(await status('1001'), { state: 'hold' })
      assert.equal(await client.refused('GET', 'call/status?deviceNumber=77'), '404 104 invalidCallingDeviceIdentifier')
    })

    it('tells presence of stations and lines when it changes', async () => {
      const started = await client.request('POST', 'call/presence', { body: { deviceNumber: ['1003', '6', '4711'] } })
      assert.equal(started.text, '{"result":[{"1003":"OK"},{"6":"OK"},{"4711":"invalidParameterValue"}]}')
      world.pbx.answer(world.ring('1003').key)
      assert.deepEqual((await calls()).filter((line) => line.includes('presence')), ['C presence 1003 deviceType=ext status=trk_talk', 'C presence 6 deviceType=trk status=busy'])
      world.pbx.release(world.only('cleo').key)
      assert.deepEqual((await calls()).filter((line) => line.includes('presence')), ['C presence 1003 deviceType=ext status=idle', 'C presence 6 deviceType=trk status=idle'])
      assert.equal((await client.request('DELETE', 'call/presence', { body: { deviceNumber: ['1003'] } })).text, '{"result":[{"1003":"OK"}]}')
      world.pbx.setDnd('cleo', true)
      assert.deepEqual((await calls()).filter((line) => line.includes('presence')), [])
    })

    it('stops monitoring, and takes a hundred devices at most', async () => {
      assert.equal((await client.request('DELETE', 'call/monitor', { body: { deviceNumber: ['1001', '1002'] } })).text, '{}')
      assert.equal((await client.request('DELETE', 'call/monitor', { body: { deviceNumber: ['1001', '1003'] } })).text, '{"result":[{"1001":"invalidParameterValue"},{"1003":"OK"}]}')
      world.ring('1001')
      assert.deepEqual(await calls(), [])
      const many = Array.from({ length: 101 }, (_, n) => String(1001 + n))
      assert.equal((await client.request('POST', 'call/monitor', { body: { deviceNumber: many } })).text, '{"error":{"code":1,"message":"Invalid Parameter"}}')
      assert.equal((await client.request('POST', 'call/monitor', { body: { deviceNumber: many.slice(1) } })).status, 200)
    })

    it('lists terminals in pages', async () => {
      const page = (await client.request('GET', 'call/terminal?startIndex=1&count=2')).body.data as { terminals: unknown[] }
      assert.deepEqual(page.terminals, [
        { deviceIndex: 1, deviceNumber: '1002', deviceType: 'lip', tenantNumber: 1, callControl: 'enable' }, { deviceIndex: 2, deviceNumber: '1003', deviceType: 'lip', tenantNumber: 1, callControl: 'enable' }
      ])
      const rest = await client.post('terminal', { startIndex: 4, count: 100 })
      assert.equal((rest.terminals as unknown[]).length, 1)
      assert.equal(await client.refused('GET', 'call/terminal?count=101'), '400 111 invalidParameterValue')
    })

    it('pages zones', async () => {
      for (const index of [0, 3, 36]) await client.post('flexpage', { page_index: index, service_num: '1' })
      assert.deepEqual(await client.told(), ['A 52 Station/1005>/ - -', 'A 54 Station/1005>/ 0003 -', 'A 53 Station/1005>/ 0001 -'])
    })
  })
})
