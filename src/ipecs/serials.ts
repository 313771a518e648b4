/** Serial numbers of CTI events: what they tell of lost, doubled and restarted streams (ipecs.md 6). */

type SerialVerdict = 'new' | 'duplicate' | 'gap' | 'restart'

/** Events after which it is known whether the counter is one of the system. */
const LEARNING = 200
/** Gaps among them that make it one. */
const SYSTEM_GAPS = 10
const REMEMBERED = 200
/** A counter that falls to below this from far above has begun anew. */
const SMALL = 20

export class Serials {
  /** Number of events that were skipped so far. */
  missed = 0
  private last: number | undefined
  private seen = 0
  private gaps = 0
  private readonly recent = new Map<number, string>()

  /** @param subject type and device of the event: an equal number of another event is no repetition */
  check (serial: number | undefined, subject: string): SerialVerdict {
    if (serial === undefined) return 'new'
    const { last } = this
    if (this.recent.get(serial) === subject) return 'duplicate'
    this.remember(serial, subject)
    this.seen++
    if (last === undefined) return this.move(serial, 'new')
    if (serial <= last) {
      const isRestart = serial < SMALL && last - serial > SMALL
      return isRestart ? this.move(serial, 'restart') : 'new'
    }
    if (serial === last + 1) return this.move(serial, 'new')
    this.missed += serial - last - 1
    if (this.seen <= LEARNING) this.gaps++
    // One counter for the whole system: numbers of devices that are not monitored are missing, and nothing is lost.
    return this.move(serial, this.gaps >= SYSTEM_GAPS ? 'new' : 'gap')
  }

  private move (serial: number, verdict: SerialVerdict): SerialVerdict {
    this.last = serial
    if (verdict === 'restart') this.recent.clear()
    return verdict
  }

  private remember (serial: number, subject: string): void {
    this.recent.delete(serial)
    this.recent.set(serial, subject)
    if (this.recent.size > REMEMBERED) this.recent.delete(this.recent.keys().next().value!)
  }
}
