import assert from 'node:assert/strict'
import agent from '../../nodes/actions/agent'
import type { ActionResult, Agent } from '../../src/model'
import type { Agent as SimulatedAgent } from '../../src/simulator/pbx/types'
import { on, until } from './support/flows'
import { withSimulator } from './support/onSimulator'

const BOB = 'bob@example.com'
const SUPPORT = 'support@example.com'
const CAROL = '+12025550199'

describe('the agent node', function () {
  this.timeout(20_000)
  const fixed = { vendor: 'xsi', xsi: 'acc', agent: BOB, agentType: 'str' }
  const stage = withSimulator([agent], [
    on('any', 'cti-agent', { vendor: 'xsi', xsi: 'acc', action: '' }), on('follow', 'cti-agent', { vendor: 'msg', action: '' }),
    on('lunch', 'cti-agent', { ...fixed, action: 'agentNotReady', reason: 'LUNCH', reasonType: 'str', channel: 'voice,chat', channelType: 'channel', options: '{"confirm":"completed"}' }),
    on('login', 'cti-agent', { ...fixed, action: 'agentLogin', extension: '1002', extensionType: 'str', queue: SUPPORT, queueType: 'str' }),
    on('join', 'cti-agent', { ...fixed, action: 'queueJoin', queue: `${SUPPORT}`, queueType: 'str' }), on('meeting', 'cti-agent', { ...fixed, action: 'setPresence', presence: 'state', presenceType: 'msg' })
  ])
  const bob = (): SimulatedAgent => stage().simulator.pbx.agents.get('agent-bob')!
  const joined = (): boolean => stage().simulator.pbx.queues.get('support')!.members.find(({ agentKey }) => agentKey === 'agent-bob')!.joined
  const ask = async (id: string, payload: object): Promise<ActionResult> => (await stage().run(id, payload)).payload as ActionResult

  /** A call of the queue to Bob, answered and over; he is ready again. */
  const queueCall = async (): Promise<void> => {
    const { pbx } = stage().simulator
    for (const key of ['agent-erin', 'agent-frank']) if (pbx.agents.get(key)?.loggedIn === true) pbx.signOut(key, { force: true })
    pbx.inbound({ from: CAROL, to: '1050' })
    await until(() => pbx.connectionsOf('bob').some(({ state }) => state === 'alerting'))
    const own = pbx.connectionsOf('bob').find(({ state }) => state === 'alerting')!
    pbx.answer(own.key)
    pbx.release(own.key)
  }

  it('logs in, makes ready, starts wrap-up, logs out; the PBX and the events follow', async () => {
    const asked = { agent: '1002', confirm: 'completed' }
    if (!bob().loggedIn) stage().simulator.pbx.signIn('agent-bob')
    stage().simulator.pbx.setRouting('agent-bob', 'ready')
    await queueCall()
    stage().simulator.pbx.signOut('agent-bob', { force: true })
    await stage().event('agent.loggedOut')
    const steps: [string, string, () => boolean, Agent['state'][]][] = [
      ['agentLogin', 'agent.loggedIn', () => bob().loggedIn, ['notReady', 'ready']], ['agentReady', 'agent.ready', () => bob().routing === 'ready', ['ready']],
      ['agentWrapUp', 'agent.wrapUp', () => bob().wrapUp !== undefined, ['wrapUp']], ['agentLogout', 'agent.loggedOut', () => !bob().loggedIn, ['loggedOut']]
    ]
    for (const [action, event, holds, states] of steps) {
      const result = await ask('any', { ...asked, action })
      assert.equal(result.outcome, 'completed', action)
      assert.ok(holds(), action)
      assert.ok(result.agent && states.includes(result.agent.state), `${action}: ${result.agent?.state}`)
      assert.equal((await stage().event(event)).agent?.id, BOB)
    }
  })

  it('is not ready with the reason that the node holds, and says what the system cannot take', async () => {
    if (!bob().loggedIn) stage().simulator.pbx.signIn('agent-bob', { routing: 'ready' })
    const result = await ask('lunch', {})
    assert.equal(result.outcome, 'completed')
    assert.equal(bob().reason, 'LUNCH')
    assert.deepEqual(result.agent?.reason?.id, 'LUNCH')
    assert.ok(result.warnings?.some((text) => text.includes('"channels"')), result.warnings?.join())
    assert.equal((await stage().event('agent.notReady', (event) => event.agent?.reason?.id === 'LUNCH')).agent?.id, BOB)
  })

  it('logs in to a queue at an extension', async () => {
    const { pbx } = stage().simulator
    pbx.join('agent-bob', 'support', false)
    if (bob().loggedIn) pbx.signOut('agent-bob', { force: true })
    const result = await ask('login', {})
    assert.ok(bob().loggedIn && joined())
    assert.ok(result.warnings?.some((text) => text.includes('"device"')), 'the extension is the device, which this system has no word for')
  })

  it('leaves and joins queues', async () => {
    const left = await ask('any', { action: 'queueLeave', agent: BOB, queue: SUPPORT, confirm: 'completed' })
    assert.equal(left.agent?.queues?.find(({ id }) => id === SUPPORT)?.joined, false)
    assert.equal(joined(), false)
    await stage().event('agent.queueLeft')
    assert.equal((await ask('join', { confirm: 'completed' })).outcome, 'completed')
    assert.equal(joined(), true)
    await stage().event('agent.queueJoined')
  })

  it('sets presence, with the word of the message', async () => {
    const msg = await stage().run('meeting', {}, { state: 'Meeting' })
    assert.equal((msg.payload as ActionResult).presence?.value, 'Meeting')
    assert.deepEqual(msg.request, {})
  })

  it('takes call, agent and account from events, and acts on that agent in all queues', async () => {
    const { pbx } = stage().simulator
    for (const key of ['agent-erin', 'agent-frank']) if (pbx.agents.get(key)?.loggedIn === true) pbx.signOut(key, { force: true })
    if (!bob().loggedIn) pbx.signIn('agent-bob', { routing: 'ready' })
    else pbx.setRouting('agent-bob', 'ready')
    pbx.inbound({ from: CAROL, to: '1050' })
    const ringing = await stage().event('call.ringing', (event) => event.call?.queue?.id === SUPPORT)
    const asked = await ask('follow', { ...ringing, action: 'agentNotReady' })
    assert.equal(asked.agent?.id, BOB)
    assert.equal(asked.warnings, undefined, 'the queue of the call does not narrow it')
    const own = pbx.connectionsOf('bob').find(({ state }) => state === 'alerting')!
    pbx.answer(own.key)
    pbx.release(own.key)
    const wrapUp = await stage().event('agent.wrapUp')
    const disposed = await ask('any', { action: 'setDisposition', agent: wrapUp.agent, disposition: 'SALE', confirm: 'completed' })
    assert.equal(disposed.disposition?.id, 'SALE')
    assert.equal((await stage().event('call.disposition')).call?.disposition?.id, 'SALE')
    await ask('follow', { ...ringing, action: 'queueLeave' })
    assert.equal(joined(), false, 'the queue of the call is what is left')
  })

  it('has refusals at the Catch node', async () => {
    const cases: [string, object, string][] = [
      ['any', { action: 'agentReady', agent: 'alice@example.com' }, 'CTI_FORBIDDEN'], ['any', { action: 'agentNotReady', agent: BOB, reason: 'NAPPING' }, 'CTI_INVALID_REQUEST'],
      ['any', { action: 'queueJoin', agent: BOB }, 'CTI_INVALID_REQUEST'],
      ['any', { action: 'hold' }, 'CTI_INVALID_REQUEST'], ['any', {}, 'CTI_INVALID_REQUEST'], ['any', { action: 'setPresence', agent: BOB }, 'CTI_INVALID_REQUEST'],
      ['follow', { action: 'agentReady', agent: BOB }, 'CTI_INVALID_REQUEST'], ['follow', { accountId: 'gone', action: 'agentReady' }, 'CTI_NOT_CONNECTED']
    ]
    for (const [id, payload, code] of cases) {
      const error = await stage().fail(id, payload)
      assert.equal(error.code, code, `${JSON.stringify(payload)}: ${error.message}`)
    }
  })
})
