import { BANG, LT, QUESTION } from './bytes'

const UNKNOWN = -1

/** Where a comment, CDATA section, declaration or instruction begins. Remembers what it found, so that a window is searched once however often it is asked. */
export class Marks {
  private bang = UNKNOWN
  private question = UNKNOWN

  /** @returns position of the first `<!` or `<?` whose second byte is at or after `from`; the end when there is none. `from` grows from call to call. */
  next (bytes: Buffer, from: number): number {
    if (this.bang < from) this.bang = after(bytes, BANG, from)
    if (this.question < from) this.question = after(bytes, QUESTION, from)
    return Math.min(this.bang, this.question)
  }

  /** The window has moved. */
  forget (): void {
    this.bang = UNKNOWN
    this.question = UNKNOWN
  }
}

/** Position of the mark's second byte, or the length. */
function after (bytes: Buffer, byte: number, from: number): number {
  let found = bytes.indexOf(byte, from)
  while (found > 0 && bytes[found - 1] !== LT) found = bytes.indexOf(byte, found + 1)
  return found < 0 ? bytes.length : found
}
