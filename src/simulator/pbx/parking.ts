import { type Core } from './core'
import { type Way } from './routing'
import { type CauseName, type Connection, type ParkSlot, type Party, Refusal, type User } from './types'

/** Calls that stand in a park slot: a shared one, or the extension of a user. */
export class Parking {
  constructor (private readonly core: Core) {}

  /**
   * Parks the other party of a call; the user's own part ends.
   * @param wanted slot; without it the user's own extension, with `group` the first free shared one
   * @throws Refusal `invalidNumber` for a number that is no slot, `full` when it is taken
   */
  park (connection: Connection, wanted: string | undefined, group: boolean): ParkSlot {
    const { userKey } = connection.party
    const other = this.core.otherEnd(connection)
    const talks = connection.state === 'connected' || connection.state === 'hold'
    if (userKey === undefined || !talks || connection.monitor !== undefined || other === undefined || (other.state !== 'connected' && other.state !== 'hold')) throw new Refusal('wrongState', `call ${connection.key} cannot be parked now`)
    const number = this.choose(this.core.user(userKey), wanted, group)
    const slot: ParkSlot = { number, connectionKey: other.key, callKey: other.callKey, parkedBy: userKey, at: this.core.now() }
    this.core.parkSlots.set(number, slot)
    const place: Party = { kind: 'park', number }
    this.core.parts.endings.finish(connection, { type: 'parked', cause: 'parked', releasedBy: 'local', related: [other.key], detail: { slot: number, party: other.party, ...this.against(number) } })
    this.core.change(other, { ...this.core.unheld(other), state: 'hold', heldBy: 'remote', remote: place }, { type: other.state === 'hold' ? 'callInformation' : 'held', cause: 'parked', detail: { by: 'remote', changed: ['remote'], slot: number } })
    this.core.timers.set(other.key, 'parkRecall', this.core.house.timers.parkRecall * 1000, () => { this.recall(slot) })
    return { ...slot }
  }

  /** Takes a parked call; without a slot that of the user's own extension. @throws Refusal `noCall` when the slot is empty */
  retrieve (connection: Connection, slot: ParkSlot): void {
    const parked = this.core.connection(slot.connectionKey)
    const call = this.core.callOf(parked)
    if (parked.party.kind === 'user' && parked.party.userKey === connection.party.userKey) throw new Refusal('wrongState', 'nobody retrieves himself')
    this.free(slot, 'unparked', connection)
    this.core.move(connection, call)
    this.core.parts.calls.connect(connection, { remote: parked.party })
  }

  slotFor (userKey: string, number?: string): ParkSlot {
    const wanted = number === undefined ? this.core.user(userKey).extension : this.core.numbering.resolve(number).number
    const slot = this.core.parkSlots.get(wanted)
    if (slot === undefined) throw new Refusal('noCall', `nothing is parked at ${wanted}`)
    return slot
  }

  /** A call to the number of a slot takes what is parked there. */
  dialled (way: Way, number: string): Connection | undefined {
    const slot = this.core.parkSlots.get(number)
    const own = slot === undefined ? undefined : this.core.connection(slot.connectionKey).party.userKey
    if (slot === undefined || way.caller.party.kind !== 'user' || own === way.caller.party.userKey) return this.core.parts.routing.fail(way, 'invalidNumber')
    const parked = this.core.connection(slot.connectionKey)
    this.retrieve(way.caller, slot)
    return parked
  }

  /** A parked party hung up. */
  released (connection: Connection, cause: CauseName): void {
    for (const slot of this.core.parkSlots.values()) if (slot.connectionKey === connection.key) this.free(slot, cause === 'shutdown' ? cause : 'abandoned')
  }

  private recall (slot: ParkSlot): void {
    const parked = this.core.connection(slot.connectionKey)
    const { parts } = this.core
    const reachable = parts.phones.registered(slot.parkedBy).length > 0 && parts.phones.hasRoom(slot.parkedBy)
    if (!reachable) {
      this.core.timers.set(parked.key, 'parkRecall', this.core.house.timers.parkRecall * 1000, () => { this.recall(slot) })
      return
    }
    this.free(slot, 'recall')
    parts.transfers.recall(this.core.callOf(parked), parked, slot.parkedBy, 'park', slot.number)
  }

  private free (slot: ParkSlot, cause: CauseName, by?: Connection): void {
    this.core.parkSlots.delete(slot.number)
    const parked = this.core.connections.get(slot.connectionKey)
    if (parked === undefined) return
    this.core.timers.clear(parked.key, 'parkRecall')
    const news = { type: 'unparked' as const, cause, ...(by === undefined ? {} : { related: [by.key] }), detail: { slot: slot.number, party: parked.party, ...this.against(slot.number), ...(by === undefined ? {} : { by: by.party }) } }
    if (by === undefined) {
      this.core.tell(news, parked)
      return
    }
    this.core.parts.phones.holdOthers(parked)
    this.core.change(parked, { ...this.core.unheld(parked), state: 'connected', remote: by.party }, news)
  }

  private choose (user: User, wanted: string | undefined, group: boolean): string {
    const slots = this.core.parkNumbers
    const resolved = wanted === undefined ? undefined : this.core.numbering.resolve(wanted)
    const number = resolved === undefined ? (group ? slots.find((slot) => !this.core.parkSlots.has(slot)) : user.extension) : this.slotNumber(resolved)
    if (number === undefined) throw new Refusal(resolved === undefined ? 'full' : 'invalidNumber', resolved === undefined ? 'no park slot is free' : `${wanted ?? ''} is no park slot`)
    if (this.core.parkSlots.has(number)) throw new Refusal('full', `park slot ${number} is taken`)
    return number
  }

  private slotNumber (resolved: { kind: string; key?: string; number: string }): string | undefined {
    if (resolved.kind === 'park') return resolved.number
    return resolved.kind === 'user' ? this.core.users.get(resolved.key ?? '')?.extension : undefined
  }

  /** The user whose extension the slot is. */
  private against (number: string): { against?: string } {
    const user = this.core.numbering.userByExtension(number)
    return user === undefined ? {} : { against: user.key }
  }
}
