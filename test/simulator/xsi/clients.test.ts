import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { CAROL, openHouse, type House } from '../support/house'
import { ACTIONS, at, CHANNEL, EVENTS, parse } from '../support/xsiClient'

const NAMESPACE = 'xmlns="http://schema.broadsoft.com/xsi"'

/** The first piece of the answer a client gets that writes its request by hand, lines ended with LF alone. */
function byHand (url: string, lines: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', reject)
    socket.once('data', (bytes: Buffer) => {
      resolve(String(bytes))
      socket.destroy()
    })
    socket.write(lines.join('\n'))
  })
}

describe('simulator/xsi: what published clients rely on', () => {
  let house: House
  beforeEach(async () => { house = await openHouse() })
  afterEach(() => house.close())
  const bob = (method: string, path: string, options: { body?: string; headers?: Record<string, string> } = {}) => house.bob.user(method, 'bob@example.com', path, options)

  it('answers a command that says nothing with an empty object in JSON, and with nothing in XML', async () => {
    house.simulator.pbx.inbound({ from: CAROL, to: '1002' })
    const id = String(at((await bob('GET', '/calls')).xml(), 'Calls', 'call', 'callId'))
    const json = await bob('PUT', `/calls/${id}/Talk`, { headers: { Accept: 'application/json' } })
    assert.deepEqual([json.status, json.headers['content-type'], json.json()], [200, 'application/json;charset=UTF-8', {}])
    const xml = await bob('PUT', `/calls/${id}/Hold`)
    assert.deepEqual([xml.status, xml.headers['content-type'], xml.text], [200, undefined, ''])
  })

  it('heads the stream as the client reads it, echoes its TrackingID, and deletes a channel where it was opened', async () => {
    const channel = await house.bob.open({ set: 'set-1', headers: ['Accept: text/xml', 'TrackingID: T-7'] })
    assert.match(channel.head, /\r\nTrackingID: T-7\r\n/)
    assert.match(channel.head, /\r\nContent-Type: application\/xml;charset=UTF-8\r\n/)
    assert.match((await house.bob.open({ set: 'set-2', headers: ['Accept: application/xml'] })).head, /\r\nContent-Type: text\/xml;charset=UTF-8\r\n/)
    const deleted = await house.bob.request('DELETE', `${CHANNEL}/${channel.id}`)
    await channel.until(() => channel.ended)
    assert.deepEqual([deleted.status, channel.documents.length], [200, 2])
  })

  it('takes requests whose lines end with LF alone, and sends head and channel id in one piece', async () => {
    const body = `<Channel ${NAMESPACE}><channelSetId>by-hand</channelSetId><expires>3600</expires></Channel>`
    const read = await byHand(house.simulator.demoLogin('xsi').url, [`POST ${CHANNEL} HTTP/1.1`, `Authorization: ${house.bob.authorization}`, 'Host: xsp1', `Content-Length: ${body.length}`, '', body, ''])
    assert.match(read, /^HTTP\/1\.1 200 OK\r\n[^]*<channelId>[0-9a-f-]{36}<\/channelId>/)
  })

  it('reads a body in the charset it declares', async () => {
    const entry = (charset: string): string => `<?xml version="1.0" encoding="${charset}"?><Personal ${NAMESPACE}><entry><name>J\u00fcrgen</name><number>+12025550188</number></entry></Personal>`
    const sent = Buffer.from(entry('ISO-8859-1'), 'latin1')
    const { url } = house.simulator.demoLogin('xsi')
    const status = await fetch(`${url}${ACTIONS}/user/bob@example.com/directories/Personal`, { method: 'POST', headers: { Authorization: house.bob.authorization }, body: sent })
    assert.equal(status.status, 201)
    assert.match((await bob('GET', '/directories/Personal')).text, /<name>J\u00fcrgen<\/name>/)
  })

  it('takes a login token under the scheme of the vendor\'s libraries, and keeps back the challenge when asked to', async () => {
    const token = String(at((await bob('POST', '/profile/logintoken')).xml(), 'LoginToken', 'token'))
    const path = `${ACTIONS}/user/bob@example.com/profile`
    const ask = (headers: Record<string, string>) => house.bob.request('GET', path, { anonymous: true, headers })
    assert.equal((await ask({ Authorization: `BroadWorksSSO ${token}` })).status, 200)
    const refused = await ask({ Authorization: 'BroadWorksSSO nonsense', 'X-BroadWorks-No-AuthChallenge': 'true' })
    assert.deepEqual([refused.status, refused.headers['www-authenticate']], [401, undefined])
    assert.ok((await ask({ Authorization: 'BroadWorksSSO nonsense' })).headers['www-authenticate'])
  })

  it('posts events to a contact that is host and path alone, and names it as it was given', async () => {
    const taken: string[] = []
    const contact = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => taken.push(String(chunk))).on('end', () => response.end())
    })
    await new Promise<void>((resolve) => { contact.listen(0, '127.0.0.1', resolve) })
    const uri = `127.0.0.1:${(contact.address() as AddressInfo).port}/callback`
    const posted = new Promise<void>((resolve) => { contact.once('request', (request) => request.once('end', resolve)) })
    const answer = await house.bob.request('POST', `${EVENTS}/user/bob@example.com`, { body: `<Subscription ${NAMESPACE}><event>Basic Call</event><httpContact><uri>${uri}</uri></httpContact></Subscription>` })
    await posted
    contact.close()
    contact.closeAllConnections()
    assert.equal(answer.status, 200)
    assert.equal(at(parse(taken.join('')), 'xsi:Event', 'xsi:httpContact', 'xsi:uri'), uri)
  })

  it('tells with the state of an agent how long he was available and in wrap-up since he signed in', async () => {
    const { pbx } = house.simulator
    const channel = await house.admin.open({ set: 'set-1' })
    pbx.signIn('agent-bob', { routing: 'ready' })
    await house.admin.subscribe('user/bob@example.com', 'Call Center Agent', 'set-1')
    await channel.settle()
    house.clock.advance(20_000)
    pbx.setRouting('agent-bob', 'notReady', 'LUNCH')
    await channel.until(() => channel.events.some(({ type }) => type === 'AgentStateEvent'))
    const info = at(channel.events.find(({ type }) => type === 'AgentStateEvent')?.data, 'xsi:agentStateInfo')
    assert.deepEqual([at(info, 'xsi:state'), at(info, 'xsi:totalAvailableTime'), at(info, 'xsi:averageWrapUpTime', 'xsi:value')], ['Unavailable', '20', '0'])
    pbx.signOut('agent-bob')
    await channel.until(() => channel.events.filter(({ type }) => type === 'AgentStateEvent').length === 2)
    const out = at(channel.events.at(-1)?.data, 'xsi:agentStateInfo')
    assert.deepEqual([at(out, 'xsi:state'), at(out, 'xsi:totalAvailableTime')], ['Sign-Out', undefined])
  })

  it('shows monitoring at the supervisor as a conference of its kind, and its end at the agent as an update', async () => {
    const { pbx } = house.simulator
    const channel = await house.admin.open({ set: 'set-1' })
    const types = (user: string): string[] => channel.events.filter(({ target }) => target === `${user}@example.com`).map(({ type }) => type)
    pbx.inbound({ from: CAROL, to: '1002' })
    await bob('PUT', `/calls/${String(at((await bob('GET', '/calls')).xml(), 'Calls', 'call', 'callId'))}/Talk`)
    for (const user of ['bob', 'dave']) await house.admin.subscribe(`user/${user}@example.com`, 'Advanced Call', 'set-1')
    const dave = house.client('dave@example.com')
    const mine = String(at((await dave.user('POST', 'dave@example.com', '/calls/SilentMonitor?address=1002')).xml(), 'CallStartInfo', 'callId'))
    await dave.user('PUT', 'dave@example.com', `/calls/${mine}/Talk`)
    await dave.user('PUT', 'dave@example.com', '/calls/Conference/SupervisorCoach')
    await dave.user('DELETE', 'dave@example.com', `/calls/${mine}`)
    await channel.until(() => types('dave').at(-1) === 'HookStatusEvent' && types('dave').includes('CallReleasedEvent'))
    assert.deepEqual(types('dave').filter((type) => type.startsWith('Conference')), ['ConferenceStartedEvent', 'ConferenceUpdatedEvent', 'ConferenceReleasedEvent'])
    assert.deepEqual(channel.events.filter(({ type }) => /^Conference(Started|Updated)/.test(type)).map(({ data }) => at(data, 'xsi:conference', 'xsi:conferenceType')), ['Silently Monitored', 'Supervisor Coached'])
    assert.deepEqual(types('bob').slice(1), ['CallMonitoredEvent', 'CallMonitoredEvent', 'CallUpdatedEvent'])
  })
})

describe('simulator/xsi: documents in the names and order of the schema', () => {
  let house: House
  beforeEach(async () => { house = await openHouse() })
  afterEach(() => house.close())
  const bob = async (path: string): Promise<string> => (await house.bob.user('GET', 'bob@example.com', path)).text
  const queue = async (path: string): Promise<string> => (await house.bob.request('GET', `${ACTIONS}/callcenter/support@example.com/profile/${path}`)).text

  it('of queues', async () => {
    assert.match(await queue('Dnis'), /<dnisInfo><name>[^<]+<\/name><phoneNumber>\+12025550150</)
    assert.match(await queue('DispositionCodes'), /<dispositionCodeDetail><code>[^<]+<\/code><description>[^<]+<\/description><level>Queue</)
    assert.match(await queue('policies/NightService'), /<action>(None|Transfer)<\/action><forceNightService>/)
  })

  it('of profiles, executives and logs', async () => {
    assert.match(await bob('/profile/Schedule'), /<Schedule xmlns=/)
    const executive = (await house.admin.user('GET', 'alice@example.com', '/services/Executive')).text
    const assistants = /<assistants>([^<]+)</.exec(executive)?.[1] ?? ''
    assert.match((await house.admin.request('GET', `/com.broadsoft.xsi-actions${assistants}`)).text, /<ExecutiveAssistants [^>]+><allowOptInOut>true<\/allowOptInOut><assignedUsers/)
    assert.match((await house.admin.user('GET', 'alice@example.com', '/services/Executive/Assistants')).text, /<userDetails><userId>[^<]+<\/userId><optIn>true</)
    house.simulator.pbx.inbound({ from: CAROL, to: '1002', behaviour: { giveUpAfterMs: 1000 } })
    house.clock.advance(2000)
    assert.match(await bob('/directories/EnhancedCallLogs/Missed'), /<basicCallType>Network<\/basicCallType><time>\d{4}-[^<]+Z<\/time><startTime>\d+</)
  })

  it('of presence, which is nil where nothing is set', async () => {
    const path = '/services/CommPilotExpress'
    const put = (body: string) => house.bob.user('PUT', 'bob@example.com', path, { body: `<CommPilotExpress ${NAMESPACE} xmlns:i="http://www.w3.org/2001/XMLSchema-instance">${body}</CommPilotExpress>` })
    assert.match(await bob(path), /<profile xsi1:nil="true"\/>/)
    assert.equal((await put('<profile>Busy</profile>')).status, 200)
    assert.match(await bob(path), /<profile>Busy</)
    assert.equal((await put('<profile i:nil="true"/>')).status, 200)
    assert.match(await bob(path), /<profile xsi1:nil="true"\/>/)
  })

  it('of selective forwarding, whose criteria are switched by name', async () => {
    const path = '/services/CallForwardingSelective'
    const criteria = `<CallForwardingSelectiveCriteria ${NAMESPACE}><forwardToNumberSelection>Forward To Specified Number</forwardToNumberSelection><forwardToPhoneNumber>+12025550177</forwardToPhoneNumber><criteria><criteriaName>Family</criteriaName></criteria></CallForwardingSelectiveCriteria>`
    assert.equal((await house.bob.user('POST', 'bob@example.com', `${path}/criteria`, { body: criteria })).status, 201)
    assert.match(await bob(`${path}/criteria/Family`), /<forwardToPhoneNumber>\+12025550177<\/forwardToPhoneNumber><criteria><criteriaName>Family</)
    const body = `<CallForwardingSelective ${NAMESPACE}><active>true</active><criteriaActivations><criteriaActivation><criteriaName>Family</criteriaName><active>false</active></criteriaActivation></criteriaActivations></CallForwardingSelective>`
    assert.equal((await house.bob.user('PUT', 'bob@example.com', path, { body })).status, 200)
    assert.match(await bob(path), /<active>true<\/active>[^]*<criteriaActivations><criteriaActivation><criteriaName>Family<\/criteriaName><active>false<\/active><uri>\/v2\.0\//)
  })
})
