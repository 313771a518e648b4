/** The HTTP side: reads a request, finds who asks and what answers, writes the reply; faults of requests happen here (webex-calling.md 2.1, 3.9). */
import { type IncomingMessage, type ServerResponse } from 'node:http'
import { hex } from '../random'
import { bodyOf, guarded, spoil, warn } from '../requests'
import { allows } from './auth/scopes'
import { errorBody, toWebexError, WebexError } from './errors'
import { type Asked, type Json, type Reply } from './http'
import { type Match, type Router } from './router'
import { type Site } from './site'

const BODY_LIMIT = 1024 * 1024
const MINUTE_MS = 60_000

interface Incoming { request: IncomingMessage; response: ServerResponse; method: string; url: URL; body: Buffer; trackingId: string }

export class WebexServer {
  readonly counts = { requests: 0, refused: 0 }
  /** Requests of this minute by token, for the limit. */
  private readonly rates = new Map<string, { since: number; count: number }>()

  constructor (private readonly site: Site, private readonly router: Router) {}

  /** Listener for a server's `request`. Never throws. */
  readonly listener = guarded((request, response) => this.read(request, response))

  private async read (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const read = await bodyOf(request, response, BODY_LIMIT)
    if (read === undefined) return
    const { body, isTooLarge } = read
    const address = (request.url ?? '/').replace(/^\/+/, '/')
    const base = originOf(request)
    const url = URL.canParse(address, base) ? new URL(address, base) : new URL('/', base)
    const incoming: Incoming = { request, response, method: request.method ?? 'GET', url, body, trackingId: `ROUTER_${hex(this.site.rng, 8)}-00C1-01BB-${hex(this.site.rng, 4)}-${hex(this.site.rng, 12)}` }
    this.counts.requests++
    if (isTooLarge) this.refuse(incoming, new WebexError(413, 'The request is too large'))
    else if (!this.spoil(incoming)) this.answer(incoming)
  }

  /** Plays request faults; true when the answer is already given, or will be. */
  private spoil (incoming: Incoming): boolean {
    const { faults, clock } = this.site
    const { request, response, method, url } = incoming
    return spoil({ faults, clock, request, response, where: { face: 'webex', method, path: url.pathname } }, ({ status = 500, body, contentType, retryAfter, location }) => {
      const headers = { ...(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }), ...(location === undefined ? {} : { Location: location }) }
      if (body === undefined) this.refuse(incoming, new WebexError(status, `The server answers ${status}`, { headers }))
      else this.write(incoming, status, headers, { contentType: contentType ?? (body.trimStart().startsWith('<') ? 'text/html' : 'text/plain'), text: body })
    }, () => this.answer(incoming))
  }

  private answer (incoming: Incoming): void {
    const { delivery, faults } = this.site
    const work = (): void => {
      try {
        this.send(incoming, this.handle(incoming))
      } catch (error) {
        const known = toWebexError(error)
        if (known === undefined) warn(error)
        this.refuse(incoming, known ?? new WebexError(500, 'Internal server error'))
      }
    }
    if (faults.take('eventsFirst', { face: 'webex', method: incoming.method, path: incoming.url.pathname })) work()
    else delivery.after(work)
  }

  private handle (incoming: Incoming): Reply {
    const { request, url, method } = incoming
    const match = this.match(method, url.pathname)
    const asked = (): Asked => ({
      site: this.site, method, path: url.pathname, params: match.params, query: url.searchParams, body: contentOf(incoming), origin: originOf(request),
      ...(request.headers.authorization === undefined ? {} : { authorization: request.headers.authorization })
    })
    if ('open' in match.route) return match.route.open(asked())
    const principal = this.site.tokens.identify(request.headers.authorization)
    if (principal === undefined) throw new WebexError(401, 'A valid access token is needed in the Authorization header')
    this.limit(request.headers.authorization ?? '')
    this.checkOrganisation(url)
    if (!allows(principal.scopes, match.route.scopes)) throw new WebexError(403, `The token lacks the scope ${match.route.scopes.join(' or ')}`)
    return match.route.handler({ ...asked(), principal })
  }

  private match (method: string, path: string): Match {
    const segments = path.replace(/\/+$/, '').split('/').slice(1).map((part) => decoded(part))
    const found = this.router.find(method, segments)
    if ('route' in found) return found
    if (found.allowed.length > 0) throw new WebexError(405, `${method} is not possible here`, { headers: { Allow: found.allowed.join(', ') } })
    throw new WebexError(404, 'The requested resource could not be found')
  }

  /** `orgId` may stand at every request where it is the token's own one (3.11). */
  private checkOrganisation (url: URL): void {
    const org = url.searchParams.get('orgId')
    if (org !== null && org !== '' && !this.site.ids.isOrg(org)) throw new WebexError(403, 'No access to this organization')
  }

  private limit (token: string): void {
    const { requestsPerMinute } = this.site.options
    if (requestsPerMinute === 0) return
    const now = this.site.clock.now()
    const known = this.rates.get(token)
    const rate = known === undefined || now - known.since >= MINUTE_MS ? { since: now, count: 0 } : known
    this.rates.set(token, rate)
    rate.count++
    if (rate.count > requestsPerMinute) throw new WebexError(429, 'Too many requests', { headers: { 'Retry-After': String(Math.ceil((rate.since + MINUTE_MS - now) / 1000)) } })
  }

  private refuse (incoming: Incoming, error: WebexError): void {
    this.counts.refused++
    this.send(incoming, { status: error.status, ...(error.more.headers === undefined ? {} : { headers: error.more.headers }), body: errorBody(error, incoming.trackingId) })
  }

  private send (incoming: Incoming, { status, headers = {}, body, raw }: Reply): void {
    const { method, url } = incoming
    if (this.site.faults.take('empty', { face: 'webex', method, path: url.pathname })) return this.write(incoming, status ?? 200, headers)
    if (raw !== undefined) return this.write(incoming, status ?? 200, headers, raw)
    if (body === undefined) return this.write(incoming, status ?? 204, headers)
    this.write(incoming, status ?? 200, headers, { contentType: 'application/json;charset=UTF-8', text: JSON.stringify(body) })
  }

  private write ({ response, trackingId }: Incoming, status: number, headers: Record<string, string>, content?: { contentType: string; text: string }): void {
    if (response.destroyed || response.headersSent) return
    const bytes = Buffer.from(content?.text ?? '')
    const length = status === 204 ? {} : { 'Content-Length': bytes.length }
    response.writeHead(status, { Date: new Date(this.site.clock.now()).toUTCString(), ...headers, ...(content === undefined ? {} : { 'Content-Type': content.contentType }), trackingid: trackingId, ...length })
    response.end(bytes)
  }
}

/** `scheme://host` as the client addressed it. */
function originOf (request: IncomingMessage): string {
  const scheme = 'encrypted' in request.socket ? 'https' : 'http'
  const origin = `${scheme}://${request.headers.host ?? 'localhost'}`
  return URL.canParse(origin) ? origin : `${scheme}://localhost`
}

function decoded (part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new WebexError(400, 'The path cannot be read')
  }
}

/** JSON or form fields; what is JSON null is left out. @throws WebexError 400, 415 */
function contentOf ({ request, body }: Incoming): Json {
  const text = body.toString('utf8').trim()
  const type = (request.headers['content-type'] ?? 'application/json').split(';')[0]?.trim().toLowerCase()
  if (text === '') return {}
  if (type === 'application/x-www-form-urlencoded') return Object.fromEntries(new URLSearchParams(text))
  if (type !== 'application/json') throw new WebexError(415, `Content type ${type ?? ''} is not supported`)
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new WebexError(400, 'The body is not JSON')
  }
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) throw new WebexError(400, 'The body must be an object')
  return Object.fromEntries(Object.entries(parsed).filter(([, value]) => value !== null))
}
