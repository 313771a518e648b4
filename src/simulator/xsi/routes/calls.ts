/** Calls of a user: lists, details, beginning one, and everything that is done to one (xsi.md 3.2). */
import { type Connection } from '../../pbx/types'
import { badRequest, XsiError, CODES } from '../errors'
import { type Reply, type UserCall } from '../http'
import { callContent } from '../render/call'
import { route, type Route } from '../router'
import { attrs, el, text } from '../tree'
import { callKey, callUri, forUser, ownConnection } from './users'

const LOCATIONS = new Set(['all', 'primary', 'broadworksanywhere', 'sharedcallappearance', 'mobility', 'flexibleseatingguest'])

/** A parameter that must be there. @throws XsiError 400 */
export function needed (call: UserCall, name: string): string {
  const value = call.query.get(name.toLowerCase())?.trim()
  if (!value) throw badRequest(`Parameter ${name} is missing`)
  return value
}

/** What can be dialled of an address parameter. */
export function dialled (address: string): string {
  return address.replace(/^(tel|sip):/i, '')
}

/** 201 with CallStartInfo: the call exists, its events follow. */
export function started (call: UserCall, connection: Connection, status = 201): Reply {
  const { ids } = call.site
  const callId = ids.callId(connection.key)
  return {
    status,
    headers: status === 201 ? { Location: callUri(call, callId) } : undefined,
    body: el('CallStartInfo', text('callId', callId), text('externalTrackingId', ids.trackingId(connection.callKey)))
  }
}

/** The phone that a call shall begin on, from `location` and `locationAddress`. @throws XsiError 400 */
export function deviceOf (call: UserCall): string | undefined {
  const { site, user, query } = call
  const location = query.get('location')?.toLowerCase() ?? 'all'
  if (!LOCATIONS.has(location)) throw badRequest('Unknown location')
  const address = query.get('locationaddress')
  if (location === 'primary') return user.devices[0]
  if (location !== 'sharedcallappearance') return undefined
  if (!address) throw badRequest('Parameter locationAddress is missing')
  const device = user.devices.find((key) => site.names.addressOfRecord(user, key) === address)
  if (device === undefined) throw new XsiError(403, CODES.notPermitted, 'No such shared call appearance')
  return device
}

function list (call: UserCall): Reply {
  const { site, user } = call
  const calls = site.pbx.connectionsOf(user.key).filter((connection) => connection.state !== 'null')
  return {
    body: el('Calls', calls.map((connection) => {
      const callId = site.ids.callId(connection.key)
      return attrs(el('call', text('callId', callId), text('uri', callUri(call, callId))), { inConference: String(connection.conferenceKey !== undefined) })
    }))
  }
}

function details (call: UserCall): Reply {
  return { body: el('Call', callContent(call.site, ownConnection(call, call.params.call ?? ''), { network: true })) }
}

function originate (call: UserCall): Reply {
  const { site, user, query } = call
  const clid = query.get('clid')
  const info = query.get('info')
  const callerId = clid === undefined || clid === '' || clid === 'personal' ? undefined : clid
  const connection = site.pbx.originate(user.key, dialled(needed(call, 'address')), { clickToDial: true, callerId, info: info === '' ? undefined : info, deviceKey: deviceOf(call) })
  return started(call, connection)
}

/** The same verb answers, picks up one's own click-to-dial, and resumes. */
function talk (call: UserCall): Reply {
  const { pbx } = call.site
  const connection = ownConnection(call, call.params.call ?? '')
  if (connection.state === 'hold') pbx.resume(connection.key)
  else pbx.answer(connection.key, { byCti: true })
  return {}
}

const REASONS: Record<string, 'busy' | 'unavailable'> = { busy: 'busy', temporarilyunavailable: 'unavailable' }

function hangUp (call: UserCall): Reply {
  const { pbx } = call.site
  const connection = ownConnection(call, call.params.call ?? '')
  const alerts = connection.state === 'alerting' && connection.personality === 'terminator'
  if (!alerts) pbx.release(connection.key)
  else if (call.query.get('decline')?.toLowerCase() === 'true') {
    const reason = REASONS[(call.query.get('declinereason') ?? 'TemporarilyUnavailable').toLowerCase()]
    if (!reason) throw badRequest('declineReason must be Busy or TemporarilyUnavailable')
    pbx.reject(connection.key, reason)
  } else pbx.silence(connection.key)
  return {}
}

function blindTransfer (call: UserCall): Reply {
  const key = callKey(call)
  const toFront = call.query.get('tofront')?.toLowerCase() === 'true'
  call.site.pbx.blindTransfer(key, dialled(needed(call, 'address')), { toFront })
  return {}
}

function vmTransfer (call: UserCall): Reply {
  const { site } = call
  const key = callKey(call)
  const address = call.query.get('address')
  const found = address ? site.pbx.resolve(dialled(address)) : undefined
  const owner = found?.kind === 'user' || found?.kind === 'voicemail' ? found.key : undefined
  if (address && owner === undefined) throw new XsiError(403, CODES.invalidNumber, 'There is no mailbox at this address')
  site.pbx.toVoicemail(key, owner)
  return {}
}

function muteTransfer (call: UserCall): Reply {
  const connection = call.site.pbx.muteTransfer(callKey(call), dialled(needed(call, 'address')))
  return started(call, connection, 200)
}

function consultTransfer (call: UserCall): Reply {
  const { pbx } = call.site
  const first = ownConnection(call, call.params.call ?? '')
  const second = ownConnection(call, call.params.other ?? '')
  if (first.conferenceKey !== undefined && first.conferenceKey === second.conferenceKey) pbx.leave(call.user.key)
  else pbx.completeTransfer(first.key, second.key)
  return {}
}

function transmitDtmf (call: UserCall): Reply {
  call.site.pbx.dtmf(callKey(call), needed(call, 'playdtmf'))
  return {}
}

function clientInfo (call: UserCall): Reply {
  call.site.pbx.setInfo(callKey(call), needed(call, 'info'))
  return {}
}

function hookStatus (call: UserCall): Reply {
  return { body: el('HookStatus', text('hookStatus', call.user.hook === 'off' ? 'Off-Hook' : 'On-Hook')) }
}

/** A verb on one call that needs nothing else and answers nothing. */
function verb (path: string, act: (call: UserCall, key: string) => void): Route {
  return route('actions', `PUT /user/:user/calls/:call/${path}`, forUser((call) => {
    act(call, callKey(call))
    return {}
  }))
}

export const callRoutes: Route[] = [
  route('actions', 'GET /user/:user/calls', forUser(list)),
  route('actions', 'POST /user/:user/calls/New', forUser(originate)),
  route('actions', 'GET /user/:user/calls/HookStatus', forUser(hookStatus)),
  route('actions', 'PUT /user/:user/calls/:call/Talk', forUser(talk)),
  verb('Hold', ({ site }, key) => site.pbx.hold(key)),
  verb('Reconnect', ({ site }, key) => site.pbx.reconnect(key)),
  route('actions', 'PUT /user/:user/calls/:call/BlindTransfer', forUser(blindTransfer)),
  route('actions', 'PUT /user/:user/calls/:call/VmTransfer', forUser(vmTransfer)),
  route('actions', 'PUT /user/:user/calls/:call/MuteTransfer', forUser(muteTransfer)),
  route('actions', 'PUT /user/:user/calls/:call/ConsultTransfer/:other', forUser(consultTransfer)),
  route('actions', 'PUT /user/:user/calls/:call/TransmitDTMF', forUser(transmitDtmf)),
  route('actions', 'PUT /user/:user/calls/:call/ClientSessionInfo', forUser(clientInfo)),
  verb('Record', ({ site }, key) => site.pbx.record(key, 'start')),
  verb('StopRecording', ({ site }, key) => site.pbx.record(key, 'stop')),
  verb('PauseRecording', ({ site }, key) => site.pbx.record(key, 'pause')),
  verb('ResumeRecording', ({ site }, key) => site.pbx.record(key, 'resume')),
  route('actions', 'GET /user/:user/calls/:call', forUser(details)),
  route('actions', 'DELETE /user/:user/calls/:call', forUser(hangUp))
]
