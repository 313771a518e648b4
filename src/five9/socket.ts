/** One socket of one half: opened under a key of its own, kept alive by the word `ping` (five9.md 4.1, 5, 10 traps 10 and 11). */
import { CtiError } from '../model'
import type { Clock } from '../session/types'
import { WebSocketClient } from '../transport/webSocket'
import { readFrame } from './codec'
import type { Settings } from './options'
import { EVENT, type Frame } from './protocol'

interface SocketListener {
  frame (frame: Frame): void
  /** Something came that is no frame. */
  malformed (): void
  /** Once, unless we closed it. `code` as in RFC 6455. */
  lost (code: number, error: CtiError): void
}

const CONNECTED_WITHIN_MS = 10_000
/** Pings without an answer that mean the line is dead. */
const MISSED = 2
/** Close code of a key that is in use. */
const KEY_IN_USE = 3000

function keyInUse (): CtiError {
  return new CtiError('CTI_CONFLICT', 'Five9 says that this name of a socket is in use: another program has it, or the last one is not gone yet.', { vendor: 'five9', code: String(KEY_IN_USE), retryable: true })
}

export class Five9Socket {
  private timer: unknown
  private unanswered = 0
  private over = false
  private client: WebSocketClient | undefined
  private connected: { resolve: () => void; reject: (error: CtiError) => void } | undefined

  private constructor (private readonly settings: Settings, private readonly clock: Clock, private readonly listener: SocketListener) {}

  /**
   * Opens and waits for the first frame.
   * @throws CtiError CTI_CONFLICT when the key is in use, CTI_UNAUTHORIZED …, CTI_TIMEOUT when no frame comes
   */
  static async open (url: string, headers: Record<string, string>, settings: Settings, clock: Clock, signal: AbortSignal, listener: SocketListener): Promise<Five9Socket> {
    const socket = new Five9Socket(settings, clock, listener)
    const welcome = new Promise<void>((resolve, reject) => { socket.connected = { resolve, reject } })
    // It may be settled before anybody waits for it.
    welcome.catch(() => undefined)
    const { tls, proxy, maxFrameBytes } = settings
    socket.client = await WebSocketClient.open({
      // Pings of the protocol do not count there.
      vendor: 'five9', url, headers, pingIntervalMs: 0, maxPayloadBytes: maxFrameBytes, signal, ...(tls === undefined ? {} : { tls }), ...(proxy === undefined ? {} : { proxy })
    }, {
      message: (text) => { if (text !== undefined) socket.take(text) },
      close: (code, _reason, error) => socket.closed(code, error)
    })
    // Not every system says hello by itself, but each answers.
    socket.ping()
    const limit = clock.setTimeout(() => socket.connected?.reject(new CtiError('CTI_TIMEOUT', 'Five9 sent nothing over the new socket.', { vendor: 'five9', retryable: true })), CONNECTED_WITHIN_MS)
    try {
      await welcome
    } catch (error) {
      socket.close()
      throw error
    } finally {
      clock.clearTimeout(limit)
      socket.connected = undefined
    }
    return socket
  }

  /** Says goodbye; nothing is told of it. */
  close (): void {
    this.stop()
    this.client?.close()
  }

  private take (text: string): void {
    if (this.over) return
    const frame = readFrame(text, this.clock.now())
    if (frame === undefined) return this.listener.malformed()
    if (frame.id === EVENT.pong) this.unanswered = 0
    if (frame.id === EVENT.duplicate) return this.end(KEY_IN_USE, keyInUse())
    this.connected?.resolve()
    this.listener.frame(frame)
  }

  /** Asks for a sign of life and comes again; two without an answer are too many. */
  private ping (): void {
    if (this.over) return
    if (this.unanswered >= MISSED) {
      this.client?.terminate()
      return this.end(1006, new CtiError('CTI_UNAVAILABLE', `Five9 did not answer ${MISSED} pings.`, { vendor: 'five9', retryable: true }))
    }
    try {
      this.client?.send('ping')
      this.unanswered++
    } catch (error) {
      return this.end(1006, CtiError.from(error, 'five9'))
    }
    this.timer = this.clock.setTimeout(() => this.ping(), this.settings.pingMs)
  }

  private closed (code: number, error: CtiError | undefined): void {
    if (code === KEY_IN_USE) return this.end(code, keyInUse())
    this.end(code, error ?? new CtiError('CTI_UNAVAILABLE', `The socket was closed (code ${code}).`, { vendor: 'five9', retryable: true }))
  }

  private end (code: number, error: CtiError): void {
    if (this.over) return
    const { connected } = this
    this.stop()
    if (connected !== undefined) return connected.reject(error)
    this.client?.close()
    this.listener.lost(code, error)
  }

  private stop (): void {
    this.over = true
    this.clock.clearTimeout(this.timer)
  }
}
