import { type Fact } from './types'

export type FactListener = (fact: Fact) => void

/**
 * Delivers facts in order, at the end of the operation that made them and before its method returns: a listener never sees a change half done and
 * may act on the PBX at once. What it makes by that waits until the present facts are told to all, so every listener sees the same order.
 * An error of a listener does not reach the PBX nor the other listeners: it goes to `failed`.
 */
export class Facts {
  private readonly listeners = new Set<FactListener>()
  private readonly waiting: Fact[] = []
  private telling = false

  constructor (private readonly failed: (error: unknown) => void) {}

  /** Calls `listener` with every fact from now on; returns the way to stop it. */
  on (listener: FactListener): () => void {
    this.listeners.add(listener)
    return () => { this.listeners.delete(listener) }
  }

  add (fact: Fact): void {
    this.waiting.push(fact)
  }

  /** Tells what was added, unless that is under way. */
  flush (): void {
    if (this.telling) return
    this.telling = true
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) this.tell(next)
    this.telling = false
  }

  removeAll (): void {
    this.listeners.clear()
  }

  private tell (fact: Fact): void {
    for (const listener of [...this.listeners]) {
      try {
        listener(fact)
      } catch (error) {
        this.failed(error)
      }
    }
  }
}
