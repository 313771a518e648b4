import { copyPlain, TERMINAL_EVENTS, type Call, type CallState, type Ref, type TelephonyEvent } from '../model'
import type { Span } from './spans'

interface Stretch { state: CallState; heldBy: Call['heldBy']; from: number; to?: number }

/** An offer of a queue leg to an agent who may have no leg in our view. */
export interface QueueOffer { agent: Ref; from: number; to?: number; bounced: boolean }

/** ms since 1970, or undefined when a vendor's time makes no sense. */
export function toMs (time: string | undefined): number | undefined {
  const ms = time === undefined ? Number.NaN : Date.parse(time)
  return Number.isNaN(ms) ? undefined : ms
}

/** What one leg went through, with times, as its events told it. */
export class LegLog {
  call: Call
  /** Life of the connection that told of it last. */
  epoch: string
  endedMs: number | undefined
  /** While true, its talk is consultation: it does not reach the caller (model.md 9, consultSeconds). */
  consult = false
  /** ms when the consultation became part of the call; undefined while it is none or goes on. */
  joinedMs: number | undefined
  readonly wraps: Span[] = []
  readonly offers: QueueOffer[] = []
  tookVoicemail = false
  private readonly stretches: Stretch[] = []

  constructor (event: TelephonyEvent, call: Call) {
    this.call = call
    this.epoch = event.epoch
    this.stretches.push(...firstStretches(event, call))
    this.note(event, call)
  }

  get isQueue (): boolean {
    return this.call.owner.kind === 'queue'
  }

  get isOpen (): boolean {
    return this.endedMs === undefined
  }

  /** Next event of the leg; `call` is kept. */
  fold (event: TelephonyEvent, call: Call): void {
    const at = toMs(event.time) ?? this.lastMs
    const last = this.stretches.at(-1)
    if (last !== undefined && last.to === undefined && (last.state !== call.state || last.heldBy !== call.heldBy)) {
      last.to = Math.max(last.from, at)
      if (call.state !== 'ended') this.stretches.push({ state: call.state, heldBy: call.heldBy, from: last.to })
    }
    this.call = call
    this.epoch = event.epoch
    this.note(event, call)
  }

  /** Times in the states that `fits` accepts; what still goes on ends at `now`. */
  spans (fits: (state: CallState, heldBy: Call['heldBy']) => boolean, now: number): Span[] {
    return this.stretches.filter(({ state, heldBy }) => fits(state, heldBy)).map(({ from, to }) => ({ from, to: to ?? this.endedMs ?? Math.max(from, now) }))
  }

  /** ms when it was active for the first time. */
  get activeMs (): number | undefined {
    return toMs(this.call.answeredAt) ?? this.stretches.find(({ state }) => state === 'active')?.from
  }

  get startedMs (): number {
    return toMs(this.call.startedAt) ?? this.stretches[0]?.from ?? 0
  }

  private get lastMs (): number {
    return this.stretches.at(-1)?.from ?? this.startedMs
  }

  private note (event: TelephonyEvent, call: Call): void {
    const at = toMs(event.time) ?? this.lastMs
    if (call.remote?.kind === 'voicemail' && (call.state === 'active' || event.event === 'call.redirected')) this.tookVoicemail = true
    this.noteOffer(call, at)
    if (!TERMINAL_EVENTS.has(event.event) || this.endedMs !== undefined) return
    this.endedMs = toMs(call.endedAt) ?? at
    const last = this.stretches.at(-1)
    if (last !== undefined) last.to = Math.max(last.from, Math.min(last.to ?? this.endedMs, this.endedMs))
    const offer = this.offers.at(-1)
    if (offer !== undefined) offer.to ??= this.endedMs
  }

  private noteOffer (call: Call, at: number): void {
    if (!this.isQueue) return
    const offered = call.queue?.offeredTo
    const last = this.offers.at(-1)
    const key = (ref: Ref | undefined): string | undefined => ref?.id ?? ref?.number ?? ref?.name
    if (last !== undefined && last.to === undefined && (call.queue?.bounced === true || key(offered) !== key(last.agent))) {
      last.to = at
      last.bounced = true
    }
    if (offered !== undefined && call.state === 'queued' && call.queue?.bounced !== true && (last === undefined || last.to !== undefined || key(last.agent) !== key(offered))) {
      this.offers.push({ agent: copyPlain(offered), from: at, bounced: false })
    }
  }
}

/** A leg that is met late has its past in its own times. */
function firstStretches (event: TelephonyEvent, call: Call): Stretch[] {
  const at = toMs(event.time) ?? toMs(call.startedAt) ?? 0
  const found = event.initial === true || event.resynced === true
  const ringing = toMs(call.ringingAt)
  const answered = toMs(call.answeredAt)
  const held = toMs(call.heldAt)
  const list: Stretch[] = []
  const add = (state: CallState, from: number | undefined, to: number | undefined): void => {
    if (from !== undefined && to !== undefined && to > from) list.push({ state, heldBy: undefined, from, to })
  }
  if (call.state === 'active' || call.state === 'held') add(call.direction === 'inbound' ? 'ringing' : 'remoteRinging', ringing, answered ?? (found ? undefined : at))
  if (call.state === 'held') add('active', answered, held ?? at)
  const own: Partial<Record<CallState, number | undefined>> = { ringing, active: answered, held, queued: toMs(call.queuedAt), parked: toMs(call.parkedAt) }
  const from = own[call.state] ?? (found ? toMs(call.startedAt) ?? at : at)
  list.push({ state: call.state, heldBy: call.heldBy, from, ...(call.state === 'ended' ? { to: from } : {}) })
  return list
}
