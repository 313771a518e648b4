/** What can be done to calls (webex-calling.md 3.1, 3.3, 8). */
import { type Connection, type User } from '../../pbx/types'
import { badRequest, callNotFound } from '../errors'
import { type Call, flag, neededText, type Reply, text, texts } from '../http'
import { callOf, type CallState, muteCapable, stateOf } from '../render/call'
import { parkedAgainst } from '../render/party'

type Action = (call: Call, user: User) => Reply

/** Of what kind a call is, for the table of what is possible; an alerting click-to-dial is a kind of its own. */
type Stage = CallState | 'lifting'

const TALKING: Stage[] = ['connected', 'remoteHeld']
const ANSWERED: Stage[] = [...TALKING, 'held']
const STAGES = {
  answer: ['alerting', 'lifting'], reject: ['alerting'], hold: TALKING, resume: ['held'], mute: TALKING, unmute: TALKING, divert: ['alerting', ...ANSWERED], transfer: ANSWERED, park: TALKING,
  transmitDtmf: TALKING, push: TALKING, startRecording: TALKING, stopRecording: TALKING, pauseRecording: TALKING, resumeRecording: TALKING
} satisfies Record<string, Stage[]>

export const ACTIONS: Record<string, Action> = {
  dial: (call, user) => begun(call, call.site.pbx.originate(user.key, neededText(call, 'destination'), own(call, user))),
  answer: (call, user) => {
    const connection = needed(call, user, 'answer')
    const wanted = endpoint(call, user) ?? preferred(call, user)
    call.site.pbx.answer(connection.key, { byCti: true, ...(wanted !== undefined && (text(call, 'endpointId') !== undefined || connection.alertingDevices.includes(wanted)) ? { deviceKey: wanted } : {}) })
    return {}
  },
  reject: (call, user) => {
    const connection = needed(call, user, 'reject')
    const reject = REJECTIONS[text(call, 'action') ?? 'busy']
    if (reject === undefined) throw badRequest('action must be busy, temporarilyUnavailable or ignore')
    reject(call, connection.key)
    return {}
  },
  hangup: (call, user) => {
    call.site.pbx.release(ownCall(call, user, neededText(call, 'callId')).key)
    return {}
  },
  hold: simple('hold', (call, key) => { call.site.pbx.hold(key) }),
  resume: simple('resume', (call, key) => { call.site.pbx.resume(key) }),
  mute: (call, user) => mute(call, user, true),
  unmute: (call, user) => mute(call, user, false),
  divert,
  transfer,
  park: (call, user) => {
    const { pbx } = call.site
    const group = flag(call, 'isGroupPark') === true
    const slot = pbx.park(needed(call, user, 'park').key, group ? undefined : text(call, 'destination'), { group })
    return { status: 200, body: { parkedAgainst: parkedAgainst(call.site, slot.number) } }
  },
  retrieve: (call, user) => begun(call, call.site.pbx.retrieve(user.key, text(call, 'destination'), own(call, user))),
  pickup: (call, user) => begun(call, call.site.pbx.pickup(user.key, text(call, 'target'), own(call, user))),
  bargeIn: (call, user) => {
    const target = call.site.pbx.resolve(neededText(call, 'target'))
    if (target.kind !== 'user' || target.key === undefined) throw badRequest('target is nobody of this organization')
    return begun(call, call.site.pbx.monitor(user.key, target.key, 'bargeIn', own(call, user)))
  },
  pull: (call, user) => begun(call, call.site.pbx.pull(user.key, own(call, user))),
  push: simple('push', (call, key) => { call.site.pbx.push(key) }),
  transmitDtmf: (call, user) => {
    const connection = needed(call, user, 'transmitDtmf')
    call.site.pbx.dtmf(connection.key, neededText(call, 'dtmf'))
    return {}
  },
  startRecording: simple('startRecording', (call, key) => { call.site.pbx.record(key, 'start') }),
  stopRecording: simple('stopRecording', (call, key) => { call.site.pbx.record(key, 'stop') }),
  pauseRecording: simple('pauseRecording', (call, key) => { call.site.pbx.record(key, 'pause') }),
  resumeRecording: simple('resumeRecording', (call, key) => { call.site.pbx.record(key, 'resume') })
}

const REJECTIONS: Record<string, (call: Call, key: string) => void> = {
  busy: ({ site }, key) => { site.pbx.reject(key, 'busy') },
  temporarilyUnavailable: ({ site }, key) => { site.pbx.reject(key, 'unavailable') },
  ignore: ({ site }, key) => { site.pbx.silence(key) }
}

/** An open call of a person. @throws WebexError 404 */
export function ownCall ({ site }: Call, user: User, id: string): Connection {
  const connection = site.pbx.connections.get(site.ids.connectionKey(id) ?? '')
  if (connection === undefined || connection.state === 'null' || connection.party.userKey !== user.key || connection.party.kind !== 'user') throw callNotFound()
  return connection
}

/** Reasons after an agent's last call (members families only). */
export function wrapUpReasons (call: Call, user: User): Reply {
  const { pbx } = call.site
  const agent = pbx.agentOf(user.key)
  if (agent === undefined) throw badRequest('The member is no agent')
  for (const name of texts(call, 'wrapupReasons')) {
    const known = pbx.dispositions.find((disposition) => disposition.name === name)
    if (known === undefined) throw badRequest(`There is no wrap-up reason ${name}`)
    pbx.dispose(agent.key, known.code)
  }
  return {}
}

/** Calls of a person as a list. */
export function listed (call: Call, user: User): Reply {
  return { body: { items: call.site.pbx.connectionsOf(user.key).map((connection) => callOf(call.site, connection)) } }
}

function stage (connection: Connection): Stage {
  return connection.personality === 'clickToDial' && connection.state === 'initiated' ? 'lifting' : stateOf(connection)
}

/** The call that the body names (where that is optional in the specification: or the only one), in a stage in which the action is possible. */
function needed (call: Call, user: User, action: keyof typeof STAGES): Connection {
  const id = text(call, 'callId')
  const all = call.site.pbx.connectionsOf(user.key)
  const only = OPTIONAL.has(action) && all.length === 1 ? all[0] : undefined
  return fit(id === undefined && only !== undefined ? only : ownCall(call, user, neededText(call, 'callId')), action)
}

const OPTIONAL = new Set<string>(['startRecording', 'stopRecording', 'pauseRecording', 'resumeRecording', 'transmitDtmf', 'push'])

function fit (connection: Connection, action: keyof typeof STAGES): Connection {
  const now = stage(connection)
  if (!(STAGES[action] as Stage[]).includes(now)) throw badRequest(`${action} is not possible while the call is ${now === 'lifting' ? 'alerting its own device' : now}`)
  return connection
}

function simple (action: keyof typeof STAGES, act: (call: Call, key: string) => void): Action {
  return (call, user) => {
    act(call, needed(call, user, action).key)
    return {}
  }
}

function mute (call: Call, user: User, muted: boolean): Reply {
  const connection = needed(call, user, muted ? 'mute' : 'unmute')
  if (!muteCapable(call.site, connection)) throw badRequest('The device cannot be muted from outside')
  call.site.pbx.setMuted(connection.key, muted)
  return {}
}

function divert (call: Call, user: User): Reply {
  const { pbx } = call.site
  const connection = needed(call, user, 'divert')
  const destination = text(call, 'destination')
  if (flag(call, 'toVoicemail') === true) {
    const whose = destination === undefined ? undefined : pbx.resolve(destination)
    if (whose !== undefined && whose.kind !== 'user') throw badRequest('destination has no voicemail')
    pbx.toVoicemail(connection.key, whose?.key)
  } else pbx.blindTransfer(connection.key, neededText(call, 'destination'))
  return {}
}

/** Two calls are joined at once; one call and a destination when the destination answers (3.3). */
function transfer (call: Call, user: User): Reply {
  const { pbx, lifting, ids } = call.site
  const [first, second, destination] = [text(call, 'callId1'), text(call, 'callId2'), text(call, 'destination')]
  if (first !== undefined && destination !== undefined) {
    const held = fit(ownCall(call, user, first), 'transfer')
    const wasTalking = stateOf(held) !== 'held'
    const consult = pbx.originate(user.key, destination)
    lifting.transferOnAnswer(held, consult, wasTalking)
    return { status: 201, body: { callId: ids.call(consult.key), callSessionId: ids.session(consult.callKey) } }
  }
  const both = first === undefined && second === undefined ? pbx.connectionsOf(user.key) : [first, second].flatMap((id) => id === undefined ? [] : ownCall(call, user, id))
  const [one, other] = both
  if (one === undefined || other === undefined || both.length !== 2) throw badRequest('A transfer needs two calls, or one and a destination')
  fit(one, 'transfer')
  fit(other, 'transfer')
  pbx.completeTransfer(one.key, other.key)
  return {}
}

/** The own phone rings first, that of `endpointId` or all. @throws WebexError 400 for an endpoint of somebody else, or two wishes at once */
function own (call: Call, user: User): { clickToDial: true; deviceKey?: string } {
  const deviceKey = endpoint(call, user)
  if (deviceKey !== undefined && text(call, 'singleNumberReachPhoneNumber') !== undefined) throw badRequest('endpointId and singleNumberReachPhoneNumber exclude each other')
  return { clickToDial: true, ...(deviceKey === undefined ? {} : { deviceKey }) }
}

function endpoint (call: Call, user: User): string | undefined {
  const id = text(call, 'endpointId')
  if (id === undefined) return undefined
  const device = call.site.ids.findEndpoint(id)
  if (device === undefined || device.userKey !== user.key) throw badRequest('endpointId is not known')
  return device.key
}

function preferred ({ site }: Call, user: User): string | undefined {
  const { key } = site.settings.get(user.key, 'preferredEndpoint')
  return typeof key === 'string' ? key : undefined
}

function begun ({ site }: Call, connection: Connection): Reply {
  site.lifting.expect(connection)
  return { status: 201, body: { callId: site.ids.call(connection.key), callSessionId: site.ids.session(connection.callKey) } }
}
