import { CtiError } from '../model'
import type { Clock, Driver } from './types'

interface Job {
  readonly key: string | undefined
  readonly signal: AbortSignal
  readonly start: () => void
  readonly cancel: () => void
}

/**
 * Requests to one vendor: so many at once, so many a second (token bucket), so many waiting. Requests with the same key (the leg) go one after the
 * other in the order they came; others pass them.
 */
export class RequestQueue {
  private readonly waiting: Job[] = []
  private readonly busyKeys = new Set<string>()
  private running = 0
  private tokens: number
  private filledAt: number
  private timer: unknown

  constructor (private readonly clock: Clock, private readonly pace: Driver['pace']) {
    this.tokens = this.burst
    this.filledAt = clock.now()
  }

  /** Number of requests that wait for their turn. */
  get size (): number {
    return this.waiting.length
  }

  /**
   * Runs `job` when its turn comes. When `signal` aborts before that, the job is never run and the promise rejects with the signal's reason.
   * @throws CtiError CTI_RATE_LIMITED when too many wait already
   */
  run<T> (job: () => Promise<T>, signal: AbortSignal, key?: string): Promise<T> {
    if (signal.aborted) return Promise.reject(signal.reason)
    if (this.waiting.length >= this.pace.queued) {
      return Promise.reject(new CtiError('CTI_RATE_LIMITED', `Too many requests at once: ${this.waiting.length} wait already. Send fewer, or wait for the results.`, { retryable: true }))
    }
    return new Promise<T>((resolve, reject) => {
      const cancel = (): void => {
        this.remove(entry)
        reject(signal.reason)
        this.pump()
      }
      const entry: Job = {
        key,
        signal,
        cancel,
        start: () => {
          signal.removeEventListener('abort', cancel)
          const freed = (): void => this.finish(key)
          Promise.resolve().then(job).then(resolve, reject).finally(freed)
        }
      }
      signal.addEventListener('abort', cancel, { once: true })
      this.waiting.push(entry)
      this.pump()
    })
  }

  /** Ends the timer. Waiting requests end by their own signals. */
  stop (): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer)
    this.timer = undefined
  }

  private get burst (): number {
    return Math.max(1, Math.floor(this.pace.perSecond))
  }

  private pump (): void {
    while (this.running < Math.max(1, this.pace.concurrency)) {
      const index = this.waiting.findIndex(({ key }) => key === undefined || !this.busyKeys.has(key))
      const job = this.waiting[index]
      if (job === undefined) return
      if (!this.takeToken()) return this.waitForToken()
      this.waiting.splice(index, 1)
      this.running++
      if (job.key !== undefined) this.busyKeys.add(job.key)
      job.start()
    }
  }

  private finish (key: string | undefined): void {
    this.running--
    if (key !== undefined) this.busyKeys.delete(key)
    this.pump()
  }

  private remove (job: Job): void {
    const index = this.waiting.indexOf(job)
    if (index >= 0) this.waiting.splice(index, 1)
    if (this.waiting.length === 0) this.stop()
  }

  private takeToken (): boolean {
    const { perSecond } = this.pace
    if (!(perSecond > 0) || perSecond === Infinity) return true
    const now = this.clock.now()
    this.tokens = Math.min(this.burst, this.tokens + Math.max(0, now - this.filledAt) * perSecond / 1000)
    this.filledAt = now
    // A timer may fire a hair early: a token that lacks a thousandth is a token.
    if (this.tokens < 0.999) return false
    this.tokens -= 1
    return true
  }

  private waitForToken (): void {
    if (this.timer !== undefined) return
    const ms = Math.max(1, Math.ceil((1 - this.tokens) * 1000 / this.pace.perSecond))
    this.timer = this.clock.setTimeout(() => {
      this.timer = undefined
      this.pump()
    }, ms)
  }
}
