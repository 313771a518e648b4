import assert from 'node:assert/strict'
import { EVENTS, type TelephonyEvent } from '../../../src/model'
import { eventFilter, isMissed } from '../../../nodes/shared/eventFilter'
import { event, leg } from '../support/fakeSession'

const passes = (def: Record<string, unknown>, ...events: TelephonyEvent[]): boolean[] => events.map(eventFilter({ events: [...EVENTS, 'vendor.*'], ...def }))

describe('the filters of an event node', () => {
  const alice = event({ event: 'call.ringing', call: leg(), user: { id: 'alice@example.com', extension: '1001' } })
  const support = event({ event: 'call.queued', call: leg({ owner: { kind: 'queue', id: 'q1', name: 'Support', number: '1050' }, queue: { id: 'q1' } }) })
  const online = event({ event: 'connection.online', connection: { state: 'online' } })

  it('take everything but the quiet two when nothing is set', () => {
    assert.deepEqual(['call.ringing', 'call.updated', 'stats.updated', 'vendor.X'].map((name) => eventFilter({})(event({ event: name as 'call.ringing' }))), [true, false, false, false])
  })

  it('know a user by id, extension, name, as owner and as agent', () => {
    const agent = event({ event: 'agent.ready', agent: { id: 'a7', state: 'ready', since: '', user: { id: 'alice@example.com' } } })
    for (const user of ['alice@example.com', '1001', 'Alice', 'nobody, alice@example.com']) assert.deepEqual(passes({ user }, alice, support, online), [true, false, true], user)
    assert.deepEqual(passes({ user: 'alice@example.com' }, agent), [true])
    assert.deepEqual(passes({ user: 'a7' }, agent), [true])
    assert.deepEqual(passes({ user: 'bob@example.com' }, alice, agent), [false, false])
  })

  it('know a queue by id, number and name', () => {
    for (const queue of ['q1', '1050', 'Support']) assert.deepEqual(passes({ queue }, support, alice, online), [true, false, true], queue)
    assert.deepEqual(passes({ user: '1050' }, support), [false], 'a queue is no user')
  })

  it('apply direction and number to calls only', () => {
    const out = event({ event: 'call.originated', call: leg({ direction: 'outbound', from: { number: '1001' }, to: { number: '+442079460123' } }) })
    const dnd = event({ event: 'dnd.changed', dnd: { enabled: true } })
    assert.deepEqual(passes({ direction: 'inbound' }, alice, out, dnd), [true, false, true])
    assert.deepEqual(passes({ number: '+1202' }, alice, out, dnd), [true, false, true])
    assert.deepEqual(passes({ number: '/^\\+44/' }, alice, out), [false, true])
    assert.deepEqual(passes({ number: '+4420' }, event({ event: 'call.held', call: leg({ remote: { number: '020', e164: '+442079460123' } }) })), [true])
    assert.deepEqual(passes({ number: '1' }, event({ event: 'call.ringing', call: leg({ from: { private: true } }) })), [false])
    assert.throws(() => eventFilter({ number: '/(/' }), SyntaxError)
  })

  it('know a missed call from those that somebody took', () => {
    const ended = (part: Parameters<typeof leg>[0]): TelephonyEvent => event({ event: 'call.ended', call: leg({ state: 'ended', endReason: 'cancelled', ...part }) })
    assert.equal(isMissed(ended({})), true)
    assert.equal(isMissed(ended({ answeredAt: '2026-01-01T10:00:05.000Z' })), false)
    assert.equal(isMissed(ended({ direction: 'outbound' })), false)
    for (const endReason of ['answeredElsewhere', 'pickedUp', 'forwarded'] as const) assert.equal(isMissed(ended({ endReason })), false)
    assert.equal(isMissed(ended({ ringingAt: undefined })), false, 'a call that never rang')
    assert.deepEqual(passes({ missedOnly: true }, ended({}), alice, online), [true, false, false])
    assert.deepEqual(passes({ missedOnly: 'false' }, alice), [true])
  })
})
