import assert from 'node:assert/strict'
import five9Account from '../../nodes/accounts/five9-account'
import agent from '../../nodes/actions/agent'
import call from '../../nodes/actions/call'
import lookup from '../../nodes/actions/lookup'
import originate from '../../nodes/actions/originate'
import five9Events from '../../nodes/events/five9-events'
import { leavesNothingBehind, withSimulated } from './support/simulated'

const CAROL = '+12025550199'

describe('nodes on a simulated Five9', function () {
  this.timeout(30_000)
  const stage = withSimulated('five9', [five9Account, five9Events], { originate, call, agent, lookup })

  it('place a call and hang up, with nothing typed into the account', async () => {
    const { start, event, run } = stage()
    await start()
    await run('originate', { to: CAROL })
    const { call: leg } = await event('call.answered')
    assert.match(leg?.to?.number ?? '', /2025550199$/)
    await run('call', { action: 'hangup', callId: leg?.id })
    await event('call.ended', (one) => one.call?.id === leg?.id)
  })

  it('take a call of the queue, and end its wrap-up with a disposition by name', async () => {
    const { start, event, run, simulator } = stage()
    await start()
    await run('agent', { action: 'agentReady' })
    const { pbx } = await simulator()
    pbx.inbound({ from: CAROL, to: '1050' })
    const { call: leg } = await event('call.ringing')
    await run('call', { action: 'answer', callId: leg?.id })
    await event('call.answered', (one) => one.call?.id === leg?.id)
    await run('call', { action: 'hangup', callId: leg?.id })
    await event('agent.wrapUp')
    const { disposition } = await run('call', { action: 'setDisposition', callId: leg?.id, disposition: 'Sale' })
    assert.equal((disposition as { name?: string } | undefined)?.name, 'Sale')
  })

  it('show the states of agents to a supervisor', async () => {
    const { start, run } = stage()
    await start({ role: 'supervisor' })
    const { items } = await run('lookup', { action: 'listAgents' }) as { items: { name?: string }[] }
    assert.ok(items.some(({ name }) => name?.includes('Bob')), JSON.stringify(items))
  })

  it('put the agent on a break by the name of its reason, as the drop-down lists it', async () => {
    const { start, event, run } = stage()
    await start()
    const { items } = await run('lookup', { action: 'reasonCodes' }) as { items: { id: string; name: string }[] }
    assert.ok(items.some(({ name }) => name === 'Lunch'), JSON.stringify(items))
    await run('agent', { action: 'agentNotReady', reason: 'Lunch' })
    await event('agent.notReady', (one) => one.agent?.reason?.name === 'Lunch')
  })

  leavesNothingBehind(stage)
})
