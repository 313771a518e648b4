/** Words of the Webex Calling API (webex-calling.md 3, 4). */
import type { Call, Conference, Reason } from '../model'
import type { Json } from './read'

/** Resources that webhooks are made for. */
export const CALL_RESOURCES = ['telephony_calls', 'telephony_mwi', 'telephony_conference'] as const
export const BOT_RESOURCES = ['messages', 'attachmentActions'] as const
/** Interest -> resource that it switches on (webex-calling.md 4.6). Actors (`Workspaces`, `Virtual Lines`) have none of their own. */
export const GATED_RESOURCES: Readonly<Record<string, string>> = {
  'Hook Status': 'telephony_hookstatus',
  Agent: 'telephony_agent',
  Services: 'telephony_services',
  'Agent Monitoring': 'telephony_agentMonitoring',
  Queue: 'telephony_queue',
  'Queue Monitoring': 'telephony_queueMonitoring'
}
export const ACTORS: ReadonlySet<string> = new Set(['Workspaces', 'Virtual Lines'])

/** What a webhook delivers (webex-calling.md 4.3). Its id and time are those of the webhook, not of the event. */
export interface Envelope {
  readonly resource: string
  readonly event: string
  readonly webhookId?: string
  /** Whose call or mailbox it is. */
  readonly actorId?: string
  /** Who made the webhook. */
  readonly createdBy?: string
  readonly data: Json
  readonly raw: Json
}

export const INTERNAL: ReadonlySet<string> = new Set(['location', 'organization'])
export const EXTERNAL: ReadonlySet<string> = new Set(['external', 'emergency'])

/** `redirections[].reason` in the model's words; what is not here is unknown. */
export const REDIRECT_REASONS: Readonly<Record<string, Reason>> = {
  busy: 'busy',
  noAnswer: 'noAnswer',
  unavailable: 'notReachable',
  unconditional: 'forwarded',
  timeOfDay: 'forwarded',
  followMe: 'forwarded',
  divert: 'transferred',
  huntGroup: 'overflow',
  callQueue: 'overflow'
}

export const RECORDING_STATES: Readonly<Record<string, NonNullable<Call['recording']>['state']>> = {
  pending: 'pending', started: 'on', paused: 'paused', stopped: 'off', failed: 'failed'
}

export const CONFERENCE_STATES: Readonly<Record<string, Conference['state']>> = { connected: 'active', held: 'held', disconnected: 'ended' }
export const CONFERENCE_KINDS: Readonly<Record<string, Conference['kind']>> = { bargeIn: 'bargeIn', silentMonitoring: 'listen', coaching: 'whisper' }
