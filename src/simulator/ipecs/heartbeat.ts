/** Code 68 on each full minute, as long as somebody listens (ipecs.md 4.3, 5.2). */
import { type Site } from './site'
import { dayOf } from './time'

const MINUTE_MS = 60_000

export class Heartbeat {
  private cancel: (() => void) | undefined

  constructor (private readonly site: Site) {}

  /** Somebody began to listen. */
  start (): void {
    const { clock } = this.site
    this.cancel ??= clock.after(MINUTE_MS - clock.now() % MINUTE_MS, () => { this.beat() })
  }

  stop (): void {
    this.cancel?.()
    this.cancel = undefined
  }

  private beat (): void {
    const { clock, faults, out, options, sessions } = this.site
    this.cancel = undefined
    if (sessions.listening().length === 0) return
    const now = clock.now()
    const { monthDay, year } = dayOf(now, options.utcOffsetMinutes)
    if (faults.take('noHeartbeat', { face: 'ipecs' }) === undefined) out.acd(now, 68, { data1: monthDay, data2: year })
    this.start()
  }
}
