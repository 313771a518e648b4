import assert from 'node:assert/strict'
import { CtiError } from '../../src/model'
import type { Outgoing } from '../../src/xivo/protocol'
import { repliesTo, Requests } from '../../src/xivo/requests'
import { ManualClock } from '../support/manualClock'

describe('requests to a XiVO server', () => {
  let sent: Outgoing[]
  let clock: ManualClock
  let requests: Requests
  const rejected = (promise: Promise<unknown>): Promise<CtiError> => promise.then(() => { throw new Error('it was fulfilled') }, (error: CtiError) => error)

  beforeEach(() => {
    sent = []
    clock = new ManualClock()
    requests = new Requests(clock, (message) => { sent.push(message) }, 1000)
  })
  afterEach(() => { assert.equal(clock.pending, 0) })

  const id = (at: number): number => Number(sent[at]?.commandid)

  it('get the reply with their own id, and no other', async () => {
    const one = requests.ask({ message: { class: 'keepalive' }, reply: repliesTo })
    const two = requests.ask({ message: { class: 'keepalive' }, reply: repliesTo })
    assert.equal(requests.settle({ class: 'keepalive', replyid: 1 }), false)
    assert.equal(requests.settle({ class: 'keepalive', replyid: id(1) }), true)
    assert.equal((await two).reply?.replyid, id(1))
    assert.equal(requests.settle({ class: 'keepalive', replyid: id(0) }), true)
    await one
    assert.ok(id(0) > 0)
  })

  it('take an error without id as meant for the oldest command of its family and number', async () => {
    const ask = (family: 'dial' | 'transfer' | 'agent', number?: string): Promise<CtiError> =>
      rejected(requests.ask({ message: { class: 'ipbxcommand' }, family, quietMs: 500, ...(number === undefined ? {} : { number }) }))
    const first = ask('dial', '1001')
    const second = ask('dial', '1002')
    const transfer = ask('transfer', '1003')
    const agent = ask('agent')
    assert.equal(requests.settle({ class: 'ipbxcommand', error_string: 'unreachable_extension:1002' }), true)
    assert.equal((await second).code, 'CTI_NOT_FOUND')
    assert.equal(requests.settle({ class: 'ipbxcommand', error_string: 'agent_login_invalid_exten' }), true)
    assert.equal((await agent).code, 'CTI_INVALID_REQUEST')
    assert.equal(requests.settle({ class: 'ipbxcommand', error_string: 'service_unavailable' }), true)
    assert.equal((await first).cause.retryable, true)
    assert.equal(requests.settle({ class: 'ipbxcommand', error_string: 'unreachable_extension:9' }), false)
    assert.equal(requests.settle({ class: 'ipbxcommand', error_string: 'transfer_unauthorized' }), true)
    assert.equal((await transfer).code, 'CTI_FORBIDDEN')
  })

  it('count as taken after the quiet time, and fail after the limit', async () => {
    const quiet = requests.ask({ message: { class: 'availstate' }, quietMs: 200 })
    const limited = rejected(requests.ask({ message: { class: 'relations' }, reply: () => false, limitMs: 300 }))
    await clock.advance(300)
    assert.deepEqual(await quiet, {})
    assert.equal((await limited).code, 'CTI_TIMEOUT')
    assert.equal(requests.size, 0)
  })

  it('take the first of several lines for the answer when the rest does not come', async () => {
    const reply = (line: { response?: unknown }): boolean | 'more' => line.response === undefined ? 'more' : true
    const whole = requests.ask({ message: { class: 'ipbxcommand' }, reply, restMs: 200 })
    await clock.advance(900)
    assert.equal(requests.settle({ class: 'ipbxcommand', ipbxreply: 1 }), true)
    await clock.advance(199)
    assert.equal(requests.settle({ class: 'ipbxcommand', response: 'ok' }), true)
    assert.equal((await whole).reply?.response, 'ok')
    const half = requests.ask({ message: { class: 'ipbxcommand' }, reply, restMs: 200 })
    requests.settle({ class: 'ipbxcommand', ipbxreply: 1 })
    await clock.advance(200)
    assert.deepEqual((await half).reply, { class: 'ipbxcommand', ipbxreply: 1 })
  })

  it('are settled by the effect that shows them', async () => {
    const done = requests.ask({ message: { class: 'availstate' }, quietMs: 200, effect: ({ event }) => event === 'user.presence' })
    requests.watch([{ event: 'dnd.changed' }])
    requests.watch([{ event: 'user.presence' }])
    assert.equal((await done).draft?.event, 'user.presence')
  })

  it('end when they are given up, when the line is gone, and when it cannot be sent', async () => {
    const abort = new AbortController()
    const given = rejected(requests.ask({ message: { class: 'a' }, signal: abort.signal }))
    const gone = rejected(requests.ask({ message: { class: 'b' } }))
    abort.abort(new CtiError('CTI_CONFLICT', 'cancelled'))
    assert.equal((await given).code, 'CTI_CONFLICT')
    requests.failAll(new CtiError('CTI_NOT_CONNECTED', 'gone'))
    assert.equal((await gone).code, 'CTI_NOT_CONNECTED')
    const broken = new Requests(clock, () => { throw new CtiError('CTI_UNAVAILABLE', 'full') }, 1000)
    assert.equal((await rejected(broken.ask({ message: { class: 'c' } }))).code, 'CTI_UNAVAILABLE')
    assert.equal((await rejected(requests.ask({ message: { class: 'd' }, signal: abort.signal }))).code, 'CTI_CONFLICT')
  })

  it('are bounded', async () => {
    const waiting = Array.from({ length: 1000 }, () => rejected(requests.ask({ message: { class: 'a' } })))
    assert.equal((await rejected(requests.ask({ message: { class: 'a' } }))).code, 'CTI_RATE_LIMITED')
    requests.failAll(new CtiError('CTI_NOT_CONNECTED', 'gone'))
    await Promise.all(waiting)
  })

  it('go one after the other in a lane, also when one fails', async () => {
    const order: string[] = []
    const job = (name: string, fail = false) => async (): Promise<void> => {
      order.push(`${name} begins`)
      await Promise.resolve()
      order.push(`${name} ends`)
      if (fail) throw new Error(name)
    }
    const first = rejected(requests.lane('x', job('one', true)))
    await Promise.all([first, requests.lane('x', job('two')), requests.lane('y', job('three'))])
    assert.ok(order.indexOf('two begins') > order.indexOf('one ends'))
    assert.ok(order.indexOf('three begins') < order.indexOf('two begins'))
  })
})
