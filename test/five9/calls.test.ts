import assert from 'node:assert/strict'
import type { TelephonyEvent } from '../../src/model'
import { call, CALL_ID, UID } from './server'
import { World } from './world'

const LEG = `${UID}/${CALL_ID}`
const OUT = { callType: 'OUTBOUND', remoteNumber: '5550100123', skillId: undefined }
const OTHER = 'B'.repeat(32)

describe('Five9: own calls', () => {
  let world: World
  beforeEach(() => { world = new World() })
  const play = (...states: string[]): string[] => states.flatMap((state) => world.calls('4', call(state)))

  it('tells an inbound call from its offer to its disposition, each step once', () => {
    assert.deepEqual(world.calls('3', call('OFFERED')), ['call.ringing ringing'])
    assert.deepEqual(world.calls('30', call('OFFERED')), [], 'the repetition')
    assert.deepEqual(world.calls('4', call('TALKING')), ['call.answered active'])
    assert.deepEqual(world.calls('4', call('ON_HOLD')), ['call.held held'])
    assert.deepEqual(world.calls('4', call('TALKING')), ['call.resumed active'])
    assert.deepEqual(world.names('4', call('WRAP_UP')), ['call.ended', 'agent.wrapUp'])
    assert.deepEqual(world.calls('4', call('WRAP_UP')), [])
    assert.deepEqual(world.calls('4', call('FINISHED', { dispositionId: '300000000000143' })), ['call.disposition ended'])
    assert.deepEqual(world.calls('5', call('FINISHED', { dispositionId: '300000000000143' })), [])
    assert.deepEqual(world.calls('31', call('FINISHED', { dispositionId: '300000000000143' })), [])
  })

  it('fills the leg by names: parties, queue, campaign, variables, session', () => {
    const [ringing] = world.feed('3', call('OFFERED', { variables: { 101: '5550100142', 102: '5550100100', 103: '9F1A', 201: 'ORDER-7', 999: 'x' } }))
    const { startedAt, ...leg } = ringing!.call!
    assert.match(startedAt, /^20/)
    assert.deepEqual(leg, {
      id: LEG, vendorId: CALL_ID, correlationId: '9F1A', owner: { kind: 'user', id: UID, name: 'Rosa Agent', number: '0123' }, state: 'ringing', vendorState: 'OFFERED', direction: 'inbound', scope: 'external',
      from: { number: '5550100142' }, to: { userId: UID, name: 'Rosa Agent', number: '0123', kind: 'user' }, dialed: { number: '5550100100' }, remote: { number: '5550100142' },
      queue: { id: '300000000000031', name: 'Sales' }, agent: { id: UID, name: 'Rosa Agent' }, campaign: { id: '300000000000100', name: 'Inbound' },
      data: { 'Call.ANI': '5550100142', 'Call.DNIS': '5550100100', 'Call.session_id': '9F1A', 'Order.Number': 'ORDER-7', 999: 'x' }
    })
  })

  it('reads the attested fields alone: type, numbers and queue may be missing, ids may be numbers', () => {
    const [ringing] = world.feed('3', { id: 77, state: 'offered', variables: { 101: 5550100142 } })
    assert.equal(ringing?.event, 'call.ringing')
    assert.equal(ringing?.call?.vendorId, '77')
    assert.equal(ringing?.call?.from?.number, '5550100142')
  })

  it('tells an outbound call step by step, the number dialled as its target', () => {
    assert.deepEqual(world.calls('3', call('OFFERED', OUT)), ['call.originated initiated'])
    const [ringing] = world.feed('4', call('RINGING_ON_OTHER_SIDE', OUT))
    assert.equal(ringing?.event, 'call.remoteRinging')
    assert.equal(ringing?.call?.to?.number, '5550100123')
    assert.equal(ringing?.call?.queue, undefined)
    assert.deepEqual(world.calls('4', call('TALKING', OUT)), ['call.answered active'])
  })

  it('begins an outbound call that shows late with its origin', () => {
    assert.deepEqual(world.calls('3', call('RINGING_ON_OTHER_SIDE', OUT)), ['call.originated dialing', 'call.remoteRinging remoteRinging'])
  })

  const STEPS: [from: string[], to: string, event: string][] = [
    [['OFFERED'], 'ON_HOLD', 'call.held held'], [['OFFERED'], 'PARKED', 'call.parked parked'], [['OFFERED', 'TALKING'], 'PARKED', 'call.parked parked'], [['TALKING', 'PARKED'], 'TALKING', 'call.unparked active'],
    [['TALKING', 'PARKED'], 'OFFERED', 'call.ringing ringing'], [['OFFERED'], 'FINISHED', 'call.ended ended'], [['OFFERED'], 'WRAP_UP', 'call.ended ended'], [['TALKING', 'ON_HOLD'], 'FINISHED', 'call.ended ended']
  ]
  for (const [from, to, event] of STEPS) {
    it(`${from.join(' > ')} > ${to} is ${event}`, () => {
      play(...from)
      assert.deepEqual(play(to), [event])
    })
  }

  it('passes a state that nobody knows through, with the leg as it was', () => {
    play('TALKING')
    const drafts = world.feed('4', call('SURVEY'))
    assert.equal(drafts[0]?.event, 'call.updated')
    assert.equal(drafts[0]?.call?.state, 'active')
    assert.equal(drafts[0]?.call?.vendorState, 'SURVEY')
    assert.deepEqual(world.names('3', { id: OTHER, state: 'SURVEY' }), ['vendor.CALL_CREATED'])
  })

  it('takes a state that the advanced settings explain', () => {
    world = new World({ advanced: { callStates: { SURVEY: 'held' } } })
    play('TALKING')
    assert.deepEqual(play('SURVEY'), ['call.held held'])
  })

  it('says why a call ended where an action of ours tells it', () => {
    const ends = (mark: Parameters<typeof world.memory.mark>[1] | undefined, ...states: string[]): [string | undefined, string | undefined] => {
      world = new World()
      play(...states)
      if (mark !== undefined) world.memory.mark(CALL_ID, mark)
      const ended = world.feed('4', call('WRAP_UP')).find(({ event }) => event === 'call.ended')
      return [ended?.reason, ended?.call?.endedBy]
    }
    assert.deepEqual(ends(undefined, 'OFFERED', 'TALKING'), ['normal', undefined])
    assert.deepEqual(ends(undefined, 'OFFERED'), ['unknown', undefined])
    assert.deepEqual(ends({ kind: 'hangup', at: 0 }, 'OFFERED', 'TALKING'), ['normal', 'local'])
    assert.deepEqual(ends({ kind: 'reject', at: 0 }, 'OFFERED'), ['rejected', 'local'])
    assert.deepEqual(ends({ kind: 'transfer', how: 'blind', at: 0 }, 'OFFERED', 'TALKING'), ['transferred', 'local'])
    assert.deepEqual(ends({ kind: 'consultation', at: 0 }, 'OFFERED', 'TALKING'), ['transferred', 'local'])
  })

  it('tells a transfer of ours before the end', () => {
    play('OFFERED', 'TALKING')
    world.memory.mark(CALL_ID, { kind: 'transfer', how: 'blind', to: { number: '0124' }, at: Date.now() })
    const drafts = world.feed('4', call('WRAP_UP')).filter(({ event }) => event.startsWith('call.'))
    assert.deepEqual(drafts.map(({ event, call: leg }) => [event, leg?.state]), [['call.transferred', 'active'], ['call.ended', 'ended']])
    assert.deepEqual(drafts[0]?.call?.transfer, { kind: 'blind', role: 'transferor', to: { number: '0124' }, from: { number: '5550100142' } })
    assert.equal(drafts[1]?.call?.dispositionDue, true)
  })

  it('brings a call back as another leg when its transfer has failed', () => {
    play('OFFERED', 'TALKING')
    world.memory.mark(CALL_ID, { kind: 'transfer', how: 'blind', at: Date.now() })
    play('WRAP_UP')
    assert.deepEqual(world.names('58', { message: 'no' }).slice(0, 1), ['vendor.TRANSFER_FAILED'])
    const [back] = world.feed('4', call('TALKING'))
    assert.equal(back?.event, 'call.answered')
    assert.notEqual(back?.call?.id, LEG)
    assert.equal(back?.call?.vendorId, CALL_ID)
  })

  it('does not bring a call back by a late message', () => {
    play('OFFERED', 'TALKING', 'WRAP_UP')
    assert.deepEqual(play('TALKING', 'ON_HOLD'), [])
  })

  it('ties a consultation to the held call, also one made at the desktop', () => {
    play('OFFERED', 'TALKING', 'ON_HOLD')
    const [made] = world.feed('3', { id: OTHER, state: 'OFFERED', callType: 'INTERNAL', remoteNumber: '0124', variables: { 103: '9F1A' } })
    assert.equal(made?.event, 'call.originated')
    assert.deepEqual(made?.call?.related, [{ kind: 'consultOf', id: LEG }])
    assert.equal(made?.call?.scope, 'internal')
  })

  it('takes an internal call that nobody here has dialled for an offer', () => {
    assert.deepEqual(world.calls('3', { id: OTHER, state: 'OFFERED', callType: 'INTERNAL', remoteNumber: '0124' }), ['call.ringing ringing'])
  })

  it('tells who is on the line when the colleague has put the customer through', () => {
    world.calls('3', { id: OTHER, state: 'OFFERED', callType: 'INTERNAL', remoteNumber: '0124' })
    world.calls('4', { id: OTHER, state: 'TALKING', callType: 'INTERNAL', remoteNumber: '0124' })
    const drafts = world.feed('4', { id: OTHER, state: 'TALKING', callType: 'INTERNAL', remoteNumber: '5550100142' })
    const transferred = drafts.find(({ event }) => event === 'call.transferred')
    assert.equal(transferred?.derived, true)
    assert.equal(transferred?.call?.transfer?.role, 'target')
    assert.equal(transferred?.call?.remote?.number, '5550100142')
  })

  it('takes our dial for the call that follows, by its number before all others', () => {
    const made: string[] = []
    const until = Date.now() + 60_000
    world.memory.dial({ until, made: (id) => made.push(`agent ${id}`) })
    world.memory.dial({ number: '+15550100123', until, made: (id) => made.push(`number ${id}`) })
    world.feed('3', call('OFFERED', OUT))
    world.feed('3', { id: OTHER, state: 'OFFERED', callType: 'INTERNAL' })
    assert.deepEqual(made, [`number ${LEG}`, `agent ${UID}/${OTHER}`])
    world.feed('3', { ...call('OFFERED', OUT), id: 'C'.repeat(32) })
    assert.equal(made.length, 2)
  })

  it('tells a failed dial at its leg, with the reason where the words say it', () => {
    world.feed('3', call('OFFERED', OUT))
    const [failed] = world.feed('65', { number: '15550100123', message: 'Number is busy' })
    assert.equal(failed?.event, 'call.failed')
    assert.equal(failed?.reason, 'busy')
    const ended = world.feed('5', { id: CALL_ID }).find(({ event }) => event === 'call.ended')
    assert.equal(ended?.reason, 'busy')
    assert.deepEqual(world.names('65', 'no line'), ['vendor.MAKE_CALL_FAILED'])
    assert.deepEqual(world.names('75', null), ['vendor.CLICK_TO_DIAL_FAILED'])
  })

  it('tells recording and a conference by what the call says of them', () => {
    play('OFFERED', 'TALKING')
    const recording = (value: unknown): (string | undefined)[] => world.feed('4', call('TALKING', { recording: value })).filter(({ event }) => event === 'call.recording').map(({ call: leg }) => leg?.recording?.state)
    assert.deepEqual([recording(false), recording(true), recording(true), recording('PAUSED'), recording('RECORDING'), recording({ state: 'STOPPED' })], [[], ['on'], [], ['paused'], ['on'], ['off']])
    const joined = world.feed('4', call('TALKING', { participants: [{ number: '1' }, { agentId: UID }, { number: '2', name: 'Lind' }] })).find(({ event }) => event === 'call.conferenced')
    assert.equal(joined?.call?.conference?.members.length, 3)
    const left = world.feed('4', call('TALKING', { participants: [] }))
    assert.equal(left[0]?.call?.conference?.state, 'ended')
  })

  it('concludes a conference from our own request when the call is told again', () => {
    play('OFFERED', 'TALKING')
    world.memory.conferences.set(CALL_ID, { number: '0124' })
    const joined = world.feed('4', call('TALKING')).find(({ event }) => event === 'call.conferenced')
    assert.equal(joined?.derived, true)
    assert.deepEqual(joined?.call?.conference?.members.map(({ party }) => party?.number), ['5550100142', '0124'])
    assert.deepEqual(world.feed('4', call('TALKING')).filter(({ event }) => event === 'call.conferenced'), [])
  })

  it('ends by event 5 alone, also when it holds no more than the id', () => {
    play('OFFERED', 'TALKING')
    assert.deepEqual(world.calls('5', CALL_ID), ['call.ended ended'])
    assert.deepEqual(world.calls('5', { id: 'unknown' }), [])
  })

  it('knows by the numbers of an internal call who has called, though both ends have the same type', () => {
    const numbers = (ani: string, dnis: string): object => ({ callType: 'INTERNAL', skillId: undefined, campaignId: null, remoteNumber: '0124', variables: { 101: ani, 102: dnis } })
    assert.deepEqual(world.calls('3', call('OFFERED', numbers('0123', '0124'))), ['call.originated initiated'])
    assert.deepEqual(world.calls('3', call('OFFERED', { ...numbers('0124', '0123'), id: OTHER })), ['call.ringing ringing'])
    assert.deepEqual([...world.picture.calls()].map(({ direction }) => direction), ['outbound', 'inbound'])
  })

  it('turns a call round that was taken for one to us and rings at the other side', () => {
    const bare = { callType: 'INTERNAL', skillId: undefined, remoteNumber: '0124', variables: {} }
    assert.deepEqual(world.calls('3', call('OFFERED', bare)), ['call.ringing ringing'])
    const [turned] = world.feed('4', call('RINGING_ON_OTHER_SIDE', bare))
    assert.deepEqual([turned?.event, turned?.call?.state, turned?.call?.direction, turned?.call?.from?.userId, turned?.call?.to?.number, turned?.call?.ringingAt], ['call.remoteRinging', 'remoteRinging', 'outbound', UID, '0124', undefined])
  })

  it('keeps what the session found out about the other number, as long as it is the same', () => {
    world.feed('3', call('OFFERED'))
    const known = world.picture.call(LEG)!
    world.picture.fold({ event: 'call.updated', time: known.startedAt, call: { ...known, remote: { ...known.remote, e164: '+15550100142', name: 'Ada Lind' } } } as unknown as TelephonyEvent)
    const [same] = world.feed('4', call('TALKING'))
    assert.deepEqual(same?.call?.remote, { number: '5550100142', e164: '+15550100142', name: 'Ada Lind' })
    const [other] = world.feed('4', call('ON_HOLD', { remoteNumber: '5550100177' }))
    assert.deepEqual(other?.call?.remote, { number: '5550100177' })
  })

  it('says nothing of old duplicates and passes on what has no neutral word', () => {
    for (const id of ['2', '20', '27']) assert.deepEqual(world.names(id, {}), [])
    assert.deepEqual(world.names('8', {}), ['vendor.PREVIEW_CREATED'])
    assert.deepEqual(world.names('4711', {}), ['vendor.4711'])
    assert.deepEqual(world.names('3', { state: 'OFFERED' }), ['vendor.CALL_CREATED'])
  })
})
