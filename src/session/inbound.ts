import type { TelephonyEvent } from '../model'
import { difference, type DifferenceDraft } from '../state/difference'
import type { Picture } from '../state/picture'
import { isoTime } from './clock'
import type { Connection } from './connection'
import { Settler, type Pending } from './settle'
import type { Stamper } from './stamper'
import type { Clock, EventDraft, ReconcileCounts, Snapshot } from './types'

export interface InboundOptions {
  readonly clock: Clock
  readonly picture: Picture
  readonly stamper: Stamper
  readonly settleMs: number
  readonly emit: (event: TelephonyEvent, vendorEvent: unknown) => void
  readonly count: (name: string) => void
}

/** Length and place of the time in which nothing was heard, ms of our clock. */
export interface Gap { readonly from: number; readonly to: number }

/** The way of a vendor's words to the listeners: stamp, fold, settle, emit. Nothing thrown by one draft stops the others. */
export class Inbound {
  private readonly settler: Settler

  constructor (private readonly options: InboundOptions) {
    this.settler = new Settler(options.clock, options.settleMs, (pending) => this.pass(pending))
  }

  /** Drafts of one vendor message, in order. */
  receive (drafts: readonly EventDraft[], vendorEvent: unknown, offsetMs: number): void {
    const { clock, stamper } = this.options
    stamper.beginMessage(drafts.length)
    const arrival = { at: clock.now(), offsetMs }
    for (const draft of drafts) {
      this.guard(() => {
        // Held or not, the picture knows of it: what the vendor says next is read against that.
        const event = stamper.stamp(draft, arrival)
        if (event !== undefined) this.settler.offer({ event, vendorEvent })
      })
    }
  }

  /** The difference between a snapshot and what is known, as events (model.md 6). */
  reconcile (connection: Connection, snapshot: Snapshot, gap: Gap | undefined, online: boolean): ReconcileCounts {
    const { clock, picture } = this.options
    const now = clock.now()
    const offsetMs = connection.clockOffsetMs
    // What is held back comes before the difference.
    this.settler.flush()
    const { drafts, renamed, counts } = difference(picture, snapshot, { now, time: isoTime(now + offsetMs), since: connection.startedAt })
    for (const [newId, knownId] of renamed) picture.rename(newId, knownId)
    const marks = (found: DifferenceDraft['found']): Partial<EventDraft> => {
      if (online && snapshot.poll === true) return {}
      if (gap === undefined) return found === 'added' ? { initial: true } : { resynced: true }
      return { resynced: true, gap: { from: isoTime(gap.from), to: isoTime(gap.to) } }
    }
    this.receive(drafts.map(({ found, ...draft }) => ({ ...draft, ...marks(found) })), snapshot.vendorEvent, offsetMs)
    for (const key of Object.keys(counts) as (keyof ReconcileCounts)[]) connection.counts[key] += counts[key]
    return counts
  }

  /** Sends what is held back: the connection is over. */
  flush (): void {
    this.settler.flush()
  }

  private pass ({ event, vendorEvent }: Pending): void {
    this.guard(() => {
      this.options.stamper.count(event)
      this.options.emit(event, vendorEvent)
    })
  }

  /** A draft that breaks the contract (a leg without owner ...) must not take the connection down; the counter shows it. */
  private guard (run: () => void): void {
    try {
      run()
    } catch {
      this.options.count('badDrafts')
    }
  }
}
