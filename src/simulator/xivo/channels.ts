/** Asterisk's channels: one for each phone or trunk that takes part in a call (xivo-cti.md 4.4). */
import { type Pbx } from '../pbx/pbx'
import { type Connection } from '../pbx/types'
import { type XivoIds } from './ids'

export interface ChannelStatus {
  timestamp: number
  state: string
  commstatus: string
  holded: boolean
  parked: boolean
  direction?: 'in' | 'out'
  talkingto_kind?: 'channel' | 'parking'
  talkingto_id?: string
}

export interface Channel {
  readonly name: string
  /** Asterisk's id, `<seconds>.<number>`. */
  readonly uniqueid: string
  connectionKey: string
  /** Absent for a trunk. */
  readonly deviceKey?: string
  readonly status: ChannelStatus
  /** Channel at the other end since they talk. */
  bridged?: string
}

export class Channels {
  private readonly byName = new Map<string, Channel>()
  private last: number
  /** Connections without a channel of their own -> the one whose channel they use. */
  private readonly shared = new Map<string, string>()
  /** The connection whose channel the next one begun by its user will use. */
  private lender: Connection | undefined

  constructor (private readonly needs: { pbx: Pbx; ids: XivoIds; first: number }) {
    this.last = needs.first - 1
  }

  /** A new channel of a connection, at a phone or at the trunk. */
  open (connection: Connection, deviceKey?: string): Channel {
    const { pbx, ids } = this.needs
    const now = pbx.now() / 1000
    const line = deviceKey === undefined ? `SIP/${pbx.calls.get(connection.callKey)?.trunkKey ?? 'trunk'}` : ids.line(deviceKey)
    const n = ++this.last
    const channel: Channel = {
      name: `${line}-${n.toString(16).padStart(8, '0')}`, uniqueid: `${Math.floor(now)}.${n}`, connectionKey: connection.key,
      ...(deviceKey === undefined ? {} : { deviceKey }),
      status: { timestamp: now, state: deviceKey === undefined ? 'Down' : 'Unknown', commstatus: 'ready', holded: false, parked: false }
    }
    this.byName.set(channel.name, channel)
    return channel
  }

  /** What is begun meanwhile by the user of `held` is a consultation of Asterisk's: it has no channel of its own at his phone (xivo-cti.md 9.4). */
  lending<T> (held: Connection, begin: () => T): T {
    this.lender = held
    try {
      return begin()
    } finally {
      this.lender = undefined
    }
  }

  /** True for a connection that uses the channel of a held one. */
  share (connection: Connection): boolean {
    const { lender } = this
    if (lender !== undefined && lender.key !== connection.key && lender.party.userKey === connection.party.userKey) this.shared.set(connection.key, lender.key)
    return this.shared.has(connection.key)
  }

  /** The held call is over and the consultation goes on: its channel is the consultation's own now. @returns the connection that has it */
  inherit (held: Connection): string | undefined {
    const heir = [...this.shared].find(([, key]) => key === held.key)?.[0]
    if (heir === undefined) return undefined
    for (const channel of this.of(held.key)) {
      channel.connectionKey = heir
      channel.status.holded = false
    }
    this.shared.delete(heir)
    return heir
  }

  isLent (connection: Connection | undefined): boolean {
    return connection !== undefined && this.shared.has(connection.key)
  }

  /** Forgets that a connection used another one's channel; false when it did not. */
  part (connection: Connection): boolean {
    return this.shared.delete(connection.key)
  }

  close (channel: Channel): void {
    this.byName.delete(channel.name)
    for (const other of this.byName.values()) if (other.bridged === channel.name) delete other.bridged
  }

  named (name: string): Channel | undefined {
    return this.byName.get(name)
  }

  byUniqueid (id: string): Channel | undefined {
    return [...this.byName.values()].find((channel) => channel.uniqueid === id)
  }

  /** Channels of a connection: several while several phones ring. */
  of (connectionKey: string | undefined): Channel[] {
    const key = this.shared.get(connectionKey ?? '') ?? connectionKey
    return [...this.byName.values()].filter((channel) => channel.connectionKey === key)
  }

  /** Names of the channels of a phone, oldest first. */
  namesOf (deviceKey: string): string[] {
    return [...this.byName.values()].filter((channel) => channel.deviceKey === deviceKey).map(({ name }) => name)
  }

  get size (): number {
    return this.byName.size
  }

  /** Asterisk was restarted. */
  reset (): void {
    this.byName.clear()
    this.shared.clear()
    this.last = this.needs.first - 1
  }
}
