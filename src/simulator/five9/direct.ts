/** Facts that need no memory to be told (five9.md 4.3, 4.4). */
import { type Fact, type User } from '../pbx/types'
import { type Site } from './site'
import { activeSkills } from './skills'
import { voicemailObject } from './voicemails'

const MAILBOX_EVENTS: Record<string, number> = { left: 24, read: 25, unread: 25, deleted: 26 }

type Teller = (site: Site, user: User, fact: Fact) => void

/** Facts that are an event or two, whatever else goes on. */
export const DIRECT: Partial<Record<Fact['type'], Teller>> = {
  membership: (site, user) => { site.out.toUser(user.key, 'agent', 11, activeSkills(site, user)) },
  mailbox: (site, user, { detail }) => {
    const eventId = MAILBOX_EVENTS[String(detail?.change)]
    const message = detail?.message as Parameters<typeof voicemailObject>[1] | undefined
    if (eventId === undefined || message === undefined) return
    const payLoad = voicemailObject(site, message)
    const reason = eventId === 24 ? 'CREATED' : eventId === 26 ? 'DELETED' : 'UPDATED'
    site.out.toUser(user.key, 'agent', eventId, payLoad, reason)
    if (eventId === 24) site.out.toUser(user.key, 'agent', 27, payLoad, reason)
  },
  registration: (site, user) => {
    const station = site.sessions.of(user.key)?.halves.agent.station
    if (station === undefined || station.stationType === 'EMPTY') return
    const state = site.pbx.core.parts.phones.registered(user.key).length > 0 ? 'CONNECTED' : 'DISCONNECTED'
    if (station.state === state) return
    station.state = state
    site.out.toUser(user.key, 'agent', 18, { ...station })
    if (state === 'DISCONNECTED') site.out.toUser(user.key, 'agent', 42, null)
  },
  monitored: (site, user, { detail, related }) => {
    const by = site.pbx.connections.get(related?.[0] ?? '')?.party.userKey
    if (by === undefined) return
    const state = detail?.state === 'ended' ? 'NONE' : { listen: 'SILENT', whisper: 'WHISPER', bargeIn: 'BARGE_IN' }[String(detail?.mode)]
    site.out.toUser(by, 'supervisor', 6005, { agentId: site.ids.users.id(user.key), monitorType: state })
  }
}
