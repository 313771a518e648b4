import assert from 'node:assert/strict'
import { ExampleRun } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

interface Rule { enabled: boolean; to?: string }

describe('example: Webex forward when away', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '03 Forward when away')
  })
  after(async () => { await red?.stop() })

  async function rule (button: string, debug: string): Promise<[boolean, string | undefined]> {
    await run.press(button)
    const { msg } = await run.see(debug, (shown) => shown.debug === debug, 12000)
    const { enabled, to } = (msg.payload as { forwarding: { rules: { always: Rule } } }).forwarding.rules.always
    return [enabled, to]
  }

  it('forwards while she is out of office, and calls go there', async () => {
    assert.deepEqual(await rule('Alice is out of office', 'forwarding is'), [true, '1002'])
    await run.press('Carol calls Alice')
    const { msg } = await run.see('the call', ({ debug }) => debug === 'simulator says')
    const { reached, party } = msg.payload as { reached: boolean; party: { userKey?: string; number?: string } }
    assert.deepEqual([reached, party.userKey], [true, 'bob'])
    await run.press('hang up')
    await run.see('the end', ({ debug }) => debug === 'simulator says')
  })

  it('puts back what was set: nothing', async () => {
    const [enabled] = await rule('Alice is back', 'forwarding is')
    assert.equal(enabled, false)
    assert.equal((await rule('how it is set', 'set now'))[0], false)
  })

  it('puts back what was set: an own forwarding', async () => {
    assert.deepEqual(await rule('forward by hand', 'set by hand'), [true, '1003'])
    assert.deepEqual(await rule('Alice is out of office', 'forwarding is'), [true, '1002'])
    assert.deepEqual(await rule('Alice is back', 'forwarding is'), [true, '1003'])
    assert.equal((await rule('no forwarding', 'set by hand'))[0], false)
  })

  it('logs no error', () => assert.doesNotMatch(red.log, /\[error\]/))
})
