/** Log-in requests, allowed in every state, the same for both halves (five9.md 2.4, 2.5, 2.7). */
import { fields, idList } from '../bodies'
import { notFound, refused } from '../errors'
import { type Call, type Context, type Reply, route, type Route } from '../http'
import { metadata } from '../metadata'
import { type HalfName } from '../sessions'
import { activeSkills, setActiveSkills, skillsOf } from '../skills'

const BOTH = ['appsvcs', 'supsvcs'] as const
const STATION_TYPES = ['EMPTY', 'SOFTPHONE', 'PSTN', 'GATEWAY', 'STATION']

function start ({ site, session, half, user, query, body }: Call): Reply {
  site.people.mayRun(user, half)
  const { stationId = '', stationType = 'EMPTY' } = fields(body)
  if (!STATION_TYPES.some((type) => type === stationType)) throw refused(`Unknown station type ${String(stationType)}`)
  if ((stationType === 'PSTN' || stationType === 'GATEWAY') && (typeof stationId !== 'string' || stationId === '')) throw refused(`Station ${String(stationType)} needs a stationId`)
  site.sessions.start(session, half, { stationId: String(stationId ?? ''), stationType: String(stationType) }, query.get('force') === 'true')
  return {}
}

function stop ({ site, session, half, user, query }: Call): Reply {
  if (half === 'agent' && site.ledger.live(user.key).length > 0) throw refused('The session cannot be stopped while the agent has calls')
  const reason = query.get('reasonCodeId')
  if (reason !== null && site.ids.logoutReasons.key(reason) === undefined) throw refused(`No logout reason ${reason}`, { objectId: reason })
  site.sessions.stop(session, half)
  return {}
}

/** Rows for the agent's and the supervisor's own paths. */
function ofHalf (half: HalfName): Route[] {
  const context: Context[] = [half === 'agent' ? 'appsvcs' : 'supsvcs']
  const own = (line: string, handler: (call: Call) => Reply, open = true): Route => route(context, line.replace(' ', ` ${half}s/:uid/`), handler, open)
  return [
    own('GET login_state', ({ session }) => ({ body: session.halves[half].state })),
    own('PUT session_start', start),
    own('PUT session_restart', ({ site, session }) => {
      site.sessions.restart(session, half)
      return {}
    }),
    own('PUT session_stop', stop),
    own('GET maintenance_notices', ({ session }) => ({ body: session.halves[half].notices.map((notice) => ({ ...notice, accepted: false })) })),
    // Recorded: the answer to an acceptance still says that it is not accepted.
    own('PUT maintenance_notices/:notice/accept', ({ site, session, params }) => ({ body: { ...site.sessions.accept(session, half, params.notice ?? ''), accepted: false } })),
    own('GET station', ({ session }) => ({ body: session.halves[half].station })),
    own('GET station_state', ({ session }) => ({ body: session.halves[half].station.state })),
    own('GET maintenance_notices/:notice', ({ session, params }) => {
      const notice = session.halves[half].notices.find(({ id }) => id === params.notice)
      if (notice === undefined) throw notFound(`No notice ${params.notice ?? ''}`)
      return { body: { ...notice, accepted: false } }
    }),
    own('PUT station/restart', ({ site, session }) => {
      const { station } = session.halves[half]
      if (station.stationType !== 'EMPTY') station.state = 'CONNECTED'
      site.out.toUser(session.user.key, half, 18, { ...station })
      return {}
    }, false),
    own('PUT station/softphone_force_restart', ({ site, session }) => {
      const { station } = session.halves[half]
      if (station.stationType !== 'SOFTPHONE') throw refused('The station is no softphone')
      site.out.toUser(session.user.key, half, 18, { ...station })
      return {}
    }, false),
    own('GET softphone_config', ({ session }) => ({ body: { enabled: session.halves[half].station.stationType === 'SOFTPHONE', defaultFlags: {} } }), false),
    own('GET permissions', ({ site, user }) => ({ body: site.people.permissions(user) }), false),
    own('PUT ping', () => ({}), false),
    own('GET session_expiration', ({ site, session }) => ({ body: { expirationTime: session.lastSeen + site.options.sessionMs } }), false)
  ]
}

export const LOGIN_ROUTES: Route[] = [
  route(BOTH, 'GET auth/metadata', ({ site, session, token, origin }) => ({ body: metadata(site, session, token, origin) }), true),
  route(BOTH, 'GET auth/roles', ({ site, user }) => ({ body: site.people.roles(user) }), true),
  route(BOTH, 'GET auth/permissions', ({ site, user }) => ({ body: site.people.permissions(user) }), true),
  route(BOTH, 'GET auth/settings', ({ site }) => ({ body: { orgId: site.options.orgId, countryCode: site.pbx.country } }), true),
  route(BOTH, 'GET auth/login_page_info', () => ({ body: { ssoEnabled: false } }), true),
  route(BOTH, 'POST auth/logout', ({ site, session }) => {
    site.sessions.end(session)
    return { status: 204 }
  }, true),
  ...ofHalf('agent'), ...ofHalf('supervisor'),
  // What the question answers is not public: a bare boolean, as other one-value replies are.
  route(['appsvcs'], 'GET agents/:uid/can_stop_session', ({ site, user }) => ({ body: site.ledger.live(user.key).length === 0 })),
  route(['appsvcs'], 'GET agents/:uid/skills', ({ site, user }) => ({ body: skillsOf(site, user).map((queue) => ({ id: site.ids.skills.id(queue.key), name: queue.name })) }), true),
  route(['appsvcs'], 'GET agents/:uid/active_skills', ({ site, user }) => ({ body: activeSkills(site, user) }), true),
  route(['appsvcs'], 'PUT agents/:uid/active_skills', ({ site, session, user, body }) => {
    setActiveSkills(site, user, idList(body))
    site.sessions.chosen(session)
    return { body: activeSkills(site, user) }
  }, true)
]
