import assert from 'node:assert/strict'
import { ExampleRun } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'
import { EXAMPLES } from '../support/sets'

interface Agent { id: string; state: string; reason?: { id: string } }

describe('example: agent pause at lunch', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '09 Agent pause at lunch')
  })
  after(async () => { await red?.stop() })

  const agentOf = (payload: unknown): string | undefined => (payload as { agent?: Agent } | undefined)?.agent?.id
  /** Presses and waits until that many agents went through. */
  async function press (button: string, agents: string[], debug = 'done'): Promise<void> {
    await run.press(button)
    await run.see(`${agents.join(' and ')} at ${debug}`, () => agents.every((agent) => run.shown.some((shown) => shown.debug === debug && agentOf(shown.msg.payload) === agent)))
  }
  async function now (): Promise<string[]> {
    await run.press('agents now')
    const { msg } = await run.see('the agents', ({ debug }) => debug === 'agents')
    return (msg.payload as Agent[]).map(({ id, state, reason }) => `${id.split('@')[0]} ${state}${reason === undefined ? '' : ` ${reason.id}`}`)
  }
  const BOB = 'bob@example.com'
  const ERIN = 'erin@example.com'

  it('has agents who log in', async () => {
    await press('both log in', [BOB, ERIN], 'logged in')
    assert.deepEqual(await now(), ['bob ready', 'erin ready'])
  })

  it('sends both to lunch and calls them back', async () => {
    await press('lunch now', [BOB, ERIN])
    assert.deepEqual(await now(), ['bob notReady LUNCH', 'erin notReady LUNCH'])
    await press('back now', [BOB, ERIN])
    assert.deepEqual(await now(), ['bob ready', 'erin ready'])
  })

  it('does the same by the clock', async () => {
    const clock = EXAMPLES.find(({ file }) => file.includes('09 Agent'))?.nodes.filter(({ crontab }) => crontab).map(({ name, crontab }) => `${name}: ${String(crontab)}`)
    assert.deepEqual(clock, ['lunch, Monday to Friday 12:00: 00 12 * * 1,2,3,4,5', 'back, Monday to Friday 13:00: 00 13 * * 1,2,3,4,5'])
    await press('lunch, Monday to Friday 12:00', [BOB, ERIN])
    assert.deepEqual(await now(), ['bob notReady LUNCH', 'erin notReady LUNCH'])
    await press('back, Monday to Friday 13:00', [BOB, ERIN])
    assert.deepEqual(await now(), ['bob ready', 'erin ready'])
  })

  it('leaves a break alone that is an agent\'s own', async () => {
    await press('Erin takes a break', [ERIN], 'break')
    await press('lunch now', [BOB])
    assert.deepEqual(await now(), ['bob notReady LUNCH', 'erin notReady BREAK'])
    await press('back now', [BOB])
    assert.deepEqual(await now(), ['bob ready', 'erin notReady BREAK'])
  })

  it('logs no error', () => assert.doesNotMatch(red.log, /\[error\]/))
})
