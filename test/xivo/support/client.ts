import type { TelephonyEvent } from '../../../src/model'
import { Session } from '../../../src/session'
import { XivoDriver, type XivoOptions } from '../../../src/xivo'

/** A session of the real core with a XiVO driver, and a list of what it told. */
export class TestClient {
  readonly session: Session
  readonly events: TelephonyEvent[] = []
  readonly vendorEvents: unknown[] = []
  readonly warnings: string[] = []
  private waiting: { fits: (event: TelephonyEvent) => boolean; found: (event: TelephonyEvent) => void }[] = []
  private readonly words: { kind: 'states' | 'warnings'; word: string; found: () => void }[] = []
  private readonly leave: () => void

  constructor (port: number, options: Partial<XivoOptions> = {}, timeoutMs?: number, settleMs = 0) {
    const driver = new XivoDriver({ host: '127.0.0.1', port, login: 'dexample', password: 's3cr3t', protocol: '1.2', tls: 'off', ...options })
    this.session = new Session({ accountId: 'acc1', account: 'Test', driver, random: () => 0, graceMs: 0, settleMs, ...(timeoutMs === undefined ? {} : { timeoutMs }) })
    this.leave = this.session.join({
      event: (event, vendorEvent) => {
        this.events.push(event)
        this.vendorEvents.push(vendorEvent)
        for (const entry of this.waiting.filter(({ fits }) => fits(event))) {
          this.waiting = this.waiting.filter((other) => other !== entry)
          entry.found(event)
        }
      },
      status: ({ state }) => this.settle('states', state),
      warning: (code) => {
        this.warnings.push(code)
        this.settle('warnings', code)
      }
    })
  }

  online (): Promise<void> {
    return this.session.whenOnline(8000)
  }

  /** The first event that fits, seen already or yet to come. */
  next (fits: string | ((event: TelephonyEvent) => boolean)): Promise<TelephonyEvent> {
    const test = typeof fits === 'string' ? (event: TelephonyEvent): boolean => event.event === fits && event.initial !== true : fits
    const seen = this.events.find(test)
    if (seen !== undefined) return Promise.resolve(seen)
    return new Promise((resolve) => { this.waiting.push({ fits: test, found: resolve }) })
  }

  /** Until the session is in that state. */
  state (word: string): Promise<void> {
    return this.session.status.state === word ? Promise.resolve() : new Promise((found) => { this.words.push({ kind: 'states', word, found }) })
  }

  /** Until that warning was given. */
  warning (word: string): Promise<void> {
    return this.warnings.includes(word) ? Promise.resolve() : new Promise((found) => { this.words.push({ kind: 'warnings', word, found }) })
  }

  private settle (kind: 'states' | 'warnings', word: string): void {
    for (const entry of this.words) if (entry.kind === kind && entry.word === word) entry.found()
  }

  /** Names of what was told and is no state found at the start. */
  get names (): string[] {
    return this.events.filter(({ initial, event }) => initial !== true && !event.startsWith('connection.')).map(({ event }) => event)
  }

  async close (): Promise<void> {
    this.leave()
    await this.session.close('restart')
  }
}
