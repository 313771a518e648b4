import assert from 'node:assert/strict'
import { ExampleRun, type Shown } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

interface Leg { id: string; state: string; owner: { id: string }; remote?: { number?: string } }

describe('example: attended transfer', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '11 Attended transfer')
  })
  after(async () => { await red?.stop() })

  const leg = ({ msg }: Shown): Leg | undefined => (msg.payload as { call?: Leg } | undefined)?.call
  const told = (event: string, who: string): Promise<Shown> => run.see(`${event} of ${who}`, (shown) => shown.msg.topic === event && leg(shown)?.owner.id === `${who}@example.com`)
  async function callsOf (button: string): Promise<string[]> {
    await run.press(button)
    const { msg } = await run.see('the calls', ({ debug }) => debug === 'calls')
    return (msg.payload as Leg[]).map(({ state, remote }) => `${state} ${remote?.number ?? ''}`)
  }
  /** Alice talks to Bob, Carol waits. */
  async function consult (): Promise<void> {
    await run.press('Carol calls Alice')
    await told('call.ringing', 'alice')
    await run.press('Alice picks up')
    await run.result('answer')
    await told('call.answered', 'alice')
    await run.press('ask Bob first')
    const { msg } = await run.result('consult')
    const { callId, newCallId } = msg.payload as { callId: string; newCallId: string }
    assert.notEqual(callId, newCallId)
    await told('call.ringing', 'bob')
    await run.press('Bob picks up')
    await told('call.answered', 'alice')
    assert.deepEqual((await callsOf('calls of Alice')).sort(), ['active 1002', 'held +12025550199'])
  }

  it('hands the caller over to the one who was asked', async () => {
    await consult()
    await run.press('hand over')
    await run.result('completeTransfer')
    await told('call.transferred', 'bob')
    assert.deepEqual(await callsOf('calls of Bob'), ['active +12025550199'])
    assert.deepEqual(await callsOf('calls of Alice'), [])
    await run.press('Bob hangs up')
    await told('call.ended', 'bob')
  })

  it('goes back to the caller', async () => {
    await consult()
    await run.press('back to Carol')
    await run.result('cancelTransfer')
    await told('call.resumed', 'alice')
    await told('call.ended', 'bob')
    assert.deepEqual(await callsOf('calls of Alice'), ['active +12025550199'])
    assert.deepEqual(await callsOf('calls of Bob'), [])
    await run.press('Alice hangs up')
    await told('call.ended', 'alice')
  })

  it('logs no error', () => assert.doesNotMatch(red.log, /\[error\]/))
})
