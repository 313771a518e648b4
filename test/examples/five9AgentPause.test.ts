import assert from 'node:assert/strict'
import { ExampleRun, type Shown } from '../support/exampleRun'
import { NodeRed } from '../support/nodeRed'

interface Told { event: string; agent: { state: string; reason?: { name?: string }; pending?: { reason?: { name?: string } }; channels?: Record<string, { ready: boolean }> } }

describe('example: Five9 agent pause', function () {
  this.timeout(60000)
  let red: NodeRed
  let run: ExampleRun
  before(async () => {
    red = await NodeRed.start()
    run = await ExampleRun.deploy(red, '02 Agent pause with a reason')
  })
  after(async () => { await red?.stop() })

  /** An event of the agent that looks so. */
  const told = (what: string, fits: (told: Told) => boolean): Promise<Shown> => run.see(what, ({ debug, msg }) => debug === 'agent events' && fits(msg.payload as Told))
  const words = (text: RegExp): Promise<Shown> => run.see(String(text), ({ debug, msg }) => debug === 'in words' && text.test(String(msg.payload)))

  it('makes the agent ready, and sends him on a break whose reason has its name', async () => {
    await run.press('ready')
    await told('ready', ({ event, agent }) => event === 'agent.ready' && agent.state === 'ready')
    await run.press('lunch')
    assert.equal(((await run.result('agentNotReady')).msg.payload as { outcome: string }).outcome, 'completed')
    await told('the break', ({ agent }) => agent.state === 'notReady' && agent.reason?.name === 'Lunch')
    await words(/^Bob Keller takes no calls: Lunch\.$/)
    await run.press('back again')
    await words(/^Bob Keller is ready\.$/)
  })

  it('leaves him a channel that was not named', async () => {
    await run.press('voicemail only')
    await told('one channel', ({ agent }) => agent.channels?.voice?.ready === false && agent.channels.voicemail?.ready === true)
    await run.press('ready')
    await told('all channels', ({ agent }) => agent.channels?.voice?.ready === true)
  })

  it('keeps a break for after the call', async () => {
    await run.press('Carol calls Bob')
    await words(/^Bob Keller has a call\.$/)
    await run.press('Bob picks up')
    await run.see('the phone', ({ debug }) => debug === 'phones')
    await run.press('a meeting after the call')
    await told('what is pending', ({ agent }) => agent.state === 'busy' && agent.pending?.reason?.name === 'Meeting')
    await run.press('Bob hangs up')
    await words(/^Bob Keller takes no calls: Meeting\.$/)
  })

  it('lists the reasons of the domain, and says which there is not', async () => {
    await run.press('the reasons')
    const { msg } = await run.see('the reasons', ({ debug }) => debug === 'results')
    assert.deepEqual((msg.payload as { name: string }[]).map(({ name }) => name), ['Short break', 'Lunch', 'Meeting', 'Training'])
    await run.press('a reason that is not there')
    const problem = await run.see('the problem', ({ debug }) => debug === 'problems')
    assert.equal(problem.msg.error?.code, 'CTI_NOT_FOUND')
    assert.match(problem.msg.error?.message ?? '', /Siesta/)
  })

  it('fills the drop-downs of its dialogs with what the domain has', async () => {
    const labels = async (name: string): Promise<string[]> => (await red.get<{ label: string }[]>(`/cti/cfapacc/${name}`)).map(({ label }) => label)
    assert.deepEqual(await labels('reasonCodes'), ['Short break', 'Lunch', 'Meeting', 'Training'])
    assert.deepEqual(await labels('dispositions'), ['Sale', 'No sale', 'Call back'])
    const capabilities = await red.get<Record<string, { can: boolean; why?: string }>>('/cti/cfapacc/capabilities')
    assert.deepEqual([capabilities.setDisposition?.can, capabilities.listen?.can, typeof capabilities.listen?.why], [true, false, 'string'])
  })

  it('tests the connection of its account', async () => {
    const properties = run.nodes.find(({ id }) => id === 'cfapacc')
    const answer = JSON.parse(await red.request('POST', '/cti/cfapacc/test', { type: 'cti-five9-account', properties, credentials: {} })) as { ok: boolean; message?: string }
    assert.equal(answer.ok, true, answer.message)
  })
})
