import { type Core } from './core'
import { type Pbx } from './pbx'
import { type Agent, type Call, type Connection, type Party, type User } from './types'

type Check = (core: Core) => Iterable<string>

const CHECKS: Check[] = [connections, calls, talkers, waiting, queues, hooks, persons, agents, conferences, slots, monitors, timers]

/** What is inconsistent in the PBX: one sentence each, none when all is well. */
export function checkInvariant (pbx: Pbx): string[] {
  return CHECKS.flatMap((check) => [...check(pbx.core)])
}

function open (core: Core): Connection[] {
  return [...core.connections.values()].filter(({ state }) => state !== 'null')
}

function* connections (core: Core): Iterable<string> {
  for (const connection of core.connections.values()) {
    const { key, state, heldBy, heldAt } = connection
    const call = core.calls.get(connection.callKey)
    if (call === undefined || !call.connections.includes(key)) yield `${key} is not in its call`
    if (state === 'null') {
      if (connection.endedAt === undefined || connection.cause === undefined) yield `${key} ended without time or cause`
      continue
    }
    if (connection.endedAt !== undefined) yield `${key} is open and has an end`
    if (call?.endedAt !== undefined) yield `${key} is open in ended ${call.key}`
    if ((state === 'hold') !== (heldBy !== undefined)) yield `${key} is ${state} and held by ${heldBy ?? 'nobody'}`
    if ((heldBy === 'local' || heldBy === 'both') !== (heldAt !== undefined)) yield `${key} is held by ${heldBy ?? 'nobody'} since ${heldAt ?? 'never'}`
    if ((state === 'connected' || state === 'hold') && connection.answeredAt === undefined) yield `${key} talks and was never answered`
    if (connection.party.kind === 'user' && !core.connectionsOf(connection.party.userKey ?? '').includes(connection)) yield `${key} is missing at its user`
  }
  for (const user of core.users.values()) for (const { key, state } of core.connectionsOf(user.key)) if (state === 'null') yield `${key} ended and is still at its user`
}

function* calls (core: Core): Iterable<string> {
  for (const call of core.calls.values()) {
    const count = core.openIn(call).length
    if ((call.endedAt === undefined) !== (count > 0)) yield `${call.key} has ${count} connections and ${call.endedAt === undefined ? 'no' : 'an'} end`
  }
}

/** Both ends of a call of two agree on hold and on who the other one is. */
function* talkers (core: Core): Iterable<string> {
  for (const call of openCalls(core)) {
    const [one, other, ...more] = core.openIn(call)
    if (one === undefined || other === undefined || more.length > 0 || ![one, other].every(({ state }) => state === 'connected' || state === 'hold')) continue
    const fits = { local: 'remote', remote: 'local', both: 'both', none: 'none' }[one.heldBy ?? 'none'] === (other.heldBy ?? 'none')
    if (!fits) yield `${one.key} is held by ${one.heldBy ?? 'nobody'}, ${other.key} by ${other.heldBy ?? 'nobody'}`
    for (const [end, far] of [[one, other], [other, one]] as const) if (!same(end.remote, far.party)) yield `${end.key} sees ${end.remote?.number ?? 'nobody'} instead of ${far.party.number ?? 'somebody private'}`
  }
}

/** Who waits has somebody who rings, and who rings has somebody who waits. */
function* waiting (core: Core): Iterable<string> {
  for (const call of openCalls(core)) {
    const ends = core.openIn(call)
    const rings = ends.filter(({ state, personality }) => state === 'alerting' && personality === 'terminator')
    const waits = ends.filter(({ state, personality }) => personality === 'originator' && (state === 'alerting' || state === 'queued'))
    for (const connection of waits) if (connection.state === 'alerting' && rings.length === 0) yield `${connection.key} waits and nobody rings`
    for (const connection of rings) {
      if (waits.length === 0) yield `${connection.key} rings and nobody waits`
      if (connection.party.kind === 'user' && connection.alertingDevices.length === 0) yield `${connection.key} rings on no phone`
      if (connection.alertingDevices.some((key) => core.devices.get(key)?.registered !== true)) yield `${connection.key} rings on a phone that is not there`
    }
    for (const connection of ends) if (connection.personality === 'originator' && connection.alertingDevices.length > 0) yield `${connection.key} rings at the caller`
  }
}

function* queues (core: Core): Iterable<string> {
  for (const queue of core.queues.values()) {
    const waitingHere = open(core).filter(({ party, queueKey }) => party.kind === 'queue' && queueKey === queue.key).map(({ key }) => key)
    if ([...waitingHere].sort().join() !== [...queue.entries].sort().join()) yield `${queue.key} lists ${queue.entries.join()} and has ${waitingHere.join()}`
  }
  for (const connection of open(core)) {
    const other = core.otherEnd(connection)
    if (connection.state === 'queued' && connection.party.kind !== 'queue' && other?.party.kind !== 'queue') yield `${connection.key} waits in no queue`
    if (connection.party.kind === 'queue' && other?.state !== 'queued') yield `nobody waits in ${connection.key}`
    if (isOffer(connection) && core.connections.get(connection.queueConnection ?? '')?.state !== 'queued') yield `${connection.key} is offered by a queue that lost the call`
  }
}

function* hooks (core: Core): Iterable<string> {
  const used = new Set(open(core).map(({ deviceKey }) => deviceKey))
  for (const device of core.devices.values()) if ((device.hook === 'off') !== used.has(device.key)) yield `${device.key} is ${device.hook}-hook`
  for (const user of core.users.values()) {
    const off = user.devices.some((key) => core.devices.get(key)?.hook === 'off')
    if ((user.hook === 'off') !== off) yield `${user.key} is ${user.hook}-hook`
  }
  for (const { key, party, state, deviceKey } of open(core)) if (party.kind === 'user' && (state === 'connected' || state === 'hold') && deviceKey === undefined) yield `${key} talks without a phone`
}

/** A person talks once at a time (a conference counts once), each call on a line of its own. */
function* persons (core: Core): Iterable<string> {
  for (const user of core.users.values()) {
    const own = core.connectionsOf(user.key)
    const talks = new Set(own.filter(({ state }) => state === 'connected').map(({ conferenceKey, key }) => conferenceKey ?? key))
    if (talks.size > 1) yield `${user.key} talks in ${[...talks].join(' and ')}`
    if (new Set(own.map(({ appearance }) => appearance)).size < own.length) yield `two calls of ${user.key} on one line`
  }
}

function* agents (core: Core): Iterable<string> {
  for (const agent of core.agents.values()) yield* agentProblems(core, agent, core.users.get(agent.userKey))
}

function* agentProblems (core: Core, agent: Agent, user: User | undefined): Iterable<string> {
  const calls = core.connectionsOf(agent.userKey)
  if (user === undefined) yield `${agent.key} is nobody`
  if (!agent.loggedIn && (agent.wrapUp !== undefined || agent.pending !== undefined || agent.loggedInAt !== undefined)) yield `${agent.key} is logged out and has a state`
  if (agent.pending !== undefined && calls.length === 0 && agent.wrapUp === undefined) yield `${agent.key} waits for the end of no call`
  if (agent.routing === 'ready' && agent.reason !== undefined) yield `${agent.key} is ready because of ${agent.reason}`
  if ((agent.wrapUp?.until !== undefined) !== core.timers.has(agent.key, 'wrapUp')) yield `wrap-up of ${agent.key} and its timer differ`
  const offers = calls.filter(isOffer)
  if (offers.length > 1) yield `${agent.key} is offered ${offers.length} calls`
}

function* conferences (core: Core): Iterable<string> {
  for (const conference of core.conferences.values()) {
    const members = conference.connections.map((key) => core.connections.get(key))
    if (conference.state === 'ended' || members.length < 2) yield `${conference.key} is ${conference.state} with ${members.length}`
    for (const member of members) if (member === undefined || member.state === 'null' || member.conferenceKey !== conference.key) yield `${conference.key} has a member that is gone`
  }
  for (const { key, conferenceKey } of open(core)) if (conferenceKey !== undefined && core.conferences.get(conferenceKey)?.connections.includes(key) !== true) yield `${key} is in no conference`
}

function* slots (core: Core): Iterable<string> {
  for (const slot of core.parkSlots.values()) {
    const parked = core.connections.get(slot.connectionKey)
    if (parked === undefined || parked.state !== 'hold' || parked.remote?.kind !== 'park' || parked.callKey !== slot.callKey) yield `slot ${slot.number} has nobody`
    if (!core.timers.has(slot.connectionKey, 'parkRecall')) yield `slot ${slot.number} is not recalled`
  }
}

function* monitors (core: Core): Iterable<string> {
  for (const { key, monitor } of open(core)) {
    const target = monitor === undefined ? undefined : core.connections.get(monitor.targetConnection)
    if (monitor !== undefined && (target === undefined || target.state === 'null')) yield `${key} monitors nobody`
  }
}

/** No timer outlives what it belongs to. */
function* timers (core: Core): Iterable<string> {
  for (const owner of core.timers.owners()) {
    const connection = core.connections.get(owner)
    const call = core.calls.get(owner)
    const alive = core.agents.has(owner) || (connection !== undefined && connection.state !== 'null') || (call !== undefined && call.endedAt === undefined)
    if (!alive) yield `a timer of ${owner} is left`
  }
}

function isOffer ({ state, personality, queueConnection }: Connection): boolean {
  return state === 'alerting' && personality === 'terminator' && queueConnection !== undefined
}

function openCalls (core: Core): Call[] {
  return [...core.calls.values()].filter(({ endedAt }) => endedAt === undefined)
}

function same (seen: Party | undefined, party: Party): boolean {
  return seen !== undefined && seen.kind === party.kind && seen.userKey === party.userKey && seen.number === party.number
}
