/** The supervisor's half alone and beside the agent's, and what a supervisor does for others. */
import assert from 'node:assert/strict'
import type { Five9Options } from '../../src/five9'
import { Line } from './harness'
import { call, eventually, FakeFive9, frame, refusal, UID, type Asked } from './server'

const BEN = '3000002'
const T0 = 1763699000000
const SALES = '300000000000031'
const ben = (state: string, more: object = {}): object => ({ id: BEN, state, stateSince: T0, onCallStateSince: 0, onHoldStateSince: 0, parkedCallsCount: 0, presence: { currentState: { readyChannels: ['CALL'], notReadyReasonCode: 0 } }, ...more })

describe('Five9: the supervisor\'s half', () => {
  let server: FakeFive9
  let line: Line
  let rows: object[]
  beforeEach(async () => {
    server = await new FakeFive9().start()
    rows = [ben('READY')]
    server.on('PUT request_full_statistics', () => {
      setImmediate(() => server.sockets.filter(({ path, socket }) => path.includes('/sws/') && socket.readyState === socket.OPEN).forEach(({ socket }) => {
        socket.send(frame('5000', [{ dataSource: 'AGENT_STATE', data: rows }]))
        socket.send(frame('5000', [{ dataSource: 'ACD_STATUS', data: [{ id: SALES, callsInQueue: 1, currentLongestQueueTime: 5000 }, { id: '0', callsInQueue: 1 }] }, { dataSource: 'AGENT_STATISTIC', data: [] }]))
      }))
      return {}
    })
  })
  afterEach(async () => {
    await line.close()
    await server.close()
  })
  const open = async (options: Partial<Five9Options> = {}): Promise<Line> => {
    line = new Line({ baseUrl: server.url, username: 'sam', password: 'secret', role: 'supervisor', ...options })
    return line.online()
  }
  const last = (method: string, end: string): Asked | undefined => server.asked.filter((asked) => asked.method === method && asked.path.endsWith(end)).at(-1)

  it('logs in by its own path, without a station, and asks for all statistics before it is online', async () => {
    await open()
    assert.equal(server.asked[0]?.path, '/supsvcs/rs/svc/auth/login')
    assert.deepEqual(last('PUT', 'session_start')?.body, { stationId: '', stationType: 'EMPTY' })
    assert.equal(server.sockets.length, 1)
    assert.match(server.sockets[0]!.path, /^\/supsvcs\/sws\/.+_super$/)
    const { picture } = line.session
    assert.deepEqual([picture.agent(BEN)?.state, picture.queue(SALES)?.waiting, picture.queue(SALES)?.longestWaitSeconds], ['ready', 1, 5])
    assert.ok(line.events.filter(({ event }) => event === 'agent.ready' || event === 'queue.updated').every(({ initial }) => initial))
    assert.deepEqual(line.warnings, [])
  })

  it('goes online with a warning when statistics do not come', async () => {
    server.on('PUT request_full_statistics', () => ({}))
    await open({ statisticsMs: 50 })
    assert.deepEqual(line.warnings, ['statistics'])
  })

  it('finds after a cut what has changed: the call that is gone, the one that is another', async () => {
    rows = [ben('ON_CALL', { onCallStateSince: T0 + 1 })]
    await open()
    const [before] = [...line.session.picture.calls()]
    assert.equal(before?.state, 'active')
    const from = line.events.length
    rows = [ben('ON_CALL', { onCallStateSince: T0 + 9000 })]
    server.socket.terminate()
    await line.event('connection.online', from)
    const [after] = [...line.session.picture.calls()]
    assert.notEqual(after?.id, before?.id)
    const calls = line.events.slice(from).filter(({ call: leg }) => leg !== undefined).map(({ event, reason, resynced }) => [event, reason, resynced])
    assert.deepEqual(calls.sort(), [['call.answered', undefined, true], ['call.ended', 'lost', true]])
  })

  it('says nothing after a cut in which nothing happened', async () => {
    rows = [ben('ON_CALL', { onCallStateSince: T0 + 1 })]
    await open()
    const from = line.events.length
    server.socket.terminate()
    await line.event('connection.online', from)
    assert.deepEqual(line.names.slice(from).filter((name) => !name.startsWith('connection.') && name !== 'stats.updated'), [])
  })

  it('asks for everything again when the filter has changed, as ordinary events', async () => {
    await open()
    rows = [ben('NOT_READY', { reasonCodeId: '401101', presence: { currentState: { readyChannels: [], notReadyReasonCode: 401101 } } })]
    const from = line.events.length
    server.send('6001', null)
    const paused = await line.event('agent.notReady', from)
    assert.deepEqual([paused.initial, paused.resynced, paused.agent?.reason?.name], [undefined, undefined, 'Lunch'])
  })

  it('reads a list again when it has changed, and says so', async () => {
    await open()
    server.on('GET users', () => ({ body: [{ id: BEN, userName: 'ben', fullName: 'Benjamin Agent' }] }))
    server.send('5006', null)
    const changed = await line.event('reference.changed')
    assert.deepEqual(changed.reference, { list: 'users' })
    assert.equal(((await line.perform('listUsers')).items?.[0] as { name?: string }).name, 'Benjamin Agent')
  })

  it('forces a state, with the reason by name', async () => {
    await open()
    await line.perform('agentNotReady', { agent: 'Ben Agent', reason: 'lunch' })
    const { path, body } = last('PUT', 'presence')!
    assert.equal(path, `/supsvcs/rs/svc/supervisors/${UID}/agents/${BEN}/presence`)
    assert.deepEqual((body as { currentState: object }).currentState, { readyChannels: [], notReadyReasonCodeId: '401101' })
    await assert.rejects(line.perform('agentNotReady', { agent: BEN, reason: 'Siesta' }), { code: 'CTI_NOT_FOUND' })
  })

  it('lists the voice messages of an agent by a view, and does nothing else with them', async () => {
    server.handlers.set('POST voicemail_views', () => ({ body: { id: 'v1', records: [{ id: '70001', number: '5550100142', read: false }, { id: '70002', number: '5550100177', read: true }] } }))
    await open()
    const { voicemail, items } = await line.perform('voicemail', { user: 'Ben Agent', op: 'list' })
    assert.deepEqual([voicemail, items?.length], [{ newMessages: 1, oldMessages: 1, waiting: true }, 2])
    const { path, body } = last('POST', 'voicemail_views')!
    assert.deepEqual([path, body], [`/supsvcs/rs/svc/supervisors/${UID}/agents/${BEN}/voicemail_views`, { limit: 100 }])
    await assert.rejects(line.perform('voicemail', { user: BEN, op: 'delete', messageId: '70001' }), { code: 'CTI_UNSUPPORTED' })
  })

  it('logs an agent out by his session, whichever key it has', async () => {
    await open()
    server.on('GET user_sessions', () => ({ body: [{ sessionId: 'S-0', userName: 'someone' }, { sessionId: 'S-1', id: 'other', userName: 'ben.agent@example.com' }] }))
    await line.perform('agentLogout', { agent: BEN })
    assert.match(last('PUT', 'logout')!.path, /\/user_sessions\/S-1\/logout$/)
    server.socket.send(frame('5012', [{ dataSource: 'USER_SESSION', added: [{ id: 'S-2', userId: BEN, role: 'Agent' }], updated: [], removed: [] }, { dataSource: 'AGENT_STATE', added: [], updated: [ben('NOT_READY')], removed: [] }]))
    await line.event('agent.notReady')
    await line.perform('agentLogout', { agent: BEN })
    assert.match(last('PUT', 'logout')!.path, /\/user_sessions\/S-2\/logout$/)
    await assert.rejects(line.perform('agentLogout', { agent: UID }), { code: 'CTI_NOT_FOUND' })
  })

  it('changes skills by reading and writing the whole list', async () => {
    await open()
    server.on(`GET ${BEN}`, () => ({ body: { id: BEN, skills: [{ id: SALES, isActive: true }, { id: '300000000000032', isActive: false }] } }))
    await line.perform('queueJoin', { agent: BEN, queues: ['Support'] })
    assert.deepEqual(last('PUT', 'active_skills')?.body, [SALES, '300000000000032'])
    await line.perform('queueLeave', { agent: BEN, queues: ['Sales'] })
    assert.deepEqual(last('PUT', 'active_skills')?.body, [])
  })

  it('refuses what only an agent can do, and names the role', async () => {
    await open()
    for (const action of ['originate', 'hold', 'setDisposition', 'agentLogin']) await assert.rejects(line.perform(action, { to: '1', code: 'x' }), { code: 'CTI_UNSUPPORTED', message: /supervisor/ }, action)
    await assert.rejects(line.perform('request', { path: '/agents/{uid}/presence' }), { code: 'CTI_FORBIDDEN' })
  })

  it('works with both halves: two sessions, two sockets, own calls by the agent\'s alone', async () => {
    rows = [ben('READY'), { ...ben('ON_CALL', { onCallStateSince: T0 }), id: UID }]
    await open({ role: 'both', stationType: 'SOFTPHONE' })
    assert.equal(server.count('PUT', 'session_start'), 2)
    assert.equal(server.count('POST', 'auth/login'), 1)
    assert.deepEqual(server.sockets.map(({ path }) => path.split('/')[2]), ['ws', 'sws'])
    assert.equal([...line.session.picture.calls()].length, 0, 'the row of the own agent makes no call')
    server.sockets[0]!.socket.send(frame('3', call('OFFERED')))
    await line.event('call.ringing')
    assert.equal(line.session.picture.agent(UID)?.state, 'busy')
    await line.perform('agentNotReady', { agent: BEN })
    await line.perform('agentNotReady')
    assert.deepEqual(server.asked.filter(({ method, path }) => method === 'PUT' && path.endsWith('/presence')).map(({ path }) => path.split('/')[1]), ['supsvcs', 'appsvcs'])
  })

  it('ends only the half that it began when the other was there', async () => {
    server.states.agents = 'WORKING'
    await open({ role: 'both' })
    await line.close()
    assert.equal(server.count('POST', 'auth/logout'), 0)
    assert.match(last('PUT', 'session_stop')!.path, /^\/supsvcs\//)
  })

  it('logs out altogether when both halves are its own', async () => {
    await open({ role: 'both' })
    await line.close()
    assert.deepEqual([server.count('POST', 'auth/logout'), server.count('PUT', 'session_stop')], [1, 0])
  })

  it('moves both halves when the service moves', async () => {
    await open({ role: 'both' })
    server.states = { agents: 'RELOGIN', supervisors: 'RELOGIN' }
    server.sockets[1]!.socket.send(frame('1002', server.loginReply()))
    await eventually(() => server.sockets.length === 4, 'the new sockets')
    assert.equal(server.count('PUT', 'session_restart'), 2)
    assert.ok(!line.names.includes('connection.offline'))
  })
})

describe('Five9: single sign-on', () => {
  it('logs in by token, asks once for a fresh one, and sends no password', async () => {
    const server = await new FakeFive9().start()
    const asked: boolean[] = []
    server.on('POST login_by_token', ({ headers }) => headers.authorization === 'Bearer fresh' ? { body: server.loginReply() } : refusal(401, 401, 'Expired'))
    const line = new Line({
      baseUrl: server.url, username: '', password: 'secret', token: async (fresh) => {
        asked.push(fresh)
        return fresh ? 'fresh' : 'stale'
      }
    })
    try {
      await line.online()
      assert.deepEqual(asked, [false, true])
      assert.ok(!JSON.stringify(server.asked).includes('secret'))
    } finally {
      await line.close()
      await server.close()
    }
  })
})
