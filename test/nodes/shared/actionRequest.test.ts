import assert from 'node:assert/strict'
import { buildRequest, chooseAction, payloadObject, toTarget, type RequestParts } from '../../../nodes/shared/actionRequest'
import { event, leg } from '../support/fakeSession'

const parts = (part: Partial<RequestParts>): RequestParts => ({ action: 'hold', platform: 'xsi', fields: [], values: {}, toKind: 'number', options: {}, payload: {}, ...part })

describe('a request made of a node and a message', () => {
  it('takes leg, user, agent and queue from an event, and nothing that only tells what was', () => {
    const ringing = event({
      event: 'call.ringing', call: leg({ queue: { id: 'q1' }, agent: { id: 'a7' } }), user: { id: 'alice@example.com', name: 'Alice' }, reason: 'normal', device: { id: 'desk' },
      presence: { value: 'away' }
    })
    const request = (action: string): unknown => buildRequest(parts({ action, payload: { ...ringing } }))
    assert.deepEqual(request('reject'), { action: 'reject', callId: leg().id, user: 'alice@example.com' })
    assert.deepEqual(request('hold'), { action: 'hold', callId: leg().id, user: 'alice@example.com' }, 'a refinement such as hold.queue is not guessed')
    assert.deepEqual(request('agentReady'), { action: 'agentReady', user: 'alice@example.com', agent: 'a7' })
    assert.deepEqual(request('listCalls'), { action: 'listCalls', user: 'alice@example.com', queue: 'q1' })
    assert.deepEqual(request('setPresence'), { action: 'setPresence', user: 'alice@example.com' })
    assert.deepEqual(request('listUsers'), { action: 'listUsers' })
  })

  it('takes the owner of a leg for the user or the queue, by its kind', () => {
    const own = (kind: 'user' | 'queue'): unknown => buildRequest(parts({ action: 'listCalls', payload: { event: 'call.held', accountId: 'acc', call: leg({ owner: { kind, id: 'x' } }) } }))
    assert.deepEqual(own('user'), { action: 'listCalls', user: 'x' })
    assert.deepEqual(own('queue'), { action: 'listCalls', queue: 'x' })
  })

  it('takes what a flow adds to an event', () => {
    const payload = { ...event({ event: 'call.answered', call: leg() }), to: '1002', clientRef: 'r1', unrelated: 1 }
    assert.deepEqual(buildRequest(parts({ action: 'transfer', payload })), { action: 'transfer', callId: leg().id, user: 'alice@example.com', to: '1002', clientRef: 'r1' })
  })

  it('accepts an object with an id wherever an id is, and never the number of a leg', () => {
    const payload = { callId: { id: 'leg-1', number: '5' }, user: { id: 'bob@example.com' }, device: { id: 'desk' }, target: { id: 'carol' } }
    assert.deepEqual(buildRequest(parts({ action: 'pickup', payload })), { action: 'pickup', callId: 'leg-1', user: 'bob@example.com', device: 'desk', target: 'carol' })
    assert.equal('callId' in buildRequest(parts({ payload: { call: { number: '5' } } })), false)
  })

  it('prefers node fields to options and options to the message', () => {
    const fields = [{ name: 'callId' }, { name: 'digits' }]
    const payload = { callId: 'message', digits: '1' }
    assert.deepEqual(buildRequest(parts({ action: 'sendDtmf', fields, payload, options: { digits: '2', extra: 9 }, values: { callId: 'node' } })), {
      action: 'sendDtmf', callId: 'node', digits: '2', vendor: { extra: 9 }
    })
  })

  it('gives a field the name that the action has for it, and drops it where there is none', () => {
    const fields = [{ name: 'target', param: (action: string) => action === 'park' ? 'slot' : undefined }, { name: 'disposition', param: (action: string) => action === 'setDisposition' ? 'code' : undefined }]
    assert.deepEqual(buildRequest(parts({ action: 'park', fields, values: { target: '701' } })), { action: 'park', slot: '701' })
    assert.deepEqual(buildRequest(parts({ action: 'park', fields, payload: { target: { number: '701' } } })), { action: 'park', slot: '701' })
    assert.deepEqual(buildRequest(parts({ action: 'hold', fields, payload: { target: '701' }, values: { disposition: '1' } })), { action: 'hold' })
    assert.deepEqual(buildRequest(parts({ action: 'setDisposition', fields, payload: { disposition: { id: '4', name: 'sold' } } })), { action: 'setDisposition', code: '4' })
  })

  it('makes of texts what the parameter wants, and leaves what does not fit for the session to refuse', () => {
    const payload = { to: 1002, autoAnswer: 'true', skipDnc: 'maybe', timeoutMs: '2500' }
    assert.deepEqual(buildRequest(parts({ action: 'originate', payload })), { action: 'originate', to: '1002', autoAnswer: true, skipDnc: 'maybe', timeoutMs: 2500 })
    assert.deepEqual(buildRequest(parts({ action: 'queueJoin', payload: { queues: 'q1, q2' } })), { action: 'queueJoin', queues: ['q1', 'q2'] })
  })

  it('passes unknown fields on, for the session to warn of', () => {
    assert.deepEqual(buildRequest(parts({ payload: { colour: 'red' } })), { action: 'hold', colour: 'red' })
  })

  it('is not fooled by names of the language', () => {
    const payload = JSON.parse('{"__proto__":{"callId":"x"},"constructor":"y","callId":"z"}') as Record<string, unknown>
    const request = buildRequest(parts({ payload }))
    assert.equal(request.callId, 'z')
    assert.equal(Object.getPrototypeOf(request), Object.prototype)
    assert.equal(({} as { callId?: string }).callId, undefined)
  })
})

describe('a target', () => {
  it('is a number, or of the kind that the node says, or of the kind that an object names', () => {
    assert.equal(toTarget('+1202', 'number'), '+1202')
    assert.deepEqual(toTarget('q1', 'queue'), { queue: 'q1' })
    assert.deepEqual(toTarget({ agent: 'a1', name: 'x' }, 'number'), { agent: 'a1' })
    assert.equal(toTarget({ number: '1002', name: 'Bob' }, 'number'), '1002')
    assert.equal(toTarget({ id: 'bob@example.com', extension: '1002' }, 'number'), '1002')
    assert.deepEqual(toTarget({ id: 'bob@example.com', extension: '1002' }, 'user'), { user: 'bob@example.com' })
    assert.equal(toTarget({}, 'number'), undefined)
  })
})

describe('payload and action', () => {
  it('are chosen by the node, else by the message, never by a result of another action', () => {
    assert.equal(chooseAction('hold', { action: 'hangup' }, ['hold', 'hangup']), 'hold')
    assert.equal(chooseAction('', { action: 'hangup' }, ['hold', 'hangup']), 'hangup')
    assert.equal(chooseAction('', { action: 'xivo.chitchat' }, ['hold']), 'xivo.chitchat')
    assert.throws(() => chooseAction('', { action: 'originate', outcome: 'accepted', tookMs: 1 }, ['hold', 'originate']), /No action is chosen/)
    assert.throws(() => chooseAction('', { action: 'toString' }, ['hold', 'hangup']), { code: 'CTI_INVALID_REQUEST' })
    assert.throws(() => chooseAction('', { action: {} }, ['hold', 'hangup']), { code: 'CTI_INVALID_REQUEST' })
  })

  it('may be text only where text has a meaning', () => {
    assert.deepEqual(payloadObject('1002', 'to'), { to: '1002' })
    assert.deepEqual(payloadObject('', 'to'), {})
    assert.deepEqual(payloadObject(new Date().getTime(), 'to'), {})
    for (const wrong of [[], new Map(), Buffer.from('x'), new Date()]) assert.throws(() => payloadObject(wrong, 'to'), { code: 'CTI_INVALID_REQUEST' })
  })
})
