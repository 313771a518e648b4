/** Reading parsed lines: ids come as strings and as integers, booleans as 0/1 and true/false (xivo-cti.md 10, traps 6 and 17). */
import { isoTime } from '../session/clock'
import { number, text } from '../transport/json'

export { defined } from '../model/plain'
export { fields, isFields, lookup, number, objects, text, type Fields } from '../transport/json'

export function flag (value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  return value === 1 || value === '1' || value === 'true' ? true : value === 0 || value === '0' || value === 'false' ? false : undefined
}

/** The texts in an array; anything else in it is left out. */
export function texts (value: unknown): string[] {
  if (!Array.isArray(value)) return []
  return value.map(text).filter((item) => item !== undefined)
}

/** Unix seconds as ms, within what a Date can hold. */
export function millis (value: unknown): number | undefined {
  const seconds = number(value)
  return seconds !== undefined && seconds > 0 && seconds < 8.64e12 ? Math.round(seconds * 1000) : undefined
}

/** ms since 1970 as ISO 8601 in UTC. */
export const iso = isoTime
