/** Deep copy of plain data (objects, arrays, primitives): several times cheaper than structuredClone on our small objects. */
export function copyPlain<T> (value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyPlain) as T
  const copy: Record<string, unknown> = {}
  for (const key in value) put(copy, key, copyPlain(value[key]))
  return copy as T
}

/** V8 cuts a longer piece out of a text as a reference to it: one number that is kept would keep the whole vendor document. */
const LONGEST_COPIED_CUT = 12

/** The same text, without a reference to the text it was cut from: for what is kept for longer than its document. Linear in its length, and cheap up to some hundred characters. */
function detached (text: string): string {
  if (text.length <= LONGEST_COPIED_CUT) return text
  let copy = ''
  for (let at = 0; at < text.length; at += LONGEST_COPIED_CUT) copy += text.slice(at, at + LONGEST_COPIED_CUT)
  return copy
}

/** As `copyPlain`, with texts that are detached from their document. */
export function copyDetached<T> (value: T): T {
  if (typeof value === 'string') return detached(value) as T
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyDetached) as T
  const copy: Record<string, unknown> = {}
  for (const key in value) put(copy, key, copyDetached(value[key]))
  return copy as T
}

/** Vendor XML and JSON may hold a field of this name; a plain assignment would set the prototype and lose it. */
function put (target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  else target[key] = value
}

/** Same plain data, key order ignored; an absent key and an undefined value are the same. */
export function samePlain (a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, index) => samePlain(item, b[index]))
  }
  const left = a as Record<string, unknown>
  const right = b as Record<string, unknown>
  for (const key in left) if (!samePlain(left[key], right[key])) return false
  for (const key in right) if (right[key] !== undefined && left[key] === undefined) return false
  return true
}

/** A copy without keys whose value is undefined: optional fields of the model are absent, never undefined (model.md R1). Deleting instead would make slow objects. */
export function defined<T extends object> (fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const source = fields as Record<string, unknown>
  const copy: Record<string, unknown> = {}
  for (const key in source) if (source[key] !== undefined) copy[key] = source[key]
  return copy as { [K in keyof T]: Exclude<T[K], undefined> }
}
