/** States that follow from several facts at once: they are compared with what was last told (xivo-cti.md 4.5 to 4.7). */
import { type Agent, type Fact } from '../../pbx/types'
import { type Message } from '../codec'
import { agentStatus, memberConfig, queuesOf, viewOf } from '../render/agents'
import { currentCalls } from '../render/calls'
import { mainDevice } from '../render/phones'
import { entriesMessage, realtime } from '../render/queues'
import { ownRooms, roomsMessage } from '../render/rooms'
import { type Site } from '../site'
import { pushHint } from './pushes'

export class Watch {
  private readonly devices = new Set<string>()
  private readonly agents = new Set<string>()
  private readonly told = new Map<string, string>()
  private rooms = false
  /** Calls are ending: an agent is told before his memberships. */
  private ending = false

  constructor (private readonly site: Site) {
    this.learn()
  }

  /** Tells the present state to whoever listens; later only what differs from it is told. */
  learn (): void {
    const { pbx, memory } = this.site
    this.told.clear()
    for (const device of pbx.devices.values()) {
      memory.hints.set(device.key, '')
      pushHint(this.site, device.key)
    }
    for (const agent of pbx.agents.values()) {
      memory.availability.set(agent.key, { name: viewOf(this.site, agent).availability, since: agent.since })
      this.members(agent)
      this.agent(agent)
    }
    for (const queue of pbx.queues.values()) this.queue(queue.key)
    for (const user of pbx.users.values()) this.calls(user.key)
  }

  /** Notes what a fact may have changed. */
  note ({ type, userKey, agentKey, queueKey, deviceKey, connection, before, detail }: Fact, ending: boolean): void {
    const { pbx, ids } = this.site
    this.ending ||= ending
    if (deviceKey !== undefined) this.devices.add(deviceKey)
    for (const key of [connection?.deviceKey, before?.deviceKey, ...connection?.alertingDevices ?? [], ...before?.alertingDevices ?? []]) if (key !== undefined) this.devices.add(key)
    // A phone that goes off-hook, an offer: the call that it is for comes next and says more of the agent.
    if (type === 'hook' || type === 'offered') return
    const agent = pbx.agents.get(agentKey ?? pbx.users.get(userKey ?? '')?.agentKey ?? '')
    const queue = pbx.queues.get(queueKey ?? '')
    if (agent !== undefined) this.agents.add(agent.key)
    // Who joins anew is told of in full.
    if (type === 'membership' && detail?.change === 'joined' && agent !== undefined && queue !== undefined) this.told.delete(`member ${ids.member(agent, queue)}`)
    if (type === 'conferenced' || type === 'conferenceChanged') this.rooms = true
  }

  /** Tells at once who waits in a queue, and what a line talks. */
  direct (fact: Fact): void {
    for (const key of this.site.pbx.queues.keys()) this.queue(key)
    // Lifting a phone is told before the call that it is for.
    if (fact.userKey !== undefined && fact.type !== 'hook') this.calls(fact.userKey)
  }

  /** Tells hints, agents, members and figures that are different now. */
  settle (): void {
    for (const key of this.devices) pushHint(this.site, key)
    this.devices.clear()
    for (const key of this.agents) {
      const agent = this.site.pbx.agents.get(key)
      if (agent === undefined) continue
      if (this.ending) this.agent(agent)
      this.members(agent)
      this.agent(agent)
    }
    if (this.agents.size > 0) for (const queue of this.site.pbx.queues.keys()) this.figures(queue)
    this.agents.clear()
    this.ending = false
    if (this.rooms) this.tellRooms()
    this.rooms = false
  }

  private members (agent: Agent): void {
    const { site } = this
    for (const { queue, member } of queuesOf(site, agent.key)) {
      const tid = site.ids.member(agent, queue)
      const config = memberConfig(site, agent, queue, member)
      if (this.isNew(`member ${tid}`, config)) site.out.getlist('updateconfig', 'queuemembers', { tid, config })
    }
  }

  /** These pushes carry the id as a number. */
  private agent (agent: Agent): void {
    const { site } = this
    const name = viewOf(site, agent).availability
    if (site.memory.availability.get(agent.key)?.name !== name) site.memory.availability.set(agent.key, { name, since: site.pbx.now() })
    const status = agentStatus(site, agent, site.memory.sinceOf(agent))
    if (this.isNew(`agent ${agent.key}`, status)) site.out.getlist('updatestatus', 'agents', { tid: site.ids.number('agent', agent.key), status })
  }

  private queue (queueKey: string): void {
    const { site } = this
    const message = entriesMessage(site, queueKey)
    if (!this.isNew(`queue ${queueKey}`, message)) return
    const id = site.ids.id('queue', queueKey)
    site.out.toThose((session) => session.queueEntries.has(id), message)
    this.figures(queueKey)
  }

  private figures (queueKey: string): void {
    const { site } = this
    const queue = site.pbx.queues.get(queueKey)
    if (queue === undefined) return
    for (const [index, stats] of realtime(site, queue).entries()) {
      // Time goes by without being told.
      if (this.isNew(`figures ${queueKey} ${index}`, { ...stats, 'Xivo-LongestWaitTime': undefined })) site.out.toThose(({ queueStats }) => queueStats, { class: 'getqueuesstats', stats: { [site.ids.id('queue', queueKey)]: stats } })
    }
  }

  private calls (userKey: string): void {
    const { site } = this
    const calls = currentCalls(site, userKey)
    if (!this.isNew(`calls ${userKey}`, calls)) return
    const subscriber = site.memory.callsOf.get(mainDevice(site, userKey)?.key ?? '')
    if (subscriber !== undefined) site.out.toThose((session) => session === subscriber, calls)
  }

  private tellRooms (): void {
    const { site } = this
    site.out.toThose(({ meetme }) => meetme, roomsMessage(site))
    for (const user of site.pbx.users.values()) {
      const own = ownRooms(site, user.key)
      if (this.isNew(`rooms ${user.key}`, own)) site.out.toThose((session) => session.meetme && session.user?.key === user.key, own)
    }
  }

  private isNew (name: string, state: Message): boolean {
    const text = JSON.stringify(state)
    if (this.told.get(name) === text) return false
    this.told.set(name, text)
    return true
  }
}
