/** The vendor's own words: event ids, states, message types (five9.md 2.2, 4, 8). */
import type { Fields } from './read'

/** The two halves of the API, each with a context path, a session and a socket of its own. */
export type Half = 'agent' | 'supervisor'
export const CONTEXTS: Readonly<Record<Half, string>> = { agent: '/appsvcs/rs/svc', supervisor: '/supsvcs/rs/svc' }
/** Context of recordings and attachments. */
export const STREAMS = '/strsvcs/rs/svc'
export const SOCKETS: Readonly<Record<Half, string>> = { agent: '/appsvcs/ws/', supervisor: '/supsvcs/sws/' }
export const SOCKET_SUFFIX: Readonly<Record<Half, string>> = { agent: '_agent', supervisor: '_super' }

/** One frame of a socket, read. */
export interface Frame {
  /** `context.eventId`, which is text there. */
  readonly id: string
  readonly messageId?: string
  /** Characters of the message: two that share an id but not this are not the same. */
  readonly size?: number
  /** ms on the vendor's clock; the time of arrival when the frame tells none. */
  readonly at: number
  readonly timed: boolean
  readonly payload: unknown
  /** As it was parsed, nothing dropped. */
  readonly raw: Fields
}

export const EVENT = {
  loginState: '17',
  serverUnavailable: '1000',
  switchoverGraceful: '1001',
  switchoverForced: '1002',
  eventServerUnavailable: '1003',
  farm: '1004',
  connected: '1010',
  duplicate: '1020',
  pong: '1202',
  statistics: '5000',
  incrementalStatistics: '5012'
} as const

/** Names of the events, for `vendor.<name>` of what has no neutral word (five9.md 4.2 to 4.4). */
export const EVENT_NAMES: Readonly<Record<string, string>> = {
  1: 'FIVE9_EXCEPTION_DETAILS', 2: 'INCOMING_PREVIEW', 3: 'CALL_CREATED', 4: 'CALL_UPDATED', 5: 'CALL_DELETED', 6: 'INTERACTION_SESSION_UPDATED',
  7: 'CONFIGURATION_UPDATED', 8: 'PREVIEW_CREATED', 9: 'PREVIEW_DELETED', 10: 'PREVIEW_UPDATED', 11: 'ACTIVE_SKILLS_UPDATED', 12: 'PRESENCE_UPDATED',
  13: 'OPTIONS_UPDATED', 14: 'PERMISSIONS_UPDATED', 15: 'AGENTS_READY_PRESENCES_SUBSCRIPTION_UPDATE', 16: 'SUBSCRIPTION_UPDATED', 17: 'LOGIN_STATE_UPDATED',
  18: 'STATION_UPDATED', 19: 'AGENT_REMOVED_FROM_SKILL', 20: 'INCOMING_QUEUE_CALLBACK', 21: 'QUEUE_CALLBACK_CREATED', 22: 'QUEUE_CALLBACK_UPDATED',
  23: 'QUEUE_CALLBACK_DELETED', 24: 'VOICEMAILS_CREATED', 25: 'VOICEMAILS_UPDATED', 26: 'VOICEMAILS_DELETED', 27: 'INCOMING_VOICEMAIL',
  29: 'SKILL_STATS_SNAPSHOT_SUBSCRIPTION_UPDATE', 30: 'INCOMING_CALL', 31: 'CALL_FINISHED', 32: 'INTERACTION_SESSION_CREATED', 33: 'PENDING_CONNECTOR_CREATED',
  34: 'PENDING_CONNECTOR_DELETED', 36: 'ECHO_CALL_DELETED', 37: 'MAINTENANCE_ANNOUNCED', 39: 'AGENT_ADDED_TO_SKILL', 40: 'NO_ANSWER_ON_TRANSFERRED_CALL',
  41: 'AUDIO_PLAYER_UPDATED', 42: 'STATION_NEEDS_RESTART', 48: 'NOT_READY_REASON_CODES_UPDATED', 49: 'NOT_READY_REASON_CODES_DELETED',
  50: 'LOGOUT_REASON_CODES_UPDATED', 51: 'LOGOUT_REASON_CODES_DELETED', 52: 'CALL_QUALITY_UPDATED', 53: 'CALLBACK_CREATED', 54: 'CALLBACK_UPDATED',
  55: 'CALLBACK_DELETED', 57: 'RESOURCE_INVALIDATED', 58: 'TRANSFER_FAILED', 60: 'CALL_LOGGING_SETTINGS_CHANGED', 61: 'MANUAL_CALL_SETTINGS_CHANGED',
  62: 'DASHBOARD_SUBSCRIPTION_CREATED', 63: 'DASHBOARD_SUBSCRIPTION_DELETED', 64: 'DASHBOARD_SUBSCRIPTION_UPDATED', 65: 'MAKE_CALL_FAILED',
  66: 'CALL_VARIABLES_UPDATED', 67: 'CALL_VARIABLES_DELETED', 69: 'SOFTPHONE_DEFAULT_FLAGS_CHANGED', 70: 'MAINTENANCE_STARTED', 71: 'SWITCHED_TO_BACKUP_HOST',
  72: 'SWITCHED_TO_PRIMARY_HOST', 73: 'MAINTENANCE_COMPLETED', 74: 'CLICK_TO_DIAL_REQUEST', 75: 'CLICK_TO_DIAL_FAILED', 77: 'CONTACT_UPDATED',
  79: 'GRACEFUL_STATE_TRANSITION_SETTINGS_CHANGED', 81: 'LOGGING_CONFIG_CHANGED', 84: 'DOMAIN_USERS_CAN_MIGRATE', 200: 'GAMIFICATION_AGENT_STATISTIC',
  201: 'GAMIFICATION_DISPOSITION_STATISTIC', 202: 'GAMIFICATION_SKILL_STATISTIC', 1000: 'SERVER_UNAVAILABLE', 1001: 'SWITCHOVER_GRACEFUL',
  1002: 'SWITCHOVER_FORCED', 1003: 'EVENT_SERVER_UNAVAILABLE', 1004: 'FARM_EVENT', 5000: 'STATS', 5002: 'DISPOSITIONS_INVALIDATED', 5003: 'SKILLS_INVALIDATED',
  5004: 'AGENT_GROUPS_INVALIDATED', 5005: 'CAMPAIGNS_INVALIDATED', 5006: 'USERS_INVALIDATED', 5007: 'REASON_CODES_INVALIDATED',
  5008: 'CAMPAIGN_PROFILES_INVALIDATED', 5009: 'CAMPAIGN_OUT_OF_NUMBERS', 5010: 'LISTS_INVALIDATED', 5011: 'CAMPAIGN_LISTS_CHANGED',
  5012: 'INCREMENTAL_STATS_UPDATE', 5013: 'INCREMENTAL_USER_PROFILES_UPDATE', 5014: 'SKILL_INTERACTIONS_UPDATE', 6001: 'FILTER_SETTINGS_UPDATED',
  6002: 'AGENTS_INVALIDATED', 6003: 'SUPERVISOR_PERMISSIONS_UPDATED', 6004: 'RESET_CAMPAIGN_DISPOSITIONS_COMPLETED', 6005: 'MONITORING_STATE_UPDATED',
  6006: 'RANDOM_MONITORING_STARTED', 6007: 'FDS_REAL_TIME', 6008: 'INCREMENTAL_INTERACTIONS', 10000: 'INTERACTION_MESSAGES', 10001: 'COMPOSITE_AGENT_EVENTS'
}

/** Old duplicates of 8, 21 and 24, which say nothing of their own; 30 and 31 are taken for 3 and 5 (five9.md 4.7). */
export const REPEATS: ReadonlySet<string> = new Set(['2', '20', '27'])

export type LoginState = 'SELECT_STATION' | 'SELECT_SKILLS' | 'ACCEPT_NOTICE' | 'RELOGIN' | 'WORKING'
export const WORKING = 'WORKING'
export const OVER: ReadonlySet<string> = new Set(['WRAP_UP', 'FINISHED'])

/** Names of the channels in REST and in statistics, by ours (five9.md 3.3, 10 trap 14). */
export const CHANNELS = { voice: 'CALL', chat: 'CHAT', email: 'EMAIL', social: 'SOCIAL', voicemail: 'VOICE_MAIL', video: 'VIDEO' } as const
export type Channel = keyof typeof CHANNELS
