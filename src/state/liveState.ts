import {
  copyPlain, CtiError, samePlain, TERMINAL_EVENTS, type Agent, type Call, type EventName, type Platform, type Queue, type TelephonyEvent, type Time
} from '../model'
import { Picture } from './picture'

const MAX_ACCOUNTS = 100
/** Agents, and queues, of one account. */
const MAX_THINGS = 10_000
/** Legs, agents and queues of one account of which is remembered when they were told. */
const MAX_TOLD = 100_000

export type LiveConnection = 'online' | 'offline' | 'refused'
/** An account whose events were seen. */
export interface LiveAccount { accountId: string; account: string; platform: Platform; connection: LiveConnection; since: Time; stale?: true }
/** What is shown, with the account it belongs to; `stale`: as it was when the connection was lost. */
export type OfAccount<T> = T & { accountId: string; platform: Platform; stale?: true }

/** Calls, agents and queues of some accounts as they are now. */
export interface LiveView {
  time: Time
  /** The connection of at least one account is lost. */
  stale: boolean
  accounts: LiveAccount[]
  calls: OfAccount<Call>[]
  agents: OfAccount<Agent>[]
  queues: OfAccount<Queue>[]
}

export interface LiveFilter {
  account (account: LiveAccount): boolean
  call (call: Call): boolean
  agent (agent: Agent): boolean
  queue (queue: Queue): boolean
}

const CONNECTIONS: Readonly<Partial<Record<string, LiveConnection>>> = {
  'connection.online': 'online', 'connection.offline': 'offline', 'connection.refused': 'refused'
} satisfies Partial<Record<EventName, LiveConnection>>

/** The picture of now that follows from the events of any number of accounts. Keeps copies, gives copies; does nothing by itself. */
export class LiveState {
  private readonly accounts = new Map<string, AccountState>()

  /** @param now ms of our clock */
  constructor (private readonly now: () => number) {}

  /**
   * @returns whether it may have changed what is shown
   * @throws CtiError CTI_INVALID_REQUEST when there are more accounts, agents or queues than can be real
   */
  fold (event: TelephonyEvent): boolean {
    let state = this.accounts.get(event.accountId)
    if (state === undefined) {
      if (this.accounts.size >= MAX_ACCOUNTS) throw tooMany('accounts', MAX_ACCOUNTS)
      state = new AccountState(event, this.now)
      this.accounts.set(event.accountId, state)
    }
    return state.fold(event)
  }

  view (filter: LiveFilter): LiveView {
    const view: LiveView = { time: new Date(this.now()).toISOString(), stale: false, accounts: [], calls: [], agents: [], queues: [] }
    for (const state of this.accounts.values()) {
      const about = state.about()
      if (!filter.account(about)) continue
      const { accountId, platform, stale } = about
      const own = stale ? { accountId, platform, stale } : { accountId, platform }
      view.accounts.push(about)
      if (stale) view.stale = true
      for (const call of state.picture.calls()) if (filter.call(call)) view.calls.push({ ...copyPlain(call), ...own })
      for (const agent of state.picture.agents()) if (filter.agent(agent)) view.agents.push({ ...copyPlain(agent), ...own })
      for (const queue of state.picture.queues()) if (filter.queue(queue)) view.queues.push({ ...copyPlain(queue), ...own })
    }
    return view
  }

  /** How much is known, of all accounts. */
  counts (): { accounts: number; stale: number; calls: number; agents: number } {
    const sum = { accounts: this.accounts.size, stale: 0, calls: 0, agents: 0 }
    for (const state of this.accounts.values()) {
      if (state.about().stale) sum.stale++
      sum.calls += [...state.picture.calls()].length
      sum.agents += [...state.picture.agents()].length
    }
    return sum
  }
}

function tooMany (what: string, limit: number): CtiError {
  return new CtiError('CTI_INVALID_REQUEST', `There are more than ${limit} ${what}: the picture takes no more.`, { retryable: false })
}

interface Told { epoch: string; seq: number }

class AccountState {
  picture: Picture
  private readonly accountId: string
  private readonly platform: Platform
  private account: string
  private connection: LiveConnection = 'online'
  private since: Time
  /** Life of the connection to which all in the picture belongs. */
  private epoch: string
  /** By kind and id: when it was last told. */
  private readonly told = new Map<string, Told>()
  private agents = 0
  private queues = 0
  private offsetMs = 0

  constructor ({ accountId, account, platform, receivedAt, epoch }: TelephonyEvent, private readonly now: () => number) {
    this.accountId = accountId
    this.account = account
    this.platform = platform
    this.since = receivedAt
    this.epoch = epoch
    this.picture = this.blank()
  }

  about (): LiveAccount {
    const { accountId, account, platform, connection, since } = this
    return { accountId, account, platform, connection, since, ...(connection === 'online' ? {} : { stale: true }) }
  }

  fold (event: TelephonyEvent): boolean {
    this.account = event.account
    // The session writes times of its own on the vendor's clock, so the difference is that of the clocks.
    if (event.timeSource === 'local') this.offsetMs = (Date.parse(event.time) - Date.parse(event.receivedAt)) || 0
    const connection = CONNECTIONS[event.event]
    if (connection !== undefined) return this.connected(event, connection)
    const call = event.call !== undefined && this.isNews(`call ${event.call.id}`, event) && this.foldCall(event, event.call)
    const agent = event.agent !== undefined && this.isNews(`agent ${event.agent.id}`, event)
    const queue = event.queue !== undefined && this.isNews(`queue ${event.queue.id}`, event)
    if (agent && this.picture.agent(event.agent!.id) === undefined && ++this.agents > MAX_THINGS) throw tooMany('agents', MAX_THINGS)
    if (queue && this.picture.queue(event.queue!.id) === undefined && ++this.queues > MAX_THINGS) throw tooMany('queues', MAX_THINGS)
    if (agent || queue) this.picture.fold({ ...frame(event), ...(agent ? { agent: event.agent } : {}), ...(queue ? { queue: event.queue } : {}) })
    return call || agent || queue
  }

  /** A connection that comes back after a gap tells what changed meanwhile; a new one begins anew, and what it does not tell of is no more. */
  private connected (event: TelephonyEvent, connection: LiveConnection): boolean {
    if (this.connection !== connection) this.since = event.receivedAt
    this.connection = connection
    if (connection !== 'online' || event.epoch === this.epoch) return true
    this.epoch = event.epoch
    if (event.connection?.downMs === undefined) this.sweep(event)
    else for (const told of this.told.values()) if (told.epoch !== event.epoch) Object.assign(told, { epoch: event.epoch, seq: 0 })
    return true
  }

  private sweep (event: TelephonyEvent): void {
    const old = this.picture
    const base = frame(event)
    const isCurrent = (key: string): boolean => this.told.get(key)?.epoch === this.epoch
    this.picture = this.blank()
    for (const call of old.calls()) if (isCurrent(`call ${call.id}`)) this.picture.fold({ ...base, event: 'call.updated', call })
    const agents = [...old.agents()].filter(({ id }) => isCurrent(`agent ${id}`))
    const queues = [...old.settings().queues.values()].filter(({ id }) => isCurrent(`queue ${id}`))
    for (const agent of agents) this.picture.fold({ ...base, event: 'agent.updated', agent })
    for (const queue of queues) this.picture.fold({ ...base, event: 'queue.updated', queue })
    this.agents = agents.length
    this.queues = queues.length
    for (const key of [...this.told.keys()]) if (!isCurrent(key)) this.told.delete(key)
  }

  private foldCall (event: TelephonyEvent, call: Call): boolean {
    const before = this.picture.call(call.id)
    // A flow may have held an event back, and some follow the end: such a leg is no more.
    if (this.picture.tombstone(call.id) !== undefined || (call.state === 'ended' && before === undefined)) {
      this.told.delete(`call ${call.id}`)
      return false
    }
    if (call.mergedFrom !== undefined && !samePlain(call.mergedFrom, before?.mergedFrom)) {
      for (const from of call.mergedFrom) this.picture.moveConversation(from, call.conversationId, call.mergedFrom)
    }
    this.picture.fold({ ...frame(event), call })
    if (TERMINAL_EVENTS.has(event.event) || call.state === 'ended') this.told.delete(`call ${call.id}`)
    return true
  }

  /** Notes that the thing was told of; false when it was told of later already. */
  private isNews (key: string, { epoch, seq }: TelephonyEvent): boolean {
    const last = this.told.get(key)
    if (last?.epoch === epoch && last.seq > seq) return false
    this.told.set(key, { epoch, seq })
    if (this.told.size > MAX_TOLD) this.told.delete(this.told.keys().next().value!)
    return true
  }

  private blank (): Picture {
    return new Picture(this.now, () => this.now() + this.offsetMs)
  }
}

/** An event with nothing but its frame: the picture gets no more than what is shown. */
function frame ({ event, id, seq, epoch, platform, account, accountId, time, timeSource, receivedAt }: TelephonyEvent): TelephonyEvent {
  return { event, id, seq, epoch, platform, account, accountId, time, timeSource, receivedAt }
}
