/** What outlives one connection of an account: what our own actions did, which ids mean the same call, what of events was seen. */
import { legId, type Party } from '../model'
import { keyOf } from './ids'
import { People } from './people'

/** What an action of ours did to a leg: it explains the end that follows, for which the vendor gives no reason (model.md 11). */
export type OwnMark =
  | { readonly kind: 'hangup' | 'reject' | 'push' }
  | { readonly kind: 'park'; readonly slot?: Party }
  | { readonly kind: 'blind' | 'redirect'; readonly to: Party }
  /** `role` first: the held leg, whose conversation goes on. */
  | { readonly kind: 'attended' | 'early'; readonly role: 'first' | 'second'; readonly other: string }

const MARK_MS = 10_000
/** ms that a transfer which completes by itself may ring. */
const EARLY_MS = 180_000
const MAX_ENTRIES = 5000
/** ms that a dialled session is waited for. */
const DIALLED_MS = 60_000

interface Kept<T> { value: T; until: number }

/** A map whose entries end, bounded. */
class Passing<T> {
  private readonly entries = new Map<string, Kept<T>>()

  set (key: string, value: T, until: number): void {
    this.entries.delete(key)
    this.entries.set(key, { value, until })
    if (this.entries.size <= MAX_ENTRIES) return
    const oldest = this.entries.keys().next().value
    if (oldest !== undefined) this.entries.delete(oldest)
  }

  get (key: string, now: number): T | undefined {
    const entry = this.entries.size === 0 ? undefined : this.entries.get(key)
    return entry !== undefined && entry.until >= now ? entry.value : undefined
  }

  delete (key: string): void {
    this.entries.delete(key)
  }
}

export class DriverMemory {
  readonly people = new People()
  /** The leg by which each person joined somebody else's call, by person id. */
  readonly monitors = new Map<string, string>()
  /** The account's webhooks have told of somebody else than the token's own person: not known before it happens (webex-calling.md U11). */
  tellsOfMembers = false
  private readonly marks = new Passing<OwnMark>()
  /** Call ids as REST tells them, by their last part: only these are sent back (webex-calling.md 2.2). */
  private readonly restIds = new Passing<string>()
  /** Legs that a `dial` of ours announced, by owner and session; the leg may then come under another call id (webex-calling.md 6). */
  private readonly announced = new Passing<string>()
  private readonly aliases = new Passing<string>()

  mark (leg: string, mark: OwnMark, now: number): void {
    this.marks.set(leg, mark, now + (mark.kind === 'early' ? EARLY_MS : MARK_MS))
  }

  unmark (leg: string): void {
    this.marks.delete(leg)
  }

  markOf (leg: string, now: number): OwnMark | undefined {
    return this.marks.get(leg, now)
  }

  /** A call id of a REST reply. */
  noteRestId (callId: string): void {
    this.restIds.set(keyOf(callId), callId, Infinity)
  }

  restIdOf (callId: string): string | undefined {
    return this.restIds.get(keyOf(callId), 0)
  }

  /** The reply of a `dial` or its like. @returns id of the leg that it made */
  announce (owner: string, callId: string, session: string | undefined, now: number): string {
    this.noteRestId(callId)
    const leg = this.legIdOf(owner, callId, undefined, now)
    if (session !== undefined) this.announced.set(`${owner}\n${keyOf(session)}`, leg, now + DIALLED_MS)
    return leg
  }

  /** Id of the leg that a call is. @param session of an outgoing call that is not known yet: it may be one that we dialled */
  legIdOf (owner: string, callId: string, session: string | undefined, now: number): string {
    const id = legId(owner, keyOf(callId))
    const alias = this.aliases.get(id, 0)
    if (alias !== undefined || session === undefined) return alias ?? id
    const announced = this.announced.get(`${owner}\n${keyOf(session)}`, now)
    if (announced === undefined) return id
    this.announced.delete(`${owner}\n${keyOf(session)}`)
    if (announced !== id) this.aliases.set(id, announced, Infinity)
    return announced
  }
}
