/** The XiVO face: a TCP server that speaks the CTI protocol of xivo-ctid over one PBX. */
import { createServer } from 'node:net'
import { type Address, type DemoLogin, type Face, type FaceAction, type FaceConnection } from '../face'
import { House } from '../house'
import { Publisher } from './publisher'
import { XivoServer } from './server'
import { makeSite, type Site, type SiteNeeds } from './site'

export class XivoFace implements Face {
  readonly name = 'xivo'
  readonly site: Site
  private readonly server: XivoServer
  private readonly publisher: Publisher
  private readonly house: House
  private stopped = false

  /**
   * @param place host and port (0: any) to listen on
   * @throws Error for a release or protocol that does not exist
   */
  constructor (needs: SiteNeeds, place: { host: string; port: number }) {
    this.site = makeSite(needs)
    this.server = new XivoServer(this.site)
    this.publisher = new Publisher(this.site, () => { this.lost() })
    const scheme = this.site.options.tls?.mode === 'immediate' ? 'tls' : 'tcp'
    this.house = new House({ ...place, scheme }, () => createServer((socket) => { this.server.accept(socket) }))
  }

  get url (): string {
    return this.house.url
  }

  start (): Promise<Address> {
    return this.house.open()
  }

  async stop (): Promise<void> {
    this.stopped = true
    this.publisher.close()
    this.server.down = true
    this.server.drop()
    this.site.forgetLater()
    await this.house.close()
  }

  async restart (options: { downMs?: number } = {}): Promise<Address> {
    this.server.down = true
    this.server.drop()
    await this.house.close()
    this.server.down = false
    this.site.memory.reset()
    this.publisher.learn()
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
    const { ids, out } = this.site
    return [...out.sessions].map(({ id, peer, step, user }) => ({ id, kind: step === 'in' ? 'session' : 'login', peer, ...(user === undefined ? {} : { owner: ids.login(user) }) }))
  }

  figures (): Record<string, number> {
    const { out, channels } = this.site
    return { connections: this.server.accepted, received: this.server.received, pushed: out.pushed, sessions: out.sessions.size, encrypted: [...out.sessions].filter(({ encrypted }) => encrypted).length, channels: channels.size }
  }

  act (action: FaceAction, connection?: string): number {
    return ACTIONS[action](this.site, this.server, connection)
  }

  login (): DemoLogin {
    const { pbx, ids } = this.site
    const users = [...pbx.users.values()]
    const person = users.find((user) => user.devices.length > 0) ?? users[0]
    const admin = users.find((user) => user.supervisor) ?? person
    if (!admin || !person) throw new Error('The directory has no users')
    return { url: this.url, username: ids.login(person), password: person.password, token: '', adminUsername: ids.login(admin), adminPassword: admin.password, adminToken: '' }
  }

  /** Asterisk lost its calls: the daemon loses its link to it and closes every connection (xivo-cti.md 2.8). */
  private lost (): void {
    const { ids, channels, memory } = this.site
    this.server.down = true
    this.server.drop()
    this.server.down = false
    channels.reset()
    memory.reset()
    ids.register()
    this.publisher.learn()
  }
}

const ACTIONS: Record<FaceAction, (site: Site, server: XivoServer, connection: string | undefined) => number> = {
  dropConnections: (_site, server, connection) => server.drop(connection),
  expireCredentials: (site) => {
    site.memory.expired = true
    return site.pbx.users.size
  },
  renewCredentials: (site) => {
    site.memory.expired = false
    return site.pbx.users.size
  },
  endSubscriptions: (site) => {
    for (const session of site.out.sessions) session.unsubscribe()
    site.memory.callsOf.clear()
    return site.out.sessions.size
  },
  // There is no such message: the nearest is that everything is told once more.
  resync: (site) => {
    site.retell()
    return site.out.sessions.size
  }
}
