/** The XSI face: an HTTP server that speaks Xsi-Actions and Xsi-Events of one PBX. */
import { createServer, type Server } from 'node:http'
import { type Address, type DemoLogin, type Face, type FaceAction, type FaceConnection } from '../face'
import { House, onGarbage } from '../house'
import { resyncEvents } from './events/calls'
import { Publisher } from './publisher'
import { ROUTES } from './routes/index'
import { Router } from './router'
import { XsiServer } from './server'
import { makeSite, type Site, type SiteNeeds } from './site'

/** Idle connections of commands end after this time, as real servers' do (xsi.md 5). */
const KEEP_ALIVE_MS = 4000
const REQUEST_LIMIT_MS = 10_000

export class XsiFace implements Face {
  readonly name = 'xsi'
  readonly site: Site
  private readonly publisher: Publisher
  private readonly houses: House[]
  private stopped = false

  /** @param place host and port (0: any) to listen on */
  constructor (needs: SiteNeeds, place: { host: string; port: number }) {
    this.site = makeSite(needs)
    this.publisher = new Publisher(this.site)
    const server = new XsiServer(this.site, new Router(ROUTES))
    this.houses = Array.from({ length: this.site.options.servers }, (_, n) => new House(
      n === 0 ? place : { ...place, port: 0 }, () => onGarbage(this.makeServer(server), (socket, bytes) => this.site.channels.overheard(socket, bytes))
    ))
  }

  get url (): string {
    return this.houses[0]?.url ?? ''
  }

  /** Base addresses of all its servers; the first is `url`. */
  get urls (): string[] {
    return this.houses.map((house) => house.url)
  }

  start (): Promise<Address> {
    return this.open()
  }

  async stop (): Promise<void> {
    this.stopped = true
    this.publisher.close()
    this.forgetClients()
    this.site.contacts.close()
    await this.shut()
  }

  async restart (options: { downMs?: number } = {}): Promise<Address> {
    await this.shut()
    this.forgetClients()
    if (options.downMs !== undefined && options.downMs > 0) await new Promise<void>((resolve) => { this.site.clock.after(options.downMs ?? 0, resolve) })
    if (this.stopped) throw new Error('The face was stopped while it was away')
    return this.open()
  }

  /** @param server number of one server in `urls`; absent: all of them */
  async line (up: boolean, server?: number): Promise<void> {
    if (up && !this.stopped) await this.open(server)
    if (!up) await this.shut(server)
  }

  connections (): FaceConnection[] {
    const serverOf = ({ port }: { port: number }): number => this.urls.findIndex((url) => url.endsWith(`:${port}`))
    return this.site.channels.list().map((channel) => ({
      id: channel.id, kind: 'channel', peer: channel.peer, owner: channel.owner, ...(this.houses.length > 1 ? { server: serverOf(channel) } : {})
    }))
  }

  figures (): Record<string, number> {
    const { delivery, contacts, subscriptions } = this.site
    return { ...delivery.counts, waiting: delivery.waiting, ...contacts.counts, subscriptions: subscriptions.size }
  }

  act (action: FaceAction, connection?: string): number {
    return ACTIONS[action](this.site, this.publisher, connection)
  }

  login (): DemoLogin {
    const { pbx, auth, names } = this.site
    const users = [...pbx.users.values()]
    const person = users.find((user) => user.devices.length > 0) ?? users[0]
    const admin = users.find((user) => user.admin) ?? person
    if (!admin || !person) throw new Error('The directory has no users')
    return {
      url: this.url,
      username: names.userId(person), password: person.password, token: auth.tokenOf(person),
      adminUsername: names.userId(admin), adminPassword: admin.password, adminToken: auth.tokenOf(admin)
    }
  }

  private async open (server?: number): Promise<Address> {
    const [first] = await Promise.all(this.some(server).map((house) => house.open()))
    if (first === undefined) throw new Error('The face has no such server')
    return first
  }

  private async shut (server?: number): Promise<void> {
    await Promise.all(this.some(server).map((house) => house.close()))
  }

  private some (server: number | undefined): House[] {
    return server === undefined ? this.houses : this.houses.slice(server, server + 1)
  }

  private makeServer (xsi: XsiServer): Server {
    // Published clients that write their requests by hand end lines with LF alone, which the strict parser refuses.
    return createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_LIMIT_MS, insecureHTTPParser: true }, xsi.listener)
  }

  /** A server that went down knows neither channels nor subscriptions any more. */
  private forgetClients (): void {
    this.site.channels.drop()
    this.site.subscriptions.clear()
    this.site.delivery.clear()
  }
}

const ACTIONS: Record<FaceAction, (site: Site, publisher: Publisher, connection: string | undefined) => number> = {
  dropConnections: (site, _publisher, connection) => site.channels.drop(connection),
  expireCredentials: (site) => {
    site.auth.expire()
    return site.pbx.users.size
  },
  renewCredentials: (site) => {
    site.auth.renew()
    return site.pbx.users.size
  },
  endSubscriptions: (site, publisher) => {
    const all = site.subscriptions.list()
    for (const subscription of all) publisher.terminate(subscription)
    return all.length
  },
  resync: (site, publisher) => {
    publisher.publish(resyncEvents(site))
    return site.subscriptions.list().length
  }
}
