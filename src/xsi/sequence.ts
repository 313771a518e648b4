/** Which events were seen, and which are missing (xsi.md 4.6, 6). Pure: time is given. */
import { Duplicates } from '../session/duplicates'

/** A collection may deliver out of order: how long, and over how many events, a hole may stay open. */
export const GAP_MS = 2000
export const GAP_EVENTS = 50

export type Verdict = 'new' | 'duplicate'

interface Course {
  /** The next number without a hole before it; unknown after a gap in the connection. */
  expected?: number
  /** Numbers seen beyond a hole. */
  readonly ahead: Set<number>
  /** ms when the hole opened. */
  holeSince?: number
  generation: number
}

export class Sequence {
  private readonly courses = new Map<string, Course>()
  /** Those with a hole: mostly none, and looked at with every event. */
  private readonly holes = new Map<string, Course>()
  private readonly ids = new Duplicates()
  private readonly numbers = new Duplicates()

  /**
   * Notes an event.
   * @param now ms
   * @returns duplicate for the same event id or the same number of the same subscription
   */
  take (subscriptionId: string, sequence: number | undefined, eventId: string, now: number): Verdict {
    if (this.ids.isRepeated(eventId, now)) return 'duplicate'
    if (sequence === undefined) return 'new'
    const course = this.courses.get(subscriptionId)
    if (course === undefined) {
      this.courses.set(subscriptionId, { expected: sequence + 1, ahead: new Set(), generation: 0 })
      this.numbers.isRepeated(`${subscriptionId} 0 ${sequence}`, now)
      return 'new'
    }
    // Number 1 again, under another event id: the subscription began anew.
    if (sequence === 1) restart(course, 2)
    else if (this.numbers.isRepeated(`${subscriptionId} ${course.generation} ${sequence}`, now)) return 'duplicate'
    else advance(course, sequence, now)
    if (course.holeSince !== undefined) this.holes.set(subscriptionId, course)
    else if (this.holes.size > 0) this.holes.delete(subscriptionId)
    return 'new'
  }

  /** Subscriptions with a hole that will not be filled any more; it is closed by this call. */
  lost (now: number): string[] {
    const lost: string[] = []
    for (const [id, course] of this.holes) {
      if (course.holeSince !== undefined && now - course.holeSince < GAP_MS && course.ahead.size < GAP_EVENTS) continue
      if (course.expected !== undefined) course.expected = Math.max(...course.ahead, course.expected - 1) + 1
      course.ahead.clear()
      delete course.holeSince
      this.holes.delete(id)
      lost.push(id)
    }
    return lost
  }

  /** ms until `lost` may have something to say; undefined when there is no hole. */
  dueIn (now: number): number | undefined {
    let due: number | undefined
    for (const { holeSince = now, ahead } of this.holes.values()) {
      const wait = ahead.size >= GAP_EVENTS ? 0 : Math.max(0, holeSince + GAP_MS - now)
      due = due === undefined ? wait : Math.min(due, wait)
    }
    return due
  }

  /** The connection was away: what was missed is read anew in any case, so each subscription goes on with whatever number comes next. */
  rebase (): void {
    for (const course of this.courses.values()) {
      delete course.expected
      delete course.holeSince
      course.ahead.clear()
    }
    this.holes.clear()
  }

  /** The subscription is gone. */
  forget (subscriptionId: string): void {
    this.courses.delete(subscriptionId)
    this.holes.delete(subscriptionId)
  }
}

function restart (course: Course, expected: number): void {
  course.expected = expected
  course.ahead.clear()
  delete course.holeSince
  course.generation++
}

function advance (course: Course, sequence: number, now: number): void {
  const expected = course.expected ?? sequence
  if (sequence < expected) {
    // Late, after its hole was given up; or, far behind and never seen, a new beginning whose first numbers were lost.
    if (expected - sequence <= GAP_EVENTS) return
    restart(course, sequence + 1)
    course.holeSince = now - GAP_MS
    return
  }
  if (sequence > expected) {
    course.ahead.add(sequence)
    course.holeSince ??= now
    return
  }
  course.expected = expected + 1
  while (course.ahead.delete(course.expected)) course.expected++
  if (course.ahead.size === 0) delete course.holeSince
  else course.holeSince = now
}
