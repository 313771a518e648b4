/** The agent's own state, record, and what he is told of others (five9.md 3.3). */
import { fields } from '../bodies'
import { badRequest, refused } from '../errors'
import { type Call, type Reply, route, type Route } from '../http'
import { channelsOf, setPresence } from '../presence'
import { userRow } from '../render/people'

function put ({ site, user, body }: Call): Reply {
  const waits = setPresence(site, user, body, 'self')
  return { status: waits ? site.options.pendingStatus : 200, body: site.presences.of(user) }
}

function changePassword ({ user, body }: Call): Reply {
  const { oldPassword, newPassword } = fields(body)
  if (typeof oldPassword !== 'string' || typeof newPassword !== 'string' || newPassword === '') throw badRequest('oldPassword and newPassword are needed')
  if (oldPassword !== user.password) throw refused('The old password is wrong')
  user.password = newPassword
  return {}
}

/** What a desktop keeps for its user; nothing in the PBX heeds it. */
function kept (place: 'agents' | 'users', kind: string): Route[] {
  const key = ({ user }: Call): string => `${user.key} ${kind}`
  const path = `${place}/:uid/${kind}`
  return [
    route(['appsvcs'], `GET ${path}`, (call) => ({ body: call.site.stores.settings.get(key(call)) ?? {} })),
    route(['appsvcs'], `PUT ${path}`, (call) => {
      const now = { ...fields(call.site.stores.settings.get(key(call))), ...fields(call.body) }
      call.site.stores.settings.set(key(call), now)
      return { body: now }
    })
  ]
}

export const PRESENCE_ROUTES: Route[] = [
  ...kept('agents', 'settings'), ...kept('agents', 'options'), ...kept('users', 'ui_options'),
  route(['appsvcs'], 'GET agents/:uid/presence', ({ site, user }) => ({ body: site.presences.of(user) })),
  route(['appsvcs'], 'PUT agents/:uid/presence', put),
  route(['appsvcs'], 'PUT agents/:uid/set_system_not_ready_state', ({ site, user }) => {
    if (user.agentKey !== undefined) site.pbx.setRouting(user.agentKey, 'notReady', undefined, 'self', { afterWrapUp: true })
    return {}
  }),
  route(['appsvcs'], 'GET agents/:uid/channels', ({ user }) => ({ body: channelsOf(user) })),
  route(['appsvcs'], 'PUT agents/:uid/password', changePassword),
  route(['appsvcs'], 'GET agents/:uid', ({ site, session, user }) => {
    const presence = site.presences.of(user)
    const { state, station } = session.halves.agent
    return { body: { ...userRow(site, user), loginState: state, stationState: station.state, presence, agentsPresence: presence, availableChannels: channelsOf(user) } }
  })
]
