/** Characters and references of XML 1.0 (sections 2.2, 2.11, 4.1, 4.6 of the recommendation). */

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', apos: '\'', quot: '"' }
const LONGEST_REFERENCE = 12
// eslint would see the control characters as a mistake in a literal.
const FORBIDDEN = '\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\uFFFE\\uFFFF'
const ILLEGAL = new RegExp(`[${FORBIDDEN}]`)
const ILLEGAL_OR_LONE = new RegExp(`[${FORBIDDEN}]|[\\uD800-\\uDBFF](?![\\uDC00-\\uDFFF])|(?<![\\uD800-\\uDBFF])[\\uDC00-\\uDFFF]`, 'g')

/** True when the text holds a character that XML 1.0 does not allow, or half a surrogate pair. */
export function hasIllegalCharacter (text: string): boolean {
  return ILLEGAL.test(text) || !isWellFormed(text)
}

/** The text without characters that XML 1.0 does not allow. */
export function stripIllegalCharacters (text: string): string {
  return hasIllegalCharacter(text) ? text.replace(ILLEGAL_OR_LONE, '') : text
}

// The library of the compiler's target lacks the method; Node has it from version 20 on.
function isWellFormed (text: string): boolean {
  return (text as unknown as { isWellFormed (): boolean }).isWellFormed()
}

function isXmlCharacter (code: number): boolean {
  if (code < 0x20) return code === 9 || code === 10 || code === 13
  return code <= 0xD7FF || (code >= 0xE000 && code <= 0xFFFD) || (code >= 0x10000 && code <= 0x10FFFF)
}

function character (reference: string): string | undefined {
  if (!reference.startsWith('#')) return Object.hasOwn(ENTITIES, reference) ? ENTITIES[reference] : undefined
  const number = /^#(?:x([0-9a-fA-F]+)|([0-9]+))$/.exec(reference)
  if (number === null) return undefined
  const code = number[1] === undefined ? Number(number[2]) : parseInt(number[1], 16)
  return isXmlCharacter(code) ? String.fromCodePoint(code) : undefined
}

/**
 * Replaces the five predefined entities and numeric references.
 * @returns undefined when a reference is anything else, not closed, or names a character that XML does not allow
 */
export function decodeReferences (text: string): string | undefined {
  let decoded = ''
  let from = 0
  for (let ampersand = text.indexOf('&'); ampersand >= 0; ampersand = text.indexOf('&', from)) {
    const end = text.indexOf(';', ampersand)
    if (end < 0 || end - ampersand > LONGEST_REFERENCE) return undefined
    const replacement = character(text.slice(ampersand + 1, end))
    if (replacement === undefined) return undefined
    decoded += text.slice(from, ampersand) + replacement
    from = end + 1
  }
  return decoded + text.slice(from)
}

/** True for a text of blanks, tabs and line ends only, and for an empty one. */
export function isBlank (text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code !== 0x20 && code !== 0x0A && code !== 0x09 && code !== 0x0D) return false
  }
  return true
}
