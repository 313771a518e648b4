/** Longest wait that a timer can take, in ms. */
const MAX_WAIT_MS = 2 ** 31 - 1

/** Runs something after changes, at most once an interval; the last change is never lost. */
export class Paced {
  private readonly intervalMs: number
  private lastAt = -Infinity
  private timer: NodeJS.Timeout | undefined

  /** @param failed gets what `run` throws: nothing may escape from a timer */
  constructor (intervalMs: number, private readonly run: () => void, private readonly failed: (error: unknown) => void) {
    this.intervalMs = Math.min(intervalMs, MAX_WAIT_MS)
  }

  changed (): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      this.lastAt = performance.now()
      try {
        this.run()
      } catch (error) {
        this.failed(error)
      }
    }, Math.max(0, this.lastAt + this.intervalMs - performance.now()))
  }

  /** Drops what waits. */
  close (): void {
    clearTimeout(this.timer)
  }
}
