/** Which leg a device and a callRefID mean. The number is small and used again; after a transfer it names another leg than before (ipecs.md 7.1, 10 trap 15). */
import { legId } from '../model'

const MOST = 5000

interface Entry { readonly id: string; readonly uses: number }

export class LegBook {
  private readonly entries = new Map<string, Entry>()
  /** Ids given out before the first event of their leg. */
  private readonly reserved = new Set<string>()
  /** Prefix of ids and correlations: another one after the switch has started anew. */
  generation = ''

  /** The leg meant now; undefined when none was met so far. */
  find (device: string, ref: string): string | undefined {
    return this.entries.get(key(device, ref))?.id
  }

  /** Id for a leg that begins: the first of its kind is `device/ref/generation`, a later one is told apart. */
  begin (device: string, ref: string): string {
    const at = key(device, ref)
    if (this.reserved.delete(at)) return this.entries.get(at)!.id
    const uses = (this.entries.get(key(device, ref))?.uses ?? 0) + 1
    return this.enter(device, ref, legId(device, uses === 1 ? ref : `${ref}.${uses}`, this.generation), uses)
  }

  /** As `begin`, for a leg that a reply names: its first event then takes this id. */
  reserve (device: string, ref: string): string {
    const id = this.begin(device, ref)
    this.reserved.add(key(device, ref))
    return id
  }

  /** From now on the number means a leg that is known under another one. */
  alias (device: string, ref: string, id: string): void {
    this.enter(device, ref, id, this.entries.get(key(device, ref))?.uses ?? 1)
  }

  /** The switch has started anew: numbers mean nothing any more. */
  restart (generation: string): void {
    this.generation = generation
    this.entries.clear()
    this.reserved.clear()
  }

  correlation (ref: string): string {
    return `${this.generation}-${ref}`
  }

  private enter (device: string, ref: string, id: string, uses: number): string {
    const at = key(device, ref)
    this.entries.delete(at)
    this.entries.set(at, { id, uses })
    if (this.entries.size > MOST) {
      const oldest = this.entries.keys().next().value
      if (oldest !== undefined) {
        this.entries.delete(oldest)
        this.reserved.delete(oldest)
      }
    }
    return id
  }
}

const key = (device: string, ref: string): string => `${device}\n${ref}`
