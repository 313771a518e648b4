/** A web socket to a server: ws with limits, keepalive on both sides, back pressure, and an end that comes in time. */
import WebSocket from 'ws'
import { CtiError, type Platform } from '../model'
import { type Agents, createAgents } from './agents'
import { type ConnectOptions, Connector, targetOf } from './connect'
import { abortError, connectionError, placeOf, timeoutError } from './httpErrors'
import { statusError } from './statusError'

export interface WebSocketOptions extends ConnectOptions {
  vendor: Platform
  /** `ws://` or `wss://` */
  url: string
  headers?: Readonly<Record<string, string>>
  protocols?: string[]
  /** ms until the socket is open. Default 10,000. */
  handshakeTimeoutMs?: number
  /** ms between our pings; 0 sends none. Default 20,000. */
  pingIntervalMs?: number
  /** ms within which something (a pong, a ping, a message) must follow our ping. Default 10,000. */
  pongTimeoutMs?: number
  /** Bytes of one message. Default 4 MiB. */
  maxPayloadBytes?: number
  /** Bytes waiting to be sent above which `send` refuses. Default 1 MiB. */
  maxBufferedBytes?: number
  /** ms that `close` waits for the other side. Default 1000. */
  closeTimeoutMs?: number
  /** Text that is no UTF-8 is read with replacement characters instead of ending the socket. Default false. */
  lenientText?: boolean
  signal?: AbortSignal
}

export interface WebSocketListener {
  /** `text` is undefined for a binary message, `bytes` for a text one. Must not throw; when it does, the socket ends with that error. */
  message (text: string | undefined, bytes: Buffer | undefined): void
  /** The server sent a ping or pong: life without a message. */
  alive? (): void
  /** Once. `code` as in RFC 6455 (1006: no close frame); the error is there unless we closed. */
  close (code: number, reason: string, error?: CtiError): void
}

const HANDSHAKE = 10_000
const PING_EVERY = 20_000
const PONG_WITHIN = 10_000
const MAX_PAYLOAD = 4 * 1024 * 1024
const MAX_BUFFERED = 1024 * 1024
const CLOSE_WITHIN = 1000
const LONGEST_REASON = 123

export class WebSocketClient {
  private pingTimer: NodeJS.Timeout | undefined
  private pongTimer: NodeJS.Timeout | undefined
  private closeTimer: NodeJS.Timeout | undefined
  private closedByUs = false
  private over = false
  private failure: CtiError | undefined
  private listener: WebSocketListener | undefined

  private constructor (private readonly socket: WebSocket, private readonly options: WebSocketOptions, private readonly release: () => void) {}

  /**
   * Opens. The listener's methods run from the next turn on, so nothing is lost between.
   * @throws CtiError by the status of a refusal (CTI_UNAUTHORIZED …), CTI_UNAVAILABLE, CTI_TIMEOUT, CTI_NOT_CONNECTED when aborted
   */
  static open (options: WebSocketOptions, listener: WebSocketListener): Promise<WebSocketClient> {
    const connector = new Connector({ connectTimeoutMs: options.handshakeTimeoutMs ?? HANDSHAKE, ...options })
    const agents = createAgents(connector, 1)
    return new Promise((resolve, reject) => {
      let socket: WebSocket
      try {
        socket = new WebSocket(options.url, options.protocols ?? [], {
          perMessageDeflate: false, maxPayload: options.maxPayloadBytes ?? MAX_PAYLOAD, headers: { ...options.headers }, followRedirects: false, skipUTF8Validation: options.lenientText === true,
          ...agentFor(options.url, agents)
        })
      } catch {
        connector.close()
        reject(new CtiError('CTI_INVALID_REQUEST', 'The address of the web socket is not usable: it must look like wss://host/path.', { retryable: false }))
        return
      }
      const release = (): void => {
        connector.close()
        agents.destroy()
      }
      const client = new WebSocketClient(socket, options, release)
      const limit = options.handshakeTimeoutMs ?? HANDSHAKE
      const timer = setTimeout(() => fail(timeoutError(options.url, limit, 'the web socket did not open')), limit)
      const aborted = (): void => fail(abortError(options.signal, options.url))
      const settle = (): void => {
        clearTimeout(timer)
        options.signal?.removeEventListener('abort', aborted)
      }
      const fail = (error: CtiError): void => {
        settle()
        socket.terminate()
        release()
        reject(error)
      }
      socket.on('error', (error) => {
        if (client.listener === undefined) fail(connectionError(error, options.url))
        else client.failed(error)
      })
      socket.once('unexpected-response', (_request, response) => {
        response.resume()
        fail(statusError({ status: response.statusCode ?? 0, headers: response.headers, url: options.url }, options.vendor))
      })
      socket.once('open', () => {
        settle()
        client.start(listener)
        resolve(client)
      })
      if (options.signal?.aborted) aborted()
      else options.signal?.addEventListener('abort', aborted, { once: true })
    })
  }

  /** True while `send` may succeed. */
  get isOpen (): boolean { return !this.over && !this.closedByUs && this.socket.readyState === WebSocket.OPEN }
  /** Bytes that wait to be sent. */
  get bufferedBytes (): number { return this.socket.bufferedAmount }

  /** @throws CtiError CTI_NOT_CONNECTED when it is not open, CTI_UNAVAILABLE when the other side reads too slowly */
  send (message: string | Buffer): void {
    const place = placeOf(this.options.url)
    if (!this.isOpen) throw new CtiError('CTI_NOT_CONNECTED', `${place}: the web socket is not open.`, { retryable: true, sent: false })
    if (this.bufferedBytes > (this.options.maxBufferedBytes ?? MAX_BUFFERED)) {
      throw new CtiError('CTI_UNAVAILABLE', `${place}: the other side does not read what is sent.`, { retryable: true, sent: false })
    }
    // Errors of the write come as the socket's own and end it there.
    this.socket.send(message, () => undefined)
  }

  /** Back pressure: nothing is read until `resume`, and no pong is expected meanwhile. */
  pause (): void {
    if (!this.isOpen) return
    clearTimeout(this.pongTimer)
    this.pongTimer = undefined
    this.socket.pause()
  }

  resume (): void {
    if (!this.over) this.socket.resume()
  }

  /** Says goodbye and cuts when the other side does not answer in time. `close` of the listener follows. */
  close (code = 1000, reason = ''): void {
    if (this.over || this.closedByUs) return
    this.closedByUs = true
    this.socket.resume()
    this.closeTimer = setTimeout(() => this.socket.terminate(), this.options.closeTimeoutMs ?? CLOSE_WITHIN)
    this.socket.close(code, Buffer.from(reason).subarray(0, LONGEST_REASON).toString())
  }

  /** Ends at once, without goodbye. */
  terminate (): void {
    if (this.over) return
    this.closedByUs = true
    this.socket.terminate()
  }

  private start (listener: WebSocketListener): void {
    this.listener = listener
    const { socket, options } = this
    socket.on('message', (data, isBinary) => this.message(data as Buffer, isBinary))
    socket.on('ping', () => this.alive())
    socket.on('pong', () => this.alive())
    socket.on('close', (code, reason) => this.closed(code, reason.toString()))
    const aborted = (): void => this.terminate()
    options.signal?.addEventListener('abort', aborted, { once: true })
    socket.once('close', () => options.signal?.removeEventListener('abort', aborted))
    const every = options.pingIntervalMs ?? PING_EVERY
    if (every > 0) this.pingTimer = setInterval(() => this.ping(), every)
  }

  private ping (): void {
    if (!this.isOpen || this.socket.isPaused) return
    this.socket.ping(undefined, undefined, () => undefined)
    const within = this.options.pongTimeoutMs ?? PONG_WITHIN
    this.pongTimer ??= setTimeout(() => {
      this.failure = timeoutError(this.options.url, within, 'no sign of life')
      this.socket.terminate()
    }, within)
  }

  private heard (): void {
    if (this.pongTimer === undefined) return
    clearTimeout(this.pongTimer)
    this.pongTimer = undefined
  }

  private alive (): void {
    this.heard()
    this.guard(() => this.listener?.alive?.())
  }

  private message (data: Buffer, isBinary: boolean): void {
    this.heard()
    if (isBinary) this.guard(() => this.listener?.message(undefined, data))
    else this.guard(() => this.listener?.message(data.toString('utf8'), undefined))
  }

  /** No exception leaves a socket listener. */
  private guard (work: () => void): void {
    try {
      work()
    } catch (error) {
      this.failure ??= CtiError.from(error, this.options.vendor)
      this.socket.terminate()
    }
  }

  private failed (error: Error): void {
    this.failure ??= protocolError(error, this.options.url) ?? connectionError(error, this.options.url)
    this.socket.terminate()
  }

  private closed (code: number, reason: string): void {
    if (this.over) return
    this.over = true
    clearInterval(this.pingTimer)
    clearTimeout(this.pongTimer)
    clearTimeout(this.closeTimer)
    this.release()
    const error = this.closedByUs ? undefined : this.failure ?? closedByPeer(code, this.options.url)
    try {
      this.listener?.close(code, reason, error)
    } catch {
      // The socket is gone already: there is nothing left to end because of it.
    }
  }
}

function agentFor (url: string, agents: Agents): { agent?: Agents['http'] } {
  return { agent: URL.canParse(url) && targetOf(new URL(url)).secure ? agents.https : agents.http }
}

/** What ws itself finds wrong with frames (too large, not UTF-8, reserved bits). */
function protocolError (error: Error, url: string): CtiError | undefined {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (!code.startsWith('WS_ERR_')) return undefined
  const text = code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 'a message is larger than allowed' : 'the web socket broke the protocol'
  return new CtiError('CTI_PROTOCOL', `${placeOf(url)}: ${text}.`, { code, retryable: true })
}

function closedByPeer (code: number, url: string): CtiError {
  return new CtiError('CTI_UNAVAILABLE', `${placeOf(url)}: the web socket was closed by the other side (code ${code}).`, { code: String(code), retryable: true })
}
