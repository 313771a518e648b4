import { type Core } from './core'
import { type Connection, Refusal } from './types'

/** Disposition codes of queue calls. */
export class Dispositions {
  constructor (private readonly core: Core) {}

  /**
   * @param key a connection, also one that ended, or an agent: then his wrap-up, else his present or last queue call
   * @throws Refusal `invalidValue` for an unknown code, `noCall` when there is nothing to set it on, `notAllowed` when the call came from no queue
   */
  set (key: string, code: string): void {
    if (!this.core.house.dispositions.some((known) => known.code === code)) throw new Refusal('invalidValue', `no disposition ${code}`)
    const connection = this.core.agents.has(key) ? this.last(key) : this.core.connections.get(key)
    if (connection === undefined) throw new Refusal(this.core.agents.has(key) ? 'noCall' : 'unknownCall', `no call ${key}`)
    const agent = this.core.agents.get(connection.agentKey ?? '') ?? (connection.wrapUpSeconds === undefined ? undefined : this.core.parts.agents.ofUser(connection.party.userKey ?? ''))
    if (agent === undefined) throw new Refusal('notAllowed', `${connection.key} is no queue call`)
    this.core.change(connection, { disposition: code }, { type: 'disposition', agentKey: agent.key, detail: { code } })
    if (agent.wrapUp?.connectionKey === connection.key) this.core.parts.agents.endWrapUp(agent, 'normal')
  }

  private last (agentKey: string): Connection | undefined {
    const agent = this.core.agent(agentKey)
    if (agent.wrapUp !== undefined) return this.core.connections.get(agent.wrapUp.connectionKey)
    return [...this.core.connections.values()].reverse().find((connection) => connection.agentKey === agentKey && connection.answeredAt !== undefined)
  }
}
