import { type PbxClock } from './clock'
import { type Ms } from './types'

/** The timers of the PBX, each with an owner (the key of a connection, call or agent), so that none outlives what it belongs to. */
export class Timers {
  private readonly running = new Map<string, Map<string, () => void>>()

  /** @param run wraps what a timer does: nothing may escape from it */
  constructor (private readonly clock: PbxClock, private readonly run: (task: () => void) => void) {}

  /** Starts, or starts anew, the timer `name` of `owner`. */
  set (owner: string, name: string, ms: Ms, task: () => void): void {
    this.clear(owner, name)
    const own = this.running.get(owner) ?? new Map<string, () => void>()
    this.running.set(owner, own)
    own.set(name, this.clock.after(ms, () => {
      this.forget(owner, name)
      this.run(task)
    }))
  }

  has (owner: string, name: string): boolean {
    return this.running.get(owner)?.has(name) === true
  }

  clear (owner: string, name: string): void {
    this.running.get(owner)?.get(name)?.()
    this.forget(owner, name)
  }

  clearOwner (owner: string): void {
    for (const cancel of this.running.get(owner)?.values() ?? []) cancel()
    this.running.delete(owner)
  }

  clearAll (): void {
    for (const owner of [...this.running.keys()]) this.clearOwner(owner)
  }

  owners (): string[] {
    return [...this.running.keys()]
  }

  private forget (owner: string, name: string): void {
    const own = this.running.get(owner)
    own?.delete(name)
    if (own?.size === 0) this.running.delete(owner)
  }
}
