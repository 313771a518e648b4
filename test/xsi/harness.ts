/** The driver in a real session against the XSI face of the simulator, over real sockets. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { Faults } from '../../src/simulator/faults/faults'
import { RealClock, type PbxClock } from '../../src/simulator/pbx/clock'
import { Pbx } from '../../src/simulator/pbx/pbx'
import { Rng } from '../../src/simulator/pbx/rng'
import { XsiFace } from '../../src/simulator/xsi/face'
import type { XsiOptions as FaceOptions } from '../../src/simulator/xsi/options'
import { createXsiDriver, type XsiOptions } from '../../src/xsi/session'
import { eventually, SessionLine } from '../support/sessionLine'

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
  until (holds: () => boolean, what: string): Promise<void> {
    return eventually(holds, what, PATIENCE_MS)
  }

  async close (): Promise<void> {
    await Promise.all(this.lines.map((line) => line.close()))
    await this.face.stop()
    this.pbx.close()
  }
}

export class Line extends SessionLine {
  constructor (options: XsiOptions) {
    super(createXsiDriver(options), { account: 'XSI', patienceMs: PATIENCE_MS })
  }
}
