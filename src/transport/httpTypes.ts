/** What the HTTP client takes and gives. */
import { type ConnectOptions } from './connect'

/** Names in lower case; `set-cookie` is a list. */
export type HttpHeaders = Readonly<Record<string, string | string[] | undefined>>
export type QueryValue = string | number | boolean

export interface HttpClientOptions extends ConnectOptions {
  /** Paths of requests are appended to it. */
  baseUrl?: string
  /** Sent with every request to the host of `baseUrl`; a request's own win. */
  headers?: Readonly<Record<string, string>>
  /** Sockets for `request` at once; more requests wait. Default 8. */
  maxSockets?: number
  /** Sockets for `fire` at once. Default 4. */
  maxFireSockets?: number
  /** Requests of `fire` under way or waiting; more are refused. Default 2000. */
  maxFireQueued?: number
  /** ms for a whole request, redirects and repetition included. Default 10,000. */
  timeoutMs?: number
  /** Bytes of a reply's body, decompressed. Default 8 MiB. */
  maxReplyBytes?: number
  /** Default 5; 0 hands redirects to the caller. */
  maxRedirects?: number
  /**
   * Whether Authorization and Cookie go along when a redirect leads to another origin. Default: never. They never go from https to http.
   */
  trustRedirect?: (from: URL, to: URL) => boolean
}

export interface HttpRequest {
  /** Default GET. */
  method?: string
  /** Appended to `baseUrl`; percent-encoded by the caller, may hold a query. */
  path?: string
  /** Whole address, instead of `path`. */
  url?: string
  /** Added to the query; a list repeats the name; undefined is left out. */
  query?: Readonly<Record<string, QueryValue | readonly QueryValue[] | undefined>>
  headers?: Readonly<Record<string, string | undefined>>
  body?: string | Buffer
  /** ms for the whole request (of a stream: until its head has arrived). */
  timeoutMs?: number
  signal?: AbortSignal
  /** May be sent twice: it is repeated once when a kept connection turns out to be dead. */
  idempotent?: boolean
}

export interface HttpReply {
  readonly status: number
  readonly headers: HttpHeaders
  readonly body: Buffer
  /** Where the reply came from in the end, after redirects. */
  readonly url: string
  /** Body as text, by the charset of Content-Type or of the XML declaration; never throws. */
  text (): string
}

export interface StreamListener {
  /** A piece of the body. The buffer is the listener's. */
  data (chunk: Buffer): void
  /** Once; without an error when the server ended the body properly. Not called after `destroy`. */
  end (error?: Error): void
}

/** A long response on a socket of its own. Nothing is read before `listen` or `reply`. */
export interface HttpStream {
  readonly status: number
  readonly headers: HttpHeaders
  readonly url: string
  /** Address of the server; undefined behind a proxy. */
  readonly remoteAddress: string | undefined
  listen (listener: StreamListener): void
  /** Reads the rest as an ordinary reply (an error's body): size limit, `ms` at most. Ends the stream. */
  reply (ms?: number): Promise<HttpReply>
  /** Back pressure: the server is not read until `resume`. */
  pause (): void
  resume (): void
  destroy (): void
}

export interface HttpClient {
  /**
   * Redirects 301, 302, 307, 308 are followed with the same method and body. Every status is a reply (see `statusError`).
   * @throws CtiError CTI_UNAVAILABLE (no connection, certificate not accepted), CTI_TIMEOUT, CTI_PROTOCOL (not HTTP, too large), CTI_NOT_CONNECTED
   * (aborted, client closed), or the signal's reason when that is a CtiError. `cause.sent` is false when the request surely did not leave.
   */
  request (request: HttpRequest): Promise<HttpReply>
  /** The fast way for small frequent requests (acknowledgements): few pooled sockets, no redirects. Same errors; too many waiting is CTI_RATE_LIMITED. */
  fire (request: HttpRequest): Promise<HttpReply>
  /** Resolves when the head has come. Same errors as `request`. */
  openStream (request: HttpRequest): Promise<HttpStream>
  /** A client like this one that connects to `address` whenever `host` is asked for. Closed on its own. */
  pinned (host: string, address: string): HttpClient
  /** Ends all its sockets and requests, streams included. */
  close (): void
}
