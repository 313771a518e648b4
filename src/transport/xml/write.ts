/** XML for request bodies: elements in the order given (schemas of phone systems are sequences), escaped, without characters that XML forbids. */
import { stripIllegalCharacters } from './characters'
import { endOfName, nameAt } from './names'

/** A finished piece of XML, made by `element`; keeps text from being taken for markup. */
export class XmlFragment {
  constructor (readonly xml: string) {}
  toString (): string { return this.xml }
}

export type Scalar = string | number | boolean
/** Parts that are undefined, null or false are left out, so that optional elements read as `value && element(...)`. */
export type Children = Scalar | XmlFragment | undefined | null | readonly (XmlFragment | undefined | null | false)[]
export type Attributes = Readonly<Record<string, Scalar | undefined | null>>

const IN_TEXT: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' }
const IN_ATTRIBUTE: Readonly<Record<string, string>> = { ...IN_TEXT, '"': '&quot;', '\n': '&#10;', '\t': '&#9;' }

/** Text for between tags. */
export function escapeText (text: string): string {
  return stripIllegalCharacters(text).replace(/[&<>\r]/g, (character) => IN_TEXT[character])
}

/** Text for between double quotes; line ends and tabs survive as references. */
export function escapeAttribute (text: string): string {
  return stripIllegalCharacters(text).replace(/[&<>"\r\n\t]/g, (character) => IN_ATTRIBUTE[character])
}

function checkedName (name: string): string {
  const end = endOfName(name, 0)
  if (end !== name.length || nameAt(name, 0, end) === undefined) throw new TypeError(`"${name}" is not an XML name`)
  return name
}

function written (children: Children): string {
  if (children === undefined || children === null) return ''
  if (children instanceof XmlFragment) return children.xml
  if (typeof children !== 'object') return escapeText(String(children))
  return children.map((part) => part instanceof XmlFragment ? part.xml : '').join('')
}

/**
 * @param name may have a prefix
 * @param children text (escaped), one element, or a list of elements; nothing makes an empty element
 * @param attributes in the order given; undefined and null are left out
 * @throws TypeError when a name is not an XML name (a mistake in the program)
 */
export function element (name: string, children?: Children, attributes: Attributes = {}): XmlFragment {
  let head = checkedName(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) head += ` ${checkedName(key)}="${escapeAttribute(String(value))}"`
  }
  const body = written(children)
  return new XmlFragment(body === '' ? `<${head}/>` : `<${head}>${body}</${name}>`)
}

/** A whole document: declaration and root, UTF-8. */
export function document (root: XmlFragment): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root.xml}`
}
