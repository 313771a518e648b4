import assert from 'node:assert/strict'
import { CtiError, type ActionRequest, type ActionResult, type TelephonyEvent } from '../../src/model'
import { Session, type ActionEntry, type ActionTable, type SessionOptions } from '../../src/session'
import { deferred, draft, entry, FakeDriver, leg, type Deferred } from '../support/fakeDriver'
import { ManualClock, settled } from '../support/manualClock'
import { withTables } from '../support/tables'

interface Bench { clock: ManualClock; driver: FakeDriver; session: Session; events: TelephonyEvent[] }

async function online (actions: ActionTable, options: Partial<SessionOptions> = {}): Promise<Bench> {
  const clock = new ManualClock()
  const driver = new FakeDriver(actions)
  const session = new Session({ accountId: 'acc1', account: 'Desk', driver, clock, random: () => 1, ...options })
  const events: TelephonyEvent[] = []
  session.join({ event: (event) => { events.push(event) } })
  await clock.advance()
  return { clock, driver, session, events }
}

/** An originate whose reply the test gives, proved by call.originated of the leg that the reply names. */
function originate (confirmDefault?: 'accepted' | 'completed'): { reply: Deferred<Partial<ActionResult>>; table: ActionTable; sent: () => number } {
  const reply = deferred<Partial<ActionResult>>()
  let count = 0
  const originating: ActionEntry = {
    run: () => {
      count++
      return reply.promise
    },
    confirm: (event, _request, { newCallId }) => event.event === 'call.originated' && event.call?.id === newCallId,
    ...(confirmDefault ? { confirmDefault } : {})
  }
  return { reply, table: { originate: originating }, sent: () => count }
}
const originated = (id: string): ReturnType<typeof draft> => draft('call.originated', { id, state: 'dialing', direction: 'outbound' })

describe('perform: what a request must be', () => {
  const run = (): Partial<ActionResult> => ({})
  const table: ActionTable = {
    originate: entry((request) => ({ data: request }), { supports: ['callerId'], lacks: ['onBehalfOf'] }),
    hold: entry(run),
    sendDtmf: entry(run),
    setForwarding: entry(run),
    setDnd: entry(run),
    queueJoin: entry((request) => ({ data: request.queues })),
    reject: entry(run, { available: () => 'the service is not assigned' })
  }
  const bad: [string, Record<string, unknown>, string, RegExp][] = [
    ['no action', {}, 'CTI_INVALID_REQUEST', /names no action/],
    ['an action nobody knows', { action: 'explode' }, 'CTI_INVALID_REQUEST', /no action "explode"/],
    ['a property of every object', { action: 'constructor' }, 'CTI_INVALID_REQUEST', /no action/],
    ['an action this vendor lacks', { action: 'park' }, 'CTI_UNSUPPORTED', /no such function/],
    ['an action that is not available', { action: 'reject' }, 'CTI_UNSUPPORTED', /not assigned/],
    ['a missing essential', { action: 'originate' }, 'CTI_INVALID_REQUEST', /needs "to"/],
    ['an empty target', { action: 'originate', to: ' ' }, 'CTI_INVALID_REQUEST', /"to" is empty/],
    ['a target of no kind', { action: 'originate', to: { phone: '1' } }, 'CTI_INVALID_REQUEST', /exactly one of/],
    ['a target of two kinds', { action: 'originate', to: { number: '1', user: 'a' } }, 'CTI_INVALID_REQUEST', /exactly one of/],
    ['a list as target', { action: 'originate', to: ['1'] }, 'CTI_INVALID_REQUEST', /"to" must be/],
    ['a field this vendor lacks', { action: 'originate', to: '1', onBehalfOf: 'bob' }, 'CTI_UNSUPPORTED', /"onBehalfOf"/],
    ['digits that are none', { action: 'sendDtmf', digits: '12x' }, 'CTI_INVALID_REQUEST', /"digits"/],
    ['a word for a switch', { action: 'setDnd', enabled: 'yes' }, 'CTI_INVALID_REQUEST', /true or false/],
    ['forwarding without rules', { action: 'setForwarding', to: '1' }, 'CTI_INVALID_REQUEST', /"rules"/],
    ['forwarding of no condition', { action: 'setForwarding', rules: { sometimes: {} } }, 'CTI_INVALID_REQUEST', /sometimes/],
    ['a list with holes', { action: 'queueJoin', queues: ['a', null] }, 'CTI_INVALID_REQUEST', /"queues"/],
    ['a time limit of nothing', { action: 'hold', timeoutMs: 0 }, 'CTI_INVALID_REQUEST', /timeoutMs/],
    ['an unknown proof', { action: 'hold', confirm: 'maybe' }, 'CTI_INVALID_REQUEST', /confirm/],
    ['vendor extras that are a text', { action: 'hold', vendor: 'x' }, 'CTI_INVALID_REQUEST', /vendor/],
    ['a user that is a list', { action: 'hold', user: [] }, 'CTI_INVALID_REQUEST', /"user"/]
  ]
  for (const [what, request, code, message] of bad) {
    it(`refuses ${what}`, async () => {
      const { session } = await online(table)
      await assert.rejects(session.perform(request as ActionRequest), (error: CtiError) => error.code === code && message.test(error.message))
    })
  }

  it('names the systems that can do what this one cannot', async () => {
    await withTables({ webex: { park: entry(run), originate: entry(run, { lacks: ['onBehalfOf'] }) }, five9: { originate: entry(run) } }, async () => {
      const { session } = await online(table)
      await assert.rejects(session.perform({ action: 'park' }), (error: CtiError) => error.cause.supportedBy?.join() === 'webex' && error.message.includes('webex'))
      await assert.rejects(session.perform({ action: 'originate', to: '1', onBehalfOf: 'x' }), (error: CtiError) => error.cause.supportedBy?.join() === 'five9')
      await assert.rejects(session.perform({ action: 'webex.unheard' }), { code: 'CTI_INVALID_REQUEST' })
    })
  })

  it('warns of unknown fields and of refinements this vendor lacks, and leaves them out', async () => {
    const { session } = await online(table)
    const result = await session.perform({ action: 'originate', to: 1001, callerId: '5550100', autoAnswer: true, colour: 'red' } as unknown as ActionRequest)
    assert.deepEqual(result.data, { action: 'originate', to: '1001', callerId: '5550100' })
    assert.equal(result.warnings?.length, 2)
    assert.match(result.warnings!.join(), /autoAnswer.*colour/)
  })

  it('takes one text for a list and an object with an id for its id', async () => {
    const { session } = await online(table)
    const result = await session.perform({ action: 'queueJoin', queues: 'sales', agent: { id: 7 } } as unknown as ActionRequest)
    assert.deepEqual(result.data, ['sales'])
  })

  it('does not change the request of the caller', async () => {
    const { session } = await online(table)
    const request = Object.freeze({ action: 'originate', to: Object.freeze({ number: ' 5550101 ' }) } as ActionRequest)
    const result = await session.perform(request)
    assert.deepEqual((result.data as ActionRequest).to, { number: '5550101' })
  })

  it('fails at once while offline, with the state and the reason', async () => {
    const { session, driver } = await online(table)
    driver.link.lost(new CtiError('CTI_UNAVAILABLE', 'Cable pulled.'))
    await assert.rejects(session.perform({ action: 'setDnd', enabled: true }), (error: CtiError) => error.code === 'CTI_NOT_CONNECTED' && /waiting.*Cable pulled/.test(error.message))
  })
})

describe('perform: which leg is meant', () => {
  const table: ActionTable = {
    hold: entry((_request, { leg: found }) => ({ data: found?.id })),
    completeTransfer: entry((request, { leg: found }) => ({ data: [found?.id, request.consultCallId] })),
    conference: entry((request, { leg: found }) => ({ data: [found?.id, request.callIds] })),
    pickup: entry((_request, { leg: found }) => ({ data: found?.id }))
  }
  const owner = (id: string): { kind: 'user'; id: string; number: string } => ({ kind: 'user', id, number: `55501${id.length}` })
  async function withLegs (...legs: ReturnType<typeof leg>[]): Promise<Bench> {
    const all = await online(table)
    all.driver.link.receive(legs.map((call) => ({ event: 'call.answered', call })))
    return all
  }
  const a = leg({ id: 'x/1', vendorId: '1', state: 'active', owner: owner('alice') })
  const b = leg({ id: 'y/1', vendorId: '1', state: 'active', owner: owner('bo') })
  const c = leg({ id: 'y/2', vendorId: '2', state: 'held', heldBy: 'local', owner: owner('bo') })

  it('is the one named by its id or by the vendor id that only it has', async () => {
    const { session } = await withLegs(a, c)
    assert.equal((await session.perform({ action: 'hold', callId: 'x/1' })).callId, 'x/1')
    assert.equal((await session.perform({ action: 'hold', callId: '1' })).data, 'x/1')
  })

  it('is not clear when two have the vendor id, unless the user is named', async () => {
    const { session } = await withLegs(a, b)
    await assert.rejects(session.perform({ action: 'hold', callId: '1' }), (error: CtiError) => error.code === 'CTI_CONFLICT' && /x\/1.*y\/1/.test(error.message))
    assert.equal((await session.perform({ action: 'hold', callId: '1', user: 'bo' })).data, 'y/1')
  })

  it('is the only one of the user in a fitting state', async () => {
    const { session } = await withLegs(a, c)
    assert.equal((await session.perform({ action: 'hold' })).data, 'x/1')
    assert.equal((await session.perform({ action: 'hold', user: '555015' })).data, 'x/1')
    await assert.rejects(session.perform({ action: 'hold', user: 'bo' }), { code: 'CTI_NOT_FOUND' })
    await assert.rejects(session.perform({ action: 'hold', callId: 'y/2' }), (error: CtiError) => error.code === 'CTI_CONFLICT' && /is held/.test(error.message))
  })

  it('names those that fit when there are several', async () => {
    const { session, driver } = await withLegs(a, b)
    await assert.rejects(session.perform({ action: 'hold' }), (error: CtiError) => error.code === 'CTI_CONFLICT' && error.message.includes('x/1') && error.message.includes('y/1'))
    driver.ownOwner = () => 'bo'
    driver.ownerOf = (user) => user === 'alice@example.com' ? 'alice' : undefined
    assert.equal((await session.perform({ action: 'hold' })).data, 'y/1')
    assert.equal((await session.perform({ action: 'hold', user: 'alice@example.com' })).data, 'x/1')
  })

  it('says that a leg has ended', async () => {
    const { session, driver, clock } = await withLegs(a)
    driver.link.receive([{ event: 'call.ended', call: { ...a, state: 'ended' } }])
    await assert.rejects(session.perform({ action: 'hold', callId: 'x/1' }), (error: CtiError) => error.code === 'CTI_NOT_FOUND' && /has ended/.test(error.message))
    await clock.advance(60_000)
    await assert.rejects(session.perform({ action: 'hold', callId: 'x/1' }), (error: CtiError) => error.code === 'CTI_NOT_FOUND' && /no call/.test(error.message))
  })

  it('is the held one of a consultation, and further legs are named alike', async () => {
    const { session } = await withLegs(b, c)
    assert.deepEqual((await session.perform({ action: 'completeTransfer' })).data, ['y/2', undefined])
    assert.deepEqual((await session.perform({ action: 'completeTransfer', consultCallId: '1' })).data, ['y/2', 'y/1'])
    assert.deepEqual((await session.perform({ action: 'conference', callIds: ['1', '2'] })).data, [undefined, ['y/1', 'y/2']])
    await assert.rejects(session.perform({ action: 'conference', callIds: ['9'] }), { code: 'CTI_NOT_FOUND' })
  })

  it('may be none where the action can do without', async () => {
    const { session } = await withLegs()
    assert.equal((await session.perform({ action: 'pickup', target: '1001' })).data, undefined)
  })
})

describe('perform: what proves it', () => {
  it('is accepted with the reply and tells the call when it is known', async () => {
    const { table, reply } = originate()
    const { session, clock } = await online(table)
    const result = session.perform({ action: 'originate', to: '5550101' })
    await clock.advance(120)
    reply.resolve({ newCallId: 'n1', vendorReply: { ok: true } })
    const { outcome, newCallId, tookMs, platform, account, accountId, call } = await result
    assert.deepEqual({ outcome, newCallId, tookMs, platform, account, accountId, call }, { outcome: 'accepted', newCallId: 'n1', tookMs: 120, platform: 'xsi', account: 'Desk', accountId: 'acc1', call: undefined })
    assert.equal(clock.pending, 0)
  })

  it('is completed when the event overtook the reply', async () => {
    const { table, reply } = originate()
    const { session, driver } = await online(table)
    const result = session.perform({ action: 'originate', to: '5550101', clientRef: 'T-1' })
    await settled()
    driver.link.receive([originated('n1')])
    reply.resolve({ newCallId: 'n1' })
    const done = await result
    assert.equal(done.outcome, 'completed')
    assert.equal(done.call?.id, 'n1')
    assert.equal(done.call?.clientRef, 'T-1')
    assert.equal(done.conversationId, 'acc1:n1')
  })

  it('waits for the event on demand and stamps the reference of the caller on what follows', async () => {
    const { table, reply } = originate()
    const { session, driver, events } = await online(table)
    const result = session.perform({ action: 'originate', to: '5550101', confirm: 'completed', clientRef: 'T-2' })
    reply.resolve({ newCallId: 'n1' })
    await settled()
    driver.link.receive([originated('other')])
    driver.link.receive([originated('n1')])
    assert.equal((await result).outcome, 'completed')
    driver.link.receive([draft('call.answered', { id: 'n1', state: 'active', direction: 'outbound' })])
    assert.equal(events.at(-1)!.call?.clientRef, 'T-2')
    assert.equal(events.find(({ call }) => call?.id === 'other')?.call?.clientRef, undefined)
  })

  it('stays accepted with a warning when no event came although the vendor took it', async () => {
    const { table, reply } = originate()
    const { session, clock } = await online(table)
    const result = session.perform({ action: 'originate', to: '5550101', confirm: 'completed' })
    reply.resolve({ newCallId: 'n1' })
    await clock.advance(15_000)
    const { outcome, warnings } = await result
    assert.equal(outcome, 'accepted')
    assert.equal(warnings?.length, 1)
  })

  it('is completed at once when the vendor says that it is so already, without waiting for an event', async () => {
    const { table, reply } = originate('completed')
    const { session } = await online(table)
    const result = session.perform({ action: 'originate', to: '5550101' })
    reply.resolve({ outcome: 'completed' })
    assert.equal((await result).outcome, 'completed')
  })

  it('is unconfirmed where the vendor never replies and no event came', async () => {
    const { table, reply } = originate('completed')
    const { session, clock } = await online(table)
    const result = session.perform({ action: 'originate', to: '5550101', timeoutMs: 700 })
    reply.resolve({})
    await clock.advance(700)
    assert.equal((await result).outcome, 'unconfirmed')
  })

  it('is accepted, with a warning, where the reply says no more than that and no event came', async () => {
    const { session, clock } = await online({ originate: entry(() => ({}), { confirmDefault: 'completed', replies: true, confirm: ({ event }) => event === 'call.originated' }) })
    const result = session.perform({ action: 'originate', to: '5550101', timeoutMs: 700 })
    await clock.advance(700)
    const { outcome, warnings } = await result
    assert.equal(outcome, 'accepted')
    assert.match(warnings?.join() ?? '', /No event confirmed/)
  })

  it('takes the new leg from the proving event when the reply names none', async () => {
    const table: ActionTable = { originate: entry(() => ({}), { confirmDefault: 'completed', confirm: ({ event }) => event === 'call.originated' }) }
    const { session, driver } = await online(table)
    const result = session.perform({ action: 'originate', to: '1', clientRef: 'T-3' })
    await settled()
    driver.link.receive([originated('n9')])
    const { newCallId, call } = await result
    assert.equal(newCallId, 'n9')
    assert.equal(call?.clientRef, 'T-3')
  })

  it('serves several waiters, and one whose test throws harms nobody', async () => {
    const reply = { newCallId: 'n1' }
    const table: ActionTable = {
      originate: entry(() => reply, { confirm: (event, _request, { newCallId }) => event.call?.id === newCallId }),
      'xsi.odd': { ...entry(() => ({})), spec: { group: 'request', subject: 'account', params: {}, repeatable: true, timeoutMs: 1000 }, confirm: () => { throw new Error('odd') } }
    }
    const { session, driver, clock } = await online(table)
    const results = [session.perform({ action: 'originate', to: '1', confirm: 'completed' }), session.perform({ action: 'originate', to: '2', confirm: 'completed' })]
    const odd = session.perform({ action: 'xsi.odd', confirm: 'completed' })
    await settled()
    driver.link.receive([originated('n1')])
    assert.deepEqual((await Promise.all(results)).map(({ outcome }) => outcome), ['completed', 'completed'])
    await clock.advance(1000)
    assert.equal((await odd).outcome, 'accepted')
    assert.ok(session.counters.confirmErrors! > 0)
  })
})

describe('perform: when the answer does not come', () => {
  const silent: ActionTable = { hold: entry(() => new Promise(() => {})), setDnd: entry(() => new Promise(() => {})) }

  it('times out what can be repeated', async () => {
    const { session, clock } = await online(silent)
    const failed = assert.rejects(session.perform({ action: 'setDnd', enabled: true }), { code: 'CTI_TIMEOUT' })
    await clock.advance(5000)
    await failed
    assert.equal(clock.pending, 0)
  })

  it('does not know the outcome of what cannot', async () => {
    const { table } = originate()
    const { session, clock, driver } = await online(table, { timeoutMs: 3000 })
    const failed = assert.rejects(session.perform({ action: 'originate', to: '1' }), { code: 'CTI_UNKNOWN_OUTCOME' })
    driver.link.receive([originated('n1')])
    await clock.advance(3000)
    await failed
  })

  it('is completed when the proof came although the reply was lost', async () => {
    const table: ActionTable = { originate: entry(() => { throw new CtiError('CTI_TIMEOUT', 'no reply') }, { confirm: ({ event }) => event === 'call.originated' }) }
    const { session, driver, clock } = await online(table)
    const result = session.perform({ action: 'originate', to: '1' })
    await clock.advance(2000)
    driver.link.receive([originated('n1')])
    const { outcome, newCallId } = await result
    assert.deepEqual([outcome, newCallId], ['completed', 'n1'])
  })

  it('does not know the outcome when the connection goes, unless the event comes after the return', async () => {
    const proof: ActionTable = { originate: entry(() => new Promise(() => {}), { confirm: ({ event, call }, { to }) => event === 'call.originated' && call?.to?.number === to }) }
    const { session, driver, clock } = await online(proof)
    const lost = assert.rejects(session.perform({ action: 'originate', to: '2' }), { code: 'CTI_UNKNOWN_OUTCOME' })
    const found = session.perform({ action: 'originate', to: '1' })
    await settled()
    driver.snapshot = { calls: [leg({ id: 'n1', state: 'dialing', direction: 'outbound', to: { number: '1' } })], owners: 'all' }
    driver.link.lost(new CtiError('CTI_UNAVAILABLE', 'gone'))
    await clock.advance(1000)
    assert.equal((await found).outcome, 'completed')
    await clock.advance(14_000)
    await lost
  })

  it('fails at once with the connection what can be repeated or was not sent yet', async () => {
    const { session, driver } = await online(silent)
    driver.pace.concurrency = 1
    const first = assert.rejects(session.perform({ action: 'setDnd', enabled: true }), { code: 'CTI_NOT_CONNECTED' })
    await settled()
    const second = assert.rejects(session.perform({ action: 'setDnd', enabled: true }), /before "setDnd" was sent/)
    driver.link.lost(new CtiError('CTI_UNAVAILABLE', 'gone'))
    await Promise.all([first, second])
  })

  it('settles everything when the session is closed', async () => {
    const { table } = originate()
    const { session, clock } = await online(table)
    const failed = assert.rejects(session.perform({ action: 'originate', to: '1' }), { code: 'CTI_UNKNOWN_OUTCOME' })
    await settled()
    const closed = session.close('removed')
    await failed
    await closed
    assert.equal(clock.pending, 0)
  })

  it('passes on what the vendor refuses, and gives unforeseen errors a code', async () => {
    const table: ActionTable = {
      originate: entry(() => { throw new CtiError('CTI_FORBIDDEN', 'Not your user.') }, { confirm: () => false }),
      setDnd: entry(() => { throw new TypeError('x is undefined') })
    }
    const { session } = await online(table)
    await assert.rejects(session.perform({ action: 'originate', to: '1' }), { code: 'CTI_FORBIDDEN' })
    await assert.rejects(session.perform({ action: 'setDnd', enabled: true }), { code: 'CTI_PROTOCOL' })
  })

  const lost: [string, CtiError, string][] = [
    ['sent and never answered', new CtiError('CTI_UNAVAILABLE', 'reset', { sent: true }), 'CTI_UNKNOWN_OUTCOME'],
    ['answered by too much', new CtiError('CTI_PROTOCOL', 'too large', { sent: true }), 'CTI_UNKNOWN_OUTCOME'],
    ['never sent', new CtiError('CTI_TIMEOUT', 'no connection in time', { sent: false }), 'CTI_TIMEOUT'],
    ['refused by an answer', new CtiError('CTI_UNAVAILABLE', 'HTTP 503', { sent: true, httpStatus: 503 }), 'CTI_UNAVAILABLE']
  ]
  for (const [what, error, code] of lost) {
    it(`is ${code} for what cannot be repeated and was ${what}`, async () => {
      const failing = entry(() => Promise.reject(error))
      const { session } = await online({ originate: failing, setDnd: failing })
      await assert.rejects(session.perform({ action: 'originate', to: '1' }), { code })
      await assert.rejects(session.perform({ action: 'setDnd', enabled: true }), { code: error.code })
    })
  }

  it('keeps its word on errors when a vendor fails to say what it can', async () => {
    const { session } = await online({ setDnd: entry(() => ({}), { available: () => { throw new TypeError('odd') } }) })
    await assert.rejects(session.perform({ action: 'setDnd', enabled: true }), { code: 'CTI_UNSUPPORTED' })
    assert.equal(session.capability('setDnd').can, false)
    await assert.rejects(session.perform(undefined as unknown as ActionRequest), { code: 'CTI_INVALID_REQUEST' })
  })

  it('can be cancelled before and after it was sent', async () => {
    const { table, sent } = originate()
    const { session, driver } = await online({ ...table, ...silent })
    const early = new AbortController()
    early.abort()
    await assert.rejects(session.perform({ action: 'originate', to: '1' }, { signal: early.signal }), { code: 'CTI_CONFLICT' })
    assert.equal(sent(), 0)
    const late = new AbortController()
    const failed = assert.rejects(session.perform({ action: 'originate', to: '1' }, { signal: late.signal }), { code: 'CTI_UNKNOWN_OUTCOME' })
    await settled()
    late.abort()
    await failed
    assert.equal(driver.links.length, 1)
  })
})

describe('perform: what actions tie together', () => {
  it('links consulted legs both ways on every later event', async () => {
    const table: ActionTable = {
      consult: entry((_request, context) => {
        context.relate('c', [{ kind: 'consultOf', id: context.leg!.id }])
        context.adopt('c')
        return { newCallId: 'c' }
      })
    }
    const { session, driver, events } = await online(table)
    driver.link.receive([draft('call.answered', { id: 'a', state: 'active', correlationId: 'k1' })])
    const { callId, newCallId, clientRef } = await session.perform({ action: 'consult', to: '5550103', clientRef: 'T-4' })
    assert.deepEqual([callId, newCallId, clientRef], ['a', 'c', 'T-4'])
    driver.link.receive([
      draft('call.held', { id: 'a', state: 'held', heldBy: 'local', correlationId: 'k1' }),
      draft('call.originated', { id: 'c', state: 'dialing', direction: 'outbound', correlationId: 'k2', startedAt: '2026-01-05T09:01:00.000Z' })
    ])
    const [held, made] = events.slice(-2)
    assert.deepEqual(held!.call?.related, [{ kind: 'consultedBy', id: 'c' }])
    assert.deepEqual(made!.call?.related, [{ kind: 'consultOf', id: 'a' }])
    assert.equal(made!.call?.clientRef, 'T-4')
    assert.equal(held!.call?.clientRef, undefined)
    assert.notEqual(made!.call?.conversationId, held!.call?.conversationId)
    driver.link.receive([draft('call.transferred', { id: 'a', state: 'held', correlationId: 'k1', transfer: { kind: 'attended', role: 'transferor' } })])
    const { conversationId, mergedFrom } = events.at(-1)!.call!
    assert.equal(conversationId, 'acc1:k1')
    assert.deepEqual(mergedFrom, ['acc1:k2'])
    assert.equal(session.picture.call('c')?.conversationId, 'acc1:k1')
  })
})
