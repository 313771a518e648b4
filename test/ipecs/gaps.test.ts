/** What a gap leaves in doubt: a phone's status is one word for all of its calls, and no request names them (ipecs.md 2.8, 6). */
import assert from 'node:assert/strict'
import { FakeSwitch } from './support/switch'
import { acd, cti, Line, until } from './support/line'

const OUTSIDE = '2025550123'
const trunk = (type: string, ref: number): object => cti(type, '1001', { callingDN: OUTSIDE, calledDN: '1001', causeCode: 59, callRefID: ref })

describe('iPECS: after a gap', () => {
  let pbx: FakeSwitch
  let line: Line
  beforeEach(async () => {
    pbx = await new FakeSwitch().start()
    line = await Line.online(pbx, { presence: false, legacySummary: false })
  })
  afterEach(async () => {
    await line.close()
    await pbx.stop()
  })

  /** @param status what the switch then says of the phone */
  async function gap (status: string): Promise<string[]> {
    const from = line.events.length
    pbx.states.set('1001', status)
    pbx.drop()
    await line.reach('waiting')
    await line.clock.advance(1000)
    await line.reach('online')
    return Line.short(line.events.slice(from)).filter((text) => text.startsWith('call.'))
  }

  it('who talked and is rung has another call: the old one is lost', async () => {
    await line.feed(trunk('ringing', 214), trunk('connected', 214))
    assert.deepEqual((await gap('ring')).sort(), ['call.ended 1001/214 ended', 'call.ringing 1001/- ringing'])
    assert.deepEqual(Line.short(await line.feed(trunk('connected', 230))), ['call.answered 1001/230 active'])
  })

  it('a call that rings is not the one that is taken off hold', async () => {
    assert.deepEqual(await gap('ring'), ['call.ringing 1001/- ringing'])
    const told = await line.feed(cti('retrieve', '1001', { retrieveDN: '1001', callRefID: 231 }))
    assert.deepEqual(Line.short(told), ['call.resumed 1001/231 active'])
    assert.equal(told[0]?.call?.answeredAt, undefined, 'when it was answered is not known')
    assert.deepEqual(Line.short(await line.feed(cti('released', '1001', { releasedDN: '1001', causeCode: 48, callRefID: 231 }))), ['call.ended 1001/231 ended'])
    assert.equal(line.session.picture.callsOf('1001').length, 1)
  })

  it('of several calls none is given up on one word, and what ended unseen is found when the phone has a call less', async () => {
    await line.feed(trunk('ringing', 214), trunk('connected', 214), cti('hold', '1001', { holdDN: '1001', callRefID: 214 }), trunk('ringing', 215), trunk('connected', 215))
    assert.deepEqual(await gap('trk_talk'), [])
    assert.equal(line.session.picture.callsOf('1001').length, 2)
    await line.feed(cti('released', '1001', { releasedDN: '1001', causeCode: 48, callRefID: 215 }))
    const from = line.events.length
    pbx.states.set('1001', 'idle')
    const asked = pbx.of('GET call/status').length
    await line.clock.advance(1000)
    await until(() => line.events.length > from, 'the end of the other call')
    assert.deepEqual(Line.short(line.events.slice(from)), ['call.ended 1001/214 ended'])
    assert.equal(line.events.at(-1)?.call?.endReason, 'lost')
    assert.equal(pbx.of('GET call/status').length, asked + 1, 'one phone is looked at')
    await line.feed(trunk('ringing', 216), trunk('connected', 216), cti('released', '1001', { releasedDN: '1001', causeCode: 48, callRefID: 216 }))
    await line.clock.advance(1000)
    assert.equal(pbx.of('GET call/status').length, asked + 1, 'and not again: nothing is in doubt any more')
  })

  it('tells no presence that nobody asked for', async () => {
    await gap('trk_talk')
    assert.equal(line.events.some(({ event }) => event === 'user.presence'), false)
  })

  it('a line that is silent is unavailable, not slow', async () => {
    await line.close()
    line = await Line.online(pbx, { pingMs: 20, pongMs: 20 })
    pbx.deafen()
    await until(() => line.session.status.state === 'waiting', 'the loss')
    assert.equal(line.session.status.error?.code, 'CTI_UNAVAILABLE')
  })
})

describe('iPECS: what comes twice, or not quite', () => {
  let pbx: FakeSwitch
  let line: Line
  beforeEach(async () => {
    pbx = await new FakeSwitch().start()
    line = await Line.online(pbx, { extensions: [], legacySummary: false })
  })
  afterEach(async () => {
    await line.close()
    await pbx.stop()
  })

  it('a record twice in a row is one; the same again after another one is news, and so is what is no record', async () => {
    const hold = acd(49, { ref: 214, from: 'Station/1003', to: 'CO/0006' })
    const back = acd(42, { ref: 214, from: 'CO/0006', to: 'Station/1003' })
    await line.feed(acd(66, { ref: 214, from: 'Station/1003', to: 'CO/0006' }), back)
    assert.deepEqual(Line.short(await line.feed(hold, hold, back, back, hold)), ['call.held 1003/214 held', 'call.resumed 1003/214 active', 'call.held 1003/214 held'])
    const odd = { event: 'odd', data: { type: 'odd' } }
    assert.deepEqual(Line.short(await line.feed(odd, odd)), ['vendor.odd', 'vendor.odd'])
  })

  it('a record that leaves out the kind of its ends is read where only one is possible', async () => {
    const bare = (code: number, sourceNumber: string, more: Record<string, unknown> = {}): object => ({
      event: 'acd', data: { time: '2024/05/02 10:15:04', callRefID: '', eventCode: code, eventString: '', sourceType: '', sourceNumber, destType: '', destNumber: '', data1: '', data2: '', ...more }
    })
    assert.deepEqual(Line.short(await line.feed(bare(84, '1003'), bare(11, '1003', { data1: '0008', data2: '0103' }))).slice(0, 1), ['device.registered 1003'])
    await line.clock.advance(400)
    assert.equal([...line.session.picture.agents()][0]?.device?.id, '1003')
    const call = { callRefID: 5000 }
    assert.deepEqual(Line.short(await line.feed(
      bare(3, '0006', { ...call, data2: '0002' }), bare(72, '0006', { ...call, destNumber: '1003', data1: OUTSIDE }), bare(3, '0006', { ...call, destNumber: '1003', data1: '0008', data2: '0005' }), bare(66, '1003', { ...call, data1: '0008', data2: '0008' })
    )), ['call.ringing 1003/5000 ringing'])
    const [leg] = line.session.picture.callsOf('1003')
    assert.deepEqual([leg?.from?.number, leg?.queue?.number, leg?.trunk?.id], [OUTSIDE, '620', '6'])
    assert.deepEqual(Line.short(await line.feed(bare(82, '1003'))).filter((text) => text.startsWith('device.')), ['device.unregistered 1003'])
  })

  it('a caller who waits again rings nowhere', async () => {
    const ends = { ref: 214, from: 'CO/0006' }
    await line.feed(acd(3, ends), acd(62, { ...ends, data1: '0008' }), acd(3, { ...ends, to: 'Station/1003', data1: '0008', data2: '0005' }), acd(66, { ref: 214, from: 'Station/1003', to: 'CO/0006', data1: '0008', data2: '0008' }))
    const told = await line.feed(acd(62, { ...ends, data1: '0008', time: '2024/05/02 10:15:24' }))
    assert.deepEqual(Line.short(told).slice(0, 1), ['call.ended 1003/214 ended'])
    assert.equal(told[0]?.call?.endReason, 'noAnswer')
    assert.deepEqual([...line.session.picture.calls()].map(({ owner, state }) => [owner.kind, state]), [['queue', 'queued']])
  })
})

describe('iPECS: an originate whose answer names no call', () => {
  let pbx: FakeSwitch
  let line: Line
  beforeEach(async () => {
    pbx = await new FakeSwitch().start()
    line = await Line.online(pbx, { legacySummary: false })
  })
  afterEach(async () => {
    await line.close()
    await pbx.stop()
  })

  it('is known by the call that begins at the phone', async () => {
    pbx.on('POST call/make', () => ({ status: 200 }))
    const done = line.perform('originate', { user: '1001', to: '1002', confirm: 'completed' })
    await until(() => pbx.of('POST call/make').length === 1, 'the request')
    await line.feed(trunk('ringing', 300), cti('proceeding', '1002', { dialDigit: '1001', callRefID: 301 }), cti('proceeding', '1001', { dialDigit: '1002', callRefID: 302 }))
    const { outcome, newCallId } = await done
    assert.equal(outcome, 'completed')
    assert.equal(newCallId, line.session.picture.callsOf('1001').find(({ vendorId }) => vendorId === '302')?.id)
  })
})
