import assert from 'node:assert/strict'
import { ExampleRun } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

describe('example: click to dial', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '07 Click to dial')
  })
  after(async () => { await red?.stop() })

  const post = (body: string, type: string): Promise<Response> => fetch(`${red.url}/cti-demo/calls`, { method: 'POST', headers: { 'Content-Type': type }, body })
  const FORM = 'application/x-www-form-urlencoded'
  async function asked (button: string): Promise<{ status: number; answer: { outcome: string; code?: string; call?: string; message: string } }> {
    await run.press(button)
    const { msg } = await red.comms.until('the answer', () => run.shown.find(({ debug }) => debug === 'answer of the endpoint'))
    return { status: msg.statusCode as number, answer: msg.payload as { outcome: string; message: string } }
  }
  async function liftAndHangUp (): Promise<void> {
    await run.press('Alice lifts the phone')
    await run.event('call.remoteRinging')
    await run.press('Alice hangs up')
    await run.event('call.ended')
  }

  it('opens a page that calls nobody by itself', async () => {
    const response = await fetch(`${red.url}/cti-demo/dial?to=${encodeURIComponent('+12025550199')}`)
    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type') ?? '', /text\/html/)
    assert.match(await response.text(), /<form method="post" action="calls">[^]*value="(\+|&#x2B;|&#43;)12025550199"/)
    assert.deepEqual(run.shown, [])
  })

  it('puts nothing of the link into the page as HTML', async () => {
    const page = await (await fetch(`${red.url}/cti-demo/dial?to=${encodeURIComponent('"><script>alert(1)</script>')}`)).text()
    assert.doesNotMatch(page, /<script/)
  })

  it('calls at a press of the button, and answers with a sentence', async () => {
    const response = await post(`to=${encodeURIComponent('+1 (202) 555-0199')}`, FORM)
    assert.equal(response.status, 202)
    assert.match(response.headers.get('content-type') ?? '', /text\/plain/)
    assert.equal(await response.text(), 'Your phone rings. Lift it, and +12025550199 is called.')
    await run.event('call.originated')
    await liftAndHangUp()
  })

  it('calls for a program, and answers with the call', async () => {
    const { status, answer } = await asked('call Carol')
    assert.equal(status, 202)
    assert.equal(answer.outcome, 'accepted')
    const { msg } = await run.event('call.originated')
    assert.equal((msg.payload as { call: { id: string } }).call.id, answer.call)
    await liftAndHangUp()
  })

  it('refuses what is no number, and calls nobody', async () => {
    const { status, answer } = await asked('no number at all')
    assert.equal(status, 400)
    assert.equal(answer.outcome, 'refused')
    for (const [body, type] of [['{}', 'application/json'], ['to=<b>1</b>', FORM]]) assert.equal((await post(body!, type!)).status, 400)
    assert.equal(run.shown.some(({ msg }) => msg.topic === 'call.originated'), false)
  })

  it('answers 503 with a reason when the system is down', async () => {
    await run.press('the system is down once')
    await run.see('the fault', ({ debug }) => debug === 'simulator says')
    const { status, answer } = await asked('call Carol')
    assert.equal(status, 503)
    assert.equal(answer.code, 'CTI_UNAVAILABLE')
    assert.match(answer.message, /status 503/)
  })

  it('logs no error', () => assert.doesNotMatch(red.log, /\[error\]/))
})
