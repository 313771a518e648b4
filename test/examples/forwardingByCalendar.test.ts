import assert from 'node:assert/strict'
import { ExampleRun } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

interface Rule { enabled: boolean; to?: string }

describe('example: forwarding by calendar', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '10 Forwarding by calendar')
  })
  after(async () => { await red?.stop() })

  /** Presses and gives the rule that a debug node shows. */
  async function rule (button: string, debug: string): Promise<Rule> {
    await run.press(button)
    const { msg } = await run.see(debug, (shown) => shown.debug === debug)
    const { enabled, to } = (msg.payload as { forwarding: { rules: { always: Rule } } }).forwarding.rules.always
    return { enabled, ...(to === undefined ? {} : { to }) }
  }
  async function enter (button: string): Promise<void> {
    await run.press(button)
    await run.see('the calendar', ({ debug }) => debug === 'in the calendar')
  }
  const now = (): Promise<Rule> => rule('forwarding now', 'forwarding')

  it('sets nothing while the calendar is empty', async () => {
    assert.deepEqual(await rule('look now', 'as it should be'), { enabled: false })
  })

  it('forwards the calls of somebody who is away, once', async () => {
    await enter('Alice is out of the office')
    assert.deepEqual(await rule('look now', 'changed'), { enabled: true, to: '1002' })
    const { msg } = await run.event('forwarding.changed')
    assert.equal((msg.payload as { user: { id: string } }).user.id, 'alice@example.com')
    assert.deepEqual(await now(), { enabled: true, to: '1002' })
    await rule('every five minutes', 'as it should be')
    assert.equal(run.shown.some(({ msg: { topic } }) => topic === 'forwarding.changed'), false)
  })

  it('ends it when she is back', async () => {
    await enter('Alice is back')
    assert.equal((await rule('look now', 'changed')).enabled, false)
    assert.equal((await now()).enabled, false)
  })

  it('takes a meeting for no absence', async () => {
    await enter('Alice is in a meeting')
    assert.equal((await rule('look now', 'as it should be')).enabled, false)
  })

  it('leaves alone what she set herself, here or away', async () => {
    assert.deepEqual(await rule('Alice forwards to Erin herself', 'set by hand'), { enabled: true, to: '1004' })
    assert.deepEqual(await rule('look now', 'as it should be'), { enabled: true, to: '1004' })
    await enter('Alice is out of the office')
    assert.deepEqual(await rule('look now', 'as it should be'), { enabled: true, to: '1004' })
    assert.equal((await rule('forward no more', 'set by hand')).enabled, false)
  })

  it('logs no error', () => assert.doesNotMatch(red.log, /\[error\]/))
})
