/** Lenient reading of JSON that came from outside: nothing here throws, a field of the wrong kind is absent. */
export { defined } from '../model/plain'

export type Json = Readonly<Record<string, unknown>>

const EMPTY: Json = Object.freeze({})

export function isRecord (value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object in a field, or an empty one. */
export function record (node: Json | undefined, name: string): Json {
  const value = own(node, name)
  return isRecord(value) ? value : EMPTY
}

/** The objects of a list; everything else in it is left out. */
export function records (node: Json | undefined, name: string): Json[] {
  const value = own(node, name)
  return Array.isArray(value) ? value.filter(isRecord) : []
}

/** Text, also where a number was sent for it; empty text is absent. */
export function text (node: Json | undefined, name: string): string | undefined {
  const value = own(node, name)
  if (typeof value === 'string') return value === '' ? undefined : value
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined
}

/** A number, also where text was sent for it. */
export function number (node: Json | undefined, name: string): number | undefined {
  const value = own(node, name)
  const told = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof told === 'number' && Number.isFinite(told) ? told : undefined
}

export function boolean (node: Json | undefined, name: string): boolean | undefined {
  const value = own(node, name)
  return typeof value === 'boolean' ? value : value === 'true' ? true : value === 'false' ? false : undefined
}

/** ms since 1970 of an ISO time with any offset (webex-calling.md 2.1). */
export function millis (node: Json | undefined, name: string): number | undefined {
  const told = text(node, name)
  const ms = told === undefined ? NaN : Date.parse(told)
  return Number.isNaN(ms) ? undefined : ms
}

/** The same as ISO 8601 in UTC. */
export function time (node: Json | undefined, name: string): string | undefined {
  const ms = millis(node, name)
  return ms === undefined ? undefined : new Date(ms).toISOString()
}

/** JSON of a body; undefined for an empty one and for anything else (HTML of a gateway). */
export function parseJson (body: string): unknown {
  if (body.trim() === '') return undefined
  try {
    return JSON.parse(body) as unknown
  } catch {
    // A gateway's page, or a cut body: the caller goes by the status.
    return undefined
  }
}

function own (node: Json | undefined, name: string): unknown {
  return node !== undefined && Object.hasOwn(node, name) ? node[name] : undefined
}
