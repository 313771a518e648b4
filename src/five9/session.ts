/** The Five9 driver: what the session needs of a vendor (src/session/types.ts). */
import { notConnected } from '../session/notConnected'
import { registerActions } from '../session/registry'
import type { ActionTable, Driver, Link } from '../session/types'
import { actionTable } from './actions'
import { Five9Connection } from './connection'
import { Memory } from './memory'
import { settingsOf, type Five9Options } from './options'

export class Five9Driver implements Driver {
  readonly platform = 'five9' as const
  readonly actions: ActionTable
  /** No figures are published; five a second is our convention (five9.md 5). */
  readonly pace = { concurrency: 4, perSecond: 5, queued: 100 }
  private readonly memory: Memory
  private connection: Five9Connection | undefined

  /** @throws CtiError CTI_INVALID_REQUEST for options that cannot be used */
  constructor (options: Five9Options) {
    this.memory = new Memory(settingsOf(options))
    this.actions = actionTable({ connection: () => this.online(), memory: this.memory })
  }

  async open (link: Link): Promise<void> {
    const connection = new Five9Connection(link, this.memory)
    this.connection = connection
    await connection.open()
  }

  resync (_link: Link): Promise<'full'> {
    return this.online().resync()
  }

  async close (link: Link, why: 'removed' | 'restart'): Promise<void> {
    const { connection, memory } = this
    this.connection = undefined
    try {
      if (connection !== undefined && connection.link === link) await connection.close(why)
    } finally {
      memory.forget()
    }
  }

  ownerOf (user: string): string | undefined {
    const { reference, uid } = this.memory
    return reference.findUser(user) ?? (user === uid ? uid : undefined)
  }

  /** The agent's own calls, unless the account watches others only. */
  ownOwner (): string | undefined {
    return this.memory.isAgent && this.memory.uid !== '' ? this.memory.uid : undefined
  }

  /** In wrap-up since before this program began. */
  keepsCall (callId: string): boolean {
    return this.memory.wrapUpOf(callId) !== undefined
  }

  private online (): Five9Connection {
    if (this.connection === undefined) throw notConnected('five9')
    return this.connection
  }
}

// Known without a connection, so that other vendors' errors can name this one.
registerActions('five9', actionTable({ connection: () => { throw notConnected('five9') }, memory: new Memory(settingsOf({ username: 'nobody', password: '' })) }))
