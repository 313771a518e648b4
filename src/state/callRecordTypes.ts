import type { Call, Party, Platform, Reason, Ref, Time, UserRef } from '../model'

export type Seconds = 'waitSeconds' | 'queueSeconds' | 'ringSeconds' | 'talkSeconds' | 'holdSeconds' | 'consultSeconds' | 'wrapSeconds' | 'handleSeconds' | 'durationSeconds'

/** How a conversation ended for the one who called. */
export const RESULTS = ['answered', 'missed', 'abandoned', 'voicemail', 'busy', 'rejected', 'diverted', 'cancelled', 'noAnswer', 'failed', 'unknown'] as const
export type Result = typeof RESULTS[number]

export type RecordedLeg = Pick<Call, 'id' | 'owner' | 'direction' | 'from' | 'to' | 'dialed' | 'startedAt' | 'answeredAt' | 'endedAt' | 'endReason' | 'endedBy' | 'queue' | 'agent' | 'linkedBy'>
  & Partial<Record<Seconds | 'parkSeconds', number>>

export interface Offer { agent: Ref; ringSeconds: number; result: 'answered' | 'bounced' | 'rejected' | 'elsewhere' }
export interface Transfer { time: Time; kind: 'blind' | 'attended' | 'early'; by?: Party; to?: Party }

/** One record a conversation (model.md 9). Seconds have one decimal and are absent when unknown. */
export interface CallRecord extends Partial<Record<Seconds, number>> {
  /** The same whenever the same conversation is written again. */
  id: string
  /** Grows each time the record is written: a consumer replaces the older one. */
  revision: number
  open: boolean
  /** This record was found to be part of another one and counts no more. */
  mergedInto?: string
  platform: Platform
  account: string
  /** Id of the account node: an action node set to "from the message" follows it back. */
  accountId: string
  conversationId: string
  correlationIds: string[]
  direction: 'inbound' | 'outbound'
  scope?: 'internal' | 'external'
  from?: Party
  to?: Party
  dialed?: Party
  did?: string
  startedAt: Time
  answeredAt?: Time
  endedAt?: Time
  result?: Result
  endReason?: Reason
  hungUpBy?: 'caller' | 'called' | 'system'
  queue?: Ref
  agent?: Ref
  user?: UserRef
  transfers: Transfer[]
  conferences: number
  holds: number
  offers: Offer[]
  disposition?: Ref
  recordings: { id?: string; url?: string }[]
  legs: RecordedLeg[]
  uncertain?: string[]
  data?: Record<string, string>
}
