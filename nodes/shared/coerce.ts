/**
 * Values of node properties as they arrive: typed by hand, or replaced from an environment variable, which may make a number, a boolean or an object of
 * a text field (conventions 10). Each function takes anything and returns one kind.
 */

/** Trimmed text; objects, null and undefined give ''. */
export function toText (value: unknown): string {
  if (typeof value === 'string') return value.trim()
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

const NO = new Set(['', 'false', '0', 'no', 'off'])

/** @param fallback what an absent value means, so that a property added later reads well in old flows */
export function toFlag (value: unknown, fallback = false): boolean {
  if (value === undefined || value === null) return fallback
  return typeof value === 'boolean' ? value : !NO.has(toText(value).toLowerCase())
}

/** A finite number of at least 0, or undefined. */
export function toCount (value: unknown): number | undefined {
  const text = toText(value)
  const number = text === '' ? NaN : Number(text)
  return Number.isFinite(number) && number >= 0 ? number : undefined
}

/** An array of texts, or text separated by commas; empty entries are dropped. */
export function toList (value: unknown): string[] {
  const parts = Array.isArray(value) ? value.map(toText) : toText(value).split(',').map((part) => part.trim())
  return parts.filter((part) => part !== '')
}

/** A plain object (not null, not an array, not a Buffer or another class). */
export function isPlainObject (value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}
