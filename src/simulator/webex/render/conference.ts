/** `ConferenceDetails` (webex-calling.md 3.4). */
import { type Conference } from '../../pbx/types'
import { type Json } from '../http'
import { type Site } from '../site'
import { iso } from './call'

const STATES = { active: 'connected', held: 'held', ended: 'disconnected' } as const
const MONITORS = { bargeIn: 'bargeIn', listen: 'silentMonitoring', whisper: 'coaching' } as const

export function conferenceOf (site: Site, conference: Conference): Json {
  const members = conference.connections.flatMap((key) => site.pbx.connections.get(key) ?? [])
  const appearance = members[0]?.appearance
  return {
    state: STATES[conference.state], ...(appearance === undefined ? {} : { appearance }), created: iso(conference.startedAt), muted: conference.ownerMuted,
    participants: members.map((member) => ({ callId: site.ids.call(member.key), muted: member.muted, deafened: member.deaf }))
  }
}

/** What a supervisor has who joined somebody's call; undefined when he has none. */
export function monitoringOf (site: Site, userKey: string): Json | undefined {
  const own = site.pbx.connectionsOf(userKey).find(({ monitor }) => monitor !== undefined)
  if (own?.monitor === undefined) return undefined
  return {
    state: 'connected', ...(own.appearance === undefined ? {} : { appearance: own.appearance }), created: iso(own.answeredAt ?? own.startedAt), muted: own.muted, type: MONITORS[own.monitor.mode],
    participants: [{ callId: site.ids.call(own.key), muted: own.muted, deafened: own.deaf }]
  }
}
