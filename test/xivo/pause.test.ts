import assert from 'node:assert/strict'
import type { Agent } from '../../src/model'
import { TestClient } from './support/client'
import { TestServer, type Line } from './support/server'

/** Lee is agent 6, logged in, member of queue 2. */
describe('a pause of a XiVO agent in all queues', () => {
  let server: TestServer
  let client: TestClient
  afterEach(async () => {
    await client.close()
    await server.close()
  })
  const member = (paused: boolean): Line => ({
    class: 'getlist', listname: 'queuemembers', function: 'updatestatus', tipbxid: 'xivo', tid: 'Agent/2006,blue', status: { queue_name: 'blue', interface: 'Agent/2006', membership: 'static', status: '1', paused: paused ? '1' : '0', penalty: '0' }
  })
  const availability = (value: string): Line => ({ class: 'getlist', listname: 'agents', function: 'updatestatus', tipbxid: 'xivo', tid: '6', status: { availability: value, availability_since: Date.now() / 1000 } })

  async function start (answers: (line: Line) => Line[] | undefined): Promise<void> {
    server = new TestServer({ version: '1.2', answer: (line) => answers(line) })
    client = new TestClient(await server.listen())
    await client.online()
  }

  it('is done when the agent is not ready, not when the queues are: the result shows him so', async () => {
    await start(({ command }) => command === 'queuepause' ? [member(true), availability('unavailable')] : command === 'queueunpause' ? [member(false), availability('available')] : undefined)
    const paused = await client.session.perform({ action: 'agentNotReady', agent: '6' })
    assert.deepEqual([paused.outcome, (paused.agent as Agent).state], ['completed', 'notReady'])
    const back = await client.session.perform({ action: 'agentReady', agent: '6' })
    assert.deepEqual([back.outcome, (back.agent as Agent).state], ['completed', 'ready'])
  })

  it('is done with the queues while the agent is on a call: his availability tells nothing then', async () => {
    await start(({ command }) => command === 'queuepause' ? [member(true)] : undefined);
    (await server.peer()).send({ class: 'getlist', listname: 'agents', function: 'updatestatus', tipbxid: 'xivo', tid: '6', status: { availability: 'unavailable', on_call_acd: true } })
    await client.next('agent.busy')
    assert.equal((await client.session.perform({ action: 'agentNotReady', agent: '6' })).outcome, 'completed')
  })
})
