/** XML as XSI servers write it (xsi.md 4.2, 4.6) and a lenient reader for what clients send. */
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { type El, usesInstance } from './tree'

export const NAMESPACE = 'http://schema.broadsoft.com/xsi'
export const INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance'
export const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
// XML 1.0 has no way to write the rest, not even escaped: a server that held such a character would drop it.
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

function escape (value: string): string {
  return value.replace(FORBIDDEN, '').replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character)
}

function write (element: El, prefix: string, rootAttributes: string): string {
  const name = prefix + element.name
  let open = name + rootAttributes
  for (const [key, value] of Object.entries(element.attrs ?? {})) open += ` ${key}="${escape(value)}"`
  if (element.type !== undefined) open += ` xsi1:type="xsi:${element.type}"`
  if (element.nil) open += ' xsi1:nil="true"'
  const inner = element.children?.map((item) => write(item, prefix, '')).join('') ?? (element.text === undefined ? '' : escape(element.text))
  return inner === '' ? `<${open}/>` : `<${open}>${inner}</${name}>`
}

/** A reply of Actions or of an Events command: default namespace, no declaration. */
export function plainXml (root: El): string {
  const namespaces = usesInstance(root) ? ` xmlns="${NAMESPACE}" xmlns:xsi1="${INSTANCE}" xmlns:xsi="${NAMESPACE}"` : ` xmlns="${NAMESPACE}"`
  return write(root, '', namespaces)
}

/** An event document: everything under the prefix `xsi`, types under `xsi1`, no declaration. */
export function eventXml (root: El): string {
  return write(root, 'xsi:', ` xmlns:xsi="${NAMESPACE}" xmlns:xsi1="${INSTANCE}"`)
}

/** The same document with each element on a line of its own, as some servers indent it (xsi.md 4.3). */
export function indented (document: string): string {
  let depth = 0
  return document.replace(/></g, '>\n<').split('\n').map((line) => {
    if (line.startsWith('</')) depth--
    const shown = '  '.repeat(Math.max(0, depth)) + line
    if (/^<[^?/]/.test(line) && !line.includes('</') && !line.endsWith('/>')) depth++
    return shown
  }).join('\n')
}

/** The same event under other prefixes, which mean the same (xsi.md 4.3). */
export function reprefixed (document: string): string {
  return document.replace(/<[^>]*>/g, (tag) => tag.replace(/\bxsi1(?=[:=])/g, 'i').replace(/\bxsi(?=[:=])/g, 'b'))
}

const ATTRIBUTES = ':@'
const parser = new XMLParser({ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '', parseTagValue: false, parseAttributeValue: false, trimValues: true, ignoreDeclaration: true, ignorePiTags: true, processEntities: true })

type Ordered = Record<string, unknown>

function local (name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

function convert (node: Ordered): El | undefined {
  const name = Object.keys(node).find((key) => key !== ATTRIBUTES)
  if (name === undefined || name === '#text') return undefined
  const element: El = { name: local(name) }
  for (const [key, value] of Object.entries((node[ATTRIBUTES] ?? {}) as Record<string, string>)) {
    if (key === 'xmlns' || key.startsWith('xmlns:')) continue
    if (local(key) === 'nil' && key.includes(':')) element.nil = /^(true|1)$/.test(value)
    else if (local(key) === 'type' && key.includes(':')) element.type = local(value)
    else element.attrs = { ...element.attrs, [key]: value }
  }
  const inside = node[name] as Ordered[]
  const children = inside.map(convert).filter((item): item is El => item !== undefined)
  if (children.length > 0) element.children = children
  else {
    const content = inside.filter((item) => '#text' in item).map((item) => String(item['#text'])).join('')
    if (content !== '') element.text = content
  }
  return element
}

/** Reads one document; prefixes are dropped. Undefined when it is not well-formed. */
export function readXml (document: string): El | undefined {
  if (XMLValidator.validate(document) !== true) return undefined
  const nodes = parser.parse(document) as Ordered[]
  return nodes.map(convert).find((item) => item !== undefined)
}
