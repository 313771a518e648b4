import assert from 'node:assert/strict'
import type { Agent, Call, Platform, TelephonyEvent } from '../../src/model'
import { CallRecords, isMissed, type CallRecord, type CallRecordsOptions } from '../../src/state'

const START = Date.UTC(2026, 0, 5, 9, 0, 0)
const iso = (second: number): string => new Date(START + Math.round(second * 1000)).toISOString()
const alice: Call['owner'] = { kind: 'user', id: 'alice' }
const bo: Call['owner'] = { kind: 'user', id: 'bo' }
const cy: Call['owner'] = { kind: 'user', id: 'cy' }
const sales: Call['owner'] = { kind: 'queue', id: '7', name: 'Sales' }

type Part = Partial<Call> & { id: string }

/** Tells events at a second of the story; each leg keeps what was told of it. */
class Story {
  readonly records: CallRecords
  readonly rows = new Map<string, CallRecord>()
  readonly written: CallRecord[] = []
  private readonly legs = new Map<string, Call>()

  constructor (options: CallRecordsOptions = {}, private readonly platform: Platform = 'xsi') {
    this.records = new CallRecords(options)
  }

  at (second: number, event: TelephonyEvent['event'], part: Part, rest: Partial<TelephonyEvent> = {}): this {
    const known = this.legs.get(part.id)
    const call: Call = { owner: alice, state: 'ringing', direction: 'inbound', startedAt: iso(second), conversationId: 'c1', correlationId: 'k', ...known, ...part }
    if (part.state === 'active' && part.answeredAt === undefined && call.answeredAt === undefined && call.owner.kind !== 'queue') call.answeredAt = iso(second)
    if (part.state !== undefined && part.state !== 'held') delete call.heldBy
    if (part.state === 'ended') call.endedAt = iso(second)
    this.legs.set(part.id, call)
    return this.tell(second, { event, call, ...rest })
  }

  agent (second: number, agent: Partial<Agent> & Pick<Agent, 'state'>): this {
    return this.tell(second, { event: 'agent.updated', agent: { id: 'a7', user: { id: 'alice' }, since: iso(second), ...agent } })
  }

  connect (second: number, epoch: string, downMs?: number): this {
    return this.tell(second, { event: 'connection.online', epoch, connection: { state: 'online', ...(downMs === undefined ? {} : { downMs }) } })
  }

  tick (second: number): this {
    return this.take(this.records.tick(START + second * 1000))
  }

  /** The only record that counts. */
  get row (): CallRecord {
    const rows = [...this.rows.values()].filter(({ mergedInto }) => mergedInto === undefined)
    assert.equal(rows.length, 1, `${rows.length} records`)
    return rows[0]!
  }

  private tell (second: number, event: Partial<TelephonyEvent> & Pick<TelephonyEvent, 'event'>): this {
    const full: TelephonyEvent = {
      id: 'e', seq: 1, epoch: 'e', platform: this.platform, account: 'Desk', accountId: 'acc1', time: iso(second), timeSource: 'vendor', receivedAt: iso(second), ...event
    }
    const before = JSON.stringify(full)
    const records = this.records.fold(full)
    assert.equal(JSON.stringify(full), before, 'an event was changed')
    return this.take(records)
  }

  private take (records: CallRecord[]): this {
    for (const record of records) {
      assert.ok(record.revision > (this.rows.get(record.id)?.revision ?? 0), 'revision does not grow')
      this.rows.set(record.id, record)
      this.written.push(record)
    }
    return this
  }
}

describe('call record: inbound', () => {
  const from = { number: '5550101', name: 'Ann Doe' }

  it('measures ring, talk, hold and wait, and tells who hung up', () => {
    const { row, written } = new Story()
      .at(0, 'call.ringing', { id: 'a', from, to: { number: '1001' }, dialed: { number: '5550199' }, scope: 'external' })
      .at(4, 'call.answered', { id: 'a', state: 'active' })
      .at(14, 'call.held', { id: 'a', state: 'held', heldBy: 'local' })
      .at(19.5, 'call.resumed', { id: 'a', state: 'active' })
      .at(24, 'call.held', { id: 'a', state: 'held', heldBy: 'remote' })
      .at(27, 'call.resumed', { id: 'a', state: 'active' })
      .at(30, 'call.ended', { id: 'a', state: 'ended', endReason: 'normal', endedBy: 'remote' })
      .tick(32)
    const { waitSeconds, ringSeconds, talkSeconds, holdSeconds, durationSeconds, handleSeconds, holds } = row
    assert.deepEqual({ waitSeconds, ringSeconds, talkSeconds, holdSeconds, durationSeconds, handleSeconds, holds }, {
      waitSeconds: 4, ringSeconds: 4, talkSeconds: 20.5, holdSeconds: 5.5, durationSeconds: 30, handleSeconds: 26, holds: 1
    })
    assert.deepEqual([row.result, row.hungUpBy, row.open, row.direction, row.did, row.user?.id], ['answered', 'caller', false, 'inbound', '5550199', 'alice'])
    assert.deepEqual([row.startedAt, row.answeredAt, row.endedAt], [iso(0), iso(4), iso(30)])
    assert.deepEqual(written.map(({ revision, open }) => [revision, open]), [[1, true], [2, true], [3, false]])
    assert.equal(row.queueSeconds, undefined)
  })

  it('closes two seconds after the last leg and not while another begins', () => {
    const story = new Story()
      .at(0, 'call.ringing', { id: 'a' })
      .at(5, 'call.ended', { id: 'a', state: 'ended' })
      .tick(6.9)
    assert.equal(story.row.open, true)
    story.at(6.95, 'call.ringing', { id: 'b', owner: bo }).tick(60)
    assert.equal(story.row.open, true)
    story.at(61, 'call.ended', { id: 'b', owner: bo, state: 'ended' }).tick(62.9)
    assert.equal(story.row.open, true)
    story.tick(63)
    assert.equal(story.row.open, false)
    assert.equal(story.row.legs.length, 2)
  })

  it('counts the ringing of several phones once and forgets those that lost', () => {
    const { row } = new Story()
      .at(0, 'call.ringing', { id: 'a' })
      .at(1, 'call.ringing', { id: 'b', owner: bo })
      .at(6, 'call.answered', { id: 'b', owner: bo, state: 'active' })
      .at(6, 'call.ended', { id: 'a', state: 'ended', endReason: 'answeredElsewhere' })
      .at(10, 'call.ended', { id: 'b', owner: bo, state: 'ended', endReason: 'normal', endedBy: 'local' })
      .tick(12)
    assert.deepEqual([row.ringSeconds, row.waitSeconds, row.talkSeconds, row.user?.id, row.hungUpBy, row.result], [6, 6, 4, 'bo', 'called', 'answered'])
    assert.deepEqual(row.legs.map((leg) => isMissed(leg)), [false, false])
  })

  const ends: [Partial<Call>, CallRecord['result']][] = [
    [{ endReason: 'normal' }, 'missed'], [{ endReason: 'noAnswer' }, 'missed'], [{}, 'missed'], [{ endReason: 'busy' }, 'busy'], [{ endReason: 'rejected' }, 'rejected'], [{ endReason: 'forwarded' }, 'diverted'],
    [{ endReason: 'notReachable' }, 'failed'], [{ endReason: 'lost', uncertain: ['endedAt'] }, 'unknown']
  ]
  for (const [end, result] of ends) {
    it(`is ${result} when it ends unanswered with reason ${end.endReason ?? 'none'}`, () => {
      const { row } = new Story().at(0, 'call.ringing', { id: 'a' }).at(8, 'call.ended', { id: 'a', state: 'ended', ...end }).tick(10)
      assert.deepEqual([row.result, row.waitSeconds, row.talkSeconds, row.answeredAt], [result, 8, undefined, undefined])
      assert.equal(isMissed(row.legs[0]!), end.endReason !== 'forwarded')
    })
  }

  it('is voicemail when only a mailbox took it', () => {
    const { row } = new Story()
      .at(0, 'call.ringing', { id: 'a' })
      .at(12, 'call.redirected', { id: 'a', remote: { kind: 'voicemail' } })
      .at(12, 'call.ended', { id: 'a', state: 'ended', endReason: 'forwarded' })
      .tick(14)
    assert.equal(row.result, 'voicemail')
  })

  it('knows the past of a call that was found already talking', () => {
    const { row } = new Story()
      .at(50, 'call.answered', { id: 'a', state: 'active', startedAt: iso(0), ringingAt: iso(1), answeredAt: iso(5) }, { initial: true })
      .at(60, 'call.ended', { id: 'a', state: 'ended' })
      .tick(62)
    assert.deepEqual([row.ringSeconds, row.talkSeconds, row.waitSeconds, row.durationSeconds], [4, 55, 5, 60])
  })
})

describe('call record: outbound and internal', () => {
  it('is answered by the far end, after its ringing', () => {
    const { row } = new Story()
      .at(0, 'call.originated', { id: 'a', state: 'dialing', direction: 'outbound', to: { number: '5550102' } })
      .at(2, 'call.remoteRinging', { id: 'a', state: 'remoteRinging' })
      .at(7, 'call.answered', { id: 'a', state: 'active' })
      .at(17, 'call.ended', { id: 'a', state: 'ended', endedBy: 'local' })
      .tick(19)
    assert.deepEqual([row.direction, row.ringSeconds, row.waitSeconds, row.talkSeconds, row.hungUpBy, row.user?.id, row.did], ['outbound', 5, 7, 10, 'caller', 'alice', undefined])
  })

  const ends: [Partial<Call>, CallRecord['result']][] = [
    [{ endReason: 'cancelled' }, 'cancelled'], [{ endReason: 'normal', endedBy: 'local' }, 'cancelled'], [{ endReason: 'noAnswer' }, 'noAnswer'], [{ endReason: 'busy' }, 'busy'],
    [{ endReason: 'invalidNumber' }, 'failed'], [{ endReason: 'rejected' }, 'rejected'], [{ endReason: 'unknown' }, 'unknown']
  ]
  for (const [end, result] of ends) {
    it(`is ${result} when it ends unanswered with ${JSON.stringify(end)}`, () => {
      const { row } = new Story().at(0, 'call.originated', { id: 'a', state: 'dialing', direction: 'outbound' }).at(8, 'call.ended', { id: 'a', state: 'ended', ...end }).tick(10)
      assert.equal(row.result, result)
    })
  }

  it('counts no talk while one of two own ends holds the other', () => {
    const { row } = new Story()
      .at(0, 'call.originated', { id: 'a', state: 'dialing', direction: 'outbound', scope: 'internal' })
      .at(0, 'call.ringing', { id: 'b', owner: bo })
      .at(3, 'call.answered', { id: 'b', owner: bo, state: 'active' })
      .at(3, 'call.answered', { id: 'a', state: 'active' })
      .at(10, 'call.held', { id: 'a', state: 'held', heldBy: 'local' })
      .at(10, 'call.held', { id: 'b', owner: bo, state: 'held', heldBy: 'remote' })
      .at(14, 'call.resumed', { id: 'a', state: 'active' })
      .at(14, 'call.resumed', { id: 'b', owner: bo, state: 'active' })
      .at(20, 'call.ended', { id: 'a', state: 'ended', endedBy: 'remote' })
      .at(20, 'call.ended', { id: 'b', owner: bo, state: 'ended', endedBy: 'local' })
      .tick(22)
    assert.deepEqual([row.direction, row.talkSeconds, row.holdSeconds, row.ringSeconds, row.user?.id, row.hungUpBy], ['outbound', 13, 4, 3, 'bo', 'called'])
  })
})

describe('call record: queue', () => {
  const agent = { id: 'a7', name: 'Ann Doe' }
  const waiting = (): Story => new Story()
    .at(0, 'call.queued', { id: 'q', owner: sales, state: 'queued', queuedAt: iso(1), from: { number: '5550101' } })

  it('adds up stay, offers, talk and wrap-up, and is written again when the wrap-up is over', () => {
    const story = waiting()
      .at(3, 'call.ringing', { id: 'b', owner: bo, queue: { id: '7' }, agent: { id: 'a8' } })
      .at(9, 'call.ended', { id: 'b', owner: bo, state: 'ended', endReason: 'noAnswer' })
      .at(10, 'call.ringing', { id: 'a', queue: { id: '7' }, agent })
      .at(13, 'call.answered', { id: 'a', state: 'active' })
      .at(13, 'call.dequeued', { id: 'q', owner: sales, state: 'ended', endReason: 'normal', agent })
      .at(33, 'call.ended', { id: 'a', state: 'ended', endedBy: 'remote' })
      .agent(34, { state: 'wrapUp' })
      .tick(36)
    const { row } = story
    assert.deepEqual([row.waitSeconds, row.queueSeconds, row.ringSeconds, row.talkSeconds, row.wrapSeconds], [13, 12, 9, 20, undefined])
    assert.deepEqual([row.result, row.queue?.name, row.agent?.id, row.legs.length], ['answered', 'Sales', 'a7', 3])
    assert.deepEqual(row.offers, [{ agent: { id: 'a8' }, ringSeconds: 6, result: 'bounced' }, { agent, ringSeconds: 3, result: 'answered' }])
    story.agent(49, { state: 'ready' })
    assert.deepEqual([story.row.wrapSeconds, story.row.handleSeconds, story.row.open, story.row.revision], [15, 35, false, row.revision + 1])
  })

  it('knows the wrap-up that began before the end of the leg was told, and none that began much later', () => {
    const early = waiting().at(2, 'call.ringing', { id: 'a', agent }).at(3, 'call.answered', { id: 'a', state: 'active' })
      .agent(8.5, { state: 'wrapUp' }).at(9, 'call.ended', { id: 'a', state: 'ended' }).agent(12.5, { state: 'notReady' })
      .at(13, 'call.dequeued', { id: 'q', owner: sales, state: 'ended' }).tick(15)
    assert.equal(early.row.wrapSeconds, 4)
    const late = new Story().at(0, 'call.ringing', { id: 'a', agent }).at(3, 'call.answered', { id: 'a', state: 'active' }).at(9, 'call.ended', { id: 'a', state: 'ended' })
      .agent(12.5, { state: 'wrapUp' }).agent(20, { state: 'ready' }).tick(22)
    assert.equal(late.row.wrapSeconds, undefined)
    const named = new Story().at(0, 'call.ringing', { id: 'a', vendorId: 'v1', agent }).at(3, 'call.answered', { id: 'a', state: 'active' }).at(9, 'call.ended', { id: 'a', state: 'ended' })
      .agent(12.5, { state: 'wrapUp', wrapUp: { callId: 'v1' } }).agent(20, { state: 'ready' }).tick(22)
    assert.equal(named.row.wrapSeconds, 7.5)
  })

  it('is abandoned when the caller gave up, and knows offers without a leg', () => {
    const { row } = waiting()
      .at(3, 'call.offered', { id: 'q', owner: sales, queue: { id: '7', offeredTo: { id: 'a8' } } })
      .at(8, 'call.updated', { id: 'q', owner: sales, queue: { id: '7', bounced: true } })
      .at(10, 'call.offered', { id: 'q', owner: sales, queue: { id: '7', offeredTo: { id: 'a9' } } })
      .at(21, 'call.dequeued', { id: 'q', owner: sales, state: 'ended', endReason: 'abandoned' })
      .tick(23)
    assert.deepEqual([row.result, row.queueSeconds, row.waitSeconds, row.answeredAt], ['abandoned', 20, 21, undefined])
    assert.deepEqual(row.offers, [{ agent: { id: 'a8' }, ringSeconds: 5, result: 'bounced' }, { agent: { id: 'a9' }, ringSeconds: 11, result: 'elsewhere' }])
  })

  it('is not answered by the queue itself for an own caller', () => {
    const { row } = new Story()
      .at(0, 'call.originated', { id: 'me', owner: cy, state: 'dialing', direction: 'outbound' })
      .at(1, 'call.queued', { id: 'q', owner: sales, state: 'queued' })
      .at(1, 'call.answered', { id: 'me', owner: cy, state: 'active' })
      .at(20, 'call.ended', { id: 'me', owner: cy, state: 'ended', endedBy: 'local' })
      .at(20, 'call.dequeued', { id: 'q', owner: sales, state: 'ended', endReason: 'abandoned' })
      .tick(22)
    assert.deepEqual([row.answeredAt, row.result, row.talkSeconds, row.direction], [undefined, 'abandoned', undefined, 'outbound'])
  })
})

describe('call record: transfer and conference', () => {
  const consulting = (): Story => new Story()
    .at(0, 'call.ringing', { id: 'a', from: { number: '5550101' } })
    .at(2, 'call.answered', { id: 'a', state: 'active' })
    .at(10, 'call.held', { id: 'a', state: 'held', heldBy: 'local', related: [{ kind: 'consultedBy', id: 'c' }] })
    .at(10, 'call.originated', { id: 'c', conversationId: 'c2', correlationId: 'k2', state: 'dialing', direction: 'outbound', related: [{ kind: 'consultOf', id: 'a' }] })
    .at(11, 'call.ringing', { id: 't', owner: cy, conversationId: 'c2', correlationId: 'k2' })
    .at(14, 'call.answered', { id: 't', owner: cy, state: 'active' })
    .at(14, 'call.answered', { id: 'c', state: 'active' })

  it('keeps one record through a consultation and its transfer', () => {
    const { row, rows } = consulting()
      .at(20, 'call.transferred', { id: 'a', mergedFrom: ['c2'], transfer: { kind: 'attended', role: 'transferor', to: { number: '1003' } } })
      .at(20, 'call.ended', { id: 'a', state: 'ended', endReason: 'transferred' })
      .at(20, 'call.ended', { id: 'c', conversationId: 'c1', state: 'ended', endReason: 'transferred' })
      .at(20.1, 'call.transferred', { id: 't', owner: cy, conversationId: 'c1', mergedFrom: ['c2'], correlationId: 'k', transfer: { kind: 'attended', role: 'target', by: { userId: 'alice' } } })
      .at(50, 'call.ended', { id: 't', owner: cy, state: 'ended', endReason: 'normal', endedBy: 'remote' })
      .tick(52)
    assert.equal(rows.size, 1)
    assert.deepEqual([row.talkSeconds, row.holdSeconds, row.consultSeconds, row.ringSeconds, row.waitSeconds, row.durationSeconds], [38, 10, 6, 2, 2, 50])
    assert.deepEqual(row.transfers, [{ time: iso(20), kind: 'attended', to: { number: '1003' }, by: { userId: 'alice' } }])
    assert.deepEqual([row.startedAt, row.hungUpBy, row.direction, row.user?.id], [iso(0), 'caller', 'inbound', 'alice'])
  })

  it('keeps a consultation apart from the talk when it is cancelled', () => {
    const { row } = consulting()
      .at(19, 'call.ended', { id: 'c', state: 'ended' })
      .at(19, 'call.ended', { id: 't', owner: cy, state: 'ended' })
      .at(20, 'call.resumed', { id: 'a', state: 'active' })
      .at(30, 'call.ended', { id: 'a', state: 'ended' })
      .tick(32)
    assert.deepEqual([row.talkSeconds, row.consultSeconds, row.holdSeconds, row.legs.length], [18, 5, 10, 3])
  })

  it('counts a conference once and its talk once', () => {
    const conference = { id: 'conf', role: 'controller' as const, kind: 'normal' as const, state: 'active' as const, members: [] }
    const { row } = consulting()
      .at(20, 'call.conferenced', { id: 'a', state: 'active', conference })
      .at(20, 'call.conferenced', { id: 'c', state: 'active', conference })
      .at(20, 'call.conferenced', { id: 't', owner: cy, state: 'active', conference: { ...conference, id: 'other' } })
      .at(40, 'call.ended', { id: 'a', state: 'ended' })
      .at(40, 'call.ended', { id: 'c', state: 'ended' })
      .at(40, 'call.ended', { id: 't', owner: cy, state: 'ended' })
      .tick(42)
    assert.deepEqual([row.conferences, row.talkSeconds, row.consultSeconds], [1, 28, 6])
  })

  it('is one record for a blind transfer, whose target has the conversation', () => {
    const { row } = new Story()
      .at(0, 'call.ringing', { id: 'a' }).at(2, 'call.answered', { id: 'a', state: 'active' })
      .at(10, 'call.transferred', { id: 'a', transfer: { kind: 'blind', role: 'transferor' } }).at(10, 'call.ended', { id: 'a', state: 'ended', endReason: 'transferred' })
      .at(10.5, 'call.ringing', { id: 't', owner: cy }).at(15, 'call.answered', { id: 't', owner: cy, state: 'active' }).at(20, 'call.ended', { id: 't', owner: cy, state: 'ended' })
      .tick(22)
    assert.deepEqual([row.talkSeconds, row.ringSeconds, row.transfers.length, row.legs.length, row.waitSeconds], [13, 6.5, 1, 2, 2])
  })

  it('takes in the record of a conversation that ended in this one, also when a new leg says so', () => {
    const story = new Story()
      .at(0, 'call.ringing', { id: 'a', conversationId: 'c9', correlationId: 'k9' })
      .at(1, 'call.ringing', { id: 'b', owner: bo, mergedFrom: ['c9'] })
    assert.deepEqual(story.records.open(START).map(({ legs }) => legs.length), [2])
  })

  it('tells of a record that turned out to be part of another', () => {
    const story = new Story()
      .at(0, 'call.ringing', { id: 'a' })
      .at(1, 'call.ringing', { id: 'b', owner: bo, conversationId: 'c9', correlationId: 'k9' })
    assert.equal(story.rows.size, 2)
    story.at(2, 'call.updated', { id: 'b', owner: bo, conversationId: 'c1', mergedFrom: ['c9'] })
    const [gone] = [...story.rows.values()].filter(({ mergedInto }) => mergedInto !== undefined)
    assert.deepEqual([gone?.mergedInto, gone?.open], [story.row.id, false])
    assert.deepEqual([...story.row.correlationIds].sort(), ['k', 'k9'])
    assert.equal(story.row.legs.length, 2)
  })
})

describe('call record: late news and bounds', () => {
  it('is written again for disposition and recording after the end', () => {
    const story = new Story().at(0, 'call.ringing', { id: 'a', data: { order: '1' } }).at(1, 'call.answered', { id: 'a', state: 'active' }).at(5, 'call.ended', { id: 'a', state: 'ended' }).tick(7)
    const closed = story.row.revision
    story.at(30, 'call.disposition', { id: 'a', state: 'ended', disposition: { id: '3', name: 'Sold' } })
    story.at(40, 'call.recording', { id: 'a', state: 'ended', recording: { state: 'off', id: 'r1' } })
    story.at(41, 'call.recording', { id: 'a', state: 'ended', recording: { state: 'off', id: 'r1', url: 'https://pbx.example.com/r1' } })
    assert.deepEqual([story.row.disposition, story.row.recordings, story.row.data], [{ id: '3', name: 'Sold' }, [{ id: 'r1', url: 'https://pbx.example.com/r1' }], { order: '1' }])
    assert.deepEqual([story.row.revision, story.row.open, story.row.durationSeconds], [closed + 3, false, 5])
  })

  it('has the same id for the same conversation in another run', () => {
    const run = (): string => new Story().at(0, 'call.ringing', { id: 'a' }).row.id
    assert.equal(run(), run())
  })

  it('closes as unknown what nobody ends', () => {
    const story = new Story({ maxAgeMs: 60_000 }).at(0, 'call.ringing', { id: 'a' }).tick(59)
    assert.equal(story.row.open, true)
    story.tick(60)
    assert.deepEqual([story.row.open, story.row.result, story.row.uncertain], [false, 'unknown', ['endedAt']])
  })

  it('corrects a record that was closed for its age when the end is told after all, and not before', () => {
    const story = new Story({ maxAgeMs: 60_000 })
      .at(0, 'call.ringing', { id: 'a' })
      .at(2, 'call.answered', { id: 'a', state: 'active' })
      .tick(61)
    assert.deepEqual([story.row.open, story.row.uncertain], [false, ['endedAt']])
    const { length } = story.written
    story.at(70, 'call.held', { id: 'a', state: 'held', heldBy: 'local' }).tick(80)
    assert.equal(story.written.length, length)
    story.at(90, 'call.ended', { id: 'a', state: 'ended' }).tick(95)
    assert.deepEqual([story.row.open, story.row.result, story.row.durationSeconds, story.row.uncertain], [false, 'answered', 90, undefined])
  })

  it('begins another record when an id comes again that was done with a minute ago, and none for a leg that follows at once', () => {
    const story = new Story().at(0, 'call.ringing', { id: 'a' }).at(5, 'call.ended', { id: 'a', state: 'ended' }).tick(8)
      .at(40, 'call.ringing', { id: 'b', owner: bo }).at(41, 'call.ended', { id: 'b', owner: bo, state: 'ended' }).tick(45)
    assert.equal(story.row.legs.length, 2)
    story.at(200, 'call.ringing', { id: 'c', owner: cy }).at(201, 'call.ended', { id: 'c', owner: cy, state: 'ended' }).tick(205)
    assert.deepEqual([...story.rows.values()].map(({ legs }) => legs.length), [2, 1])
  })

  it('closes as unknown what a new connection knows nothing of, keeps what it tells of, and all of one that came back', () => {
    const story = new Story().at(0, 'call.ringing', { id: 'a' }, { epoch: 'one' }).connect(1, 'one').connect(2, 'two', 900)
    assert.equal(story.row.open, true)
    story.connect(3, 'two').at(4, 'call.ringing', { id: 'b', owner: bo }, { epoch: 'three', initial: true }).connect(5, 'three')
    assert.equal(story.row.open, true, 'one leg of the conversation goes on')
    story.connect(6, 'four')
    assert.deepEqual([story.row.open, story.row.result, story.row.uncertain], [false, 'unknown', ['endedAt']])
    story.at(9, 'call.ended', { id: 'a', state: 'ended' }, { epoch: 'four' }).at(9, 'call.ended', { id: 'b', owner: bo, state: 'ended' }, { epoch: 'four' }).tick(12)
    assert.deepEqual([story.row.result, story.row.uncertain], ['missed', undefined])
  })

  it('counts its open records', () => {
    const story = new Story()
    assert.equal(story.records.openCount, 0)
    story.at(0, 'call.ringing', { id: 'a' })
    assert.equal(story.records.openCount, 1)
    story.at(1, 'call.ended', { id: 'a', state: 'ended' }).tick(4)
    assert.equal(story.records.openCount, 0)
  })

  it('keeps no more records than allowed, the closed go first, and a driven out open one is written', () => {
    const story = new Story({ maxRecords: 2 })
    for (let i = 0; i < 4; i++) story.at(i, 'call.ringing', { id: `l${i}`, conversationId: `c${i}`, correlationId: `k${i}` })
    assert.deepEqual([...story.rows.values()].map(({ open, result }) => [open, result]), [[false, 'unknown'], [false, 'unknown'], [true, undefined], [true, undefined]])
    assert.equal(story.records.open(START).length, 2)
  })

  it('forgets a closed record after an hour', () => {
    const story = new Story().at(0, 'call.ringing', { id: 'a' }).at(5, 'call.ended', { id: 'a', state: 'ended' }).tick(7).tick(3700)
    const { length } = story.written
    story.at(3701, 'call.disposition', { id: 'a', state: 'ended', disposition: { id: '1' } })
    assert.equal(story.written.length, length)
    assert.equal(story.row.disposition, undefined)
  })

  it('ties legs without common id by number and time on systems that have none, and says so', () => {
    const tied = new Story({}, 'five9')
      .at(0, 'call.ringing', { id: 'a', correlationId: undefined, from: { number: '5550101' } })
      .at(1.5, 'call.ringing', { id: 'b', owner: bo, conversationId: 'c9', correlationId: undefined, from: { number: '5550101' } })
    const [record] = tied.records.open(START)
    assert.deepEqual([record?.legs.length, record?.uncertain, record?.legs[1]?.linkedBy], [2, ['legs'], 'heuristic'])
    const apart = new Story({}, 'five9')
      .at(0, 'call.ringing', { id: 'a', correlationId: undefined, from: { number: '5550101' } })
      .at(2.5, 'call.ringing', { id: 'b', owner: bo, conversationId: 'c9', correlationId: undefined, from: { number: '5550101' } })
    assert.equal(apart.rows.size, 2)
    const other = new Story({}, 'webex')
      .at(0, 'call.ringing', { id: 'a', correlationId: undefined, from: { number: '5550101' } })
      .at(1, 'call.ringing', { id: 'b', owner: bo, conversationId: 'c9', correlationId: undefined, from: { number: '5550101' } })
    assert.equal(other.rows.size, 2)
  })

  it('survives times that make no sense', () => {
    const { row } = new Story().at(0, 'call.ringing', { id: 'a', startedAt: 'yesterday' }).at(3, 'call.answered', { id: 'a', state: 'active', answeredAt: 'x' }).at(9, 'call.ended', { id: 'a', state: 'ended' }).tick(11)
    assert.deepEqual([row.durationSeconds, row.talkSeconds, row.result], [9, 6, 'answered'])
  })
})
