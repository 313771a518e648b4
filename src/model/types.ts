/**
 * The neutral model: what every vendor is mapped onto and what a flow sees in `msg.payload`.
 * A field that the vendor does not give is absent; ids are opaque strings. Property names are forever.
 */
import type { ActionName } from './actions'
import type { AgentState, CallState, Condition, EventName, Metric, Platform, Reason, SessionState, VendorEventName } from './names'

/** ISO 8601 in UTC with milliseconds: `2026-01-01T10:00:00.000Z`. */
export type Time = string

/** At least one field is set. */
export interface Ref { id?: string; name?: string; number?: string }
export interface UserRef extends Ref { extension?: string; email?: string }
export interface DeviceRef { id?: string; name?: string; kind?: 'phone' | 'app' | 'trunk' | 'other' }
export interface DeviceState extends DeviceRef { registered?: boolean; hook?: 'on' | 'off' }

export interface Party {
  /** As the vendor sends it, less URI dress. */
  number?: string
  name?: string
  extension?: string
  userId?: string
  /** Added by us from `number` and the account's country. */
  e164?: string
  /** The caller withheld the identity. */
  private?: true
  kind?: 'user' | 'external' | 'queue' | 'trunk' | 'park' | 'voicemail' | 'conference' | 'emergency'
}

/** The vendor's own words for why. `q850` is the ISDN cause, `sip` the SIP status. */
export interface Cause { code?: string; text?: string; q850?: number; sip?: number }

export interface TelephonyEvent {
  event: EventName | VendorEventName
  /** Unique, and the same for a message that the vendor delivered twice. */
  id: string
  /** Grows by one with every event of this connection's life. */
  seq: number
  /** Id of this connection's life; `seq` restarts with it. */
  epoch: string
  platform: Platform
  /** Label of the account node. */
  account: string
  /** Id of the account node: an action node set to "from the message" follows it back. */
  accountId: string
  time: Time
  timeSource: 'vendor' | 'local'
  receivedAt: Time
  /** State found at first connect, not a change. */
  initial?: true
  /** Found after a gap. */
  resynced?: true
  gap?: { from: Time; to: Time }
  /** Concluded by us, no vendor message says it. */
  derived?: true
  /** Paths of the fields that changed. */
  changes?: string[]
  reason?: Reason
  cause?: Cause
  user?: UserRef
  device?: DeviceState
  call?: Call
  agent?: Agent
  queue?: Queue
  stats?: Stats
  forwarding?: Forwarding
  dnd?: Dnd
  voicemail?: Mailbox
  presence?: Presence
  feature?: Feature
  connection?: Connection
  reference?: { list: string }
}

export interface Dnd { enabled: boolean; ringSplash?: boolean }
export interface Mailbox { newMessages: number; oldMessages?: number; newUrgent?: number; oldUrgent?: number; waiting: boolean }
export interface Presence { value: string; text?: string; status?: 'available' | 'busy' | 'away' | 'dnd' | 'offline'; until?: Time }
export interface Feature { name: string; enabled?: boolean; value?: unknown }
export interface Connection {
  state: SessionState
  /** Length of the gap in ms. */
  downMs?: number
  attempt?: number
  /** ms until the next attempt. */
  retryInMs?: number
  resync?: Resync
}
export interface Resync {
  scope: 'full' | 'openCalls' | 'none'
  calls: { checked: number; added: number; ended: number; changed: number }
  agentsChanged: number
  tookMs: number
}

export type RelationKind = 'consultOf' | 'consultedBy' | 'queueLeg' | 'agentLeg' | 'transferredFrom' | 'transferredTo' | 'parkedFrom' | 'pickedUpFrom' | 'otherEnd'
export interface Relation { kind: RelationKind; id: string }

export interface Owner { kind: 'user' | 'device' | 'queue' | 'trunk'; id: string; name?: string; number?: string }

/** One leg: one call as seen by one owner. */
export interface Call {
  id: string
  vendorId?: string
  correlationId?: string
  conversationId: string
  mergedFrom?: string[]
  clientRef?: string
  owner: Owner
  state: CallState
  vendorState?: string
  /** Set while held; `resume` works only with local or both. */
  heldBy?: 'local' | 'remote' | 'both'
  direction: 'inbound' | 'outbound'
  scope?: 'internal' | 'external'
  from?: Party
  to?: Party
  /** What the caller dialled first (DNIS, DID). */
  dialed?: Party
  /** The other party now; before the first change it equals `from` or `to`. */
  remote?: Party
  redirections?: { party: Party; reason: Reason; time?: Time }[]
  trunk?: Ref
  device?: DeviceRef
  line?: number
  startedAt: Time
  ringingAt?: Time
  answeredAt?: Time
  heldAt?: Time
  queuedAt?: Time
  parkedAt?: Time
  endedAt?: Time
  /** Total of local hold so far in ms, if the vendor counts it. */
  heldMs?: number
  endReason?: Reason
  endedBy?: 'local' | 'remote' | 'system'
  queue?: { id?: string; name?: string; number?: string; position?: number; priority?: string; waitMs?: number; bounced?: true; offeredTo?: Ref }
  agent?: Ref
  recall?: 'park' | 'transfer' | 'hold' | 'campOn' | 'push'
  related?: Relation[]
  transfer?: { kind: 'blind' | 'attended' | 'early'; role: 'transferor' | 'transferee' | 'target'; by?: Party; to?: Party; from?: Party }
  conference?: Conference
  recording?: { state: 'pending' | 'on' | 'paused' | 'off' | 'failed'; id?: string; url?: string; controls?: ('start' | 'stop' | 'pause' | 'resume')[] }
  muted?: boolean
  monitoredBy?: { party?: Party; mode: 'listen' | 'whisper' | 'bargeIn' }
  disposition?: Ref
  dispositionDue?: true
  campaign?: Ref
  data?: Record<string, string>
  /** What the vendor says is allowed now. */
  can?: ActionName[]
  /** Names of fields that are a conclusion, not told. */
  uncertain?: string[]
  linkedBy?: 'id' | 'relation' | 'heuristic'
}

export interface Conference {
  id: string
  role: 'controller' | 'member'
  kind: 'normal' | 'listen' | 'whisper' | 'bargeIn'
  state: 'active' | 'held' | 'ended'
  members: { callId?: string; party?: Party; muted?: boolean; deaf?: boolean }[]
}

export type AgentChannel = 'voice' | 'chat' | 'email' | 'social' | 'voicemail' | 'video'
export interface Agent {
  id: string
  name?: string
  number?: string
  user?: UserRef
  device?: DeviceRef
  state: AgentState
  /** What the agent, or somebody for him, asked for; absent when logged out or hidden. */
  routing?: 'ready' | 'notReady'
  reason?: { id?: string; name?: string; by?: 'self' | 'supervisor' | 'system' }
  pending?: { routing: 'ready' | 'notReady' | 'loggedOut'; reason?: { id?: string; name?: string } }
  since: Time
  reasonSince?: Time
  loggedInAt?: Time
  workload?: { acd: number; other: number; ringing: number; held: number }
  callIds?: string[]
  channels?: Partial<Record<AgentChannel, { ready: boolean; current?: number; max?: number; enabled?: boolean }>>
  queues?: { id: string; name?: string; joined: boolean; paused?: boolean; priority?: number; skill?: number; fixed?: true }[]
  /** Ready in some queues or channels only. */
  partial?: true
  wrapUp?: { callId?: string; queueId?: string; until?: Time }
  vendorState?: string
}

export interface Rule {
  enabled: boolean
  to?: string
  toVoicemail?: true
  rings?: number
  ringSeconds?: number
  ringSplash?: boolean
  scope?: 'all' | 'internal' | 'external'
}
export interface Forwarding {
  user: UserRef
  rules: Partial<Record<Condition, Rule>>
  changed?: Condition[]
  /** false: only the changed rules are known. */
  complete: boolean
}

export interface Queue {
  id: string
  name?: string
  number?: string
  waiting?: number
  longestWaitSeconds?: number
  oldestJoinedAt?: Time
  estimatedWaitSeconds?: number
  agents?: { assigned?: number; loggedIn?: number; ready?: number; notReady?: number; busy?: number; wrapUp?: number }
  callbacksWaiting?: number
  voicemailsWaiting?: number
  calls?: Call[]
  mode?: 'open' | 'night' | 'holiday' | 'forcedForward'
}
export interface Stats {
  subject: { kind: 'queue' | 'agent' | 'campaign' | 'account'; id: string; name?: string }
  window: { kind: 'now' | 'day' | 'rolling' | 'session' | 'other'; seconds?: number; from?: Time }
  /** Counts are integers, times seconds, rates 0..1. */
  metrics: Partial<Record<Metric, number>>
  source: 'vendor' | 'computed'
  vendorMetrics?: object
}

export type ToObject = { number?: string; user?: string; queue?: string; voicemail?: string; agent?: string; campaign?: string; speedDial?: string }
/** A number, or one of the kinds an object names. */
export type To = string | ToObject

export interface ActionRequest {
  action: ActionName | `${Platform}.${string}`
  user?: string
  device?: string
  agent?: string
  callId?: string
  /** `accepted`: the vendor took it; `completed`: wait for the event that proves it. */
  confirm?: 'accepted' | 'completed'
  /** ms; default from the action, originate 15000, others 5000. */
  timeoutMs?: number
  /** Text that is stamped on every event of the legs this action made. */
  clientRef?: string
  vendor?: Record<string, unknown>
  /** The parameters of the action (`actions.ts`). */
  [param: string]: unknown
}

export interface ActionResult {
  action: string
  platform: Platform
  account: string
  accountId: string
  /** accepted: the vendor took it; completed: a reply or event proves it; unconfirmed: no reply exists and no event came in time. */
  outcome: 'accepted' | 'completed' | 'unconfirmed'
  callId?: string
  newCallId?: string
  conversationId?: string
  clientRef?: string
  call?: Call
  agent?: Agent
  forwarding?: Forwarding
  dnd?: Dnd
  presence?: Presence
  feature?: Feature
  voicemail?: Mailbox
  conference?: Conference
  recording?: Call['recording']
  disposition?: Ref
  slot?: Party
  sent?: number
  data?: unknown
  items?: unknown[]
  nextCursor?: string
  total?: number
  vendorReply?: unknown
  warnings?: string[]
  tookMs: number
}
