/**
 * XML names, and a bounded memory of those seen: a phone system repeats the same hundred names in every document, so their strings need not be
 * cut out of the text (and looked up by the engine) again and again.
 */

/** Classes of ASCII characters in names: 2 may start a name, 1 may only continue it, 0 ends it. Above ASCII the tables below decide. */
const CLASS = new Uint8Array(128)
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code)
  if (/[A-Za-z_]/.test(character)) CLASS[code] = 2
  else if (/[-.:0-9]/.test(character)) CLASS[code] = 1
}

/** First and last code points above ASCII that may start a name (XML 1.0, production 4). */
const STARTS: readonly (readonly [number, number])[] = [
  [0xC0, 0xD6], [0xD8, 0xF6], [0xF8, 0x2FF], [0x370, 0x37D], [0x37F, 0x1FFF], [0x200C, 0x200D], [0x2070, 0x218F], [0x2C00, 0x2FEF], [0x3001, 0xD7FF],
  [0xF900, 0xFDCF], [0xFDF0, 0xFFFD], [0x10000, 0xEFFFF]
]
/** Those that may only continue it (production 4a). */
const FOLLOWS: readonly (readonly [number, number])[] = [[0xB7, 0xB7], [0x300, 0x36F], [0x203F, 0x2040]]

function within (ranges: readonly (readonly [number, number])[], code: number): boolean {
  return ranges.some(([first, last]) => code >= first && code <= last)
}

function isPlainName (text: string): boolean {
  let first = true
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    const starts = code < 128 ? CLASS[code] === 2 : within(STARTS, code)
    const fits = starts || (!first && (code < 128 ? CLASS[code] === 1 : within(FOLLOWS, code)))
    if (!fits) return false
    first = false
  }
  return !first
}

/** A name as written and without its prefix. */
export interface XmlName { readonly qualified: string; readonly local: string }

const SLOTS = 1024
const LONGEST_KEPT = 64
const kept: (XmlName | undefined)[] = new Array<XmlName | undefined>(SLOTS).fill(undefined)

/**
 * @returns the position after the name that starts at `from` (equal to `from` when none does). Non-ASCII characters are taken as part of the name;
 * `nameAt` checks them.
 */
export function endOfName (text: string, from: number): number {
  let at = from
  for (;;) {
    const code = text.charCodeAt(at)
    if (code < 128 ? CLASS[code] === 0 : code !== code) return at
    at++
  }
}

/** At most one colon, and not at an end (Namespaces in XML, section 4). */
function makeName (qualified: string): XmlName | undefined {
  const parts = qualified.split(':')
  return parts.length <= 2 && parts.every(isPlainName) ? { qualified, local: parts[parts.length - 1] } : undefined
}

/** The name in `text` from `start` to `end`, or undefined when that is not a qualified name. */
export function nameAt (text: string, start: number, end: number): XmlName | undefined {
  const length = end - start
  if (length === 0) return undefined
  if (length > LONGEST_KEPT) return makeName(text.slice(start, end))
  const middle = text.charCodeAt(start + (length >> 1))
  const hash = (length * 31 + text.charCodeAt(start + (length >> 2)) * 7 + middle * 131 + text.charCodeAt(end - 1) * 17 + text.charCodeAt(end - 2) * 37) & (SLOTS - 1)
  const found = kept[hash]
  if (found !== undefined && found.qualified.length === length && text.startsWith(found.qualified, start)) return found
  const made = makeName(text.slice(start, end))
  if (made !== undefined) kept[hash] = made
  return made
}
