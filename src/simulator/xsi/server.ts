/** The HTTP side: reads a request, asks the router, writes the reply; faults of requests happen here (xsi.md 2, 3.1). */
import { type IncomingMessage, type ServerResponse } from 'node:http'
import { hex } from '../random'
import { bodyOf, guarded, spoil, warn } from '../requests'
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
  readonly listener = guarded((request, response) => this.read(request, response))

  private async read (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const read = await bodyOf(request, response, BODY_LIMIT)
    if (read === undefined) return
    const { body, isTooLarge } = read
    const url = new URL(request.url ?? '/', 'http://localhost')
    const incoming: Incoming = { request, response, method: request.method ?? 'GET', path: url.pathname, url, body }
    if (isTooLarge) this.send(incoming, 'actions', { status: 413, body: errorInfo(new XsiError(413, CODES.badRequest, 'Request body too large')) })
    else if (!this.spoil(incoming)) this.answer(incoming)
  }

  /** Plays request faults; true when the answer is already given. */
  private spoil (incoming: Incoming): boolean {
    const { faults, clock } = this.site
    const { request, response, method, path } = incoming
    return spoil({ faults, clock, request, response, where: { face: 'xsi', method, path } }, (fault) => {
      const { status = 500, body = '', contentType, retryAfter, location } = fault
      response.writeHead(status, {
        'Content-Type': contentType ?? (body.trimStart().startsWith('<html') ? 'text/html;charset=ISO-8859-1' : 'text/plain'), 'Content-Length': Buffer.byteLength(body),
        ...(retryAfter === undefined ? {} : { 'Retry-After': retryAfter }), ...(location === undefined ? {} : { Location: location }),
        ...(status === 401 ? { 'WWW-Authenticate': 'Basic realm="BroadWorks"' } : {})
      }).end(body)
    }, () => this.answer(incoming))
  }

  private answer (incoming: Incoming): void {
    const found = BASES.find(([prefix]) => incoming.path === prefix || incoming.path.startsWith(`${prefix}/`))
    const base = found?.[1] ?? 'actions'
    try {
      if (!found) return this.outside(incoming)
      this.handle(incoming, base, incoming.path.slice(found[0].length))
    } catch (error) {
      const known = toXsiError(error)
      if (!known) warn(error)
      const shown = known ?? new XsiError(500, CODES.serverError, 'Internal server error')
      // Web pages of the vendor's libraries ask for no challenge, so that the browser shows no window of its own.
      const headers = incoming.request.headers['x-broadworks-no-authchallenge'] === 'true' ? {} : shown.headers
      this.send(incoming, base, { status: shown.status, headers, body: errorInfo(shown) })
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
      return openChannel(this.site, body, principal, incoming.response, { cookie: this.cookie(incoming, 'async'), contentType: channelType(incoming), tracking: trackingOf(incoming) })
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
    const latin = /charset=\W?iso-8859-1|encoding=.iso-8859-1/i.test(`${incoming.request.headers['content-type'] ?? ''} ${incoming.body.toString('latin1', 0, 100)}`)
    const text = incoming.body.toString(latin ? 'latin1' : 'utf8').trim()
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
    const tracking = trackingOf(incoming)
    if (tracking !== undefined) headers.TrackingID = tracking
    if (contentType !== undefined && bytes.length > 0) headers['Content-Type'] = contentType
    headers['Content-Length'] = bytes.length
    response.writeHead(reply.status ?? 200, headers)
    response.end(bytes)
  }

  private render (incoming: Incoming, reply: Reply): { text: string; contentType?: string } {
    if (reply.raw) return { text: reply.raw.text, contentType: reply.raw.contentType }
    // A published client reads every answer as JSON where it asked for JSON, also that of a command that says nothing.
    if (!reply.body) return wantsJson(incoming) ? { text: '{}', contentType: 'application/json;charset=UTF-8' } : { text: '' }
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

function trackingOf ({ request }: Incoming): string | undefined {
  const { trackingid } = request.headers
  return typeof trackingid === 'string' ? trackingid : undefined
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

/**
 * Type of an event stream. Servers differ between `text/xml` and `application/xml` (xsi.md 10, trap 15), and a published client that
 * asks for the former unpacks its channel only under the latter.
 */
function channelType (incoming: Incoming): string {
  if (wantsJson(incoming)) return 'application/json'
  return incoming.request.headers.accept?.toLowerCase().startsWith('text/xml') ? 'application/xml' : 'text/xml'
}
