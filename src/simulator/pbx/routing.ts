import { type Core } from './core'
import { type Resolved } from './numbering'
import { type Call, type CauseName, type Condition, type Connection, type Party, Refusal, type User } from './types'

/** A call on its way to somebody. */
export interface Way {
  call: Call
  /** Who waits for it to be answered. */
  caller: Connection
  redirections: Connection['redirections']
  /** Queue that is entered in front of the others. */
  toFront?: boolean
}

/** Why a user cannot be rung, and which of his forwardings takes the call then. */
interface Obstacle { condition: Condition; forwarded: CauseName; refused: CauseName; /** Cause at the one who was rung, where it differs. */ own?: CauseName }

const OBSTACLES = {
  always: { condition: 'always', forwarded: 'forwardAlways', refused: 'forwardAlways' },
  dnd: { condition: 'busy', forwarded: 'doNotDisturb', refused: 'doNotDisturb' },
  notReachable: { condition: 'notReachable', forwarded: 'forwardNotReachable', refused: 'notReachable' },
  busy: { condition: 'busy', forwarded: 'forwardBusy', refused: 'busy' },
  noAnswer: { condition: 'noAnswer', forwarded: 'forwardNoAnswer', refused: 'noAnswer' },
  unavailable: { condition: 'noAnswer', forwarded: 'forwardNoAnswer', refused: 'rejected' },
  declined: { condition: 'busy', forwarded: 'forwardBusy', refused: 'busy', own: 'rejected' }
} satisfies Record<string, Obstacle>

export type ObstacleName = keyof typeof OBSTACLES

/** A call that was sent on this often is not sent on again. */
export const MOST_REDIRECTIONS = 5
const DEFAULT_RINGS = 3
/** Failures that the far end gave, not the network. */
const BY_REMOTE = new Set<CauseName>(['busy', 'doNotDisturb', 'rejected', 'noAnswer'])

/** Where a call goes: to a user with his services, a queue, a mailbox, outside, or nowhere. */
export class Routing {
  constructor (private readonly core: Core) {}

  /** Sends a call on. Returns the connection that now rings, waits in a queue or answered; undefined when the call failed (the caller was told). */
  deliver (way: Way, dialled: string | Resolved): Connection | undefined {
    const to = typeof dialled === 'string' ? this.core.numbering.resolve(dialled) : dialled
    const { parts, users, queues } = this.core
    const user = users.get(to.key ?? '')
    const queue = queues.get(to.key ?? '')
    if (to.kind === 'user' && user !== undefined) return this.toUser(way, user)
    if (to.kind === 'queue' && queue !== undefined) return parts.queues.enter(way, queue)
    if (to.kind === 'voicemail' && user !== undefined) return this.toMailbox(way, user)
    if (to.kind === 'park') return parts.parking.dialled(way, to.number)
    if (to.kind === 'external') return parts.externals.ring(way, to.number)
    return this.fail(way, 'invalidNumber')
  }

  /** Nobody can be had: an earlier transfer comes back to the one who made it, a user hears a tone for a while, somebody outside is cut off. */
  fail (way: Way, cause: CauseName): undefined {
    const { call, caller } = way
    const { parts, timers } = this.core
    if (caller.state === 'null' || parts.transfers.failed(call, caller)) return undefined
    const releasedBy = BY_REMOTE.has(cause) ? 'remote' : 'system'
    if (caller.party.kind !== 'user') {
      parts.endings.finish(caller, { cause, releasedBy })
      return undefined
    }
    this.core.change(caller, { state: 'fail', cause, ...this.core.unheld(caller) }, { type: 'failed', cause })
    timers.set(caller.key, 'treatment', this.core.house.timers.tone * 1000, () => { parts.endings.finish(caller, { cause, releasedBy }) })
    return undefined
  }

  /** The caller waits for a party that rings. */
  waitFor (caller: Connection, called: Connection): void {
    this.core.change(caller, { state: 'alerting', personality: 'originator', remote: called.party, ...this.core.unheld(caller) }, { type: 'delivered', related: [called.key] })
  }

  /** Takes a call away from a user who was rung, or could not be, and gives it to who is set for that case; without one it fails. */
  divert (way: Way, user: User, name: ObstacleName, leg?: Connection): Connection | undefined {
    const obstacle: Obstacle = OBSTACLES[name]
    const { parts, numbering } = this.core
    const target = this.substitute(way, user, obstacle.condition)
    const cause = target?.kind === 'voicemail' ? obstacle.refused : obstacle.forwarded
    if (target === undefined) {
      if (leg === undefined) this.noteMissed(way, user)
      else parts.endings.finish(leg, { cause: obstacle.own ?? obstacle.refused, releasedBy: name === 'unavailable' || name === 'declined' ? 'local' : 'system' })
      return this.fail(way, obstacle.refused === 'forwardAlways' ? 'notReachable' : obstacle.refused)
    }
    const to = numbering.party(target)
    const diverted = leg ?? this.leg(way, user, [])
    parts.endings.finish(diverted, { type: 'diverted', cause, releasedBy: 'system', detail: { to } })
    this.forwarded(way.caller, to, cause)
    return this.deliver({ ...way, redirections: [{ party: numbering.partyOfUser(user), cause, at: this.core.now() }, ...way.redirections] }, target)
  }

  /** Rings a user who is busy, for a caller who hears the tone. @throws Refusal `wrongState` without that tone, `full` without a free line */
  campOn (caller: Connection): Connection {
    const user = this.core.users.get(caller.remote?.userKey ?? '')
    if (caller.state !== 'fail' || caller.cause !== 'busy' || user === undefined) throw new Refusal('wrongState', `call ${caller.key} hears no busy tone`)
    if (!this.core.parts.phones.hasRoom(user.key)) throw new Refusal('full', `${user.key} has no free line`)
    this.core.timers.clear(caller.key, 'treatment')
    delete caller.cause
    return this.ringAndWait({ call: this.core.callOf(caller), caller, redirections: [] }, user)
  }

  /** The caller learns that his call goes on to somebody else. */
  forwarded (caller: Connection, to: Party, cause: CauseName): void {
    if (caller.state !== 'null') this.core.change(caller, { remote: to }, { type: 'callInformation', cause, detail: { changed: ['remote'], forwardedTo: to } })
  }

  /** Rings a user whatever his services say: recalls and queue offers. */
  ring (call: Call, user: User, fields: Parameters<Core['open']>[2], related: string[]): Connection {
    const leg = this.core.open(call, this.core.numbering.partyOfUser(user), {
      state: 'alerting', alertedAt: this.core.now(), alertingDevices: this.core.parts.phones.registered(user.key).map((device) => device.key),
      appearance: this.core.parts.phones.appearance(user.key), ...fields
    })
    this.core.tell({ type: 'delivered', related, ...(leg.recall === undefined ? {} : { cause: 'recall' }) }, leg)
    this.core.parts.phones.tellRinging(leg)
    return leg
  }

  /** A mailbox takes the call at once. */
  toMailbox (way: Way, user: User): Connection | undefined {
    if (!user.features.voicemail) return this.fail(way, 'notReachable')
    const party = this.core.numbering.party({ kind: 'voicemail', key: user.key, number: user.extension })
    const box = this.core.open(way.call, party, { state: 'alerting', alertedAt: this.core.now(), redirections: way.redirections, remote: way.caller.party })
    this.waitFor(way.caller, box)
    this.core.parts.calls.connect(box, {})
    this.core.timers.set(box.key, 'message', 30_000, () => { this.core.parts.endings.hangUp(box) })
    return box
  }

  private toUser (way: Way, user: User): Connection | undefined {
    const obstacle = this.obstacle(user, way.caller)
    return obstacle === undefined ? this.ringAndWait(way, user) : this.divert(way, user, obstacle)
  }

  private ringAndWait (way: Way, user: User): Connection {
    const leg = this.leg(way, user, [way.caller.key])
    this.waitFor(way.caller, leg)
    this.core.timers.set(leg.key, 'noAnswer', this.patience(user), () => { this.core.parts.calls.passOn(leg, 'noAnswer') })
    return leg
  }

  /** The leg of a user who is called; without `related` he is only passed on the way and nothing rings. */
  private leg (way: Way, user: User, related: string[]): Connection {
    const fields = { remote: way.caller.party, redirections: way.redirections }
    if (related.length > 0) return this.ring(way.call, user, fields, related)
    return this.core.open(way.call, this.core.numbering.partyOfUser(user), { state: 'alerting', ...fields })
  }

  private obstacle (user: User, caller: Connection): ObstacleName | undefined {
    const { always } = user.forwarding
    const { phones } = this.core.parts
    if (always.enabled && always.to !== undefined) return 'always'
    if (user.dnd.enabled) return 'dnd'
    if (caller.party.kind === 'user' && caller.party.userKey === user.key) return 'busy'
    if (phones.registered(user.key).length === 0) return 'notReachable'
    const busy = user.features.callWaiting ? !phones.hasRoom(user.key) : this.core.connectionsOf(user.key).length > 0
    return busy ? 'busy' : undefined
  }

  private substitute (way: Way, user: User, condition: Condition): Resolved | undefined {
    const rule = user.forwarding[condition]
    const to = rule.enabled && rule.to !== undefined ? this.core.numbering.resolve(rule.to) : undefined
    if (to !== undefined && !this.loops(way, user, to)) return to
    return user.features.voicemail && condition !== 'always' ? { kind: 'voicemail', key: user.key, number: user.extension } : undefined
  }

  private loops (way: Way, user: User, to: Resolved): boolean {
    const visited = way.redirections.some(({ party }) => to.key !== undefined && (party.userKey ?? party.queueKey) === to.key)
    return visited || to.key === user.key || way.redirections.length >= MOST_REDIRECTIONS
  }

  private patience (user: User): number {
    const { secondsPerRing, noAnswer } = this.core.house.timers
    const rule = user.forwarding.noAnswer
    return 1000 * ((rule.enabled && rule.to !== undefined) || user.features.voicemail ? (rule.rings ?? DEFAULT_RINGS) * secondsPerRing : noAnswer)
  }

  private noteMissed (way: Way, user: User): void {
    const now = this.core.now()
    this.core.remember({ userKey: user.key, kind: 'missed', party: way.caller.party, at: now, endedAt: now, id: this.core.key('history'), connectionKey: '' })
  }
}
