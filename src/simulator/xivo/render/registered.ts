/** States that a client registered for, by the id in the form of the event (xivo-cti.md 4.5). */
import { type Message, textOf } from '../codec'
import { type Site } from '../site'

/** @param id uuid of the user from 16.09 on, before that his number */
export function userState (site: Site, id: unknown): Message | undefined {
  const byUuid = site.release.from('16.09')
  const key = byUuid ? site.ids.userOfUuid(textOf(id)) : typeof id === 'number' ? site.ids.key('user', String(id)) : undefined
  if (key === undefined) return undefined
  const ids = { ...(byUuid ? { user_uuid: site.ids.userUuid(key) } : {}), ...(!byUuid || site.release.from('16.11') ? { user_id: site.ids.number('user', key) } : {}) }
  return { class: 'user_status_update', data: { xivo_uuid: site.ids.uuid, ...ids, status: site.memory.presenceOf(key) } }
}

/** @param id number of the agent; text is another key for the server */
export function agentState (site: Site, id: unknown): Message | undefined {
  const agent = typeof id === 'number' ? site.pbx.agents.get(site.ids.key('agent', String(id)) ?? '') : undefined
  return agent && { class: 'agent_status_update', data: { xivo_uuid: site.ids.uuid, agent_id: id, status: agent.loggedIn ? 'logged_in' : 'logged_out' } }
}

/** @param id number of the phone */
export function endpointState (site: Site, id: unknown): Message | undefined {
  const key = typeof id === 'number' ? site.ids.key('phone', String(id)) : undefined
  return key === undefined ? undefined : { class: 'endpoint_status_update', data: { xivo_uuid: site.ids.uuid, endpoint_id: id, status: Number(site.memory.hints.get(key) ?? '4') } }
}
