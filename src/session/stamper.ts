import {
  AFTER_END_EVENTS, copyDetached, copyPlain, eventId, TERMINAL_EVENTS, type Call, type NumberHelper, type Platform, type TelephonyEvent
} from '../model'
import { changedFields } from '../state/changes'
import type { Conversations } from '../state/conversations'
import type { Picture } from '../state/picture'
import { isoTime } from './clock'
import { Duplicates } from './duplicates'
import { completeNumbers, completeTimes, keepLasting } from './legs'
import type { LegMemory } from './legMemory'
import type { CallDraft, EventDraft } from './types'

export interface StamperOptions {
  readonly accountId: string
  readonly account: string
  readonly platform: Platform
  readonly picture: Picture
  readonly conversations: Conversations
  readonly memory: LegMemory
  readonly numbers: NumberHelper
  /** Adds one to a counter of the session. */
  readonly count: (name: string) => void
}

/** When a message came, on our clock, and how far the vendor's clock is ahead, both in ms. */
export interface Arrival { readonly at: number; readonly offsetMs: number }

/** Fields of a draft that are written by name below, or are no field of an event. */
const HANDLED: ReadonlySet<string> = new Set(['event', 'key', 'call', 'time', 'timeSource', 'receivedAt'])
/** Differences in these are no news to a flow: ours, or following from another change. */
const OURS: ReadonlySet<string> = new Set(['conversationId', 'mergedFrom', 'clientRef', 'related', 'linkedBy', 'uncertain'])

/**
 * Makes events of drafts: id, counter, times, conversation, E.164, the caller's reference. Drops what must not be sent: duplicates, messages for ended
 * legs (model.md R3), updates that change nothing. Counts all that it drops.
 */
export class Stamper {
  private epoch = ''
  /** Events that went out. */
  private seq = 0
  /** Events that were made; those that are held back go out later. */
  private made = 0
  private readonly duplicates = new Duplicates()
  /** How often each id was made for the present message. */
  private readonly batch = new Map<string, number>()
  private isBatch = false

  constructor (private readonly options: StamperOptions) {}

  /** A new connection begins: the counter restarts. */
  begin (epoch: string): void {
    this.epoch = epoch
    this.seq = 0
    this.made = 0
  }

  /** Forgets which messages were seen. */
  clear (): void {
    this.duplicates.clear()
  }

  /** Call once before the drafts of each vendor message: two equal drafts of one message are no duplicates. @param drafts how many there are */
  beginMessage (drafts: number): void {
    this.isBatch = drafts > 1
    if (this.batch.size > 0) this.batch.clear()
  }

  /** @returns the event, already folded into the picture and not counted yet, or undefined when it must not be sent */
  stamp (draft: EventDraft, arrival: Arrival): TelephonyEvent | undefined {
    const { picture, count } = this.options
    const legId = draft.call === undefined ? undefined : picture.idOf(draft.call.id)
    const id = this.idFor(draft, legId)
    if (draft.key !== undefined && this.duplicates.isRepeated(id, arrival.at)) return this.drop('duplicates')
    const known = legId === undefined ? undefined : picture.call(legId)
    const grave = legId === undefined || known !== undefined ? undefined : picture.tombstone(legId)
    if (grave !== undefined && !AFTER_END_EVENTS.has(draft.event)) return this.drop('afterEnd')
    const event = this.frame(draft, id, arrival)
    if (draft.call !== undefined && legId !== undefined) {
      this.addCall(event, draft.call, legId, known ?? grave)
    }
    if (!this.isNews(event, known)) {
      count('unchanged')
      return undefined
    }
    this.made++
    if (event.call !== undefined) this.joinConversation(event.event, event.call)
    picture.fold(event)
    if (event.call !== undefined && TERMINAL_EVENTS.has(event.event)) this.options.conversations.leave(event.call.id)
    return event
  }

  /** Gives an event its number; call it when the event goes out. */
  count (event: TelephonyEvent): void {
    event.seq = ++this.seq
  }

  /** An event that tells a known state once more to one reader; the counter stands still. */
  present (draft: EventDraft, arrival: Arrival): TelephonyEvent {
    const event = this.frame(draft, eventId(this.options.accountId, `present ${this.epoch} ${this.made}`, draft.event, subject(draft)), arrival)
    if (draft.call !== undefined) event.call = copyPlain(draft.call) as Call
    event.initial = true
    event.seq = this.seq
    return event
  }

  private idFor (draft: EventDraft, legId: string | undefined): string {
    const { accountId } = this.options
    const about = legId ?? subject(draft)
    if (draft.key === undefined) return eventId(accountId, `${this.epoch}#${this.made + 1}`, draft.event, about)
    const id = eventId(accountId, draft.key, draft.event, about)
    if (!this.isBatch) return id
    const times = this.batch.get(id)
    this.batch.set(id, (times ?? 0) + 1)
    return times === undefined ? id : eventId(accountId, `${draft.key}#${times}`, draft.event, about)
  }

  private drop (counter: string): undefined {
    this.options.count(counter)
  }

  private frame (draft: EventDraft, id: string, { at, offsetMs }: Arrival): TelephonyEvent {
    const { platform, account, accountId } = this.options
    const event: TelephonyEvent = {
      event: draft.event,
      id,
      seq: 0,
      epoch: this.epoch,
      platform,
      account,
      accountId,
      // Times of calls are on the vendor's clock, so a time of ours is moved there: durations are differences on one clock (model.md R6).
      time: draft.time ?? isoTime(at + offsetMs),
      timeSource: draft.time === undefined ? 'local' : draft.timeSource ?? 'vendor',
      receivedAt: draft.receivedAt ?? isoTime(at)
    }
    const source: Readonly<Record<string, unknown>> = { ...draft }
    const target = event as unknown as Record<string, unknown>
    for (const key in source) if (!HANDLED.has(key) && source[key] !== undefined) target[key] = copyDetached(source[key])
    return event
  }

  private addCall (event: TelephonyEvent, draft: CallDraft, legId: string, known: Call | undefined): void {
    const call = copyDetached(draft) as Call
    call.id = legId
    event.call = call
    if (known !== undefined) keepLasting(call, known)
    completeTimes(call, event)
    completeNumbers(call, this.options.numbers)
    this.options.memory.complete(call)
  }

  private isNews (event: TelephonyEvent, known: Call | undefined): boolean {
    if (event.event === 'call.updated' && event.call !== undefined) {
      if (event.changes === undefined && known !== undefined) event.changes = changedFields(known, event.call, OURS)
      return event.changes === undefined || event.changes.length > 0
    }
    if (event.event === 'agent.updated' && event.agent !== undefined) {
      const before = this.options.picture.agent(event.agent.id)
      if (event.changes === undefined && before !== undefined) event.changes = changedFields(before, event.agent)
      return event.changes === undefined || event.changes.length > 0
    }
    return true
  }

  private joinConversation (name: string, call: Call): void {
    const { conversations, picture } = this.options
    let membership = conversations.join(call)
    let moved = membership.moved
    if (name === 'call.transferred') {
      const merged = conversations.mergeConsult(call)
      if (merged !== undefined) {
        moved = [...moved, ...merged.moved]
        membership = merged
      }
    }
    call.conversationId = membership.id
    if (membership.mergedFrom.length > 0) call.mergedFrom = [...membership.mergedFrom]
    for (const other of moved) picture.moveConversation(other, membership.id, membership.mergedFrom)
  }
}

function subject (draft: EventDraft): string {
  return draft.call?.id ?? draft.agent?.id ?? draft.queue?.id ?? draft.device?.id ?? draft.user?.id ?? draft.stats?.subject.id ?? ''
}
