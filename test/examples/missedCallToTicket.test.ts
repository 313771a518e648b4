import assert from 'node:assert/strict'
import { ExampleRun } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

interface Ticket { id: number; subject: string; comment: { body: string }; external_id: string; tags: string[] }

describe('example: missed call to ticket', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '08 Missed call to ticket')
  })
  after(async () => { await red?.stop() })

  async function ticket (): Promise<Ticket> {
    const { msg } = await run.see('a ticket', ({ debug }) => debug === 'ticket', 12000)
    return (msg.payload as { ticket: Ticket }).ticket
  }
  async function tickets (): Promise<Ticket[]> {
    await run.press('all tickets')
    const { msg } = await run.see('the list', ({ debug }) => debug === 'tickets in the desk')
    return (msg.payload as { tickets: Ticket[] }).tickets
  }
  async function say (...buttons: string[]): Promise<void> {
    for (const button of buttons) {
      await run.press(button)
      await run.see(`the simulator's word on "${button}"`, ({ debug }) => debug === 'simulator says')
    }
  }

  it('makes a ticket of a missed call, with the number to call back', async () => {
    await run.press('Carol calls, nobody answers')
    const { subject, comment, tags } = await ticket()
    assert.equal(subject, 'Missed call from Carol Diaz, +12025550199')
    assert.match(comment.body, /^Rang Alice Martin for 2 s .* Call back: \+12025550199$/)
    assert.deepEqual(tags, ['missed-call'])
  })

  it('makes no second ticket when the event comes again, none without a number, none for an answered call', async () => {
    const before = red.comms.debug.length
    await run.press('the last event again')
    await say('Carol calls', 'Alice picks up', 'Alice hangs up')
    await run.press('a withheld number calls, nobody answers')
    await run.see('nobody to call back', ({ debug }) => debug === 'nobody to call back')
    assert.deepEqual(red.comms.debug.slice(before).filter(({ name }) => name === 'ticket'), [], 'the help desk was asked')
    assert.equal((await tickets()).length, 1)
  })

  it('makes it later when the help desk fails meanwhile, once', async () => {
    await run.press('the help desk fails')
    await run.press('Carol calls, nobody answers')
    await run.see('another attempt', ({ debug }) => debug === 'tried again')
    await red.press(run.node('the help desk works again', 'inject').id)
    const late = await ticket()
    const all = await tickets()
    assert.equal(all.length, 2)
    assert.equal(all[1]!.id, late.id)
    assert.notEqual(all[0]!.external_id, all[1]!.external_id)
  })

  it('logs no error', () => assert.doesNotMatch(red.log, /\[error\]/))
})
