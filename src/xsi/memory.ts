/** What outlives one connection of an account. */
import { copyPlain, samePlain, type Stats } from '../model'
import { People } from './people'
import type { OwnMark } from './scope'
import { Sequence } from './sequence'
import type { SubscriptionMemory } from './subscriptions'

const MAX_SETTINGS = 50_000
const MARK_MS = 10_000
const MAX_MARKS = 1000

export class DriverMemory {
  readonly subscriptions: SubscriptionMemory = { ids: new Map() }
  readonly people = new People()
  sequence = new Sequence()
  /** Leftovers of earlier runs are looked for once in the life of the program. */
  cleaned = false
  /** The people of a collection were read, and asked for their calls. */
  swept = false
  /** Users who work in call centres, and those who were found to do not. */
  readonly agents = new Map<string, boolean>()
  /** Call centres that were found. */
  readonly queues = new Set<string>()
  /** Figures of queues as they were told last. */
  readonly stats = new Map<string, Stats>()
  /** Path ids of people who are no agents: no initial event is to be waited for. */
  readonly withoutInitial = new Set<string>()
  /** The leg by which each supervisor listens, by user id: the system does not say that it is one. */
  readonly monitors = new Map<string, string>()
  private readonly settings = new Map<string, unknown>()
  private readonly marks = new Map<string, { mark: OwnMark; until: number }>()

  /** Notes the settings of a service; false when they are as they were. */
  serviceChanged (targetId: string, type: string, info: unknown): boolean {
    const key = `${targetId}\n${type}`
    if (this.settings.has(key) && samePlain(this.settings.get(key), info)) return false
    if (this.settings.size >= MAX_SETTINGS) this.settings.clear()
    // The event itself goes to flows, which may change it.
    this.settings.set(key, copyPlain(info))
    return true
  }

  /** Keeps the last figures of each queue. */
  noteStats (stats: Stats): void {
    if (stats.subject.kind !== 'queue') return
    if (this.stats.size >= MAX_SETTINGS) this.stats.clear()
    this.stats.set(stats.subject.id, copyPlain(stats))
  }

  /** An action of ours explains how the leg will end. */
  mark (legId: string, mark: OwnMark, now: number): void {
    for (const [id, { until }] of this.marks) if (until < now || this.marks.size >= MAX_MARKS) this.marks.delete(id)
    this.marks.set(legId, { mark, until: now + MARK_MS })
  }

  unmark (legId: string): void {
    this.marks.delete(legId)
  }

  ownMark (legId: string, now: number): OwnMark | undefined {
    const found = this.marks.size === 0 ? undefined : this.marks.get(legId)
    return found !== undefined && found.until >= now ? found.mark : undefined
  }

  /** The account was closed: the next connection is a first one. */
  forget (): void {
    this.subscriptions.ids.clear()
    this.sequence = new Sequence()
    this.settings.clear()
    this.marks.clear()
    this.withoutInitial.clear()
    this.agents.clear()
    this.stats.clear()
    this.queues.clear()
    this.swept = false
    this.cleaned = false
  }
}
