import assert from 'node:assert/strict'
import { ExampleRun } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

interface Entry { status: string; callerID: string; stationID: string; name: string; 'time-of-call': string; 'time-of-followup': string; callRefID: string }

describe('example: iPECS missed calls', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '02 Missed calls with call-back')
  })
  after(async () => { await red?.stop() })

  async function list (fits: (entries: Entry[]) => boolean): Promise<Entry[]> {
    const { msg } = await run.see('the list', ({ debug, msg: { payload } }) => debug === 'the list' && fits(payload as Entry[]), 12000)
    return msg.payload as Entry[]
  }
  async function say (...buttons: string[]): Promise<void> {
    for (const button of buttons) {
      await run.press(button)
      await run.see(`the simulator's word on "${button}"`, ({ debug }) => debug === 'simulator says')
    }
  }

  it('notes a missed call with the fields of the wrapper', async () => {
    await run.press('Carol calls, nobody answers')
    const [entry, ...more] = await list((entries) => entries.length > 0)
    assert.deepEqual(more, [])
    assert.deepEqual([entry?.callerID, entry?.stationID, entry?.status, entry?.['time-of-followup']], ['2025550199', '1001', 'pending', ''])
    assert.ok(!Number.isNaN(Date.parse(entry?.['time-of-call'] ?? '')))
    assert.match(String(entry?.callRefID), /^\d+$/)
  })

  it('calls back from the extension that missed it, and strikes the entry off when somebody answers', async () => {
    await run.press('call back the oldest')
    const { msg } = await run.event('call.answered')
    assert.match((msg.payload as { call: { to: { number: string } } }).call.to.number, /2025550199$/)
    const [entry] = await list(([one]) => one?.status === 'called back')
    assert.ok(!Number.isNaN(Date.parse(entry?.['time-of-followup'] ?? '')))
    await run.press('hang up')
    await run.event('call.ended')
  })

  it('has nobody left to call back then', async () => {
    await run.press('call back the oldest')
    await run.see('no one', ({ debug, msg }) => debug === 'call back says' && /Nobody/.test(String(msg.payload)))
    await run.press('the list of now')
    assert.equal((await list(() => true)).length, 1)
    await run.press('strike off what is done')
    assert.equal((await list(() => true)).length, 0)
  })

  it('notes neither an answered call nor one without a number', async () => {
    const before = red.comms.debug.length
    await say('Carol calls', 'Alice picks up', 'hang up')
    await run.press('a withheld number, nobody answers')
    await run.see('nobody to call back', ({ debug }) => debug === 'nobody to call back', 10000)
    assert.deepEqual(red.comms.debug.slice(before).filter(({ name }) => name === 'the list'), [])
  })

  it('logs no error', () => assert.doesNotMatch(red.log, /\[error\]/))
})
