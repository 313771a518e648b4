/** Bytes that matter to the framing of XML, and questions about them. All are ASCII, so they mean the same inside UTF-8 and the ISO 8859 family. */

export const LT = 0x3C
export const GT = 0x3E
export const SLASH = 0x2F
export const BANG = 0x21
export const QUESTION = 0x3F
export const QUOTE = 0x22
export const APOSTROPHE = 0x27
export const HYPHEN = 0x2D
export const OPEN_BRACKET = 0x5B
export const CLOSE_BRACKET = 0x5D

export function isSpace (byte: number): boolean {
  return byte === 0x20 || byte === 0x0A || byte === 0x0D || byte === 0x09
}

/** True for a byte that ends the name in a tag. */
export function endsName (byte: number): boolean {
  return byte === GT || byte === SLASH || isSpace(byte)
}

/** True for a byte that may begin a name: a letter, `_`, or part of a character above ASCII. */
export function startsName (byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x41 && byte <= 0x5A) || byte === 0x5F || byte >= 0x80
}

/** Same bytes in both places; names are short, so a loop beats a native call. */
export function sameBytes (a: Uint8Array, from: number, b: Uint8Array, bFrom: number, length: number): boolean {
  for (let at = 0; at < length; at++) if (a[from + at] !== b[bFrom + at]) return false
  return true
}
