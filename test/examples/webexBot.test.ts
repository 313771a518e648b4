import assert from 'node:assert/strict'
import { ExampleRun } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

interface Message { roomType: string; markdown?: string; personEmail: string; text?: string; attachments?: unknown[] }

describe('example: Webex call control bot', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '05 Call control bot')
  })
  after(async () => { await red?.stop() })

  /** What the bot says that fits, since the last press. */
  async function says (fits: RegExp): Promise<Message> {
    const { msg } = await run.see(`the bot to say ${fits.source}`, ({ debug, msg: { payload } }) => debug === 'what the bot says' && fits.test((payload as { data: Message }).data.markdown ?? ''), 12000)
    return (msg.payload as { data: Message }).data
  }
  async function ask (button: string, answer: RegExp): Promise<Message> {
    await run.press(button)
    return says(answer)
  }

  it('helps, and refuses who has not authorised', async () => {
    await ask('Alice: /help', /\/auth.*authorise[\s\S]*\/monitor on/)
    await run.press('Alice: /dial +12025550199')
    await run.see('the refusal', ({ debug }) => debug === 'refused')
    await says(/not authorised me yet/)
    await run.press('Bob: /dial 1001')
    await run.see('the refusal', ({ debug }) => debug === 'refused')
    assert.equal((await says(/not authorised me yet/)).roomType, 'direct')
  })

  it('sends the link to her alone, and takes nobody else\'s agreement', async () => {
    assert.equal((await ask('Alice: /auth', /sign in/)).roomType, 'direct')
    await run.press('Bob opens the link of Alice')
    const refused = await run.see('the page', ({ debug }) => debug === 'browser shows')
    assert.equal(refused.msg.topic, '400')
    assert.match(String(refused.msg.payload), /not by the person who asked/)
    await ask('Alice: /auth', /sign in/)
    await run.press('Alice opens the link')
    const { msg } = await run.see('the page', ({ debug }) => debug === 'browser shows')
    assert.equal(msg.topic, '200', String(msg.payload))
    await says(/Thank you, Alice Martin/)
    await run.see('her calls to be followed', ({ debug }) => debug === 'followed')
  })

  it('calls from her phone, holds, resumes, tells, hangs up', async () => {
    await ask('Alice: /monitor on', /post your calls here/)
    await ask('Alice: /dial +12025550199', /Your phone rings/)
    await says(/Talking to \*\*.*2025550199/)
    await ask('Alice: /hold', /^On hold\./)
    await ask('Alice: /resume', /^Talking again/)
    await ask('Alice: /calls', /^active: .*2025550199/)
    await ask('Alice: /hangup', /^Ended\.$/)
    await ask('Alice: /calls', /^No calls\.$/)
  })

  it('posts a call with buttons: one answers it, and it is transferred', async () => {
    await run.press('Carol calls Alice')
    assert.equal((await says(/Call from \*\*Carol Diaz/)).attachments?.length, 1)
    await run.press('Alice presses "Answer"')
    await says(/^Answered\./)
    await says(/Talking to \*\*Carol Diaz/)
    await ask('Alice: /transfer 1002', /^Transferred to 1002/)
    await says(/was transferred/)
  })

  it('answers by command, and says so when there is nothing to answer', async () => {
    await run.press('Carol calls Alice')
    await says(/Call from/)
    await ask('Alice: /answer', /^Answered\./)
    await ask('Alice: /hangup', /^Ended\.$/)
    await run.press('Alice: /answer')
    await run.see('the refusal', ({ debug }) => debug === 'refused')
    await says(/no such call/i)
  })

  it('is quiet after /monitor off, and forgets her at /auth clear', async () => {
    await ask('Alice: /monitor off', /no more calls/)
    await run.press('Carol calls Alice')
    await ask('Alice: /answer', /^Answered\./)
    await ask('Alice: /hangup', /^Ended\.$/)
    assert.deepEqual(run.shown.filter(({ debug, msg }) => debug === 'what the bot says' && /Carol/.test(JSON.stringify(msg.payload))), [])
    await ask('Alice: /auth clear', /Forgotten/)
    await run.press('Alice: /calls')
    await run.see('the refusal', ({ debug }) => debug === 'refused')
    await says(/not authorised me yet/)
  })

  it('shows what was said, with nothing of the link in any log', async () => {
    await run.press('what was said')
    const { msg } = await run.see('the rooms', ({ debug }) => debug === 'rooms')
    assert.ok((msg.payload as { result: Message[] }).result.length > 20)
    assert.doesNotMatch(red.log, /idb\/oauth2|authorize\?/)
    assert.doesNotMatch(red.log, /\[error\]/)
  })
})
