/** Requests against a server of the test that answers what it likes: rate limit, lost replies, pages, bodies that are none. */
import assert from 'node:assert/strict'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { CtiError } from '../../src/model'
import { createHttpClient, type HttpClient } from '../../src/transport/http'
import { WebexApi } from '../../src/webex/api'
import { ManualClock } from '../support/manualClock'

type Answer = { status: number; body?: string; headers?: Record<string, string> } | 'cut'

describe('Webex: requests', () => {
  let server: http.Server
  let client: HttpClient
  let clock: ManualClock
  let answers: Answer[]
  let seen: { method: string; url: string; auth: string; body: string }[]
  let base: string
  const signal = new AbortController().signal

  beforeEach(async () => {
    answers = []
    seen = []
    clock = new ManualClock()
    server = http.createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        seen.push({ method: request.method ?? '', url: request.url ?? '', auth: request.headers.authorization ?? '', body: Buffer.concat(chunks).toString() })
        const answer = answers.shift() ?? { status: 200, body: '{}' }
        if (answer === 'cut') return request.socket.destroy()
        response.writeHead(answer.status, { 'Content-Type': 'application/json', ...answer.headers })
        response.end(answer.body)
      })
    })
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
    client = createHttpClient({ timeoutMs: 2000 })
  })
  afterEach(async () => {
    client.close()
    server.closeAllConnections()
    await new Promise((resolve) => { server.close(resolve) })
  })

  const api = (token: (fresh: boolean) => Promise<string> = async () => 'token-1'): WebexApi => new WebexApi(client, base, token, clock)
  const dial = (one = api()): Promise<unknown> => one.send({ method: 'POST', path: '/telephony/calls/dial', body: { destination: '1002' }, signal })
  const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })
  const seenSoon = async (count: number): Promise<void> => {
    while (seen.length < count) await turn()
  }
  /** Settles with the clock going on, however many waits there are. */
  async function passing<T> (work: Promise<T>): Promise<T> {
    let over = false
    const done = (): void => { over = true }
    work.then(done, done)
    while (!over) {
      await clock.advance(500)
      await new Promise((resolve) => { setTimeout(resolve, 1) })
    }
    return work
  }

  it('read after 429 only when the time is over that the vendor asks for', async () => {
    answers = [{ status: 429, headers: { 'Retry-After': '7' }, body: '{"message":"slow"}' }, { status: 200, body: '{"items":[]}' }]
    const reading = api().get('/telephony/calls', signal)
    await seenSoon(1)
    await clock.advance(6900)
    assert.equal(seen.length, 1)
    const reply = await passing(reading)
    assert.equal(reply.status, 200)
    assert.equal(seen.length, 2)
  })

  it('never dial a second time after 429, 500, 502, 504 or a lost reply', async () => {
    for (const [answer, code] of [
      [{ status: 429, headers: { 'Retry-After': '1' } }, 'CTI_RATE_LIMITED'], [{ status: 500 }, 'CTI_UNAVAILABLE'], [{ status: 502 }, 'CTI_UNKNOWN_OUTCOME'],
      [{ status: 504, body: '<html>gateway</html>' }, 'CTI_UNKNOWN_OUTCOME'], ['cut', 'CTI_UNAVAILABLE']
    ] as [Answer, string][]) {
      seen = []
      answers = [answer]
      await assert.rejects(passing(dial()), { code }, JSON.stringify(answer))
      assert.equal(seen.length, 1, JSON.stringify(answer))
    }
  })

  it('tell at once, unsent, that a dial comes in the time of silence', async () => {
    answers = [{ status: 429, headers: { 'Retry-After': '30' } }]
    const one = api()
    await assert.rejects(dial(one), { code: 'CTI_RATE_LIMITED' })
    await assert.rejects(dial(one), (error: CtiError) => error.code === 'CTI_RATE_LIMITED' && error.cause.sent === false && error.cause.retryAfterMs === 30_000)
    assert.equal(seen.length, 1)
  })

  it('read again after 503 and a cut connection, at most three times', async () => {
    answers = [{ status: 503 }, 'cut', { status: 200, body: '{"id":"x"}' }]
    assert.equal((await passing(api().get('/people/me', signal))).node.id, 'x')
    answers = [{ status: 503 }, { status: 503 }, { status: 503 }, { status: 200 }]
    seen = []
    await assert.rejects(passing(api().get('/people/me', signal)), { code: 'CTI_UNAVAILABLE' })
    assert.equal(seen.length, 3)
  })

  it('end a wait when the caller gives up', async () => {
    answers = [{ status: 429, headers: { 'Retry-After': '60' } }]
    const stop = new AbortController()
    const reading = api().get('/telephony/calls', stop.signal)
    await seenSoon(1)
    while (clock.pending === 0) await turn()
    stop.abort(new CtiError('CTI_TIMEOUT', 'enough'))
    await assert.rejects(reading, { code: 'CTI_TIMEOUT' })
    assert.equal(clock.pending, 0)
  })

  it('are repeated once with a renewed token, also those that are never repeated otherwise', async () => {
    answers = [{ status: 401 }, { status: 201, body: '{"callId":"c"}' }]
    const asked: boolean[] = []
    await dial(api(async (fresh) => {
      asked.push(fresh)
      return fresh ? 'token-2' : 'token-1'
    }))
    assert.deepEqual(asked, [false, false, true])
    assert.deepEqual(seen.map(({ auth }) => auth), ['Bearer token-1', 'Bearer token-2'])
    answers = [{ status: 401 }, { status: 401 }]
    await assert.rejects(dial(), { code: 'CTI_UNAUTHORIZED' })
  })

  it('say the tracking id, the vendor\'s text and code, and no token', async () => {
    answers = [{ status: 404, body: JSON.stringify({ message: 'Call not found', errors: [{ description: 'x', errorCode: '4008' }], trackingId: 'ROUTER_1-2' }) }]
    await assert.rejects(dial(), (error: CtiError) => {
      assert.equal(error.code, 'CTI_NOT_FOUND')
      assert.match(error.message, /Call not found.*ROUTER_1-2/)
      assert.deepEqual([error.cause.code, error.cause.trackingId, error.cause.httpStatus], ['4008', 'ROUTER_1-2', 404])
      assert.ok(!JSON.stringify([error.message, error.cause]).includes('token-1'))
      return true
    })
    for (const body of ['', '<html></html>', '{"message":', '[]', 'null', '{"errors":"x","message":5}']) {
      answers = [{ status: 400, body }]
      await assert.rejects(dial(), { code: 'CTI_INVALID_REQUEST' }, body)
    }
  })

  it('take 204 without a body for done, and a cut or foreign body for a mistake', async () => {
    answers = [{ status: 204 }, { status: 200, body: '' }]
    for (let n = 0; n < 2; n++) assert.deepEqual((await api().send({ method: 'POST', path: '/telephony/calls/transfer', body: {}, signal })).node, {})
    answers = [{ status: 200, body: '<html>', headers: { 'Content-Type': 'text/html' } }]
    await assert.rejects(api().get('/telephony/calls', signal), { code: 'CTI_PROTOCOL' })
    answers = [{ status: 200, body: '{"items":[{"id":' }]
    await assert.rejects(api().get('/telephony/calls', signal), { code: 'CTI_PROTOCOL' })
  })

  it('follow pages as they are named, never to another place, and end at an empty one', async () => {
    const next = (url: string): Record<string, string> => ({ Link: `<${url}>; rel="next"` })
    answers = [
      { status: 200, body: '{"items":[{"id":1}]}', headers: next(`${base}/people?cursor=a%3Db&max=1`) },
      { status: 200, body: '{"items":[{"id":2}]}', headers: next(`${base}/people?cursor=c`) },
      { status: 200, body: '{"items":[]}', headers: next(`${base}/people?cursor=d`) }
    ]
    assert.equal((await api().all('/people', 'items', signal, { displayName: 'A l' })).length, 2)
    assert.deepEqual(seen.map(({ url }) => url), ['/v1/people?displayName=A%20l', '/v1/people?cursor=a%3Db&max=1', '/v1/people?cursor=c'])
    for (const elsewhere of ['https://example.com/v1/people?cursor=x', `${base.replace('/v1', '/v2')}/people`, 'not a url:', `${base}/../secret`]) {
      answers = [{ status: 200, body: '{"items":[{"id":1}]}', headers: next(elsewhere) }]
      seen = []
      await api().all('/people', 'items', signal)
      assert.equal(seen.length, 1, elsewhere)
    }
  })
})
