/**
 * The ids that one face gave to the things of the PBX: one for each thing and kind, made by the face's own function at first need.
 * They never leave their face; a restart of the PBX empties the book, so numbers begin anew.
 */
export class IdBook {
  private readonly ids = new Map<string, Map<string, string>>()
  private readonly keys = new Map<string, string>()
  private readonly counters = new Map<string, number>()

  /** @param make id of the n-th (from 1) thing of a kind; n begins anew with the book */
  constructor (private readonly make: (kind: string, n: number, key: string) => string) {}

  /** The id of a thing, made when it has none yet. */
  id (kind: string, key: string): string {
    const own = this.ids.get(key) ?? new Map<string, string>()
    const known = own.get(kind)
    if (known !== undefined) return known
    const n = (this.counters.get(kind) ?? 0) + 1
    this.counters.set(kind, n)
    const id = this.make(kind, n, key)
    this.ids.set(key, own.set(kind, id))
    this.keys.set(named(kind, id), key)
    return id
  }

  /** The key of the thing that has this id. */
  keyOf (kind: string, id: string): string | undefined {
    return this.keys.get(named(kind, id))
  }

  /** Forgets the ids of all kinds of these things. */
  forget (keys: Iterable<string>): void {
    for (const key of keys) {
      for (const [kind, id] of this.ids.get(key) ?? []) this.keys.delete(named(kind, id))
      this.ids.delete(key)
    }
  }

  /** How many ids it holds. */
  get size (): number {
    return this.keys.size
  }

  reset (): void {
    this.ids.clear()
    this.keys.clear()
    this.counters.clear()
  }
}

function named (kind: string, id: string): string {
  return `${kind}\n${id}`
}
