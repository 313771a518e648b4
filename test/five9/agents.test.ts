import assert from 'node:assert/strict'
import { call, UID } from './server'
import { World } from './world'

const presence = (ready: unknown, reason: unknown = '0', more: object = {}): object => ({
  currentState: { readyChannels: ready, notReadyReasonCodeId: reason }, pendingState: null, currentStateTime: 1763700200000, pendingStateDelayTime: 0, gracefulModeOn: false, ...more
})

describe('Five9: the own agent', () => {
  let world: World
  beforeEach(() => { world = new World({ stationType: 'SOFTPHONE' }) })

  it('is ready or not, with the reason by name', () => {
    assert.deepEqual(world.names('12', presence(['CALL', 'VOICE_MAIL'])), ['agent.ready'])
    const [paused] = world.feed('12', presence([], '401101'))
    assert.equal(paused?.event, 'agent.notReady')
    assert.deepEqual(paused?.agent?.reason, { id: '401101', name: 'Lunch' })
    assert.equal(paused?.agent?.since, new Date(1763700200000).toISOString())
    assert.deepEqual(world.names('12', presence([], '401101')), [], 'nothing new')
    assert.deepEqual(world.names('12', presence([], '-5')), ['agent.notReady'], 'another reason')
  })

  it('reads every spelling: list as text, reason as number, other field names', () => {
    assert.deepEqual(world.names('12', presence('[CALL, VOICE_MAIL]')), ['agent.ready'])
    const [paused] = world.feed('12', { currentStateLong: { readyChannels: '[]', notReadyReasonCode: 401101 } })
    assert.deepEqual(paused?.agent?.reason, { id: '401101', name: 'Lunch' })
    assert.deepEqual(world.names('12', 'x'), ['vendor.PRESENCE_UPDATED'])
  })

  it('tells what is pending until a call is over', () => {
    world.feed('12', presence(['CALL']))
    world.feed('3', call('OFFERED'))
    const [pending] = world.feed('12', presence(['CALL'], '0', { pendingState: { readyChannels: [], notReadyReasonCodeId: '401101' } }))
    assert.equal(pending?.event, 'agent.updated')
    assert.deepEqual(pending?.agent?.pending, { routing: 'notReady', reason: { id: '401101', name: 'Lunch' } })
  })

  it('follows the own calls: busy, wrap-up until disposed, back to what was asked for', () => {
    world.feed('12', presence(['CALL']))
    const states = [['3', 'OFFERED'], ['4', 'TALKING'], ['4', 'WRAP_UP'], ['5', 'FINISHED']].flatMap(([id, state]) => world.feed(id!, call(state!)).filter(({ agent }) => agent !== undefined).map(({ event }) => event))
    assert.deepEqual(states.filter((event) => event !== 'agent.updated'), ['agent.busy', 'agent.wrapUp', 'agent.ready'])
  })

  it('logs in and out by text or object', () => {
    world.feed('12', presence(['CALL']))
    assert.deepEqual(world.names('17', 'SELECT_STATION'), ['agent.loggedOut'])
    assert.deepEqual(world.names('17', { loginState: 'WORKING' }), ['agent.loggedIn', 'agent.ready'])
    assert.deepEqual(world.names('17', {}), ['vendor.LOGIN_STATE_UPDATED'])
  })

  it('joins and leaves skills', () => {
    world.feed('12', presence(['CALL']))
    world.feed('11', ['300000000000031'])
    const [joined] = world.feed('11', [{ id: '300000000000031' }, { id: '300000000000032' }])
    assert.equal(joined?.event, 'agent.queueJoined')
    assert.deepEqual(joined?.queue, { id: '300000000000032', name: 'Support' })
    assert.deepEqual(world.names('11', []), ['agent.queueLeft', 'agent.queueLeft', 'agent.updated'])
  })

  it('tells the station as a phone, but not one that carries no voice', () => {
    assert.deepEqual(world.names('18', { stationId: '', stationType: 'EMPTY', state: 'DISCONNECTED' }), ['vendor.STATION_UPDATED'])
    const [connected] = world.feed('18', { stationId: 's1', stationType: 'SOFTPHONE', state: 'CONNECTED' })
    assert.equal(connected?.event, 'device.registered')
    assert.deepEqual(connected?.device, { id: 's1', name: 'SOFTPHONE', kind: 'app', registered: true })
    assert.deepEqual(world.names('18', { stationId: 's1', stationType: 'SOFTPHONE', state: 'CONNECTED' }), [])
    assert.deepEqual(world.names('42', null), ['device.unregistered', 'vendor.STATION_NEEDS_RESTART'])
  })

  it('tells of colleagues who are ready', () => {
    const [ready] = world.feed('15', ['3000002'])
    assert.equal(ready?.event, 'user.presence')
    assert.deepEqual([ready?.user?.name, ready?.presence?.status], ['Ben Agent', 'available'])
    assert.deepEqual(world.names('15', ['3000002']), [])
    assert.deepEqual(world.names('15', null), ['vendor.AGENTS_READY_PRESENCES_SUBSCRIPTION_UPDATE'])
  })

  it('says nothing of an agent of whom nothing is known', () => {
    world.memory.presence = undefined
    assert.deepEqual(world.names('1202', 'pong'), [])
    assert.equal(world.picture.agent(UID), undefined)
  })
})
