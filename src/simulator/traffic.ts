/** Calls that happen by themselves: either like a day's business, or as many events a second as a test wants. One at a time. */
import { type Pbx } from './pbx/pbx'
import { Load } from './scenarios/load'
import { Traffic as Business } from './scenarios/traffic'

export interface TrafficSettings {
  /** Calls that begin each minute. */
  callsPerMinute?: number
  /** Facts about users a second. */
  eventsPerSecond?: number
}

export class Traffic {
  private business: Business | undefined
  private load: Load | undefined
  private settings: Required<TrafficSettings> = { callsPerMinute: 0, eventsPerSecond: 0 }

  constructor (private readonly pbx: Pbx, private readonly seed: number) {}

  /** What is asked for at present; both 0 when off. */
  get rate (): Required<TrafficSettings> {
    return { ...this.settings }
  }

  /** Turns traffic on, or changes it; without a rate above 0 it is off. @throws Refusal `invalidValue` for a rate that is too high */
  start ({ callsPerMinute = 0, eventsPerSecond = 0 }: TrafficSettings): void {
    void this.stop()
    if (callsPerMinute > 0) {
      this.business = new Business(this.pbx, { callsPerMinute, seed: this.seed })
      this.business.start()
    }
    if (eventsPerSecond > 0) {
      this.load = new Load(this.pbx, { eventsPerSecond, seed: this.seed })
      this.load.start()
    }
    this.settings = { callsPerMinute, eventsPerSecond }
  }

  /** So many calls a minute from now on; 0 turns it off. */
  set (callsPerMinute: number): void {
    this.start({ callsPerMinute })
  }

  /** No further calls; those of the traffic are hung up. Resolves when that is done; a script's mistake is shown as a warning. */
  async stop (): Promise<void> {
    const { business, load } = this
    this.business = undefined
    this.load = undefined
    this.settings = { callsPerMinute: 0, eventsPerSecond: 0 }
    load?.stop()
    try {
      await business?.stop()
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error), { type: 'SimulatorWarning' })
    }
  }
}
