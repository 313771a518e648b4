import assert from 'node:assert/strict'
import { ExampleRun } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

interface Answer { outcome: string; code?: string; call?: string; message: string; disposition?: { name: string }; dispositions?: { name: string }[] }

describe('example: Five9 click to dial', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '03 Click to dial with disposition')
  })
  after(async () => { await red?.stop() })

  const form = (path: string, body: string): Promise<Response> => fetch(`${red.url}/cti-demo/${path}`, { method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body })
  async function asked (button: string): Promise<{ status: number; answer: Answer }> {
    await run.press(button)
    const { msg } = await red.comms.until('the answer', () => run.shown.find(({ debug }) => debug === 'answer of the endpoint'))
    return { status: msg.statusCode as number, answer: msg.payload as Answer }
  }

  it('opens a page that calls nobody by itself, and takes nothing of the link for HTML', async () => {
    const page = await (await fetch(`${red.url}/cti-demo/five9-dial?to=${encodeURIComponent('"><script>2025550199')}`)).text()
    assert.match(page, /<form method="post" action="five9-calls">/)
    assert.doesNotMatch(page, /<script/)
    assert.deepEqual(run.shown, [])
  })

  it('calls for a program in the campaign, and ends the call with a disposition as one step', async () => {
    const { status, answer } = await asked('dial Carol')
    assert.equal(status, 202)
    assert.deepEqual(answer.dispositions?.map(({ name }) => name), ['Sale', 'No sale', 'Call back'])
    const { call } = (await run.event('call.originated')).msg.payload as { call: { id: string; campaign?: { name: string } } }
    assert.deepEqual([call.id, call.campaign?.name], [answer.call, 'Outbound'])
    await run.event('call.answered')
    const wrong = await asked('a disposition that is not there')
    assert.deepEqual([wrong.status, wrong.answer.code], [404, 'CTI_NOT_FOUND'])
    assert.ok(!run.shown.some(({ msg }) => msg.topic === 'call.ended'), 'the call goes on')
    const sold = await asked('a sale')
    assert.deepEqual([sold.status, sold.answer.message], [200, 'The call is over: Sale.'])
    await run.event('call.ended')
    const disposed = (await run.event('call.disposition')).msg.payload as { call: { id: string; disposition: { name: string } } }
    assert.deepEqual([disposed.call.id, disposed.call.disposition.name], [answer.call, 'Sale'])
  })

  it('calls at a press of the button, and offers the dispositions as buttons', async () => {
    const response = await form('five9-calls', 'to=202-555-0199')
    assert.equal(response.status, 202)
    const page = await response.text()
    const [, call = ''] = /name="call" value="([^"]+)"/.exec(page) ?? []
    const [, disposition = ''] = /value="(\d+)">No sale</.exec(page) ?? []
    assert.ok(call !== '' && disposition !== '', page)
    await run.event('call.answered')
    // Mustache writes some letters of the id as HTML does.
    const ended = await form('five9-dispositions', `call=${encodeURIComponent(call.replace(/&#x2F;/g, '/'))}&disposition=${disposition}`)
    assert.deepEqual([ended.status, await ended.text()], [200, 'The call is over: No sale.'])
    await run.event('call.disposition')
  })

  it('refuses what is no number', async () => {
    const { status, answer } = await asked('no number at all')
    assert.deepEqual([status, answer.outcome], [400, 'refused'])
  })
})
