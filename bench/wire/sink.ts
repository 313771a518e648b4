/** Counts what arrives, and tells how long it took. */

/** Where the sink node finds the function of its process. */
export const SINK = Symbol.for('cti.bench.sink')

export interface Taken {
  /** Messages. */
  count: number
  /** ms from the first to the last. */
  ms: number
  /** ms of processor time, all threads of the process, from the arming to the last. */
  cpuMs: number
  /** Bytes of memory of the process at the highest, as seen now and then. */
  rssPeak: number
}

export class Sink {
  private expected = 0
  private first = 0n
  private cpu: NodeJS.CpuUsage | undefined
  private peak = 0
  private count = 0
  private done: ((taken: Taken) => void) | undefined
  private result: Promise<Taken> | undefined

  /** The next `count` messages are measured. */
  arm (count: number): void {
    this.expected = count
    this.count = 0
    this.peak = 0
    this.cpu = process.cpuUsage()
    this.result = new Promise((resolve) => { this.done = resolve })
  }

  take (): void {
    if (this.done === undefined) return
    if (this.count++ === 0) this.first = process.hrtime.bigint()
    if ((this.count & 1023) === 0) this.peak = Math.max(this.peak, process.memoryUsage.rss())
    if (this.count === this.expected) this.finish()
  }

  async taken (limitMs = 30_000): Promise<Taken> {
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`${this.count} of ${this.expected} messages after ${limitMs} ms`)), limitMs)
    })
    try {
      return await Promise.race([this.result ?? limit, limit])
    } finally {
      clearTimeout(timer)
    }
  }

  private finish (): void {
    const ms = Number(process.hrtime.bigint() - this.first) / 1e6
    const { user, system } = process.cpuUsage(this.cpu)
    this.done?.({ count: this.count, ms, cpuMs: (user + system) / 1000, rssPeak: this.peak })
    this.done = undefined
  }
}
