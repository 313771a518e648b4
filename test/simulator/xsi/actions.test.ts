import assert from 'node:assert/strict'
import { CAROL, openHouse, type House } from '../support/house'
import { ACTIONS, at, EVENTS } from '../support/xsiClient'

const NAMESPACE = 'xmlns="http://schema.broadsoft.com/xsi"'
const JSON_HEADERS = { 'Content-Type': 'application/json', Accept: 'application/json' }

describe('simulator/xsi actions', () => {
  let house: House
  beforeEach(async () => { house = await openHouse() })
  afterEach(() => house.close())
  const bob = (method: string, path: string, options: { body?: string; headers?: Record<string, string> } = {}) => house.bob.user(method, 'bob@example.com', path, options)

  it('wants credentials, keeps to the scope, and takes users, administrators and tokens', async () => {
    const path = `${ACTIONS}/user/bob@example.com/profile`
    const anonymous = await house.bob.request('GET', path, { anonymous: true })
    assert.equal(anonymous.status, 401)
    assert.match(String(anonymous.headers['www-authenticate']), /^Basic realm="/)
    assert.equal((await house.client('bob@example.com', 'wrong').request('GET', path)).status, 401)
    const other = await house.bob.user('GET', 'alice@example.com', '/profile')
    assert.equal(other.status, 403)
    assert.ok(at(other.xml(), 'ErrorInfo', 'summary'))
    assert.equal((await house.admin.request('GET', path)).status, 200)
    const { token } = house.simulator.demoLogin('xsi')
    assert.equal((await house.bob.request('GET', `${ACTIONS}/user/alice@example.com/profile`, { anonymous: true, headers: { Authorization: `Bearer ${token}` } })).status, 200)
    assert.equal((await house.admin.user('GET', 'nobody@example.com', '/profile')).status, 404)
    const issued = await bob('POST', '/profile/LoginToken')
    const grant = { Authorization: `Bearer ${String(at(issued.xml(), 'LoginToken', 'token'))}` }
    assert.equal((await house.bob.request('GET', path, { anonymous: true, headers: grant })).status, 200)
    house.clock.advance(61_000)
    assert.equal((await house.bob.request('GET', path, { anonymous: true, headers: grant })).status, 401)
  })

  it('keeps a session by cookie, echoes TrackingID, compares segments without case, refuses old versions', async () => {
    const first = await bob('GET', '/profile', { headers: { TrackingID: 'T-1' } })
    const cookie = String(first.headers['set-cookie']).split(';')[0] ?? ''
    assert.match(String(first.headers['set-cookie']), /Path=\/com\.broadsoft\.xsi-actions; Secure; HttpOnly$/)
    assert.equal(first.headers.trackingid, 'T-1')
    assert.equal((await bob('GET', '/PROFILE', { headers: { Cookie: cookie } })).headers['set-cookie'], undefined)
    assert.equal((await bob('GET', '/services/donotdisturb')).status, 200)
    assert.equal((await bob('GET', '/profile', { headers: { 'X-BroadWorks-Protocol-Version': '18.0' } })).status, 405)
    assert.equal((await bob('PATCH', '/profile')).status, 405)
    assert.equal((await bob('GET', '/nothing')).status, 404)
  })

  it('writes JSON as BadgerFish: texts, single elements as objects, several as lists, nothing for nil', async () => {
    house.simulator.pbx.inbound({ from: CAROL, to: '1002' })
    const one = (await bob('GET', '/calls', { headers: JSON_HEADERS })).json()
    assert.deepEqual(one, { Calls: { '@xmlns': { $: 'http://schema.broadsoft.com/xsi' }, call: { '@inConference': 'false', callId: at(one, 'Calls', 'call', 'callId'), uri: at(one, 'Calls', 'call', 'uri') } } })
    house.simulator.pbx.inbound({ from: '+12025550155', to: '1002' })
    assert.ok(Array.isArray(at((await bob('GET', '/calls?format=json')).json(), 'Calls', 'call')))
    const id = String(at(one, 'Calls', 'call', 'callId', '$'))
    await bob('PUT', `/calls/${id}/Talk`)
    const details = (await bob('GET', `/calls/${id}`, { headers: JSON_HEADERS })).json()
    assert.deepEqual(at(details, 'Call', 'endpoint'), { '@xsi1:type': 'xsi:AccessEndpoint', addressOfRecord: { $: '12025550102@sip.example.com' } })
    assert.deepEqual(at(details, 'Call', 'remoteParty', 'address'), { '@countryCode': '1', $: 'tel:+12025550199' })
    const missing = await bob('GET', '/calls/callhalf-1:0', { headers: JSON_HEADERS })
    assert.equal(missing.status, 404)
    assert.ok(at(missing.json(), 'ErrorInfo', 'summary', '$'))
    const services = at((await bob('GET', '/services', { headers: JSON_HEADERS })).json(), 'Services', 'service') as Record<string, unknown>[]
    assert.ok(services.some((service) => !('uri' in service)) && services.every((service) => at(service, 'name', '$')))
    assert.match((await bob('GET', '/services')).text, /<name>N-Way Call<\/name><uri xsi1:nil="true"\/>/)
    const put = await bob('PUT', '/services/DoNotDisturb', { headers: JSON_HEADERS, body: '{"DoNotDisturb":{"active":{"$":"true"}}}' })
    assert.equal(put.status, 200)
    assert.equal(house.simulator.pbx.users.get('bob')?.dnd.enabled, true)
    assert.equal((await bob('PUT', '/services/DoNotDisturb', { headers: JSON_HEADERS, body: '{"DoNot' })).status, 400)
  })

  it('has in each profile what published clients read without a test', async () => {
    const profile = at((await bob('GET', '/profile?format=json')).json(), 'Profile')
    for (const path of [['registrations'], ['scheduleList'], ['fac'], ['countryCode'], ['details', 'userId'], ['details', 'groupId'], ['details', 'serviceProvider']]) assert.ok(at(profile, ...path, '$'), path.join('/'))
    for (const link of ['registrations', 'scheduleList', 'fac']) {
      const uri = String(at(profile, link, '$'))
      assert.ok(uri.startsWith('/v2.0/'))
      assert.equal((await house.bob.request('GET', `/com.broadsoft.xsi-actions${uri}?format=json`)).status, 200)
    }
    const codes = at((await bob('GET', '/profile/Fac?format=json')).json(), 'FAC', 'featureAccessCode') as Record<string, unknown>[]
    assert.ok(codes.every((code) => at(code, 'codeName', '$') && at(code, 'code', '$')) && codes.some((code) => !('alternateCode' in code)))
  })

  it('answers every service of the list, and a PUT changes only what it names', async () => {
    const uris = [...(await bob('GET', '/services')).text.matchAll(/<uri>([^<]+)<\/uri>/g)].map((match) => match[1] ?? '')
    assert.ok(uris.length > 20)
    for (const uri of uris) assert.equal((await house.bob.request('GET', `/com.broadsoft.xsi-actions${uri}`)).status, 200, uri)
    const put = (service: string, inner: string, query = '') => bob('PUT', `/services/${service}${query}`, { body: `<${service} ${NAMESPACE} xmlns:i="http://www.w3.org/2001/XMLSchema-instance">${inner}</${service}>` })
    assert.equal((await put('CallForwardingNoAnswer', '<active>true</active><forwardToPhoneNumber>+12025550177</forwardToPhoneNumber><numberOfRings>4</numberOfRings>')).status, 200)
    assert.equal((await put('CallForwardingNoAnswer', '<numberOfRings>5</numberOfRings>')).status, 200)
    assert.match((await bob('GET', '/services/CallForwardingNoAnswer')).text, /<active>true<\/active><forwardToPhoneNumber>\+12025550177<\/forwardToPhoneNumber><numberOfRings>5<\/numberOfRings><\/CallForwardingNoAnswer>/)
    assert.equal((await put('CallForwardingNoAnswer', '<numberOfRings>1</numberOfRings>')).status, 400)
    assert.equal((await put('CallForwardingNoAnswer', '<numberOfRings>4</numberOfRings><active>true</active>')).status, 400, 'order of the schema')
    assert.equal((await put('CallForwardingNoAnswer', '<active>false</active><forwardToPhoneNumber i:nil="true"/>')).status, 200)
    assert.match((await bob('GET', '/services/CallForwardingNoAnswer')).text, /<forwardToPhoneNumber xsi1:nil="true"\/>/)
    assert.equal((await put('CallForwardingAlways', '<active>true</active>')).status, 400, 'no target')
    assert.equal((await put('HotelingGuest', '<active>true</active><hostUserId>desk7@example.com</hostUserId>')).status, 200)
    assert.match((await bob('GET', '/services/HotelingGuest')).text, /<hostUserId>desk7@example\.com</)
    assert.equal((await put('PersonalAssistant', '<active>true</active><presence>Lunch</presence>')).status, 200)
    assert.match((await bob('GET', '/services/PersonalAssistant')).text, /<active>true<\/active><presence>Lunch</)
    assert.equal((await bob('GET', '/services/ExecutiveAssistant')).status, 403)
    assert.equal((await put('CallCenter', '<agentACDState>Sign-Out</agentACDState><guardTimerSeconds>3</guardTimerSeconds>', '?validateSignOut=true')).status, 400)
    assert.equal((await put('CallCenter', '<callCenterList><callCenterDetails><serviceUserId>support@example.com</serviceUserId><available>false</available></callCenterDetails></callCenterList>')).status, 200)
    assert.match((await bob('GET', '/services/CallCenter')).text, /<serviceUserId>support@example\.com<\/serviceUserId><available>false</)
  })

  it('searches and pages directories, with all three counters also for nothing', async () => {
    const found = async (path: string): Promise<[string[], unknown, unknown]> => {
      const answer = await bob('GET', `/directories/${path}`)
      const root = Object.values(answer.xml())[1] as Record<string, unknown>
      return [[...answer.text.matchAll(/<firstName>([^<]+)/g)].map((match) => match[1] ?? ''), root.numberOfRecords, root.totalAvailableRecords]
    }
    assert.deepEqual(await found('Enterprise?searchCriteriaModeOr=False&firstName=alice'), [[], '0', '0'])
    assert.deepEqual(await found('Enterprise?firstName=alice%2Fi'), [['Alice'], '1', '1'])
    assert.deepEqual(await found('Group?lastName=*e*&department=Sales'), [['Bob'], '1', '1'])
    assert.deepEqual(await found('Enterprise?name=Bob*&extension=1001&searchCriteriaModeOr=True'), [['Bob', 'Alice'], '2', '2'])
    const first = await found('Enterprise?start=1&results=4')
    const second = await found('Enterprise?start=5&results=4')
    assert.deepEqual([first[1], first[2], second[1]], ['4', '6', '2'])
    assert.equal(at((await bob('GET', '/directories/Personal?name=nobody')).xml(), 'Personal', 'totalAvailableRecords'), '0')
    assert.equal((await bob('POST', '/directories/Personal', { body: `<Personal ${NAMESPACE}><entry><name>Doctor</name><number>+12025550170</number></entry></Personal>` })).status, 201)
    assert.match((await bob('GET', '/directories/Personal?name=doc*%2Fi')).text, /<entry><name>Doctor<\/name><number>\+12025550170<\/number><\/entry>/)
    assert.equal((await bob('DELETE', '/directories/Personal/Doctor')).status, 200)
    assert.equal((await bob('GET', '/directories/CallCenters?user=Agent')).status, 200)
    assert.equal((await bob('GET', '/directories/CallCenters')).status, 400)
  })

  it('logs calls and keeps voice messages', async () => {
    const leg = house.simulator.pbx.inbound({ from: CAROL, to: '1002' })
    house.simulator.pbx.external(leg?.key ?? '').hangUp()
    assert.match((await bob('GET', '/directories/CallLogs')).text, /<placed\/><received\/><missed><callLogsEntry><countryCode>1<\/countryCode><phoneNumber>\+12025550199<\/phoneNumber><name>Carol Diaz<\/name><time>2026-01-01T10:00:00\.000Z<\/time><callLogId>\d+:0<\/callLogId>/)
    assert.match((await bob('GET', '/directories/EnhancedCallLogs/Missed?start=1&results=10')).text, /<numberOfRecords>1<\/numberOfRecords><missed><enhancedCallLogsExtendedEntry>/)
    assert.equal((await bob('DELETE', '/directories/CallLogs/Missed')).status, 200)
    assert.match((await bob('GET', '/directories/CallLogs/Missed')).text, /<missed\/>/)
    house.simulator.pbx.leaveVoicemail('bob', { kind: 'external', number: CAROL, name: 'Carol Diaz' }, 14_530, true)
    const list = await bob('GET', '/VoiceMessagingMessages')
    assert.match(list.text, /<messageInfo><duration>14530<\/duration><callingPartyInfo><name>Carol Diaz<\/name><address>tel:\+12025550199<\/address><\/callingPartyInfo><urgent\/><time>\d+<\/time><messageId>\/v2\.0\/user\/bob@example\.com\/voicemessagingmessages\//)
    assert.match((await bob('GET', '/calls/MessageSummary')).text, /<summary><newMessages>1<\/newMessages><newUrgentMessages>1<\/newUrgentMessages><\/summary>/)
    const uri = String(at(list.xml(), 'VoiceMessagingMessages', 'messageInfoList', 'messageInfo', 'messageId'))
    assert.equal((await house.bob.request('PUT', `/com.broadsoft.xsi-actions${uri}/MarkAsRead`)).status, 200)
    assert.match((await house.bob.request('GET', `/com.broadsoft.xsi-actions${uri}`)).text, /<read\/>.*<content>UklGR/)
    assert.equal((await house.bob.request('DELETE', `/com.broadsoft.xsi-actions${uri}`)).status, 200)
    assert.match((await bob('GET', '/calls/MessageSummary')).text, /<summary\/>/)
  })

  it('works a queue: list, reorder, transfer with phoneno, release', async () => {
    house.simulator.pbx.signIn('agent-bob', { routing: 'notReady' })
    for (const from of [CAROL, '+12025550155', '+12025550177']) house.simulator.pbx.inbound({ from, to: '1050' })
    const queue = (method: string, path: string, body?: string) => house.bob.request(method, `${ACTIONS}/callcenter/support@example.com${path}`, { body })
    const ids = [...(await queue('GET', '/calls')).text.matchAll(/<callId>([^<]+)/g)].map((match) => match[1] ?? '')
    assert.equal(ids.length, 3)
    const moved = await queue('PUT', `/calls/${ids[2]}/Reorder?index=0`)
    assert.equal(at(moved.xml(), 'QueueCallOrder', 'position'), '0')
    assert.equal((await queue('PUT', `/calls/${ids[1]}/Promote`, `<ACDPromote ${NAMESPACE}><priority>1-High</priority></ACDPromote>`)).status, 200)
    assert.equal((await queue('PUT', `/calls/${ids[0]}/BlindTransfer?address=1001`)).status, 400)
    assert.equal((await queue('PUT', `/calls/${ids[0]}/BlindTransfer?phoneno=1001`)).status, 200)
    assert.equal((await queue('DELETE', `/calls/${ids[1]}`)).status, 200)
    assert.deepEqual([...(await queue('GET', '/calls')).text.matchAll(/<callId>([^<]+)/g)].map((match) => match[1]), [ids[2]])
    assert.equal((await house.client('alice@example.com').request('GET', `${ACTIONS}/callcenter/support@example.com/calls`)).status, 403)
    for (const path of ['/profile', '/profile/Dnis', '/profile/DispositionCodes', '/profile/policies/NightService', '/profile/policies/ForcedForwarding']) assert.equal((await queue('GET', path)).status, 200, path)
    assert.match((await house.bob.request('GET', `${ACTIONS}/group/sales/services/CallCenter/UnavailableCodes`)).text, /<unavailableCodeDetail isDefault="true"><active>true<\/active><code>BREAK</)
  })

  it('picks up, monitors, and reconnects', async () => {
    house.simulator.pbx.inbound({ from: CAROL, to: '1001' })
    const picked = await bob('POST', '/calls/CallPickup')
    assert.equal(picked.status, 201)
    const id = String(at(picked.xml(), 'CallStartInfo', 'callId'))
    await bob('PUT', `/calls/${id}/Talk`)
    assert.match((await bob('GET', `/calls/${id}`)).text, /<state>Active<.*<name>Carol Diaz</)
    const dave = house.client('dave@example.com')
    const monitored = await dave.user('POST', 'dave@example.com', '/calls/SilentMonitor?address=1002')
    assert.equal(monitored.status, 201)
    await dave.user('PUT', 'dave@example.com', `/calls/${String(at(monitored.xml(), 'CallStartInfo', 'callId'))}/Talk`)
    assert.match((await dave.user('GET', 'dave@example.com', '/calls/Conference')).text, /<muted\/><conferenceType>Silently Monitored<\/conferenceType><conferenceParticipantList>/)
    assert.equal((await dave.user('PUT', 'dave@example.com', '/calls/Conference/BargeIn')).status, 200)
    assert.equal((await house.client('alice@example.com').user('POST', 'alice@example.com', '/calls/SilentMonitor?address=1002')).status, 403)
    await bob('PUT', `/calls/${id}/Hold`)
    const second = await bob('POST', '/calls/New?address=1004')
    assert.equal((await bob('PUT', `/calls/${id}/Reconnect`)).status, 200)
    assert.equal((await bob('GET', `/calls/${String(at(second.xml(), 'CallStartInfo', 'callId'))}`)).status, 404)
    assert.equal((await bob('PUT', `/calls/${id}/TransmitDTMF?playdtmf=12%23,3`)).status, 200)
    assert.equal((await bob('PUT', `/calls/${id}/TransmitDTMF?playdtmf=xyz`)).status, 400)
    assert.match((await bob('GET', '/calls/HookStatus')).text, /<hookStatus>Off-Hook</)
  })

  it('calls for an executive, and calls somebody without asking who it is', async () => {
    const frank = house.client('frank@example.com')
    const started = await frank.user('POST', 'frank@example.com', '/calls/ExecutiveAssistantInitiateCall?address=%2B12025550199&executiveAddress=1001')
    assert.equal(started.status, 201)
    assert.equal((await bob('POST', '/calls/ExecutiveAssistantInitiateCall?address=1003&executiveAddress=1001')).status, 403)
    assert.equal((await house.bob.request('POST', `${ACTIONS}/user/bob@example.com/calls/CallMeNow?address=%2B12025550199`, { anonymous: true })).status, 200)
    assert.equal(house.simulator.pbx.connectionsOf('bob').length, 1)
  })

  it('tells its addresses as an organisation does, and its versions', async () => {
    const { adminToken } = house.simulator.demoLogin('xsi')
    const answer = await house.bob.request('GET', '/v1/organizations?callingData=true', { anonymous: true, headers: { Authorization: `Bearer ${adminToken}` } })
    const [organisation] = answer.json().items as Record<string, string>[]
    assert.match(organisation?.xsiEventsChannelEndpoint ?? '', /\/com\.broadsoft\.async\/com\.broadsoft\.xsi-events$/)
    assert.match((await house.bob.request('GET', `${EVENTS}/versions`)).text, /<Versions [^>]+><commands><baseline>25\.0<\/baseline><\/commands><eventPackages><baseline>25\.0</)
  })
})
