import assert from 'node:assert/strict'
import { CtiError } from '../../src/model'
import originate from '../../nodes/actions/originate'
import transfer from '../../nodes/actions/transfer'
import call from '../../nodes/actions/call'
import request from '../../nodes/actions/request'
import { registerAccount } from '../../nodes/shared/account'
import { event, fakeAccounts, leg } from './support/fakeSession'
import { ACCOUNT, arrival, collect, helper, load, node, on, statuses, until, type FlowNode, type Message } from './support/flows'

describe('an action node', function () {
  const accounts = fakeAccounts()
  const types = [(RED: Parameters<typeof originate>[0]) => { registerAccount(RED, accounts.definition) }, originate, transfer, call, request]

  const flow = (target: FlowNode, ...more: FlowNode[]): FlowNode[] => [
    ACCOUNT, { vendor: 'xsi', xsi: 'acc', ...target, wires: [['out']] }, on('out', 'helper'), on('failed', 'helper'), on('catch', 'catch', { wires: [['failed']] }), ...more
  ]
  const start = async (target: FlowNode, ...more: FlowNode[]): Promise<void> => {
    accounts.sessions.length = 0
    await load(types, flow(target, ...more))
    if (target.vendor !== 'msg' || more.length > 0) await until(() => accounts.sessions.length === 1 && accounts.last().listeners.size === 1)
  }
  const send = (msg: Message): void => { node('n').receive(msg) }
  const result = (msg: Message): Promise<Message> => {
    const got = Promise.race([arrival('out'), arrival('failed').then((failed) => { throw new Error(failed.error?.message) })])
    send(msg)
    return got
  }
  const failure = (msg: Message): Promise<Message> => {
    const got = arrival('failed')
    send(msg)
    return got
  }
  const lastRequest = (): Record<string, unknown> => accounts.last().requests.at(-1) as Record<string, unknown>

  before(() => helper.startServer())
  after(() => helper.stopServer())
  afterEach(async () => { await helper.unload() })

  it('performs and sends the message on with result and former payload', async () => {
    await start(on('n', 'cti-originate', { to: '+12025550143', toType: 'str', user: 'alice@example.com', userType: 'str' }))
    const msg = await result({ payload: { callerId: '5550100' }, topic: 'mine', order: 17 })
    assert.deepEqual(lastRequest(), { action: 'originate', to: '+12025550143', user: 'alice@example.com', callerId: '5550100' })
    assert.deepEqual(msg.request, { callerId: '5550100' })
    assert.equal((msg.payload as { action: string }).action, 'originate')
    assert.equal(msg.topic, 'mine')
    assert.equal(msg.order, 17)
  })

  it('takes a text payload of originate for the number, and never a time stamp', async () => {
    await start(on('n', 'cti-originate'))
    await result({ payload: '+1 202 555 0143' })
    assert.equal(lastRequest().to, '+1 202 555 0143')
    await result({ payload: 1767261600000 })
    assert.equal(lastRequest().to, undefined)
  })

  it('sends a vendor\'s extra through the request node, its fields beside it', async () => {
    await start(on('n', 'cti-request', { action: 'request' }))
    await result({ payload: { action: 'webex.sendMessage', roomId: 'room', text: 'hello' } })
    assert.deepEqual(lastRequest(), { action: 'webex.sendMessage', roomId: 'room', text: 'hello' })
    await result({ payload: { action: 'hangup', path: '/x' } })
    assert.deepEqual(lastRequest(), { action: 'request', path: '/x' }, 'another action is not for this node')
  })

  it('hands a vendor error whole to a Catch node', async () => {
    await start(on('n', 'cti-call', { action: 'hold' }))
    send({ payload: {} })
    await arrival('out')
    accounts.last().answer = () => Promise.reject(new CtiError('CTI_CONFLICT', 'The call is held already.', { vendor: 'xsi', httpStatus: 409, code: '110842', retryable: false }))
    const failed = await failure({ payload: { callId: 'x' } })
    assert.equal(failed.error?.code, 'CTI_CONFLICT')
    assert.deepEqual(failed.error.cause, { vendor: 'xsi', httpStatus: 409, code: '110842', retryable: false })
    assert.match(failed.error.message, /held already/)
    assert.deepEqual(failed.payload, { callId: 'x' }, 'the payload of a failed request is what came in')
  })

  it('follows the message back to the account of its event', async () => {
    await start(on('n', 'cti-call', { action: 'answer', vendor: 'msg', xsi: '' }), on('ev', 'cti-originate', { vendor: 'xsi', xsi: 'acc' }))
    await result({ payload: event({ event: 'call.ringing', call: leg(), user: { id: 'alice@example.com' }, reason: 'normal' }) })
    assert.deepEqual(lastRequest(), { action: 'answer', callId: leg().id, user: 'alice@example.com' })
  })

  it('takes the leg of a result as well, so that actions can be chained', async () => {
    await start(on('n', 'cti-transfer', { action: 'completeTransfer', vendor: 'msg', xsi: '' }), on('ev', 'cti-originate', { vendor: 'xsi', xsi: 'acc' }))
    await result({ payload: { action: 'consult', outcome: 'accepted', tookMs: 3, platform: 'xsi', account: 'fake', accountId: 'acc', callId: 'held', newCallId: 'new', data: { big: 1 } } })
    assert.deepEqual(lastRequest(), { action: 'completeTransfer', callId: 'held', consultCallId: 'new' })
  })

  it('refuses a message whose account is not one of ours, or is gone', async () => {
    await start(on('n', 'cti-call', { action: 'answer', vendor: 'msg' }))
    for (const [accountId, code] of [[undefined, 'CTI_INVALID_REQUEST'], ['out', 'CTI_INVALID_REQUEST'], ['nowhere', 'CTI_NOT_CONNECTED']] as const) {
      const failed = await failure({ payload: { accountId } })
      assert.equal(failed.error?.code, code, String(accountId))
    }
  })

  it('answers every input with an error and shows it while its account is missing or disabled', async () => {
    await load(types, [on('n', 'cti-call', { action: 'hold', vendor: 'xsi', xsi: 'acc' }), { ...ACCOUNT, d: true }, on('failed', 'helper'), on('catch', 'catch', { wires: [['failed']] })])
    assert.equal((await failure({ payload: {} })).error?.code, 'CTI_NOT_CONNECTED')
    await helper.unload()
    await load(types, [on('n', 'cti-call', { action: 'hold', vendor: 'xsi', xsi: '' }), on('failed', 'helper'), on('catch', 'catch', { wires: [['failed']] })])
    assert.equal((await failure({ payload: {} })).error?.code, 'CTI_INVALID_REQUEST')
  })

  it('refuses unknown actions, wrong payloads and what is too large', async () => {
    await start(on('n', 'cti-call', { action: '' }))
    const cases: [unknown, RegExp][] = [
      [{ action: 'explode' }, /"explode" is not an action.*answer/], [{ action: 'constructor' }, /not an action/], [{}, /No action is chosen/], ['hold', /msg.payload is text/],
      [['a'], /an array/], [Buffer.from('x'), /not a plain object/], [{ action: 'hold', callId: 'x'.repeat(70_000) }, /"callId" is too large/],
      [{ action: 'setCallData', callId: 'a', data: { text: 'x'.repeat(10_000_000) } }, /"data" is too large/], ['x'.repeat(10_000_000), /is text/]
    ]
    for (const [payload, expected] of cases) {
      const failed = await failure({ payload })
      assert.equal(failed.error?.code, 'CTI_INVALID_REQUEST')
      assert.match(failed.error.message, expected)
    }
    assert.equal(accounts.last().requests.length, 0)
  })

  it('leaves a request its large body', async () => {
    await start(on('n', 'cti-request', { method: 'POST', methodType: 'str' }))
    await result({ payload: { path: '/v2.0/x', body: 'x'.repeat(2_000_000) } })
    assert.equal((lastRequest().body as string).length, 2_000_000)
  })

  it('resolves JSONata, flow, env and JSON values per message', async () => {
    process.env.CTI_TEST_DEVICE = 'desk-1'
    await start(on('n', 'cti-originate', {
      to: '"+1" & payload.area & "5550143"', toType: 'jsonata', user: 'who', userType: 'flow', device: 'CTI_TEST_DEVICE', deviceType: 'env', data: 'order.id', dataType: 'msg',
      options: '{"autoAnswer":true,"line":2}'
    }))
    node('n').context().flow.set('who', 'bob@example.com')
    await result({ payload: { area: '202' }, order: { id: 'A-17' } })
    delete process.env.CTI_TEST_DEVICE
    assert.deepEqual(lastRequest(), { action: 'originate', to: '+12025550143', user: 'bob@example.com', device: 'desk-1', data: 'A-17', area: '202', autoAnswer: true, vendor: { line: 2 } })
  })

  it('says which value cannot be read', async () => {
    await start(on('n', 'cti-originate', { to: '$sum(', toType: 'jsonata' }))
    const failed = await failure({ payload: {} })
    assert.equal(failed.error?.code, 'CTI_INVALID_REQUEST')
    assert.match(failed.error.message, /"to" \(jsonata\)/)
  })

  it('lets the node beat the message, and the time limit of the node the default', async () => {
    await start(on('n', 'cti-transfer', { action: 'transfer', to: 'q1', toType: 'str', toKind: 'queue', timeout: '3' }))
    await result({ payload: { callId: 'a', to: '1002', timeoutMs: 9 } })
    assert.deepEqual(lastRequest(), { action: 'transfer', callId: 'a', to: { queue: 'q1' }, timeoutMs: 3000 })
  })

  it('shows that it runs, then the connection again', async () => {
    await start(on('n', 'cti-call', { action: 'hold' }))
    const seen = statuses('n')
    await until(() => accounts.last().listeners.size === 1)
    accounts.last().become({ state: 'online' })
    await until(() => seen.at(-1)?.fill === 'green')
    let finish: () => void = () => undefined
    const finished = new Promise<void>((resolve) => { finish = resolve })
    accounts.last().answer = () => finished.then(() => ({}))
    send({ payload: { callId: 'x' } })
    await until(() => seen.at(-1)?.fill === 'blue')
    const got = arrival('out')
    finish()
    await got
    await until(() => seen.at(-1)?.fill === 'green')
  })

  it('aborts what runs when it is closed, and sends nothing after that', async () => {
    await start(on('n', 'cti-call', { action: 'hold' }))
    await until(() => accounts.sessions.length > 0 && accounts.last().listeners.size === 1)
    let aborted = false
    accounts.last().answer = (_request, signal) => new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => {
        aborted = true
        reject(new CtiError('CTI_UNKNOWN_OUTCOME', 'cancelled'))
      })
    })
    const sent = collect('out')
    send({ payload: {} })
    await until(() => accounts.last().requests.length === 1)
    await helper.unload()
    assert.equal(aborted, true)
    assert.equal(sent.length, 0)
  })

  it('tells a flow that sends faster than the system answers', async () => {
    await start(on('n', 'cti-call', { action: 'hold' }))
    accounts.last().answer = (_request, signal) => new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => { reject(new CtiError('CTI_CONFLICT', 'cancelled')) })
    })
    const failed = arrival('failed')
    for (let i = 0; i <= 1000; i++) send({ payload: {}, number: i })
    const first = await failed
    assert.deepEqual([first.error?.code, first.number], ['CTI_RATE_LIMITED', 1000])
  })

  it('keeps neither listeners nor timers over twenty deploys', async () => {
    const target = on('n', 'cti-call', { action: 'hold' })
    await start(target)
    const before = process.getActiveResourcesInfo().length
    for (let i = 0; i < 20; i++) {
      await helper.setFlows([{ id: 'tab', type: 'tab', label: 'tab' }, ...flow({ ...target, timeout: String(i + 1) })], 'nodes')
    }
    await until(() => accounts.last().listeners.size === 1)
    assert.ok(process.getActiveResourcesInfo().length <= before + 2, process.getActiveResourcesInfo().join())
    await helper.unload()
    assert.equal(accounts.sessions.reduce((sum, session) => sum + session.listeners.size, 0), 0)
  })
})
