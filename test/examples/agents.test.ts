import assert from 'node:assert/strict'
import { ExampleRun } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

describe('example: agents and forwarding', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '04 Agents and forwarding')
  })
  after(async () => { await red?.stop() })

  const AGENT_DAY = [['Bob logs in', 'agentLogin', 'agent.loggedIn'], ['ready', 'agentReady', 'agent.ready'], ['a short break', 'agentNotReady', 'agent.notReady'], ['logs out', 'agentLogout', 'agent.loggedOut']]
  for (const [button, action, event] of AGENT_DAY) {
    it(`tells ${event} after "${button}"`, async () => {
      await run.press(button)
      await run.result(action)
      await run.event(event)
    })
  }

  for (const [button, enabled] of [['forward Alice to Bob', true], ['forward no more', false]] as const) {
    it(`tells of the change after "${button}"`, async () => {
      await run.press(button)
      await run.result('setForwarding')
      const { msg } = await run.event('forwarding.changed')
      const { forwarding } = msg.payload as { forwarding: { rules: { always: { enabled: boolean } } } }
      assert.equal(forwarding.rules.always.enabled, enabled)
    })
  }

  for (const [button, name] of [['who works here', 'Alice Martin'], ['search for Keller', 'Bob Keller']]) {
    it(`lists ${name} for "${button}"`, async () => {
      await run.press(button)
      const { msg } = await run.see('a list', ({ debug, msg }) => debug === 'results' && Array.isArray(msg.payload))
      assert.ok((msg.payload as { name?: string }[]).some((item) => item.name === name), JSON.stringify(msg.payload))
      assert.equal(typeof (msg.cti as { tookMs: number }).tookMs, 'number')
    })
  }
})
