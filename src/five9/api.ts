/** Requests to Five9: cookies by domain, token, farm, the host of the data centre, errors, rate limit (five9.md 2.3, 5, 6.1). */
import { CookieJar } from 'tough-cookie'
import { CtiError } from '../model'
import type { Clock } from '../session/types'
import { createHttpClient, type HttpClient, type HttpHeaders, type HttpReply, type QueryValue } from '../transport/http'
import { parseBody, replyError } from './errors'
import { isLoopback, type Settings } from './options'
import { fields, flag, objects, text, type Fields } from './read'

/** First pause after a 429 without `Retry-After`, doubled with each further one, at most ten minutes (five9.md 5, S). */
const PAUSE_MS = 30_000
const LONGEST_PAUSE_MS = 600_000
const MAX_COOKIES = 100
const MIB = 1024 * 1024

/** What a login reply tells (five9.md 2.4). */
interface Identity { readonly userId: string; readonly orgId: string; readonly tokenId: string; readonly farmId?: string; readonly api: string; readonly version?: string }

export interface ApiRequest {
  readonly method: string
  /** Below the API host, with its context path; or a whole URL for the login. */
  readonly path?: string
  readonly url?: string
  readonly query?: Readonly<Record<string, QueryValue | undefined>>
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
  /** May be sent twice when a kept connection was dead. Never for what dials. */
  readonly idempotent?: boolean
}
export interface ApiReply { readonly status: number; readonly headers: HttpHeaders; readonly body: unknown; readonly text: string }

/** Cookies, token and address of one user's session: outlive a lost connection, so that it can be joined again. */
export class Credentials {
  readonly jar = new CookieJar()
  identity: Identity | undefined
  /** `Authorization` was refused where the cookies alone were taken. */
  cookiesOnly = false

  constructor (private readonly root: string) {}

  /** Takes a login or metadata reply: it may name a new token, farm and host. @throws CtiError CTI_PROTOCOL when it is none */
  learn (reply: unknown): Identity {
    const told = fields(reply)
    const before = this.identity
    const tokenId = text(told.tokenId) ?? before?.tokenId
    const userId = text(told.userId) ?? before?.userId
    const orgId = text(told.orgId) ?? before?.orgId
    if (tokenId === undefined || userId === undefined || orgId === undefined) {
      throw new CtiError('CTI_PROTOCOL', 'The answer to the log-in holds no token and user. Is this the address of a Five9 system?', { vendor: 'five9', retryable: true })
    }
    const place = placeOf(told.metadata)
    const farmId = text(fields(told.context).farmId) ?? before?.farmId
    this.identity = {
      tokenId, userId, orgId, api: this.apiOf(place) ?? before?.api ?? this.root, ...(farmId === undefined ? {} : { farmId }), ...(place?.version === undefined ? {} : { version: place.version })
    }
    return this.identity
  }

  /** The service has moved to another farm (error 5001). */
  moveTo (farmId: string | undefined): void {
    if (this.identity !== undefined && farmId !== undefined) this.identity = { ...this.identity, farmId }
  }

  forget (): void {
    this.identity = undefined
    this.cookiesOnly = false
    this.jar.removeAllCookiesSync()
  }

  /** Headers that prove who we are, for a URL. */
  headersFor (url: string, authorization: boolean): Record<string, string> {
    const cookie = this.jar.getCookieStringSync(url)
    const { tokenId, farmId } = this.identity ?? {}
    return {
      ...(cookie === '' ? {} : { Cookie: cookie }),
      ...(farmId === undefined ? {} : { farmId }),
      ...(tokenId === undefined || !authorization || this.cookiesOnly ? {} : { Authorization: `Bearer-${tokenId}` })
    }
  }

  /** The metadata carry no scheme: it is that of the login root, and plain http stays on this machine (five9.md 2.1). */
  private apiOf (place: { host: string; port?: string } | undefined): string | undefined {
    if (place === undefined) return undefined
    const { protocol } = new URL(this.root)
    const whole = `${protocol}//${place.host}${place.port === undefined ? '' : `:${place.port}`}`
    if (!/^[A-Za-z0-9.-]+$|^\[[0-9A-Fa-f:.]+\]$/.test(place.host) || !URL.canParse(whole)) return undefined
    const { origin, hostname } = new URL(whole)
    return protocol === 'http:' && !isLoopback(hostname) ? undefined : origin
  }
}

/** The first active data centre's API address, else the first one's (five9.md 2.4). */
function placeOf (metadata: unknown): { host: string; port?: string; version?: string } | undefined {
  const centers = objects(fields(metadata).dataCenters)
  const center = centers.find(({ active }) => flag(active) === true) ?? centers[0]
  const url: Fields | undefined = objects(center?.apiUrls)[0]
  const host = text(url?.host)
  if (host === undefined) return undefined
  const port = text(url?.port)
  const version = text(url?.version)
  return { host, ...(port === undefined ? {} : { port }), ...(version === undefined ? {} : { version }) }
}

export class Five9Api {
  private readonly http: HttpClient
  private pausedUntil = 0
  private pauses = 0

  constructor (private readonly settings: Settings, readonly credentials: Credentials, private readonly clock: Clock) {
    const { tls, proxy, timeoutMs } = settings
    this.http = createHttpClient({
      // A redirect's cookies would be lost; none is part of the protocol.
      maxRedirects: 0, timeoutMs, maxReplyBytes: 64 * MIB, ...(tls === undefined ? {} : { tls }), ...(proxy === undefined ? {} : { proxy })
    })
  }

  /** @throws CtiError CTI_NOT_CONNECTED before the login */
  get identity (): Identity {
    const { identity } = this.credentials
    if (identity === undefined) throw new CtiError('CTI_NOT_CONNECTED', 'The account is not logged in.', { vendor: 'five9', retryable: true })
    return identity
  }

  /** Headers of the upgrade to a web socket. */
  socketHeaders (url: string): Record<string, string> {
    return this.credentials.headersFor(url.replace(/^ws/, 'http'), this.settings.advanced.authorization !== false)
  }

  /** @throws CtiError of the transport, or by status and error body; CTI_RATE_LIMITED without sending during a pause that the server asked for */
  async send (request: ApiRequest): Promise<ApiReply> {
    const wait = this.pausedUntil - this.clock.now()
    if (wait > 0) throw new CtiError('CTI_RATE_LIMITED', `Five9 asked for a pause: nothing is sent for ${Math.ceil(wait / 1000)} s.`, { vendor: 'five9', retryable: true, retryAfterMs: wait, sent: false })
    const url = request.url ?? `${this.identity.api}${request.path ?? ''}`
    const { body, signal, timeoutMs, query } = request
    const reply = await this.http.request({
      method: request.method,
      url,
      headers: {
        Accept: 'application/json', 'X-Requested-With': 'XMLHttpRequest', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...this.credentials.headersFor(url, this.settings.advanced.authorization !== false), ...request.headers
      },
      idempotent: request.idempotent ?? false,
      ...(query === undefined ? {} : { query }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
      ...(timeoutMs === undefined ? {} : { timeoutMs })
    })
    this.keepCookies(reply)
    if (reply.status < 200 || reply.status > 299) throw this.refusal(reply)
    this.pauses = 0
    return readReply(reply)
  }

  close (): void {
    this.http.close()
  }

  private keepCookies ({ headers, url }: HttpReply): void {
    const set = headers['set-cookie']
    // A server that never stops setting cookies does not fill the memory.
    if (set === undefined || this.credentials.jar.getCookiesSync(url).length > MAX_COOKIES) return
    for (const cookie of [set].flat().slice(0, MAX_COOKIES)) this.credentials.jar.setCookieSync(cookie, url, { ignoreError: true })
  }

  private refusal (reply: HttpReply): CtiError {
    const error = replyError(reply)
    if (error.code !== 'CTI_RATE_LIMITED') return error
    const ms = error.cause.retryAfterMs ?? Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** this.pauses)
    this.pauses++
    this.pausedUntil = this.clock.now() + ms
    error.cause.retryAfterMs = ms
    return error
  }
}

/** @throws CtiError CTI_PROTOCOL for a web page: an empty answer would be a lie */
function readReply (reply: HttpReply): ApiReply {
  const raw = reply.text()
  const body = parseBody(raw)
  const type = reply.headers['content-type']
  if (body === undefined && raw.trim() !== '' && ((typeof type === 'string' && /html/i.test(type)) || raw.trimStart().startsWith('<'))) {
    throw new CtiError('CTI_PROTOCOL', 'A web page came where the answer of Five9 was expected: a proxy or a sign-in page stands in between.', { vendor: 'five9', httpStatus: reply.status, retryable: true })
  }
  return { status: reply.status, headers: reply.headers, body, text: raw }
}
