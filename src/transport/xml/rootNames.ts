import { sameBytes } from './bytes'

/** A root element's name with the bytes that its start and end tags begin with. */
export interface RootName {
  readonly name: Buffer
  readonly open: Buffer
  readonly close: Buffer
  /** Position of the present window before which no further end tag of this name stands: what was searched once is not searched again. */
  absentBefore: number
}

const MOST = 8

/** The names of roots seen on one stream, prefix included. Bounded: the oldest makes room. */
export class RootNames {
  private readonly names: RootName[] = []

  /** The entry for the name at this place, or undefined when it was not seen. */
  find (bytes: Uint8Array, from: number, to: number): RootName | undefined {
    const length = to - from
    for (const entry of this.names) if (entry.name.length === length && sameBytes(entry.name, 0, bytes, from, length)) return entry
    return undefined
  }

  learn (bytes: Buffer, from: number, to: number): RootName {
    const known = this.find(bytes, from, to)
    if (known !== undefined) return known
    const name = Buffer.from(bytes.subarray(from, to))
    const entry = { name, open: Buffer.concat([Buffer.from('<'), name]), close: Buffer.concat([Buffer.from('</'), name]), absentBefore: 0 }
    if (this.names.length >= MOST) this.names.shift()
    this.names.push(entry)
    return entry
  }

  /** The window has moved. */
  forgetPlaces (): void {
    for (const entry of this.names) entry.absentBefore = 0
  }
}
