/** A switch for tests: the Web API over plain HTTP and web sockets on this machine, whose answers the test decides. */
import http from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'

export interface Asked { readonly method: string; readonly path: string; readonly query: URLSearchParams; readonly headers: http.IncomingHttpHeaders; readonly body: string; readonly json: Record<string, unknown>; readonly data: Record<string, unknown> }
export interface Answer { status?: number; body?: unknown; headers?: Record<string, string>; never?: true }
type Handler = (asked: Asked) => Answer | undefined

export const USER = 'apiuser'
export const PASSWORD = 'secret'
export const TOKEN = 'Zk3mExampleTokenBase64url43charsLong_aB-cD9'
export const refuse = (status: number, code: number | undefined, message: string): Answer => ({ status, body: { error: { ...(code === undefined ? {} : { code }), message } } })

function objectOf (body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? value as Record<string, unknown> : {}
  } catch {
    return {}
  }
}

export class FakeSwitch {
  readonly asked: Asked[] = []
  readonly upgrades: string[] = []
  readonly states = new Map<string, string>()
  /** Forms of the socket's address that are taken. */
  variants = new Set(['a', 'b', 'c', 'd'])
  upgradeStatus = 404
  tokens = new Set<string>()
  url = ''
  private readonly handlers = new Map<string, Handler>()
  private readonly sockets = new Set<WebSocket>()
  private readonly raw = new Set<Socket>()
  private readonly server = http.createServer((request, response) => this.request(request, response))
  private readonly web = new WebSocketServer({ noServer: true })
  private made = 0

  async start (): Promise<this> {
    this.server.on('connection', (socket) => {
      this.raw.add(socket)
      socket.on('close', () => this.raw.delete(socket))
    })
    this.server.on('upgrade', (request, socket, head) => {
      const url = new URL(request.url ?? '', 'http://127.0.0.1')
      const variant = url.searchParams.has('token') ? 'd' : url.pathname.endsWith('/login') ? 'c' : url.pathname.endsWith('/acd') ? 'b' : 'a'
      this.upgrades.push(variant)
      const token = url.searchParams.get('token') ?? request.headers.authorization?.replace(/^bearer /i, '') ?? ''
      const status = !this.variants.has(variant) ? this.upgradeStatus : this.tokens.has(token) ? 101 : 401
      if (status !== 101) return void socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
      this.web.handleUpgrade(request, socket, head, (client) => {
        this.sockets.add(client)
        client.on('close', () => this.sockets.delete(client))
        client.on('error', () => undefined)
      })
    })
    await new Promise<void>((resolve) => { this.server.listen(0, '127.0.0.1', resolve) })
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
    return this
  }

  async stop (): Promise<void> {
    for (const client of this.sockets) client.terminate()
    for (const socket of this.raw) socket.destroy()
    this.web.close()
    await new Promise<void>((resolve) => { this.server.close(() => resolve()) })
  }

  /** Decides the answer to `METHOD last/part/of/path`; undefined leaves it to the switch. */
  on (what: string, handler: Handler): void {
    this.handlers.set(what, handler)
  }

  push (frame: unknown): void {
    for (const client of this.sockets) client.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  pushBytes (bytes: Buffer): void {
    for (const client of this.sockets) client.send(bytes, { binary: false })
  }

  /** Reads nothing any more, so that pings are not answered. */
  deafen (): void {
    for (const client of this.sockets) client.pause()
  }

  drop (code?: number): void {
    for (const client of this.sockets) if (code === undefined) client.terminate(); else client.close(code)
  }

  get open (): number { return this.sockets.size }

  of (path: string): Asked[] {
    return this.asked.filter((one) => `${one.method} ${one.path}` === path)
  }

  private request (request: http.IncomingMessage, response: http.ServerResponse): void {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const url = new URL(request.url ?? '', this.url)
      const body = Buffer.concat(chunks).toString()
      const json = objectOf(body)
      const path = url.pathname.replace(/^\/ipxapi\/(?:(?:server|client)\/v1\/users\/[^/]+\/)?/, '')
      const asked: Asked = { method: request.method ?? '', path, query: url.searchParams, headers: request.headers, body, json, data: (json.data ?? json) as Record<string, unknown> }
      this.asked.push(asked)
      const { status = 200, body: said, headers, never } = this.handlers.get(`${asked.method} ${path}`)?.(asked) ?? this.answer(asked)
      if (never === true) return
      const text = said === undefined ? '' : typeof said === 'string' ? said : JSON.stringify(said)
      response.writeHead(status, { 'Content-Type': 'application/json', 'Keep-Alive': 'timeout=5, max=100', 'Content-Length': Buffer.byteLength(text), ...headers })
      response.end(text)
    })
  }

  private answer (asked: Asked): Answer {
    const { method, path, data, json, query } = asked
    if (path === 'login') return this.login(asked)
    const token = asked.headers.authorization?.replace(/^bearer /i, '') ?? ''
    if (!this.tokens.has(token)) return refuse(401, 3, 'Invalid Token')
    if (path === 'logout') {
      this.tokens.delete(token)
      return {}
    }
    if (path === 'checkconnection') return { body: {} }
    if (method === 'POST' && (path === 'call/monitor' || path === 'call/presence')) return { body: { result: (json.deviceNumber as string[]).map((one) => ({ [one]: 'OK' })) } }
    const device = String(data.deviceNumber ?? query.get('deviceNumber') ?? '')
    const transaction = json.transactionID === undefined ? {} : { transactionID: json.transactionID }
    if (method === 'GET' && path === 'call/status') return { body: { data: { state: this.states.get(device) ?? 'idle' } } }
    if (method === 'GET' && path === 'call/forward') return { body: { data: { cfwdType: 'disable', destNumber: '' } } }
    if (method === 'GET' && path === 'call/dnd') return { body: { data: { svcType: 'disable' } } }
    if (path === 'call/terminal' || path === 'unknown') return { status: 404, body: '' }
    return { body: { ...transaction, data: {} } }
  }

  private login ({ headers }: Asked): Answer {
    const [user, password] = Buffer.from((headers.authorization ?? '').replace('Basic ', ''), 'base64').toString().split(':')
    if (user !== USER || password !== PASSWORD) return refuse(401, 2, 'Invalid Login Information')
    if (this.tokens.size > 0) return refuse(401, 5, 'Already Login')
    const token = this.made++ === 0 ? TOKEN : `${TOKEN.slice(0, -2)}${String(this.made).padStart(2, '0')}`
    this.tokens.add(token)
    return { body: { token, checkConnectionTimer: 120, systemType: 'iPECS UCP600', systemVersion: 'S-UCP-Rls2008-4.0.33-App', apiVersion: '1.0.0', terminalCount: 2400 } }
  }
}
