/** One connection of a client: where its log-in stands, what it subscribed for, its bytes both ways (xivo-cti.md 2). */
import { type Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'
import { type Faults } from '../faults/faults'
import { Wire } from '../faults/wire'
import { type PbxClock } from '../pbx/clock'
import { type Rng } from '../pbx/rng'
import { type User } from '../pbx/types'
import { Drop, encode, Lines, type Message } from './codec'
import { type XivoOptions } from './options'

/** The message that is expected next; `over`: an error consumed the step, `in`: logged in. */
export type Step = 'login_id' | 'login_pass' | 'login_capas' | 'over' | 'in'

export interface SessionNeeds { options: XivoOptions; clock: PbxClock; faults: Faults; rng: Rng; secure?: SecureContext }
export interface SessionHooks { line: (session: Session, line: Buffer) => void; closed: (session: Session) => void }

/** A client that reads nothing is cut off when this much waits for it. */
const UNREAD_LIMIT = 64 * 1024 * 1024
const SESSION_ID_LENGTH = 10

export class Session {
  step: Step = 'login_id'
  sessionId = ''
  /** Who logs in; certain from `login_pass` on. */
  user: User | undefined
  /** Gets broadcasts. */
  listening = false
  /** Offer of STARTTLS that is not answered yet. */
  offered = false
  queueStats = false
  meetme = false
  /** Ids of queues whose waiting calls it wants to see. */
  readonly queueEntries = new Set<string>()
  /** What it registered for, by kind: `"3"` and `3` differ. */
  readonly registered = { user: new Set<unknown>(), agent: new Set<unknown>(), endpoint: new Set<unknown>() }
  readonly peer: string
  private lines = new Lines()
  private readonly wire: Wire
  private readonly cancelLogin: () => void
  private cancelHandshake: (() => void) | undefined
  private ended = false

  constructor (readonly id: string, private socket: Socket, private readonly needs: SessionNeeds, private readonly hooks: SessionHooks) {
    const { clock, faults, rng, options } = needs
    this.peer = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`
    this.wire = new Wire((bytes) => { this.put(bytes) }, {
      faults, rng, clock, where: { face: 'xivo', connection: id },
      unknown: () => encode({ class: 'heartbeat_probe', note: 'this class is unknown to every client', timenow: clock.now() / 1000 }),
      filler: (bytes) => encode({ class: 'heartbeat_probe', note: 'x'.repeat(bytes), timenow: clock.now() / 1000 })
    })
    this.cancelLogin = clock.after(options.loginTimeoutMs, () => { if (this.step !== 'in') this.end() })
    this.hear(socket)
  }

  /** The password was right. */
  get authenticated (): boolean {
    return this.user !== undefined && (this.step === 'login_capas' || this.step === 'in')
  }

  get encrypted (): boolean {
    return this.socket instanceof TLSSocket
  }

  /** Sends a message with the time of the server. */
  send (message: Message): void {
    this.sendBytes(encode({ ...message, timenow: this.needs.clock.now() / 1000 }, this.needs.options.escapeSlash))
  }

  /** Sends a line that is encoded already. */
  sendBytes (line: Buffer): void {
    if (!this.ended) this.wire.send(line)
  }

  /** Closes after what was sent is out; `at once`: what is not out is lost. */
  end (atOnce = false): void {
    if (this.ended) return
    if (atOnce) this.socket.destroy()
    else {
      this.wire.close()
      this.socket.end()
    }
    this.over()
    // A client that does not close its side keeps the port of the server busy.
    this.socket.destroySoon()
  }

  /** Forgets what it subscribed and registered for. */
  unsubscribe (): void {
    this.queueStats = false
    this.meetme = false
    this.queueEntries.clear()
    for (const ids of Object.values(this.registered)) ids.clear()
  }

  /** Continues in TLS; without a handshake in time the socket is closed (xivo-cti.md 2.7). */
  upgrade (): void {
    const { secure: secureContext, options: { handshakeMs } } = this.needs
    if (secureContext === undefined) return
    const plain = this.socket
    plain.removeAllListeners('data')
    plain.pause()
    const early = this.lines.take()
    if (early.length > 0) plain.unshift(early)
    plain.write('', () => {
      if (this.ended) return
      const secure = new TLSSocket(plain, { isServer: true, secureContext })
      this.cancelHandshake = this.needs.clock.after(handshakeMs, () => { this.end(true) })
      secure.once('secure', () => { this.cancelHandshake?.() })
      this.socket = secure
      this.hear(secure)
    })
  }

  private hear (socket: Socket): void {
    socket.on('data', (bytes: Buffer) => { this.receive(bytes) })
    socket.on('error', () => { socket.destroy() })
    socket.on('end', () => { this.end() })
    socket.on('close', () => { this.over() })
  }

  private receive (bytes: Buffer): void {
    try {
      for (const line of this.lines.push(bytes)) {
        if (this.ended) return
        this.hooks.line(this, line)
      }
    } catch (error) {
      if (!(error instanceof Drop)) process.emitWarning(error instanceof Error ? error : String(error), { type: 'SimulatorWarning' })
      this.end()
    }
  }

  private put (bytes: Buffer): void {
    if (this.socket.destroyed || !this.socket.writable) return
    this.socket.write(bytes)
    if (this.socket.writableLength > UNREAD_LIMIT) this.socket.destroy()
  }

  private over (): void {
    if (this.ended) return
    this.ended = true
    this.wire.close()
    this.cancelLogin()
    this.cancelHandshake?.()
    this.listening = false
    this.hooks.closed(this)
  }
}

const SIGNS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Ten different letters and digits. */
export function makeSessionId (rng: Rng): string {
  const signs = [...SIGNS]
  return Array.from({ length: SESSION_ID_LENGTH }, () => signs.splice(rng.integer(0, signs.length - 1), 1)[0]).join('')
}
