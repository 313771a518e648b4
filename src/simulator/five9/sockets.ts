/** The event sockets: one for a key, kept alive by the text `ping`, closed when it stays away (five9.md 4.1, 8.3). */
import { type IncomingMessage } from 'node:http'
import { type Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { type Faults } from '../faults/faults'
import { Wire } from '../faults/wire'
import { type PbxClock } from '../pbx/clock'
import { type Rng } from '../pbx/rng'
import { type Origin } from './http'
import { type Five9Options } from './options'
import { type Out, type Receiver } from './out'
import { type HalfName, type Session } from './sessions'

/** A client that does not read is given up at so many bytes. */
const UNREAD_LIMIT = 64 * 1024 * 1024
const LARGEST_MESSAGE = 64 * 1024
/** Ends each message on its way through the faults; JSON text holds none. Faults may join messages, but a frame is always one. */
const END = '\n'
const encode = (text: string): Buffer => Buffer.from(text + END)

interface SocketNeeds { clock: PbxClock; faults: Faults; rng: Rng; options: Five9Options; out: Out }

class EventSocket implements Receiver {
  private readonly wire: Wire
  private cancelPing: () => void = () => {}

  constructor (readonly id: string, readonly key: string, readonly half: HalfName, readonly session: Session, readonly peer: string, readonly origin: Origin, private readonly ws: WebSocket, private readonly needs: SocketNeeds) {
    const { faults, rng, clock, out } = needs
    const where = { face: 'five9' as const, connection: id }
    this.wire = new Wire((bytes, last) => { this.put(bytes, last) }, {
      faults, where, rng, clock,
      unknown: () => encode(out.write({ eventId: 9999, payLoad: { note: 'nothing that a client knows' } }, session.user, out.userId(session.user))),
      filler: (bytes) => encode(out.write({ eventId: 9998, payLoad: 'x'.repeat(bytes) }, session.user, out.userId(session.user)))
    })
    ws.on('message', (data, binary) => { this.hear(String(data), binary) })
    ws.on('error', () => { ws.terminate() })
    ws.on('close', () => { this.over() })
    this.awaitPing()
  }

  send (text: string): void {
    this.wire.send(encode(text))
  }

  /** @param code of the close frame; absent: the connection is cut */
  end (code?: number, reason = ''): void {
    if (code === undefined) this.ws.terminate()
    else {
      this.wire.close()
      this.ws.close(code, reason)
    }
    this.over()
  }

  private over (): void {
    this.cancelPing()
    this.wire.close()
    this.needs.out.receivers.delete(this)
  }

  private hear (text: string, binary: boolean): void {
    if (binary || text !== 'ping') return
    const { faults, out } = this.needs
    this.session.lastSeen = this.needs.clock.now()
    this.awaitPing()
    if (!faults.idle && faults.take('noHeartbeat', { face: 'five9', connection: this.id }) !== undefined) return
    this.send(out.write({ eventId: 1202, payLoad: 'pong', reason: null, bare: true }, this.session.user, out.userId(this.session.user)))
  }

  private awaitPing (): void {
    this.cancelPing()
    this.cancelPing = this.needs.clock.after(this.needs.options.pingTimeoutMs, () => { this.end(1001, 'No ping') })
  }

  /** A message in pieces goes as continuation frames. */
  private put (bytes: Buffer, last: boolean): void {
    if (this.ws.readyState !== WebSocket.OPEN) return
    let rest = bytes
    for (let at = rest.indexOf(END); at !== -1; at = rest.indexOf(END)) {
      this.ws.send(rest.subarray(0, at), { binary: false, fin: true })
      rest = rest.subarray(at + 1)
    }
    // A fault may have taken the end of a message away.
    if (rest.length > 0) this.ws.send(rest, { binary: false, fin: last })
    if (this.ws.bufferedAmount > UNREAD_LIMIT) this.ws.terminate()
  }
}

export class Sockets {
  private readonly acceptor = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE, clientTracking: false })
  private readonly open = new Set<EventSocket>()
  private last = 0
  /** Called with a socket that lives, after its first event. */
  opened: (socket: EventSocket) => void = () => {}

  constructor (private readonly needs: SocketNeeds) {}

  /** Sockets that are open. */
  list (): EventSocket[] {
    for (const socket of this.open) if (!this.needs.out.receivers.has(socket)) this.open.delete(socket)
    return [...this.open]
  }

  /** Sockets since the start. */
  get accepted (): number {
    return this.last
  }

  /** Answers an upgrade that is allowed. A key that has a live socket already ends the new one. */
  accept (request: IncomingMessage, stream: Duplex, head: Buffer, who: { session: Session; half: HalfName; key: string; origin: Origin }): void {
    this.acceptor.handleUpgrade(request, stream, head, (ws) => {
      const { session, half, key, origin } = who
      const taken = this.list().some((other) => other.key === key && other.half === half && other.session === session)
      const peer = `${request.socket.remoteAddress ?? ''}:${request.socket.remotePort ?? 0}`
      const socket = new EventSocket(`ws-${++this.last}`, key, half, session, peer, origin, ws, this.needs)
      const { out } = this.needs
      const tell = (eventId: number, reason: string): void => { socket.send(out.write({ eventId, payLoad: null, reason, bare: true }, session.user, out.userId(session.user))) }
      if (taken) {
        tell(1020, 'Duplicate WebSocket Connection')
        socket.end(3000, 'Duplicate connection')
        return
      }
      this.open.add(socket)
      out.receivers.add(socket)
      tell(1010, 'Successful WebSocket Connection')
      this.opened(socket)
    })
  }

  /** Ends sockets; returns how many. Without a code they are cut. */
  drop (wanted: (socket: EventSocket) => boolean = () => true, code?: number, reason?: string): number {
    const met = this.list().filter(wanted)
    for (const socket of met) socket.end(code, reason)
    return met.length
  }
}
