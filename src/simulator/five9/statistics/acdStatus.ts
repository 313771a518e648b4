/** Data source ACD_STATUS: queues, and the whole domain under id "0" (five9.md 4.5, 4.6). */
import { type Queue, type User } from '../../pbx/types'
import { type Site } from '../site'
import { type Row } from './row'
import { type StateTimes } from './agentState'

export const DOMAIN = '0'

/** Calls of a queue that no agent is rung for. */
export function waitingIn ({ pbx }: Site, queue: Queue): { key: string; since: number }[] {
  return pbx.queued(queue.key).filter((entry) => !pbx.callOf(entry).connections.some((key) => {
    const offer = pbx.connections.get(key)
    return offer?.queueConnection === entry.key && offer.state === 'alerting'
  })).map((entry) => ({ key: entry.key, since: entry.queuedAt ?? entry.startedAt }))
}

/**
 * The row of one queue, or of all.
 * @param longest longest wait of all times by queue, ms
 */
export function acdRow (site: Site, queues: Queue[], id: string, times: StateTimes, longest: (queue: Queue) => number): Row {
  const { pbx, clock } = site
  const waiting = queues.flatMap((queue) => waitingIn(site, queue))
  const agentsOf = (joined: boolean): User[] => {
    const keys = new Set(queues.flatMap(({ members }) => members.filter((member) => member.joined || !joined).map(({ agentKey }) => agentKey)))
    return [...keys].flatMap((key) => pbx.users.get(pbx.agents.get(key)?.userKey ?? '') ?? []).filter((user) => times.of(user).state !== 'LOGGED_OUT')
  }
  const active = agentsOf(true)
  const count = (state: string): number => active.filter((user) => times.of(user).state === state).length
  const oldest = Math.min(...waiting.map(({ since }) => since))
  return {
    id, callsInQueue: waiting.length, callbacksInQueue: 0, voicemailsInQueue: 0, voicemailsInProgress: 0, voicemailsTotal: 0, agentsInVoicemailQueue: 0,
    agentsActive: active.length, agentsLoggedIn: agentsOf(false).length, agentsInQueue: count('READY'), agentsOnCall: count('ON_CALL'), agentsNotReadyForCalls: count('NOT_READY'),
    longestQueueTime: Math.max(0, ...queues.map(longest)), currentLongestQueueTime: waiting.length === 0 ? 0 : Math.max(0, clock.now() - oldest), vivrCallsInQueue: 0
  }
}
