import type { Agent, Call, DeviceState, Dnd, EventName, Forwarding, Mailbox, Presence, Queue, Reason } from '../model'
import type { PictureView } from './picture'

/** A leg as a vendor tells it. */
export type LegFound = Omit<Call, 'conversationId'> & { conversationId?: string }

/** State read from a vendor; what is absent was not looked at. The meaning of each field is told at `Snapshot` of the session's contract. */
export interface Found {
  calls?: readonly LegFound[]
  owners?: 'all' | readonly string[]
  agents?: readonly Agent[]
  allAgents?: boolean
  queues?: readonly Queue[]
  forwardings?: readonly Forwarding[]
  dnd?: readonly { user: { id: string }; dnd: Dnd }[]
  mailboxes?: readonly { user: { id: string }; voicemail: Mailbox }[]
  devices?: readonly { user?: { id: string }; device: DeviceState }[]
  presences?: readonly { user: { id: string }; presence: Presence }[]
  idsComparable?: boolean
  takenAt?: number
}

/** What is known, and when each part was last told of. */
export interface KnownState extends PictureView {
  touchedAt (id: string): number | undefined
}

export interface DifferenceMode {
  /** ms of our clock. */
  now: number
  /** The same moment as text, on the vendor's clock. */
  time: string
  /** ms when this connection began: what was touched since then has ids of this connection. */
  since: number
}

/** An event to be; `found` says what it tells: something unknown so far, a change, or an end that nobody told. */
export interface DifferenceDraft {
  event: EventName
  found: 'added' | 'changed' | 'ended'
  call?: LegFound
  agent?: Agent
  queue?: Queue
  forwarding?: Forwarding
  user?: { id: string }
  dnd?: Dnd
  voicemail?: Mailbox
  presence?: Presence
  device?: DeviceState
  reason?: Reason
  changes?: string[]
  derived?: true
}

export interface Difference {
  drafts: DifferenceDraft[]
  /** New id and known id of legs that were matched by what they are. */
  renamed: [string, string][]
  counts: { checked: number; added: number; ended: number; changed: number; agentsChanged: number }
}
