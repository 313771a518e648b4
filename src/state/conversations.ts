import { conversationId, type Relation } from '../model'
import { Fifo } from './fifo'

/** ms that a conversation without open legs is remembered: as long as the tombstones of its legs. */
const FORGET_MS = 60_000
const MAX_CONVERSATIONS = 50_000
/** Of those without open legs; as many as there are tombstones. */
const MAX_IDLE = 5000
const MAX_MERGED = 50
/** Legs tied by these belong to one conversation; a consult leg has its own until the transfer (model.md 3.4). */
const SHARED: ReadonlySet<string> = new Set<Relation['kind']>(['queueLeg', 'agentLeg', 'transferredFrom', 'transferredTo', 'parkedFrom', 'pickedUpFrom', 'otherEnd'])
const CONSULT: ReadonlySet<string> = new Set<Relation['kind']>(['consultOf', 'consultedBy'])

/** What is needed of a leg to know its conversation. */
export interface ConversationLeg {
  id: string
  correlationId?: string
  /** Given by a vendor that knows it, such as the conversation of the transferred call. */
  conversationId?: string
  startedAt: string
  related?: readonly Relation[]
}

/** Where a leg belongs. `moved` names the conversations that ended in this one by this very call. */
export interface Membership { id: string; mergedFrom: readonly string[]; moved: readonly string[] }

interface Conversation {
  readonly id: string
  readonly order: number
  startedAt: string
  readonly mergedFrom: string[]
  /** Every leg that was ever in it, and those that have not ended. */
  readonly legs: Set<string>
  readonly open: Set<string>
  /** Correlation ids that mean this conversation. */
  readonly keys: Set<string>
  idleSince: number
}

const NOTHING: readonly string[] = []

/**
 * Gives each leg its conversation (model.md 2.1): the first correlation id seen, prefixed by the account. When the correlation id of a leg changes,
 * the new one is an alias; when it already means another conversation, the two merge and the one that started first goes on.
 */
export class Conversations {
  private readonly byId = new Map<string, Conversation>()
  private readonly byKey = new Map<string, Conversation>()
  private readonly byLeg = new Map<string, Conversation>()
  /** Ids that were given by us and have ended in another conversation. */
  private readonly movedTo = new Map<string, Conversation>()
  /** Those without open legs, the longest idle first. */
  private readonly idle = new Fifo<{ conversation: Conversation; since: number }>()
  private count = 0

  /** @param now ms of our own clock */
  constructor (private readonly accountId: string, private readonly now: () => number) {}

  /** The conversation of a leg; may merge two. Called for every event of the leg, cheap when nothing changed. */
  join (leg: ConversationLeg): Membership {
    const known = this.byLeg.get(leg.id)
    if (known !== undefined && leg.related === undefined
      && (leg.correlationId === undefined || known.keys.has(leg.correlationId)) && (leg.conversationId === undefined || leg.conversationId === known.id)) {
      if (!known.open.has(leg.id)) this.enter(known, leg)
      return { id: known.id, mergedFrom: known.mergedFrom, moved: NOTHING }
    }
    const candidates = this.candidates(leg, known)
    let own = candidates.values().next().value ?? this.begin(leg)
    const moved: string[] = []
    for (const other of candidates) {
      if (other === own) continue
      const [stays, goes] = isEarlier(other, own) ? [other, own] : [own, other]
      this.merge(stays, goes)
      moved.push(goes.id)
      own = stays
    }
    this.enter(own, leg)
    return { id: own.id, mergedFrom: own.mergedFrom, moved }
  }

  /** A transfer completed: the conversations of the consulted leg and of the held one become one (model.md 3.4, 2). */
  mergeConsult (leg: ConversationLeg): Membership | undefined {
    const first = this.byLeg.get(leg.id)
    if (first === undefined) return undefined
    let own: Conversation = first
    const moved: string[] = []
    for (const relation of leg.related ?? []) {
      const other = CONSULT.has(relation.kind) ? this.byLeg.get(relation.id) : undefined
      if (other === undefined || other === own) continue
      const [stays, goes] = isEarlier(other, own) ? [other, own] : [own, other]
      this.merge(stays, goes)
      moved.push(goes.id)
      own = stays
    }
    return moved.length === 0 ? undefined : { id: own.id, mergedFrom: own.mergedFrom, moved }
  }

  /** The leg has ended. Its conversation is forgotten a minute after the last one. */
  leave (legId: string): void {
    const conversation = this.byLeg.get(legId)
    if (conversation?.open.delete(legId) === true) this.checkIdle(conversation)
  }

  /** Number of conversations remembered. */
  get size (): number {
    return this.byId.size
  }

  clear (): void {
    for (const memory of [this.byId, this.byKey, this.byLeg, this.movedTo, this.idle]) memory.clear()
  }

  private candidates (leg: ConversationLeg, known: Conversation | undefined): Set<Conversation> {
    const found = new Set<Conversation>()
    if (known !== undefined) found.add(known)
    const named = leg.conversationId === undefined ? undefined : this.byId.get(leg.conversationId) ?? this.movedTo.get(leg.conversationId)
    if (named !== undefined) found.add(named)
    const correlated = leg.correlationId === undefined ? undefined : this.byKey.get(leg.correlationId)
    if (correlated !== undefined) found.add(correlated)
    for (const relation of leg.related ?? []) {
      const other = SHARED.has(relation.kind) ? this.byLeg.get(relation.id) : undefined
      if (other !== undefined) found.add(other)
    }
    return found
  }

  private begin (leg: ConversationLeg): Conversation {
    this.sweep()
    const id = leg.conversationId ?? conversationId(this.accountId, leg.correlationId ?? leg.id)
    const conversation: Conversation = { id, order: this.count++, startedAt: leg.startedAt, mergedFrom: [], legs: new Set(), open: new Set(), keys: new Set(), idleSince: 0 }
    this.byId.set(id, conversation)
    return conversation
  }

  private enter (conversation: Conversation, leg: ConversationLeg): void {
    conversation.legs.add(leg.id)
    conversation.open.add(leg.id)
    this.byLeg.set(leg.id, conversation)
    if (leg.startedAt < conversation.startedAt) conversation.startedAt = leg.startedAt
    if (leg.correlationId !== undefined) {
      conversation.keys.add(leg.correlationId)
      this.byKey.set(leg.correlationId, conversation)
    }
  }

  private merge (stays: Conversation, goes: Conversation): void {
    for (const key of goes.keys) {
      stays.keys.add(key)
      this.byKey.set(key, stays)
    }
    for (const leg of goes.legs) {
      stays.legs.add(leg)
      this.byLeg.set(leg, stays)
    }
    for (const leg of goes.open) stays.open.add(leg)
    for (const id of [goes.id, ...goes.mergedFrom]) {
      if (!stays.mergedFrom.includes(id) && stays.mergedFrom.length < MAX_MERGED) stays.mergedFrom.push(id)
      this.movedTo.set(id, stays)
    }
    this.byId.delete(goes.id)
  }

  private checkIdle (conversation: Conversation): void {
    if (conversation.open.size > 0) return
    conversation.idleSince = this.now()
    this.idle.push({ conversation, since: conversation.idleSince })
  }

  private sweep (): void {
    const limit = this.now() - FORGET_MS
    for (let first = this.idle.peek(); first !== undefined && (first.since <= limit || this.idle.size > MAX_IDLE); first = this.idle.peek()) {
      this.idle.shift()
      // It may have come to life again since, or have ended in another one.
      const { conversation, since } = first
      if (conversation.open.size === 0 && conversation.idleSince === since && this.byId.get(conversation.id) === conversation) this.forget(conversation)
    }
    const oldest = this.byId.size >= MAX_CONVERSATIONS ? this.byId.values().next().value : undefined
    if (oldest !== undefined) this.forget(oldest)
  }

  private forget (conversation: Conversation): void {
    this.byId.delete(conversation.id)
    for (const key of conversation.keys) if (this.byKey.get(key) === conversation) this.byKey.delete(key)
    for (const id of conversation.mergedFrom) this.movedTo.delete(id)
    for (const leg of conversation.legs) if (this.byLeg.get(leg) === conversation) this.byLeg.delete(leg)
  }
}

function isEarlier (a: Conversation, b: Conversation): boolean {
  return a.startedAt === b.startedAt ? a.order < b.order : a.startedAt < b.startedAt
}
