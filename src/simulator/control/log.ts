/** The last facts of the PBX, for people who want to see what happened. */
import { type Pbx } from '../pbx/pbx'
import { type Fact } from '../pbx/types'

const LIMIT = 1000

/** A fact in one line. */
export interface LogLine { n: number; at: number; type: string; cause?: string; user?: string; queue?: string; agent?: string; connection?: string; state?: string; remote?: string; detail?: Record<string, unknown> }

export class EventLog {
  private readonly lines: LogLine[] = []
  private readonly unsubscribe: () => void

  constructor (pbx: Pbx) {
    this.unsubscribe = pbx.facts.on((fact) => this.add(fact))
  }

  /** Lines after number `since`, the oldest first, at most `limit` of the newest. */
  read (since = 0, limit = 200): LogLine[] {
    return this.lines.filter((line) => line.n > since).slice(-limit)
  }

  close (): void {
    this.unsubscribe()
  }

  private add (fact: Fact): void {
    const { n, at, type, cause, detail } = fact
    this.lines.push({
      n, at, type, cause, user: fact.userKey, queue: fact.queueKey, agent: fact.agentKey,
      connection: fact.connection?.key, state: fact.connection?.state, remote: fact.connection?.remote?.name ?? fact.connection?.remote?.number, detail
    })
    if (this.lines.length > LIMIT) this.lines.splice(0, this.lines.length - LIMIT)
  }
}
