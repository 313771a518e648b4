/** The driver in a real session against the XSI face of the simulator, over real sockets. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import type { ActionRequest, ActionResult, CtiError, TelephonyEvent } from '../../src/model'
import { Session } from '../../src/session/session'
import { Faults } from '../../src/simulator/faults/faults'
import { RealClock, type PbxClock } from '../../src/simulator/pbx/clock'
import { Pbx } from '../../src/simulator/pbx/pbx'
import { Rng } from '../../src/simulator/pbx/rng'
import { XsiFace } from '../../src/simulator/xsi/face'
import type { XsiOptions as FaceOptions } from '../../src/simulator/xsi/options'
import { createXsiDriver, type XsiOptions } from '../../src/xsi/session'

/** ms after which a test is told what it waited for in vain. */
const PATIENCE_MS = 4000

export class House {
  readonly faults = new Faults(new Rng(1))
  readonly pbx: Pbx
  readonly face: XsiFace
  private readonly lines: Line[] = []

  private constructor (options: Partial<FaceOptions>, pbxClock: PbxClock | undefined) {
    const clock = new RealClock()
    this.pbx = new Pbx({ clock: pbxClock ?? clock, seed: 1 })
    this.face = new XsiFace({ pbx: this.pbx, clock, rng: new Rng(2), faults: this.faults, options }, { host: '127.0.0.1', port: 0 })
  }

  /** @param pbxClock time of the PBX where it is not that of the wall; the face and its sockets always live in real time */
  static async build (options: Partial<FaceOptions> = {}, pbxClock?: PbxClock): Promise<House> {
    const house = new House(options, pbxClock)
    await house.face.start()
    return house
  }

  /** A session of Bob, not yet online. */
  line (options: Partial<XsiOptions> = {}): Line {
    const n = this.lines.length
    const line = new Line({
      host: this.face.url,
      auth: { kind: 'basic', username: 'bob@example.com', password: 'demo' },
      applicationId: `app-${n}`,
      channelSetId: `set-${n}`,
      heartbeatMs: 1000,
      timeoutMs: 3000,
      ...options
    })
    this.lines.push(line)
    return line
  }

  /** A session that is online. */
  async online (options: Partial<XsiOptions> = {}): Promise<Line> {
    const line = this.line(options)
    await line.session.whenOnline(PATIENCE_MS)
    return line
  }

  /** Sees method, path and query of every request to a server of this process; the result ends it. */
  spy (seen: (url: string, request: IncomingMessage) => void): () => void {
    const take = (message: unknown): void => {
      const { request } = message as { request: IncomingMessage }
      seen(request.url ?? '', request)
    }
    subscribe('http.server.request.start', take)
    return () => { unsubscribe('http.server.request.start', take) }
  }

  /** Resolves when it holds of the server, where nothing tells when to look. */
  async until (holds: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    while (!holds()) {
      if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`)
      await new Promise((resolve) => { setImmediate(resolve) })
    }
  }

  async close (): Promise<void> {
    await Promise.all(this.lines.map((line) => line.close()))
    await this.face.stop()
    this.pbx.close()
  }
}

export class Line {
  readonly events: TelephonyEvent[] = []
  readonly warnings: string[] = []
  readonly states: string[] = []
  readonly raw: unknown[] = []
  readonly session: Session
  error: CtiError | undefined
  private readonly leave: () => void
  private readonly waiters = new Set<() => void>()

  constructor (options: XsiOptions) {
    this.session = new Session({ accountId: 'acc', account: 'XSI', driver: createXsiDriver(options), country: 'US', graceMs: 10, random: () => 0 })
    this.leave = this.session.join({
      event: (event, raw) => {
        this.events.push(event)
        this.raw.push(raw)
        this.look()
      },
      status: (status) => {
        this.states.push(status.state)
        this.error = status.error
        this.look()
      },
      warning: (code) => {
        this.warnings.push(code)
        this.look()
      }
    })
  }

  get names (): string[] {
    return this.events.map(({ event }) => event)
  }

  /** Of calls only, since the number `from`. */
  calls (from = 0): string[] {
    return this.names.slice(from).filter((name) => name.startsWith('call.') && name !== 'call.updated')
  }

  /** The first event of that name (from number `from` on), now or later. */
  async event (name: string, from = 0): Promise<TelephonyEvent> {
    await this.until(() => this.events.slice(from).some(({ event }) => event === name), `${name} after [${this.names.slice(from).join(', ')}]`)
    return this.events.slice(from).find(({ event }) => event === name) as TelephonyEvent
  }

  /** Resolves when it holds; looks after everything that the session tells. */
  until (holds: () => boolean, what: string): Promise<void> {
    if (holds()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const done = (error?: Error): void => {
        clearTimeout(timer)
        this.waiters.delete(check)
        if (error === undefined) resolve()
        else reject(error)
      }
      const check = (): void => { if (holds()) done() }
      const timer = setTimeout(() => done(new Error(`waited in vain for ${what}; states ${this.states.join(' ')}; warnings ${this.warnings.join(' ')}; ${this.error?.message ?? ''}`)), PATIENCE_MS)
      this.waiters.add(check)
    })
  }

  perform (action: string, fields: Record<string, unknown> = {}): Promise<ActionResult> {
    return this.session.perform({ action, ...fields } as ActionRequest)
  }

  async close (): Promise<void> {
    this.leave()
    await this.session.close('removed')
  }

  private look (): void {
    for (const waiter of [...this.waiters]) waiter()
  }
}
