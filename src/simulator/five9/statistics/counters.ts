/** What agents and campaigns did since the face began: data sources AGENT_STATISTIC and those of campaigns (five9.md 4.6). */
import { type Connection, type Queue, type User } from '../../pbx/types'
import { type CallRecord } from '../ledger'
import { type Site } from '../site'
import { type Row } from './row'

interface Counts {
  total: number
  inbound: number
  outbound: number
  internal: number
  internalAnswered: number
  talkMs: number
  internalMs: number
  holdMs: number
  wrapMs: number
  breaks: number
  /** Calls by disposition id. */
  dispositions: Record<string, number>
}

const none = (): Counts => ({ total: 0, inbound: 0, outbound: 0, internal: 0, internalAnswered: 0, talkMs: 0, internalMs: 0, holdMs: 0, wrapMs: 0, breaks: 0, dispositions: {} })
const mean = (sum: number, count: number): number => count === 0 ? 0 : Math.max(0, Math.round(sum / count))
const ratio = (part: number, whole: number): number => whole <= 0 ? 0 : Math.round(Math.min(1, part / whole) * 10_000) / 10_000

export class Counters {
  private readonly byUser = new Map<string, Counts>()
  private readonly longest = new Map<string, number>()

  constructor (private readonly site: Site) {}

  /** A call of an agent is over, with its after-call work; one that he was offered and did not take is not his. */
  finished (record: CallRecord, connection: Connection): void {
    if (!record.talked && connection.direction === 'inbound') return
    const counts = this.counts(record.userKey)
    const talkMs = connection.answeredAt === undefined ? 0 : (connection.endedAt ?? this.site.clock.now()) - connection.answeredAt
    const kind = ({ INBOUND: 'inbound', OUTBOUND: 'outbound', INTERNAL: 'internal' } as const)[record.callType]
    counts.total++
    counts[kind]++
    if (kind === 'internal') {
      counts.internalMs += talkMs
      if (record.talked) counts.internalAnswered++
    } else counts.talkMs += talkMs
    counts.holdMs += connection.totalHeldMs
    if (connection.endedAt !== undefined) counts.wrapMs += this.site.clock.now() - connection.endedAt
    const id = record.dispositionId ?? '0'
    counts.dispositions[id] = (counts.dispositions[id] ?? 0) + 1
  }

  /** An agent began a break. */
  broke (userKey: string): void {
    this.counts(userKey).breaks++
  }

  waited (queueKey: string, ms: number): void {
    this.longest.set(queueKey, Math.max(ms, this.longest.get(queueKey) ?? 0))
  }

  /** Longest wait of a queue until now, ms. */
  longestOf = (queue: Queue): number => this.longest.get(queue.key) ?? 0

  /** Of one agent, or of all with id "". */
  agentRow (id: string, users: User[]): Row {
    const { pbx, clock } = this.site
    const all = users.map(({ key }) => this.byUser.get(key) ?? none())
    const sum = (field: Exclude<keyof Counts, 'dispositions'>): number => all.reduce((total, counts) => total + counts[field], 0)
    const dispositions: Record<string, number> = {}
    for (const counts of all) for (const [code, times] of Object.entries(counts.dispositions)) dispositions[code] = (dispositions[code] ?? 0) + times
    const loginTime = users.reduce((total, { key }) => total + Math.max(0, clock.now() - (pbx.agentOf(key)?.loggedInAt ?? clock.now())), 0)
    const outside = sum('inbound') + sum('outbound')
    const busyMs = sum('talkMs') + sum('internalMs') + sum('wrapMs')
    return {
      id, totalCallsCount: sum('total'), agentCallsCount: sum('total'), totalCallsWithoutInternalsCount: outside, inboundCallsCount: sum('inbound'), outboundCallsCount: sum('outbound'),
      internalCallsCount: sum('internal'), successfulInternalCallsCount: sum('internalAnswered'), previewCallsCount: 0, skippedInPreviewCallsCount: 0, breaksCount: sum('breaks'), averageBreakTime: 0,
      averageCallTime: mean(sum('talkMs'), outside), averageHoldTime: mean(sum('holdMs'), outside), averageIdleTime: mean(loginTime - busyMs, sum('total')),
      averageInternalCallTime: mean(sum('internalMs'), sum('internal')), previewTime: 0, averagePreviewTime: 0, averageHandleTime: mean(sum('talkMs') + sum('wrapMs'), outside),
      averageWrapTime: mean(sum('wrapMs'), outside), processedVoicemailCount: 0, averageVoicemailProcessingTime: 0, averageVoicemailReadyTime: 0, callCharges: 0, dispositions,
      firstCallResolution: 0, loginTime, offBreakTime: loginTime, occupancy: ratio(busyMs, loginTime), utilization: ratio(busyMs, loginTime)
    }
  }

  /** Of the inbound campaign of a queue. */
  inboundRow (id: string, { figures, key }: Queue): Row {
    const { offered, answered, abandoned, waitSeconds, talkSeconds } = figures
    const talk = mean(talkSeconds * 1000, answered)
    return {
      id, totalCallsCount: offered, connectedCallsCount: answered, handledCallsCount: answered, abandonedCallsCount: abandoned, abandonCallRate: ratio(abandoned, offered), rejectedCallsCount: 0,
      associatedWithAgentsCallsCount: answered, connectedPlusAbandonedCallsCount: answered + abandoned, finishedInIVRErrorCallsCount: 0, finishedInIVRSuccessCallsCount: 0, averageAvailabilityTime: 0,
      averageCallTime: talk, averageHandleTime: talk, averageSpeedOfAnswer: mean(waitSeconds * 1000, answered), averageWrapTime: 0, callCharges: 0, dispositions: {}, firstCallResolution: 0,
      longestHoldTime: 0, longestQueueTime: this.longest.get(key) ?? 0, serviceLevelQueue: ratio(answered, offered), serviceLevelTalk: ratio(answered, offered), vivrSessionsCounty: 0
    }
  }

  /** Of the outbound campaign; what the dialler of lists would count is 0. */
  outboundRow (id: string, running: boolean): Row {
    const all = [...this.byUser.values()]
    const dialed = all.reduce((total, { outbound }) => total + outbound, 0)
    return {
      id, readyForCallAgentsCount: [...this.site.pbx.agents.values()].filter((agent) => this.site.pbx.agentState(agent.key) === 'ready').length, dispositionedRecordsCount: dialed,
      dialingAttemptsCount: dialed, contactedCallsCount: dialed, skippedInPreviewCallsCount: 0, callsToAgentRatio: 1, callsToAgentTargetRatio: 1, totalRecordsCount: 0, availableRecordsCount: 0,
      redialedWithTimerRecordsCount: 0, dialedWithoutTimerRecordsCount: 0, dialedWithASAPRequestRecordsCount: 0, noPartyContactSystemCallsCount: 0, abandonedCallsCount: 0,
      unreachableRecordsCount: 0, campaignState: running ? 'RUNNING' : 'NOT_RUNNING'
    }
  }

  private counts (userKey: string): Counts {
    const counts = this.byUser.get(userKey) ?? none()
    this.byUser.set(userKey, counts)
    return counts
  }
}
