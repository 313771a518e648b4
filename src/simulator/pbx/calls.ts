import { type Core, type Fields } from './core'
import { type OwnLegOptions } from './phones'
import { type ObstacleName } from './routing'
import { type Connection, type ExternalBehaviour, type Party, Refusal } from './types'

export interface InboundOptions {
  /** Number of the caller; without one he is private. */
  from?: string
  name?: string
  /** Direct number, extension or queue number. */
  to: string
  behaviour?: ExternalBehaviour
}

/** Calls begin, ring, are answered and refused. */
export class Calls {
  constructor (private readonly core: Core) {}

  /** @throws Refusal `invalidNumber` when there is nothing to dial; a number that is wrong fails later, as with a phone */
  originate (userKey: string, to: string, options: OwnLegOptions): Connection {
    const dialled = to.trim()
    if (!/[0-9a-z*#]/i.test(dialled)) throw new Refusal('invalidNumber', 'nothing to dial')
    const resolved = this.core.numbering.resolve(dialled)
    const shown = resolved.kind === 'invalid' ? { kind: 'external' as const, number: resolved.number } : this.core.numbering.party(resolved)
    return this.core.parts.phones.begin(userKey, dialled, shown, options, (connection) => {
      this.core.parts.routing.deliver({ call: this.core.callOf(connection), caller: connection, redirections: [] }, resolved)
    })
  }

  /** Somebody outside calls. Returns the connection that rings, waits or answered at last; undefined when the call was refused. */
  inbound (options: InboundOptions): Connection | undefined {
    const { from, name, to, behaviour } = options
    const { numbering, trunks } = this.core
    const number = from === undefined || from === '' ? undefined : numbering.e164(from)
    const known = number === undefined ? undefined : name ?? this.core.externals.get(number)?.name
    const party: Party = { kind: 'external', ...(number === undefined ? { private: true } : { number }), ...(known === undefined ? {} : { name: known }) }
    const trunkKey = trunks.keys().next().value
    const did = numbering.e164(to)
    const call = this.core.newCall({
      dialed: to, ...(number === undefined ? {} : { ani: number }), ...(known === undefined ? {} : { aniName: known }), ...(did.startsWith('+') ? { did } : {}), ...(trunkKey === undefined ? {} : { trunkKey })
    })
    const caller = this.core.open(call, party, { personality: 'originator', state: 'initiated' })
    this.core.tell({ type: 'originated' }, caller)
    if (behaviour !== undefined) this.core.parts.externals.follow(caller, behaviour)
    return this.core.parts.routing.deliver({ call, caller, redirections: [] }, to)
  }

  /**
   * Lifts a phone for a call that rings.
   * @param options.deviceKey which phone; `byCti` asks for one that may be answered from outside
   * @throws Refusal `wrongState` unless it rings, `notAllowed` without such a phone
   */
  answer (connection: Connection, options: { deviceKey?: string; byCti?: boolean }): void {
    const own = connection.personality === 'clickToDial' && connection.state === 'initiated'
    if (connection.party.kind !== 'user' || (!own && !ringsHere(connection))) throw new Refusal('wrongState', `call ${connection.key} does not ring`)
    const deviceKey = this.pick(connection, options)
    if (own) {
      this.core.parts.phones.lift(connection, deviceKey)
      return
    }
    const silent = connection.alertingDevices.filter((key) => key !== deviceKey)
    this.core.parts.phones.holdOthers(connection)
    this.core.parts.phones.seize(deviceKey)
    this.connect(connection, { deviceKey, alertingDevices: [] }, silent)
  }

  /** Two parties talk now: the one who answered, and the one who waited. */
  connect (called: Connection, fields: Fields, answeredElsewhere: string[] = []): void {
    const now = this.core.now()
    const { parts, timers } = this.core
    const caller = this.core.otherEnd(called)
    const remote = caller?.party ?? called.remote
    timers.clear(called.key, 'noAnswer')
    timers.clear(called.key, 'answer')
    parts.transfers.forget(called.callKey)
    this.core.change(called, { state: 'connected', answeredAt: called.answeredAt ?? now, ...(remote === undefined ? {} : { remote }), ...fields }, {
      type: 'established', ...(caller === undefined ? {} : { related: [caller.key] }), ...(answeredElsewhere.length === 0 ? {} : { detail: { answeredElsewhere } })
    })
    if (caller !== undefined && caller.state !== 'connected') {
      parts.phones.holdOthers(caller)
      this.core.change(caller, { ...this.core.unheld(caller), state: 'connected', answeredAt: caller.answeredAt ?? now, remote: called.party }, { type: 'established', related: [called.key] })
    }
    if (called.queueConnection !== undefined) parts.queues.answered(called)
    for (const end of [called, caller]) {
      if (end?.party.kind === 'external') parts.externals.established(end)
      if (end?.party.kind === 'user') parts.recording.established(end)
    }
  }

  /** Own phones stop ringing; the call goes on ringing until somebody gives up. */
  silence (connection: Connection): void {
    if (!ringsHere(connection)) throw new Refusal('wrongState', `call ${connection.key} does not ring`)
    this.core.change(connection, { silenced: true }, { type: 'callInformation', detail: { changed: ['silenced'] } })
  }

  /** Refuses a call that rings: `busy` goes the way of a busy phone, `unavailable` that of one that nobody answers. */
  reject (connection: Connection, reason: 'busy' | 'unavailable'): void {
    if (!ringsHere(connection)) throw new Refusal('wrongState', `call ${connection.key} does not ring`)
    this.passOn(connection, reason === 'busy' ? 'declined' : 'unavailable')
  }

  /** A user whom a call rings does not take it. */
  passOn (connection: Connection, obstacle: ObstacleName): void {
    const { parts } = this.core
    const caller = this.core.otherEnd(connection)
    if (connection.queueConnection !== undefined) parts.queues.bounced(connection, obstacle === 'notReachable' ? 'bounced' : 'rejected')
    else if (caller === undefined || connection.recall !== undefined) parts.endings.hangUp(connection, 'rejected')
    else parts.routing.divert({ call: this.core.callOf(connection), caller, redirections: connection.redirections }, this.core.user(connection.party.userKey ?? ''), obstacle, connection)
  }

  /** Hangs up, gives up, or refuses what rings. */
  release (connection: Connection): void {
    if (connection.party.kind === 'queue') this.core.parts.queues.release(connection)
    else if (ringsHere(connection) && connection.recall === undefined) this.reject(connection, 'busy')
    else this.core.parts.endings.hangUp(connection)
  }

  private pick (connection: Connection, { deviceKey, byCti }: { deviceKey?: string; byCti?: boolean }): string {
    const ringing = connection.alertingDevices.filter((key) => deviceKey === undefined || key === deviceKey)
    if (ringing.length === 0) throw new Refusal(deviceKey === undefined ? 'notAllowed' : 'unknownDevice', 'no such phone rings')
    const answering = byCti === true ? ringing.find((key) => this.core.device(key).remoteAnswer) : ringing[0]
    if (answering === undefined) throw new Refusal('notAllowed', 'no ringing phone may be answered from outside')
    return answering
  }
}

/** Whether the owner's own phones ring for a call that came to him. */
export function ringsHere (connection: Connection): boolean {
  return connection.party.kind === 'user' && connection.personality === 'terminator' && connection.state === 'alerting'
}
