/** What the face remembers between facts that the PBX does not know. */
import { type Connection } from '../pbx/types'

/** What a request is doing while the PBX tells its facts: they cannot show it. */
interface Doing {
  userKey: string
  /** Digits as the client gave them. */
  dialled?: string
  /** The held connection of a consultation. */
  heldKey?: string
  /** The feature is a pickup. */
  pickup?: boolean
  kind?: 'consultation' | 'feature' | 'reroute' | 'callBack' | 'campOn'
}

export interface Shown { callingDN: string; calledDN: string; diversionNum?: string; causeCode: number; causeMsg: string }

export class Memory {
  doing: Doing | undefined
  /** Who calls whom and why, as a leg was told when it rang or called, by connection: `connected` says the same. */
  readonly shown = new Map<string, Shown>()
  /** Digits that were dialled, by connection of the caller. */
  readonly dialled = new Map<string, string>()
  /** Legs that clients know, with their call reference, by connection. */
  readonly told = new Map<string, number>()
  /** Legs that are held by their station. */
  readonly holding = new Set<string>()
  /** Held legs that ring their station again. */
  readonly recalling = new Set<string>()
  /** Consultation calls: call -> the held connection. */
  readonly consults = new Map<string, string>()
  /** The station that a call rang last. */
  readonly rung = new Map<string, string>()
  /** Stations that went off-hook and were not told busy yet. */
  readonly lifted = new Set<string>()
  /** A call that came to a queue, until it is known whether somebody is free. */
  entering: { entry: Connection; again: boolean } | undefined
  /** Who left his conference a moment ago while it goes on. */
  left: string | undefined
  /** Group of each agent that counts as the primary one. */
  readonly primary = new Map<string, string>()
  /** Ids that agents gave at their log-on. */
  readonly agentIds = new Map<string, string>()
  /** Digit that an agent gave for not being ready. */
  readonly reasons = new Map<string, string>()
  /** Agents who were told busy. */
  readonly busy = new Set<string>()
  /** Forwarding and state of each station as they were last told. */
  readonly forwarding = new Map<string, string>()
  readonly status = new Map<string, string>()
  /** Who waits for a busy station to be free: caller -> called, user keys. */
  readonly callbacks = new Map<string, string>()

  /** A connection is over. */
  forget (connection: Connection): void {
    for (const map of [this.shown, this.dialled, this.told]) map.delete(connection.key)
  }

  /** A call is over. */
  forgetCall (callKey: string): void {
    this.consults.delete(callKey)
    this.rung.delete(callKey)
  }

  reset (): void {
    for (const map of [this.shown, this.dialled, this.told, this.consults, this.rung, this.callbacks, this.holding, this.recalling, this.busy, this.lifted]) map.clear()
    this.entering = undefined
    this.left = undefined
    this.doing = undefined
  }

  /** Runs an operation of the PBX for a request, which its facts are told with. */
  while<T> (doing: Doing, run: () => T): T {
    const before = this.doing
    this.doing = doing
    try {
      return run()
    } finally {
      this.doing = before
    }
  }
}
