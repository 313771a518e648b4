import assert from 'node:assert/strict'
import { ExampleRun } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

interface Message { markdown?: string }

describe('example: Webex voicemail to chat', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '04 Voicemail to chat')
  })
  after(async () => { await red?.stop() })

  async function left (): Promise<string> {
    await run.press('Carol leaves a message')
    const { msg } = await run.see('the message', ({ debug }) => debug === 'the bot wrote', 20000)
    return (msg.payload as { data: Message }).data.markdown ?? ''
  }
  async function chat (): Promise<number> {
    await run.press('what Alice reads')
    const { msg } = await run.see('her chat', ({ debug }) => debug === 'simulator says')
    return (msg.payload as { result: Message[] }).result.length
  }

  it('writes who has left a message, and how long it is', async () => {
    assert.match(await left(), /^Voice message from \*\*Carol Diaz, \+12025550199\*\*, \d+ s, at \d{4}-/)
  })

  it('writes nothing when they are heard, and of the next one only once', async () => {
    await run.press('Alice has heard all')
    await run.event('voicemail.updated')
    assert.equal(await chat(), 1)
    await left()
    assert.equal(await chat(), 2)
  })

  it('logs no error', () => assert.doesNotMatch(red.log, /\[error\]/))
})
