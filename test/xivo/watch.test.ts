import assert from 'node:assert/strict'
import type { Watched } from '../../src/xivo'
import { TestClient } from './support/client'
import { TestServer } from './support/server'

/** Dana (user 3, phone 7, agent 4) logs in; Lee is user 5 with phone 9 and agent 6; both agents are in queue 2. */
describe('what a XiVO account watches', () => {
  let server: TestServer
  let client: TestClient
  afterEach(async () => {
    await client.close()
    await server.close()
  })

  /** Owners of the calls, agents and queues that are told of when everything moves. */
  async function told (watch: Partial<Watched>): Promise<{ calls: string[]; agents: string[]; queues: number }> {
    server = new TestServer({ version: '1.2' })
    client = new TestClient(await server.listen(), { watch })
    await client.online()
    const peer = await server.peer()
    const status = (listname: string, tid: string, values: object): object => ({ class: 'getlist', listname, function: 'updatestatus', tipbxid: 'xivo', tid, status: values })
    peer.send(
      ...['7', '9'].map((tid) => status('phones', tid, { hintstatus: '8' })), status('agents', '4', { availability: 'available' }), status('agents', '6', { availability: 'unavailable' }),
      { class: 'queueentryupdate', state: { queue_id: '2', entries: [{ position: 1, name: 'Carol', number: '2025550199', join_time: Date.now() / 1000, uniqueid: '1.1' }] } }
    )
    await client.session.perform({ action: 'request', message: { class: 'getipbxlist' } })
    const owners = (kind: string, name: string): string[] => client.events.filter(({ event, initial, call, agent }) => event.startsWith(name) && !initial && (kind === 'agent' ? agent : call?.owner.kind === kind))
      .map(({ agent, call }) => kind === 'agent' ? agent!.id : call!.owner.id)
    return { calls: [...new Set(owners('user', 'call.'))].sort(), agents: [...new Set(owners('agent', 'agent.'))].sort(), queues: owners('queue', 'call.').length }
  }

  it('is everything unless told', async () => {
    assert.deepEqual(await told({}), { calls: ['3', '5'], agents: ['4', '6'], queues: 1 })
  })

  it('is the own user with phone, agent and queues', async () => {
    assert.deepEqual(await told({ users: 'own', phones: 'own', agents: 'own', queues: 'own' }), { calls: ['3'], agents: ['4'], queues: 1 })
  })

  it('is a user by extension, with phone, agent and queues, besides the own one', async () => {
    assert.deepEqual(await told({ users: ['1009'], phones: 'users', agents: 'users', queues: 'users' }), { calls: ['3', '5'], agents: ['4', '6'], queues: 1 })
  })

  it('is nothing of a user who is not named', async () => {
    assert.deepEqual(await told({ users: ['Nobody'], phones: 'users', agents: 'users', queues: [] }), { calls: ['3'], agents: ['4'], queues: 0 })
  })

  it('is all phones when all users are watched', async () => {
    assert.deepEqual(await told({ users: 'all', phones: 'users', agents: ['2006'], queues: ['Blue team'] }), { calls: ['3', '5'], agents: ['4', '6'], queues: 1 })
  })
})
