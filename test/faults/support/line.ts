/** One session and everything that it told, in order. */
import type { ActionRequest, ActionResult, TelephonyEvent } from '../../../src/model'
import { Session } from '../../../src/session'
import type { Clock, Driver, SessionStatus } from '../../../src/session/types'
import { sessionLook } from '../../../nodes/shared/status'

/** ms after which a test is told what it waited for in vain. */
export const PATIENCE_MS = 6000

export interface LineOptions { readonly clock?: Clock; readonly timeoutMs?: number; readonly accountId?: string }

export class Line {
  readonly events: TelephonyEvent[] = []
  readonly raw: unknown[] = []
  readonly warnings: string[] = []
  readonly statuses: SessionStatus[] = []
  /** Colours that a node would show, each once in a row. */
  readonly colours: (string | undefined)[] = []
  readonly session: Session
  private readonly leave: () => void
  private readonly waiters = new Set<() => void>()

  constructor (readonly driver: Driver, { clock, timeoutMs, accountId = 'acc' }: LineOptions = {}) {
    this.session = new Session({
      accountId, account: 'Faults', driver, country: 'US', graceMs: 10, random: () => 0, ...(clock ? { clock } : {}), ...(timeoutMs === undefined ? {} : { timeoutMs })
    })
    this.leave = this.session.join({
      event: (event, raw) => {
        this.events.push(event)
        this.raw.push(raw)
        this.look()
      },
      status: (status) => {
        this.statuses.push(status)
        const { fill } = sessionLook(status, Date.now(), (key) => key)
        if (this.colours.at(-1) !== fill) this.colours.push(fill)
        this.look()
      },
      warning: (code) => {
        this.warnings.push(code)
        this.look()
      }
    })
  }

  get states (): string[] {
    return this.statuses.map(({ state }) => state)
  }

  /** A place in the list of events: what comes from now on is after it. */
  get mark (): number {
    return this.events.length
  }

  names (from = 0): string[] {
    return this.events.slice(from).map(({ event }) => event)
  }

  /** Names of what was told of calls, without mere updates. */
  calls (from = 0): string[] {
    return this.names(from).filter((name) => name.startsWith('call.') && name !== 'call.updated')
  }

  /** The first event of that name after a mark, now or later. */
  async event (name: string, from = 0): Promise<TelephonyEvent> {
    const find = (): TelephonyEvent | undefined => this.events.slice(from).find(({ event }) => event === name)
    await this.until(() => find() !== undefined, name)
    return find() as TelephonyEvent
  }

  /** Resolves when it holds; looks after everything that the session tells. */
  until (holds: () => boolean, what: string, ms = PATIENCE_MS): Promise<void> {
    if (holds()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const done = (error?: Error): void => {
        clearTimeout(timer)
        this.waiters.delete(check)
        if (error === undefined) resolve()
        else reject(error)
      }
      const check = (): void => { if (holds()) done() }
      const timer = setTimeout(() => done(new Error(`waited in vain for ${what}; ${this.told()}`)), ms)
      this.waiters.add(check)
    })
  }

  state (word: string): Promise<void> {
    return this.until(() => this.session.status.state === word, `state ${word}`)
  }

  perform (action: string, fields: Record<string, unknown> = {}): Promise<ActionResult> {
    return this.session.perform({ action, ...fields } as ActionRequest)
  }

  async close (why: 'removed' | 'restart' = 'removed'): Promise<void> {
    await this.session.close(why)
    this.leave()
  }

  private told (): string {
    const { session } = this
    return `states ${this.states.join(' ')}; warnings ${this.warnings.join(' ')}; ${session.status.error?.message ?? ''}; last events ${this.names(Math.max(0, this.mark - 15)).join(' ')}`
  }

  private look (): void {
    for (const waiter of [...this.waiters]) waiter()
  }
}
