/** What a supervisor does: listen in, whisper, join; campaigns, statistics, force a state (five9.md 3.5, 3.6). */
import type { ActionSpec } from '../../model'
import type { ActionTable } from '../../session/types'
import { queueOfSnapshot, windowOf } from '../figureMapping'
import type { RouteName } from '../routes'
import { fields, isFields } from '../read'
import { command, forbidden, invalid, named, notFound, userOf, type Access, type Run } from './tools'

const EXTRA_MS = 10_000
const extra = (params: ActionSpec['params'] = {}, repeatable = true): ActionSpec => ({ group: 'agent', subject: 'account', params, repeatable, timeoutMs: EXTRA_MS })
const lookupOf = (params: ActionSpec['params'] = {}): ActionSpec => ({ group: 'lookup', subject: 'account', params, repeatable: true, timeoutMs: EXTRA_MS })

/** "Starts and stops": the mode says which (five9.md 3.7, S). */
const MODES = { listen: 'SILENT', whisper: 'WHISPER', bargeIn: 'BARGE_IN' } as const

function monitor (access: Access, mode: string): Run {
  return async (request, context) => {
    const { memory } = access
    if (!memory.isSupervisor) throw forbidden('Only a supervisor can listen in: choose the role "supervisor" or "both" in the account.')
    const word = (request.target as string | undefined) ?? (request.callId === undefined ? undefined : context.leg?.owner.id)
    if (word === undefined) throw invalid('Say whose call with "target" or "callId".')
    const agentId = userOf(access, word)
    await command(access, context, 'monitor', { agentId, mode })
    memory.monitoring = agentId
    return {}
  }
}

const stopListen = (access: Access): Run => async (request, context) => {
  const { memory } = access
  const word = (request.target as string | undefined) ?? (request.callId === undefined ? undefined : context.leg?.owner.id)
  const agentId = word === undefined ? memory.monitoring : userOf(access, word)
  if (agentId === undefined) throw notFound('Nobody is being listened to.')
  await command(access, context, 'monitor', { agentId, mode: 'NONE' })
  if (memory.monitoring === agentId) memory.monitoring = undefined
  return {}
}

function onCampaign (access: Access, route: RouteName): Run {
  return async (request, context) => {
    const campaignId = named(access, 'campaigns', request.campaign as string, 'campaign')
    const { body } = await command(access, context, route, { campaignId })
    return { data: access.memory.reference.ref('campaigns', campaignId), vendorReply: body }
  }
}

/** Reads the filter of the statistics, or changes fields of it: the form that was read goes back (five9.md 3.6). */
const filter = (access: Access): Run => async (request, context) => {
  const before = fields((await command(access, context, 'stats_filter')).body)
  if (request.filter === undefined) return { data: before }
  const wanted = request.filter as Record<string, unknown>
  const body = { ...before, ...wanted }
  const reply = await command(access, context, 'set_stats_filter', { body })
  const now = isFields(reply.body) ? reply.body : body
  access.memory.statistics.filter = now
  // What was filtered out before comes with the next full statistics only.
  await command(access, context, 'request_full_statistics')
  return { data: now }
}

const requestStatistics = (access: Access): Run => async (_request, context) => {
  await command(access, context, 'request_full_statistics')
  return {}
}

/** Rows as they stand, merged from all frames. */
const statistics = (access: Access): Run => async (request) => {
  const { statistics: store } = access.memory
  const source = request.source as string | undefined
  if (source === undefined) return { items: store.names.map((name) => ({ dataSource: name, rows: store.rows(name).size })) }
  return { items: [...store.rows(source).values()], data: { window: windowOf(store.filter) } }
}

const snapshot = (access: Access): Run => async (request, context) => {
  const skillId = named(access, 'skills', request.queue as string, 'skill')
  const { body } = await command(access, context, 'skill_snapshot', { skillId })
  return { items: [queueOfSnapshot(access.memory, skillId, fields(body), context.picture.queue(skillId))], vendorReply: body }
}

/** Text interactions of a queue then come as `vendor.SKILL_INTERACTIONS_UPDATE`. */
const watchQueue = (access: Access): Run => async (request, context) => {
  await command(access, context, request.enabled === false ? 'skill_unsubscribe' : 'skill_subscribe', { skillId: named(access, 'skills', request.queue as string, 'skill') })
  return {}
}

/** What is kept of one agent beside his state; the fields are not public and go out as they come (five9.md 3.5). */
const ofAgent = (access: Access, route: RouteName): Run => async (request, context) => {
  const { body } = await command(access, context, route, { agentId: userOf(access, request.agent as string) })
  return { items: Array.isArray(body) ? body : [body] }
}

export function supervisorActions (access: Access): ActionTable {
  const campaign = { campaign: { kind: 'string', required: true } } as const
  const agent = { agent: { kind: 'string', required: true } } as const
  return {
    listen: { run: monitor(access, MODES.listen) },
    whisper: { run: monitor(access, MODES.whisper) },
    bargeIn: { run: monitor(access, MODES.bargeIn) },
    stopListen: { run: stopListen(access) },
    'five9.startCampaign': { spec: extra(campaign), run: onCampaign(access, 'campaign_start') },
    'five9.stopCampaign': { spec: extra(campaign), run: onCampaign(access, 'campaign_stop') },
    'five9.resetCampaign': { spec: extra(campaign, false), run: onCampaign(access, 'campaign_reset') },
    'five9.statisticsFilter': { spec: lookupOf({ filter: { kind: 'object' } }), run: filter(access) },
    'five9.requestStatistics': { spec: extra(), run: requestStatistics(access) },
    'five9.statistics': { spec: lookupOf({ source: { kind: 'string' } }), run: statistics(access) },
    'five9.watchQueue': { spec: extra({ queue: { kind: 'string', required: true }, enabled: { kind: 'boolean' } }), run: watchQueue(access) },
    'five9.parkedCalls': { spec: lookupOf(agent), run: ofAgent(access, 'parked_calls') },
    'five9.sessionHistory': { spec: lookupOf(agent), run: ofAgent(access, 'session_history') },
    'five9.auxiliaryStatistics': { spec: lookupOf(agent), run: ofAgent(access, 'auxiliary_stats') },
    'five9.queueSnapshot': { spec: lookupOf({ queue: { kind: 'string', required: true } }), run: snapshot(access) }
  }
}
