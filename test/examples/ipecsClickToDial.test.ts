import assert from 'node:assert/strict'
import { ExampleRun } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

describe('example: iPECS click to dial', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '04 Click to dial')
  })
  after(async () => { await red?.stop() })

  const post = (body: string, type: string): Promise<Response> => fetch(`${red.url}/cti-demo/ipecs-calls`, { method: 'POST', headers: { 'Content-Type': type }, body })
  async function asked (button: string): Promise<{ status: number; answer: { outcome: string; code?: string; call?: string; message: string } }> {
    await run.press(button)
    const { msg } = await red.comms.until('the answer', () => run.shown.find(({ debug }) => debug === 'answer of the endpoint'))
    return { status: msg.statusCode as number, answer: msg.payload as { outcome: string; message: string } }
  }
  async function hangUp (): Promise<void> {
    await run.press('hang up')
    await run.result('hangup')
    await run.event('call.ended')
  }

  it('opens a page that calls nobody by itself, and takes nothing of the link for HTML', async () => {
    const page = await (await fetch(`${red.url}/cti-demo/ipecs-dial?to=${encodeURIComponent('"><script>2025550199')}`)).text()
    assert.match(page, /<form method="post" action="ipecs-calls">/)
    assert.doesNotMatch(page, /<script/)
    assert.deepEqual(run.shown, [])
  })

  it('calls at a press of the button, and answers with a sentence', async () => {
    const response = await post('to=202-555-0199', 'application/x-www-form-urlencoded')
    assert.equal(response.status, 202)
    assert.equal(await response.text(), '1001 calls 2025550199.')
    await run.event('call.answered')
    await hangUp()
  })

  it('calls for a program, and answers with the call', async () => {
    const { status, answer } = await asked('dial Carol')
    assert.equal(status, 202)
    const { msg } = await run.event('call.originated')
    assert.equal((msg.payload as { call: { id: string } }).call.id, answer.call)
    await run.event('call.answered')
    await hangUp()
  })

  it('calls a colleague without the prefix', async () => {
    assert.equal((await asked('dial a colleague')).status, 202)
    const { msg } = await run.event('call.ringing')
    assert.equal((msg.payload as { call: { owner: { number: string } } }).call.owner.number, '1003')
    await hangUp()
  })

  it('refuses what is no number, and an extension that the switch does not have', async () => {
    assert.equal((await asked('no number at all')).status, 400)
    const { status, answer } = await asked('no such extension')
    assert.deepEqual([status, answer.code], [404, 'CTI_NOT_FOUND'])
    assert.equal((await post('{"to":"<b>1</b>"}', 'application/json')).status, 400)
  })

  it('logs no error', () => assert.doesNotMatch(red.log, /\[error\]/))
})
