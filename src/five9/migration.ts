/** The service moves to another host or farm, announced or found out: who is told, when to go, and that it happens once (five9.md 6.3). */
import { CtiError } from '../model'
import type { Link } from '../session/types'
import type { Memory } from './memory'
import { EVENT, type Frame } from './protocol'
import { fields, textOf } from './read'

/** Longest time that a graceful move waits for the last call, ms. */
const PATIENCE_MS = 600_000
/** 71, 72: to the backup host and back. */
const GRACEFUL: ReadonlySet<string> = new Set([EVENT.switchoverGraceful, '71', '72'])

interface MigrationOptions {
  readonly link: Link
  readonly memory: Memory
  readonly move: (payload: unknown, farmId: string | undefined) => Promise<void>
  readonly failed: (error: CtiError) => void
}

export class Migration {
  private pending: { readonly payload: unknown } | undefined
  private running: Promise<void> | undefined
  private timer: unknown

  constructor (private readonly options: MigrationOptions) {
    options.link.signal.addEventListener('abort', () => this.stop(), { once: true })
  }

  /** Announced or under way. */
  get isNear (): boolean {
    return this.pending !== undefined || this.running !== undefined
  }

  /** Takes the frames that announce or order a move. */
  noticed ({ id, payload }: Frame): void {
    const { link } = this.options
    if (GRACEFUL.has(id)) {
      this.pending ??= { payload }
      this.timer ??= link.clock.setTimeout(() => this.hurry(), PATIENCE_MS)
    } else if (id === EVENT.switchoverForced) this.start(payload)
    else if (id === EVENT.farm) this.start(undefined, textOf(fields(payload), 'farmId'))
  }

  /** Goes as soon as no call would be cut. Called after every frame. */
  look (): void {
    const { link, memory } = this.options
    if (this.pending !== undefined && link.picture.callsOf(memory.uid).length === 0) this.hurry()
  }

  /** Goes now, if a move is announced. */
  hurry (): void {
    if (this.pending !== undefined) this.start(this.pending.payload)
  }

  /** Moves, or waits for the move that is under way. @throws CtiError when it fails; the connection is given up then */
  begin (payload: unknown, farmId?: string): Promise<void> {
    this.stop()
    this.pending = undefined
    this.running ??= this.options.move(payload, farmId).catch((error: unknown) => {
      const failure = CtiError.from(error, 'five9')
      this.options.failed(failure)
      throw failure
    }).finally(() => { this.running = undefined })
    return this.running
  }

  /** Resolves when no move is under way, or the signal is aborted. */
  async done (signal?: AbortSignal): Promise<void> {
    if (this.running === undefined) return
    const ended = this.running.catch(() => undefined)
    await (signal === undefined ? ended : Promise.race([ended, new Promise((resolve) => { signal.addEventListener('abort', resolve, { once: true }) })]))
  }

  private start (payload: unknown, farmId?: string): void {
    // What goes wrong was told by `failed`.
    this.begin(payload, farmId).catch(() => undefined)
  }

  private stop (): void {
    if (this.timer !== undefined) this.options.link.clock.clearTimeout(this.timer)
    this.timer = undefined
  }
}
