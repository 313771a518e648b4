/** Random numbers that are the same for the same seed (mulberry32). */
export class Rng {
  private state: number

  constructor (seed = 1) {
    this.state = seed >>> 0
  }

  /** 0 <= x < 1 */
  next (): number {
    this.state = (this.state + 0x6D2B79F5) >>> 0
    let x = this.state
    x = Math.imul(x ^ (x >>> 15), x | 1)
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296
  }

  /** Whole number, both limits included. */
  integer (from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1))
  }

  /** One of a list that is not empty. */
  pick<T> (list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('nothing to pick from')
    return list[Math.floor(this.next() * list.length)] as T
  }

  chance (probability: number): boolean {
    return this.next() < probability
  }
}
