import assert from 'node:assert/strict'
import { CAROL, eachWorld } from './world'

describe('PBX transfers', () => {
  const world = eachWorld()

  it('keeps the call and linkage of the held party', () => {
    const { pbx, clock } = world()
    const held = world().talk()
    pbx.hold(held.key)
    const consult = pbx.originate('bob', '1001')
    const alice = world().only('alice')
    pbx.answer(alice.key)
    const { key, linkage } = pbx.callOf(held)
    const old = pbx.callOf(consult).linkage
    clock.advance(1000)
    pbx.completeTransfer(held.key, consult.key)
    assert.deepEqual([alice.callKey, pbx.callOf(alice).linkage, alice.remote?.name, alice.state], [key, linkage, 'Carol Diaz', 'connected'])
    const target = world().facts.find(({ detail }) => detail?.role === 'target')
    assert.deepEqual([target?.detail?.mergedFrom, target?.before?.callKey === key], [old, false])
    assert.deepEqual([held.state, consult.state, pbx.users.get('bob')?.hook], ['null', 'null', 'on'])
  })

  it('keeps what the consulted party holds held', () => {
    const { pbx } = world()
    pbx.originate('dave', '1002')
    const bob = world().only('bob')
    pbx.answer(bob.key)
    pbx.hold(bob.key)
    const consult = pbx.originate('bob', '1001')
    const alice = world().only('alice')
    pbx.answer(alice.key)
    pbx.hold(alice.key)
    pbx.completeTransfer(bob.key, consult.key)
    assert.deepEqual([alice.heldBy, world().only('dave').heldBy], ['local', 'remote'])
  })

  it('refuses a transfer of one call, of calls of two users, to a ringing call of the own phone, of somebody to himself', () => {
    const { pbx } = world()
    const one = world().talk()
    const other = world().talk('1001')
    world().refuses('wrongState', () => { pbx.completeTransfer(one.key, one.key) })
    world().refuses('wrongState', () => { pbx.completeTransfer(one.key, other.key) })
    const rings = world().ring()
    world().refuses('wrongState', () => { pbx.completeTransfer(one.key, rings.key) })
    world().refuses('wrongState', () => { pbx.completeTransfer(rings.key, one.key) })
    pbx.release(other.key)
    pbx.reconnect((pbx.hold(one.key), one).key)
    pbx.originate('alice', '1002')
    pbx.originate('alice', '1002')
    for (const call of pbx.connectionsOf('bob')) if (call.alertingDevices.length > 0) pbx.answer(call.key)
    const [, second, third] = pbx.connectionsOf('bob')
    world().refuses('wrongState', () => { pbx.completeTransfer(second?.key ?? '', third?.key ?? '') })
  })

  it('sends the transferee into a queue when the consulted one is a queue', () => {
    const { pbx } = world()
    const held = world().talk()
    pbx.hold(held.key)
    const consult = pbx.originate('bob', '1050')
    pbx.completeTransfer(held.key, consult.key)
    const [entry] = pbx.queued('support')
    assert.ok(entry)
    assert.deepEqual([pbx.otherEnd(entry)?.party.name, pbx.otherEnd(entry)?.state, entry.callKey], ['Carol Diaz', 'queued', held.callKey])
  })

  it('comes back after the time for it, not before', () => {
    const { pbx, clock } = world()
    pbx.blindTransfer(world().talk().key, '1003')
    clock.advance(19_999)
    assert.equal(pbx.connectionsOf('bob').length, 0)
    clock.advance(1)
    const back = world().only('bob')
    assert.deepEqual([back.recall, back.state, back.remote?.name, pbx.connectionsOf('dave').length], ['transfer', 'alerting', 'Carol Diaz', 0])
    clock.advance(60_000)
    assert.equal(back.state, 'null')
    assert.equal([...pbx.calls.values()].filter(({ endedAt }) => endedAt === undefined).length, 0)
  })

  it('comes back also when it was completed while the target rang', () => {
    const { pbx, clock } = world()
    const held = world().talk()
    pbx.hold(held.key)
    pbx.completeTransfer(held.key, pbx.originate('bob', '1003').key)
    clock.advance(20_000)
    assert.deepEqual([world().only('bob').recall, pbx.connectionsOf('dave').length], ['transfer', 0])
  })

  it('comes back at once from a busy or invalid target outside', () => {
    const { pbx } = world()
    pbx.blindTransfer(world().talk().key, '+12025550188')
    assert.equal(world().only('bob').recall, 'transfer')
  })

  it('does not come back once it is answered, though the answer is a mailbox', () => {
    const { pbx, clock } = world()
    pbx.blindTransfer(world().talk().key, '1001')
    clock.advance(18_000)
    clock.advance(5000)
    assert.equal(pbx.connectionsOf('bob').length, 0)
    assert.equal([...pbx.connections.values()].filter(({ party, state }) => party.kind === 'voicemail' && state === 'connected').length, 1)
  })

  it('ends with the caller when nobody can take it back', () => {
    const { pbx, clock } = world()
    const call = world().talk('1004')
    pbx.blindTransfer(call.key, '1003')
    pbx.setRegistered('erin-desk', false)
    clock.advance(20_000)
    assert.equal([...pbx.connections.values()].filter(({ state }) => state !== 'null').length, 0)
  })

  it('refuses a transfer to what cannot be dialled and leaves the call alone', () => {
    const { pbx } = world()
    const call = world().talk()
    world().refuses('invalidNumber', () => { pbx.blindTransfer(call.key, '7') })
    assert.equal(call.state, 'connected')
  })

  it('names who transferred in the redirections of the target', () => {
    const { pbx } = world()
    pbx.blindTransfer(world().talk().key, '1001')
    const [first] = world().only('alice').redirections
    assert.deepEqual([first?.party.userKey, first?.cause], ['bob', 'blindTransfer'])
  })

  it('takes the caller back when a mute transfer cannot be made', () => {
    const { pbx } = world()
    const call = world().talk()
    pbx.muteTransfer(call.key, '+12025550188')
    assert.equal(call.state, 'connected')
    pbx.muteTransfer(call.key, '1001')
    assert.deepEqual([call.state, world().only('alice').remote?.name], ['null', 'Carol Diaz'])
  })

  it('pushes a call to the executive, and rings the assistant again when nobody answers', () => {
    const { pbx, clock } = world()
    pbx.setFeature('alice', 'voicemail', false)
    const call = world().talk('1005')
    world().refuses('notAssigned', () => { pbx.push(world().talk('1003').key) })
    pbx.push(call.key)
    assert.equal(world().only('alice').state, 'alerting')
    clock.advance(20_000)
    assert.equal(world().only('frank').recall, 'push')
  })
})

describe('PBX conferences, parking, pickup, monitoring', () => {
  const world = eachWorld()

  function three (): { one: string; two: string } {
    const { pbx, clock } = world()
    const one = world().talk()
    const two = pbx.originate('bob', '+12025550199')
    clock.advance(2000)
    return { one: one.key, two: two.key }
  }

  it('needs two answered calls of one user', () => {
    const { pbx } = world()
    const call = world().talk()
    const dials = pbx.originate('bob', '1001')
    world().refuses('wrongState', () => pbx.conferenceStart('bob', [call.key]))
    world().refuses('wrongState', () => pbx.conferenceStart('bob', [call.key, call.key]))
    world().refuses('wrongState', () => pbx.conferenceStart('bob', [call.key, dials.key]))
    world().refuses('noCall', () => { pbx.conferenceHold('bob') })
  })

  it('is held and resumed as one, also by another call of the owner', () => {
    const { pbx } = world()
    const { one, two } = three()
    pbx.conferenceStart('bob', [one, two])
    const ring = world().ring()
    pbx.answer(ring.key)
    assert.equal(pbx.conferenceOf('bob')?.state, 'held')
    pbx.release(ring.key)
    pbx.conferenceResume('bob')
    assert.deepEqual([one, two].map((key) => pbx.connections.get(key)?.state), ['connected', 'connected'])
  })

  it('takes in one more call, and wakes up when it was held', () => {
    const { pbx } = world()
    const { one, two } = three()
    pbx.conferenceStart('bob', [one, two])
    pbx.conferenceHold('bob')
    const more = world().talk()
    pbx.conferenceAdd('bob', more.key)
    assert.deepEqual([pbx.conferenceOf('bob')?.state, pbx.connectionsOf('bob').map(({ state }) => state)], ['active', ['connected', 'connected', 'connected']])
  })

  it('leaves three people who talk on until two are gone', () => {
    const { pbx } = world()
    const { one, two } = three()
    pbx.conferenceStart('bob', [one, two])
    pbx.conferenceAdd('bob', world().talk().key)
    pbx.leave('bob')
    const stay = (): string[] => [...pbx.connections.values()].filter(({ state }) => state === 'connected').map(({ key }) => key)
    const [first = '', second = ''] = stay()
    assert.equal(stay().length, 3)
    pbx.release(first)
    assert.equal(stay().length, 2)
    pbx.release(second)
    assert.equal(stay().length, 0)
  })

  it('tells of muted members and of the muted owner', () => {
    const { pbx } = world()
    const { one, two } = three()
    pbx.conferenceStart('bob', [one, two])
    world().told()
    pbx.setMuted(two, true)
    pbx.setDeaf(two, true)
    pbx.conferenceMute('bob', true)
    pbx.conferenceMute('bob', true)
    assert.deepEqual(world().told(), ['conferenceChanged', 'conferenceChanged', 'conferenceChanged conference'])
  })

  it('keeps a slot for one call, by number or the first free one', () => {
    const { pbx } = world()
    assert.equal(pbx.park(world().talk().key, undefined, { group: true }).number, '2222')
    assert.equal(pbx.park(world().talk().key, undefined, { group: true }).number, '2223')
    assert.equal(pbx.park(world().talk().key).number, '1002')
    const call = world().talk()
    world().refuses('full', () => pbx.park(call.key))
    world().refuses('full', () => pbx.park(call.key, '2222'))
    world().refuses('invalidNumber', () => pbx.park(call.key, '+12025550199'))
    assert.equal(pbx.park(call.key, '1001').number, '1001')
    assert.equal(world().last('parked').detail?.against, 'alice')
  })

  it('frees the slot when the parked caller hangs up', () => {
    const { pbx, clock } = world()
    const call = world().talk()
    const caller = pbx.external(call.key)
    pbx.park(call.key)
    caller.hangUp()
    assert.equal(world().last('unparked').cause, 'abandoned')
    world().refuses('noCall', () => pbx.retrieve('alice', '1002'))
    clock.advance(60_000)
    assert.equal(pbx.connectionsOf('bob').length, 0)
  })

  it('is retrieved by dialling the slot', () => {
    const { pbx } = world()
    pbx.park(world().talk().key, '2222')
    const call = pbx.originate('alice', '2222')
    assert.deepEqual([call.state, call.remote?.name, pbx.parkSlots.size], ['connected', 'Carol Diaz', 0])
    const nothing = pbx.originate('dave', '2222')
    assert.equal(nothing.state, 'fail')
    world().clock.advance(60_000)
    assert.deepEqual([call.state, pbx.connectionsOf('bob').length], ['connected', 0], 'a call that was taken is not recalled')
  })

  it('fails as a call does when what should be picked up is gone at the time of lifting', () => {
    const { pbx } = world()
    const rings = world().ring()
    const call = pbx.pickup('alice', '1002', { clickToDial: true })
    pbx.external(rings.key).hangUp()
    pbx.answer(call.key)
    assert.equal(call.state, 'fail')
    world().refuses('noCall', () => pbx.pickup('alice'))
    world().refuses('notAssigned', () => pbx.pickup('dave'))
    world().refuses('unknownUser', () => pbx.pickup('dave', '+12025550177'))
    pbx.signIn('agent-erin', { routing: 'ready' })
    world().ring('1050')
    world().refuses('noCall', () => pbx.pickup('frank'))
  })

  it('lets supervisors monitor, and ends with the call', () => {
    const { pbx } = world()
    const call = world().talk()
    world().refuses('notAllowed', () => pbx.monitor('alice', 'bob', 'listen'))
    world().refuses('noCall', () => pbx.monitor('dave', 'alice', 'listen'))
    const ear = pbx.monitor('dave', 'bob', 'listen')
    assert.deepEqual([ear.muted, ear.state], [true, 'connected'])
    pbx.switchMonitor(ear.key, 'bargeIn')
    assert.deepEqual([ear.muted, world().last('monitored', 'bob').detail?.state], [false, 'changed'])
    pbx.release(call.key)
    assert.deepEqual([ear.state, ear.releasedBy], ['null', 'remote'])
  })

  it('picks up when a supervisor barges in on a call that only rings', () => {
    const { pbx } = world()
    world().ring()
    const call = pbx.monitor('dave', 'bob', 'bargeIn')
    assert.deepEqual([call.state, call.remote?.name, pbx.connectionsOf('bob').length], ['connected', 'Carol Diaz', 0])
  })

  it('records as the mode of the user allows', () => {
    const { pbx } = world()
    pbx.setFeature('bob', 'recording', 'on-demand')
    const call = world().talk()
    assert.deepEqual(pbx.recordingControls(call.key), ['start'])
    world().refuses('wrongState', () => { pbx.record(call.key, 'pause') })
    pbx.hold(call.key)
    pbx.record(call.key, 'start')
    assert.equal(call.recording?.state, 'pending')
    pbx.resume(call.key)
    assert.deepEqual([call.recording?.state, pbx.recordingControls(call.key)], ['on', ['pause']])
    world().refuses('notAllowed', () => { pbx.record(call.key, 'stop') })
  })

  it('knows the caller by the number of the house', () => {
    const { pbx } = world()
    assert.equal(pbx.inbound({ from: '(202) 555-0199', to: '1002' })?.remote?.name, 'Carol Diaz')
    assert.equal(world().ring('1003', CAROL).remote?.number, CAROL)
  })
})
