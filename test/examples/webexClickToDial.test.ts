import assert from 'node:assert/strict'
import { ExampleRun } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

describe('example: Webex click to dial', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '02 Click to dial')
  })
  after(async () => { await red?.stop() })

  async function ask (button: string): Promise<{ status: string; body: { outcome: string; call?: string; message: string } }> {
    await run.press(button)
    const { msg } = await run.see('the answer', ({ debug }) => debug === 'the answer')
    return { status: String(msg.topic), body: msg.payload as { outcome: string; message: string } }
  }

  for (const button of ['call Carol', 'call Carol from the desk phone']) {
    it(`"${button}" rings her own phone, then Carol's, until she hangs up`, async () => {
      const { status, body } = await ask(button)
      assert.equal(status, '202')
      const { msg } = await run.event('call.answered')
      const { call } = msg.payload as { call: { id: string; to: { number: string } } }
      assert.equal(call.id, body.call)
      assert.match(call.to.number, /2025550199$/)
      await run.press('hang up')
      await run.event('call.ended')
    })
  }

  it('asks for a number, and says which phones there are', async () => {
    assert.equal((await ask('no number at all')).status, '400')
    const { status, body } = await ask('a phone that is not hers')
    assert.equal(status, '400')
    assert.match(body.message, /No such phone\. Possible: .+/)
  })

  it('has a page with her phones, on which nothing of the link is taken for HTML', async () => {
    const page = await (await fetch(`${red.url}/cti-demo/webex/dial?to=%3Cb%3E12025550199`)).text()
    assert.ok((page.match(/<option/g) ?? []).length >= 3, page)
    assert.ok(!page.includes('<b>12025550199'), page)
  })

  it('logs no error', () => assert.doesNotMatch(red.log, /\[error\]/))
})
