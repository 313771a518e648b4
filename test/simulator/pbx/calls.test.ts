import assert from 'node:assert/strict'
import { CAROL, eachWorld } from './world'

describe('PBX calls', () => {
  const world = eachWorld()

  it('delivers copies: a fact does not change with what happens later', () => {
    const { pbx, facts } = world()
    const call = world().ring()
    const delivered = facts.find(({ type, userKey }) => type === 'delivered' && userKey === 'bob')
    pbx.answer(call.key)
    pbx.setData(call.key, { ticket: '1' })
    assert.equal(delivered?.connection?.state, 'alerting')
    assert.deepEqual(delivered?.connection?.alertingDevices, ['bob-desk'])
    assert.deepEqual(delivered?.call?.data, {})
  })

  it('has told everything before the method returns, numbered without holes', () => {
    const { facts } = world()
    world().talk()
    assert.deepEqual(facts.map(({ n }) => n), facts.map((_, n) => n + 1))
    assert.equal(facts.at(-1)?.type, 'established')
  })

  it('keeps the times: alerted, answered, held in total, ended', () => {
    const { pbx, clock } = world()
    const start = clock.now()
    const call = world().ring()
    clock.advance(4500)
    pbx.answer(call.key)
    clock.advance(1000)
    pbx.hold(call.key)
    clock.advance(12_000)
    pbx.resume(call.key)
    pbx.hold(call.key)
    clock.advance(500)
    pbx.release(call.key)
    const { startedAt, alertedAt, answeredAt, totalHeldMs, endedAt, heldAt } = call
    assert.deepEqual({ startedAt, alertedAt, answeredAt, totalHeldMs, endedAt, heldAt }, { startedAt: start, alertedAt: start, answeredAt: start + 4500, totalHeldMs: 12_500, endedAt: start + 18_000, heldAt: undefined })
  })

  it('goes on-hook only after the last call of a phone', () => {
    const { pbx } = world()
    const one = world().talk()
    const two = world().talk()
    assert.equal(one.heldBy, 'local')
    pbx.release(two.key)
    assert.equal(pbx.users.get('bob')?.hook, 'off')
    pbx.release(one.key)
    assert.equal(pbx.users.get('bob')?.hook, 'on')
    assert.equal(world().facts.filter(({ type, userKey }) => type === 'hook' && userKey === 'bob').length, 2)
  })

  it('rings every phone; the first that answers wins and the others are named', () => {
    const { pbx } = world()
    const call = world().ring('1001')
    assert.deepEqual(call.alertingDevices, ['alice-desk', 'alice-app'])
    pbx.answer(call.key, { deviceKey: 'alice-app' })
    const { detail, connection } = world().last('established', 'alice')
    assert.deepEqual([detail?.answeredElsewhere, connection?.deviceKey, pbx.devices.get('alice-desk')?.hook], [['alice-desk'], 'alice-app', 'on'])
  })

  it('answers from outside only where a phone allows it', () => {
    const { pbx } = world()
    const device = pbx.devices.get('bob-desk')
    assert.ok(device)
    device.remoteAnswer = false
    const call = world().ring()
    assert.equal(world().last('callInformation', 'bob').detail?.remoteAnswer, false)
    world().refuses('notAllowed', () => { pbx.answer(call.key, { byCti: true }) })
    pbx.answer(call.key)
    assert.equal(call.state, 'connected')
  })

  it('refuses to answer, hold, resume and release what is not in that state', () => {
    const { pbx } = world()
    const call = world().ring()
    world().refuses('wrongState', () => { pbx.hold(call.key) })
    world().refuses('wrongState', () => { pbx.resume(call.key) })
    world().refuses('unknownDevice', () => { pbx.answer(call.key, { deviceKey: 'alice-desk' }) })
    pbx.answer(call.key)
    world().refuses('wrongState', () => { pbx.answer(call.key) })
    world().refuses('wrongState', () => { pbx.silence(call.key) })
    pbx.release(call.key)
    world().refuses('unknownCall', () => { pbx.release(call.key) })
    world().refuses('unknownCall', () => { pbx.hold('conn-999') })
  })

  it('lets only who holds resume', () => {
    const { pbx } = world()
    pbx.originate('alice', '1002')
    const call = world().only('bob')
    pbx.answer(call.key)
    pbx.hold(world().only('alice').key)
    assert.deepEqual([call.state, call.heldBy], ['hold', 'remote'])
    world().refuses('wrongState', () => { pbx.resume(call.key) })
    pbx.hold(call.key)
    assert.equal(call.heldBy, 'both')
    pbx.resume(call.key)
    assert.equal(call.heldBy, 'remote')
  })

  it('hangs up all others on reconnect', () => {
    const { pbx } = world()
    const one = world().talk()
    const two = world().talk()
    pbx.reconnect(one.key)
    assert.deepEqual([one.state, two.state], ['connected', 'null'])
  })

  it('click-to-dial rings the own phones first and dials when one is lifted', () => {
    const { pbx } = world()
    const call = pbx.originate('alice', CAROL, { clickToDial: true, info: 'crm', data: { ticket: '1' } })
    assert.deepEqual([call.personality, call.state, call.alertingDevices.length], ['clickToDial', 'initiated', 2])
    assert.deepEqual(world().told('alice'), ['serviceInitiated clickToDial', 'callInformation'])
    pbx.answer(call.key, { byCti: true })
    assert.deepEqual(world().told('alice'), ['hook', 'originated', 'delivered'])
    world().clock.advance(2000)
    assert.deepEqual([call.state, call.personality, pbx.callOf(call).info, pbx.callOf(call).data.ticket], ['connected', 'originator', 'crm', '1'])
  })

  it('click-to-dial opens a second line at once while the phone is in use', () => {
    const { pbx } = world()
    const first = world().talk()
    const second = pbx.originate('bob', '1001', { clickToDial: true })
    assert.deepEqual([first.heldBy, second.state, second.appearance], ['local', 'alerting', 2])
  })

  it('refuses to originate without a phone, without a registered one, without a free line, to nothing', () => {
    const { pbx } = world()
    world().refuses('notAssigned', () => pbx.originate('cti-admin', '1001'))
    world().refuses('unknownUser', () => pbx.originate('nobody', '1001'))
    world().refuses('invalidNumber', () => pbx.originate('bob', ' - '))
    world().refuses('unknownDevice', () => pbx.originate('bob', '1001', { deviceKey: 'alice-desk' }))
    for (let n = 0; n < 4; n++) pbx.originate('bob', CAROL)
    world().refuses('full', () => pbx.originate('bob', CAROL))
    pbx.setRegistered('dave-desk', false)
    world().refuses('notAllowed', () => pbx.originate('dave', '1001'))
  })

  it('plays a tone to a user whose call failed, and cuts off a caller from outside', () => {
    const { pbx, clock } = world()
    const call = pbx.originate('bob', '12')
    assert.deepEqual([call.state, call.cause], ['fail', 'invalidNumber'])
    clock.advance(2999)
    assert.equal(call.state, 'fail')
    clock.advance(1)
    assert.equal(call.state, 'null')
    assert.equal(pbx.inbound({ from: CAROL, to: '12' }), undefined)
    assert.equal([...pbx.connections.values()].filter(({ state }) => state !== 'null').length, 0)
  })

  it('camps on a busy user while the tone is heard, and only there', () => {
    const { pbx, clock } = world()
    pbx.setFeature('dave', 'callWaiting', false)
    world().talk('1003')
    const call = pbx.originate('bob', '1003')
    assert.deepEqual([call.state, call.cause], ['fail', 'busy'])
    const rings = pbx.campOn(call.key)
    assert.deepEqual([rings.state, rings.party.userKey, call.state, call.cause], ['alerting', 'dave', 'alerting', undefined])
    clock.advance(3000)
    assert.equal(call.state, 'alerting')
    world().refuses('wrongState', () => pbx.campOn(call.key))
    const wrong = pbx.originate('erin', '12')
    world().refuses('wrongState', () => pbx.campOn(wrong.key))
  })

  it('follows the script of somebody outside', () => {
    const { pbx, clock } = world()
    const call = pbx.originate('bob', '+12025550155')
    clock.advance(999)
    assert.equal(call.state, 'alerting')
    clock.advance(1)
    assert.equal(call.state, 'connected')
    clock.advance(5000)
    assert.deepEqual([call.state, call.releasedBy], ['null', 'remote'])
  })

  it('gives up only while nobody answers', () => {
    const { pbx, clock } = world()
    const answered = pbx.inbound({ from: CAROL, to: '1002', behaviour: { giveUpAfterMs: 5000 } })
    const rings = pbx.inbound({ from: CAROL, to: '1003', behaviour: { giveUpAfterMs: 5000 } })
    assert.ok(answered && rings)
    pbx.answer(answered.key)
    clock.advance(5000)
    assert.deepEqual([answered.state, rings.state, rings.cause], ['connected', 'null', 'cancelled'])
  })

  it('lets somebody outside refuse a call that rings, and nothing else', () => {
    const { pbx } = world()
    const call = pbx.originate('bob', '+12025550177')
    pbx.external(call.key).busy()
    assert.deepEqual([call.state, call.cause], ['fail', 'busy'])
    const incoming = world().ring('1003')
    world().refuses('wrongState', () => { pbx.external(incoming.key).answer() })
    world().refuses('unknownCall', () => { pbx.external(pbx.originate('alice', '1004').key) })
  })

  it('writes the history: placed, received, missed, and not missed when somebody else answered', () => {
    const { pbx } = world()
    const kinds = (key: string): string[] => pbx.history.filter(({ userKey }) => userKey === key).map(({ kind }) => kind)
    pbx.release(world().talk().key)
    pbx.external(world().ring().key).hangUp()
    pbx.release(pbx.originate('bob', CAROL).key)
    assert.deepEqual(kinds('bob'), ['received', 'missed', 'placed'])
    world().ring()
    pbx.release(pbx.pickup('alice').key)
    assert.deepEqual(kinds('bob'), ['received', 'missed', 'placed'])
    assert.deepEqual(kinds('alice'), ['placed'])
  })

  it('counts a direction for life, whatever the switch makes of the two ends', () => {
    const { pbx } = world()
    pbx.originate('alice', '1002')
    const bob = world().only('bob')
    pbx.answer(bob.key)
    pbx.blindTransfer(world().only('alice').key, '1003')
    assert.deepEqual([bob.direction, bob.personality, bob.state], ['inbound', 'originator', 'alerting'])
  })

  it('refuses tones that no keypad has', () => {
    const { pbx } = world()
    const call = world().talk()
    assert.equal(pbx.dtmf(call.key, '1,2#'), 3)
    world().refuses('invalidValue', () => pbx.dtmf(call.key, '1x'))
    world().refuses('invalidValue', () => pbx.dtmf(call.key, ''))
  })

  it('loses all calls at a restart, keys begin anew, nothing runs on', () => {
    const { pbx, clock } = world()
    const book = pbx.idBook('xsi', (kind, n) => `${kind}${n}`)
    const call = world().talk()
    assert.equal(book.id('call', call.key), 'call1')
    world().ring('1050')
    pbx.park(world().talk('1003').key)
    world().told()
    pbx.restart()
    assert.deepEqual(world().told(), ['reset shutdown'])
    assert.deepEqual([pbx.calls.size, pbx.connectionsOf('bob').length, pbx.parkSlots.size, pbx.users.get('bob')?.hook, clock.waiting], [0, 0, 0, 'on', 0])
    assert.deepEqual([world().talk().key, book.id('call', 'conn-9')], [call.key, 'call1'])
  })

  it('does not let a listener that fails disturb the others', () => {
    const { pbx, errors, facts } = world()
    const stop = pbx.facts.on(() => { throw new Error('a face is broken') })
    const call = world().ring()
    stop()
    assert.equal(call.state, 'alerting')
    assert.equal(errors.splice(0).length, facts.length)
  })

  it('tells facts in one order to all, also when a listener acts on the PBX', () => {
    const { pbx } = world()
    const early: number[] = []
    const late: number[] = []
    const stops = [
      pbx.facts.on(({ n }) => { early.push(n) }),
      pbx.facts.on(({ type, userKey, connection }) => { if (type === 'delivered' && userKey === 'bob' && connection !== undefined) pbx.answer(connection.key) }),
      pbx.facts.on(({ n }) => { late.push(n) })
    ]
    pbx.originate('alice', '1002')
    for (const stop of stops) stop()
    assert.deepEqual(late, early)
    assert.deepEqual(early, [...early].sort((a, b) => a - b))
  })
})
