const REMEMBERED = 2000
const REMEMBERED_MS = 600_000

/**
 * Recognises what a vendor delivers twice: at least the last 2000 event ids, of the last ten minutes. Two generations instead of one list that loses its
 * oldest entry with each new one: deleting is what would cost time here.
 */
export class Duplicates {
  private young = new Map<string, number>()
  private old = new Map<string, number>()

  /** @returns true when this id was there before; else it is remembered */
  isRepeated (id: string, now: number): boolean {
    const before = this.young.get(id) ?? this.old.get(id)
    if (before !== undefined && now - before < REMEMBERED_MS) return true
    this.young.set(id, now)
    if (this.young.size >= REMEMBERED) {
      this.old = this.young
      this.young = new Map()
    }
    return false
  }

  clear (): void {
    this.young.clear()
    this.old.clear()
  }
}
