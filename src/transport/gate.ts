/**
 * Lets a number of tasks run at once, the others wait in order. Node's agents cannot do it here: they count a socket only when it is connected, so a burst
 * of requests would open a socket each.
 */
export class Gate {
  private running = 0
  private readonly waiting: (() => void)[] = []

  constructor (private readonly most: number) {}

  /** Runs `work` when its turn has come; not at all when `signal` was aborted before that. */
  async run<R> (signal: AbortSignal, work: () => Promise<R>): Promise<R> {
    if (this.running >= this.most) await this.turn(signal)
    else this.running++
    try {
      return await work()
    } finally {
      this.next()
    }
  }

  private turn (signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const aborted = (): void => {
        this.waiting.splice(this.waiting.indexOf(enter), 1)
        reject(new Error('aborted'))
      }
      const enter = (): void => {
        signal.removeEventListener('abort', aborted)
        resolve()
      }
      this.waiting.push(enter)
      signal.addEventListener('abort', aborted, { once: true })
    })
  }

  /** The place goes to the one that waits longest. */
  private next (): void {
    const enter = this.waiting.shift()
    if (enter === undefined) this.running--
    else enter()
  }
}
