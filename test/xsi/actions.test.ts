import assert from 'node:assert/strict'
import type { Agent, Forwarding, Queue, UserRef } from '../../src/model'
import type { Connection } from '../../src/simulator/pbx/types'
import { House, type Line } from './harness'

const CAROL = '+12025550199'
const QUEUE = 'support@example.com'

describe('XSI: actions', () => {
  let house: House
  let line: Line
  beforeEach(async () => {
    house = await House.build()
    line = await house.online()
  })
  afterEach(() => house.close())

  async function talk (): Promise<{ rings: Connection; callId: string }> {
    const rings = house.pbx.inbound({ from: CAROL, to: '1002' })
    assert.ok(rings)
    const from = line.events.length
    await line.event('call.ringing', from)
    house.pbx.answer(rings.key)
    const { call } = await line.event('call.answered', from)
    return { rings, callId: call?.id as string }
  }

  describe('on calls', () => {
    it('rejects as busy, and the end says so', async () => {
      house.pbx.inbound({ from: CAROL, to: '1002' })
      const { call } = await line.event('call.ringing')
      const result = await line.perform('reject', { callId: call?.id, confirm: 'completed' })
      assert.equal(result.outcome, 'completed')
      const ended = await line.event('call.ended')
      assert.equal(ended.call?.answeredAt, undefined)
    })

    it('hangs up a ringing call for good instead of silencing it', async () => {
      house.pbx.inbound({ from: CAROL, to: '1002' })
      const { call } = await line.event('call.ringing')
      await line.perform('hangup', { callId: call?.id, confirm: 'completed' })
      await line.event('call.ended')
    })

    it('silences only when told to ignore', async () => {
      house.pbx.inbound({ from: CAROL, to: '1002' })
      const { call } = await line.event('call.ringing')
      assert.equal((await line.perform('reject', { callId: call?.id, reason: 'ignore' })).outcome, 'accepted')
      assert.equal(line.session.picture.call(call?.id as string)?.state, 'ringing')
    })

    it('names the server\'s error when a call cannot be resumed', async () => {
      const { callId } = await talk()
      await assert.rejects(line.perform('resume', { callId }), { code: 'CTI_CONFLICT' })
    })

    it('takes the only call of the user when none is named, and says which when there are several', async () => {
      await talk()
      assert.equal((await line.perform('hold', { confirm: 'completed' })).outcome, 'completed')
      await assert.rejects(line.perform('hold'), { code: 'CTI_NOT_FOUND' })
    })

    it('redirects a ringing call', async () => {
      house.pbx.inbound({ from: CAROL, to: '1002' })
      const { call } = await line.event('call.ringing')
      const result = await line.perform('redirect', { callId: call?.id, to: '1001', confirm: 'completed' })
      assert.equal(result.outcome, 'completed')
      assert.equal((await line.event('call.redirected')).reason, 'deflected')
      assert.deepEqual(line.calls(), ['call.ringing', 'call.redirected', 'call.ended'])
    })

    it('transfers to a mailbox', async () => {
      const { callId } = await talk()
      await line.perform('transfer', { callId, to: { voicemail: '1001' }, confirm: 'completed' })
      await line.event('call.ended')
    })

    it('parks: parked with the slot, then ended; and retrieves', async () => {
      const { callId } = await talk()
      const result = await line.perform('park', { callId, slot: '2222', confirm: 'completed' })
      assert.deepEqual(result.slot, { number: '2222', kind: 'park' })
      assert.equal(result.outcome, 'completed')
      const ended = await line.event('call.ended')
      assert.equal(ended.call?.endReason, 'parked')
      assert.deepEqual(line.calls(), ['call.ringing', 'call.answered', 'call.parked', 'call.ended'])
      const back = await line.perform('retrieve', { slot: '2222' })
      assert.ok(back.newCallId)
      await line.event('call.originated')
    })

    it('cancels a consultation: the consulted call ends, the held one is resumed', async () => {
      const { callId } = await talk()
      const consult = await line.perform('consult', { callId, to: '1001', confirm: 'completed' })
      const result = await line.perform('cancelTransfer', { callId, confirm: 'completed' })
      assert.equal(result.outcome, 'completed')
      assert.equal(line.session.picture.call(callId)?.state, 'active')
      assert.equal(line.session.picture.call(consult.newCallId as string), undefined)
    })

    it('joins two calls in a conference, mutes a member, and ends it', async () => {
      const { callId } = await talk()
      const consult = await line.perform('consult', { callId, to: '1001', confirm: 'completed' })
      await line.until(() => line.session.picture.call(consult.newCallId as string)?.state === 'remoteRinging', 'Alice to ring')
      house.pbx.answer(house.pbx.connectionsOf('alice')[0]?.key as string)
      await line.until(() => line.session.picture.call(consult.newCallId as string)?.state === 'active', 'Alice to answer')
      const result = await line.perform('conference', { callIds: [callId, consult.newCallId], confirm: 'completed' })
      assert.equal(result.outcome, 'completed')
      await line.until(() => line.names.filter((name) => name === 'call.conferenced').length === 2, 'both legs in the conference')
      assert.equal(line.session.picture.call(callId)?.conference?.members.length, 2)
      await line.perform('mute', { callId, member: consult.newCallId })
      await line.until(() => line.session.picture.call(callId)?.conference?.members.some(({ muted }) => muted === true) === true, 'the member to be muted')
      await line.perform('hangup', { callId, conference: 'all' })
      await line.until(() => [...line.session.picture.calls()].length === 0, 'all to end')
    })

    it('records: proved by the event and not by the reply', async () => {
      const { callId } = await talk()
      for (const [action, state] of [['startRecording', 'on'], ['pauseRecording', 'paused'], ['resumeRecording', 'on'], ['stopRecording', 'off']]) {
        const result = await line.perform(action, { callId, confirm: 'completed' })
        assert.equal(result.outcome, 'completed', action)
        assert.equal(line.session.picture.call(callId)?.recording?.state, state)
      }
    })

    it('sends tones, and notes a text with the call', async () => {
      const { callId } = await talk()
      assert.equal((await line.perform('sendDtmf', { callId, digits: '12#,3' })).sent, 4)
      await line.perform('setCallData', { callId, data: { info: 'Ticket 7' }, confirm: 'completed' })
      assert.deepEqual(line.session.picture.call(callId)?.data, { info: 'Ticket 7' })
      await assert.rejects(line.perform('setCallData', { callId, data: { other: 'x' } }), { code: 'CTI_INVALID_REQUEST' })
    })

    it('picks up what rings at a colleague', async () => {
      house.pbx.inbound({ from: CAROL, to: '1001' })
      const result = await line.perform('pickup', { target: '1001' })
      assert.ok(result.newCallId)
    })

    it('refuses what cannot be dialled before anything is sent', async () => {
      await assert.rejects(line.perform('originate', { to: 'nobody here' }), { code: 'CTI_INVALID_REQUEST' })
      await assert.rejects(line.perform('originate', { to: { user: 'nobody' } }), { code: 'CTI_NOT_FOUND' })
      await assert.rejects(line.perform('originate', { to: { campaign: 'x' } }), { code: 'CTI_UNSUPPORTED' })
    })

    it('reports a number that does not exist: the call fails and ends', async () => {
      const result = await line.perform('originate', { to: '+12025550166' })
      const own = house.pbx.connectionsOf('bob')[0]
      house.pbx.answer(own?.key as string)
      const failed = await line.event('call.failed')
      assert.equal(failed.call?.id, result.newCallId)
      assert.equal(failed.reason, 'invalidNumber')
      await line.until(() => line.session.picture.call(result.newCallId as string) === undefined || line.session.picture.call(result.newCallId as string)?.state === 'failed', 'the end')
    })
  })

  describe('on agents and queues', () => {
    let queueLine: Line
    beforeEach(async () => {
      queueLine = await house.online({
        auth: { kind: 'basic', username: 'cti-admin@example.com', password: 'demo' },
        scope: 'users',
        userList: ['bob@example.com'],
        packages: ['Advanced Call', 'Call Center Agent', 'Call Center Queue'],
        queues: [QUEUE]
      })
      assert.deepEqual(queueLine.warnings, [])
      for (const key of ['agent-erin', 'agent-frank']) if (house.pbx.agents.get(key)?.loggedIn === true) house.pbx.signOut(key, { force: true })
    })

    it('signs an agent in, makes him ready, not ready with a reason, and signs him out', async () => {
      const steps: [string, object, Partial<Agent>][] = [
        ['agentLogin', {}, { state: 'notReady' }], ['agentReady', {}, { state: 'ready' }],
        ['agentNotReady', { reason: 'LUNCH' }, { state: 'notReady', reason: { id: 'LUNCH' } }], ['agentLogout', {}, { state: 'loggedOut' }]
      ]
      await queueLine.perform('agentLogout', { agent: 'bob@example.com', force: true }).catch(() => undefined)
      for (const [action, fields, expected] of steps) {
        const result = await queueLine.perform(action, { agent: '1002', ...fields, confirm: 'completed' })
        assert.equal(result.outcome, 'completed', action)
        for (const [key, value] of Object.entries(expected)) assert.deepEqual((result.agent as unknown as Record<string, unknown>)[key], value, `${action} ${key}`)
      }
    })

    it('leaves and joins a queue', async () => {
      const left = await queueLine.perform('queueLeave', { agent: '1002', queues: [QUEUE], confirm: 'completed' })
      assert.equal(left.outcome, 'completed')
      assert.equal(left.agent?.queues?.find(({ id }) => id === QUEUE)?.joined, false)
      assert.equal((await queueLine.perform('queueJoin', { agent: '1002', queues: QUEUE, confirm: 'completed' })).outcome, 'completed')
    })

    it('tells a queue call at the queue and at the agent, linked, and the wrap-up after it', async () => {
      await queueLine.perform('agentLogin', { agent: '1002' }).catch(() => undefined)
      await queueLine.perform('agentReady', { agent: '1002', confirm: 'completed' }).catch(() => undefined)
      const from = queueLine.events.length
      house.pbx.inbound({ from: CAROL, to: '1050' })
      const queued = await queueLine.event('call.queued', from)
      assert.deepEqual(queued.call?.owner.kind, 'queue')
      const ringing = await queueLine.event('call.ringing', from)
      assert.equal(ringing.call?.queue?.id, QUEUE)
      const own = house.pbx.connectionsOf('bob').find(({ state }) => state === 'alerting')
      house.pbx.answer(own?.key as string)
      const dequeued = await queueLine.event('call.dequeued', from)
      assert.equal(dequeued.reason, 'normal')
      assert.deepEqual(dequeued.call?.agent?.id, 'bob@example.com')
      assert.deepEqual(dequeued.call?.related, [{ kind: 'agentLeg', id: ringing.call?.id }])
      assert.equal(dequeued.call?.conversationId, ringing.call?.conversationId)
      await queueLine.event('agent.busy', from)
      house.pbx.release(own?.key as string)
      const wrapUp = await queueLine.event('agent.wrapUp', from)
      assert.equal(wrapUp.agent?.wrapUp?.queueId, QUEUE)
      assert.equal(queueLine.names.slice(from).filter((name) => name === 'agent.ready').length, 0)
      await queueLine.perform('setDisposition', { user: '1002', code: 'SALE', confirm: 'completed' })
      assert.equal((await queueLine.event('call.disposition', from)).call?.disposition?.id, 'SALE')
    })

    it('moves a waiting call by the command of the call centre', async () => {
      for (const key of ['agent-bob']) if (house.pbx.agents.get(key)?.loggedIn === true) house.pbx.signOut(key, { force: true })
      const from = queueLine.events.length
      house.pbx.inbound({ from: CAROL, to: '1050' })
      const { call } = await queueLine.event('call.queued', from)
      const waiting = await queueLine.perform('listCalls', { queue: QUEUE })
      assert.equal(waiting.items?.length, 1)
      const result = await queueLine.perform('redirect', { callId: call?.id, to: '1001', confirm: 'completed' })
      assert.equal(result.outcome, 'completed')
      assert.equal((await queueLine.event('call.dequeued', from)).reason, 'transferred')
    })

    it('lists queues, agents and reason codes', async () => {
      const queues = (await queueLine.perform('listQueues')).items as Queue[]
      assert.ok(queues.some(({ id }) => id === QUEUE))
      const reasons = (await queueLine.perform('reasonCodes')).items as { id: string }[]
      assert.ok(reasons.some(({ id }) => id === 'LUNCH'))
      const agents = (await queueLine.perform('agentStates', { ids: ['1002'] })).items as Agent[]
      assert.equal(agents[0]?.id, 'bob@example.com')
      assert.ok(((await queueLine.perform('dispositions', { queue: QUEUE })).items as { id: string }[]).some(({ id }) => id === 'SALE'))
    })
  })

  describe('on settings', () => {
    it('sets forwarding, reads it back and hears of it', async () => {
      const from = line.events.length
      const result = await line.perform('setForwarding', { condition: 'noAnswer', enabled: true, to: '1001', ringSeconds: 20 })
      const { rules } = result.forwarding as Forwarding
      assert.deepEqual({ enabled: rules.noAnswer?.enabled, to: rules.noAnswer?.to, rings: rules.noAnswer?.rings }, { enabled: true, to: '1001', rings: 3 })
      assert.equal(result.warnings?.length, 1)
      assert.deepEqual((await line.event('forwarding.changed', from)).forwarding?.changed, ['noAnswer'])
      assert.equal((await line.perform('getForwarding')).forwarding?.complete, true)
    })

    it('keeps the stored destination, and asks for one when there is none', async () => {
      await assert.rejects(line.perform('setForwarding', { condition: 'busy', enabled: true }), { code: 'CTI_INVALID_REQUEST' })
      await line.perform('setForwarding', { condition: 'busy', enabled: false, to: '1001' })
      assert.equal((await line.perform('setForwarding', { condition: 'busy', enabled: true })).forwarding?.rules.busy?.to, '1001')
    })

    it('sets do not disturb, once told', async () => {
      const from = line.events.length
      assert.equal((await line.perform('setDnd', { enabled: true })).dnd?.enabled, true)
      await line.event('dnd.changed', from)
      await line.perform('setDnd', { enabled: true })
      assert.equal((await line.perform('getDnd')).dnd?.enabled, true)
      assert.equal(line.names.slice(from).filter((name) => name === 'dnd.changed').length, 1)
    })

    it('sets remote office and the mode of recording', async () => {
      const office = await line.perform('setRemoteOffice', { enabled: true, number: '+12025550188' })
      assert.deepEqual(office.feature, { name: 'remoteOffice', enabled: true, value: '+12025550188' })
      const recording = await line.perform('setCallRecording', { enabled: true, mode: 'on-demand' })
      assert.deepEqual(recording.feature, { name: 'callRecording', enabled: true, value: 'on-demand' })
    })

    it('sets presence', async () => {
      assert.equal((await line.perform('setPresence', { presence: 'Meeting' })).presence?.value, 'Meeting')
    })
  })

  describe('looking up', () => {
    it('lists calls, users, and finds people page by page', async () => {
      const { callId } = await talk()
      assert.deepEqual((await line.perform('listCalls')).items?.map((call) => (call as { id: string }).id), [callId])
      assert.deepEqual((await line.perform('listCalls', { states: ['held'] })).items, [])
      const first = await line.perform('listUsers', { limit: 2 })
      assert.equal(first.items?.length, 2)
      assert.ok(first.nextCursor)
      const second = await line.perform('listUsers', { limit: 2, cursor: first.nextCursor })
      assert.notDeepEqual((second.items as UserRef[])[0]?.id, (first.items as UserRef[])[0]?.id)
      const found = await line.perform('searchDirectory', { query: 'mart', fields: ['lastName'] })
      assert.deepEqual((found.items as UserRef[]).map(({ name }) => name), ['Alice Martin'])
    })

    it('reads profile, history and mailbox', async () => {
      assert.equal(((await line.perform('profile')).items as UserRef[])[0]?.extension, '1002')
      const { rings } = await talk()
      house.pbx.release(rings.key)
      await line.event('call.ended')
      const history = await line.perform('callHistory', { type: 'received' })
      assert.equal((history.items as { number: string }[])[0]?.number, CAROL)
      assert.equal((await line.perform('voicemail')).voicemail?.newMessages, 0)
    })

    it('sends any command, but not to other hosts and not with other credentials', async () => {
      const reply = await line.perform('request', { method: 'GET', path: '/v2.0/user/bob@example.com/services/DoNotDisturb' })
      assert.equal((reply.data as { status: number }).status, 200)
      assert.deepEqual((reply.data as { body: { DoNotDisturb: { active: string } } }).body.DoNotDisturb.active, 'false')
      await line.perform('request', { method: 'PUT', path: '/v2.0/user/bob@example.com/services/DoNotDisturb', body: { DoNotDisturb: { active: true } } })
      await line.event('dnd.changed')
      const list = await line.perform('request', { path: '/com.broadsoft.xsi-events/v2.0/subscription' })
      assert.ok((list.data as { body: object }).body)
      for (const path of ['https://evil.example.com/v2.0/x', '//evil.example.com/v2.0/', '/v2.0/../../secret', '/v2.0/%2e%2e/x', '']) {
        await assert.rejects(line.perform('request', { path }), { code: 'CTI_INVALID_REQUEST' }, path)
      }
      const warned = await line.perform('request', { path: '/v2.0/user/bob@example.com/profile', headers: { Authorization: 'Basic x' } })
      assert.equal(warned.warnings?.length, 1)
      await assert.rejects(line.perform('request', { path: '/v2.0/user/nobody@example.com/profile' }), (error: { cause: { vendor?: string; httpStatus?: number } }) => error.cause.vendor === 'xsi' && (error.cause.httpStatus ?? 0) >= 400)
    })
  })
})
