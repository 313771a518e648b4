/** Seeded random XML documents for comparing parsers and for framing. */

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded (seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6D2B79F5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const NAMES = ['Event', 'call', 'callId', 'remoteParty', 'name', 'address', 'state', 'a', 'b', 'é', '名前', 'x-y', 'x.y', '_u', 'constructor', '__proto__', 'toString', 'hasOwnProperty', 'E']
const PREFIXES = ['', '', '', 'xsi:', 'p:', 'xsi1:']
const WORDS = [
  'Carol', 'Diaz', '+12025550199', '016', '1e5', 'true', 'Žofie', '李小龙', '😀', ' ', '  ', '\n', '\t', '\r\n', '\r', '&amp;', '&lt;', '&gt;', '&quot;', '&apos;', '&#65;', '&#x1F600;',
  '&#13;', '&#32;', '>', '"', '\'', ']]', '/>', 'x="1"', '</', '?>', '!', '?', '\u00A0', '\uFFFD', 'é'
]

export class RandomXml {
  constructor (readonly random: () => number) {}

  int (below: number): number { return Math.floor(this.random() * below) }
  pick<T> (from: readonly T[]): T { return from[this.int(from.length)] }
  chance (share: number): boolean { return this.random() < share }
  name (): string { return this.pick(PREFIXES) + this.pick(NAMES) }
  private blank (): string { return this.chance(0.3) ? this.pick([' ', '\n', '\t', '  ', '\r\n', '\n  ']) : '' }

  text (): string {
    let text = ''
    for (let count = this.int(5); count > 0; count--) {
      const word = this.pick(WORDS)
      if (word !== '</') text += word
    }
    // "]]" and ">" of two neighbours would be an error.
    return text.replaceAll(']', '] ').replaceAll(']]>', ']]')
  }

  private value (): string {
    return this.text().replaceAll('"', '\'')
  }

  attributes (root: boolean): string {
    const names = new Set<string>()
    let written = root ? ' xmlns:xsi="http://schema.example.com/xsi" xmlns:xsi1="http://www.w3.org/2001/XMLSchema-instance" xmlns:p=\'urn:p\'' : ''
    if (root && this.chance(0.5)) written += ' xmlns="urn:default>"'
    for (let count = this.chance(0.6) ? 0 : this.int(4); count > 0; count--) {
      const name = this.name()
      const local = name.slice(name.indexOf(':') + 1)
      if (names.has(local)) continue
      names.add(local)
      const quote = this.pick(['"', '\''])
      const value = this.value().replaceAll('\'', quote === '\'' ? '&apos;' : '\'')
      written += `${this.pick([' ', '\n ', '  '])}${name}${this.blank()}=${this.blank()}${quote}${value}${quote}`
    }
    return written + this.blank()
  }

  private misc (): string {
    return this.pick([
      '<!-- a comment -->', '<!---->', '<!-- </xsi:Event> <a> & > -->', '<?instruction with <tags> and ? > ?>', '<?a?>'
    ])
  }

  private data (): string {
    return this.pick(['<![CDATA[]]>', '<![CDATA[<b>bold</b>]]>', '<![CDATA[</xsi:Event>]]>', '<![CDATA[ ]] ]> &amp; ]]>', '<![CDATA[<?xml version="1.0"?><a>]]>', '<![CDATA[é😀]]>'])
  }

  element (name: string, depth: number, root = false): string {
    const start = `<${name}${this.attributes(root)}`
    if (this.chance(0.15)) return `${start}/>`
    let inside = ''
    for (let count = this.int(depth > 5 ? 2 : 5); count > 0; count--) {
      const what = this.random()
      if (what < 0.35) inside += this.text()
      else if (what < 0.85 && depth < 8) inside += this.element(this.chance(0.05) ? 'xsi:Event' : this.name(), depth + 1)
      else if (what < 0.93) inside += this.misc()
      else inside += this.data()
      if (this.chance(0.3)) inside += this.blank()
    }
    return `${start}>${inside}</${name}${this.chance(0.1) ? ' ' : ''}>`
  }

  document (): string {
    const declaration = this.pick(['', '<?xml version="1.0" encoding="UTF-8"?>', '<?xml version="1.0" encoding="UTF-8"?>\n', '<?xml version=\'1.0\'?>\r\n', '<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>'])
    return declaration + (this.chance(0.1) ? this.misc() : '') + this.element(this.pick(['Event', 'xsi:Event', 'Channel', this.name()]), 1, true)
  }

  /** The bytes in pieces of 1 to `most` bytes. */
  chunks (bytes: Buffer, most: number): Buffer[] {
    const pieces: Buffer[] = []
    for (let at = 0; at < bytes.length;) {
      const end = at + 1 + this.int(most)
      pieces.push(bytes.subarray(at, end))
      at = end
    }
    return pieces
  }
}
