/** Words of XSI as they stand on the wire (xsi.md 3 and 4). Nothing here knows the neutral model. */

export const NAMESPACE = 'http://schema.broadsoft.com/xsi'
export const SCHEMA_INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance'

/** What the XML parser makes of an element: text, an object of children by local name with attributes as `@name` and own text as `$`, repeated = array. */
export type XsiValue = string | XsiNode | readonly XsiValue[]
export interface XsiNode { readonly [name: string]: XsiValue | undefined }

/** Event packages by the names that a subscription takes (xsi.md 4.8). */
export const PACKAGES = {
  basicCall: 'Basic Call',
  standardCall: 'Standard Call',
  advancedCall: 'Advanced Call',
  agent: 'Call Center Agent',
  queue: 'Call Center Queue',
  queueMonitoring: 'Call Center Monitoring',
  agentMonitoring: 'Call Center Agent Monitoring',
  queueConfiguration: 'Call Center Configuration',
  forwardingAlways: 'Call Forwarding Always',
  forwardingBusy: 'Call Forwarding Busy',
  forwardingNoAnswer: 'Call Forwarding No Answer',
  dnd: 'Do Not Disturb',
  remoteOffice: 'Remote Office',
  callPark: 'Call Park',
  mailbox: 'Voice Mail Message Summary',
  hoteling: 'Hoteling Guest',
  callWaiting: 'Call Waiting',
  personalAssistant: 'Personal Assistant'
} as const

/** What an account asks for unless told otherwise: calls, and the services that the neutral model has words for. */
export const DEFAULT_PACKAGES: readonly string[] = [
  PACKAGES.advancedCall, PACKAGES.dnd, PACKAGES.forwardingAlways, PACKAGES.forwardingBusy, PACKAGES.forwardingNoAnswer, PACKAGES.mailbox
]
/**
 * Asked for as well unless the account names its packages: not every server and user has these services, so a refusal is no news. The package of agents is
 * asked for agents only, that of queues for the queues that are known.
 */
export const EXTRA_PACKAGES: readonly string[] = [PACKAGES.remoteOffice, PACKAGES.callPark, PACKAGES.agent, PACKAGES.queue]
/** Packages whose target is a call centre and never a person (xsi.md 4.7). */
export const QUEUE_PACKAGES: ReadonlySet<string> = new Set([PACKAGES.queue, PACKAGES.queueMonitoring, PACKAGES.queueConfiguration])
export const CALL_PACKAGES: ReadonlySet<string> = new Set([PACKAGES.basicCall, PACKAGES.standardCall, PACKAGES.advancedCall])
/** The event that tells the present state of a single target, by package; the others have none, or that of a service (xsi.md 4.7). */
export const INITIAL_EVENTS: Readonly<Record<string, string>> = {
  [PACKAGES.basicCall]: 'CallSubscriptionEvent',
  [PACKAGES.standardCall]: 'CallSubscriptionEvent',
  [PACKAGES.advancedCall]: 'CallSubscriptionEvent',
  [PACKAGES.agent]: 'AgentSubscriptionEvent',
  [PACKAGES.queue]: 'ACDSubscriptionEvent'
}

/** `xsi1:type` of the Event element. */
export const EVENT_KINDS = { subscription: 'SubscriptionEvent', terminated: 'ChannelTerminatedEvent', error: 'ErrorEvent' } as const

/** Why the server ended a channel, and whether opening another helps (xsi.md 4.6). */
export const TERMINATED_REASONS: Readonly<Record<string, { readonly reopen: boolean; readonly meaning: string }>> = {
  ExplicitDelete: { reopen: true, meaning: 'The event channel was deleted by an administrator or another program.' },
  Expired: { reopen: true, meaning: 'The event channel expired.' },
  NonResponsiveChannel: { reopen: true, meaning: 'The server got no acknowledgements on the event channel.' },
  UnknownChannel: { reopen: true, meaning: 'The server was told that the event channel is unknown.' },
  DuplicateChannelSet: {
    reopen: false,
    meaning: 'Another program uses the same user and application id for its events. Give each account its own application id, or stop the other one.'
  },
  UserDeleted: { reopen: false, meaning: 'The user of this account was deleted on the server.' }
}

/** `statusCode` of an acknowledgement (xsi.md 4.4). */
export const ACK = { received: 200, unknownSubscription: 481 } as const

/** `errorCode` of ErrorInfo that a client acts on (xsi.md 3.6). */
export const ERROR_CODES = { unknownChannelSet: '110842', unknownSubscription: '110862', unknownUser: '4008' } as const

/** Events that tell the present state and no change: they become a snapshot (xsi.md 4.9, 4.11). */
export const SNAPSHOT_EVENTS: ReadonlySet<string> = new Set([
  'CallSubscriptionEvent', 'CallSubscriptionResyncEvent', 'AgentSubscriptionEvent', 'ACDSubscriptionEvent', 'ACDSubscriptionResyncEvent', 'ACDConfigurationSubscriptionEvent'
])
export const SUBSCRIPTION_TERMINATED = 'SubscriptionTerminatedEvent'

/** An event of a subscription, taken out of its envelope (xsi.md 4.6). */
export interface XsiEvent {
  readonly eventId: string
  readonly sequence?: number
  readonly subscriptionId: string
  readonly channelId?: string
  /** The user that the event is about; some servers leave it out in initial events. */
  readonly targetId?: string
  /** Local name of the event type, always ending in `Event`. */
  readonly type: string
  readonly data: XsiNode
  /** The whole Event element as parsed. */
  readonly raw: XsiNode
}

/** One document of the event stream. */
export type XsiDocument =
  | { readonly kind: 'channel'; readonly channelId: string; readonly expires?: number }
  | { readonly kind: 'heartbeat' }
  | { readonly kind: 'event'; readonly event: XsiEvent }
  | { readonly kind: 'terminated'; readonly channelId?: string; readonly reason: string }
  | { readonly kind: 'error'; readonly code?: string; readonly text?: string }
  | { readonly kind: 'unknown'; readonly root: string; readonly eventId?: string }
