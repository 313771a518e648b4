/** Reading parsed lines: ids come as strings and as integers, booleans as 0/1 and true/false (xivo-cti.md 10, traps 6 and 17). */
import { isoTime } from '../session/clock'

export type Fields = Readonly<Record<string, unknown>>
const EMPTY: Fields = Object.freeze({})

export function isFields (value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function fields (value: unknown): Fields {
  return isFields(value) ? value : EMPTY
}

/** A row of a table of ours for a word of the wire, which may also be `constructor`. */
export function lookup<T> (table: Readonly<Partial<Record<string, T>>>, key: string | undefined): T | undefined {
  return key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined
}

/** Non-empty text; numbers as text. */
export function text (value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined
}

/** A finite number, also from its text. */
export function number (value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string' || value.trim() === '') return undefined
  const parsed = Number(value)
  return Number.isFinite(parsed) ? parsed : undefined
}

export function flag (value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  return value === 1 || value === '1' || value === 'true' ? true : value === 0 || value === '0' || value === 'false' ? false : undefined
}

/** The texts in an array; anything else in it is left out. */
export function texts (value: unknown): string[] {
  if (!Array.isArray(value)) return []
  return value.map(text).filter((item) => item !== undefined)
}

/** The objects in an array. */
export function objects (value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : []
}

/** Unix seconds as ms, within what a Date can hold. */
export function millis (value: unknown): number | undefined {
  const seconds = number(value)
  return seconds !== undefined && seconds > 0 && seconds < 8.64e12 ? Math.round(seconds * 1000) : undefined
}

/** ms since 1970 as ISO 8601 in UTC. */
export const iso = isoTime

/**
 * The object without keys whose value is undefined: optional fields of the model are absent (model.md R1). A copy only where there is such a key,
 * because deleting keys makes objects slow.
 */
export function defined<T extends object> (object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const source = object as Record<string, unknown>
  const whole = object as { [K in keyof T]: Exclude<T[K], undefined> }
  for (const key in source) if (source[key] === undefined) return withoutUndefined(source) as typeof whole
  return whole
}

function withoutUndefined (source: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (const key in source) if (source[key] !== undefined) copy[key] = source[key]
  return copy
}
