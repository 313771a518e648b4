import assert from 'node:assert/strict'
import { TestClient } from './support/client'
import { TestServer } from './support/server'

/** Ringing is held back for its caller; what the server says meanwhile is understood all the same. */
describe('a XiVO session that waits for the caller', () => {
  let server: TestServer
  let client: TestClient
  afterEach(async () => {
    await client.close()
    await server.close()
  })
  const hint = (tid: string, hintstatus: string): object => ({ class: 'getlist', listname: 'phones', function: 'updatestatus', tipbxid: 'xivo', tid, status: { hintstatus } })

  it('tells one ringing of a leg that the server tells as channel and as state of the phone', async () => {
    server = new TestServer({ version: '1.2', channels: true })
    client = new TestClient(await server.listen(), {}, undefined, 60)
    await client.online()
    const peer = await server.peer()
    const channel = (tid: string, status: object): object => ({ class: 'getlist', listname: 'channels', function: 'updatestatus', tipbxid: 'xivo', tid, status })
    peer.send(
      { class: 'getlist', listname: 'phones', function: 'updatestatus', tipbxid: 'xivo', tid: '7', status: { channels: ['SIP/dana77-0000001b'] } },
      channel('SIP/trunk-a-0000001a', { commstatus: 'calling', state: 'Ring', direction: 'out', talkingto_id: 'SIP/dana77-0000001b', timestamp: Date.now() / 1000 }),
      channel('SIP/dana77-0000001b', { commstatus: 'ringing', state: 'Down', direction: 'in', talkingto_id: 'SIP/trunk-a-0000001a', timestamp: Date.now() / 1000 }),
      hint('7', '8')
    )
    await client.next('call.ringing')
    peer.send(hint('7', '1'))
    await client.next('call.answered')
    assert.equal(client.names.filter((name) => name === 'call.ringing').length, 1, client.names.join())
  })

  it('takes a phone that lifts by itself for one that was called', async () => {
    server = new TestServer({ version: '2.3' })
    client = new TestClient(await server.listen(), { protocol: '2.3', allowClearPassword: true }, undefined, 60_000)
    await client.online();
    (await server.peer()).send(hint('7', '8'), hint('7', '1'))
    const { call } = await client.next('call.answered')
    assert.equal(call?.direction, 'inbound')
    assert.deepEqual(client.names.filter((name) => name.startsWith('call.')), ['call.ringing', 'call.answered'])
  })
})
