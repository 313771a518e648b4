/** Requests to Xsi-Actions and Xsi-Events: credentials, version, bodies, errors (xsi.md 2.2, 3.1, 3.6). */
import { CtiError } from '../model'
import type { HttpClient, HttpHeaders, HttpReply, HttpRequest, QueryValue } from '../transport/http'
import { document, type XmlFragment } from '../transport/xml'
import { parseBody, replyError } from './errors'
import { PROTOCOL_VERSION, type Bases, type XsiAuth } from './options'
import type { XsiNode } from './protocol'

export type Query = Readonly<Record<string, QueryValue | undefined>>

export interface ApiRequest {
  readonly method?: string
  /** After the base, beginning with `/v2.0/`; segments are encoded by `path`. */
  readonly path: string
  readonly query?: Query
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly body?: string | XmlFragment
  /** May be sent twice when a kept connection was dead. Default: for GET, PUT and DELETE. */
  readonly idempotent?: boolean
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

export interface ApiReply {
  readonly status: number
  readonly headers: HttpHeaders
  /** Name of the root element; undefined without a readable body. */
  readonly root?: string
  readonly node: XsiNode
  readonly text: string
}

const EMPTY: XsiNode = Object.freeze({})
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'PUT', 'DELETE'])

/** One segment of a path; `@` and `:` may stay as they are (xsi.md 2.1). */
export function segment (raw: string): string {
  return encodeURIComponent(raw).replace(/%40/g, '@').replace(/%3A/gi, ':')
}

/** A path below a base: `path('user', id, 'calls')` -> `/v2.0/user/bob@example.com/calls`. */
export function path (...segments: readonly string[]): string {
  return `/v2.0/${segments.map(segment).join('/')}`
}

/** Credentials as a header, renewed once when refused. A password is never tried twice: repeated failures can lock the account (xsi.md 3.6). */
export class Authorization {
  private value: string | undefined
  private renewing: Promise<string> | undefined

  constructor (private readonly auth: XsiAuth) {
    if (auth.kind === 'basic') this.value = `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`
  }

  /** The header known so far; undefined before the first token. */
  get current (): string | undefined {
    return this.value
  }

  async header (): Promise<string> {
    if (this.value === undefined && this.auth.kind === 'bearer') this.value = `Bearer ${await this.auth.token(false)}`
    return this.value ?? ''
  }

  /** Many requests may be refused at once: they share one renewal. @returns false when there is nothing newer than what was refused */
  async renew (refused: string | undefined): Promise<boolean> {
    if (this.auth.kind === 'basic') return false
    if (this.value !== refused) return true
    this.renewing ??= this.auth.token(true).finally(() => { this.renewing = undefined })
    const fresh = `Bearer ${await this.renewing}`
    if (fresh === refused) return false
    this.value = fresh
    return true
  }
}

/** The commands of one server. Every failure is a CtiError. */
export class XsiApi {
  constructor (readonly http: HttpClient, private place: Bases, readonly authorization: Authorization, private readonly version: string = PROTOCOL_VERSION, private readonly timeoutMs?: number) {}

  get bases (): Bases {
    return this.place
  }

  /** From now on commands go to another server of the same provider. */
  move (bases: Bases): void {
    this.place = bases
  }

  /** The same account at another server. */
  at (bases: Bases): XsiApi {
    return new XsiApi(this.http, bases, this.authorization, this.version, this.timeoutMs)
  }

  actions (request: ApiRequest): Promise<ApiReply> {
    return this.send(this.bases.actions, request)
  }

  events (request: ApiRequest): Promise<ApiReply> {
    return this.send(this.bases.events, request)
  }

  /** Headers that every request carries, for callers with a connection of their own. */
  async headers (): Promise<Record<string, string>> {
    return { Authorization: await this.authorization.header(), Accept: 'application/xml', ...(this.version === '' ? {} : { 'X-BroadWorks-Protocol-Version': this.version }) }
  }

  /**
   * Sends under a base and follows 401 with a fresh token once.
   * @param http another client, pinned to the server of a stream
   * @throws CtiError by status and ErrorInfo, or of the transport
   */
  async send (base: string, request: ApiRequest, http: HttpClient = this.http): Promise<ApiReply> {
    const method = request.method ?? 'GET'
    const body = request.body === undefined || typeof request.body === 'string' ? request.body : document(request.body)
    const once = async (): Promise<HttpReply> => {
      const headers = { ...await this.headers(), ...(body === undefined ? {} : { 'Content-Type': 'application/xml; charset=UTF-8' }), ...request.headers }
      const made: HttpRequest = { method, url: base + request.path, query: request.query, headers, idempotent: request.idempotent ?? IDEMPOTENT.has(method) }
      if (body !== undefined) made.body = body
      const timeoutMs = request.timeoutMs ?? this.timeoutMs
      if (timeoutMs !== undefined) made.timeoutMs = timeoutMs
      if (request.signal !== undefined) made.signal = request.signal
      return http.request(made)
    }
    const used = await this.authorization.header()
    let reply = await once()
    if (reply.status === 401 && await this.authorization.renew(used)) reply = await once()
    if (reply.status < 200 || reply.status > 299) throw replyError(reply)
    return readReply(reply)
  }
}

/** @throws CtiError CTI_PROTOCOL for a web page: a list without entries would be a lie */
function readReply (reply: HttpReply): ApiReply {
  const type = reply.headers['content-type']
  if (typeof type === 'string' && /^\s*text\/html\b/i.test(type)) {
    throw new CtiError('CTI_PROTOCOL', 'A web page came where the answer of the XSI server was expected: a proxy or a sign-in page stands in between.', {
      vendor: 'xsi', httpStatus: reply.status, retryable: true
    })
  }
  const text = reply.text()
  const parsed = parseBody(text)
  const node = typeof parsed?.value === 'object' && !Array.isArray(parsed.value) ? parsed.value as XsiNode : EMPTY
  return { status: reply.status, headers: reply.headers, node, text, ...(parsed === undefined ? {} : { root: parsed.root }) }
}

/** The reply must hold this document. @throws CtiError CTI_PROTOCOL */
export function expectRoot (reply: ApiReply, ...roots: readonly string[]): XsiNode {
  if (reply.root !== undefined && roots.includes(reply.root)) return reply.node
  throw new CtiError('CTI_PROTOCOL', `The server answered ${reply.root ?? 'nothing readable'} where ${roots.join(' or ')} was expected. Is this the address of an XSI server?`, {
    vendor: 'xsi', httpStatus: reply.status, retryable: true
  })
}
