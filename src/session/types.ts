/**
 * The contract between the life of a session (this folder) and a vendor (`src/<vendor>/session.ts`).
 * A vendor writes a Driver and a table of actions; everything else (states, back-off, resync, queue, waiters, stamping) is here once.
 */
import type {
  ActionName, ActionRequest, ActionResult, Agent, Call, CtiError, DeviceState, Dnd, EventName, ExtraActionName, Forwarding, Mailbox, Owner, Platform,
  Presence, Queue, Relation, SessionState, TelephonyEvent, Time, VendorEventName, ParamSpec, ActionSpec
} from '../model'
import type { PictureView } from '../state/picture'

/** Time as the session sees it: the real one, or a test's. All in ms. */
export interface Clock {
  now (): number
  setTimeout (run: () => void, ms: number): unknown
  clearTimeout (timer: unknown): void
}

/**
 * A neutral event before it is stamped: what a pure `reduce` returns. The session adds id, seq, epoch, platform, account, accountId, receivedAt,
 * `call.conversationId` (from `call.correlationId`), `e164`, clientRef and relations made by actions, then folds it into the picture.
 */
export interface EventDraft extends Partial<Omit<TelephonyEvent, 'event' | 'id' | 'seq' | 'epoch' | 'platform' | 'account' | 'accountId' | 'call'>> {
  event: EventName | VendorEventName
  /** Vendor's key of the message (an event id, a hash): makes `id` the same for a redelivery. Absent: no duplicate check. */
  key?: string
  call?: CallDraft
}
/** A leg as a vendor tells it; `conversationId` may be left to the session. */
export type CallDraft = Omit<Call, 'conversationId'> & { conversationId?: string }

/**
 * State read from the vendor, to be compared with the picture (model.md 6). Only what `owners`, `agents` … name is compared: absent part = not looked at.
 */
export interface Snapshot {
  /** Legs found. */
  calls?: CallDraft[]
  /** Whose legs `calls` lists completely; 'all' = every leg of the account. Legs of others are left alone. */
  owners?: 'all' | readonly string[]
  agents?: Agent[]
  queues?: Queue[]
  forwardings?: Forwarding[]
  dnd?: { user: { id: string }; dnd: Dnd }[]
  mailboxes?: { user: { id: string }; voicemail: Mailbox }[]
  devices?: { user?: { id: string }; device: DeviceState }[]
  presences?: { user: { id: string }; presence: Presence }[]
  /**
   * Ids of calls mean nothing after this gap: match by owner, remote number and state. A leg that is matched keeps the id it had; later drafts with the
   * new id are taken for it. Such a vendor makes its ids with `legId(owner, id, epoch)`, so that a number used again is another id.
   */
  idsComparable?: boolean
  /** ms; legs and agents that changed by an event after this moment are newer than the snapshot and left alone. Default: now. */
  takenAt?: number
  /** The vendor message that held the snapshot, if one did: becomes `vendorEvent`. */
  vendorEvent?: unknown
  /** `agents` lists all of the account: those that are missing are `unknown` until told of again. */
  allAgents?: boolean
  /** Polling is how this vendor tells changes: what is found while online is an ordinary event, neither initial nor resynced. */
  poll?: boolean
}
export interface ReconcileCounts { checked: number; added: number; ended: number; changed: number; agentsChanged: number }

/** What a driver sees of the session during one connection. */
export interface Link {
  readonly epoch: string
  /** Aborted when this connection is over: every timer, socket and request of the driver hangs on it. */
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly picture: PictureView
  /** Default time limit of a request in ms. */
  readonly timeoutMs: number
  phase (state: 'authenticating' | 'subscribing'): void
  /** Stamps, folds and emits the drafts of one vendor message, in order. Never throws. */
  receive (drafts: readonly EventDraft[], vendorEvent?: unknown): void
  /** Compares with the picture and emits the difference, marked initial or resynced as the session's phase demands. */
  reconcile (snapshot: Snapshot): ReconcileCounts
  /** The connection is gone: back off and come again. Further calls on this link do nothing. */
  lost (error: CtiError): void
  /** Something came from the vendor: feeds the watchdog. */
  heard (): void
  /** Silence of more than `ms` counts as lost; 0 disarms. */
  watchdog (ms: number): void
  /** Counted each time, told to listeners once a connection and code. `text` holds no secrets and no vendor payload. */
  warn (code: string, text: string): void
  /** A word on how this connection works, shown in the status beside "online" (`polling`); undefined takes it back. */
  note (word: string | undefined): void
  /** Milliseconds that the vendor's clock is ahead of ours (model.md R6). */
  clockOffsetMs: number
}

export interface Driver {
  readonly platform: Platform
  readonly actions: ActionTable
  /** How many requests at once, and how many a second (token bucket); the session queues the rest. */
  readonly pace: { concurrency: number; perSecond: number; queued: number }
  /**
   * Connects, logs in, subscribes. Calls `link.phase` on the way. Rejects with a CtiError: CTI_UNAUTHORIZED, or any with `cause.retryable === false`, ends in
   * `refused`; others in `waiting`. `cause.retryAfterMs` is honoured.
   */
  open (link: Link): Promise<void>
  /** Reads the state of now and calls `link.reconcile`. Runs after `open` and before `online`. */
  resync (link: Link): Promise<'full' | 'openCalls' | 'none'>
  /**
   * Logs out, deletes subscriptions; the session gives it 1.5 s and then aborts `link.signal`. Also called while `open` or `resync` still runs: that
   * must then stop by itself. What it tells by the link is no longer heard.
   */
  close (link: Link, why: 'removed' | 'restart'): Promise<void>
  /** Owner id of the legs of a user who was named by id, extension, e-mail or number; undefined when nobody is known by that. */
  ownerOf? (user: string): string | undefined
  /** Owner id meant when a request names no user: the account's own. Absent or undefined: any leg of the account. */
  ownOwner? (): string | undefined
  /** True for a call that was over before this session began and still waits for what comes after a call (`ActionSpec.afterEnd`): the action runs without a leg. */
  keepsCall? (callId: string): boolean
  /** The user meant by something else in the request than `user` (whose authorisation is used); undefined when nothing else says it. */
  userOf? (request: ActionRequest): string | undefined
}

export type Availability = true | string

export interface ActionContext {
  readonly link: Link
  readonly picture: PictureView
  /** Aborted on time-out, cancel or loss of the connection. */
  readonly signal: AbortSignal
  /** The leg that `callId` names or that was found; present when the action's spec has legStates and one was found. */
  readonly leg?: Call
  warn (text: string): void
  /** Links legs that this action ties together (consult), and keeps the caller's clientRef with the new leg. */
  relate (legId: string, relations: Relation[]): void
  adopt (newLegId: string): void
}

export interface ActionEntry {
  /** Parameters of vendor extras, and overrides of the model's. */
  readonly params?: Readonly<Record<string, ParamSpec>>
  /** Only for extras (`xivo.chitchat`), which the model does not know. */
  readonly spec?: ActionSpec
  /** States of legs that the action also takes here, beside the model's: XiVO resumes a caller who waits in a queue. */
  readonly alsoStates?: readonly Call['state'][]
  /** The leg may stay unnamed, where the model needs one. */
  readonly legOptional?: true
  /** Refinements of the model that this vendor honours; the others are answered by a warning. */
  readonly supports?: readonly string[]
  /** Non-refinement parameters that this vendor lacks: CTI_UNSUPPORTED when given. */
  readonly lacks?: readonly string[]
  /** Which outcome is reported when the caller does not choose. Default `accepted`; `completed` where no reply exists. */
  readonly confirmDefault?: 'accepted' | 'completed'
  /** With `confirmDefault: 'completed'`: there is a reply all the same, which says no more than "accepted". What no event proves in time is that, and not `unconfirmed`. */
  readonly replies?: true
  /** True for the event that proves it. The waiter stands before the request is sent. Absent: the reply proves it. */
  readonly confirm?: (event: TelephonyEvent, request: ActionRequest, partial: Partial<ActionResult>, leg?: Call) => boolean
  /** What is lacking (dialect, role, licence), or true. */
  readonly available?: () => Availability
  /** Does it. Errors are CtiError. The session decides the outcome, unless this returns `completed`: what was asked for is so already, and no event will come. */
  readonly run: (request: ActionRequest, context: ActionContext) => Promise<Partial<ActionResult>>
}
export type ActionTable = Readonly<Partial<Record<ActionName | ExtraActionName, ActionEntry>>>

export type Capability = { can: true } | { can: false; why: string }

export interface SessionStatus {
  readonly state: SessionState
  /** Why it waits or was refused. */
  readonly error?: CtiError
  /** ms since 1970 of the next attempt. */
  readonly retryAt?: number
  readonly attempt: number
  /** How the connection works, where that is worth a word: `polling` (no events come in, the state is asked for again and again). */
  readonly note?: string
}

export interface SessionListener {
  /** The first listener with `event` gets the object itself, each other one a copy. Runs synchronously on the wire path: never throws, never awaits. */
  event? (event: TelephonyEvent, vendorEvent: unknown): void
  status? (status: SessionStatus): void
  warning? (code: string, text: string): void
}

export interface SessionOptions {
  readonly accountId: string
  /** Label of the account, seen in events. */
  readonly account: string
  readonly driver: Driver
  readonly country?: string
  /** Default time limit of a request in ms; the action's own is used when undefined. */
  readonly timeoutMs?: number
  /** ms that `call.ringing` waits for caller number and name (model.md R8). Default 0. */
  readonly settleMs?: number
  readonly clock?: Clock
  /** 0..1, for jitter. */
  readonly random?: () => number
  /** ms of grace after the last user has left. Default 2000. */
  readonly graceMs?: number
}

/** One account's session. Made by the account node; event and action nodes are its users. */
export interface TelephonySession {
  readonly platform: Platform
  readonly accountId: string
  readonly status: SessionStatus
  readonly picture: PictureView
  readonly counters: Readonly<Record<string, number>>
  /**
   * The first user opens the connection (on the next tick); the returned function leaves, and the last to leave closes it after the grace. Calls no
   * method of the listener by itself: read `status`, and `presentState()` for what is known already.
   */
  join (listener: SessionListener): () => void
  /** One event marked `initial` for every open leg, agent, queue, forwarding, DND and mailbox known now, and for the connection when online; fresh objects, the caller's own. */
  presentState (): TelephonyEvent[]
  perform (request: ActionRequest, options?: { signal?: AbortSignal }): Promise<ActionResult>
  capability (action: string): Capability
  /** Ends everything within 2 s even if the peer is dead. */
  close (why: 'removed' | 'restart'): Promise<void>
  /** Resolves when online; rejects with the reason when refused, closed or after `ms`. */
  whenOnline (ms: number): Promise<void>
}

export type { Owner, Time }
