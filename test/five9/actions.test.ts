/** What is sent for each action: method, path and body as five9.md 3 has them, and what is refused before anything is sent. */
import assert from 'node:assert/strict'
import { Line } from './harness'
import { call, CALL_ID, FakeFive9, refusal, SKILLS, UID, type Asked } from './server'

const LEG = `${UID}/${CALL_ID}`
const BASE = `/appsvcs/rs/svc/agents/${UID}`
const CALLS = `${BASE}/interactions/calls/${CALL_ID}`
const SUP = `/supsvcs/rs/svc/supervisors/${UID}`
const ORG = '/supsvcs/rs/svc/orgs/131001'
const BEN = '3000002'
const NUMBER = '+15550100177'

type Row = [action: string, fields: Record<string, unknown>, sent: string, body?: unknown]

/** With a call that is talked on. */
const TALKING: Row[] = [
  ['hold', {}, `PUT ${CALLS}/hold`],
  ['hangup', {}, `PUT ${CALLS}/disconnect`],
  ['park', {}, `PUT ${CALLS}/park`],
  ['transfer', { to: NUMBER }, `PUT ${CALLS}/transfer_to_external_number`, { number: NUMBER, warm: false, skipDNCCheck: false }],
  ['transfer', { to: { agent: 'Ben Agent' } }, `PUT ${CALLS}/transfer_to_agent`, { agentId: BEN, warm: false }],
  ['transfer', { to: { queue: 'support' } }, `PUT ${CALLS}/transfer_to_skill`, { skillId: SKILLS[1]!.id, warm: false }],
  ['transfer', { to: { campaign: 'Inbound' } }, `PUT ${CALLS}/transfer_to_campaign`, { campaignId: '300000000000100', warm: false }],
  ['transfer', { to: { speedDial: '12' } }, `PUT ${CALLS}/transfer_to_speed_dial`, { speedDialId: '12', warm: false }],
  ['consult', { to: { user: '0124' } }, `PUT ${CALLS}/transfer_to_agent`, { agentId: BEN, warm: true }],
  ['consult', { to: NUMBER, purpose: 'conference' }, `POST ${CALLS}/add_external_to_conference`, { number: NUMBER, warm: true, skipDNCCheck: false }],
  ['conference', { to: { agent: BEN } }, `POST ${CALLS}/add_agent_to_conference`, { agentId: BEN, warm: false }],
  ['completeTransfer', {}, `PUT ${CALLS}/complete_transfer`],
  ['startRecording', {}, `PUT ${CALLS}/start_recording`],
  ['stopRecording', {}, `PUT ${CALLS}/stop_recording`],
  ['pauseRecording', {}, `PUT ${CALLS}/pause_recording`],
  ['resumeRecording', {}, `PUT ${CALLS}/resume_recording`],
  ['setCallData', { data: { 'order.number': 'ORDER-7', 101: 'x' } }, `PUT ${CALLS}/variables_2`, { 201: 'ORDER-7', 101: 'x' }],
  ['five9.dropParticipant', { participant: 'p2' }, `PUT ${CALLS}/disconnectConferenceParticipant`, { participantId: 'p2' }],
  ['five9.playPrompt', { prompt: '9' }, `PUT ${CALLS}/audio/player/play_prompt`, { value: '9' }]
]
const IDLE: Row[] = [
  ['originate', { to: '+1 (555) 010-0123', campaign: 'inbound', skipDnc: true }, `POST ${BASE}/interactions/make_external_call`, { number: '+15550100123', skipDNCCheck: true, checkMultipleContacts: true, campaignId: '300000000000100' }],
  ['originate', { to: { agent: '0124' } }, `POST ${BASE}/interactions/make_agent_call`, { agentId: BEN }],
  ['originate', { to: { queue: 'Sales' } }, `POST ${BASE}/interactions/make_skill_call`, { skillId: SKILLS[0]!.id, skipDNCCheck: false }],
  ['originate', { to: { speedDial: '12' } }, `POST ${BASE}/interactions/make_speed_dial_call`, { speedDialId: '12' }],
  ['five9.clickToDial', { to: '5550100123' }, 'GET /appsvcs/rs/svc/orgs/131001/interactions/click_to_dial?number=5550100123&dialImmediately=true&skipDNCCheck=false'],
  ['agentReady', {}, `PUT ${BASE}/presence`, { currentState: { readyChannels: ['CALL', 'VOICE_MAIL'], notReadyReasonCodeId: '0' }, pendingState: null, currentStateTime: 0, pendingStateDelayTime: 0, gracefulModeOn: false }],
  ['agentReady', { channels: ['voice'] }, `PUT ${BASE}/presence`, { currentState: { readyChannels: ['CALL'], notReadyReasonCodeId: '0' }, pendingState: null, currentStateTime: 0, pendingStateDelayTime: 0, gracefulModeOn: false }],
  ['agentNotReady', { reason: '401101', when: 'afterCall' }, `PUT ${BASE}/presence`, { currentState: { readyChannels: [], notReadyReasonCodeId: '401101' }, pendingState: null, currentStateTime: 0, pendingStateDelayTime: 0, gracefulModeOn: true }],
  ['queueJoin', { queues: ['Support'] }, `PUT ${BASE}/active_skills`, [SKILLS[0]!.id, SKILLS[1]!.id]],
  ['queueLeave', { queues: ['Sales'] }, `PUT ${BASE}/active_skills`, []],
  ['agentLogout', {}, `PUT ${BASE}/session_stop`],
  ['five9.restartStation', {}, `PUT ${BASE}/station/restart`, { value: null }],
  ['five9.addToDnc', { number: NUMBER }, `PUT ${BASE}/add_number_to_dnc`, { number: NUMBER }],
  ['request', { method: 'put', path: '/agents/{uid}/ping', body: '{"a":1}' }, `PUT ${BASE}/ping`, { a: 1 }],
  ['listen', { target: BEN }, `PUT ${SUP}/agents/${BEN}/monitor`, { monitorType: 'SILENT' }],
  ['whisper', { target: '0124' }, `PUT ${SUP}/agents/${BEN}/monitor`, { monitorType: 'WHISPER' }],
  ['bargeIn', { target: BEN }, `PUT ${SUP}/agents/${BEN}/monitor`, { monitorType: 'BARGE_IN' }],
  ['stopListen', { target: BEN }, `PUT ${SUP}/agents/${BEN}/monitor`, { monitorType: 'NONE' }],
  ['startRecording', { target: BEN }, `PUT ${SUP}/agents/${BEN}/recording_state`, { recording: true }],
  ['stopRecording', { target: 'Ben Agent' }, `PUT ${SUP}/agents/${BEN}/recording_state`, { recording: false }],
  ['five9.startCampaign', { campaign: 'Inbound' }, `PUT ${ORG}/campaigns/300000000000100/start`],
  ['five9.stopCampaign', { campaign: 'Inbound' }, `PUT ${ORG}/campaigns/300000000000100/stop`],
  ['five9.resetCampaign', { campaign: '77' }, `PUT ${ORG}/campaigns/77/reset`],
  ['five9.watchQueue', { queue: 'Sales', enabled: false }, `PUT ${SUP}/interactions/skills/${SKILLS[0]!.id}/unsubscribe`],
  ['five9.requestStatistics', {}, `PUT ${SUP}/request_full_statistics`]
]

describe('Five9: what an action sends', () => {
  let server: FakeFive9
  let line: Line
  beforeEach(async () => {
    server = await new FakeFive9().start()
    server.on('GET click_to_dial', () => ({}))
    line = await new Line({ baseUrl: server.url, username: 'rosa', password: 'secret', role: 'both', stationType: 'SOFTPHONE', statisticsMs: 20 }).online()
  })
  afterEach(async () => {
    await line.close()
    await server.close()
  })

  async function talking (): Promise<void> {
    server.send('3', call('OFFERED'))
    server.send('4', call('TALKING'))
    await line.event('call.answered')
  }
  const shown = ({ method, path, query }: Asked): string => `${method} ${path}${query === '' ? '' : `?${query}`}`
  const check = async ([action, fields, sent, body]: Row): Promise<void> => {
    await line.perform(action, fields)
    const asked = server.asked.filter((one) => shown(one) === sent).at(-1)
    assert.ok(asked, `${sent} not among ${server.asked.slice(-3).map(shown).join(', ')}`)
    assert.deepEqual(asked.body, body)
  }

  for (const row of TALKING) {
    it(`${row[0]} ${JSON.stringify(row[1])}`, async () => {
      await talking()
      await check([row[0], { callId: LEG, ...row[1] }, row[2], row[3]])
    })
  }
  for (const row of IDLE) it(`${row[0]} ${JSON.stringify(row[1])}`, () => check(row))

  it('answers and rejects an offered call; hanging it up is rejecting it', async () => {
    for (const [action, end] of [['answer', 'answer'], ['reject', 'reject'], ['hangup', 'reject']] as const) {
      server.send('3', call('OFFERED'))
      await line.event('call.ringing')
      await line.perform(action)
      assert.equal(shown(server.asked.at(-1)!), `PUT ${CALLS}/${end}`)
    }
  })

  it('resumes, retrieves', async () => {
    await talking()
    server.send('4', call('ON_HOLD'))
    await line.event('call.held')
    await check(['resume', {}, `PUT ${CALLS}/unhold`])
    server.send('4', call('PARKED'))
    await line.event('call.parked')
    await check(['retrieve', {}, `PUT ${CALLS}/retrieve`])
  })

  it('tries the other form of call variables where the first is not there', async () => {
    await talking()
    server.on('PUT variables_2', () => refusal(404, 404, 'no such path'))
    await check(['setCallData', { callId: LEG, data: { 201: 'y' } }, `PUT ${CALLS}/call_variables`, { 201: 'y' }])
  })

  it('sends a contact back with the time of its last change', async () => {
    await talking()
    server.on('GET contacts', () => ({ body: { contacts: [{ id: 9, fields: { 1: 'Ada', 2: 'Lind' }, modificationTime: 1700000000000 }] } }))
    await check(['five9.updateContact', { callId: LEG, fields: { 2: 'Berg' } }, `PUT ${CALLS}/update_contact`, { id: '9', fields: { 1: 'Ada', 2: 'Berg' }, modificationTime: 1700000000000 }])
  })

  it('sends the reason of a logout only where the account says how it is carried', async () => {
    const result = await line.perform('agentLogout', { reason: 'End of shift' })
    assert.equal(server.asked.at(-1)?.query, '')
    assert.match(result.warnings?.join() ?? '', /not public/)
    await line.close()
    server.states.agents = 'SELECT_STATION'
    line = await new Line({ baseUrl: server.url, username: 'rosa', password: 'secret', advanced: { logoutReason: true } }).online()
    await line.perform('agentLogout', { reason: 'end of shift' })
    assert.equal(shown(server.asked.at(-1)!), `PUT ${BASE}/session_stop?reasonCodeId=401201`)
  })

  it('moves of its own accord by PUT, or by POST where that is not there', async () => {
    server.on('PUT migrate', () => refusal(405, 405, 'no'))
    await line.perform('five9.migrate')
    assert.equal(server.asked.find(({ method, path }) => method === 'POST' && path.endsWith('/migrate'))?.query, 'migrateToMaintenanceHost=true')
    assert.equal(server.sockets.length, 4)
  })

  it('logs the own agent in with another station', async () => {
    await line.perform('agentLogout')
    server.states.agents = 'SELECT_STATION'
    await line.perform('agentLogin', { device: '+15550100111', stationType: 'pstn' })
    assert.deepEqual(server.asked.filter(({ path }) => path.endsWith('session_start')).at(-1)?.body, { stationId: '+15550100111', stationType: 'PSTN' })
    await assert.rejects(line.perform('agentLogin', { agent: BEN }), { code: 'CTI_FORBIDDEN' })
  })

  const REFUSED: [action: string, fields: Record<string, unknown>, code: string][] = [
    ['originate', { to: 'Ben' }, 'CTI_INVALID_REQUEST'], ['originate', { to: { agent: 'Nobody' } }, 'CTI_NOT_FOUND'], ['originate', { to: { queue: 'Billing' } }, 'CTI_NOT_FOUND'], ['originate', { to: { voicemail: '1' } }, 'CTI_UNSUPPORTED'],
    ['originate', { to: { campaign: 'Inbound' } }, 'CTI_UNSUPPORTED'], ['originate', { to: '1', campaign: 'Nothing' }, 'CTI_NOT_FOUND'], ['originate', { to: '1', user: BEN }, 'CTI_INVALID_REQUEST'], ['originate', { to: '1', onBehalfOf: 'x' }, 'CTI_UNSUPPORTED'],
    ['agentNotReady', { reason: 'Siesta' }, 'CTI_NOT_FOUND'], ['agentReady', { channels: ['fax'] }, 'CTI_INVALID_REQUEST'], ['queueJoin', { queues: ['Billing'] }, 'CTI_NOT_FOUND'], ['setDisposition', { code: 'Sale' }, 'CTI_NOT_FOUND'],
    ['listen', {}, 'CTI_INVALID_REQUEST'], ['stopListen', {}, 'CTI_NOT_FOUND'], ['startRecording', {}, 'CTI_NOT_FOUND'], ['pauseRecording', { target: BEN }, 'CTI_UNSUPPORTED'], ['request', { path: '/auth/metadata' }, 'CTI_INVALID_REQUEST'], ['request', { path: '/agents/x', method: 'PATCH' }, 'CTI_INVALID_REQUEST'],
    ['callHistory', { limit: 0 }, 'CTI_INVALID_REQUEST'], ['voicemail', { op: 'delete' }, 'CTI_INVALID_REQUEST'], ['voicemail', { op: 'markUnread', messageId: '1' }, 'CTI_UNSUPPORTED'], ['listUsers', { cursor: 'x' }, 'CTI_INVALID_REQUEST'], ['retrieve', { slot: '1' }, 'CTI_UNSUPPORTED'],
    ['five9.scheduleCallback', { number: '1', time: 'soon' }, 'CTI_INVALID_REQUEST'], ['five9.startCampaign', { campaign: 'Nothing' }, 'CTI_NOT_FOUND']
  ]
  for (const [action, fields, code] of REFUSED) {
    it(`${action} ${JSON.stringify(fields)} is ${code}, and nothing is sent`, async () => {
      const before = server.asked.length
      await assert.rejects(line.perform(action, fields), { code })
      assert.deepEqual(server.asked.slice(before).map(shown), [])
    })
  }

  it('knows which of two calls with a name is meant, and refuses to guess', async () => {
    server.on('GET dispositions', () => ({ body: [{ id: '1', name: 'Sale' }, { id: '2', name: 'sale' }] }))
    server.send('5002', null)
    await line.event('reference.changed')
    server.send('3', call('OFFERED'))
    server.send('4', call('WRAP_UP'))
    await line.event('call.ended')
    await assert.rejects(line.perform('setDisposition', { callId: LEG, code: 'Sale' }), { code: 'CTI_NOT_FOUND', message: /several/ })
    await check(['setDisposition', { callId: LEG, code: '2' }, `PUT ${CALLS}/dispose`, { dispositionId: '2' }])
  })

  it('keeps headers with credentials out of requests and answers', async () => {
    server.on('GET ping', () => ({ body: {}, headers: { 'Set-Cookie': 'a=b', 'X-Trace': '1' } }))
    const result = await line.perform('request', { path: '/agents/{uid}/ping', headers: { Authorization: 'x', 'X-Mine': 'y' } })
    assert.equal(server.asked.at(-1)?.headers.authorization, 'Bearer-token-1')
    assert.equal(server.asked.at(-1)?.headers['x-mine'], 'y')
    const { headers } = result.data as { headers: Record<string, unknown> }
    assert.deepEqual([headers['set-cookie'], headers['x-trace']], [undefined, '1'])
    assert.match(result.warnings?.join() ?? '', /Authorization/)
  })

  describe('what an event makes stale is read again', () => {
    it('voicemails', async () => {
      server.on('GET voicemails', () => ({ body: [{ id: '1' }, { id: '2', read: true }] }))
      server.send('24', { id: '1' })
      assert.deepEqual((await line.event('voicemail.updated')).voicemail, { newMessages: 1, oldMessages: 1, waiting: true })
    })

    it('skills of the agent', async () => {
      server.activeSkills = [SKILLS[0]!.id, SKILLS[1]!.id]
      server.send('39', { skillId: SKILLS[1]!.id })
      assert.equal((await line.event('agent.queueJoined')).queue?.name, 'Support')
    })

    it('calls, after a transfer that failed', async () => {
      await talking()
      server.calls = [call('ON_HOLD')]
      server.send('40', null)
      const held = await line.event('call.held')
      assert.deepEqual([held.initial, held.resynced], [undefined, undefined])
    })

    it('names, at once for all that follow', async () => {
      server.on('GET not_ready_reason_codes', () => ({ body: [{ id: '401101', name: 'Siesta' }] }))
      server.send('57', ['/appsvcs/rs/svc/orgs/131001/not_ready_reason_codes'])
      await line.event('reference.changed')
      server.send('12', { currentState: { readyChannels: [], notReadyReasonCodeId: '401101' } })
      await line.until(() => line.session.picture.agent(UID)?.reason?.name === 'Siesta', 'the new name')
    })
  })
})
