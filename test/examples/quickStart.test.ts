import assert from 'node:assert/strict'
import { ExampleRun } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

describe('example: quick start', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '01 Quick start')
  })
  after(async () => { await red?.stop() })

  const leg = (shown: { msg: { payload?: unknown } }): { id: string; state: string; direction: string; from?: { number?: string; name?: string } } =>
    (shown.msg.payload as { call: { id: string; state: string; direction: string } }).call

  it('rings at a press of the button, and shows the event with the caller and the vendor\'s own message', async () => {
    await run.press('ring me')
    const ringing = await run.event('call.ringing')
    assert.equal(leg(ringing).state, 'ringing')
    assert.equal(leg(ringing).direction, 'inbound')
    assert.match(leg(ringing).from?.number ?? '', /2025550199$/)
    assert.equal(typeof ringing.msg.vendorEvent, 'object')
  })

  it('answers, holds, resumes', async () => {
    for (const [button, action, event] of [['answer', 'answer', 'call.answered'], ['hold', 'hold', 'call.held'], ['resume', 'resume', 'call.resumed']]) {
      await run.press(button)
      await run.result(action)
      await run.event(event)
    }
  })

  it('transfers to Bob', async () => {
    await run.press('transfer to Bob')
    await run.result('transfer')
    await run.event('call.transferred')
    await run.event('call.ended')
  })

  it('hangs up', async () => {
    await run.press('ring me')
    await run.event('call.ringing')
    await run.press('answer')
    await run.event('call.answered')
    await run.press('hang up')
    await run.result('hangup')
    await run.event('call.ended')
  })

  it('places a call that Carol answers', async () => {
    await run.press('call Carol')
    await run.result('originate')
    await run.event('call.originated')
    await run.press('hang up')
    await run.event('call.ended')
  })

  it('shows what is wrong when there is nothing to answer', async () => {
    await run.press('answer')
    const problem = await run.see('an error', ({ msg }) => msg.error !== undefined)
    assert.match(problem.msg.error?.code ?? '', /^CTI_(NOT_FOUND|CONFLICT)$/)
  })
})
