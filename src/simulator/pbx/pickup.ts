import { type Core } from './core'
import { type Connection, Refusal } from './types'

/** Answering the call that rings somebody else. */
export class Pickup {
  constructor (private readonly core: Core) {}

  /** A call that rings the target, or without one somebody of the user's pickup group; the one that rings longest. @throws Refusal `noCall` */
  find (userKey: string, target?: string): Connection {
    const candidates = target === undefined ? this.group(userKey) : [this.named(target)]
    const ringing = candidates.flatMap((key) => this.core.connectionsOf(key)).filter((connection) => {
      return connection.state === 'alerting' && connection.personality === 'terminator' && connection.queueConnection === undefined && this.core.otherEnd(connection)?.party.userKey !== userKey
    })
    const [first] = ringing.sort((a, b) => (a.alertedAt ?? 0) - (b.alertedAt ?? 0))
    if (first === undefined) throw new Refusal('noCall', target === undefined ? `nobody of the group of ${userKey} is rung` : `${target} is not rung`)
    return first
  }

  /** The answered call of a user, to be taken to another phone; the newest. @throws Refusal `noCall` */
  own (userKey: string): Connection {
    const talking = this.core.connectionsOf(userKey).reverse().find(({ state, answeredAt, monitor, conferenceKey }) => (state === 'connected' || state === 'hold') && answeredAt !== undefined && monitor === undefined && conferenceKey === undefined)
    if (talking === undefined) throw new Refusal('noCall', `${userKey} has no call to take over`)
    return talking
  }

  /** The user's own connection takes over what rings at the victim. */
  take (connection: Connection, victim: Connection): void {
    const call = this.core.callOf(victim)
    const caller = this.core.otherEnd(victim)
    this.core.parts.endings.finish(victim, { type: 'diverted', cause: 'pickedUp', releasedBy: 'remote', related: [connection.key], detail: { to: connection.party } })
    if (caller !== undefined) this.core.change(caller, { remote: connection.party }, { type: 'callInformation', cause: 'pickedUp', detail: { changed: ['remote'], pickedUpBy: connection.party, from: victim.party } })
    this.core.move(connection, call)
    this.core.parts.calls.connect(connection, { ...(caller === undefined ? {} : { remote: caller.party }) })
  }

  private named (target: string): string {
    const resolved = this.core.numbering.resolve(target)
    const key = this.core.users.has(target) ? target : resolved.kind === 'user' ? resolved.key : undefined
    if (key === undefined) throw new Refusal('unknownUser', `nobody is called ${target}`)
    return key
  }

  private group (userKey: string): string[] {
    const { pickupGroup } = this.core.user(userKey)
    if (pickupGroup === undefined) throw new Refusal('notAssigned', `${userKey} has no pickup group`)
    return [...this.core.users.values()].filter((user) => user.pickupGroup === pickupGroup && user.key !== userKey).map(({ key }) => key)
  }
}
