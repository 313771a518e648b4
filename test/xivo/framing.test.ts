import assert from 'node:assert/strict'
import { TestClient } from './support/client'
import { TestServer, type Peer } from './support/server'

describe('lines of a XiVO server', () => {
  let server: TestServer
  let client: TestClient
  let peer: Peer

  beforeEach(async () => {
    server = new TestServer({ version: '1.2', channels: true })
    client = new TestClient(await server.listen())
    await client.online()
    peer = await server.peer()
  })

  afterEach(async () => {
    await client.close()
    await server.close()
  })

  const chat = (text: string): string => `${JSON.stringify({ class: 'chitchat', to: 'xivo/3', from: 'xivo/5', text, timenow: 1716200600.5 })}\n`
  const heard = (): unknown[] => client.vendorEvents.map((message) => (message as { class?: string; text?: string } | undefined)).filter((message) => message?.class === 'chitchat').map((message) => message?.text)

  it('may be cut after every byte, also inside a letter', async () => {
    for (const byte of Buffer.from(chat('Grüße ☎ 電話'))) {
      peer.raw(Buffer.of(byte))
      await new Promise((resolve) => { setImmediate(resolve) })
    }
    await client.next('vendor.chitchat')
    assert.deepEqual(heard(), ['Grüße ☎ 電話'])
  })

  it('may come several in one piece', async () => {
    peer.raw(chat('one') + chat('two'))
    await client.next((event) => event.event === 'vendor.chitchat' && heard().length === 2)
    assert.deepEqual(heard(), ['one', 'two'])
  })

  it('may be two megabytes long', async () => {
    peer.raw(chat('x'.repeat(2 * 1024 * 1024)))
    await client.next('vendor.chitchat')
    assert.equal(String(heard()[0]).length, 2 * 1024 * 1024)
  })

  for (const [what, bytes, code] of [
    ['is not UTF-8', Buffer.concat([Buffer.from('{"class":"chitchat","text":"'), Buffer.of(0xff, 0xfe), Buffer.from('"}\n')]), 'line.encoding'],
    ['is not JSON', Buffer.from('{"class":\n'), 'line.malformed'],
    ['is no object', Buffer.from('[1,2]\n'), 'line.notObject'],
    ['is null', Buffer.from('null\n'), 'line.notObject'],
    ['is longer than eight megabytes', Buffer.alloc(8 * 1024 * 1024 + 10, 0x20), 'line.oversize']
  ] as const) {
    it(`is skipped with a warning when it ${what}`, async () => {
      peer.raw(bytes)
      if (code === 'line.oversize') peer.raw('\n')
      await client.warning(code)
      peer.raw(chat('after'))
      await client.next('vendor.chitchat')
      assert.deepEqual(heard(), ['after'])
      assert.equal(client.session.status.state, 'online')
    })
  }

  it('passes over empty lines and carriage returns', async () => {
    peer.raw(`\n\r\n${chat('here').replace('\n', '\r\n')}`)
    await client.next('vendor.chitchat')
    assert.deepEqual(heard(), ['here'])
  })

  it('tells a class that it does not know as an event of the vendor', async () => {
    peer.send({ class: 'somethingnew', value: 1 })
    const event = await client.next('vendor.somethingnew')
    assert.equal(event.timeSource, 'vendor')
    assert.equal((client.vendorEvents.at(-1) as { value: number }).value, 1)
  })

  it('does not stumble over a message without a class or with absurd values', async () => {
    peer.send({ nothing: true }, { class: 7 }, { class: '__proto__' }, { class: 'constructor' }, { class: 'getlist', function: 'toString', listname: 'users' },
      { class: 'getlist', function: 'updatestatus', listname: 'users', tid: null, status: 5 }, { class: 'getlist', function: 'updatestatus', listname: 'phones', tid: '7', status: { hintstatus: {}, channels: 'x' } },
      { class: 'getqueuesstats', stats: { 2: null, __proto__: 1 } }, { class: 'queueentryupdate', state: { queue_id: 2, entries: [null, { uniqueid: {} }] } },
      { class: 'current_calls', current_calls: { a: 1 } }, { class: 'sheet', payload: '!!!', compressed: true }, { class: 'meetme_user', list: 'x' }, { class: 'user_status_update' })
    peer.raw(chat('still here'))
    await client.next('vendor.chitchat')
    assert.equal(client.session.status.state, 'online')
    assert.equal(client.warnings.includes('message'), false)
  })

  it('shows a call form unpacked beside what came', async () => {
    const xml = '<profile><user><internal name="where"><![CDATA[dial]]></internal><sheet_info order="0010" name="Caller" type="phone"><![CDATA[5550142]]></sheet_info></user></profile>'
    peer.send({ class: 'sheet', channel: 'SIP/trunk-a-0000001a', serial: 'xml', compressed: false, payload: Buffer.from(xml).toString('base64') })
    await client.next('vendor.sheet')
    const { payload, sheet } = client.vendorEvents.at(-1) as { payload: string; sheet: { where: string; fields: object[] } }
    assert.ok(payload.length > 0)
    assert.deepEqual(sheet.fields.at(-1), { section: 'sheet', order: '0010', name: 'Caller', type: 'phone', value: '5550142' })
    peer.send({ class: 'sheet', compressed: true, payload: 'AAAA' })
    await client.warning('sheet')
  })

  it('drops a reply for which nobody waits', async () => {
    const before = client.events.length
    peer.send({ class: 'directory', replyid: 9999, status: 'ok', headers: [], resultlist: [] })
    await client.warning('lateReply')
    assert.equal(client.events.length, before)
  })

  it('remembers by how much the server\'s clock is ahead', async () => {
    peer.raw(`${JSON.stringify({ class: 'chitchat', text: 'x', timenow: Date.now() / 1000 + 600 })}\n`)
    const event = await client.next('vendor.chitchat')
    assert.ok(Math.abs(Date.parse(event.time) - Date.now() - 600_000) < 5000)
  })
})
