/** How long agents were available and in wrap-up since they signed in: figures beside their state (xsi.md 4.11). */
import { type Fact } from '../pbx/types'
import { agentStateOf } from './render/acd'

interface Spent { availableMs: number; wrapUpMs: number; wrapUps: number }
const NONE: Spent = { availableMs: 0, wrapUpMs: 0, wrapUps: 0 }

export class AgentTimes {
  private readonly spent = new Map<string, Spent>()

  /** Takes a fact of the PBX; those that change no agent's state are passed over. */
  note ({ agent, agentBefore: before, at }: Fact): void {
    if (!agent || !before) return
    const was = agentStateOf(before)
    if (was === agentStateOf(agent)) return
    const sum = { ...was === 'Sign-Out' ? NONE : this.of(agent.key) }
    if (was === 'Available') sum.availableMs += at - before.since
    if (was === 'Wrap-Up') {
      sum.wrapUpMs += at - before.since
      sum.wrapUps++
    }
    this.spent.set(agent.key, sum)
  }

  /** Whole seconds; the state that lasts now is not counted. */
  figures (agentKey: string): { available: number; averageWrapUp: number } {
    const { availableMs, wrapUpMs, wrapUps } = this.of(agentKey)
    return { available: Math.round(availableMs / 1000), averageWrapUp: wrapUps === 0 ? 0 : Math.round(wrapUpMs / wrapUps / 1000) }
  }

  private of (agentKey: string): Spent {
    return this.spent.get(agentKey) ?? NONE
  }
}
