/** The Five9 face: HTTP servers with REST and event sockets for agents and supervisors of one domain, one server a data centre. */
import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type Certificate, certificateFor } from '../certificate'
import { type Address, type DemoLogin, type Face, type FaceAction, type FaceCommand, type FaceConnection } from '../face'
import { House, onGarbage } from '../house'
import { Refusal } from '../pbx/types'
import { announce, migrate, type MigrationOptions } from './migration'
import { Publisher } from './publisher'
import { ROUTES } from './routes/index'
import { Five9Server } from './server'
import { makeSite, type Site, type SiteNeeds } from './site'

/** Idle connections of requests end after this time. */
const KEEP_ALIVE_MS = 5000
const REQUEST_LIMIT_MS = 10_000

export class Five9Face implements Face {
  readonly name = 'five9'
  readonly site: Site
  private readonly server: Five9Server
  private readonly publisher: Publisher
  private readonly houses: House[]
  private stopped = false
  private certificate: Certificate | undefined

  readonly commands: Record<string, FaceCommand> = {
    migrate: { help: 'the domain moves to the next data centre and farm: {forced, announceMs}', run: ({ forced, announceMs }) => { this.migrate({ forced: forced === true, ...(typeof announceMs === 'number' ? { announceMs } : {}) }) } },
    tell: {
      help: 'an event that nothing in the PBX makes: {eventId, payLoad}',
      run: ({ eventId, payLoad = null }) => {
        if (!Number.isInteger(Number(eventId))) throw new Refusal('invalidValue', 'eventId must be a number')
        this.tell(Number(eventId), payLoad)
      }
    }
  }

  /** @param place host and port (0: any) of the first data centre; the others listen on any port */
  constructor (needs: SiteNeeds, private readonly place: { host: string; port: number }) {
    this.site = makeSite(needs)
    this.server = new Five9Server(this.site, ROUTES)
    this.publisher = new Publisher(this.site)
    const scheme = this.site.options.tls === undefined ? 'http' : 'https'
    this.houses = Array.from({ length: this.site.options.servers }, (_, n) => new House({ ...place, scheme, ...(n === 0 ? {} : { port: 0 }) }, () => this.makeServer()))
    this.site.ports = () => this.houses.map(({ url }) => url === '' ? 0 : Number(new URL(url).port || (scheme === 'http' ? 80 : 443)))
  }

  get url (): string {
    return this.houses[0]?.url ?? ''
  }

  /** Base addresses of the data centres; the first is `url`. */
  get urls (): string[] {
    return this.houses.map(({ url }) => url)
  }

  async start (): Promise<Address> {
    if (this.site.options.tls === true) this.certificate = await certificateFor(this.place.host)
    return this.open()
  }

  async stop (): Promise<void> {
    this.stopped = true
    this.publisher.close()
    this.forgetClients()
    await this.shut()
  }

  async restart (options: { downMs?: number } = {}): Promise<Address> {
    this.forgetClients()
    await this.shut()
    if (options.downMs !== undefined && options.downMs > 0) await new Promise<void>((resolve) => { this.site.clock.after(options.downMs ?? 0, resolve) })
    if (this.stopped) throw new Error('The face was stopped while it was away')
    return this.open()
  }

  async line (up: boolean): Promise<void> {
    if (up && !this.stopped) await this.open()
    if (up) return
    this.site.sockets.drop()
    await this.shut()
  }

  /** The domain moves to the next data centre and farm (five9.md 6.3). Sessions with calls stay until these end, unless `forced`. */
  migrate (options: MigrationOptions = {}): void {
    migrate(this.site, options)
  }

  /** Tells an event that nothing in the PBX makes: what administrators change (5002 to 5010, 48 to 51, 57 …), servers and farms (1000, 1004, 71, 72, 84). */
  tell (eventId: number, payLoad: unknown = null): void {
    announce(this.site, eventId, payLoad)
  }

  connections (): FaceConnection[] {
    return this.site.sockets.list().map(({ id, half, peer, session, origin: { server } }) => ({ id, kind: half, peer, owner: session.user.email, ...(this.houses.length > 1 ? { server } : {}) }))
  }

  figures (): Record<string, number> {
    const { out, sockets, sessions } = this.site
    return { requests: this.server.answered, connections: sockets.accepted, sent: out.sent, sessions: sessions.list().length }
  }

  act (action: FaceAction, connection?: string): number {
    return ACTIONS[action](this.site, connection)
  }

  login (): DemoLogin {
    const { pbx, people } = this.site
    const users = [...pbx.users.values()]
    const person = users.find((user) => user.agentKey !== undefined && user.devices.length > 0) ?? users[0]
    const admin = users.find((user) => user.supervisor) ?? users.find((user) => user.admin) ?? person
    if (!admin || !person) throw new Error('The directory has no users')
    return {
      url: this.url, username: person.email, password: person.password, token: people.tokenOf(person),
      adminUsername: admin.email, adminPassword: admin.password, adminToken: people.tokenOf(admin),
      ...(this.certificate === undefined ? {} : { ca: this.certificate.ca })
    }
  }

  private async open (): Promise<Address> {
    const [first] = await Promise.all(this.houses.map((house) => house.open()))
    if (first === undefined) throw new Error('The face has no data centre')
    return first
  }

  private async shut (): Promise<void> {
    await Promise.all(this.houses.map((house) => house.close()))
  }

  private makeServer (): Server {
    const { tls: given } = this.site.options
    const tls = given === true ? this.certificate : given
    const limits = { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_LIMIT_MS }
    const server = tls === undefined ? createServer(limits, this.server.listener) : createSecureServer({ ...limits, key: tls.key, cert: tls.cert }, this.server.listener)
    server.on('upgrade', this.server.upgrade)
    return onGarbage(server)
  }

  /** A server that went down knows no session any more. Agents stay as the PBX has them. */
  private forgetClients (): void {
    this.site.sockets.drop()
    this.site.sessions.clear()
  }
}

const ACTIONS: Record<FaceAction, (site: Site, connection: string | undefined) => number> = {
  dropConnections: (site, connection) => site.sockets.drop((socket) => connection === undefined || socket.id === connection),
  expireCredentials: (site) => {
    site.sessions.expired = true
    return site.pbx.users.size
  },
  renewCredentials: (site) => {
    site.sessions.expired = false
    return site.pbx.users.size
  },
  // Event 1003: no events can be delivered any more (five9.md 4.2).
  endSubscriptions: (site, connection) => {
    announce(site, 1003, null, connection)
    return site.sockets.drop((socket) => connection === undefined || socket.id === connection, 1003, 'Event server is unavailable')
  },
  // The domain moves: every client has to read all anew.
  resync: (site) => migrate(site, { forced: true })
}
