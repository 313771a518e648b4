/** The agent's requests, row by row (five9.md 3.1 to 3.4). */
import assert from 'node:assert/strict'
import { type BareClient, type Doc, type Feed } from './client'
import { ADA, BEN, CAMPAIGN, DISPOSITION, Five9World, LUNCH, OUTBOUND, ROSA, SALES, SUPPORT } from './world'

const message = (body: unknown): string => String(((body as Doc).five9ExceptionDetail as Doc).message)

describe('simulator/five9 agent requests', () => {
  let world: Five9World
  let rosa: BareClient
  let ben: BareClient
  let aws: Feed
  let benFeed: Feed

  beforeEach(async () => {
    world = await Five9World.open()
    rosa = world.client('rosa.agent')
    ben = world.client('ben.agent')
    aws = await rosa.work()
    benFeed = await ben.work()
  })
  afterEach(() => world.close())

  const ok = async (asked: Promise<{ status: number; body: unknown; text: string }>): Promise<unknown> => {
    const { status, body, text } = await asked
    assert.ok(status === 200 || status === 204, `${status} ${text}`)
    return body
  }
  const inbound = async (to = '0500'): Promise<string> => {
    await ok(rosa.mine('PUT', 'presence', { currentState: { readyChannels: ['CALL'], notReadyReasonCodeId: '0' } }))
    world.pbx.inbound({ from: ADA, to })
    return String(((await aws.next('3')).payLoad as Doc).id)
  }
  const talk = async (): Promise<string> => {
    const id = await inbound()
    await ok(rosa.onCall('PUT', id, 'answer'))
    await aws.settle()
    return id
  }
  const stateOf = async (id: string): Promise<unknown> => ((await rosa.onCall('GET', id, '')).body as Doc).state
  const states = async (client: BareClient = rosa): Promise<unknown[]> => ((await client.mine('GET', 'interactions/calls')).body as Doc[]).map(({ state }) => state)
  const takenBy = async (client: BareClient, feed: Feed): Promise<string> => {
    const id = String(((await feed.next('3')).payLoad as Doc).id)
    await ok(client.onCall('PUT', id, 'answer'))
    return id
  }

  it('lists calls in brief and in detail, and refuses calls that are not there or somebody else\'s', async () => {
    const id = await talk()
    assert.deepEqual((await rosa.mine('GET', 'interactions')).body, [{ interactionId: id, channelType: 'CALL' }])
    assert.deepEqual(((await rosa.mine('GET', 'interactions/calls')).body as Doc[])[0], (await rosa.onCall('GET', id, '')).body)
    assert.equal((await rosa.onCall('PUT', 'ABC', 'hold')).status, 404)
    assert.equal((await ben.onCall('PUT', id, 'hold')).status, 404)
  })

  it('refuses what does not fit the state of a call with 435 and both names', async () => {
    const id = await inbound()
    const refusal = await rosa.onCall('PUT', id, 'hold')
    assert.deepEqual([refusal.status, message(refusal.body)], [435, 'Improper call state OFFERED while calling hold'])
    await ok(rosa.onCall('PUT', id, 'answer'))
    for (const operation of ['answer', 'reject', 'unhold', 'retrieve', 'dispose', 'add_to_conference']) assert.equal((await rosa.onCall('PUT', id, operation, { dispositionId: DISPOSITION })).status, 435, operation)
    await ok(rosa.onCall('PUT', id, 'disconnect'))
    assert.equal((await rosa.onCall('PUT', id, 'disconnect')).status, 435)
    assert.equal((await rosa.onCall('PUT', id, 'dispose', {})).status, 400)
    assert.equal((await rosa.onCall('PUT', id, 'dispose', { dispositionId: '1' })).status, 435)
    await ok(rosa.onCall('PUT', id, 'dispose', { dispositionId: Number(DISPOSITION) }))
  })

  it('rejects a call, which goes to the next agent', async () => {
    await ok(ben.mine('PUT', 'presence', { currentState: { readyChannels: ['CALL'] } }))
    const id = await inbound()
    const first = [...world.pbx.connections.values()].find(({ state, agentKey }) => state === 'alerting' && agentKey !== undefined)?.agentKey
    assert.equal(first, 'agent-rosa')
    await ok(rosa.onCall('PUT', id, 'reject'))
    assert.deepEqual((await aws.settle()).map((event) => event.id), ['30', '4', '5', '31'])
    assert.equal(((await benFeed.next('3')).payLoad as Doc).state, 'OFFERED')
  })

  it('parks and retrieves as the same call, and wraps up at its end only', async () => {
    const id = await talk()
    await ok(rosa.onCall('PUT', id, 'park'))
    assert.deepEqual((await aws.settle()).map(({ payLoad }) => (payLoad as Doc).state).filter((state) => state !== undefined), ['PARKED'])
    assert.equal(world.pbx.agentState('agent-rosa'), 'ready')
    await ok(rosa.onCall('PUT', id, 'retrieve'))
    assert.deepEqual((await aws.settle()).map((event) => [event.id, (event.payLoad as Doc).id, (event.payLoad as Doc).state]).at(-1), ['4', id, 'TALKING'])
    await ok(rosa.onCall('PUT', id, 'disconnect'))
    assert.equal(await stateOf(id), 'WRAP_UP')
    await ok(rosa.onCall('PUT', id, 'dispose', { dispositionId: DISPOSITION }))
    assert.deepEqual(await states(), [])
  })

  it('ends a parked call when the caller gives up', async () => {
    const id = await talk()
    await ok(rosa.onCall('PUT', id, 'park'))
    await aws.settle()
    world.pbx.external([...world.pbx.parkSlots.values()][0]?.connectionKey ?? '').hangUp()
    assert.deepEqual((await aws.settle()).map((event) => [event.id, (event.payLoad as Doc).id]), [['4', id], ['5', id], ['31', id]])
  })

  it('records, pauses, resumes and stops', async () => {
    const id = await talk()
    const seen: unknown[] = []
    for (const operation of ['start_recording', 'pause_recording', 'resume_recording', 'stop_recording']) {
      await ok(rosa.onCall('PUT', id, operation))
      const { recording, recordingPaused } = (await rosa.onCall('GET', id, '')).body as Doc
      seen.push([recording, recordingPaused])
    }
    assert.deepEqual(seen, [[true, false], [false, true], [true, false], [false, false]])
    assert.equal((await rosa.onCall('PUT', id, 'stop_recording')).status, 435)
  })

  it('sets variables during and after a call, and refuses those of the system and unknown ones', async () => {
    const catalogue = (await rosa.app('GET', 'orgs/{oid}/call_variables')).body as Doc[]
    assert.deepEqual(catalogue[0], { id: '101', group: 'Call', name: 'ANI', restrictions: { restrictions: [] } })
    const id = await talk()
    await ok(rosa.onCall('PUT', id, 'variables_2', { 201: 'A-1', 202: 'first' }))
    await ok(rosa.onCall('PUT', id, 'call_variables', { 202: '' }))
    for (const [body, status] of [[{ 101: 'x' }, 435], [{ 999: 'x' }, 435], [['x'], 400], [undefined, 400]] as const) assert.equal((await rosa.onCall('PUT', id, 'variables_2', body)).status, status)
    await ok(rosa.onCall('PUT', id, 'disconnect'))
    const { variables } = await ok(rosa.onCall('PUT', id, 'variables_2', { 202: 'late' })) as { variables: Doc }
    assert.deepEqual([variables['201'], variables['202']], ['A-1', 'late'])
    assert.equal(((await aws.settle()).at(-1)?.payLoad as { variables: Doc }).variables['202'], 'late')
  })

  it('shows data that another system attached, as a variable that the catalogue gains', async () => {
    const id = await talk()
    world.pbx.setData(world.pbx.connectionsOf('rosa')[0]?.key ?? '', { ticket: 'T-9' })
    const grown = await aws.next('66')
    const { id: variable, name } = grown.payLoad as Doc
    assert.equal(name, 'ticket')
    assert.equal((((await rosa.onCall('GET', id, '')).body as Doc).variables as Doc)[String(variable)], 'T-9')
    assert.ok(((await rosa.app('GET', 'orgs/{oid}/call_variables')).body as Doc[]).some((row) => row.id === variable))
  })

  it('dials numbers, agents, skills and speed dials, under every name of the body', async () => {
    for (const [path, body, remote] of [
      ['make_external_call', { number: ADA, skipDNCCheck: false, checkMultipleContacts: true }, '5550100142'], ['make_agent_call', { agentId: BEN }, '0124'], ['make_agent_call', { value: BEN }, '0124'],
      ['make_skill_call', { skillId: SUPPORT }, '0501'], ['make_speed_dial_call', { speedDialId: '12' }, '+12025550199']
    ] as const) {
      const { id, remoteNumber } = await ok(rosa.mine('POST', `interactions/${path}`, body)) as Doc
      assert.equal(remoteNumber, remote === '+12025550199' ? '2025550199' : remote, path)
      await ok(rosa.onCall('PUT', String(id), 'disconnect'))
    }
    for (const path of ['make_external_call', 'make_agent_call', 'make_skill_call', 'make_speed_dial_call']) assert.equal((await rosa.mine('POST', `interactions/${path}`, {})).status, 400, path)
    assert.equal((await rosa.mine('POST', 'interactions/make_agent_call', { agentId: '1' })).status, 404)
    // Who reads the reply as JSON gets some also when the call has failed already.
    assert.equal((await ok(rosa.mine('POST', 'interactions/make_external_call', { number: '+15550100188' })) as Doc).state, 'FINISHED')
    assert.equal((await rosa.mine('POST', 'interactions/make_external_call', { number: ADA, campaignId: '1' })).status, 404)
  })

  it('clicks to dial by a GET, with 74 or 75, and keeps to the list of numbers not to be called', async () => {
    await ok(rosa.app('GET', 'orgs/{oid}/interactions/click_to_dial?number=5550100142&dialImmediately=true&skipDNCCheck=true'))
    assert.deepEqual((await aws.settle()).map(({ id }) => id), ['74', '3', '30', '4'])
    await ok(rosa.onCall('PUT', String(((await rosa.mine('GET', 'interactions')).body as Doc[])[0]?.interactionId), 'disconnect'))
    await aws.settle()
    await rosa.app('GET', 'orgs/{oid}/interactions/click_to_dial?number=5550100188')
    assert.deepEqual((await aws.settle()).map(({ id }) => id), ['74', '3', '30', '75', '5', '31'])
    world.clock.advance(5000)
    await ok(rosa.mine('PUT', 'add_number_to_dnc', { value: ADA }))
    const refusal = await rosa.mine('POST', 'interactions/make_external_call', { number: '5550100142' })
    assert.deepEqual([refusal.status, message(refusal.body)], [435, 'Number 5550100142 is in the DNC list'])
    assert.equal((await rosa.app('GET', 'orgs/{oid}/interactions/click_to_dial?number=5550100142')).status, 435)
    await ok(rosa.mine('POST', 'interactions/make_external_call', { number: '5550100142', skipDNCCheck: true }))
    assert.equal((await rosa.app('GET', 'orgs/{oid}/interactions/click_to_dial')).status, 400)
  })

  it('carries no call on a station without audio', async () => {
    const mia = world.client('mia.both')
    await mia.login()
    await mia.start('agent', { stationId: '', stationType: 'EMPTY' })
    const refusal = await mia.mine('POST', 'interactions/make_external_call', { number: ADA })
    assert.deepEqual([refusal.status, /station/i.test(message(refusal.body))], [435, true])
  })

  it('calls back whom the agent missed', async () => {
    assert.equal((await rosa.mine('POST', 'interactions/return_missed_call')).status, 404)
    world.pbx.inbound({ from: ADA, to: '0123', behaviour: { giveUpAfterMs: 1000 } })
    world.clock.advance(2000)
    const { remoteNumber } = await ok(rosa.mine('POST', 'interactions/return_missed_call')) as Doc
    assert.equal(remoteNumber, '5550100142')
  })

  it('transfers to a skill, a number, a campaign, a speed dial and a parked call', async () => {
    for (const [path, body] of [['transfer_to_skill', { skillId: SUPPORT }], ['transfer_to_external_number', { externalNumber: '+15550100177' }], ['transfer_to_campaign', { campaignId: '300000000000101' }], ['transfer_to_speed_dial', { value: '12' }]] as const) {
      const id = await talk()
      assert.equal((await rosa.onCall('PUT', id, path, {})).status, 400, path)
      await ok(rosa.onCall('PUT', id, path, body))
      assert.equal(await stateOf(id), 'WRAP_UP', path)
      await ok(rosa.onCall('PUT', id, 'dispose', { dispositionId: DISPOSITION }))
    }
    const parked = await talk()
    await ok(rosa.onCall('PUT', parked, 'park'))
    const { id } = await ok(rosa.mine('POST', 'interactions/make_agent_call', { agentId: BEN })) as Doc
    await takenBy(ben, benFeed)
    await ok(rosa.onCall('PUT', String(id), 'transfer_to_call', { callId: parked }))
    assert.equal(((await ben.mine('GET', 'interactions/calls')).body as Doc[])[0]?.remoteNumber, '5550100142')
  })

  it('refuses to complete or cancel what was not begun', async () => {
    const id = await talk()
    for (const operation of ['complete_transfer', 'cancel_transfer']) assert.equal((await rosa.onCall('PUT', id, operation)).status, 435, operation)
    assert.equal((await rosa.onCall('POST', id, 'complete_warm_conference')).status, 435)
    assert.equal((await rosa.onCall('PUT', id, 'leave_conference')).status, 435)
    await ok(rosa.onCall('PUT', id, 'transfer_to_agent', { agentId: BEN, warm: true }))
    assert.equal((await rosa.onCall('PUT', id, 'transfer_to_agent', { agentId: BEN, warm: true })).status, 435)
  })

  it('makes a conference of three by a POST, at once or after a talk, drops one and leaves', async () => {
    const id = await talk()
    assert.equal((await rosa.onCall('PUT', id, 'add_agent_to_conference', { agentId: BEN })).status, 405)
    await ok(rosa.onCall('POST', id, 'add_agent_to_conference', { agentId: BEN }))
    const atBen = await takenBy(ben, benFeed)
    const { participants } = (await rosa.onCall('GET', id, '')).body as { participants: Doc[] }
    assert.deepEqual(participants.map(({ number }) => number), ['5550100142', '0124'])
    assert.deepEqual(await states(), ['TALKING', 'TALKING'])
    assert.equal((await rosa.onCall('PUT', id, 'disconnectConferenceParticipant', {})).status, 400)
    await ok(rosa.onCall('PUT', id, 'disconnectConferenceParticipant', { participantId: participants[1]?.id }))
    assert.deepEqual([await states(), await states(ben)], [['TALKING'], []])
    assert.equal((await ben.onCall('GET', atBen, '')).status, 404)

    await ok(rosa.onCall('POST', id, 'add_agent_to_conference', { agentId: BEN, warm: true }))
    assert.equal((await rosa.onCall('POST', id, 'complete_warm_conference')).status, 435)
    await takenBy(ben, benFeed)
    assert.deepEqual(await states(), ['ON_HOLD', 'TALKING'])
    await ok(rosa.onCall('POST', id, 'complete_warm_conference'))
    assert.deepEqual(await states(), ['TALKING', 'TALKING'])
    await ok(rosa.onCall('PUT', id, 'leave_conference'))
    assert.deepEqual([await states(), await states(ben)], [['WRAP_UP'], ['TALKING']])
  })

  it('adds a parked call to a conference', async () => {
    const parked = await talk()
    await ok(rosa.onCall('PUT', parked, 'park'))
    await ok(rosa.mine('POST', 'interactions/make_agent_call', { agentId: BEN }))
    await takenBy(ben, benFeed)
    await ok(rosa.onCall('PUT', parked, 'add_to_conference'))
    assert.deepEqual(await states(), ['TALKING', 'TALKING'])
    assert.notEqual(world.pbx.conferenceOf('rosa'), undefined)
  })

  it('knows who can be reached', async () => {
    for (const path of ['transferable_agents', 'conferee_agents']) assert.deepEqual(((await rosa.mine('GET', path)).body as Doc[]).map(({ id }) => id), [BEN])
  })

  it('sets presence by channel and reason, and refuses what is not there', async () => {
    const put = (currentState: unknown): ReturnType<BareClient['mine']> => rosa.mine('PUT', 'presence', { currentState })
    assert.deepEqual(((await put({ readyChannels: ['VOICE_MAIL'], notReadyReasonCodeId: '0' })).body as Doc).currentState, { readyChannels: ['VOICE_MAIL'], notReadyReasonCodeId: '0' })
    assert.equal(world.pbx.agentState('agent-rosa'), 'notReady')
    assert.deepEqual(((await put({ readyChannels: ['VOICE_MAIL', 'CALL'], notReadyReasonCodeId: LUNCH })).body as Doc).currentState, { readyChannels: ['VOICE_MAIL', 'CALL'], notReadyReasonCodeId: '0' })
    assert.equal(world.pbx.agentState('agent-rosa'), 'ready')
    for (const [state, status] of [[{ readyChannels: ['CHAT'] }, 435], [{ readyChannels: [], notReadyReasonCodeId: '7' }, 435], [{}, 400], [{ readyChannels: 'CALL' }, 400]] as const) assert.equal((await put(state)).status, status)
    assert.deepEqual((await rosa.mine('GET', 'channels')).body, ['CALL', 'VOICE_MAIL'])
    await ok(rosa.mine('PUT', 'set_system_not_ready_state'))
    assert.deepEqual(((await rosa.mine('GET', 'presence')).body as Doc).currentState, { readyChannels: [], notReadyReasonCodeId: '0' })
    const { loginState, stationState, availableChannels } = (await rosa.app('GET', 'agents/{uid}')).body as Doc
    assert.deepEqual([loginState, stationState, availableChannels], ['WORKING', 'CONNECTED', ['CALL', 'VOICE_MAIL']])
  })

  it('keeps a pause that is asked for in after-call work until that is over', async () => {
    const id = await talk()
    await ok(rosa.onCall('PUT', id, 'disconnect'))
    assert.equal((await rosa.mine('PUT', 'presence', { currentState: { readyChannels: [], notReadyReasonCodeId: LUNCH } })).status, 202)
    assert.equal(await stateOf(id), 'WRAP_UP')
    await ok(rosa.onCall('PUT', id, 'dispose', { dispositionId: DISPOSITION }))
    assert.deepEqual(((await rosa.mine('GET', 'presence')).body as Doc).currentState, { readyChannels: [], notReadyReasonCodeId: LUNCH })
  })

  it('replaces the active skills as a whole and tells of it with 11', async () => {
    assert.deepEqual((await ben.mine('GET', 'skills')).body, [{ id: SALES, name: 'Sales' }, { id: SUPPORT, name: 'Help' }])
    await ok(ben.mine('PUT', 'active_skills', [SUPPORT]))
    assert.deepEqual((await benFeed.settle()).map(({ id, payLoad }) => [id, payLoad]), [['11', [SUPPORT]]])
    await ok(ben.mine('PUT', 'active_skills', []))
    assert.deepEqual((await ben.mine('GET', 'active_skills')).body, [])
  })

  it('has reason codes, dispositions, campaigns, speed dials and users of the domain', async () => {
    const lists = Object.fromEntries(await Promise.all(['not_ready_reason_codes', 'logout_reason_codes', 'dispositions', 'no_campaign_dispositions', 'campaigns', 'available_campaigns', 'skills', 'users', 'speed_dials', 'agent_states', 'cold_transfer_settings'].map(async (name) => [name, (await rosa.app('GET', `orgs/{oid}/${name}`)).body as Doc[]] as const)))
    assert.deepEqual(lists.not_ready_reason_codes[0], { id: LUNCH, name: 'Lunch', selectable: true })
    assert.deepEqual([lists.dispositions[0]?.id, lists.dispositions[0]?.name], [DISPOSITION, 'Sale'])
    assert.deepEqual(lists.campaigns.map(({ id, type }) => [id, type]), [[CAMPAIGN, 'INBOUND'], ['300000000000101', 'INBOUND'], [OUTBOUND, 'OUTBOUND']])
    assert.deepEqual(lists.available_campaigns.map(({ id }) => id), [OUTBOUND])
    const { permissions, ...user } = lists.users[0] as Doc & { permissions: string[] }
    assert.ok(permissions.includes('CAN_RUN_WEB_AGENT'))
    assert.deepEqual([user.id, user.userName, user.fullName, user.extension, user.roles, user.skillLevels], [ROSA, 'rosa.agent@example.com', 'Rosa Agent', '0123', ['Agent'], [{ skillId: SALES, level: 1 }]])
    assert.deepEqual((await rosa.app('GET', `users/${ROSA}/permissions`)).body, permissions)
    for (const path of ['dispositions', 'worksheet_questions', 'script']) await ok(rosa.app('GET', `orgs/{oid}/campaigns/${CAMPAIGN}/${path}`))
    assert.equal((await rosa.app('GET', 'orgs/{oid}/campaigns/1/script')).status, 404)
  })

  it('changes a password that is known', async () => {
    assert.equal((await rosa.mine('PUT', 'password', { oldPassword: 'no', newPassword: 'new' })).status, 435)
    await ok(rosa.mine('PUT', 'password', { oldPassword: 'demo', newPassword: 'new' }))
    assert.deepEqual([(await world.client('rosa.agent').login()).status, (await world.client('rosa.agent', 'new').login()).status], [401, 200])
  })

  it('finds the contact of a call, and updates what was not changed meanwhile', async () => {
    const id = await talk()
    const { contacts: [contact] } = await ok(rosa.onCall('GET', id, 'contacts')) as { contacts: { id: string; fields: Doc; modificationTime: number }[] }
    assert.deepEqual([contact?.fields['302'], contact?.fields['303']], ['Ada', 'Lind'])
    world.clock.advance(5)
    assert.equal((await rosa.onCall('PUT', id, 'update_contact', { ...contact, fields: { 304: 'Lind Ltd' } })).status, 204)
    assert.equal(((await aws.next('77')).payLoad as { fields: Doc }).fields['304'], 'Lind Ltd')
    assert.equal((await rosa.onCall('PUT', id, 'update_contact', { ...contact, fields: { 304: 'Late' } })).status, 435)
    assert.equal((await rosa.onCall('PUT', id, 'update_contact', { id: 'x' })).status, 404)
    const { id: other } = await ok(rosa.onCall('POST', id, 'contacts_2', { fields: { 301: '5550100199', 302: 'Zoe' } })) as Doc
    assert.deepEqual((await ok(rosa.onCall('GET', id, 'contacts')) as { contacts: Doc[] }).contacts.map((each) => each.id), [other])
    await ok(rosa.onCall('PUT', id, 'active_contact_2', { id: contact?.id }))
    assert.equal(((await ok(rosa.app('GET', 'orgs/{oid}/contacts'))) as Doc[]).length, 3)
    await ok(rosa.app('DELETE', `orgs/{oid}/contacts/${String(other)}`))
    assert.equal((await rosa.app('GET', `orgs/{oid}/contacts/${String(other)}`)).status, 404)
  })

  it('keeps callbacks with their events, and dials them', async () => {
    const { id } = await ok(rosa.mine('POST', 'callbacks', { number: ADA, comment: 'tomorrow' })) as Doc
    await ok(rosa.mine('PUT', `callbacks/${String(id)}`, { comment: 'today' }))
    await ok(rosa.mine('PUT', `callbacks/${String(id)}/snooze`))
    assert.equal((await ben.mine('PUT', `callbacks/${String(id)}/dismiss`)).status, 404)
    assert.deepEqual((await aws.settle()).map((event) => [event.id, event.context.eventReason]), [['53', 'CREATED'], ['54', 'UPDATED'], ['54', 'UPDATED']])
    const { remoteNumber } = await ok(rosa.mine('POST', `callbacks/${String(id)}/make_call`)) as Doc
    assert.equal(remoteNumber, '5550100142')
    await ok(rosa.mine('DELETE', `callbacks/${String(id)}`))
    await aws.next('55')
    assert.deepEqual((await rosa.mine('GET', 'callbacks')).body, [])
  })

  it('tells of voice mail and does with it what is asked', async () => {
    world.pbx.setFeature('ben', 'voicemail', true)
    world.pbx.leaveVoicemail('rosa', { kind: 'external', number: ADA, name: 'Ada Lind' }, 4000)
    assert.deepEqual((await aws.settle()).map(({ id }) => id), ['24', '27'])
    const [{ id, number, length, read }] = (await rosa.mine('GET', 'interactions/voicemails')).body as [Doc]
    assert.deepEqual([number, length, read], ['5550100142', 4000, false])
    assert.deepEqual((await rosa.mine('GET', 'interactions/voicemails/count_info')).body, { total: 1, unread: 1 })
    await ok(rosa.mine('PUT', `interactions/voicemails/${String(id)}/mark_as_read`))
    assert.deepEqual((await aws.settle()).map((event) => event.id), ['25'])
    assert.equal((await rosa.mine('GET', `interactions/voicemails/${String(id)}/recordings/1`)).headers['content-type'], 'audio/wav')
    await ok(rosa.mine('PUT', `interactions/voicemails/${String(id)}/transfer`, { agentId: BEN }))
    assert.deepEqual([(await aws.settle()).map((event) => event.id), (await benFeed.settle()).map((event) => event.id)], [['26'], ['24', '27']])
    assert.equal((await rosa.mine('GET', `interactions/voicemails/${String(id)}`)).status, 404)
    const [{ id: moved }] = (await ben.mine('GET', 'interactions/voicemails')).body as [Doc]
    await ok(ben.mine('POST', `interactions/voicemails/${String(moved)}/return_call`))
    await ok(ben.mine('DELETE', `interactions/voicemails/${String(moved)}`))
  })

  it('plays prompts, keeps worksheets, pages history, sends messages, follows statistics', async () => {
    const id = await talk()
    const [prompt] = await ok(rosa.onCall('GET', id, 'audio')) as Doc[]
    assert.equal((await rosa.onCall('PUT', id, 'audio/player/pause')).status, 435)
    await ok(rosa.onCall('PUT', id, 'audio/player/play_prompt', { value: prompt?.id }))
    assert.deepEqual((await aws.next('41')).payLoad, { callId: id, state: 'PLAYING', promptId: prompt?.id })
    await ok(rosa.onCall('PUT', id, 'audio/player/stop'))
    await ok(rosa.mine('PUT', `interactions/${id}/worksheet`, { q1: 'yes' }))
    assert.deepEqual((await rosa.mine('GET', `interactions/${id}/worksheet`)).body, { q1: 'yes' })
    await ok(rosa.onCall('PUT', id, 'disconnect'))
    await ok(rosa.onCall('PUT', id, 'dispose', { dispositionId: DISPOSITION }))
    for (let n = 0; n < 2; n++) {
      const { id: made } = await ok(rosa.mine('POST', 'interactions/make_agent_call', { agentId: BEN })) as Doc
      await ok(rosa.onCall('PUT', String(made), 'disconnect'))
    }
    const view = await ok(rosa.mine('POST', 'history', { limit: 2 })) as { id: string; records: Doc[] }
    assert.deepEqual(view.records.map(({ type }) => type), ['OUTBOUND', 'OUTBOUND'])
    assert.deepEqual((await ok(rosa.mine('PUT', `history/${view.id}/next`)) as { records: Doc[] }).records.map(({ number }) => number), ['5550100142'])
    assert.equal((await ben.mine('PUT', `history/${view.id}/next`)).status, 404)
    await ok(rosa.app('POST', 'messages/{uid}/messages', { agentId: BEN, text: 'Lunch?' }))
    assert.deepEqual(((await ben.app('GET', 'messages/{uid}/messages')).body as Doc[]).map(({ text, fromUserId }) => [text, fromUserId]), [['Lunch?', ROSA]])
    await aws.settle()
    await ok(rosa.mine('PUT', 'subscriptions/AGENTS_READY_PRESENCES'))
    await ok(rosa.mine('PUT', 'subscriptions/SKILL_STATS_SNAPSHOT'))
    const first = await aws.settle()
    assert.deepEqual(first.map((event) => event.id), ['16', '15', '16', '29'])
    await ok(ben.mine('PUT', 'presence', { currentState: { readyChannels: ['CALL'] } }))
    const told = await aws.settle()
    assert.deepEqual(told.find((event) => event.id === '15')?.payLoad, [ROSA, BEN])
    assert.deepEqual((told.find((event) => event.id === '29')?.payLoad as Doc[])[0]?.readyForCallAgentsIds, [ROSA, BEN])
    const { id: board } = await ok(rosa.mine('POST', 'dashboard/subscriptions', { name: 'mine' })) as Doc
    await ok(rosa.mine('PUT', 'dashboard/subscriptions', { id: board, name: 'ours' }))
    assert.equal((await ben.mine('DELETE', `dashboard/subscriptions/${String(board)}`)).status, 404)
    await ok(rosa.mine('DELETE', `dashboard/subscriptions/${String(board)}`))
    assert.deepEqual((await aws.settle()).map((event) => event.id), ['62', '64', '63'])
  })

  it('has echo calls, and no text interactions, previews or queue callbacks', async () => {
    await ok(rosa.mine('POST', 'echo_call'))
    await ok(rosa.mine('DELETE', 'echo_call'))
    await aws.next('36')
    assert.equal((await rosa.mine('DELETE', 'echo_call')).status, 404)
    for (const path of ['previews', 'queue_callbacks']) assert.deepEqual((await rosa.mine('GET', path)).body, [])
    assert.deepEqual((await rosa.mine('POST', 'interactions/search', {})).body, [])
    for (const [method, path] of [['PUT', 'interactions/1/accept'], ['PUT', 'interactions/1/disposition'], ['PUT', 'queue_callbacks/1/answer'], ['POST', 'previews/1/make_call']]) assert.equal((await rosa.mine(method ?? '', path ?? '', {})).status, 404, path)
  })

  it('sends the bytes of a recording', async () => {
    const id = await talk()
    await ok(rosa.onCall('PUT', id, 'disconnect'))
    const entry = world.pbx.history.at(-1)
    const bytes = await rosa.call('GET', `/strsvcs/rs/svc/agents/{uid}/recordings/${entry?.id ?? ''}?download=true`, { headers: { Accept: '*/*' } })
    assert.deepEqual([bytes.status, bytes.text.slice(0, 4)], [200, 'RIFF'])
    assert.equal((await rosa.call('GET', '/strsvcs/rs/svc/agents/{uid}/recordings/none')).status, 404)
  })
})
