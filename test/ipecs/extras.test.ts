/** Requests as they go over the wire, where the simulator's house has nothing to show for them. */
import assert from 'node:assert/strict'
import { FakeSwitch, refuse } from './support/switch'
import { acd, cti, Line } from './support/line'

describe('iPECS: requests on the wire', () => {
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

  const SENT: readonly (readonly [action: string, fields: Record<string, unknown>, request: string, data: unknown])[] = [
    ['ipecs.page', { user: '1001', page: '2', number: '5' }, 'POST call/flexpage', { page_index: '2', service_num: '5' }],
    ['ipecs.cancelCallBack', { user: '1001' }, 'POST call/call_back', { deviceNumber: '1001', svcType: 'false' }],
    ['ipecs.groupStart', { user: '1001', groupIndex: 100 }, 'POST call/confgroup', { deviceNumber: '1001', groupIndex: 100 }],
    ['ipecs.groupAdd', { user: '1001', groupIndex: 100, memberType: 'station', memberIndex: 2, member: '1002' }, 'POST call/confgroup_callee', { deviceNumber: '1001', groupIndex: 100, memberIndex: 2, memberType: 'station', memberDN: '1002' }],
    ['ipecs.groupDrop', { user: '1001', groupIndex: 100, memberIndex: 2 }, 'DELETE call/confgroup_callee', { deviceNumber: '1001', groupIndex: 100, memberIndex: 2 }],
    ['ipecs.groupMute', { user: '1001', groupIndex: 100, memberIndex: 2, enabled: true }, 'POST call/confgroup_mutecallee', { deviceNumber: '1001', groupIndex: 100, memberIndex: 2, svcType: 'on' }],
    ['setForwarding', { user: '1001', rules: { busy: { enabled: true, to: '1002' }, noAnswer: { enabled: true, to: '1002' } } }, 'POST call/forward', { deviceNumber: '1001', DN: '1001', cfwdType: 'busy_noans', destNumber: '1002' }],
    ['pickup', { user: '1001', confirm: 'accepted' }, 'POST call/pickup', { deviceNumber: '1001', callingDN: '1001', pickupType: 'group_pickup' }],
    ['agentLogin', { user: '1001', agentId: '0101', queues: ['620', '621'], priority: 3 }, 'POST call/agent_logon', { deviceNumber: '1001', agentId: '0101', groupNumber: '620', loginPrimary: 'primary', loginPriority: 3 }],
    ['ipecs.deleteRecords', { condition: { StationNumber: '1001' } }, 'DELETE smdr', {}]
  ]
  for (const [action, fields, request, data] of SENT) {
    it(`${action} is ${request}`, async () => {
      await line.perform(action, fields)
      assert.deepEqual(pbx.of(request)[0]?.data, data)
    })
  }

  it('logs on to a second group as secondary', async () => {
    await line.perform('agentLogin', { user: '1001', agentId: '0101', queues: ['620', '621'] })
    assert.deepEqual(pbx.of('POST call/agent_logon').map(({ data }) => data.loginPrimary), ['primary', 'secondary'])
  })

  it('puts the condition of a deletion into the body as a form', async () => {
    await line.perform('ipecs.deleteRecords', { condition: { StationNumber: '1001' } })
    assert.equal(decodeURIComponent(pbx.of('DELETE smdr')[0]?.body ?? ''), 'q={"StationNumber":"1001"}')
    await assert.rejects(line.perform('ipecs.deleteRecords', { condition: {} }), { code: 'CTI_INVALID_REQUEST' })
  })

  it('asks for call records by station and time, and reads what comes', async () => {
    pbx.on('GET smdr', () => ({
      body: {
        count: 1, items: [{ Index: '7', callRefID: 214, StationNumber: '1001', CoNumber: '06', Duration: '00:02:11', StartTime: '2024-05-02 12:15', Direction: 'O', DialedNumber1: '912025550123', DisconnectCause: '16-Normal Call Clearing' }]
      }
    }))
    await line.feed(acd(68, { time: '2024/05/02 12:15:00' }))
    const { items, total } = await line.perform('callHistory', { user: '1001', since: '2024-05-01T22:00:00Z', limit: 10 })
    const { query } = pbx.of('GET smdr')[0]!
    assert.deepEqual([query.get('maxCount'), JSON.parse(query.get('q') ?? '')], ['10', { StationNumber: '1001', '$>=': { StartTime: '2024-05-02 00:00:00' } }])
    const { record, ...item } = items![0] as { record: object }
    assert.equal((record as { CoNumber: string }).CoNumber, '06')
    assert.deepEqual([item, total], [{ id: '7', type: 'placed', number: '912025550123', time: '2024-05-02T10:15:00.000Z', durationSeconds: 131, direction: 'O', directionText: 'outgoing', station: '1001' }, 1])
  })

  it('offers the services of a busy tone only while there is one', async () => {
    await assert.rejects(line.perform('bargeIn', { user: '1001', target: '1002' }), { code: 'CTI_CONFLICT' })
    await line.feed(cti('proceeding', '1001', { callRefID: 215, dialDigit: '1002' }), cti('fail', '1001', { callRefID: 215, callingDN: '1001', calledDN: '1002', causeCode: 3 }))
    await line.perform('bargeIn', { user: '1001', target: '1002' })
    await line.perform('ipecs.busyService', { user: '1001', service: 'campon' })
    assert.deepEqual(pbx.of('POST call/busy_service').map(({ data }) => [data.callRefID, data.type]), [[215, 'intrude'], [215, 'campon']])
  })

  it('pulls a waiting caller out of a group by the number of the group', async () => {
    await line.feed(acd(62, { ref: 3, from: 'CO/0006', data1: '0008' }))
    await line.perform('redirect', { callId: line.session.picture.callsOf('620')[0]!.id, to: '1001', confirm: 'accepted' })
    assert.deepEqual(pbx.of('POST call/reroute')[0]?.data, { deviceNumber: '620', callRefID: 3, divertToDN: '1001' })
    const told = await line.feed(cti('ringing', '1001', { callRefID: 3, callingDN: '2025550123', calledDN: '1001', diversionNum: '620', causeCode: 28 }))
    assert.deepEqual(Line.short(told), ['call.dequeued 620/3 ended', 'call.ringing 1001/3 ringing'])
  })

  it('refuses forwardings that the switch cannot hold', async () => {
    const rules = (value: object): Promise<unknown> => line.perform('setForwarding', { user: '1001', rules: value })
    await assert.rejects(rules({ always: { enabled: true, to: '1' }, busy: { enabled: true, to: '1' } }), { code: 'CTI_CONFLICT' })
    await assert.rejects(rules({ busy: { enabled: true, to: '1' }, noAnswer: { enabled: true, to: '2' } }), { code: 'CTI_CONFLICT' })
    await assert.rejects(rules({ notReachable: { enabled: true, to: '1' } }), { code: 'CTI_UNSUPPORTED' })
    await assert.rejects(rules({ busy: { enabled: true } }), { code: 'CTI_INVALID_REQUEST' })
    assert.equal(pbx.of('POST call/forward').length, 0)
  })

  it('lets a site correct a command, and use one of its own', async () => {
    await line.close()
    line = await Line.online(pbx, { commands: '{"hold":{"path":"call/park_hold","envelope":false},"lamp":{"path":"call/lamp","params":{"deviceNumber":"{device}"}}}' })
    await line.feed(cti('connected', '1001', { callRefID: 4, callingDN: '2025550123', calledDN: '1001' }))
    await line.perform('hold', { user: '1001', confirm: 'accepted' })
    await line.perform('ipecs.command', { name: 'lamp', params: { device: '1001' } })
    assert.deepEqual([pbx.of('POST call/park_hold')[0]?.json, pbx.of('POST call/lamp')[0]?.data], [{ deviceNumber: '1001', callRefID: 4 }, { deviceNumber: '1001' }])
    await assert.rejects(line.perform('ipecs.command', { name: 'getAnonymousReject' }), { code: 'CTI_UNSUPPORTED' })
  })

  it('keeps the token out of requests that a flow makes, and their paths below the Web API', async () => {
    await line.perform('request', { path: 'call/status', query: { deviceNumber: '1001' }, headers: { Authorization: 'Bearer mine', 'X-Test': '1' } })
    const asked = pbx.of('GET call/status').at(-1)
    assert.notEqual(asked?.headers.authorization, 'Bearer mine')
    assert.equal(asked?.headers['x-test'], '1')
    for (const path of ['https://example.com/', '../../admin', '//example.com/x', '']) await assert.rejects(line.perform('request', { path }), { code: 'CTI_INVALID_REQUEST' }, path)
  })

  it('never repeats an originate whose answer was lost', async () => {
    pbx.on('POST call/make', () => ({ never: true }))
    const lost = line.perform('originate', { user: '1001', to: '1002', timeoutMs: 100 })
    const watched = assert.rejects(lost, { code: 'CTI_UNKNOWN_OUTCOME' })
    await new Promise((resolve) => { setTimeout(resolve, 30) })
    await line.clock.advance(200)
    await watched
    assert.equal(pbx.of('POST call/make').length, 1)
  })

  it('makes a click call for a client account, which has no call control', async () => {
    await line.close()
    line = await Line.online(pbx, { accountType: 'client' })
    pbx.on('POST clickcall', () => ({}))
    await line.perform('ipecs.clickCall', { to: '912025550123' })
    assert.deepEqual(pbx.of('POST clickcall')[0]?.json, { From: 'apiuser', To: '912025550123' })
    pbx.on('POST clickcall', () => refuse(403, 110, 'caller busy'))
    await assert.rejects(line.perform('ipecs.clickCall', { to: '1' }), { code: 'CTI_CONFLICT' })
    await assert.rejects(line.perform('originate', { to: '1' }), { code: 'CTI_UNSUPPORTED' })
  })
})
