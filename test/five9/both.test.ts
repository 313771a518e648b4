/** An account that is agent and supervisor in one, against the demo house. */
import assert from 'node:assert/strict'
import { startSimulator, type Simulator } from '../../src/simulator/simulator'
import { Line } from './harness'

describe('Five9: agent and supervisor in one', () => {
  let sim: Simulator
  let line: Line
  beforeEach(async () => {
    sim = await startSimulator({ seed: 4 })
    const { url, username, password } = sim.demoLogin('five9')
    line = await new Line({ baseUrl: url, username, password, role: 'both', stationType: 'SOFTPHONE' }).online()
  })
  afterEach(async () => {
    await line.close()
    await sim.close()
  })
  const agent = (name: string): string | undefined => [...line.session.picture.agents()].find((one) => one.name === name)?.state

  it('sees everybody, and does what each of the two may', async () => {
    assert.deepEqual(['Bob Keller', 'Erin Novak', 'Frank Lindqvist'].map(agent), ['notReady', 'loggedOut', 'loggedOut'])
    sim.pbx.signIn('agent-erin', { routing: 'ready' })
    await line.until(() => agent('Erin Novak') === 'ready', 'Erin')
    await line.perform('agentNotReady', { agent: 'Erin Novak', reason: 'Meeting' })
    await line.until(() => agent('Erin Novak') === 'notReady', 'Erin in a meeting')
    assert.equal((await line.perform('agentReady', { confirm: 'completed' })).outcome, 'completed')
    assert.equal(sim.pbx.agentState('agent-bob'), 'ready')
  })

  it('tells an own call once, by the agent\'s half, and one of a colleague by the supervisor\'s', async () => {
    const own = sim.pbx.inbound({ from: '+12025550199', to: '1002' })
    await line.event('call.ringing')
    sim.pbx.answer(own?.key ?? '')
    await line.event('call.answered')
    sim.pbx.release(own?.key ?? '')
    await line.event('call.ended')
    assert.deepEqual(line.calls(), ['call.ringing', 'call.answered', 'call.ended'])
    assert.ok(line.events.filter(({ call }) => call !== undefined).every(({ call }) => call?.vendorId !== undefined && call.remote?.number === '2025550199'))
    const from = line.events.length
    sim.pbx.signIn('agent-erin', { routing: 'ready' })
    const other = sim.pbx.inbound({ from: '+12025550199', to: '1004' })
    await line.event('call.ringing', from)
    sim.pbx.answer(other?.key ?? '')
    const answered = await line.event('call.answered', from)
    assert.deepEqual([answered.call?.owner.name, answered.call?.vendorId, answered.call?.remote?.name], ['Erin Novak', undefined, 'Carol Diaz'])
  })
})
