/** Listening to, whispering to and joining an agent (five9.md 3.5); "starts and stops" is all that is public, the body is not. */
import { needed } from '../bodies'
import { badRequest, forbidden, refused } from '../errors'
import { type Call, type Reply } from '../http'
import { type MonitorMode } from '../../pbx/monitoring'
import { type User } from '../../pbx/types'

const MODES: Record<string, { mode: MonitorMode; permission: string }> = {
  SILENT: { mode: 'listen', permission: 'CAN_SILENT_MONITOR' },
  WHISPER: { mode: 'whisper', permission: 'CAN_WHISPER_MONITOR' },
  BARGE_IN: { mode: 'bargeIn', permission: 'CAN_BARGE_IN_MONITOR' }
}

/** @throws Five9Error 400 for an unknown type, 403 without the permission, 435 when there is nothing to listen to or to stop */
export function monitor ({ site, user, body }: Call, agent: User): Reply {
  const { pbx, people, ids } = site
  const wanted = needed(body, 'monitorType').toUpperCase()
  const running = pbx.connectionsOf(user.key).find((connection) => pbx.connections.get(connection.monitor?.targetConnection ?? '')?.party.userKey === agent.key)
  if (wanted === 'NONE') {
    if (running === undefined) throw refused('The agent is not monitored')
    pbx.release(running.key)
    return { body: { agentId: ids.users.id(agent.key), monitorType: 'NONE' } }
  }
  const found = MODES[wanted]
  if (found === undefined) throw badRequest(`monitorType must be one of ${Object.keys(MODES).join(', ')}, NONE`)
  if (!people.permissions(user).includes(found.permission)) throw forbidden(`The user has no permission ${found.permission}`)
  if (!pbx.connectionsOf(agent.key).some(({ state }) => state === 'connected')) throw refused('The agent has no call to monitor')
  if (running === undefined) pbx.monitor(user.key, agent.key, found.mode)
  else pbx.switchMonitor(running.key, found.mode)
  return { body: { agentId: ids.users.id(agent.key), monitorType: wanted } }
}
