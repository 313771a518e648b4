/** Parts that the three ways of sending a request share: address, headers, limits, redirects. */
import { setMaxListeners } from 'node:events'
import { CtiError } from '../model'
import { decodeBody } from './charset'
import { abortError, timeoutError } from './httpErrors'
import { type HttpClientOptions, type HttpHeaders, type HttpReply, type HttpRequest } from './httpTypes'

const REDIRECTS = new Set([301, 302, 307, 308])
const CREDENTIALS = new Set(['authorization', 'cookie', 'proxy-authorization'])

/** A request ready to be sent: absolute address, all headers. */
export interface Prepared {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | undefined
}

function addressOf (options: HttpClientOptions, request: HttpRequest): URL {
  const { baseUrl = '' } = options
  const path = request.path ?? ''
  const joined = path === '' ? baseUrl : `${baseUrl.replace(/\/+$/, '')}${path.startsWith('/') ? '' : '/'}${path}`
  let url: URL
  try {
    url = new URL(request.url ?? joined)
  } catch {
    throw new CtiError('CTI_INVALID_REQUEST', 'The address of the request is not a URL: check the host of the account.', { retryable: false, sent: false })
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new CtiError('CTI_INVALID_REQUEST', `The address must begin with http:// or https://, not ${url.protocol}//.`, { retryable: false, sent: false })
  }
  if (url.hash !== '') url.hash = ''
  return url
}

function addQuery (url: URL, query: HttpRequest['query']): void {
  const parts: string[] = []
  for (const [name, value] of Object.entries(query ?? {})) {
    // By encodeURIComponent and not by URLSearchParams: a blank as "+" is not understood everywhere, and "*" may mean something.
    if (value !== undefined) for (const one of [value].flat()) parts.push(`${encodeURIComponent(name)}=${encodeURIComponent(one as string)}`)
  }
  if (parts.length > 0) url.search = `${url.search === '' ? '?' : `${url.search}&`}${parts.join('&')}`
}

function sameOrigin (a: URL, b: URL): boolean {
  return a.protocol === b.protocol && a.host === b.host
}

/** @throws CtiError CTI_INVALID_REQUEST when there is no usable address or a header has forbidden characters */
export function prepare (options: HttpClientOptions, request: HttpRequest): Prepared {
  const url = addressOf(options, request)
  addQuery(url, request.query)
  const headers: Record<string, string> = {}
  const set = (name: string, value: string | undefined): void => {
    if (value === undefined) return
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value) || !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) {
      throw new CtiError('CTI_INVALID_REQUEST', `The header "${name.slice(0, 40)}" holds characters that HTTP does not allow.`, { retryable: false, sent: false })
    }
    headers[name.toLowerCase()] = value
  }
  const ours = request.url === undefined || (options.baseUrl !== undefined && URL.canParse(options.baseUrl) && sameOrigin(new URL(options.baseUrl), url))
  if (ours) for (const [name, value] of Object.entries(options.headers ?? {})) set(name, value)
  for (const [name, value] of Object.entries(request.headers ?? {})) set(name, value)
  const method = (request.method ?? 'GET').toUpperCase()
  if (!/^[A-Z]+$/.test(method)) throw new CtiError('CTI_INVALID_REQUEST', 'The method must be a word such as GET or POST.', { retryable: false, sent: false })
  const body = typeof request.body === 'string' ? Buffer.from(request.body) : request.body
  return { method, url, headers, body }
}

/** Where a redirect leads, as a new request; undefined when the reply is none, or not to be followed. */
export function redirected (from: Prepared, status: number, headers: HttpHeaders, options: HttpClientOptions): Prepared | undefined {
  const { location } = headers
  if (!REDIRECTS.has(status) || typeof location !== 'string' || !URL.canParse(location, from.url.href)) return undefined
  const url = new URL(location, from.url)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined
  const downgraded = from.url.protocol === 'https:' && url.protocol === 'http:'
  const trusted = !downgraded && (sameOrigin(from.url, url) || options.trustRedirect?.(from.url, url) === true)
  const kept = Object.entries(from.headers).filter(([name]) => name !== 'host' && (trusted || !CREDENTIALS.has(name)))
  return { ...from, url, headers: Object.fromEntries(kept) }
}

const MAX_REDIRECTS = 5

/** Sends until something other than a redirect comes back. `discard` gets rid of a redirect's body. */
export async function following<R extends { status: number; headers: HttpHeaders }> (
  first: Prepared, options: HttpClientOptions, send: (prepared: Prepared) => Promise<R>, discard: (reply: R) => void = () => undefined
): Promise<R> {
  let prepared = first
  const most = options.maxRedirects ?? MAX_REDIRECTS
  for (let count = 0; ; count++) {
    const reply = await send(prepared)
    const next = most === 0 ? undefined : redirected(prepared, reply.status, reply.headers, options)
    if (next === undefined) return reply
    discard(reply)
    if (count >= most) throw new CtiError('CTI_PROTOCOL', `${next.url.host}: more than ${most} redirects.`, { httpStatus: reply.status, retryable: false })
    prepared = next
  }
}

export function makeReply (status: number, headers: HttpHeaders, body: Buffer, url: string): HttpReply {
  return { status, headers, body, url, text: () => decodeBody(body, typeof headers['content-type'] === 'string' ? headers['content-type'] : undefined) }
}

/**
 * Runs `work` with a signal that is aborted after `ms` or by one of the outer signals.
 * @param late gets a result that came after the end
 * @throws CtiError CTI_TIMEOUT or the one of `abortError`, whatever `work` itself threw because of it
 */
export async function limited<R> (
  url: string, ms: number, outer: readonly (AbortSignal | undefined)[], work: (signal: AbortSignal) => Promise<R>, late?: (result: R) => void
): Promise<R> {
  const aborting = outer.find((signal) => signal?.aborted)
  if (aborting !== undefined) throw abortError(aborting, url)
  const controller = new AbortController()
  return new Promise<R>((resolve, reject) => {
    let over = false
    const finish = (): boolean => {
      if (over) return false
      over = true
      clearTimeout(timer)
      for (const signal of outer) signal?.removeEventListener('abort', aborted)
      return true
    }
    const stop = (error: CtiError): void => {
      if (!finish()) return
      reject(error)
      controller.abort()
    }
    const aborted = (): void => stop(abortError(outer.find((signal) => signal?.aborted), url))
    const timer = setTimeout(() => stop(timeoutError(url, ms)), ms)
    for (const signal of outer) {
      if (signal === undefined) continue
      // Many requests hang on the signal of one connection; node would warn of a leak at eleven.
      setMaxListeners(0, signal)
      signal.addEventListener('abort', aborted, { once: true })
    }
    work(controller.signal).then((result) => {
      if (finish()) resolve(result)
      else late?.(result)
    }, (error: unknown) => {
      if (finish()) reject(CtiError.from(error))
    })
  })
}
