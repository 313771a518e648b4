/** A connection's outgoing side with the faults of its place applied. Order is kept, except where a fault swaps. */
import { type PbxClock } from '../pbx/clock'
import { type Rng } from '../pbx/rng'
import { type Faults, type Where } from './faults'

export interface WireOptions {
  faults: Faults
  where: Where
  rng: Rng
  clock: PbxClock
  /** Messages are requests of their own: never cut nor joined. */
  whole?: boolean
  /** A frame that is well formed and unknown to every client. */
  unknown: () => Buffer
  /** A frame of about so many bytes. */
  filler: (bytes: number) => Buffer
}

interface Piece { bytes: Buffer; wait: number; last: boolean }

const OVERSIZE = 2 * 1024 * 1024
const MERGE_WAIT = 50
const QUEUE_LIMIT = 10_000

export class Wire {
  private readonly queue: Piece[] = []
  private merging: Buffer[] = []
  private swapped: Buffer | undefined
  private cancelTimer: (() => void) | undefined
  private cancelMerge: (() => void) | undefined
  private readonly unwatch: () => void
  private ended = false

  /** `sink` takes the bytes of one write (one HTTP chunk, one socket write, one frame); `last`: they end a message, which otherwise goes on in the next write. */
  constructor (private readonly sink: (bytes: Buffer, last: boolean) => void, private readonly options: WireOptions) {
    this.unwatch = options.faults.onChange(() => this.pump())
  }

  /** Sends one message. */
  send (message: Buffer): void {
    if (this.ended) return
    const { faults } = this.options
    if (faults.idle && this.queue.length === 0 && this.merging.length === 0 && this.swapped === undefined) return this.sink(message, true)
    for (const each of this.spoil(message)) this.merge(each)
    this.pump()
  }

  /** Sends what still waits and takes no more. With `stall` set, what waits is lost, as on a dead line. */
  close (): void {
    if (this.ended) return
    this.flushMerge()
    this.ended = true
    this.unwatch()
    this.cancelTimer?.()
    this.cancelMerge?.()
    if (this.swapped !== undefined) this.queue.push({ bytes: this.swapped, wait: 0, last: true })
    if (!this.options.faults.isSet('stall', this.options.where)) for (const piece of this.queue) this.sink(piece.bytes, piece.last)
    this.queue.length = 0
  }

  private spoil (message: Buffer): Buffer[] {
    const { faults, where, rng } = this.options
    if (faults.take('lose', where)) return []
    let out = [message]
    if (faults.take('malformed', where)) {
      const at = Math.floor(message.length / 2 + rng.next() * message.length / 4)
      out = [Buffer.concat([message.subarray(0, at), Buffer.from('<&"\u0001{'), message.subarray(at)])]
    }
    if (faults.take('truncated', where)) out = [message.subarray(0, Math.ceil(message.length * (0.25 + rng.next() / 2)))]
    if (faults.take('duplicate', where)) out = [...out, ...out]
    if (faults.take('unknown', where)) out = [this.options.unknown(), ...out]
    const oversize = faults.take('oversize', where)
    if (oversize) out = [this.options.filler(oversize.size ?? OVERSIZE), ...out]
    if (this.swapped !== undefined) {
      out = [...out, this.swapped]
      this.swapped = undefined
    } else if (faults.take('swap', where)) {
      this.swapped = out.pop()
    }
    return out
  }

  private merge (message: Buffer): void {
    const { faults, where, clock } = this.options
    const fault = this.options.whole === true ? undefined : faults.take('merge', where)
    if (!fault && this.merging.length === 0) return this.split(message)
    this.merging.push(message)
    if (!fault || this.merging.length >= (fault.size ?? 2)) return this.flushMerge()
    this.cancelMerge ??= clock.after(fault.ms ?? MERGE_WAIT, () => {
      this.flushMerge()
      this.pump()
    })
  }

  private flushMerge (): void {
    this.cancelMerge?.()
    this.cancelMerge = undefined
    if (this.merging.length === 0) return
    const merged = Buffer.concat(this.merging)
    this.merging = []
    this.split(merged)
  }

  private split (message: Buffer): void {
    const { faults, where } = this.options
    const delay = faults.take('delay', where)?.ms ?? 0
    const fault = this.options.whole === true ? undefined : faults.take('split', where)
    if (this.queue.length >= QUEUE_LIMIT) this.queue.shift()
    if (!fault) {
      this.queue.push({ bytes: message, wait: delay, last: true })
      return
    }
    let wait = delay
    const pieces = this.cut(message, fault.size)
    for (const [n, bytes] of pieces.entries()) {
      this.queue.push({ bytes, wait, last: n === pieces.length - 1 })
      wait = fault.ms ?? 1
    }
  }

  private cut (message: Buffer, size: number | undefined): Buffer[] {
    const pieces: Buffer[] = []
    let from = 0
    while (from < message.length) {
      const length = size ?? 1 + Math.floor(this.options.rng.next() * Math.max(1, message.length / 3))
      pieces.push(message.subarray(from, from + length))
      from += length
    }
    return pieces
  }

  private pump (): void {
    if (this.ended || this.cancelTimer) return
    const { faults, where, clock } = this.options
    for (;;) {
      const next = this.queue[0]
      if (next === undefined || faults.isSet('stall', where)) return
      if (next.wait > 0) {
        this.cancelTimer = clock.after(next.wait, () => {
          this.cancelTimer = undefined
          next.wait = 0
          this.pump()
        })
        return
      }
      this.queue.shift()
      this.sink(next.bytes, next.last)
    }
  }
}
