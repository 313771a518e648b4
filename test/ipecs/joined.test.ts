/** Transfers and conferences of a phone that has more calls than two (ipecs.md 7.1, 9.5). */
import assert from 'node:assert/strict'
import { FakeSwitch } from './support/switch'
import { cti, Line } from './support/line'

const OUTSIDE = '2025550123'

describe('iPECS: a phone with many calls', () => {
  let pbx: FakeSwitch
  let line: Line
  beforeEach(async () => {
    pbx = await new FakeSwitch().start()
    line = await Line.online(pbx, { legacySummary: false, presence: false })
  })
  afterEach(async () => {
    await line.close()
    await pbx.stop()
  })

  const inbound = (ref: number, from: string, device = '1001'): object[] => ['ringing', 'connected'].map((type) => cti(type, device, { callingDN: from, calledDN: device, causeCode: 59, callRefID: ref }))
  const hold = (ref: number, device = '1001'): object => cti('hold', device, { holdDN: device, callRefID: ref })
  const dial = (ref: number, digits: string): object[] => [cti('proceeding', '1001', { dialDigit: digits, callRefID: ref }), cti('alerting', '1001', { callingDN: '1001', calledDN: digits, callRefID: ref })]
  const left = (device = '1001'): string[] => line.session.picture.callsOf(device).map(({ vendorId, state }) => `${vendorId} ${state}`).sort()

  it('passes on to the number that the switch names, though another call was made from the held one', async () => {
    await line.feed(...inbound(1, OUTSIDE), hold(1), ...dial(2, '1002'), ...inbound(3, '2025550177'))
    await line.feed(cti('transferring', '1001', { transferedDN: OUTSIDE, transferToDN: '2025550177', transferorDN: '1001', callType: 'screened', callRefID: 1 }), cti('released', '1001', { releasedDN: '1001', causeCode: 32, callRefID: 1 }))
    assert.deepEqual(left(), ['2 remoteRinging'])
  })

  it('knows the number that was dialled with a prefix', async () => {
    await line.feed(...inbound(1, OUTSIDE), hold(1), ...inbound(2, '2025550177'), hold(2), ...dial(3, '912025550199'))
    await line.feed(cti('transferring', '1001', { transferedDN: OUTSIDE, transferToDN: '2025550199', transferorDN: '1001', callType: 'unscreened', callRefID: 1 }), cti('released', '1001', { releasedDN: '1001', causeCode: 60, callRefID: 1 }))
    assert.deepEqual(left(), ['2 held'])
  })

  it('leaves the hold of somebody who was passed on while he held', async () => {
    await line.feed(...inbound(1, '1001', '1002'), cti('held', '1002', { holdDN: '1001', callRefID: 1 }), hold(1, '1002'))
    await line.feed(cti('transferred', '1002', { transferToDN: '1003', transferorDN: '1001', callType: 'screened', callRefID: 1 }))
    const [leg] = line.session.picture.callsOf('1002')
    assert.deepEqual([leg?.state, leg?.heldBy, leg?.remote?.number], ['held', 'local', '1003'])
  })

  it('folds the call of a third member into the conference, and no other', async () => {
    await line.feed(...inbound(1, OUTSIDE), hold(1), ...inbound(2, '2025550177'))
    await line.feed(cti('conferencing', '1001', { memberDN: ['1001', OUTSIDE, '2025550177'], newConfMemberDN: '2025550177', callRefID: 1 }))
    assert.deepEqual(left(), ['1 active'])
    await line.feed(hold(1), ...inbound(3, '2025550188'), hold(3), ...inbound(4, '2025550199'))
    await line.feed(cti('conferencing', '1001', { memberDN: ['1001', OUTSIDE, '2025550177', '2025550199'], newConfMemberDN: '2025550199', callRefID: 1 }))
    assert.deepEqual(left(), ['1 active', '3 held'])
  })
})
