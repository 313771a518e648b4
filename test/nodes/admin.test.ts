import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CtiError } from '../../src/model'
import editor from '../../nodes/editor/cti-editor'
import xsiEvents from '../../nodes/events/xsi-events'
import { registerAccount } from '../../nodes/shared/account'
import type { NodeAPI } from 'node-red'
import { event, fakeAccounts, leg, type FakeSession } from './support/fakeSession'
import { ACCOUNT, helper, load, on, until } from './support/flows'

describe('the admin endpoints', function () {
  const accounts = fakeAccounts()
  const asked: string[] = []
  let server: Server | undefined
  let url = ''
  /** The helper has no plugins and lets everybody in: note which permissions are asked for. */
  function plugin (RED: NodeAPI): void {
    server = createServer(RED.httpAdmin)
    const auth = { needsPermission: (permission: string) => RED.auth.needsPermission(asked[asked.push(permission) - 1]!) }
    editor(Object.create(RED, { auth: { value: auth }, plugins: { value: { registerPlugin: () => undefined } } }) as NodeAPI)
  }
  const types = [(RED: NodeAPI) => { registerAccount(RED, accounts.definition) }, xsiEvents, plugin]
  const events = on('n', 'cti-xsi-events', { account: 'acc' })
  const get = async (path: string): Promise<{ status: number; body: never }> => {
    const reply = await fetch(`${url}/cti/${path}`)
    return { status: reply.status, body: await reply.json() as never }
  }
  const test = async (id: string, body: unknown): Promise<{ status: number; body: { ok?: boolean; code?: string; message?: string; ms?: number; notes?: string[] } }> => {
    const reply = await fetch(`${url}/cti/${id}/test`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
    return { status: reply.status, body: await reply.json() as never }
  }
  const start = async (): Promise<FakeSession> => {
    accounts.sessions.length = 0
    await load(types, [ACCOUNT, events, on('other', 'helper')])
    await new Promise<void>((resolve) => { server?.listen(0, '127.0.0.1', resolve) })
    url = `http://127.0.0.1:${(server?.address() as AddressInfo).port}`
    await until(() => accounts.sessions.length === 1 && accounts.last().listeners.size === 1)
    return accounts.last()
  }
  const typed = { name: 'Office', host: 'xsp.example.com', connectTo: 'system' }

  before(() => helper.startServer())
  after(() => helper.stopServer())
  afterEach(async () => {
    server?.closeAllConnections()
    server?.close()
    await helper.unload()
  })

  it('list users for drop-downs', async () => {
    const session = await start()
    session.answer = () => Promise.resolve({ items: [{ id: 'alice@example.com', name: 'Alice', extension: '1001' }, { number: '1050', name: 'Support' }, { name: 'nobody' }, 'odd'] })
    assert.deepEqual(await get('acc/users?query=al'), {
      status: 200, body: [{ id: 'alice@example.com', label: 'Alice (1001)', number: '1001' }, { id: '1050', label: 'Support (1050)', number: '1050' }]
    })
    assert.deepEqual(session.requests, [{ action: 'listUsers', limit: 200, query: 'al' }])
    session.answer = () => Promise.reject(new CtiError('CTI_NOT_CONNECTED', 'offline'))
    assert.deepEqual(await get('acc/queues'), { status: 409, body: { code: 'CTI_NOT_CONNECTED', message: 'offline' } })
  })

  it('list the disposition codes of all queues where codes belong to queues, and of one queue', async () => {
    const session = await start()
    const codes: Record<string, unknown[]> = { support: [{ id: 'S', name: 'Solved' }], billing: [{ id: 'S', name: 'Solved' }, { id: 'P', name: 'Paid' }] }
    session.answer = ({ action, queue }) => {
      if (action === 'listQueues') return Promise.resolve({ items: [{ id: 'support' }, { id: 'billing' }] })
      return queue === undefined ? Promise.reject(new CtiError('CTI_NOT_FOUND', 'say which queue')) : Promise.resolve({ items: codes[String(queue)] ?? [] })
    }
    assert.deepEqual((await get('acc/dispositions')).body, [{ id: 'S', label: 'Solved' }, { id: 'P', label: 'Paid' }])
    assert.deepEqual((await get('acc/dispositions?queue=support')).body, [{ id: 'S', label: 'Solved' }])
    session.answer = () => Promise.resolve({ items: [{ id: 'A', name: 'All' }] })
    assert.deepEqual((await get('acc/dispositions')).body, [{ id: 'A', label: 'All' }])
    session.answer = () => Promise.reject(new CtiError('CTI_UNSUPPORTED', 'no such thing'))
    assert.equal((await get('acc/dispositions')).status, 501)
  })

  it('list the reasons of a log-out apart from those of a pause', async () => {
    const session = await start()
    session.answer = ({ kind }) => Promise.resolve({ items: [{ id: '1', name: kind === 'logout' ? 'End of shift' : 'Lunch' }] })
    assert.deepEqual([(await get('acc/reasonCodes')).body, (await get('acc/logoutCodes')).body], [[{ id: '1', label: 'Lunch' }], [{ id: '1', label: 'End of shift' }]])
  })

  it('answer only for nodes of ours', async () => {
    await start()
    for (const path of ['other/users', 'nowhere/capabilities', 'acc/counts', 'other/counts', '__proto__/users']) assert.equal((await get(path)).status, 404, path)
  })

  it('tell what the account can do, and why not', async () => {
    const session = await start()
    session.capabilities = { setPresence: { can: false, why: 'no such service' } }
    const { body } = await get('acc/capabilities') as { body: Record<string, unknown> }
    assert.deepEqual(body.setPresence, { can: false, why: 'no such service' })
    assert.deepEqual(body.originate, { can: true })
  })

  it('tell what an event node has sent and held back', async () => {
    const session = await start()
    session.emit(event({ event: 'call.ringing', call: leg() }))
    session.emit(event({ event: 'call.updated', call: leg() }))
    assert.deepEqual((await get('n/counts')).body, { sent: 1, filtered: 1, replaced: 0, initial: 0 })
  })

  it('test unsaved values, with ids that disturb no running session, and clean up', async () => {
    const running = await start()
    const { body } = await test('new', { type: 'cti-xsi-account', properties: typed, credentials: { username: 'bob@example.com', password: 'typed' } })
    assert.equal(body.ok, true)
    const tried = accounts.last()
    assert.notEqual(tried, running)
    assert.deepEqual(tried.settings.credentials, { username: 'bob@example.com', password: 'typed' })
    assert.notEqual(tried.settings.stableId('application'), running.settings.stableId('application'))
    assert.equal(tried.closed, 'removed')
    assert.equal(tried.listeners.size, 0)
    assert.equal(running.closed, undefined)
  })

  it('use the stored password only for the address it was stored for', async () => {
    await start()
    const stored = { username: 'alice@example.com', password: '__PWRD__' }
    assert.equal((await test('acc', { type: 'cti-xsi-account', properties: typed, credentials: stored })).body.ok, true)
    assert.equal(accounts.last().settings.credentials.password, 'geheim-7391')
    const count = accounts.sessions.length
    for (const properties of [{ ...typed, host: 'evil.example.net' }, { ...typed, proxy: 'p' }, { ...typed, tls: 't' }, { ...typed, connectTo: 'simulator', simulator: 's' }]) {
      const { status, body } = await test('acc', { type: 'cti-xsi-account', properties, credentials: stored })
      assert.equal(status, 400)
      assert.match(body.message ?? '', /address differs/)
    }
    assert.equal((await test('new', { type: 'cti-xsi-account', properties: typed, credentials: stored })).status, 400)
    assert.equal(accounts.sessions.length, count)
  })

  it('do not read environment variables for a test', async () => {
    process.env.CTI_TEST_OTHER = 'private'
    await start()
    const fields = { type: 'cti-xsi-account', properties: { ...typed, host: '${CTI_TEST_OTHER}' }, credentials: { username: 'a', password: 'b' } }
    assert.equal((await test('acc', fields)).status, 400)
    assert.equal((await test('new', { ...fields, properties: typed, credentials: { username: '${CTI_TEST_OTHER}', password: 'x' } })).status, 400)
    delete process.env.CTI_TEST_OTHER
  })

  it('refuse to test what is no account, and say what failed', async () => {
    await start()
    for (const body of [{}, [], { type: 'helper', properties: {} }, { type: 'cti-xsi-account' }, { type: 'constructor', properties: {} }]) assert.equal((await test('x', body)).status, 400)
    const { body } = await test('new', { type: 'cti-xsi-account', properties: typed, credentials: { username: 'x', password: '' } })
    assert.deepEqual([body.ok, body.code, body.message], [false, 'CTI_INVALID_REQUEST', 'No password.'])
  })

  it('end a test at the first failure, without waiting for another try', async () => {
    await start()
    accounts.prepare = (session) => {
      session.online = () => new Promise(() => undefined)
      session.closing = () => Promise.resolve()
      setImmediate(() => { session.become({ state: 'waiting', error: new CtiError('CTI_UNAVAILABLE', 'Nothing listens there.') }) })
    }
    const { body } = await test('new', { type: 'cti-xsi-account', properties: typed, credentials: { username: 'x', password: 'y' } })
    accounts.prepare = undefined
    assert.deepEqual([body.ok, body.code, body.message], [false, 'CTI_UNAVAILABLE', 'Nothing listens there.'])
    assert.equal(accounts.last().closed, 'removed')
  })

  it('name the step that a test had come to when its time was over', async () => {
    await start()
    accounts.prepare = (session) => {
      session.online = () => new Promise((_resolve, reject) => {
        setImmediate(() => {
          session.become({ state: 'authenticating' })
          reject(new CtiError('CTI_NOT_CONNECTED', 'The account is authenticating after 15000 ms.'))
        })
      })
    }
    const { body } = await test('new', { type: 'cti-xsi-account', properties: typed, credentials: { username: 'x', password: 'y' } })
    accounts.prepare = undefined
    assert.deepEqual([body.ok, body.code], [false, 'CTI_TIMEOUT'])
    assert.match(body.message ?? '', /the last step was: .*(logging in|authenticating)/)
  })

  it('say that the running account may be in the way of its own test', async () => {
    const running = await start()
    running.become({ state: 'online' })
    accounts.prepare = (session) => {
      session.online = () => new Promise(() => undefined)
      setImmediate(() => { session.become({ state: 'refused', error: new CtiError('CTI_CONFLICT', 'Logged in already.') }) })
    }
    const { body } = await test('acc', { type: 'cti-xsi-account', properties: typed, credentials: { username: 'x', password: 'y' } })
    const other = await test('new', { type: 'cti-xsi-account', properties: typed, credentials: { username: 'x', password: 'y' } })
    accounts.prepare = undefined
    assert.deepEqual([body.code, body.notes?.length, other.body.notes], ['CTI_CONFLICT', 1, undefined])
  })

  it('tell with the result of a test what the session warned of, each once and not without end', async () => {
    await start()
    accounts.prepare = (session) => {
      session.online = () => new Promise((resolve) => {
        setImmediate(() => {
          for (let count = 0; count < 20; count++) session.warn('watch', `Somebody is not watched: ${count >> 1}.`)
          resolve()
        })
      })
    }
    const { body } = await test('new', { type: 'cti-xsi-account', properties: typed, credentials: { username: 'x', password: 'y' } })
    accounts.prepare = undefined
    assert.equal(body.ok, true)
    assert.deepEqual(body.notes, [0, 1, 2, 3, 4].map((count) => `Somebody is not watched: ${count}.`))
  })

  it('are protected by permissions', () => {
    assert.deepEqual([...new Set(asked)].sort(), ['cti.read', 'cti.write'])
  })
})
