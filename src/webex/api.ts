/** Requests to the API with one token: renewal, rate limit, repetition, paging, errors (webex-calling.md 2.1, 3.9, 3.10, 5). */
import { CtiError } from '../model'
import type { Clock } from '../session/types'
import { type HttpClient, type HttpHeaders, type HttpReply, type QueryValue } from '../transport/http'
import { replyError } from './errors'
import { pause } from './pause'
import { isRecord, parseJson, records, type Json } from './read'
import type { TokenSource } from './tokens'

export type Query = Readonly<Record<string, QueryValue | undefined>>

export interface ApiRequest {
  readonly method?: string
  /** Below the base, beginning with a slash; segments are encoded by `path`. */
  readonly path: string
  readonly query?: Query
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** May be sent again when its outcome is not known. Default: all methods but POST. */
  readonly repeatable?: boolean
  readonly signal: AbortSignal
  /** ms for one try. */
  readonly timeoutMs?: number
  /** 1 where the caller asks again by himself. Default 3. */
  readonly tries?: number
}

export interface ApiReply {
  readonly status: number
  readonly headers: HttpHeaders
  /** The body as an object; empty where there is none (204) or it is no object. */
  readonly node: Json
  /** The body as JSON, or as text where it is none. */
  readonly body: unknown
}

const EMPTY: Json = Object.freeze({})
const TRIES = 3
const FIRST_WAIT_MS = 500
/** Where a 429 names no time, and the longest that is waited for one (webex-calling.md 5). */
const DEFAULT_QUIET_MS = 5000
const LONGEST_QUIET_MS = 60_000
const GATEWAY: ReadonlySet<number> = new Set([502, 503, 504])
const MOST_PAGES = 50
/** ms that a call action may be put off; longer, and the caller is told instead. */
const SHORT_WAIT_MS = 2000
/** A gateway that lost its server: a call action may have been carried out. */
const LOST_REPLY: ReadonlySet<number> = new Set([502, 504])

/** A path below the base: `path('people', id)` -> `/people/Y2lz…`. */
export function path (...segments: readonly string[]): string {
  return `/${segments.map(encodeURIComponent).join('/')}`
}

export class WebexApi {
  /** ms of our clock until which the vendor wants no requests. */
  private quietUntil = 0

  /**
   * @param told tells the time of the vendor with each reply, ms since 1970
   * @param unreachable called when a request that is not asked again by itself got no reply from anybody
   */
  constructor (
    private readonly http: HttpClient, readonly base: string, private readonly token: TokenSource, private readonly clock: Clock,
    private readonly told?: (vendorNow: number) => void, private readonly unreachable?: () => void
  ) {}

  get (at: string, signal: AbortSignal, query?: Query): Promise<ApiReply> {
    return this.send({ path: at, signal, ...(query === undefined ? {} : { query }) })
  }

  /** The same, sent once: for what is asked again soon anyway, and shows by its failure that Webex is away. */
  look (at: string, signal: AbortSignal, query?: Query): Promise<ApiReply> {
    return this.send({ path: at, signal, tries: 1, ...(query === undefined ? {} : { query }) })
  }

  /**
   * Sends once, and again: after 401 with a renewed token; after 429 when the time is over, 502 to 504 and lost connections only what may be sent twice.
   * @throws CtiError by status, or of the transport
   */
  async send (request: ApiRequest): Promise<ApiReply> {
    const method = request.method ?? 'GET'
    const repeatable = request.repeatable ?? method !== 'POST'
    for (let tries = 1; ; tries++) {
      await this.quiet(request, repeatable)
      const outcome = await this.once(method, request, repeatable)
      if (outcome instanceof CtiError ? !canRepeat(outcome) : outcome.status < 300) {
        if (outcome instanceof CtiError) throw this.noticed(outcome, request)
        return readReply(outcome)
      }
      const error = outcome instanceof CtiError ? outcome : replyError(outcome)
      if (!(outcome instanceof CtiError) && outcome.status === 429) this.hush(error)
      const again = outcome instanceof CtiError || outcome.status === 429 || GATEWAY.has(outcome.status)
      if (!again || !repeatable || tries >= (request.tries ?? TRIES)) throw this.noticed(repeatable ? error : asOutcome(error), request)
      if (outcome instanceof CtiError || outcome.status !== 429) await pause(this.clock, request.signal, FIRST_WAIT_MS * 2 ** (tries - 1))
    }
  }

  /**
   * All objects of a list, page after page; ends at an empty page even where a next one is named (webex-calling.md 3.10).
   * @param list name of the list in the body
   */
  async all (at: string, list: string, signal: AbortSignal, query?: Query): Promise<Json[]> {
    const found: Json[] = []
    let reply = await this.get(at, signal, query)
    for (let pages = 1; ; pages++) {
      const page = records(reply.node, list)
      found.push(...page)
      const next = this.nextOf(reply)
      if (next === undefined || page.length === 0 || pages >= MOST_PAGES) return found
      reply = await this.get(next, signal)
    }
  }

  /** Path and query of the next page; undefined without one, or when it leads to another place (our token stays here). */
  nextOf (reply: ApiReply): string | undefined {
    const { link } = reply.headers
    const next = typeof link === 'string' ? /<([^>]+)>\s*;\s*rel="?next"?/i.exec(link)?.[1] : undefined
    if (next === undefined || !URL.canParse(next, this.base)) return undefined
    const base = new URL(this.base)
    const url = new URL(next, this.base)
    const below = base.pathname.replace(/\/+$/, '')
    if (url.origin !== base.origin || !url.pathname.startsWith(`${below}/`)) return undefined
    return url.pathname.slice(below.length) + url.search
  }

  private noticed (error: CtiError, { tries, signal }: ApiRequest): CtiError {
    if (tries !== 1 && error.cause.httpStatus === undefined && !signal.aborted) this.unreachable?.()
    return error
  }

  private async once (method: string, request: ApiRequest, repeatable: boolean): Promise<HttpReply | CtiError> {
    try {
      const used = await this.token(false)
      const reply = await this.ask(method, request, repeatable, used)
      if (reply.status !== 401) return reply
      // A token that is newer than the refused one is there already when another request has renewed it.
      const known = await this.token(false)
      return await this.ask(method, request, repeatable, known !== used ? known : await this.token(true))
    } catch (error) {
      return CtiError.from(error, 'webex')
    }
  }

  private async ask (method: string, request: ApiRequest, repeatable: boolean, token: string): Promise<HttpReply> {
    const { body, timeoutMs, signal } = request
    const reply = await this.http.request({
      method,
      url: this.base + request.path,
      query: request.query,
      headers: {
        Accept: 'application/json', ...request.headers, Authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'Content-Type': 'application/json;charset=utf-8' })
      },
      signal,
      idempotent: repeatable,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(timeoutMs === undefined ? {} : { timeoutMs })
    })
    const date = typeof reply.headers.date === 'string' ? Date.parse(reply.headers.date) : NaN
    if (!Number.isNaN(date)) this.told?.(date)
    return reply
  }

  private hush (error: CtiError): void {
    const wait = Math.min(LONGEST_QUIET_MS, error.cause.retryAfterMs ?? DEFAULT_QUIET_MS)
    this.quietUntil = Math.max(this.quietUntil, this.clock.now() + wait)
  }

  /** Waits until the vendor wants requests again. What cannot be repeated must not run into its time limit here: it was not sent. */
  private async quiet ({ signal }: ApiRequest, repeatable: boolean): Promise<void> {
    for (let wait = this.quietUntil - this.clock.now(); wait > 0; wait = this.quietUntil - this.clock.now()) {
      if (!repeatable && wait > SHORT_WAIT_MS) {
        throw new CtiError('CTI_RATE_LIMITED', `Webex wants no requests for another ${Math.ceil(wait / 1000)} s; this one was not sent.`, { vendor: 'webex', retryable: true, retryAfterMs: wait, sent: false })
      }
      await pause(this.clock, signal, wait)
    }
  }
}

/** A broken line says nothing of the request; a refused token, a cancelled request or an impossible address say enough. */
function canRepeat (error: CtiError): boolean {
  return error.code === 'CTI_UNAVAILABLE' && error.cause.retryable === true
}

function asOutcome (error: CtiError): CtiError {
  return LOST_REPLY.has(error.cause.httpStatus ?? 0) ? new CtiError('CTI_UNKNOWN_OUTCOME', error.message, { ...error.cause, retryable: false }) : error
}

/** @throws CtiError CTI_PROTOCOL for a web page: a list without entries would be a lie */
function readReply (reply: HttpReply): ApiReply {
  const type = reply.headers['content-type']
  if (typeof type === 'string' && /^\s*text\/html\b/i.test(type)) {
    throw new CtiError('CTI_PROTOCOL', 'A web page came where the answer of the Webex API was expected: a proxy or a sign-in page stands in between.', { vendor: 'webex', httpStatus: reply.status, retryable: true })
  }
  const text = reply.text()
  const parsed = parseJson(text)
  if (parsed === undefined && text.trim() !== '' && typeof type === 'string' && /json/i.test(type)) {
    throw new CtiError('CTI_PROTOCOL', 'The answer of the Webex API was cut short.', { vendor: 'webex', httpStatus: reply.status, retryable: true })
  }
  return { status: reply.status, headers: reply.headers, node: isRecord(parsed) ? parsed : EMPTY, body: parsed ?? text }
}
