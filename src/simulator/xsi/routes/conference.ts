/** The conference of a user (xsi.md 3.2). */
import { type Conference } from '../../pbx/types'
import { badRequest, CODES, XsiError } from '../errors'
import { type Reply, type UserCall } from '../http'
import { conferenceEl, findConference, monitoringEl } from '../render/conference'
import { route, type Route } from '../router'
import { all, child, textOf } from '../tree'
import { callKey, forUser, ownConnection } from './users'

function own (call: UserCall): Conference {
  const conference = findConference(call.site, call.user.key)
  if (!conference) throw new XsiError(404, CODES.notFound, 'There is no conference')
  return conference
}

function start (call: UserCall): Reply {
  const ids = all(child(call.body, 'conferenceParticipantList'), 'conferenceParticipant').map((item) => textOf(item, 'callId') ?? '')
  if (call.body?.name !== 'Conference' || ids.length < 2) throw badRequest('A Conference with two callIds is expected')
  call.site.pbx.conferenceStart(call.user.key, ids.map((id) => ownConnection(call, id).key))
  return { status: 201, headers: { Location: `/v2.0/user/${call.userId}/calls/Conference` } }
}

function read (call: UserCall): Reply {
  const { site, user } = call
  const listening = site.pbx.connectionsOf(user.key).find((connection) => connection.monitor !== undefined)
  return { body: (listening && monitoringEl(site, listening, 'Conference')) ?? conferenceEl(site, own(call), 'Conference') }
}

function add (call: UserCall): Reply {
  own(call)
  call.site.pbx.conferenceAdd(call.user.key, callKey(call))
  return {}
}

/** Acts on the whole conference. */
function whole (method: string, path: string, act: (call: UserCall) => void): Route {
  return route('actions', `${method} /user/:user/calls/Conference${path}`, forUser((call) => {
    own(call)
    act(call)
    return {}
  }))
}

/** Acts on one participant. */
function participant (path: string, act: (call: UserCall, key: string) => void): Route {
  return route('actions', `PUT /user/:user/calls/Conference/:call/${path}`, forUser((call) => {
    const key = callKey(call)
    if (!own(call).connections.includes(key)) throw new XsiError(403, CODES.wrongCallState, 'The call is not in the conference')
    act(call, key)
    return {}
  }))
}

export const conferenceRoutes: Route[] = [
  route('actions', 'POST /user/:user/calls/Conference', forUser(start)),
  route('actions', 'GET /user/:user/calls/Conference', forUser(read)),
  whole('DELETE', '', ({ site, user }) => site.pbx.conferenceRelease(user.key)),
  whole('PUT', '/Hold', ({ site, user }) => site.pbx.conferenceHold(user.key)),
  whole('PUT', '/Talk', ({ site, user }) => site.pbx.conferenceResume(user.key)),
  whole('PUT', '/Mute', ({ site, user }) => site.pbx.conferenceMute(user.key, true)),
  route('actions', 'PUT /user/:user/calls/Conference/Unmute', forUser((call) => {
    const listening = call.site.pbx.connectionsOf(call.user.key).find((connection) => connection.monitor?.mode === 'listen')
    // Unmuting a silent monitor is the escalation to barge-in.
    if (listening) call.site.pbx.switchMonitor(listening.key, 'bargeIn')
    else call.site.pbx.conferenceMute(own(call).ownerUser, false)
    return {}
  })),
  // A participant is what the far end of that call is: muting concerns him, not the owner.
  participant('Mute', ({ site }, key) => site.pbx.setMuted(key, true)),
  participant('UnMute', ({ site }, key) => site.pbx.setMuted(key, false)),
  participant('Deaf', ({ site }, key) => site.pbx.setDeaf(key, true)),
  participant('UnDeaf', ({ site }, key) => site.pbx.setDeaf(key, false)),
  route('actions', 'PUT /user/:user/calls/Conference/:call', forUser(add))
]
