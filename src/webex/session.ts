/** The Webex Calling driver: what the session needs of a vendor (src/session/types.ts). */
import { type ActionRequest } from '../model'
import { notConnected } from '../session/notConnected'
import { registerActions } from '../session/registry'
import type { ActionTable, Driver, Link } from '../session/types'
import { actionTable } from './actions'
import { asOf } from './actions/tools'
import { Authorizer } from './authorizer'
import { WebexConnection } from './connection'
import { DriverMemory } from './memory'
import { settingsOf, type Settings, type WebexOptions } from './options'
import { Tokens } from './tokens'
import { xsiProvider, type XsiProvider } from './xsiAccess'

export class WebexDriver implements Driver {
  readonly platform = 'webex' as const
  readonly actions: ActionTable
  /** No figures are published for Calling; five at once are known to be taken (webex-calling.md 5). */
  readonly pace = { concurrency: 5, perSecond: 10, queued: 200 }
  /** Authorisations by people; works without a connection too. */
  readonly authorizer: Authorizer
  /** For an XSI account that borrows token and addresses. */
  readonly xsi: XsiProvider
  private readonly settings: Settings
  private readonly tokens: Tokens
  private readonly memory = new DriverMemory()
  private connection: WebexConnection | undefined

  /** @throws CtiError CTI_INVALID_REQUEST; `cause.missing` names what has to be entered */
  constructor (options: WebexOptions) {
    this.settings = settingsOf(options)
    this.tokens = new Tokens(this.settings)
    this.authorizer = new Authorizer(this.settings, this.tokens)
    this.xsi = xsiProvider(this.settings, this.tokens)
    this.actions = actionTable({ connection: () => this.online(), memory: this.memory, settings: this.settings, tokens: this.tokens, authorizer: this.authorizer })
  }

  async open (link: Link): Promise<void> {
    this.tokens.reload()
    const connection = new WebexConnection(link, this.settings, this.tokens, this.memory)
    this.connection = connection
    const leave = this.authorizer.onAuthorised((holder, personId) => { if (personId !== undefined) connection.granted(holder) })
    link.signal.addEventListener('abort', leave, { once: true })
    await connection.open()
  }

  async resync (_link: Link): Promise<'full' | 'openCalls' | 'none'> {
    const connection = this.online()
    const scope = await connection.resync()
    connection.start()
    return scope
  }

  async close (link: Link, why: 'removed' | 'restart'): Promise<void> {
    const { connection } = this
    this.connection = undefined
    if (connection !== undefined && connection.link === link) await connection.close(why === 'removed' || this.settings.transientHooks === true)
  }

  ownerOf (user: string): string | undefined {
    return this.memory.people.find(user)?.id
  }

  ownOwner (): string | undefined {
    return this.connection?.own?.id
  }

  userOf (request: ActionRequest): string | undefined {
    return asOf(request)
  }

  private online (): WebexConnection {
    if (this.connection === undefined) throw notConnected('webex')
    return this.connection
  }
}

/** @throws CtiError CTI_INVALID_REQUEST; `cause.missing` names what has to be entered */
export function createWebexDriver (options: WebexOptions): WebexDriver {
  return new WebexDriver(options)
}

const unused = settingsOf({ accountId: '', instanceId: '', auth: { kind: 'token', accessToken: '-' } })
const unusedTokens = new Tokens(unused)
registerActions('webex', actionTable({
  connection: () => { throw notConnected('webex') }, memory: new DriverMemory(), settings: unused, tokens: unusedTokens, authorizer: new Authorizer(unused, unusedTokens)
}))
