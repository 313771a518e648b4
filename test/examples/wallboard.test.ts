import assert from 'node:assert/strict'
import { ExampleRun } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

interface View { stale: boolean; calls: { state: string; owner: { kind: string; name?: string } }[]; agents: { state: string }[]; queues: { waiting?: number }[] }

describe('example: wallboard', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '14 Wallboard')
  })
  after(async () => { await red?.stop() })

  /** Presses, and waits for a state of the board that fits. */
  async function say (button: string, what: string, fits: (view: View) => boolean): Promise<void> {
    await run.press(button)
    await run.see(what, ({ debug, msg }) => debug === 'changes' && fits(msg.payload as View), 15000)
  }
  async function page (): Promise<string> {
    const reply = await fetch(`${red.url}/cti-demo/wallboard`)
    assert.match(reply.headers.get('content-type') ?? '', /^text\/html/)
    return reply.text()
  }
  const people = ({ calls }: View): string[] => calls.filter(({ owner }) => owner.kind !== 'queue').map(({ state }) => state)

  it('follows a call', async () => {
    await say('Carol calls Alice', 'a ringing call', (view) => people(view).join() === 'ringing')
    assert.match(await page(), /<b>1<\/b>ringing/)
    await say('Alice picks up', 'talk', (view) => people(view).join() === 'active')
    const shown = await page()
    assert.match(shown, /<b>1<\/b>talking <b>0<\/b>ringing/)
    assert.match(shown, /<td>Alice Martin<\/td><td>Carol Diaz<\/td>/)
    await say('Carol hangs up', 'no call', (view) => view.calls.length === 0)
    assert.match(await page(), /<b>0<\/b>talking/)
  })

  it('counts who waits, until an agent takes the call', async () => {
    await say('Nora calls Support', 'a caller who waits', ({ queues }) => queues.some(({ waiting }) => waiting === 1))
    assert.match(await page(), /<b>1<\/b>waiting/)
    await run.press('Bob logs in')
    await run.result('agentLogin')
    await say('Bob is ready', 'Bob to be rung', (view) => people(view).includes('ringing'))
    await say('Bob picks up', 'talk', (view) => people(view).join() === 'active')
    await say('Bob hangs up', 'no call', (view) => view.calls.length === 0)
  })

  it('is pale while the connection is lost', async () => {
    await say('the line breaks', 'a stale board', ({ stale }) => stale)
    assert.match(await page(), /connection lost/)
    await run.see('a board that is right again', ({ debug, msg }) => debug === 'changes' && !(msg.payload as View).stale, 20000)
  })

  it('answers a message as well as a browser', async () => {
    await run.press('the state of now')
    await run.see('the state', ({ debug, msg }) => debug === 'changes' && Array.isArray((msg.payload as View).calls))
    await run.press('look at the page')
    const { msg } = await run.see('the page', ({ debug }) => debug === 'page')
    assert.match(String(msg.payload), /<h1>Wallboard<\/h1>/)
  })
})
