/** Lenient reading of parsed JSON that came from outside: nothing here throws, and a field of the wrong kind is absent. */

export type Fields = Readonly<Record<string, unknown>>
const EMPTY: Fields = Object.freeze({})

export function isFields (value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object, or an empty one. */
export function fields (value: unknown): Fields {
  return isFields(value) ? value : EMPTY
}

/** The objects of an array. */
export function objects (value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : []
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
