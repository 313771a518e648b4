/** Service settings that the PBX itself does not act upon; kept per user so that a PUT is seen by the next GET. */
export type Values = Record<string, string | undefined>

export class Settings {
  private readonly kept = new Map<string, Values>()
  private readonly lists = new Map<string, unknown[]>()

  /** What was stored for a user's service, on top of its defaults. */
  get (userKey: string, service: string, defaults: Values = {}): Values {
    return { ...defaults, ...this.kept.get(`${userKey}\n${service}`) }
  }

  /** Stores values; undefined takes one away. */
  put (userKey: string, service: string, values: Values): void {
    this.kept.set(`${userKey}\n${service}`, { ...this.get(userKey, service), ...values })
  }

  /** A list of entries of a user (criteria, locations, personal contacts); the same array each time. */
  list<T> (userKey: string, name: string, initial: () => T[] = () => []): T[] {
    const key = `${userKey}\n${name}`
    const present = this.lists.get(key)
    if (present) return present as T[]
    const made = initial()
    this.lists.set(key, made)
    return made
  }
}
