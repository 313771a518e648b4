import type { Clock } from '../../../src/session'

interface Timer { readonly at: number; readonly order: number; readonly run: () => void; handle?: NodeJS.Timeout }

/** The real time, and the hours that a test leaves out: `skip` runs at once what would have been due in them. */
export class SkipClock implements Clock {
  private ahead = 0
  private order = 0
  private readonly timers = new Set<Timer>()

  now (): number {
    return Date.now() + this.ahead
  }

  setTimeout (run: () => void, ms: number): Timer {
    const timer: Timer = { at: this.now() + Math.max(0, ms), order: this.order++, run }
    timer.handle = setTimeout(() => this.fire(timer), ms)
    this.timers.add(timer)
    return timer
  }

  clearTimeout (timer: unknown): void {
    if (timer === undefined) return
    const own = timer as Timer
    clearTimeout(own.handle)
    this.timers.delete(own)
  }

  /** Timers that wait. */
  get pending (): number {
    return this.timers.size
  }

  /** Moves on by `ms`; between two timers everything that was promised settles. Sockets take their own time. */
  async skip (ms: number): Promise<void> {
    const end = this.now() + ms
    for (let next = this.next(end); next !== undefined; next = this.next(end)) {
      this.ahead += Math.max(0, next.at - this.now())
      this.fire(next)
      await new Promise((resolve) => { setImmediate(resolve) })
    }
    this.ahead += Math.max(0, end - this.now())
  }

  private fire (timer: Timer): void {
    if (!this.timers.has(timer)) return
    this.clearTimeout(timer)
    timer.run()
  }

  private next (end: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.timers) {
      if (timer.at <= end && (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order))) first = timer
    }
    return first
  }
}
