/** Bytes to text by a charset that was declared somewhere: servers answer in the charset of the user's locale (xsi.md 3.1). */
import { isUtf8 } from 'node:buffer'

const LATIN1 = new Set(['iso-8859-1', 'iso8859-1', 'iso_8859-1', 'latin1', 'l1', 'us-ascii', 'ascii'])
const UTF8 = new Set(['utf-8', 'utf8'])
/** A declaration stands in the first bytes or nowhere. */
const DECLARATION_WITHIN = 256

/** The charset of a `Content-Type`, in lower case. */
export function charsetOfContentType (contentType: string | undefined): string | undefined {
  return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? '')?.[1].toLowerCase()
}

/** The encoding that an XML declaration at the beginning names, in lower case. */
export function charsetOfXml (bytes: Buffer): string | undefined {
  const head = bytes.toString('latin1', 0, DECLARATION_WITHIN)
  return /^(?:\u00EF\u00BB\u00BF)?<\?xml\s[^>]*?\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["']/.exec(head)?.[1].toLowerCase()
}

/**
 * @param charset name as declared, any case; undefined means UTF-8
 * @returns the text without a byte order mark; undefined when the bytes are not what the charset says, or it is unknown
 */
export function decodeStrictly (bytes: Buffer, charset?: string): string | undefined {
  const label = charset?.toLowerCase() ?? 'utf-8'
  if (LATIN1.has(label)) return bytes.toString('latin1')
  if (UTF8.has(label)) {
    if (!isUtf8(bytes)) return undefined
    const text = bytes.toString('utf8')
    return text.charCodeAt(0) === 0xFEFF ? text.slice(1) : text
  }
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes)
  } catch {
    // Thrown for an unknown label and for bytes that do not fit: both are an answer here.
    return undefined
  }
}

/** The text of a reply's body: charset of the content type, else of the XML declaration, else UTF-8; what does not fit is replaced, never thrown. */
export function decodeBody (bytes: Buffer, contentType: string | undefined): string {
  const charset = charsetOfContentType(contentType) ?? charsetOfXml(bytes)
  return decodeStrictly(bytes, charset) ?? new TextDecoder('utf-8').decode(bytes)
}
