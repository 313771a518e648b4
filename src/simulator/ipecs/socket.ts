/** The event channel of a session: one JSON object a text frame, nothing in the other direction (ipecs.md 2.5, 4.1). */
import { type WebSocket } from 'ws'
import { type Faults } from '../faults/faults'
import { Wire } from '../faults/wire'
import { type PbxClock } from '../pbx/clock'
import { type Rng } from '../pbx/rng'

interface SocketNeeds { clock: PbxClock; faults: Faults; rng: Rng }

/** A client that reads nothing is cut off when this much waits for it. */
const UNREAD_LIMIT = 64 * 1024 * 1024
/** A client that does not answer the close is cut off after this time, ms. */
const CLOSE_LIMIT_MS = 1000
/** Ends a message on the way through the faults, so that merged ones stay frames of their own; JSON never holds it. */
const END = '\n'

export class EventSocket {
  private readonly wire: Wire
  private ended = false

  constructor (readonly id: string, readonly peer: string, private readonly socket: WebSocket, needs: SocketNeeds, closed: (ended: EventSocket) => void) {
    this.wire = new Wire((bytes, last) => { this.put(bytes, last) }, {
      ...needs, where: { face: 'ipecs', connection: id },
      unknown: () => encode('{"event":"probe","data":{"type":"unknownToEveryClient","eventCode":999,"deviceNumber":"0000"}}'),
      filler: (bytes) => encode(`{"event":"probe","data":{"note":"${'x'.repeat(bytes)}"}}`)
    })
    socket.on('error', () => { socket.terminate() })
    socket.on('close', () => {
      this.ended = true
      this.wire.close()
      closed(this)
    })
  }

  /** Sends an event, JSON text. */
  send (text: string): void {
    if (this.ended) return
    this.wire.send(encode(text))
    if (this.socket.bufferedAmount > UNREAD_LIMIT) this.cut()
  }

  /** Closes with a handshake; a client that does not take part is cut off. */
  end (code: number): void {
    if (this.ended) return
    this.wire.close()
    this.ended = true
    this.socket.close(code)
    const timer = setTimeout(() => { this.socket.terminate() }, CLOSE_LIMIT_MS)
    timer.unref()
    this.socket.once('close', () => { clearTimeout(timer) })
  }

  /** Ends at once, without a word. */
  cut (): void {
    this.ended = true
    this.socket.terminate()
  }

  /** A frame, or a fragment of one that goes on. */
  private put (bytes: Buffer, last: boolean): void {
    let rest = bytes
    for (let at = rest.indexOf(END); at !== -1; at = rest.indexOf(END)) {
      this.socket.send(rest.subarray(0, at), { binary: false, fin: true })
      rest = rest.subarray(at + 1)
    }
    // A fault may have taken the end of a message away.
    if (rest.length > 0) this.socket.send(rest, { binary: false, fin: last })
  }
}

function encode (text: string): Buffer {
  return Buffer.from(text + END)
}
