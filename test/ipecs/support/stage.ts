/** The simulator's demo house on a clock of its own, and an account that sees everybody in it. */
import assert from 'node:assert/strict'
import type { ActionRequest, ActionResult, TelephonyEvent } from '../../../src/model'
import { IpecsDriver, type IpecsOptions } from '../../../src/ipecs'
import { Session, type Clock } from '../../../src/session'
import { VirtualClock } from '../../../src/simulator/pbx/clock'
import { startSimulator, type Simulator, type SimulatorOptions } from '../../../src/simulator/simulator'
import { stationDifferences } from './differences'

/** ms of real time that the wire gets until both sides must agree. */
const PATIENCE_MS = 8000
/** How much faster than the wall the session's timers run. */
const HASTE = 10

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
  private opened: Session | undefined
  private leave: () => void = () => undefined

  static async open (face: SimulatorOptions['ipecs'] = {}, account: Partial<IpecsOptions> = {}): Promise<Stage> {
    const stage = new Stage()
    stage.started = await startSimulator({ clock: stage.clock, seed: 7, ipecs: face })
    const { url, username, password, ca } = stage.started.demoLogin('ipecs')
    const driver = new IpecsDriver({ baseUrl: url, username, password, extensions: 'all', statsIntervalMs: 0, ...(ca === undefined ? {} : { tls: { ca } }), ...account })
    Object.defineProperty(driver, 'pace', { value: { concurrency: 10, perSecond: Infinity, queued: 1000 } })
    stage.opened = new Session({ accountId: 'acc', account: 'iPECS', driver, country: 'US', graceMs: 10, random: () => 0, clock: following(stage.clock) })
    stage.leave = stage.opened.join({ event: (event) => stage.told(event), warning: (code, text) => { stage.warnings.push(`${code}: ${text}`) } })
    try {
      await stage.opened.whenOnline(PATIENCE_MS)
      return stage
    } catch (error) {
      // Nobody else can: the test has no stage yet, and what stays open would hide the failure behind a run that does not end.
      await stage.close()
      throw error
    }
  }

  private told (event: TelephonyEvent): void {
    this.events.push(event)
  }

  get simulator (): Simulator {
    assert.ok(this.started)
    return this.started
  }

  get session (): Session {
    assert.ok(this.opened)
    return this.opened
  }

  perform (action: ActionRequest['action'], more: Partial<ActionRequest> = {}): Promise<ActionResult> {
    return this.session.perform({ action, ...more } as ActionRequest)
  }

  /** Resolves when nothing differs any more; else tells what does. */
  async agree (when: string): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const wrong = this.differences()
      if (wrong.length === 0) return
      if (Date.now() > deadline) throw new Error(`${when}: ${wrong.join('\n')}`)
      await new Promise((resolve) => { setTimeout(resolve, 2) })
    }
  }

  async until (holds: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    while (!holds()) {
      if (Date.now() > deadline) assert.fail(`waited in vain for ${what}`)
      await new Promise((resolve) => { setTimeout(resolve, 2) })
    }
  }

  /** Where session and house differ: calls of phones, waiting callers, agents, settings. */
  differences (): string[] {
    const { simulator, session: { picture } } = this
    const { pbx } = simulator
    const wrong: string[] = []
    const check = (what: string, told: unknown, fact: unknown): void => {
      if (JSON.stringify(told) !== JSON.stringify(fact)) wrong.push(`${what}: session ${JSON.stringify(told)}, house ${JSON.stringify(fact)}`)
    }
    const people = [...pbx.users.values()].filter(({ extension }) => extension !== '')
    wrong.push(...stationDifferences(simulator, (extension) => picture.callsOf(extension), people.map(({ key }) => key)))
    for (const { key, extension, dnd } of people) check(`${key} dnd`, picture.dnd(extension)?.enabled ?? false, dnd.enabled)
    for (const agent of pbx.agents.values()) {
      const { extension } = pbx.users.get(agent.userKey)!
      const told = [...picture.agents()].find(({ device }) => device?.id === extension)
      if (told?.state === 'unknown') continue
      const isBusy = pbx.connectionsOf(agent.userKey).some(({ state }) => state === 'connected' || state === 'hold')
      const expected = !agent.loggedIn ? ['loggedOut'] : agent.wrapUp !== undefined ? ['wrapUp'] : isBusy ? ['busy', agent.routing] : [agent.routing, 'busy']
      if (!expected.includes(told?.state ?? 'loggedOut')) wrong.push(`${agent.key}: session ${told?.state ?? 'nothing'}, house ${expected.join(' or ')}`)
    }
    // A caller for whom an agent is free rings at once and is never told to wait (ipecs.md 9.2).
    const waiting = [...picture.calls()].filter(({ owner, state }) => owner.kind === 'queue' && state === 'queued').length
    const entries = [...pbx.queues.values()].flatMap((queue) => queue.entries)
    const rung = new Set([...pbx.connections.values()].flatMap(({ state, queueConnection }) => state === 'alerting' && queueConnection !== undefined ? [queueConnection] : []))
    const least = entries.filter((key) => !rung.has(key)).length
    if (waiting < least || waiting > entries.length) wrong.push(`waiting callers: session ${waiting}, house ${least} to ${entries.length}`)
    return wrong
  }

  async close (): Promise<void> {
    this.leave()
    await this.opened?.close('restart')
    await this.started?.close()
  }
}
