/** Figures of queues and agents (xsi.md 4.11; model.md 8). The vendor gives seconds; units are not stated there, the values look like it. */
import { samePlain, type Queue, type Stats } from '../model'
import type { EventDraft } from '../session/types'
import type { XsiNode } from './protocol'
import { child, defined, number } from './read'
import { countedQueue, toldQueue } from './queues'
import { draft, type Reducer, type ReducerTable } from './scope'

/** A figure is `{value, severity …}`, or plain for the numbers of agents. */
function figure (status: XsiNode | undefined, name: string): number | undefined {
  return number(child(status, name), 'value') ?? number(status, name)
}

function vendorFigures (status: XsiNode): Record<string, number> {
  const figures: Record<string, number> = {}
  for (const name in status) {
    const value = figure(status, name)
    if (value !== undefined) figures[name] = value
  }
  return figures
}

/** `monitoringStatus` of a call centre. */
export function mapQueueStats (status: XsiNode, id: string, name: string | undefined): Stats {
  return {
    subject: defined({ kind: 'queue' as const, id, name }),
    window: { kind: 'other' },
    metrics: defined({ avgHandle: figure(status, 'averageHandlingTime'), avgSpeedOfAnswer: figure(status, 'averageSpeedOfAnswer') }),
    source: 'vendor',
    vendorMetrics: vendorFigures(status)
  }
}

const queueMonitoring: Reducer = (scope, data) => {
  const status = child(data, 'monitoringStatus')
  if (status === undefined) return [draft(scope, `vendor.${scope.message.type}`)]
  const { id } = scope.target
  const known = scope.picture.queue(id)
  const counted = scope.context.hasQueueEvents(id)
  const told: Queue = {
    ...(counted ? countedQueue(scope, id) : toldQueue(scope, id)),
    ...defined({ estimatedWaitSeconds: figure(status, 'expectedWaitTime'), longestWaitSeconds: counted ? undefined : figure(status, 'longestWaitTime') }),
    agents: {
      ...known?.agents,
      ...defined({
        assigned: figure(status, 'numAgentsAssigned'),
        loggedIn: figure(status, 'numAgentsStaffed'),
        ready: figure(status, 'numStaffedAgentsIdle'),
        notReady: figure(status, 'numStaffedAgentsUnavailable')
      })
    }
  }
  const waiting = figure(status, 'numCallsInQueue')
  // The table of waiting calls is exact, the counter lags (model.md 8).
  if (!counted && waiting !== undefined) told.waiting = waiting
  const drafts: EventDraft[] = [draft(scope, 'stats.updated', { stats: mapQueueStats(status, id, told.name) })]
  if (!samePlain(known === undefined ? undefined : { ...known, longestWaitSeconds: undefined }, { ...told, longestWaitSeconds: undefined })) {
    drafts.push(draft(scope, 'queue.updated', { queue: told }))
  }
  return drafts
}

const agentMonitoring: Reducer = (scope, data) => {
  const status = child(data, 'monitoringStatus')
  if (status === undefined) return [draft(scope, `vendor.${scope.message.type}`)]
  const stats: Stats = {
    subject: defined({ kind: 'agent' as const, id: scope.target.id, name: scope.target.user?.name }),
    window: { kind: 'other' },
    metrics: defined({ avgTalk: figure(status, 'averageACDCallTime') }),
    source: 'vendor',
    vendorMetrics: vendorFigures(status)
  }
  return [draft(scope, 'stats.updated', { stats })]
}

export const FIGURE_REDUCERS: ReducerTable = {
  CallCenterMonitoringEvent: queueMonitoring,
  CallCenterAgentMonitoringEvent: agentMonitoring,
  CallCenterAgentMonitoringSubscriptionEvent: agentMonitoring
}
