/** Figures of queues, agents, campaigns and the whole domain (five9.md 4.6; model.md 8). Times there are ms, here seconds. */
import { samePlain, type Metric, type Queue, type Stats } from '../model'
import type { EventDraft } from '../session/types'
import type { Memory } from './memory'
import { defined, fields, isFields, number, objects, text, textOf, type Fields } from './read'
import { asVendor, draft, type Reducer, type Scope } from './scope'
import type { RowChange } from './statistics'

/** Id of the row that sums up the domain, by source; no queue and no agent. */
const TOTALS: Readonly<Record<string, string>> = { ACD_STATUS: '0', AGENT_STATISTIC: '' }

type Rule = readonly [Metric, string, (value: number) => number]
const count = (value: number): number => value
const seconds = (value: number): number => value / 1000
/** Rates are 0..1 here; some figures are percent there. */
const rate = (value: number): number => value > 1 ? value / 100 : value

const AGENT: readonly Rule[] = [
  ['handled', 'totalCallsCount', count], ['outbound', 'outboundCallsCount', count], ['avgTalk', 'averageCallTime', seconds], ['avgHold', 'averageHoldTime', seconds],
  ['avgWrap', 'averageWrapTime', seconds], ['avgHandle', 'averageHandleTime', seconds], ['occupancy', 'occupancy', rate], ['loggedInSeconds', 'loginTime', seconds]
]
const INBOUND: readonly Rule[] = [
  ['offered', 'totalCallsCount', count], ['answered', 'connectedCallsCount', count], ['handled', 'handledCallsCount', count], ['abandoned', 'abandonedCallsCount', count],
  ['abandonRate', 'abandonCallRate', rate], ['avgTalk', 'averageCallTime', seconds], ['avgWrap', 'averageWrapTime', seconds], ['avgHandle', 'averageHandleTime', seconds],
  ['avgSpeedOfAnswer', 'averageSpeedOfAnswer', seconds], ['maxWait', 'longestQueueTime', seconds], ['serviceLevel', 'serviceLevelQueue', rate]
]
const OUTBOUND: readonly Rule[] = [['outbound', 'dialingAttemptsCount', count], ['answered', 'contactedCallsCount', count], ['abandoned', 'abandonedCallsCount', count]]

/** Which figures each source has; sources that are not here have no public fields, and their rows go out whole. */
const SOURCES: Readonly<Record<string, { readonly kind: Stats['subject']['kind']; readonly rules: readonly Rule[]; readonly now?: true }>> = {
  AGENT_STATISTIC: { kind: 'agent', rules: AGENT },
  ACD_STATUS: { kind: 'account', rules: [['maxWait', 'longestQueueTime', seconds]], now: true },
  CAMPAIGN_STATE: { kind: 'campaign', rules: [], now: true },
  INBOUND_CAMPAIGN_STATISTICS: { kind: 'campaign', rules: INBOUND },
  OUTBOUND_CAMPAIGN_STATISTICS: { kind: 'campaign', rules: [] },
  OUTBOUND_CAMPAIGN_MANAGER: { kind: 'campaign', rules: OUTBOUND }
}

/** `range` of the filter as the window of the figures; the default of the system is the day (five9.md 3.6). */
export function windowOf (filter: Fields | undefined): Stats['window'] {
  const range = textOf(filter ?? {}, 'range')
  if (range === 'ROLLING_HOUR') return { kind: 'rolling', seconds: 3600 }
  return { kind: range === undefined || range === 'CURRENT_DAY' ? 'day' : 'other' }
}

/** The figures of a row, or undefined for a source that holds none. */
export function statsOfRow (memory: Memory, source: string, id: string, row: Fields): Stats | undefined {
  const entry = Object.hasOwn(SOURCES, source) ? SOURCES[source] : undefined
  if (entry === undefined || (source === 'ACD_STATUS' && id !== TOTALS.ACD_STATUS)) return undefined
  const isTotal = TOTALS[source] === id
  const kind = isTotal ? 'account' as const : entry.kind
  const name = isTotal ? undefined : kind === 'agent' ? memory.reference.user(id)?.name : memory.reference.name('campaigns', id)
  const metrics: Stats['metrics'] = {}
  for (const [metric, field, convert] of entry.rules) {
    const value = number(row[field])
    if (value !== undefined && value >= 0) metrics[metric] = convert(value)
  }
  return {
    subject: defined({ kind, id: isTotal ? memory.credentials.identity?.orgId ?? 'domain' : id, name }), window: entry.now === true ? { kind: 'now' } : windowOf(memory.statistics.filter), metrics, source: 'vendor',
    vendorMetrics: { dataSource: source, ...row, ...dispositionNames(memory, row) }
  }
}

/** Counts by the name of the disposition beside those by id; negative ids are the system's own. */
function dispositionNames (memory: Memory, row: Fields): { dispositionsByName?: Record<string, number> } {
  if (!isFields(row.dispositions)) return {}
  const named: Record<string, number> = {}
  for (const [id, told] of Object.entries(row.dispositions)) {
    const name = memory.reference.name('dispositions', id)
    const value = number(told)
    if (name !== undefined && name !== '__proto__' && value !== undefined) named[name] = (named[name] ?? 0) + value
  }
  return Object.keys(named).length === 0 ? {} : { dispositionsByName: named }
}

/** A queue by its row of ACD_STATUS. */
export function queueOfRow (memory: Memory, id: string, row: Fields): Queue {
  const wait = number(row.currentLongestQueueTime)
  const agents = defined({ assigned: number(row.agentsActive), loggedIn: number(row.agentsLoggedIn), ready: number(row.agentsInQueue), notReady: number(row.agentsNotReadyForCalls), busy: number(row.agentsOnCall) })
  return defined({
    id, name: memory.reference.name('skills', id), waiting: number(row.callsInQueue), longestWaitSeconds: wait === undefined ? undefined : wait / 1000,
    callbacksWaiting: number(row.callbacksInQueue), voicemailsWaiting: number(row.voicemailsInQueue), agents: Object.keys(agents).length === 0 ? undefined : agents
  }) as Queue
}

export function isQueueRow (source: string, id: string): boolean {
  return source === 'ACD_STATUS' && id !== TOTALS.ACD_STATUS && id !== ''
}

export function queueDrafts (scope: Scope, { id, after }: RowChange): EventDraft[] {
  if (after === undefined) return []
  const queue = queueOfRow(scope.memory, id, after)
  return samePlain(scope.picture.queue(id), queue) ? [] : [draft(scope, 'queue.updated', { queue })]
}

/** A snapshot of one queue, by event 29 or by request; field names of the sheet's one source (five9.md 3.6). */
export function queueOfSnapshot (memory: Memory, id: string, told: Fields, known: Queue | undefined): Queue {
  const wait = number(told.maxQueueDuration)
  const calls = Array.isArray(told.inQueueCalls) ? told.inQueueCalls.length : number(told.inQueueCalls)
  const ready = Array.isArray(told.readyForCallAgentsIds) ? told.readyForCallAgentsIds.length : undefined
  return defined({
    ...known, id, name: memory.reference.name('skills', id), waiting: number(told.inQueueCallCount) ?? calls ?? known?.waiting, callbacksWaiting: number(told.inQueueCallbackCount) ?? known?.callbacksWaiting,
    longestWaitSeconds: wait === undefined ? known?.longestWaitSeconds : wait / 1000, agents: ready === undefined ? known?.agents : { ...known?.agents, ready }
  }) as Queue
}

/** 29: snapshots of the skills that the agent has subscribed to. */
const snapshots: Reducer = (scope) => {
  const { frame, memory, picture } = scope
  const rows = objects(Array.isArray(frame.payload) ? frame.payload : [frame.payload]).filter((row) => textOf(row, 'skillId', 'id') !== undefined)
  if (rows.length === 0) return asVendor(scope)
  return rows.flatMap((row) => {
    const id = textOf(row, 'skillId', 'id') ?? ''
    const known = picture.queue(id)
    const queue = queueOfSnapshot(memory, id, row, known)
    return samePlain(known, queue) ? [] : [draft(scope, 'queue.updated', { queue })]
  })
}

/** 62 to 64, 200 to 202: figures whose fields are not public; they go out as they are. */
function opaque (kind: Stats['subject']['kind']): Reducer {
  return (scope) => {
    const { frame, memory } = scope
    if (!isFields(frame.payload)) return asVendor(scope)
    const id = textOf(frame.payload, kind === 'queue' ? 'skillId' : 'agentId', 'id') ?? memory.uid
    const name = kind === 'queue' ? memory.reference.name('skills', id) : memory.reference.user(id)?.name
    const metrics = fields(frame.payload)
    return [draft(scope, 'stats.updated', { stats: { subject: defined({ kind, id, name }), window: { kind: 'other' }, metrics: {}, source: 'vendor', vendorMetrics: { ...metrics } } })]
  }
}

export const FIGURE_REDUCERS: Readonly<Record<string, Reducer>> = {
  29: snapshots, 62: opaque('agent'), 63: asVendor, 64: opaque('agent'), 200: opaque('agent'), 201: opaque('agent'), 202: opaque('queue')
}

/** Key by which figures of one subject replace each other before they are told. */
export function statsKey ({ subject, vendorMetrics }: Stats): string {
  return `${subject.kind} ${subject.id} ${text(fields(vendorMetrics).dataSource) ?? ''}`
}
