import { copyPlain, type TelephonyEvent } from '../model'

const MAX_KEPT = 500

/** Waits for the event that proves an action. */
export interface Waiter {
  /** Looks again at the events that came so far: the reply has told what to look for. */
  review (): void
  /** Stops waiting. */
  end (): void
}

interface Open { readonly proves: (event: TelephonyEvent) => boolean; readonly found: (event: TelephonyEvent) => void; kept: TelephonyEvent[] | undefined }

/**
 * Those who wait for an event. A waiter stands before its request is sent, because an event often overtakes the reply; events that came before the
 * reply are kept, since only the reply may say which leg was made.
 */
export class Waiters {
  private readonly open = new Set<Open>()

  /** @param failed told when a vendor's test threw */
  constructor (private readonly failed: (error: unknown) => void) {}

  get size (): number {
    return this.open.size
  }

  /** @param found called once, with the first event that proves it */
  add (proves: (event: TelephonyEvent) => boolean, found: (event: TelephonyEvent) => void): Waiter {
    const entry: Open = { proves, found, kept: [] }
    this.open.add(entry)
    return {
      review: () => {
        const kept = entry.kept ?? []
        entry.kept = undefined
        for (const event of kept) if (this.check(entry, event)) return
      },
      end: () => { this.open.delete(entry) }
    }
  }

  /** Shows an event to all who wait. */
  offer (event: TelephonyEvent): void {
    if (this.open.size === 0) return
    let copy: TelephonyEvent | undefined
    for (const entry of [...this.open]) {
      if (this.check(entry, event) || entry.kept === undefined) continue
      copy ??= copyPlain(event)
      entry.kept.push(copy)
      if (entry.kept.length > MAX_KEPT) entry.kept.shift()
    }
  }

  private check (entry: Open, event: TelephonyEvent): boolean {
    if (!this.open.has(entry)) return true
    try {
      if (!entry.proves(event)) return false
    } catch (error) {
      this.failed(error)
      return false
    }
    this.open.delete(entry)
    entry.found(event)
    return true
  }
}
