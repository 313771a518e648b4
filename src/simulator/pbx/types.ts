/**
 * The PBX in memory: things, their states, and facts about what happened, in the terms of ECMA-269. Faces render facts and hold no call state.
 * On purpose nothing here comes from `src/model`: a mistake that both sides shared would be invisible.
 */

/** ms since 1970 of the PBX clock. */
export type Ms = number
export type FaceName = 'xsi' | 'xivo' | 'five9' | 'ipecs' | 'webex'
export type Condition = 'always' | 'busy' | 'noAnswer' | 'notReachable'

export interface Rule { enabled: boolean; to?: string; rings?: number; ringSplash?: boolean }
export interface UserFeatures {
  remoteOffice: { enabled: boolean; number?: string }
  callWaiting: boolean
  recording: 'never' | 'always' | 'always-pause-resume' | 'on-demand' | 'on-demand-user-start'
  voicemail: boolean
  callFilter: boolean
}
export interface VoiceMessage { id: string; from: Party; at: Ms; durationMs: number; read: boolean; urgent: boolean }
export interface Mailbox { messages: VoiceMessage[] }

export interface Party { number?: string; name?: string; userKey?: string; queueKey?: string; private?: boolean; kind: 'user' | 'external' | 'queue' | 'trunk' | 'park' | 'voicemail' | 'announcement' }

export interface User {
  key: string
  first: string
  last: string
  extension: string
  /** Public numbers in E.164. */
  numbers: string[]
  email: string
  department?: string
  /** Demo password, the same on each face that asks for one. */
  password: string
  devices: string[]
  forwarding: Record<Condition, Rule>
  dnd: { enabled: boolean; ringSplash: boolean }
  presence: string
  features: UserFeatures
  mailbox: Mailbox
  agentKey?: string
  pickupGroup?: string
  /** May read and act on others, and subscribe to the group. */
  admin: boolean
  supervisor: boolean
  /** Executive whose calls this person handles. */
  assistantOf?: string
  hook: 'on' | 'off'
  /** Ids that faces gave this user once, by face. */
  ids: Partial<Record<FaceName, string>>
}

export interface Device {
  key: string
  userKey: string
  /** Directory number of the line. */
  number: string
  kind: 'desk' | 'app' | 'mobile'
  name: string
  registered: boolean
  hook: 'on' | 'off'
  /** May be answered by CTI. */
  remoteAnswer: boolean
  appearances: number
}

export interface Trunk { key: string; name: string; number: string }

export interface QueueMember { agentKey: string; joined: boolean; paused: boolean; priority: number }
export interface Queue {
  key: string
  /** Public number in E.164, or the extension when there is none. */
  number: string
  extension?: string
  name: string
  members: QueueMember[]
  policy: 'longestIdle' | 'ringAll' | 'linear'
  ringSeconds: number
  wrapUpSeconds: number
  /** After a no-answer the next agent is tried; `nextAndNotReady` sends the first one to not ready. */
  noAnswer: 'next' | 'nextAndNotReady'
  overflow?: { afterSeconds?: number; size?: number; to: string }
  night: { enabled: boolean; to?: string }
  /** Connection keys in order of service. */
  entries: string[]
  ids: Partial<Record<FaceName, string>>
  figures: { offered: number; answered: number; abandoned: number; overflowed: number; waitSeconds: number; talkSeconds: number }
}

export type Routing = 'ready' | 'notReady'
export interface Agent {
  key: string
  userKey: string
  number: string
  loggedIn: boolean
  loggedInAt?: Ms
  routing: Routing
  reason?: string
  since: Ms
  /** Asked for during a call, applied at its end. */
  pending?: { routing: Routing | 'loggedOut'; reason?: string }
  /** `queueKey` is empty after a call that he dialled in a campaign. */
  wrapUp?: { callKey: string; connectionKey: string; queueKey: string; until?: Ms }
  ids: Partial<Record<FaceName, string>>
}

export type ConnectionState = 'initiated' | 'alerting' | 'connected' | 'hold' | 'queued' | 'fail' | 'null'
export type CauseName =
  | 'normal' | 'busy' | 'noAnswer' | 'rejected' | 'cancelled' | 'notReachable' | 'invalidNumber' | 'doNotDisturb' | 'forwardAlways' | 'forwardBusy'
  | 'forwardNoAnswer' | 'forwardNotReachable' | 'blindTransfer' | 'transfer' | 'earlyTransfer' | 'deflected' | 'pickedUp' | 'answeredElsewhere' | 'parked' | 'unparked'
  | 'recall' | 'conference' | 'bargeIn' | 'silentMonitor' | 'whisper' | 'queued' | 'offered' | 'bounced' | 'abandoned' | 'overflowTime' | 'overflowSize' | 'night'
  | 'stranded' | 'escaped' | 'voicemail' | 'shutdown' | 'wrapUp' | 'timer' | 'supervisor' | 'clickToDial' | 'remoteHold' | 'pushed'

/** One party's half of a call. */
export interface Connection {
  key: string
  callKey: string
  party: Party
  /** device keys that alert or talk; empty for parties outside. */
  alertingDevices: string[]
  deviceKey?: string
  /** As the switch sees it now: becomes `originator` when the far end is transferred and rings again. `initiated` or `alerting` of an originator: the far end does not talk yet. */
  personality: 'originator' | 'terminator' | 'clickToDial'
  /** Who called: fixed for its life. */
  direction: 'inbound' | 'outbound'
  state: ConnectionState
  heldBy?: 'local' | 'remote' | 'both'
  startedAt: Ms
  alertedAt?: Ms
  answeredAt?: Ms
  heldAt?: Ms
  totalHeldMs: number
  queuedAt?: Ms
  endedAt?: Ms
  cause?: CauseName
  /** Who ended it, seen from this connection. */
  releasedBy?: 'local' | 'remote' | 'system'
  agentKey?: string
  queueKey?: string
  /** Connection of the queue that offers or gave this call. */
  queueConnection?: string
  /** An agent dialled it in a campaign: wrap-up of so long follows, as after a queue call. */
  wrapUpSeconds?: number
  recall?: 'park' | 'transfer' | 'push'
  /** Number where the call was parked that comes back. */
  parkedAt?: string
  redirections: { party: Party; cause: CauseName; at: Ms }[]
  /** The party at the other end as this one sees it now. */
  remote?: Party
  muted: boolean
  deaf: boolean
  silenced: boolean
  appearance?: number
  conferenceKey?: string
  monitor?: { mode: 'listen' | 'whisper' | 'bargeIn'; targetConnection: string }
  recording?: { state: 'pending' | 'on' | 'paused' | 'failed'; recorded: boolean }
  disposition?: string
}

export interface Call {
  key: string
  /** Survives transfers. */
  linkage: string
  connections: string[]
  ani?: string
  aniName?: string
  dialed: string
  did?: string
  trunkKey?: string
  data: Record<string, string>
  info?: string
  startedAt: Ms
  endedAt?: Ms
}

export interface Conference { key: string; ownerUser: string; connections: string[]; state: 'active' | 'held' | 'ended'; ownerMuted: boolean; startedAt: Ms }
export interface ParkSlot { number: string; connectionKey: string; callKey: string; parkedBy: string; at: Ms }
export interface HistoryEntry { userKey: string; kind: 'placed' | 'received' | 'missed'; party: Party; at: Ms; answeredAt?: Ms; endedAt: Ms; id: string; connectionKey: string }

/**
 * Something that happened. `before` is a copy of the connection as it was (absent when it is new); `connection` as it is after.
 * Types are the event names of ECMA-269 in short form, plus what CSTA has no event for. What `detail` holds:
 *
 * - `held`, `retrieved`: `by` local or remote (cause `remoteHold`, or `parked` when the other side parked this one)
 * - `established`: `answeredElsewhere`, keys of the user's other phones that rang
 * - `diverted`, `dequeued`: `to`, Party it goes on to; `dequeued` also `waitedMs`
 * - `transferred`: `role` transferor, transferee or target, `kind` blind, attended or early; `to`, `by`, `from`, `party` (Party); `mergedFrom`,
 *   linkage that ended; `second` on the fact of the transferor's other connection. `moved`: a connection that only went along to another call
 * - `parked`, `unparked`: `slot`, `party`, `by`, `against` (key of the user whose extension the slot is)
 * - `callInformation`: `changed`, names of fields or of `devices` (with `remoteAnswer`: a phone rings that may be answered from outside), `info`,
 *   `data`, `name`, `bounced`, `position` (with `change` promoted or reordered); or `dtmf`; `forwardedTo` at a caller whose call was forwarded;
 *   `pickedUpBy` and `from` at a caller whose call somebody else took
 * - `conferenced`, `conferenceChanged`: `conference` (a copy), `change` added, removed, held, retrieved, muted, unmuted, ended; or `changed` of a member
 * - `recording`: `action` starting, started, paused, resumed, stopped; `recorded`, `reason`
 * - `monitored` (at the one who is monitored): `mode`, `state` started, changed, ended, `by`
 * - `hook`: `hook` of the phone, `userHook`, `userChanged`; `registration`: `registered`; `forwarding`: `condition`, `rule`; `dnd`, `presence`,
 *   `feature` (`feature`, `value`); `mailbox`: `change`, `message`, four counts, urgent ones not among the others; `queueMode`: `night`
 * - `agent`: `change` signIn, signOut, routing, pending, wrapUp; `by` self, supervisor, system; `state`. `membership`: `change` joined, left,
 *   paused, unpaused, and the member's fields. `disposition`: `code`. `offered`: `waitedMs`. `queued` of the queue: `position`
 */
export interface Fact {
  n: number
  at: Ms
  type:
    | 'serviceInitiated' | 'originated' | 'delivered' | 'established' | 'held' | 'retrieved' | 'transferred' | 'conferenced' | 'diverted' | 'queued' | 'offered'
    | 'dequeued' | 'failed' | 'cleared' | 'callInformation' | 'parked' | 'unparked' | 'recording' | 'conferenceChanged' | 'monitored' | 'moved'
    | 'hook' | 'registration' | 'forwarding' | 'dnd' | 'presence' | 'feature' | 'mailbox' | 'agent' | 'membership' | 'queueMode' | 'disposition' | 'reset'
  cause?: CauseName
  connection?: Connection
  before?: Connection
  call?: Call
  related?: string[]
  userKey?: string
  queueKey?: string
  agentKey?: string
  deviceKey?: string
  conferenceKey?: string
  /** Of `agent` and `membership` facts: copies after and before. */
  agent?: Agent
  agentBefore?: Agent
  /** What changed, where the name of the fact does not say it all: `always`, `remoteOffice`, a park slot … */
  detail?: Record<string, unknown>
}

/** Refused by the PBX. Faces render it as their system would. */
export type RefusalCode = 'unknownUser' | 'unknownCall' | 'unknownQueue' | 'unknownAgent' | 'unknownDevice' | 'wrongState' | 'notAllowed' | 'notAssigned' | 'invalidNumber' | 'invalidValue' | 'noCall' | 'full'
export class Refusal extends Error {
  constructor (readonly code: RefusalCode, message: string) {
    super(message)
    this.name = 'Refusal'
  }
}

/** What a person outside does when called; keyed by number in the directory, or set by a script. */
export interface ExternalBehaviour { name?: string; answerAfterMs?: number; busy?: boolean; invalid?: boolean; silent?: boolean; hangUpAfterMs?: number; /** A caller who is not answered gives up after this time. */ giveUpAfterMs?: number }

/** Input: who works here. Everything omitted gets a sensible default and a stable key. */
export interface Directory {
  enterprise?: string
  group?: string
  domain?: string
  country?: string
  users: (Partial<Omit<User, 'devices' | 'mailbox' | 'ids'>> & { key: string; first: string; last: string; extension: string; devices?: Partial<Device>[]; ids?: User['ids'] })[]
  queues?: (Partial<Omit<Queue, 'members' | 'entries' | 'ids' | 'figures'>> & { key: string; name: string; number: string; members?: (string | Partial<QueueMember> & { agentKey: string })[]; ids?: Queue['ids'] })[]
  trunks?: Trunk[]
  dids?: { number: string; to: string }[]
  externals?: (ExternalBehaviour & { number: string })[]
  reasonCodes?: { code: string; name: string }[]
  dispositions?: { code: string; name: string }[]
  /** Numbers of the shared park slots. */
  parkSlots?: string[]
  /** Seconds after which an unanswered blind transfer recalls (20), a parked call recalls (45), an unanswered call ends (60), the tone of a failed call ends (3). */
  timers?: { transferRecall?: number; parkRecall?: number; noAnswer?: number; secondsPerRing?: number; tone?: number }
}
