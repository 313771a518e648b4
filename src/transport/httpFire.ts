/**
 * Small frequent requests (an acknowledgement for every event) at little more than the price of node's own request: a bounded queue in front of a few
 * kept connections, no redirects, one timer each, no abort controllers.
 */
import type http from 'node:http'
import { CtiError } from '../model'
import { type Agents } from './agents'
import { CLIENT_CLOSED } from './connect'
import { abortError, connectionError, placeOf, timeoutError, tooLargeError } from './httpErrors'
import { createRequest } from './httpNode'
import { makeReply, type Prepared } from './httpShared'
import { type HttpReply, type HttpRequest } from './httpTypes'

export interface FireLimits { sockets: number; queued: number; replyBytes: number; timeoutMs: number }

/** A kept connection that the server had already given up: the request was not looked at, or may be sent twice anyway. */
export function isStale (error: unknown, reusedSocket: boolean | undefined): boolean {
  const { code } = error as NodeJS.ErrnoException
  return reusedSocket === true && (code === 'ECONNRESET' || code === 'EPIPE')
}

interface Shot {
  readonly prepared: Prepared
  readonly request: HttpRequest
  readonly resolve: (reply: HttpReply) => void
  readonly reject: (error: CtiError) => void
  timer?: NodeJS.Timeout
  /** It has a place; false while it waits. */
  started: boolean
  current?: http.ClientRequest
  repeated: boolean
  over: boolean
}

/** Shots that hang on one signal: one listener for all, since adding a listener costs the number of those already there. */
interface Hanging { readonly shots: Set<Shot>; readonly listener: () => void }

export class FireQueue {
  private readonly signals = new Map<AbortSignal, Hanging>()
  private readonly open = new Set<Shot>()
  private waiting: Shot[] = []
  private running = 0

  constructor (private readonly agents: Agents, private readonly limits: FireLimits) {}

  /** @throws CtiError as `HttpClient.fire` */
  send (prepared: Prepared, request: HttpRequest): Promise<HttpReply> {
    const { queued, timeoutMs } = this.limits
    const url = prepared.url.href
    if (this.open.size >= queued) {
      return Promise.reject(new CtiError('CTI_RATE_LIMITED', `${placeOf(url)}: ${queued} requests are still unanswered.`, { retryable: true, sent: false }))
    }
    const { signal } = request
    if (signal?.aborted) return Promise.reject(abortError(signal, url))
    return new Promise((resolve, reject) => {
      const shot: Shot = { prepared, request, resolve, reject, started: false, repeated: false, over: false }
      const ms = request.timeoutMs ?? timeoutMs
      shot.timer = setTimeout(() => this.fail(shot, timeoutError(url, ms)), ms)
      if (signal !== undefined) this.hang(shot, signal)
      this.open.add(shot)
      if (this.running < this.limits.sockets) this.start(shot)
      else this.waiting.push(shot)
    })
  }

  close (): void {
    this.waiting = []
    for (const shot of [...this.open]) this.fail(shot, connectionError({ code: CLIENT_CLOSED }, shot.prepared.url.href))
  }

  private hang (shot: Shot, signal: AbortSignal): void {
    let hanging = this.signals.get(signal)
    if (hanging === undefined) {
      const shots = new Set<Shot>()
      hanging = { shots, listener: () => { for (const one of [...shots]) this.fail(one, abortError(signal, one.prepared.url.href)) } }
      this.signals.set(signal, hanging)
      signal.addEventListener('abort', hanging.listener, { once: true })
    }
    hanging.shots.add(shot)
  }

  private unhang (shot: Shot): void {
    const { signal } = shot.request
    const hanging = signal && this.signals.get(signal)
    if (signal === undefined || hanging === undefined) return
    hanging.shots.delete(shot)
    if (hanging.shots.size > 0) return
    this.signals.delete(signal)
    signal.removeEventListener('abort', hanging.listener)
  }

  private start (shot: Shot): void {
    this.running++
    shot.started = true
    this.attempt(shot)
  }

  private attempt (shot: Shot): void {
    const { prepared } = shot
    const { http: plain, https: secure } = this.agents
    let request: http.ClientRequest
    try {
      request = createRequest(prepared, { agent: prepared.url.protocol === 'https:' ? secure : plain })
    } catch (error) {
      // Runs in a tick of its own for those that waited: nobody above could catch it.
      this.fail(shot, connectionError(error, prepared.url.href))
      return
    }
    shot.current = request
    request.once('response', (response) => this.read(shot, response))
    request.on('error', (error) => {
      if (shot.over || shot.current !== request) return
      if (!shot.repeated && shot.request.idempotent === true && isStale(error, request.reusedSocket)) {
        shot.repeated = true
        this.attempt(shot)
      } else {
        this.fail(shot, connectionError(error, prepared.url.href))
      }
    })
    request.end(prepared.body)
  }

  private read (shot: Shot, response: http.IncomingMessage): void {
    const url = shot.prepared.url.href
    const chunks: Buffer[] = []
    let size = 0
    response.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > this.limits.replyBytes) this.fail(shot, tooLargeError(url, this.limits.replyBytes))
      else chunks.push(chunk)
    })
    response.once('end', () => {
      if (this.finish(shot)) shot.resolve(makeReply(response.statusCode ?? 0, response.headers, Buffer.concat(chunks), url))
    })
    response.on('error', (error) => this.fail(shot, connectionError(error, url)))
    response.once('close', () => { if (!shot.over) this.fail(shot, connectionError({ code: 'ECONNRESET' }, url)) })
  }

  private fail (shot: Shot, error: CtiError): void {
    if (!this.finish(shot)) return
    shot.current?.destroy()
    shot.reject(error)
  }

  /** Once for each; the next one takes its place when the connection is back in the pool. */
  private finish (shot: Shot): boolean {
    if (shot.over) return false
    shot.over = true
    clearTimeout(shot.timer)
    this.unhang(shot)
    this.open.delete(shot)
    if (shot.started) {
      // Node frees the connection in a tick of its own that was queued before this one.
      process.nextTick(() => {
        this.running--
        this.startNext()
      })
    }
    return true
  }

  private startNext (): void {
    while (this.running < this.limits.sockets) {
      const shot = this.waiting.shift()
      if (shot === undefined) return
      if (!shot.over) this.start(shot)
    }
  }
}
