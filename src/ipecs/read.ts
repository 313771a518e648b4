/** Reading the switch's JSON: padded strings, numbers as texts, booleans as "true" (ipecs.md 4.1, 10 traps 16 and 24). */
import { type Fields, isFields, number } from '../transport/json'

export { defined } from '../model/plain'
export { fields, isFields, lookup, number, objects, type Fields } from '../transport/json'

/** Trimmed non-empty text; numbers as text. Blanks are filler. */
export function text (value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() || undefined
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined
}

export function flag (value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value
  return word === 'true' || word === 1 || word === '1' || word === 'on' ? true : word === 'false' || word === 0 || word === '0' || word === 'off' ? false : undefined
}

/** The texts in an array, or a single one; anything else in it is left out. */
export function texts (value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).map(text).filter((item) => item !== undefined)
}

/** Id of a call: a positive integer; absent, blank, "N/A" and 0 mean that there is none (ipecs.md 4.2). */
export function reference (value: unknown): string | undefined {
  const parsed = number(value)
  return parsed !== undefined && Number.isSafeInteger(parsed) && parsed > 0 ? String(parsed) : undefined
}

/** Control characters are not allowed inside JSON strings, yet names hold them; as blanks between tokens they change nothing. */
const CONTROL = /\p{Cc}/gu

/** One frame or body as an object; undefined when it is none. Never throws. */
export function parseObject (raw: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(raw.replace(CONTROL, ' '))
    return isFields(value) ? value : undefined
  } catch {
    // A web page or a cut frame: the caller tells of it.
    return undefined
  }
}
