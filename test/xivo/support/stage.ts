/** The simulator's demo house on a clock of its own, and an account that sees everybody in it. */
import type { ActionRequest, ActionResult, TelephonyEvent } from '../../../src/model'
import { Session, type Clock } from '../../../src/session'
import { VirtualClock } from '../../../src/simulator/pbx/clock'
import { startSimulator, type Simulator, type SimulatorOptions } from '../../../src/simulator/simulator'
import type { XivoFace } from '../../../src/simulator/xivo/face'
import { XivoDriver, type XivoOptions } from '../../../src/xivo'
import { Relay } from '../../faults/support/relay'

/** ms of real time that the wire gets until both sides must agree. */
const PATIENCE_MS = 8000

/** How much faster than the wall the session's timers run: what a queue leg waits for its reason would be seconds. */
const HASTE = 4

/** The time of the PBX, with timers of their own. */
const following = (clock: VirtualClock): Clock => ({
  now: () => clock.now(),
  setTimeout: (run, ms) => setTimeout(run, ms / HASTE),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout)
})

export class Stage {
  readonly clock = new VirtualClock(Date.now())
  readonly events: TelephonyEvent[] = []
  readonly warnings: string[] = []
  private started: Simulator | undefined
  private wire: Relay | undefined
  private opened: Session | undefined
  private leave: () => void = () => undefined

  /** @param face knobs of the face; its people have sheets and a lag of states as real servers do unless told otherwise */
  static async open (face: SimulatorOptions['xivo'] = {}, account: Partial<XivoOptions> = {}): Promise<Stage> {
    const stage = new Stage()
    stage.started = await startSimulator({ clock: stage.clock, seed: 7, xivo: { loginTimeoutMs: 1e12, ...face } })
    const { hostname, port } = new URL(stage.face.url)
    stage.wire = await Relay.open(() => ({ host: hostname, port: Number(port) }))
    const driver = new XivoDriver({
      ...stage.wire.place, login: 'dave', password: 'demo', protocol: face.protocol ?? 'auto', tls: 'off', allowClearPassword: true, presence: 'berightback', ...account
    })
    Object.defineProperty(driver, 'pace', { value: { concurrency: 10, perSecond: Infinity, queued: 1000 } })
    stage.opened = new Session({ accountId: 'acc', account: 'XiVO', driver, country: 'US', graceMs: 10, random: () => 0, clock: following(stage.clock) })
    stage.leave = stage.opened.join({ event: (event) => { stage.events.push(event) }, warning: (code) => stage.warned(code) })
    try {
      await stage.opened.whenOnline(PATIENCE_MS)
      return stage
    } catch (error) {
      // Nobody else can: the test has no stage yet, and what stays open would hide the failure behind a run that does not end.
      await stage.close()
      throw error
    }
  }

  private warned (code: string): void {
    this.warnings.push(code)
  }

  get simulator (): Simulator {
    if (this.started === undefined) throw new Error('there is no simulator')
    return this.started
  }

  get session (): Session {
    if (this.opened === undefined) throw new Error('there is no session')
    return this.opened
  }

  /** How often the client sent this. */
  sent (pattern: RegExp): number {
    return this.wire?.count(pattern) ?? 0
  }

  get face (): XivoFace {
    return this.simulator.face('xivo') as XivoFace
  }

  perform (action: ActionRequest['action'], more: Partial<ActionRequest> = {}): Promise<ActionResult> {
    return this.session.perform({ action, ...more } as ActionRequest)
  }

  /** Resolves when nothing differs any more; else tells what does. */
  async agree (differences: () => string[], when: string): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const wrong = differences()
      if (wrong.length === 0) return
      if (Date.now() > deadline) throw new Error(`${when}: ${wrong.join('\n')}`)
      await new Promise((resolve) => { setTimeout(resolve, 2) })
    }
  }

  async close (): Promise<void> {
    this.leave()
    await this.opened?.close('restart')
    await this.wire?.close()
    await this.started?.close()
  }
}
