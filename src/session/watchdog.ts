import type { Clock } from './types'

/** Tells when nothing was heard for a while. Hearing something costs one assignment; the timer is moved only when it fires. */
export class Watchdog {
  private timer: unknown
  private limit = 0
  private lastHeard = 0

  /** @param silent called with the ms of silence, once; arm again to go on */
  constructor (private readonly clock: Clock, private readonly silent: (ms: number) => void) {}

  heard (): void {
    this.lastHeard = this.clock.now()
  }

  /** @param ms silence that is too long; 0 disarms */
  arm (ms: number): void {
    this.stop()
    if (!(ms > 0)) return
    this.limit = ms
    this.heard()
    this.wait(ms)
  }

  stop (): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer)
    this.timer = undefined
  }

  private wait (ms: number): void {
    this.timer = this.clock.setTimeout(() => {
      this.timer = undefined
      const quiet = this.clock.now() - this.lastHeard
      if (quiet >= this.limit) this.silent(quiet)
      else this.wait(Math.min(this.limit, this.limit - quiet))
    }, ms)
  }
}
