import { type Core } from './core'
import { type Connection, Refusal } from './types'

const DIGITS = /^[0-9*#A-D,]+$/i

/** What one does during a call: hold, mute, tones, data. */
export class Talking {
  constructor (private readonly core: Core) {}

  /** @throws Refusal `wrongState` unless it talks, also when only the other side holds */
  hold (connection: Connection): void {
    if (connection.state !== 'connected' && !(connection.state === 'hold' && connection.heldBy === 'remote')) throw new Refusal('wrongState', `call ${connection.key} does not talk`)
    if (connection.monitor !== undefined) throw new Refusal('notAllowed', 'a monitored call cannot be held by the one who listens')
    const both = connection.heldBy === 'remote'
    this.core.change(connection, { state: 'hold', heldBy: both ? 'both' : 'local', heldAt: this.core.now() }, { type: 'held', cause: 'normal', detail: { by: 'local' } })
    const other = this.core.otherEnd(connection)
    if (other?.state === 'connected') this.core.change(other, { state: 'hold', heldBy: 'remote' }, { type: 'held', cause: 'remoteHold', detail: { by: 'remote' } })
    else if (other?.state === 'hold' && other.heldBy === 'local') this.core.change(other, { heldBy: 'both' }, { type: 'held', cause: 'remoteHold', detail: { by: 'remote' } })
  }

  /** @throws Refusal `wrongState` unless this side holds it */
  resume (connection: Connection): void {
    if (connection.state !== 'hold' || connection.heldBy === 'remote') throw new Refusal('wrongState', `call ${connection.key} is not held here`)
    this.core.parts.phones.holdOthers(connection)
    const remote = connection.heldBy === 'both'
    this.core.change(connection, { ...this.core.unheld(connection), state: remote ? 'hold' : 'connected', heldBy: remote ? 'remote' : undefined }, { type: 'retrieved', cause: 'normal', detail: { by: 'local' } })
    const other = this.core.otherEnd(connection)
    if (other?.state === 'hold' && other.heldBy === 'remote') this.core.change(other, { state: 'connected', heldBy: undefined }, { type: 'retrieved', cause: 'remoteHold', detail: { by: 'remote' } })
    else if (other?.state === 'hold' && other.heldBy === 'both') this.core.change(other, { heldBy: 'local' }, { type: 'retrieved', cause: 'remoteHold', detail: { by: 'remote' } })
    this.core.parts.recording.resumed(connection)
  }

  /** Talks on with this one and hangs up all others of the user. */
  reconnect (connection: Connection): void {
    if (connection.state !== 'hold' || connection.heldBy === 'remote') throw new Refusal('wrongState', `call ${connection.key} is not held here`)
    for (const other of this.core.connectionsOf(connection.party.userKey ?? '')) {
      if (other !== connection && other.state !== 'null') this.core.parts.endings.hangUp(other)
    }
    if (this.core.connection(connection.key).state === 'hold') this.resume(connection)
  }

  setMuted (connection: Connection, muted: boolean): void {
    this.flag(connection, 'muted', muted)
  }

  setDeaf (connection: Connection, deaf: boolean): void {
    this.flag(connection, 'deaf', deaf)
  }

  /** Sends tones; returns how many. @throws Refusal `invalidValue` for other signs than 0-9 * # A-D and the comma (a pause) */
  dtmf (connection: Connection, digits: string): number {
    if (!DIGITS.test(digits)) throw new Refusal('invalidValue', 'tones are 0-9 * # A-D and the comma')
    if (connection.state !== 'connected' && connection.state !== 'queued') throw new Refusal('wrongState', `call ${connection.key} does not talk`)
    this.core.tell({ type: 'callInformation', detail: { dtmf: digits } }, connection)
    return digits.replaceAll(',', '').length
  }

  /** One text that goes with the call. */
  setInfo (connection: Connection, info: string): void {
    this.core.callOf(connection).info = info
    this.core.tell({ type: 'callInformation', detail: { changed: ['info'], info } }, connection)
  }

  /** Named values that go with the call; an empty one is taken away. */
  setData (connection: Connection, data: Record<string, string>): void {
    const call = this.core.callOf(connection)
    for (const [name, value] of Object.entries(data)) {
      if (value === '') delete call.data[name]
      else call.data[name] = value
    }
    this.core.tell({ type: 'callInformation', detail: { changed: ['data'], data: { ...call.data } } }, connection)
  }

  private flag (connection: Connection, name: 'muted' | 'deaf', value: boolean): void {
    if (connection.state !== 'connected' && connection.state !== 'hold') throw new Refusal('wrongState', `call ${connection.key} does not talk`)
    if (connection[name] === value) return
    this.core.change(connection, { [name]: value }, { type: connection.conferenceKey === undefined ? 'callInformation' : 'conferenceChanged', detail: { changed: [name], [name]: value }, ...(connection.conferenceKey === undefined ? {} : { conferenceKey: connection.conferenceKey }) })
  }
}
