/** One event channel: the stream, what keeps it alive, what says that it is dead (xsi.md 4.2 to 4.6, 5). */
import { CtiError } from '../model'
import type { Clock } from '../session/types'
import { Watchdog } from '../session/watchdog'
import type { HttpClient, HttpStream } from '../transport/http'
import { document, element, parseXml, XmlDocumentSplitter } from '../transport/xml'
import { Acknowledger } from './acknowledger'
import { expectRoot, path, type XsiApi } from './api'
import { readDocument } from './documents'
import { asLost, replyError } from './errors'
import { NAMESPACE, TERMINATED_REASONS, type XsiDocument, type XsiEvent } from './protocol'
import { number } from './read'

/** ms until a failed heartbeat or refresh is tried again. */
const HEARTBEAT_RETRY_MS = 5000
const REFRESH_RETRY_MS = 60_000
/** ms from the request to the first document: some channels never come up (xsi.md 5). */
const OPEN_MS = 10_000
/** A timer holds at most 2^31 ms; a refresh twice a day does no harm. */
const LONGEST_REFRESH_MS = 43_200_000
const NEVER_S = 2147483646
const MAX_DOCUMENT = 1024 * 1024

export interface ChannelOptions {
  readonly api: XsiApi
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly channelSetId: string
  readonly applicationId: string
  readonly expires: number
  readonly heartbeatMs: number
  /** Lower is preferred by the server (xsi.md 4.2). */
  readonly priority: number
  /** Silence on this stream that counts as dead, ms; 0 when somebody else watches it. */
  readonly silenceMs: number
  /** An event; runs on the wire path. */
  readonly event: (event: XsiEvent, channel: EventChannel) => void
  /** Anything at all came. */
  readonly heard: () => void
  /** Once, unless the channel was closed by us. */
  readonly lost: (error: CtiError) => void
  readonly warn: (code: string, text: string) => void
}

const half = (seconds: number): number => Math.min(LONGEST_REFRESH_MS, Math.max(1, seconds * 500))

/** First cookie of the web session, by hand: its path keeps a cookie jar from sending it to the stream's address (xsi.md 2.2). */
export function sessionCookie (setCookie: string | string[] | undefined): string | undefined {
  const list = typeof setCookie === 'string' ? [setCookie] : setCookie ?? []
  return list.find((cookie) => /^JSESSIONID=/i.test(cookie))?.split(';')[0]
}

export class EventChannel {
  channelId = ''
  private readonly splitter: XmlDocumentSplitter
  private pinned: HttpClient
  private stream: HttpStream | undefined
  private acknowledger: Acknowledger | undefined
  private eventsBase: string
  private cookie: string | undefined
  private over = false
  private opened: ((error?: CtiError) => void) | undefined
  private readonly timers = new Map<'heartbeat' | 'refresh' | 'open', unknown>()
  private readonly dog: Watchdog
  private readonly stopped = (): void => this.stop()

  constructor (private readonly options: ChannelOptions) {
    this.pinned = options.api.http
    this.eventsBase = options.api.bases.events
    this.splitter = new XmlDocumentSplitter({
      maxBytes: MAX_DOCUMENT,
      onDocument: (text) => this.document(text),
      onFault: (kind, detail) => options.warn('malformedDocument', `A document of the event stream was dropped (${kind}: ${detail}).`)
    })
    this.dog = new Watchdog(options.clock, (ms) => this.fail(new CtiError('CTI_TIMEOUT', `The event stream was silent for ${Math.round(ms / 1000)} s.`, { vendor: 'xsi', retryable: true })))
    options.signal.addEventListener('abort', this.stopped, { once: true })
  }

  /** Neither closed nor lost. */
  get isOpen (): boolean {
    return !this.over
  }

  /** Opens the stream and waits for the channel document. @throws CtiError */
  async open (): Promise<void> {
    const { api, clock, signal, channelSetId, applicationId, expires, priority } = this.options
    const startedAt = clock.now()
    const body = document(element('Channel', [
      element('channelSetId', channelSetId), element('priority', priority), element('weight', 50), element('expires', expires), element('applicationId', applicationId)
    ], { xmlns: NAMESPACE }))
    const send = async (): Promise<HttpStream> => api.http.openStream({
      method: 'POST',
      url: `${api.bases.channel}/v2.0/channel`,
      headers: { ...await api.headers(), 'Content-Type': 'application/xml; charset=UTF-8' },
      body,
      timeoutMs: OPEN_MS,
      signal
    })
    const used = await api.authorization.header()
    let stream = await send()
    if (stream.status === 401 && await api.authorization.renew(used)) {
      stream.destroy()
      stream = await send()
    }
    if (stream.status !== 200) throw replyError(await stream.reply())
    this.stream = stream
    this.pin(stream)
    await this.channelDocument(stream, Math.max(1, OPEN_MS - (clock.now() - startedAt)))
    this.dog.arm(this.options.silenceMs)
    this.heartbeatIn(this.options.heartbeatMs)
  }

  /** Acknowledges an event of this stream. */
  acknowledge (eventId: string, known: boolean): void {
    if (this.over) return
    if (known) this.acknowledger?.received(eventId)
    else this.acknowledger?.unknownSubscription(eventId)
  }

  /** Back pressure. */
  pause (): void { this.stream?.pause() }
  resume (): void { this.stream?.resume() }

  /** Deletes the channel on its server, then ends the stream. Errors are of no interest: the server ends it by itself after the last heartbeat. */
  async close (signal?: AbortSignal): Promise<void> {
    const { channelId } = this
    this.over = true
    try {
      if (channelId !== '') await this.send('DELETE', path('channel', channelId), signal)
    } catch {
      // Nothing left to do: no heartbeat follows, so the server closes it.
    } finally {
      this.stop()
    }
  }

  private pin (stream: HttpStream): void {
    const { api, signal } = this.options
    const url = new URL(stream.url)
    this.cookie = sessionCookie(stream.headers['set-cookie'])
    // After a redirect the new host is the host of this channel (xsi.md 3.1).
    const redirected = url.origin !== new URL(api.bases.channel).origin
    if (redirected) this.eventsBase = url.origin + new URL(api.bases.events).pathname
    if (stream.remoteAddress !== undefined) {
      this.pinned = api.http.pinned(url.hostname.replace(/^\[|\]$/g, ''), stream.remoteAddress)
    }
    this.acknowledger = new Acknowledger({
      http: this.pinned,
      base: this.eventsBase,
      authorization: api.authorization,
      cookie: this.cookie,
      signal,
      // A server that takes no acknowledgements must not fill memory with events: its own queue does (performance.md G10).
      busy: (isBusy) => isBusy ? this.pause() : this.resume(),
      failed: (status) => {
        if (!this.over) this.options.warn('acknowledgeFailed', `An event could not be acknowledged (${status === undefined ? 'no reply' : `status ${status}`}).`)
      }
    })
  }

  private channelDocument (stream: HttpStream, ms: number): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.opened = (error) => {
        this.opened = undefined
        this.clear('open')
        if (error === undefined) return resolve()
        reject(error)
        this.stop()
      }
      this.timers.set('open', this.options.clock.setTimeout(() => {
        this.opened?.(new CtiError('CTI_TIMEOUT', `The server opened no event channel within ${OPEN_MS / 1000} s.`, { vendor: 'xsi', retryable: true }))
      }, ms))
      stream.listen({
        data: (chunk) => {
          this.dog.heard()
          this.options.heard()
          this.splitter.push(chunk)
        },
        end: (error) => {
          this.splitter.end()
          this.fail(new CtiError('CTI_UNAVAILABLE', 'The server ended the event stream.', { vendor: 'xsi', retryable: true, ...(error === undefined ? {} : { text: error.message }) }))
        }
      })
    })
  }

  private document (text: string): void {
    if (this.over && this.opened === undefined) return
    let read: XsiDocument
    try {
      const { root, value } = parseXml(text)
      read = readDocument(root, value)
    } catch (error) {
      this.options.warn('malformedDocument', `A document of the event stream could not be read: ${CtiError.from(error).message}`)
      return
    }
    switch (read.kind) {
      case 'event': return this.options.event(read.event, this)
      case 'heartbeat': return
      case 'channel': return this.begin(read.channelId, read.expires)
      case 'terminated': return this.terminated(read.reason)
      case 'error': return this.errorDocument(read.code, read.text)
      default: this.unknown(read.root, read.eventId)
    }
  }

  /** An event that lacks what an event needs will not be better when it is sent again: unacknowledged it would end the channel (xsi.md 4.4). */
  private unknown (root: string, eventId: string | undefined): void {
    this.options.warn('unknownDocument', `A document "${root.slice(0, 40)}" of the event stream was not understood.`)
    if (eventId !== undefined) this.acknowledge(eventId, true)
  }

  private begin (channelId: string, expires: number | undefined): void {
    if (this.channelId !== '') return
    this.channelId = channelId
    this.refreshIn(expires ?? this.options.expires)
    this.opened?.()
  }

  private terminated (reason: string): void {
    const known = TERMINATED_REASONS[reason]
    const text = known?.meaning ?? `The server ended the event channel (${reason.slice(0, 60)}).`
    this.fail(new CtiError(known?.reopen === false ? 'CTI_CONFLICT' : 'CTI_UNAVAILABLE', text, { vendor: 'xsi', code: reason.slice(0, 60), retryable: known?.reopen !== false }))
  }

  private errorDocument (code: string | undefined, text: string | undefined): void {
    const error = new CtiError('CTI_UNAVAILABLE', `The server reported an error on the event stream: ${text ?? code ?? 'unknown'}.`, { vendor: 'xsi', retryable: true, ...(code === undefined ? {} : { code }), ...(text === undefined ? {} : { text }) })
    if (this.opened !== undefined) this.opened(error)
    else this.options.warn('streamError', error.message)
  }

  private fail (error: CtiError): void {
    if (this.opened !== undefined) return this.opened(error)
    if (this.over) return
    this.stop()
    this.options.lost(error)
  }

  private stop (): void {
    this.over = true
    this.dog.stop()
    this.options.signal.removeEventListener('abort', this.stopped)
    for (const name of ['heartbeat', 'refresh', 'open'] as const) this.clear(name)
    this.stream?.destroy()
    if (this.pinned !== this.options.api.http) this.pinned.close()
    this.opened?.(new CtiError('CTI_NOT_CONNECTED', 'The connection was closed while the event channel was being opened.', { vendor: 'xsi', retryable: true }))
  }

  private clear (name: 'heartbeat' | 'refresh' | 'open'): void {
    const timer = this.timers.get(name)
    if (timer === undefined) return
    this.timers.delete(name)
    this.options.clock.clearTimeout(timer)
  }

  private later (name: 'heartbeat' | 'refresh', ms: number, run: () => Promise<void>): void {
    this.clear(name)
    if (this.over) return
    this.timers.set(name, this.options.clock.setTimeout(() => {
      this.timers.delete(name)
      void run()
    }, ms))
  }

  private heartbeatIn (ms: number): void {
    this.later('heartbeat', ms, async () => {
      this.heartbeatIn(this.options.heartbeatMs)
      try {
        await this.send('PUT', path('channel', this.channelId, 'heartbeat'))
      } catch (error) {
        this.trouble(CtiError.from(error, 'xsi'), 'The event channel is not known to its server any more.', () => this.heartbeatIn(HEARTBEAT_RETRY_MS))
      }
    })
  }

  private refreshIn (expires: number): void {
    if (expires >= NEVER_S) return
    this.later('refresh', half(expires), async () => {
      try {
        const body = document(element('Channel', [element('expires', this.options.expires)], { xmlns: NAMESPACE }))
        const reply = await this.send('PUT', path('channel', this.channelId), undefined, body)
        this.refreshIn(number(expectRoot(reply, 'Channel'), 'expires') ?? this.options.expires)
      } catch (error) {
        this.trouble(CtiError.from(error, 'xsi'), 'The event channel could not be renewed.', () => this.later('refresh', REFRESH_RETRY_MS, async () => this.refreshIn(0)))
      }
    })
  }

  /** Refused for good: reopen. Anything else is tried again; the silence on the stream decides whether it is dead. */
  private trouble (error: CtiError, message: string, again: () => void): void {
    if (this.over) return
    if (error.code === 'CTI_UNAUTHORIZED') return this.fail(error)
    if (error.code === 'CTI_NOT_FOUND' || error.code === 'CTI_FORBIDDEN') return this.fail(asLost(error, message))
    again()
  }

  private send (method: string, at: string, signal: AbortSignal | undefined = this.options.signal, body?: string): ReturnType<XsiApi['send']> {
    const headers = this.cookie === undefined ? {} : { Cookie: this.cookie }
    return this.options.api.send(this.eventsBase, { method, path: at, headers, signal, ...(body === undefined ? {} : { body }) }, this.pinned)
  }
}
