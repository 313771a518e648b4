/** The iPECS face: an HTTPS server with a WebSocket that speaks the Web API of the switch over one PBX. */
import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type Certificate, certificateFor } from '../certificate'
import { type Address, type DemoLogin, type Face, type FaceAction, type FaceCommand, type FaceConnection } from '../face'
import { House, onGarbage } from '../house'
import { Heartbeat } from './heartbeat'
import { Publisher } from './publisher'
import { numberingPlan } from './routes/services'
import { IpecsServer } from './server'
import { makeSite, type Site, type SiteNeeds } from './site'

const REQUEST_LIMIT_MS = 10_000

export class IpecsFace implements Face {
  readonly name = 'ipecs'
  readonly site: Site
  private readonly server: IpecsServer
  private readonly publisher: Publisher
  private readonly heartbeat: Heartbeat
  private readonly house: House
  private certificate: Certificate | undefined
  private stopped = false

  readonly commands: Record<string, FaceCommand> = {
    forgetTokens: { help: 'tokens are void, as after their time, while channels go on; returns how many', run: () => this.site.sessions.forget() }
  }

  /** @param place host and port (0: any) to listen on */
  constructor (needs: SiteNeeds, private readonly place: { host: string; port: number }) {
    this.site = makeSite(needs)
    this.heartbeat = new Heartbeat(this.site)
    this.server = new IpecsServer(this.site, () => { this.heartbeat.start() })
    this.publisher = new Publisher(this.site)
    this.house = new House({ ...place, scheme: this.site.options.tls ? 'https' : 'http' }, () => this.makeServer())
  }

  get url (): string {
    return this.house.url
  }

  /** @throws the system's error when the port is taken */
  async start (): Promise<Address> {
    const { tls, certificate } = this.site.options
    if (tls) this.certificate ??= certificate ?? await certificateFor(this.place.host)
    return this.house.open()
  }

  async stop (): Promise<void> {
    this.stopped = true
    this.publisher.close()
    this.forgetClients()
    this.site.forgetLater()
    await this.house.close()
  }

  /** @param options.newCertificate it comes back with another certificate, which clients do not know */
  async restart (options: { downMs?: number; newCertificate?: boolean } = {}): Promise<Address> {
    this.forgetClients()
    await this.house.close()
    if (options.newCertificate === true) this.certificate = await certificateFor(this.place.host, true)
    if (options.downMs !== undefined && options.downMs > 0) await new Promise<void>((resolve) => { this.site.clock.after(options.downMs ?? 0, resolve) })
    if (this.stopped) throw new Error('The face was stopped while it was away')
    return this.house.open()
  }

  async line (up: boolean): Promise<void> {
    if (up && !this.stopped) await this.house.open()
    if (up) return
    this.server.drop()
    await this.house.close()
  }

  connections (): FaceConnection[] {
    return this.site.sessions.listening().flatMap(({ socket, user }) => socket === undefined ? [] : [{ id: socket.id, kind: 'socket', peer: socket.peer, owner: user }])
  }

  figures (): Record<string, number> {
    const { sessions, out, records, numbers } = this.site
    const subscriptions = sessions.list().reduce((sum, { monitors, presences }) => sum + monitors.size + presences.size, 0)
    return { requests: this.server.requests, logins: sessions.logins, sessions: sessions.size, subscriptions, events: out.sent, records: records.size, lines: numbers.busyLines }
  }

  act (action: FaceAction, connection?: string): number {
    return ACTIONS[action](this.site, this.server, connection)
  }

  login (): DemoLogin {
    const [first, second = first] = this.site.options.accounts
    if (first === undefined || second === undefined) throw new Error('The face has no accounts')
    return {
      url: this.url, username: first.name, password: first.password, token: '', adminUsername: second.name, adminPassword: second.password, adminToken: '',
      ...(this.certificate === undefined ? {} : { ca: this.certificate.ca })
    }
  }

  private makeServer (): Server {
    // What node waits differs from what it announces: the server ends idle connections itself.
    const settings = { keepAliveTimeout: 0, requestTimeout: REQUEST_LIMIT_MS }
    const server = this.certificate === undefined ? createServer(settings, this.server.listener) : createSecureServer({ ...settings, key: this.certificate.key, cert: this.certificate.cert }, this.server.listener)
    server.on('upgrade', this.server.upgrade)
    return onGarbage(server)
  }

  /** A server that went down knows neither tokens nor sockets any more. */
  private forgetClients (): void {
    this.heartbeat.stop()
    this.server.drop()
    this.site.sessions.clear()
  }
}

const ACTIONS: Record<FaceAction, (site: Site, server: IpecsServer, connection: string | undefined) => number> = {
  dropConnections: (_site, server, connection) => server.drop(connection),
  expireCredentials: (site) => {
    site.sessions.expired = true
    return site.sessions.forget()
  },
  // Sessions that the server is still clearing are gone.
  renewCredentials: (site) => {
    site.sessions.expired = false
    site.sessions.cleared()
    return site.options.accounts.length
  },
  endSubscriptions: (site) => {
    const all = site.sessions.list()
    for (const session of all) {
      session.monitors.clear()
      session.presences.clear()
    }
    return all.length
  },
  // The nearest that there is: the numbering plan changed, so that clients load and monitor everything anew.
  resync: (site) => {
    site.out.toAll('numbering', numberingPlan(site))
    return site.sessions.listening().length
  }
}
