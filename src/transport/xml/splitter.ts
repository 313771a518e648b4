/** A stream of bytes to XML documents, one after the other without separator (xsi.md 4.3). */
import { charsetOfXml, decodeStrictly } from '../charset'
import { Framer, type XmlFault } from './framer'

export type { XmlFault } from './framer'

export interface XmlDocumentSplitterOptions {
  /** Longest document in bytes. Default 1 MiB. */
  maxBytes?: number
  /** Elements inside each other. Default 64. Checked where the bytes are walked through; the parser checks every document. */
  maxDepth?: number
  /** One whole document, declaration included; its inside is for the parser to check. Runs inside `push`. */
  onDocument (text: string): void
  /** Once for each document that was given up; the stream goes on. `detail` holds nothing of the document. */
  onFault (kind: XmlFault, detail: string): void
}

const MAX_BYTES = 1024 * 1024
const MAX_DEPTH = 64
const FIRST_CAPACITY = 4096
/** A larger store is given back when nothing waits in it. */
const KEPT_CAPACITY = 64 * 1024
const UTF8_DECLARATION = Buffer.from('<?xml version="1.0" encoding="UTF-8"?>')
const DECLARATION = Buffer.from('<?xml')
/** Longer chunks are taken in parts, so that what is looked at again after an oversize document stays small. */
const PIECE = 64 * 1024
const NOTHING = Buffer.alloc(0)
const REPLACEMENT = '\uFFFD'

export class XmlDocumentSplitter {
  private readonly framer: Framer
  /** What came and is still needed: the first `held` bytes of it. */
  private store: Buffer | undefined
  private held = 0
  private window: Buffer = NOTHING
  private generation = 0

  constructor (private readonly options: XmlDocumentSplitterOptions) {
    this.framer = new Framer({
      maxBytes: options.maxBytes ?? MAX_BYTES,
      maxDepth: options.maxDepth ?? MAX_DEPTH,
      document: (start, end) => this.document(start, end),
      fault: (kind, detail) => this.fault(kind, detail)
    })
  }

  /** Takes the next bytes, cut anywhere. The chunk may be reused by the caller afterwards. Never throws: faults go to `onFault`. */
  push (chunk: Buffer | Uint8Array): void {
    if (chunk.length === 0) return
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const { generation } = this
    for (let from = 0; from < bytes.length && generation === this.generation; from += PIECE) {
      this.piece(bytes.length <= PIECE ? bytes : bytes.subarray(from, from + PIECE))
    }
    this.window = NOTHING
  }

  private piece (bytes: Buffer): void {
    const { generation } = this
    this.window = this.held === 0 ? bytes : this.append(bytes)
    const needed = this.framer.scan(this.window)
    if (generation === this.generation) this.keep(needed)
  }

  /** The stream is over: reports a document that is still open, and is then as new. */
  end (): void {
    this.framer.end()
    this.reset()
  }

  /** Forgets what is open, without a report. */
  reset (): void {
    this.generation++
    this.framer.reset()
    this.store = undefined
    this.held = 0
  }

  private append (bytes: Buffer): Buffer {
    const size = this.held + bytes.length
    const store = this.capacity(size)
    bytes.copy(store, this.held)
    this.held = size
    return store.subarray(0, size)
  }

  private capacity (size: number): Buffer {
    if (this.store !== undefined && this.store.length >= size) return this.store
    // Doubling: each byte is copied a bounded number of times.
    const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_CAPACITY, size, (this.store?.length ?? 0) * 2))
    this.store?.copy(larger, 0, 0, this.held)
    this.store = larger
    return larger
  }

  private keep (needed: number): void {
    const { window } = this
    const left = window.length - needed
    if (left === 0) {
      if (this.store !== undefined && this.store.length > KEPT_CAPACITY) this.store = undefined
      this.held = 0
    } else if (this.held === 0) {
      window.copy(this.capacity(left), 0, needed)
      this.held = left
    } else if (needed > 0) {
      window.copyWithin(0, needed)
      this.held = left
    }
  }

  private document (start: number, end: number): boolean {
    const { generation } = this
    const text = this.decode(start, end)
    if (text === undefined) {
      this.fault('encoding', 'bytes that do not fit the declared encoding')
    } else {
      try {
        this.options.onDocument(text)
      } catch (error) {
        this.fault('malformed', `the receiver of the document failed: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    return generation === this.generation
  }

  private fault (kind: XmlFault, detail: string): void {
    try {
      this.options.onFault(kind, detail)
    } catch {
      // The receiver of faults is the last one to tell; a socket listener above us must not be left by an exception.
    }
  }

  private decode (start: number, end: number): string | undefined {
    const { window } = this
    const declared = window.compare(DECLARATION, 0, DECLARATION.length, start, Math.min(end, start + DECLARATION.length)) === 0
    const usual = !declared || window.compare(UTF8_DECLARATION, 0, UTF8_DECLARATION.length, start, Math.min(end, start + UTF8_DECLARATION.length)) === 0
    if (usual) {
      const text = window.toString('utf8', start, end)
      // Cheaper than a check of every document: wrong bytes leave this character behind.
      if (!text.includes(REPLACEMENT)) return text
      return decodeStrictly(window.subarray(start, end))
    }
    const bytes = window.subarray(start, end)
    return decodeStrictly(bytes, charsetOfXml(bytes))
  }
}
