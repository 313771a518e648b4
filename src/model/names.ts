/** The words of the neutral model: platforms, events, states, reasons. `README.md` beside this file explains them to flow authors. */

export const PLATFORMS = ['xsi', 'xivo', 'five9', 'ipecs', 'webex'] as const
export type Platform = typeof PLATFORMS[number]

/** Product names as people know them, for messages and forms. */
export const PLATFORM_LABELS: Readonly<Record<Platform, string>> = {
  xsi: 'XSI (BroadWorks / Webex Calling)',
  xivo: 'XiVO CTI',
  five9: 'Five9',
  ipecs: 'iPECS Contact Center',
  webex: 'Webex Calling'
}

export const CALL_EVENTS = [
  'call.originated', 'call.remoteRinging', 'call.ringing', 'call.answered', 'call.held', 'call.resumed', 'call.transferred', 'call.conferenced',
  'call.queued', 'call.offered', 'call.dequeued', 'call.parked', 'call.unparked', 'call.redirected', 'call.recording', 'call.monitored',
  'call.updated', 'call.failed', 'call.ended', 'call.disposition'
] as const
export const AGENT_EVENTS = [
  'agent.loggedIn', 'agent.loggedOut', 'agent.ready', 'agent.notReady', 'agent.busy', 'agent.wrapUp', 'agent.updated', 'agent.queueJoined', 'agent.queueLeft'
] as const
export const OTHER_EVENTS = [
  'device.hook', 'device.registered', 'device.unregistered', 'user.presence', 'forwarding.changed', 'dnd.changed', 'voicemail.updated',
  'feature.changed', 'queue.updated', 'stats.updated', 'reference.changed'
] as const
export const CONNECTION_EVENTS = ['connection.online', 'connection.offline', 'connection.refused', 'connection.resync'] as const

export const EVENTS = [...CALL_EVENTS, ...AGENT_EVENTS, ...OTHER_EVENTS, ...CONNECTION_EVENTS] as const
export type EventName = typeof EVENTS[number]
/** What a vendor says and the neutral model has no word for. */
export type VendorEventName = `vendor.${string}`

/** What a new event node starts with (design.md, Messages). */
export const DEFAULT_EVENTS: readonly EventName[] = EVENTS.filter((name) => name !== 'call.updated' && name !== 'stats.updated')

/** Exactly one of these ends a leg; only `call.disposition` and `call.recording` may follow (model.md R3). */
export const TERMINAL_EVENTS: ReadonlySet<string> = new Set<EventName>(['call.ended', 'call.dequeued'])
export const AFTER_END_EVENTS: ReadonlySet<string> = new Set<EventName>(['call.disposition', 'call.recording'])

export const CALL_STATES = ['initiated', 'dialing', 'remoteRinging', 'ringing', 'active', 'held', 'queued', 'parked', 'failed', 'ended'] as const
export type CallState = typeof CALL_STATES[number]

/** In order of precedence: the first that fits is the agent's state (model.md 4). */
export const AGENT_STATES = ['loggedOut', 'wrapUp', 'busy', 'notReady', 'ready', 'unknown'] as const
export type AgentState = typeof AGENT_STATES[number]

export const REASONS = [
  'normal', 'busy', 'noAnswer', 'rejected', 'cancelled', 'notReachable', 'invalidNumber', 'congestion', 'forbidden', 'dnd',
  'transferred', 'forwarded', 'deflected', 'pickedUp', 'answeredElsewhere', 'parked', 'conferenced', 'recalled',
  'abandoned', 'overflow', 'stranded', 'bounced', 'escaped', 'timeout', 'shutdown', 'lost', 'error', 'unknown'
] as const
export type Reason = typeof REASONS[number]

export const CONDITIONS = ['always', 'busy', 'noAnswer', 'notReachable'] as const
export type Condition = typeof CONDITIONS[number]

export const SESSION_STATES = ['closed', 'connecting', 'authenticating', 'subscribing', 'online', 'waiting', 'refused', 'closing'] as const
export type SessionState = typeof SESSION_STATES[number]

export const METRICS = [
  'offered', 'answered', 'abandoned', 'shortAbandoned', 'overflowed', 'handled', 'outbound', 'avgWait', 'maxWait', 'avgTalk', 'avgHold', 'avgWrap',
  'avgHandle', 'avgSpeedOfAnswer', 'serviceLevel', 'serviceLevelSeconds', 'abandonRate', 'occupancy', 'loggedInSeconds', 'readySeconds',
  'notReadySeconds', 'busySeconds', 'wrapSeconds'
] as const
export type Metric = typeof METRICS[number]
