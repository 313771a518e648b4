import { samePlain, CONDITIONS, type Agent, type AgentState, type DeviceState, type EventName, type Forwarding } from '../model'
import { changedFields } from './changes'
import type { Difference, DifferenceDraft, DifferenceMode, Found, KnownState } from './differenceTypes'

/** Which event tells of an agent that is met in this state (model.md 4). */
export const EVENT_OF_AGENT_STATE: Readonly<Record<AgentState, EventName>> = {
  loggedOut: 'agent.loggedOut',
  notReady: 'agent.notReady',
  ready: 'agent.ready',
  busy: 'agent.busy',
  wrapUp: 'agent.wrapUp',
  unknown: 'agent.updated'
}
/** A new reason is told like entering the state. */
const TOLD_BY_REASON: ReadonlySet<AgentState> = new Set<AgentState>(['ready', 'notReady'])
/** Two sources state these differently without anything having happened. */
const SILENT: ReadonlySet<string> = new Set<keyof Agent>(['since', 'reasonSince', 'loggedInAt', 'vendorState'])
/** Who the agent is: a snapshot that leaves these out does not take them back. */
const IDENTITY = ['name', 'number', 'user', 'device', 'loggedInAt', 'queues', 'channels'] as const satisfies readonly (keyof Agent)[]

/** Agents, queues and settings that are otherwise than known: event only when values differ (model.md 6). Adds to `result`. */
export function settingsDifference (known: KnownState, found: Found, mode: DifferenceMode, result: Difference): void {
  const add = (draft: DifferenceDraft): void => { result.drafts.push(draft) }
  agents(known, found, mode, result)
  for (const queue of found.queues ?? []) {
    const before = known.queue(queue.id)
    if (before !== undefined && coversAll(before, queue)) continue
    add({ event: 'queue.updated', queue, found: before === undefined ? 'added' : 'changed' })
  }
  for (const forwarding of found.forwardings ?? []) {
    const draft = forwardingDraft(known, forwarding)
    if (draft !== undefined) add(draft)
  }
  for (const { user, dnd } of found.dnd ?? []) {
    const before = known.dnd(user.id)
    if (!samePlain(before, dnd)) add({ event: 'dnd.changed', user, dnd, found: how(before) })
  }
  for (const { user, voicemail } of found.mailboxes ?? []) {
    const before = known.mailbox(user.id)
    if (!samePlain(before, voicemail)) add({ event: 'voicemail.updated', user, voicemail, found: how(before) })
  }
  for (const { user, presence } of found.presences ?? []) {
    const before = known.presence(user.id)
    if (!samePlain(before, presence)) add({ event: 'user.presence', user, presence, found: how(before) })
  }
  for (const { user, device } of found.devices ?? []) {
    const before = device.id === undefined ? undefined : known.device(device.id)
    for (const event of deviceEvents(before, device)) add({ event, device, ...(user ? { user } : {}), found: how(before) })
  }
}

const how = (before: unknown): 'added' | 'changed' => before === undefined ? 'added' : 'changed'

function agents (known: KnownState, found: Found, mode: DifferenceMode, result: Difference): void {
  const takenAt = found.takenAt ?? mode.now
  const isNewer = (id: string): boolean => (known.touchedAt(id) ?? 0) > takenAt
  const listed = new Set<string>()
  for (const agent of found.agents ?? []) {
    listed.add(agent.id)
    if (isNewer(agent.id)) continue
    const draft = agentDraft(known.agent(agent.id), agent)
    if (draft === undefined) continue
    result.drafts.push(draft)
    result.counts.agentsChanged++
  }
  if (found.allAgents !== true) return
  for (const before of known.agents()) {
    if (listed.has(before.id) || before.state === 'unknown' || isNewer(before.id)) continue
    const agent: Agent = { id: before.id, state: 'unknown', since: mode.time }
    for (const field of IDENTITY) if (before[field] !== undefined) Object.assign(agent, { [field]: before[field] })
    result.drafts.push({ event: 'agent.updated', agent, changes: ['state'], derived: true, found: 'changed' })
    result.counts.agentsChanged++
  }
}

function agentDraft (before: Agent | undefined, told: Agent): DifferenceDraft | undefined {
  if (before === undefined) return { event: EVENT_OF_AGENT_STATE[told.state], agent: told, found: 'added' }
  const agent: Agent = { ...told }
  for (const field of IDENTITY) if (agent[field] === undefined && before[field] !== undefined) Object.assign(agent, { [field]: before[field] })
  const changes = changedFields(before, agent, SILENT)
  if (changes.length === 0) return undefined
  const entered = before.state !== agent.state || (changes.includes('reason') && TOLD_BY_REASON.has(agent.state))
  return { event: entered ? EVENT_OF_AGENT_STATE[agent.state] : 'agent.updated', agent, changes, found: 'changed' }
}

function forwardingDraft (known: KnownState, found: Forwarding): DifferenceDraft | undefined {
  const id = found.user.id
  if (id === undefined) return undefined
  const before = known.forwarding(id)
  const relevant = CONDITIONS.filter((condition) => found.complete || found.rules[condition] !== undefined)
  const changed = relevant.filter((condition) => !samePlain(before?.rules[condition], found.rules[condition]))
  if (before !== undefined && changed.length === 0) return undefined
  // Systems tell a user's conditions one by one: a condition met for the first time is found, not changed.
  const isNew = !changed.some((condition) => before?.rules[condition] !== undefined)
  return { event: 'forwarding.changed', user: { ...found.user, id }, forwarding: before === undefined ? found : { ...found, changed }, found: isNew ? 'added' : 'changed' }
}

/** A device may have been plugged in and lifted in one gap: two facts, two events. */
function deviceEvents (before: DeviceState | undefined, device: DeviceState): EventName[] {
  const events: EventName[] = []
  if (device.registered !== undefined && device.registered !== before?.registered) events.push(device.registered ? 'device.registered' : 'device.unregistered')
  if (device.hook !== undefined && device.hook !== before?.hook) events.push('device.hook')
  return events
}

/** All that is told is known: fields that only we compute (longest wait) do not count. */
function coversAll (before: object, told: object): boolean {
  const known = before as Record<string, unknown>
  return Object.entries(told).every(([key, value]) => value === undefined || samePlain(known[key], value))
}
