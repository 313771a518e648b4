import assert from 'node:assert/strict'
import { ExampleRun } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

type Figures = Record<string, number | string[]>

describe('example: iPECS queue wallboard', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '01 Queue wallboard')
  })
  after(async () => { await red?.stop() })

  /** Presses, and waits until the board has these figures. */
  async function say (button: string, wanted: Record<string, number>): Promise<void> {
    await run.press(button)
    await run.see(`${button}: ${JSON.stringify(wanted)}`, ({ debug, msg }) => debug === 'board' && Object.entries(wanted).every(([key, value]) => (msg.payload as Figures)[key] === value), 15000)
  }
  async function page (): Promise<string> {
    const reply = await fetch(`${red.url}/cti-demo/ipecs-wallboard`)
    assert.match(reply.headers.get('content-type') ?? '', /^text\/html/)
    return reply.text()
  }
  const hook = (name: string): Record<string, unknown> | undefined => run.shown.find(({ debug, msg }) => debug === 'hooks' && msg.topic === name)?.msg.payload as Record<string, unknown> | undefined

  it('counts a caller who waits, is answered by an agent who logs in, and hangs up', async () => {
    await say('Carol calls Support', { 'total-inbound-calls': 1, 'total-calls-in-queue': 1, 'total-answered-calls': 0 })
    assert.deepEqual(hook('addNewCallHook'), { 'Total Calls': 1 })
    assert.match(await page(), /<b>1<\/b>waiting/)
    await say('Bob logs in', { 'agents-logged-in': 1, 'agents-available': 1 })
    assert.deepEqual(hook('addAgentLoggedInHook'), { 'Agents Logged In': 1 })
    await say('Bob picks up', { 'total-answered-calls': 1, 'total-calls-in-queue': 0, 'agents-busy': 1 })
    assert.deepEqual(hook('addCallAnsweredHook'), { 'Answered Calls': 1 })
    assert.match(await page(), /<b>0<\/b>waiting <b>0<\/b>ready <b>1<\/b>busy/)
    await say('Bob hangs up', { 'agents-busy': 0, 'total-calls-onwrap': 1 })
    assert.deepEqual(hook('addCallDisconnectedHook'), { 'Active Calls': 0 })
  })

  it('counts a caller who gives up', async () => {
    await say('Bob logs out', { 'agents-logged-in': 0 })
    await say('Dave calls Support, gives up', { 'total-inbound-calls': 2, 'total-abandoned-calls': 1, 'total-calls-in-queue': 0 })
    assert.match(await page(), /<b>2<\/b>calls in <b>1<\/b>answered <b>1<\/b>given up \(50 %\)/)
  })

  it('keeps the counters while the line is broken', async () => {
    await run.press('the line breaks')
    await run.see('the word of the simulator', ({ debug }) => debug === 'simulator says', 10000)
    await run.online('summary and hooks', 20000)
    await say('Carol calls Support', { 'total-inbound-calls': 3, 'total-answered-calls': 1 })
    assert.doesNotMatch(await page(), /connection lost/)
  })

  it('answers a message as well as a browser', async () => {
    await run.press('the summary of now')
    const { msg } = await run.see('the summary', ({ debug, msg: { payload } }) => debug === 'results' && JSON.stringify(payload).includes('station-list'))
    assert.match(JSON.stringify(msg.payload), /"total-inbound-calls":3/)
    await run.press('look at the page')
    const { msg: { payload } } = await run.see('the page', ({ debug }) => debug === 'page')
    assert.match(String(payload), /<h1>Queue<\/h1>/)
  })

  it('logs no error', () => assert.doesNotMatch(red.log, /\[error\]/))
})
