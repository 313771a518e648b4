/** What the mapping of one event may look at, and how it makes drafts. */
import type { Call, EventName, Owner, Party, UserRef, VendorEventName } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import type { PictureView } from '../state/picture'
import type { XsiEvent, XsiNode } from './protocol'
import { defined, iso } from './read'

/** A subscriber that the session has read from profiles and directories. */
export interface Person {
  readonly id: string
  readonly kind: 'user' | 'queue'
  readonly name?: string
  readonly number?: string
  readonly extension?: string
  readonly email?: string
}

/** What an action of ours did to a leg: it explains the end that follows (the server gives no reason for it). */
export interface OwnMark { readonly kind: 'park' | 'reject'; readonly slot?: Party }

export interface ReduceContext {
  /** ms since 1970 on the vendor's clock. */
  readonly now: number
  /** The subscription that asked for this event is one of `Advanced Call`: CallReceived comes before services have decided (xsi.md 4.8). */
  readonly advancedCall: boolean
  /** Who is known under an id. */
  person (id: string): Person | undefined
  /** Who has a number or extension. */
  personAt (number: string): Person | undefined
  /** Whom a subscription is about, for events without `targetId`. */
  targetOf (subscriptionId: string): string | undefined
  /** A queue whose ACD events are subscribed too: they are trusted more than its call events (model.md R5). */
  hasQueueEvents (queueId: string): boolean
  /** Remembers the last settings of a service; false when `info` says nothing new. */
  serviceChanged (targetId: string, type: string, info: unknown): boolean
  ownMark (legId: string): OwnMark | undefined
}

export interface Target { readonly id: string; readonly owner: Owner; readonly user?: UserRef; readonly person?: Person }

export interface Scope {
  readonly picture: PictureView
  readonly message: XsiEvent
  readonly context: ReduceContext
  readonly target: Target
}

export type Reducer = (scope: Scope, data: XsiNode) => EventDraft[]
export type ReducerTable = Readonly<Record<string, Reducer>>

/** Whose view an event tells: the person or queue, with what is known of them. */
export function targetFor (id: string, context: Pick<ReduceContext, 'person'>): Target {
  const person = context.person(id)
  const owner = defined({ kind: person?.kind ?? 'user' as const, id, name: person?.name, number: person?.number ?? person?.extension }) as Owner
  if (owner.kind !== 'user') return defined({ id, owner, person }) as Target
  return defined({ id, owner, person, user: defined({ id, name: person?.name, number: person?.number, extension: person?.extension, email: person?.email }) as UserRef }) as Target
}

/** A draft of this message about a person or queue; `at` is the vendor's time in ms, left out where the vendor gives none. */
export function draft (scope: Scope, event: EventName | VendorEventName, fields: Omit<EventDraft, 'event' | 'key'> = {}, at?: number): EventDraft {
  const made: EventDraft = { event, key: scope.message.eventId, ...fields }
  if (scope.target.user !== undefined && made.user === undefined) made.user = scope.target.user
  if (at !== undefined) {
    made.time = iso(at)
    made.timeSource = 'vendor'
  }
  return made
}

/** A draft about a leg. */
export function legDraft (scope: Scope, event: EventName | VendorEventName, call: CallDraft | Call, at?: number, fields: Omit<EventDraft, 'event' | 'key' | 'call'> = {}): EventDraft {
  return draft(scope, event, { ...fields, call }, at)
}
