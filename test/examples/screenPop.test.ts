import assert from 'node:assert/strict'
import { ExampleRun, type Shown } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

describe('example: screen pop', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '05 Screen pop')
  })
  after(async () => { await red?.stop() })

  const isPop = ({ debug }: Shown): boolean => debug === 'screen pop'
  const pop = ({ msg }: Shown): { title: string; text: string; contact?: string } => msg.payload as { title: string; text: string }

  it('shows what only the CRM knows of the caller', async () => {
    await run.press('Carol calls')
    const shown = pop(await run.see('the pop', isPop))
    assert.equal(shown.title, 'Carol Diaz is calling')
    assert.match(shown.text, /Owner, Blue Harbor Bakery/)
    assert.equal(shown.contact, '101')
  })

  it('shows the number of somebody who is not in the CRM', async () => {
    await run.press('a stranger calls')
    const shown = pop(await run.see('the pop', isPop))
    assert.equal(shown.text, '+12025550123 is not in the CRM')
    assert.equal(shown.contact, undefined)
  })

  it('does not ask the CRM about a withheld number', async () => {
    await run.press('a withheld number calls')
    assert.equal(pop(await run.see('the pop', isPop)).text, 'The number is withheld')
  })

  it('makes a pop all the same when the CRM fails, and tells of the failure', async () => {
    await run.press('the CRM fails')
    await run.press('Carol calls')
    const problem = await run.see('the failure', ({ debug }) => debug === 'problems')
    assert.match(problem.msg.error?.message ?? '', /The CRM answered 503/)
    const shown = pop(await red.comms.until('the pop', () => run.shown.find(isPop)))
    assert.equal(shown.title, 'Carol Diaz is calling')
    assert.match(shown.text, /the CRM does not reply/)
  })

  it('asks the CRM again when it is back', async () => {
    await run.press('the CRM works again')
    await run.press('a stranger calls')
    assert.match(pop(await run.see('the pop', isPop)).text, /not in the CRM/)
  })

  it('logs no error', () => assert.doesNotMatch(red.log, /\[error\]/))
})
