import assert from 'node:assert/strict'
import { ExampleRun, type Shown } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

const payload = ({ msg }: Shown): { event?: string; resynced?: boolean; connection?: { downMs?: number } } => msg.payload as { event?: string }

describe('example: faults and reconnection', function () {
  this.timeout(90000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '03 Faults and reconnection')
  })
  after(async () => { await red?.stop() })

  const names = (): string[] => run.shown.flatMap((shown) => payload(shown).event ?? [])

  it('rings and is answered', async () => {
    await run.press('ring Alice')
    await run.event('call.ringing')
    await run.press('pick up')
    await run.event('call.answered')
  })

  it('comes back after the line was cut, and tells nothing twice', async () => {
    await run.press('cut the line')
    await run.event('connection.offline')
    const online = await run.event('connection.online', 20000)
    assert.ok((payload(online).connection?.downMs ?? 0) > 0)
    assert.deepEqual(names().filter((name) => name.startsWith('call.')), [])
  })

  it('tells after the gap what happened in it', async () => {
    await run.press('away for 3 seconds')
    await run.event('connection.offline')
    await red.press(run.node('hang up meanwhile', 'inject').id)
    const ended = await run.event('call.ended', 30000)
    assert.equal(payload(ended).resynced, true)
    await run.event('connection.online', 20000)
  })

  it('tells a repeated event once', async () => {
    await run.press('every event twice')
    await run.see('the fault', ({ debug }) => debug === 'simulator says')
    await run.press('ring Alice')
    await run.event('call.ringing')
    await red.press(run.node('pick up', 'inject').id)
    await run.event('call.answered')
    assert.equal(names().filter((name) => name === 'call.ringing').length, 1)
    assert.equal(names().filter((name) => name === 'call.answered').length, 1)
    await run.press('all is well again')
    await run.see('no fault', ({ debug }) => debug === 'simulator says')
  })

  it('shows a refused request as an error', async () => {
    await run.press('a refused request')
    await run.see('the fault', ({ debug }) => debug === 'simulator says')
    await run.press('hold')
    const problem = await run.see('an error', ({ msg }) => msg.error !== undefined)
    assert.equal(problem.msg.error?.code, 'CTI_UNAVAILABLE')
    await run.press('hold')
    await run.result('hold')
    await run.event('call.held')
  })

  it('lists what is there now', async () => {
    await run.press('what is there now')
    const { msg } = await run.see('the state', ({ debug }) => debug === 'simulator says')
    assert.equal((msg.payload as { calls: unknown[] }).calls.length, 2)
  })
})
