/** The framer inside tags, and its search for the end tag of the root. */
import { APOSTROPHE, endsName, GT, isSpace, LT, QUOTE, sameBytes, SLASH } from './bytes'
import { FramerMarkup } from './framerMarkup'
import { LONGEST_ROOT_NAME, NOWHERE } from './framerState'
import { type RootName } from './rootNames'

export abstract class FramerTags extends FramerMarkup {
  protected name (): void {
    const { bytes } = this
    let at = this.at
    while (at < bytes.length && !endsName(bytes[at])) {
      if (bytes[at] === LT) {
        this.breakAt(at)
        return
      }
      at++
    }
    this.at = at
    if (at >= bytes.length) return
    const depth = this.nameStarts.length
    if (depth >= this.options.maxDepth) {
      this.giveUp('malformed', `more than ${this.options.maxDepth} elements inside each other`, at)
      return
    }
    this.nameStarts.push(this.token + 1 - this.start)
    this.nameLengths.push(at - this.token - 1)
    this.state = 'tag'
  }

  protected tag (): void {
    const { bytes } = this
    let at = this.at
    for (; at < bytes.length; at++) {
      const byte = bytes[at]
      if (byte === QUOTE || byte === APOSTROPHE) {
        this.quote = byte
        this.at = at + 1
        this.state = 'quoted'
        return
      }
      if (byte === LT) {
        this.breakAt(at)
        return
      }
      if (byte === GT) {
        this.at = at + 1
        this.opened(bytes[at - 1] === SLASH)
        return
      }
    }
    this.at = at
  }

  protected quoted (): void {
    const { bytes, quote } = this
    let at = this.at
    for (; at < bytes.length; at++) {
      const byte = bytes[at]
      if (byte === quote) {
        this.at = at + 1
        this.state = 'tag'
        return
      }
      // Not allowed there: the document was cut inside the value.
      if (byte === LT) {
        this.breakAt(at)
        return
      }
    }
    this.at = at
  }

  /** After the `>` of a start tag. */
  protected opened (empty: boolean): void {
    this.token = NOWHERE
    this.quiet = false
    const depth = this.nameStarts.length
    if (empty) {
      this.closed()
      return
    }
    this.state = 'text'
    if (depth > 1 || this.refused) return
    const from = this.start + this.nameStarts[0]
    const length = this.nameLengths[0]
    if (length > LONGEST_ROOT_NAME) return
    this.root = this.roots.find(this.bytes, from, from + length) ?? this.roots.learn(this.bytes, from, from + length)
    this.bodyStart = this.at
    this.searchedTo = this.at
    this.state = 'search'
  }

  protected closed (): void {
    this.token = NOWHERE
    const depth = this.nameStarts.length
    if (depth === 1) {
      const from = this.start + this.nameStarts[0]
      if (this.root === undefined && !this.refused && this.nameLengths[0] <= LONGEST_ROOT_NAME) this.roots.learn(this.bytes, from, from + this.nameLengths[0])
      this.finish(this.at)
      return
    }
    this.nameStarts.length = depth - 1
    this.nameLengths.length = depth - 1
    this.state = 'text'
  }

  protected endTag (): void {
    const { bytes } = this
    let at = this.at
    while (at < bytes.length && bytes[at] !== GT && bytes[at] !== LT) at++
    this.at = at
    if (at >= bytes.length) return
    if (bytes[at] === LT) {
      this.breakAt(at)
      return
    }
    this.at = at + 1
    const depth = this.nameStarts.length
    if (depth === 0) {
      const wasQuiet = this.quiet
      this.forget()
      this.state = 'outside'
      if (!wasQuiet) this.junk('an end tag without a start tag')
      return
    }
    const length = this.nameLengths[depth - 1]
    const from = this.token + 2
    let after = from + length
    const same = after <= at && sameBytes(bytes, this.start + this.nameStarts[depth - 1], bytes, from, length)
    while (after < at && isSpace(bytes[after])) after++
    if (same && after === at) this.closed()
    else this.giveUp('malformed', 'an end tag does not fit its start tag', this.token)
  }

  /** Inside a root: the native search for its end tag, as far as that is safe. */
  protected search (): void {
    const { bytes, searchedTo } = this
    const root = this.root as RootName
    const limit = this.marks.next(bytes, searchedTo)
    if (root.absentBefore < limit) {
      const safe = limit < bytes.length ? bytes.subarray(0, limit) : bytes
      for (let found = safe.indexOf(root.close, searchedTo); found >= 0; found = safe.indexOf(root.close, found + 1)) {
        let end = found + root.close.length
        while (end < bytes.length && isSpace(bytes[end])) end++
        if (end >= bytes.length) {
          this.searchedTo = found
          this.at = bytes.length
          return
        }
        if (bytes[end] === GT) {
          if (nests(bytes.subarray(this.bodyStart, found + 1), root.open)) this.walk()
          else this.finish(end + 1)
          return
        }
      }
      root.absentBefore = limit
    }
    if (limit < bytes.length) {
      this.walk()
      return
    }
    this.searchedTo = Math.max(this.bodyStart, bytes.length - root.close.length + 1)
    this.at = bytes.length
  }

  /** Byte by byte from the root's start tag on. */
  protected walk (): void {
    this.at = this.bodyStart
    this.state = 'text'
  }
}

/** True when an element of the root's name begins inside the root. */
function nests (body: Buffer, open: Buffer): boolean {
  for (let found = body.indexOf(open); found >= 0; found = body.indexOf(open, found + 1)) {
    if (endsName(body[found + open.length])) return true
  }
  return false
}
