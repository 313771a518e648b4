/** The summary object and the hooks of the "iPECs API Wrapper", with the numbers that it meant (ipecs.md 7.4). Reads the ACD stream; no I/O. */
import type { Stats } from '../model'
import type { AcdRecord } from './frames'
import { ACD } from './protocol'
import { localMillis } from './switchClock'
import { StationTally, STATION_SPANS, Span, type CallTally, type StationSpan } from './summaryTimes'

export interface SummaryOptions {
  /** Outside lines that count, without leading zeros; absent: all. */
  readonly lines: ReadonlySet<string> | undefined
  /** First and last station that count; absent: all. */
  readonly stations: readonly [number, number] | undefined
  /** Seconds since midnight of the switch at which the counters begin anew. */
  readonly resetAt: number | undefined
}
type HookName =
  | 'addNewCallHook' | 'addCallDisconnectedHook' | 'addCallAnsweredHook' | 'addCallWaitingHook' | 'addAgentLoggedInHook' | 'addAgentLoggedOutHook'
  | 'addStationConnectedHook' | 'addStationDisconnectedHook' | 'addStationBusyHook' | 'addSystemResetEventHook'
/** A hook and its argument, as the wrapper's README has it. */
export interface Hook { readonly name: HookName; readonly payload: Readonly<Record<string, number>> }
type LegacySummary = Readonly<Record<string, number | string[]>>

const DAY_MS = 86_400_000
const MOST_CALLS = 3000
const ANSWERS: ReadonlySet<number> = new Set([ACD.seize, ACD.connect, ACD.pickup])
const STARTS_RING: ReadonlySet<number> = new Set([ACD.ring, ACD.did, ACD.caller])
const totals = (): Record<'inbound' | 'answered' | 'abandoned' | 'outbound', number> => ({ inbound: 0, answered: 0, abandoned: 0, outbound: 0 })
const seconds = (ms: number): number => Math.round(ms) / 1000

type Step = (record: AcdRecord, at: number, hooks: Hook[]) => void

export class Summary {
  private readonly stations = new Map<string, StationTally>()
  private readonly calls = new Map<string, CallTally>()
  private counts = totals()
  /** Times of calls that have ended in this period, ms. */
  private past = { ring: 0, talk: 0, hold: 0 }
  private period = 0
  private periodDay: number | undefined
  private periodFrom: number | undefined
  private readonly steps: ReadonlyMap<number, Step>

  constructor (private readonly options: SummaryOptions) {
    this.steps = new Map<number, Step>([
      [ACD.inService, (record, at, hooks) => { this.sight(record, at, hooks) }],
      [ACD.outOfService, (record, at, hooks) => this.outOfService(record, at, hooks)],
      [ACD.login, (record, at, hooks) => this.logOn(record, at, hooks)],
      [ACD.secondaryIn, (record, at, hooks) => this.logOn(record, at, hooks)],
      [ACD.logout, (record, at, hooks) => this.logOff(record, at, hooks)],
      [ACD.secondaryOut, (record, at, hooks) => this.logOff(record, at, hooks)],
      ...([ACD.available, ACD.dndOff] as number[]).map((code): [number, Step] => [code, (record, at) => this.mark(record, at, (one) => { one.isAvailable = true })]),
      ...([ACD.unavailable, ACD.dndOn] as number[]).map((code): [number, Step] => [code, (record, at) => this.mark(record, at, (one) => { one.isAvailable = false })]),
      [ACD.wrapStart, (record, at) => this.mark(record, at, (one) => one.spans.wrap.start(at))],
      [ACD.wrapEnd, (record, at) => this.mark(record, at, (one) => one.spans.wrap.stop(at))],
      [ACD.stationBusy, (record, at, hooks) => this.busy(record, at, hooks)],
      [ACD.stationIdle, (record, at) => this.mark(record, at, (one) => { one.isBusy = false })],
      [ACD.coRing, (record, at, hooks) => this.incoming(record, at, hooks)],
      [ACD.queued, (record, _at, hooks) => { if (this.find(record) !== undefined) hooks.push(this.waitingHook()) }],
      [ACD.dialled, (record, at, hooks) => this.outgoing(record, at, hooks)],
      [ACD.record, (record, at) => this.mark(record, at, (one) => Object.assign(one, { isBusy: false, isAgentBusy: false }))],
      [ACD.hold, (record, at) => this.hold(record, at)],
      [ACD.recall, (record, at) => this.unhold(record, at)],
      [ACD.abandon, (record, at) => this.gone(record, at)],
      [ACD.coIdle, (record, at) => this.gone(record, at)],
      [ACD.disconnect, (record, at, hooks) => this.disconnect(record, at, hooks)]
    ])
  }

  /**
   * Takes in one record. Repeated ones change nothing.
   * @param at ms of our clock
   * @returns the hooks that it fires; whether the object differs is for the caller to see
   */
  fold (record: AcdRecord, at: number): Hook[] {
    this.roll(record, at)
    this.periodFrom ??= at
    const hooks: Hook[] = []
    const call = this.find(record)
    if (call !== undefined && STARTS_RING.has(record.code) && !call.isAnswered) call.ring.start(at)
    if (call !== undefined && record.code === ACD.ring && record.source !== undefined) call.stations.add(record.source.number)
    if (ANSWERS.has(record.code)) this.answer(record, call, at, hooks)
    this.steps.get(record.code)?.(record, at, hooks)
    return hooks
  }

  /** The wrapper's object: integers, and whole seconds as numbers. @param at ms of our clock, until which what runs is counted */
  object (at: number): LegacySummary {
    const { inbound, answered, abandoned, outbound } = this.counts
    const stations = [...this.stations.values()].filter(({ isConnected }) => isConnected)
    const count = (fits: (one: StationTally) => boolean): number => stations.filter(fits).length
    const loggedIn = count((one) => one.isLoggedIn)
    const available = count((one) => one.isLoggedIn && one.isAvailable)
    const busy = Math.min(available, count((one) => one.isLoggedIn && one.isAgentBusy))
    const time = (span: StationSpan): number => Math.round([...this.stations.values()].reduce((sum, one) => sum + one.spans[span].upTo(at), 0) / 1000)
    const { ring, talk, hold } = this.callTimes(at)
    return {
      'stations-connected': stations.length, 'stations-idle': count((one) => !one.isBusy), 'stations-busy': count((one) => one.isBusy),
      'agents-logged-in': loggedIn, 'agents-available': available, 'agents-unavailable': loggedIn - available, 'agents-busy': busy, 'agents-idle': available - busy,
      'total-inbound-calls': inbound, 'total-answered-calls': answered, 'total-abandoned-calls': abandoned, 'total-outbound-calls': outbound,
      'total-calls-in-queue': this.inQueue, 'total-calls-onwrap': count((one) => one.isWrapping), 'total-calls-onhold': [...this.calls.values()].filter(({ isHeld }) => isHeld).length,
      'total-logged-in-time': time('service'), 'total-agn-login-time': time('login'), 'total-avail-time': time('available'), 'total-unavail-time': time('unavailable'),
      'total-idle-time': time('idle'), 'total-busy-time': time('busy'), 'total-hold-time': Math.round(hold / 1000), 'total-wrap-time': time('wrap'),
      'total-ring-time': Math.round(ring / 1000), 'total-talk-time': Math.round(talk / 1000), 'total-handle-time': Math.round((talk + hold) / 1000),
      'station-list': stations.map(({ number }) => number).sort()
    }
  }

  /** The same as figures of the model. @param iso makes text of ms */
  stats (accountId: string, at: number, iso: (ms: number) => string): Stats {
    const { inbound, answered, abandoned, outbound } = this.counts
    const { ring, talk, hold } = this.callTimes(at)
    const time = (span: StationSpan): number => seconds([...this.stations.values()].reduce((sum, one) => sum + one.spans[span].upTo(at), 0))
    const per = (value: number, count: number): number => count === 0 ? 0 : seconds(value / count)
    return {
      subject: { kind: 'account', id: accountId },
      window: { kind: this.options.resetAt === undefined ? 'session' : 'day', ...(this.periodFrom === undefined ? {} : { from: iso(this.periodFrom) }) },
      metrics: {
        offered: inbound, answered, abandoned, outbound, abandonRate: inbound === 0 ? 0 : Math.min(1, abandoned / inbound), avgSpeedOfAnswer: per(ring, answered), avgTalk: per(talk, answered), avgHold: per(hold, answered),
        loggedInSeconds: time('login'), readySeconds: time('available'), notReadySeconds: time('unavailable'), busySeconds: time('busy'), wrapSeconds: time('wrap')
      },
      source: 'computed',
      vendorMetrics: { legacySummary: this.object(at) }
    }
  }

  /** The counters begin anew; what is so now stays so. */
  reset (at: number): void {
    this.period++
    this.periodFrom = at
    this.counts = totals()
    this.past = { ring: 0, talk: 0, hold: 0 }
    for (const station of this.stations.values()) for (const span of STATION_SPANS) station.spans[span].reset(at)
    for (const call of this.calls.values()) for (const span of [call.ring, call.talk, call.hold]) span.reset(at)
  }

  /** The switch has lost its calls. */
  dropCalls (at: number): void {
    for (const call of [...this.calls.values()]) this.close(call, at)
  }

  private get inQueue (): number {
    let waiting = 0
    for (const call of this.calls.values()) if (call.isInbound && !call.isAnswered) waiting++
    return waiting
  }

  private callTimes (at: number): { ring: number; talk: number; hold: number } {
    const sum = { ...this.past }
    for (const call of this.calls.values()) for (const span of ['ring', 'talk', 'hold'] as const) sum[span] += call[span].upTo(at)
    return sum
  }

  /** The day of the counters ends at the set time of the switch's own clock, which each record carries. */
  private roll ({ time }: AcdRecord, at: number): void {
    const local = localMillis(time)
    if (this.options.resetAt === undefined || local === undefined) return
    const day = Math.floor((local - this.options.resetAt * 1000) / DAY_MS)
    if (this.periodDay !== undefined && day > this.periodDay) this.reset(at)
    if (this.periodDay === undefined || day > this.periodDay) this.periodDay = day
  }

  private score (call: CallTally, name: 'answered' | 'abandoned'): void {
    // A call of the last period would make more answers than calls.
    if (call.period === this.period) this.counts[name]++
  }

  private inRange (end: AcdRecord['source']): string | undefined {
    if (end?.kind !== 'station') return undefined
    const { stations } = this.options
    const value = Number(end.number)
    return stations === undefined || (value >= stations[0] && value <= stations[1]) ? end.number : undefined
  }

  /** The source when it counts, else the destination (ipecs.md 7.4). */
  private stationOf ({ source, dest }: AcdRecord): string | undefined {
    return this.inRange(source) ?? this.inRange(dest)
  }

  private lineOf ({ source, dest }: AcdRecord): string | undefined {
    return source?.kind === 'line' ? source.number : dest?.kind === 'line' ? dest.number : undefined
  }

  /** By callRefID, else by the line or the station that a record without one names. */
  private find (record: AcdRecord): CallTally | undefined {
    if (record.ref !== undefined) return this.calls.get(record.ref)
    const line = this.lineOf(record)
    for (const call of this.calls.values()) if (line !== undefined && call.line === line) return call
    return undefined
  }

  private sight (record: AcdRecord, at: number, hooks: Hook[]): StationTally | undefined {
    const number = this.stationOf(record)
    if (number === undefined) return undefined
    let station = this.stations.get(number)
    if (station === undefined) this.stations.set(number, station = new StationTally(number))
    if (!station.isConnected) {
      station.isConnected = true
      station.settle(at)
      hooks.push({ name: 'addStationConnectedHook', payload: { 'Stations connected': this.connected } })
    }
    return station
  }

  private get connected (): number {
    return [...this.stations.values()].filter(({ isConnected }) => isConnected).length
  }

  private mark (record: AcdRecord, at: number, change: (station: StationTally) => void): void {
    const station = this.sight(record, at, [])
    if (station === undefined) return
    change(station)
    station.settle(at)
  }

  private outOfService (record: AcdRecord, at: number, hooks: Hook[]): void {
    const station = this.stations.get(this.stationOf(record) ?? '')
    if (station === undefined || !station.isConnected) return
    const wasIn = station.isLoggedIn
    Object.assign(station, { isConnected: false, isBusy: false, isAgentBusy: false, isAvailable: false })
    station.groups.clear()
    station.spans.wrap.stop(at)
    station.settle(at)
    if (wasIn) hooks.push(this.agentsHook('addAgentLoggedOutHook'))
    hooks.push({ name: 'addStationDisconnectedHook', payload: { 'Stations connected': this.connected } })
  }

  private agentsHook (name: 'addAgentLoggedInHook' | 'addAgentLoggedOutHook'): Hook {
    return { name, payload: { 'Agents Logged In': [...this.stations.values()].filter(({ isLoggedIn }) => isLoggedIn).length } }
  }

  private logOn (record: AcdRecord, at: number, hooks: Hook[]): void {
    const station = this.sight(record, at, hooks)
    if (station === undefined) return
    const wasIn = station.isLoggedIn
    station.groups.add(record.data1 ?? '')
    if (wasIn) return
    station.isAvailable = true
    station.settle(at)
    hooks.push(this.agentsHook('addAgentLoggedInHook'))
  }

  private logOff (record: AcdRecord, at: number, hooks: Hook[]): void {
    const station = this.stations.get(this.stationOf(record) ?? '')
    if (station === undefined || !station.isLoggedIn) return
    if (!station.groups.delete(record.data1 ?? '')) station.groups.clear()
    if (station.isLoggedIn) return
    Object.assign(station, { isAvailable: false, isAgentBusy: false })
    station.spans.wrap.stop(at)
    station.settle(at)
    hooks.push(this.agentsHook('addAgentLoggedOutHook'))
  }

  private busy (record: AcdRecord, at: number, hooks: Hook[]): void {
    const station = this.sight(record, at, hooks)
    if (station === undefined || station.isBusy) return
    station.isBusy = true
    station.settle(at)
    hooks.push({ name: 'addStationBusyHook', payload: { 'Busy Stations': [...this.stations.values()].filter(({ isBusy }) => isBusy).length } })
  }

  private begin (ref: string, line: string | undefined, kind: 'isInbound' | 'isOutbound'): CallTally {
    const call: CallTally = {
      ref, isInbound: false, isOutbound: false, isAnswered: false, isHeld: false, period: this.period, stations: new Set(), ring: new Span(), talk: new Span(), hold: new Span(), ...(line === undefined ? {} : { line })
    }
    call[kind] = true
    this.calls.set(ref, call)
    if (this.calls.size > MOST_CALLS) this.calls.delete(this.calls.keys().next().value!)
    return call
  }

  private incoming (record: AcdRecord, at: number, hooks: Hook[]): void {
    const line = record.source?.kind === 'line' ? record.source.number : undefined
    const { lines } = this.options
    if (record.ref === undefined || line === undefined || this.calls.has(record.ref) || (lines !== undefined && !lines.has(line))) return
    // The line is taken by one call at a time: a call that never ended, ended before.
    const stale = [...this.calls.values()].find((call) => call.line === line)
    if (stale !== undefined) this.close(stale, at)
    this.begin(record.ref, line, 'isInbound')
    this.counts.inbound++
    hooks.push({ name: 'addNewCallHook', payload: { 'Total Calls': this.counts.inbound } }, this.waitingHook())
  }

  private waitingHook (): Hook {
    return { name: 'addCallWaitingHook', payload: { 'Calls In Queue': this.inQueue } }
  }

  private outgoing (record: AcdRecord, at: number, hooks: Hook[]): void {
    const station = this.sight(record, at, hooks)
    if (record.ref === undefined || station === undefined) return
    let call = this.calls.get(record.ref)
    if (call?.isInbound === true || call?.isOutbound === true) return
    // What comes half a minute late for a call that is over still was a call.
    call = this.begin(record.ref, this.lineOf(record), 'isOutbound')
    call.stations.add(station.number)
    this.counts.outbound++
    if (!station.isBusy) return
    station.isAgentBusy = station.isLoggedIn
  }

  private answer (record: AcdRecord, found: CallTally | undefined, at: number, hooks: Hook[]): void {
    const station = this.sight(record, at, hooks)
    const rang = record.dest?.kind === 'station' ? record.dest.number : undefined
    const call = found ?? (record.code === ACD.pickup ? [...this.calls.values()].find((one) => one.isInbound && !one.isAnswered && rang !== undefined && one.stations.has(rang)) : undefined)
    if (station !== undefined && record.code !== ACD.seize) station.isAgentBusy = station.isLoggedIn
    if (call === undefined) return
    call.ring.stop(at)
    if (call.isHeld) this.unhold({ ...record, ref: call.ref }, at)
    if (call.isAnswered || (call.isOutbound && record.code === ACD.seize)) return
    call.isAnswered = true
    call.talk.start(at)
    if (station !== undefined) call.stations.add(station.number)
    if (!call.isInbound) return
    this.score(call, 'answered')
    hooks.push({ name: 'addCallAnsweredHook', payload: { 'Answered Calls': this.counts.answered } })
  }

  private hold (record: AcdRecord, at: number): void {
    const call = this.find(record)
    if (call === undefined || call.isHeld) return
    call.isHeld = true
    call.talk.stop(at)
    call.hold.start(at)
  }

  private unhold (record: AcdRecord, at: number): void {
    const call = this.find(record)
    if (call === undefined || !call.isHeld) return
    call.isHeld = false
    call.hold.stop(at)
    if (record.code !== ACD.recall) call.talk.start(at)
  }

  /** The caller gave up (43), or the line is free again (2). */
  private gone (record: AcdRecord, at: number): void {
    const call = this.find(record)
    if (call === undefined) return
    if (call.isInbound && !call.isAnswered) this.score(call, 'abandoned')
    this.close(call, at)
  }

  private disconnect (record: AcdRecord, at: number, hooks: Hook[]): void {
    for (const end of [record.source, record.dest]) {
      const station = this.stations.get(this.inRange(end) ?? '')
      if (station !== undefined) station.isAgentBusy = false
    }
    const call = this.find(record)
    if (call === undefined) return
    if (call.isInbound && !call.isAnswered) this.score(call, 'abandoned')
    this.close(call, at)
    hooks.push({ name: 'addCallDisconnectedHook', payload: { 'Active Calls': [...this.calls.values()].filter(({ isAnswered }) => isAnswered).length } })
  }

  private close (call: CallTally, at: number): void {
    this.calls.delete(call.ref)
    for (const span of ['ring', 'talk', 'hold'] as const) this.past[span] += call[span].upTo(at)
  }
}
