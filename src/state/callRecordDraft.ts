import { recordId, type Call, type Platform, type TelephonyEvent } from '../model'
import type { CallRecord, Transfer } from './callRecordTypes'
import type { LegLog } from './legLog'

/** A call record in the making. */
export interface Draft {
  readonly id: string
  readonly conversationId: string
  readonly platform: Platform
  readonly account: string
  readonly accountId: string
  readonly beganMs: number
  readonly legs: Map<string, LegLog>
  readonly conversations: Set<string>
  /** Conversations that are consultations within this one. */
  readonly consults: Set<string>
  readonly correlationIds: Set<string>
  readonly transfers: Transfer[]
  readonly conferences: Map<string, number>
  readonly recordings: { id?: string; url?: string }[]
  readonly uncertain: Set<string>
  data?: Record<string, string>
  disposition?: CallRecord['disposition']
  revision: number
  isOpen: boolean
  isAnswered: boolean
  /** Closed for its age, with legs whose end nobody has told. */
  isExpired: boolean
  /** ms of our clock when the last leg ended, or of the last news after that. */
  quietSince?: number
}

/** The record that begins with this event. @param now ms of our clock */
export function newDraft (event: TelephonyEvent, call: Call, now: number): Draft {
  return {
    id: recordId(event.platform, event.account, call.conversationId, call.startedAt),
    conversationId: call.conversationId,
    platform: event.platform,
    account: event.account,
    accountId: event.accountId,
    beganMs: now,
    legs: new Map(),
    conversations: new Set([call.conversationId]),
    consults: new Set(),
    correlationIds: new Set(),
    transfers: [],
    conferences: new Map(),
    recordings: [],
    uncertain: new Set(),
    revision: 0,
    isOpen: true,
    isAnswered: false,
    isExpired: false
  }
}
