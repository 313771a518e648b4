import { AFTER_END_EVENTS, copyPlain, samePlain, type Agent, type Call, type Platform, type Relation, type TelephonyEvent } from '../model'
import { newDraft, type Draft } from './callRecordDraft'
import { figures } from './callRecordFigures'
import type { CallRecord } from './callRecordTypes'
import { LegLog, toMs } from './legLog'
import { WrapUps } from './wrapUps'

export { RESULTS, type CallRecord, type Offer, type RecordedLeg, type Result, type Seconds, type Transfer } from './callRecordTypes'

/** ms from the end of the last leg until the record closes: an other leg of the conversation may still come. */
const CLOSE_MS = 2000
/** ms that a closed record still takes late news (wrap-up, disposition, recording). */
const LATE_MS = 3_600_000
/** ms between two looks at all records while events flow. */
const TICK_MS = 500
const MAX_AGE_MS = 86_400_000
const MAX_RECORDS = 2000
/** ms that a conversation without open legs may still get another one (model.md R3). Later, the same id is another conversation: systems count anew after a restart. */
const REOPEN_MS = 60_000
/** One transfer or conference is told by every leg in view. */
const SAME_MS = 2000
const CONSULT: ReadonlySet<string> = new Set<Relation['kind']>(['consultOf', 'consultedBy'])
/** Systems some of whose legs carry no id that ties them together (model.md 9, Folding). */
const MATCHED_BY_NUMBER: ReadonlySet<Platform> = new Set<Platform>(['xivo', 'five9', 'ipecs'])

export interface CallRecordsOptions {
  /** ms until a record whose calls never end is closed as unknown. Default one day. */
  readonly maxAgeMs?: number
  /** Records kept at once, closed ones that still take late news included. Default 2000. */
  readonly maxRecords?: number
}

/**
 * Call records as a fold of events (model.md 9): give each event to `fold`, and the time to `tick` now and then. Both return the records to be written,
 * each with a higher revision than before: when it begins, is answered, closes, and when something late arrives. Does nothing by itself.
 */
export class CallRecords {
  private readonly drafts = new Set<Draft>()
  private readonly byConversation = new Map<string, Draft>()
  private readonly byLeg = new Map<string, Draft>()
  private readonly wraps = new WrapUps((legId) => this.byLeg.get(legId)?.legs.get(legId), () => this.logs())
  private changed = new Set<Draft>()
  private superseded: CallRecord[] = []
  private tickedAt = 0
  private epoch: string | undefined

  constructor (private readonly options: CallRecordsOptions = {}) {}

  /**
   * @param now ms of our clock; by default when the event was received
   * @returns the records that this event begins, answers, closes or completes
   */
  fold (event: TelephonyEvent, now = toMs(event.receivedAt) ?? toMs(event.time) ?? 0): CallRecord[] {
    if (event.event === 'connection.online') this.connected(event, now)
    if (event.agent !== undefined) this.foldAgent(event.agent)
    if (event.call !== undefined) this.foldCall(event, copyPlain(event.call), now)
    return now - this.tickedAt >= TICK_MS ? this.tick(now) : this.written(now)
  }

  /** @param now ms of our clock @returns the records that close */
  tick (now: number): CallRecord[] {
    this.tickedAt = now
    for (const draft of this.drafts) {
      if (draft.isOpen && draft.quietSince !== undefined && now - draft.quietSince >= CLOSE_MS) this.close(draft)
      else if (draft.isOpen && now - draft.beganMs >= (this.options.maxAgeMs ?? MAX_AGE_MS)) this.expire(draft, draft.beganMs + (this.options.maxAgeMs ?? MAX_AGE_MS))
      else if (!draft.isOpen && now - (draft.quietSince ?? 0) >= LATE_MS) this.forget(draft)
    }
    return this.written(now)
  }

  /** Every record that is not closed, as it is now. @param now ms of our clock */
  open (now: number): CallRecord[] {
    return [...this.drafts].filter(({ isOpen }) => isOpen).map((draft) => this.render(draft, now))
  }

  /** Number of records that are not closed. While there are any, `tick` is needed. */
  get openCount (): number {
    let count = 0
    for (const { isOpen } of this.drafts) if (isOpen) count++
    return count
  }

  private foldCall (event: TelephonyEvent, call: Call, now: number): void {
    // News of a call whose record is forgotten must not begin a poorer one with the same id.
    if (AFTER_END_EVENTS.has(event.event) && !this.byLeg.has(call.id)) return
    const draft = this.draftOf(event, call, now)
    const known = draft.legs.get(call.id)
    if (known === undefined) {
      const log = new LegLog(event, call)
      log.consult = draft.consults.has(call.conversationId) || isConsultLeg(call)
      draft.legs.set(call.id, log)
      this.byLeg.set(call.id, draft)
    } else {
      known.fold(event, call)
    }
    draft.conversations.add(call.conversationId)
    if (call.correlationId !== undefined) draft.correlationIds.add(call.correlationId)
    for (const field of call.uncertain ?? []) draft.uncertain.add(field)
    if (call.data !== undefined) draft.data = { ...draft.data, ...call.data }
    this.endConsult(draft, event, call)
    this.note(draft, event, call)
    this.wraps.legTold(draft.legs.get(call.id)!)
    this.settle(draft, now)
  }

  /** The record that the leg belongs to: by conversation, by the ones merged into it, by relation, by number. Several become one. */
  private draftOf (event: TelephonyEvent, call: Call, now: number): Draft {
    const found = new Set<Draft>()
    const add = (draft: Draft | undefined): void => { if (draft !== undefined) found.add(draft) }
    const isAlive = (draft: Draft | undefined): boolean => draft === undefined || draft.isOpen || now - (draft.quietSince ?? now) < REOPEN_MS
    const known = this.byLeg.get(call.id)
    add(known)
    for (const id of [call.conversationId, ...call.mergedFrom ?? []]) {
      const draft = this.byConversation.get(id)
      if (known !== undefined || isAlive(draft)) add(draft)
    }
    for (const { kind, id } of call.related ?? []) {
      const other = this.byLeg.get(id)
      if (other !== undefined && CONSULT.has(kind)) this.markConsult(other, call, kind, id)
      add(other)
    }
    if (found.size === 0) add(this.byNumber(event, call))
    const [first = this.begin(event, call, now), ...others] = [...found].sort((a, b) => a.beganMs - b.beganMs)
    for (const other of others) this.merge(first, other)
    this.byConversation.set(call.conversationId, first)
    if (isConsultLeg(call)) {
      const main = [...first.legs.values()].find((log) => call.related?.some(({ kind, id }) => kind === 'consultOf' && id === log.call.id))
      if (main !== undefined && main.call.conversationId !== call.conversationId) first.consults.add(call.conversationId)
    }
    return first
  }

  private markConsult (other: Draft, call: Call, kind: Relation['kind'], id: string): void {
    const consulted = kind === 'consultedBy' ? other.legs.get(id) : undefined
    if (consulted === undefined || consulted.call.conversationId === call.conversationId) return
    other.consults.add(consulted.call.conversationId)
    for (const log of other.legs.values()) if (log.call.conversationId === consulted.call.conversationId && log.joinedMs === undefined) log.consult = true
  }

  private begin (event: TelephonyEvent, call: Call, now: number): Draft {
    if (this.drafts.size >= (this.options.maxRecords ?? MAX_RECORDS)) this.makeRoom()
    const draft = newDraft(event, call, now)
    this.drafts.add(draft)
    this.changed.add(draft)
    return draft
  }

  private merge (into: Draft, from: Draft): void {
    for (const [id, log] of from.legs) {
      into.legs.set(id, log)
      this.byLeg.set(id, into)
    }
    for (const id of from.conversations) {
      into.conversations.add(id)
      this.byConversation.set(id, into)
    }
    for (const field of ['consults', 'correlationIds', 'uncertain'] as const) for (const item of from[field]) into[field].add(item)
    into.transfers.push(...from.transfers)
    into.recordings.push(...from.recordings)
    for (const [id, at] of from.conferences) into.conferences.set(id, at)
    if (from.data !== undefined) into.data = { ...from.data, ...into.data }
    into.disposition ??= from.disposition
    into.isOpen ||= from.isOpen
    into.isExpired &&= from.isExpired
    this.changed.delete(from)
    this.changed.add(into)
    // Written already: whoever keeps it must learn that it counts no more.
    if (from.revision > 0) this.superseded.push({ ...this.write(from, into.beganMs), open: false, mergedInto: into.id })
    this.drafts.delete(from)
  }

  /** Legs without any common id: the same number within two seconds (flagged, model.md 9). */
  private byNumber (event: TelephonyEvent, call: Call): Draft | undefined {
    if (call.correlationId !== undefined || !MATCHED_BY_NUMBER.has(event.platform)) return undefined
    const number = call.from?.number
    const started = toMs(call.startedAt)
    if (number === undefined || started === undefined) return undefined
    for (const draft of this.drafts) {
      if (!draft.isOpen || draft.account !== event.account) continue
      for (const log of draft.legs.values()) {
        if (log.call.correlationId !== undefined || log.call.owner.id === call.owner.id || log.call.from?.number !== number) continue
        if (Math.abs(log.startedMs - started) > SAME_MS) continue
        draft.uncertain.add('legs')
        call.linkedBy ??= 'heuristic'
        return draft
      }
    }
    return undefined
  }

  /** A consultation becomes part of the call when it is transferred, joined, or its conversation ends in the first one. */
  private endConsult (draft: Draft, event: TelephonyEvent, call: Call): void {
    const at = toMs(event.time) ?? 0
    const join = (log: LegLog, even = false): void => {
      if (!log.consult || (isConsultLeg(log.call) && !even)) return
      log.consult = false
      log.joinedMs = at
    }
    const own = draft.legs.get(call.id)
    if (own !== undefined && !draft.consults.has(call.conversationId)) join(own)
    const merged = call.mergedFrom?.filter((id) => draft.consults.has(id)) ?? []
    if (merged.length > 0) {
      for (const log of draft.legs.values()) if (merged.includes(log.call.conversationId)) join(log)
      for (const id of merged) draft.consults.delete(id)
    }
    if (own === undefined) return
    // In a conference the consulting leg goes on as well, as part of the talk.
    if (event.event === 'call.conferenced') join(own, true)
    else if (event.event === 'call.transferred' && call.transfer?.role === 'target') join(own)
  }

  private note (draft: Draft, event: TelephonyEvent, call: Call): void {
    const at = toMs(event.time) ?? 0
    if (event.event === 'call.transferred' && call.transfer !== undefined) {
      const { kind, by, to } = call.transfer
      const same = draft.transfers.find((transfer) => transfer.kind === kind && Math.abs((toMs(transfer.time) ?? 0) - at) <= SAME_MS)
      if (same === undefined) draft.transfers.push({ time: event.time, kind, ...(by ? { by: copyPlain(by) } : {}), ...(to ? { to: copyPlain(to) } : {}) })
      else Object.assign(same, { ...(by && !same.by ? { by: copyPlain(by) } : {}), ...(to && !same.to ? { to: copyPlain(to) } : {}) })
    }
    if (event.event === 'call.conferenced') {
      const id = call.conference?.id ?? call.id
      const isKnown = [...draft.conferences.values()].some((before) => Math.abs(before - at) <= SAME_MS)
      if (!draft.conferences.has(id) && !isKnown) draft.conferences.set(id, at)
    }
    const { id, url } = call.recording ?? {}
    if ((id !== undefined || url !== undefined) && !draft.recordings.some((known) => samePlain(known, { id, url }))) {
      const same = draft.recordings.find((known) => known.id !== undefined && known.id === id)
      const recording = { ...(id !== undefined ? { id } : {}), ...(url !== undefined ? { url } : {}) }
      if (same === undefined) draft.recordings.push(recording)
      else Object.assign(same, recording)
      this.late(draft)
    }
    if (call.disposition !== undefined && !samePlain(draft.disposition, call.disposition)) {
      draft.disposition = copyPlain(call.disposition)
      this.late(draft)
    }
  }

  private foldAgent (agent: Agent): void {
    const log = this.wraps.told(agent)
    const draft = log === undefined ? undefined : this.byLeg.get(log.call.id)
    if (draft !== undefined) this.late(draft)
  }

  private settle (draft: Draft, now: number): void {
    const isLive = [...draft.legs.values()].some(({ isOpen }) => isOpen)
    if (draft.isExpired) {
      if (isLive) return
      this.endExpired(draft, now)
    } else if (isLive) {
      delete draft.quietSince
      if (!draft.isOpen) this.changed.add(draft)
      draft.isOpen = true
    } else {
      draft.quietSince ??= now
    }
    if (draft.isAnswered || draft.revision === 0) return
    if (figures([...draft.legs.values()], false, now).answeredAt === undefined) return
    draft.isAnswered = true
    this.changed.add(draft)
  }

  private late (draft: Draft): void {
    if (!draft.isOpen) this.changed.add(draft)
  }

  private close (draft: Draft): void {
    draft.isOpen = false
    this.changed.add(draft)
  }

  /** A line that comes back tells what changed meanwhile. A new one tells of all that it knows, and the end of other legs is never told. */
  private connected ({ epoch, connection }: TelephonyEvent, now: number): void {
    if (epoch === this.epoch) return
    this.epoch = epoch
    for (const draft of this.drafts) {
      const legs = [...draft.legs.values()].filter(({ isOpen }) => isOpen)
      if (connection?.downMs !== undefined) for (const log of legs) log.epoch = epoch
      else if (draft.isOpen && legs.length > 0 && legs.every((log) => log.epoch !== epoch)) this.expire(draft, now)
    }
  }

  /** Nobody ever told the end of its calls. @param at ms of our clock */
  private expire (draft: Draft, at: number): void {
    draft.isExpired = true
    draft.uncertain.add('endedAt')
    draft.quietSince = at
    this.close(draft)
  }

  /** The end was told after all. */
  private endExpired (draft: Draft, now: number): void {
    draft.isExpired = false
    draft.quietSince = now
    if (![...draft.legs.values()].some(({ call }) => call.uncertain?.includes('endedAt'))) draft.uncertain.delete('endedAt')
    this.changed.add(draft)
  }

  private makeRoom (): void {
    const list = [...this.drafts]
    const oldest = list.find(({ isOpen }) => !isOpen) ?? list[0]
    if (oldest === undefined) return
    if (oldest.isOpen) {
      oldest.uncertain.add('endedAt')
      oldest.isOpen = false
      this.superseded.push(this.write(oldest, oldest.beganMs))
    }
    this.forget(oldest)
  }

  private forget (draft: Draft): void {
    this.drafts.delete(draft)
    this.changed.delete(draft)
    for (const id of draft.legs.keys()) if (this.byLeg.get(id) === draft) this.byLeg.delete(id)
    for (const id of draft.conversations) if (this.byConversation.get(id) === draft) this.byConversation.delete(id)
  }

  private* logs (): IterableIterator<LegLog> {
    for (const draft of this.drafts) yield* draft.legs.values()
  }

  private written (now: number): CallRecord[] {
    if (this.changed.size === 0 && this.superseded.length === 0) return []
    const records = [...this.superseded, ...[...this.changed].map((draft) => this.write(draft, now))]
    this.superseded = []
    this.changed = new Set()
    return records
  }

  private write (draft: Draft, now: number): CallRecord {
    draft.revision++
    return this.render(draft, now)
  }

  private render (draft: Draft, now: number): CallRecord {
    const { id, conversationId, platform, account, accountId, transfers, recordings, data, disposition } = draft
    const found = figures([...draft.legs.values()], !draft.isOpen, now)
    if (!draft.isOpen && draft.uncertain.has('endedAt') && found.result !== 'answered') found.result = 'unknown'
    if (found.answeredAt !== undefined) draft.isAnswered = true
    return copyPlain({
      id, revision: draft.revision, open: draft.isOpen, platform, account, accountId, conversationId,
      correlationIds: [...draft.correlationIds],
      ...found,
      transfers,
      conferences: draft.conferences.size,
      recordings,
      ...(disposition ? { disposition } : {}),
      ...(draft.uncertain.size > 0 ? { uncertain: [...draft.uncertain] } : {}),
      ...(data ? { data } : {})
    })
  }
}

function isConsultLeg (call: Call): boolean {
  return call.related?.some(({ kind }) => kind === 'consultOf') ?? false
}

/** A leg that its user missed: it rang, nobody answered, and it went nowhere else (model.md 9). */
export function isMissed (leg: Pick<Call, 'direction' | 'answeredAt' | 'endedAt' | 'endReason'> & { ringSeconds?: number }): boolean {
  const elsewhere = leg.endReason === 'answeredElsewhere' || leg.endReason === 'pickedUp' || leg.endReason === 'forwarded'
  return leg.direction === 'inbound' && leg.ringSeconds !== undefined && leg.answeredAt === undefined && leg.endedAt !== undefined && !elsewhere
}
