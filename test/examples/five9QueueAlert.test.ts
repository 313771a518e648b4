import assert from 'node:assert/strict'
import { ExampleRun, type Shown } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

interface Alert { over: boolean; payload: string; queue: { name: string; waiting: number } }

describe('example: Five9 queue alert', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '01 Queue alert')
  })
  after(async () => { await red?.stop() })

  const alert = (over: boolean): Promise<Alert> => run.see(`an alert that is ${over}`, ({ debug, msg }: Shown) => debug === 'alerts' && msg.over === over).then(({ msg }) => msg as unknown as Alert)

  it('says nothing while no more calls wait than may', async () => {
    await run.press('a customer calls Support')
    await run.see('the customer', ({ debug }) => debug === 'callers')
    await run.press('the queues of now')
    const { msg } = await run.see('the queues', ({ debug }) => debug === 'results')
    assert.equal((msg.payload as { name: string; waiting: number }[]).find(({ name }) => name === 'Support')?.waiting, 1)
    assert.ok(!run.shown.some(({ debug }) => debug === 'alerts'))
  })

  it('says so once when one more waits, and once when it is quiet again', async () => {
    await run.press('a customer calls Support')
    const { payload, queue } = await alert(true)
    assert.match(payload, /^Support: 2 calls wait, 1 may\. The longest has waited \d+ s\.$/)
    assert.deepEqual([queue.name, queue.waiting], ['Support', 2])
    const over = await alert(false)
    assert.match(over.payload, /^Support is quiet again: 1 call waits\.$/)
    assert.equal(run.shown.filter(({ debug }) => debug === 'alerts').length, 2)
  })

  it('logs no error', () => assert.doesNotMatch(red.log, /\[error\]/))
})
