/** The Webex face: the REST API, the OAuth pages and the webhooks of Webex Calling, of one PBX. */
import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type Socket } from 'node:net'
import { certificateFor, type Certificate } from '../certificate'
import { type Address, type DemoLogin, type Face, type FaceAction, type FaceCommand, type FaceConnection } from '../face'
import { House, onGarbage } from '../house'
import { allows } from './auth/scopes'
import { commandsOf } from './commands'
import { ROUTES } from './routes/index'
import { Router } from './router'
import { WebexServer } from './server'
import { makeSite, type Site, type SiteNeeds } from './site'

const KEEP_ALIVE_MS = 30_000
const REQUEST_LIMIT_MS = 10_000
/** Scopes that open XSI to a token (webex-calling.md 7.4). */
const XSI = ['spark:xsi', 'spark-admin:calls_read', 'spark-admin:telephony_config_read']

export class WebexFace implements Face {
  readonly name = 'webex'
  readonly site: Site
  readonly commands: Readonly<Record<string, FaceCommand>>
  private readonly house: House
  private readonly server: WebexServer
  private readonly sockets = new Set<Socket>()
  private certificate: Certificate | undefined
  private stopped = false

  /** @param place host and port (0: any) to listen on */
  constructor (needs: SiteNeeds, private readonly place: { host: string; port: number }) {
    this.site = makeSite(needs)
    this.commands = commandsOf(this.site)
    this.server = new WebexServer(this.site, new Router(ROUTES))
    this.house = new House({ ...place, ...(this.site.options.tls === false ? {} : { scheme: 'https' }) }, () => onGarbage(this.makeServer()))
  }

  get url (): string {
    return this.house.url
  }

  async start (): Promise<Address> {
    const { tls } = this.site.options
    if (tls !== false) this.certificate ??= await certificateFor(tls === true ? this.place.host : tls)
    return this.house.open()
  }

  async stop (): Promise<void> {
    this.stopped = true
    this.site.publisher.close()
    this.site.lifting.close()
    this.site.delivery.close()
    await this.house.close()
  }

  /** Tokens, webhooks and rooms are kept, as a cloud keeps them. */
  async restart (options: { downMs?: number } = {}): Promise<Address> {
    await this.line(false)
    if (options.downMs !== undefined && options.downMs > 0) await new Promise<void>((resolve) => { this.site.clock.after(options.downMs ?? 0, resolve) })
    if (this.stopped) throw new Error('The face was stopped while it was away')
    this.site.delivery.setLine(true)
    return this.house.open()
  }

  async line (up: boolean): Promise<void> {
    if (up && this.stopped) return
    this.site.delivery.setLine(up)
    if (up) await this.house.open()
    else await this.house.close()
  }

  /** Nobody stays connected; what lasts are the webhooks. */
  connections (): FaceConnection[] {
    return this.site.webhooks.list().map(({ id, resource, targetUrl, creator }) => ({ id, kind: `webhook ${resource}`, peer: targetUrl, owner: creator.email }))
  }

  figures (): Record<string, number> {
    const { delivery, webhooks } = this.site
    return { ...this.server.counts, ...delivery.counts, waiting: delivery.waiting, webhooks: webhooks.list().length }
  }

  act (action: FaceAction, connection?: string): number {
    return this.actions[action](connection)
  }

  login (): DemoLogin {
    const { pbx, tokens, options } = this.site
    const users = [...pbx.users.values()]
    const person = users.find((user) => user.devices.length > 0) ?? users[0]
    const admin = users.find((user) => user.admin) ?? person
    if (!admin || !person) throw new Error('The directory has no users')
    const { clientId, clientSecret, serviceClientId, serviceClientSecret } = options
    return {
      url: this.url, username: person.email, password: person.password, token: tokens.personal(person), adminUsername: admin.email, adminPassword: admin.password, adminToken: tokens.personal(admin),
      clientId, clientSecret, botToken: tokens.bot, botEmail: options.bot.email, serviceToken: tokens.service, serviceRefreshToken: tokens.serviceRefresh, serviceClientId, serviceClientSecret,
      ...(this.certificate === undefined ? {} : { ca: this.certificate.ca })
    }
  }

  /** Id by which XSI knows the person of a token that may use it; undefined for any other token. */
  xsiUser (token: string): string | undefined {
    const principal = this.site.tokens.holder(token)
    return principal?.user !== undefined && allows(principal.scopes, XSI) ? principal.user.ids.webex : undefined
  }

  private readonly actions: Record<FaceAction, (connection: string | undefined) => number> = {
    dropConnections: () => {
      const { size } = this.sockets
      for (const socket of this.sockets) socket.destroy()
      return size
    },
    expireCredentials: () => this.site.tokens.expire(),
    renewCredentials: () => this.site.tokens.unexpire(),
    endSubscriptions: (connection) => {
      const met = this.site.webhooks.list().filter(({ id, status }) => status === 'active' && (connection === undefined || id === connection))
      for (const webhook of met) webhook.status = 'inactive'
      return met.length
    },
    // The API has no such word to its clients: they ask again by themselves.
    resync: () => 0
  }

  private makeServer (): Server {
    const timing = { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_LIMIT_MS }
    const server = this.certificate === undefined ? createServer(timing, this.server.listener) : createSecureServer({ ...timing, key: this.certificate.key, cert: this.certificate.cert }, this.server.listener)
    return server.on('connection', (socket) => {
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
    })
  }
}
