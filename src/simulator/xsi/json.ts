/** The JSON form of commands: BadgerFish, all values text, nil left out, a single element not an array (xsi.md 3.1). */
import { type El, usesInstance } from './tree'
import { INSTANCE, NAMESPACE } from './xml'

type Json = Record<string, unknown>

function convert (element: El): Json {
  const out: Json = {}
  for (const [key, value] of Object.entries(element.attrs ?? {})) out[`@${key}`] = value
  if (element.type !== undefined) out['@xsi1:type'] = `xsi:${element.type}`
  if (element.text !== undefined) out.$ = element.text
  for (const item of element.children ?? []) {
    if (item.nil) continue
    const before = out[item.name]
    if (before === undefined) out[item.name] = convert(item)
    else if (Array.isArray(before)) before.push(convert(item))
    else out[item.name] = [before, convert(item)]
  }
  return out
}

function hasType (element: El): boolean {
  return element.type !== undefined || (element.children?.some(hasType) ?? false)
}

/** The document as JSON text. */
export function writeJson (root: El): string {
  const namespaces: Json = { $: NAMESPACE }
  if (usesInstance(root) && hasType(root)) {
    namespaces.xsi1 = INSTANCE
    namespaces.xsi = NAMESPACE
  }
  return JSON.stringify({ [root.name]: { '@xmlns': namespaces, ...convert(root) } })
}

function revert (name: string, value: unknown): El[] {
  if (Array.isArray(value)) return value.flatMap((item) => revert(name, item))
  if (value === null || typeof value !== 'object') return [{ name, text: String(value ?? '') }]
  const element: El = { name }
  const children: El[] = []
  for (const [key, item] of Object.entries(value as Json)) {
    if (key === '$') element.text = String(item)
    else if (key.startsWith('@xmlns')) continue
    else if (/^@(\w+:)?nil$/.test(key)) element.nil = String(item) === 'true'
    else if (key.startsWith('@')) element.attrs = { ...element.attrs, [key.slice(1)]: String(item) }
    else children.push(...revert(key.slice(key.indexOf(':') + 1), item))
  }
  if (children.length > 0) element.children = children
  return [element]
}

/** Reads a body in JSON. Undefined when it is not JSON or has not exactly one root. */
export function readJson (document: string): El | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(document)
  } catch {
    return undefined
  }
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) return undefined
  const roots = Object.entries(parsed as Json)
  const first = roots[0]
  return roots.length === 1 && first !== undefined ? revert(first[0], first[1])[0] : undefined
}
