import { Rng } from '../pbx/rng'
import { type Pbx } from '../pbx/pbx'
import { type Connection, Refusal } from '../pbx/types'

export interface LoadOptions { eventsPerSecond: number; seed?: number }

const TICK_MS = 20
const STEPS = ['answer', 'hold', 'resume', 'release'] as const
const FASTEST = 20_000
/** A backlog after a pause of the process is not made up for beyond this. */
const MOST_BEHIND_MS = 1000

/** Facts at a rate: short calls that ring, are answered, held, resumed and ended as fast as it takes. For measuring, not for looking at. */
export class Load {
  /** Facts about users, told since the start. */
  facts = 0
  private readonly rng: Rng
  private readonly rate: number
  private readonly stages = new Map<string, { call: Connection; step: number }>()
  private people: string[] = []
  private turn = 0
  private budget = 0
  private last = 0
  private forget: (() => void) | undefined
  private cancel: (() => void) | undefined

  /** @throws Refusal `invalidValue` unless 0 < eventsPerSecond <= 20000 */
  constructor (private readonly pbx: Pbx, { eventsPerSecond, seed = 1 }: LoadOptions) {
    if (!(eventsPerSecond > 0 && eventsPerSecond <= FASTEST)) throw new Refusal('invalidValue', `events a second must be above 0 and at most ${FASTEST}`)
    this.rate = eventsPerSecond
    this.rng = new Rng(seed)
  }

  get active (): boolean {
    return this.forget !== undefined
  }

  /** Begins. Only people who are in no call take part. */
  start (): void {
    if (this.active) return
    this.people = [...this.pbx.users.values()].filter(({ devices }) => devices.length > 0).map(({ key }) => key)
    this.last = this.pbx.now()
    this.forget = this.pbx.facts.on(({ userKey }) => { if (userKey !== undefined) this.facts++ })
    this.tick()
  }

  /** Ends it and its calls. */
  stop (): void {
    this.cancel?.()
    for (const { call } of this.stages.values()) this.attempt(() => { this.pbx.release(call.key) })
    this.stages.clear()
    this.forget?.()
    this.forget = undefined
  }

  private tick (): void {
    const now = this.pbx.now()
    this.budget += this.rate * Math.min(now - this.last, MOST_BEHIND_MS) / 1000
    this.last = now
    for (let idle = 0; this.budget >= 1 && idle < this.people.length;) {
      const before = this.facts
      this.step()
      this.budget -= this.facts - before
      idle = this.facts === before ? idle + 1 : 0
    }
    this.cancel = this.pbx.core.clock.after(TICK_MS, () => { this.tick() })
  }

  /** The next person goes one step on. */
  private step (): void {
    const person = this.people[this.turn++ % this.people.length]
    if (person === undefined) return
    const stage = this.stages.get(person)
    if (stage === undefined) {
      this.ring(person)
      return
    }
    const act = STEPS[stage.step++]
    const done = act !== undefined && this.attempt(() => { this.pbx[act](stage.call.key) })
    if (!done || stage.step >= STEPS.length) this.stages.delete(person)
  }

  private ring (person: string): void {
    if (this.pbx.connectionsOf(person).length > 0) return
    const from = `+1202555${String(this.rng.integer(100, 199)).padStart(4, '0')}`
    const call = this.pbx.inbound({ from, to: this.pbx.users.get(person)?.extension ?? '' })
    if (call?.party.userKey === person && call.state === 'alerting') this.stages.set(person, { call, step: 0 })
    else if (call !== undefined) this.attempt(() => { this.pbx.release(call.key) })
  }

  private attempt (act: () => void): boolean {
    try {
      act()
      return true
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return false
    }
  }
}
