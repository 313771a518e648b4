import { type Core } from './core'
import { type Way } from './routing'
import { type CauseName, type Connection, type ExternalBehaviour, Refusal } from './types'

const ANSWER_AFTER_MS = 2000

/** What a person outside can do with his phone. Each throws Refusal `wrongState` when it is not possible now. */
export interface ExternalHand {
  readonly connection: Connection
  answer (): void
  hangUp (): void
  hold (): void
  resume (): void
  /** Refuses the call that rings. */
  busy (): void
  /** His name becomes known. */
  identify (name: string): void
}

/** People outside: they come in and are called over a trunk, and do what a script says. */
export class Externals {
  private readonly scripts = new Map<string, ExternalBehaviour>()

  constructor (private readonly core: Core) {}

  /** Calls somebody outside. */
  ring (way: Way, number: string): Connection | undefined {
    const behaviour = this.core.externals.get(number) ?? {}
    if (behaviour.invalid === true) return this.core.parts.routing.fail(way, 'invalidNumber')
    if (behaviour.busy === true) return this.core.parts.routing.fail(way, 'busy')
    const trunk = this.core.trunks.keys().next().value
    if (way.call.trunkKey === undefined && trunk !== undefined) way.call.trunkKey = trunk
    const party = this.core.numbering.party({ kind: 'external', number })
    const far = this.core.open(way.call, party, { state: 'alerting', alertedAt: this.core.now(), redirections: way.redirections, remote: way.caller.party })
    this.core.tell({ type: 'delivered', related: [way.caller.key] }, far)
    this.core.parts.routing.waitFor(way.caller, far)
    if (behaviour.silent !== true) this.core.timers.set(far.key, 'answer', behaviour.answerAfterMs ?? ANSWER_AFTER_MS, () => { this.hand(far.key).answer() })
    this.core.timers.set(far.key, 'noAnswer', this.core.house.timers.noAnswer * 1000, () => { this.refuse(far, 'noAnswer') })
    return far
  }

  /** A caller from outside does what his script says, not what the directory says of his number. */
  follow (connection: Connection, behaviour: ExternalBehaviour): void {
    this.scripts.set(connection.key, behaviour)
    if (behaviour.giveUpAfterMs !== undefined) this.core.timers.set(connection.key, 'giveUp', behaviour.giveUpAfterMs, () => { this.core.parts.endings.hangUp(connection) })
  }

  /** The name of somebody outside comes late: all who talk to him see it from now on. */
  identify (connection: Connection, name: string): void {
    connection.party = { ...connection.party, name }
    const call = this.core.callOf(connection)
    if (connection.direction === 'outbound') call.aniName = name
    this.core.tell({ type: 'callInformation', detail: { changed: ['name'] } }, connection)
    for (const other of this.core.openIn(call)) {
      if (this.core.otherEnd(other) === connection) this.core.change(other, { remote: connection.party }, { type: 'callInformation', detail: { changed: ['remote'] } })
    }
  }

  /** Somebody outside talks now. */
  established (connection: Connection): void {
    const own = connection.direction === 'outbound' ? undefined : this.core.externals.get(connection.party.number ?? '')
    const after = (this.scripts.get(connection.key) ?? own)?.hangUpAfterMs
    this.core.timers.clear(connection.key, 'giveUp')
    if (after === undefined || this.core.timers.has(connection.key, 'hangUp')) return
    this.core.timers.set(connection.key, 'hangUp', after, () => { this.core.parts.endings.hangUp(connection) })
  }

  forget (connection: Connection): void {
    this.scripts.delete(connection.key)
  }

  reset (): void {
    this.scripts.clear()
  }

  /**
   * The hand of the person outside in a call.
   * @param key his connection, or that of a user who has him at the other end
   * @throws Refusal `unknownCall` when there is nobody outside
   */
  hand (key: string): ExternalHand {
    const given = this.core.connection(key)
    const connection = given.party.kind === 'external' ? given : this.core.openIn(this.core.callOf(given)).find(({ party }) => party.kind === 'external')
    if (connection === undefined) throw new Refusal('unknownCall', `nobody outside in the call of ${key}`)
    const { calls, endings, talking } = this.core.parts
    const ringing = (): Connection => {
      if (connection.state !== 'alerting' || connection.personality !== 'terminator') throw new Refusal('wrongState', 'the phone outside does not ring')
      return connection
    }
    const open = (): Connection => this.core.connection(connection.key)
    return {
      connection,
      answer: () => { calls.connect(ringing(), {}) },
      hangUp: () => { endings.hangUp(open()) },
      hold: () => { talking.hold(open()) },
      resume: () => { talking.resume(open()) },
      busy: () => { this.refuse(ringing(), 'busy') },
      identify: (name) => { this.identify(open(), name) }
    }
  }

  private refuse (far: Connection, cause: CauseName): void {
    const caller = this.core.otherEnd(far)
    const call = this.core.callOf(far)
    this.core.parts.endings.finish(far, { cause, releasedBy: cause === 'busy' ? 'local' : 'system' })
    if (caller !== undefined) this.core.parts.routing.fail({ call, caller, redirections: far.redirections }, cause)
  }
}
