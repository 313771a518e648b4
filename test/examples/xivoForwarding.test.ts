import assert from 'node:assert/strict'
import { ExampleRun } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

type Rules = Record<string, { enabled: boolean; to?: string }>

describe('example: XiVO forwarding', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '03 Forwarding by a button')
  })
  after(async () => { await red?.stop() })

  const rulesOf = (payload: unknown): Rules => (payload as { forwarding: { rules: Rules } }).forwarding.rules

  const CHANGES: [string, (rules: Rules) => unknown, unknown][] = [
    ['all calls to Bob', ({ always }) => always, { enabled: true, to: '1002' }],
    ['no more', ({ always }) => always?.enabled, false],
    ['when busy to Erin', ({ busy }) => busy, { enabled: true, to: '1004' }]
  ]
  for (const [button, pick, expected] of CHANGES) {
    it(`tells of the change after "${button}"`, async () => {
      await run.press(button)
      const result = await run.result('setForwarding')
      const { msg } = await run.event('forwarding.changed')
      assert.deepEqual(pick(rulesOf(msg.payload)), expected)
      assert.equal((result.msg.payload as { outcome: string }).outcome, 'completed')
    })
  }

  it('reads all conditions for "how it is"', async () => {
    await run.press('how it is')
    const { msg } = await run.result('getForwarding')
    const { always, busy, noAnswer } = rulesOf(msg.payload)
    assert.deepEqual([always?.enabled, busy?.enabled, noAnswer?.enabled], [false, true, false])
  })

  for (const [button, enabled] of [['do not disturb', true], ['disturb again', false]] as const) {
    it(`tells of the change after "${button}"`, async () => {
      await run.press(button)
      await run.result('setDnd')
      const { msg } = await run.event('dnd.changed')
      assert.equal((msg.payload as { dnd: { enabled: boolean } }).dnd.enabled, enabled)
    })
  }
})
