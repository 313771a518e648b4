/** The clock of the switch: local time without a zone. */
import { type Ms } from '../pbx/types'

function iso (at: Ms, offsetMinutes: number): string {
  return new Date(at + offsetMinutes * 60_000).toISOString()
}

/** `2024/05/02 10:15:04`, as in ACD records. */
export function localTime (at: Ms, offsetMinutes: number): string {
  return iso(at, offsetMinutes).slice(0, 19).replaceAll('-', '/').replace('T', ' ')
}

/** `2024-05-02 10:15`, as in call records. */
export function minuteOf (at: Ms, offsetMinutes: number): string {
  return iso(at, offsetMinutes).slice(0, 16).replace('T', ' ')
}

/** `0502` and `24`, as in code 68. */
export function dayOf (at: Ms, offsetMinutes: number): { monthDay: string; year: string } {
  const text = iso(at, offsetMinutes)
  return { monthDay: text.slice(5, 7) + text.slice(8, 10), year: text.slice(2, 4) }
}

/** Whole seconds as `00:02:11`. */
export function clockText (ms: Ms): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, '0')).join(':')
}
