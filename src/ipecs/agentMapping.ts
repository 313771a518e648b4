/** Agents: two streams and one state. What comes first is told, the other only adds; where one is known to run ahead, it waits 300 ms (ipecs.md 7.1, 8). */
import { samePlain, type Agent, type AgentState, type EventName, type Ref } from '../model'
import type { EventDraft } from '../session/types'
import { agentIdOf, agentOf, stateOf, type AgentEntry } from './agentBook'
import type { AcdRecord, CtiEvent } from './frames'
import type { Memory } from './memory'
import { bareNumber } from './options'
import { ACD, REASON_DIGITS } from './protocol'
import { lookup, text } from './read'
import { draft, legsOfDevice, timeOf, type Scope } from './scope'

/** ms that "ready" is held back, and that a reason is waited for. */
const TWIN_MS = 300
/** ms in which a word of the CTI stream is the same fact as the record before it. */
const SAME_MS = 2000

/** The agent at a device as others name him; nobody when none is logged in there. */
export function agentOfDevice (memory: Memory, device: string): Ref | undefined {
  const entry = memory.agents.get(device)
  return entry === undefined || !entry.isLoggedIn ? undefined : { id: agentIdOf(entry), number: entry.agentId ?? device }
}

const ENTERS: Readonly<Record<AgentState, EventName>> = {
  loggedOut: 'agent.loggedOut', ready: 'agent.ready', notReady: 'agent.notReady', busy: 'agent.busy', wrapUp: 'agent.wrapUp', unknown: 'agent.updated'
}

/** The events that lead from what was told to what is so now. */
function tell (scope: Scope, entry: AgentEntry): EventDraft[] {
  const { memory, picture } = scope
  memory.due.drop(`agent ${entry.device}`)
  moveGroups(memory, entry)
  const known = picture.agent(agentIdOf(entry))
  const state = stateOf(entry)
  if (state === 'unknown') return []
  if (entry.told !== state) entry.since = timeOf(scope)
  const agent = agentOf(entry, (id) => memory.groups.ref(id).name)
  const about = { agent, user: agent.user! }
  const before = entry.told ?? (known?.state === 'unknown' ? undefined : known?.state)
  entry.told = state
  const isEntering = entry.isEntering
  entry.isEntering = false
  const joined = (list: Agent['queues']): string[] => (list ?? []).map(({ id }) => memory.groups.canonical(id))
  const drafts: EventDraft[] = []
  if (state !== 'loggedOut' && isEntering) drafts.push(draft('agent.loggedIn', about))
  if (known !== undefined && before !== undefined && !isEntering && state !== 'loggedOut') {
    for (const id of joined(agent.queues).filter((one) => !joined(known.queues).includes(one))) drafts.push(draft('agent.queueJoined', { ...about, queue: memory.groups.ref(id) }))
    for (const id of joined(known.queues).filter((one) => !joined(agent.queues).includes(one))) drafts.push(draft('agent.queueLeft', { ...about, queue: memory.groups.ref(id) }))
  }
  if (before !== state || isEntering) drafts.push(draft(ENTERS[state], about))
  else if (state === 'notReady' && !samePlain(agent.reason, known?.reason)) drafts.push(draft('agent.notReady', about))
  else if (known !== undefined && !samePlain(agent, known) && drafts.length === 0) drafts.push(draft('agent.updated', about))
  return drafts
}

/** Says it in 300 ms, unless something about this agent comes before. */
function later (scope: Scope, entry: AgentEntry, last: () => void = () => undefined): EventDraft[] {
  scope.memory.due.set(`agent ${entry.device}`, scope.now + TWIN_MS, (now) => {
    last()
    return tell({ ...scope, now }, entry)
  })
  return []
}

function entryOf (scope: Scope, device: string, agentId?: string): AgentEntry {
  const entry = scope.memory.agents.of(device, timeOf(scope))
  if (agentId !== undefined) entry.agentId = agentId
  return entry
}

/** A state is told of somebody whose log-on was before our time. */
function present (entry: AgentEntry): AgentEntry {
  entry.isLoggedIn = true
  entry.isUnknown = false
  return entry
}

function logOn (scope: Scope, entry: AgentEntry, group: string | undefined, isSecondary: boolean): EventDraft[] {
  const wasIn = entry.isLoggedIn && !entry.isUnknown
  const isNewGroup = group !== undefined && !entry.groups.has(group)
  if (!wasIn) {
    entry.groups.clear()
    Object.assign(entry, { isBusy: false, isWrapping: false, isEntering: true, loggedInAt: timeOf(scope), since: timeOf(scope) })
    delete entry.reason
  }
  present(entry)
  if (group !== undefined && !entry.groups.has(group)) entry.groups.set(group, { paused: false, ...(isSecondary ? { isSecondary } : {}) })
  // "Ready" is what follows, unless "not ready" does (ipecs.md 8).
  if (!wasIn) return later(scope, entry)
  return isNewGroup && !scope.memory.due.has(`agent ${entry.device}`) ? tell(scope, entry) : []
}

function logOff (scope: Scope, entry: AgentEntry, group: string | undefined): EventDraft[] {
  if (!entry.isLoggedIn) return []
  entry.isUnknown = false
  if (group !== undefined && entry.groups.has(group) && entry.groups.size > 1) {
    entry.groups.delete(group)
    return tell(scope, entry)
  }
  entry.groups.clear()
  Object.assign(entry, { isLoggedIn: false, isEntering: false, isBusy: false, isWrapping: false })
  delete entry.reason
  return tell(scope, entry)
}

function setPaused (entry: AgentEntry, group: string | undefined, paused: boolean): void {
  if (group !== undefined && (entry.groups.has(group) || entry.groups.size === 0)) entry.groups.set(group, { ...entry.groups.get(group), paused })
  else for (const one of entry.groups.values()) one.paused = paused
}

function pause (scope: Scope, entry: AgentEntry, group: string | undefined, reason: string | undefined): EventDraft[] {
  present(entry)
  setPaused(entry, group, true)
  entry.isWrapping = false
  if (!hasTalk(scope, entry.device)) entry.isBusy = false
  if (reason === undefined) delete entry.reason
  else if (entry.reason !== reason) Object.assign(entry, { reason, reasonSince: timeOf(scope) })
  return tell(scope, entry)
}

function resume (scope: Scope, entry: AgentEntry, group: string | undefined): EventDraft[] {
  present(entry)
  setPaused(entry, group, false)
  entry.isWrapping = false
  if (!hasTalk(scope, entry.device)) entry.isBusy = false
  if ([...entry.groups.values()].every(({ paused }) => !paused)) delete entry.reason
  return tell(scope, entry)
}

const hasTalk = (scope: Scope, device: string): boolean => legsOfDevice(scope, device).some(({ state }) => state === 'active' || state === 'held')

function wrap (scope: Scope, entry: AgentEntry): EventDraft[] {
  present(entry)
  if (entry.isWrapping) return []
  const ofQueue = legsOfDevice(scope, entry.device).find(({ queue, answeredAt }) => queue !== undefined && answeredAt !== undefined)
  if (ofQueue !== undefined) entry.lastCall = { id: ofQueue.id, ...(ofQueue.queue?.id === undefined ? {} : { queue: ofQueue.queue.id }) }
  const last = entry.lastCall
  Object.assign(entry, { isWrapping: true, isBusy: false, ...(last === undefined ? {} : { wrapCall: last.id }) })
  return tell(scope, entry)
}

function busy (scope: Scope, entry: AgentEntry): EventDraft[] {
  if (!entry.isLoggedIn || entry.isUnknown || entry.isBusy) return []
  Object.assign(entry, { isBusy: true, isWrapping: false })
  const ofQueue = legsOfDevice(scope, entry.device).find(({ queue }) => queue !== undefined)
  if (ofQueue !== undefined) entry.lastCall = { id: ofQueue.id, ...(ofQueue.queue?.id === undefined ? {} : { queue: ofQueue.queue.id }) }
  return tell(scope, entry)
}

/** The station is idle a moment before wrap-up or "not ready" is told. */
function idle (scope: Scope, entry: AgentEntry): EventDraft[] {
  if (!entry.isLoggedIn || entry.isUnknown || !entry.isBusy) return []
  entry.isBusy = false
  return entry.isWrapping ? [] : later(scope, entry)
}

function wrapOver (scope: Scope, entry: AgentEntry): EventDraft[] {
  if (!entry.isWrapping) return []
  entry.isWrapping = false
  return later(scope, entry)
}

/** Reason of 13: a digit, with 10, 11, 12 for 0, * and # (ipecs.md 4.3). */
const reasonOf = (data: string | undefined): string | undefined => {
  const bare = data === undefined ? undefined : bareNumber(data)
  return bare === undefined ? undefined : lookup(REASON_DIGITS, bare) ?? bare
}

type AcdAgent = (scope: Scope, entry: AgentEntry, record: AcdRecord) => EventDraft[]
const byBin = (scope: Scope, bin: string | undefined): string | undefined => scope.memory.groups.byBin(bin)

function leftGroup (scope: Scope, entry: AgentEntry, { data1 }: AcdRecord): EventDraft[] {
  entry.leftAt = scope.now
  return logOff(scope, entry, byBin(scope, data1))
}

const RECORDS: Readonly<Record<number, AcdAgent>> = {
  [ACD.login]: (scope, entry, { data1 }) => logOn(scope, entry, byBin(scope, data1), false),
  [ACD.secondaryIn]: (scope, entry, { data1 }) => logOn(scope, entry, byBin(scope, data1), true),
  [ACD.logout]: leftGroup,
  [ACD.secondaryOut]: leftGroup,
  [ACD.unavailable]: (scope, entry, { data1, data2 }) => {
    entry.pausedAt = scope.now
    return pause(scope, entry, byBin(scope, data2), reasonOf(data1))
  },
  [ACD.available]: (scope, entry, { data2 }) => {
    entry.pausedAt = scope.now
    return resume(scope, entry, byBin(scope, data2))
  },
  [ACD.wrapStart]: (scope, entry) => wrap(scope, entry),
  [ACD.wrapEnd]: (scope, entry) => wrapOver(scope, entry),
  [ACD.stationBusy]: (scope, entry) => busy(scope, entry),
  [ACD.stationIdle]: (scope, entry) => idle(scope, entry),
  [ACD.outOfService]: (scope, entry) => logOff(scope, entry, undefined)
}
/** These say something of a phone, and of an agent only when one sits there. */
const OF_PHONE: ReadonlySet<number> = new Set([ACD.stationBusy, ACD.stationIdle, ACD.outOfService, ACD.wrapEnd, ACD.logout, ACD.secondaryOut])
const LOG_ON: ReadonlySet<number> = new Set([ACD.login, ACD.secondaryIn])

/** What a record says of the agent at its source; nothing for other codes. */
export function acdAgentDrafts (scope: Scope, record: AcdRecord): EventDraft[] {
  const { memory, now } = scope
  const device = record.source?.kind === 'station' ? record.source.number : undefined
  const apply = RECORDS[record.code]
  if (apply === undefined || device === undefined) return []
  if (LOG_ON.has(record.code)) memory.groups.tellBin(`logon ${record.code === ACD.login ? 'primary' : 'secondary'} ${device}`, record.data1, now)
  if (OF_PHONE.has(record.code) && memory.agents.get(device) === undefined) return []
  return apply(scope, entryOf(scope, device, LOG_ON.has(record.code) ? record.data2 : undefined), record)
}

type CtiAgent = (scope: Scope, entry: AgentEntry, groups: readonly NamedGroup[]) => EventDraft[]
interface NamedGroup { readonly id: string; readonly isSecondary: boolean }
const isTold = (scope: Scope, entry: AgentEntry): boolean => scope.now - entry.pausedAt < SAME_MS

function meetGroups (entry: AgentEntry, groups: readonly NamedGroup[]): void {
  if (entry.groups.size === 0) for (const { id, isSecondary } of groups) entry.groups.set(id, { paused: false, ...(isSecondary ? { isSecondary } : {}) })
}

/** Which of several groups was left is not documented: the record of the other stream names it (ipecs.md 4.5). */
function loggedOff (scope: Scope, entry: AgentEntry, groups: readonly NamedGroup[]): EventDraft[] {
  const named = groups.filter(({ id }) => entry.groups.has(id))
  if (entry.groups.size < 2 || named.length === 0) return logOff(scope, entry, undefined)
  if (scope.now - entry.leftAt < SAME_MS) return []
  if (!scope.memory.hasAcd) return named.flatMap(({ id }) => logOff(scope, entry, id))
  const { leftAt } = entry
  scope.memory.due.set(`logoff ${entry.device}`, scope.now + TWIN_MS, (now) => entry.leftAt === leftAt ? named.flatMap(({ id }) => logOff({ ...scope, now }, entry, id)) : [])
  return []
}

const TYPES: Readonly<Record<string, CtiAgent>> = {
  agent_logon: (scope, entry, groups) => groups.length === 0 ? logOn(scope, entry, undefined, false) : groups.flatMap(({ id, isSecondary }) => logOn(scope, entry, id, isSecondary)),
  agent_logoff: loggedOff,
  agent_ready: (scope, entry, groups) => {
    if (isTold(scope, entry) && stateOf(entry) === 'ready') return scope.memory.due.has(`agent ${entry.device}`) ? tell(scope, entry) : []
    meetGroups(entry, groups)
    return resume(scope, entry, undefined)
  },
  agent_notready: (scope, entry, groups) => {
    if (isTold(scope, entry)) return []
    meetGroups(entry, groups)
    // The reason stands in the record that the other stream sends (ipecs.md 7.1).
    return scope.memory.hasAcd ? later(scope, present(entry), () => { pauseAll(scope, entry) }) : pause(scope, entry, undefined, undefined)
  },
  agent_work: wrap,
  agent_busy: (scope, entry, groups) => {
    meetGroups(entry, groups)
    return busy(scope, present(entry))
  }
}

function pauseAll (scope: Scope, entry: AgentEntry): void {
  setPaused(entry, undefined, true)
  Object.assign(entry, { isWrapping: false, isBusy: entry.isBusy && hasTalk(scope, entry.device) })
  delete entry.reason
}

/** `agent_...` of the CTI stream. */
export function ctiAgentDrafts (scope: Scope, event: CtiEvent): EventDraft[] {
  const { memory, now } = scope
  const { device, type, data } = event
  const apply = lookup(TYPES, type)
  if (apply === undefined || device === undefined) return []
  const [primary, secondary] = [text(data.primaryAcdGroup), text(data.secondaryAcdGroup)]
  const groups = [...(primary === undefined ? [] : [{ id: primary, isSecondary: false }]), ...(secondary === undefined || secondary === primary ? [] : [{ id: secondary, isSecondary: true }])]
  if (type === 'agent_logon') for (const { id, isSecondary } of groups) memory.groups.tellNumber(`logon ${isSecondary ? 'secondary' : 'primary'} ${device}`, id, now)
  moveGroups(memory, memory.agents.get(device))
  return apply(scope, entryOf(scope, device, text(data.primaryAgentId) ?? text(data.secondaryAgentId)), groups)
}

/** A group met by its bin gets its number as soon as that is known. */
function moveGroups (memory: Memory, entry: AgentEntry | undefined): void {
  for (const [id, state] of [...entry?.groups ?? []]) {
    const canonical = memory.groups.canonical(id)
    if (canonical === id || entry === undefined) continue
    entry.groups.delete(id)
    if (!entry.groups.has(canonical)) entry.groups.set(canonical, state)
  }
}

/** A call of a group has begun or ended at a device: remembered for the wrap-up. */
export function noteQueueCall (memory: Memory, device: string, callId: string, queue: string | undefined): void {
  const entry = memory.agents.get(device)
  if (entry !== undefined) entry.lastCall = { id: callId, ...(queue === undefined ? {} : { queue }) }
}
