/** The small pieces: options, frames, reading, requests by name, errors, cookies, lists, figures held back. */
import assert from 'node:assert/strict'
import { placeOf } from '../../src/five9/actions/request'
import { Credentials } from '../../src/five9/api'
import { readFrame } from '../../src/five9/codec'
import { asLost, isAlreadyOver, isLoginState, isMigrated, replyError } from '../../src/five9/errors'
import { skillIds } from '../../src/five9/half'
import { sameNumber } from '../../src/five9/memory'
import { REGIONS, settingsOf, type Five9Options } from '../../src/five9/options'
import { StatsOutlet } from '../../src/five9/outlet'
import { channelName, presenceBody } from '../../src/five9/presence'
import { mailboxOf } from '../../src/five9/reader'
import { idsIn, millis, texts, time } from '../../src/five9/read'
import { placesOf, Reference, staleBy } from '../../src/five9/reference'
import { build, ROUTES, type RouteName } from '../../src/five9/routes'
import { Statistics } from '../../src/five9/statistics'
import { CtiError } from '../../src/model'
import type { EventDraft } from '../../src/session/types'
import type { HttpReply } from '../../src/transport/http'
import { ManualClock } from '../support/manualClock'
import { SKILLS, USERS, VARIABLES } from './server'

const options = (more: Partial<Five9Options>): Five9Options => ({ username: 'rosa', password: 'x', ...more })
const reply = (status: number, text: string): HttpReply => ({ status, headers: {}, body: Buffer.from(text), url: 'https://app.example.com/x', text: () => text })
const business = (errorCode: unknown, message: string, context: object = {}): HttpReply => reply(435, JSON.stringify({ five9ExceptionDetail: { errorCode, message, context } }))

describe('Five9: options', () => {
  it('fills in what is left out: attach, no station, logout of own sessions', () => {
    const { root, role, policy, stationType, acceptNotices, logout, statsIntervalMs, pingMs } = settingsOf(options({}))
    assert.deepEqual({ root, role, policy, stationType, acceptNotices, logout, statsIntervalMs, pingMs }, { root: REGIONS.us, role: 'agent', policy: 'attach', stationType: 'EMPTY', acceptNotices: true, logout: 'own', statsIntervalMs: 1000, pingMs: 15_000 })
  })

  it('takes a region or a free host, plain http for this machine only', () => {
    assert.equal(settingsOf(options({ region: 'uk' })).root, 'https://app.five9.eu')
    assert.equal(settingsOf(options({ region: 'uk', baseUrl: ' app.five9.example.com ' })).root, 'https://app.five9.example.com')
    assert.equal(settingsOf(options({ baseUrl: 'https://app.example.com:8443/path' })).root, 'https://app.example.com:8443')
    for (const host of ['localhost:80', '127.0.0.1', '127.9.9.9:1', '[::1]:8080']) assert.match(settingsOf(options({ baseUrl: `http://${host}` })).root, /^http:/)
    for (const baseUrl of ['http://app.five9.com', 'http://127.0.0.1.example.com', 'ftp://127.0.0.1', 'https://', 'a b']) assert.throws(() => settingsOf(options({ baseUrl })), { code: 'CTI_INVALID_REQUEST' }, baseUrl)
  })

  const WRONG: Partial<Five9Options>[] = [
    { username: '' }, { region: 'moon' as 'us' }, { role: 'boss' as 'both' }, { policy: 'ForceIn' as 'attach' }, { logout: 'maybe' as 'own' }, { stationType: 'PSTN' }, { stationType: 'pstn', stationId: 'abc' }, { stationType: 'GATEWAY' },
    { statsIntervalMs: -1 }, { timeoutMs: Number.NaN }, { pingMs: 0 }, { advanced: { paths: { hold: 'no/slash' } } }, { advanced: { methods: { hold: 'PATCH' } } }, { advanced: { callStates: { X: 'sleeping' as 'held' } } },
    { advanced: { paths: 'x' as unknown as Record<string, string> } }, { advanced: { bodies: [] as unknown as Record<string, unknown> } }
  ]
  for (const wrong of WRONG) it(`refuses ${JSON.stringify(wrong)}`, () => { assert.throws(() => settingsOf(options(wrong)), { code: 'CTI_INVALID_REQUEST' }) })

  it('writes the number of a telephone station without decoration', () => assert.equal(settingsOf(options({ stationType: 'pstn', stationId: '+1 (202) 555-0100' })).stationId, '+12025550100'))
})

describe('Five9: frames and fields', () => {
  it('reads the envelope, with the number of the event as text or number', () => {
    const text = '{"context":{"eventId":12,"messageId":7,"timeStamp":"1763700000000"},"payLoad":[1]}'
    assert.deepEqual(readFrame(text, 5), {
      size: text.length, id: '12', messageId: '7', at: 1763700000000, timed: true, payload: [1], raw: { context: { eventId: 12, messageId: 7, timeStamp: '1763700000000' }, payLoad: [1] }
    })
    const bare = readFrame('{"context":{"eventId":"1010","timeStamp":-4}}', 5)
    assert.deepEqual([bare?.at, bare?.timed, bare?.payload], [5, false, undefined])
  })

  it('refuses what is no frame', () => {
    for (const text of ['', 'pong', '[]', '1', 'null', '{"context":[]}', '{"context":{"eventId":{}}}', '{"context":{"eventId":""}}', '{"a":']) assert.equal(readFrame(text, 5), undefined, text)
  })

  it('reads lists as arrays or as text, ids as they come, times within reason', () => {
    assert.deepEqual([texts('[CALL, "VOICE_MAIL"]'), texts('[]'), texts(['A', 1, null]), texts(3)], [['CALL', 'VOICE_MAIL'], [], ['A', '1'], []])
    assert.deepEqual(idsIn([1, '2', { id: 3 }, { skillId: '4' }, {}, null], 'skillId'), ['1', '2', '3', '4'])
    assert.deepEqual([millis(0), millis(-1), millis(1e300), millis('17'), time(null)], [undefined, undefined, undefined, 17, undefined])
  })

  it('compares numbers by their last digits', () => {
    assert.ok(sameNumber('+15550100123', '5550100123') && sameNumber('0124', '0124'))
    assert.ok(!sameNumber('0124', '5550120124') && !sameNumber('5550100123', '5550100124'))
  })
})

describe('Five9: requests by name', () => {
  const VALUES = { uid: '1', oid: '2', callId: 'C/1', agentId: '3', skillId: '4', campaignId: '5', voicemailId: '6', viewId: '7', sessionId: '8', callbackId: '9' }

  it('builds each with its parameters in place', () => {
    for (const name of Object.keys(ROUTES) as RouteName[]) {
      const { path, method, half } = build(name, VALUES, {})
      assert.ok(path.startsWith('/') && !/[{}]/.test(path), path)
      assert.ok(['GET', 'POST', 'PUT', 'DELETE'].includes(method) && ['agent', 'supervisor'].includes(half))
    }
    assert.equal(build('hold', VALUES, {}).path, '/agents/1/interactions/calls/C%2F1/hold')
  })

  it('leaves out what is not given, keeps false and null, and passes a whole body through', () => {
    assert.deepEqual(build('make_external_call', { ...VALUES, number: '1', skipDnc: false, campaignId: undefined }, {}).body, { number: '1', skipDNCCheck: false, checkMultipleContacts: true })
    assert.deepEqual(build('station_restart', VALUES, {}).body, { value: null })
    assert.deepEqual(build('set_active_skills', { ...VALUES, body: [] }, {}).body, [])
    assert.equal('body' in build('hold', VALUES, {}), false)
  })

  it('does not send a path without its parameter, nor one that climbs', () => {
    for (const callId of [undefined, '', '.', '..', 5]) assert.throws(() => build('hold', { ...VALUES, callId }, {}), { code: 'CTI_INVALID_REQUEST' })
  })

  it('does not take inherited properties for overrides', () => assert.equal(build('hold', VALUES, { paths: Object.create({ hold: '/evil' }) as Record<string, string> }).path, '/agents/1/interactions/calls/C%2F1/hold'))

  it('finds the half of a free path and stays below the API', () => {
    const ids = { uid: '1', oid: '2' }
    const at = (path: string): string => Object.values(placeOf(path, ['agent', 'supervisor'], ids)).join(' ')
    assert.equal(at('agents/{uid}/presence'), 'agent /appsvcs/rs/svc/agents/1/presence')
    assert.equal(at('/supervisors/{uid}/agents'), 'supervisor /supsvcs/rs/svc/supervisors/1/agents')
    assert.equal(at('/supsvcs/rs/svc/orgs/{oid}/users'), 'supervisor /supsvcs/rs/svc/orgs/2/users')
    assert.equal(at('/strsvcs/rs/svc/agents/1/recordings/2?download=true'), 'agent /strsvcs/rs/svc/agents/1/recordings/2?download=true')
    assert.equal(placeOf('/orgs/{oid}/users', ['supervisor'], ids).path, '/supsvcs/rs/svc/orgs/2/users')
    for (const path of ['', '/', 'https://example.com', '//example.com/x', '/a/../b', '/a/%2e%2e/b', '\\\\x', '/auth/login', '/appsvcs/rs/svc/auth/metadata', '/%61uth/metadata', '/auth/logout?x=1']) {
      assert.throws(() => placeOf(path, ['agent'], ids), { code: 'CTI_INVALID_REQUEST' }, path)
    }
  })
})

describe('Five9: refusals', () => {
  it('makes readable errors of business refusals, with their codes', () => {
    const error = replyError(business(3, 'Improper agent login state', { contextCode: 'LOGIN' }))
    assert.deepEqual([error.code, error.cause.code, error.cause.contextCode, error.cause.httpStatus, error.cause.retryable], ['CTI_CONFLICT', '3', 'LOGIN', 435, false])
    assert.ok(isLoginState(error) && !isAlreadyOver(error))
    const moved = replyError(business('5001', 'Service migrated', { farmId: 150 }))
    assert.ok(isMigrated(moved) && !isAlreadyOver(moved))
    assert.equal(moved.cause.farmId, '150')
    assert.equal(replyError(business(9, 'No permission to transfer')).code, 'CTI_FORBIDDEN')
    assert.match(replyError(business(3, 'x', { contextCode: 'DUPLICATE_LOGIN' })).message, /take over/)
    assert.match(replyError(reply(409, JSON.stringify({ five9ExceptionDetail: { context: { contextCode: 'DUPLICATE_LOGIN' } } }))).message, /elsewhere/)
    assert.ok(isAlreadyOver(replyError(business(9, 'Improper call state'))) && isAlreadyOver(replyError(reply(404, ''))))
  })

  it('goes by the status when the body is HTML, empty, truncated or of another shape', () => {
    for (const body of ['<html><h1>403</h1>', '', '{"five9Exc', '[]', '"x"', '{"five9ExceptionDetail":[1]}', 'null']) assert.equal(replyError(reply(403, body)).code, 'CTI_FORBIDDEN', body)
    assert.equal(replyError(reply(435, '<html>')).code, 'CTI_CONFLICT')
    assert.equal(replyError(reply(503, '')).cause.retryable, true)
  })

  it('makes a line of what was refused for a moment', () => {
    const lost = asLost(new CtiError('CTI_UNAUTHORIZED', 'x', { retryable: false }))
    assert.deepEqual([lost.code, lost.cause.retryable], ['CTI_UNAVAILABLE', true])
  })
})

describe('Five9: credentials', () => {
  const login = (host: string, active = true): object => ({ tokenId: 't', userId: 1, orgId: 2, context: { farmId: 149 }, metadata: { dataCenters: [{ active: false, apiUrls: [{ host: 'old.example.com', port: 443 }] }, { active, apiUrls: [{ host, port: '8443' }] }] } })

  it('goes to the active data centre, ids as text, port as text or number', () => {
    const { userId, orgId, farmId, api } = new Credentials('https://app.five9.com').learn(login('dc1.five9.com'))
    assert.deepEqual([userId, orgId, farmId, api], ['1', '2', '149', 'https://dc1.five9.com:8443'])
    assert.equal(new Credentials('https://app.five9.com').learn(login('dc1.five9.com', false)).api, 'https://old.example.com')
    assert.equal(new Credentials('https://app.five9.com').learn({ tokenId: 't', userId: '1', orgId: '2' }).api, 'https://app.five9.com')
  })

  it('follows no host that is none, and leaves this machine never without TLS', () => {
    for (const host of ['evil.example.com/path', 'user@evil.example.com', 'a b', '']) assert.equal(new Credentials('https://app.five9.com').learn(login(host)).api, 'https://app.five9.com', host)
    assert.equal(new Credentials('http://127.0.0.1:80').learn(login('dc1.five9.com')).api, 'http://127.0.0.1:80')
  })

  it('refuses a reply that is no login', () => {
    for (const body of [undefined, null, 'x', [], {}, { tokenId: '' }, { tokenId: 't', userId: '1' }]) assert.throws(() => new Credentials('https://app.five9.com').learn(body), { code: 'CTI_PROTOCOL' })
  })

  it('sends cookies where they belong: those of the domain everywhere, those of the login host only there', () => {
    const credentials = new Credentials('https://app.five9.com')
    credentials.learn(login('dc1.five9.com'))
    credentials.jar.setCookieSync('farmId=149; Domain=five9.com; Path=/; Secure', 'https://app.five9.com/x')
    credentials.jar.setCookieSync('BIGipServer=abc; Path=/', 'https://app.five9.com/x')
    assert.equal(credentials.headersFor('https://app.five9.com/y', true).Cookie, 'farmId=149; BIGipServer=abc')
    assert.deepEqual(credentials.headersFor('https://dc1.five9.com:8443/y', true), { Cookie: 'farmId=149', farmId: '149', Authorization: 'Bearer-t' })
    assert.equal(credentials.headersFor('https://five9.example.com/', true).Cookie, undefined)
    assert.equal(credentials.headersFor('https://dc1.five9.com/', false).Authorization, undefined)
    credentials.forget()
    assert.deepEqual(credentials.headersFor('https://dc1.five9.com/', true), {})
  })
})

describe('Five9: lists', () => {
  const reference = new Reference()
  reference.set('skills', [...SKILLS, { id: 3, name: 'Twin' }, { id: 4, name: 'twin' }, { name: 'no id' }, null])
  reference.set('users', USERS)
  reference.set('callVariables', VARIABLES)

  it('finds by id or by name in any case, and nothing where two are called so', () => {
    assert.deepEqual([reference.find('skills', 'sales'), reference.find('skills', '3'), reference.find('skills', 'Twin'), reference.find('skills', 'x'), reference.find('skills', '__proto__')], ['300000000000031', '3', undefined, undefined, undefined])
    assert.deepEqual(['3000002', 'BEN.AGENT@example.com', '0124', 'ben agent'].map((word) => reference.findUser(word)), ['3000002', '3000002', '3000002', '3000002'])
    assert.deepEqual([reference.variableId('order.number'), reference.variableId('Number'), reference.variableId('201'), reference.variableName('101'), reference.variableName('9')], ['201', '201', '201', 'Call.ANI', undefined])
  })

  it('keeps a list when the answer is none', () => {
    assert.equal(reference.set('skills', { error: 1 }), false)
    assert.equal(reference.name('skills', '300000000000031'), 'Sales')
  })

  it('knows what each event makes stale, also by address', () => {
    assert.deepEqual([staleBy('48', null), staleBy('66', null), staleBy('5007', null), staleBy('4', null), staleBy('constructor', null)], [['notReadyCodes'], ['callVariables'], ['notReadyCodes', 'logoutCodes'], [], []])
    assert.deepEqual(staleBy('57', ['https://x/appsvcs/rs/svc/orgs/1/skills', '/orgs/1/dispositions?x=1', '/orgs/1/other', 5]), ['skills', 'dispositions'])
    assert.deepEqual(staleBy('57', { urls: ['/orgs/1/users/'] }), ['users'])
    assert.deepEqual(staleBy('57', 'x'), [])
  })

  it('reads a list where the role may', () => {
    assert.deepEqual(placesOf('skills', ['agent']), ['/appsvcs/rs/svc/agents/{uid}/skills'])
    assert.deepEqual(placesOf('skills', ['agent', 'supervisor'])[0], '/supsvcs/rs/svc/orgs/{oid}/skills')
    assert.equal(placesOf('campaigns', ['agent']).length, 2)
  })

  it('names the skill that an agent has not', () => {
    assert.deepEqual(skillIds([' sales', '300000000000032'], SKILLS), ['300000000000031', '300000000000032'])
    assert.throws(() => skillIds(['Billing'], SKILLS), { code: 'CTI_NOT_FOUND', message: /Billing/ })
  })
})

describe('Five9: presence, mailbox, figures', () => {
  it('sends the shape back that was read', () => {
    assert.deepEqual(presenceBody({ extra: 1, currentState: {}, gracefulModeOn: true }, [], '401101', false), {
      extra: 1, currentState: { readyChannels: [], notReadyReasonCodeId: '401101' }, pendingState: null, currentStateTime: 0, pendingStateDelayTime: 0, gracefulModeOn: false
    })
    assert.deepEqual((presenceBody(undefined, ['CALL'], '401101', false).currentState as object), { readyChannels: ['CALL'], notReadyReasonCodeId: '0' })
    assert.deepEqual(['voice', 'CALL', 'Voicemail', 'VOICE_MAIL', 'x', 'constructor'].map(channelName), ['CALL', 'CALL', 'VOICE_MAIL', 'VOICE_MAIL', undefined, undefined])
  })

  it('counts messages of a list or takes the number', () => {
    assert.deepEqual(mailboxOf([{ id: 1 }, { id: 2, read: true }]), { newMessages: 1, oldMessages: 1, waiting: true })
    assert.deepEqual([mailboxOf({ newCount: '0' }), mailboxOf('x'), mailboxOf({})], [{ newMessages: 0, waiting: false }, undefined, undefined])
  })

  it('merges full and incremental frames by source and id', () => {
    const statistics = new Statistics()
    statistics.replace([{ dataSource: 'A', data: [{ id: 1, a: 1, b: 1 }, { id: '', a: 9 }] }, { dataSource: 'B', data: [{ id: 'x' }] }])
    const [change] = statistics.merge([{ dataSource: 'A', added: [{ id: 2 }], updated: [{ id: '1', a: 2 }], removed: ['', 'gone'] }])
    assert.deepEqual(change?.rows.map(({ id, before, after }) => [id, before !== undefined, after !== undefined]), [['2', false, true], ['1', true, true], ['', true, false]])
    assert.deepEqual(statistics.row('A', '1'), { id: '1', a: 2, b: 1 })
    const [full] = statistics.replace([{ dataSource: 'A', data: [{ id: 2, n: 1 }] }])
    assert.deepEqual(full?.rows.map(({ id, after }) => [id, after !== undefined]), [['2', true], ['1', false]])
    assert.equal(statistics.row('B', 'x')?.id, 'x', 'a source that is not in the frame stays')
  })

  it('tells the latest figures of each subject once an interval, everything else at once', async () => {
    const clock = new ManualClock()
    const told: string[] = []
    const outlet = new StatsOutlet(clock, 1000, (drafts, raw) => { for (const draft of drafts) told.push(`${draft.event} ${draft.stats?.subject.id ?? ''} ${String(raw)}`) })
    const figures = (id: string): EventDraft => ({ event: 'stats.updated', key: 'k', stats: { subject: { kind: 'agent', id }, window: { kind: 'day' }, metrics: {}, source: 'vendor' } })
    outlet.offer([figures('1'), { event: 'queue.updated' }], 'a')
    outlet.offer([figures('1'), figures('2')], 'b')
    assert.deepEqual(told, ['queue.updated  a'])
    await clock.advance(1000)
    assert.deepEqual(told, ['queue.updated  a', 'stats.updated 1 b', 'stats.updated 2 b'])
    await clock.advance(5000)
    assert.equal(told.length, 3)
    assert.equal(clock.pending, 0)
    outlet.offer([figures('1')], 'c')
    outlet.stop()
    await clock.advance(5000)
    assert.equal(told.length, 3)
  })
})
