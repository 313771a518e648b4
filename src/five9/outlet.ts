/** Figures on their way to the session: one `stats.updated` a subject and interval, the latest of them (five9.md 4.4; issue: statistics coalesced). */
import type { Clock, EventDraft } from '../session/types'
import { statsKey } from './figureMapping'

interface Held { readonly draft: EventDraft; readonly vendorEvent: unknown }
const MAX_HELD = 50_000

export class StatsOutlet {
  private held = new Map<string, Held>()
  private timer: unknown

  /** @param intervalMs 0 holds nothing back */
  constructor (private readonly clock: Clock, private readonly intervalMs: number, private readonly receive: (drafts: readonly EventDraft[], vendorEvent: unknown) => void) {}

  /** Passes on what is no figure, and holds figures back until the interval is over. */
  offer (drafts: readonly EventDraft[], vendorEvent: unknown): void {
    if (this.intervalMs <= 0) return this.receive(drafts, vendorEvent)
    const others = drafts.filter((draft) => {
      if (draft.event !== 'stats.updated' || draft.stats === undefined) return true
      // The key belongs to the frame, the event to all that came in the interval.
      const figures = { ...draft }
      delete figures.key
      if (this.held.size < MAX_HELD) this.held.set(statsKey(draft.stats), { draft: figures, vendorEvent })
      return false
    })
    if (others.length > 0) this.receive(others, vendorEvent)
    if (this.held.size > 0) this.timer ??= this.clock.setTimeout(() => this.flush(), this.intervalMs)
  }

  /** Sends what is held back. */
  flush (): void {
    this.stop()
    const { held } = this
    this.held = new Map()
    for (const { draft, vendorEvent } of held.values()) this.receive([draft], vendorEvent)
  }

  stop (): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer)
    this.timer = undefined
  }
}
