import { CtiError } from '../model'
import type { Clock } from '../session/types'

export interface LoopOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** ms until the next run, asked after each; 0 or less: none until `soon`. */
  readonly every: () => number
  readonly work: () => Promise<void>
  /** Told of a run that failed; the loop goes on. */
  readonly failed: (error: CtiError) => void
}

/** Work that is done again and again, never twice at once; ends with the signal. */
export class Loop {
  private timer: unknown
  private dueAt = Infinity
  private isRunning = false
  /** Asked for while it ran: once more. */
  private again = false

  constructor (private readonly options: LoopOptions) {
    options.signal.addEventListener('abort', () => this.stop(), { once: true })
  }

  /** The interval may have become another one. */
  plan (): void {
    const ms = this.options.every()
    if (ms > 0) this.soon(ms)
  }

  /** Runs in at most so many ms. */
  soon (ms: number): void {
    const { clock, signal } = this.options
    if (signal.aborted) return
    if (this.isRunning) {
      this.again ||= ms <= 0
      return
    }
    const at = clock.now() + ms
    if (this.timer !== undefined && this.dueAt <= at) return
    this.stop()
    this.dueAt = at
    this.timer = clock.setTimeout(() => void this.run(), ms)
  }

  stop (): void {
    if (this.timer !== undefined) this.options.clock.clearTimeout(this.timer)
    this.timer = undefined
    this.dueAt = Infinity
  }

  private async run (): Promise<void> {
    const { signal, work, failed } = this.options
    this.timer = undefined
    this.dueAt = Infinity
    if (signal.aborted) return
    this.isRunning = true
    this.again = false
    try {
      await work()
    } catch (error) {
      if (!signal.aborted) failed(CtiError.from(error, 'webex'))
    }
    this.isRunning = false
    if (this.again) this.soon(0)
    this.plan()
  }
}
