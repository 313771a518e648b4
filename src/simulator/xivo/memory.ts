/** What the server remembers that the PBX does not know: presences as it told them, agents' phones, counts of queues, who subscribed. */
import { type Pbx } from '../pbx/pbx'
import { type Agent } from '../pbx/types'
import { type Session } from './session'

/** A call that a queue had, for its figures over a window of time. */
export interface QueueCall { queueKey: string; at: number; kind: 'answered' | 'lost'; waitedMs: number }
export interface MemberCount { calls: number; last?: number }

const QUEUE_CALL_LIMIT = 10_000

export class Memory {
  /** Presence of each user; who never logged in is `disconnected`. */
  readonly presence = new Map<string, string>()
  /** Names of switches of a user that were changed: they are told as true and false from then on, as 1 and 0 before. */
  readonly changed = new Set<string>()
  /** Phone at which an agent logged in here. */
  readonly agentPhone = new Map<string, string>()
  /** Calls of a member, by `<agent>,<queue>`. */
  readonly memberCounts = new Map<string, MemberCount>()
  /** Newest subscriber of the calls of a line, by device key. */
  readonly callsOf = new Map<string, Session>()
  /** Consultation calls begun here: key of the new connection -> that of the held one. */
  readonly consults = new Map<string, string>()
  readonly rooms = new Map<string, { since: number; last: number; joined: Map<string, { at: number; order: number }> }>()
  /** Hint code of each phone as it was last told. */
  readonly hints = new Map<string, string>()
  /** Availability of each agent as it was last told, and since when, ms. */
  readonly availability = new Map<string, { name: string; since: number }>()
  private readonly queueCalls: QueueCall[] = []
  /** Tokens of 2.x were withdrawn. */
  expired = false

  constructor (private readonly pbx: Pbx) {}

  presenceOf (userKey: string): string {
    return this.presence.get(userKey) ?? 'disconnected'
  }

  /** When the present availability of an agent began, ms. */
  sinceOf (agent: Agent): number {
    return this.availability.get(agent.key)?.since ?? agent.since
  }

  addQueueCall (call: QueueCall): void {
    this.queueCalls.push(call)
    if (this.queueCalls.length > QUEUE_CALL_LIMIT) this.queueCalls.splice(0, QUEUE_CALL_LIMIT / 10)
  }

  /** Calls that a queue had in the last so many seconds. */
  queueCallsOf (queueKey: string, seconds: number): QueueCall[] {
    const since = this.pbx.now() - seconds * 1000
    return this.queueCalls.filter((call) => call.queueKey === queueKey && call.at >= since)
  }

  countMember (agentKey: string, queueKey: string): void {
    const key = `${agentKey},${queueKey}`
    this.memberCounts.set(key, { calls: (this.memberCounts.get(key)?.calls ?? 0) + 1, last: this.pbx.now() })
  }

  /** A session ended. */
  forget (session: Session): void {
    for (const [device, subscriber] of this.callsOf) if (subscriber === session) this.callsOf.delete(device)
  }

  /** The server was restarted: what it had only in its head is gone. */
  reset (): void {
    for (const map of [this.presence, this.callsOf, this.consults, this.rooms]) map.clear()
    this.changed.clear()
  }
}
