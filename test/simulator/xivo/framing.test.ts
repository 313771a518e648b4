import assert from 'node:assert/strict'
import { decode, Drop, encode, Lines } from '../../../src/simulator/xivo/codec'
import { type RawClient } from './client'
import { PAT, XivoWorld } from './world'

describe('simulator/xivo framing', () => {
  it('cuts lines wherever the segments are cut', () => {
    const bytes = Buffer.from('{"class":"ü€"}\n\n{"class":"b"}\n{"cl')
    for (let size = 1; size <= bytes.length; size++) {
      const lines = new Lines()
      const got: string[] = []
      for (let at = 0; at < bytes.length; at += size) got.push(...lines.push(bytes.subarray(at, at + size)).map(String))
      assert.deepEqual(got, ['{"class":"ü€"}', '', '{"class":"b"}'], `pieces of ${size}`)
      assert.equal(String(lines.take()), '{"cl')
    }
  })

  it('bounds a line that never ends', () => {
    const lines = new Lines()
    const block = Buffer.alloc(4 * 1024 * 1024, 0x20)
    assert.throws(() => { for (let n = 0; n < 6; n++) lines.push(block) }, Drop)
  })

  it('writes ASCII, with escaped slashes if asked', () => {
    assert.equal(String(encode({ class: 'ü€😀/' })), '{"class":"\\u00fc\\u20ac\\ud83d\\ude00/"}\n')
    assert.equal(String(encode({ class: 'SIP/x' }, true)), '{"class":"SIP\\/x"}\n')
    assert.deepEqual(decode(encode({ class: 'ü€😀/' }, true)), { class: 'ü€😀/' })
  })

  it('takes objects with a class only', () => {
    for (const text of ['', '[]', '1', 'null', '{}', '{"class":1}', '{', '\u0000']) assert.throws(() => decode(Buffer.from(text)), Drop, text)
    assert.throws(() => decode(Buffer.from([0x7b, 0xff, 0x7d])), Drop)
    assert.deepEqual(decode(Buffer.from('{"class":"a"}\r')), { class: 'a' })
  })

  describe('on a socket', () => {
    let world: XivoWorld
    let client: RawClient
    const open = async (options?: Parameters<typeof XivoWorld.open>[0]): Promise<void> => {
      world = await XivoWorld.open(options)
      client = await world.client()
    }
    afterEach(() => world.close())

    it('answers several messages of one segment, and one of many segments', async () => {
      await open()
      client.raw('{"class":"keepalive","commandid":1}\n{"class":"getipbxlist","commandid":2}\r\n{"class":"keepalive","comm')
      client.raw('andid":3}')
      client.raw('\n')
      assert.deepEqual([(await client.next()).replyid, (await client.next()).replyid, (await client.next()).replyid], [1, 2, 3])
    })

    for (const [what, bytes] of [['no JSON', 'hello\n'], ['a list', '[1]\n'], ['no class', '{"commandid":1}\n'], ['an empty line', '\n'], ['bad UTF-8', Buffer.from([0x22, 0xff, 0x22, 0x0a])]] as const) {
      it(`drops the connection for ${what}`, async () => {
        await open()
        client.raw(bytes)
        await client.untilClosed()
        assert.deepEqual(client.lines, [])
      })
    }

    it('overlooks empty lines up to 14.24', async () => {
      await open({ release: '14.24' })
      client.raw('\n\n')
      assert.deepEqual(await client.settle(), [])
    })

    it('keeps quiet about classes, lists and functions that it does not know', async () => {
      await open()
      client.send({ class: 'featuresget' })
      client.send({ class: 'getlist', function: 'listid', listname: 'cars' })
      client.send({ class: 'getlist', function: 'dance', listname: 'users' })
      client.send({ class: 'subscribe', message: 'weather' })
      client.send({ class: '__proto__' })
      client.send({ class: 'constructor' })
      assert.deepEqual(await client.settle(), [])
    })

    it('gives an id back only when there is one that is not 0', async () => {
      await open()
      client.raw('{"class":"keepalive","commandid":0}\n{"class":"keepalive"}\n')
      const lines = [await client.next(), await client.next()]
      assert.deepEqual(lines.map(({ replyid, warning_string: warning }) => [replyid, warning]), [[undefined, 'unimplemented'], [undefined, 'unimplemented']])
    })

    it('gives an id back as it came, also when it is a text', async () => {
      await open()
      client.raw('{"class":"keepalive","commandid":"load-7Hq"}\n{"class":"keepalive","commandid":""}\n{"class":"keepalive","commandid":2147483648}\n')
      const lines = [await client.next(), await client.next(), await client.next()]
      assert.deepEqual(lines.map(({ replyid }) => replyid), ['load-7Hq', undefined, 2147483648])
    })

    describe('with faults', () => {
      const ring = (): void => { world.pbx.inbound({ from: PAT, to: '1007' }) }

      it('splits and merges without changing a message', async () => {
        await open()
        world.simulator.faults.inject({ kind: 'split', face: 'xivo', size: 3, ms: 0 })
        ring()
        const split = await client.told()
        world.simulator.faults.clear()
        assert.equal(split.length, 7)
        assert.deepEqual(client.garbage, [])
        world.simulator.faults.inject({ kind: 'merge', face: 'xivo', size: 3, times: 3, ms: 1 })
        world.pbx.release(world.pbx.connectionsOf('dexample')[0]?.key ?? '')
        world.clock.advance(5)
        assert.ok((await client.settle()).length >= 4)
        assert.deepEqual(client.garbage, [])
      })

      it('repeats, loses and spoils lines', async () => {
        await open()
        const { faults } = world.simulator
        faults.inject({ kind: 'duplicate', face: 'xivo', times: 1 })
        client.send({ class: 'getipbxlist' })
        assert.equal((await client.settle()).filter(({ class: name }) => name === 'getipbxlist').length, 2)
        faults.inject({ kind: 'lose', face: 'xivo', times: 1 })
        client.send({ class: 'getipbxlist' })
        assert.deepEqual(await client.settle(), [])
        faults.inject({ kind: 'malformed', face: 'xivo', times: 1 })
        client.send({ class: 'getipbxlist' })
        assert.deepEqual(await client.settle(), [])
        assert.equal(client.garbage.length, 1)
        faults.inject({ kind: 'unknown', face: 'xivo', times: 1 })
        client.send({ class: 'getipbxlist' })
        assert.deepEqual((await client.settle()).map(({ class: name }) => name), ['heartbeat_probe', 'getipbxlist'])
        faults.inject({ kind: 'oversize', face: 'xivo', times: 1, size: 300_000 })
        client.send({ class: 'getipbxlist' })
        assert.deepEqual((await client.settle()).map((line) => JSON.stringify(line).length > 300_000), [true, false])
      })

      it('is slow, hangs, cuts, refuses and forgets events as asked', async () => {
        await open()
        const { faults } = world.simulator
        faults.inject({ kind: 'slow', face: 'xivo', method: 'getipbxlist', ms: 700, times: 1 })
        client.send({ class: 'getipbxlist', commandid: 5 })
        assert.deepEqual(await client.settle(), [])
        world.clock.advance(700)
        assert.equal((await client.of('getipbxlist')).replyid, 5)
        faults.inject({ kind: 'hang', face: 'xivo', path: 'ipbxcommand/dial', times: 1 })
        client.send({ class: 'ipbxcommand', command: 'dial', destination: '1009' })
        assert.deepEqual(await client.settle(), [])
        assert.equal(world.pbx.connectionsOf('dexample').length, 0)
        faults.inject({ kind: 'status', face: 'xivo', path: 'ipbxcommand/agentlogin', body: 'agent_login_exten_in_use', times: 1 })
        client.send({ class: 'ipbxcommand', command: 'agentlogin' })
        assert.deepEqual(await client.settle(), [{ class: 'ipbxcommand', error_string: 'agent_login_exten_in_use' }])
        faults.inject({ kind: 'noEvents', face: 'xivo' })
        ring()
        assert.deepEqual(await client.settle(), [])
        faults.clear()
        faults.inject({ kind: 'noHeartbeat', face: 'xivo', times: 1 })
        client.send({ class: 'keepalive', commandid: 77 })
        assert.deepEqual(await client.settle(), [])
        faults.inject({ kind: 'cut', face: 'xivo', method: 'getipbxlist' })
        client.send({ class: 'getipbxlist' })
        await client.untilClosed()
      })

      it('refuses log-ins as asked', async () => {
        await open()
        world.simulator.faults.inject({ kind: 'status', face: 'xivo', method: 'login_pass', body: 'login_password', times: 1 })
        const other = await world.connect()
        await assert.rejects(other.login('dexample').then(({ error_string: error }) => assert.equal(error, undefined)))
        await other.untilClosed()
        assert.equal((await world.client('lsample')).closed, false)
      })

      it('stalls and goes on', async () => {
        await open()
        const fault = world.simulator.faults.inject({ kind: 'stall', face: 'xivo' })
        ring()
        client.send({ class: 'keepalive', commandid: 3 })
        const other = await world.connect()
        assert.deepEqual([client.lines, other.closed], [[], false])
        world.simulator.faults.revoke(fault.id)
        assert.equal((await client.settle()).length >= 7, true)
      })

      it('cuts connections on command, and restarts on its port with every presence forgotten', async () => {
        await open()
        const { url } = world.simulator.demoLogin('xivo')
        const lee = await world.client('lsample', 'away')
        assert.equal(world.simulator.face('xivo').connections().length, 2)
        const id = world.simulator.face('xivo').connections().find(({ owner }) => owner === 'dexample')?.id
        assert.equal(world.simulator.face('xivo').act('dropConnections', id), 1)
        await client.untilClosed()
        assert.deepEqual((await lee.told()).at(-1), 'updatestatus users 3 {"availstate":"disconnected"}')
        await world.simulator.restartFace('xivo')
        await lee.untilClosed()
        assert.equal(world.simulator.demoLogin('xivo').url, url)
        const again = await world.client('dexample')
        again.send({ class: 'getlist', function: 'updatestatus', listname: 'users', tid: '5' })
        assert.deepEqual((await again.of('getlist')).status, { availstate: 'disconnected', connection: null })
      })

      it('closes everything when the PBX is restarted, and begins its channel names anew', async () => {
        await open()
        ring()
        world.pbx.restart()
        await client.untilClosed()
        client = await world.client()
        ring()
        assert.match((await client.told())[0] ?? '', /trunk-a-0000001a/)
        client.send({ class: 'getlist', function: 'listid', listname: 'phones' })
        assert.deepEqual((await client.of('getlist')).list, ['7', '9', '10'])
      })
    })
  })
})
