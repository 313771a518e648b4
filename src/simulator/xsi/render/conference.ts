/** Conference elements (xsi.md 3.2, 4.9). */
import { type Conference } from '../../pbx/types'
import { type Site } from '../site'
import { type El, el, flag, text } from '../tree'

const STATES = { active: 'Active', held: 'Held', ended: 'Released' } as const

/** `conference` or `Conference`: a released one has only its state. */
export function conferenceEl (site: Site, conference: Conference, name = 'conference'): El {
  if (conference.state === 'ended') return el(name, text('state', STATES.ended))
  const members = conference.connections.map((key) => site.pbx.connections.get(key)).filter((connection) => connection !== undefined && connection.state !== 'null')
  return el(name,
    text('state', STATES[conference.state]),
    text('appearance', members[0]?.appearance ?? 1),
    el('conferenceParticipantList', members.map((connection) => connection && el('conferenceParticipant',
      text('callId', site.ids.callId(connection.key)),
      flag('muted', connection.muted),
      flag('deaf', connection.deaf)))))
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
