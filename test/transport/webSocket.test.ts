import assert from 'node:assert/strict'
import { once } from 'node:events'
import type http from 'node:http'
import type WebSocket from 'ws'
import { WebSocketServer } from 'ws'
import { CtiError, type ErrorCode } from '../../src/model'
import { WebSocketClient, type WebSocketListener, type WebSocketOptions } from '../../src/transport/webSocket'
import { certificate, httpServer, httpsServer, proxyServer, rawServer, type TestServer } from './servers'

interface Closed { code: number; reason: string; error?: CtiError }

/** Collects what a socket says, and lets a test wait for it. */
class Ear implements WebSocketListener {
  readonly messages: (string | Buffer)[] = []
  private readonly waiters: (() => void)[] = []
  readonly closed: Promise<Closed>
  private settle: (closed: Closed) => void = () => undefined
  closes = 0

  constructor () { this.closed = new Promise((resolve) => { this.settle = resolve }) }

  message (text: string | undefined, bytes: Buffer | undefined): void {
    this.messages.push(text ?? bytes as Buffer)
    for (const wake of this.waiters.splice(0)) wake()
  }

  async count (messages: number): Promise<void> {
    while (this.messages.length < messages) await new Promise<void>((resolve) => this.waiters.push(resolve))
  }

  close (code: number, reason: string, error?: CtiError): void {
    this.closes++
    this.settle({ code, reason, ...(error === undefined ? {} : { error }) })
  }
}

describe('Web socket client', () => {
  let server: TestServer
  let peers: WebSocketServer
  let url: string
  const open: { close (): unknown }[] = []
  const clients: WebSocketClient[] = []

  beforeEach(async () => {
    server = await httpServer((_request, response) => response.writeHead(401, { 'Retry-After': '3' }).end())
    peers = new WebSocketServer({ noServer: true })
    accept(server)
    url = server.url.replace('http', 'ws')
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.terminate()
    for (const peer of peers.clients) peer.terminate()
    await Promise.all(open.splice(0).map((item) => item.close()))
    await server.close()
  })

  function accept (on: TestServer): void {
    on.server.on('upgrade', (request: http.IncomingMessage, socket, head) => {
      if (request.url === '/refused') socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')
      else peers.handleUpgrade(request, socket, head, (peer) => peers.emit('connection', peer, request))
    })
  }

  async function connect (listener: WebSocketListener, options: Partial<WebSocketOptions> = {}): Promise<{ client: WebSocketClient; peer: WebSocket; request: http.IncomingMessage }> {
    const connected = once(peers, 'connection') as Promise<[WebSocket, http.IncomingMessage]>
    const client = await WebSocketClient.open({ vendor: 'five9', url, pingIntervalMs: 0, ...options }, listener)
    clients.push(client)
    const [peer, request] = await connected
    peer.on('error', () => undefined)
    return { client, peer, request }
  }

  async function failure (options: Partial<WebSocketOptions>, code: ErrorCode): Promise<CtiError> {
    const error: unknown = await WebSocketClient.open({ vendor: 'five9', url, ...options }, new Ear()).then(() => assert.fail('it opened'), (thrown: unknown) => thrown)
    assert.ok(error instanceof CtiError, String(error))
    assert.equal(error.code, code, error.message)
    assert.ok(!error.message.includes('hidden'))
    return error
  }

  it('sends and receives text and bytes, without compression, with headers and protocol', async () => {
    const ear = new Ear()
    const { client, peer, request } = await connect(ear, { headers: { Authorization: 'Bearer x' }, protocols: ['v1'] })
    peer.on('message', (data, binary) => peer.send(data as Buffer, { binary }))
    client.send('Žofie')
    client.send(Buffer.from([1, 2]))
    await ear.count(2)
    assert.deepEqual(ear.messages, ['Žofie', Buffer.from([1, 2])])
    assert.equal(request.headers.authorization, 'Bearer x')
    assert.equal(request.headers['sec-websocket-protocol'], 'v1')
    assert.equal(request.headers['sec-websocket-extensions'], undefined)
  })

  it('loses no message that comes with the handshake', async () => {
    peers.once('connection', (peer: WebSocket) => { for (let count = 0; count < 5; count++) peer.send(String(count)) })
    const ear = new Ear()
    await connect(ear)
    await ear.count(5)
    assert.deepEqual(ear.messages, ['0', '1', '2', '3', '4'])
  })

  it('says why it did not open', async () => {
    await failure({ url: `${url}/refused` }, 'CTI_FORBIDDEN')
    const gone = await httpServer(() => undefined)
    await gone.close()
    await failure({ url: `ws://127.0.0.1:${gone.port}/?token=hidden` }, 'CTI_UNAVAILABLE')
    await failure({ url: 'nonsense' }, 'CTI_INVALID_REQUEST')
    const plain = await httpServer((_request, response) => response.writeHead(503, { 'Retry-After': '3' }).end())
    open.push(plain)
    plain.server.removeAllListeners('upgrade')
    assert.equal((await failure({ url: plain.url.replace('http', 'ws') }, 'CTI_UNAVAILABLE')).cause.retryAfterMs, 3000)
    const silent = await rawServer(() => undefined)
    open.push(silent)
    await failure({ url: silent.url.replace('http', 'ws'), handshakeTimeoutMs: 40 }, 'CTI_TIMEOUT')
    await failure({ signal: AbortSignal.abort() }, 'CTI_NOT_CONNECTED')
  })

  it('tells when the other side closes or vanishes, once', async () => {
    const polite = new Ear()
    const first = await connect(polite)
    first.peer.close(4001, 'logged in elsewhere')
    const said = await polite.closed
    assert.deepEqual([said.code, said.reason, said.error?.code], [4001, 'logged in elsewhere', 'CTI_UNAVAILABLE'])
    const cut = new Ear()
    const second = await connect(cut)
    second.peer.terminate()
    assert.deepEqual([(await cut.closed).code, cut.closes], [1006, 1])
    assert.throws(() => second.client.send('x'), (error) => error instanceof CtiError && error.code === 'CTI_NOT_CONNECTED')
  })

  it('closes with a goodbye, or cuts when the other side does not answer', async () => {
    const ear = new Ear()
    const { client, peer } = await connect(ear)
    const heard = once(peer, 'close') as Promise<[number, Buffer]>
    client.close(1000, 'bye')
    assert.deepEqual([(await heard)[0], String((await heard)[1])], [1000, 'bye'])
    assert.equal((await ear.closed).error, undefined)
    const deaf = new Ear()
    const other = await connect(deaf, { closeTimeoutMs: 30 })
    other.peer.pause()
    other.client.close()
    assert.deepEqual([(await deaf.closed).code, (await deaf.closed).error], [1006, undefined])
  })

  it('pings, and gives up a side that shows no life', async () => {
    const ear = new Ear()
    const { peer } = await connect(ear, { pingIntervalMs: 10, pongTimeoutMs: 60 })
    await once(peer, 'ping')
    await once(peer, 'ping')
    peer.pause()
    assert.equal((await ear.closed).error?.code, 'CTI_TIMEOUT')
  })

  it('ends on a message above the limit, on wrong frames and on a receiver that throws', async () => {
    const large = new Ear()
    const first = await connect(large, { maxPayloadBytes: 100 })
    first.peer.send('x'.repeat(101))
    assert.equal((await large.closed).error?.code, 'CTI_PROTOCOL')
    const throwing = new Ear()
    throwing.message = () => { throw new Error('receiver') }
    const second = await connect(throwing)
    second.peer.send('x')
    assert.equal((await throwing.closed).error?.code, 'CTI_PROTOCOL')
  })

  it('reads nothing while paused, and refuses to send to a side that does not read', async () => {
    const ear = new Ear()
    const { client, peer } = await connect(ear, { maxBufferedBytes: 1000 })
    client.pause()
    peer.send('later')
    const pong = once(peer, 'message')
    client.send('x')
    await pong
    assert.deepEqual(ear.messages, [])
    client.resume()
    await ear.count(1)
    peer.pause()
    assert.throws(() => {
      for (let count = 0; count < 1000; count++) client.send('y'.repeat(100_000))
    }, (error) => error instanceof CtiError && error.code === 'CTI_UNAVAILABLE')
  })

  it('ends when its signal is aborted', async () => {
    const ear = new Ear()
    const controller = new AbortController()
    await connect(ear, { signal: controller.signal })
    controller.abort()
    assert.equal((await ear.closed).error, undefined)
  })

  it('opens over TLS and through a proxy, and refuses a wrong certificate', async () => {
    const secure = await httpsServer(() => undefined)
    const proxy = await proxyServer('user:hidden')
    open.push(secure, proxy)
    accept(secure)
    const wss = secure.url.replace('https', 'wss')
    await failure({ url: wss }, 'CTI_UNAVAILABLE')
    const ear = new Ear()
    const { client, peer } = await connect(ear, { url: wss, tls: { ca: (await certificate()).cert }, proxy: `http://user:hidden@127.0.0.1:${proxy.port}` })
    peer.send('through')
    await ear.count(1)
    assert.equal(proxy.asked[0].authority, `127.0.0.1:${secure.port}`)
    client.close()
    await ear.closed
    await connect(new Ear(), { proxy: `http://user:hidden@127.0.0.1:${proxy.port}` })
    assert.equal(proxy.asked[1].authority, `127.0.0.1:${server.port}`)
  })
})
