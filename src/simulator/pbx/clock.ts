import { type Ms } from './types'

/** Time of the PBX. `after` runs once and returns the way to cancel it. */
export interface PbxClock {
  now (): Ms
  after (ms: Ms, run: () => void): () => void
}

/** Wall time; a factor above 1 lets the PBX live faster, for demonstrations. Its timers do not keep the process alive. */
export class RealClock implements PbxClock {
  private readonly origin = Date.now()

  constructor (readonly factor = 1) {}

  now (): Ms {
    return Math.round(this.origin + (Date.now() - this.origin) * this.factor)
  }

  after (ms: Ms, run: () => void): () => void {
    const timer = setTimeout(run, ms / this.factor)
    timer.unref()
    return () => { clearTimeout(timer) }
  }
}

interface Due { at: Ms; order: number; run: () => void }

/** Time that stands still until `advance` moves it, so that a test needs no sleeping. */
export class VirtualClock implements PbxClock {
  private due: Due[] = []
  private order = 0

  /** @param time ms since 1970 at the beginning */
  constructor (private time: Ms = 1767261600000) {}

  now (): Ms {
    return this.time
  }

  after (ms: Ms, run: () => void): () => void {
    const entry = { at: this.time + Math.max(0, ms), order: this.order++, run }
    this.due.push(entry)
    return () => { this.due = this.due.filter((other) => other !== entry) }
  }

  /** Moves on by `ms` and runs what falls due on the way, in order, also what those add. */
  advance (ms: Ms): void {
    const end = this.time + ms
    for (let next = this.next(end); next !== undefined; next = this.next(end)) {
      this.due = this.due.filter((other) => other !== next)
      this.time = Math.max(this.time, next.at)
      next.run()
    }
    this.time = end
  }

  /** How many timers wait. */
  get waiting (): number {
    return this.due.length
  }

  private next (end: Ms): Due | undefined {
    let first: Due | undefined
    for (const entry of this.due) {
      if (entry.at <= end && (first === undefined || entry.at < first.at || (entry.at === first.at && entry.order < first.order))) first = entry
    }
    return first
  }
}
