/** The wrapper's summary and hooks as events: hooks at once, the object when it has changed, not more often than set (ipecs.md 7.4). */
import { isoTime } from '../session/clock'
import type { EventDraft, Link } from '../session/types'
import type { AcdRecord } from './frames'
import type { Memory } from './memory'
import { ACD } from './protocol'
import { draft } from './scope'
import type { Hook } from './summary'

/** Figures that change with the clock alone are no news before the minute is over. */
const isTime = (key: string): boolean => key.endsWith('-time')

export class SummaryTeller {
  private timer: unknown
  private told = ''
  private isOver = false

  constructor (private readonly memory: Memory, private readonly link: Link) {}

  begin (): void {
    this.told = this.print(false)
  }

  /** Takes in a record. @param vendorEvent the frame, for the messages of the hooks */
  fold (record: AcdRecord, vendorEvent: unknown): void {
    const { memory, link } = this
    if (!memory.settings.legacySummary || this.isOver) return
    const hooks = memory.summary.fold(record, link.clock.now())
    if (hooks.length > 0) link.receive(hooks.map((hook) => this.hookDraft(hook)), vendorEvent)
    const isMinute = record.code === ACD.time
    if (this.print(false) === this.told && !isMinute) return
    if (memory.settings.statsIntervalMs === 0) this.tell()
    else this.timer ??= link.clock.setTimeout(() => this.tell(), memory.settings.statsIntervalMs)
  }

  /** The wrapper calls it when it gives up and begins anew. */
  resetHook (): EventDraft {
    return this.hookDraft({ name: 'addSystemResetEventHook', payload: {} })
  }

  end (): void {
    this.isOver = true
    this.link.clock.clearTimeout(this.timer)
    this.timer = undefined
  }

  private tell (): void {
    this.timer = undefined
    const { link, memory } = this
    const now = link.clock.now()
    this.told = this.print(false)
    link.receive([draft('stats.updated', { stats: memory.summary.stats(memory.settings.username, now, (ms) => isoTime(ms + memory.clock.offsetMs)) })])
  }

  private hookDraft ({ name, payload }: Hook): EventDraft {
    const { memory } = this
    return draft(`vendor.${name}`, {
      stats: { subject: { kind: 'account', id: memory.settings.username }, window: { kind: 'now' }, metrics: {}, source: 'computed', vendorMetrics: { ...payload } }
    })
  }

  private print (withTimes: boolean): string {
    const object = this.memory.summary.object(this.link.clock.now())
    return JSON.stringify(Object.entries(object).filter(([key]) => withTimes || !isTime(key)))
  }
}
