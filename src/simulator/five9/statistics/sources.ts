/** All data sources of the supervisor's statistics, in the order in which a full snapshot tells them (five9.md 4.6). */
import { type User } from '../../pbx/types'
import { sessionRows } from '../userSessions'
import { type Site } from '../site'
import { DOMAIN, acdRow } from './acdStatus'
import { agentStateRow, type StateTimes } from './agentState'
import { type Counters } from './counters'
import { type Source } from './row'

/** Id of the totals of AGENT_STATISTIC. */
const ALL = ''

/** The sources over one site; rows are read from the PBX and the counters whenever they are asked for. */
export function makeSources (site: Site, times: StateTimes, counters: Counters): Source[] {
  const { pbx, ids, campaigns, sessions } = site
  const agents = [...pbx.users.values()].filter(({ agentKey }) => agentKey !== undefined)
  const agentIds = agents.map(({ key }) => ids.users.id(key))
  const agentOf = (id: string): User | undefined => {
    const user = pbx.users.get(ids.users.key(id) ?? '')
    return user?.agentKey === undefined ? undefined : user
  }
  const agentIdsOf = (keys: Set<string>): string[] => [...keys].flatMap((key) => pbx.users.get(key)?.agentKey === undefined ? [] : ids.users.id(key))
  const outboundId = (): string => campaignIds('OUTBOUND')[0] ?? ''
  const queues = [...pbx.queues.values()]
  const campaign = (id: string): ReturnType<typeof campaigns.byId> => campaigns.byId(id)
  const campaignIds = (type?: string): string[] => campaigns.list().filter((each) => type === undefined || each.type === type).map(({ id }) => id)
  return [
    { name: 'AGENT_STATE', by: 'agent', ids: () => agentIds, within: ({ users }) => agentIdsOf(users), row: (id) => withUser(agentOf(id), (user) => agentStateRow(site, user, times)) },
    {
      name: 'ACD_STATUS', by: 'skill', clockwork: ['currentLongestQueueTime'], ids: () => [DOMAIN, ...queues.map(({ key }) => ids.skills.id(key))],
      within: (marks) => marks.queues.size === 0 ? [] : [DOMAIN, ...[...marks.queues].map((key) => ids.skills.id(key))],
      row: (id) => acdRow(site, id === DOMAIN ? queues : [pbx.queues.get(ids.skills.key(id) ?? '') ?? []].flat(), id, times, counters.longestOf)
    },
    {
      name: 'AGENT_STATISTIC', by: 'agent', clockwork: ['loginTime', 'offBreakTime', 'occupancy', 'utilization', 'averageIdleTime'], ids: () => [ALL, ...agentIds],
      within: ({ counted }) => counted.size === 0 ? [] : [ALL, ...agentIdsOf(counted)],
      row: (id) => id === ALL ? counters.agentRow(ALL, agents) : withUser(agentOf(id), (user) => counters.agentRow(id, [user]))
    },
    { name: 'USER_SESSION', ids: () => sessionRows(site).map(({ id }) => id), row: (id) => sessionRows(site).find((row) => row.id === id) },
    {
      name: 'CAMPAIGN_STATE', ids: () => campaignIds(),
      row: (id) => ({ id, campaignState: campaign(id).running ? 'RUNNING' : 'NOT_RUNNING', priority: 1, ratio: 1, currentAction: null, stateSince: campaign(id).since, mode: campaign(id).type === 'OUTBOUND' ? 'BASIC' : null, profileId: null })
    },
    {
      name: 'INBOUND_CAMPAIGN_STATISTICS', ids: () => campaignIds('INBOUND'), within: (marks) => [...marks.queues].map((key) => campaigns.of(key).id),
      row: (id) => {
        const queue = pbx.queues.get(campaign(id).key)
        return queue === undefined ? undefined : counters.inboundRow(id, queue)
      }
    },
    // Its fields are not public: those of the inbound source that make sense for calls out.
    {
      name: 'OUTBOUND_CAMPAIGN_STATISTICS', ids: () => campaignIds('OUTBOUND'), within: ({ counted }) => counted.size === 0 ? [] : [outboundId()],
      row: (id) => ({ id, totalCallsCount: counters.agentRow(ALL, agents).outboundCallsCount, averageCallTime: 0, callCharges: 0, dispositions: {} })
    },
    { name: 'OUTBOUND_CAMPAIGN_MANAGER', ids: () => campaignIds('OUTBOUND'), within: ({ users, counted }) => users.size + counted.size === 0 ? [] : [outboundId()], row: (id) => counters.outboundRow(id, campaign(id).running) },
    // Its fields are not public: those of the station object.
    {
      name: 'STATIONS', ids: () => sessions.list().filter(({ halves }) => halves.agent.state === 'WORKING').map(({ user }) => ids.users.id(user.key)),
      row: (id) => {
        const station = sessions.list().find(({ user }) => ids.users.id(user.key) === id)?.halves.agent.station
        return station === undefined ? undefined : { id, userId: id, ...station }
      }
    }
  ]
}

function withUser<T> (user: User | undefined, make: (user: User) => T): T | undefined {
  return user === undefined ? undefined : make(user)
}
