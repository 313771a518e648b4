/**
 * Where one XML document ends and the next begins (xsi.md 4.3), on bytes, resumable anywhere. A document ends at the tag that brings the depth
 * back to 0. The machine looks at each byte once; for the inside of a root it first tries a native search of the root's end tag (performance.md), and
 * walks through the inside only when a comment, CDATA section, instruction or nested element of that name makes the search unsafe.
 */
import { BANG, endsName, GT, isSpace, LT, QUESTION, sameBytes, SLASH, startsName } from './bytes'
import { DECLARATION, LONGEST_ROOT_NAME, NOWHERE } from './framerState'
import { FramerTags } from './framerTags'

export type { FramerOptions, XmlFault } from './framerState'

export class Framer extends FramerTags {
  /**
   * @param bytes the window: everything from the position that the last call returned, and what came since
   * @returns the first position still needed; positions count from there at the next call
   */
  scan (bytes: Buffer): number {
    this.bytes = bytes
    while (this.at < bytes.length) this[this.state]()
    const { maxBytes } = this.options
    while (this.start !== NOWHERE && bytes.length - this.start > maxBytes) {
      // A little before the limit, since a tag cut there may be the root's end tag; and there for every cutting of the stream.
      this.giveUp('oversize', `a document of more than ${maxBytes} bytes`, this.start + Math.max(1, maxBytes - LONGEST_ROOT_NAME))
      while (this.at < bytes.length) this[this.state]()
    }
    const needed = this.start !== NOWHERE ? this.start : this.state === 'resync' && this.token !== NOWHERE ? this.token : bytes.length
    this.moveBack(needed)
    return needed
  }

  /** The stream is over. */
  end (): void {
    const open = this.start !== NOWHERE && (this.declared || this.nameStarts.length > 0 || this.state !== 'text')
    if (open && !this.refused) this.options.fault('truncated', 'the stream ended inside a document')
    this.reset()
  }

  reset (): void {
    this.state = 'outside'
    this.bytes = Buffer.alloc(0)
    this.at = 0
    this.quiet = false
    this.forget()
  }

  protected outside (): void {
    const { bytes } = this
    let at = this.at
    while (at < bytes.length && bytes[at] !== LT) {
      const byte = bytes[at]
      // A byte order mark may stand before any document.
      if (!isSpace(byte) && byte !== 0xEF && byte !== 0xBB && byte !== 0xBF) this.junk('text between documents')
      at++
    }
    this.at = at + 1
    if (at >= bytes.length) {
      this.at = bytes.length
      return
    }
    this.begin(at)
    this.state = 'opening'
  }

  protected text (): void {
    const { bytes } = this
    let at = this.at
    if (this.nameStarts.length > 0) {
      while (at < bytes.length && bytes[at] !== LT) at++
    } else {
      while (at < bytes.length && isSpace(bytes[at])) at++
    }
    this.at = at
    if (at >= bytes.length) return
    if (bytes[at] !== LT) {
      this.giveUp('malformed', 'text before the root element', at)
      return
    }
    this.token = at
    this.at = at + 1
    this.state = 'opening'
  }

  /** After `<`. */
  protected opening (): void {
    const byte = this.bytes[this.at]
    if (startsName(byte)) this.state = 'name'
    else if (byte === SLASH) this.state = 'endTag'
    else if (byte === QUESTION) this.state = 'instructionName'
    else if (byte === BANG) this.state = 'bang'
    else {
      if (byte === LT) this.breakAt(this.at)
      else this.giveUp('malformed', '"<" without a name', this.at)
      return
    }
    this.at++
  }

  protected broken (): void {
    const { bytes, token, at } = this
    const read = at - token
    if (bytes[at] !== DECLARATION[read]) {
      this.giveUp('malformed', '"<" inside a tag', token)
      return
    }
    this.at = at + 1
    if (read + 1 < DECLARATION.length) return
    this.giveUp('truncated', 'a new document began inside a tag', at + 1)
    this.begin(token)
    this.state = 'instructionName'
  }

  /** Rest of a broken document: up to its root's end tag, a declaration, or a root name that was seen before. */
  protected resync (): void {
    const { bytes } = this
    if (this.token === NOWHERE) {
      const found = bytes.indexOf(LT, this.at)
      this.at = found < 0 ? bytes.length : found + 1
      if (found < 0) return
      this.token = found
    }
    for (; this.at < bytes.length; this.at++) {
      const byte = bytes[this.at]
      if (byte === LT) {
        this.token = this.at
      } else if (this.at - this.token > LONGEST_ROOT_NAME + 1) {
        this.token = NOWHERE
        return
      } else if (endsName(byte) && this.at > this.token + 1) {
        this.resyncAtName()
        return
      }
    }
  }

  protected resyncAtName (): void {
    const { bytes, token, at, brokenRoot } = this
    const from = token + 1
    const length = at - from
    if (length === DECLARATION.length - 1 && sameBytes(bytes, token, DECLARATION, 0, DECLARATION.length)) {
      this.begin(token)
      this.state = 'instructionName'
    } else if (bytes[from] === SLASH && brokenRoot !== undefined && length - 1 === brokenRoot.length && sameBytes(bytes, from + 1, brokenRoot, 0, length - 1)) {
      this.state = 'resyncEnd'
    } else if (this.roots.find(bytes, from, at) !== undefined) {
      this.begin(token)
      this.at = token + 1
      this.state = 'opening'
    } else {
      this.token = NOWHERE
    }
  }

  protected resyncEnd (): void {
    const { bytes } = this
    while (this.at < bytes.length && bytes[this.at] !== GT && bytes[this.at] !== LT) this.at++
    if (this.at >= bytes.length) return
    this.token = NOWHERE
    if (bytes[this.at] === LT) {
      this.state = 'resync'
    } else {
      this.at++
      this.state = 'outside'
    }
  }
}
