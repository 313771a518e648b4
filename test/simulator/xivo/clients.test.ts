/** Clients that others published, by what they send and need (xivo-cti.md 6), and clients that nobody should have written. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { checkInvariant } from '../../../src/simulator/pbx/invariant'
import { Rng } from '../../../src/simulator/pbx/rng'
import { type Line, type RawClient } from './client'
import { PAT, XivoWorld } from './world'

describe('simulator/xivo with clients of others', () => {
  let world: XivoWorld
  let client: RawClient
  afterEach(() => world.close())

  it('serves the start of the desktop client: everything it lists, one by one', async () => {
    world = await XivoWorld.open()
    client = await world.connect()
    client.send({ class: 'login_id', company: 'default', ident: 'undef@X11-LE-32', userlogin: 'dexample', version: '9999', xivoversion: '1.2', 'lastlogout-datetime': '', 'lastlogout-stopper': '', git_date: '1', git_hash: 'f' })
    const { sessionid } = await client.of('login_id')
    client.send({ class: 'login_pass', hashedpassword: createHash('sha1').update(`${String(sessionid)}:demo`).digest('hex') })
    const { capalist } = await client.of('login_pass')
    client.send({ class: 'login_capas', capaid: (capalist as number[])[0], lastconnwins: false, loginkind: 'agent', agentphonenumber: '1007', state: 'available' })
    const { userid } = await client.of('login_capas')
    client.send({ class: 'getipbxlist' })
    assert.deepEqual((await client.of('getipbxlist')).ipbxlist, ['xivo'])
    client.send({ class: 'getlist', function: 'updateconfig', listname: 'users', tid: userid, tipbxid: 'xivo' })
    for (const listname of ['users', 'phones', 'agents', 'queues', 'voicemails', 'queuemembers', 'meetmes']) {
      client.send({ class: 'getlist', function: 'listid', listname, tipbxid: 'xivo' })
      const { list } = await client.next((line) => line.function === 'listid' && line.listname === listname)
      for (const tid of list as string[]) {
        client.send({ class: 'getlist', function: 'updateconfig', listname, tid, tipbxid: 'xivo' })
        client.send({ class: 'getlist', function: 'updatestatus', listname, tid, tipbxid: 'xivo' })
        const mine = (what: string) => (line: Line): boolean => line.function === what && line.listname === listname && line.tid === tid
        assert.notDeepEqual((await client.next(mine('updateconfig'))).config, {}, `${listname} ${tid}`)
        assert.ok((await client.next(mine('updatestatus'))).status, `${listname} ${tid}`)
      }
    }
    client.send({ class: 'subscribe', message: 'current_calls' })
    client.send({ class: 'subscribe', message: 'meetme_update' })
    client.send({ class: 'subscribetoqueuesstats' })
    assert.ok((await client.settle()).length >= 3 + 3 * 3)
    assert.equal(client.closed, false)
  })

  it('gives the Java library the types that it insists on', async () => {
    world = await XivoWorld.open()
    for (const login of ['boss', 'dexample', 'lsample']) {
      client = await world.connect()
      const capas = await client.login(login, { state: 'available' })
      assert.equal(capas.presence, 'available', 'it ends without')
      for (const [, , order] of capas.capaxlets as string[][]) assert.match(order ?? '', /^\d+$/, 'the third is its order')
      for (const status of Object.values((capas.capas as Record<string, Record<string, Line>>).userstatus ?? {})) assert.deepEqual([typeof status.color, typeof status.longname, typeof status.actions], ['string', 'string', 'object'])
      const next = await client.settle()
      assert.deepEqual(next.slice(0, 2).map(({ function: what, listname, tid }) => [what, listname, tid]), [['updateconfig', 'users', capas.userid], ['updatestatus', 'users', capas.userid]], 'it reads two more lines and takes them for these')
    }
    world.pbx.inbound({ from: PAT, to: '1009', behaviour: { giveUpAfterMs: 590 } })
    world.clock.advance(590)
    await client.settle()
    client.send({ class: 'history', mode: '2', size: '5', xuserid: 'xivo/5' })
    const [call] = (await client.of('history')).history as Line[]
    assert.match(String(call?.calldate), /\.\d{6}$/, 'it cuts at the point')
    client.send({ class: 'getlist', function: 'updateconfig', listname: 'phones', tid: '9' })
    const phone = await client.of('getlist')
    assert.deepEqual([typeof phone.tid, typeof (phone.config as Line).iduserfeatures, typeof (phone.config as Line).number], ['string', 'number', 'string'])
  })

  it('serves the load generator: it asks for the state of whatever is told, and waits for each item by its id', async () => {
    for (const protocol of ['1.2', '2.3'] as const) {
      world = await XivoWorld.open({ protocol })
      client = protocol === '1.2' ? await world.client('lsample', 'available') : await world.client2('lsample', 'available')
      client.send({ class: 'subscribetoqueuesstats' })
      client.send({ class: 'subscribe', message: 'meetme_update' })
      const open = new Map(['users', 'phones', 'agents', 'queues', 'voicemails', 'queuemembers'].map((name) => [name, new Set<unknown>()]))
      for (const listname of open.keys()) client.send({ class: 'getlist', function: 'listid', listname, tipbxid: 'xivo' })
      let figures = 0
      while (open.size > 0) {
        const { class: name, function: what, listname, tid, tipbxid, list } = await client.next()
        if (name === 'getqueuesstats') figures++
        if (name !== 'getlist') continue
        const ask = (asked: string, id: unknown): void => { client.raw(`${JSON.stringify({ class: 'getlist', function: asked, listname, tid: id, tipbxid })}\n`) }
        if (what === 'listid') {
          if ((list as string[]).length === 0) open.delete(String(listname))
          else open.set(String(listname), new Set(list as string[]))
          for (const id of list as string[]) ask('updateconfig', id)
        } else if (what === 'updateconfig') {
          ask('updatestatus', tid)
          if (listname === 'queues') client.raw(`${JSON.stringify({ class: 'getqueuesstats', on: { [String(tid)]: { window: '3600', xqos: '60' } } })}\n`)
        } else {
          open.get(String(listname))?.delete(tid)
          if (open.get(String(listname))?.size === 0) open.delete(String(listname))
        }
      }
      client.send({ class: 'people_headers' })
      assert.deepEqual(Object.keys(await client.of('people_headers_result')).sort(), ['class', 'column_headers', 'column_types', 'timenow'])
      assert.ok(figures >= 9, 'three lines a queue')
      client.send({ class: 'logout', stopper: 'disconnect' })
      await client.settle()
      if (protocol === '1.2') await world.close()
    }
  })

  it('knows the old name of what a switchboard takes back, only as long as it was the name', async () => {
    world = await XivoWorld.open({ release: '14.04' })
    client = await world.client()
    client.send({ class: 'unhold_switchboard' })
    await client.untilClosed()
    await world.close()
    world = await XivoWorld.open()
    client = await world.client()
    client.send({ class: 'unhold_switchboard' })
    await client.settle()
    assert.equal(client.closed, false)
  })

  it('works with a client of the acceptance tests, which sends keys of two dialects', async () => {
    world = await XivoWorld.open({ protocol: '2.1' })
    client = await world.connect()
    client.send({ class: 'login_id', company: 'lol', ident: 'acceptance', userlogin: 'dexample', xivoversion: '2.1' })
    await client.of('login_id')
    client.send({ class: 'login_pass', password: 'demo' })
    const { capalist } = await client.of('login_pass')
    client.send({ class: 'login_capas', loginkind: 'user', capaid: (capalist as number[])[0], lastconnwins: false, state: 'available' })
    assert.equal((await client.of('login_capas')).userid, '3')
  })

  it('sends private lines to nobody who only said a name', async () => {
    world = await XivoWorld.open()
    const stranger = await world.connect()
    stranger.send({ class: 'login_id', company: 'default', ident: 'x', userlogin: 'lsample', xivoversion: '1.2' })
    await stranger.of('login_id')
    client = await world.client()
    const lee = await world.client('lsample')
    client.send({ class: 'chitchat', to: 'xivo/5', text: 'the password is swordfish' })
    await lee.of('chitchat')
    assert.equal(stranger.lines.some((line) => JSON.stringify(line).includes('swordfish')), false)
  })

  it('survives whatever is thrown at it', async () => {
    world = await XivoWorld.open()
    const warnings: Error[] = []
    const watch = (warning: Error): void => { if (warning.name === 'SimulatorWarning') warnings.push(warning) }
    process.on('warning', watch)
    const rng = new Rng(7)
    const classes = ['getlist', 'ipbxcommand', 'featuresput', 'availstate', 'subscribe', 'history', 'chitchat', 'people_search', 'directory', 'register_user_status_update', 'getqueuesstats', 'faxsend', 'call_form_result', 'hangup', 'attended_transfer', 'complete_transfer', 'cancel_transfer', 'answer', 'login_id', 'login_pass', 'login_capas', 'starttls', 'logout', 'invite_confroom', 'switchboard_directory_search']
    const keys = ['function', 'listname', 'tid', 'command', 'destination', 'member', 'queue', 'value', 'availstate', 'message', 'queueid', 'size', 'mode', 'to', 'text', 'pattern', 'user_ids', 'on', 'data', 'infos', 'number', 'unique_id', 'status', 'source', 'channelids', 'agentids', 'agentphonenumber', 'functionargs', 'subcommand', 'channel']
    const words = ['updateconfig', 'updatestatus', 'listid', 'users', 'channels', 'dial', 'originate', 'hangup', 'transfer', 'queuepause', 'agentlogin', 'meetme', 'intercept', 'fwd', 'enablednd', 'current_calls', 'queueentryupdate', 'agent:xivo/4', 'queue:xivo/2', 'user:xivo/5', 'exten:xivo/1009', '1009', '2', '-1', '__proto__', '', '\u0000', '../..']
    const value = (depth = 0): unknown => {
      const kind = rng.integer(0, depth > 2 ? 4 : 6)
      if (kind === 5) return Array.from({ length: rng.integer(0, 3) }, () => value(depth + 1))
      if (kind === 6) return Object.fromEntries(Array.from({ length: rng.integer(0, 3) }, () => [rng.pick([...keys, 'toString', 'enableunc', 'destunc', 'variables', 'window', 'xqos', '2']), value(depth + 1)]))
      return [null, true, rng.integer(-5, 1e9), rng.next(), rng.pick(words)][kind] ?? rng.pick(words)
    }
    try {
      client = await world.client('boss', 'available')
      for (let n = 0; n < 1500; n++) {
        if (client.closed) client = await world.client('boss', 'available')
        client.raw(`${JSON.stringify({ class: rng.pick(classes), ...Object.fromEntries(Array.from({ length: rng.integer(0, 5) }, () => [rng.pick(keys), value()])) })}\n`)
        if (n % 5 === 0) await client.settle()
      }
      const last = await world.client('lsample')
      assert.equal(last.closed, false)
      await new Promise((resolve) => { setImmediate(resolve) })
      assert.deepEqual(warnings.map(({ stack }) => stack), [])
      assert.deepEqual(checkInvariant(world.pbx), [])
    } finally {
      process.off('warning', watch)
    }
  })

  it('does nothing any more when it was stopped with something to do later', async () => {
    world = await XivoWorld.open({ liftAfterMs: 1000 })
    client = await world.client()
    client.send({ class: 'ipbxcommand', command: 'dial', destination: '1009' })
    await client.settle()
    const away = world.simulator.restartFace('xivo', { downMs: 60_000 })
    const failed = assert.rejects(away, /stopped/)
    await client.untilClosed()
    await world.simulator.face('xivo').stop()
    world.clock.advance(1000)
    assert.equal(world.pbx.connectionsOf('lsample').length, 0, 'nobody lifts the phone')
    world.clock.advance(60_000)
    await failed
  })
})
