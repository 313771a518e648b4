/** The simulator, a wire to one face of it, and the sessions of a test; `close` ends them all. */
import type { FaceName, Connection, Ms } from '../../../src/simulator/pbx/types'
import type { Face } from '../../../src/simulator/face'
import { startSimulator, type Simulator, type SimulatorOptions } from '../../../src/simulator/simulator'
import type { DriverSetup, Vendor } from '../vendors'
import { Line, PATIENCE_MS, type LineOptions } from './line'
import { Relay, type Place } from './relay'

export const CAROL = '+12025550199'
export const BOB = '1002'

/** `hasty`: sends requests as fast as it can, which no real system would take. */
export type WorldLine = LineOptions & Partial<Omit<DriverSetup, 'simulator' | 'place'>> & { readonly hasty?: boolean }

/** Where a face listens. */
export function placeOf (simulator: Simulator, name: FaceName): Place {
  const { hostname, port } = new URL(simulator.face(name).url)
  return { host: hostname, port: Number(port) }
}

/** Resolves when it holds of something that tells nobody when to look. */
export async function until (holds: () => boolean, what: string | (() => string), ms = PATIENCE_MS): Promise<void> {
  const deadline = Date.now() + ms
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${typeof what === 'string' ? what : what()}`)
    await new Promise((resolve) => { setTimeout(resolve, 2) })
  }
}

export class World {
  private readonly lines: Line[] = []

  private constructor (readonly vendor: Vendor, readonly simulator: Simulator, readonly relay: Relay, private readonly tidy: () => Promise<void>) {}

  static async start (vendor: Vendor, options: SimulatorOptions = {}): Promise<World> {
    const tidy = await vendor.prepare?.() ?? (() => Promise.resolve())
    const simulator = await startSimulator({ seed: 5, ...vendor.simulator, ...options })
    return new World(vendor, simulator, await Relay.open(() => placeOf(simulator, vendor.platform)), tidy)
  }

  get face (): Face {
    return this.simulator.face(this.vendor.platform)
  }

  /** A session that somebody uses, not yet online. */
  line (options: WorldLine = {}): Line {
    const { clock, timeoutMs, accountId, hasty, ...setup } = options
    const driver = this.vendor.driver({ id: String(this.lines.length), ...setup, simulator: this.simulator, place: this.relay.place })
    if (hasty === true) Object.defineProperty(driver, 'pace', { value: { concurrency: 10, perSecond: Infinity, queued: 1000 } })
    const line = new Line(driver, { ...(clock ? { clock } : {}), ...(timeoutMs === undefined ? {} : { timeoutMs }), ...(accountId === undefined ? {} : { accountId }) })
    this.lines.push(line)
    return line
  }

  async online (options: WorldLine = {}): Promise<Line> {
    const line = this.line(options)
    await line.session.whenOnline(PATIENCE_MS)
    return line
  }

  /** Carol calls Bob. */
  ring (to = BOB): Connection {
    const connection = this.simulator.pbx.inbound({ from: CAROL, to })
    if (connection === undefined) throw new Error('the phone does not ring')
    return connection
  }

  /** Carol calls Bob, who answers; resolves when the session knows. */
  async talk (line: Line): Promise<Connection> {
    const from = line.mark
    const connection = this.ring()
    await line.event('call.ringing', from)
    this.simulator.pbx.answer(connection.key)
    await line.event('call.answered', from)
    return connection
  }

  /** The line breaks; where none stands, requests break for so long that it is noticed. */
  cut (): void {
    const { missedAfterMs } = this.vendor
    if (missedAfterMs === undefined) this.relay.cut()
    else this.relay.cutFor(missedAfterMs)
  }

  /** The face is away for so long, or until it is missed. */
  restart (downMs: Ms): Promise<void> {
    return this.simulator.restartFace(this.vendor.platform, { downMs: Math.max(downMs, this.vendor.missedAfterMs ?? 0) })
  }

  /** The face is away while something happens, forgets its clients, and comes back. */
  async whileAway (line: Line, meanwhile: () => unknown, downMs: Ms = 100): Promise<void> {
    const from = line.mark
    const back = this.restart(downMs)
    await line.event('connection.offline', from)
    await meanwhile()
    await back
    await line.event('connection.online', from)
  }

  /** What the face keeps for its clients: connections, subscriptions. */
  get kept (): { connections: number; subscriptions: number } {
    return { connections: this.face.connections().length, subscriptions: this.face.figures().subscriptions ?? 0 }
  }

  async close (): Promise<void> {
    this.relay.thaw()
    await Promise.all(this.lines.map((line) => line.close()))
    await this.relay.close()
    await this.simulator.close()
    await this.tidy()
  }
}
