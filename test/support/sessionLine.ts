/** One session over a driver, and everything that it told, in order. */
import type { ActionRequest, ActionResult, CtiError, TelephonyEvent } from '../../src/model'
import { Session } from '../../src/session/session'
import type { Driver, SessionStatus } from '../../src/session/types'

export interface SessionLineOptions {
  readonly accountId?: string
  readonly account: string
  /** ms after which a test is told what it waited for in vain. */
  readonly patienceMs?: number
}

export class SessionLine<D extends Driver = Driver> {
  readonly events: TelephonyEvent[] = []
  readonly raw: unknown[] = []
  readonly warnings: string[] = []
  readonly statuses: SessionStatus[] = []
  readonly session: Session
  private readonly leave: () => void
  private readonly waiters = new Set<() => void>()
  private readonly patienceMs: number

  constructor (readonly driver: D, { accountId = 'acc', account, patienceMs = 4000 }: SessionLineOptions) {
    this.patienceMs = patienceMs
    this.session = new Session({ accountId, account, driver, country: 'US', graceMs: 10, random: () => 0 })
    this.leave = this.session.join({
      event: (event, raw) => {
        this.events.push(event)
        this.raw.push(raw)
        this.look()
      },
      status: (status) => {
        this.statuses.push(status)
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

  /** Of the last status. */
  get error (): CtiError | undefined {
    return this.statuses.at(-1)?.error
  }

  get names (): string[] {
    return this.events.map(({ event }) => event)
  }

  /** Of calls only, since the number `from`. */
  calls (from = 0): string[] {
    return this.names.slice(from).filter((name) => name.startsWith('call.') && name !== 'call.updated')
  }

  async online (): Promise<this> {
    await this.session.whenOnline(this.patienceMs)
    return this
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
      const inVain = (): string => `waited in vain for ${what}; states ${this.states.join(' ')}; warnings ${this.warnings.join(' ')}; ${this.error?.message ?? ''}; [${this.names.join(', ')}]`
      const timer = setTimeout(() => done(new Error(inVain())), this.patienceMs)
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
    for (const check of [...this.waiters]) check()
  }
}

/** Resolves when it holds of something that tells nobody when to look. */
export async function eventually (holds: () => boolean, what: string, patienceMs = 4000): Promise<void> {
  const deadline = Date.now() + patienceMs
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => { setImmediate(resolve) })
  }
}
