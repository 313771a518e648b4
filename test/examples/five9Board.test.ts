import assert from 'node:assert/strict'
import { ExampleRun, type Shown } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

interface Line { agent: string; state: string; reason: string; customer: string; handled: number }

describe('example: Five9 agent board', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '04 Agent board')
  })
  after(async () => { await red?.stop() })

  /** Bob's line of the board, once it looks so. */
  const bob = (what: string, fits: (line: Line) => boolean): Promise<Shown> => run.see(`Bob ${what}`, ({ debug, msg }) => debug === 'board' && (msg.payload as Line[]).some((line) => line.agent === 'Bob Keller' && fits(line)))

  it('fills the board with everybody', async () => {
    await run.press('who is there')
    const { msg } = await bob('not ready', ({ state }) => state === 'notReady')
    const lines = msg.payload as Line[]
    assert.deepEqual(lines.map(({ agent }) => agent).sort(), ['Bob Keller', 'Erin Novak', 'Frank Lindqvist'])
    assert.equal(lines.find(({ agent }) => agent === 'Erin Novak')?.state, 'loggedOut')
  })

  it('follows an agent on a break, into a call, and through the work after it', async () => {
    await run.press('Bob has lunch')
    await bob('has lunch', ({ state, reason }) => state === 'notReady' && reason === 'Lunch')
    await run.press('Bob is ready')
    await bob('ready', ({ state, reason }) => state === 'ready' && reason === '')
    await run.press('Carol calls Support')
    await bob('is rung', ({ state, customer }) => state === 'busy' && customer === 'Carol Diaz')
    await run.press('Bob picks up')
    await run.event('call.answered')
    await run.press('Bob hangs up')
    await bob('finishes', ({ state, customer }) => state === 'wrapUp' && customer === '')
    await run.press('a sale')
    await bob('ready again, with one call', ({ state, handled }) => state === 'ready' && handled === 1)
  })

  it('shows what the supervisor does to him', async () => {
    await run.press('a meeting, says the supervisor')
    await run.result('agentNotReady')
    await bob('in a meeting', ({ state, reason }) => state === 'notReady' && reason === 'Meeting')
  })

  it('is a page as well', async () => {
    await run.press('look at the page')
    const { msg } = await run.see('the page', ({ debug }) => debug === 'the page as text')
    assert.match(String(msg.payload), /<tr class="notReady"><td>Bob Keller<\/td><td>notReady<\/td><td>\d\d:\d\d:\d\d<\/td><td>Meeting<\/td><td><\/td><td>1<\/td><\/tr>/)
    assert.doesNotMatch(String(msg.payload), /connection lost/)
  })

  it('logs no error', () => assert.doesNotMatch(red.log, /\[error\]/))
})
