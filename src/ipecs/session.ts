/** The iPECS driver: what the session needs of a vendor (src/session/types.ts). */
import { notConnected } from '../session/notConnected'
import { registerActions } from '../session/registry'
import type { ActionTable, Driver, Link } from '../session/types'
import { tlsSettings } from '../transport/tls'
import { actionsOf } from './actions'
import { IpecsConnection, type Keeper } from './connection'
import { Login } from './login'
import { Memory } from './memory'
import { settingsOf, type IpecsOptions } from './options'

/** ms of the close that the monitors and the logout may take, of the 1.5 s that the session gives. */
const MONITOR_STOP_MS = 500
const LOGOUT_MS = 800

export class IpecsDriver implements Driver {
  readonly platform = 'ipecs' as const
  readonly actions: ActionTable
  /** One processor serves the whole switch (ipecs.md 5.1). */
  readonly pace = { concurrency: 4, perSecond: 20, queued: 200 }
  private readonly keeper: Keeper
  private connection: IpecsConnection | undefined

  /** @throws CtiError CTI_INVALID_REQUEST for options that cannot be used */
  constructor (options: IpecsOptions) {
    const settings = settingsOf(options)
    if (settings.tls !== undefined) tlsSettings(settings.tls)
    this.keeper = { memory: new Memory(settings), login: new Login(settings) }
    this.actions = actionsOf({ memory: this.keeper.memory, connection: () => this.online(), ctiOff: () => this.connection?.monitors.ctiOff })
  }

  async open (link: Link): Promise<void> {
    if (this.keeper.memory.settings.tls?.rejectUnauthorized === false) link.warn('notVerified', 'The certificate of the switch is not verified: anybody on the way can read the password. Better pin its fingerprint.')
    this.connection = new IpecsConnection(link, this.keeper)
    await this.connection.open()
  }

  async resync (_link: Link): Promise<'full' | 'openCalls' | 'none'> {
    return this.online().resync()
  }

  async close (link: Link, _why: 'removed' | 'restart'): Promise<void> {
    const { connection } = this
    this.connection = undefined
    delete this.keeper.lostAt
    // The session forgets its calls too; the counters of the summary stay.
    this.keeper.memory.restart(link.epoch)
    if (connection !== undefined && connection.link === link) await connection.close(MONITOR_STOP_MS, LOGOUT_MS)
  }

  ownerOf (user: string): string | undefined {
    const { memory } = this.keeper
    if (memory.extensions.has(user)) return user
    return memory.groups.find(user) ?? memory.agents.find(user)?.device
  }

  ownOwner (): string | undefined {
    const { settings } = this.keeper.memory
    if (settings.accountType === 'client') return settings.username
    return Array.isArray(settings.extensions) && settings.extensions.length === 1 ? settings.extensions[0] as string : undefined
  }

  private online (): IpecsConnection {
    if (this.connection === undefined) throw notConnected('ipecs')
    return this.connection
  }
}

registerActions('ipecs', actionsOf({
  memory: new Memory(settingsOf({ baseUrl: 'https://pbx.example.com', username: 'none', password: '' })), connection: () => { throw notConnected('ipecs') }, ctiOff: () => undefined
}))
