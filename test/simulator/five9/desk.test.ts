/** What the catalogue of requests has beside calls and presence. */
import assert from 'node:assert/strict'
import { APP, ask, type BareClient, type Answer, type Doc } from './client'
import { ADA, BEN, Five9World } from './world'

describe('simulator/five9 desk and colleagues', () => {
  let world: Five9World
  let rosa: BareClient
  let sam: BareClient
  beforeEach(async () => {
    world = await Five9World.open()
    rosa = world.client('rosa.agent')
    sam = world.client('sam.super')
    await rosa.work()
    await sam.work('supervisor')
  })
  afterEach(() => world.close())

  async function ok (answer: Promise<Answer>): Promise<unknown> {
    const { status, body, text } = await answer
    assert.ok(status >= 200 && status < 300, `${status} ${text}`)
    return body
  }

  it('keeps what a desktop keeps, field by field, for its user alone', async () => {
    const ben = world.client('ben.agent')
    await ben.work()
    for (const path of ['agents/{uid}/settings', 'agents/{uid}/options', 'users/{uid}/ui_options']) {
      assert.deepEqual(await ok(rosa.app('GET', path)), {})
      await ok(rosa.app('PUT', path, { sound: true }))
      assert.deepEqual(await ok(rosa.app('PUT', path, { theme: 'dark' })), { sound: true, theme: 'dark' })
      assert.deepEqual(await ok(rosa.app('GET', path)), { sound: true, theme: 'dark' })
      assert.deepEqual(await ok(ben.app('GET', path)), {})
    }
  })

  it('carries messages by each of the paths, with and without an id of the client\'s', async () => {
    const ids = ['messages/{uid}/messages', 'agents/{uid}/messages', 'agents/{uid}/messages/m-1'].map((path) => ok(rosa.app('POST', path, { agentId: BEN, text: path })))
    assert.equal((await Promise.all(ids)).length, 3)
    await ok(sam.sup('POST', 'supervisors/{uid}/messages', { agentId: rosa.uid, text: 'well done' }))
    const mine = await ok(rosa.app('GET', 'agents/{uid}/messages')) as Doc[]
    assert.deepEqual(mine.map(({ toUserId }) => toUserId), [BEN, BEN, BEN, rosa.uid])
    assert.equal((await ok(sam.sup('GET', 'supervisors/{uid}/messages')) as Doc[]).length, 1)
  })

  it('changes reminders one by one or as a list, and moves all of an agent', async () => {
    const [one, two] = [await ok(rosa.mine('POST', 'callbacks', { number: ADA })) as Doc, await ok(rosa.mine('POST', 'callbacks', { number: ADA })) as Doc]
    assert.equal((await ok(rosa.mine('PUT', 'callbacks', { id: one.id, comment: 'today' })) as Doc).comment, 'today')
    const both = await ok(rosa.mine('PUT', 'callbacks', [{ id: one.id, comment: 'first' }, { id: two.id, comment: 'second' }])) as Doc[]
    assert.deepEqual(both.map(({ comment }) => comment), ['first', 'second'])
    assert.equal((await rosa.mine('PUT', 'callbacks', [{ id: '1' }])).status, 404)
    const moved = await ok(sam.sup('POST', `supervisors/{uid}/agents/${rosa.uid}/callbacks/move`, { agentId: BEN, ids: [one.id] })) as Doc[]
    assert.deepEqual(moved.map(({ id }) => id), [one.id])
    await ok(sam.sup('POST', `supervisors/{uid}/agents/${rosa.uid}/callbacks/move`, { agentId: BEN }))
    assert.deepEqual(await ok(rosa.mine('GET', 'callbacks')), [])
    assert.equal((await ok(sam.sup('GET', `supervisors/{uid}/agents/${BEN}/callbacks`)) as Doc[]).length, 2)
  })

  it('knows who is there, for agents and supervisors', async () => {
    await world.client('ben.agent').work()
    const names = (rows: unknown): unknown[] => (rows as Doc[]).map(({ userName }) => userName).sort()
    assert.deepEqual(names(await ok(rosa.app('GET', 'orgs/{oid}/users/logged_in_agents'))), ['ben.agent@example.com'])
    assert.deepEqual(names(await ok(sam.sup('GET', 'supervisors/{uid}/transferable_agents'))), ['ben.agent@example.com', 'rosa.agent@example.com'])
    assert.deepEqual(names(await ok(rosa.app('GET', 'users/{uid}/logged_in_users'))), ['ben.agent@example.com', 'rosa.agent@example.com', 'sam.super@example.com'])
  })

  it('takes call variables under each name that clients use', async () => {
    const connection = world.pbx.inbound({ from: ADA, to: '0123' })
    world.pbx.answer(connection?.key ?? '')
    const [{ id }] = await ok(rosa.mine('GET', 'interactions/calls')) as [Doc]
    for (const [n, name] of ['variables_2', 'call_variables', 'variables'].entries()) {
      const { variables } = await ok(rosa.onCall('PUT', String(id), name, { 201: `order ${n}` })) as { variables: Doc }
      assert.equal(variables['201'], `order ${n}`)
    }
  })

  it('names the data centre first where the domain is, also after a move', async () => {
    await world.close()
    world = await Five9World.open({ servers: 2 })
    const names = async (): Promise<unknown> => {
      const client = world.client('ben.agent')
      const { body } = await client.login()
      return (body as { metadata: { dataCenters: Doc[] } }).metadata.dataCenters.map(({ name, active }) => [name, active])
    }
    assert.deepEqual(await names(), [['Atlanta Data Center', true], ['Santa Clara Data Center', false]])
    world.face.migrate({ forced: true })
    assert.deepEqual(await names(), [['Santa Clara Data Center', true], ['Atlanta Data Center', false]])
  })

  it('speaks as its clients reach it when a proxy in front has the certificate', async () => {
    const body = JSON.stringify({ passwordCredentials: { username: 'ben.agent@example.com', password: 'demo' }, appKey: 'web-ui', policy: 'AttachExisting' })
    const answer = await ask(world.face.url, 'POST', `${APP}/auth/login`, { Host: 'app.five9.com', 'X-Forwarded-Proto': 'https' }, body)
    const { context, metadata } = answer.body as { context: Doc; metadata: { dataCenters: { apiUrls: Doc[] }[] } }
    assert.deepEqual([context.cloudClientUrl, metadata.dataCenters[0]?.apiUrls[0]?.host, metadata.dataCenters[0]?.apiUrls[0]?.port], ['https://app.five9.com:443/', 'app.five9.com', '443'])
    assert.ok([answer.headers['set-cookie'] ?? []].flat().slice(0, 4).every((cookie) => cookie.includes('Domain=five9.com; Secure')))
  })

  it('lists prompts, and gives a recording by both of its paths', async () => {
    assert.deepEqual((await ok(rosa.mine('GET', 'prompts')) as Doc[]).map(({ name }) => name), ['Opening hours'])
    const call = world.pbx.inbound({ from: ADA, to: '0123' })
    world.pbx.answer(call?.key ?? '')
    world.pbx.release(call?.key ?? '')
    const [entry] = world.pbx.history
    for (const context of ['appsvcs', 'strsvcs']) assert.equal((await rosa.call('GET', `/${context}/rs/svc/agents/{uid}/recordings/${entry?.id ?? ''}`)).headers['content-type'], 'audio/wav')
  })

  it('keeps a frame a message, also when several leave together', async () => {
    const feed = rosa.feeds[0]
    world.simulator.faults.inject({ kind: 'merge', face: 'five9', times: 1, size: 2, ms: 5 })
    await ok(rosa.mine('POST', 'callbacks', { number: ADA }))
    await ok(rosa.mine('POST', 'callbacks', { number: ADA }))
    assert.deepEqual((await feed?.settle())?.map(({ id }) => id), ['53', '53'])
  })
})
