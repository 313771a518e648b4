import assert from 'node:assert/strict'
import { ExampleRun, type Shown } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

interface CallRecord { id: string; writes: number; new?: boolean; properties: Record<string, string> }

describe('example: call log into a CRM', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '06 Call log into a CRM')
  })
  after(async () => { await red?.stop() })

  const results = ({ msg }: Shown): CallRecord[] => (msg.payload as { results: CallRecord[] }).results

  async function say (...buttons: string[]): Promise<void> {
    for (const button of buttons) {
      await run.press(button)
      await run.see(`the simulator's word on "${button}"`, ({ debug }) => debug === 'simulator says')
    }
  }
  async function written (): Promise<CallRecord> {
    const records = results(await run.see('a record', ({ debug }) => debug === 'written', 12000))
    assert.equal(records.length, 1)
    return records[0]!
  }
  async function held (): Promise<CallRecord[]> {
    await run.press('what the CRM holds')
    return results(await run.see('the list', ({ debug }) => debug === 'records in the CRM'))
  }

  let first: CallRecord

  it('writes a call when it is over', async () => {
    await say('Carol calls Alice', 'Alice picks up', 'Alice hangs up')
    first = await written()
    assert.equal(first.new, true)
    const { hs_call_title: title, hs_call_direction: direction, hs_call_from_number: from, hs_call_to_number: to, hs_call_status: status, hs_call_duration: duration } = first.properties
    assert.deepEqual({ title, direction, from, to, status }, { title: 'Carol Diaz and Alice Martin', direction: 'INBOUND', from: '+12025550199', to: '+12025550101', status: 'COMPLETED' })
    assert.ok(Number(duration) >= 0)
  })

  it('makes one record of a call that is handed on, after an end that came twice', async () => {
    await run.press('the last event again')
    await say('Carol calls Alice', 'Alice picks up')
    await run.press('transfer to Bob')
    await run.see('the hand-over', ({ debug }) => debug === 'handed over')
    await say('Bob picks up', 'Bob hangs up')
    const second = await written()
    assert.equal(second.new, true)
    assert.equal(second.properties.hs_call_title, 'Carol Diaz and Bob Keller')
    await run.press('the last event again')
    const records = await held()
    assert.deepEqual(records.map(({ id, writes }) => [id, writes]), [[first.id, 1], [second.id, 1]])
    assert.notEqual(records[0]!.properties.conversation_id, records[1]!.properties.conversation_id)
  })

  it('writes a call that was handed to somebody out of sight', async () => {
    await say('Carol calls Alice', 'Alice picks up')
    await run.press('transfer outside')
    const third = await written()
    assert.equal(third.properties.hs_call_title, 'Carol Diaz and Alice Martin')
    assert.equal((await held()).length, 3)
  })

  it('writes it later when the CRM fails meanwhile', async () => {
    await run.press('the CRM fails')
    await say('Carol calls Alice', 'Alice picks up', 'Alice hangs up')
    await run.see('another attempt', ({ debug }) => debug === 'tried again')
    await red.press(run.node('the CRM works again', 'inject').id)
    assert.equal((await written()).new, true)
    assert.equal((await held()).length, 4)
  })

  it('logs no error', () => assert.doesNotMatch(red.log, /\[error\]/))
})
