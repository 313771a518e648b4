/** Conference controls in their three families (webex-calling.md 3.4; those of members are new, U1). A person has at most one conference, which has no id. */
import { type User } from '../../pbx/types'
import { ADMIN_CALLS_READ, ADMIN_CALLS_WRITE, CALLS_READ, CALLS_WRITE } from '../auth/scopes'
import { WebexError } from '../errors'
import { type Call, neededText, type Reply, text, texts } from '../http'
import { conferenceOf, monitoringOf } from '../render/conference'
import { route, type Route } from '../router'
import { ownCall } from './actions'
import { member, self } from './whose'

type Act = (call: Call, user: User) => void

const ACTIONS: Record<string, Act> = {
  addParticipant: (call, user) => { call.site.pbx.conferenceAdd(user.key, ownCall(call, user, neededText(call, 'callId')).key) },
  mute: (call, user) => { mute(call, user, true) },
  unmute: (call, user) => { mute(call, user, false) },
  deafen: (call, user) => { call.site.pbx.setDeaf(participant(call, user), true) },
  undeafen: (call, user) => { call.site.pbx.setDeaf(participant(call, user), false) },
  hold: (call, user) => { call.site.pbx.conferenceHold(user.key) },
  resume: (call, user) => { call.site.pbx.conferenceResume(user.key) }
}

/** They change what a supervisor does who joined somebody's call. */
const TYPES = { bargeIn: 'bargeIn', silentMonitor: 'listen', supervisorCoach: 'whisper' } as const

const FAMILIES = [
  { base: '/v1/telephony/conference', whole: '', whose: self, read: [...CALLS_READ, ...ADMIN_CALLS_READ], write: [...CALLS_WRITE, ...ADMIN_CALLS_WRITE], types: false },
  { base: '/v1/telephony/conference/members/me', whole: '/conference', whose: self, read: [...CALLS_READ, ...ADMIN_CALLS_READ], write: [...CALLS_WRITE, ...ADMIN_CALLS_WRITE], types: true },
  { base: '/v1/telephony/conference/members/:memberId', whole: '/conference', whose: member, read: ADMIN_CALLS_READ, write: ADMIN_CALLS_WRITE, types: true }
]

export const CONFERENCE_ROUTES: Route[] = FAMILIES.flatMap(({ base, whole, whose, read, write, types }) => {
  const row = (line: string, act: Act): Route => route(line, write, (call) => {
    act(call, whose(call))
    return {}
  })
  return [
    route(`GET ${base}${whole}`, read, (call) => details(call, whose(call))),
    row(`POST ${base}${whole}`, (call, user) => { call.site.pbx.conferenceStart(user.key, texts(call, 'callIds').map((id) => ownCall(call, user, id).key)) }),
    row(`DELETE ${base}${whole}`, (call, user) => { call.site.pbx.conferenceRelease(user.key) }),
    ...Object.entries(ACTIONS).map(([name, act]) => row(`POST ${base}/${name}`, act)),
    ...(types ? Object.entries(TYPES).map(([name, mode]) => row(`POST ${base}/${name}`, (call, user) => { call.site.pbx.switchMonitor(monitoring(call, user), mode) })) : [])
  ]
})

function details ({ site }: Call, user: User): Reply {
  const conference = site.pbx.conferenceOf(user.key)
  return { body: conference === undefined ? monitoringOf(site, user.key) ?? {} : conferenceOf(site, conference) }
}

/** Without a call the host is meant (trap 13). */
function mute (call: Call, user: User, muted: boolean): void {
  if (text(call, 'callId') === undefined) call.site.pbx.conferenceMute(user.key, muted)
  else call.site.pbx.setMuted(participant(call, user), muted)
}

function participant (call: Call, user: User): string {
  const { key, conferenceKey } = ownCall(call, user, neededText(call, 'callId'))
  if (conferenceKey === undefined) throw new WebexError(400, 'The call is in no conference')
  return key
}

function monitoring ({ site }: Call, user: User): string {
  const own = site.pbx.connectionsOf(user.key).find(({ monitor }) => monitor !== undefined)
  if (own === undefined) throw new WebexError(404, 'There is no conference')
  return own.key
}
