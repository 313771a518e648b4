/** What the framer knows between two bytes, and the steps that begin, end and give up a document. */
import { Marks } from './marks'
import { type RootName, RootNames } from './rootNames'

export type XmlFault = 'truncated' | 'oversize' | 'doctype' | 'malformed' | 'encoding'

export interface FramerOptions {
  maxBytes: number
  maxDepth: number
  /** A document stands at `start` to `end` of the window given to `scan`. Returns false when the framer was reset meanwhile. */
  document (start: number, end: number): boolean
  fault (kind: XmlFault, detail: string): void
}

export type State =
  | 'outside' | 'text' | 'opening' | 'name' | 'tag' | 'quoted' | 'endTag' | 'instructionName' | 'instruction' | 'declaration' | 'bang' | 'comment' | 'data'
  | 'doctype' | 'search' | 'broken' | 'resync' | 'resyncEnd'

export const NOWHERE = -1
export const DECLARATION = Buffer.from('<?xml')
export const LONGEST_ROOT_NAME = 256

export abstract class FramerState {
  protected state: State = 'outside'
  protected bytes: Buffer = Buffer.alloc(0)
  /** Next byte to look at. */
  protected at = 0
  /** The `<` of the tag, comment … being read. */
  protected token = NOWHERE
  /** First byte of the document being read. */
  protected start = NOWHERE
  protected declared = false
  /** The document is followed to its end and dropped there. */
  protected refused = false
  /** A fault was reported and no document has begun since. */
  protected quiet = false
  protected quote = 0
  protected brackets = 0
  /** Bytes of `<?xml` just seen inside a document type. */
  protected matched = 0
  /** Starts (counted from `start`) and lengths of the names of open elements. */
  protected readonly nameStarts: number[] = []
  protected readonly nameLengths: number[] = []
  protected readonly roots = new RootNames()
  protected root: RootName | undefined
  /** Root of the document that was given up. */
  protected brokenRoot: Buffer | undefined
  protected bodyStart = 0
  protected searchedTo = 0
  protected readonly marks = new Marks()

  constructor (protected readonly options: FramerOptions) {}

  protected moveBack (by: number): void {
    this.at -= by
    this.bodyStart -= by
    this.searchedTo -= by
    if (this.token !== NOWHERE) this.token -= by
    if (this.start !== NOWHERE) this.start -= by
    this.marks.forget()
    this.roots.forgetPlaces()
    this.bytes = Buffer.alloc(0)
  }

  /** No document is open. */
  protected forget (): void {
    this.start = NOWHERE
    this.token = NOWHERE
    this.declared = false
    this.refused = false
    this.root = undefined
    this.nameStarts.length = 0
    this.nameLengths.length = 0
  }

  protected begin (at: number): void {
    this.forget()
    this.start = at
    this.token = at
  }

  /** Reports, drops the open document and looks for the next one from `from` on. */
  protected giveUp (kind: XmlFault, detail: string, from: number): void {
    const hasRoot = this.start !== NOWHERE && this.nameStarts.length > 0
    const report = !this.refused && (hasRoot || !this.quiet)
    const rootStart = hasRoot ? this.start + this.nameStarts[0] : 0
    this.brokenRoot = hasRoot ? Buffer.from(this.bytes.subarray(rootStart, rootStart + this.nameLengths[0])) : undefined
    // Without a root any next tag may be one; with it, what follows is the rest of the broken document.
    this.state = hasRoot ? 'resync' : 'outside'
    this.forget()
    this.quiet = true
    this.at = from
    if (report) this.options.fault(kind, detail)
  }

  protected finish (end: number): void {
    const { start, refused } = this
    this.state = 'outside'
    this.at = end
    const { bytes } = this
    this.forget()
    this.quiet = false
    if (refused) return
    if (end - start > this.options.maxBytes) this.options.fault('oversize', `a document of ${end - start} bytes`)
    else if (!this.options.document(start, end)) this.at = bytes.length
  }

  protected junk (detail: string): void {
    if (!this.quiet) this.options.fault('malformed', detail)
    this.quiet = true
  }

  /** A `<` where none may stand: the document was cut there, or is simply wrong. */
  protected breakAt (at: number): void {
    this.token = at
    this.at = at + 1
    this.state = 'broken'
  }
}
