/** Calls that begin in another way than by dialling: park, pickup, monitoring, executive assistant, queue features (xsi.md 3.2). */
import { type User } from '../../pbx/types'
import { badRequest, CODES, unassigned, userNotFound, XsiError } from '../errors'
import { type Call, type Reply, type UserCall } from '../http'
import { addressEl } from '../render/party'
import { messageSummary } from '../render/voicemail'
import { route, type Route } from '../router'
import { el, text } from '../tree'
import { deviceOf, dialled, needed, started } from './calls'
import { callKey, forUser, ownConnection } from './users'

/** The phone of the user rings first, as with a feature code. */
function ownLeg (call: UserCall): { clickToDial: true; deviceKey: string | undefined } {
  return { clickToDial: true, deviceKey: deviceOf(call) }
}

/** A colleague by number, extension or user id. @throws XsiError */
function colleague (call: UserCall, address: string): User {
  const found = call.site.names.findUser(address) ?? call.site.pbx.users.get(call.site.pbx.resolve(dialled(address)).key ?? '')
  if (!found) throw userNotFound(address)
  return found
}

/** 200 with the address in Content-Location, colon not encoded: a published client cuts there (xsi.md 11). */
function park (group: boolean): (call: UserCall) => Reply {
  return (call) => {
    const address = group ? undefined : call.query.get('address')
    const slot = call.site.pbx.park(callKey(call), address ? dialled(address) : undefined, { group })
    return { headers: { 'Content-Location': `/v2.0/user/${call.userId}/calls/ParkRetrieve?address=tel:${slot.number}` } }
  }
}

function retrieve (call: UserCall): Reply {
  const address = call.query.get('address')
  return started(call, call.site.pbx.retrieve(call.user.key, address ? dialled(address) : undefined, ownLeg(call)))
}

function groupPickup (call: UserCall): Reply {
  return started(call, call.site.pbx.pickup(call.user.key, undefined, ownLeg(call)))
}

function directedPickup (call: UserCall): Reply {
  return started(call, call.site.pbx.pickup(call.user.key, dialled(needed(call, 'address')), ownLeg(call)))
}

function monitor (mode: 'listen' | 'whisper' | 'bargeIn'): (call: UserCall) => Reply {
  return (call) => started(call, call.site.pbx.monitor(call.user.key, colleague(call, needed(call, 'address')).key, mode, ownLeg(call)))
}

/** Monitors the next call of somebody who may not talk yet; without one there is nothing to begin. */
function monitorNext (call: UserCall): Reply {
  return monitor('listen')(call)
}

function switchMonitor (mode: 'listen' | 'whisper' | 'bargeIn'): (call: UserCall) => Reply {
  return (call) => {
    const own = call.site.pbx.connectionsOf(call.user.key).find((connection) => connection.monitor !== undefined)
    if (!own) throw new XsiError(403, CODES.wrongCallState, 'Nobody is monitored')
    call.site.pbx.switchMonitor(own.key, mode)
    return {}
  }
}

/** Dials one's own last partner: of a received call (return) or of a placed one (redial). */
function dialAgain (kinds: string[]): (call: UserCall) => Reply {
  return (call) => {
    const { pbx } = call.site
    const last = [...pbx.history].reverse().find((entry) => entry.userKey === call.user.key && kinds.includes(entry.kind) && entry.party.number !== undefined)
    if (last?.party.number === undefined) throw new XsiError(403, CODES.nothingThere, 'There is no call to return')
    return started(call, pbx.originate(call.user.key, last.party.number, ownLeg(call)))
  }
}

function pushToTalk (call: UserCall): Reply {
  return started(call, call.site.pbx.originate(call.user.key, dialled(needed(call, 'address')), ownLeg(call)))
}

/** Moves the own call to another phone of one's own. */
function callRetrieve (call: UserCall): Reply {
  const { pbx } = call.site
  const present = pbx.connectionsOf(call.user.key).find((connection) => connection.state === 'connected' || connection.state === 'hold')
  if (!present) throw new XsiError(403, CODES.nothingThere, 'There is no call to retrieve')
  return started(call, present)
}

function assistantCall (call: UserCall): Reply {
  const { pbx } = call.site
  const executive = colleague(call, needed(call, 'executiveAddress'))
  if (call.user.assistantOf !== executive.key) throw new XsiError(403, CODES.notPermitted, 'Calls for this executive are not allowed')
  return started(call, pbx.originate(call.user.key, dialled(needed(call, 'address')), { ...ownLeg(call), callerId: executive.numbers[0] ?? executive.extension }))
}

function assistantPush (call: UserCall): Reply {
  if (call.user.assistantOf === undefined) throw unassigned('Executive-Assistant')
  call.site.pbx.push(callKey(call))
  return {}
}

function agentOf (call: UserCall): string {
  if (call.user.agentKey === undefined) throw unassigned('Call Center')
  return call.user.agentKey
}

function disposition (call: UserCall): Reply {
  const agent = agentOf(call)
  const code = call.params.code ?? ''
  if (!call.site.pbx.dispositions.some((known) => known.code === code)) throw badRequest(`Unknown disposition code: ${code}`)
  call.site.pbx.dispose(call.params.call === undefined ? agent : ownConnection(call, call.params.call).key, code)
  return {}
}

/** The agent's supervisor is called; with a call of one's own that one is held for it. */
function escalate (call: UserCall): Reply {
  const { pbx } = call.site
  agentOf(call)
  const address = call.query.get('address')
  const supervisor = address ? undefined : [...pbx.users.values()].find((user) => user.supervisor)
  if (!address && !supervisor) throw new XsiError(403, CODES.nothingThere, 'There is no supervisor')
  const current = call.params.call === undefined ? undefined : ownConnection(call, call.params.call)
  if (current?.state === 'connected') pbx.hold(current.key)
  return started(call, pbx.originate(call.user.key, address ? dialled(address) : supervisor?.extension ?? '', ownLeg(call)))
}

function summary (call: UserCall): Reply {
  if (!call.user.features.voicemail) throw unassigned('Voice Messaging User')
  return { body: el('VoiceMailMessageSummary', messageSummary(call.user, 'summary')) }
}

function clearSummary (call: UserCall): Reply {
  if (!call.user.features.voicemail) throw unassigned('Voice Messaging User')
  for (const message of [...call.user.mailbox.messages]) if (!message.read) call.site.pbx.markVoicemail(call.user.key, message.id, true)
  return {}
}

/** Not authenticated by design (xsi.md 2.2): calls the user, then the address. */
function callMeNow (call: Call): Reply {
  const { site } = call
  const user = site.names.findUser(call.params.user ?? '')
  if (!user) throw userNotFound(call.params.user ?? '')
  const address = call.query.get('address')
  if (!address) throw badRequest('Parameter address is missing')
  const settings = site.settings.get(user.key, 'CallMeNow', { active: 'true', answerConfirmation: 'None' })
  if (settings.active !== 'true') throw unassigned('Call Me Now')
  site.pbx.originate(user.key, dialled(address), { clickToDial: true })
  return { body: el('CallMeNowStartInfo', settings.answerConfirmation === 'Passcode' ? text('passcode', '1234') : undefined) }
}

function imrn (call: UserCall): Reply {
  needed(call, 'callingPartyAddress')
  needed(call, 'calledPartyAddress')
  return { status: 201, body: el('IMRNInfo', addressEl('imrn', call.site.pbx.trunks.values().next().value?.number ?? '+12025550100')) }
}

/** Commands without an effect that this PBX could show; accepted when the call is there. */
const accepted = (call: UserCall): Reply => {
  if (call.params.call !== undefined) ownConnection(call, call.params.call)
  return {}
}

const USER = '/user/:user/calls'

export const moreCallRoutes: Route[] = [
  route('actions', `POST ${USER}/CallMeNow`, callMeNow, true),
  route('actions', `POST ${USER}/ParkRetrieve`, forUser(retrieve)),
  route('actions', `POST ${USER}/CallPickup`, forUser(groupPickup)),
  route('actions', `POST ${USER}/DirectedCallPickup`, forUser(directedPickup)),
  route('actions', `POST ${USER}/DirectedCallPickupBargeIn`, forUser(monitor('bargeIn'))),
  route('actions', `POST ${USER}/SilentMonitor`, forUser(monitor('listen'))),
  route('actions', `POST ${USER}/SilentMonitorNext`, forUser(monitorNext)),
  route('actions', `POST ${USER}/CoachAgent`, forUser(monitor('whisper'))),
  route('actions', `PUT ${USER}/Conference/BargeIn`, forUser(switchMonitor('bargeIn'))),
  route('actions', `PUT ${USER}/Conference/SilentMonitor`, forUser(switchMonitor('listen'))),
  route('actions', `PUT ${USER}/Conference/SupervisorCoach`, forUser(switchMonitor('whisper'))),
  route('actions', `POST ${USER}/CallRetrieve`, forUser(callRetrieve)),
  route('actions', `POST ${USER}/CallReturn`, forUser(dialAgain(['received', 'missed']))),
  route('actions', `POST ${USER}/LastNumberRedial`, forUser(dialAgain(['placed']))),
  route('actions', `POST ${USER}/PushToTalk`, forUser(pushToTalk)),
  route('actions', `POST ${USER}/ExecutiveAssistantInitiateCall`, forUser(assistantCall)),
  route('actions', `POST ${USER}/Escalate`, forUser(escalate)),
  route('actions', `POST ${USER}/CustomerOriginatedTrace`, forUser(accepted)),
  route('actions', `POST ${USER}/Imrn`, forUser(imrn)),
  route('actions', `GET ${USER}/MessageSummary`, forUser(summary)),
  route('actions', `DELETE ${USER}/MessageSummary`, forUser(clearSummary)),
  route('actions', `PUT ${USER}/MessageSummary`, forUser(() => { throw unassigned('Third-Party Voice Mail Support') })),
  route('actions', `DELETE ${USER}/AutomaticCallback`, forUser(accepted)),
  route('actions', `PUT ${USER}/DispositionCode/:code`, forUser(disposition)),
  route('actions', `PUT ${USER}/:call/DispositionCode/:code`, forUser(disposition)),
  route('actions', `PUT ${USER}/:call/Park`, forUser(park(false))),
  route('actions', `PUT ${USER}/:call/GroupCallPark`, forUser(park(true))),
  route('actions', `PUT ${USER}/:call/ExecutiveAssistantCallPush`, forUser(assistantPush)),
  route('actions', `PUT ${USER}/:call/FindMeFollowMeCallPush/:other`, forUser(() => { throw unassigned('Find-me/Follow-me') })),
  route('actions', `PUT ${USER}/:call/PlayMusicOnHold`, forUser(accepted)),
  route('actions', `POST ${USER}/:call/EmergencyEscalate`, forUser(escalate)),
  route('actions', `POST ${USER}/:call/CustomerOriginatedTrace`, forUser(accepted))
]
