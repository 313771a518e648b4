import { type AgentState, Agents, type By } from './agents'
import { Calls, type InboundOptions } from './calls'
import { type PbxClock, RealClock } from './clock'
import { Conferences } from './conferences'
import { Core } from './core'
import { demoDirectory } from './demo'
import { furnish, type TimerSettings } from './directory'
import { Dispositions } from './dispositions'
import { Endings } from './endings'
import { type ExternalHand, Externals } from './externals'
import { type Facts } from './facts'
import { IdBook } from './ids'
import { Mailboxes } from './mailboxes'
import { type MonitorMode, Monitoring } from './monitoring'
import { type Resolved } from './numbering'
import { Parking } from './parking'
import { type OwnLegOptions, Phones } from './phones'
import { Pickup } from './pickup'
import { Queues } from './queues'
import { Recording, type RecordingAction } from './recording'
import { Routing } from './routing'
import { Services } from './services'
import { Talking } from './talking'
import { Transfers } from './transfers'
import {
  type Agent, type Call, type Condition, type Conference, type Connection, type Directory, type FaceName, type Ms, type ParkSlot, type Party, Refusal,
  type Routing as AgentRouting, type Rule, type User, type UserFeatures, type VoiceMessage
} from './types'

export interface PbxOptions {
  /** The demo house when omitted. */
  directory?: Directory
  clock?: PbxClock
  seed?: number
  /** Gets mistakes in listeners of facts and in timers; a warning of the process when omitted. */
  onError?: (error: unknown) => void
}

/**
 * The PBX in memory (model.md 10). Keys are strings; what is not possible throws Refusal; every change is told through
 * `facts` at the end of the method that made it, before it returns, so a listener may act on the PBX at once.
 *
 * States of a connection: `initiated` with personality clickToDial: own phones ring; `initiated` of an originator: dialled, nothing heard;
 * `alerting` of an originator: the far end rings; `alerting` of a terminator: own phones ring; `queued` of a caller: he waits in a queue (the
 * queue has a connection of its own); `connected`, `hold` (with heldBy), `fail` (a tone is heard), `null` (over).
 *
 * Facts are told per connection: the called side first, then the caller. Each connection has exactly one fact that ends it: `cleared`, `diverted`
 * (it goes on elsewhere unanswered), `transferred` with detail.role `transferor` (of an attended transfer there are two, the second with
 * detail.second), `parked`, or `dequeued` (of a queue).
 */
export class Pbx {
  readonly users: Core['users']
  readonly devices: Core['devices']
  readonly queues: Core['queues']
  readonly agents: Core['agents']
  readonly trunks: Core['trunks']
  readonly dids: Core['dids']
  readonly externals: Core['externals']
  readonly calls: Core['calls']
  readonly connections: Core['connections']
  readonly conferences: Core['conferences']
  readonly parkSlots: Core['parkSlots']
  readonly history: Core['history']
  readonly facts: Facts
  readonly enterprise: string
  readonly group: string
  readonly domain: string
  readonly country: string
  readonly parkNumbers: readonly string[]
  readonly reasonCodes: readonly { code: string; name: string }[]
  readonly dispositions: readonly { code: string; name: string }[]
  /** Seconds. */
  readonly timerSettings: Readonly<TimerSettings>
  /** For the invariant and the parts; faces use the methods. */
  readonly core: Core
  private readonly codes: Dispositions

  constructor (options: PbxOptions = {}) {
    const house = furnish(options.directory ?? demoDirectory)
    const core = new Core(house, options.clock ?? new RealClock(), options.seed ?? 1, options.onError ?? warn)
    core.parts = {
      phones: new Phones(core), calls: new Calls(core), routing: new Routing(core), endings: new Endings(core), talking: new Talking(core), transfers: new Transfers(core),
      externals: new Externals(core), conferences: new Conferences(core), parking: new Parking(core), pickup: new Pickup(core), monitoring: new Monitoring(core),
      recording: new Recording(core), queues: new Queues(core), agents: new Agents(core), services: new Services(core), mailboxes: new Mailboxes(core)
    }
    this.core = core
    this.codes = new Dispositions(core)
    const { users, devices, queues, agents, trunks, dids, externals, calls, connections, conferences, parkSlots, history, facts } = core
    this.users = users; this.devices = devices
    this.queues = queues; this.agents = agents
    this.trunks = trunks; this.dids = dids
    this.externals = externals; this.calls = calls
    this.connections = connections; this.conferences = conferences
    this.parkSlots = parkSlots; this.history = history
    this.facts = facts
    this.enterprise = house.enterprise; this.group = house.group
    this.domain = house.domain; this.country = house.country
    this.parkNumbers = house.parkSlots
    this.reasonCodes = house.reasonCodes; this.dispositions = house.dispositions
    this.timerSettings = house.timers
  }

  /** Time of the PBX, ms since 1970. */
  now (): Ms { return this.core.now() }

  /** Ends all timers and listeners. The PBX is not used afterwards. */
  close (): void {
    this.core.timers.clearAll()
    this.facts.removeAll()
  }

  /** The PBX loses its memory of calls: nothing is told of them but `reset`; keys and the ids of the faces begin anew. */
  restart (): void {
    const { phones, transfers, externals, queues, agents, monitoring } = this.core.parts
    this.core.operate(() => {
      this.core.forgetCalls()
      for (const part of [phones, transfers, externals, queues, agents, monitoring]) part.reset()
      this.core.tell({ type: 'reset', cause: 'shutdown' })
    })
  }

  /** The id book of a face; the first call makes it with the face's own function. */
  idBook (face: FaceName, make: (kind: string, n: number, key: string) => string): IdBook {
    const book = this.core.books.get(face) ?? new IdBook(make)
    this.core.books.set(face, book)
    return book
  }

  /** Where a dialled text leads. */
  resolve (dialled: string): Resolved { return this.core.numbering.resolve(dialled) }

  userByExtension (extension: string): User | undefined { return this.core.numbering.userByExtension(extension) }
  userByNumber (number: string): User | undefined { return this.core.numbering.userByNumber(number) }
  userByEmail (email: string): User | undefined { return this.core.numbering.userByEmail(email) }

  /** Open connections of a user, oldest first. */
  connectionsOf (userKey: string): Connection[] { return this.core.connectionsOf(userKey) }

  /** The open connection at the other end: of a waiting caller the queue's, of a queue the caller's. */
  otherEnd (connection: Connection): Connection | undefined { return this.core.otherEnd(connection) }

  callOf (connection: Connection): Call { return this.core.callOf(connection) }
  partyOf (userKey: string): Party { return this.core.numbering.partyOfUser(this.core.user(userKey)) }
  partyOfQueue (queueKey: string): Party { return this.core.numbering.partyOfQueue(this.core.queue(queueKey)) }

  /** The conference that a user owns. */
  conferenceOf (userKey: string): Conference | undefined { return this.core.parts.conferences.of(userKey) }

  /** What an agent is at the moment. */
  agentState (agentKey: string): AgentState { return this.core.parts.agents.state(this.core.agent(agentKey)) }

  /** Place of a queue's connection in line, from 1. */
  queuePosition (entryKey: string): number { return this.core.parts.queues.position(this.core.connection(entryKey)) }

  /** What may be done to the recording of a call now. */
  recordingControls (connectionKey: string): RecordingAction[] { return this.core.parts.recording.allowed(this.core.connection(connectionKey)) }

  /** Calls from a user's phone. With `clickToDial` his own phones ring first and `answer` dials. */
  originate (userKey: string, to: string, options: OwnLegOptions = {}): Connection {
    return this.core.operate(() => this.core.parts.calls.originate(userKey, to, options))
  }

  /** Somebody outside calls. Returns the connection that rings, waits in a queue or answered; undefined when the call was refused. */
  inbound (options: InboundOptions): Connection | undefined { return this.core.operate(() => this.core.parts.calls.inbound(options)) }

  /** The person outside in a call. */
  external (connectionKey: string): ExternalHand {
    const hand = this.core.parts.externals.hand(connectionKey)
    const within = <Parameters extends string[]>(act: (...parameters: Parameters) => void) => (...parameters: Parameters): void => {
      this.core.operate(() => { act(...parameters) })
    }
    return {
      connection: hand.connection, answer: within(hand.answer), hangUp: within(hand.hangUp), hold: within(hand.hold), resume: within(hand.resume), busy: within(hand.busy),
      identify: within(hand.identify)
    }
  }

  /** Lifts a phone that rings; `byCti`: from outside, which only phones with `remoteAnswer` allow (Refusal `notAllowed`). */
  answer (connectionKey: string, options: { deviceKey?: string; byCti?: boolean } = {}): void {
    this.on(connectionKey, (connection) => { this.core.parts.calls.answer(connection, options) })
  }

  /** Own phones stop ringing, the call goes on. */
  silence (connectionKey: string): void { this.on(connectionKey, (connection) => { this.core.parts.calls.silence(connection) }) }

  reject (connectionKey: string, reason: 'busy' | 'unavailable' = 'busy'): void { this.on(connectionKey, (connection) => { this.core.parts.calls.reject(connection, reason) }) }

  /** Hangs up, gives up, or refuses what rings. */
  release (connectionKey: string): void { this.on(connectionKey, (connection) => { this.core.parts.calls.release(connection) }) }

  hold (connectionKey: string): void { this.on(connectionKey, (connection) => { this.core.parts.talking.hold(connection) }) }
  resume (connectionKey: string): void { this.on(connectionKey, (connection) => { this.core.parts.talking.resume(connection) }) }

  /** Resumes and hangs up every other call of the user. */
  reconnect (connectionKey: string): void { this.on(connectionKey, (connection) => { this.core.parts.talking.reconnect(connection) }) }

  setMuted (connectionKey: string, muted: boolean): void { this.on(connectionKey, (connection) => { this.core.parts.talking.setMuted(connection, muted) }) }
  setDeaf (connectionKey: string, deaf: boolean): void { this.on(connectionKey, (connection) => { this.core.parts.talking.setDeaf(connection, deaf) }) }

  /** Sends tones, returns how many. */
  dtmf (connectionKey: string, digits: string): number { return this.on(connectionKey, (connection) => this.core.parts.talking.dtmf(connection, digits)) }

  setInfo (connectionKey: string, info: string): void { this.on(connectionKey, (connection) => { this.core.parts.talking.setInfo(connection, info) }) }

  /** Adds named values to the call; an empty value takes one away. */
  setData (connectionKey: string, data: Record<string, string>): void { this.on(connectionKey, (connection) => { this.core.parts.talking.setData(connection, data) }) }

  /** Transfers without asking; a call that rings is deflected. Without an answer it comes back. `toFront`: first in line of a queue. */
  blindTransfer (connectionKey: string, to: string, options: { toFront?: boolean } = {}): void { this.on(connectionKey, (connection) => { this.core.parts.transfers.blind(connection, to, options) }) }

  /** Rings a busy user all the same, for a caller who hears the tone; returns the connection that rings. */
  campOn (connectionKey: string): Connection { return this.on(connectionKey, (connection) => this.core.parts.routing.campOn(connection)) }

  deflect (connectionKey: string, to: string): void { this.on(connectionKey, (connection) => { this.core.parts.transfers.deflect(connection, to) }) }
  toVoicemail (connectionKey: string, userKey?: string): void { this.on(connectionKey, (connection) => { this.core.parts.transfers.toVoicemail(connection, userKey) }) }

  /** Holds, dials, transfers as soon as the far end rings; returns the consultation connection. */
  muteTransfer (connectionKey: string, to: string): Connection { return this.on(connectionKey, (connection) => this.core.parts.transfers.mute(connection, to)) }

  /** Joins the other ends of two calls of one user. The call of `heldKey` survives; the consulted party may still ring. */
  completeTransfer (heldKey: string, consultKey: string): void {
    this.on(heldKey, (held) => { this.core.parts.transfers.complete(held, this.core.connection(consultKey)) })
  }

  /** Gives a call to the executive whose assistant the user is. */
  push (connectionKey: string): void {
    this.on(connectionKey, (connection) => {
      const executive = this.core.users.get(this.core.users.get(connection.party.userKey ?? '')?.assistantOf ?? '')
      if (executive === undefined) throw new Refusal('notAssigned', 'only an assistant pushes calls')
      this.core.parts.transfers.blind(connection, executive.extension, { recall: 'push' })
    })
  }

  conferenceStart (userKey: string, connectionKeys: string[]): Conference { return this.core.operate(() => this.core.parts.conferences.start(userKey, connectionKeys)) }
  conferenceAdd (userKey: string, connectionKey: string): Conference { return this.core.operate(() => this.core.parts.conferences.add(userKey, connectionKey)) }
  conferenceHold (userKey: string): void { this.core.operate(() => { this.core.parts.conferences.hold(userKey) }) }
  conferenceResume (userKey: string): void { this.core.operate(() => { this.core.parts.conferences.resume(userKey) }) }
  conferenceMute (userKey: string, muted: boolean): void { this.core.operate(() => { this.core.parts.conferences.setMuted(userKey, muted) }) }

  /** Ends a conference with all its calls. */
  conferenceRelease (userKey: string): void { this.core.operate(() => { this.core.parts.conferences.release(userKey) }) }

  /** The owner leaves his conference, the others stay connected. */
  leave (userKey: string): void { this.core.operate(() => { this.core.parts.conferences.leave(userKey) }) }

  /** Parks at a slot, at the user's own extension, or with `group` at the first free shared slot. */
  park (connectionKey: string, slot?: string, options: { group?: boolean } = {}): ParkSlot { return this.on(connectionKey, (connection) => this.core.parts.parking.park(connection, slot, options.group === true)) }

  /** Takes a parked call; without a slot what is parked at the user's own extension. */
  retrieve (userKey: string, slot?: string, options: OwnLegOptions = {}): Connection {
    const { parking } = this.core.parts
    return this.fromOwnPhone(userKey, () => parking.slotFor(userKey, slot), options, ({ number }) => number, (connection, { number }) => { parking.retrieve(connection, parking.slotFor(userKey, number)) })
  }

  /** Answers what rings the target (extension, number, address or key), or somebody of the own pickup group. */
  pickup (userKey: string, target?: string, options: OwnLegOptions = {}): Connection {
    const { pickup } = this.core.parts
    return this.fromOwnPhone(userKey, () => pickup.find(userKey, target), options, (victim) => victim.party.number ?? '', (connection) => { pickup.take(connection, pickup.find(userKey, target)) })
  }

  /** Goes on with the own call that talks on another phone of the user. */
  pull (userKey: string, options: OwnLegOptions = {}): Connection {
    const { pickup } = this.core.parts
    return this.fromOwnPhone(userKey, () => pickup.own(userKey), options, ({ remote }) => remote?.number ?? '', (connection) => { pickup.take(connection, pickup.own(userKey)) })
  }

  /** A supervisor listens to, whispers to or joins a user who talks; barging in on one who is only rung is a pickup. */
  monitor (userKey: string, targetKey: string, mode: MonitorMode, options: OwnLegOptions = {}): Connection {
    const { monitoring } = this.core.parts
    const talks = this.core.connectionsOf(this.core.user(targetKey).key).some(({ state }) => state === 'connected')
    if (mode === 'bargeIn' && !talks && this.core.user(userKey).supervisor) return this.pickup(userKey, targetKey, options)
    return this.fromOwnPhone(userKey, () => monitoring.find(userKey, targetKey), options, (target) => target.party.number ?? '', (connection) => { monitoring.attach(connection, monitoring.find(userKey, targetKey), mode) })
  }

  switchMonitor (connectionKey: string, mode: MonitorMode): void { this.on(connectionKey, (connection) => { this.core.parts.monitoring.change(connection, mode) }) }

  record (connectionKey: string, action: RecordingAction): void { this.on(connectionKey, (connection) => { this.core.parts.recording.act(connection, action) }) }

  /** Sets the disposition code of a queue call, by its connection (also after its end) or for the agent's present or last one. Ends his wrap-up for it. */
  dispose (connectionOrAgentKey: string, code: string): void { this.core.operate(() => { this.codes.set(connectionOrAgentKey, code) }) }

  signIn (agentKey: string, options: { routing?: AgentRouting } = {}): void { this.core.operate(() => { this.core.parts.agents.signIn(this.core.agent(agentKey), options.routing) }) }
  /** Waits for the end of a call unless `force`. */
  signOut (agentKey: string, options: { reason?: string; force?: boolean; by?: By } = {}): void { this.core.operate(() => { this.core.parts.agents.signOut(this.core.agent(agentKey), options) }) }
  /** During a call it becomes `pending`, with `afterWrapUp` also in wrap-up; `reason` is one of the directory's codes. */
  setRouting (agentKey: string, routing: AgentRouting, reason?: string, by: By = 'self', options: { afterWrapUp?: boolean } = {}): void { this.core.operate(() => { this.core.parts.agents.setRouting(this.core.agent(agentKey), routing, reason, by, options) }) }
  wrapUp (agentKey: string): void { this.core.operate(() => { this.core.parts.agents.wrapUp(this.core.agent(agentKey)) }) }
  endWrapUp (agentKey: string): void { this.core.operate(() => { this.core.parts.agents.endWrapUp(this.core.agent(agentKey), 'normal') }) }
  join (agentKey: string, queueKey: string, joined: boolean): void { this.core.operate(() => { this.core.parts.agents.join(this.core.agent(agentKey), queueKey, joined) }) }
  pauseQueue (agentKey: string, queueKey: string, paused: boolean): void { this.core.operate(() => { this.core.parts.agents.pause(this.core.agent(agentKey), queueKey, paused) }) }

  /** The waiting calls of a queue, next one first. */
  queued (queueKey: string): Connection[] { return this.core.queue(queueKey).entries.flatMap((key) => this.core.connections.get(key) ?? []) }
  queueRedirect (entryKey: string, to: string): void { this.on(entryKey, (entry) => { this.core.parts.queues.redirect(entry, to) }) }
  queueRelease (entryKey: string): void { this.on(entryKey, (entry) => { this.core.parts.queues.release(entry) }) }
  /** Puts a waiting call first in line; returns its position, from 1. */
  queuePromote (entryKey: string): number { return this.on(entryKey, (entry) => this.core.parts.queues.reorder(entry, 0, 'promoted')) }
  /** Moves a waiting call to a place, from 0; returns its position, from 1. */
  queueReorder (entryKey: string, index: number): number { return this.on(entryKey, (entry) => this.core.parts.queues.reorder(entry, index)) }
  /** The caller chose to leave the line. */
  queueEscape (entryKey: string, to: string): void { this.on(entryKey, (entry) => { this.core.parts.queues.redirect(entry, to, 'escaped') }) }
  setNight (queueKey: string, enabled: boolean, to?: string): void { this.core.operate(() => { this.core.parts.queues.setNight(this.core.queue(queueKey), enabled, to) }) }

  /** Changes one forwarding and returns it; what is left out stays. */
  setForwarding (userKey: string, condition: Condition, change: Partial<Rule>): Rule { return this.core.operate(() => this.core.parts.services.setForwarding(userKey, condition, change)) }
  setDnd (userKey: string, enabled: boolean, ringSplash?: boolean): void { this.core.operate(() => { this.core.parts.services.setDnd(userKey, enabled, ringSplash) }) }
  setPresence (userKey: string, presence: string): void { this.core.operate(() => { this.core.parts.services.setPresence(userKey, presence) }) }
  setFeature<Name extends keyof UserFeatures> (userKey: string, name: Name, value: UserFeatures[Name]): void { this.core.operate(() => { this.core.parts.services.setFeature(userKey, name, value) }) }
  setRegistered (deviceKey: string, registered: boolean): void { this.core.operate(() => { this.core.parts.services.setRegistered(deviceKey, registered) }) }
  /** `durationMs` of the message. */
  leaveVoicemail (userKey: string, from: Party, durationMs: number, urgent = false): VoiceMessage { return this.core.operate(() => this.core.parts.mailboxes.leave(userKey, from, durationMs, urgent)) }
  markVoicemail (userKey: string, id: string, read: boolean): void { this.core.operate(() => { this.core.parts.mailboxes.mark(userKey, id, read) }) }
  deleteVoicemail (userKey: string, id: string): void { this.core.operate(() => { this.core.parts.mailboxes.delete(userKey, id) }) }

  /** The agent that a user is. */
  agentOf (userKey: string): Agent | undefined { return this.core.parts.agents.ofUser(userKey) }

  private on<T> (connectionKey: string, act: (connection: Connection) => T): T {
    return this.core.operate(() => act(this.core.connection(connectionKey)))
  }

  /** A feature that is used like a call: checked now, done when the own phone is off-hook; what is gone by then fails as a call does. */
  private fromOwnPhone<T> (userKey: string, find: () => T, options: OwnLegOptions, dialed: (found: T) => string, act: (connection: Connection, found: T) => void): Connection {
    return this.core.operate(() => {
      const found = find()
      const number = dialed(found)
      return this.core.parts.phones.begin(userKey, number, this.core.numbering.party(this.core.numbering.resolve(number)), options, (connection) => {
        try { act(connection, found) } catch (error) {
          if (!(error instanceof Refusal)) throw error
          this.core.parts.routing.fail({ call: this.core.callOf(connection), caller: connection, redirections: [] }, 'notReachable')
        }
      })
    })
  }
}

function warn (error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error), { type: 'SimulatorWarning' })
}
