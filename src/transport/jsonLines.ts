/** A stream of bytes to JSON values, one a line (performance.md: search of the line end on bytes, no dependency). */
import { isUtf8 } from 'node:buffer'

export type JsonLinesFault = 'oversize' | 'encoding' | 'malformed' | 'truncated'

export interface JsonLinesOptions {
  /** Longest line in bytes. Default 4 MiB. */
  maxBytes?: number
  /** One parsed line. Runs inside `push`. */
  onValue (value: unknown): void
  /** Once for each line that was skipped; `detail` holds nothing of the line. */
  onFault (kind: JsonLinesFault, detail: string): void
}

const MAX_BYTES = 4 * 1024 * 1024
const LINE_FEED = 0x0A
const REPLACEMENT = '\uFFFD'

export class JsonLineSplitter {
  /** Pieces of a line whose end has not come. */
  private pieces: Buffer[] = []
  private held = 0
  /** The line is too long: the rest of it is dropped. */
  private skipping = false
  private generation = 0
  private readonly maxBytes: number

  constructor (private readonly options: JsonLinesOptions) {
    this.maxBytes = options.maxBytes ?? MAX_BYTES
  }

  /** Takes the next bytes, cut anywhere. The chunk may be reused by the caller afterwards. Never throws: faults go to `onFault`. */
  push (chunk: Buffer | Uint8Array): void {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const { generation } = this
    let from = 0
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
      this.complete(bytes, from, end)
      if (generation !== this.generation) return
      from = end + 1
    }
    if (from < bytes.length) this.keep(bytes, from)
  }

  /** The stream is over: a last line without line end counts when it is whole. */
  end (): void {
    const rest = this.pieces
    const skipping = this.skipping
    this.reset()
    if (skipping || rest.length === 0) return
    const line = Buffer.concat(rest)
    const text = line.toString('utf8')
    if (text.trim() === '') return
    const value = parsed(text)
    if (value === undefined || !isUtf8(line)) this.fault('truncated', 'the stream ended inside a line')
    else this.give(value.value)
  }

  /** Forgets what is open, without a report. */
  reset (): void {
    this.generation++
    this.pieces = []
    this.held = 0
    this.skipping = false
  }

  private keep (bytes: Buffer, from: number): void {
    if (this.skipping) return
    if (this.held + bytes.length - from > this.maxBytes) {
      this.tooLong()
      this.skipping = true
      return
    }
    this.pieces.push(Buffer.from(bytes.subarray(from)))
    this.held += bytes.length - from
    // Many tiny pieces would weigh more than their bytes.
    if (this.pieces.length >= 256 && this.held < this.pieces.length * 256) this.pieces = [Buffer.concat(this.pieces)]
  }

  private tooLong (): void {
    this.pieces = []
    this.held = 0
    this.fault('oversize', `a line of more than ${this.maxBytes} bytes`)
  }

  private complete (bytes: Buffer, from: number, end: number): void {
    if (this.skipping) {
      this.skipping = false
      return
    }
    if (this.held + end - from > this.maxBytes) {
      this.tooLong()
      return
    }
    if (this.held === 0) {
      this.line(bytes, from, end)
      return
    }
    this.pieces.push(bytes.subarray(from, end))
    const line = Buffer.concat(this.pieces)
    this.pieces = []
    this.held = 0
    this.line(line, 0, line.length)
  }

  private line (bytes: Buffer, from: number, end: number): void {
    const text = bytes.toString('utf8', from, end)
    if (text.includes(REPLACEMENT) && !isUtf8(bytes.subarray(from, end))) {
      this.fault('encoding', 'a line that is not UTF-8')
      return
    }
    const value = parsed(text)
    if (value !== undefined) this.give(value.value)
    else if (text.trim() !== '') this.fault('malformed', 'a line that is not JSON')
  }

  private give (value: unknown): void {
    try {
      this.options.onValue(value)
    } catch (error) {
      this.fault('malformed', `the receiver of the line failed: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  private fault (kind: JsonLinesFault, detail: string): void {
    try {
      this.options.onFault(kind, detail)
    } catch {
      // The receiver of faults is the last one to tell; a socket listener above us must not be left by an exception.
    }
  }
}

/** In a box, since `null` and `false` are values too. */
function parsed (text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    // Not JSON: the caller reports it.
    return undefined
  }
}
