/** From a frame to neutral events, one row an event id (five9.md 4, 7.1; model.md 3, 4, 8). No I/O. */
import { samePlain } from '../model'
import type { EventDraft } from '../session/types'
import { AGENT_REDUCERS } from './agentMapping'
import { CALL_REDUCERS } from './callMapping'
import { FIGURE_REDUCERS, isQueueRow, queueDrafts, statsOfRow } from './figureMapping'
import { EVENT, REPEATS } from './protocol'
import { fields, textOf } from './read'
import { asVendor, draft, type Reducer, type Scope } from './scope'
import type { SourceChange } from './statistics'
import { agentRowDrafts } from './supervisorMapping'

const AGENTS = 'AGENT_STATE'

/** Figures of changed rows: `stats.updated` each time, the outlet tells it once an interval. */
export function figureDrafts (scope: Scope, { source, rows }: SourceChange): EventDraft[] {
  return rows.flatMap(({ id, before, after }) => {
    const stats = after === undefined || samePlain(before, after) ? undefined : statsOfRow(scope.memory, source, id, after)
    return stats === undefined ? [] : [draft(scope, 'stats.updated', { stats })]
  })
}

/** What changed rows mean. */
function rowDrafts (scope: Scope, change: SourceChange): EventDraft[] {
  const { source, rows } = change
  if (source === AGENTS) return rows.flatMap((row) => agentRowDrafts(scope, row))
  return [...rows.flatMap((row) => isQueueRow(source, row.id) ? queueDrafts(scope, row) : []), ...figureDrafts(scope, change)]
}

/** Sources without figures or agents of ours: passed on under their name, nothing is lost. */
const NEUTRAL: ReadonlySet<string> = new Set([
  AGENTS, 'ACD_STATUS', 'AGENT_STATISTIC', 'CAMPAIGN_STATE', 'INBOUND_CAMPAIGN_STATISTICS', 'OUTBOUND_CAMPAIGN_STATISTICS', 'OUTBOUND_CAMPAIGN_MANAGER', 'USER_SESSION'
])

const increments: Reducer = (scope) => {
  const changes = scope.memory.statistics.merge(scope.frame.payload)
  const drafts = changes.flatMap((change) => rowDrafts(scope, change))
  return changes.some(({ source }) => !NEUTRAL.has(source)) || changes.length === 0 ? [...drafts, ...asVendor(scope)] : drafts
}

const MODES: Readonly<Record<string, 'listen' | 'whisper' | 'bargeIn'>> = { SILENT: 'listen', WHISPER: 'whisper', BARGE_IN: 'bargeIn' }

/** 6005: somebody listens to an agent, or has stopped. Its fields are not public: what can be read is told of the agent's leg. */
const monitored: Reducer = (scope) => {
  const { frame, memory, picture } = scope
  const told = fields(frame.payload)
  const agentId = textOf(told, 'agentId', 'monitoredAgentId') ?? memory.monitoring
  const word = textOf(told, 'monitorType', 'mode', 'type', 'state')?.toUpperCase() ?? ''
  const leg = picture.callsOf(agentId ?? '').find(({ state }) => state === 'active' || state === 'held')
  const news = asVendor(scope)
  const mode = Object.hasOwn(MODES, word) ? MODES[word] : undefined
  if (leg === undefined) return news
  if (mode !== undefined) return [draft(scope, 'call.monitored', { call: { ...leg, monitoredBy: { party: { ...memory.userRef(memory.uid), userId: memory.uid, kind: 'user' }, mode } } }), ...news]
  if (leg.monitoredBy === undefined || !/NONE|STOP|OFF/.test(word)) return news
  const call = { ...leg }
  delete call.monitoredBy
  return [draft(scope, 'call.updated', { call, changes: ['monitoredBy'] }), ...news]
}

const silent: Reducer = () => []

const REDUCERS: Readonly<Record<string, Reducer>> = {
  ...CALL_REDUCERS,
  ...AGENT_REDUCERS,
  ...FIGURE_REDUCERS,
  [EVENT.incrementalStatistics]: increments,
  6005: monitored,
  // A full snapshot is compared with the picture, see `snapshot.ts`; these are the connection's own.
  [EVENT.statistics]: silent,
  [EVENT.connected]: silent,
  [EVENT.pong]: silent,
  [EVENT.duplicate]: silent
}

/**
 * What one frame means. Folds it into the memory, which belongs to the caller, and reads the picture; nothing else.
 * @returns 0..n drafts in the order in which they must be sent
 */
export function reduce (scope: Scope): EventDraft[] {
  const { id } = scope.frame
  if (REPEATS.has(id)) return []
  return (Object.hasOwn(REDUCERS, id) ? REDUCERS[id] ?? asVendor : asVendor)(scope)
}
