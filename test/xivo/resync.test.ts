import assert from 'node:assert/strict'
import { Session, type Clock } from '../../src/session'
import { XivoDriver } from '../../src/xivo'
import { TestClient } from './support/client'
import { TestServer, type Line, type Peer } from './support/server'

const D = 'SIP/dana77-0000001b'
const T = 'SIP/trunk-a-0000001a'

describe('after a gap in the line to XiVO', () => {
  let server: TestServer
  let client: TestClient
  let peer: Peer

  async function start (version: '1.2' | '2.3'): Promise<void> {
    server = new TestServer({
      version, channels: version === '1.2',
      answer: (line) => line.class === 'subscribe' && line.message === 'current_calls' && calls.length > 0 ? [{ class: 'current_calls', current_calls: calls }]
        : line.class === 'subscribe' && line.message === 'queueentryupdate' && entries.length > 0 ? [{ class: 'queueentryupdate', state: { queue_id: 2, queue_name: 'blue', entries } }] : undefined
    })
    client = new TestClient(await server.listen(), { protocol: version, allowClearPassword: true })
    await client.online()
    peer = await server.peer()
  }
  let calls: Line[] = []
  let entries: Line[] = []

  afterEach(async () => {
    calls = entries = []
    await client.close()
    await server.close()
  })

  const push = (listname: string, tid: string, part: object): Line => ({ class: 'getlist', function: 'updatestatus', listname, tid, tipbxid: 'xivo', status: part })
  const set = (list: string, id: string, part: object): void => { Object.assign(server.world[list]?.[id]?.status ?? {}, part) }

  /** Cuts the line and waits for the next one. */
  async function gap (): Promise<string[]> {
    const before = client.events.length
    peer.socket.destroy()
    await client.state('waiting')
    await client.next((event) => event.event === 'connection.resync')
    return client.events.slice(before).filter(({ event }) => !event.startsWith('connection.')).map((event) => {
      assert.equal(event.resynced, true, event.event)
      return `${event.event}${event.call === undefined ? '' : ` ${event.call.id}`}`
    })
  }

  async function talk (): Promise<void> {
    if (server.options.version === '1.2') {
      peer.send(push('phones', '7', { channels: [D] }), push('channels', T, { commstatus: 'calling', direction: 'out', talkingto_id: D, state: 'Ring' }),
        push('channels', D, { commstatus: 'ringing', direction: 'in', talkingto_id: T, state: 'Down' }), push('phones', '7', { hintstatus: '8' }), push('phones', '7', { hintstatus: '1' }))
    } else peer.send(push('phones', '7', { hintstatus: '8' }), push('phones', '7', { hintstatus: '1' }))
    await client.next('call.answered')
  }

  it('a call that goes on is no news', async () => {
    await start('1.2')
    await talk()
    set('phones', '7', { hintstatus: '1', channels: [D] })
    server.world.channels = { [D]: { config: {}, status: { commstatus: 'linked-called', direction: 'in', talkingto_id: T, state: 'Up' } }, [T]: { config: {}, status: { commstatus: 'linked-caller', talkingto_id: D } } }
    assert.deepEqual(await gap(), [])
    assert.deepEqual((await server.peer(2)).lines.filter((line) => line.listname === 'channels').map((line) => line.tid), [D, T])
  })

  it('a call that is gone was lost, another one is found', async () => {
    await start('1.2')
    await talk()
    const other = 'SIP/lee99-0000001d'
    set('phones', '9', { hintstatus: '1', channels: [other] })
    server.world.channels = { [other]: { config: {}, status: { commstatus: 'linked-called', direction: 'in', talkingto_id: T, state: 'Up' } } }
    assert.deepEqual((await gap()).sort(), [`call.answered 9/${other}`, `call.ended 7/${D}`, 'device.hook', 'device.hook'])
  })

  it('a call without channels keeps its id when the phone still talks', async () => {
    await start('2.3')
    await talk()
    set('phones', '7', { hintstatus: '1' })
    assert.deepEqual(await gap(), [])
    const [leg] = [...client.session.picture.calls()]
    ;(await server.peer(2)).send(push('phones', '7', { hintstatus: '0' }))
    assert.equal((await client.next('call.ended')).call?.id, leg?.id)
  })

  it('takes another number on the own line for another call', async () => {
    await start('2.3')
    await talk()
    peer.send({ class: 'current_calls', current_calls: [{ cid_name: 'Pat Placeholder', cid_number: '5550142', call_status: 'up', call_start: Date.now() / 1000 }] })
    await client.next((event) => event.event === 'call.updated')
    set('phones', '7', { hintstatus: '1' })
    calls = [{ cid_name: 'Kim Demo', cid_number: '5550177', call_status: 'hold', call_start: Date.now() / 1000 }]
    const told = await gap()
    assert.deepEqual(told.map((text) => text.split(' ')[0]).sort(), ['call.ended', 'call.held'])
    const [leg] = [...client.session.picture.calls()]
    assert.deepEqual([leg?.remote?.number, leg?.heldBy], ['5550177', 'remote'])
  })

  it('tells agents, presence, forwarding and waiting callers that changed', async () => {
    await start('2.3')
    set('agents', '4', { availability: 'available', phonenumber: '1007' })
    set('users', '5', { availstate: 'outtolunch' })
    Object.assign(server.world.users?.[3]?.config ?? {}, { enableunc: 1, destunc: '1009' })
    entries = [{ position: 1, name: 'Pat Placeholder', number: '5550142', join_time: Date.now() / 1000, uniqueid: '17.41' }]
    const told = await gap()
    for (const name of ['agent.ready', 'user.presence', 'forwarding.changed', 'call.queued queue:xivo/2/17.41']) assert.ok(told.includes(name), `${name} in ${told.join()}`)
    entries = []
    peer = await server.peer(2)
    const again = client.events.length
    peer.socket.destroy()
    await client.next((event) => event.event === 'call.dequeued')
    assert.equal(client.events.slice(again).find(({ event }) => event === 'call.dequeued')?.reason, 'lost')
  })

  it('what happens while lists are read is in the snapshot', async () => {
    server = new TestServer({
      version: '2.3',
      answer: (line, from) => {
        if (line.listname === 'voicemails' && line.function === 'updatestatus') from.send(push('phones', '9', { hintstatus: '8' }))
        return undefined
      }
    })
    client = new TestClient(await server.listen(), { protocol: '2.3', allowClearPassword: true })
    await client.online()
    const ringing = client.events.filter(({ event }) => event === 'call.ringing')
    assert.deepEqual(ringing.map(({ call, initial }) => [call?.owner.id, initial]), [['5', true]])
  })

  it('renews the session before its token expires', async () => {
    await start('2.3')
    let ahead = 0
    const clock: Clock = {
      now: () => Date.now() + ahead,
      setTimeout: (run, ms) => setTimeout(run, ms),
      clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout)
    }
    const { port } = peer.socket.address() as { port: number }
    const driver = new XivoDriver({ host: '127.0.0.1', port, login: 'dexample', password: 's3cr3t', protocol: '2.3', tls: 'off', allowClearPassword: true, keepaliveMs: 20 })
    const session = new Session({ accountId: 'a2', account: 'Second', driver, clock, random: () => 0, graceMs: 0 })
    const lost = new Promise<string | undefined>((resolve) => {
      session.join({ status: ({ state, error }) => { if (state === 'waiting') resolve(error?.cause.code) } })
    })
    try {
      await session.whenOnline(5000)
      ahead = 59.5 * 24 * 3600 * 1000
      assert.equal(await lost, 'tokenRenewal')
    } finally {
      await session.close('restart')
    }
  })
})
