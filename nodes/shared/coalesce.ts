import type { TelephonyEvent } from '../../src/model'

/** Subjects of figures that may wait at once; one more is passed on immediately. */
const SUBJECT_LIMIT = 5000

type Emit = (event: TelephonyEvent, vendorEvent: unknown) => void

/** Holds back figures: of each subject and window the newest, at most once an interval. */
export class Coalescer {
  private readonly waiting = new Map<string, [TelephonyEvent, unknown]>()
  private timer: NodeJS.Timeout | undefined
  private readonly intervalMs: number
  private readonly emit: Emit

  /** @param intervalMs 0 passes everything at once */
  constructor (intervalMs: number, emit: Emit) {
    this.intervalMs = intervalMs
    this.emit = emit
  }

  /** @returns true when an older, waiting event was replaced */
  push (event: TelephonyEvent, vendorEvent: unknown): boolean {
    const { stats } = event
    const key = stats ? `${stats.subject.kind} ${stats.subject.id} ${stats.window.kind} ${stats.window.seconds ?? ''}` : ''
    const known = this.waiting.has(key)
    if (this.intervalMs === 0 || (!known && this.waiting.size >= SUBJECT_LIMIT)) {
      this.emit(event, vendorEvent)
      return false
    }
    this.waiting.set(key, [event, vendorEvent])
    this.timer ??= setTimeout(() => { this.flush() }, this.intervalMs)
    return known
  }

  /** Drops what waits. */
  close (): void {
    clearTimeout(this.timer)
    this.waiting.clear()
  }

  private flush (): void {
    this.timer = undefined
    const due = [...this.waiting.values()]
    this.waiting.clear()
    for (const [event, vendorEvent] of due) this.emit(event, vendorEvent)
  }
}
