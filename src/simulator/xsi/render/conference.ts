/** Conference elements (xsi.md 3.2, 4.9). */
import { type Conference, type Connection } from '../../pbx/types'
import { type Site } from '../site'
import { type El, el, flag, text } from '../tree'
import { endpointEl } from './call'

const STATES = { active: 'Active', held: 'Held', ended: 'Released' } as const

/** `conference` or `Conference`: a released one has only its state. */
export function conferenceEl (site: Site, conference: Conference, name = 'conference'): El {
  if (conference.state === 'ended') return el(name, text('state', STATES.ended))
  const members = conference.connections.map((key) => site.pbx.connections.get(key)).filter((connection) => connection !== undefined && connection.state !== 'null')
  return el(name,
    text('state', STATES[conference.state]),
    members[0] && endpointEl(site, members[0]),
    text('appearance', members[0]?.appearance ?? 1),
    flag('muted', conference.ownerMuted),
    el('conferenceParticipantList', members.map((connection) => connection && el('conferenceParticipant',
      text('callId', site.ids.callId(connection.key)),
      flag('muted', connection.muted),
      flag('deaf', connection.deaf)))))
}

const KINDS = { listen: 'Silently Monitored', whisper: 'Supervisor Coached', bargeIn: 'Barge-In' } as const

/** A supervisor who listens, whispers or joins is in a conference of a kind of its own; undefined for another connection. */
export function monitoringEl (site: Site, connection: Connection, name = 'conference'): El | undefined {
  const { monitor } = connection
  return monitor && el(name,
    text('state', STATES.active), endpointEl(site, connection), text('appearance', connection.appearance ?? 1), flag('muted', connection.muted), text('conferenceType', KINDS[monitor.mode]),
    el('conferenceParticipantList', el('conferenceParticipant', text('callId', site.ids.callId(connection.key)))))
}

/** The conference of a user, if there is one. */
export function findConference (site: Site, userKey: string): Conference | undefined {
  return site.pbx.conferenceOf(userKey)
}

/** The same as an element. */
export function conferenceOf (site: Site, userKey: string): El | undefined {
  const conference = findConference(site, userKey)
  return conference && conferenceEl(site, conference)
}
