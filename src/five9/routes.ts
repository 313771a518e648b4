/**
 * Every request by name: half, method, path, body (five9.md 3). Paths are attested; bodies marked S there are our convention, so all of it can be replaced by
 * the account's advanced settings. `{name}` is a parameter; a body field whose parameter is absent is left out.
 */
import { CtiError } from '../model'
import type { Five9Advanced } from './options'
import type { Half } from './protocol'
import { isFields, lookup } from './read'

interface Route { readonly half: Half; readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'; readonly path: string; readonly body?: unknown }

const agent = (method: Route['method'], path: string, body?: unknown): Route => ({ half: 'agent', method, path, body })
const supervisor = (method: Route['method'], path: string, body?: unknown): Route => ({ half: 'supervisor', method, path, body })

const MY = '/agents/{uid}'
const CALLS = `${MY}/interactions/calls`
const CALL = `${CALLS}/{callId}`
const SUP = '/supervisors/{uid}'
const AGENT = `${SUP}/agents/{agentId}`
const ORG = '/orgs/{oid}'

const toAgent = { agentId: '{agentId}', warm: '{warm}' }
const toSkill = { skillId: '{skillId}', warm: '{warm}' }
const toNumber = { number: '{number}', warm: '{warm}', skipDNCCheck: '{skipDnc}' }
const toCampaign = { campaignId: '{campaignId}', warm: '{warm}' }
const toSpeedDial = { speedDialId: '{speedDialId}', warm: '{warm}' }
const WHOLE = '{body}'

export const ROUTES = {
  calls: agent('GET', CALLS),
  call: agent('GET', CALL),
  make_external_call: agent('POST', `${MY}/interactions/make_external_call`, { number: '{number}', skipDNCCheck: '{skipDnc}', checkMultipleContacts: true, campaignId: '{campaignId}' }),
  click_to_dial: agent('GET', `${ORG}/interactions/click_to_dial`),
  make_agent_call: agent('POST', `${MY}/interactions/make_agent_call`, { agentId: '{agentId}' }),
  make_skill_call: agent('POST', `${MY}/interactions/make_skill_call`, { skillId: '{skillId}', skipDNCCheck: '{skipDnc}' }),
  make_speed_dial_call: agent('POST', `${MY}/interactions/make_speed_dial_call`, { speedDialId: '{speedDialId}', campaignId: '{campaignId}' }),
  make_test_call: agent('POST', `${MY}/interactions/make_test_call`),
  return_missed_call: agent('POST', `${MY}/interactions/return_missed_call`),
  answer: agent('PUT', `${CALL}/answer`),
  reject: agent('PUT', `${CALL}/reject`),
  hold: agent('PUT', `${CALL}/hold`),
  unhold: agent('PUT', `${CALL}/unhold`),
  park: agent('PUT', `${CALL}/park`),
  retrieve: agent('PUT', `${CALL}/retrieve`),
  disconnect: agent('PUT', `${CALL}/disconnect`),
  dispose: agent('PUT', `${CALL}/dispose`, { dispositionId: '{dispositionId}' }),
  start_recording: agent('PUT', `${CALL}/start_recording`),
  stop_recording: agent('PUT', `${CALL}/stop_recording`),
  pause_recording: agent('PUT', `${CALL}/pause_recording`),
  resume_recording: agent('PUT', `${CALL}/resume_recording`),
  transfer_to_agent: agent('PUT', `${CALL}/transfer_to_agent`, toAgent),
  transfer_to_skill: agent('PUT', `${CALL}/transfer_to_skill`, toSkill),
  transfer_to_external_number: agent('PUT', `${CALL}/transfer_to_external_number`, toNumber),
  transfer_to_campaign: agent('PUT', `${CALL}/transfer_to_campaign`, toCampaign),
  transfer_to_speed_dial: agent('PUT', `${CALL}/transfer_to_speed_dial`, toSpeedDial),
  transfer_to_call: agent('PUT', `${CALL}/transfer_to_call`, { callId: '{otherCallId}' }),
  complete_transfer: agent('PUT', `${CALL}/complete_transfer`),
  cancel_transfer: agent('PUT', `${CALL}/cancel_transfer`),
  add_agent_to_conference: agent('POST', `${CALL}/add_agent_to_conference`, toAgent),
  add_skill_to_conference: agent('POST', `${CALL}/add_skill_to_conference`, toSkill),
  add_external_to_conference: agent('POST', `${CALL}/add_external_to_conference`, toNumber),
  add_campaign_to_conference: agent('POST', `${CALL}/add_campaign_to_conference`, toCampaign),
  add_speed_dial_to_conference: agent('POST', `${CALL}/add_speed_dial_to_conference`, toSpeedDial),
  add_to_conference: agent('PUT', `${CALL}/add_to_conference`),
  complete_warm_conference: agent('POST', `${CALL}/complete_warm_conference`),
  disconnectConferenceParticipant: agent('PUT', `${CALL}/disconnectConferenceParticipant`, { participantId: '{participantId}' }),
  leave_conference: agent('PUT', `${CALL}/leave_conference`),
  transferable_agents: agent('GET', `${MY}/transferable_agents`),
  play_prompt: agent('PUT', `${CALL}/audio/player/play_prompt`, { value: '{promptId}' }),
  audio_player_stop: agent('PUT', `${CALL}/audio/player/stop`),
  add_number_to_dnc: agent('PUT', `${MY}/add_number_to_dnc`, { number: '{number}' }),
  variables_2: agent('PUT', `${CALL}/variables_2`, WHOLE),
  call_variables: agent('PUT', `${CALL}/call_variables`, WHOLE),
  call_contacts: agent('GET', `${CALL}/contacts`),
  update_contact: agent('PUT', `${CALL}/update_contact`, { id: '{id}', fields: '{fields}', modificationTime: '{modificationTime}' }),
  contacts: agent('GET', `${ORG}/contacts`),
  presence: agent('GET', `${MY}/presence`),
  set_presence: agent('PUT', `${MY}/presence`, WHOLE),
  active_skills: agent('GET', `${MY}/active_skills`),
  set_active_skills: agent('PUT', `${MY}/active_skills`, WHOLE),
  skills: agent('GET', `${MY}/skills`),
  me: agent('GET', MY),
  station: agent('GET', `${MY}/station`),
  station_restart: agent('PUT', `${MY}/station/restart`, { value: null }),
  can_stop_session: agent('GET', `${MY}/can_stop_session`),
  callbacks: agent('GET', `${MY}/callbacks`),
  add_callback: agent('POST', `${MY}/callbacks`, { number: '{number}', time: '{time}', campaignId: '{campaignId}', comments: '{comments}' }),
  delete_callback: agent('DELETE', `${MY}/callbacks/{callbackId}`),
  voicemails: agent('GET', `${MY}/interactions/voicemails`),
  voicemail: agent('GET', `${MY}/interactions/voicemails/{voicemailId}`),
  voicemail_mark_as_read: agent('PUT', `${MY}/interactions/voicemails/{voicemailId}/mark_as_read`),
  voicemail_delete: agent('DELETE', `${MY}/interactions/voicemails/{voicemailId}`),
  history: agent('POST', `${MY}/history`, { limit: '{limit}' }),
  history_next: agent('PUT', `${MY}/history/{viewId}/next`),

  agents: supervisor('GET', `${SUP}/agents`),
  agent: supervisor('GET', `${AGENT}?include=skills`),
  agent_states: supervisor('GET', `${ORG}/agent_states`),
  agent_presence: supervisor('PUT', `${AGENT}/presence`, WHOLE),
  agent_active_skills: supervisor('PUT', `${AGENT}/active_skills`, WHOLE),
  monitor: supervisor('PUT', `${AGENT}/monitor`, { monitorType: '{mode}' }),
  recording_state: supervisor('PUT', `${AGENT}/recording_state`, { recording: '{recording}' }),
  recording_views: supervisor('POST', `${AGENT}/recording_views`, { limit: '{limit}', sortField: 'CREATED', ascending: false, showUploaded: true }),
  recording_views_next: supervisor('PUT', `${AGENT}/recording_views/{viewId}/next`),
  voicemail_views: supervisor('POST', `${AGENT}/voicemail_views`, { limit: '{limit}' }),
  parked_calls: supervisor('GET', `${AGENT}/parked_calls`),
  session_history: supervisor('GET', `${AGENT}/session_history`),
  auxiliary_stats: supervisor('GET', `${AGENT}/auxiliary_stats`),
  user_sessions: supervisor('GET', `${ORG}/user_sessions`),
  user_logout: supervisor('PUT', `${ORG}/user_sessions/{sessionId}/logout`),
  skill_snapshot: supervisor('GET', `${SUP}/skills/{skillId}/snapshot`),
  stats_filter: supervisor('GET', `${SUP}/stats_filter_settings`),
  set_stats_filter: supervisor('PUT', `${SUP}/stats_filter_settings`, WHOLE),
  request_full_statistics: supervisor('PUT', `${SUP}/request_full_statistics`),
  stats_metadata: supervisor('GET', `${SUP}/stats_metadata`),
  skill_subscribe: supervisor('PUT', `${SUP}/interactions/skills/{skillId}/subscribe`),
  skill_unsubscribe: supervisor('PUT', `${SUP}/interactions/skills/{skillId}/unsubscribe`),
  campaign_start: supervisor('PUT', `${ORG}/campaigns/{campaignId}/start`),
  campaign_stop: supervisor('PUT', `${ORG}/campaigns/{campaignId}/stop`),
  campaign_reset: supervisor('PUT', `${ORG}/campaigns/{campaignId}/reset`),
  migrate: supervisor('PUT', `${SUP}/migrate`),
  migrate_post: supervisor('POST', `${SUP}/migrate?migrateToMaintenanceHost=true`)
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof ROUTES
/** Values of the placeholders. */
export type RouteValues = Readonly<Record<string, unknown>>

interface Built { readonly half: Half; readonly method: string; readonly path: string; readonly body?: unknown }

/**
 * The request of that name with its parameters put in.
 * @throws CtiError CTI_INVALID_REQUEST when the path needs a parameter that is not given
 */
export function build (name: RouteName, values: RouteValues, advanced: Five9Advanced): Built {
  const route: Route = ROUTES[name]
  const template = lookup(advanced.bodies ?? {}, name) ?? route.body
  const body = template === undefined ? undefined : filled(template, values)
  return {
    half: route.half,
    method: lookup(advanced.methods ?? {}, name) ?? route.method,
    path: (lookup(advanced.paths ?? {}, name) ?? route.path).replace(/\{(\w+)\}/g, (_all, key: string) => segment(key, values)),
    ...(body === undefined ? {} : { body })
  }
}

function segment (key: string, values: RouteValues): string {
  const value = lookup(values, key)
  if (typeof value === 'string' && value !== '' && value !== '.' && value !== '..') return encodeURIComponent(value)
  throw new CtiError('CTI_INVALID_REQUEST', `The request needs "${key}".`, { vendor: 'five9', retryable: false })
}

/** A template with its placeholders replaced: `"{x}"` alone by the value itself, inside a text by its text. */
function filled (template: unknown, values: RouteValues): unknown {
  if (typeof template === 'string') {
    const whole = /^\{(\w+)\}$/.exec(template)
    return whole === null ? template.replace(/\{(\w+)\}/g, (_all, key: string) => String(lookup(values, key) ?? '')) : lookup(values, whole[1])
  }
  if (Array.isArray(template)) return template.map((item) => filled(item, values)).filter((item) => item !== undefined)
  if (!isFields(template)) return template
  return Object.fromEntries(Object.entries(template).map(([key, part]) => [key, filled(part, values)]).filter(([, part]) => part !== undefined))
}
