/** Reading parsed XSI documents by name. Element order is never relied upon (xsi.md 4.9). */
import type { XsiNode, XsiValue } from './protocol'

export { defined } from '../model/plain'

const EMPTY: XsiNode = Object.freeze({})

function isNode (value: XsiValue | undefined): value is XsiNode {
  return typeof value === 'object' && !Array.isArray(value)
}

/** The child element `name`; of several the first. */
export function child (node: XsiNode | undefined, name: string): XsiNode | undefined {
  const value = node?.[name]
  const one = Array.isArray(value) ? value[0] as XsiValue : value
  return one === '' ? EMPTY : isNode(one) ? one : undefined
}

/** Every child element `name` that has content of its own; text-only ones are left out. */
export function children (node: XsiNode | undefined, name: string): XsiNode[] {
  const value = node?.[name]
  if (value === undefined) return []
  return (Array.isArray(value) ? value as readonly XsiValue[] : [value]).filter(isNode)
}

/** Text of the child element `name`, also when it has attributes. Empty and nil elements have none. */
export function text (node: XsiNode | undefined, name: string): string | undefined {
  const value = node?.[name]
  const one = Array.isArray(value) ? value[0] as XsiValue : value
  const own = isNode(one) ? one.$ : one
  return typeof own === 'string' && own !== '' ? own : undefined
}

/** True when the element is there, empty or not: how XSI says yes in events (xsi.md 10, trap 12). */
export function has (node: XsiNode | undefined, name: string): boolean {
  return node?.[name] !== undefined
}

/** A whole or decimal number, or undefined for anything else. */
export function number (node: XsiNode | undefined, name: string): number | undefined {
  const raw = text(node, name)
  if (raw === undefined) return undefined
  const value = Number(raw)
  return Number.isFinite(value) ? value : undefined
}

/** `true`, `1`; `false`, `0`; undefined for anything else (xsi.md 3.3). */
export function boolean (node: XsiNode | undefined, name: string): boolean | undefined {
  const raw = text(node, name)?.toLowerCase()
  return raw === 'true' || raw === '1' ? true : raw === 'false' || raw === '0' ? false : undefined
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT/

/** ms since 1970 within what a Date can hold; some operators' platforms write a dateTime instead. */
export function millis (node: XsiNode | undefined, name: string): number | undefined {
  const raw = text(node, name)
  if (raw === undefined) return undefined
  const value = DATE_TIME.test(raw) ? Date.parse(raw) : Number(raw)
  return value > 0 && value < 8.64e15 ? value : undefined
}

export function iso (ms: number): string {
  return new Date(ms).toISOString()
}

/** A time of the vendor (ms since 1970) as ISO 8601. */
export function time (node: XsiNode | undefined, name: string): string | undefined {
  const ms = millis(node, name)
  return ms === undefined ? undefined : iso(ms)
}

/** `xsi:CallReceivedEvent` -> `CallReceivedEvent`: prefixes are not fixed (xsi.md 4.3). */
export function localName (name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

/** The `xsi1:type` attribute without prefix; the prefix of the attribute itself may be any. */
export function typeOf (node: XsiNode | undefined): string | undefined {
  if (node === undefined) return undefined
  const direct = node['@type']
  if (typeof direct === 'string') return localName(direct)
  for (const key in node) if (key.startsWith('@') && key.endsWith(':type') && typeof node[key] === 'string') return localName(node[key])
  return undefined
}
