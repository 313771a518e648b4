/** Reading parsed JSON: ids come as strings, sometimes as numbers; fields may be missing or of another type (five9.md 4, 10). */
import { isoTime } from '../session/clock'
import { type Fields, fields, isFields, number, text } from '../transport/json'

export { defined } from '../model/plain'
export { fields, isFields, lookup, number, objects, text, type Fields } from '../transport/json'

/** The first of several fields that holds a text. */
export function textOf (source: Fields, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const found = text(source[name])
    if (found !== undefined) return found
  }
  return undefined
}

/** The word of a state: a JSON text as a rule, or an object that holds it (five9.md 2.5, 4.3). */
export function stateWord (value: unknown): string | undefined {
  return text(value) ?? textOf(fields(value), 'loginState', 'state', 'value')
}

export function flag (value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  return value === 1 || value === 'true' ? true : value === 0 || value === 'false' ? false : undefined
}

export function list (value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The texts of an array, or of a text that holds one: statistics rows write `"[CALL, VOICE_MAIL]"` (five9.md 4.5). */
export function texts (value: unknown): string[] {
  if (typeof value === 'string') return value.replace(/^\s*\[|\]\s*$/g, '').split(',').map((part) => part.trim().replace(/^"|"$/g, '')).filter((part) => part !== '')
  return list(value).map(text).filter((part) => part !== undefined)
}

/** The ids of an array that holds ids or objects with one. */
export function idsIn (value: unknown, ...names: readonly string[]): string[] {
  return list(value).map((item) => isFields(item) ? textOf(item, ...names, 'id') : text(item)).filter((id) => id !== undefined)
}

/** ms since 1970 within what a Date can hold; 0 means "not in that state" there (five9.md 4.5). */
export function millis (value: unknown): number | undefined {
  const ms = number(value)
  return ms !== undefined && ms > 0 && ms < 8.64e15 ? ms : undefined
}

/** A time of the vendor as ISO 8601; absent stays absent. */
export function time (value: unknown): string | undefined {
  const ms = millis(value)
  return ms === undefined ? undefined : isoTime(ms)
}

/** ms since 1970 as ISO 8601 in UTC. */
export const iso = isoTime
