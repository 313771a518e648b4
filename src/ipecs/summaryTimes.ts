/** Time that something lasts, with what is running now (ipecs.md 7.4: the wrapper left the running part out, or counted it twice). */

export class Span {
  private total = 0
  private since: number | undefined

  get isRunning (): boolean {
    return this.since !== undefined
  }

  /** @param at ms; nothing happens when it runs already */
  start (at: number): void {
    this.since ??= at
  }

  stop (at: number): void {
    if (this.since === undefined) return
    this.total += Math.max(0, at - this.since)
    this.since = undefined
  }

  set (isOn: boolean, at: number): void {
    if (isOn) this.start(at)
    else this.stop(at)
  }

  /** ms until `at`. */
  upTo (at: number): number {
    return this.total + (this.since === undefined ? 0 : Math.max(0, at - this.since))
  }

  /** Begins to count anew; what runs goes on from here. */
  reset (at: number): void {
    this.total = 0
    if (this.since !== undefined) this.since = at
  }
}

export const STATION_SPANS = ['service', 'login', 'available', 'unavailable', 'idle', 'busy', 'wrap'] as const
export type StationSpan = typeof STATION_SPANS[number]

/** One station of the summary. */
export class StationTally {
  isConnected = false
  isBusy = false
  isAgentBusy = false
  isAvailable = false
  readonly groups = new Set<string>()
  readonly spans: Readonly<Record<StationSpan, Span>> = { service: new Span(), login: new Span(), available: new Span(), unavailable: new Span(), idle: new Span(), busy: new Span(), wrap: new Span() }

  constructor (readonly number: string) {}

  get isLoggedIn (): boolean { return this.groups.size > 0 }
  get isWrapping (): boolean { return this.spans.wrap.isRunning }

  /** Makes the intervals agree with the flags. */
  settle (at: number): void {
    const { spans } = this
    spans.service.set(this.isConnected, at)
    spans.login.set(this.isLoggedIn, at)
    spans.available.set(this.isLoggedIn && this.isAvailable, at)
    spans.unavailable.set(this.isLoggedIn && !this.isAvailable, at)
    spans.busy.set(this.isConnected && this.isBusy, at)
    spans.idle.set(this.isConnected && !this.isBusy, at)
  }
}

/** One call of the summary. */
export interface CallTally {
  readonly ref: string
  readonly line?: string
  isInbound: boolean
  isOutbound: boolean
  isAnswered: boolean
  isHeld: boolean
  /** Counted in the period that runs now. */
  period: number
  readonly stations: Set<string>
  readonly ring: Span
  readonly talk: Span
  readonly hold: Span
}
