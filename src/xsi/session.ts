/** The XSI driver: what the session needs of a vendor (src/session/types.ts), for BroadWorks and Webex Calling alike. */
import { notConnected } from '../session/notConnected'
import { registerActions } from '../session/registry'
import type { ActionTable, Driver, Link } from '../session/types'
import { actionTable } from './actions'
import { XsiConnection } from './connection'
import { DriverMemory } from './memory'
import { basesOf, type XsiOptions } from './options'

export type { XsiAuth, XsiOptions, XsiScope } from './options'

export class XsiDriver implements Driver {
  readonly platform = 'xsi' as const
  readonly actions: ActionTable
  /** No figures are published; more is refused by servers under load (xsi.md 5). */
  readonly pace = { concurrency: 5, perSecond: 10, queued: 200 }
  private readonly memory = new DriverMemory()
  private connection: XsiConnection | undefined
  private server = 0

  /** @throws CtiError CTI_INVALID_REQUEST when the options hold no server */
  constructor (private readonly options: XsiOptions) {
    basesOf(options)
    this.actions = actionTable({ connection: () => this.online(), memory: this.memory, options })
  }

  async open (link: Link): Promise<void> {
    const connection = new XsiConnection(link, this.options, this.memory, this.server)
    this.connection = connection
    try {
      await connection.open()
    } catch (error) {
      // The next attempt tries the next server of the list (xsi.md 6).
      this.server++
      throw error
    }
  }

  async resync (_link: Link): Promise<'full' | 'openCalls' | 'none'> {
    return this.online().resync()
  }

  async close (link: Link, _why: 'removed' | 'restart'): Promise<void> {
    const { connection } = this
    this.connection = undefined
    this.memory.forget()
    if (connection !== undefined && connection.link === link) await connection.close()
  }

  ownerOf (user: string): string | undefined {
    return this.memory.people.find(user)
  }

  ownOwner (): string | undefined {
    return this.options.scope === undefined || this.options.scope === 'user' ? this.memory.people.own : undefined
  }

  private online (): XsiConnection {
    if (this.connection === undefined) throw notConnected('xsi')
    return this.connection
  }
}

/** @throws CtiError CTI_INVALID_REQUEST when the options hold no server */
export function createXsiDriver (options: XsiOptions): XsiDriver {
  return new XsiDriver(options)
}

registerActions('xsi', actionTable({
  connection: () => { throw notConnected('xsi') },
  memory: new DriverMemory(),
  options: { auth: { kind: 'basic', username: '', password: '' }, applicationId: '', channelSetId: '' }
}))
