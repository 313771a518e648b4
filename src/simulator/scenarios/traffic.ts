import { Rng } from '../pbx/rng'
import { type Pbx } from '../pbx/pbx'
import { type Fact, Refusal } from '../pbx/types'
import { type Cast, castOf, play, type Run, StageStopped } from './index'

export interface TrafficOptions { callsPerMinute?: number; seed?: number }
export interface TrafficFigures { started: number; completed: number; refused: number; skipped: number; queueCalls: number }

type Role = 'first' | 'second' | 'third'
interface Share { name: string; weight: number; roles: Role[] }

/** What a normal day is made of. Queue calls are not scripts: they come in, and the agents of the house are played. */
const QUEUE_WEIGHT = 8
const MIX: Share[] = [
  { name: 'in-answered', weight: 10, roles: ['second'] },
  { name: 'in-cancelled', weight: 3, roles: ['second'] },
  { name: 'in-rejected', weight: 2, roles: ['third'] },
  { name: 'in-unknown-caller', weight: 1, roles: ['second'] },
  { name: 'late-name', weight: 1, roles: ['second'] },
  { name: 'call-waiting', weight: 1, roles: ['second'] },
  { name: 'out-phone', weight: 6, roles: ['second'] },
  { name: 'out-click', weight: 4, roles: ['second'] },
  { name: 'out-click-busy', weight: 1, roles: ['second'] },
  { name: 'out-cancelled', weight: 1, roles: ['second'] },
  { name: 'internal', weight: 5, roles: ['first', 'second'] },
  { name: 'hold-local', weight: 3, roles: ['second'] },
  { name: 'hold-remote', weight: 1, roles: ['first', 'second'] },
  { name: 'blind', weight: 3, roles: ['first', 'second'] },
  { name: 'attended', weight: 3, roles: ['first', 'second'] },
  { name: 'attended-cancel', weight: 1, roles: ['first', 'second'] },
  { name: 'early', weight: 1, roles: ['first', 'second'] },
  { name: 'conference-3', weight: 1, roles: ['first', 'second'] },
  { name: 'park-retrieve', weight: 1, roles: ['first', 'second'] },
  { name: 'pickup-directed', weight: 1, roles: ['second', 'third'] },
  { name: 'presence', weight: 1, roles: ['first'] }
]

const MOST_RUNNING = 200
const LONGEST_PATIENCE_MS = 60_000

/** Calls of random people, n a minute, the same for the same seed. Who is in a call is left alone; when nobody is free a call is skipped. */
export class Traffic {
  readonly figures: TrafficFigures = { started: 0, completed: 0, refused: 0, skipped: 0, queueCalls: 0 }
  private readonly rng: Rng
  private readonly everyMs: number
  private readonly running = new Set<Run>()
  private readonly taken = new Set<string>()
  private readonly queueCalls = new Set<string>()
  /** Calls that the people of the scripts are or were in: one may go on without them, with a mailbox. */
  private readonly scripted = new Set<string>()
  private readonly cancels = new Set<() => void>()
  private forget: (() => void) | undefined
  private failure: unknown
  private calling = false

  /** @throws Refusal `invalidValue` unless 0 < callsPerMinute <= 6000 */
  constructor (private readonly pbx: Pbx, options: TrafficOptions = {}) {
    const { callsPerMinute = 6, seed = 1 } = options
    if (!(callsPerMinute > 0 && callsPerMinute <= 6000)) throw new Refusal('invalidValue', 'calls a minute must be above 0 and at most 6000')
    this.everyMs = 60_000 / callsPerMinute
    this.rng = new Rng(seed)
  }

  get active (): boolean {
    return this.forget !== undefined
  }

  /** Begins; agents who are logged out log in, ready. Again does nothing. */
  start (): void {
    if (this.active) return
    for (const agent of this.pbx.agents.values()) if (!agent.loggedIn) this.pbx.signIn(agent.key, { routing: 'ready' })
    this.forget = this.pbx.facts.on((fact) => { this.hear(fact) })
    this.next()
  }

  /** Ends it: no more calls, scripts under way stop, their calls are hung up. @throws what a script failed with, other than a refusal */
  async stop (): Promise<void> {
    if (this.forget === undefined) return
    this.forget()
    this.forget = undefined
    for (const cancel of this.cancels) cancel()
    this.cancels.clear()
    const runs = [...this.running]
    for (const { stage } of runs) stage.stop()
    await Promise.allSettled(runs.map(({ done }) => done))
    for (const userKey of this.taken) this.hangUp(userKey)
    this.taken.clear()
    for (const calls of [this.queueCalls, this.scripted]) {
      for (const key of calls) this.drop(key)
      calls.clear()
    }
    if (this.failure !== undefined) throw this.failure
  }

  private next (): void {
    const jitter = 0.5 + this.rng.next()
    this.later(this.everyMs * jitter, () => {
      this.next()
      this.call()
    })
  }

  private call (): void {
    for (const key of this.scripted) if (this.pbx.calls.get(key)?.endedAt !== undefined || !this.pbx.calls.has(key)) this.scripted.delete(key)
    const share = this.draw()
    if (share === undefined) this.queueCall()
    else this.script(share)
  }

  /** A share of the mix, or undefined for a queue call. */
  private draw (): Share | undefined {
    const total = MIX.reduce((sum, { weight }) => sum + weight, this.pbx.queues.size > 0 ? QUEUE_WEIGHT : 0)
    let point = this.rng.next() * total
    for (const share of MIX) {
      point -= share.weight
      if (point < 0) return share
    }
    return this.pbx.queues.size > 0 ? undefined : MIX[0]
  }

  private script (share: Share): void {
    const cast = this.running.size < MOST_RUNNING ? this.castFor(share.roles) : undefined
    if (cast === undefined) {
      this.figures.skipped++
      return
    }
    const people = share.roles.map((role) => cast[role])
    for (const key of people) this.taken.add(key)
    const run = play(this.pbx, share.name, { cast, drivesClock: false, tidy: false })
    this.running.add(run)
    this.figures.started++
    const finished = run.done.then(() => { this.figures.completed++ }, this.failed)
    void finished.then(() => {
      this.running.delete(run)
      for (const key of people) {
        this.hangUp(key)
        this.taken.delete(key)
      }
    })
  }

  private readonly failed = (error: unknown): void => {
    if (error instanceof Refusal) this.figures.refused++
    else if (!(error instanceof StageStopped)) this.failure ??= error
  }

  private castFor (roles: Role[]): Cast | undefined {
    const cast = castOf(this.pbx)
    const free = [...this.pbx.users.values()].filter((user) => this.isFree(user.key)).map(({ key }) => key)
    for (const role of roles) {
      if (free.length === 0) return undefined
      const [chosen] = free.splice(this.rng.integer(0, free.length - 1), 1)
      if (chosen !== undefined) cast[role] = chosen
    }
    return cast
  }

  private isFree (userKey: string): boolean {
    const devices = this.pbx.users.get(userKey)?.devices ?? []
    return !this.taken.has(userKey) && this.pbx.connectionsOf(userKey).length === 0 && devices.some((key) => this.pbx.devices.get(key)?.registered === true)
  }

  private queueCall (): void {
    const queue = this.rng.pick([...this.pbx.queues.values()])
    const from = `+1202555${String(this.rng.integer(100, 199)).padStart(4, '0')}`
    this.calling = true
    this.pbx.inbound({ from, to: queue.extension ?? queue.number, behaviour: { giveUpAfterMs: this.rng.integer(4000, LONGEST_PATIENCE_MS), hangUpAfterMs: this.rng.integer(4000, 40_000) } })
    this.calling = false
    this.figures.queueCalls++
  }

  /** Agents answer the calls of this traffic, and sometimes say what came out of them. */
  private hear (fact: Fact): void {
    const { connection } = fact
    if (connection === undefined) return
    const { key, callKey, agentKey, party } = connection
    if (this.calling && fact.type === 'originated') this.queueCalls.add(callKey)
    if (this.taken.has(party.userKey ?? '')) this.scripted.add(callKey)
    if (fact.type === 'cleared' && party.kind === 'external') this.queueCalls.delete(callKey)
    if (agentKey === undefined || connection.queueConnection === undefined) return
    if (fact.type === 'delivered' && this.queueCalls.has(callKey)) this.later(this.rng.integer(1000, 9000), () => { this.pbx.answer(key) })
    const code = this.pbx.dispositions.length > 0 && this.rng.chance(0.5) ? this.rng.pick(this.pbx.dispositions).code : undefined
    if (fact.type === 'cleared' && connection.answeredAt !== undefined && code !== undefined) this.later(2000, () => { this.pbx.dispose(key, code) })
  }

  private attempt (act: () => void): void {
    try {
      act()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.figures.refused++
    }
  }

  private hangUp (userKey: string): void {
    for (const { key } of this.pbx.connectionsOf(userKey)) this.attempt(() => { this.pbx.release(key) })
  }

  private drop (callKey: string): void {
    for (const key of this.pbx.calls.get(callKey)?.connections ?? []) if (this.pbx.connections.get(key)?.state !== 'null') this.attempt(() => { this.pbx.release(key) })
  }

  private later (ms: number, task: () => void): void {
    const cancel = this.pbx.core.clock.after(ms, () => {
      this.cancels.delete(cancel)
      try {
        task()
      } catch (error) {
        this.failed(error)
      }
    })
    this.cancels.add(cancel)
  }
}
