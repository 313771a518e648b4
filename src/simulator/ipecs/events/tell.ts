/** The pieces that events are made of: ends of ACD records, legs of call events, agents. */
import { cause, CAUSE, RINGS } from '../codes'
import { type Shown } from '../memory'
import { type End } from '../out'
import { type Agent, type Connection, type Fact, type Queue } from '../../pbx/types'
import { type Site } from '../site'

type FactRow = (site: Site, fact: Fact) => void
export type FactTable = Partial<Record<Fact['type'], FactRow>>

/** When something happened. */
export type Moment = Pick<Fact, 'at'>

export const station = (number: string): End => ({ type: 'Station', number })

/** The station of a leg; undefined for a party without one. */
export function stationOf (site: Site, connection: Connection | undefined): string | undefined {
  const user = connection?.party.kind === 'user' ? site.pbx.users.get(connection.party.userKey ?? '') : undefined
  return user?.extension
}

/** A party of a call in an ACD record: a station, or the line of somebody outside. */
export function endOf (site: Site, connection: Connection | undefined): End | undefined {
  if (connection?.party.kind === 'external') return { type: 'CO', number: site.numbers.line(connection.key) }
  const number = stationOf(site, connection)
  return number === undefined ? undefined : station(number)
}

/** Who is at the other end now. What a fact carries is a copy: the PBX is asked with its own. */
export function otherOf (site: Site, connection: Connection | undefined): Connection | undefined {
  const live = site.pbx.connections.get(connection?.key ?? '')
  return live === undefined || live.state === 'null' ? undefined : site.pbx.otherEnd(live)
}

/** Of several that a fact names, and of a queue, the person. */
export function callerOf (site: Site, called: Connection): Connection | undefined {
  const other = otherOf(site, called)
  return other?.party.kind === 'queue' ? otherOf(site, other) : other
}

/** An ACD record, at the time of its fact. */
export function acd (site: Site, fact: Moment, code: number, fields: Parameters<Site['out']['acd']>[2]): void {
  site.out.acd(fact.at, code, fields)
}

export function refOf (site: Site, connection: Connection): number {
  return site.numbers.ref(connection.callKey)
}

/** An event of a leg, which clients know from now on. */
export function call (site: Site, connection: Connection, type: string, fields: Record<string, unknown>, ref = refOf(site, connection)): void {
  const device = stationOf(site, connection)
  if (device === undefined) return
  site.memory.told.set(connection.key, ref)
  site.out.call(device, type, fields, ref)
}

/** Tells that a station is off-hook, once. */
export function busy (site: Site, fact: Moment, userKey: string | undefined, ref?: number): void {
  const user = site.pbx.users.get(userKey ?? '')
  if (user !== undefined && site.memory.lifted.delete(user.key)) acd(site, fact, 17, { ref, source: station(user.extension) })
}

/** What a leg shows from the moment it is rung. */
export function shownRinging (site: Site, called: Connection, caller: Connection | undefined): Shown {
  const queue = site.pbx.queues.get(called.queueKey ?? '')
  const [last] = called.redirections
  const diversionNum = queue === undefined && last !== undefined ? site.numbers.dn(last.party) : undefined
  return {
    callingDN: site.numbers.dn(caller?.party ?? called.remote), calledDN: queue === undefined ? site.numbers.dn(called.party) : site.numbers.groupNumber(queue),
    ...(diversionNum === undefined ? {} : { diversionNum }), ...cause(ringCause(site, called, caller))
  }
}

function ringCause (site: Site, called: Connection, caller: Connection | undefined): number {
  const [last] = called.redirections
  if (called.recall !== undefined) return CAUSE.recall
  if (site.memory.doing?.kind === 'campOn') return CAUSE.callWait
  if (called.queueKey !== undefined) return CAUSE.group
  if (last !== undefined) return RINGS[last.cause] ?? CAUSE.redirected
  if (site.memory.consults.has(called.callKey)) return CAUSE.consultation
  return caller?.party.kind === 'external' ? CAUSE.trunk : CAUSE.newCall
}

/** Groups that an agent is in, the primary one first; `also` is one that he left a moment ago. */
export function groupsOf (site: Site, agent: Agent, also?: Queue): Queue[] {
  const groups = [...site.pbx.queues.values()].filter((queue) => queue === also || queue.members.some(({ agentKey, joined }) => agentKey === agent.key && joined))
  const primary = site.memory.primary.get(agent.key)
  return groups.sort((a, b) => Number(b.key === primary) - Number(a.key === primary))
}

export function agentId (site: Site, agent: Agent): string {
  return site.memory.agentIds.get(agent.key) ?? site.numbers.agentId(agent)
}

/** Fields of agent events; of what an agent has not got they are empty. */
export function agentFields (site: Site, agent: Agent, groups = groupsOf(site, agent)): Record<string, string> {
  const [primary, secondary] = groups
  const id = agentId(site, agent)
  const number = (queue: Queue | undefined): string => queue === undefined ? '' : site.numbers.groupNumber(queue)
  return { primaryAgentId: primary === undefined ? '' : id, primaryAcdGroup: number(primary), secondaryAgentId: secondary === undefined ? '' : id, secondaryAcdGroup: number(secondary) }
}
