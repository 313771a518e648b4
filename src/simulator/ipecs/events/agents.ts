/** Agents: log-on, pause, wrap-up, groups (ipecs.md 4.3, 4.5, 9.1, 9.6). */
import { type Agent, type Fact, type Queue } from '../../pbx/types'
import { type Site } from '../site'
import { acd, agentFields, agentId, type FactTable, groupsOf, station } from './tell'

interface Who { agent: Agent; device: string; supervisor: boolean }

/** Codes of log-on and log-out: first group, further groups, supervisors. */
const CODES = { on: { primary: 11, secondary: 25, supervisor: 23 }, off: { primary: 12, secondary: 26, supervisor: 24 } }

/** What an agent presses for the reason 0 * # is told as a number. */
const DIGITS: Record<string, number> = { 0: 10, '*': 11, '#': 12 }

function whoOf (site: Site, fact: Fact): Who | undefined {
  const agent = site.pbx.agents.get(fact.agentKey ?? '')
  const user = site.pbx.users.get(agent?.userKey ?? '')
  return agent === undefined || user === undefined ? undefined : { agent, device: user.extension, supervisor: user.supervisor }
}

function code (site: Site, { agent, supervisor }: Who, queue: Queue, direction: keyof typeof CODES): number {
  const codes = CODES[direction]
  if (supervisor) return codes.supervisor
  const [primary] = groupsOf(site, agent, queue)
  return primary === queue ? codes.primary : codes.secondary
}

function tell (site: Site, { agent, device }: Who, type: string, groups?: Queue[]): void {
  site.out.call(device, type, agentFields(site, agent, groups))
}

/** The digit of a reason: as it was pressed, else by the place of the code in the list of the PBX. */
function reason (site: Site, agent: Agent, given: string | undefined): string {
  const place = site.pbx.reasonCodes.findIndex(({ code: each }) => each === given)
  const digit = site.memory.reasons.get(agent.key) ?? (place === -1 || place > 8 ? undefined : String(place + 1))
  return digit === undefined ? '' : String(DIGITS[digit] ?? Number(digit)).padStart(4, '0')
}

/** Ready or not, in each of the agent's groups. */
function routing (site: Site, fact: Fact, who: Who, state: 'ready' | 'notReady', why: string | undefined, groups = groupsOf(site, who.agent)): void {
  const data1 = state === 'ready' ? '' : reason(site, who.agent, why)
  for (const { key } of groups) acd(site, fact, state === 'ready' ? 14 : 13, { source: station(who.device), data1, data2: site.numbers.bin(key) })
  tell(site, who, state === 'ready' ? 'agent_ready' : 'agent_notready')
}

/** An agent is logged on, in each of his groups. */
export function loggedOn (site: Site, fact: Fact, agent: Agent): void {
  const user = site.pbx.users.get(agent.userKey)
  if (user === undefined) return
  const who = { agent, device: user.extension, supervisor: user.supervisor }
  for (const queue of groupsOf(site, agent)) acd(site, fact, code(site, who, queue, 'on'), { source: station(who.device), data1: site.numbers.bin(queue.key), data2: agentId(site, agent) })
  if (user.hook === 'on') acd(site, fact, 18, { source: station(who.device) })
  tell(site, who, 'agent_logon')
  if (agent.routing === 'ready') tell(site, who, 'agent_ready')
  else routing(site, fact, who, 'notReady', agent.reason)
}

function loggedOff (site: Site, fact: Fact, who: Who, groups: Queue[]): void {
  tell(site, who, 'agent_logoff', groups)
  for (const queue of groups) acd(site, fact, code(site, who, queue, 'off'), { source: station(who.device), data1: site.numbers.bin(queue.key) })
}

/** An agent who was busy has no call any more and no wrap-up: he is what he was before. */
export function unbusy (site: Site): void {
  for (const key of site.memory.busy) {
    const agent = site.pbx.agents.get(key)
    const device = site.pbx.users.get(agent?.userKey ?? '')?.extension
    if (agent === undefined || device === undefined || site.pbx.connectionsOf(agent.userKey).length > 0) continue
    site.memory.busy.delete(key)
    if (agent.loggedIn && agent.wrapUp === undefined) site.out.call(device, agent.routing === 'ready' ? 'agent_ready' : 'agent_notready', agentFields(site, agent))
  }
}

const CHANGES: Record<string, (site: Site, fact: Fact, who: Who) => void> = {
  signIn: (site, fact, { agent }) => {
    site.burst.flush()
    loggedOn(site, fact, { ...agent, ...fact.agent })
  },
  signOut: (site, fact, who) => {
    site.burst.flush()
    site.memory.busy.delete(who.agent.key)
    loggedOff(site, fact, who, groupsOf(site, who.agent))
    site.memory.reasons.delete(who.agent.key)
    site.memory.agentIds.delete(who.agent.key)
  },
  wrapUp: (site, fact, who) => {
    site.memory.busy.delete(who.agent.key)
    const bin = site.numbers.bin(fact.agent?.wrapUp?.queueKey)
    site.burst.put('wrapUp', () => { acd(site, fact, 15, { source: station(who.device), data1: bin }) })
    site.burst.put('agent', () => { tell(site, who, 'agent_work') })
  },
  // What is asked for during a call is told at once, though calls come only after it.
  pending: (site, fact, who) => {
    const { pending } = fact.agent ?? {}
    if (pending !== undefined && pending.routing !== 'loggedOut') routing(site, fact, who, pending.routing, pending.reason)
  },
  routing: (site, fact, who) => {
    site.burst.flush()
    const { agent, agentBefore } = fact
    const wrapped = agentBefore?.wrapUp !== undefined
    if (wrapped) acd(site, fact, 16, { source: station(who.device), data1: site.numbers.bin(agentBefore?.wrapUp?.queueKey) })
    if (agent?.routing === 'ready' && wrapped && agentBefore?.routing === 'ready') tell(site, who, 'agent_ready')
    else if (agent !== undefined) routing(site, fact, who, agent.routing, agent.reason)
    if (agent?.routing === 'ready') site.memory.reasons.delete(who.agent.key)
    if (site.pbx.connectionsOf(who.agent.userKey).length === 0) site.memory.busy.delete(who.agent.key)
  }
}

function changed (site: Site, fact: Fact): void {
  const who = whoOf(site, fact)
  if (who !== undefined) CHANGES[String(fact.detail?.change)]?.(site, fact, who)
}

function membership (site: Site, fact: Fact): void {
  const who = whoOf(site, fact)
  const queue = site.pbx.queues.get(fact.queueKey ?? '')
  if (who === undefined || queue === undefined || fact.agent?.loggedIn !== true) return
  const { change } = fact.detail ?? {}
  if (change === 'joined') {
    acd(site, fact, code(site, who, queue, 'on'), { source: station(who.device), data1: site.numbers.bin(queue.key), data2: agentId(site, who.agent) })
    tell(site, who, 'agent_logon')
  } else if (change === 'left') loggedOff(site, fact, who, [queue])
  else routing(site, fact, who, change === 'paused' ? 'notReady' : 'ready', undefined, [queue])
}

export const agentRows: FactTable = { agent: changed, membership }
