import { type XmlItem, type XmlObject, type XmlValue } from './parse'

function isObject (value: XmlValue | undefined): value is XmlObject {
  return typeof value === 'object' && !Array.isArray(value)
}

/** What stands under a name as a list: absent is empty, one is a list of one. */
export function asArray (value: XmlValue | undefined): XmlItem[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}

/** Text of an element, with or without attributes (of the first one when repeated); undefined when it is absent or has only children. */
export function textOf (value: XmlValue | undefined): string | undefined {
  const first = Array.isArray(value) ? value[0] : value
  if (typeof first === 'string' || first === undefined) return first
  if (Object.hasOwn(first, '$')) return textOf(first.$)
  // Attributes only: present and empty.
  return Object.keys(first).every((key) => key.startsWith('@')) ? '' : undefined
}

/** What stands under a path of names (attributes as `@name`); of repeated elements on the way the first is taken. Undefined when a step is missing. */
export function child (value: XmlValue | undefined, ...path: readonly string[]): XmlValue | undefined {
  let here = value
  for (const name of path) {
    const first: XmlValue | undefined = Array.isArray(here) ? here[0] : here
    if (!isObject(first) || !Object.hasOwn(first, name)) return undefined
    here = first[name]
  }
  return here
}

/** Text at a path: `textOf(child(value, ...path))`. */
export function textAt (value: XmlValue | undefined, ...path: readonly string[]): string | undefined {
  return textOf(child(value, ...path))
}
