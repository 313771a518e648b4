import assert from 'node:assert/strict'
import { CAROL, World } from './world'

describe('PBX calls that agents dial in a campaign', () => {
  let world: World
  beforeEach(() => {
    world = new World()
    world.pbx.signIn('agent-bob', { routing: 'ready' })
  })
  afterEach(() => { world.close() })

  const dial = (options: { wrapUpSeconds?: number } = { wrapUpSeconds: 30 }): string => {
    const { key } = world.pbx.originate('bob', CAROL, options)
    world.clock.advance(2000)
    return key
  }

  it('are followed by wrap-up for their time', () => {
    const { pbx, clock } = world
    const key = dial()
    pbx.release(key)
    assert.deepEqual(pbx.agents.get('agent-bob')?.wrapUp, { callKey: pbx.connections.get(key)?.callKey, connectionKey: key, queueKey: '', until: clock.now() + 30_000 })
    clock.advance(29_999)
    assert.equal(pbx.agentState('agent-bob'), 'wrapUp')
    clock.advance(1)
    assert.equal(pbx.agentState('agent-bob'), 'ready')
  })

  it('take a disposition, which ends wrap-up; other outbound calls do not', () => {
    const { pbx } = world
    const plain = dial({})
    pbx.release(plain)
    assert.equal(pbx.agentState('agent-bob'), 'ready')
    world.refuses('notAllowed', () => { pbx.dispose(plain, 'SALE') })
    const key = dial()
    pbx.release(key)
    pbx.dispose(key, 'SALE')
    assert.deepEqual([pbx.agentState('agent-bob'), pbx.connections.get(key)?.disposition], ['ready', 'SALE'])
  })

  it('have no wrap-up when nobody answered', () => {
    const { key } = world.pbx.originate('bob', CAROL, { wrapUpSeconds: 30 })
    world.pbx.release(key)
    assert.equal(world.pbx.agentState('agent-bob'), 'ready')
  })

  it('leave a state that is asked for in wrap-up until that is over, where the caller wants it so', () => {
    const { pbx } = world
    pbx.release(dial())
    pbx.setRouting('agent-bob', 'notReady', 'LUNCH', 'self', { afterWrapUp: true })
    assert.deepEqual([pbx.agentState('agent-bob'), pbx.agents.get('agent-bob')?.pending], ['wrapUp', { routing: 'notReady', reason: 'LUNCH' }])
    pbx.endWrapUp('agent-bob')
    assert.deepEqual([pbx.agentState('agent-bob'), pbx.agents.get('agent-bob')?.reason], ['notReady', 'LUNCH'])
  })
})
