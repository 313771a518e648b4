import { type Core } from './core'
import { type CauseName, type Connection, type Fact, type HistoryEntry } from './types'

export interface Ending {
  cause: CauseName
  releasedBy: 'local' | 'remote' | 'system'
  /** The fact that ends it: `cleared` unless it goes on elsewhere. Each connection has exactly one of them. */
  type?: Extract<Fact['type'], 'cleared' | 'diverted' | 'transferred' | 'dequeued' | 'parked'>
  related?: string[]
  agentKey?: string
  detail?: Record<string, unknown>
}

/** Causes with which a call that was not answered is nobody's missed call: it went on, or somebody else has it. */
const NOT_MISSED = new Set<CauseName>(['answeredElsewhere', 'pickedUp', 'forwardAlways', 'forwardBusy', 'forwardNoAnswer', 'forwardNotReachable', 'deflected', 'recall', 'earlyTransfer', 'transfer'])

/** How connections end, and what follows from it. */
export class Endings {
  constructor (private readonly core: Core) {}

  /** Ends one connection: fact, history, hooks, monitors, conference, park slot, agent; then the call if it was the last one. */
  finish (connection: Connection, ending: Ending): void {
    if (connection.state === 'null') return
    const { parts, timers } = this.core
    const call = this.core.callOf(connection)
    const { type = 'cleared', cause, releasedBy, related, agentKey, detail } = ending
    timers.clearOwner(connection.key)
    parts.phones.forget(connection)
    parts.externals.forget(connection)
    parts.parking.released(connection, cause)
    this.core.change(connection, {
      state: 'null', endedAt: this.core.now(), cause, releasedBy, ...this.core.unheld(connection)
    }, {
      type, cause, ...(related === undefined ? {} : { related }), ...(agentKey === undefined ? {} : { agentKey }), ...(detail === undefined ? {} : { detail })
    })
    this.note(connection, cause)
    parts.monitoring.ended(connection)
    parts.conferences.ended(connection)
    if (connection.party.kind === 'user' && connection.party.userKey !== undefined) parts.phones.replace(connection.party.userKey)
    if (connection.party.kind === 'voicemail') parts.mailboxes.recorded(connection, call)
    parts.agents.connectionEnded(connection)
    if (call.endedAt === undefined && this.core.openIn(call).length === 0) {
      parts.transfers.forget(call.key)
      this.core.bury(call)
    }
  }

  /** The owner of a connection hangs up; what cannot go on without him ends too. */
  hangUp (connection: Connection, cause: CauseName = 'normal', releasedBy: Ending['releasedBy'] = 'local'): void {
    const call = this.core.callOf(connection)
    this.finish(connection, { cause: cause === 'normal' && unanswered(connection) ? 'cancelled' : cause, releasedBy })
    const rest = this.core.openIn(call)
    const talkers = rest.filter((other) => (other.state === 'connected' || other.state === 'hold') && other.party.kind !== 'queue')
    if (talkers.length < 2) {
      for (const other of rest) this.left(other, cause)
      return
    }
    for (const other of talkers) {
      const remote = this.core.otherEnd(other)?.party
      if (remote !== undefined) this.core.change(other, { remote }, { type: 'callInformation', cause, detail: { changed: ['remote'] } })
    }
  }

  /** Ends what the other end of a connection that is gone has left. */
  private left (other: Connection, cause: CauseName): void {
    if (other.state === 'null') return
    if (other.party.kind === 'queue') this.core.parts.queues.leave(other, { cause: 'abandoned', releasedBy: 'remote' })
    else this.finish(other, { cause: ringing(other) ? 'cancelled' : cause, releasedBy: 'remote' })
  }

  private note (connection: Connection, cause: CauseName): void {
    const { userKey, kind } = connection.party
    if (kind !== 'user' || userKey === undefined || connection.monitor !== undefined) return
    const what = this.kindOf(connection, cause)
    if (what === undefined) return
    this.core.remember({
      userKey, kind: what, party: connection.remote ?? { kind: 'external', private: true }, at: connection.startedAt, endedAt: this.core.now(), id: this.core.key('history'),
      connectionKey: connection.key, ...(connection.answeredAt === undefined ? {} : { answeredAt: connection.answeredAt })
    })
  }

  private kindOf (connection: Connection, cause: CauseName): HistoryEntry['kind'] | undefined {
    if (connection.recall !== undefined) return undefined
    if (connection.direction === 'outbound') return 'placed'
    if (connection.answeredAt !== undefined) return 'received'
    return NOT_MISSED.has(cause) ? undefined : 'missed'
  }
}

function ringing (connection: Connection): boolean {
  return connection.personality === 'terminator' && connection.state === 'alerting'
}

function unanswered (connection: Connection): boolean {
  return connection.direction === 'outbound' && connection.answeredAt === undefined && connection.state !== 'fail'
}
