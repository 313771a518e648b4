import assert from 'node:assert/strict'
import { ExampleRun } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

describe('example: own requests', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '02 Own requests')
  })
  after(async () => { await red?.stop() })

  for (const button of ['profile of Alice', 'directory', 'services']) {
    it(`shows the reply to "${button}"`, async () => {
      await run.press(button)
      const { msg } = await run.result('request')
      const { data } = msg.payload as { data: { status: number; body: unknown } }
      assert.equal(data.status, 200)
      assert.equal(typeof data.body, 'object')
    })
  }

  for (const [button, enabled] of [['do not disturb on', true], ['do not disturb off', false]] as const) {
    it(`hears of "${button}" as an event`, async () => {
      await run.press(button)
      await run.result('request')
      const { msg } = await run.event('dnd.changed')
      assert.equal((msg.payload as { dnd: { enabled: boolean } }).dnd.enabled, enabled)
    })
  }
})
