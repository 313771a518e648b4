import type { Clock } from '../../src/session'

interface Timer { readonly at: number; readonly order: number; readonly run: () => void }

/** A clock that stands still until a test moves it. Timers run in the order of their time; promises settle between two of them. */
export class ManualClock implements Clock {
  private time: number
  private order = 0
  private readonly timers = new Set<Timer>()

  /** @param start ms since 1970 */
  constructor (start = Date.UTC(2026, 0, 5, 9, 0, 0)) {
    this.time = start
  }

  now (): number {
    return this.time
  }

  /** Number of timers that wait. */
  get pending (): number {
    return this.timers.size
  }

  setTimeout (run: () => void, ms: number): Timer {
    const timer = { at: this.time + Math.max(0, ms), order: this.order++, run }
    this.timers.add(timer)
    return timer
  }

  clearTimeout (timer: unknown): void {
    this.timers.delete(timer as Timer)
  }

  /** Moves on by `ms` and runs what is due on the way; between two timers everything that was promised settles. */
  async advance (ms = 0): Promise<void> {
    const end = this.time + ms
    await settled()
    for (let next = this.next(end); next !== undefined; next = this.next(end)) {
      this.timers.delete(next)
      this.time = Math.max(this.time, next.at)
      next.run()
      await settled()
    }
    this.time = end
  }

  /** Sets the time forward without running timers, like a machine that slept. */
  jump (ms: number): void {
    this.time += ms
  }

  private next (end: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.timers) {
      if (timer.at > end) continue
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer
    }
    return first
  }
}

/** Resolves when all promises that can settle without a timer or a socket have done so. */
export function settled (): Promise<void> {
  return new Promise((resolve) => { setImmediate(resolve) })
}
