/**
 * One XML document to one plain object: a small strict scanner (performance.md: general parsers cost 2 to 9 times as much). Namespaces are not
 * resolved: prefixes are dropped, since no phone system here uses a local name for two things. Values stay text: `016`, `+12025550100` and `1e5` are no numbers.
 */
import { CtiError } from '../../model'
import { decodeReferences, hasIllegalCharacter, isBlank } from './characters'
import { endOfName, nameAt, type XmlName } from './names'

/**
 * A text-only element without attributes is its text ('' when empty). Any other is an object: children by local name (an array when repeated),
 * attributes as `@localName` (without namespace declarations), own text beside them as `$`.
 */
export type XmlValue = string | XmlObject | XmlItem[]
/** One element of a repeated name. */
export type XmlItem = string | XmlObject
export interface XmlObject { [name: string]: XmlValue }

export interface XmlDocument {
  /** Local name of the root element. */
  root: string
  value: XmlItem
}

export interface ParseOptions {
  /** Elements inside each other, root included. Default 64. */
  maxDepth?: number
  /** Longest document in UTF-16 units. Default 1 MiB. */
  maxBytes?: number
}

const MAX_DEPTH = 64
const MAX_LENGTH = 1024 * 1024
/** More on one element is an attack: finding doubles costs the square of it. */
const MAX_ATTRIBUTES = 256

const USUAL_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
const DECLARATION = /<\?xml\s+version\s*=\s*(?:"1\.\d+"|'1\.\d+')(?:\s+encoding\s*=\s*(?:"[A-Za-z][\w.-]*"|'[A-Za-z][\w.-]*'))?(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*\?>/y

const LT = 0x3C
const GT = 0x3E
const SLASH = 0x2F
const BANG = 0x21
const QUESTION = 0x3F
const EQUALS = 0x3D
const QUOTE = 0x22
const APOSTROPHE = 0x27

function isSpace (code: number): boolean {
  return code === 0x20 || code === 0x0A || code === 0x09 || code === 0x0D
}

function fail (what: string, at: number): never {
  throw new CtiError('CTI_PROTOCOL', `The XML document is not usable: ${what} (at character ${at}).`, { text: what, position: at, retryable: false })
}

/** Puts a property, whatever its name: a plain store to `__proto__` would replace the prototype. */
function put (target: XmlObject, key: string, value: XmlValue): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  else target[key] = value
}

function addChild (parent: XmlObject, name: string, value: XmlItem): void {
  const present = parent[name]
  // Inherited members (`constructor`) are functions, `__proto__` is Object.prototype: neither is a value of ours.
  if (present === undefined || !Object.hasOwn(parent, name)) put(parent, name, value)
  else if (Array.isArray(present)) present.push(value)
  else put(parent, name, [present, value])
}

class Scanner {
  private at = 0
  /** Attributes of the start tag read last. */
  private attributes: XmlObject | undefined

  constructor (private readonly text: string, private readonly maxDepth: number) {}

  document (): XmlDocument {
    const { text } = this
    if (text.charCodeAt(0) === 0xFEFF) this.at = 1
    this.declaration()
    this.betweenElements()
    if (this.at >= text.length) fail('no element in it', this.at)
    const name = this.startName()
    const value = this.element(name)
    this.betweenElements()
    if (this.at < text.length) fail('something follows the root element', this.at)
    return { root: name.local, value }
  }

  private declaration (): void {
    const { text } = this
    if (!text.startsWith('<?xml', this.at) || !isSpace(text.charCodeAt(this.at + 5))) return
    if (text.startsWith(USUAL_DECLARATION, this.at)) {
      this.at += USUAL_DECLARATION.length
      return
    }
    DECLARATION.lastIndex = this.at
    if (!DECLARATION.test(text)) fail('a wrong declaration', this.at)
    this.at = DECLARATION.lastIndex
  }

  private past (terminator: string, problem: string): number {
    const found = this.text.indexOf(terminator, this.at)
    if (found < 0) fail(problem, this.at)
    this.at = found + terminator.length
    return found
  }

  /** Blanks, comments and processing instructions, outside the root. */
  private betweenElements (): void {
    const { text } = this
    for (;;) {
      while (isSpace(text.charCodeAt(this.at))) this.at++
      if (text.charCodeAt(this.at) !== LT) {
        if (this.at < text.length) fail('text outside the root element', this.at)
        return
      }
      const next = text.charCodeAt(this.at + 1)
      if (next === QUESTION) this.instruction()
      else if (text.startsWith('<!--', this.at)) this.comment()
      else if (next === BANG) fail(text.startsWith('<!DOCTYPE', this.at) ? 'it has a document type, which is refused' : 'a wrong declaration', this.at)
      else return
    }
  }

  private comment (): void {
    this.at += 4
    const end = this.past('--', 'a comment is not closed')
    if (this.text.charCodeAt(this.at) !== GT) fail('two hyphens in a comment', end)
    this.at++
  }

  private instruction (): void {
    const start = this.at + 2
    const end = endOfName(this.text, start)
    const target = nameAt(this.text, start, end)
    if (target === undefined) fail('a processing instruction without a name', start)
    if (target.qualified.toLowerCase() === 'xml') fail('a declaration inside the document', start)
    const next = this.text.charCodeAt(end)
    if (!isSpace(next) && next !== QUESTION) fail('a wrong processing instruction', end)
    this.at = end
    this.past('?>', 'a processing instruction is not closed')
  }

  private startName (): XmlName {
    const start = this.at + 1
    const end = endOfName(this.text, start)
    const name = nameAt(this.text, start, end)
    if (name === undefined) fail('a wrong element name', start)
    this.at = end
    return name
  }

  /** The rest of a start tag. @returns true when the element is empty; attributes are left in `attributes`. */
  private restOfStartTag (): boolean {
    const { text } = this
    this.attributes = undefined
    let seen: string[] | undefined
    for (;;) {
      let code = text.charCodeAt(this.at)
      const spaced = isSpace(code)
      while (isSpace(code)) code = text.charCodeAt(++this.at)
      if (code === GT) {
        this.at++
        return false
      }
      if (code === SLASH) {
        if (text.charCodeAt(this.at + 1) !== GT) fail('a wrong tag', this.at)
        this.at += 2
        return true
      }
      if (code !== code) fail('a tag is not closed', this.at)
      if (!spaced) fail('a wrong tag', this.at)
      seen ??= []
      this.attribute(seen)
    }
  }

  private attribute (seen: string[]): void {
    const { text } = this
    const start = this.at
    const end = endOfName(text, start)
    const name = nameAt(text, start, end)
    if (name === undefined) fail('a wrong attribute name', start)
    if (seen.includes(name.qualified)) fail('an attribute twice on one element', start)
    if (seen.length >= MAX_ATTRIBUTES) fail('too many attributes', start)
    seen.push(name.qualified)
    this.at = end
    while (isSpace(text.charCodeAt(this.at))) this.at++
    if (text.charCodeAt(this.at) !== EQUALS) fail('an attribute without a value', this.at)
    this.at++
    while (isSpace(text.charCodeAt(this.at))) this.at++
    const quote = text.charCodeAt(this.at)
    if (quote !== QUOTE && quote !== APOSTROPHE) fail('an attribute value without quotes', this.at)
    const from = ++this.at
    const to = this.past(quote === QUOTE ? '"' : '\'', 'an attribute value is not closed')
    let value = text.slice(from, to)
    if (value.includes('<')) fail('"<" in an attribute value', from)
    if (/[\n\t]/.test(value)) value = value.replace(/[\n\t]/g, ' ')
    if (value.includes('&')) value = decodeReferences(value) ?? fail('an unknown reference in an attribute value', from)
    if (name.qualified === 'xmlns' || name.qualified.startsWith('xmlns:')) return
    this.attributes ??= {}
    const key = `@${name.local}`
    // The same local name under two prefixes: the first one stays.
    if (!Object.hasOwn(this.attributes, key)) this.attributes[key] = value
  }

  /** From after the name of the root's start tag to after its end tag. Its own stack, so that depth is a number and not a crash. */
  private element (root: XmlName): XmlItem {
    const { text, maxDepth } = this
    const names: XmlName[] = []
    const values: (XmlObject | undefined)[] = []
    const texts: string[] = []
    let name = root
    let empty = this.restOfStartTag()
    let value = this.attributes
    let own = ''
    let hasChildren = false
    // Text since the last tag of an element; comments, instructions and CDATA do not end it.
    let run = ''
    for (;;) {
      if (!empty) {
        const start = this.at
        const lt = text.indexOf('<', start)
        if (lt < 0) fail(`"${name.qualified}" is not closed`, start)
        if (lt > start) run = run === '' ? this.plain(start, lt) : run + this.plain(start, lt)
        this.at = lt
        const next = text.charCodeAt(lt + 1)
        if (next === BANG) {
          run += this.commentOrData()
          continue
        }
        if (next === QUESTION) {
          this.instruction()
          continue
        }
        if (next !== SLASH) {
          if (run !== '') {
            if (!isBlank(run)) own += run
            run = ''
          }
          if (names.length + 2 > maxDepth) fail(`more than ${maxDepth} elements inside each other`, lt)
          names.push(name)
          values.push(value ?? {})
          texts.push(own)
          name = this.startName()
          empty = this.restOfStartTag()
          value = this.attributes
          own = ''
          hasChildren = false
          continue
        }
        this.endTag(name.qualified)
      }
      let item: XmlItem
      if (value === undefined) {
        item = run
      } else {
        if (hasChildren ? !isBlank(run) : run !== '') own += run
        if (own !== '') value.$ = own
        item = value
      }
      run = ''
      const outer = names.pop()
      if (outer === undefined) return item
      const parent = values.pop() as XmlObject
      addChild(parent, name.local, item)
      name = outer
      value = parent
      own = texts.pop() as string
      hasChildren = true
      empty = false
    }
  }

  /** At `</`: the name must be the open one. */
  private endTag (name: string): void {
    const { text } = this
    let at = this.at + 2
    if (!text.startsWith(name, at)) fail(`"${name}" is not closed by its own end tag`, at)
    at += name.length
    while (isSpace(text.charCodeAt(at))) at++
    if (text.charCodeAt(at) !== GT) fail(`"${name}" is not closed by its own end tag`, at)
    this.at = at + 1
  }

  private commentOrData (): string {
    const { text } = this
    if (text.startsWith('<!--', this.at)) {
      this.comment()
      return ''
    }
    if (!text.startsWith('<![CDATA[', this.at)) fail('a wrong declaration inside an element', this.at)
    const from = this.at + 9
    this.at = from
    return text.slice(from, this.past(']]>', 'a CDATA section is not closed'))
  }

  private plain (start: number, end: number): string {
    const piece = this.text.slice(start, end)
    if (piece.includes(']]>')) fail('"]]>" in text', start)
    return piece.includes('&') ? decodeReferences(piece) ?? fail('an unknown reference in text', start) : piece
  }
}

/**
 * @param text one document, decoded; a declaration and a byte order mark are skipped
 * @throws CtiError CTI_PROTOCOL when it is not well-formed (unclosed or mismatched elements, doubled attributes, two roots, unknown entities, illegal
 * characters), has a document type, or is over a limit. White space between elements is dropped, the text of a leaf is kept as it is, blanks included.
 */
export function parseXml (text: string, options: ParseOptions = {}): XmlDocument {
  const limit = options.maxBytes ?? MAX_LENGTH
  if (text.length > limit) fail(`longer than ${limit}`, 0)
  if (hasIllegalCharacter(text)) fail('a character that XML does not allow', 0)
  // Line ends are one character to XML (section 2.11).
  const unified = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
  return new Scanner(unified, options.maxDepth ?? MAX_DEPTH).document()
}

export { asArray, child, textAt, textOf } from './values'
