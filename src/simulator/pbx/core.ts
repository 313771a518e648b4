import { type PbxClock } from './clock'
import { type Household } from './directory'
import { Facts } from './facts'
import { type IdBook } from './ids'
import { Numbering } from './numbering'
import { type Parts } from './parts'
import { Rng } from './rng'
import { Timers } from './timers'
import {
  type Agent, type Call, type Conference, type Connection, type Device, type ExternalBehaviour, type Fact, type FaceName, type HistoryEntry,
  type Ms, type ParkSlot, type Party, type Queue, Refusal, type Trunk, type User
} from './types'

/** A fact as the parts tell it; number, time and copies are added here. */
export type News = Omit<Fact, 'n' | 'at' | 'connection' | 'before'>
export type Fields = { [name in Exclude<keyof Connection, 'key' | 'callKey' | 'party'>]?: Connection[name] | undefined }

/** Ended calls stay for late questions (a disposition, a face that is slow), this long and this many. */
const REMEMBER_MS = 600_000
const REMEMBER_CALLS = 2000
const HISTORY_LIMIT = 10_000

/** What all parts of the PBX share: the things, the way to change one with a fact, and the way to do several changes as one. */
export class Core {
  readonly users: Map<string, User>
  readonly devices: Map<string, Device>
  readonly queues: Map<string, Queue>
  readonly agents: Map<string, Agent>
  readonly trunks: Map<string, Trunk>
  readonly dids: Map<string, string>
  readonly externals: Map<string, ExternalBehaviour>
  readonly calls = new Map<string, Call>()
  readonly connections = new Map<string, Connection>()
  readonly conferences = new Map<string, Conference>()
  readonly parkSlots = new Map<string, ParkSlot>()
  readonly history: HistoryEntry[] = []
  readonly books = new Map<FaceName, IdBook>()
  readonly facts: Facts
  readonly timers: Timers
  readonly rng: Rng
  readonly numbering: Numbering
  readonly country: string
  readonly parkNumbers: string[]
  parts!: Parts
  private readonly byUser = new Map<string, Set<string>>()
  private readonly counters = new Map<string, number>()
  private readonly ended: { key: string; at: Ms }[] = []
  /** Calls that connections were taken from, until that is told. */
  private readonly movedFrom = new Map<string, string>()
  private readonly afterwards = new Map<string, () => void>()
  private depth = 0
  private facted = 0

  /** @param report gets mistakes in timers and listeners: they must be seen, but not stop the process that the PBX lives in */
  constructor (readonly house: Household, readonly clock: PbxClock, seed: number, private readonly report: (error: unknown) => void) {
    this.users = keyed(house.users)
    this.devices = keyed(house.devices)
    this.queues = keyed(house.queues)
    this.agents = keyed(house.agents)
    this.trunks = keyed(house.trunks)
    this.dids = house.dids
    this.externals = house.externals
    this.country = house.country
    this.parkNumbers = house.parkSlots
    this.rng = new Rng(seed)
    this.facts = new Facts(report)
    this.timers = new Timers(clock, (task) => { this.guarded(task) })
    this.numbering = new Numbering(this)
    for (const agent of this.agents.values()) agent.since = clock.now()
  }

  now (): Ms {
    return this.clock.now()
  }

  /** One operation from outside: facts are told and what was put off (offering queued calls) is done when it is complete. */
  operate<T> (task: () => T): T {
    this.depth++
    try {
      return task()
    } finally {
      this.depth--
      if (this.depth === 0) {
        this.facts.flush()
        this.settle()
      }
    }
  }

  /** Puts a task off until the present operation is complete; once for a name. */
  afterOperation (name: string, task: () => void): void {
    this.afterwards.set(name, task)
  }

  key (kind: string): string {
    const n = (this.counters.get(kind) ?? 0) + 1
    this.counters.set(kind, n)
    return `${kind}-${n}`
  }

  newCall (fields: Partial<Call> & { dialed: string }): Call {
    const key = this.key('call')
    const call: Call = { key, linkage: key.replace('call', 'linkage'), connections: [], data: {}, startedAt: this.now(), ...fields }
    this.calls.set(key, call)
    return call
  }

  /** A new connection of a call, without a fact. */
  open (call: Call, party: Party, fields: Fields): Connection {
    const connection: Connection = {
      key: this.key('conn'), callKey: call.key, party, alertingDevices: [], personality: 'terminator', state: 'alerting', startedAt: this.now(),
      totalHeldMs: 0, redirections: [], muted: false, deaf: false, silenced: false,
      direction: (fields.personality ?? 'terminator') === 'terminator' ? 'inbound' : 'outbound', ...fields
    }
    this.connections.set(connection.key, connection)
    call.connections.push(connection.key)
    if (party.kind === 'user' && party.userKey !== undefined) this.openOf(party.userKey).add(connection.key)
    return connection
  }

  /** Changes a connection and says so. A field that becomes undefined is taken away. */
  change (connection: Connection, fields: Fields, news: News): void {
    if (connection.state === 'null' && news.type !== 'disposition') throw new Error(`${news.type} of ${connection.key}, which has ended`)
    const before = { ...copyConnection(connection), callKey: this.movedFrom.get(connection.key) ?? connection.callKey }
    this.movedFrom.delete(connection.key)
    assign(connection, fields)
    if (connection.state === 'null' && connection.party.userKey !== undefined) this.byUser.get(connection.party.userKey)?.delete(connection.key)
    this.tell({ ...news, before }, connection)
  }

  /** Says something, with copies of the connection and its call. */
  tell (news: Omit<Fact, 'n' | 'at' | 'connection'>, connection?: Connection): void {
    const call = connection === undefined ? undefined : this.calls.get(connection.callKey)
    this.facts.add({
      ...(connection?.party.kind === 'user' && connection.party.userKey !== undefined ? { userKey: connection.party.userKey } : {}),
      ...news,
      ...(connection === undefined ? {} : { connection: copyConnection(connection) }),
      ...(call === undefined ? {} : { call: { ...call, connections: [...call.connections], data: { ...call.data } } }),
      n: ++this.facted,
      at: this.now()
    })
  }

  /** Takes a connection from its call into another one; its next fact tells so. A call that nobody is left in is over. */
  move (connection: Connection, to: Call): void {
    const from = this.callOf(connection)
    this.movedFrom.set(connection.key, from.key)
    from.connections = from.connections.filter((key) => key !== connection.key)
    to.connections.push(connection.key)
    connection.callKey = to.key
    if (from.endedAt === undefined && this.openIn(from).length === 0) this.bury(from)
  }

  callOf (connection: Connection): Call {
    const call = this.calls.get(connection.callKey)
    if (call === undefined) throw new Refusal('unknownCall', `no call ${connection.callKey}`)
    return call
  }

  /** Open connections of a call. */
  openIn (call: Call): Connection[] {
    const open: Connection[] = []
    for (const key of call.connections) {
      const connection = this.connections.get(key)
      if (connection !== undefined && connection.state !== 'null') open.push(connection)
    }
    return open
  }

  connectionsOf (userKey: string): Connection[] {
    return [...this.byUser.get(userKey) ?? []].flatMap((key) => this.connections.get(key) ?? [])
  }

  /** The connection at the other end: who talks before who waits before who rings; of a queue and the agents it rings it is the caller. */
  otherEnd (connection: Connection): Connection | undefined {
    const call = this.calls.get(connection.callKey)
    if (call === undefined) return undefined
    const queue = connection.party.kind === 'queue' ? connection.key : connection.queueConnection
    const offered = connection.state === 'queued' || (connection.state === 'alerting' && connection.personality === 'terminator')
    let best: Connection | undefined
    for (const other of this.openIn(call)) {
      if (other === connection || (offered && queue !== undefined && (other.key === queue || other.queueConnection === queue))) continue
      if (best === undefined || RANK[other.state] < RANK[best.state]) best = other
    }
    return best
  }

  /** Forgets a call that ended long ago. Called when a call ends. */
  bury (call: Call): void {
    call.endedAt = this.now()
    this.timers.clearOwner(call.key)
    this.ended.push({ key: call.key, at: call.endedAt })
    const gone = new Set<string>()
    while (this.ended.length > REMEMBER_CALLS || (this.ended[0]?.at ?? Infinity) < this.now() - REMEMBER_MS) {
      const { key } = this.ended.shift() ?? { key: '' }
      for (const connection of this.calls.get(key)?.connections ?? []) {
        this.connections.delete(connection)
        gone.add(connection)
      }
      this.calls.delete(key)
      gone.add(key)
    }
    if (gone.size > 0) for (const book of this.books.values()) book.forget(gone)
  }

  remember (entry: HistoryEntry): void {
    this.history.push(entry)
    if (this.history.length > HISTORY_LIMIT) this.history.splice(0, HISTORY_LIMIT / 10)
  }

  /** How long the owner held it until now. */
  heldMs (connection: Connection): Ms {
    return connection.totalHeldMs + (connection.heldAt === undefined ? 0 : this.now() - connection.heldAt)
  }

  /** Fields of a connection that nobody holds any more. */
  unheld (connection: Connection): Fields {
    return { heldBy: undefined, heldAt: undefined, totalHeldMs: this.heldMs(connection) }
  }

  user (key: string): User {
    return need(this.users.get(key), 'unknownUser', `no user ${key}`)
  }

  queue (key: string): Queue {
    return need(this.queues.get(key), 'unknownQueue', `no queue ${key}`)
  }

  agent (key: string): Agent {
    return need(this.agents.get(key), 'unknownAgent', `no agent ${key}`)
  }

  device (key: string): Device {
    return need(this.devices.get(key), 'unknownDevice', `no device ${key}`)
  }

  /** An open connection. */
  connection (key: string): Connection {
    const connection = need(this.connections.get(key), 'unknownCall', `no call ${key}`)
    if (connection.state === 'null') throw new Refusal('unknownCall', `call ${key} has ended`)
    return connection
  }

  /** Everything about calls vanishes without a word, as when a server loses its memory; numbers begin anew. */
  forgetCalls (): void {
    this.timers.clearAll()
    for (const map of [this.calls, this.connections, this.conferences, this.parkSlots, this.byUser]) map.clear()
    for (const kind of ['call', 'conn', 'conference']) this.counters.delete(kind)
    for (const queue of this.queues.values()) queue.entries = []
    for (const thing of [...this.users.values(), ...this.devices.values()]) thing.hook = 'on'
    for (const book of this.books.values()) book.reset()
    this.ended.length = 0
    this.afterwards.clear()
    this.movedFrom.clear()
  }

  private openOf (userKey: string): Set<string> {
    const open = this.byUser.get(userKey) ?? new Set<string>()
    this.byUser.set(userKey, open)
    return open
  }

  private guarded (task: () => void): void {
    try {
      this.operate(task)
    } catch (error) {
      this.report(error)
    }
  }

  private settle (): void {
    for (const [name, task] of this.afterwards) {
      this.afterwards.delete(name)
      this.operate(task)
    }
  }
}

const RANK: Record<Connection['state'], number> = { connected: 0, hold: 1, queued: 2, alerting: 3, initiated: 4, fail: 5, null: 6 }

function keyed<T extends { key: string }> (things: T[]): Map<string, T> {
  return new Map(things.map((thing) => [thing.key, thing]))
}

function need<T> (thing: T | undefined, code: Refusal['code'], message: string): T {
  if (thing === undefined) throw new Refusal(code, message)
  return thing
}

function assign (connection: Connection, fields: Fields): void {
  const target = connection as unknown as Record<string, unknown>
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) delete target[name]
    else target[name] = value
  }
}

/** A copy that later changes do not touch. */
export function copyConnection (connection: Connection): Connection {
  return {
    ...connection,
    party: { ...connection.party },
    alertingDevices: [...connection.alertingDevices],
    redirections: connection.redirections.map((entry) => ({ ...entry, party: { ...entry.party } })),
    ...(connection.remote === undefined ? {} : { remote: { ...connection.remote } }),
    ...(connection.recording === undefined ? {} : { recording: { ...connection.recording } }),
    ...(connection.monitor === undefined ? {} : { monitor: { ...connection.monitor } })
  }
}
