/** Bytes and messages: one JSON object a line (xivo-cti.md 2.2). */

export type Message = Record<string, unknown>

/** What costs a client its connection: bad JSON, a missing key, a value of the wrong form (xivo-cti.md 2.9, 3.9). */
export class Drop extends Error {
  constructor (message: string) {
    super(message)
    this.name = 'Drop'
  }
}

/** The real server sets no limit; this one protects the process it lives in. */
const LINE_LIMIT = 16 * 1024 * 1024
const NEWLINE = 0x0A
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Cuts a stream into lines, wherever its segments are cut. */
export class Lines {
  private waiting: Buffer[] = []
  private size = 0

  /** Complete lines so far, without their ends. @throws Drop when a line gets too long */
  push (bytes: Buffer): Buffer[] {
    const lines: Buffer[] = []
    let from = 0
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
      this.keep(bytes.subarray(from, end))
      lines.push(this.take())
      from = end + 1
    }
    this.keep(bytes.subarray(from))
    return lines
  }

  /** What came after the last line end. */
  take (): Buffer {
    const all = this.waiting.length === 1 ? this.waiting[0] ?? Buffer.alloc(0) : Buffer.concat(this.waiting)
    this.waiting = []
    this.size = 0
    return all
  }

  private keep (bytes: Buffer): void {
    if (bytes.length === 0) return
    this.size += bytes.length
    if (this.size > LINE_LIMIT) throw new Drop('the line is too long')
    this.waiting.push(bytes)
  }
}

/** A line as a message. @throws Drop unless it is a JSON object with a `class` */
export function decode (line: Buffer): Message & { class: string } {
  let parsed: unknown
  try {
    parsed = JSON.parse(utf8.decode(line))
  } catch (error) {
    throw new Drop(`no JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) throw new Drop('no JSON object')
  const message = parsed as Message
  if (typeof message.class !== 'string') throw new Drop('no class')
  return message as Message & { class: string }
}

/** A message as a line, all ASCII. */
export function encode (message: Message, escapeSlash = false): Buffer {
  const text = JSON.stringify(message).replace(/[\u007f-\uffff]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return Buffer.from(`${escapeSlash ? text.replaceAll('/', '\\/') : text}\n`, 'ascii')
}

/** A key that must be there. @throws Drop */
export function need (message: Message, name: string): unknown {
  const value = message[name]
  if (value === undefined) throw new Drop(`${name} is missing`)
  return value
}

/** Text of a value that may be a number; of anything else it is empty. */
export function textOf (value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

/** A key that must be there and hold an object. @throws Drop */
export function needObject (message: Message, name: string): Message {
  const value = need(message, name)
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new Drop(`${name} is no object`)
  return value as Message
}

/** A key that must be there and hold text. @throws Drop */
export function needText (message: Message, name: string): string {
  const value = need(message, name)
  if (typeof value !== 'string') throw new Drop(`${name} is no text`)
  return value
}

/** A whole number, given as such or as text. @throws Drop */
export function needInteger (message: Message, name: string): number {
  const value = need(message, name)
  const text = typeof value === 'number' ? String(Math.trunc(value)) : typeof value === 'string' ? value.trim() : ''
  if (!/^[+-]?\d+$/.test(text)) throw new Drop(`${name} is no number`)
  return Number(text)
}
