/** The HTTP side: reads a request, asks who it is and whether it may now, runs the row of the table, writes the reply (five9.md 2, 6, 8.3). */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import { type Duplex } from 'node:stream'
import { bodyOf, guarded, spoil, warn } from '../requests'
import { cloudReply } from './cloud'
import { identify, type Principal } from './credentials'
import { badRequest, BUSINESS, errorBody, Five9Error, forbidden, notFound, toFive9Error, unauthorised } from './errors'
import { findRoute, type Origin, type Reply, type Route } from './http'
import { LOGINS } from './logins'
import { type HalfName, type Session, wrongState } from './sessions'
import { farmOf, serverOf, type Site } from './site'

const BODY_LIMIT = 4 * 1024 * 1024
const REST = /^\/(appsvcs|supsvcs|strsvcs)\/rs\/svc\/(.*)$/
const SOCKET = /^\/(?:(appsvcs)\/ws|(supsvcs)\/sws)\/([^/]+)$/

interface Incoming { request: IncomingMessage; response: ServerResponse; method: string; path: string; url: URL; body: Buffer; origin: Origin }

export class Five9Server {
  /** Requests answered since the start. */
  answered = 0

  constructor (private readonly site: Site, private readonly routes: readonly Route[]) {}

  /** Listener for a server's `request`. Never throws. */
  readonly listener = guarded((request, response) => this.read(request, response))

  /** Listener for a server's `upgrade`. Never throws. */
  readonly upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    stream.on('error', () => stream.destroy())
    const { faults } = this.site
    const path = urlOf(request).pathname
    const where = { face: 'five9' as const, method: 'GET', path }
    if (!faults.idle) {
      if (faults.take('hang', where)) return
      const fault = faults.take('status', where)
      if (fault || faults.take('cut', where)) return fault ? refuseUpgrade(stream, fault.status ?? 500, fault.body ?? '', fault.contentType ?? 'text/html') : void stream.destroy()
    }
    try {
      this.open(request, stream, head, path)
    } catch (error) {
      const known = toFive9Error(error)
      if (!known) warn(error)
      refuseUpgrade(stream, known?.status ?? 500, JSON.stringify(errorBody(known ?? new Five9Error(500, 1, 'Internal error'), this.site.clock.now())), 'application/json')
    }
  }

  /** A socket of either half; in which login state it may be opened is not told, so every one is let in. */
  private open (request: IncomingMessage, stream: Duplex, head: Buffer, path: string): void {
    const principal = identify(this.site.sessions, request.headers)
    if (principal === undefined) throw unauthorised()
    const found = SOCKET.exec(path)
    if (found === null) throw notFound('No such socket')
    const origin = this.originOf(request)
    this.checkPlace(principal.session, request, origin)
    this.site.sockets.accept(request, stream, head, { session: principal.session, half: found[1] === undefined ? 'supervisor' : 'agent', key: decoded(found[3] ?? ''), origin })
  }

  private async read (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const read = await bodyOf(request, response, BODY_LIMIT)
    if (read === undefined) return
    const { body, isTooLarge } = read
    const url = urlOf(request)
    const incoming: Incoming = { request, response, method: request.method ?? 'GET', path: url.pathname, url, body, origin: this.originOf(request) }
    if (isTooLarge) this.send(incoming, this.refusal(new Five9Error(413, 1, 'The body is too large')))
    else if (!this.spoil(incoming)) this.answer(incoming)
  }

  /** Plays request faults; true when the answer is already given, or comes later. */
  private spoil (incoming: Incoming): boolean {
    const { faults, clock } = this.site
    const { request, response, method, path } = incoming
    return spoil({ faults, clock, request, response, where: { face: 'five9', method, path } }, (fault) => {
      const { status = 500, retryAfter, location } = fault
      // Without a body of its own a failure is told as the system tells it: a client looks into the body of a 401 or 435.
      const body = fault.body ?? JSON.stringify(errorBody(new Five9Error(status, status, STATUS_CODES[status] ?? 'Failure'), clock.now()))
      response.writeHead(status, {
        'Content-Type': fault.contentType ?? (body.trimStart().startsWith('<') ? 'text/html' : 'application/json'), 'Content-Length': Buffer.byteLength(body),
        ...(retryAfter === undefined ? {} : { 'Retry-After': retryAfter }), ...(location === undefined ? {} : { Location: location })
      }).end(body)
    }, () => this.answer(incoming))
  }

  private answer (incoming: Incoming): void {
    let reply: Reply
    try {
      reply = this.handle(incoming)
    } catch (error) {
      const known = toFive9Error(error)
      if (!known) warn(error)
      reply = this.refusal(known ?? new Five9Error(500, 1, 'Internal error'))
    }
    if (!this.site.faults.idle && this.site.faults.take('eventsFirst', { face: 'five9', method: incoming.method, path: incoming.path })) this.site.out.flush()
    this.send(incoming, reply)
  }

  private handle (incoming: Incoming): Reply {
    const { request, method, url, origin } = incoming
    const cloud = cloudReply(this.site, method, incoming.path, request.headers)
    if (cloud !== undefined) return cloud
    const [, context = '', rest = ''] = REST.exec(incoming.path) ?? []
    const segments = rest.split('/').filter((part) => part !== '').map(decoded)
    const login = method === 'POST' && context !== 'strsvcs' ? LOGINS[segments.join('/')] : undefined
    if (login !== undefined) return login({ site: this.site, body: json(incoming.body), origin, authorization: request.headers.authorization })
    const principal = this.principal(request)
    const found = findRoute(this.routes, context, method, segments)
    if (found === undefined) throw notFound('No such resource')
    if ('allowed' in found) throw new Five9Error(405, 1, `Use ${found.allowed.join(' or ')}`)
    const { route, params } = found
    const { session, token } = principal
    if (segments[0] !== 'auth') this.checkPlace(session, request, origin)
    const half = context === 'supsvcs' ? 'supervisor' : 'agent'
    this.checkState(session, half, context, route)
    this.checkOwner(session, params)
    return route.handler({ site: this.site, session, token, half, user: session.user, params, query: url.searchParams, body: json(incoming.body), origin })
  }

  private principal (request: IncomingMessage): Principal {
    const principal = identify(this.site.sessions, request.headers)
    if (principal === undefined) throw unauthorised()
    if (principal.session.settling > 0) {
      principal.session.settling--
      throw unauthorised()
    }
    return principal
  }

  /** A domain that migrated is refused at its old place, and by the name of its old farm (five9.md 6.1). */
  private checkPlace (session: Session, request: IncomingMessage, origin: Origin): void {
    const farm = farmOf(this.site, session.generation)
    const given = request.headers.farmid
    if (serverOf(this.site, session.generation) === origin.server && (given === undefined || given === farm)) return
    throw new Five9Error(BUSINESS, 5001, 'Service has been migrated', { contextCode: 'MIGRATION', farmId: farm })
  }

  private checkState (session: Session, half: HalfName, context: string, route: Route): void {
    const halves: HalfName[] = context === 'strsvcs' ? ['agent', 'supervisor'] : [half]
    const works = halves.some((name) => session.halves[name].state === 'WORKING')
    if (!route.open && !works) throw wrongState(session.halves[half].state, route.operation)
  }

  private checkOwner (session: Session, { uid, oid }: Record<string, string>): void {
    if (uid !== undefined && uid !== this.site.ids.users.id(session.user.key)) throw forbidden('The path names another user than the session')
    if (oid !== undefined && oid !== this.site.options.orgId) throw forbidden('The path names another domain than that of the session')
  }

  private originOf (request: IncomingMessage): Origin {
    const local = request.socket.localPort ?? 0
    const { hostname, port } = hostOf(request.headers.host, local)
    // A proxy in front may speak TLS for us, as clients of the vendor know nothing else.
    const secure = 'encrypted' in request.socket || request.headers['x-forwarded-proto'] === 'https'
    return { hostname, port, secure, server: Math.max(0, this.site.ports().indexOf(local)) }
  }

  private refusal (error: Five9Error): Reply {
    return { status: error.status, body: errorBody(error, this.site.clock.now()) }
  }

  private send ({ response, method, path }: Incoming, reply: Reply): void {
    if (response.destroyed || response.headersSent) return
    const { faults } = this.site
    const where = { face: 'five9' as const, method, path }
    this.answered++
    const empty = !faults.idle && faults.take('empty', where) !== undefined
    const pretty = !faults.idle && faults.take('pretty', where) !== undefined
    const text = reply.body === undefined || empty ? '' : JSON.stringify(reply.body, null, pretty ? 2 : undefined)
    const bytes = reply.raw?.bytes ?? Buffer.from(text)
    const type = reply.raw?.contentType ?? 'application/json;charset=UTF-8'
    response.writeHead(reply.status ?? (bytes.length > 0 || empty ? 200 : 204), {
      ...(bytes.length === 0 ? {} : { 'Content-Type': type, 'Content-Length': bytes.length }), ...(reply.cookies === undefined ? {} : { 'Set-Cookie': reply.cookies })
    })
    response.end(bytes)
  }
}

function refuseUpgrade (stream: Duplex, status: number, body: string, type: string): void {
  stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
}

/** What cannot be read as an address is the root, which is nothing here. */
function urlOf ({ url = '/' }: IncomingMessage): URL {
  return URL.canParse(url, 'http://localhost') ? new URL(url, 'http://localhost') : new URL('http://localhost/')
}

function hostOf (header: string | undefined, local: number): { hostname: string; port: number } {
  const [, hostname = '127.0.0.1', port] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(header ?? '') ?? []
  return { hostname, port: port === undefined ? (header === undefined ? local : 443) : Number(port) }
}

function decoded (part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw badRequest('The path is not properly encoded')
  }
}

/** @throws Five9Error 400 for a body that is no JSON */
function json (body: Buffer): unknown {
  const text = body.toString('utf8').trim()
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw badRequest('The body is not JSON')
  }
}
