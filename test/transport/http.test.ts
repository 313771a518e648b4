import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { getEventListeners, once } from 'node:events'
import type http from 'node:http'
import type net from 'node:net'
import { gzipSync } from 'node:zlib'
import { CtiError, type ErrorCode } from '../../src/model'
import { createHttpClient, type HttpClient, type HttpClientOptions, type HttpRequest, type HttpStream } from '../../src/transport/http'
import { bodyOf, certificate, httpServer, httpsServer, proxyServer, rawServer, type TestServer } from './servers'

const SECRET = 'Basic c2VjcmV0OnBhc3N3b3Jk'
const WAYS = ['request', 'fire', 'openStream'] as const
const open: { close (): unknown }[] = []

function keep<T extends { close (): unknown }> (closable: T): T {
  open.push(closable)
  return closable
}

const client = (options: HttpClientOptions = {}): HttpClient => keep(createHttpClient(options))

async function failure (work: Promise<unknown>, code: ErrorCode): Promise<CtiError> {
  const error: unknown = await work.then(() => assert.fail('it succeeded'), (thrown: unknown) => thrown)
  assert.ok(error instanceof CtiError, String(error))
  assert.equal(error.code, code, error.message)
  const shown = JSON.stringify([error.message, error.cause])
  for (const secret of [SECRET, 'c2VjcmV0', 'hidden']) assert.ok(!shown.includes(secret), shown)
  return error
}

describe('HTTP client', () => {
  let server: TestServer
  let handle: (request: http.IncomingMessage, response: http.ServerResponse) => void
  let seen: { method?: string; url?: string; headers: http.IncomingHttpHeaders; body: string }[]

  beforeEach(async () => {
    seen = []
    handle = (_request, response) => response.end('ok')
    server = keep(await httpServer((request, response) => {
      void bodyOf(request).then((body) => {
        seen.push({ method: request.method, url: request.url, headers: request.headers, body })
        handle(request, response)
      })
    }))
  })
  afterEach(async () => { await Promise.all(open.splice(0).reverse().map((item) => item.close())) })

  describe('request', () => {
    it('sends method, path, query, headers and body, and gives status, headers, body and address', async () => {
      handle = (_request, response) => response.writeHead(201, { 'X-Made': 'yes', 'Set-Cookie': ['a=1', 'b=2'] }).end('done')
      const http = client({ baseUrl: `${server.url}/base/`, headers: { Authorization: SECRET, Accept: 'application/xml' } })
      const reply = await http.request({
        method: 'post', path: '/v2.0/user/alice@example.com', query: { number: '+1202555 0199', list: ['a', 'b'], none: undefined, flag: true }, headers: { Accept: 'text/xml' }, body: '<é/>'
      })
      assert.equal(reply.status, 201)
      assert.equal(reply.headers['x-made'], 'yes')
      assert.deepEqual(reply.headers['set-cookie'], ['a=1', 'b=2'])
      assert.equal(reply.text(), 'done')
      assert.equal(reply.url, `${server.url}/base/v2.0/user/alice@example.com?number=%2B1202555%200199&list=a&list=b&flag=true`)
      assert.equal(seen[0].method, 'POST')
      assert.equal(seen[0].url, '/base/v2.0/user/alice@example.com?number=%2B1202555%200199&list=a&list=b&flag=true')
      assert.equal(seen[0].headers.accept, 'text/xml')
      assert.equal(seen[0].headers.authorization, SECRET)
      assert.equal(seen[0].headers['content-type'], undefined)
      assert.equal(seen[0].headers['content-length'], '5')
      assert.equal(seen[0].body, '<é/>')
    })

    it('gives every status as a reply and keeps its connection', async () => {
      const http = client({ baseUrl: server.url })
      for (const status of [200, 204, 304, 401, 404, 429, 500, 503]) {
        handle = (_request, response) => response.writeHead(status).end()
        assert.equal((await http.request({ path: '/' })).status, status)
      }
      assert.equal(server.connections(), 1)
    })

    it('decodes by content type, by XML declaration, and takes what does not fit', async () => {
      const http = client({ baseUrl: server.url })
      const text = async (body: Buffer, type?: string): Promise<string> => {
        handle = (_request, response) => response.writeHead(200, type === undefined ? {} : { 'Content-Type': type }).end(body)
        return (await http.request({ path: '/' })).text()
      }
      assert.equal(await text(Buffer.from('é', 'latin1'), 'text/xml;charset=ISO-8859-1'), 'é')
      assert.equal(await text(Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>', 'latin1')), '<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>')
      assert.equal(await text(Buffer.from('\uFEFFé'), 'application/json'), 'é')
      assert.equal(await text(Buffer.from([0xE9]), 'text/plain; charset=utf-8'), '\uFFFD')
      assert.equal(await text(Buffer.from('x'), 'text/plain; charset=nonsense'), 'x')
      assert.equal(await text(Buffer.alloc(0)), '')
    })

    it('decompresses within the size limit', async () => {
      const http = client({ baseUrl: server.url, maxReplyBytes: 1000 })
      handle = (_request, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('a'.repeat(900)))
      assert.equal((await http.request({ path: '/' })).text().length, 900)
      handle = (_request, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('a'.repeat(100_000)))
      await failure(http.request({ path: '/' }), 'CTI_PROTOCOL')
      handle = (_request, response) => response.end('a'.repeat(1001))
      for (const way of ['request', 'fire'] as const) await failure(http[way]({ path: '/' }), 'CTI_PROTOCOL')
    })

    it('takes no proxy from the environment', async () => {
      const before = process.env.http_proxy
      process.env.http_proxy = 'http://127.0.0.1:9'
      try {
        assert.equal((await client().request({ url: server.url })).status, 200)
      } finally {
        if (before === undefined) delete process.env.http_proxy
        else process.env.http_proxy = before
      }
    })

    it('refuses methods, addresses and headers that are none', async () => {
      for (const way of WAYS) await failure(client({ baseUrl: server.url })[way]({ method: 'GE T', path: '/' }), 'CTI_INVALID_REQUEST')
      await failure(client().request({ path: '/x' }), 'CTI_INVALID_REQUEST')
      await failure(client().request({ url: 'ftp://example.com/' }), 'CTI_INVALID_REQUEST')
      await failure(client({ baseUrl: server.url }).request({ path: '/', headers: { 'X-A': 'a\r\nX-B: hidden' } }), 'CTI_INVALID_REQUEST')
      assert.equal(seen.length, 0)
    })
  })

  describe('redirects', () => {
    for (const status of [301, 302, 307, 308]) {
      it(`repeats method, body and login on the same host for ${status}`, async () => {
        handle = (request, response) => {
          if (request.url === '/new') response.end('there')
          else response.writeHead(status, { Location: '/new' }).end('gone')
        }
        const reply = await client({ baseUrl: server.url, headers: { Authorization: SECRET } }).request({ method: 'PUT', path: '/old', body: 'x' })
        assert.equal(reply.text(), 'there')
        assert.equal(reply.url, `${server.url}/new`)
        assert.deepEqual([seen[1].method, seen[1].body, seen[1].headers.authorization], ['PUT', 'x', SECRET])
      })
    }

    it('drops login and cookie on the way to another origin unless that is trusted', async () => {
      const headers: http.IncomingHttpHeaders[] = []
      const other = keep(await httpServer((request, response) => {
        headers.push(request.headers)
        response.end()
      }))
      handle = (_request, response) => response.writeHead(302, { Location: `${other.url}/x` }).end()
      const request: HttpRequest = { path: '/', headers: { Authorization: SECRET, Cookie: 'a=1', 'X-Kept': '1' } }
      assert.equal((await client({ baseUrl: server.url }).request(request)).url, `${other.url}/x`)
      await client({ baseUrl: server.url, trustRedirect: (_from, to) => to.port === String(other.port) }).request(request)
      assert.deepEqual(headers.map((one) => [one.authorization, one.cookie, one['x-kept'], one.host]), [
        [undefined, undefined, '1', `127.0.0.1:${other.port}`], [SECRET, 'a=1', '1', `127.0.0.1:${other.port}`]
      ])
    })

    it('ends a circle, and hands over redirects that lead nowhere or are not wanted', async () => {
      handle = (_request, response) => response.writeHead(302, { Location: '/again' }).end()
      await failure(client({ baseUrl: server.url }).request({ path: '/' }), 'CTI_PROTOCOL')
      assert.equal(seen.length, 6)
      assert.equal((await client({ baseUrl: server.url, maxRedirects: 0 }).request({ path: '/' })).status, 302)
      handle = (_request, response) => response.writeHead(302, { Location: 'javascript:alert(1)' }).end()
      assert.equal((await client({ baseUrl: server.url }).request({ path: '/' })).status, 302)
      handle = (_request, response) => response.writeHead(302).end()
      assert.equal((await client({ baseUrl: server.url }).request({ path: '/' })).status, 302)
    })
  })

  describe('limits', () => {
    for (const way of ['request', 'fire', 'openStream'] as const) {
      it(`${way}: no answer in time is CTI_TIMEOUT, an abort its reason, a close CTI_NOT_CONNECTED`, async () => {
        handle = () => undefined
        const http = client({ baseUrl: server.url, timeoutMs: 40 })
        await failure(http[way]({ path: '/', headers: { Authorization: SECRET } }), 'CTI_TIMEOUT')
        const controller = new AbortController()
        const aborted = http[way]({ path: '/', signal: controller.signal, timeoutMs: 5000 })
        controller.abort(new CtiError('CTI_CONFLICT', 'other'))
        await failure(aborted, 'CTI_CONFLICT')
        await failure(http[way]({ path: '/', signal: AbortSignal.abort() }), 'CTI_NOT_CONNECTED')
        const closed = http[way]({ path: '/', timeoutMs: 5000 })
        http.close()
        await failure(closed, 'CTI_NOT_CONNECTED')
        await failure(http[way]({ path: '/' }), 'CTI_NOT_CONNECTED')
      })
    }

    it('counts the body in: a reply that never ends is CTI_TIMEOUT', async () => {
      handle = (_request, response) => { response.write('begin') }
      const http = client({ baseUrl: server.url, timeoutMs: 60 })
      await failure(http.request({ path: '/' }), 'CTI_TIMEOUT')
      await failure(http.fire({ path: '/' }), 'CTI_TIMEOUT')
    })

    it('gives up a connection that is never made', async () => {
      const silent = keep(await rawServer(() => undefined))
      const http = client({ connectTimeoutMs: 40, timeoutMs: 5000 })
      const error = await failure(http.request({ url: `https://127.0.0.1:${silent.port}/` }), 'CTI_TIMEOUT')
      assert.equal(error.cause.sent, false)
    })

    it('tells apart refused, unknown host and reset', async () => {
      const gone = await httpServer(() => undefined)
      await gone.close()
      const http = client()
      for (const way of WAYS) {
        const refused = await failure(http[way]({ url: `${gone.url}/?key=hidden`, headers: { Authorization: SECRET } }), 'CTI_UNAVAILABLE')
        assert.deepEqual([refused.cause.code, refused.cause.retryable, refused.cause.sent], ['ECONNREFUSED', true, false])
      }
      const reset = keep(await rawServer((socket) => { socket.once('data', () => socket.resetAndDestroy()) }))
      for (const way of WAYS) {
        const error = await failure(http[way]({ url: reset.url, idempotent: true }), 'CTI_UNAVAILABLE')
        assert.equal(error.cause.sent, true)
      }
      assert.equal(reset.connections(), 3, 'a fresh connection is not repeated')
      await failure(http.request({ url: 'http://no-such-host.invalid/' }), 'CTI_UNAVAILABLE')
    })

    it('reports what is not HTTP', async () => {
      const other = keep(await rawServer((socket) => { socket.end('SSH-2.0-OpenSSH\r\n') }))
      const http = client()
      for (const way of WAYS) await failure(http[way]({ url: other.url }), 'CTI_PROTOCOL')
    })

    it('keeps to the number of sockets', async () => {
      const waiting: http.ServerResponse[] = []
      handle = (_request, response) => {
        waiting.push(response)
        if (waiting.length === 2) for (const one of waiting.splice(0)) one.end()
      }
      const http = client({ baseUrl: server.url, maxSockets: 2, maxFireSockets: 2 })
      await Promise.all(Array.from({ length: 10 }, () => http.request({ path: '/' })))
      assert.equal(server.connections(), 2)
      await Promise.all(Array.from({ length: 10 }, () => http.fire({ path: '/' })))
      assert.equal(server.connections(), 4)
    })
  })

  describe('a kept connection that the server has given up', () => {
    for (const way of ['request', 'fire'] as const) {
      it(`${way}: repeats an idempotent request once, and no other`, async () => {
        let answered = 0
        const dying = keep(await rawServer((socket) => {
          let requests = 0
          socket.on('data', () => {
            if (++requests > 1) socket.resetAndDestroy()
            else {
              answered++
              socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
            }
          })
        }))
        const http = client({ baseUrl: dying.url, maxSockets: 1, maxFireSockets: 1 })
        assert.equal((await http[way]({ path: '/' })).status, 200)
        assert.equal((await http[way]({ path: '/', idempotent: true })).status, 200)
        assert.equal(answered, 2)
        await failure(http[way]({ method: 'POST', path: '/', body: 'x' }), 'CTI_UNAVAILABLE')
        assert.equal(answered, 2)
      })
    }
  })

  describe('fire', () => {
    it('posts on few kept connections and gives the status', async () => {
      handle = (_request, response) => response.writeHead(202).end('x')
      const http = client({ baseUrl: server.url, maxFireSockets: 2 })
      const replies = await Promise.all(Array.from({ length: 50 }, (_, index) => http.fire({ method: 'POST', path: '/ack', body: `<n>${index}</n>` })))
      assert.ok(replies.every((reply) => reply.status === 202 && reply.text() === 'x'))
      assert.deepEqual(seen.map((one) => one.body).sort(), replies.map((_, index) => `<n>${index}</n>`).sort())
      assert.equal(server.connections(), 2)
    })

    it('gives up all that hang on one signal, waiting ones too, and leaves no listener behind', async () => {
      handle = () => undefined
      const http = client({ baseUrl: server.url, maxFireSockets: 2, timeoutMs: 5000 })
      const controller = new AbortController()
      const shots = Array.from({ length: 30 }, () => http.fire({ path: '/', signal: controller.signal }))
      assert.equal(getEventListeners(controller.signal, 'abort').length, 1)
      controller.abort()
      for (const shot of shots) await failure(shot, 'CTI_NOT_CONNECTED')
      assert.equal(getEventListeners(controller.signal, 'abort').length, 0)
      handle = (_request, response) => response.end()
      assert.equal((await http.fire({ path: '/' })).status, 200)
    })

    it('refuses more than the queue holds, and takes again when there is room', async () => {
      const http = client({ baseUrl: server.url, maxFireQueued: 3 })
      const first = [1, 2, 3].map(() => http.fire({ path: '/' }))
      await failure(http.fire({ path: '/' }), 'CTI_RATE_LIMITED')
      await Promise.all(first)
      assert.equal((await http.fire({ path: '/' })).status, 200)
    })
  })

  describe('streams', () => {
    it('gives pieces as they come, without time-out after the head, and the proper end', async () => {
      let response: http.ServerResponse | undefined
      handle = (_request, answer) => {
        response = answer
        answer.writeHead(200, { 'Content-Type': 'text/xml' }).write('<a/>')
      }
      const stream = await client({ baseUrl: server.url, timeoutMs: 30 }).openStream({ method: 'POST', path: '/channel', body: 'x' })
      assert.deepEqual([stream.status, stream.headers['content-type'], stream.remoteAddress, stream.url], [200, 'text/xml', '127.0.0.1', `${server.url}/channel`])
      assert.equal(seen[0].headers.connection, 'keep-alive')
      let text = ''
      const ended = new Promise<unknown>((resolve) => {
        stream.listen({
          data: (chunk) => {
            text += String(chunk)
            if (text === '<a/>') setTimeout(() => response?.write('<b/>'), 60)
            else response?.end()
          },
          end: resolve
        })
      })
      assert.equal(await ended, undefined)
      assert.equal(text, '<a/><b/>')
    })

    it('tells a cut from an end, once', async () => {
      handle = (_request, answer) => answer.writeHead(200).write('x')
      const stream = await client({ baseUrl: server.url }).openStream({ path: '/' })
      const ends: unknown[] = []
      await new Promise<void>((resolve) => {
        stream.listen({
          data: () => server.server.emit('cut'),
          end: (error) => {
            ends.push(error)
            resolve()
          }
        })
        server.server.once('cut', () => void server.close())
      })
      assert.ok(ends[0] instanceof CtiError && ends[0].code === 'CTI_UNAVAILABLE')
      assert.equal(ends.length, 1)
    })

    it('tells of a cut that came before anyone listened', async () => {
      const sockets: net.Socket[] = []
      const cutting = keep(await rawServer((socket) => {
        sockets.push(socket)
        socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'))
      }))
      const stream = await client().openStream({ url: cutting.url })
      sockets[0].destroy()
      await once(sockets[0], 'close')
      await new Promise((resolve) => setImmediate(resolve))
      const error = await new Promise((resolve) => stream.listen({ data: () => undefined, end: resolve }))
      assert.ok(error instanceof CtiError && error.code === 'CTI_UNAVAILABLE')
    })

    it('says nothing more after destroy', async () => {
      handle = (_request, answer) => answer.writeHead(200).write('x')
      const stream = await client({ baseUrl: server.url }).openStream({ path: '/' })
      let calls = 0
      await new Promise<void>((resolve) => {
        stream.listen({
          data: () => {
            stream.destroy()
            resolve()
          },
          end: () => calls++
        })
      })
      await new Promise((resolve) => setImmediate(resolve))
      assert.equal(calls, 0)
    })

    it('gives the body of an error as a reply', async () => {
      handle = (_request, answer) => answer.writeHead(403, { 'Content-Type': 'text/xml;charset=ISO-8859-1' }).end(Buffer.from('<é/>', 'latin1'))
      const stream = await client({ baseUrl: server.url }).openStream({ path: '/' })
      const reply = await stream.reply()
      assert.deepEqual([reply.status, reply.text()], [403, '<é/>'])
      handle = (_request, answer) => answer.writeHead(403).write('x')
      await failure((await client({ baseUrl: server.url }).openStream({ path: '/' })).reply(30), 'CTI_TIMEOUT')
    })

    it('follows redirects with method and body', async () => {
      handle = (request, answer) => {
        if (request.url === '/b') answer.end('here')
        else answer.writeHead(302, { Location: '/b' }).end()
      }
      const stream = await client({ baseUrl: server.url }).openStream({ method: 'POST', path: '/a', body: 'x' })
      assert.equal(stream.url, `${server.url}/b`)
      assert.equal((await stream.reply()).text(), 'here')
      assert.deepEqual(seen.map((one) => one.body), ['x', 'x'])
    })

    it('holds the server back while paused', async () => {
      const total = 64
      const piece = Buffer.alloc(1024 * 1024)
      let written = 0
      handle = (request, answer) => {
        if (request.url === '/other') {
          answer.end()
          return
        }
        const more = (): void => {
          if (written === total) answer.end()
          else answer.write(piece, () => {
            written++
            more()
          })
        }
        more()
      }
      const http = client({ baseUrl: server.url })
      const stream: HttpStream = await http.openStream({ path: '/' })
      let received = 0
      const ended = new Promise((resolve) => stream.listen({ data: (chunk) => { received += chunk.length }, end: resolve }))
      stream.pause()
      for (let count = 0; count < 50; count++) await http.request({ path: '/other' })
      assert.ok(written < total, 'the server could write all')
      stream.resume()
      assert.equal(await ended, undefined)
      assert.equal(received, total * piece.length)
    })
  })

  describe('TLS', () => {
    let ca: string
    let fingerprint256: string
    before(async () => {
      ca = (await certificate()).cert
      fingerprint256 = new X509Certificate(ca).fingerprint256
    })
    let secure: TestServer
    beforeEach(async () => { secure = keep(await httpsServer((_request, response) => response.end('secret'))) })

    it('refuses a certificate that nothing vouches for, and says what to do', async () => {
      for (const way of ['request', 'fire', 'openStream'] as const) {
        const error = await failure(client()[way]({ url: secure.url, headers: { Authorization: SECRET } }), 'CTI_UNAVAILABLE')
        assert.match(error.message, /certificate was not accepted: it is self-signed.*TLS configuration/)
      }
    })

    it('accepts it by authority, by fingerprint, or when told not to look', async () => {
      for (const tls of [{ ca }, { fingerprint256 }, { fingerprint256: fingerprint256.replaceAll(':', '').toLowerCase() }, { rejectUnauthorized: false }]) {
        const http = client({ tls })
        for (const way of ['request', 'fire'] as const) assert.equal((await http[way]({ url: secure.url })).text(), 'secret')
        assert.equal((await (await http.openStream({ url: secure.url })).reply()).text(), 'secret')
      }
    })

    it('refuses another certificate than the pinned one, and a name that is not in it', async () => {
      const pinned = client({ tls: { fingerprint256: 'ab'.repeat(32), rejectUnauthorized: false } })
      assert.match((await failure(pinned.request({ url: secure.url }), 'CTI_UNAVAILABLE')).message, /not the pinned one/)
      const named = client({ tls: { ca, servername: 'other.example.com' } })
      assert.match((await failure(named.request({ url: secure.url }), 'CTI_UNAVAILABLE')).message, /another host name/)
    })

    it('says at once that TLS material or a proxy address cannot be used', () => {
      for (const options of [{ tls: { key: 'hidden', cert: 'x' } }, { tls: { fingerprint256: 'abc' } }, { proxy: 'socks5://user:hidden@x' }, { proxy: 'http://:hidden@' }]) {
        assert.throws(() => createHttpClient(options), (error) => error instanceof CtiError && error.code === 'CTI_INVALID_REQUEST' && !error.message.includes('hidden'))
      }
    })

    it('notices plain HTTP behind https', async () => {
      await failure(client().request({ url: server.url.replace('http', 'https') }), 'CTI_UNAVAILABLE')
    })

    it('connects to the pinned address and keeps host header and name', async () => {
      const http = client({ tls: { ca } })
      const pinned = keep(http.pinned('localhost', '127.0.0.1'))
      assert.equal((await pinned.request({ url: `https://localhost:${secure.port}/` })).text(), 'secret')
      const unknown = keep(client().pinned('xsp1.example.com', '127.0.0.1'))
      await unknown.fire({ url: `http://xsp1.example.com:${server.port}/` })
      assert.equal(seen[0].headers.host, `xsp1.example.com:${server.port}`)
    })
  })

  describe('through a proxy', () => {
    it('tunnels http, https and streams, with the login for the proxy only', async () => {
      const proxy = keep(await proxyServer('user:p@ss'))
      const secure = keep(await httpsServer((request, response) => response.end(request.headers['proxy-authorization'] ?? 'none')))
      const http = client({ proxy: `http://user:p%40ss@127.0.0.1:${proxy.port}`, tls: { ca: (await certificate()).cert } })
      assert.equal((await http.request({ url: secure.url })).text(), 'none')
      assert.equal((await http.fire({ url: secure.url })).text(), 'none')
      const stream = await http.openStream({ url: secure.url })
      assert.equal(stream.remoteAddress, undefined)
      assert.equal((await stream.reply()).text(), 'none')
      assert.equal((await http.request({ url: server.url })).text(), 'ok')
      assert.deepEqual([...new Set(proxy.asked.map((one) => one.authority))], [`127.0.0.1:${secure.port}`, `127.0.0.1:${server.port}`])
      assert.equal(seen[0].headers['proxy-authorization'], undefined)
    })

    it('says that the proxy refused, or is not there', async () => {
      const proxy = keep(await proxyServer('user:right'))
      const error = await failure(client({ proxy: `http://user:hidden@127.0.0.1:${proxy.port}` }).request({ url: server.url }), 'CTI_UNAVAILABLE')
      assert.match(error.message, /proxy asks for a user name/)
      await proxy.close()
      await failure(client({ proxy: `http://user:hidden@127.0.0.1:${proxy.port}` }).request({ url: server.url }), 'CTI_UNAVAILABLE')
    })
  })
})
