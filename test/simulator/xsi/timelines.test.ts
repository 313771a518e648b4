import assert from 'node:assert/strict'
import { CAROL, openHouse, type House } from '../support/house'
import { at, brief, type ChannelReader, type XsiEvent } from '../support/xsiClient'

const SET = 'set-1'

describe('simulator/xsi timelines (xsi.md 9)', () => {
  let house: House
  let channel: ChannelReader

  beforeEach(async () => {
    house = await openHouse()
    channel = await house.bob.open({ set: SET })
    await house.bob.subscribe('user/bob@example.com', 'Advanced Call', SET)
    await channel.settle()
  })
  afterEach(() => house.close())

  /** What Bob was told since the first `skip` events, in brief. */
  const told = async (skip = 1): Promise<string[]> => (await channel.settle()).slice(skip).map(brief)
  const callId = (event: XsiEvent | undefined): string => String(at(event?.data, 'xsi:call', 'xsi:callId'))
  const bob = (method: string, path: string) => house.bob.user(method, 'bob@example.com', path)
  const ring = () => house.simulator.pbx.inbound({ from: CAROL, to: '1002' })

  /** Bob talks with Carol; returns the callId. */
  const talk = async (): Promise<string> => {
    ring()
    const id = callId((await channel.settle())[1])
    assert.equal((await bob('PUT', `/calls/${id}/Talk`)).status, 200)
    return id
  }

  /** Alice's own channel and subscription. */
  const watchAlice = async (): Promise<ChannelReader> => {
    const alice = house.client('alice@example.com')
    const reader = await alice.open({ set: 'alice' })
    await alice.subscribe('user/alice@example.com', 'Advanced Call', 'alice')
    return reader
  }

  it('9.2 inbound, answered over the API, remote hangs up', async () => {
    const id = await talk()
    const leg = house.simulator.pbx.connectionsOf('bob')[0]
    house.simulator.pbx.external(leg?.key ?? '').hangUp()
    const events = (await channel.settle()).slice(1)
    const n = id.replace(/callhalf-|:0/g, '')
    assert.deepEqual(events.map(brief), [
      `CallReceived ${n} Terminator Alerting`, `CallUpdated ${n} Terminator Alerting`, 'HookStatus Off-Hook', `CallAnswered ${n} Terminator Active`, `CallReleased ${n} Terminator Released`, 'HookStatus On-Hook'
    ])
    assert.deepEqual(events.map((event) => event.sequence), [2, 3, 4, 5, 6, 7])
    assert.ok(!('xsi:endpoint' in (at(events[0]?.data, 'xsi:call', 0) as object)))
    assert.ok('xsi:allowAnswer' in (at(events[1]?.data, 'xsi:call', 0) as object))
    assert.equal(at(events[4]?.data, 'xsi:call', 'xsi:releasingParty'), 'remoteRelease')
    assert.ok(events.every((event) => event.target === 'bob@example.com' && event.kind === 'SubscriptionEvent'))
  })

  it('9.2 missed: released without answerTime and without hook events', async () => {
    const leg = ring()
    house.simulator.pbx.external(leg?.key ?? '').hangUp()
    const events = (await channel.settle()).slice(1)
    assert.deepEqual(events.map((event) => event.type), ['CallReceivedEvent', 'CallUpdatedEvent', 'CallReleasedEvent'])
    const call = at(events[2]?.data, 'xsi:call', 0) as object
    assert.ok(!('xsi:answerTime' in call) && !('xsi:endpoint' in call) && !('xsi:releaseCause' in call))
  })

  it('9.2 decline sends the call away; DELETE without decline only silences', async () => {
    ring()
    const id = callId((await channel.settle())[1])
    assert.equal((await bob('DELETE', `/calls/${id}`)).status, 200)
    assert.match((await bob('GET', `/calls/${id}`)).text, /<state>Alerting</)
    assert.equal((await bob('DELETE', `/calls/${id}?decline=True`)).status, 200)
    assert.match((await told(3))[0] ?? '', /^CallRedirected .* Detached (no-answer|voicemail)$/)
    assert.equal((await bob('GET', `/calls/${id}`)).status, 404)
  })

  it('9.3 outbound dialled on the phone', async () => {
    house.simulator.pbx.originate('bob', CAROL)
    house.clock.advance(3000)
    house.simulator.pbx.release(house.simulator.pbx.connectionsOf('bob')[0]?.key ?? '')
    const names = (await told()).map((line) => line.replace(/ \d+ /, ' '))
    assert.deepEqual(names, ['HookStatus Off-Hook', 'CallOriginated Originator Alerting', 'CallUpdated Originator Alerting', 'CallAnswered Originator Active', 'CallReleased Originator Released', 'HookStatus On-Hook'])
  })

  it('9.3 click-to-dial keeps its ids from ringing the own phone to the answer', async () => {
    const started = await bob('POST', `/calls/New?address=${encodeURIComponent(CAROL)}&location=All`)
    assert.equal(started.status, 201)
    const id = String(at(started.xml(), 'CallStartInfo', 'callId'))
    assert.match(String(started.headers.location), new RegExp(`/calls/${id}$`))
    assert.equal((await bob('PUT', `/calls/${id}/Talk`)).status, 200)
    house.clock.advance(3000)
    const n = id.replace(/callhalf-|:0/g, '')
    const events = (await channel.settle()).slice(1)
    assert.deepEqual(events.map(brief), [
      `CallOriginating ${n} Click-to-Dial Alerting`, `CallUpdated ${n} Click-to-Dial Alerting`, 'HookStatus Off-Hook', `CallOriginated ${n} Originator Alerting`, `CallUpdated ${n} Originator Alerting`, `CallAnswered ${n} Originator Active`
    ])
    assert.ok(events.filter((event) => event.type !== 'HookStatusEvent').every((event) => at(event.data, 'xsi:call', 'xsi:extTrackingId') === at(started.xml(), 'CallStartInfo', 'externalTrackingId')))
    assert.equal(at(events[0]?.data, 'xsi:call', 'xsi:remoteParty', 'xsi:callType'), 'Unknown')
  })

  it('9.3 a busy far end is treated, then released with its cause; one not lifted stays Click-to-Dial', async () => {
    const busy = await bob('POST', '/calls/New?address=%2B12025550188')
    await bob('PUT', `/calls/${String(at(busy.xml(), 'CallStartInfo', 'callId'))}/Talk`)
    house.clock.advance(4000)
    const events = await channel.settle()
    const released = events.find((event) => event.type === 'CallReleasedEvent')
    assert.equal(at(events.find((event) => event.type === 'CallReleasingEvent')?.data, 'xsi:call', 'xsi:state'), 'Active')
    assert.deepEqual(at(released?.data, 'xsi:call', 'xsi:releaseCause'), { 'xsi:internalReleaseCause': 'Busy', 'xsi:q850Cause': '17', 'xsi:sipStatus': '486', 'xsi:cdrTerminationCause': '017' })
    const left = await bob('POST', '/calls/New?address=1001')
    await bob('DELETE', `/calls/${String(at(left.xml(), 'CallStartInfo', 'callId'))}`)
    assert.match((await told()).at(-1) ?? '', /^CallReleased \d+ Click-to-Dial Released$/)
  })

  it('9.4 hold and resume, and what a colleague at the other end sees', async () => {
    const id = await talk()
    await bob('PUT', `/calls/${id}/Hold`)
    await channel.settle()
    house.clock.advance(12_000)
    await bob('PUT', `/calls/${id}/Talk`)
    const [held, resumed] = (await channel.settle()).slice(-2)
    assert.deepEqual([held, resumed].map((event) => event && brief(event).replace(/ \d+ /, ' ')), ['CallHeld Terminator Held', 'CallRetrieved Terminator Active'])
    const call = at(held?.data, 'xsi:call', 0) as object
    assert.ok('xsi:allowRetrieve' in call && 'xsi:heldTime' in call)
    assert.equal(at(resumed?.data, 'xsi:call', 'xsi:totalHeldTime'), '12000')
    await bob('DELETE', `/calls/${id}`)

    const alice = await watchAlice()
    const leg = house.simulator.pbx.originate('bob', '1001')
    house.simulator.pbx.answer(house.simulator.pbx.connectionsOf('alice')[0]?.key ?? '')
    house.simulator.pbx.hold(leg.key)
    house.simulator.pbx.resume(leg.key)
    const seen = (await alice.settle()).slice(-2)
    assert.deepEqual(seen.map((event) => brief(event).replace(/ \d+ /, ' ')), ['CallHeld Terminator Remote Held', 'CallRetrieved Terminator Active'])
    assert.equal(at(seen[0]?.data, 'xsi:call', 'xsi:remoteParty', 'xsi:callType'), 'Group')
    assert.equal(at(seen[0]?.data, 'xsi:call', 'xsi:remoteParty', 'xsi:userDN'), 'tel:+12025550102;ext=1002')
  })

  it('9.5 blind transfer: redirected here, received there with the history', async () => {
    const alice = await watchAlice()
    const id = await talk()
    assert.equal((await bob('PUT', `/calls/${id}/BlindTransfer?address=1001`)).status, 200)
    const mine = (await channel.settle()).slice(-2)
    assert.deepEqual(mine.map((event) => brief(event).replace(/ \d+ /, ' ')), ['CallRedirected Terminator Detached transfer', 'HookStatus On-Hook'])
    assert.equal(at(mine[0]?.data, 'xsi:calls', 'xsi:call', 'xsi:redirect', 'xsi:address'), 'tel:1001')
    const [, received] = await alice.settle()
    assert.equal(received?.type, 'CallReceivedEvent')
    assert.equal(at(received.data, 'xsi:call', 'xsi:remoteParty', 'xsi:name'), 'Carol Diaz')
    const redirection = at(received.data, 'xsi:call', 'xsi:redirections', 'xsi:redirection')
    assert.deepEqual([at(redirection, 'xsi:party', 'xsi:userId'), at(redirection, 'xsi:reason')], ['bob@example.com', 'transfer'])
  })

  it('9.6 attended transfer: one event with both calls, the first call survives', async () => {
    const alice = await watchAlice()
    const id = await talk()
    const tracking = at((await channel.settle())[1]?.data, 'xsi:call', 'xsi:extTrackingId')
    await bob('PUT', `/calls/${id}/Hold`)
    const consult = await bob('POST', '/calls/New?address=1001')
    const second = String(at(consult.xml(), 'CallStartInfo', 'callId'))
    house.simulator.pbx.answer(house.simulator.pbx.connectionsOf('alice')[0]?.key ?? '')
    assert.equal((await bob('PUT', `/calls/${id}/ConsultTransfer/${second}`)).status, 200)
    const [a, b] = [id, second].map((each) => each.replace(/callhalf-|:0/g, ''))
    const lines = await told()
    assert.deepEqual(lines.slice(4, -2).filter((line) => !line.startsWith('Hook')).map((line) => line.split(' ').slice(0, 2).join(' ')), [`CallHeld ${a}`, `CallOriginating ${b}`, `CallOriginated ${b}`, `CallUpdated ${b}`, `CallAnswered ${b}`])
    assert.deepEqual(lines.slice(-2), [`CallRedirected ${a} Terminator Detached transfer ${b} Originator Detached transfer`, 'HookStatus On-Hook'])
    const last = (await alice.settle()).at(-1)
    assert.equal(last?.type, 'CallTransferredEvent')
    assert.equal(at(last.data, 'xsi:call', 'xsi:remoteParty', 'xsi:name'), 'Carol Diaz')
    assert.equal(at(last.data, 'xsi:call', 'xsi:extTrackingId'), tracking)
  })

  it('9.6 conference of both, and leaving it for the others', async () => {
    const id = await talk()
    await bob('PUT', `/calls/${id}/Hold`)
    const second = String(at((await bob('POST', '/calls/New?address=1001')).xml(), 'CallStartInfo', 'callId'))
    house.simulator.pbx.answer(house.simulator.pbx.connectionsOf('alice')[0]?.key ?? '')
    const body = `<Conference xmlns="http://schema.broadsoft.com/xsi"><conferenceParticipantList><conferenceParticipant><callId>${id}</callId></conferenceParticipant><conferenceParticipant><callId>${second}</callId></conferenceParticipant></conferenceParticipantList></Conference>`
    const started = await house.bob.user('POST', 'bob@example.com', '/calls/Conference', { body, headers: { 'Content-Type': 'application/xml; charset=UTF-8', Accept: 'application/json' } })
    assert.equal(started.status, 201)
    const events = (await channel.settle()).slice(-2)
    assert.deepEqual(events.map((event) => event.type), ['CallRetrievedEvent', 'ConferenceStartedEvent'])
    assert.match(events[1]?.raw ?? '', new RegExp(`<xsi:conferenceParticipantList><xsi:conferenceParticipant><xsi:callId>${id}</xsi:callId></xsi:conferenceParticipant><xsi:conferenceParticipant><xsi:callId>${second}<`))
    assert.match((await bob('GET', '/calls')).text, /<call inConference="true">/)
    assert.equal((await bob('PUT', `/calls/Conference/${second}/Mute`)).status, 200)
    assert.match((await bob('GET', '/calls/Conference')).text, /<muted\/>/)
    assert.equal((await channel.settle()).at(-1)?.type, 'ConferenceCallMutedEvent')
    assert.equal((await bob('PUT', `/calls/${id}/ConsultTransfer/${second}`)).status, 200)
    const types = (await channel.settle()).slice(-3).map((event) => event.type)
    assert.deepEqual([...types].sort(), ['CallRedirectedEvent', 'ConferenceReleasedEvent', 'HookStatusEvent'])
    assert.equal((await bob('GET', '/calls/Conference')).status, 404)
  })

  it('9.7 park against a colleague and retrieve', async () => {
    const alice = house.client('alice@example.com')
    const lamp = await alice.open({ set: 'alice' })
    await alice.subscribe('user/alice@example.com', 'Call Park', 'alice')
    const id = await talk()
    const parked = await bob('PUT', `/calls/${id}/Park?address=1001`)
    assert.equal(parked.status, 200)
    assert.equal(parked.headers['content-location'], '/v2.0/user/bob@example.com/calls/ParkRetrieve?address=tel:1001')
    assert.match((await told()).slice(-2).join(), /^CallRedirected .*,HookStatus On-Hook$/)
    const retrieved = await bob('POST', '/calls/ParkRetrieve?address=1001')
    assert.equal(retrieved.status, 201)
    await bob('PUT', `/calls/${String(at(retrieved.xml(), 'CallStartInfo', 'callId'))}/Talk`)
    const lamps = await lamp.settle()
    assert.equal(at(lamps[0]?.data, 'xsi:parkedParty', 'xsi:name'), 'Carol Diaz')
    assert.match(lamps[1]?.raw ?? '', /<xsi:eventData xsi1:type="xsi:CallParkedAgainstEvent"\/>/)
    const names = (await told()).slice(-4).map((line) => line.split(' ')[0])
    assert.ok(names.includes('CallOriginated') && names.includes('CallAnswered'), names.join())
    assert.match(String((await bob('PUT', `/calls/${callId((await channel.settle()).at(-1))}/GroupCallPark`)).headers['content-location']), /address=tel:2222$/)
  })

  it('9.8 recording: accepted first, told by events with the controls that fit', async () => {
    const id = await talk()
    for (const verb of ['Record', 'PauseRecording', 'ResumeRecording', 'StopRecording']) assert.equal((await bob('PUT', `/calls/${id}/${verb}`)).status, 200)
    const events = (await channel.settle()).slice(-5)
    assert.deepEqual(events.map((event) => [event.type, at(event.data, 'xsi:call', 'xsi:recordingState'), at(event.data, 'xsi:call', 'xsi:allowedRecordingControls')]), [
      ['CallRecordingStartingEvent', 'Pending', 'stop'], ['CallRecordingStartedEvent', 'Started', 'pause-stop'], ['CallRecordingPausedEvent', 'Paused', 'resume-stop'],
      ['CallRecordingResumedEvent', 'Started', 'pause-stop'], ['CallRecordingStoppedEvent', undefined, 'record']
    ])
    assert.equal(events[4]?.data['xsi:reason'], 'User Requested')
    assert.equal((await bob('PUT', `/calls/${id}/StopRecording`)).status, 403)
  })

  it('9.10 services tell their settings, and a resync after the PBX lost its calls', async () => {
    await house.bob.subscribe('user/bob@example.com', 'Do Not Disturb', SET)
    await house.bob.user('PUT', 'bob@example.com', '/services/DoNotDisturb', { body: '<DoNotDisturb xmlns="http://schema.broadsoft.com/xsi"><active>true</active></DoNotDisturb>' })
    const event = (await channel.settle()).at(-1)
    assert.match(event?.raw ?? '', /<xsi:eventData xsi1:type="xsi:DoNotDisturbEvent"><xsi:info><xsi:active>true<\/xsi:active><xsi:ringSplash>false<\/xsi:ringSplash><\/xsi:info><\/xsi:eventData>/)
    await house.bob.subscribe('user/bob@example.com', 'BroadWorks Anywhere', SET)
    const location = '<BroadWorksAnywhereLocation xmlns="http://schema.broadsoft.com/xsi"><phoneNumber>+12025550166</phoneNumber><description>Mobile</description></BroadWorksAnywhereLocation>'
    assert.equal((await house.bob.user('POST', 'bob@example.com', '/services/BroadWorksAnywhere/Location', { body: location })).status, 201)
    assert.match((await channel.settle()).at(-1)?.raw ?? '', /<xsi:phoneNumber countryCode="1">tel:\+12025550166<\/xsi:phoneNumber><xsi:active>true<\/xsi:active><xsi:description>Mobile</)
    assert.match((await bob('GET', '/services/BroadWorksAnywhere')).text, /location\/%2B12025550166<\/locationUri><phoneNumber countryCode="1">\+12025550166</)
    assert.equal((await bob('DELETE', '/services/broadworksanywhere/location/%2B12025550166')).status, 200)
    house.simulator.pbx.setDnd('bob', false)
    ring()
    house.simulator.pbx.restart()
    assert.deepEqual((await told()).at(-1), 'CallSubscriptionResync On-Hook')
  })
})
