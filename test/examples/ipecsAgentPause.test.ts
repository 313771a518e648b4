import assert from 'node:assert/strict'
import { ExampleRun } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

interface Line { agent: string; state: string; reason: string; phone: string; groups: string[] }

describe('example: iPECS agent pause', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '03 Agent pause')
  })
  after(async () => { await red?.stop() })

  const bob = (fits: (line: Line) => boolean): ReturnType<ExampleRun['see']> =>
    run.see('Bob in the panel', ({ debug, msg }) => debug === 'panel' && (msg.payload as Line[]).some((line) => line.phone === '1002' && fits(line)))

  const DAY: [string, string, string, (line: Line) => boolean][] = [
    ['Bob logs in', 'agentLogin', 'agent.loggedIn', ({ state, groups }) => state === 'ready' && groups.join() === 'Support'],
    ['lunch', 'agentNotReady', 'agent.notReady', ({ state, reason }) => state === 'notReady' && reason === 'lunch'],
    ['back', 'agentReady', 'agent.ready', ({ state, reason }) => state === 'ready' && reason === ''],
    ['a meeting', 'agentNotReady', 'agent.notReady', ({ state, reason }) => state === 'notReady' && reason === 'meeting'],
    ['back again', 'agentReady', 'agent.ready', ({ state }) => state === 'ready'],
    ['Bob logs out', 'agentLogout', 'agent.loggedOut', ({ state }) => state === 'loggedOut']
  ]
  for (const [button, action, event, fits] of DAY) {
    it(`shows the effect of "${button}" as result, event and line of the panel`, async () => {
      await run.press(button)
      const { msg } = await run.result(action)
      assert.equal((msg.payload as { outcome: string }).outcome, 'completed')
      await run.event(event)
      await bob(fits)
    })
  }

  it('tells who is there, and which reasons the switch takes', async () => {
    await run.press('who is there')
    await bob(({ state }) => state === 'loggedOut')
    await run.press('the reasons')
    const { msg } = await run.see('the reasons', ({ debug }) => debug === 'results')
    assert.deepEqual((msg.payload as { id: string }[]).map(({ id }) => id), ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#'])
  })

  it('fills the drop-downs of its dialogs with what the switch has', async () => {
    const list = (name: string): Promise<{ id: string; label: string }[]> => red.get(`/cti/cpapacc/${name}`)
    assert.ok((await list('users')).some(({ id }) => id.endsWith('1002') || id === '1002'))
    assert.ok((await list('queues')).some(({ label }) => label.includes('Support')))
    const capabilities = await red.get<Record<string, { can: boolean; why?: string }>>('/cti/cpapacc/capabilities')
    assert.deepEqual([capabilities.agentNotReady?.can, capabilities.setDisposition?.can], [true, false])
  })

  it('logs no error', () => assert.doesNotMatch(red.log, /\[error\]/))
})
