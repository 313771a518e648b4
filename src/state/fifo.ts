/** First in, first out. A Map that loses its oldest entries walks over the holes they leave; this does not. */
export class Fifo<T> {
  private items: T[] = []
  private head = 0

  get size (): number {
    return this.items.length - this.head
  }

  push (item: T): void {
    this.items.push(item)
  }

  /** The oldest, which stays. */
  peek (): T | undefined {
    return this.items[this.head]
  }

  /** Takes out the oldest. */
  shift (): T | undefined {
    const item = this.items[this.head]
    if (item === undefined) return undefined
    this.head++
    if (this.head > 64 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head)
      this.head = 0
    }
    return item
  }

  clear (): void {
    this.items = []
    this.head = 0
  }
}
