/** Statistics on their way to supervisors: full snapshots, and rows that changed (five9.md 4.5, 4.6). */
import { type Connection, type Fact } from '../../pbx/types'
import { filterFor } from '../filters'
import { type CallRecord } from '../ledger'
import { type Receiver } from '../out'
import { type Session } from '../sessions'
import { type Site } from '../site'
import { StateTimes } from './agentState'
import { Counters } from './counters'
import { type Marks, type Row, type Source } from './row'
import { makeSources } from './sources'

interface Change { dataSource: string; added: Row[]; updated: Row[]; removed: string[] }

export class Statistics {
  private readonly times: StateTimes
  private readonly counters: Counters
  private readonly sources: Source[]
  /** What supervisors know: rows without the fields that go with the clock. */
  private readonly told = new Map<string, Map<string, string>>()
  private marks: Marks | undefined
  private cancel: (() => void) | undefined
  /** The time to collect is over. */
  private due = false

  constructor (private readonly site: Site) {
    this.times = new StateTimes(site)
    this.counters = new Counters(site)
    this.sources = makeSources(site, this.times, this.counters)
    this.learn()
  }

  close (): void {
    this.cancel?.()
  }

  /** Notes what a fact changes; it is told at the end of the turn. */
  take (fact: Fact): void {
    const { pbx } = this.site
    const user = pbx.users.get(fact.userKey ?? '')
    if (user?.agentKey !== undefined) this.times.of(user)
    if (fact.type === 'dequeued' && typeof fact.detail?.waitedMs === 'number') this.counters.waited(fact.connection?.queueKey ?? '', fact.detail.waitedMs)
    const breaks = fact.type === 'agent' && fact.agent?.routing === 'notReady' && fact.agentBefore?.routing === 'ready'
    if (breaks && user !== undefined) this.counters.broke(user.key)
    const marks = this.marked()
    if (user?.agentKey !== undefined) {
      marks.users.add(user.key)
      if (breaks) marks.counted.add(user.key)
    }
    const queueKey = fact.queueKey ?? fact.connection?.queueKey
    if (queueKey !== undefined && pbx.queues.has(queueKey)) marks.queues.add(queueKey)
    marks.all ||= ANYWHERE.has(fact.type) || (fact.type === 'agent' && fact.agent?.loggedIn !== fact.agentBefore?.loggedIn)
  }

  finished (record: CallRecord, connection: Connection): void {
    this.counters.finished(record, connection)
    this.marked().counted.add(record.userKey)
  }

  /** Something beside the facts changed: a session, a campaign. */
  touch (): void {
    this.marked().all = true
    this.site.out.schedule()
  }

  /** A session that is new gets everything unasked; one that somebody attached to has to ask (five9.md 2.6). */
  opened (receiver: Receiver): void {
    const half = receiver.session.halves.supervisor
    if (receiver.half !== 'supervisor' || half.state !== 'WORKING') return
    // What changed while nobody listened is told to nobody.
    if (this.listeners().length === 1) this.learn()
    if (!half.fresh) return
    half.fresh = false
    this.full(receiver.session)
  }

  /** Tells everything to the sockets of a session. */
  full (session: Session): void {
    this.settle(true)
    const filter = filterFor(this.site, session.user)
    const sources = this.sources.map((source) => ({ dataSource: source.name, data: this.rows(source).filter((row) => filter(source, row)) }))
    for (const payLoad of this.site.options.statsInOneFrame ? [sources] : sources.map((source) => [source])) this.site.out.toUser(session.user.key, 'supervisor', 5000, payLoad)
  }

  /** Tells the rows that changed, at once or when the time to collect is over. */
  settle (atOnce = false): void {
    const { marks } = this
    if (marks === undefined) return
    const { statsMs } = this.site.options
    if (statsMs > 0 && !atOnce && !this.due) {
      this.cancel ??= this.site.clock.after(statsMs, () => {
        this.due = true
        this.site.out.schedule()
      })
      return
    }
    this.cancel?.()
    this.cancel = undefined
    this.due = false
    this.marks = undefined
    const sessions = new Set(this.listeners().map(({ session }) => session))
    if (sessions.size === 0) return
    for (const key of marks.users) for (const queue of this.queuesOf(key)) marks.queues.add(queue)
    const changes = this.sources.map((source) => this.compare(source, marks)).filter(({ added, updated, removed }) => added.length + updated.length + removed.length > 0)
    if (changes.length === 0) return
    for (const session of sessions) this.tell(session, changes)
  }

  /** Names of the data sources and of the fields that their rows have. */
  fields (): { dataSource: string; fields: string[] }[] {
    return this.sources.map((source) => ({ dataSource: source.name, fields: Object.keys(this.rows(source)[0] ?? { id: '' }) }))
  }

  private tell (session: Session, changes: Change[]): void {
    const filter = filterFor(this.site, session.user)
    const payLoad = changes.map(({ dataSource, added, updated, removed }) => {
      const source = this.sources.find(({ name }) => name === dataSource)
      const seen = (row: Row): boolean => source === undefined || filter(source, row)
      return { dataSource, added: added.filter(seen), updated: updated.filter(seen), removed }
    }).filter(({ added, updated, removed }) => added.length + updated.length + removed.length > 0)
    if (payLoad.length > 0) this.site.out.broadcastTo(session, 'supervisor', 5012, payLoad)
  }

  private compare (source: Source, marks: Marks): Change {
    const known = this.told.get(source.name) ?? new Map<string, string>()
    const rows = marks.all ? this.rows(source) : (source.within?.(marks) ?? []).flatMap((id) => source.row(id) ?? [])
    const now = new Map(rows.map((row) => [row.id, row]))
    const change: Change = { dataSource: source.name, added: [], updated: [], removed: marks.all ? [...known.keys()].filter((id) => !now.has(id)) : [] }
    for (const [id, row] of now) {
      const shape = shapeOf(source, row)
      if (!known.has(id)) change.added.push(row)
      else if (known.get(id) !== shape) change.updated.push(row)
      known.set(id, shape)
    }
    for (const id of change.removed) known.delete(id)
    return change
  }

  private learn (): void {
    for (const source of this.sources) this.told.set(source.name, new Map(this.rows(source).map((row) => [row.id, shapeOf(source, row)])))
  }

  private marked (): Marks {
    this.marks ??= { users: new Set(), queues: new Set(), counted: new Set(), all: false }
    return this.marks
  }

  /** Queues whose figures hold the state of an agent. */
  private queuesOf (userKey: string): string[] {
    const agentKey = this.site.pbx.users.get(userKey)?.agentKey
    return [...this.site.pbx.queues.values()].filter(({ members }) => members.some((member) => member.agentKey === agentKey)).map(({ key }) => key)
  }

  private rows (source: Source): Row[] {
    return source.ids().flatMap((id) => source.row(id) ?? [])
  }

  private listeners (): Receiver[] {
    return [...this.site.out.receivers].filter(({ half, session }) => half === 'supervisor' && session.halves.supervisor.state === 'WORKING')
  }
}

/** Facts that change rows of others than they name: who parked is not told when a slot becomes free. */
const ANYWHERE = new Set<Fact['type']>(['parked', 'unparked', 'queueMode', 'reset'])

function shapeOf ({ clockwork = [] }: Source, row: Row): string {
  return JSON.stringify(row, (field, value: unknown) => clockwork.includes(field) ? undefined : value)
}
