/** The HTTP side: login, the table of requests, faults, and the upgrade to the event channel (ipecs.md 2, 3.1). */
import { type IncomingMessage, type ServerResponse } from 'node:http'
import { type Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { bodyOf, guarded, spoil, warn } from '../requests'
import { ApiError, badParameter, badToken, notFound, toApiError } from './errors'
import { type Call, type Reply } from './http'
import { conditionOf, decode, paramsOf, parse, urlOf } from './params'
import { ROUTES } from './routes/index'
import { type AccountType, bearer, demand, type Session } from './sessions'
import { type Site } from './site'
import { EventSocket } from './socket'

const BODY_LIMIT = 256 * 1024
/** So many requests a connection, and it is closed when it is idle (ipecs.md 2.2). */
const REQUESTS_A_SOCKET = 100
const FRAME_LIMIT = 64 * 1024
/** `{base}/{type}/v1/users/{id}/{resource}`; one command is printed without type and version, and both forms work. */
const PATH = /^\/ipxapi\/(?:(server|client)\/v1\/)?users\/([^/]+)\/(.+)$/
const SOCKET_PATH = /^\/ipxapi(?:\/server\/v1\/users\/([^/]+)\/(?:login|acd))?\/?$/
const REASONS: Record<number, string> = { 400: 'Bad Request', 401: 'Unauthorized', 404: 'Not Found' }

interface Incoming { request: IncomingMessage; response: ServerResponse; method: string; url: URL; body: Buffer }
/** An answer with its bytes; undefined text: no body at all. */
interface Answer { status: number; text?: string }

export class IpecsServer {
  private readonly upgrades = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: FRAME_LIMIT })
  /** Requests that a connection had before the present one. */
  private readonly served = new WeakMap<Duplex, number>()
  private lastSocket = 0
  /** Requests since the start. */
  requests = 0

  /** @param opened called when an event channel opens */
  constructor (private readonly site: Site, private readonly opened: () => void) {
    // As the real server spells it; the library writes it small.
    this.upgrades.on('headers', (headers) => {
      const at = headers.findIndex((line) => /^upgrade:/i.test(line))
      if (at !== -1) headers[at] = 'Upgrade: WebSocket'
    })
  }

  /** Listener for a server's `request`. Never throws. */
  readonly listener = guarded((request, response) => {
    this.served.set(request.socket, (this.served.get(request.socket) ?? -1) + 1)
    request.socket.setTimeout(0)
    return this.read(request, response)
  })

  /** Listener for a server's `upgrade`. Never throws. */
  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => { socket.destroy() })
    try {
      const { faults } = this.site
      const where = { face: 'ipecs' as const, method: 'UPGRADE', path: request.url }
      if (!faults.idle && faults.take('hang', where) !== undefined) return
      const status = faults.idle ? undefined : faults.take('status', where)
      if (status !== undefined) return refuse(socket, status.status ?? 500)
      if (!faults.idle && faults.take('cut', where) !== undefined) return void socket.destroy()
      this.accept(request, socket, head)
    } catch (error) {
      refuse(socket, toApiError(error)?.status ?? 500)
    }
  }

  /** Cuts event channels at once; returns how many. */
  drop (id?: string): number {
    const met = this.site.sessions.listening().filter(({ socket }) => id === undefined || socket?.id === id)
    for (const { socket } of met) socket?.cut()
    return met.length
  }

  private accept (request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = urlOf(request.url)
    const match = SOCKET_PATH.exec(url.pathname)
    // A known client sends the header twice, which node joins to a list that the library refuses.
    const wanted = (request.headers.upgrade ?? '').split(',').some((part) => part.trim().toLowerCase() === 'websocket')
    if (match === null || !wanted) throw new ApiError(400, 99, 'Bad Request')
    const user = match[1] === undefined ? undefined : decode(match[1])
    const session = this.site.sessions.require(bearer(request.headers.authorization) ?? url.searchParams.get('token') ?? undefined, 'server', user)
    if (session.socket !== undefined) {
      if (this.site.options.secondSocket === 'refuse') throw new ApiError(400, 99, 'Bad Request')
      session.socket.end(1000)
      delete session.socket
    }
    request.headers.upgrade = 'websocket'
    this.upgrades.handleUpgrade(request, socket, head, (open) => { this.attach(session, open, `${request.socket.remoteAddress ?? ''}:${request.socket.remotePort ?? 0}`) })
  }

  private attach (session: Session, open: WebSocket, peer: string): void {
    const { sessions } = this.site
    const socket = new EventSocket(`socket-${++this.lastSocket}`, peer, open, this.site, (ended) => {
      if (session.socket !== ended) return
      delete session.socket
      if (sessions.list().includes(session)) sessions.touch(session)
    })
    session.socket = socket
    sessions.touch(session)
    this.opened()
  }

  private async read (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const read = await bodyOf(request, response, BODY_LIMIT)
    if (read === undefined) return
    const { body, isTooLarge } = read
    this.requests++
    const incoming = { request, response, method: request.method ?? 'GET', url: urlOf(request.url), body }
    if (isTooLarge) this.send(incoming, errorAnswer(badParameter()))
    else if (!this.spoil(incoming)) this.answer(incoming)
  }

  /** Plays request faults; true when the answer is already taken care of. */
  private spoil (incoming: Incoming): boolean {
    const { faults, clock } = this.site
    const { request, response, method, url } = incoming
    return spoil({ faults, clock, request, response, where: { face: 'ipecs', method, path: url.pathname } }, (fault) => {
      if (fault.retryAfter !== undefined) response.setHeader('Retry-After', fault.retryAfter)
      if (fault.location !== undefined) response.setHeader('Location', fault.location)
      if (fault.contentType !== undefined) response.setHeader('Content-Type', fault.contentType)
      const known = fault.status === 401 ? badToken() : new ApiError(fault.status ?? 500, 99, 'unknown')
      this.send(incoming, { ...errorAnswer(known), ...(fault.body === undefined ? {} : { text: fault.body }) })
    }, () => this.answer(incoming))
  }

  private answer (incoming: Incoming): void {
    try {
      this.handle(incoming)
    } catch (error) {
      const known = toApiError(error)
      if (known === undefined) warn(error)
      this.send(incoming, errorAnswer(known ?? new ApiError(500, 99, 'unknown')))
    }
  }

  private handle (incoming: Incoming): void {
    const { method, url, request: { headers } } = incoming
    const match = PATH.exec(url.pathname)
    if (match === null) throw notFound()
    const type = match[1] as AccountType | undefined
    const user = decode(match[2] ?? '')
    const resource = (match[3] ?? '').replace(/\/$/, '')
    const { sessions } = this.site
    if (method === 'GET' && resource === 'login' && type !== undefined) return this.send(incoming, this.welcome(sessions.login(type, user, headers.authorization)))
    const session = sessions.require(bearer(headers.authorization), type, user)
    const route = ROUTES[`${session.type} ${method} ${resource}`]
    if (route === undefined || (type === undefined && resource !== 'checkconnection')) throw notFound()
    if (route.right !== undefined) demand(session, route.right)
    const body = parse(incoming.body)
    const call: Call = { site: this.site, session, params: paramsOf(url, body), condition: conditionOf(url, body) }
    const reply = route.run(call)
    if (reply.eventsFirst === true || (!this.site.faults.idle && this.site.faults.take('eventsFirst', { face: 'ipecs', method, path: url.pathname }) !== undefined)) this.site.out.flush()
    this.send(incoming, render(reply, body))
  }

  private welcome ({ token, rights }: Session): Answer {
    const { options: { checkConnectionTimer, systemType, systemVersion }, numbers } = this.site
    const terminals = rights.has('cti') ? { terminalCount: numbers.stations().length } : {}
    return { status: 200, text: JSON.stringify({ token, checkConnectionTimer, systemType, systemVersion, apiVersion: '1.0.0', ...terminals }) }
  }

  private send ({ request, response, method, url }: Incoming, { status, text }: Answer): void {
    if (response.destroyed || response.headersSent) return
    const { faults, options } = this.site
    const empty = !faults.idle && faults.take('empty', { face: 'ipecs', method, path: url.pathname }) !== undefined
    const bytes = Buffer.from(empty ? '' : text ?? '')
    response.setHeader('Cache-control', 'no-cache')
    if (bytes.length > 0 && !response.hasHeader('Content-Type')) response.setHeader('Content-Type', 'application/json')
    response.setHeader('Content-Length', bytes.length)
    const left = REQUESTS_A_SOCKET - (this.served.get(request.socket) ?? 0)
    if (left <= 0 || /\bclose\b/i.test(request.headers.connection ?? '')) response.setHeader('Connection', 'close')
    else {
      response.setHeader('Connection', 'Keep-Alive')
      response.setHeader('Keep-Alive', `timeout=${Math.round(options.keepAliveMs / 1000)}, max=${left}`)
    }
    response.on('finish', () => { request.socket.setTimeout(options.keepAliveMs) })
    response.writeHead(status).end(bytes)
  }
}

function errorAnswer ({ status, code, message }: ApiError): Answer {
  return { status, text: JSON.stringify({ error: { code, message } }) }
}

function render (reply: Reply, body: unknown): Answer {
  if (reply.empty === true) return { status: 200 }
  const transactionID = (body as { transactionID?: unknown } | undefined)?.transactionID
  const own = transactionID === undefined ? {} : { transactionID }
  return { status: 200, text: JSON.stringify({ ...own, ...(reply.plain ?? { data: reply.data ?? {} }) }) }
}

function refuse (socket: Duplex, status: number): void {
  const body = status === 401 ? JSON.stringify({ error: { code: badToken().code, message: badToken().message } }) : ''
  socket.end(`HTTP/1.1 ${status} ${REASONS[status] ?? 'Error'}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
}
