/** The switch's local clock: texts without a zone, once a minute (ipecs.md 4.2, 6 "clock"). */

const SHAPE = /^(\d{4})[/-](\d{1,2})[/-](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?/
const QUARTER_MS = 900_000
/** What a text of whole seconds, and the way of the frame, may differ by without a meaning. */
const DOUBT_MS = 2000

/** `YYYY/MM/DD hh:mm:ss` as ms, read as if it were UTC; undefined when it is none. */
export function localMillis (text: string | undefined): number | undefined {
  const parts = SHAPE.exec(text ?? '')?.slice(1).map((part) => part === undefined ? 0 : Number(part))
  if (parts === undefined) return undefined
  const [year, month, day, hours, minutes, seconds] = parts as [number, number, number, number, number, number]
  const ms = Date.UTC(year, month - 1, day, hours, minutes, seconds)
  return month < 1 || month > 12 || day < 1 || day > 31 || hours > 23 || minutes > 59 || Number.isNaN(ms) ? undefined : ms
}

/** ms that the zone is ahead of UTC at a moment. */
function zoneOffset (format: Intl.DateTimeFormat, at: number): number {
  const part: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(at)) part[type] = Number(value)
  return Date.UTC(part.year!, part.month! - 1, part.day, part.hour! % 24, part.minute, part.second) - Math.floor(at / 1000) * 1000
}

export class SwitchClock {
  /** ms that the switch's clock is ahead of ours. */
  offsetMs = 0
  private zoneMs = 0
  private isKnown = false
  private readonly format: Intl.DateTimeFormat | undefined

  /** @param timeZone IANA name; without it the zone is what its clock differs by, to the quarter of an hour */
  constructor (timeZone: string | undefined) {
    this.format = timeZone === undefined
      ? undefined
      : new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' })
  }

  /** Reads a record's time that came at `now` (ms of our clock). @returns true when it has moved by more than the doubt of such a text */
  learn (text: string | undefined, now: number): boolean {
    const local = localMillis(text)
    if (local === undefined) return false
    this.zoneMs = this.format === undefined ? Math.round((local - now) / QUARTER_MS) * QUARTER_MS : zoneOffset(this.format, now)
    const offset = local - this.zoneMs - now
    this.isKnown = true
    if (Math.abs(offset - this.offsetMs) <= DOUBT_MS) return false
    this.offsetMs = offset
    return true
  }

  /** A text of the switch as ms since 1970; undefined when it is none. */
  millis (text: string | undefined): number | undefined {
    const local = localMillis(text)
    if (local === undefined) return undefined
    if (this.format !== undefined) return local - zoneOffset(this.format, local - zoneOffset(this.format, local))
    return this.isKnown ? local - this.zoneMs : local + new Date(local).getTimezoneOffset() * 60_000
  }

  /** ms of our kind as the switch's local time, read as if it were UTC. */
  local (at: number): number {
    if (this.format !== undefined) return at + zoneOffset(this.format, at)
    return this.isKnown ? at + this.zoneMs : at - new Date(at).getTimezoneOffset() * 60_000
  }
}
