import { type Core } from './core'
import { type Agent, type CauseName, type Connection, type QueueMember, Refusal, type Routing } from './types'

export type AgentState = 'loggedOut' | 'wrapUp' | 'busy' | 'notReady' | 'ready'
export type By = 'self' | 'supervisor' | 'system'

/** Agents: log-in, ready and not ready, what waits for the end of a call, wrap-up, membership of queues. */
export class Agents {
  constructor (private readonly core: Core) {}

  /** What an agent is at the moment: logged out before wrap-up before busy before not ready. */
  state (agent: Agent): AgentState {
    if (!agent.loggedIn) return 'loggedOut'
    if (agent.wrapUp !== undefined) return 'wrapUp'
    if (this.core.connectionsOf(agent.userKey).length > 0) return 'busy'
    return agent.routing
  }

  /** Logs in, not ready at first unless asked for. Again does nothing but set the routing. */
  signIn (agent: Agent, routing: Routing = 'notReady'): void {
    if (!agent.loggedIn) this.change(agent, { loggedIn: true, loggedInAt: this.core.now(), routing, reason: undefined, pending: undefined }, 'signIn', 'self')
    else if (agent.routing !== routing) this.setRouting(agent, routing)
  }

  /** Logs out; during a call this waits for its end, unless forced. */
  signOut (agent: Agent, options: { reason?: string; force?: boolean; by?: By } = {}): void {
    if (!agent.loggedIn) throw new Refusal('wrongState', `${agent.key} is not logged in`)
    const { reason, by = 'self' } = options
    this.checkReason(reason)
    if (options.force !== true && this.core.connectionsOf(agent.userKey).length > 0) {
      this.change(agent, { pending: { routing: 'loggedOut', ...(reason === undefined ? {} : { reason }) } }, 'pending', by)
    } else this.leave(agent, reason, by)
  }

  /** Ready or not ready; during a call this waits for its end, during wrap-up it ends that, or waits for it too (`afterWrapUp`). `reason` must be one of the directory's codes. */
  setRouting (agent: Agent, routing: Routing, reason?: string, by: By = 'self', { afterWrapUp = false }: { afterWrapUp?: boolean } = {}): void {
    if (!agent.loggedIn) throw new Refusal('wrongState', `${agent.key} is not logged in`)
    this.checkReason(reason)
    const why = routing === 'notReady' ? reason : undefined
    const waits = agent.wrapUp === undefined ? this.core.connectionsOf(agent.userKey).length > 0 : afterWrapUp
    if (by !== 'system' && waits) {
      this.change(agent, { pending: { routing, ...(why === undefined ? {} : { reason: why }) } }, 'pending', by)
      return
    }
    this.core.timers.clear(agent.key, 'wrapUp')
    this.change(agent, { routing, reason: why, pending: undefined, wrapUp: undefined }, 'routing', by, by === 'supervisor' ? 'supervisor' : 'normal')
  }

  /** The agent goes into wrap-up by himself, for his last or present queue call; it has no timer then. */
  wrapUp (agent: Agent): void {
    if (!agent.loggedIn || agent.wrapUp !== undefined) throw new Refusal('wrongState', `${agent.key} is ${this.state(agent)}`)
    const last = [...this.core.connections.values()].reverse().find((connection) => connection.agentKey === agent.key && connection.queueKey !== undefined && connection.answeredAt !== undefined)
    if (last === undefined) throw new Refusal('noCall', `${agent.key} had no queue call`)
    if (last.state !== 'null') throw new Refusal('wrongState', 'wrap-up begins after the call')
    this.change(agent, { wrapUp: { callKey: last.callKey, connectionKey: last.key, queueKey: last.queueKey ?? '' } }, 'wrapUp', 'self', 'wrapUp')
  }

  /** Ends wrap-up: what was asked for during the call comes into force, else the state before. */
  endWrapUp (agent: Agent, cause: CauseName): void {
    if (agent.wrapUp === undefined) throw new Refusal('wrongState', `${agent.key} is not in wrap-up`)
    this.core.timers.clear(agent.key, 'wrapUp')
    const { pending } = agent
    if (pending?.routing === 'loggedOut') this.leave(agent, pending.reason, 'self')
    else this.change(agent, { wrapUp: undefined, pending: undefined, routing: pending?.routing ?? agent.routing, reason: pending === undefined ? agent.reason : pending.reason }, 'routing', 'system', cause)
  }

  join (agent: Agent, queueKey: string, joined: boolean): void {
    this.member(agent, queueKey, { joined }, joined ? 'joined' : 'left')
  }

  pause (agent: Agent, queueKey: string, paused: boolean): void {
    this.member(agent, queueKey, { paused }, paused ? 'paused' : 'unpaused')
  }

  /** Whether queues may ring this agent now. */
  free (agent: Agent): boolean {
    const user = this.core.user(agent.userKey)
    return this.state(agent) === 'ready' && !user.dnd.enabled && this.core.parts.phones.registered(user.key).length > 0
  }

  /** After each connection of a user: wrap-up after a queue call that was answered, then what waited for the end of the call. */
  connectionEnded (connection: Connection): void {
    const agent = connection.party.kind === 'user' ? this.ofUser(connection.party.userKey ?? '') : undefined
    if (agent === undefined || !agent.loggedIn) return
    const queue = connection.queueKey === undefined ? undefined : this.core.queues.get(connection.queueKey)
    if (connection.answeredAt !== undefined) {
      if (queue !== undefined) queue.figures.talkSeconds += Math.round((this.core.now() - connection.answeredAt) / 1000)
      const seconds = queue?.wrapUpSeconds ?? connection.wrapUpSeconds ?? 0
      const logsOut = agent.pending?.routing === 'loggedOut' && this.core.connectionsOf(agent.userKey).length === 0
      if (seconds > 0 && !logsOut) this.beginWrapUp(agent, connection, queue?.key ?? '', seconds)
    }
    if (this.core.connectionsOf(agent.userKey).length > 0 || agent.wrapUp !== undefined) return
    if (agent.pending?.routing === 'loggedOut') this.leave(agent, agent.pending.reason, 'self')
    else if (agent.pending !== undefined) this.change(agent, { routing: agent.pending.routing, reason: agent.pending.reason, pending: undefined }, 'routing', 'self')
    this.core.parts.queues.look()
  }

  ofUser (userKey: string): Agent | undefined {
    return this.core.agents.get(this.core.users.get(userKey)?.agentKey ?? '')
  }

  /** A restart ends wrap-up and forgets what waited for calls that are gone. */
  reset (): void {
    for (const agent of this.core.agents.values()) {
      delete agent.wrapUp
      delete agent.pending
    }
  }

  private beginWrapUp (agent: Agent, connection: Connection, queueKey: string, seconds: number): void {
    const wrapUp = { callKey: connection.callKey, connectionKey: connection.key, queueKey, until: this.core.now() + seconds * 1000 }
    this.change(agent, { wrapUp }, 'wrapUp', 'system', 'wrapUp')
    this.core.timers.set(agent.key, 'wrapUp', seconds * 1000, () => { this.endWrapUp(agent, 'timer') })
  }

  private leave (agent: Agent, reason: string | undefined, by: By): void {
    this.core.timers.clear(agent.key, 'wrapUp')
    this.change(agent, { loggedIn: false, loggedInAt: undefined, routing: 'notReady', reason, pending: undefined, wrapUp: undefined }, 'signOut', by, by === 'supervisor' ? 'supervisor' : 'normal')
    this.core.parts.queues.staffChanged()
  }

  private member (agent: Agent, queueKey: string, fields: Partial<QueueMember>, change: string): void {
    const queue = this.core.queue(queueKey)
    const member = queue.members.find(({ agentKey }) => agentKey === agent.key)
    if (member === undefined) throw new Refusal('notAssigned', `${agent.key} does not belong to ${queueKey}`)
    if (Object.entries(fields).every(([name, value]) => member[name as keyof QueueMember] === value)) return
    Object.assign(member, fields)
    this.core.tell({ type: 'membership', agentKey: agent.key, queueKey, userKey: agent.userKey, agent: copy(agent), detail: { change, ...member } })
    this.core.parts.queues.staffChanged()
    this.core.parts.queues.look()
  }

  private checkReason (reason: string | undefined): void {
    if (reason !== undefined && !this.core.house.reasonCodes.some(({ code }) => code === reason)) throw new Refusal('invalidValue', `no reason ${reason}`)
  }

  private change (agent: Agent, fields: { [name in keyof Agent]?: Agent[name] | undefined }, change: string, by: By, cause: CauseName = 'normal'): void {
    const before = copy(agent)
    const target = agent as unknown as Record<string, unknown>
    for (const [name, value] of Object.entries(fields)) {
      if (value === undefined) delete target[name]
      else target[name] = value
    }
    if (change !== 'pending') agent.since = this.core.now()
    this.core.tell({ type: 'agent', cause, agentKey: agent.key, userKey: agent.userKey, agent: copy(agent), agentBefore: before, detail: { change, by, state: this.state(agent) } })
    this.core.parts.queues.look()
  }
}

function copy (agent: Agent): Agent {
  return { ...agent, ...(agent.pending === undefined ? {} : { pending: { ...agent.pending } }), ...(agent.wrapUp === undefined ? {} : { wrapUp: { ...agent.wrapUp } }), ids: { ...agent.ids } }
}
