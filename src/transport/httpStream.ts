/** A response that goes on for hours: its own socket, no pool, no time-out after the head, back pressure (xsi.md 5). */
import type http from 'node:http'
import type net from 'node:net'
import { type CtiError } from '../model'
import { type Connector, targetOf } from './connect'
import { connectionError, timeoutError, tooLargeError } from './httpErrors'
import { readBody, sendRequest } from './httpNode'
import { makeReply, type Prepared } from './httpShared'
import { type HttpReply, type HttpStream, type StreamListener } from './httpTypes'

const REPLY_WITHIN = 10_000
/** Bytes handed over in one turn of the event loop; node alone would read 2 MB, and all that is made of it would wait in memory (performance.md G10). */
const TURN_BYTES = 32 * 1024

class OpenStream implements HttpStream {
  readonly status: number
  readonly headers: HttpStream['headers']
  readonly remoteAddress: string | undefined
  private over = false
  /** Bytes handed over in this turn. */
  private turn = 0
  private breath: NodeJS.Immediate | undefined
  private held = false

  constructor (
    private readonly response: http.IncomingMessage, private readonly socket: net.Socket, readonly url: string, proxied: boolean,
    private readonly maxReplyBytes: number, private readonly gone: (stream: OpenStream) => void
  ) {
    this.status = response.statusCode ?? 0
    this.headers = response.headers
    this.remoteAddress = proxied ? undefined : socket.remoteAddress
    // Errors before anyone listens must not escape; the close that follows tells.
    response.on('error', () => undefined)
  }

  listen (listener: StreamListener): void {
    const { response, url } = this
    let complete = false
    const end = (error?: Error): void => {
      if (this.over) return
      this.destroy()
      listener.end(error)
    }
    response.on('data', (chunk: Buffer) => {
      if (this.over) return
      this.count(chunk.length)
      listener.data(chunk)
    })
    response.once('end', () => {
      complete = true
      end()
    })
    response.once('error', (error) => end(connectionError(error, url)))
    response.once('close', () => { if (!complete) end(cut(url)) })
    if (response.destroyed && !response.complete) process.nextTick(() => end(cut(url)))
  }

  async reply (ms = REPLY_WITHIN): Promise<HttpReply> {
    const timer = setTimeout(() => this.response.destroy(timeoutError(this.url, ms, 'the reply did not end')), ms)
    try {
      const body = await readBody(this.response, this.maxReplyBytes)
      return makeReply(this.status, this.headers, body, this.url)
    } catch (error) {
      throw (error as { code?: string }).code === 'TOO_LARGE' ? tooLargeError(this.url, this.maxReplyBytes) : connectionError(error, this.url)
    } finally {
      clearTimeout(timer)
      this.destroy()
    }
  }

  pause (): void {
    this.held = true
    this.response.pause()
  }

  resume (): void {
    this.held = false
    if (this.turn < TURN_BYTES) this.response.resume()
  }

  destroy (): void {
    if (this.over) return
    this.over = true
    clearImmediate(this.breath)
    this.response.destroy()
    this.socket.destroy()
    this.gone(this)
  }

  private count (bytes: number): void {
    this.turn += bytes
    this.breath ??= setImmediate(() => {
      this.breath = undefined
      const wasFull = this.turn >= TURN_BYTES
      this.turn = 0
      if (wasFull && !this.held) this.response.resume()
    })
    if (this.turn >= TURN_BYTES) this.response.pause()
  }
}

function cut (url: string): CtiError {
  return connectionError(Object.assign(new Error('cut'), { code: 'ECONNRESET' }), url)
}

/** Opens streams and knows which are open. */
export class Streams {
  private readonly open = new Set<OpenStream>()

  constructor (private readonly connector: Connector, private readonly maxReplyBytes: number) {}

  /** One request, without redirects. Rejects with node's errors. */
  async send (prepared: Prepared, signal: AbortSignal): Promise<HttpStream> {
    const socket = await this.socketTo(prepared.url, signal)
    // node says "close" to requests outside a pool, and some servers then end after one document.
    const headers = { connection: 'keep-alive', ...prepared.headers }
    let response: http.IncomingMessage
    try {
      response = await sendRequest({ ...prepared, headers }, { socket }, signal)
    } catch (error) {
      socket.destroy()
      throw error
    }
    const stream = new OpenStream(response, socket, prepared.url.href, this.connector.proxied, this.maxReplyBytes, (gone) => this.open.delete(gone))
    this.open.add(stream)
    return stream
  }

  close (): void {
    for (const stream of [...this.open]) stream.destroy()
  }

  private socketTo (url: URL, signal: AbortSignal): Promise<net.Socket> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        stop()
        reject(new Error('aborted'))
      }
      const stop = this.connector.connect(targetOf(url), (error, socket) => {
        signal.removeEventListener('abort', abort)
        if (socket === undefined) reject(error ?? new Error('no socket'))
        else resolve(socket)
      })
      signal.addEventListener('abort', abort, { once: true })
    })
  }
}
