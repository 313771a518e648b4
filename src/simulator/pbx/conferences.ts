import { type Core } from './core'
import { type Conference, type Connection, Refusal } from './types'

/** Several calls of one user that hear each other. Each stays a call of its own; the owner's connections carry the key of the conference. */
export class Conferences {
  constructor (private readonly core: Core) {}

  /** Joins answered calls of a user. @throws Refusal `wrongState` with fewer than two, one not answered, or when he has a conference already */
  start (userKey: string, keys: string[]): Conference {
    const connections = [...new Set(keys)].map((key) => this.joinable(userKey, key))
    if (connections.length < 2) throw new Refusal('wrongState', 'a conference needs two calls')
    if (this.of(userKey) !== undefined) throw new Refusal('wrongState', `${userKey} has a conference already`)
    const conference: Conference = { key: this.core.key('conference'), ownerUser: userKey, connections: [], state: 'active', ownerMuted: false, startedAt: this.core.now() }
    this.core.conferences.set(conference.key, conference)
    for (const connection of connections) this.enrol(conference, connection)
    for (const connection of connections) this.wake(connection)
    this.core.tell({ type: 'conferenced', cause: 'conference', conferenceKey: conference.key, userKey, related: [...conference.connections], detail: { conference: copy(conference) } })
    return conference
  }

  /** One more call of the owner joins. */
  add (userKey: string, key: string): Conference {
    const conference = this.require(userKey)
    const connection = this.joinable(userKey, key)
    this.enrol(conference, connection)
    this.wake(connection)
    if (conference.state === 'held') this.resume(userKey)
    this.changed(conference, 'added', [key])
    return conference
  }

  /** The owner puts all of it on hold. */
  hold (userKey: string): void {
    const conference = this.require(userKey)
    const talking = this.members(conference).filter((connection) => connection.state === 'connected' || connection.heldBy === 'remote')
    if (conference.state !== 'active' && talking.length === 0) throw new Refusal('wrongState', 'the conference is held already')
    for (const connection of talking) this.core.parts.talking.hold(connection)
    conference.state = 'held'
    this.changed(conference, 'held')
  }

  resume (userKey: string): void {
    const conference = this.require(userKey)
    if (conference.state !== 'held') throw new Refusal('wrongState', 'the conference is not held')
    for (const connection of this.members(conference)) this.wake(connection)
    conference.state = 'active'
    this.changed(conference, 'retrieved')
  }

  /** The owner is not heard by anybody. */
  setMuted (userKey: string, muted: boolean): void {
    const conference = this.require(userKey)
    if (conference.ownerMuted === muted) return
    conference.ownerMuted = muted
    this.changed(conference, muted ? 'muted' : 'unmuted')
  }

  /** Ends it with all its calls. */
  release (userKey: string): void {
    for (const connection of this.members(this.require(userKey))) if (connection.state !== 'null') this.core.parts.endings.hangUp(connection, 'conference')
  }

  /** The owner leaves; the others stay connected in the call that he had first. */
  leave (userKey: string): void {
    const conference = this.require(userKey)
    const [first, ...rest] = this.members(conference)
    const host = first === undefined ? undefined : this.core.otherEnd(first)
    if (first === undefined || host === undefined || rest.length === 0) throw new Refusal('wrongState', 'nobody would be left')
    const call = this.core.callOf(first)
    const stayers = [host, ...rest.flatMap((connection) => this.core.otherEnd(connection) ?? [])]
    const people = stayers.flatMap(({ party }) => party.kind === 'user' ? party.userKey ?? [] : [])
    if (new Set(people).size < people.length) throw new Refusal('wrongState', 'nobody talks to himself')
    this.dissolve(conference)
    for (const stayer of stayers) if (stayer.callKey !== call.key) this.core.move(stayer, call)
    for (const [n, connection] of [first, ...rest].entries()) {
      this.core.parts.endings.finish(connection, {
        type: 'transferred', cause: 'transfer', releasedBy: 'local', related: (n === 0 ? rest : [first]).map(({ key }) => key),
        detail: { role: 'transferor', kind: 'attended', ...(n === 0 ? {} : { second: true }), to: stayers[n === 0 ? 1 : 0]?.party, party: stayers[n]?.party }
      })
    }
    for (const stayer of stayers) {
      const remote = stayers.find((other) => other !== stayer)?.party
      this.core.parts.phones.holdOthers(stayer)
      this.core.change(stayer, { ...this.core.unheld(stayer), state: 'connected', ...(remote === undefined ? {} : { remote }) }, { type: 'transferred', cause: 'transfer', detail: { role: stayer === host ? 'transferee' : 'target', kind: 'attended', by: first.party } })
    }
  }

  /** A call of a conference ended: with one left there is no conference any more. */
  ended (connection: Connection): void {
    const conference = this.core.conferences.get(connection.conferenceKey ?? '')
    if (conference === undefined || conference.state === 'ended') return
    conference.connections = conference.connections.filter((key) => key !== connection.key)
    if (conference.connections.length >= 2) this.changed(conference, 'removed', [connection.key])
    else this.dissolve(conference)
  }

  /** The conference of a user, if he has one. */
  of (userKey: string): Conference | undefined {
    for (const conference of this.core.conferences.values()) if (conference.ownerUser === userKey) return conference
    return undefined
  }

  private dissolve (conference: Conference): void {
    for (const connection of this.members(conference)) delete connection.conferenceKey
    conference.state = 'ended'
    this.changed(conference, 'ended')
    this.core.conferences.delete(conference.key)
  }

  private enrol (conference: Conference, connection: Connection): void {
    conference.connections.push(connection.key)
    connection.conferenceKey = conference.key
  }

  private wake (connection: Connection): void {
    if (connection.state === 'hold' && connection.heldBy !== 'remote') this.core.parts.talking.resume(connection)
  }

  private members (conference: Conference): Connection[] {
    return conference.connections.flatMap((key) => this.core.connections.get(key) ?? [])
  }

  private joinable (userKey: string, key: string): Connection {
    const connection = this.core.connection(key)
    const answered = (connection.state === 'connected' || connection.state === 'hold') && connection.answeredAt !== undefined && connection.monitor === undefined
    if (connection.party.userKey !== userKey || !answered || connection.conferenceKey !== undefined) throw new Refusal('wrongState', `call ${key} cannot join a conference`)
    return connection
  }

  private require (userKey: string): Conference {
    const conference = this.of(userKey)
    if (conference === undefined) throw new Refusal('noCall', `${userKey} has no conference`)
    return conference
  }

  private changed (conference: Conference, change: string, related: string[] = conference.connections): void {
    this.core.tell({ type: 'conferenceChanged', cause: 'conference', conferenceKey: conference.key, userKey: conference.ownerUser, related: [...related], detail: { change, conference: copy(conference) } })
  }
}

function copy (conference: Conference): Conference {
  return { ...conference, connections: [...conference.connections] }
}
