/** Figures of queues (xivo-cti.md 3.8, 4.6): counts of now become the queue, sums of a time become metrics. */
import type { Metric, Stats } from '../model'
import type { EventDraft } from '../session/types'
import { fields, lookup, number, type Fields } from './read'
import { queueDrafts } from './queueMapping'
import { draft, type Reducer } from './scope'
import { queueId, type Tables } from './tables'

/** Vendor's figure -> metric and its factor: the vendor counts in percent. */
const METRICS: Readonly<Record<string, readonly [Metric, number]>> = {
  'Xivo-Join': ['offered', 1],
  'Xivo-Link': ['answered', 1],
  'Xivo-Lost': ['abandoned', 1],
  'Xivo-Qos': ['serviceLevel', 0.01],
  'Xivo-Holdtime-avg': ['avgWait', 1],
  'Xivo-Holdtime-max': ['maxWait', 1]
}

/** The figures of one queue. `""` means that there is none. */
export function statsOf (tables: Tables, queue: string, figures: Fields, window: Stats['window'], serviceLevelSeconds?: number): Stats {
  const metrics: Stats['metrics'] = {}
  const vendorMetrics: Record<string, number> = {}
  for (const [key, value] of Object.entries(figures)) {
    const told = number(value)
    if (told === undefined) continue
    vendorMetrics[key] = told
    const metric = lookup(METRICS, key)
    if (metric !== undefined) metrics[metric[0]] = Math.round(told * metric[1] * 10_000) / 10_000
  }
  if (serviceLevelSeconds !== undefined) metrics.serviceLevelSeconds = serviceLevelSeconds
  const { name } = tables.queueRef(queue)
  return { subject: { kind: 'queue', id: queueId(queue), ...(name === undefined ? {} : { name }) }, window, metrics, source: 'vendor', vendorMetrics }
}

export const reduceFigures: Reducer = (scope) => {
  const { tables } = scope
  const drafts: EventDraft[] = []
  for (const [queue, value] of Object.entries(fields(scope.message.stats))) {
    const figures = fields(value)
    const counts = Object.fromEntries(Object.entries(figures).filter(([key]) => lookup(METRICS, key) === undefined && key !== 'Xivo-Rate'))
    const known: Record<string, unknown> = { ...tables.figures.get(queue), ...counts }
    // The longest wait is left out when nobody waits (xivo-cti.md 4.6).
    if (number(known['Xivo-WaitingCalls']) === 0) delete known['Xivo-LongestWaitTime']
    tables.figures.set(queue, known)
    if (!tables.synced || !tables.watches('queues', queue)) continue
    drafts.push(...queueDrafts(scope, queue))
    drafts.push(draft(scope, 'stats.updated', { stats: statsOf(tables, queue, figures, { kind: 'now' }) }))
  }
  return drafts
}
