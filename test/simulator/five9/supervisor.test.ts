/** The supervisor's requests and statistics (five9.md 3.5, 3.6, 4.5, 4.6). */
import assert from 'node:assert/strict'
import { type BareClient, type Doc, type Event, type Feed } from './client'
import { ADA, BEN, CAMPAIGN, DISPOSITION, Five9World, LUNCH, OUTBOUND, ROSA, SALES, SUPPORT } from './world'

const SAM = '3000009'

describe('simulator/five9 supervisor requests', () => {
  let world: Five9World
  let rosa: BareClient
  let sam: BareClient
  let aws: Feed
  let sws: Feed

  const open = async (...options: Parameters<typeof Five9World.open>): Promise<void> => {
    world = await Five9World.open(...options)
    rosa = world.client('rosa.agent')
    sam = world.client('sam.super')
    aws = await rosa.work()
    sws = await sam.work('supervisor')
  }
  afterEach(() => world.close())

  const ok = async (asked: Promise<{ status: number; body: unknown; text: string }>): Promise<unknown> => {
    const { status, body, text } = await asked
    assert.ok(status === 200 || status === 204, `${status} ${text}`)
    return body
  }
  const on = (method: string, operation: string, body?: unknown): ReturnType<BareClient['sup']> => sam.sup(method, `supervisors/{uid}/agents/${ROSA}/${operation}`, body)
  const sources = (events: Event[]): string[] => events.filter(({ id }) => id === '5000').flatMap(({ payLoad }) => (payLoad as Doc[]).map(({ dataSource }) => String(dataSource)))
  const changes = (events: Event[], source: string): { added: Doc[]; updated: Doc[]; removed: string[] }[] => events.filter(({ id }) => id === '5012').flatMap(({ payLoad }) => payLoad as (Doc & { added: Doc[]; updated: Doc[]; removed: string[] })[]).filter(({ dataSource }) => dataSource === source)
  const talk = async (): Promise<string> => {
    await ok(rosa.mine('PUT', 'presence', { currentState: { readyChannels: ['CALL'] } }))
    world.pbx.inbound({ from: ADA, to: '0500' })
    const { id } = (await aws.next('3')).payLoad as { id: string }
    await ok(rosa.onCall('PUT', id, 'answer'))
    return id
  }

  it('pushes everything to a new session unasked, a frame a source, and to one that was attached only when asked', async () => {
    await open()
    const all = ['AGENT_STATE', 'ACD_STATUS', 'AGENT_STATISTIC', 'USER_SESSION', 'CAMPAIGN_STATE', 'INBOUND_CAMPAIGN_STATISTICS', 'OUTBOUND_CAMPAIGN_STATISTICS', 'OUTBOUND_CAMPAIGN_MANAGER', 'STATIONS']
    const pushed = await sws.settle()
    assert.deepEqual([sources(pushed), pushed.map(({ context }) => [context.userId, context.userName, context.broadCast]).at(0)], [all, [SAM, 'sam.super@example.com', false]])
    const second = world.client('sam.super')
    await second.login()
    const attached = await second.feed('supervisor', 'second')
    assert.deepEqual(await attached.settle(), [])
    assert.equal((await second.sup('PUT', 'supervisors/{uid}/request_full_statistics')).status, 204)
    assert.deepEqual(sources(await attached.settle()), all)
  })

  it('pushes everything to a socket that was open before the session began', async () => {
    await open()
    const mia = world.client('mia.both')
    await mia.login()
    const early = await mia.feed('supervisor')
    await rosa.mine('PUT', 'presence', { currentState: { readyChannels: ['CALL'] } })
    assert.deepEqual(await early.settle(), [])
    await mia.start('supervisor')
    assert.deepEqual((await early.settle()).map(({ id }) => id).filter((id) => id !== '5000'), ['18', '17', '5012'])
    assert.equal(sources(early.events).length, 9)
  })

  it('puts all sources into one frame where that is asked for', async () => {
    await open({ statsInOneFrame: true })
    assert.deepEqual((await sws.settle()).map(({ id, payLoad }) => [id, (payLoad as Doc[]).length]), [['5000', 9]])
  })

  it('writes AGENT_STATE rows with every field of the recording and its types', async () => {
    await open()
    const rows = ((await sws.settle())[0]?.payLoad as { data: Doc[] }[])[0]?.data ?? []
    const numbers = ['parkedCallsCount', 'stateSince', 'stateDuration', 'onHoldStateSince', 'onHoldStateDuration', 'onParkStateSince', 'onParkStateDuration', 'reasonCodeSince', 'reasonCodeDuration', 'afterCallWorkStateSince', 'afterCallWorkStateDuration', 'loggedOutStateSince', 'loggedOutStateDuration', 'notReadyStateSince', 'notReadyStateDuration', 'onCallStateSince', 'onCallStateDuration', 'readyStateSince', 'readyStateDuration']
    const later = ['currentVideoChatsCount', 'currentEmailsCount', 'currentCasesCount', 'currentChatsCount', 'readyChannels']
    const [mine, out] = [rows.find(({ id }) => id === ROSA) ?? {}, rows.find(({ id }) => id === BEN) ?? {}]
    assert.deepEqual(Object.keys(mine).sort(), ['id', 'callType', 'campaignId', 'customer', 'mediaAvailability', 'reasonCodeId', 'state', 'permanentRecording', 'sessionRecording', 'presence', 'channelAvailability', ...numbers, ...later].sort())
    for (const name of numbers) assert.ok(Number.isInteger(mine[name]) && Number(mine[name]) >= 0, name)
    assert.deepEqual([mine.state, mine.readyChannels, mine.reasonCodeId, mine.notReadyStateSince], ['NOT_READY', '[]', '0', world.clock.now()])
    assert.deepEqual([out.state, later.filter((name) => name in out), out.loggedOutStateSince], ['LOGGED_OUT', [], world.clock.now()])
    assert.deepEqual(Object.keys(mine.channelAvailability as Doc).sort(), ['Chat', 'Total', 'Video', 'Voice', 'Voicemail'])
  })

  it('writes numbers as integers that are not negative, wherever a strict client reads one', async () => {
    await open()
    const id = await talk()
    world.clock.advance(12_345)
    await ok(rosa.onCall('PUT', id, 'disconnect'))
    world.clock.advance(333)
    await ok(rosa.onCall('PUT', id, 'dispose', { dispositionId: DISPOSITION }))
    await sws.settle()
    await ok(sam.sup('PUT', 'supervisors/{uid}/request_full_statistics'))
    const decimals = new Set(['callCharges', 'occupancy', 'utilization', 'abandonCallRate', 'serviceLevelQueue', 'serviceLevelTalk', 'callsToAgentRatio', 'callsToAgentTargetRatio'])
    const wrong: string[] = []
    const check = (name: string, value: unknown): void => {
      if (typeof value === 'number' && ((!Number.isInteger(value) && !decimals.has(name)) || value < 0)) wrong.push(`${name} ${value}`)
      if (value !== null && typeof value === 'object') for (const [inner, each] of Object.entries(value)) check(inner, each)
    }
    const events = await sws.settle()
    for (const { payLoad } of events) check('', payLoad)
    assert.deepEqual(wrong, [])
    const statistic = (events[2]?.payLoad as { data: Doc[] }[])[0]?.data ?? []
    const [total, mine] = [statistic.find((row) => row.id === ''), statistic.find((row) => row.id === ROSA)]
    assert.deepEqual([total?.totalCallsCount, mine?.averageCallTime, mine?.averageWrapTime, mine?.averageHandleTime, mine?.dispositions], [1, 12_345, 333, 12_678, { [DISPOSITION]: 1 }])
  })

  it('names only skills and users that the lists have', async () => {
    await open()
    const skills = ((await sam.sup('GET', 'orgs/{oid}/skills')).body as Doc[]).map(({ id }) => id)
    const users = ((await sam.sup('GET', 'orgs/{oid}/users')).body as Doc[]).map(({ id }) => id)
    const events = await sws.settle()
    const ids = (n: number): unknown[] => ((events[n]?.payLoad as { data: Doc[] }[])[0]?.data ?? []).map(({ id }) => id)
    assert.deepEqual(ids(1), ['0', ...skills])
    for (const id of ids(0)) assert.ok(users.includes(id), String(id))
  })

  it('does not count what an agent was offered and did not take', async () => {
    await open()
    await ok(rosa.mine('PUT', 'presence', { currentState: { readyChannels: ['CALL'] } }))
    world.pbx.inbound({ from: ADA, to: '0500' })
    const { id } = (await aws.next('3')).payLoad as { id: string }
    await ok(rosa.onCall('PUT', id, 'reject'))
    await ok(sam.sup('PUT', 'supervisors/{uid}/request_full_statistics'))
    const full = (await sws.settle()).filter((event) => event.id === '5000').at(-7)
    const [{ dataSource, data }] = full?.payLoad as [{ dataSource: string; data: Doc[] }]
    assert.deepEqual([dataSource, data.find((row) => row.id === ROSA)?.totalCallsCount], ['AGENT_STATISTIC', 0])
  })

  it('tells increments to all, once for a change, and nothing where nothing changed', async () => {
    await open()
    await sws.settle()
    await ok(rosa.mine('PUT', 'presence', { currentState: { readyChannels: ['CALL'] } }))
    const events = await sws.settle()
    assert.deepEqual(events.map(({ id, context }) => [id, context.userId, context.broadCast, context.userName]), [['5012', null, true, null]])
    assert.deepEqual((events[0]?.payLoad as Doc[]).map(({ dataSource }) => dataSource), ['AGENT_STATE', 'ACD_STATUS', 'OUTBOUND_CAMPAIGN_MANAGER'])
    await ok(rosa.mine('PUT', 'presence', { currentState: { readyChannels: ['CALL'] } }))
    assert.deepEqual(await sws.settle(), [])
  })

  it('collects increments for a while where that is asked for', async () => {
    await open({ statsMs: 1000 })
    await sws.settle()
    for (const channels of [['CALL'], [], ['CALL']]) await ok(rosa.mine('PUT', 'presence', { currentState: { readyChannels: channels } }))
    assert.deepEqual(await sws.settle(), [])
    world.clock.advance(1000)
    assert.deepEqual((await sws.settle()).map(({ id }) => id), ['5012'])
  })

  it('adds and removes sessions, and logs somebody out by the id of his', async () => {
    await open()
    await sws.settle()
    const ben = world.client('ben.agent')
    await ben.work()
    const [{ id }] = changes(await sws.settle(), 'USER_SESSION').flatMap(({ added }) => added) as [Doc]
    const sessions = (await sam.sup('GET', 'orgs/{oid}/user_sessions')).body as Doc[]
    assert.deepEqual(sessions.map(({ userName }) => userName).sort(), ['ben.agent@example.com', 'rosa.agent@example.com', 'sam.super@example.com'])
    assert.ok(sessions.some(({ sessionId }) => sessionId === id))
    assert.equal((await sam.sup('PUT', `orgs/{oid}/user_sessions/${String(id)}/logout`)).status, 204)
    assert.deepEqual(changes(await sws.settle(), 'USER_SESSION').flatMap(({ removed }) => removed), [id])
    assert.equal((await ben.app('GET', 'auth/metadata')).status, 401)
    assert.equal(world.pbx.agentState('agent-ben'), 'loggedOut')
    assert.equal((await sam.sup('PUT', 'orgs/{oid}/user_sessions/nobody/logout')).status, 404)
  })

  it('sees agents that logged in elsewhere, and logs them out too', async () => {
    await open()
    world.pbx.signIn('agent-mia', { routing: 'ready' })
    assert.equal(changes(await sws.settle(), 'AGENT_STATE').flatMap(({ updated }) => updated).at(-1)?.state, 'READY')
    const row = ((await sam.sup('GET', 'orgs/{oid}/user_sessions')).body as Doc[]).find(({ userName }) => userName === 'mia.both@example.com')
    await ok(sam.sup('PUT', `orgs/{oid}/user_sessions/${String(row?.sessionId)}/logout`))
    assert.equal(world.pbx.agentState('agent-mia'), 'loggedOut')
  })

  it('forces state and skills, with 39 and 19 at the agent', async () => {
    await open()
    await ok(on('PUT', 'presence', { currentState: { readyChannels: ['CALL'], notReadyReasonCodeId: '0' } }))
    assert.equal(world.pbx.agentState('agent-rosa'), 'ready')
    assert.equal((await on('PUT', 'presence', { currentState: { readyChannels: [], notReadyReasonCodeId: '5' } })).status, 435)
    await ok(on('PUT', 'presence', { currentState: { readyChannels: [], notReadyReasonCodeId: LUNCH } }))
    await aws.settle()
    assert.deepEqual(await ok(on('PUT', 'active_skills', [])), [])
    assert.deepEqual((await aws.settle()).map(({ id, payLoad }) => [id, payLoad]), [['11', []], ['19', { skillId: SALES }]])
    await ok(on('PUT', 'active_skills', [SALES]))
    assert.deepEqual((await aws.settle()).map(({ id }) => id), ['11', '39'])
    const { skills } = await ok(on('GET', '').then(() => sam.sup('GET', `supervisors/{uid}/agents/${ROSA}?include=skills`))) as { skills: Doc[] }
    assert.deepEqual(skills, [{ id: SALES, name: 'Sales', isActive: true }])
    assert.equal((await sam.sup('PUT', `supervisors/{uid}/agents/${SAM}/active_skills`, [])).status, 404)
  })

  it('listens, whispers, joins and stops, with 6005', async () => {
    await open()
    assert.equal((await on('PUT', 'monitor', { monitorType: 'SILENT' })).status, 435)
    await talk()
    await sws.settle()
    assert.equal((await on('PUT', 'monitor', {})).status, 400)
    assert.equal((await on('PUT', 'monitor', { monitorType: 'STARE' })).status, 400)
    const told: unknown[] = []
    for (const body of [{ monitorType: 'SILENT' }, { mode: 'whisper' }, { value: 'BARGE_IN' }, { type: 'NONE' }]) {
      await ok(on('PUT', 'monitor', body))
      told.push((await sws.settle()).filter(({ id }) => id === '6005').map(({ payLoad }) => payLoad))
    }
    assert.deepEqual(told, ['SILENT', 'WHISPER', 'BARGE_IN', 'NONE'].map((monitorType) => [{ agentId: ROSA, monitorType }]))
    assert.equal((await on('PUT', 'monitor', { monitorType: 'NONE' })).status, 435)
    await world.close()
    await open({ withheld: { sam: ['CAN_SILENT_MONITOR'] } })
    await talk()
    assert.equal((await on('PUT', 'monitor', { monitorType: 'SILENT' })).status, 403)
  })

  it('has an agent recorded, now and in his next calls', async () => {
    await open()
    const id = await talk()
    await ok(on('PUT', 'recording_state', { recording: true }))
    assert.equal(((await rosa.onCall('GET', id, '')).body as Doc).recording, true)
    await ok(rosa.onCall('PUT', id, 'disconnect'))
    await ok(rosa.onCall('PUT', id, 'dispose', { dispositionId: DISPOSITION }))
    const next = await talk()
    assert.equal(((await rosa.onCall('GET', next, '')).body as Doc).recording, true)
    assert.equal(changes(await sws.settle(), 'AGENT_STATE').flatMap(({ updated }) => updated).at(-1)?.sessionRecording, true)
    await ok(on('PUT', 'recording_state', { value: false }))
    assert.equal(((await rosa.onCall('GET', next, '')).body as Doc).recording, false)
    await ok(on('PUT', 'voicemail_state', { value: false }))
    assert.deepEqual((await rosa.mine('GET', 'channels')).body, ['CALL'])
  })

  it('shows parked calls, history and recordings page by page', async () => {
    await open()
    const id = await talk()
    await ok(rosa.onCall('PUT', id, 'park'))
    assert.deepEqual((await on('GET', 'parked_calls')).body, [{ id, state: 'PARKED', campaignId: CAMPAIGN }])
    assert.equal(changes(await sws.settle(), 'AGENT_STATE').flatMap(({ updated }) => updated).at(-1)?.parkedCallsCount, 1)
    await ok(rosa.onCall('PUT', id, 'retrieve'))
    await ok(rosa.onCall('PUT', id, 'disconnect'))
    const view = await ok(on('POST', 'recording_views', { limit: 1, sortField: 'CREATED', ascending: false, showUploaded: true })) as { id: string; records: Doc[] }
    assert.deepEqual(Object.keys(view.records[0] ?? {}), ['id', 'campaignId', 'created', 'number', 'name', 'length', 'status', 'callSessionId'])
    await ok(on('PUT', `recording_views/${view.id}/next`))
    await ok(on('DELETE', `recording_views/${view.id}`))
    assert.equal((await on('PUT', `recording_views/${view.id}/next`)).status, 404)
    assert.deepEqual((await ok(on('POST', 'voicemail_views', {})) as { records: Doc[] }).records, [])
    for (const path of ['session_history', 'auxiliary_stats', 'callbacks', 'user_uid', 'voicemail_views']) await ok(on('GET', path))
  })

  it('moves a callback to another agent, with the events at both', async () => {
    await open()
    const { id } = await ok(rosa.mine('POST', 'callbacks', { number: ADA })) as Doc
    const ben = await world.client('ben.agent').work()
    await ok(on('POST', `callbacks/${String(id)}/move`, { agentId: BEN }))
    await aws.next('55')
    assert.equal(((await ben.next('53')).payLoad as Doc).id, id)
    assert.deepEqual((await on('GET', 'callbacks')).body, [])
  })

  it('snaps a queue, and tells its interactions to who follows it', async () => {
    await open()
    await ok(sam.sup('PUT', `supervisors/{uid}/interactions/skills/${SALES}/subscribe`))
    assert.deepEqual((await sws.next('5014')).payLoad, { skillId: SALES, interactions: [] })
    world.pbx.inbound({ from: ADA, to: '0500' })
    const { interactions } = (await sws.next('5014')).payLoad as { interactions: Doc[] }
    assert.deepEqual(interactions.map(({ number, position }) => [number, position]), [['5550100142', 1]])
    world.clock.advance(5000)
    assert.deepEqual((await sam.sup('GET', `supervisors/{uid}/skills/${SALES}/snapshot`)).body, { inQueueCallCount: 1, inQueueCallbackCount: 0, maxQueueDuration: 5000, readyForCallAgentsIds: [] })
    assert.equal((await sam.sup('GET', 'supervisors/{uid}/skills/1/snapshot')).status, 404)
    await ok(sam.sup('PUT', `supervisors/{uid}/interactions/skills/${SALES}/unsubscribe`))
    await sws.settle()
    await ok(rosa.mine('PUT', 'presence', { currentState: { readyChannels: ['CALL'] } }))
    assert.ok((await sws.settle()).every(({ id }) => id !== '5014'))
  })

  it('filters rows by the skills and groups that were chosen, and keeps the totals', async () => {
    await open()
    const filter = (await sam.sup('GET', 'supervisors/{uid}/stats_filter_settings')).body as Doc
    assert.equal(filter.skillsSelectionType, 'MY')
    const groups = (await sam.sup('GET', 'supervisors/{uid}/agent_groups')).body as Doc[]
    assert.equal((await sam.sup('PUT', 'supervisors/{uid}/stats_filter_settings', { ...filter, range: 'EVER' })).status, 400)
    await ok(sam.sup('PUT', 'supervisors/{uid}/stats_filter_settings', { ...filter, skillsSelectionType: 'SPECIFY', skills: [SUPPORT], groupSelectionType: 'SPECIFY', groups: [groups.find(({ name }) => name === 'Office')?.id] }))
    await sws.next('6001')
    await ok(sam.sup('PUT', 'supervisors/{uid}/request_full_statistics'))
    const events = (await sws.settle()).filter(({ id }) => id === '5000')
    const ids = (n: number): unknown[] => ((events[n]?.payLoad as { data: Doc[] }[])[0]?.data ?? []).map(({ id }) => id)
    assert.deepEqual([ids(0), ids(1), ids(2)], [['3000003'], ['0', SUPPORT], ['', '3000003']])
    await ok(rosa.mine('PUT', 'presence', { currentState: { readyChannels: ['CALL'] } }))
    assert.deepEqual(changes(await sws.settle(), 'AGENT_STATE'), [])
  })

  it('starts, stops and resets campaigns with effect', async () => {
    await open()
    await sws.settle()
    await ok(sam.sup('PUT', `orgs/{oid}/campaigns/${CAMPAIGN}/stop`))
    assert.deepEqual(changes(await sws.settle(), 'CAMPAIGN_STATE').flatMap(({ updated }) => updated).map(({ id, campaignState }) => [id, campaignState]), [[CAMPAIGN, 'NOT_RUNNING']])
    assert.equal(world.pbx.inbound({ from: ADA, to: '0500' }), undefined)
    await ok(sam.sup('PUT', `orgs/{oid}/campaigns/${OUTBOUND}/stop`))
    assert.equal((await rosa.mine('POST', 'interactions/make_external_call', { number: ADA, campaignId: OUTBOUND })).status, 435)
    for (const id of [CAMPAIGN, OUTBOUND]) await ok(sam.sup('PUT', `orgs/{oid}/campaigns/${id}/start`))
    await ok(rosa.mine('POST', 'interactions/make_external_call', { number: ADA, campaignId: OUTBOUND }))
    await ok(sam.sup('PUT', `orgs/{oid}/campaigns/${CAMPAIGN}/reset`))
    await sws.next('6004')
    assert.equal((await sam.sup('PUT', 'orgs/{oid}/campaigns/1/start')).status, 404)
    assert.deepEqual((await sam.sup('PUT', 'supervisors/{uid}/monitor/campaigns', [CAMPAIGN])).body, [CAMPAIGN])
  })

  it('keeps alerts as they were sent, and answers each request with an object', async () => {
    await open()
    for (const prefix of ['', 'supervisors/{uid}/']) {
      const made = await ok(sam.sup('POST', `${prefix}alerts`, { name: 'Too many', threshold: 5 })) as Doc
      assert.equal(typeof made.id, 'string')
      await ok(sam.sup('PUT', `${prefix}alerts/${String(made.id)}`, { threshold: 6 }))
      assert.deepEqual((await sam.sup('GET', `${prefix}alerts/${String(made.id)}`)).body, { ...made, threshold: 6 })
      const removed = await sam.sup('DELETE', `${prefix}alerts/${String(made.id)}`)
      assert.deepEqual([removed.status, (removed.body as Doc).id, (await sam.sup('GET', `${prefix}alerts`)).body], [200, made.id, []])
    }
  })

  it('has the lists that a supervisor loads', async () => {
    await open()
    for (const name of ['agent_groups', 'reason_codes', 'not_ready_reason_codes', 'logout_reason_codes', 'lists', 'user_profiles', 'dispositions', 'campaigns', 'campaign_profiles', 'agent_states', 'call_variables', 'application_seats']) await ok(sam.sup('GET', `orgs/{oid}/${name}`))
    assert.deepEqual((await sam.sup('GET', 'supervisors/{uid}/skills')).body, [{ id: SALES, name: 'Sales' }, { id: SUPPORT, name: 'Help' }])
    assert.deepEqual(((await sam.sup('GET', 'supervisors/{uid}/agents')).body as Doc[]).map(({ id }) => id), [ROSA, BEN, '3000003'])
    assert.deepEqual(((await sam.sup('GET', 'agents?from=1&limit=1')).body as Doc[]).map(({ id }) => id), [BEN])
    const fields = (await sam.sup('GET', 'supervisors/{uid}/stats_metadata/ACD_STATUS')).body as { fields: string[] }
    assert.ok(fields.fields.includes('callsInQueue'))
    assert.equal((await sam.sup('GET', 'supervisors/{uid}/stats_metadata/NOTHING')).status, 404)
    for (const path of ['ping', 'client_timezone']) await ok(sam.sup('PUT', `supervisors/{uid}/${path}`, { timeZone: 'EST' }))
    assert.equal((await sam.sup('PUT', 'supervisors/{uid}/interactions/1/transfer_to_agent', {})).status, 404)
    assert.equal((await rosa.sup('GET', 'orgs/{oid}/skills')).status, 435)
  })
})
