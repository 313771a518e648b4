import assert from 'node:assert/strict'
import { MemoryTokenStore } from '../../src/session/tokenStore'
import { FakeSwitch, refuse, TOKEN } from './support/switch'
import { acd, cti, Line, until } from './support/line'

describe('iPECS: a session', () => {
  let pbx: FakeSwitch
  let line: Line | undefined
  beforeEach(async () => { pbx = await new FakeSwitch().start() })
  afterEach(async () => {
    await line?.close()
    line = undefined
    await pbx.stop()
  })

  it('logs in, opens the socket, monitors and reads the state', async () => {
    line = await Line.online(pbx)
    assert.equal(pbx.of('GET login').length, 1)
    assert.deepEqual(pbx.upgrades, ['c'])
    assert.deepEqual(pbx.of('POST call/monitor').map(({ json }) => json.deviceNumber), [['1001', '1002'], ['620']])
    assert.deepEqual(pbx.of('POST call/presence').map(({ json }) => json.deviceNumber), [['1001', '1002']])
    assert.deepEqual(pbx.of('GET call/status').map(({ query }) => query.get('deviceNumber')).sort(), ['1001', '1002'])
  })

  it('says goodbye: monitors, socket, and a logout whose answer is empty', async () => {
    line = await Line.online(pbx)
    await line.close()
    assert.deepEqual(pbx.of('DELETE call/monitor')[0]?.json, { deviceNumber: ['1001', '1002'] })
    assert.equal(pbx.of('POST logout').length, 1)
    await until(() => pbx.open === 0, 'the socket to close')
    assert.equal(pbx.tokens.size, 0)
    assert.equal(line.session.counters.closeErrors, undefined)
  })

  it('does not try a wrong password twice', async () => {
    line = new Line(pbx, { password: 'wrong' })
    await line.reach('refused')
    await line.clock.advance(600_000)
    assert.equal(pbx.of('GET login').length, 1)
    assert.equal(line.session.status.error?.code, 'CTI_UNAUTHORIZED')
    assert.doesNotMatch(JSON.stringify(line.session.status.error), /wrong/)
  })

  describe('a login in use', () => {
    it('is tried every 12 s until the other is gone', async () => {
      pbx.tokens.add('other')
      line = new Line(pbx)
      await settle(line)
      for (const [after, tries] of [[11_000, 1], [2000, 2], [12_000, 3]] as const) {
        await line.clock.advance(after)
        await settle(line)
        assert.equal(pbx.of('GET login').length, tries)
      }
      pbx.tokens.clear()
      await line.clock.advance(12_000)
      await line.reach('online')
      assert.equal(pbx.of('POST logout').length, 0, 'nobody else is thrown out')
      assert.equal(line.warnings.filter((text) => text.startsWith('alreadyLogin: ')).length, 1)
    })

    it('is ended by the token that a crash left behind', async () => {
      pbx.tokens.add('left-behind')
      const tokenStore = new MemoryTokenStore()
      await tokenStore.write('session', { accessToken: 'left-behind', expiresAt: 0 })
      line = new Line(pbx, { tokenStore })
      await settle(line)
      assert.equal(pbx.of('POST logout').length, 1)
      await line.clock.advance(1000)
      await line.reach('online')
      assert.equal((await tokenStore.read('session'))?.accessToken, TOKEN)
    })

    it('waits likewise while other accounts hold all that the switch allows, and says so', async () => {
      let isFull = true
      pbx.on('GET login', () => isFull ? refuse(401, 6, 'Too Many Login') : undefined)
      line = new Line(pbx)
      await settle(line)
      await line.clock.advance(12_000)
      await settle(line)
      assert.equal(pbx.of('GET login').length, 2)
      assert.notEqual(line.session.status.state, 'refused')
      isFull = false
      await line.clock.advance(12_000)
      await line.reach('online')
      assert.equal(pbx.of('POST logout').length, 0)
    })

    it('is given up after twice the session time, with the page of the switch in the message, and tells the hook', async () => {
      pbx.tokens.add('other')
      line = new Line(pbx, { alreadyLoginLimitMs: 20_000 })
      for (let i = 0; i < 4 && line.session.status.state !== 'refused'; i++) {
        await settle(line)
        await line.clock.advance(12_000)
      }
      await line.reach('refused')
      assert.match(line.session.status.error?.message ?? '', /Logged-on User List/)
      assert.ok(line.events.some(({ event }) => event === 'vendor.addSystemResetEventHook'))
    })
  })

  it('falls back to another form of the socket and remembers it', async () => {
    pbx.variants = new Set(['a'])
    line = await Line.online(pbx)
    assert.deepEqual(pbx.upgrades, ['c', 'd', 'a'])
    pbx.drop()
    await line.reach('waiting')
    await line.clock.advance(1000)
    await line.reach('online')
    assert.deepEqual(pbx.upgrades.slice(3), ['a'])
  })

  it('comes back with the same token, monitors again, and ends what is gone', async () => {
    line = await Line.online(pbx)
    await line.feed(cti('ringing', '1001', { callRefID: 1, callingDN: '2025550123', calledDN: '1001' }), cti('connected', '1002', { callRefID: 2, callingDN: '2025550124', calledDN: '1002' }))
    pbx.states.set('1002', 'trk_talk')
    line.events.length = 0
    pbx.drop()
    await line.reach('waiting')
    await line.clock.advance(1000)
    await line.reach('online')
    assert.equal(pbx.of('GET login').length, 1)
    assert.equal(pbx.of('POST call/monitor').length, 4)
    const ended = line.events.find(({ event }) => event === 'call.ended')
    assert.deepEqual([ended?.call?.owner.id, ended?.reason, ended?.call?.uncertain, ended?.resynced], ['1001', 'lost', ['endedAt', 'endReason'], true])
    assert.deepEqual(line.session.picture.callsOf('1002').map(({ vendorId }) => vendorId), ['2'])
    assert.deepEqual(Line.short(await line.feed(cti('released', '1002', { callRefID: 2 }))), ['call.ended 1002/2 ended'])
  })

  it('finds a call after a gap without its number, and knows it by its next event', async () => {
    line = await Line.online(pbx)
    pbx.states.set('1001', 'trk_talk')
    pbx.drop()
    await line.reach('waiting')
    await line.clock.advance(1000)
    await line.reach('online')
    const [found] = line.session.picture.callsOf('1001')
    assert.deepEqual([found?.state, found?.vendorId, found?.uncertain], ['active', undefined, ['direction', 'startedAt']])
    await assert.rejects(line.perform('hold', { callId: found!.id }), { code: 'CTI_CONFLICT' })
    const told = await line.feed(cti('hold', '1001', { callRefID: 77 }), cti('released', '1001', { callRefID: 77 }))
    assert.deepEqual(told.filter(({ call }) => call !== undefined).map(({ event, call }) => [event, call?.id === found?.id, call?.vendorId]), [['call.held', true, '77'], ['call.ended', true, '77']])
  })

  it('logs in again when the switch has forgotten the token', async () => {
    line = await Line.online(pbx)
    pbx.tokens.clear()
    await assert.rejects(line.perform('userStates', { ids: ['1001'] }), { code: 'CTI_NOT_CONNECTED' })
    await line.clock.advance(1000)
    await line.reach('online')
    assert.equal(pbx.of('GET login').length, 2)
  })

  it('watches for the clock event of each minute, once it has come', async () => {
    line = await Line.online(pbx)
    await line.clock.advance(300_000)
    assert.equal(line.session.status.state, 'online')
    await line.feed(acd(68))
    await line.clock.advance(149_000)
    assert.equal(line.session.status.state, 'online')
    await line.clock.advance(2000)
    assert.notEqual(line.session.status.state, 'online')
  })

  it('monitors in blocks of a hundred, one after the other', async () => {
    let open = 0
    let most = 0
    pbx.on('POST call/monitor', () => {
      most = Math.max(most, ++open)
      setImmediate(() => { open-- })
      return undefined
    })
    line = await Line.online(pbx, { extensions: Array.from({ length: 250 }, (_, index) => String(1001 + index)), groups: {}, presence: false })
    assert.deepEqual(pbx.of('POST call/monitor').map(({ json }) => (json.deviceNumber as string[]).length), [100, 100, 50])
    assert.equal(most, 1)
  })

  it('names devices that are refused under a 200, and tries only those again', async () => {
    pbx.on('POST call/monitor', ({ json }) => ({ body: { result: (json.deviceNumber as string[]).map((one) => ({ [one]: one === '9999' ? 'invalidParameterValue' : 'OK' })) } }))
    line = await Line.online(pbx, { extensions: ['1001', '9999'], groups: {} })
    assert.match(line.warnings.join(), /notMonitored: .*9999 \(invalidParameterValue\)/)
    await line.clock.advance(60_000)
    await until(() => pbx.of('POST call/monitor').length === 2, 'the second try')
    assert.deepEqual(pbx.of('POST call/monitor')[1]?.json.deviceNumber, ['9999'])
  })

  it('goes on with ACD events when call control is not licensed, and says so by name', async () => {
    pbx.on('POST call/monitor', () => refuse(400, 2, 'Resource is not allowed for this user'))
    line = await Line.online(pbx)
    assert.match(line.warnings.join(), /noCti: .*API-CTI/)
    assert.equal(line.session.status.note, 'noCti')
    const can = line.session.capability('hold')
    assert.ok(!can.can && /licence/.test(can.why))
    assert.deepEqual(Line.short(await line.feed(
      acd(3, { ref: 5, from: 'CO/0006', to: 'Station/1001' }), acd(66, { ref: 5, from: 'Station/1001', to: 'CO/0006' }), acd(42, { ref: 5, from: 'CO/0006', to: 'Station/1001' }), acd(49, { ref: 5, from: 'Station/1001', to: 'CO/0006' }),
      acd(50, { ref: 5, from: 'Station/1001', to: 'CO/0006' }), acd(42, { ref: 5, from: 'CO/0006', to: 'Station/1001' }), acd(44, { ref: 5, from: 'Station/1001', data1: '0001', data2: '0011' })
    )), ['call.ringing 1001/5 ringing', 'call.answered 1001/5 active', 'call.held 1001/5 held', 'call.ringing 1001/5 ringing', 'call.answered 1001/5 active', 'call.ended 1001/5 ended'])
    assert.deepEqual(line.events.at(-1)?.cause ?? line.events.find(({ event }) => event === 'call.ended')?.cause, { code: '17', q850: 17 })
  })

  it('reads all extensions page by page when it is asked to', async () => {
    pbx.on('GET call/terminal', ({ query }) => {
      const start = Number(query.get('startIndex'))
      return { body: { data: { terminals: Array.from({ length: Math.min(100, 120 - start) }, (_, index) => ({ deviceNumber: String(1001 + start + index) })) } } }
    })
    line = await Line.online(pbx, { extensions: 'all', groups: {}, presence: false })
    assert.deepEqual(pbx.of('POST call/monitor').map(({ json }) => (json.deviceNumber as string[]).length), [100, 20])
  })

  it('knows by a refused list of extensions too that call control is not licensed, and asks no further', async () => {
    pbx.on('GET call/terminal', () => refuse(400, 2, 'Resource is not allowed for this user'))
    line = await Line.online(pbx, { extensions: 'all' })
    assert.equal(line.session.status.note, 'noCti')
    assert.equal(line.warnings.some((text) => text.startsWith('noTerminals')), false)
    assert.equal(pbx.of('POST call/monitor').length, 0)
    assert.ok(!line.session.capability('hold').can)
  })

  it('says what to do when the list of extensions cannot be read', async () => {
    line = await Line.online(pbx, { extensions: 'all', groups: {} })
    assert.match(line.warnings.join(), /noTerminals: .*getTerminals/)
  })

  it('keeps a client account alive without a socket', async () => {
    pbx.on('POST checkconnection', () => ({ status: 404, body: '' }))
    line = await Line.online(pbx, { accountType: 'client' })
    assert.equal(pbx.upgrades.length, 0)
    await line.clock.advance(60_000)
    await until(() => pbx.of('POST users/apiuser/checkconnection').length + pbx.asked.filter(({ path }) => path.endsWith('/checkconnection')).length >= 1, 'the check')
    assert.equal(line.session.status.state, 'online')
    const can = line.session.capability('hold')
    assert.ok(!can.can)
  })

  it('drops a doubled event, looks again after a missed one, and begins anew when the switch does', async () => {
    line = await Line.online(pbx)
    const at = (serial: number, type: string, device: string, fields: object = {}): object => ({ event: 'call', data: { type, deviceNumber: device, evtSerialNum: serial, ...fields } })
    await line.feed(at(100, 'ringing', '1001', { callRefID: 9, callingDN: '2025550123', calledDN: '1001' }), at(100, 'ringing', '1001', { callRefID: 9, callingDN: '2025550123', calledDN: '1001' }))
    assert.equal(line.events.filter(({ event }) => event === 'call.ringing').length, 1)
    pbx.states.set('1001', 'ring')
    const before = pbx.of('GET call/status').length
    await line.feed(at(103, 'mwi', '1002', { msgStatus: 'true', newMsg: 1 }))
    await line.clock.advance(1000)
    await until(() => pbx.of('GET call/status').length === before + 2, 'the look')
    assert.match(line.warnings.join(), /missedEvents: .*2 so far/)
    line.events.length = 0
    await line.feed(at(1, 'registered', '1002'))
    const ended = line.events.find(({ event }) => event === 'call.ended')
    assert.equal(ended?.reason, 'lost')
    const told = await line.feed(at(2, 'ringing', '1001', { callRefID: 9, callingDN: '2025550123', calledDN: '1001' }))
    assert.notEqual(told.find(({ event }) => event === 'call.ringing')?.call?.id, ended?.call?.id)
  })

  it('takes a storm of stations out of service for a restart', async () => {
    line = await Line.online(pbx, { extensions: ['1001', '1002', '1003', '1004'] })
    await line.feed(cti('ringing', '1001', { callRefID: 9, callingDN: '2025550123', calledDN: '1001' }))
    const told = await line.feed(...['1002', '1003', '1004'].map((station) => acd(82, { from: `Station/${station}` })))
    assert.deepEqual(told.filter(({ event }) => event === 'call.ended').map(({ reason }) => reason), ['lost'])
    await line.clock.advance(1000)
    await until(() => pbx.of('POST call/monitor').length === 3, 'the monitors')
  })

  it('learns which bin is which group', async () => {
    line = await Line.online(pbx, { groups: {} })
    await line.feed(acd(11, { from: 'Station/1001', data1: '0008', data2: '0101' }), cti('agent_logon', '1001', { primaryAgentId: '0101', primaryAcdGroup: '620' }))
    await line.clock.advance(300)
    assert.deepEqual(line.session.picture.agent('0101')?.queues?.map(({ id }) => id), ['620'])
    const [queued] = await line.feed(acd(62, { ref: 3, from: 'CO/0006', data1: '0008' }))
    assert.equal(queued?.call?.owner.id, '620')
  })

  it('moves the times of calls to the clock of the switch', async () => {
    line = await Line.online(pbx, { timeZone: 'Europe/Rome' })
    await line.feed(acd(68, { time: '2024/05/02 12:16:30' }))
    const [told] = await line.feed(cti('ringing', '1001', { callRefID: 9, callingDN: '2025550123', calledDN: '1001' }))
    assert.equal(told?.call?.startedAt, '2024-05-02T10:16:30.000Z')
  })
})

/** Lets sockets and promises do what they can without the clock. */
async function settle (line: Line): Promise<void> {
  for (let i = 0; i < 30; i++) {
    await new Promise((resolve) => { setTimeout(resolve, 1) })
    await line.clock.advance(0)
  }
}
