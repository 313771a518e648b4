/** Lists of the domain, the same on both context paths (five9.md 3.2 to 3.6). */
import { agentStateOf } from '../statistics/agentState'
import { type Call, route, type Route } from '../http'
import { groupOf } from '../filters'
import { notFound } from '../errors'
import { userRow } from '../render/people'
import { type Site } from '../site'

const BOTH = ['appsvcs', 'supsvcs'] as const
const dispositionRows = ({ pbx, ids }: Site): unknown[] => pbx.dispositions.map(({ code, name }) => ({ id: ids.dispositions.id(code), name, agentMustConfirm: false }))
const reasonRows = ({ pbx, ids }: Site): unknown[] => pbx.reasonCodes.map(({ code, name }) => ({ id: ids.reasons.id(code), name, selectable: true }))
const logoutRows = ({ options, ids }: Site): unknown[] => options.logoutReasons.map((name) => ({ id: ids.logoutReasons.id(name), name, selectable: true }))
const campaignRows = ({ campaigns }: Site, type?: string): unknown[] => campaigns.list().filter((each) => type === undefined || each.type === type).map(({ id, name, type: kind, running }) => ({ id, name, type: kind, state: running ? 'RUNNING' : 'NOT_RUNNING' }))
const variableRows = ({ variables }: Site): unknown[] => variables.list().map((variable) => ({ ...variable, restrictions: { restrictions: [] } }))

/** Skills of the domain: the queues. */
export function skillRows ({ pbx, ids }: Site): unknown[] {
  return [...pbx.queues.values()].map(({ key, name }) => ({ id: ids.skills.id(key), name }))
}

/** Agent groups of the domain: the departments of the directory. */
export function groupRows ({ pbx, ids }: Site): unknown[] {
  const groups = [...new Set([...pbx.users.values()].map(groupOf))]
  return groups.map((name) => ({ id: ids.groups.id(name), name, agents: [...pbx.users.values()].filter((user) => groupOf(user) === name).map(({ key }) => ids.users.id(key)) }))
}

/** @throws Five9Error 404 */
function campaignOf ({ site, params }: Call): ReturnType<Site['campaigns']['byId']> {
  return site.campaigns.byId(params.campaign ?? '')
}

export const DOMAIN_ROUTES: Route[] = [
  ...Object.entries<(site: Site) => unknown>({
    users: (site) => [...site.pbx.users.values()].map((user) => userRow(site, user)),
    skills: skillRows,
    agent_groups: groupRows,
    dispositions: dispositionRows,
    no_campaign_dispositions: dispositionRows,
    not_ready_reason_codes: reasonRows,
    logout_reason_codes: logoutRows,
    reason_codes: (site) => [...reasonRows(site), ...logoutRows(site)],
    call_variables: variableRows,
    campaigns: (site) => campaignRows(site),
    available_campaigns: (site) => campaignRows(site, 'OUTBOUND'),
    campaign_profiles: () => [],
    lists: () => [],
    user_profiles: () => [],
    cold_transfer_settings: () => ({ enabled: true }),
    agent_states: (site) => [...site.pbx.users.values()].filter(({ agentKey }) => agentKey !== undefined).map((user) => ({ id: site.ids.users.id(user.key), state: agentStateOf(site, user) }))
  }).map(([name, list]) => route(BOTH, `GET orgs/:oid/${name}`, ({ site }) => ({ body: list(site) }))),
  route(BOTH, 'GET orgs/:oid', ({ site }) => ({ body: { id: site.options.orgId, name: site.pbx.enterprise } })),
  route(BOTH, 'GET orgs/:oid/time', ({ site }) => ({ body: { value: site.clock.now() } })),
  route(BOTH, 'GET orgs/:oid/campaigns/:campaign', (call) => {
    const { id, name, type, running } = campaignOf(call)
    return { body: { id, name, type, state: running ? 'RUNNING' : 'NOT_RUNNING' } }
  }),
  route(BOTH, 'GET orgs/:oid/campaigns/:campaign/dispositions', (call) => ({ body: campaignOf(call) && dispositionRows(call.site) })),
  route(BOTH, 'GET orgs/:oid/campaigns/:campaign/worksheet_questions', (call) => ({ body: campaignOf(call) && [] })),
  route(BOTH, 'GET orgs/:oid/campaigns/:campaign/script', (call) => ({ body: { campaignId: campaignOf(call).id, script: '' } })),
  route(BOTH, 'GET users/:user/permissions', ({ site, params }) => {
    const user = site.pbx.users.get(site.ids.users.key(params.user ?? '') ?? '')
    if (user === undefined) throw notFound(`No user ${params.user ?? ''}`)
    return { body: site.people.permissions(user) }
  }),
  route(BOTH, 'GET users/:uid/logged_in_users', ({ site }) => ({ body: [...site.pbx.users.values()].filter(({ key }) => site.sessions.of(key) !== undefined || site.pbx.agentOf(key)?.loggedIn === true).map((user) => userRow(site, user)) })),
  route(BOTH, 'GET users/:uid/roles', ({ site, user }) => ({ body: site.people.roles(user) })),
  route(['appsvcs'], 'GET agents/:uid/agent_groups', ({ site }) => ({ body: groupRows(site) })),
  route(['appsvcs'], 'GET agents/:uid/campaigns', ({ site }) => ({ body: campaignRows(site, 'INBOUND') })),
  route(['appsvcs'], 'GET agents/:uid/campaigns_config', ({ site }) => ({ body: campaignRows(site) }))
]
