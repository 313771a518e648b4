/** The supervisor's requests (five9.md 3.5, 3.6). */
import { fields, flag, idList, needed } from '../bodies'
import { badRequest, notFound, refused } from '../errors'
import { groupOf } from '../filters'
import { type Call, type Reply, route, type Route } from '../http'
import { migrate } from '../migration'
import { metadata } from '../metadata'
import { national } from '../people'
import { setPresence } from '../presence'
import { userRow } from '../render/people'
import { activeSkills, setActiveSkills, skillsOf } from '../skills'
import { interactionsOf, snapshot } from '../snapshots'
import { serverOf, type Site } from '../site'
import { type Queue, type User } from '../../pbx/types'
import { withoutOwner } from '../stores'
import { userById } from '../targets'
import { forceLogout, sessionRows } from '../userSessions'
import { voicemailObject } from '../voicemails'
import { closeView, historyOf, nextPage, openView } from './views'
import { groupRows, skillRows } from './domain'
import { monitor } from './monitoring'

const sup = (line: string, handler: (call: Call) => Reply): Route => route(['supsvcs'], line, handler)
const own = (line: string, handler: (call: Call) => Reply): Route => sup(line.replace(' ', ' supervisors/:uid/'), handler)
const onAgent = (line: string, handler: (call: Call, agent: User) => Reply): Route => own(line.replace(' ', ' agents/:aid/'), (call) => handler(call, agentBy(call)))

/** @throws Five9Error 404 for somebody who is no agent */
function agentBy ({ site, params }: Call): User {
  const user = userById(site, params.aid ?? '')
  if (user.agentKey === undefined) throw notFound(`No agent ${params.aid ?? ''}`)
  return user
}

/** @throws Five9Error 404 */
function queueBy ({ site, params }: Call): Queue {
  const queue = site.pbx.queues.get(site.ids.skills.key(params.skill ?? '') ?? '')
  if (queue === undefined) throw notFound(`No skill ${params.skill ?? ''}`)
  return queue
}

const agents = ({ pbx }: Site): User[] => [...pbx.users.values()].filter(({ agentKey }) => agentKey !== undefined)
const agentRow = (site: Site, user: User): Record<string, unknown> => ({ ...userRow(site, user), groupId: site.ids.groups.id(groupOf(user)) })

function one ({ site, query }: Call, user: User): Reply {
  const active = activeSkills(site, user)
  const skills = skillsOf(site, user).map(({ key, name }) => ({ id: site.ids.skills.id(key), name, isActive: active.includes(site.ids.skills.id(key)) }))
  return { body: { ...agentRow(site, user), ...(query.get('include')?.split(',').includes('skills') === true ? { skills } : {}) } }
}

function forceSkills ({ site, body }: Call, user: User): Reply {
  const before = activeSkills(site, user)
  setActiveSkills(site, user, idList(body))
  const after = activeSkills(site, user)
  for (const id of after.filter((each) => !before.includes(each))) site.out.toUser(user.key, 'agent', 39, { skillId: id })
  for (const id of before.filter((each) => !after.includes(each))) site.out.toUser(user.key, 'agent', 19, { skillId: id })
  return { body: after }
}

/** What is recorded from now on; a call under way begins or stops at once where the recorder of the agent allows it. */
function setRecording ({ site, body }: Call, user: User): Reply {
  const on = flag(body, 'recording')
  if (on === undefined) throw badRequest('recording is missing')
  if (on) site.recorded.add(user.key)
  else site.recorded.delete(user.key)
  for (const { key } of site.pbx.connectionsOf(user.key)) if (site.pbx.recordingControls(key).includes(on ? 'start' : 'stop')) site.pbx.record(key, on ? 'start' : 'stop')
  site.statisticsChanged()
  return { body: { recording: on } }
}

function page ({ site, query }: Call): Reply {
  const from = Number(query.get('from') ?? 0) || 0
  const limit = Number(query.get('limit') ?? 0) || 0
  return { body: agents(site).slice(from, limit > 0 ? from + limit : undefined).map((user) => agentRow(site, user)) }
}

function recordings (call: Call, user: User): Reply {
  const { site } = call
  const records = site.pbx.history.filter(({ userKey, answeredAt }) => userKey === user.key && answeredAt !== undefined).map((entry) => {
    const record = site.ledger.byKey(entry.connectionKey)
    return {
      id: entry.id, campaignId: record?.campaignKey === undefined ? null : site.ids.campaigns.id(record.campaignKey), created: entry.at, number: national(entry.party.number), name: entry.party.name ?? '',
      length: entry.endedAt - entry.at, status: 'COMPLETED', callSessionId: record?.conversation ?? null
    }
  })
  return openView(call, fields(call.body).ascending === true ? records : records.reverse())
}

function follow (on: boolean): (call: Call) => Reply {
  return (call) => {
    const { site, user } = call
    const queue = queueBy(call)
    if (on) site.stores.followed.add(`${user.key} ${queue.key}`)
    else site.stores.followed.delete(`${user.key} ${queue.key}`)
    if (on) site.out.toUser(user.key, 'supervisor', 5014, { skillId: site.ids.skills.id(queue.key), interactions: interactionsOf(site, queue) })
    return {}
  }
}

function campaignAct (act: 'start' | 'stop' | 'reset'): Route {
  return sup(`PUT orgs/:oid/campaigns/:campaign/${act}`, ({ site, params }) => {
    const campaign = site.campaigns.byId(params.campaign ?? '')
    // A campaign that is reset forgets whom it called; the agents' outbound campaign calls from no list.
    if (act === 'reset') site.out.broadcast('supervisor', 6004, { campaignId: campaign.id })
    else site.campaigns.setRunning(campaign, act === 'start')
    return {}
  })
}

/** Answers where the domain is now, as the sample pack reads the reply as JSON. */
function migrateDomain ({ site, session, token, origin }: Call): Reply {
  migrate(site, {})
  return { body: metadata(site, session, token, origin) }
}

/** @throws Five9Error 404 for a reminder that is not his */
function moveCallback ({ site, body }: Call, agent: User, id: string | undefined): unknown {
  const item = site.stores.callbacks.get(id)
  const target = userById(site, needed(body, 'agentId'))
  if (item.owner !== agent.key) throw notFound(`No callback ${item.id}`)
  const moved = withoutOwner(site.stores.callbacks.change(item.id, { owner: target.key }))
  site.out.toUser(agent.key, 'agent', 55, moved, 'DELETED')
  site.out.toUser(target.key, 'agent', 53, moved, 'CREATED')
  return moved
}

const text = ({ params }: Call): Reply => { throw notFound(`No interaction ${params.item ?? ''}`) }

/** Alerts under both of their paths; every reply is an object, as the sample pack parses each (five9.md 3.6). */
const ALERTS: Route[] = ['', 'supervisors/:uid/'].flatMap((prefix) => [
  sup(`GET ${prefix}alerts`, ({ site }) => ({ body: site.stores.alerts.list() })),
  sup(`POST ${prefix}alerts`, ({ site, body }) => ({ body: site.stores.alerts.add(fields(body)) })),
  sup(`GET ${prefix}alerts/:alert`, ({ site, params }) => ({ body: site.stores.alerts.get(params.alert) })),
  sup(`PUT ${prefix}alerts/:alert`, ({ site, params, body }) => ({ body: site.stores.alerts.change(params.alert, fields(body)) })),
  sup(`DELETE ${prefix}alerts/:alert`, ({ site, params }) => ({ body: site.stores.alerts.remove(params.alert) }))
])

export const SUPERVISOR_ROUTES: Route[] = [
  own('GET agents', ({ site }) => ({ body: agents(site).map((user) => agentRow(site, user)) })),
  own('GET agents/:aid', (call) => one(call, agentBy(call))),
  sup('GET agents', page),
  sup('GET orgs/:oid/user_sessions', ({ site, user }) => {
    site.people.check(user, 'CAN_VIEW_ACTIVE_SESSIONS')
    return { body: sessionRows(site).map((row) => ({ ...row, sessionId: row.id })) }
  }),
  sup('PUT orgs/:oid/user_sessions/:session/logout', ({ site, params }) => {
    forceLogout(site, params.session ?? '')
    return {}
  }),
  onAgent('PUT presence', (call, agent) => {
    const waits = setPresence(call.site, agent, call.body, 'supervisor')
    return { status: waits ? call.site.options.pendingStatus : 200, body: call.site.presences.of(agent) }
  }),
  onAgent('PUT active_skills', forceSkills),
  onAgent('PUT monitor', monitor),
  onAgent('PUT recording_state', setRecording),
  onAgent('PUT voicemail_state', ({ site, body }, agent) => {
    const on = flag(body, 'voicemail')
    if (on === undefined) throw badRequest('voicemail is missing')
    site.pbx.setFeature(agent.key, 'voicemail', on)
    return { body: { voicemail: on } }
  }),
  onAgent('GET parked_calls', ({ site }, agent) => ({ body: site.ledger.of(agent.key).filter(({ state }) => state === 'PARKED').map(({ id, campaignKey }) => ({ id, state: 'PARKED', campaignId: campaignKey === undefined ? null : site.ids.campaigns.id(campaignKey) })) })),
  onAgent('GET session_history', ({ site }, agent) => ({ body: historyOf(site, ({ userKey }) => userKey === agent.key) })),
  onAgent('GET auxiliary_stats', ({ site }, agent) => ({ body: { id: site.ids.users.id(agent.key), reasonCodeId: site.presences.of(agent).currentState.notReadyReasonCodeId } })),
  onAgent('GET callbacks', ({ site }, agent) => ({ body: site.stores.callbacks.list(({ owner }) => owner === agent.key).map(withoutOwner) })),
  onAgent('GET user_uid', ({ site }, agent) => ({ body: { value: site.ids.users.id(agent.key) } })),
  onAgent('POST callbacks/:callback/move', (call, agent) => ({ body: moveCallback(call, agent, call.params.callback) })),
  // Several at once: those that the body names, or all that he has.
  onAgent('POST callbacks/move', (call, agent) => {
    const { ids } = fields(call.body)
    const all = Array.isArray(ids) ? ids.map(String) : call.site.stores.callbacks.list(({ owner }) => owner === agent.key).map(({ id }) => id)
    return { body: all.map((id) => moveCallback(call, agent, id)) }
  }),
  onAgent('POST recording_views', recordings),
  onAgent('PUT recording_views/:view/next', nextPage),
  onAgent('DELETE recording_views/:view', closeView),
  onAgent('GET voicemail_views', ({ site }, agent) => ({ body: agent.mailbox.messages.map((message) => voicemailObject(site, message)) })),
  onAgent('POST voicemail_views', (call, agent) => openView(call, agent.mailbox.messages.map((message) => voicemailObject(call.site, message)))),
  onAgent('PUT voicemail_views/:view/next', nextPage),
  onAgent('DELETE voicemail_views/:view', closeView),
  own('GET skills', ({ site }) => ({ body: skillRows(site) })),
  own('GET agent_groups', ({ site }) => ({ body: groupRows(site) })),
  sup('GET orgs/:oid/application_seats', ({ site, user }) => {
    site.people.check(user, 'CAN_VIEW_ACTIVE_SESSIONS')
    return { body: { total: site.pbx.users.size, used: sessionRows(site).length } }
  }),
  own('PUT interactions/skills/:skill/subscribe', follow(true)),
  own('PUT interactions/skills/:skill/unsubscribe', follow(false)),
  own('PUT interactions/:item/subscribe', text),
  own('PUT interactions/:item/transfer_to_group', text),
  own('PUT interactions/:item/transfer_to_agent', text),
  own('GET skills/:skill/snapshot', (call) => ({ body: snapshot(call.site, queueBy(call)) })),
  own('GET stats_filter_settings', ({ site, user }) => ({ body: site.filters.of(user) })),
  own('PUT stats_filter_settings', ({ site, user, body }) => {
    const filter = site.filters.set(user, body)
    site.out.toUser(user.key, 'supervisor', 6001, filter)
    return { body: filter }
  }),
  own('PUT request_full_statistics', ({ site, session }) => {
    site.requestStatistics(session)
    return {}
  }),
  own('GET stats_metadata', ({ site }) => ({ body: site.statisticsFields() })),
  own('GET stats_metadata/:type', ({ site, params }) => {
    const found = site.statisticsFields().find(({ dataSource }) => dataSource === params.type)
    if (found === undefined) throw notFound(`No data source ${params.type ?? ''}`)
    return { body: found }
  }),
  campaignAct('start'), campaignAct('stop'), campaignAct('reset'),
  own('GET monitor/campaigns', ({ site }) => ({ body: site.campaigns.list().map(({ id }) => id) })),
  own('PUT monitor/campaigns', ({ site, body }) => {
    const ids = idList(body)
    for (const id of ids) site.campaigns.byId(id)
    return { body: ids }
  }),
  ...ALERTS,
  own('PUT client_timezone', ({ site, user, body }) => {
    if (body === undefined) throw badRequest('The time zone is missing')
    site.stores.timeZones.set(user.key, body)
    return {}
  }),
  own('PUT migrate', migrateDomain),
  own('POST migrate', migrateDomain),
  ...(['agents', 'supervisors'] as const).map((path) => route([path === 'agents' ? 'appsvcs' : 'supsvcs'], `GET ${path}/:uid/switchover_metadata`, ({ site, session, token, origin }) => {
    if (serverOf(site, session.generation) === serverOf(site, session.generation + 1)) throw refused('There is no other data centre')
    return { body: metadata(site, { ...session, generation: session.generation + 1 }, token, origin) }
  }))
]
