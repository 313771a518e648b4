import type { Agent } from '../model'
import { toMs, type LegLog } from './legLog'

/** A wrap-up that begins so close to the end of a leg of the agent belongs to it (model.md 9, wrapSeconds). */
const NEAR_MS = 3000
const MAX_WRAPS = 5000

interface Wrap { readonly from: number; log?: LegLog; readonly userId: string | undefined }

/** Which leg the work after a call belongs to, and how long it took. */
export class WrapUps {
  private readonly running = new Map<string, Wrap>()

  /** @param leg a leg by its id @param all every leg that may still get a wrap-up */
  constructor (private readonly leg: (id: string) => LegLog | undefined, private readonly all: () => Iterable<LegLog>) {}

  /** @returns the leg whose wrap-up ended by this */
  told (agent: Agent): LegLog | undefined {
    const at = toMs(agent.since)
    const wrap = this.running.get(agent.id)
    if (at === undefined || (agent.state === 'wrapUp') === (wrap !== undefined)) return undefined
    if (wrap === undefined) {
      this.begin(agent, at)
      return undefined
    }
    this.running.delete(agent.id)
    if (wrap.log === undefined) return undefined
    wrap.log.wraps.push({ from: wrap.from, to: Math.max(wrap.from, at) })
    return wrap.log
  }

  /** The end of the leg may be told after the wrap-up began. */
  legTold (log: LegLog): void {
    if (log.endedMs === undefined || this.running.size === 0) return
    for (const [agentId, wrap] of this.running) {
      if (wrap.log === undefined && isOf(log, agentId, wrap.userId) && Math.abs(wrap.from - log.endedMs) <= NEAR_MS) wrap.log = log
    }
  }

  private begin (agent: Agent, from: number): void {
    const userId = agent.user?.id
    const named = agent.wrapUp?.callId
    let log = named === undefined ? undefined : this.leg(named)
    if (log === undefined) {
      for (const candidate of this.all()) {
        const isNamed = named !== undefined && candidate.call.vendorId === named
        const isNear = candidate.endedMs !== undefined && candidate.activeMs !== undefined && Math.abs(from - candidate.endedMs) <= NEAR_MS
        if (isOf(candidate, agent.id, userId) && (isNamed || isNear)) log = candidate
      }
    }
    this.running.set(agent.id, { from, userId, ...(log ? { log } : {}) })
    if (this.running.size > MAX_WRAPS) this.running.delete(this.running.keys().next().value!)
  }
}

function isOf ({ call, isQueue }: LegLog, agentId: string, userId: string | undefined): boolean {
  return !isQueue && (call.agent?.id === agentId || call.owner.id === agentId || (userId !== undefined && call.owner.id === userId))
}
