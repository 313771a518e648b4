/** The socket of a session: lines in and out, and its change to TLS in the middle (xivo-cti.md 2.1, 2.2, 2.7). */
import type net from 'node:net'
import { isIP } from 'node:net'
import tls from 'node:tls'
import { CtiError } from '../model'
import { Connector } from '../transport/connect'
import { connectionError } from '../transport/httpErrors'
import { JsonLineSplitter, type JsonLinesFault } from '../transport/jsonLines'
import { fingerprintError, tlsSettings, type TlsSettings } from '../transport/tls'
import { encodeLine, readMessage } from './codec'
import type { Settings } from './options'
import { MAX_LINE_BYTES, type Outgoing, type XivoMessage } from './protocol'

/** Bytes that may wait for a server that does not read. */
const MAX_UNSENT = 8 * 1024 * 1024
const MAX_BACKLOG = 20_000
/** ms for the TLS handshake after STARTTLS; the server gives up after 500 (xivo-cti.md 2.7). */
const HANDSHAKE_MS = 5000

export type LineFault = JsonLinesFault | 'notObject'
export interface ConnectionListener {
  message (message: XivoMessage): void
  /** A line that was skipped; nothing of it is told. */
  fault (kind: LineFault): void
  /** Bytes came. */
  heard (): void
  /** Once, unless we ended it. */
  ended (error: CtiError): void
}

/** TLS as the account wants it. TLS 1.0 with its ciphers only by explicit choice. @throws CtiError CTI_INVALID_REQUEST */
export function tlsOf (settings: Pick<Settings, 'tlsOptions' | 'legacyTls'>): TlsSettings {
  const made = tlsSettings(settings.tlsOptions)
  if (!settings.legacyTls) return made
  const { ca, cert, key, passphrase } = settings.tlsOptions
  return { ...made, secureContext: tls.createSecureContext({ ca, cert, key, passphrase, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }) }
}

export class Connection {
  /** ms that TCP and, when direct, TLS took. */
  readonly connectMs: number
  private listener: ConnectionListener | undefined
  private backlog: (() => void)[] = []
  private readonly splitter: JsonLineSplitter
  private over = false
  private secure: boolean

  private constructor (private socket: net.Socket, private readonly place: string, private readonly trust: TlsSettings, private readonly host: string, secure: boolean, connectMs: number) {
    this.secure = secure
    this.connectMs = connectMs
    this.splitter = new JsonLineSplitter({
      maxBytes: MAX_LINE_BYTES,
      onValue: (value) => this.take(value),
      onFault: (kind) => this.fault(kind)
    })
    this.attach(socket)
  }

  /** @throws CtiError CTI_UNAVAILABLE, CTI_TIMEOUT, the reason of the signal */
  static open (settings: Settings, trust: TlsSettings, signal: AbortSignal): Promise<Connection> {
    const { host, port, connectTimeoutMs, proxy } = settings
    const place = `tcp://${host.includes(':') ? `[${host}]` : host}:${port}`
    const connector = new Connector({ connectTimeoutMs, ...(proxy === undefined ? {} : { proxy }) }, trust)
    const secure = settings.tls === 'direct'
    const startedAt = Date.now()
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const aborted = (): void => {
        stop()
        connector.close()
        reject(signal.reason)
      }
      const stop = connector.connect({ host, port, secure }, (error, socket) => {
        signal.removeEventListener('abort', aborted)
        connector.close()
        if (socket === undefined) reject(asXivo(connectionError(error, place)))
        else resolve(new Connection(socket, place, trust, host, secure, Date.now() - startedAt))
      })
      signal.addEventListener('abort', aborted, { once: true })
    })
  }

  get encrypted (): boolean {
    return this.secure
  }

  /** Who gets the lines from now on. Lines that came while there was nobody are told at once; `undefined` keeps them back. */
  listen (listener: ConnectionListener | undefined): void {
    this.listener = listener
    while (this.listener !== undefined && this.backlog.length > 0) this.backlog.shift()?.()
  }

  /** @throws CtiError CTI_NOT_CONNECTED, CTI_UNAVAILABLE when the server has not read for too long */
  send (message: Outgoing): void {
    if (this.over || !this.socket.writable) throw new CtiError('CTI_NOT_CONNECTED', 'The connection to the server is gone.', { vendor: 'xivo', retryable: true })
    if (this.socket.writableLength > MAX_UNSENT) {
      throw new CtiError('CTI_UNAVAILABLE', 'The server does not read what it is sent.', { vendor: 'xivo', retryable: true })
    }
    this.socket.write(encodeLine(message))
  }

  /** Goes on in TLS on the same socket, after the server confirmed. Nothing may be sent meanwhile. @throws CtiError */
  upgrade (): Promise<void> {
    const raw = this.socket
    this.detach(raw)
    // What came before the handshake is plain text that anybody may have put there.
    this.backlog = []
    this.splitter.reset()
    const { secureContext, rejectUnauthorized, servername } = this.trust
    const name = servername ?? this.host
    const secure = tls.connect({ socket: raw, secureContext, rejectUnauthorized, host: name, ...(isIP(name) === 0 ? { servername: name } : {}) })
    this.socket = secure
    return new Promise((resolve, reject) => {
      const failed = (error?: Error | boolean): void => {
        clearTimeout(timer)
        this.destroy()
        reject(asXivo(connectionError(error instanceof Error ? error : Object.assign(new Error('closed'), { code: 'ECONNRESET' }), this.place)))
      }
      const timer = setTimeout(() => failed(Object.assign(new Error('no handshake'), { code: 'ETIMEDOUT' })), HANDSHAKE_MS)
      secure.once('error', failed)
      secure.once('close', failed)
      secure.once('secureConnect', () => {
        const wrong = fingerprintError(secure, this.trust)
        if (wrong !== undefined) return failed(wrong)
        clearTimeout(timer)
        secure.off('error', failed)
        secure.off('close', failed)
        this.secure = true
        this.attach(secure)
        resolve()
      })
    })
  }

  /** Sends what is left, ends, and is gone after `ms` at the latest. */
  end (ms: number): Promise<void> {
    if (this.over || this.socket.destroyed) return Promise.resolve()
    this.over = true
    this.listener = undefined
    return new Promise((resolve) => {
      const { socket } = this
      const timer = setTimeout(() => socket.destroy(), ms)
      socket.once('close', () => {
        clearTimeout(timer)
        resolve()
      })
      // A server that is waiting for us to read would never see the end.
      socket.resume()
      socket.end()
    })
  }

  /** Gone at once; the listener is not told. */
  destroy (): void {
    this.over = true
    this.listener = undefined
    this.backlog = []
    this.socket.destroy()
  }

  private readonly onData = (chunk: Buffer): void => {
    if (this.over) return
    this.listener?.heard()
    this.splitter.push(chunk)
  }

  private failure: Error | undefined
  private readonly onError = (error: Error): void => { this.failure = error }
  private readonly onClose = (): void => {
    if (this.over) return
    this.splitter.end()
    const error = asXivo(connectionError(this.failure ?? Object.assign(new Error('closed'), { code: 'ECONNRESET' }), this.place))
    this.tell((listener) => {
      this.over = true
      listener.ended(error)
    })
  }

  private attach (socket: net.Socket): void {
    socket.on('data', this.onData)
    socket.on('error', this.onError)
    socket.on('close', this.onClose)
  }

  private detach (socket: net.Socket): void {
    socket.off('data', this.onData)
    socket.off('close', this.onClose)
  }

  private take (value: unknown): void {
    const message = readMessage(value)
    if (message === undefined) this.tell((listener) => listener.fault('notObject'))
    else this.tell((listener) => listener.message(message))
  }

  private fault (kind: LineFault): void {
    this.tell((listener) => listener.fault(kind))
  }

  private tell (what: (listener: ConnectionListener) => void): void {
    if (this.listener !== undefined && this.backlog.length === 0) return what(this.listener)
    if (this.backlog.length < MAX_BACKLOG) this.backlog.push(() => { if (this.listener !== undefined) what(this.listener) })
  }
}

/** Errors of the network, named as this vendor's. */
function asXivo (error: CtiError): CtiError {
  return new CtiError(error.code, error.message, { ...error.cause, vendor: 'xivo' })
}
