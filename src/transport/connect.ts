/** Opens sockets: direct or through an HTTP proxy (CONNECT), plain or TLS, within a time limit. The one place where a connection is made. */
import http from 'node:http'
import net from 'node:net'
import tls from 'node:tls'
import { CtiError } from '../model'
import { fingerprintError, type TlsOptions, type TlsSettings, tlsSettings } from './tls'

export interface ConnectOptions {
  tls?: TlsOptions
  /** `http://[user:password@]host[:port]`; http, https and web sockets all go through a tunnel. */
  proxy?: string
  /** ms for name, TCP, proxy and TLS together. Default 10,000. */
  connectTimeoutMs?: number
  /** Connect to this address when `host` is asked for; Host header and TLS name stay (xsi.md 10, trap 1). */
  pin?: { host: string; address: string }
}

export interface Target { host: string; port: number; secure: boolean }

const CONNECT_TIMEOUT = 10_000
const KEEPALIVE_AFTER = 15_000
const KEPT_SESSIONS = 32

/** Codes of errors made here, told apart by `httpErrors.ts`. */
export const CONNECT_TIMED_OUT = 'CONNECT_TIMED_OUT'
export const PROXY_REFUSED = 'PROXY_REFUSED'
export const CLIENT_CLOSED = 'CLIENT_CLOSED'

interface Proxy { host: string; port: number; authorization?: string }

function problem (code: string, text: string, more: object = {}): Error {
  return Object.assign(new Error(text), { code, ...more })
}

function parseProxy (text: string): Proxy {
  let url: URL
  try {
    url = new URL(text.includes('://') ? text : `http://${text}`)
  } catch {
    // The text may hold a password: it is not repeated.
    throw new CtiError('CTI_INVALID_REQUEST', 'The proxy is not a URL: it must look like http://host:port.', { retryable: false })
  }
  if (url.protocol !== 'http:') throw new CtiError('CTI_INVALID_REQUEST', `The proxy must be an http:// URL, not ${url.protocol}//.`, { retryable: false })
  const login = url.username === '' ? undefined : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return {
    host: bareHost(url.hostname),
    port: Number(url.port || 80),
    ...(login === undefined ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` })
  }
}

/** Host of a URL as sockets want it: no brackets around IPv6. */
export function bareHost (hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}

/** Where a URL leads: http, https, ws, wss. */
export function targetOf (url: URL): Target {
  const secure = url.protocol === 'https:' || url.protocol === 'wss:'
  return { host: bareHost(url.hostname), port: Number(url.port || (secure ? 443 : 80)), secure }
}

export class Connector {
  private readonly proxy: Proxy | undefined
  private readonly settings: TlsSettings
  private readonly opening = new Set<() => void>()
  private readonly sessions = new Map<string, Buffer>()
  private closed = false

  /** @throws CtiError CTI_INVALID_REQUEST for a proxy or TLS material that cannot be used */
  constructor (private readonly options: ConnectOptions, shared?: TlsSettings) {
    this.proxy = options.proxy ? parseProxy(options.proxy) : undefined
    this.settings = shared ?? tlsSettings(options.tls)
  }

  get tls (): TlsSettings { return this.settings }
  get proxied (): boolean { return this.proxy !== undefined }

  /**
   * @param done called once, with a socket that is connected (and secure, when asked), or with what went wrong
   * @returns stops the attempt; nothing is called then
   */
  connect (target: Target, done: (error: Error | undefined, socket?: net.Socket) => void): () => void {
    const attempt = new Attempt(this.options.connectTimeoutMs ?? CONNECT_TIMEOUT, (error, socket) => {
      this.opening.delete(stop)
      done(error, socket)
    })
    const stop = (): void => {
      this.opening.delete(stop)
      attempt.stop()
    }
    if (this.closed) {
      process.nextTick(() => attempt.fail(problem(CLIENT_CLOSED, 'the client is closed')))
      return stop
    }
    this.opening.add(stop)
    if (this.proxy === undefined) this.direct(target, attempt)
    else this.tunnel(this.proxy, target, attempt)
    return stop
  }

  /** Ends attempts under way; sockets handed out are their owner's. */
  close (): void {
    this.closed = true
    for (const stop of [...this.opening]) stop()
    this.sessions.clear()
  }

  private address (host: string): string {
    const { pin } = this.options
    return pin !== undefined && pin.host.toLowerCase() === host.toLowerCase() ? pin.address : host
  }

  private direct (target: Target, attempt: Attempt): void {
    const place = { host: this.address(target.host), port: target.port }
    if (target.secure) {
      this.secure(place, target, attempt)
      return
    }
    const socket = net.connect(place)
    attempt.watch(socket)
    socket.once('connect', () => attempt.succeed(socket))
  }

  private tunnel (proxy: Proxy, target: Target, attempt: Attempt): void {
    const host = this.address(target.host)
    const authority = `${net.isIPv6(host) ? `[${host}]` : host}:${target.port}`
    const request = http.request({
      host: proxy.host, port: proxy.port, method: 'CONNECT', path: authority, agent: false,
      headers: { Host: authority, ...(proxy.authorization === undefined ? {} : { 'Proxy-Authorization': proxy.authorization }) }
    })
    attempt.onStop(() => request.destroy())
    request.on('error', (error) => attempt.fail(error))
    request.on('response', (response) => {
      response.resume()
      attempt.fail(problem(PROXY_REFUSED, 'the proxy refused', { status: response.statusCode }))
    })
    request.on('connect', (response, socket: net.Socket, head) => {
      if (response.statusCode !== 200) {
        socket.destroy()
        attempt.fail(problem(PROXY_REFUSED, 'the proxy refused', { status: response.statusCode }))
        return
      }
      if (head.length > 0) socket.unshift(head)
      attempt.watch(socket)
      if (target.secure) this.secure({ socket }, target, attempt)
      else attempt.succeed(socket)
    })
    request.end()
  }

  /** TLS to a place, or over a tunnel. */
  private secure (over: { host: string; port: number } | { socket: net.Socket }, target: Target, attempt: Attempt): void {
    const { secureContext, rejectUnauthorized, servername } = this.settings
    const name = servername ?? target.host
    const key = `${name}:${target.port}`
    // A resumed session shows no certificate to compare with a pinned one in every version of TLS.
    const session = this.settings.fingerprint256 === undefined ? this.sessions.get(key) : undefined
    const secure = tls.connect({
      ...over, secureContext, rejectUnauthorized, session, ALPNProtocols: ['http/1.1'], checkServerIdentity: (_host, shown) => tls.checkServerIdentity(name, shown),
      ...(net.isIP(name) === 0 ? { servername: name } : {})
    })
    attempt.watch(secure)
    secure.on('session', (ticket) => this.remember(key, ticket))
    secure.once('secureConnect', () => {
      const wrong = fingerprintError(secure, this.settings)
      if (wrong === undefined) attempt.succeed(secure)
      else attempt.fail(wrong)
    })
  }

  private remember (key: string, session: Buffer): void {
    if (this.closed) return
    this.sessions.delete(key)
    this.sessions.set(key, session)
    const [oldest] = this.sessions.keys()
    if (this.sessions.size > KEPT_SESSIONS) this.sessions.delete(oldest)
  }
}

/** One attempt: ends once, and then leaves neither timer nor socket behind. */
class Attempt {
  private over = false
  private readonly sockets: { socket: net.Socket; failed: (error?: Error | boolean) => void }[] = []
  private readonly stops: (() => void)[] = []
  private readonly timer: NodeJS.Timeout

  constructor (ms: number, private readonly done: (error: Error | undefined, socket?: net.Socket) => void) {
    this.timer = setTimeout(() => this.fail(problem(CONNECT_TIMED_OUT, `no connection within ${ms} ms`)), ms)
  }

  watch (socket: net.Socket): void {
    const failed = (error?: Error | boolean): void => this.fail(error instanceof Error ? error : problem('ECONNRESET', 'the connection was closed'))
    socket.on('error', failed)
    socket.on('close', failed)
    this.sockets.push({ socket, failed })
    if (this.over) socket.destroy()
  }

  onStop (stop: () => void): void {
    this.stops.push(stop)
  }

  succeed (socket: net.Socket): void {
    if (!this.settle()) {
      socket.destroy()
      return
    }
    socket.setNoDelay(true)
    socket.setKeepAlive(true, KEEPALIVE_AFTER)
    for (const watched of this.sockets) {
      watched.socket.off('close', watched.failed)
      // The raw socket under TLS keeps its listener: its errors come again on the TLS socket.
      if (watched.socket === socket) socket.off('error', watched.failed)
    }
    this.done(undefined, socket)
  }

  fail (error: Error): void {
    if (!this.settle()) return
    this.tearDown()
    this.done(error)
  }

  stop (): void {
    if (this.settle()) this.tearDown()
  }

  private settle (): boolean {
    if (this.over) return false
    this.over = true
    clearTimeout(this.timer)
    return true
  }

  private tearDown (): void {
    for (const stop of this.stops) stop()
    // From the top: a socket must not go while the TLS above it is in the middle of a handshake.
    this.sockets.at(-1)?.socket.destroy()
    setImmediate(() => { for (const { socket } of this.sockets) socket.destroy() })
  }
}
