import assert from 'node:assert/strict'
import { demoDirectory } from '../../../src/simulator/pbx/demo'
import { type Connection, type Queue } from '../../../src/simulator/pbx/types'
import { CAROL, eachWorld } from './world'

describe('PBX queues', () => {
  const world = eachWorld()

  const support = (): Queue => world().pbx.queues.get('support') as Queue
  const ready = (...agents: string[]): void => { for (const key of agents) world().pbx.signIn(key, { routing: 'ready' }) }
  const rung = (): string[] => [...world().pbx.users.keys()].filter((key) => world().pbx.connectionsOf(key).some(({ queueConnection, state }) => queueConnection !== undefined && state === 'alerting'))
  const offer = (user: string): Connection => world().only(user)

  it('rings one agent and tells what a face needs of the queue', () => {
    const { pbx, clock } = world()
    const entry = world().ring('1050')
    clock.advance(5000)
    ready('agent-bob')
    const call = offer('bob')
    assert.deepEqual([call.queueKey, call.agentKey, call.queueConnection, call.queuedAt, call.remote?.name], ['support', 'agent-bob', entry.key, entry.queuedAt, 'Carol Diaz'])
    assert.equal(call.callKey, entry.callKey)
    assert.equal(pbx.queuePosition(entry.key), 1)
    pbx.answer(call.key)
    const { agentKey, related, detail } = world().last('dequeued')
    assert.deepEqual([agentKey, related, detail?.waitedMs, entry.state], ['agent-bob', [call.key], 5000, 'null'])
  })

  it('offers no call to an agent who is in any call, rung, not ready, paused, left, or without a phone', () => {
    const { pbx } = world()
    ready('agent-bob', 'agent-erin', 'agent-frank')
    world().talk('1002')
    pbx.setRouting('agent-erin', 'notReady')
    pbx.pauseQueue('agent-frank', 'support', true)
    world().ring('1050')
    assert.deepEqual(rung(), [])
    pbx.pauseQueue('agent-frank', 'support', false)
    assert.deepEqual(rung(), ['frank'])
    world().ring('1050')
    assert.deepEqual(rung(), ['frank'])
    pbx.setRegistered('erin-desk', false)
    pbx.setRouting('agent-erin', 'ready')
    assert.deepEqual(rung(), ['frank'])
    pbx.setRegistered('erin-desk', true)
    assert.deepEqual(rung(), ['erin', 'frank'])
  })

  it('serves in line, and puts a promoted call first', () => {
    const { pbx } = world()
    const entries = ['+12025550111', '+12025550112', '+12025550113'].map((from) => world().ring('1050', from))
    assert.equal(pbx.queueReorder(entries[2]?.key ?? '', 1), 2)
    assert.equal(pbx.queuePromote(entries[1]?.key ?? ''), 1)
    world().refuses('invalidValue', () => pbx.queueReorder(entries[0]?.key ?? '', 3))
    assert.deepEqual(pbx.queued('support').map(({ remote }) => remote?.number?.slice(-1)), ['2', '1', '3'])
    ready('agent-bob')
    assert.equal(offer('bob').remote?.number, '+12025550112')
  })

  it('takes the longest idle agent', () => {
    const { pbx, clock } = world()
    ready('agent-bob', 'agent-erin')
    world().ring('1050')
    assert.deepEqual(rung(), ['bob'])
    pbx.answer(offer('bob').key)
    clock.advance(1000)
    pbx.release(offer('bob').key)
    clock.advance(10_000)
    world().ring('1050')
    assert.deepEqual(rung(), ['erin'])
  })

  it('takes agents by priority first', () => {
    const { pbx } = world()
    for (const member of support().members) member.priority = member.agentKey === 'agent-frank' ? 0 : 1
    ready('agent-bob', 'agent-frank')
    world().ring('1050')
    assert.deepEqual(rung(), ['frank'])
    assert.equal(pbx.agentState('agent-frank'), 'busy')
  })

  it('rings all agents when told to, and ends the others when one answers', () => {
    const { pbx } = world()
    support().policy = 'ringAll'
    ready('agent-bob', 'agent-erin', 'agent-frank')
    world().ring('1050')
    assert.deepEqual(rung(), ['bob', 'erin', 'frank'])
    const bob = offer('bob')
    pbx.answer(offer('erin').key)
    assert.deepEqual([rung(), bob.cause], [[], 'answeredElsewhere'])
    assert.equal(pbx.history.filter(({ userKey }) => userKey === 'bob').length, 0)
  })

  it('tries each agent once before the first one again', () => {
    const { clock } = world()
    ready('agent-bob', 'agent-erin')
    const entry = world().ring('1050')
    const seen: string[] = []
    for (let n = 0; n < 4; n++) {
      seen.push(...rung())
      clock.advance(18_000)
    }
    assert.deepEqual(seen, ['bob', 'erin', 'bob', 'erin'])
    assert.equal(entry.state, 'queued')
  })

  it('tries the next agent when one refuses, without setting him not ready', () => {
    const { pbx } = world()
    support().noAnswer = 'nextAndNotReady'
    ready('agent-bob', 'agent-erin')
    world().ring('1050')
    pbx.reject(offer('bob').key)
    assert.deepEqual([rung(), pbx.agents.get('agent-bob')?.routing], [['erin'], 'ready'])
  })

  it('sets an agent who does not answer to not ready where the queue says so', () => {
    const { pbx, clock } = world()
    support().noAnswer = 'nextAndNotReady'
    ready('agent-bob')
    world().ring('1050')
    clock.advance(18_000)
    assert.equal(pbx.agents.get('agent-bob')?.routing, 'notReady')
    assert.equal(world().last('agent').detail?.by, 'system')
    assert.deepEqual(rung(), [])
  })

  it('counts its figures', () => {
    const { pbx, clock } = world()
    ready('agent-bob')
    world().ring('1050')
    clock.advance(3000)
    pbx.answer(offer('bob').key)
    clock.advance(7000)
    const waiting = world().ring('1050')
    pbx.external(waiting.key).hangUp()
    pbx.release(offer('bob').key)
    assert.deepEqual(support().figures, { offered: 2, answered: 1, abandoned: 1, overflowed: 0, waitSeconds: 3, talkSeconds: 7 })
  })

  it('overflows by time, and by size only when more wait than allowed', () => {
    const { pbx, clock } = world()
    support().overflow = { afterSeconds: 30, size: 1, to: '1003' }
    const first = world().ring('1050')
    const second = world().ring('1050')
    assert.deepEqual([first.state, second.party.userKey], ['queued', 'dave'])
    assert.deepEqual(second.redirections.map(({ cause, party }) => [cause, party.queueKey]), [['overflowSize', 'support']])
    pbx.signIn('agent-bob')
    clock.advance(30_000)
    assert.deepEqual([first.state, first.cause, support().figures.overflowed], ['null', 'overflowTime', 2])
  })

  it('does not overflow in circles for ever', () => {
    const { pbx, clock } = world()
    pbx.signIn('agent-erin')
    support().overflow = { afterSeconds: 1, to: '1060' }
    const billing = pbx.queues.get('billing')
    assert.ok(billing)
    billing.overflow = { afterSeconds: 1, to: '1050' }
    world().ring('1050')
    clock.advance(60_000)
    assert.equal([...pbx.connections.values()].filter(({ state }) => state !== 'null').length, 0)
  })

  it('strands calls when the last agent logs out, or nobody comes in time', () => {
    const { pbx, clock } = world()
    pbx.signIn('agent-bob')
    const entry = world().ring('1050')
    pbx.signOut('agent-bob')
    assert.equal(entry.cause, 'stranded')
    const alone = world().ring('1050')
    clock.advance(9999)
    assert.equal(alone.state, 'queued')
    clock.advance(1)
    assert.equal(alone.cause, 'stranded')
  })

  it('turns calls away at night before they wait', () => {
    const { pbx } = world()
    pbx.setNight('support', true)
    assert.equal(pbx.inbound({ from: CAROL, to: '1050' }), undefined)
    pbx.setNight('support', true, '1003')
    assert.equal(world().ring('1050').party.userKey, 'dave')
    pbx.setNight('support', false)
    assert.equal(world().ring('1050').state, 'queued')
    assert.deepEqual([support().figures.offered, support().night], [1, { enabled: false, to: '1003' }])
  })

  it('lets a supervisor redirect and release, and a caller escape', () => {
    const { pbx } = world()
    ready('agent-bob')
    const [one, two, three] = [world().ring('1050'), world().ring('1050'), world().ring('1050')]
    world().refuses('invalidNumber', () => { pbx.queueRedirect(one.key, '7') })
    pbx.queueRedirect(one.key, '1003')
    assert.deepEqual([one.cause, rung()], ['transfer', ['bob']])
    pbx.queueRelease(two.key)
    pbx.queueEscape(three.key, '1001')
    assert.deepEqual([two.cause, three.cause, pbx.queued('support').length, rung()], ['normal', 'escaped', 0, []])
    world().refuses('wrongState', () => { pbx.queueRelease(world().only('dave').key) })
  })

  it('loses a call that an agent deflects', () => {
    const { pbx } = world()
    ready('agent-bob')
    const entry = world().ring('1050')
    const call = offer('bob')
    pbx.deflect(call.key, '1003')
    assert.deepEqual([entry.cause, call.cause, world().last('diverted').type, world().only('dave').remote?.name], ['transfer', 'deflected', 'diverted', 'Carol Diaz'])
  })
})

describe('PBX agents', () => {
  const world = eachWorld()

  function queueCall (): Connection {
    world().ring('1050')
    const call = world().only('bob')
    world().pbx.answer(call.key)
    return call
  }

  it('logs in not ready, and knows its states', () => {
    const { pbx } = world()
    assert.equal(pbx.agentState('agent-bob'), 'loggedOut')
    pbx.signIn('agent-bob')
    assert.equal(pbx.agentState('agent-bob'), 'notReady')
    pbx.setRouting('agent-bob', 'ready')
    assert.equal(pbx.agentState('agent-bob'), 'ready')
    world().ring()
    assert.equal(pbx.agentState('agent-bob'), 'busy')
  })

  it('refuses what makes no sense', () => {
    const { pbx } = world()
    world().refuses('wrongState', () => { pbx.setRouting('agent-bob', 'ready') })
    world().refuses('wrongState', () => { pbx.signOut('agent-bob') })
    world().refuses('unknownAgent', () => { pbx.signIn('agent-nobody') })
    pbx.signIn('agent-bob')
    world().refuses('invalidValue', () => { pbx.setRouting('agent-bob', 'notReady', 'HOLIDAY') })
    world().refuses('notAssigned', () => { pbx.join('agent-bob', 'billing', true) })
    world().refuses('unknownQueue', () => { pbx.join('agent-bob', 'nothing', true) })
    world().refuses('wrongState', () => { pbx.endWrapUp('agent-bob') })
    world().refuses('noCall', () => { pbx.wrapUp('agent-bob') })
    world().refuses('noCall', () => { pbx.dispose('agent-bob', 'SALE') })
  })

  it('goes into wrap-up after queue calls only, for the time of the queue', () => {
    const { pbx, clock } = world()
    pbx.signIn('agent-bob', { routing: 'ready' })
    pbx.release(world().talk().key)
    assert.equal(pbx.agentState('agent-bob'), 'ready')
    const call = queueCall()
    pbx.release(call.key)
    assert.deepEqual(pbx.agents.get('agent-bob')?.wrapUp, { callKey: call.callKey, connectionKey: call.key, queueKey: 'support', until: clock.now() + 10_000 })
    clock.advance(9999)
    assert.equal(pbx.agentState('agent-bob'), 'wrapUp')
    clock.advance(1)
    assert.equal(pbx.agentState('agent-bob'), 'ready')
  })

  it('has no wrap-up after a queue call that nobody answered', () => {
    const { pbx } = world()
    pbx.signIn('agent-bob', { routing: 'ready' })
    const entry = world().ring('1050')
    pbx.external(entry.key).hangUp()
    assert.equal(pbx.agentState('agent-bob'), 'ready')
  })

  it('keeps what is asked for in a call until wrap-up is over', () => {
    const { pbx, clock } = world()
    pbx.signIn('agent-bob', { routing: 'ready' })
    const call = queueCall()
    pbx.setRouting('agent-bob', 'notReady', 'LUNCH')
    const agent = pbx.agents.get('agent-bob')
    assert.deepEqual([agent?.routing, agent?.pending], ['ready', { routing: 'notReady', reason: 'LUNCH' }])
    pbx.release(call.key)
    assert.deepEqual([pbx.agentState('agent-bob'), agent?.routing], ['wrapUp', 'ready'])
    clock.advance(10_000)
    assert.deepEqual([agent?.routing, agent?.reason, agent?.pending], ['notReady', 'LUNCH', undefined])
  })

  it('logs out after the call without wrap-up, or at once when forced', () => {
    const { pbx } = world()
    pbx.signIn('agent-bob', { routing: 'ready' })
    const call = queueCall()
    pbx.signOut('agent-bob')
    assert.equal(pbx.agents.get('agent-bob')?.loggedIn, true)
    pbx.release(call.key)
    assert.equal(pbx.agents.get('agent-bob')?.loggedIn, false)
    pbx.signIn('agent-erin', { routing: 'ready' })
    world().talk('1004')
    pbx.signOut('agent-erin', { force: true, by: 'supervisor' })
    assert.equal(pbx.agentState('agent-erin'), 'loggedOut')
  })

  it('ends wrap-up by hand, by a new state, and by the disposition of that call', () => {
    const { pbx } = world()
    pbx.signIn('agent-bob', { routing: 'ready' })
    const wrapUp = (): Connection => {
      const call = queueCall()
      pbx.release(call.key)
      assert.equal(pbx.agentState('agent-bob'), 'wrapUp')
      return call
    }
    wrapUp()
    pbx.endWrapUp('agent-bob')
    assert.equal(pbx.agentState('agent-bob'), 'ready')
    wrapUp()
    pbx.setRouting('agent-bob', 'notReady', 'BREAK')
    assert.equal(pbx.agentState('agent-bob'), 'notReady')
    pbx.setRouting('agent-bob', 'ready')
    const call = wrapUp()
    world().refuses('invalidValue', () => { pbx.dispose(call.key, 'NONSENSE') })
    pbx.dispose(call.key, 'SALE')
    assert.deepEqual([pbx.agentState('agent-bob'), call.disposition], ['ready', 'SALE'])
  })

  it('sets dispositions late, and only on queue calls', () => {
    const { pbx, clock } = world()
    pbx.signIn('agent-bob', { routing: 'ready' })
    const call = queueCall()
    pbx.release(call.key)
    clock.advance(60_000)
    pbx.dispose('agent-bob', 'CALLBACK')
    assert.equal(call.disposition, 'CALLBACK')
    world().refuses('notAllowed', () => { pbx.dispose(world().talk('1003').key, 'SALE') })
    world().refuses('unknownCall', () => { pbx.dispose('conn-99', 'SALE') })
  })

  it('goes back into wrap-up by hand after the call, without a timer', () => {
    const { pbx, clock } = world()
    pbx.signIn('agent-bob', { routing: 'ready' })
    const call = queueCall()
    world().refuses('wrongState', () => { pbx.wrapUp('agent-bob') })
    pbx.release(call.key)
    world().refuses('wrongState', () => { pbx.wrapUp('agent-bob') })
    pbx.endWrapUp('agent-bob')
    pbx.wrapUp('agent-bob')
    clock.advance(3_600_000)
    assert.equal(pbx.agentState('agent-bob'), 'wrapUp')
  })

  it('gives copies before and after with each fact', () => {
    const { pbx } = world()
    pbx.signIn('agent-bob')
    const { agent, agentBefore } = world().last('agent')
    pbx.setRouting('agent-bob', 'notReady', 'BREAK')
    assert.deepEqual([agentBefore?.loggedIn, agent?.loggedIn, agent?.reason], [false, true, undefined])
  })
})

describe('PBX with a directory of its own', () => {
  const world = eachWorld({ ...demoDirectory, timers: { transferRecall: 3, noAnswer: 4, secondsPerRing: 1 }, country: 'DE' })

  it('keeps the times that the directory gives', () => {
    const { pbx, clock } = world()
    const call = world().ring('1003')
    clock.advance(4000)
    assert.equal(call.cause, 'noAnswer')
    pbx.blindTransfer(world().talk().key, '1003')
    clock.advance(3000)
    assert.equal(world().only('bob').recall, 'transfer')
    assert.equal(pbx.resolve('2025550199').kind, 'invalid')
  })
})
