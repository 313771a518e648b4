/** What one account remembers of its switch between two messages. */
import { hashText, type Party } from '../model'
import type { EventDraft } from '../session/types'
import { AgentBook } from './agentBook'
import { Due } from './due'
import { Groups } from './groups'
import { LegBook } from './legBook'
import type { Settings } from './options'
import { defined } from './read'
import { Summary } from './summary'
import { SwitchClock } from './switchClock'

/** What the ACD stream told of a call, by its number: fills the legs that the other stream makes (ipecs.md 7.1). */
interface CallInfo {
  line?: string
  did?: string
  caller?: { number?: string; name?: string }
  /** Which device was rung for a group. */
  offered?: { device: string; queue: string }
  transfer?: { by: string; to?: string; from?: string; kind: 'blind' | 'attended' | 'early' }
  /** Who passed it on. */
  diverted?: { by: string; reason: 'deflected' | 'transferred' | 'forwarded' }
}
/** What an action of ours explains: the event that follows does not say it. */
interface Mark { kind: 'park'; slot?: string }
interface Parked { readonly ref: string; readonly leg: string; readonly by: string; readonly remote?: Party }
/** A waiting caller. */
export interface Waiting { readonly leg: string; readonly queue: string; readonly ref?: string; readonly line?: string; readonly calling?: string }

const MOST_CALLS = 3000
const MOST_PARKED = 1000

export class Memory {
  readonly legs = new LegBook()
  readonly groups: Groups
  readonly agents = new AgentBook()
  readonly clock: SwitchClock
  readonly summary: Summary
  readonly due = new Due<EventDraft>()
  /** Devices whose CTI events come: that stream owns their facts (model.md R5). */
  readonly monitored = new Set<string>()
  /** Every number that is known to be a station. */
  readonly extensions = new Set<string>()
  /** Legs whose callRefID a gap left unknown or in doubt, by device (ipecs.md 6, reconnect). */
  readonly nameless = new Map<string, string>()
  /** Devices whose legs a gap left in doubt: a status is one word, whatever the number of calls. They are looked at again when one ends. */
  readonly doubtful = new Set<string>()
  readonly marks = new Map<string, Mark>()
  readonly parked = new Map<string, Parked>()
  /** Waiting callers by the leg's id. */
  readonly waiting = new Map<string, Waiting>()
  /** What was told of each queue last. */
  readonly toldQueues = new Map<string, string>()
  /** Whether a record of the ACD stream has come: only then a twin is waited for. */
  hasAcd = false
  private readonly calls = new Map<string, CallInfo>()
  private longest = 0

  constructor (readonly settings: Settings) {
    this.groups = new Groups(settings.groups, settings.groupNames)
    this.clock = new SwitchClock(settings.timeZone)
    this.summary = new Summary({ lines: settings.lines, stations: settings.stations, resetAt: settings.resetAt })
    if (settings.extensions !== 'all') for (const one of settings.extensions) this.addExtension(one)
  }

  addExtension (number: string): void {
    if (this.extensions.has(number)) return
    this.extensions.add(number)
    if (number.length > this.longest) this.longest = number.length
  }

  /** A station, as far as the numbers known so far can tell: a list, or the length of its members (ipecs.md 7.1). */
  isInternal (number: string): boolean {
    return this.extensions.has(number) || (/^\d+$/.test(number) && number.length <= this.longest && !this.groups.isGroup(number))
  }

  call (ref: string): CallInfo | undefined {
    return this.calls.get(ref)
  }

  /** Adds what is told of a call; a value once told stays. */
  learnCall (ref: string, told: Partial<CallInfo>): CallInfo {
    const known = this.calls.get(ref)
    const next = { ...known, ...defined(told) } as CallInfo
    if (told.caller !== undefined && known?.caller !== undefined) next.caller = { ...known.caller, ...defined(told.caller) }
    this.calls.delete(ref)
    this.calls.set(ref, next)
    if (this.calls.size > MOST_CALLS) {
      const oldest = this.calls.keys().next().value
      if (oldest !== undefined) this.calls.delete(oldest)
    }
    return next
  }

  forgetCall (ref: string): void {
    this.calls.delete(ref)
  }

  parkedAt (slot: string, parked: Parked): void {
    this.parked.set(slot, parked)
    if (this.parked.size > MOST_PARKED) {
      const oldest = this.parked.keys().next().value
      if (oldest !== undefined) this.parked.delete(oldest)
    }
  }

  /** A line of the account begins; the first one names the ids. */
  begin (epoch: string): void {
    if (this.legs.generation === '') this.legs.restart(epoch)
    this.due.clear()
    this.monitored.clear()
    this.hasAcd = false
  }

  /** The switch has lost its calls. @param mark makes the new ids differ from the old */
  restart (mark: string): void {
    this.legs.restart(hashText(`${this.legs.generation} ${mark}`).slice(0, 12))
    for (const memory of [this.nameless, this.doubtful, this.marks, this.parked, this.waiting, this.calls]) memory.clear()
    this.due.clear()
  }
}
