import type { Call, CallState, Reason } from '../model'
import type { CallRecord, Offer, RecordedLeg, Result, Seconds } from './callRecordTypes'
import type { LegLog } from './legLog'
import { seconds, union, without, type Span } from './spans'

type HeldBy = Call['heldBy']
const isRinging = (state: CallState): boolean => state === 'ringing'
const isFarRinging = (state: CallState): boolean => state === 'remoteRinging'
const isActive = (state: CallState): boolean => state === 'active'
const isHeldHere = (state: CallState, heldBy: HeldBy): boolean => state === 'held' && heldBy !== 'remote'
const isHeldThere = (state: CallState, heldBy: HeldBy): boolean => state === 'held' && heldBy === 'remote'
const isParked = (state: CallState): boolean => state === 'parked'

const after = (spans: readonly Span[], ms: number): Span[] => spans.map(({ from, to }) => ({ from: Math.max(from, ms), to }))
const before = (spans: readonly Span[], ms: number): Span[] => spans.map(({ from, to }) => ({ from, to: Math.min(to, ms) }))
const iso = (ms: number): string => new Date(ms).toISOString()

/** Which result an unanswered call has by the reason of its end, where the reason says it all. */
const RESULT_OF: Readonly<Partial<Record<Reason, Result>>> = {
  rejected: 'rejected',
  dnd: 'rejected',
  busy: 'busy',
  congestion: 'failed',
  invalidNumber: 'failed',
  notReachable: 'failed',
  forbidden: 'failed',
  error: 'failed',
  forwarded: 'diverted',
  deflected: 'diverted',
  overflow: 'diverted',
  escaped: 'diverted',
  transferred: 'diverted',
  pickedUp: 'diverted',
  stranded: 'abandoned'
}
/** Ends that say nothing of the call: another phone took it, or the leg became part of something else. */
const NOT_DECISIVE: ReadonlySet<Reason | undefined> = new Set<Reason | undefined>(['answeredElsewhere', 'bounced', 'conferenced'])

export type Figures = Pick<CallRecord, 'direction' | 'scope' | 'from' | 'to' | 'dialed' | 'did' | 'startedAt' | 'answeredAt' | 'endedAt' | 'result' | 'endReason' | 'hungUpBy' | 'queue' | 'agent' | 'user' | 'holds' | 'offers' | 'legs' | Seconds>

/** All that follows from the legs of a conversation by the definitions of model.md 9. @param now ms, end of what still goes on */
export function figures (logs: readonly LegLog[], isClosed: boolean, now: number): Figures {
  const main = logs.filter((log) => !log.consult)
  const legs = (main.length > 0 ? main : [...logs]).sort((a, b) => a.startedMs - b.startedMs || rank(a) - rank(b))
  const first = legs[0]!
  const direction = first.call.direction
  const answeredMs = answer(logs, direction)
  const answering = answeredMs === undefined ? undefined : calledLegs(logs).find((log) => !log.consult && joined(log) === answeredMs)
  const startedMs = first.startedMs
  const endedMs = isClosed ? Math.max(startedMs, ...logs.map((log) => log.endedMs ?? startedMs)) : undefined
  const last = decisive(legs)
  const result: Figures = {
    direction,
    startedAt: iso(startedMs),
    holds: legs.reduce((sum, log) => sum + union(log.spans(isHeldHere, now)).length, 0),
    offers: offers(logs, now),
    legs: logs.map((log) => recorded(log, now))
  }
  const { scope, from, to, dialed } = first.call
  const queueLeg = legs.find((log) => log.isQueue) ?? legs.find((log) => log.call.queue !== undefined)
  const queue = queueLeg?.isQueue === true ? ownerRef(queueLeg.call) : queueRef(queueLeg?.call)
  const serving = answering ?? (direction === 'outbound' ? first : undefined)
  const did = direction === 'inbound' ? dialed?.number : undefined
  assign(result, {
    scope, from, to, dialed, did, queue,
    agent: serving?.call.agent ?? legs.find((log) => log.isQueue && log.call.agent !== undefined)?.call.agent,
    user: serving === undefined || serving.isQueue ? undefined : ownerRef(serving.call),
    answeredAt: answeredMs === undefined ? undefined : iso(answeredMs)
  })
  assign(result, times(logs, legs, startedMs, answeredMs, endedMs, now))
  if (endedMs !== undefined) {
    assign(result, {
      endedAt: iso(endedMs), endReason: last.call.endReason, result: outcome(legs, direction, answeredMs, last), hungUpBy: hungUpBy(legs)
    })
  }
  return result
}

function times (logs: readonly LegLog[], legs: readonly LegLog[], startedMs: number, answeredMs: number | undefined, endedMs: number | undefined, now: number): Partial<Record<Seconds, number>> {
  const own = legs.filter((log) => !log.isQueue)
  const of = (some: readonly LegLog[], fits: (state: CallState, heldBy: HeldBy) => boolean): Span[] => some.flatMap((log) => after(log.spans(fits, now), log.joinedMs ?? 0))
  const heldHere = of(own, isHeldHere)
  // Where both ends are ours, the hold of one is the remote hold of the other: that is no talk.
  const talk = answeredMs === undefined ? [] : after([...of(own, isActive), ...without(of(own, isHeldThere), heldHere)], answeredMs)
  const ring = [...of(calledLegs(legs), isRinging), ...of(own.filter(({ call }) => call.direction === 'outbound'), isFarRinging)]
  const consult = logs.flatMap((log) => log.consult ? log.spans(isActive, now) : log.joinedMs === undefined ? [] : before(log.spans(isActive, now), log.joinedMs))
  const stays = legs.filter((log) => log.isQueue && log.endedMs !== undefined).map((log) => stay(log))
  const wraps = logs.flatMap((log) => log.wraps)
  const sum = (spans: readonly Span[]): number | undefined => spans.length === 0 ? undefined : seconds(spans)
  const talkSeconds = sum(talk)
  const holdSeconds = sum(heldHere)
  const wrapSeconds = wraps.length === 0 ? undefined : round(wraps.reduce((total, span) => total + seconds([span]), 0))
  const waitEnd = answeredMs ?? endedMs
  return {
    ...(waitEnd === undefined ? {} : { waitSeconds: seconds([{ from: startedMs, to: waitEnd }]) }),
    ...(endedMs === undefined ? {} : { durationSeconds: seconds([{ from: startedMs, to: endedMs }]) }),
    ...optional('queueSeconds', stays.length === 0 ? undefined : round(stays.reduce((total, span) => total + seconds([span]), 0))),
    ...optional('ringSeconds', sum(ring)),
    ...optional('talkSeconds', talkSeconds),
    ...optional('holdSeconds', holdSeconds),
    ...optional('consultSeconds', sum(consult)),
    ...optional('wrapSeconds', wrapSeconds),
    ...optional('handleSeconds', talkSeconds === undefined ? undefined : round(talkSeconds + (holdSeconds ?? 0) + (wrapSeconds ?? 0)))
  }
}

/** First time somebody who was called talks; a queue or an announcement is nobody. */
function answer (logs: readonly LegLog[], direction: Call['direction']): number | undefined {
  const hasQueue = logs.some((log) => log.isQueue)
  const times = calledLegs(logs.filter((log) => !log.consult)).map((log) => joined(log))
  if (direction === 'outbound' && !hasQueue) times.push(...logs.filter((log) => !log.consult && log.call.direction === 'outbound').map((log) => joined(log)))
  const known = times.filter((ms) => ms !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

const joined = (log: LegLog): number | undefined => log.activeMs === undefined || log.tookVoicemail ? undefined : Math.max(log.activeMs, log.joinedMs ?? 0)

function calledLegs (logs: readonly LegLog[]): LegLog[] {
  return logs.filter(({ call, isQueue }) => !isQueue && call.owner.kind !== 'trunk' && call.direction === 'inbound')
}

/** At the same moment the leg of the one who calls comes first, then the queue. */
function rank (log: LegLog): number {
  return log.call.direction === 'outbound' ? 0 : log.isQueue ? 1 : 2
}

/** The leg whose end tells how the conversation ended: the last one, but none that only lost to another phone. */
function decisive (legs: readonly LegLog[]): LegLog {
  const byEnd = [...legs].sort((a, b) => (a.endedMs ?? Infinity) - (b.endedMs ?? Infinity))
  return byEnd.filter(({ call }) => !NOT_DECISIVE.has(call.endReason)).at(-1) ?? byEnd.at(-1)!
}

function outcome (legs: readonly LegLog[], direction: Call['direction'], answeredMs: number | undefined, last: LegLog): Result {
  if (answeredMs !== undefined) return 'answered'
  if (legs.some((log) => log.tookVoicemail)) return 'voicemail'
  if (legs.some((log) => log.isQueue && log.call.endReason === 'abandoned')) return 'abandoned'
  const { endReason, endedBy } = last.call
  const byReason = endReason === undefined ? undefined : RESULT_OF[endReason]
  if (byReason !== undefined) return byReason
  if (endReason === 'lost') return 'unknown'
  if (direction === 'outbound') {
    if (endReason === 'cancelled' || endedBy === 'local') return 'cancelled'
    return endReason === 'noAnswer' || endReason === 'timeout' || endedBy === 'remote' ? 'noAnswer' : 'unknown'
  }
  return legs.some((log) => log.isQueue) ? 'unknown' : 'missed'
}

function hungUpBy (legs: readonly LegLog[]): CallRecord['hungUpBy'] {
  const { call } = [...legs].sort((a, b) => (a.endedMs ?? 0) - (b.endedMs ?? 0)).at(-1)!
  if (call.endedBy === undefined || call.endedBy === 'system') return call.endedBy
  return (call.endedBy === 'local') === (call.direction === 'outbound') ? 'caller' : 'called'
}

function offers (logs: readonly LegLog[], now: number): Offer[] {
  const list: (Offer & { from: number })[] = []
  const known = new Set<string | undefined>()
  for (const log of calledLegs(logs)) {
    if (log.call.queue === undefined) continue
    const agent = log.call.agent ?? ownerRef(log.call)
    known.add(agent.id)
    if (log.isOpen && log.activeMs === undefined) continue
    list.push({ agent, ringSeconds: seconds(log.spans(isRinging, now)), result: offerResult(log), from: log.startedMs })
  }
  for (const log of logs) {
    for (const { agent, from, to, bounced } of log.offers) {
      if (to === undefined || known.has(agent.id)) continue
      const isTaker = !bounced && log.call.agent?.id === agent.id
      list.push({ agent, ringSeconds: seconds([{ from, to }]), result: isTaker ? 'answered' : bounced ? 'bounced' : 'elsewhere', from })
    }
  }
  return list.sort((a, b) => a.from - b.from).map(({ agent, ringSeconds, result }) => ({ agent, ringSeconds, result }))
}

function offerResult ({ activeMs, call }: LegLog): Offer['result'] {
  if (activeMs !== undefined) return 'answered'
  if (call.endReason === 'answeredElsewhere' || call.endReason === 'pickedUp' || call.endReason === 'cancelled' || call.endReason === 'abandoned') return 'elsewhere'
  return call.endReason === 'rejected' ? 'rejected' : 'bounced'
}

function recorded (log: LegLog, now: number): RecordedLeg {
  const { id, owner, direction, from, to, dialed, startedAt, answeredAt, endedAt, endReason, endedBy, queue, agent, linkedBy } = log.call
  const leg: RecordedLeg = { id, owner, direction, startedAt }
  assign(leg, { from, to, dialed, answeredAt, endedAt, endReason, endedBy, queue, agent, linkedBy })
  const figure = (name: Seconds | 'parkSeconds', spans: readonly Span[]): void => { if (spans.length > 0) leg[name] = seconds(spans) }
  figure('ringSeconds', log.spans(isRinging, now))
  figure(log.consult ? 'consultSeconds' : 'talkSeconds', [...log.spans(isActive, now), ...log.spans(isHeldThere, now)])
  figure('holdSeconds', log.spans(isHeldHere, now))
  figure('parkSeconds', log.spans(isParked, now))
  figure('wrapSeconds', log.wraps)
  if (log.isQueue && log.endedMs !== undefined) figure('queueSeconds', [stay(log)])
  if (log.endedMs !== undefined) leg.durationSeconds = seconds([{ from: log.startedMs, to: log.endedMs }])
  return leg
}

/** From joining the queue to leaving it, offers to agents included. */
function stay (log: LegLog): Span {
  const queued = log.call.queuedAt === undefined ? Number.NaN : Date.parse(log.call.queuedAt)
  const from = Number.isNaN(queued) ? log.startedMs : queued
  return { from, to: Math.max(from, log.endedMs ?? from) }
}

function ownerRef ({ owner }: Call): { id: string; name?: string; number?: string } {
  return { id: owner.id, ...optional('name', owner.name), ...optional('number', owner.number) }
}

function queueRef (call: Call | undefined): { id?: string; name?: string; number?: string } | undefined {
  const { id, name, number } = call?.queue ?? {}
  return id === undefined && name === undefined && number === undefined ? undefined : { ...optional('id', id), ...optional('name', name), ...optional('number', number) }
}

const round = (value: number): number => Math.round(value * 10) / 10

function optional<K extends string, V> (key: K, value: V | undefined): Partial<Record<K, V>> {
  return (value === undefined ? {} : { [key]: value }) as Partial<Record<K, V>>
}

function assign (target: object, fields: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) Object.assign(target, { [key]: value })
}
