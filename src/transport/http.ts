/** HTTP of an account: ordinary requests on axios, acknowledgements and streams on node's own http, one way to connect for all. */
import axios, { type AxiosRequestConfig, type AxiosResponse } from 'axios'
import { type Agents, createAgents } from './agents'
import { CLIENT_CLOSED, Connector } from './connect'
import { Gate } from './gate'
import { connectionError } from './httpErrors'
import { FireQueue, isStale } from './httpFire'
import { following, limited, makeReply, prepare, type Prepared } from './httpShared'
import { Streams } from './httpStream'
import { type HttpClient, type HttpClientOptions, type HttpHeaders, type HttpReply, type HttpRequest, type HttpStream } from './httpTypes'
import { type TlsSettings } from './tls'

export type { HttpClient, HttpClientOptions, HttpHeaders, HttpReply, HttpRequest, HttpStream, QueryValue, StreamListener } from './httpTypes'
export type { TlsOptions } from './tls'
export { retryAfterMs, statusError } from './statusError'

const TIMEOUT = 10_000
const MAX_REPLY = 8 * 1024 * 1024
const MAX_SOCKETS = 8
const MAX_FIRE_SOCKETS = 4
const MAX_FIRE_QUEUED = 2000

/** One for all clients, apart from the defaults and interceptors that other packages may set: an instance for each would cost every account memory. */
const plainAxios = axios.create()

class Client implements HttpClient {
  private readonly connector: Connector
  private readonly agents: Agents
  private readonly fireAgents: Agents
  private readonly streams: Streams
  private readonly axiosOptions: AxiosRequestConfig
  private readonly closing = new AbortController()
  private readonly gate: Gate
  private readonly fires: FireQueue

  constructor (private readonly options: HttpClientOptions, tls?: TlsSettings) {
    const maxReplyBytes = options.maxReplyBytes ?? MAX_REPLY
    this.connector = new Connector(options, tls)
    const maxSockets = options.maxSockets ?? MAX_SOCKETS
    const maxFireSockets = options.maxFireSockets ?? MAX_FIRE_SOCKETS
    this.agents = createAgents(this.connector, maxSockets)
    this.fireAgents = createAgents(this.connector, maxFireSockets)
    this.gate = new Gate(maxSockets)
    this.fires = new FireQueue(this.fireAgents, {
      sockets: maxFireSockets, queued: options.maxFireQueued ?? MAX_FIRE_QUEUED, replyBytes: maxReplyBytes, timeoutMs: options.timeoutMs ?? TIMEOUT
    })
    this.streams = new Streams(this.connector, maxReplyBytes)
    this.axiosOptions = {
      httpAgent: this.agents.http, httpsAgent: this.agents.https, proxy: false, maxRedirects: 0, responseType: 'arraybuffer',
      maxContentLength: maxReplyBytes, maxBodyLength: Infinity, validateStatus: () => true, transformRequest: [], transformResponse: []
    }
  }

  async request (request: HttpRequest): Promise<HttpReply> {
    const prepared = prepare(this.options, request)
    return this.run(prepared.url.href, request, (signal) => this.gate.run(signal, () => (
      following(prepared, this.options, (step) => this.repeated(request, step, () => this.viaAxios(step, signal)))
    )))
  }

  async fire (request: HttpRequest): Promise<HttpReply> {
    const prepared = prepare(this.options, request)
    if (this.closing.signal.aborted) throw connectionError({ code: CLIENT_CLOSED }, prepared.url.href)
    return this.fires.send(prepared, request)
  }

  async openStream (request: HttpRequest): Promise<HttpStream> {
    const prepared = prepare(this.options, request)
    const open = (signal: AbortSignal): Promise<HttpStream> => following(prepared, this.options, (step) => this.streams.send(step, signal).catch((error: unknown) => {
      throw connectionError(error, step.url.href)
    }), (redirect) => redirect.destroy())
    return this.run(prepared.url.href, request, open, (stream) => stream.destroy())
  }

  pinned (host: string, address: string): HttpClient {
    return new Client({ ...this.options, pin: { host, address } }, this.connector.tls)
  }

  close (): void {
    this.closing.abort()
    this.connector.close()
    this.fires.close()
    this.streams.close()
    this.agents.destroy()
    this.fireAgents.destroy()
  }

  private async run<R> (url: string, request: HttpRequest, work: (signal: AbortSignal) => Promise<R>, late?: (result: R) => void): Promise<R> {
    if (this.closing.signal.aborted) throw connectionError({ code: CLIENT_CLOSED }, url)
    return limited(url, request.timeoutMs ?? this.options.timeoutMs ?? TIMEOUT, [request.signal, this.closing.signal], work, late)
  }

  private async repeated (request: HttpRequest, step: Prepared, send: () => Promise<HttpReply>): Promise<HttpReply> {
    const url = step.url.href
    try {
      return await send()
    } catch (error) {
      if (request.idempotent !== true || !isStale(error, (error as { request?: { reusedSocket?: boolean } }).request?.reusedSocket)) throw connectionError(error, url)
    }
    try {
      return await send()
    } catch (error) {
      throw connectionError(error, url)
    }
  }

  private async viaAxios (step: Prepared, signal: AbortSignal): Promise<HttpReply> {
    const headers = { 'Content-Type': null, 'User-Agent': null, ...step.headers }
    const response: AxiosResponse<Buffer> = await plainAxios.request({ ...this.axiosOptions, method: step.method, url: step.url.href, headers, data: step.body, signal })
    return makeReply(response.status, { ...response.headers } as HttpHeaders, response.data, step.url.href)
  }
}

/** @throws CtiError CTI_INVALID_REQUEST when the proxy or the TLS material cannot be used */
export function createHttpClient (options: HttpClientOptions = {}): HttpClient {
  return new Client(options)
}
