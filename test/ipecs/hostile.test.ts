import assert from 'node:assert/strict'
import { FakeSwitch, refuse } from './support/switch'
import { acd, cti, Line } from './support/line'

describe('iPECS: what a switch should not send', () => {
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

  const FRAMES: Readonly<Record<string, unknown>> = {
    'a cut frame': '{"event":"acd","data":{"time":"2024',
    'a web page': '<html>busy</html>',
    'a list': '[1,2]',
    'no data': { event: 'acd' },
    'data that is a text': { event: 'call', data: 'connected' },
    'an event without a device': { event: 'call', data: { type: 'connected', callRefID: 3 } },
    'prototype keys': '{"event":"call","data":{"type":"__proto__","deviceNumber":"constructor","callRefID":1,"__proto__":{"x":1}}}',
    'a type out of our tables': { event: 'call', data: { type: 'constructor', deviceNumber: '1001' } },
    'a code that is no number': { event: 'acd', data: { eventCode: 'abc' } },
    'a number that is no callRefID': cti('connected', '1001', { callRefID: -4 }),
    'members that are no list': cti('conferencing', '1001', { callRefID: 4, memberDN: { a: 1 } }),
    'a forwarding type of its own': acd(21, { from: 'Station/1003', data1: 'FFFF' }),
    'a time that is none': acd(68, { time: '9999/99/99 99:99:99' })
  }

  for (const [what, frame] of Object.entries(FRAMES)) {
    it(`survives ${what}`, async () => {
      await line.feed(frame)
      assert.equal(line.session.status.state, 'online')
      const told = await line.feed(cti('ringing', '1001', { callRefID: 9, callingDN: '2025550123', calledDN: '1001' }))
      assert.equal(told.at(-1)?.event, 'call.ringing')
      assert.equal(line.session.counters.badDrafts ?? 0, 0)
      assert.equal(line.warnings.filter((one) => one.startsWith('message')).length, 0)
    })
  }

  it('reads blanks around types, texts for numbers, and an object without its envelope', async () => {
    const told = await line.feed({ type: ' ringing ', deviceNumber: 1001, callRefID: '12', callingDN: '2025550123', calledDN: '1001', causeCode: '22' })
    assert.deepEqual(Line.short(told), ['call.ringing 1001/12 ringing'])
  })

  it('reads a name with control characters, and one that is no UTF-8', async () => {
    await line.feed(cti('ringing', '1001', { callRefID: 9, callingDN: '2025550123', calledDN: '1001' }))
    await line.feed(JSON.stringify(acd(72, { ref: 9, from: 'CO/0006', to: 'Station/1001', data1: '2025550123', data2: 'AdaXExample' })).replace('AdaXExample', 'Ada\u0007Example'))
    assert.equal(line.session.picture.callsOf('1001')[0]?.from?.name, 'Ada Example')
    const frame = Buffer.from(JSON.stringify(acd(72, { ref: 9, from: 'CO/0006', to: 'Station/1002', data1: '2025550123', data2: 'M?ller' })))
    frame[frame.indexOf('M?ller') + 1] = 0xfc
    pbx.pushBytes(frame)
    await line.feed()
    assert.equal(line.session.status.state, 'online')
    assert.match(line.session.picture.callsOf('1001')[0]?.from?.name ?? '', /^M.ller$/)
  })

  it('passes on what it has no word for, under its own name', async () => {
    assert.deepEqual((await line.feed(acd(52, { from: 'Station/1001' }), acd(199), cti('confroommember', '1001', { roomIndex: 3 }), { event: 'smdr', data: { Index: '1' } })).map(({ event }) => event).filter((one) => !one.includes('add')),
      ['vendor.52', 'vendor.199', 'vendor.confroommember', 'vendor.smdr'])
  })

  const REFUSALS: readonly (readonly [status: number, code: number, message: string, expected: string])[] = [
    [400, 2, 'Resource is not allowed for this user', 'CTI_FORBIDDEN'], [400, 3, 'license', 'CTI_FORBIDDEN'], [400, 102, 'serviceNotSupported', 'CTI_FORBIDDEN'], [403, 143, 'AccessDenied', 'CTI_FORBIDDEN'],
    [400, 111, 'invalidParameterValue', 'CTI_INVALID_REQUEST'], [404, 104, 'invalidCallingDeviceIdentifier', 'CTI_NOT_FOUND'], [404, 106, 'invalidConnectionIdentifier', 'CTI_NOT_FOUND'], [403, 140, 'AssociateBusy', 'CTI_CONFLICT'],
    [403, 144, 'TimeOut', 'CTI_TIMEOUT'], [403, 150, 'unregistered', 'CTI_CONFLICT'], [403, 203, 'invalidConnectionState', 'CTI_CONFLICT'], [500, 7777, 'new', 'CTI_UNAVAILABLE'],
    [400, 99, 'unknown', 'CTI_PROTOCOL'], [429, 99, 'unknown', 'CTI_RATE_LIMITED'], [503, 99, 'unknown', 'CTI_UNAVAILABLE'], [404, 101, 'generic', 'CTI_NOT_FOUND']
  ]
  for (const [status, code, message, expected] of REFUSALS) {
    it(`reads ${status} with code ${code} as ${expected}`, async () => {
      pbx.on('POST call/make', () => refuse(status, code, message))
      await assert.rejects(line.perform('originate', { user: '1001', to: '1002' }), (error: { code: string; cause: { code?: string } }) => error.code === expected && error.cause.code === String(code))
    })
  }

  it('asks once more half a second after the switch was short of resources', async () => {
    let times = 0
    pbx.on('POST call/make', () => ++times === 1 ? refuse(503, 301, 'resourceBusy') : { body: { data: { callRefID: 5 } } })
    const result = line.perform('originate', { user: '1001', to: '1002' })
    for (let i = 0; i < 40 && times < 2; i++) {
      await new Promise((resolve) => { setTimeout(resolve, 2) })
      await line.clock.advance(50)
    }
    assert.equal((await result).outcome, 'accepted')
    assert.equal(times, 2)
  })

  it('does not take a web page for an answer', async () => {
    pbx.on('GET call/status', () => ({ body: '<html>', headers: { 'Content-Type': 'text/html' } }))
    await assert.rejects(line.perform('userStates', { ids: ['1001'] }), { code: 'CTI_PROTOCOL' })
  })
})
