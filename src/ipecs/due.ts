/** What is to be told a little later unless something else comes first: the 2 s and 300 ms rules (ipecs.md 6, 7.1, 8). */

interface Entry<T> { readonly at: number; readonly make: (now: number) => T[] }
const MOST = 5000

/** Later words by key; a key has one at a time. Time is ms of our clock. */
export class Due<T> {
  private readonly entries = new Map<string, Entry<T>>()

  /** @param make called with the time when it has come, unless the key was taken back */
  set (key: string, at: number, make: (now: number) => T[]): void {
    this.entries.delete(key)
    if (this.entries.size >= MOST) {
      const oldest = this.entries.keys().next().value
      if (oldest !== undefined) this.entries.delete(oldest)
    }
    this.entries.set(key, { at, make })
  }

  has (key: string): boolean {
    return this.entries.has(key)
  }

  /** Takes it back. @returns whether there was one */
  drop (key: string): boolean {
    return this.entries.delete(key)
  }

  /** When the first of them comes, ms; undefined when there is none. */
  get next (): number | undefined {
    let first: number | undefined
    for (const { at } of this.entries.values()) if (first === undefined || at < first) first = at
    return first
  }

  /** Everything whose time has come, in the order in which it was set. */
  take (now: number): T[] {
    const told: T[] = []
    for (const [key, { at, make }] of [...this.entries]) {
      if (at > now || !this.entries.delete(key)) continue
      told.push(...make(now))
    }
    return told
  }

  clear (): void {
    this.entries.clear()
  }
}
