import { type Core, type Fields } from './core'
import { type Call, type CauseName, type Connection, Refusal } from './types'
import { type Way } from './routing'
import { ringsHere } from './calls'

/** An unanswered transfer, and to whom the call comes back. */
interface Return { userKey: string; recall: 'transfer' | 'push' }

type Kind = 'blind' | 'attended' | 'early'

/** A call changes hands. The call of the held party survives; the one who transfers leaves it. */
export class Transfers {
  private readonly returns = new Map<string, Return>()

  constructor (private readonly core: Core) {}

  /** Blind transfer of a call that talks or is held; a call that rings is deflected. Without an answer it comes back. */
  blind (connection: Connection, to: string, how: { recall?: Return['recall']; toFront?: boolean } = {}): void {
    if (ringsHere(connection)) {
      this.deflect(connection, to, how)
      return
    }
    const other = this.movable(connection)
    const call = this.core.callOf(connection)
    const resolved = this.core.numbering.resolve(to)
    if (resolved.kind === 'invalid') throw new Refusal('invalidNumber', `${to} cannot be dialled`)
    const target = this.core.numbering.party(resolved)
    const cause: CauseName = how.recall === 'push' ? 'pushed' : 'blindTransfer'
    const from = connection.party
    this.core.parts.endings.finish(connection, { type: 'transferred', cause, releasedBy: 'local', detail: { role: 'transferor', kind: 'blind', to: target, party: other.party } })
    this.core.change(other, { remote: target, state: 'connected', ...this.core.unheld(other) }, { type: 'transferred', cause, detail: { role: 'transferee', kind: 'blind', by: from, to: target } })
    const resting = resolved.kind === 'queue' || resolved.kind === 'voicemail'
    if (!resting && from.userKey !== undefined) this.expect(call, { userKey: from.userKey, recall: how.recall ?? 'transfer' })
    this.core.parts.routing.deliver({ call, caller: other, redirections: [{ party: from, cause, at: this.core.now() }], ...(how.toFront === true ? { toFront: true } : {}) }, resolved)
  }

  /** Sends a call that rings here to somebody else. */
  deflect (connection: Connection, to: string, how: { toFront?: boolean } = {}): void {
    if (!ringsHere(connection)) throw new Refusal('wrongState', `call ${connection.key} does not ring`)
    const resolved = this.core.numbering.resolve(to)
    if (resolved.kind === 'invalid') throw new Refusal('invalidNumber', `${to} cannot be dialled`)
    this.divert(connection, this.core.numbering.party(resolved), 'deflected', (way) => { this.core.parts.routing.deliver({ ...way, ...how }, resolved) })
  }

  /** To a mailbox: of the given user, else the own one. */
  toVoicemail (connection: Connection, userKey?: string): void {
    const user = this.core.user(userKey ?? connection.party.userKey ?? '')
    if (!user.features.voicemail) throw new Refusal('notAssigned', `${user.key} has no mailbox`)
    if (!ringsHere(connection)) {
      this.blind(connection, `*98${user.extension}`)
      return
    }
    const box = { kind: 'voicemail' as const, key: user.key, number: user.extension }
    this.divert(connection, this.core.numbering.party(box), 'voicemail', (way) => { this.core.parts.routing.deliver(way, box) })
  }

  /**
   * Joins the other ends of two calls of one user; the call of `held` goes on. The consulted party may still ring (early) or be a queue.
   * @throws Refusal `wrongState` when the first one was never answered, or they are not two calls of one user
   */
  complete (held: Connection, consult: Connection): void {
    const { parts } = this.core
    if (held === consult || held.party.userKey === undefined || held.party.userKey !== consult.party.userKey) throw new Refusal('wrongState', 'a transfer needs two calls of one user')
    const transferee = this.movable(held)
    const target = this.core.otherEnd(consult)
    if (target === undefined || consult.state === 'fail' || ringsHere(consult) || consult.callKey === held.callKey) throw new Refusal('wrongState', `nobody to transfer to in call ${consult.key}`)
    if (target.party.kind === 'user' && target.party.userKey === transferee.party.userKey) throw new Refusal('wrongState', 'nobody talks to himself')
    const call = this.core.callOf(held)
    const old = this.core.callOf(consult)
    const early = target.state === 'alerting' || target.state === 'queued'
    const kind: Kind = early ? 'early' : 'attended'
    const cause: CauseName = early ? 'earlyTransfer' : 'transfer'
    const by = held.party
    const others = this.core.openIn(old).filter((other) => other !== consult && other !== target)
    for (const other of [target, ...others]) this.core.move(other, call)
    parts.endings.finish(held, { type: 'transferred', cause, releasedBy: 'local', related: [consult.key], detail: { role: 'transferor', kind, to: target.party, party: transferee.party } })
    parts.endings.finish(consult, { type: 'transferred', cause, releasedBy: 'local', related: [held.key], detail: { role: 'transferor', kind, second: true, to: transferee.party, party: target.party } })
    this.meet(transferee, target, cause, { kind, by, mergedFrom: old.linkage })
    for (const other of others) this.core.change(other, { remote: other.queueConnection === target.key ? transferee.party : other.remote }, { type: 'moved', cause })
    if (early && target.party.kind !== 'queue') this.expect(call, { userKey: by.userKey ?? '', recall: 'transfer' })
  }

  /** Holds, dials, and transfers as soon as the far end rings. Returns the consultation connection. */
  mute (connection: Connection, to: string): Connection {
    const userKey = connection.party.userKey ?? ''
    this.movable(connection)
    if (connection.state === 'connected') this.core.parts.talking.hold(connection)
    const consult = this.core.parts.calls.originate(userKey, to, {})
    const target = consult.state === 'null' || consult.state === 'fail' ? undefined : this.core.otherEnd(consult)
    if (target !== undefined) this.complete(connection, consult)
    else {
      if (consult.state !== 'null') this.core.parts.endings.hangUp(consult)
      this.core.parts.talking.resume(connection)
    }
    return consult
  }

  /** Whether a call that nobody takes came back to the one who transferred it. */
  failed (call: Call, waiting: Connection): boolean {
    const back = this.returns.get(call.key)
    this.forget(call.key)
    if (back === undefined) return false
    const { parts } = this.core
    const user = this.core.user(back.userKey)
    if (parts.phones.registered(user.key).length === 0 || !parts.phones.hasRoom(user.key)) return false
    this.recall(call, waiting, user.key, back.recall)
    return true
  }

  /** Rings a user for a call that comes back to him. */
  recall (call: Call, waiting: Connection, userKey: string, recall: NonNullable<Connection['recall']>, parkedAt?: string): Connection {
    const leg = this.core.parts.routing.ring(call, this.core.user(userKey), { recall, remote: waiting.party, ...(parkedAt === undefined ? {} : { parkedAt }) }, [waiting.key])
    this.core.parts.routing.waitFor(waiting, leg)
    this.core.timers.set(leg.key, 'noAnswer', this.core.house.timers.noAnswer * 1000, () => { this.core.parts.endings.hangUp(leg, 'noAnswer', 'system') })
    return leg
  }

  /** The transferred call was answered or is over. */
  forget (callKey: string): void {
    this.returns.delete(callKey)
    this.core.timers.clear(callKey, 'recall')
  }

  reset (): void {
    this.returns.clear()
  }

  private expect (call: Call, back: Return): void {
    this.returns.set(call.key, back)
    this.core.timers.set(call.key, 'recall', this.core.house.timers.transferRecall * 1000, () => { this.expired(call) })
  }

  /** Nobody answered in time: what rings is ended, the one who waits goes back. */
  private expired (call: Call): void {
    const open = this.core.openIn(call)
    const waiting = open.find((connection) => connection.personality === 'originator')
    if (waiting === undefined) return
    for (const other of open) if (other !== waiting) this.core.parts.endings.finish(other, { cause: 'noAnswer', releasedBy: 'system' })
    this.core.parts.routing.fail({ call, caller: waiting, redirections: [] }, 'noAnswer')
  }

  /** The two who stay see each other. What one of them holds stays held, what the leaving one held does not. */
  private meet (transferee: Connection, target: Connection, cause: CauseName, how: { kind: Kind; by: Connection['party']; mergedFrom: string }): void {
    const { kind, by, mergedFrom } = how
    const holds = (one: Connection): boolean => one.heldBy === 'local' || one.heldBy === 'both'
    const talks = (one: Connection, other: Connection): Fields => {
      if (holds(one)) return { state: 'hold', heldBy: holds(other) ? 'both' : 'local' }
      return holds(other) ? { state: 'hold', heldBy: 'remote' } : { state: 'connected', heldBy: undefined }
    }
    const waits: Fields = { state: target.state, personality: 'originator', ...this.core.unheld(transferee) }
    const pending = target.state === 'alerting' || target.state === 'queued'
    const [atTransferee, atTarget] = pending ? [waits, {}] : [talks(transferee, target), talks(target, transferee)]
    this.core.change(transferee, { ...atTransferee, remote: target.party }, { type: 'transferred', cause, related: [target.key], detail: { role: 'transferee', kind, by, to: target.party } })
    this.core.change(target, { ...atTarget, remote: transferee.party }, { type: 'transferred', cause, related: [transferee.key], detail: { role: 'target', kind, by, from: transferee.party, mergedFrom } })
  }

  private divert (connection: Connection, to: Connection['party'], cause: CauseName, send: (way: Way) => void): void {
    const caller = this.core.otherEnd(connection)
    if (caller === undefined) throw new Refusal('wrongState', `nobody calls in ${connection.key}`)
    const call = this.core.callOf(connection)
    if (connection.queueConnection !== undefined) this.core.parts.queues.taken(connection)
    const way = { call, caller, redirections: [{ party: connection.party, cause, at: this.core.now() }, ...connection.redirections] }
    this.core.parts.endings.finish(connection, { type: 'diverted', cause, releasedBy: 'local', detail: { to } })
    this.core.parts.routing.forwarded(caller, to, cause)
    send(way)
  }

  /** The other end of a call that may be transferred. */
  private movable (connection: Connection): Connection {
    const other = this.core.otherEnd(connection)
    const talks = connection.state === 'connected' || connection.state === 'hold'
    if (!talks || connection.monitor !== undefined || other === undefined || (other.state !== 'connected' && other.state !== 'hold')) throw new Refusal('wrongState', `call ${connection.key} cannot be transferred now`)
    return other
  }
}
