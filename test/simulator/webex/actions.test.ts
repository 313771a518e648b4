import assert from 'node:assert/strict'
import { at, type Answer, CAROL, list, openWorld, type World } from './world'

/** What can be done to calls, by whom, and when not (webex-calling.md 3.1, 3.3, 3.4, 8). */
describe('simulator/webex: call controls', () => {
  let world: World
  beforeEach(async () => { world = await openWorld() })
  afterEach(() => world.close())

  const post = (who: string, action: string, body: unknown = {}): Promise<Answer> => world.api(who, `POST /telephony/calls/${action}`, body)
  const done = async (who: string, action: string, body: unknown): Promise<void> => {
    const answer = await post(who, action, body)
    assert.equal(answer.status, 204, `${action}: ${answer.text}`)
  }
  const refused = async (who: string, action: string, body: unknown, status = 400): Promise<void> => {
    const answer = await post(who, action, body)
    assert.equal(answer.status, status, `${action}: ${answer.text}`)
  }
  const states = async (who: string): Promise<unknown[]> => list((await world.api(who, 'GET /telephony/calls')).body, 'items').map(({ state }) => state)
  const ring = (to = '1001'): string => world.pbx.inbound({ from: CAROL, to })?.key ?? ''
  const answered = async (who = 'alice', to = '1001'): Promise<string> => {
    world.pbx.answer(ring(to))
    return world.callId(who)
  }

  it('offers in each state what the state machine allows, and refuses the rest', async () => {
    ring()
    const callId = await world.callId('alice')
    for (const action of ['hold', 'resume', 'mute', 'park', 'startRecording', 'push']) await refused('alice', action, { callId })
    await refused('alice', 'transfer', { callId1: callId, destination: '1002' })
    await refused('alice', 'transmitDtmf', { callId, dtmf: '1' })
    await done('alice', 'answer', { callId })
    await refused('alice', 'answer', { callId })
    await refused('alice', 'reject', { callId })
    await refused('alice', 'resume', { callId })
    await done('alice', 'mute', { callId })
    assert.equal((await world.api('alice', `GET /telephony/calls/${callId}`)).body.muted, true)
    await done('alice', 'unmute', { callId })
    await done('alice', 'transmitDtmf', { callId, dtmf: '1,234#' })
    await refused('alice', 'transmitDtmf', { callId, dtmf: 'hello' })
    await done('alice', 'hold', { callId })
    for (const action of ['hold', 'mute', 'park']) await refused('alice', action, { callId })
    await done('alice', 'resume', { callId })
    await done('alice', 'hangup', { callId })
    await refused('alice', 'hangup', { callId }, 404)
    await refused('bob', 'hold', { callId }, 404)
  })

  it('does not act on the calls of others, nor without a call id where that is required', async () => {
    const callId = await answered()
    await refused('bob', 'hangup', { callId }, 404)
    await refused('alice', 'hangup', {})
    await refused('alice', 'hold', { callId: 7 })
    await done('alice', 'startRecording', {})
    assert.deepEqual(await states('alice'), ['connected'])
  })

  it('rejects as busy, as unavailable, or silently', async () => {
    ring('1003')
    await refused('dave', 'reject', { callId: await world.callId('dave'), action: 'angrily' })
    await done('dave', 'reject', { callId: await world.callId('dave'), action: 'ignore' })
    assert.deepEqual(await states('dave'), ['alerting'])
    await done('dave', 'reject', { callId: await world.callId('dave'), action: 'temporarilyUnavailable' })
    ring('1003')
    await done('dave', 'reject', { callId: await world.callId('dave') })
    assert.deepEqual(await states('dave'), [])
  })

  it('dials on the chosen phone only, and lets the own phone be answered by request', async () => {
    const { body } = await world.api('alice', 'GET /telephony/config/people/me/settings/availablePreferredAnswerEndpoints')
    const [desk, app] = list(body, 'endpoints')
    assert.deepEqual([desk?.type, app?.type, desk?.isPreferredAnswerEndpoint], ['DEVICE', 'APPLICATION', false])
    await refused('alice', 'dial', { destination: '1002', endpointId: 'unknown' })
    await refused('alice', 'dial', { destination: '1002', endpointId: app?.id, singleNumberReachPhoneNumber: CAROL })
    await refused('alice', 'dial', { destination: '' })
    await refused('alice', 'dial', {})
    const dial = await post('alice', 'dial', { destination: 'tel:+1-202-555-0199', endpointId: app?.id })
    assert.equal(dial.status, 201)
    assert.deepEqual(world.pbx.connectionsOf('alice').map(({ alertingDevices }) => alertingDevices), [['alice-app']])
    await done('alice', 'answer', { callId: dial.body.callId })
    assert.deepEqual(world.pbx.connectionsOf('alice').map(({ deviceKey, personality }) => [deviceKey, personality]), [['alice-app', 'originator']])
    world.clock.advance(2000)
    assert.deepEqual(await states('alice'), ['connected'])
  })

  it('answers with the preferred phone unless another is named', async () => {
    const PATH = '/telephony/config/people/me/settings/preferredAnswerEndpoint'
    const endpoints = list((await world.api('alice', 'GET /telephony/config/people/me/endpoints')).body, 'endpoints')
    const app = endpoints.find(({ type }) => type === 'APPLICATION')
    assert.deepEqual((await world.api('alice', `GET ${PATH}`)).body, {})
    assert.equal((await world.api('alice', `PUT ${PATH}`, { id: app?.id })).status, 204)
    assert.deepEqual((await world.api('alice', `GET ${PATH}`)).body, { id: app?.id, type: 'APPLICATION', name: app?.name })
    const admin = await world.api('cti-admin', `GET /telephony/config/people/${await world.personId('alice')}/preferredAnswerEndpoint`)
    assert.deepEqual([admin.body.preferredAnswerEndpointId, list(admin.body, 'endpoints').length], [app?.id, 2])
    ring()
    await done('alice', 'answer', { callId: await world.callId('alice') })
    assert.equal(world.pbx.connectionsOf('alice')[0]?.deviceKey, 'alice-app')
    assert.equal((await world.api('alice', `PUT ${PATH}`, { id: null })).status, 204)
    assert.deepEqual((await world.api('alice', `GET ${PATH}`)).body, {})
  })

  it('never lifts the own phone where nobody does, and gives up in time', async () => {
    await world.close()
    world = await openWorld({ webex: { liftAfterMs: false } })
    await post('alice', 'dial', { destination: '1002' })
    world.clock.advance(30_000)
    assert.deepEqual(await states('alice'), ['alerting'])
    world.clock.advance(31_000)
    assert.deepEqual(await states('alice'), [])
  })

  it('diverts a ringing call, and calls to a mailbox, one\'s own or another\'s', async () => {
    ring()
    await done('alice', 'divert', { callId: await world.callId('alice'), destination: '1003' })
    assert.deepEqual([await states('alice'), await states('dave')], [[], ['alerting']])
    const mailbox = async (body: object): Promise<unknown> => {
      const callId = await answered()
      await done('alice', 'divert', { callId, ...body })
      return [...world.pbx.connections.values()].find(({ party, state }) => party.kind === 'voicemail' && state !== 'null')?.party.userKey
    }
    assert.equal(await mailbox({ toVoicemail: true }), 'alice')
    world.clock.advance(40_000)
    assert.equal(await mailbox({ toVoicemail: true, destination: '1002' }), 'bob')
    const callId = await answered()
    await refused('alice', 'divert', { callId })
    await refused('alice', 'divert', { callId, destination: 'nobody-knows-this' })
  })

  it('joins the only two calls without naming them, and refuses with one or three', async () => {
    const callId1 = await answered()
    await refused('alice', 'transfer', {})
    await refused('alice', 'transfer', { callId1 })
    await refused('alice', 'transfer', { callId1, callId2: callId1 })
    await refused('alice', 'transfer', { callId1, callId2: 'unknown' }, 404)
    const two = world.pbx.originate('alice', '1002')
    world.pbx.answer(world.pbx.connectionsOf('bob')[0]?.key ?? '')
    assert.equal(world.pbx.connections.get(two.key)?.state, 'connected')
    await done('alice', 'transfer', {})
    assert.deepEqual([await states('alice'), await states('bob')], [[], ['connected']])
  })

  it('picks up for the group and for one, barges in, pushes and pulls', async () => {
    ring('1002')
    assert.equal((await post('alice', 'pickup')).status, 201)
    world.clock.advance(2000)
    assert.deepEqual([await states('alice'), await states('bob')], [['connected'], []])
    await refused('dave', 'bargeIn', { target: '1002' }, 404)
    assert.equal((await post('dave', 'bargeIn', { target: '1001' })).status, 201)
    world.clock.advance(2000)
    assert.deepEqual(await states('dave'), ['connected'])
    assert.equal((await world.api('dave', 'GET /telephony/conference')).body.type, 'bargeIn')
    assert.equal((await world.api('dave', 'POST /telephony/conference/members/me/silentMonitor')).status, 204)
    assert.equal((await world.api('dave', 'GET /telephony/conference')).body.type, 'silentMonitoring')
    const app = list((await world.api('alice', 'GET /telephony/config/people/me/endpoints')).body, 'endpoints').find(({ type }) => type === 'APPLICATION')
    assert.equal((await post('alice', 'pull', { endpointId: app?.id })).status, 201)
    assert.deepEqual(world.pbx.connectionsOf('alice').map(({ deviceKey, state, remote }) => [deviceKey, state, remote?.number]), [['alice-app', 'connected', CAROL]])
    await refused('alice', 'push', { callId: await world.callId('alice') }, 404)
    ring('1005')
    world.pbx.answer(world.pbx.connectionsOf('frank')[0]?.key ?? '')
    await done('frank', 'push', { callId: await world.callId('frank') })
    assert.ok((await states('alice')).includes('alerting'))
  })

  it('parks at a place of the group, at oneself, and refuses a place that is taken', async () => {
    const first = await post('alice', 'park', { callId: await answered(), isGroupPark: true, destination: '9999' })
    assert.equal(at(first.body, 'parkedAgainst', 'number'), '2222')
    await refused('alice', 'park', { callId: await answered(), destination: '2222' })
    const own = await post('alice', 'park', { callId: await world.callId('alice') })
    assert.deepEqual([at(own.body, 'parkedAgainst', 'number'), at(own.body, 'parkedAgainst', 'personId')], ['1001', await world.personId('alice')])
    await refused('bob', 'retrieve', { destination: '2223' }, 404)
    assert.equal((await post('alice', 'retrieve')).status, 201)
  })

  it('records only as the mode of the person allows', async () => {
    world.pbx.setFeature('alice', 'recording', 'never')
    const callId = await answered()
    await refused('alice', 'startRecording', { callId })
    assert.equal((await world.api('alice', 'GET /telephony/config/people/me/settings/callRecording')).body.record, 'Never')
  })

  it('holds a conference: start, details, add, mute, deafen, hold, leave by transfer, release', async () => {
    const conference = async (): Promise<Answer> => world.api('alice', 'GET /telephony/conference')
    const change = async (line: string, body?: unknown): Promise<void> => {
      const answer = await world.api('alice', line, body)
      assert.equal(answer.status, 204, `${line}: ${answer.text}`)
    }
    assert.deepEqual((await conference()).body, {})
    assert.equal((await world.api('alice', 'DELETE /telephony/conference')).status, 404)
    const callIds = [await answered()]
    for (const number of ['1002', '1003']) {
      const leg = world.pbx.originate('alice', number)
      world.pbx.answer(world.pbx.otherEnd(leg)?.key ?? '')
      callIds.push(String(list((await world.api('alice', 'GET /telephony/calls')).body, 'items').at(-1)?.id))
    }
    assert.equal((await world.api('alice', 'POST /telephony/conference', { callIds: callIds.slice(0, 1) })).status, 400)
    await change('POST /telephony/conference', { callIds: callIds.slice(0, 2) })
    await change('POST /telephony/conference/addParticipant', { callId: callIds[2] })
    const { body } = await conference()
    assert.deepEqual([body.state, body.muted, list(body, 'participants')], ['connected', false, callIds.map((callId) => ({ callId, muted: false, deafened: false }))])
    await change('POST /telephony/conference/mute')
    await change('POST /telephony/conference/mute', { callId: callIds[1] })
    await change('POST /telephony/conference/deafen', { callId: callIds[2] })
    const after = (await conference()).body
    assert.deepEqual([after.muted, list(after, 'participants').map(({ muted, deafened }) => [muted, deafened])], [true, [[false, false], [true, false], [false, true]]])
    await change('POST /telephony/conference/hold')
    assert.equal((await conference()).body.state, 'held')
    await change('POST /telephony/conference/resume')
    await change('DELETE /telephony/conference')
    assert.deepEqual([(await conference()).body, await states('alice')], [{}, []])
  })

  it('does the same for oneself as a member, and for a member by an administrator', async () => {
    const alice = await world.personId('alice')
    const member = (who: string, line: string, body?: unknown): Promise<Answer> => world.api(who, line.replace(':', `/telephony/calls/members/${alice}`), body)
    assert.equal((await world.api('alice', 'POST /telephony/calls/members/me/dial', { destination: '1002' })).status, 201)
    const [own] = list((await world.api('alice', 'GET /telephony/calls/members/me/calls')).body, 'items')
    const [seen] = list((await member('cti-admin', 'GET :/calls')).body, 'items')
    assert.deepEqual(seen, own)
    assert.equal((await member('cti-admin', `GET :/calls/${String(own?.id)}`)).body.id, own?.id)
    assert.equal((await member('alice', 'GET :/calls')).status, 403)
    assert.equal((await member(world.login.serviceToken ?? '', 'POST :/hangup', { callId: own?.id })).status, 204)
    assert.equal((await member(world.login.serviceToken ?? '', 'GET :/history?type=placed')).status, 200)
    assert.equal((await world.api('cti-admin', 'POST /telephony/calls/members/unknown/dial', { destination: '1002' })).status, 404)
  })

  it('takes wrap-up reasons for the last queue call of an agent', async () => {
    world.pbx.signIn('agent-bob', { routing: 'ready' })
    world.pbx.inbound({ from: CAROL, to: '1050' })
    const [offer] = world.pbx.connectionsOf('bob')
    world.pbx.answer(offer?.key ?? '')
    world.pbx.release(offer?.key ?? '')
    const reasons = (wrapupReasons: string[]): Promise<Answer> => world.api('bob', 'POST /telephony/calls/members/me/wrapupreasons', { wrapupReasons })
    assert.equal((await reasons(['Moon phase'])).status, 400)
    assert.equal((await reasons(['Sale'])).status, 204)
    assert.equal(world.pbx.connections.get(offer?.key ?? '')?.disposition, 'SALE')
    assert.equal((await world.api('bob', 'POST /telephony/calls/wrapupreasons', { wrapupReasons: [] })).status, 405)
  })
})
