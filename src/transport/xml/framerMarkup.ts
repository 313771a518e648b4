/** The framer inside declarations, instructions, comments, CDATA sections and document types. */
import { APOSTROPHE, CLOSE_BRACKET, GT, HYPHEN, isSpace, LT, OPEN_BRACKET, QUESTION, QUOTE, sameBytes } from './bytes'
import { DECLARATION, FramerState, NOWHERE } from './framerState'

const CDATA = Buffer.from('<![CDATA[')
const COMMENT = Buffer.from('<!--')
const DOCTYPE = Buffer.from('<!DOCTYPE')

export abstract class FramerMarkup extends FramerState {
  /** `<?` and then at most the four bytes that tell a declaration from an instruction. */
  protected instructionName (): void {
    const { bytes, token } = this
    const at = this.at
    const byte = bytes[at]
    const read = at - token
    if (read < DECLARATION.length && byte === DECLARATION[read]) {
      this.at = at + 1
    } else if (read === DECLARATION.length && isSpace(byte)) {
      this.declarationStarts()
    } else {
      this.state = 'instruction'
    }
  }

  protected declarationStarts (): void {
    const { token } = this
    const cut = (this.nameStarts.length > 0 || this.declared) && !this.refused
    this.begin(token)
    this.declared = true
    this.quiet = false
    this.state = 'declaration'
    if (cut) this.options.fault('truncated', 'a new document began inside another')
  }

  protected declaration (): void {
    const { bytes } = this
    let at = this.at
    for (; at < bytes.length; at++) {
      if (bytes[at] === LT) {
        this.breakAt(at)
        return
      }
      if (bytes[at] === GT) {
        this.at = at + 1
        this.token = NOWHERE
        if (bytes[at - 1] === QUESTION) this.state = 'text'
        else this.giveUp('malformed', 'the declaration is not closed', at + 1)
        return
      }
    }
    this.at = at
  }

  protected instruction (): void {
    this.skipPast(GT, () => this.at - 2 > this.token + 1 && this.bytes[this.at - 2] === QUESTION)
  }

  protected comment (): void {
    this.skipPast(GT, () => this.at - this.token >= 7 && this.bytes[this.at - 2] === HYPHEN && this.bytes[this.at - 3] === HYPHEN)
  }

  protected data (): void {
    this.skipPast(GT, () => this.at - this.token >= 12 && this.bytes[this.at - 2] === CLOSE_BRACKET && this.bytes[this.at - 3] === CLOSE_BRACKET)
  }

  /** To after the next `byte` where `done`, which is then asked. */
  protected skipPast (byte: number, done: () => boolean): void {
    for (;;) {
      const found = this.bytes.indexOf(byte, this.at)
      if (found < 0) {
        this.at = this.bytes.length
        return
      }
      this.at = found + 1
      if (done()) {
        this.token = NOWHERE
        this.state = 'text'
        return
      }
    }
  }

  /** `<!` and as many bytes as tell what it is. */
  protected bang (): void {
    const { bytes, token } = this
    const read = this.at - token
    const fits = (what: Buffer): boolean => read < what.length && sameBytes(bytes, token, what, 0, read + 1)
    const inside = this.nameStarts.length > 0
    const kind = fits(COMMENT) ? COMMENT : inside && fits(CDATA) ? CDATA : !inside && fits(DOCTYPE) ? DOCTYPE : undefined
    if (kind === undefined) {
      this.giveUp('malformed', 'a wrong declaration', this.at)
      return
    }
    this.at++
    if (read + 1 < kind.length) return
    if (kind === COMMENT) this.state = 'comment'
    else if (kind === CDATA) this.state = 'data'
    else this.doctypeStarts()
  }

  protected doctypeStarts (): void {
    this.state = 'doctype'
    this.brackets = 0
    this.quote = 0
    this.matched = 0
    if (!this.refused) this.options.fault('doctype', 'a document with a document type')
    this.refused = true
  }

  /** Skipped, internal subset included; the document that follows is refused. */
  protected doctype (): void {
    const { bytes } = this
    for (; this.at < bytes.length; this.at++) {
      const byte = bytes[this.at]
      if (this.beginsDeclaration(byte)) return
      if (this.quote !== 0) {
        if (byte === this.quote) this.quote = 0
      } else if (byte === QUOTE || byte === APOSTROPHE) {
        this.quote = byte
      } else if (byte === OPEN_BRACKET) {
        this.brackets++
      } else if (byte === CLOSE_BRACKET) {
        this.brackets--
      } else if (byte === GT && this.brackets <= 0) {
        this.at++
        this.token = NOWHERE
        this.state = 'text'
        return
      }
    }
  }

  /** A document type never holds `<?xml`: the document with it was cut. True when this byte completes one. */
  protected beginsDeclaration (byte: number): boolean {
    if (byte === DECLARATION[this.matched]) this.matched++
    else this.matched = byte === LT ? 1 : 0
    if (this.matched < DECLARATION.length) return false
    this.begin(this.at + 1 - DECLARATION.length)
    this.at++
    this.state = 'instructionName'
    return true
  }
}
