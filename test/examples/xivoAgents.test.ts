import assert from 'node:assert/strict'
import { ExampleRun, type Shown } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

interface Line { agent: string; state: string; pausedIn: string[] }

describe('example: XiVO agents', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '01 Agent login and pause')
  })
  after(async () => { await red?.stop() })

  /** The panel's line of an agent, once it looks so. */
  function panel (agent: string, fits: (line: Line) => boolean): Promise<Shown> {
    return run.see(`${agent} in the panel`, ({ debug, msg }) => debug === 'panel' && (msg.payload as Line[]).some((line) => line.agent === agent && fits(line)))
  }

  const DAY: [string, string, string, (line: Line) => boolean][] = [
    ['Bob logs in', 'agentLogin', 'agent.loggedIn', ({ state }) => state === 'ready'],
    ['a break', 'agentNotReady', 'agent.notReady', ({ state, pausedIn }) => state === 'notReady' && pausedIn.includes('Support')],
    ['back again', 'agentReady', 'agent.ready', ({ state, pausedIn }) => state === 'ready' && pausedIn.length === 0],
    ['out of Support only', 'agentNotReady', 'agent.updated', ({ pausedIn }) => pausedIn.includes('Support')],
    ['back in Support', 'agentReady', 'agent.updated', ({ pausedIn }) => pausedIn.length === 0],
    ['Bob logs out', 'agentLogout', 'agent.loggedOut', ({ state }) => state === 'loggedOut']
  ]
  for (const [button, action, event, fits] of DAY) {
    it(`shows the effect of "${button}" as result, event and line of the panel`, async () => {
      await run.press(button)
      const { msg } = await run.result(action)
      assert.equal((msg.payload as { outcome: string }).outcome, 'completed')
      await run.event(event)
      await panel('Bob Keller', fits)
    })
  }

  it('fills the panel with all agents for "who is there"', async () => {
    await run.press('who is there')
    const { msg } = await panel('Erin Novak', ({ state }) => state === 'loggedOut')
    assert.equal((msg.payload as Line[]).length, 3)
  })

  it('fills the drop-downs of its dialogs with what the server has', async () => {
    const list = (name: string): Promise<{ id: string; label: string }[]> => red.get(`/cti/cvagacc/${name}`)
    const labels = async (name: string): Promise<string[]> => (await list(name)).map(({ label }) => label)
    assert.ok((await labels('users')).includes('Alice Martin (1001)'))
    assert.deepEqual((await labels('agents')).sort(), ['Bob Keller (1002)', 'Erin Novak (1004)', 'Frank Lindqvist (1005)'])
    assert.deepEqual(await list('queues'), [{ id: 'queue:xivo/2', label: 'Support (1050)', number: '1050' }, { id: 'queue:xivo/3', label: 'Billing (1060)', number: '1060' }])
    assert.ok((await list('reasonCodes')).some(({ id }) => id === 'away'))
    const capabilities = await red.get<Record<string, { can: boolean; why?: string }>>('/cti/cvagacc/capabilities')
    assert.deepEqual([capabilities.transfer?.can, capabilities.sendDtmf?.can, typeof capabilities.sendDtmf?.why], [true, false, 'string'])
  })

  it('tests the connection of its account', async () => {
    const properties = run.nodes.find(({ id }) => id === 'cvagacc')
    const answer = JSON.parse(await red.request('POST', '/cti/cvagacc/test', { type: 'cti-xivo-account', properties, credentials: {} })) as { ok: boolean; message?: string }
    assert.equal(answer.ok, true, answer.message)
  })
})
