import assert from 'node:assert/strict'
import type { TelephonyEvent } from '../../src/model'
import type { XivoMessage } from '../../src/xivo/protocol'
import { expireDequeuing } from '../../src/xivo/queueMapping'
import { Mapping } from './support/mapping'

const SCRIPTS = 120
const STEPS = 60

/** A small generator of random numbers, so that a failure can be repeated by its seed. */
function random (seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1
  return (below) => {
    state = Math.imul(state ^ (state >>> 15), 2246822519) + 374761393
    return (state >>> 0) % below
  }
}

const getlist = (name: string, listname: string, tid: string, part: object): XivoMessage => ({ class: 'getlist', function: `update${name}`, listname, tid, [name]: part })

/** What must hold of the events of every leg, whatever the server tells (model.md R3, 3.2). */
function check (events: readonly TelephonyEvent[], seed: number): void {
  const seen = new Map<string, string[]>()
  const states = new Map<string, string>()
  for (const { event, call } of events) {
    if (call === undefined || event.startsWith('vendor.')) continue
    const before = seen.get(call.id) ?? []
    const told = `seed ${seed}, leg ${call.id}: ${[...before, event].join(' ')}`
    assert.ok(!before.includes('call.ended') && !before.includes('call.dequeued'), told)
    assert.ok(before.length > 0 || (event !== 'call.ended' && event !== 'call.dequeued' && event !== 'call.updated' && event !== 'call.resumed'), told)
    for (const once of ['call.answered', 'call.originated', 'call.ringing', 'call.queued']) assert.ok(event !== once || !before.includes(once), told)
    assert.ok(event !== 'call.resumed' || states.get(call.id) === 'held', told)
    assert.ok(event !== 'call.held' || states.get(call.id) !== 'held', told)
    states.set(call.id, call.state)
    assert.ok(call.state === 'held' ? call.heldBy !== undefined : call.heldBy === undefined, told)
    assert.ok(call.state !== 'active' || call.answeredAt !== undefined, told)
    seen.set(call.id, [...before, event])
  }
}

describe('whatever a XiVO server tells, in any order', () => {
  it('gives each leg a beginning, one end, and steps that fit (states of phones only)', () => {
    for (let seed = 1; seed <= SCRIPTS; seed++) {
      const next = random(seed)
      const mapping = new Mapping(false)
      const events: TelephonyEvent[] = []
      const hints = ['0', '1', '8', '9', '16', '17', '4', '2', '-1', '99']
      const entry = (): object => ({ cid_number: `555010${next(3)}`, call_status: next(2) === 0 ? 'up' : 'hold', call_start: 1716203000 + next(100) })
      for (let step = 0; step < STEPS; step++) {
        mapping.pass(next(5))
        const kind = next(10)
        if (kind === 0) mapping.tables.dials = [{ to: '5550100', phone: '7', at: mapping.scope({}).now }]
        else if (kind < 3) events.push(...mapping.feed({ class: 'current_calls', current_calls: Array.from({ length: next(3) }, entry) }))
        else if (kind === 3) events.push(...mapping.feed({ class: next(2) === 0 ? 'current_call_attended_transfer_answered' : 'current_call_attended_transfer_cancelled', line: 'sip/dana77' }))
        else events.push(...mapping.feed(getlist('status', 'phones', next(3) === 0 ? '9' : '7', { hintstatus: hints[next(hints.length)] })))
      }
      for (const tid of ['7', '9']) events.push(...mapping.feed(getlist('status', 'phones', tid, { hintstatus: '1' })), ...mapping.feed(getlist('status', 'phones', tid, { hintstatus: '0' })))
      check(events, seed)
      assert.deepEqual([...mapping.picture.calls()], [], `seed ${seed}`)
    }
  })

  it('gives each leg a beginning, one end, and steps that fit (channels)', () => {
    const pick = <T>(next: (below: number) => number, list: readonly T[]): T => list[next(list.length)] as T
    for (let seed = 1; seed <= SCRIPTS; seed++) {
      const next = random(seed)
      const mapping = new Mapping(true)
      const names = ['SIP/dana77-01', 'SIP/lee99-02', 'SIP/trunk-a-03', 'PJSIP/dana77-04']
      const events: TelephonyEvent[] = []
      for (let step = 0; step < STEPS; step++) {
        mapping.pass(next(5))
        const name = pick(next, names)
        const kind = next(10)
        if (kind < 5) {
          events.push(...mapping.feed(getlist('status', 'channels', name, {
            commstatus: pick(next, ['ready', 'calling', 'ringing', 'linked-caller', 'linked-called', 'linked']), state: pick(next, ['Down', 'Up', 'Ringing']), holded: next(4) === 0,
            ...(next(2) === 0 ? { talkingto_id: pick(next, names) } : {}), ...(next(3) === 0 ? { direction: pick(next, ['in', 'out']) } : {}), ...(next(8) === 0 ? { talkingto_kind: pick(next, ['channel', 'parking']) } : {})
          })))
        } else if (kind < 8) events.push(...mapping.feed(getlist('status', 'phones', pick(next, ['7', '9']), { hintstatus: pick(next, ['0', '1', '8', '9', '16']), ...(next(2) === 0 ? { channels: names.filter(() => next(2) === 0) } : {}) })))
        else if (kind === 8) mapping.tables.dials = [{ to: '5550100', phone: '7', at: mapping.scope({}).now }]
        else {
          events.push(...mapping.feed({ class: 'getlist', function: 'delconfig', listname: 'channels', list: [name] }))
          // Asterisk never gives a name twice.
          names[names.indexOf(name)] = `${name}${step}`
        }
      }
      events.push(...mapping.feed({ class: 'getlist', function: 'delconfig', listname: 'channels', list: names }))
      check(events, seed)
      assert.deepEqual([...mapping.picture.calls()], [], `seed ${seed}`)
    }
  })

  it('ends every waiting caller once, with a reason', () => {
    for (let seed = 1; seed <= SCRIPTS; seed++) {
      const next = random(seed)
      const mapping = new Mapping(false)
      const events: TelephonyEvent[] = []
      let count = 0
      let waiting: { uniqueid: string; position: number; number: string; join_time: number }[] = []
      const list = (): XivoMessage => ({ class: 'queueentryupdate', state: { queue_id: 2, queue_name: 'blue', entries: waiting.map((entry, index) => ({ ...entry, position: index + 1 })) } })
      for (let step = 0; step < STEPS; step++) {
        mapping.pass(next(2))
        const kind = next(6)
        if (kind === 0) waiting = [...waiting, { uniqueid: `17.${++count}`, position: 0, number: `555010${next(5)}`, join_time: 1716203000 }]
        else if (kind === 1) waiting = waiting.filter(() => next(2) === 0)
        if (kind < 2) events.push(...mapping.feed(list()))
        else if (kind < 5) events.push(...mapping.feed(getlist('config', 'queuemembers', next(2) === 0 ? 'Agent/2004,blue' : 'Agent/2006,blue', { status: ['1', '2', '6', '7', '101'][next(5)], paused: String(next(2)) })))
        else events.push(...mapping.feed(getlist('status', 'phones', '9', { hintstatus: ['0', '8', '1'][next(3)] })), ...mapping.apply(expireDequeuing(mapping.scope({}))))
      }
      waiting = []
      events.push(...mapping.feed(list()))
      mapping.pass(3)
      events.push(...mapping.apply(expireDequeuing(mapping.scope({}))), ...mapping.feed(getlist('status', 'phones', '9', { hintstatus: '1' })), ...mapping.feed(getlist('status', 'phones', '9', { hintstatus: '0' })))
      check(events, seed)
      assert.deepEqual([...mapping.picture.calls()], [], `seed ${seed}`)
      assert.equal(events.filter(({ event }) => event === 'call.queued').length, events.filter(({ event, reason }) => event === 'call.dequeued' && reason !== undefined).length, `seed ${seed}`)
    }
  })
})
