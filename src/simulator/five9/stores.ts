/** Things that the domain keeps beside the calls, each kind in a store of objects with an id. */
import { notFound } from './errors'

export interface Item { id: string; [field: string]: unknown }

/** A thing as its owner sees it. */
export function withoutOwner ({ owner: _owner, ...item }: Item): Item {
  return item
}

/** At most so many of a kind; the oldest goes. */
const LIMIT = 1000

class Store {
  private readonly items = new Map<string, Item>()

  /** @param next id of the first thing */
  constructor (private next: number) {}

  list (wanted: (item: Item) => boolean = () => true): Item[] {
    return [...this.items.values()].filter(wanted)
  }

  /** @throws Five9Error 404 */
  get (id: string | undefined): Item {
    const item = this.items.get(id ?? '')
    if (item === undefined) throw notFound(`Nothing has the id ${id ?? ''}`)
    return item
  }

  add (fields: Record<string, unknown>): Item {
    const item = { ...fields, id: String(this.next++) }
    this.items.set(item.id, item)
    const [oldest] = this.items.keys()
    if (this.items.size > LIMIT && oldest !== undefined) this.items.delete(oldest)
    return item
  }

  /** Changes what is given. @throws Five9Error 404 */
  change (id: string | undefined, fields: Record<string, unknown>): Item {
    const known = this.get(id)
    const item = { ...known, ...fields, id: known.id }
    this.items.set(known.id, item)
    return item
  }

  /** Takes one away and returns it. @throws Five9Error 404 */
  remove (id: string | undefined): Item {
    const item = this.get(id)
    this.items.delete(item.id)
    return item
  }
}

export class Stores {
  readonly alerts = new Store(8001)
  readonly callbacks = new Store(6001)
  readonly contacts = new Store(9001)
  readonly dashboards = new Store(5001)
  readonly messages = new Store(4001)
  readonly views = new Store(1)
  /** Numbers that are not to be called, in E.164. */
  readonly dnc = new Set<string>()
  /** Worksheets by call id. */
  readonly worksheets = new Map<string, unknown>()
  /** Subscriptions of agents, as `<user key> <name>`. */
  readonly subscriptions = new Set<string>()
  /** Skills whose interactions a supervisor follows, as `<user key> <queue key>`. */
  readonly followed = new Set<string>()
  /** Agents with an echo call. */
  readonly echoes = new Set<string>()
  /** What the player of a call does. */
  readonly players = new Map<string, { state: 'PLAYING' | 'PAUSED' | 'STOPPED'; promptId: string | null }>()
  /** What users keep of their desktops, as `<user key> <kind>`. */
  readonly settings = new Map<string, unknown>()
  /** Time zones of supervisors. */
  readonly timeZones = new Map<string, unknown>()

  /** A call is over. */
  forgetCall (id: string): void {
    this.worksheets.delete(id)
    this.players.delete(id)
  }

  /** A session is over: nobody follows anything for it. */
  forgetUser (userKey: string): void {
    for (const set of [this.subscriptions, this.followed]) for (const entry of set) if (entry.startsWith(`${userKey} `)) set.delete(entry)
    this.echoes.delete(userKey)
  }
}
