import assert from 'node:assert/strict'
import { ExampleRun } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

interface Row { id: string; open: boolean; result: string; legs: unknown[]; transfers: unknown[]; user?: { id: string } }

describe('example: call log to CSV', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '13 Call log to CSV')
  })
  after(async () => { await red?.stop() })

  async function row (): Promise<Row> {
    const { msg } = await run.see('a record', ({ debug }) => debug === 'written', 12000)
    assert.equal(msg.topic, undefined, 'only the payload is shown')
    return msg.payload as Row
  }
  async function say (...steps: [button: string, event: string][]): Promise<void> {
    for (const [button, event] of steps) {
      await run.press(button)
      await run.see(event, ({ debug, msg }) => debug === 'events' && (msg.payload as { event?: string }).event === event)
    }
  }
  const written = (): number => red.comms.debug.filter(({ name }) => name === 'written').length

  it('writes one row of an answered call', async () => {
    await say(['Carol calls Alice', 'call.ringing'], ['Alice picks up', 'call.answered'], ['Carol hangs up', 'call.ended'])
    const { open, result, user } = await row()
    assert.deepEqual([open, result, user?.id], [false, 'answered', 'alice@example.com'])
  })

  it('writes one row of a call that two people had', async () => {
    const before = written()
    await say(['Carol calls Alice', 'call.ringing'], ['Alice picks up', 'call.answered'], ['transfer to Bob', 'call.transferred'], ['Bob picks up', 'call.answered'], ['Bob hangs up', 'call.ended'])
    const { legs, transfers } = await row()
    assert.deepEqual([legs.length, transfers.length], [2, 1])
    assert.equal(written(), before + 1)
  })

  it('writes a missed call as such', async () => {
    await run.press('Carol calls, nobody answers')
    assert.equal((await row()).result, 'missed')
  })

  it('shows the table, and a browser gets the same', async () => {
    await run.press('the table as CSV')
    const { msg } = await run.see('the table', ({ debug }) => debug === 'CSV')
    const lines = String(msg.payload).split('\r\n')
    assert.equal(lines.length, 4)
    assert.match(lines[0]!, /^"id","startedAt","direction"/)
    assert.match(lines[3]!, /"inbound","\+12025550199",.*"missed"/)
    const reply = await fetch(`${red.url}/cti-demo/calls.csv`)
    assert.match(reply.headers.get('content-type') ?? '', /^text\/csv/)
    assert.equal((await reply.text()).split('\r\n').length, 4)
  })
})
