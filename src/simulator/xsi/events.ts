/** Facts of the PBX as XSI events: one row a fact type (xsi.md 4.9 to 4.11). */
import { type Fact } from '../pbx/types'
import { type EventBody } from './delivery'
import { acdEvents } from './events/acd'
import { callEvents, type CallMemory } from './events/calls'
import { conferenceEvents } from './events/conferences'
import { serviceEvents } from './events/services'
import { type Site } from './site'

/** An event about one user or one queue. */
export interface FactEvent extends EventBody {
  userKey?: string
  queueKey?: string
  /** Sent to subscriptions of these packages only. */
  only?: string[]
  /** What packages see that do not carry the type itself. */
  instead?: EventBody
}

/** What a row is given. */
export interface FactContext { site: Site; fact: Fact; memory: CallMemory }
export type FactRow = (context: FactContext) => FactEvent[]
export type FactTable = Partial<Record<Fact['type'], FactRow>>

const TABLES: FactTable[] = [callEvents, conferenceEvents, acdEvents, serviceEvents]

export class Translator {
  private readonly memory: CallMemory = {}

  constructor (private readonly site: Site) {}

  /** Events of a fact, in the order in which they go out. */
  translate (fact: Fact): FactEvent[] {
    const context = { site: this.site, fact, memory: this.memory }
    return TABLES.flatMap((table) => table[fact.type]?.(context) ?? [])
  }
}
