/** What is told of calls, as neutral events: every shape, any order, and input that nobody should send. */
import assert from 'node:assert/strict'
import type { Call, TelephonyEvent } from '../../src/model'
import type { EventDraft, Link } from '../../src/session/types'
import { Picture } from '../../src/state/picture'
import { reduceCall, reduceGone } from '../../src/webex/events'
import { decodeId, keyOf, regionOf } from '../../src/webex/ids'
import { Inbox } from '../../src/webex/inbox'
import { DriverMemory } from '../../src/webex/memory'
import type { Json } from '../../src/webex/read'
import { targetOf, type Source } from '../../src/webex/scope'

const id = (type: string, last: string, region = 'us'): string => Buffer.from(`ciscospark://${region}/${type}/${last}`).toString('base64').replace(/=+$/, '')
const ALICE = id('PEOPLE', '11111111-1111-4111-8111-000000005101')
const CALL = id('CALL', 'callhalf-1002:0')
const SESSION = Buffer.from('bbbbbbbb-0000-4000-8000-000000000002').toString('base64')
const CAROL = { name: 'Carol Caller', number: '+12025550144', privacyEnabled: false, callType: 'external' }
const T0 = Date.parse('2026-03-02T09:15:04.120Z')
const at = (ms: number): string => new Date(T0 + ms).toISOString()

const call = (part: Json): Json => ({
  callId: CALL, callSessionId: SESSION, personality: 'terminator', state: 'alerting', muteCapable: false, muted: false, remoteParty: CAROL, appearance: 1, created: at(0), completedElsewhere: false, ...part
})

class World {
  now = T0 + 60_000
  readonly memory = new DriverMemory()
  readonly picture = new Picture(() => this.now)
  readonly told: string[] = []
  readonly warnings: string[] = []
  readonly drafts: EventDraft[] = []
  readonly inbox: Inbox

  constructor () {
    this.memory.people.add({ id: ALICE, name: 'Alice Arden', number: '+12025550101', extension: '5101' })
    const link = {
      clock: { now: () => this.now }, picture: this.picture, receive: (drafts: EventDraft[]) => this.take(drafts), warn: (code: string) => this.warnings.push(code), heard: () => undefined
    } as unknown as Link
    this.inbox = new Inbox({
      link, source: () => this.source(), ownerOf: (actor) => keyOf(actor) === keyOf(ALICE) ? ALICE : undefined, watchOf: () => undefined, chat: () => this.told.push('chat'), look: (what) => this.told.push(`look ${what}`)
    })
  }

  source (): Source {
    return {
      picture: this.picture,
      context: {
        now: this.now,
        person: (one) => this.memory.people.get(one),
        markOf: (leg) => this.memory.markOf(leg, this.now),
        legIdOf: (owner, callId, session) => this.memory.legIdOf(owner, callId, session, this.now),
        restIdOf: (callId) => this.memory.restIdOf(callId),
        hasSameRegion: () => true,
        queueIdOf: () => undefined
      }
    }
  }

  take (drafts: readonly EventDraft[]): void {
    for (const draft of drafts) {
      if (draft.call !== undefined && this.picture.tombstone(draft.call.id) !== undefined) continue
      this.drafts.push(draft)
      this.told.push(draft.event === 'call.updated' ? `call.updated ${draft.changes?.join() ?? ''}` : draft.event)
      this.picture.fold({ ...draft, id: 'x', seq: 1, epoch: 'e', platform: 'webex', account: 'a', accountId: 'a', time: at(0), timeSource: 'vendor', receivedAt: at(0) } as TelephonyEvent)
    }
  }

  list (part: Json): EventDraft[] {
    const drafts = reduceCall({ call: call(part), target: targetOf(ALICE, this.source().context) }, this.source())
    this.take(drafts)
    return drafts
  }

  deliver (event: string, part: Json, more: Json = {}): void {
    this.inbox.take(Buffer.from(JSON.stringify({ id: id('WEBHOOK', 'w1'), resource: 'telephony_calls', event, actorId: ALICE, createdBy: ALICE, created: '2026-03-02T09:00:00.000Z', data: call(part), ...more })))
  }

  get leg (): Call | undefined { return [...this.picture.calls()][0] }
}

describe('Webex: ids', () => {
  it('are compared by what they hold, padded or not, in whatever region', () => {
    assert.equal(keyOf(CALL), 'callhalf-1002:0')
    assert.equal(keyOf(id('CALL', 'BCLD/callhalf-1002:0', 'urn:TEAM:us-west-2_r')), 'callhalf-1002:0')
    assert.equal(keyOf(`${ALICE}==`), keyOf(ALICE))
    assert.equal(keyOf(SESSION), 'bbbbbbbb-0000-4000-8000-000000000002')
    assert.equal(regionOf(id('PEOPLE', 'x', 'urn:TEAM:us-east-2_a')), 'urn:TEAM:us-east-2_a')
  })

  it('that are no such thing stand for themselves', () => {
    for (const odd of ['', '5101', 'alice@example.com', 'YWJj', '__proto__', '11111111-1111-4111-8111-000000005101']) assert.equal(decodeId(odd), odd)
    assert.equal(regionOf('alice@example.com'), undefined)
  })
})

describe('Webex: calls as events', () => {
  let world: World
  beforeEach(() => { world = new World() })

  it('an incoming call from ringing to its end', () => {
    world.deliver('created', { eventType: 'received', eventTimestamp: at(1) })
    world.deliver('updated', { eventType: 'updated', eventTimestamp: at(2), endpointId: id('APPLICATION', 'e1'), endpointType: 'APPLICATION' })
    world.deliver('updated', { eventType: 'answered', eventTimestamp: at(5290), state: 'connected', answered: at(5210), muteCapable: true })
    world.deliver('updated', { eventType: 'held', eventTimestamp: at(9000), state: 'held', answered: at(5210) })
    world.deliver('updated', { eventType: 'resumed', eventTimestamp: at(9900), state: 'connected', answered: at(5210) })
    world.deliver('deleted', { eventType: 'disconnected', eventTimestamp: at(99_000), state: 'disconnected', answered: at(5210), disconnected: at(98_990), appearance: undefined })
    assert.deepEqual(world.told, ['call.ringing', 'call.updated device', 'call.answered', 'call.held', 'call.resumed', 'call.ended'])
    const ended = world.drafts.at(-1)!
    assert.deepEqual([ended.reason, ended.call?.answeredAt, ended.call?.endedAt, ended.call?.direction, ended.call?.correlationId], ['normal', at(5210), at(98_990), 'inbound', 'bbbbbbbb-0000-4000-8000-000000000002'])
    assert.deepEqual([ended.call?.from?.number, ended.call?.to?.userId, ended.call?.scope, ended.call?.line], ['+12025550144', ALICE, 'external', 1])
    assert.equal(ended.time, at(99_000))
  })

  it('a click-to-dial call: the own phone is no answer', () => {
    const mine = { personality: 'clickToDial' }
    world.deliver('created', { ...mine, eventType: 'originating', eventTimestamp: at(1) })
    world.deliver('updated', { personality: 'originator', state: 'connecting', eventTimestamp: at(4000) })
    world.deliver('updated', { personality: 'originator', state: 'connected', answered: at(9000), eventTimestamp: at(9000) })
    assert.deepEqual(world.told, ['call.originated', 'call.updated state', 'call.answered'])
    assert.deepEqual([world.leg?.direction, world.leg?.to?.number, world.leg?.from?.userId], ['outbound', '+12025550144', ALICE])
  })

  it('an attempt that reached nobody has failed, for no told reason', () => {
    world.deliver('created', { personality: 'originator', state: 'connecting', eventTimestamp: at(1) })
    world.deliver('deleted', { personality: 'originator', state: 'disconnected', eventTimestamp: at(3) })
    assert.deepEqual(world.told, ['call.originated', 'call.failed', 'call.ended'])
    assert.equal(world.drafts.at(-1)?.reason, 'unknown')
  })

  it('whatever the type is called, the state decides', () => {
    for (const [n, eventType] of ['received', 'somethingNew', undefined, 7].entries()) {
      const other = new World()
      other.deliver('created', { eventType, eventTimestamp: at(n) })
      other.deliver('updated', { eventType, state: 'connected', eventTimestamp: at(n + 1) })
      assert.deepEqual(other.told, ['call.ringing', 'call.answered'], String(eventType))
    }
  })

  it('in every order of arrival each leg ends once, and the last word is right', () => {
    const messages: [string, Json][] = [
      ['created', { eventType: 'received', eventTimestamp: at(1) }],
      ['updated', { eventType: 'updated', eventTimestamp: at(1), endpointId: 'e' }],
      ['updated', { eventType: 'answered', state: 'connected', eventTimestamp: at(5), answered: at(5) }],
      ['deleted', { eventType: 'disconnected', state: 'disconnected', eventTimestamp: at(9), answered: at(5) }]
    ]
    for (const order of permutations([0, 1, 2, 3])) {
      const other = new World()
      for (const index of [...order, ...order]) other.deliver(...messages[index]!)
      assert.equal(other.told.filter((name) => name === 'call.ended').length, 1, `${order}: ${other.told}`)
      assert.equal(other.told.at(-1), 'call.ended', `${order}: ${other.told}`)
      assert.equal(other.leg, undefined)
    }
    for (const order of permutations([0, 1, 2])) {
      const other = new World()
      for (const index of [...order, ...order]) other.deliver(...messages[index]!)
      assert.equal(other.leg?.state, 'active', `${order}: ${other.told}`)
    }
  })

  it('the queue that offers a call is named, and its name cut off the caller\'s', () => {
    const queue = { name: 'Support Queue', number: '+12025550170', id: id('UNKNOWN', 'q1'), idType: 'UNKNOWN', privacyEnabled: false, callType: 'location' }
    world.deliver('created', { eventTimestamp: at(1), remoteParty: { ...CAROL, name: 'Support Queue  -  Carol Caller' }, redirections: [{ reason: 'callQueue', redirectingParty: queue }] })
    world.deliver('updated', { eventTimestamp: at(2), state: 'connected' })
    assert.deepEqual([world.leg?.from?.name, world.leg?.queue?.name, world.leg?.dialed?.number, world.leg?.agent?.id], ['Carol Caller', 'Support Queue', '+12025550170', ALICE])
    assert.equal(world.leg?.redirections?.[0]?.party.kind, 'queue')
  })

  it('a leg that went on elsewhere says so, and that it is no proof', () => {
    world.deliver('created', { eventTimestamp: at(1) })
    world.deliver('deleted', { state: 'disconnected', completedElsewhere: true, eventTimestamp: at(2) })
    assert.deepEqual([world.drafts.at(-1)?.reason, world.drafts.at(-1)?.call?.uncertain], ['answeredElsewhere', ['endReason']])
  })

  it('a forwarded leg is redirected and over', () => {
    world.deliver('created', { eventTimestamp: at(1) })
    world.deliver('deleted', { state: 'alerting', eventType: 'forwarded', eventTimestamp: at(2) })
    assert.deepEqual(world.told, ['call.ringing', 'call.redirected', 'call.ended'])
  })

  it('a leg that is met by its end was open before: what leads to the end is told of an open leg, and then the end', () => {
    world.deliver('deleted', { state: 'disconnected', eventType: 'forwarded', eventTimestamp: at(2), disconnected: at(2) })
    assert.deepEqual(world.told, ['call.redirected', 'call.ended'])
    assert.deepEqual(world.drafts.map((draft) => [draft.call?.state, draft.call?.endedAt]), [['ringing', undefined], ['ended', at(2)]])
  })

  it('holds of both sides are told apart', () => {
    world.deliver('created', { state: 'connected', eventTimestamp: at(1) })
    world.deliver('updated', { state: 'remoteHeld', eventTimestamp: at(2) })
    assert.equal(world.leg?.heldBy, 'remote')
    world.deliver('updated', { state: 'held', eventTimestamp: at(3) })
    assert.equal(world.leg?.heldBy, 'both')
    world.deliver('updated', { state: 'connected', eventTimestamp: at(4) })
    assert.deepEqual([world.leg?.state, world.leg?.heldBy], ['active', undefined])
  })

  it('recording, muting and a park recall', () => {
    world.deliver('created', { eventTimestamp: at(1), recall: { type: 'park', party: {} } })
    assert.equal(world.leg?.recall, 'park')
    world.deliver('updated', { state: 'connected', muteCapable: true, eventTimestamp: at(2) })
    assert.deepEqual(world.leg?.can, ['mute'])
    world.deliver('updated', { state: 'connected', muteCapable: true, muted: true, eventTimestamp: at(3) })
    for (const [n, recordingState] of ['pending', 'started', 'paused', 'stopped', 'nonsense'].entries()) world.deliver('updated', { state: 'connected', muteCapable: true, muted: true, recordingState, eventTimestamp: at(4 + n) })
    assert.deepEqual(world.told.slice(2), ['call.updated can,muted', 'call.recording', 'call.recording', 'call.recording', 'call.recording'])
    assert.equal(world.leg?.recording?.state, 'off')
  })

  it('a private caller stays unknown', () => {
    world.deliver('created', { eventTimestamp: at(1), remoteParty: { privacyEnabled: true, callType: 'external' } })
    assert.deepEqual(world.leg?.from, { private: true, kind: 'external' })
  })

  it('what our own actions did explains the end', () => {
    const ends = (mark: Parameters<DriverMemory['mark']>[1], state = 'connected'): [string[], string | undefined, string | undefined] => {
      const other = new World()
      other.deliver('created', { state, eventTimestamp: at(1) })
      other.memory.mark(other.leg!.id, mark, other.now)
      other.deliver('deleted', { state: 'disconnected', eventTimestamp: at(2) })
      return [other.told.slice(1), other.drafts.at(-1)?.reason, other.drafts.at(-1)?.call?.endedBy]
    }
    assert.deepEqual(ends({ kind: 'hangup' }), [['call.ended'], 'normal', 'local'])
    assert.deepEqual(ends({ kind: 'reject' }, 'alerting'), [['call.ended'], 'rejected', 'local'])
    assert.deepEqual(ends({ kind: 'park', slot: { number: '5777' } }), [['call.parked', 'call.ended'], 'parked', 'local'])
    assert.deepEqual(ends({ kind: 'blind', to: { number: '5102' } }), [['call.transferred', 'call.ended'], 'transferred', 'local'])
    assert.deepEqual(ends({ kind: 'redirect', to: { number: '5102' } }, 'alerting'), [['call.redirected', 'call.ended'], 'deflected', 'local'])
    assert.deepEqual(ends({ kind: 'attended', role: 'first', other: 'x' }), [['call.transferred', 'call.ended'], 'transferred', 'local'])
    assert.deepEqual(ends({ kind: 'attended', role: 'second', other: 'x' }), [['call.ended'], 'transferred', 'local'])
    assert.deepEqual(ends({ kind: 'early', role: 'first', other: 'x' }), [['call.ended'], 'normal', undefined], 'the target has not answered')
    assert.deepEqual(ends({ kind: 'push' }), [['call.redirected', 'call.ended'], 'deflected', 'local'])
  })

  it('a mark is forgotten after ten seconds', () => {
    world.deliver('created', { state: 'connected', eventTimestamp: at(1) })
    world.memory.mark(world.leg!.id, { kind: 'blind', to: {} }, world.now)
    world.now += 10_001
    world.deliver('deleted', { state: 'disconnected', eventTimestamp: at(2) })
    assert.equal(world.drafts.at(-1)?.reason, 'normal')
  })

  it('the leg of a dial is known by its session when its call id is another one', () => {
    const announced = world.memory.announce(ALICE, id('CALL', 'callhalf-9:0'), SESSION, world.now)
    world.deliver('created', { personality: 'clickToDial', eventTimestamp: at(1) })
    world.deliver('updated', { personality: 'originator', state: 'connected', eventTimestamp: at(2) })
    assert.equal(world.leg?.id, announced)
    assert.deepEqual(world.told, ['call.originated', 'call.answered'])
    assert.equal(keyOf(world.leg?.vendorId ?? ''), 'callhalf-1002:0')
  })

  it('an id that a restarted server uses again is another call', () => {
    world.deliver('created', { eventTimestamp: at(1) })
    world.deliver('deleted', { state: 'disconnected', eventTimestamp: at(2) })
    world.deliver('created', { eventTimestamp: at(20_000), created: at(20_000) })
    assert.deepEqual(world.told, ['call.ringing', 'call.ended', 'call.ringing'])
    world.deliver('updated', { state: 'connected', eventTimestamp: at(21_000), created: at(20_000) })
    assert.equal(world.leg?.state, 'active')
  })

  it('so it is in the same second, when the earlier call had ended before', () => {
    world.deliver('created', { eventTimestamp: at(1) })
    world.deliver('deleted', { state: 'disconnected', eventTimestamp: at(300), disconnected: at(300) })
    world.deliver('created', { eventTimestamp: at(400), created: at(300) })
    assert.deepEqual(world.told, ['call.ringing', 'call.ended', 'call.ringing'])
    world.deliver('deleted', { state: 'disconnected', eventTimestamp: at(301), created: at(0), disconnected: at(300) })
    assert.equal(world.leg?.state, 'ringing', 'a late word on the first does not end the second')
  })

  it('a list tells the same as events do, and its silence is an end', () => {
    world.list({ callId: undefined, id: CALL })
    world.list({ callId: undefined, id: CALL, state: 'connected', answered: at(5) })
    world.list({ callId: undefined, id: CALL, state: 'connected', answered: at(5) })
    world.take(reduceGone(world.leg!, targetOf(ALICE, world.source().context), world.source()))
    assert.deepEqual(world.told, ['call.ringing', 'call.answered', 'call.ended'])
    assert.deepEqual(world.drafts.at(-1)?.call?.uncertain, ['endedAt'])
    assert.equal(world.drafts.at(-1)?.call?.endedAt, at(60_000))
  })

  it('a call that a list misses does not end before it was answered, though our clock is behind', () => {
    world.list({ callId: undefined, id: CALL, state: 'connected', answered: at(60_700) })
    world.take(reduceGone(world.leg!, targetOf(ALICE, world.source().context), world.source()))
    assert.equal(world.drafts.at(-1)?.call?.endedAt, at(60_700))
  })

  it('other resources are looked up, passed on, or left to the chat', () => {
    world.deliver('updated', {}, { resource: 'telephony_mwi' })
    world.deliver('created', {}, { resource: 'telephony_conference' })
    world.deliver('created', {}, { resource: 'messages' })
    world.deliver('updated', {}, { resource: 'telephony_agent' })
    world.deliver('updated', {}, { resource: 'telephony_queue' })
    world.deliver('created', {}, { resource: 'brandNew' })
    assert.deepEqual(world.told, ['look mailbox', 'look conference', 'chat', 'look others', 'vendor.telephony_agent.updated', 'look queues', 'vendor.telephony_queue.updated', 'vendor.brandNew.created'])
  })

  it('an event that comes later than a list is no news when it happened before', () => {
    world.list({ callId: undefined, id: CALL, state: 'connected', answered: at(5000) })
    world.inbox.listed(world.leg!.id, 'active', T0 + 20_000)
    world.deliver('created', { eventTimestamp: at(1) })
    world.deliver('updated', { state: 'held', eventTimestamp: at(9000), answered: at(5000) })
    world.deliver('updated', { state: 'alerting', eventTimestamp: at(19_500) })
    assert.deepEqual(world.told, ['call.answered'])
    world.deliver('updated', { state: 'held', eventTimestamp: at(19_600), answered: at(5000) })
    world.deliver('deleted', { state: 'disconnected', eventTimestamp: at(9500), disconnected: at(9500) })
    assert.deepEqual(world.told, ['call.answered', 'call.held', 'call.ended'], 'an end is an end whenever it is told')
  })

  it('events without a time of their own are never taken for the same one', () => {
    world.deliver('updated', {}, { resource: 'telephony_agent', data: {} })
    world.deliver('updated', {}, { resource: 'telephony_agent', data: { eventTimestamp: at(1) } })
    assert.deepEqual(world.drafts.map(({ key }) => key === undefined), [true, false])
  })

  it('nothing comes of what is no event, of strangers, or of a call without id', () => {
    const bodies = [
      '', 'x', '[]', 'null', '{}', '{"resource":"telephony_calls"}', '{"resource":5,"event":{}}', '{"resource":"telephony_calls","event":"created","data":[]}', '<html></html>',
      `{"resource":"telephony_calls","event":"created","actorId":"${ALICE}","data":{"callId":null}}`, `{"resource":"telephony_calls","event":"created","actorId":"${ALICE}","data":"x"}`,
      '{"resource":"telephony_calls","event":"created","actorId":"somebody","data":{"callId":"c"}}', `{"resource":"telephony_calls","event":"created","actorId":"${ALICE}","data":{"__proto__":{"callId":"x"}}}`
    ]
    for (const body of bodies) world.inbox.take(Buffer.from(body))
    world.inbox.take(Buffer.from([0xff, 0xfe, 0x00]))
    assert.deepEqual(world.told, [])
    assert.equal(world.warnings.length, bodies.length + 1)
  })

  it('fields of the wrong kind are as if absent', () => {
    world.deliver('created', {
      callSessionId: 7, personality: {}, state: 'connected', remoteParty: 'x', appearance: '2', created: 'yesterday', answered: {}, redirections: 'none', recall: [], recordingState: 'constructor', endpointId: 5, eventTimestamp: 'never', muteCapable: 'true', muted: 1
    })
    assert.deepEqual(world.told, ['call.answered', 'call.recording'].slice(0, 1))
    assert.deepEqual([world.leg?.line, world.leg?.device?.id, world.leg?.uncertain], [2, '5', ['startedAt']])
  })
})

function permutations (items: readonly number[]): number[][] {
  return items.length < 2 ? [[...items]] : items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]))
}
