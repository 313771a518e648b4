import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type Line, type RawClient } from './client'
import { XivoWorld } from './world'

const ID: Line = { class: 'login_id', company: 'default', ident: 'test', userlogin: 'dexample', xivoversion: '1.2' }

describe('simulator/xivo log-in', () => {
  let world: XivoWorld
  let client: RawClient
  const open = async (options?: Parameters<typeof XivoWorld.open>[0]): Promise<void> => {
    world = await XivoWorld.open(options)
    client = await world.connect()
  }
  const pass = async (password = 'demo'): Promise<void> => {
    client.send(ID)
    const { sessionid } = await client.of('login_id')
    client.send({ class: 'login_pass', commandid: 2, hashedpassword: createHash('sha1').update(`${String(sessionid)}:${password}`).digest('hex') })
  }
  afterEach(() => world.close())

  describe('1.2', () => {
    it('is silent until spoken to and logs in in three steps', async () => {
      await open()
      const other = await world.client('lsample')
      assert.deepEqual(client.lines.filter(({ class: name }) => name !== 'getlist'), [])
      client.send({ ...ID, commandid: 1 })
      const id = await client.of('login_id')
      assert.match(String(id.sessionid), /^[A-Za-z0-9]{10}$/)
      assert.equal(new Set(String(id.sessionid)).size, 10)
      assert.deepEqual([id.xivoversion, id.replyid, typeof id.timenow], ['1.2', undefined, 'number'])
      client.send({ class: 'login_pass', commandid: 2, hashedpassword: createHash('sha1').update(`${String(id.sessionid)}:demo`).digest('hex') })
      const passed = await client.of('login_pass')
      assert.deepEqual([passed.replyid, passed.capalist], [2, [3]])
      client.send({ class: 'login_capas', commandid: 3, capaid: '3', loginkind: 'user', lastconnwins: true, state: 'available' })
      const reply = await client.of('login_capas')
      assert.deepEqual([reply.replyid, reply.userid, reply.ipbxid, reply.appliname], [3, '3', 'xivo', 'Agent'])
      const capas = reply.capas as Record<string, Record<string, { actions?: unknown; longname: string }>>
      assert.deepEqual(Object.keys(capas).sort(), ['ipbxcommands', 'phonestatus', 'preferences', 'regcommands', 'services', 'userstatus'])
      assert.deepEqual(capas.userstatus?.available?.actions, { enablednd: 'false' })
      assert.equal(capas.phonestatus?.['-2']?.longname, 'Inexistent')
      assert.deepEqual(reply.capaxlets, [['identity', 'grid', '0'], ['queues', 'grid', '1'], ['people', 'tab', '1']])
      assert.deepEqual((await client.told()).slice(-2), ['updateconfig users 3 {"enablednd":false}', 'updatestatus users 3 {"availstate":"available"}'])
      assert.deepEqual((await other.told()).slice(-2), ['updateconfig users 3 {"enablednd":false}', 'updatestatus users 3 {"availstate":"available"}'])
    })

    it('checks the digest that the sheet gives', () => {
      assert.equal(createHash('sha1').update('Zk3QpLw8Ra:s3cr3t').digest('hex'), '648bb8df96d189042030c4ac63389038617b70e1')
      return open()
    })

    it('sends broadcasts from the connection on, before any log-in', async () => {
      await open()
      await world.client('lsample', 'away')
      assert.equal((await client.of('getlist')).tid, '5')
    })

    it('refuses another version and an unknown user, and lets them wait for the end of the login timer', async () => {
      await open()
      client.send({ ...ID, xivoversion: '2.3' })
      assert.equal((await client.of('login_id')).error_string, 'xivoversion_client:2.3;1.2')
      client.send(ID)
      const other = await world.connect()
      other.send({ ...ID, userlogin: 'nobody', commandid: 7 })
      const refused = await other.of('login_id')
      assert.deepEqual([refused.error_string, refused.replyid], ['login_password', undefined])
      assert.deepEqual(client.lines, [], 'the step is consumed')
      world.clock.advance(4999)
      assert.equal(client.closed, false)
      world.clock.advance(1)
      await client.untilClosed()
      await other.untilClosed()
    })

    it('closes after a wrong password, with a line or without one', async () => {
      await open()
      await pass('wrong')
      const refused = await client.of('login_pass')
      assert.deepEqual([refused.error_string, refused.replyid], ['login_password', 2])
      await client.untilClosed()
      await world.close()
      await open({ swallowLoginErrors: true })
      await pass('wrong')
      await client.untilClosed()
      assert.deepEqual(client.lines, [])
    })

    it('names what is missing or wrong in the later steps', async () => {
      await open({ profiles: { lsample: null } })
      client.send(ID)
      await client.of('login_id')
      client.send({ class: 'login_pass', password: 'demo' })
      assert.equal((await client.of('login_pass')).error_string, 'missing:hashedpassword')
      await client.untilClosed()
      const capas = async (fields: Line): Promise<unknown> => {
        client = await world.connect()
        await pass()
        await client.of('login_pass')
        client.send({ class: 'login_capas', ...fields })
        const { error_string: error } = await client.of('login_capas')
        await client.untilClosed()
        return error
      }
      const rest = { loginkind: 'user', lastconnwins: false, state: 'away' }
      assert.equal(await capas({ capaid: 3, state: 'away' }), 'missing:lastconnwins,loginkind')
      assert.equal(await capas({ capaid: 99, ...rest }), 'unknown cti_profile_id')
      assert.equal(await capas({ capaid: 2, ...rest }), 'wrong cti_profile_id')
      client = await world.connect()
      client.send({ ...ID, userlogin: 'lsample' })
      const { sessionid } = await client.of('login_id')
      client.send({ class: 'login_pass', hashedpassword: createHash('sha1').update(`${String(sessionid)}:demo`).digest('hex') })
      assert.equal((await client.of('login_pass')).error_string, 'capaid_undefined')
    })

    it('drops the connection for a step that lacks what it needs', async () => {
      await open()
      client.send({ class: 'login_id', ident: 'x', userlogin: 'dexample', xivoversion: '1.2' })
      await client.untilClosed()
      client = await world.connect()
      client.send({ class: 'login_capas', capaid: 3 })
      await client.untilClosed()
      client = await world.connect()
      await pass()
      await client.of('login_pass')
      client.send({ class: 'login_capas', capaid: 'x', loginkind: 'user', lastconnwins: false, state: 'away' })
      await client.untilClosed()
      assert.deepEqual(client.lines, [])
    })

    it('ignores commands before the password, and refuses some of them before the last step', async () => {
      await open()
      client.send({ class: 'getipbxlist' })
      client.send({ class: 'nonsense' })
      await pass()
      assert.equal((await client.next()).class, 'login_pass')
      client.send({ class: 'getipbxlist', commandid: 9 })
      const refused = await client.next()
      assert.deepEqual([refused.class, refused.error_string, refused.replyid], ['getipbxlist', 'notloggedyet', 9])
      await client.untilClosed()
    })

    it('lets a user in twice, and says disconnected when one of the two leaves', async () => {
      await open()
      await client.login('dexample', { state: 'away' })
      const second = await world.client('dexample', 'away')
      await client.settle()
      second.close()
      await client.until(() => client.lines.length > 0)
      assert.deepEqual(await client.told(), ['updatestatus users 3 {"availstate":"disconnected"}'])
      client.send({ class: 'chitchat', to: 'xivo/3', text: 'still here' })
      assert.ok((await client.told()).some((line) => line.includes('still here')))
    })

    it('logs out with the actions of the presence and stays open', async () => {
      await open()
      await client.login('dexample', { state: 'away' })
      world.pbx.signIn('agent-dana', { routing: 'ready' })
      await client.settle()
      client.send({ class: 'logout', stopper: 'disconnect' })
      const lines = await client.told()
      assert.equal(lines.at(-1), 'updatestatus users 3 {"availstate":"disconnected"}')
      assert.equal(world.pbx.agents.get('agent-dana')?.loggedIn, false)
    })
  })

  describe('2.x', () => {
    it('takes the password in clear, sends no ids, and speaks of wazo in 2.3', async () => {
      await open({ protocol: '2.3' })
      client.send({ class: 'login_id', commandid: 1, company: 'xivo', ident: 'x', userlogin: 'dexample', wazoversion: '2.3' })
      const id = await client.of('login_id')
      assert.deepEqual([id.wazoversion, id.xivoversion], ['2.3', undefined])
      client.send({ class: 'login_pass', commandid: 2, password: 'demo' })
      const passed = await client.of('login_pass')
      assert.deepEqual([passed.replyid, passed.capalist], [undefined, [3]])
      client.send({ class: 'login_capas', commandid: 3, capaid: 3, state: 'away', lastconnwins: true, loginkind: 'user' })
      const reply = await client.of('login_capas')
      assert.equal(reply.replyid, undefined)
      assert.deepEqual(Object.keys(reply.capas as object).sort(), ['phonestatus', 'preferences', 'services', 'userstatus'])
      assert.deepEqual(await client.told(), ['updatestatus users 3 {"availstate":"away"}'])
    })

    it('takes the old key of the version, and says which one it speaks', async () => {
      await open({ protocol: '2.3' })
      client.send({ ...ID, xivoversion: '1.2' })
      assert.equal((await client.of('login_id')).error_string, 'wazoversion_client:1.2;2.3')
      const other = await world.connect()
      other.send({ ...ID, xivoversion: '2.3' })
      assert.equal((await other.of('login_id')).wazoversion, '2.3')
      await world.close()
      await open({ protocol: '2.1' })
      client.send({ ...ID, xivoversion: '2.3' })
      assert.equal((await client.of('login_id')).error_string, 'xivoversion_client:2.3;2.1')
    })

    it('knows only at the password that a user does not exist, and then waits for the timer', async () => {
      await open({ protocol: '2.2' })
      client.send({ ...ID, xivoversion: '2.2', userlogin: 'nobody' })
      assert.match(String((await client.of('login_id')).sessionid), /^\w{10}$/)
      client.send({ class: 'login_pass', password: 'demo' })
      assert.equal((await client.of('login_pass')).error_string, 'login_password')
      client.send({ class: 'login_pass', password: 'demo' })
      world.clock.advance(5000)
      await client.untilClosed()
      assert.deepEqual(client.lines, [])
    })

    it('broadcasts from the password on and takes commands before the last step', async () => {
      await open({ protocol: '2.3' })
      client.send({ ...ID, xivoversion: '2.3' })
      await client.of('login_id')
      world.pbx.setPresence('lsample', 'away')
      client.send({ class: 'login_pass', password: 'demo' })
      await client.of('login_pass')
      world.pbx.setPresence('lsample', 'available')
      assert.deepEqual((await client.of('getlist')).status, { availstate: 'available' })
      client.send({ class: 'getipbxlist', commandid: 4 })
      assert.deepEqual((await client.of('getipbxlist')).ipbxlist, ['xivo'])
    })

    it('drops a client of 1.2 at its hash', async () => {
      await open({ protocol: '2.3' })
      client.send({ ...ID, xivoversion: '2.3' })
      await client.of('login_id')
      client.send({ class: 'login_pass', hashedpassword: 'x' })
      await client.untilClosed()
      assert.deepEqual(client.lines, [])
    })

    it('refuses a profile in its own order, and drops without capaid', async () => {
      await open({ protocol: '2.3' })
      const upTo = async (): Promise<void> => {
        client = await world.connect()
        client.send({ ...ID, xivoversion: '2.3' })
        await client.of('login_id')
        client.send({ class: 'login_pass', password: 'demo' })
        await client.of('login_pass')
      }
      await upTo()
      client.send({ class: 'login_capas', capaid: 99, state: 'away' })
      assert.equal((await client.of('login_capas')).error_string, 'wrong cti_profile_id')
      await upTo()
      client.send({ class: 'login_capas', state: 'away' })
      await client.untilClosed()
    })
  })

  it('does not start as a release that does not exist', async () => {
    await open()
    await assert.rejects(XivoWorld.open({ release: '99' }), /no release/)
    await assert.rejects(XivoWorld.open({ protocol: '2.3', release: '15.08' }), /speaks 1\.2, not 2\.3/)
    await assert.rejects(XivoWorld.open({ release: '11.01' }), /another protocol/)
  })
})
