/** The driver in a real session against the Webex face of the simulator, over real sockets; webhooks come to a server of the test. */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { MemoryTokenStore } from '../../src/session/tokenStore'
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator'
import { createWebexDriver, WebhookInbox, type WebexDriver, type WebexOptions } from '../../src/webex'
import { eventually, SessionLine } from '../support/sessionLine'

/** ms after which a test is told what it waited for in vain. */
const PATIENCE_MS = 5000

/** Where webhooks come in. */
export class HookServer {
  readonly inboxes = new Map<string, WebhookInbox>()
  /** Bodies as they came, and what was answered. */
  readonly deliveries: { body: Buffer; headers: http.IncomingHttpHeaders; status: number }[] = []
  /** Answer of a server that is in trouble, instead of the inbox. */
  broken: number | undefined
  private readonly server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      const status = this.broken ?? this.inboxes.get(request.url ?? '')?.deliver(body, request.headers) ?? 404
      this.deliveries.push({ body, headers: request.headers, status })
      response.statusCode = status
      response.end()
    })
  })

  async start (): Promise<void> {
    await new Promise<void>((resolve) => { this.server.listen(0, '127.0.0.1', resolve) })
  }

  inbox (path: string, secret = 'a-secret-of-the-test-with-32-chars'): WebhookInbox {
    const { port } = this.server.address() as AddressInfo
    const inbox = new WebhookInbox({ publicUrl: `http://127.0.0.1:${port}`, path, secret })
    this.inboxes.set(path, inbox)
    return inbox
  }

  async stop (): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => { this.server.close(resolve) })
  }
}

export class House {
  readonly hooks = new HookServer()
  private readonly lines: Line[] = []

  private constructor (readonly simulator: Simulator) {}

  static async build (options: SimulatorOptions = {}): Promise<House> {
    const house = new House(await startSimulator({ seed: 1, ...options }))
    await house.hooks.start()
    return house
  }

  get pbx (): Simulator['pbx'] {
    return this.simulator.pbx
  }

  get url (): string {
    return this.simulator.demoLogin('webex').url
  }

  /** Tokens of the demo people are told by their key. */
  token (user: string): string {
    return this.simulator.demoLogin('webex').token.replace(/alice$/, user)
  }

  /** A session of Bob by webhooks, not yet online. */
  line (options: Partial<WebexOptions> = {}): Line {
    const n = this.lines.length
    const line = new Line({
      accountId: `acc${n}`,
      instanceId: `cti-test-${n}`,
      baseUrl: this.url,
      auth: { kind: 'token', accessToken: this.token('bob') },
      tokens: new MemoryTokenStore(),
      hooks: this.hooks.inbox(`/cti/hooks/acc${n}/x`),
      timeoutMs: 3000,
      pollIdleMs: 200,
      pollBusyMs: 100,
      settingsMs: 300,
      reconcileMs: 1000,
      ...options
    })
    this.lines.push(line)
    return line
  }

  /** A session that is online. */
  async online (options: Partial<WebexOptions> = {}): Promise<Line> {
    const line = this.line(options)
    await line.session.whenOnline(PATIENCE_MS)
    return line
  }

  /** Resolves when it holds of the server, where nothing tells when to look. */
  until (holds: () => boolean, what: string): Promise<void> {
    return eventually(holds, what, PATIENCE_MS)
  }

  async close (): Promise<void> {
    await Promise.all(this.lines.map((line) => line.close()))
    await this.simulator.close()
    await this.hooks.stop()
  }
}

export class Line extends SessionLine<WebexDriver> {
  constructor (readonly options: WebexOptions) {
    super(createWebexDriver(options), { accountId: options.accountId, account: 'Webex', patienceMs: PATIENCE_MS })
  }

  get notes (): (string | undefined)[] {
    return this.statuses.map(({ note }) => note)
  }
}
