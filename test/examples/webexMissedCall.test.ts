import assert from 'node:assert/strict'
import { ExampleRun, type Shown } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

interface Message { roomType: string; markdown?: string; personEmail: string; attachments?: { content: { actions: { data: { callBack: string } }[] } }[] }

describe('example: Webex missed call to chat', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '01 Missed call to chat')
  })
  after(async () => { await red?.stop() })

  const message = ({ msg }: Shown): Message => (msg.payload as { data: Message }).data
  const wrote = (): Promise<Shown> => run.see('the message', ({ debug }) => debug === 'the bot wrote', 12000)

  it('writes to Alice who has called, with a button', async () => {
    await run.press('Carol calls, nobody answers')
    const { roomType, markdown, attachments } = message(await wrote())
    assert.equal(roomType, 'direct')
    assert.match(markdown ?? '', /Missed call from \*\*Carol Diaz\*\*[\s\S]*\+12025550199/)
    assert.equal(attachments?.[0]?.content.actions[0]?.data.callBack, '+12025550199')
    await run.press('what Alice reads')
    const { msg } = await run.see('her chat', ({ debug }) => debug === 'simulator says')
    assert.deepEqual((msg.payload as { result: Message[] }).result.map(({ personEmail }) => personEmail), ['callhelper@example.com'])
  })

  it('calls back at her click on the button, from her phone', async () => {
    await run.press('Alice presses "Call back"')
    await run.event('call.originated')
    const { msg } = await run.event('call.answered')
    assert.match((msg.payload as { call: { to: { number: string } } }).call.to.number, /2025550199$/)
    await run.press('hang up')
    await run.event('call.ended')
  })

  it('writes without a button of a withheld number', async () => {
    await run.press('a withheld number, nobody answers')
    const { markdown, attachments } = message(await wrote())
    assert.match(markdown ?? '', /withheld/)
    assert.equal(attachments, undefined)
  })

  it('writes nothing of an answered call', async () => {
    await run.press('Carol calls')
    await run.event('call.ringing')
    await run.press('Alice picks up')
    await run.event('call.answered')
    await run.press('hang up')
    await run.event('call.ended')
    await run.press('what Alice reads')
    const { msg } = await run.see('her chat', ({ debug }) => debug === 'simulator says')
    assert.equal((msg.payload as { result: Message[] }).result.length, 2)
  })

  it('logs no error', () => assert.doesNotMatch(red.log, /\[error\]/))
})
