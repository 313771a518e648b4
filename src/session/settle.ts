import type { Call, TelephonyEvent } from '../model'
import type { Clock } from './types'

/** One event on its way; it is in the picture already. */
export interface Pending { event: TelephonyEvent; vendorEvent: unknown }

interface Held { pending: Pending; timer: unknown }
const MAX_HELD = 1000
/** Who calls. */
const CALLER: ReadonlySet<string> = new Set(['from', 'remote'])

/**
 * Late caller data (model.md R8): holds `call.ringing` until number and name of the caller are known, at most `settleMs`. Whatever else comes of
 * that leg sends the ringing first, so the order of a leg never changes; other legs are not held up.
 */
export class Settler {
  private readonly held = new Map<string, Held>()

  /** @param emit takes events that may go out now */
  constructor (private readonly clock: Clock, private readonly settleMs: number, private readonly emit: (pending: Pending) => void) {}

  /** Passes an event on, now or later. */
  offer (pending: Pending): void {
    const { event } = pending
    const id = event.call?.id
    if (this.settleMs <= 0 || id === undefined) return this.emit(pending)
    const waiting = this.held.get(id)
    if (waiting !== undefined) return this.meet(id, waiting, pending)
    if (event.event !== 'call.ringing' || event.initial === true || event.resynced === true || isCallerKnown(event.call)) return this.emit(pending)
    if (this.held.size >= MAX_HELD) this.flush()
    this.held.set(id, { pending, timer: this.clock.setTimeout(() => this.release(id), this.settleMs) })
  }

  /** Sends everything that is held: the connection is over. */
  flush (): void {
    for (const id of [...this.held.keys()]) this.release(id)
  }

  /** An update that brings the caller goes into the ringing; what else it changes is told after it. */
  private meet (id: string, waiting: Held, pending: Pending): void {
    const { event } = pending
    const ringing = waiting.pending.event
    if (event.event === 'call.updated' && event.call?.from !== undefined && ringing.call !== undefined) {
      const call = withCaller(ringing.call, event.call)
      waiting.pending.event = { ...ringing, call }
      const changes = event.changes?.filter((path) => !CALLER.has(path.split('.')[0] ?? ''))
      const isTold = changes?.length === 0
      if (isTold && !isCallerKnown(call)) return
      this.release(id)
      if (!isTold) this.emit({ ...pending, event: { ...event, ...(changes ? { changes } : {}) } })
      return
    }
    this.release(id)
    this.emit(pending)
  }

  private release (id: string): void {
    const held = this.held.get(id)
    if (held === undefined) return
    this.held.delete(id)
    this.clock.clearTimeout(held.timer)
    this.emit(held.pending)
  }
}

function withCaller (ringing: Call, { from, remote }: Call): Call {
  return { ...ringing, from: { ...ringing.from, ...from }, ...(remote === undefined ? {} : { remote: { ...ringing.remote, ...remote } }) }
}

function isCallerKnown (call: Call | undefined): boolean {
  const from = call?.from
  return from?.private === true || (from?.number !== undefined && from.name !== undefined)
}
