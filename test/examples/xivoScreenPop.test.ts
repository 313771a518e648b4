import assert from 'node:assert/strict'
import { ExampleRun } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

describe('example: XiVO screen pop', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '02 Screen pop from a call form')
  })
  after(async () => { await red?.stop() })
  const pops = (): unknown[] => run.shown.filter(({ debug }) => debug === 'screen pop').map(({ msg }) => msg.payload)

  it('pops up with the caller at the press of "ring me", and the neutral event knows the same', async () => {
    await run.press('ring me')
    const { msg } = await run.see('the pop-up', ({ debug }) => debug === 'screen pop')
    const { title, number, called, open } = msg.payload as Record<string, string>
    assert.deepEqual([title, number, called], ['Carol Diaz', '+12025550199', 'Alice Martin'])
    assert.equal(open, 'https://crm.example.com/find?number=%2B12025550199')
    const ringing = await run.event('call.ringing')
    const { call } = ringing.msg.payload as { call: { from: { name: string; number: string }; data: Record<string, string> } }
    assert.deepEqual([call.from.name, call.from.number, call.data['xivo-where']], ['Carol Diaz', '+12025550199', 'dial'])
    const legs = run.shown.filter((shown) => shown.msg.topic === 'call.ringing').map((shown) => (shown.msg.payload as { call: { id: string } }).call.id)
    assert.deepEqual(legs, [...new Set(legs)], 'each phone of Alice rings once')
  })

  it('does not pop up again when the phone is lifted and the call ends', async () => {
    await run.press('Alice lifts')
    await run.event('call.answered')
    await run.see('the form of the answer', ({ msg }) => msg.topic === 'vendor.sheet')
    assert.deepEqual(pops(), [])
    await run.press('hang up')
    await run.result('hangup')
    await run.event('call.ended')
    assert.deepEqual(pops(), [])
  })
})
