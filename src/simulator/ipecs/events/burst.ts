/** What an end or a transfer tells, in the order of the switch: it differs from that of the PBX's facts (ipecs.md 9). */

/** Who began it: the station, the other party, a caller who gave up before anybody answered; or a transfer. */
export type Mode = 'local' | 'remote' | 'abandon' | 'transfer'
type Part = 'first' | 'transferred' | 'complete' | 'ring' | 'released' | 'disconnect' | 'record' | 'wrapUp' | 'idle' | 'line' | 'agent'

const ORDERS: Record<Mode, Part[]> = {
  local: ['first', 'transferred', 'complete', 'ring', 'released', 'disconnect', 'record', 'wrapUp', 'idle', 'line', 'agent'],
  remote: ['first', 'transferred', 'complete', 'ring', 'wrapUp', 'idle', 'disconnect', 'record', 'line', 'released', 'agent'],
  abandon: ['first', 'disconnect', 'transferred', 'complete', 'ring', 'wrapUp', 'idle', 'record', 'line', 'released', 'agent'],
  transfer: ['first', 'transferred', 'complete', 'ring', 'released', 'disconnect', 'record', 'wrapUp', 'idle', 'line', 'agent']
}

export class Burst {
  private mode: Mode | undefined
  private parts: { part: Part; tell: () => void }[] = []
  private later: (() => void)[] = []
  private readonly known = new Set<string>()

  get open (): Mode | undefined {
    return this.mode
  }

  /** Begins to collect, unless that is under way. */
  begin (mode: Mode): void {
    this.mode ??= mode
  }

  /** Tells it in its turn; at once when nothing is collected. */
  put (part: Part, tell: () => void): void {
    if (this.mode === undefined) tell()
    else this.parts.push({ part, tell })
  }

  /** Does something when all is told; at once when nothing is collected. */
  after (run: () => void): void {
    if (this.mode === undefined) run()
    else this.later.push(run)
  }

  /** True the first time that this is to be told while it collects: the end of a call, or of a station's leg, is told once. */
  once (what: string): boolean {
    const first = !this.known.has(what)
    this.known.add(what)
    return first
  }

  /** Forgets what was collected. */
  clear (): void {
    this.mode = undefined
    this.parts = []
    this.later = []
    this.known.clear()
  }

  /** Tells what was collected. */
  flush (): void {
    if (this.mode === undefined) return
    const order = ORDERS[this.mode]
    const { parts, later } = this
    this.mode = undefined
    this.parts = []
    this.later = []
    this.known.clear()
    for (const { tell } of parts.sort((a, b) => order.indexOf(a.part) - order.indexOf(b.part))) tell()
    for (const run of later) run()
  }
}
