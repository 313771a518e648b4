/** Groups have a number that people dial and a bin that the ACD stream uses; no command tells which is which (ipecs.md 11). */
import type { Call, Queue } from '../model'
import { bareNumber } from './options'
import { defined } from './read'

const MOST_LEARNED = 500
/** ms in which two streams tell the same fact. */
const TWIN_MS = 3000

/** One half of a pair, until the other stream tells the rest. */
interface Half { readonly value: string; readonly at: number }

export class Groups {
  private readonly binOf = new Map<string, string>()
  private readonly numberOf = new Map<string, string>()
  private readonly configured: ReadonlySet<string>
  private readonly bins = new Map<string, Half>()
  private readonly numbers = new Map<string, Half>()

  /** @param table bin without zeros by number */
  constructor (table: ReadonlyMap<string, string>, private readonly names: ReadonlyMap<string, string>) {
    for (const [number, bin] of table) this.pair(number, bin)
    this.configured = new Set([...table.keys(), ...names.keys()])
  }

  isGroup (number: string): boolean {
    return this.binOf.has(number) || this.configured.has(number)
  }

  /** Numbers that are known so far. */
  list (): string[] {
    return [...new Set([...this.configured, ...this.binOf.keys()])]
  }

  /** Id of a queue by its bin: the number where it is known. `0000` is no group. */
  byBin (bin: string | undefined): string | undefined {
    const bare = bin === undefined ? undefined : bareNumber(bin)
    return bare === undefined || bare === '0' ? undefined : this.numberOf.get(bare) ?? `bin${bare}`
  }

  /** The id that is used now for a queue met under another one before its number was known. */
  canonical (id: string): string {
    return id.startsWith('bin') ? this.byBin(id.slice(3)) ?? id : id
  }

  /** Number of a group named by number, name or id. */
  find (word: string): string | undefined {
    if (this.isGroup(word)) return word
    for (const [number, name] of this.names) if (name === word) return number
    const bin = /^bin(\d+)$/.exec(word)?.[1]
    return bin === undefined ? undefined : this.numberOf.get(bin)
  }

  /** A queue as a leg or an agent names it. */
  ref (id: string): NonNullable<Call['queue']> & Pick<Queue, 'id'> {
    return defined({ id, number: id.startsWith('bin') ? undefined : id, name: this.names.get(id) }) as { id: string }
  }

  /** The ACD stream names a bin where the CTI stream will name, or has named, a number. @param fact what both tell, such as `logon 1001` */
  tellBin (fact: string, bin: string | undefined, now: number): void {
    const bare = bin === undefined ? '0' : bareNumber(bin)
    if (bare === '0' || this.numberOf.has(bare)) return
    const half = this.numbers.get(fact)
    if (half !== undefined && now - half.at < TWIN_MS) this.pair(half.value, bare)
    else this.wait(this.bins, fact, { value: bare, at: now })
  }

  tellNumber (fact: string, number: string | undefined, now: number): void {
    if (number === undefined || this.binOf.has(number)) return
    const half = this.bins.get(fact)
    if (half !== undefined && now - half.at < TWIN_MS) this.pair(number, half.value)
    else this.wait(this.numbers, fact, { value: number, at: now })
  }

  private wait (halves: Map<string, Half>, fact: string, half: Half): void {
    halves.delete(fact)
    halves.set(fact, half)
    if (halves.size > MOST_LEARNED) {
      const oldest = halves.keys().next().value
      if (oldest !== undefined) halves.delete(oldest)
    }
  }

  private pair (number: string, bin: string): void {
    if (this.binOf.size >= MOST_LEARNED || this.binOf.has(number)) return
    this.binOf.set(number, bin)
    this.numberOf.set(bin, number)
  }
}
