/** Agents by the device they sit at, as both streams tell them in pieces (ipecs.md 8; model.md 4). */
import type { Agent, AgentState, Queue } from '../model'
import { defined } from './read'

export interface AgentEntry {
  readonly device: string
  /** Four digits; unknown until a log-on names it. */
  agentId?: string
  isLoggedIn: boolean
  /** Nothing was heard since a gap. */
  isUnknown: boolean
  readonly groups: Map<string, { paused: boolean; isSecondary?: boolean }>
  reason?: string
  isBusy: boolean
  isWrapping: boolean
  wrapCall?: string
  /** The last call of a group, for the wrap-up that follows. */
  lastCall?: { id: string; queue?: string }
  loggedInAt?: string
  since: string
  reasonSince?: string
  /** A log-on that is not told yet. */
  isEntering: boolean
  /** What was told last. */
  told?: AgentState
  /** ms when 13 or 14 was heard last: the other stream says the same with less. */
  pausedAt: number
  /** The same for 12 and 26. */
  leftAt: number
}

const none = { assigned: 0, loggedIn: 0, ready: 0, notReady: 0, busy: 0, wrapUp: 0 }

export class AgentBook {
  private readonly byDevice = new Map<string, AgentEntry>()

  get (device: string): AgentEntry | undefined {
    return this.byDevice.get(device)
  }

  /** The entry of a device, made when there is none. @param at ISO time */
  of (device: string, at: string): AgentEntry {
    const known = this.byDevice.get(device)
    if (known !== undefined) return known
    const entry: AgentEntry = { device, isLoggedIn: false, isUnknown: false, groups: new Map(), isBusy: false, isWrapping: false, since: at, isEntering: false, pausedAt: -Infinity, leftAt: -Infinity }
    this.byDevice.set(device, entry)
    return entry
  }

  all (): IterableIterator<AgentEntry> {
    return this.byDevice.values()
  }

  /** The entry of an agent named by agent id, or by the number of the device. */
  find (word: string): AgentEntry | undefined {
    for (const entry of this.byDevice.values()) if (entry.agentId === word && entry.isLoggedIn) return entry
    const device = this.byDevice.get(word)
    if (device !== undefined) return device
    for (const entry of this.byDevice.values()) if (entry.agentId === word) return entry
    return undefined
  }

  /** Nothing is known of what happened while we were away (model.md 6). */
  forgetStates (): void {
    for (const entry of this.byDevice.values()) {
      entry.isUnknown = true
      delete entry.told
    }
  }

  countOf (queue: string): NonNullable<Queue['agents']> {
    const counts = { ...none }
    for (const entry of this.byDevice.values()) {
      const group = entry.groups.get(queue)
      if (group === undefined || !entry.isLoggedIn || entry.isUnknown) continue
      counts.assigned++
      counts.loggedIn++
      if (entry.isWrapping) counts.wrapUp++
      else if (entry.isBusy) counts.busy++
      else if (group.paused) counts.notReady++
      else counts.ready++
    }
    return counts
  }
}

export const agentIdOf = (entry: AgentEntry): string => entry.agentId ?? entry.device

const routingOf = (entry: AgentEntry): 'ready' | 'notReady' => entry.groups.size > 0 && [...entry.groups.values()].every(({ paused }) => paused) ? 'notReady' : 'ready'

/** The first that fits (model.md 4). */
export function stateOf (entry: AgentEntry): AgentState {
  if (entry.isUnknown) return 'unknown'
  if (!entry.isLoggedIn) return 'loggedOut'
  if (entry.isWrapping) return 'wrapUp'
  return entry.isBusy ? 'busy' : routingOf(entry)
}

/** The entry as the neutral model has it. */
export function agentOf (entry: AgentEntry, nameOf: (group: string) => string | undefined): Agent {
  const state = stateOf(entry)
  const isIn = state !== 'loggedOut' && state !== 'unknown'
  const routing = isIn ? routingOf(entry) : undefined
  const isPartial = routing === 'ready' && [...entry.groups.values()].some(({ paused }) => paused)
  return defined({
    id: agentIdOf(entry), number: entry.agentId, user: { id: entry.device, extension: entry.device, number: entry.device }, device: { id: entry.device, kind: 'phone' as const },
    state, routing, since: entry.since, loggedInAt: isIn ? entry.loggedInAt : undefined,
    reason: routing === 'notReady' && entry.reason !== undefined ? { id: entry.reason } : undefined,
    reasonSince: routing === 'notReady' && entry.reason !== undefined ? entry.reasonSince : undefined,
    queues: [...entry.groups].map(([id, { paused }]) => defined({ id, name: nameOf(id), joined: true, paused })),
    partial: isPartial ? true as const : undefined,
    wrapUp: state === 'wrapUp' ? defined({ callId: entry.wrapCall, queueId: entry.lastCall?.queue }) : undefined
  }) as Agent
}
