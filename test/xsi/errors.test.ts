import assert from 'node:assert/strict'
import type { HttpReply } from '../../src/transport/http'
import { errorInfoOf, fromBadgerFish, parseBody, replyError } from '../../src/xsi/errors'
import { basesOf, trustsRedirect } from '../../src/xsi/options'
import { path } from '../../src/xsi/api'
import { readDocument } from '../../src/xsi/documents'
import { parseXml } from '../../src/transport/xml'
import { sessionCookie } from '../../src/xsi/channel'

const reply = (status: number, body: string, headers: Record<string, string> = {}): HttpReply =>
  ({ status, headers, body: Buffer.from(body), url: 'https://xsp1.example.com/com.broadsoft.xsi-actions/v2.0/user/x', text: () => body })
const INFO = '<?xml version="1.0" encoding="UTF-8"?><ErrorInfo xmlns="http://schema.broadsoft.com/xsi"><summary>[Error 4008] Benutzer fehlt</summary>'
  + '<summaryEnglish>User not found</summaryEnglish><errorCode>4008</errorCode></ErrorInfo>'

describe('XSI: refusals', () => {
  const rows: [string, HttpReply, string, object][] = [
    ['ErrorInfo as XML', reply(404, INFO), 'CTI_NOT_FOUND', { vendor: 'xsi', code: '4008', text: 'User not found', httpStatus: 404, retryable: false }],
    ['ErrorInfo as JSON', reply(403, '{"ErrorInfo":{"@xmlns":{"$":"x"},"summaryEnglish":{"$":"No"},"errorCode":{"$":"110862"}}}'), 'CTI_FORBIDDEN', { vendor: 'xsi', code: '110862', text: 'No', httpStatus: 403, retryable: false }],
    ['a page of HTML', reply(401, '<html><body><p>Unauthorized<br></body></html>', { 'content-type': 'text/html' }), 'CTI_UNAUTHORIZED', { vendor: 'xsi', httpStatus: 401, retryable: false }],
    ['an empty body', reply(500, ''), 'CTI_UNAVAILABLE', { vendor: 'xsi', httpStatus: 500, retryable: true }],
    ['overload with a time to wait', reply(503, 'busy', { 'retry-after': '7' }), 'CTI_UNAVAILABLE', { vendor: 'xsi', httpStatus: 503, retryable: true, retryAfterMs: 7000 }],
    ['too many requests', reply(429, ''), 'CTI_RATE_LIMITED', { vendor: 'xsi', httpStatus: 429, retryable: true }],
    ['broken JSON', reply(400, '{"ErrorInfo":'), 'CTI_INVALID_REQUEST', { vendor: 'xsi', httpStatus: 400, retryable: false }],
    ['an unknown method or version', reply(405, ''), 'CTI_UNSUPPORTED', { vendor: 'xsi', httpStatus: 405, retryable: false }]
  ]
  for (const [name, answer, code, cause] of rows) {
    it(`become errors: ${name}`, () => {
      const error = replyError(answer)
      assert.equal(error.code, code)
      assert.deepEqual(error.cause, cause)
    })
  }

  it('cut long texts of the server', () => {
    assert.equal(errorInfoOf(INFO.replace('User not found', 'x'.repeat(5000))).text?.length, 300)
  })

  it('read JSON into the same form as XML', () => {
    assert.deepEqual(fromBadgerFish({ a: { $: '1' }, b: [{ c: { $: 'x' } }, { c: { $: 'y' } }], d: { '@code': '1', $: 'tel:1' }, '@xmlns': { $: 'n' }, e: {} }), { a: '1', b: [{ c: 'x' }, { c: 'y' }], d: { '@code': '1', $: 'tel:1' }, e: '' })
    assert.equal(parseBody('not a document'), undefined)
    assert.equal(parseBody(''), undefined)
  })
})

describe('XSI: addresses', () => {
  const auth = { kind: 'basic', username: 'u', password: 'p' } as const
  const common = { auth, applicationId: 'a', channelSetId: 's' }

  it('come from a host, its context names, or whole URLs', () => {
    assert.deepEqual(basesOf({ ...common, host: 'xsp1.example.com' })[0], {
      actions: 'https://xsp1.example.com/com.broadsoft.xsi-actions', events: 'https://xsp1.example.com/com.broadsoft.xsi-events',
      channel: 'https://xsp1.example.com/com.broadsoft.async/com.broadsoft.xsi-events'
    })
    assert.equal(basesOf({ ...common, host: 'http://127.0.0.1:81/', eventsContext: '/xsi-ev/' })[0].events, 'http://127.0.0.1:81/xsi-ev')
    const whole = basesOf({ ...common, actionsUrl: 'https://a.example.com/act/', eventsUrl: 'https://e.example.com/ev', servers: ['b.example.com'] })
    assert.equal(whole[0].actions, 'https://a.example.com/act')
    assert.equal(whole[0].channel, 'https://e.example.com/com.broadsoft.async/com.broadsoft.xsi-events')
    assert.equal(whole[1].events, 'https://b.example.com/com.broadsoft.xsi-events')
    assert.throws(() => basesOf(common), { code: 'CTI_INVALID_REQUEST' })
    assert.throws(() => basesOf({ ...common, host: 'http://[' }), { code: 'CTI_INVALID_REQUEST' })
  })

  it('encode each segment of a path', () => {
    assert.equal(path('user', 'bob@example.com', 'calls', 'callhalf-1207:0'), '/v2.0/user/bob@example.com/calls/callhalf-1207:0')
    assert.equal(path('serviceprovider', 'Acme Inc', 'group', 'a/b?c#d'), '/v2.0/serviceprovider/Acme%20Inc/group/a%2Fb%3Fc%23d')
  })

  it('send credentials after a redirect only to servers of the same provider', () => {
    const trusts = trustsRedirect(basesOf({ ...common, host: 'xsp1.voip.example.com', servers: ['other.example.org'] }))
    const from = new URL('https://xsp1.voip.example.com/x')
    for (const [to, expected] of [
      ['https://xsp2.voip.example.com/x', true], ['https://xsp1.voip.example.com:8443/x', true], ['https://other.example.org/x', true],
      ['http://xsp1.voip.example.com/x', false], ['https://evil.example.net/x', false], ['https://xsp1.voip.example.com.evil.net/', false]
    ] as const) assert.equal(trusts(from, new URL(to)), expected, to)
    assert.equal(trustsRedirect(basesOf({ ...common, host: '10.0.0.1' }))(new URL('https://10.0.0.1/'), new URL('https://11.0.0.1/')), false)
    assert.equal(trustsRedirect(basesOf({ ...common, host: 'example.com' }))(new URL('https://example.com/'), new URL('https://other.com/')), false)
  })

  it('find the session cookie by hand', () => {
    assert.equal(sessionCookie(['a=b', 'JSESSIONID=C468; Path=/com.broadsoft.xsi-events; Secure']), 'JSESSIONID=C468')
    assert.equal(sessionCookie(undefined), undefined)
  })
})

describe('XSI: documents of the stream', () => {
  const read = (xml: string): unknown => {
    const { root, value } = parseXml(xml)
    return readDocument(root, value)
  }

  it('are known by their root in every spelling', () => {
    for (const xml of ['<ChannelHeartBeat xmlns ="http://schema.broadsoft.com/xsi"/>', '<ChannelHeartbeat/>', '<x:ChannelHeartBeat xmlns:x="y"></x:ChannelHeartBeat>']) assert.deepEqual(read(xml), { kind: 'heartbeat' })
    assert.deepEqual(read('<Channel xmlns="http://schema.broadsoft.com/xsi"><channelId>c</channelId><expires>86400</expires></Channel>'), { kind: 'channel', channelId: 'c', expires: 86400 })
    assert.deepEqual(read('<ErrorInfo><summary>No</summary><errorCode>1</errorCode></ErrorInfo>'), { kind: 'error', code: '1', text: 'No' })
    assert.deepEqual(read('<Surprise/>'), { kind: 'unknown', root: 'Surprise' })
    assert.deepEqual(read('<Channel/>'), { kind: 'unknown', root: 'Channel' })
  })

  it('resolve the type by local name, whatever the prefixes', () => {
    const event = (prefix: string, instance: string): string => `<${prefix}:Event ${instance}:type="${prefix}:ChannelTerminatedEvent" xmlns:${prefix}="x" xmlns:${instance}="y">`
      + `<${prefix}:channelId>c</${prefix}:channelId><${prefix}:reason>Expired</${prefix}:reason></${prefix}:Event>`
    assert.deepEqual(read(event('xsi', 'xsi1')), { kind: 'terminated', channelId: 'c', reason: 'Expired' })
    assert.deepEqual(read(event('bw', 'i')), { kind: 'terminated', channelId: 'c', reason: 'Expired' })
  })

  it('are not taken for events without what an event needs', () => {
    assert.deepEqual(read('<Event type="SubscriptionEvent"></Event>'), { kind: 'unknown', root: 'Event' })
    for (const inner of ['<eventID>e</eventID>', '<eventID>e</eventID><subscriptionId>s</subscriptionId><eventData/>']) {
      assert.deepEqual(read(`<Event type="SubscriptionEvent">${inner}</Event>`), { kind: 'unknown', root: 'Event', eventId: 'e' })
    }
  })
})
