import assert from 'node:assert/strict'
import { ExampleRun } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

interface Pair { event: string; correlationId: string; first: string; second: string }

describe('example: XSI with a Webex token', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '06 XSI with a Webex token')
  })
  after(async () => { await red?.stop() })

  const ids = new Set<string>()
  for (const [button, event] of [['Carol calls', 'call.ringing'], ['Alice picks up', 'call.answered'], ['hold by XSI', 'call.held'], ['resume by Webex', 'call.resumed'], ['hang up by XSI', 'call.ended']] as const) {
    it(`both tell ${event} of the same call`, async () => {
      await run.press(button)
      const { msg } = await run.see('the pair', ({ debug, msg: { payload } }) => debug === 'the same call' && (payload as Pair).event === event)
      const { correlationId, first, second } = msg.payload as Pair
      assert.match(correlationId, /^[0-9a-f]{8}-/)
      assert.deepEqual([first, second].sort(), ['webex', 'xsi'])
      ids.add(correlationId)
    })
  }

  it('was one call all the time', () => assert.equal(ids.size, 1))

  it('logs no error', () => assert.doesNotMatch(red.log, /\[error\]/))
})
