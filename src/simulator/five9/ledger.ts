/**
 * The calls of agents as Five9 counts them: one begins with a connection of the PBX, goes on through parking and recall, and lasts until after-call work
 * is over (five9.md 3.2, 8.1). States are read from the PBX; here is only what it does not know.
 */
import { type Pbx } from '../pbx/pbx'
import { type Call, type Connection } from '../pbx/types'
import { notFound, refused } from './errors'
import { type Five9Ids } from './ids'

type CallType = 'INBOUND' | 'OUTBOUND' | 'INTERNAL'
export type CallState = 'OFFERED' | 'RINGING_ON_OTHER_SIDE' | 'TALKING' | 'ON_HOLD' | 'PARKED' | 'WRAP_UP' | 'FINISHED'

/** A second call that one of the first leads to. */
interface Consult { recordId: string; purpose: 'transfer' | 'conference'; /** Joins by itself when it is answered. */ joins: boolean }

export interface CallRecord {
  readonly id: string
  readonly userKey: string
  readonly callType: CallType
  readonly startedAt: number
  /** `Call.session_id`. */
  readonly conversation: string
  connectionKey: string
  campaignKey?: string
  queueKey?: string
  /** The call that this one was made for. */
  consultOf?: string
  consult?: Consult
  clickToDial: boolean
  talked: boolean
  state: CallState
  dispositionId?: string
  /** Contact that the agent chose for it. */
  contactId?: string
  /** What was told last. */
  shown: string
}

/** What is known of a call before the PBX tells it. */
export interface Expectation { campaignKey?: string; consultOf?: CallRecord; consult?: Omit<Consult, 'recordId'>; clickToDial?: boolean; adopts?: CallRecord; /** Told when the call is there. */ opened?: (record: CallRecord) => void }

/** Calls that were sent away are remembered up to this number. */
const MOST_SENT = 200

export class Ledger {
  private readonly records = new Map<string, CallRecord>()
  private readonly byConnection = new Map<string, CallRecord>()
  private readonly expected = new Map<string, Expectation>()

  /** Calls that were transferred without asking, as `<user key> <call key>`. */
  private readonly sent = new Set<string>()

  constructor (private readonly needs: { pbx: Pbx; ids: Five9Ids }) {}

  /** A user sends a call of the PBX on without asking. */
  sendAway (userKey: string, callKey: string): void {
    this.sent.add(`${userKey} ${callKey}`)
    const [oldest] = this.sent
    if (this.sent.size > MOST_SENT && oldest !== undefined) this.sent.delete(oldest)
  }

  /** Whether a call that comes back to a user was sent away by him. */
  cameBack (userKey: string, callKey: string): boolean {
    return this.sent.delete(`${userKey} ${callKey}`)
  }

  /** Calls of a user that are not finished, oldest first. */
  of (userKey: string): CallRecord[] {
    return [...this.records.values()].filter((record) => record.userKey === userKey)
  }

  all (): CallRecord[] {
    return [...this.records.values()]
  }

  /** Calls of a user before after-call work. */
  live (userKey: string): CallRecord[] {
    return this.of(userKey).filter(({ state }) => state !== 'WRAP_UP')
  }

  get (id: string): CallRecord | undefined {
    return this.records.get(id)
  }

  /** @throws Five9Error 404 */
  find (userKey: string, id: string): CallRecord {
    const record = this.records.get(id)
    if (record === undefined || record.userKey !== userKey) throw notFound(`No call ${id}`)
    return record
  }

  /** @throws Five9Error 404, or 435 unless the call is in one of the states */
  inState (userKey: string, id: string, operation: string, states: CallState[]): CallRecord {
    const record = this.find(userKey, id)
    if (!states.includes(record.state)) throw refused(`Improper call state ${record.state} while calling ${operation}`, { objectId: id })
    return record
  }

  byKey (connectionKey: string): CallRecord | undefined {
    return this.byConnection.get(connectionKey)
  }

  /** Runs what makes a call for a user; the first new call of his is the expected one. Returns its record, even when the call failed at once. */
  making (userKey: string, expectation: Expectation, make: () => Connection): CallRecord | undefined {
    let record: CallRecord | undefined
    this.expected.set(userKey, { ...expectation, opened: (opened) => { record = opened } })
    try {
      make()
      return record
    } finally {
      this.expected.delete(userKey)
    }
  }

  /** The record of a connection; a new one when it is none's yet. */
  record (connection: Connection, call: Call): CallRecord {
    return this.byConnection.get(connection.key) ?? this.open(connection, call)
  }

  /** A further connection takes a call over: one that was parked or sent away and is back. */
  adopt (record: CallRecord, connectionKey: string): void {
    this.byConnection.delete(record.connectionKey)
    record.connectionKey = connectionKey
    this.byConnection.set(connectionKey, record)
  }

  forget (record: CallRecord): void {
    this.records.delete(record.id)
    this.byConnection.delete(record.connectionKey)
    for (const other of this.records.values()) if (other.consult?.recordId === record.id) delete other.consult
  }

  clear (): void {
    for (const map of [this.records, this.byConnection, this.expected, this.sent]) map.clear()
  }

  private open (connection: Connection, call: Call): CallRecord {
    const { ids } = this.needs
    const userKey = connection.party.userKey ?? ''
    const expected = this.expected.get(userKey) ?? {}
    this.expected.delete(userKey)
    const back = expected.adopts ?? this.of(userKey).find((record) => record.state === 'PARKED' && this.needs.pbx.connections.get(record.connectionKey)?.callKey === connection.callKey)
    if (back !== undefined) {
      this.adopt(back, connection.key)
      return back
    }
    const { consultOf, consult, campaignKey = connection.queueKey, clickToDial = false } = expected
    const record: CallRecord = {
      id: ids.call(connection.key), userKey, connectionKey: connection.key, callType: typeOf(connection), startedAt: connection.startedAt,
      conversation: consultOf?.conversation ?? this.conversationOf(connection, call), clickToDial, talked: false, state: 'OFFERED', shown: '',
      ...(campaignKey === undefined ? {} : { campaignKey }), ...(connection.queueKey === undefined ? {} : { queueKey: connection.queueKey })
    }
    if (consultOf !== undefined && consult !== undefined) {
      record.consultOf = consultOf.id
      consultOf.consult = { recordId: record.id, ...consult }
    }
    this.records.set(record.id, record)
    this.byConnection.set(connection.key, record)
    expected.opened?.(record)
    return record
  }

  /** A call to another agent has the conversation that he has: a consultation is part of the customer's. */
  private conversationOf (connection: Connection, call: Call): string {
    const caller = call.connections.map((key) => this.byConnection.get(key)).find((record) => record !== undefined && record.connectionKey !== connection.key)
    return caller?.conversation ?? this.needs.ids.conversation(call.key)
  }
}

function typeOf ({ direction, queueKey, remote }: Connection): CallType {
  if (direction === 'outbound') return remote?.kind === 'user' || remote?.kind === 'queue' ? 'INTERNAL' : 'OUTBOUND'
  return remote?.kind === 'user' && queueKey === undefined ? 'INTERNAL' : 'INBOUND'
}

/** State of a call as Five9 names it. What the other side holds still talks here; who hears a tone of failure has no call any more. */
export function stateOf (pbx: Pbx, connection: Connection): CallState {
  const { state, heldBy, key, callKey, personality } = connection
  if (state === 'null') {
    const slot = [...pbx.parkSlots.values()].find((each) => each.callKey === callKey && each.parkedBy === connection.party.userKey)
    if (slot !== undefined && connection.cause === 'parked') return 'PARKED'
    return pbx.agentOf(connection.party.userKey ?? '')?.wrapUp?.connectionKey === key ? 'WRAP_UP' : 'FINISHED'
  }
  if (state === 'fail') return 'FINISHED'
  if (state === 'connected') return 'TALKING'
  if (state === 'hold') return heldBy === 'remote' ? 'TALKING' : 'ON_HOLD'
  return state === 'queued' || (state === 'alerting' && personality === 'originator') ? 'RINGING_ON_OTHER_SIDE' : 'OFFERED'
}
