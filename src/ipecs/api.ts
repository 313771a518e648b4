/** Requests to the Web API: address, token, envelope, answer (ipecs.md 2, 3.1). */
import { CtiError } from '../model'
import { createHttpClient, type HttpClient, type HttpHeaders, type HttpReply, type QueryValue } from '../transport/http'
import { fillParams, type Command } from './commands'
import { loginError, replyError } from './errors'
import type { Settings } from './options'
import { fields, isFields, parseObject, text, type Fields } from './read'

/** ms before a request is repeated once because the switch is short of resources (ipecs.md 7.3). */
const BUSY_MS = 500
const BUSY_CODE = '301'

export interface ApiReply {
  readonly status: number
  readonly headers: HttpHeaders
  /** The whole body; undefined when it is empty or no object. */
  readonly body: Fields | undefined
  /** `data` of the answer, else the body itself. */
  readonly data: Fields
  /** As named in the command's `returns`. */
  readonly values: Fields
  readonly text: string
}

interface CallOptions { readonly signal?: AbortSignal; readonly timeoutMs?: number; readonly token?: string }
interface RawRequest {
  readonly method: string
  /** Below `/ipxapi`, with a leading slash. */
  readonly path: string
  readonly query?: Readonly<Record<string, QueryValue | undefined>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly repeatable?: boolean
}

const ROOT = '/ipxapi'

/** The requests of one account. Every failure is a CtiError. */
export class IpecsApi {
  /** Taken from a login; undefined before, and after it was refused. */
  token: string | undefined
  /**
   * Two clients because the switch closes a kept connection after 5 s (ipecs.md 10, trap 21): what may be repeated uses kept ones; what may not gets a
   * fresh one each time, since a reset would leave its outcome unknown.
   */
  private readonly kept: HttpClient
  private readonly fresh: HttpClient
  private readonly paths = new Map<Command, string>()
  private transaction = Date.now()

  /** @throws CtiError CTI_INVALID_REQUEST when TLS material or proxy cannot be used */
  constructor (private readonly settings: Settings, private readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>) {
    const { origin, tls, proxy, timeoutMs } = settings
    const options = { baseUrl: origin + ROOT, timeoutMs, maxRedirects: 0, maxSockets: 4, ...(tls === undefined ? {} : { tls }), ...(proxy === undefined ? {} : { proxy }) }
    this.kept = createHttpClient(options)
    this.fresh = createHttpClient({ ...options, headers: { Connection: 'close' } })
  }

  /** Path of a command below `/ipxapi`. */
  pathOf (path: string): string {
    const { accountType, username } = this.settings
    const user = encodeURIComponent(username)
    return path.startsWith('/') ? path.replace(/\{user\}/g, user) : `/${accountType}/v1/users/${user}/${path}`
  }

  /** Logs in with user and password. @returns the answer; the token is kept. @throws CtiError see `loginError` */
  async login (signal?: AbortSignal): Promise<Fields> {
    const { username, password, commands } = this.settings
    const command = commands.get('login')!
    const basic = Buffer.from(`${username}:${password}`, 'utf8').toString('base64')
    const reply = await this.kept.request({
      method: command.method, path: this.pathOf(command.path), headers: { Authorization: `Basic ${basic}`, Accept: '*/*', 'Content-Type': 'application/json', 'Cache-Control': 'no-cache' }, ...(signal === undefined ? {} : { signal })
    })
    if (reply.status !== 200) throw loginError(reply)
    const body = bodyOf(reply)
    const token = text(body?.token)
    if (token === undefined) throw new CtiError('CTI_PROTOCOL', 'The login was answered without a token. Is this the Web API of an iPECS switch?', { vendor: 'ipecs', retryable: true })
    this.token = token
    return body ?? {}
  }

  /**
   * Sends a command of the table.
   * @param values what its `"{name}"` stand for
   * @throws CtiError by status and code, CTI_UNSUPPORTED when the command is switched off
   */
  async call (name: string, values: Fields = {}, options: CallOptions = {}): Promise<ApiReply> {
    const command = this.settings.commands.get(name)
    if (command === undefined) throw new CtiError('CTI_INVALID_REQUEST', `There is no command "${name.slice(0, 60)}" in the table of commands.`, { vendor: 'ipecs', retryable: false })
    if (command.enabled === false) throw CtiError.unsupported(name, 'ipecs', 'its path is not known; put it into "commands" of the account', [])
    try {
      return await this.once(name, command, values, options)
    } catch (error) {
      if (!(error instanceof CtiError) || error.cause.code !== BUSY_CODE || error.cause.httpStatus === undefined) throw error
      await this.wait(BUSY_MS, options.signal)
      return this.once(name, command, values, options)
    }
  }

  /** Any request below `/ipxapi`, with the account's token. @throws CtiError by the status */
  async send (request: RawRequest, options: CallOptions = {}, name = 'request'): Promise<ApiReply> {
    const reply = await this.exchange(request, options)
    if (reply.status < 200 || reply.status > 299) throw replyError(reply, name)
    return readReply(reply)
  }

  close (): void {
    this.kept.close()
    this.fresh.close()
  }

  private async once (name: string, command: Command, values: Fields, options: CallOptions): Promise<ApiReply> {
    const params = fillParams(command.params, values)
    const path = this.paths.get(command) ?? command.path
    let reply = await this.exchange(this.written(command, path, params), options)
    if (reply.status === 404 && command.otherPath !== undefined && path === command.path && parseObject(reply.text())?.error === undefined) {
      reply = await this.exchange(this.written(command, command.otherPath, params), options)
      if (reply.status === 200) this.paths.set(command, command.otherPath)
    }
    if (reply.status < 200 || reply.status > 299) throw replyError(reply, name)
    const read = readReply(reply)
    // An error body under 200 was never recorded, but costs nothing to notice.
    if (isFields(read.body?.error)) throw replyError(reply, name)
    const returned: Record<string, unknown> = {}
    for (const [ours, theirs] of Object.entries(command.returns ?? {})) if (read.data[theirs] !== undefined) returned[ours] = read.data[theirs]
    return { ...read, values: returned }
  }

  private written (command: Command, path: string, params: Record<string, unknown>): RawRequest {
    const request = { method: command.method, path: this.pathOf(path), repeatable: command.repeatable ?? command.method === 'GET' }
    const isEmpty = Object.keys(params).length === 0
    if (command.in === 'query') return { ...request, query: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, asQuery(value)])) }
    if (command.in === 'form') {
      const form = Object.entries(params).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(asQuery(value)))}`).join('&')
      return { ...request, body: form, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }
    }
    if (command.envelope || (this.settings.alwaysEnvelope && !isEmpty)) return { ...request, body: JSON.stringify({ transactionID: ++this.transaction, data: params }) }
    return isEmpty ? request : { ...request, body: JSON.stringify(params) }
  }

  private exchange (request: RawRequest, options: CallOptions): Promise<HttpReply> {
    const token = options.token ?? this.token
    const isRepeatable = request.repeatable === true
    return (isRepeatable ? this.kept : this.fresh).request({
      method: request.method,
      path: request.path,
      headers: { ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }), 'Content-Type': 'application/json', Accept: 'application/json', ...request.headers },
      idempotent: isRepeatable,
      ...(request.query === undefined ? {} : { query: request.query }),
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs })
    })
  }
}

function asQuery (value: unknown): QueryValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : JSON.stringify(value)
}

/** @throws CtiError CTI_PROTOCOL for a web page: an empty list out of it would be a lie */
function bodyOf (reply: HttpReply): Fields | undefined {
  const type = reply.headers['content-type']
  const isPage = typeof type === 'string' && /^\s*text\/html\b/i.test(type)
  const raw = reply.text()
  const body = parseObject(raw)
  if (body === undefined && (isPage || raw.trim() !== '')) {
    throw new CtiError('CTI_PROTOCOL', `${isPage ? 'A web page' : 'Something else than JSON'} came where the answer of the switch was expected. Check host and port.`, { vendor: 'ipecs', httpStatus: reply.status, retryable: true })
  }
  return body
}

/** Logout and click call answer with nothing at all (ipecs.md 10, trap 3). */
function readReply (reply: HttpReply): ApiReply {
  const body = bodyOf(reply)
  return { status: reply.status, headers: reply.headers, body, data: isFields(body?.data) ? body.data : fields(body), values: {}, text: reply.text() }
}
