/** The HTTP side: reads a request, asks the router, writes the reply; faults of requests happen here (xsi.md 2, 3.1). */
import { type IncomingMessage, type ServerResponse } from 'node:http'
import { hex } from '../random'
import { CODES, errorInfo, notFound, toXsiError, XsiError } from './errors'
import { type Base, type Call, type Reply } from './http'
import { readJson, writeJson } from './json'
import { discover } from './discovery'
import { type Match, type Router } from './router'
import { type Site } from './site'
import { type El } from './tree'
import { DECLARATION, plainXml, readXml } from './xml'
import { openChannel } from './routes/channel'

const BODY_LIMIT = 1024 * 1024
const BASES: [prefix: string, base: Base][] = [
  ['/com.broadsoft.async/com.broadsoft.xsi-events', 'async'],
  ['/com.broadsoft.xsi-actions', 'actions'],
  ['/com.broadsoft.xsi-events', 'events']
]
const COOKIE_PATH: Record<Base, string> = { actions: '/com.broadsoft.xsi-actions', events: '/com.broadsoft.xsi-events', async: '/com.broadsoft.xsi-events' }
const OLDEST_VERSION = 20
const SESSION_LIMIT = 10_000
const FORMS = { 'application/json': 'json', 'application/xml': 'xml', 'text/xml': 'xml' } as const

/** A request taken apart. */
interface Incoming { request: IncomingMessage; response: ServerResponse; method: string; path: string; url: URL; body: Buffer }

export class XsiServer {
  private readonly sessions = new Set<string>()

  constructor (private readonly site: Site, private readonly router: Router) {}

  /** Listener for a server's `request`. Never throws. */
  readonly listener = (request: IncomingMessage, response: ServerResponse): void => {
    request.on('error', () => response.destroy())
    response.on('error', () => response.destroy())
    this.read(request, response).catch((error: unknown) => {
      process.emitWarning(error instanceof Error ? error : String(error), { type: 'SimulatorWarning' })
      if (response.headersSent) response.destroy()
      else response.writeHead(500).end()
    })
  }

  private async read (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    let size = 0
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        size += chunk.length
        if (size <= BODY_LIMIT) chunks.push(chunk)
      }
    } catch {
      // The client went away in the middle of its request: there is nobody to answer.
      response.destroy()
      return
    }
    const url = new URL(request.url ?? '/', 'http://localhost')
    const incoming: Incoming = { request, response, method: request.method ?? 'GET', path: url.pathname, url, body: Buffer.concat(chunks) }
    if (size > BODY_LIMIT) this.send(incoming, 'actions', { status: 413, body: errorInfo(new XsiError(413, CODES.badRequest, 'Request body too large')) })
    else if (!this.spoil(incoming)) this.answer(incoming)
  }

  /** Plays request faults; true when the answer is already given. */
  private spoil (incoming: Incoming): boolean {
    const { faults, clock } = this.site
    if (faults.idle) return false
    const { response } = incoming
    const where = { face: 'xsi' as const, method: incoming.method, path: incoming.path }
    if (faults.take('hang', where)) return true
    if (faults.take('cut', where)) {
      incoming.request.socket.destroy()
      return true
    }
    const status = faults.take('status', where)
    if (status) {
      const headers: Record<string, string | number> = { 'Content-Type': status.contentType ?? (status.body?.trimStart().startsWith('<html') ? 'text/html;charset=ISO-8859-1' : 'text/plain'), 'Content-Length': Buffer.byteLength(status.body ?? '') }
      if (status.retryAfter !== undefined) headers['Retry-After'] = status.retryAfter
      if (status.location !== undefined) headers.Location = status.location
      if (status.status === 401) headers['WWW-Authenticate'] = 'Basic realm="BroadWorks"'
      response.writeHead(status.status ?? 500, headers).end(status.body)
      return true
    }
    const slow = faults.take('slow', where)
    if (!slow) return false
    clock.after(slow.ms ?? 1000, () => { if (!response.destroyed) this.answer(incoming) })
    return true
  }

  private answer (incoming: Incoming): void {
    const found = BASES.find(([prefix]) => incoming.path === prefix || incoming.path.startsWith(`${prefix}/`))
    const base = found?.[1] ?? 'actions'
    try {
      if (!found) return this.outside(incoming)
      this.handle(incoming, base, incoming.path.slice(found[0].length))
    } catch (error) {
      const known = toXsiError(error)
      if (!known) process.emitWarning(error instanceof Error ? error : String(error), { type: 'SimulatorWarning' })
      const shown = known ?? new XsiError(500, CODES.serverError, 'Internal server error')
      this.send(incoming, base, { status: shown.status, headers: shown.headers, body: errorInfo(shown) })
    }
  }

  private outside (incoming: Incoming): void {
    const organisation = discover(this.site, incoming.method, incoming.path, incoming.request.headers.authorization, originOf(incoming))
    if (organisation === undefined) throw notFound('No such resource')
    this.send(incoming, 'actions', organisation)
  }

  private handle (incoming: Incoming, base: Base, path: string): void {
    const segments = segmentsOf(path)
    if (segments.at(-1)?.toLowerCase() === 'j_logout') {
      this.sessions.delete(cookieOf(incoming.request) ?? '')
      return this.send(incoming, base, {})
    }
    const protocol = incoming.request.headers['x-broadworks-protocol-version']
    const version = typeof protocol === 'string' ? protocol : undefined
    if (version !== undefined && Number.parseInt(version, 10) < OLDEST_VERSION) throw new XsiError(405, CODES.methodNotSupported, `Method not supported in version ${version}`)
    if (segments.shift()?.toLowerCase() !== 'v2.0') throw notFound('No such resource')
    const isChannel = base === 'async' && segments.length === 1 && segments[0]?.toLowerCase() === 'channel'
    const match = isChannel ? undefined : this.match(base, incoming.method, segments)
    const principal = this.site.auth.identify(incoming.request.headers.authorization)
    if (!principal && match?.route.open !== true) throw new XsiError(401, CODES.unauthorised, 'Authentication required', { 'WWW-Authenticate': 'Basic realm="BroadWorks"' })
    const body = this.parse(incoming)
    if (isChannel) {
      if (incoming.method !== 'POST') throw new XsiError(405, CODES.methodNotSupported, 'Method not supported')
      if (!principal) return
      return openChannel(this.site, body, principal, incoming.response, { cookie: this.cookie(incoming, 'async'), json: wantsJson(incoming) })
    }
    const query = new Map<string, string>()
    for (const [name, value] of incoming.url.searchParams) if (!query.has(name.toLowerCase())) query.set(name.toLowerCase(), value)
    const call: Call = { site: this.site, base, method: incoming.method, params: (match as Match).params, query, body, principal: principal as Call['principal'], protocol: version, origin: originOf(incoming), port: incoming.request.socket.localPort ?? 0 }
    this.reply(incoming, base, (match as Match).route.handler(call))
  }

  private match (base: Base, method: string, segments: string[]): Match {
    const found = this.router.find(base, method, segments)
    if (found === undefined) throw notFound('No such resource')
    if ('allowed' in found) throw new XsiError(405, CODES.methodNotSupported, 'Method not supported', { Allow: found.allowed.join(', ') })
    return found
  }

  /** The body as an element. A JSON type without JSON in it is normal traffic of a published client, so both readers are tried. */
  private parse (incoming: Incoming): El | undefined {
    const text = incoming.body.toString('utf8').trim()
    if (text === '') return undefined
    const parsed = text.startsWith('<') ? readXml(text) : readJson(text)
    if (parsed === undefined) throw new XsiError(400, CODES.badRequest, 'The request body cannot be read')
    return parsed
  }

  private reply (incoming: Incoming, base: Base, reply: Reply): void {
    const first = reply.then !== undefined && this.site.faults.take('eventsFirst', { face: 'xsi', path: incoming.path, method: incoming.method })
    if (first) reply.then?.()
    this.send(incoming, base, reply)
    if (!first) reply.then?.()
  }

  private send (incoming: Incoming, base: Base, reply: Reply): void {
    const { response } = incoming
    if (response.destroyed || response.headersSent) return
    const empty = this.site.faults.take('empty', { face: 'xsi', method: incoming.method, path: incoming.path })
    const { text, contentType } = empty ? { text: '', contentType: undefined } : this.render(incoming, reply)
    const latin = contentType?.includes('ISO-8859-1') ?? false
    const bytes = Buffer.from(text, latin ? 'latin1' : 'utf8')
    const headers: Record<string, string | number> = { ...reply.headers }
    const cookie = this.cookie(incoming, base)
    if (cookie !== undefined) headers['Set-Cookie'] = cookie
    const tracking = incoming.request.headers.trackingid
    if (typeof tracking === 'string') headers.TrackingID = tracking
    if (contentType !== undefined && bytes.length > 0) headers['Content-Type'] = contentType
    headers['Content-Length'] = bytes.length
    response.writeHead(reply.status ?? 200, headers)
    response.end(bytes)
  }

  private render (incoming: Incoming, reply: Reply): { text: string; contentType?: string } {
    if (reply.raw) return { text: reply.raw.text, contentType: reply.raw.contentType }
    if (!reply.body) return { text: '' }
    const { faults, options } = this.site
    const latin = reply.localised && (options.charset === 'ISO-8859-1' || faults.take('latin1', { face: 'xsi', path: incoming.path }) !== undefined)
    const charset = latin ? 'ISO-8859-1' : 'UTF-8'
    if (wantsJson(incoming)) return { text: writeJson(reply.body), contentType: `application/json;charset=${charset}` }
    return { text: `${DECLARATION.replace('UTF-8', charset)}\n${plainXml(reply.body)}`, contentType: `application/xml;charset=${charset}` }
  }

  /** A new session cookie, unless the client brought one of ours. */
  private cookie (incoming: Incoming, base: Base): string | undefined {
    const known = cookieOf(incoming.request)
    if (known !== undefined && this.sessions.has(known)) return undefined
    const id = hex(this.site.rng, 32)
    this.sessions.add(id)
    if (this.sessions.size > SESSION_LIMIT) this.sessions.clear()
    return `JSESSIONID=${id}; Path=${COOKIE_PATH[base]}; Secure; HttpOnly`
  }
}

function cookieOf (request: IncomingMessage): string | undefined {
  return /(?:^|;\s*)JSESSIONID=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]
}

function originOf (incoming: Incoming): string {
  const secure = 'encrypted' in incoming.request.socket
  return `${secure ? 'https' : 'http'}://${incoming.request.headers.host ?? 'localhost'}`
}

function segmentsOf (path: string): string[] {
  try {
    return path.split('/').filter((part) => part !== '').map(decodeURIComponent)
  } catch {
    throw new XsiError(400, CODES.badRequest, 'The path is not properly encoded')
  }
}

/** `?format=` beats `Accept`; of the types in Accept the first known one counts (xsi.md 3.1). */
function wantsJson (incoming: Incoming): boolean {
  const format = incoming.url.searchParams.get('format')
  if (format !== null) return format.toLowerCase() === 'json'
  for (const part of (incoming.request.headers.accept ?? '').split(',')) {
    const type = part.split(';')[0]?.trim().toLowerCase() ?? ''
    if (Object.hasOwn(FORMS, type)) return FORMS[type as keyof typeof FORMS] === 'json'
  }
  return false
}
