const FIRST_MS = 1000
const LONGEST_MS = 60_000
/** Full jitter may come out as nothing: a dead peer is still not asked more than four times a second. */
const SHORTEST_MS = 250
/** A peer that asks for more than an hour of patience is asked again after an hour. */
const LONGEST_RETRY_AFTER_MS = 3_600_000
/** A connection that lived this long counts as healthy: the next loss starts at one second again. */
export const HEALTHY_MS = 60_000

/** How long to wait before the next attempt: 1, 2, 4 ... 60 s with full jitter, at least what the peer asked for. */
export class Backoff {
  private failures = 0

  /** @param random 0..1 */
  constructor (private readonly random: () => number) {}

  /** Number of failed attempts since the last healthy connection. */
  get attempt (): number {
    return this.failures
  }

  /**
   * @param onlineMs how long the connection that ended was online; 0 if it never was
   * @param retryAfterMs what the peer asked for (`Retry-After`)
   * @returns ms to wait
   */
  next (onlineMs: number, retryAfterMs = 0): number {
    if (onlineMs >= HEALTHY_MS) this.failures = 0
    const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.failures, 10))
    this.failures++
    const asked = Number.isFinite(retryAfterMs) ? Math.min(LONGEST_RETRY_AFTER_MS, retryAfterMs) : 0
    return Math.round(Math.max(SHORTEST_MS, ceiling * this.random(), asked))
  }

  reset (): void {
    this.failures = 0
  }
}
