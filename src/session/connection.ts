import { setMaxListeners } from 'node:events'
import type { CtiError } from '../model'
import type { PictureView } from '../state/picture'
import type { Clock, EventDraft, Link, ReconcileCounts, Snapshot } from './types'
import { Watchdog } from './watchdog'

/** What a connection tells the session. */
export interface ConnectionOwner {
  readonly clock: Clock
  readonly picture: PictureView
  readonly timeoutMs: number
  phase (state: 'authenticating' | 'subscribing'): void
  receive (connection: Connection, drafts: readonly EventDraft[], vendorEvent: unknown): void
  reconcile (connection: Connection, snapshot: Snapshot): ReconcileCounts
  lost (connection: Connection, error: CtiError): void
  silent (connection: Connection, ms: number): void
  warn (connection: Connection, code: string, text: string): void
  noted (connection: Connection): void
}

export const noCounts = (): ReconcileCounts => ({ checked: 0, added: 0, ended: 0, changed: 0, agentsChanged: 0 })

/** One life of a connection, as its driver sees it. Once ended it hears nothing more: late calls of the driver do nothing. */
export class Connection implements Link {
  clockOffsetMs = 0
  readonly clock: Clock
  readonly picture: PictureView
  readonly timeoutMs: number
  /** What resync found so far. */
  readonly counts = noCounts()
  /** Warning codes that were told already. */
  readonly warned = new Set<string>()
  /** How it works, where that is worth a word. */
  word: string | undefined
  /** ms when it went online; undefined before. */
  onlineAt: number | undefined
  private readonly aborter = new AbortController()
  private readonly dog: Watchdog
  private open = true

  constructor (private readonly owner: ConnectionOwner, readonly epoch: string, readonly startedAt: number) {
    this.clock = owner.clock
    this.picture = owner.picture
    this.timeoutMs = owner.timeoutMs
    // Every request, timer and socket of the driver hangs on it: Node would take more than ten for a leak.
    setMaxListeners(0, this.aborter.signal)
    this.dog = new Watchdog(owner.clock, (ms) => this.owner.silent(this, ms))
  }

  get signal (): AbortSignal {
    return this.aborter.signal
  }

  get isOpen (): boolean {
    return this.open
  }

  phase (state: 'authenticating' | 'subscribing'): void {
    if (this.open) this.owner.phase(state)
  }

  receive (drafts: readonly EventDraft[], vendorEvent?: unknown): void {
    if (!this.open) return
    this.dog.heard()
    this.owner.receive(this, drafts, vendorEvent)
  }

  reconcile (snapshot: Snapshot): ReconcileCounts {
    return this.open ? this.owner.reconcile(this, snapshot) : noCounts()
  }

  lost (error: CtiError): void {
    if (this.open) this.owner.lost(this, error)
  }

  heard (): void {
    this.dog.heard()
  }

  watchdog (ms: number): void {
    if (this.open) this.dog.arm(ms)
  }

  warn (code: string, text: string): void {
    this.owner.warn(this, code, text)
  }

  note (word: string | undefined): void {
    if (!this.open || word === this.word) return
    this.word = word
    this.owner.noted(this)
  }

  /** Deaf from now on, but requests that log out may still run. */
  stopHearing (): void {
    this.open = false
    this.dog.stop()
  }

  /** Ends every timer, socket and request of the driver. */
  end (reason: CtiError): void {
    this.stopHearing()
    this.aborter.abort(reason)
  }
}
