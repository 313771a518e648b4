/** The account's own agent: login state, presence, skills, station (five9.md 4.3, 7.1; model.md 4). */
import { samePlain, type Agent, type AgentState, type DeviceState, type EventName } from '../model'
import type { EventDraft } from '../session/types'
import type { PictureView } from '../state/picture'
import type { Memory } from './memory'
import { channelsOf, routingOf } from './presence'
import { WORKING } from './protocol'
import { defined, fields, idsIn, iso, isFields, objects, stateWord, texts, textOf, time, type Fields } from './read'
import { asVendor, draft, type Reducer, type Scope } from './scope'

/** Own legs in these make the agent busy (model.md 4: a call of his own is work, ringing too). */
const BUSY: ReadonlySet<string> = new Set(['ringing', 'initiated', 'dialing', 'remoteRinging', 'active', 'held'])
const ENTERS: Readonly<Record<AgentState, EventName>> = {
  loggedOut: 'agent.loggedOut', wrapUp: 'agent.wrapUp', busy: 'agent.busy', notReady: 'agent.notReady', ready: 'agent.ready', unknown: 'agent.updated'
}
const EMPTY: Fields = Object.freeze({})

/** The own agent as it is now: the composite of login, wrap-up, calls and presence, in the order of model.md 4. */
export function ownAgent (memory: Memory, picture: PictureView, at: number): Agent {
  const { uid, reference, presence, loginState } = memory
  const known = picture.agent(uid)
  const calls = picture.callsOf(uid).filter(({ state }) => BUSY.has(state))
  const routing = routingOf(reference, presence)
  const loggedOut = loginState !== undefined && loginState !== WORKING
  const [wrapUp] = memory.wrapUps.values()
  const state: AgentState = loggedOut ? 'loggedOut' : calls.length > 0 ? 'busy' : wrapUp !== undefined ? 'wrapUp' : routing.routing ?? 'unknown'
  const told = time(presence?.currentStateTime)
  const count = (...states: string[]): number => calls.filter((call) => states.includes(call.state)).length
  const user = memory.userRef(uid)
  return defined({
    id: uid,
    name: user.name,
    number: user.number,
    user,
    state,
    ...(loggedOut ? {} : routing),
    reason: state === 'notReady' || state === 'busy' || state === 'wrapUp' ? routing.reason : undefined,
    since: known?.state === state ? known.since : state === routing.routing && told !== undefined ? told : iso(at),
    loggedInAt: loggedOut ? undefined : known?.loggedInAt,
    workload: loggedOut ? undefined : { acd: calls.filter(({ queue }) => queue !== undefined).length, other: calls.filter(({ queue }) => queue === undefined).length, ringing: count('ringing'), held: count('held') },
    callIds: calls.length === 0 ? undefined : calls.map(({ id }) => id),
    channels: loggedOut ? undefined : channelsOf(presence, texts(presence?.availableChannels)),
    queues: queuesOf(memory),
    wrapUp: state === 'wrapUp' && wrapUp !== undefined ? { callId: wrapUp } : undefined,
    vendorState: loginState
  }) as Agent
}

function queuesOf ({ reference, activeSkills, isSupervisor }: Memory): Agent['queues'] {
  if (activeSkills === undefined) return undefined
  // With a supervisor's half the list holds the skills of the domain, not the agent's.
  const ids = isSupervisor ? activeSkills : [...new Set([...reference.items('skills').map(({ id }) => id), ...activeSkills])]
  return ids.map((id) => defined({ id, name: reference.name('skills', id), joined: activeSkills.includes(id) })) as Agent['queues']
}

/** What is new about the own agent, compared with what was told before. Call it when the picture has taken the frame in. */
export function ownAgentDrafts (scope: Scope): EventDraft[] {
  const { memory, picture, frame } = scope
  if (!memory.isAgent || memory.uid === '') return []
  const known = picture.agent(memory.uid)
  const agent = ownAgent(memory, picture, frame.at)
  if (known !== undefined && samePlain(known, agent)) return []
  if (known === undefined && agent.state === 'unknown') return []
  const about = { agent, user: memory.userRef(memory.uid) }
  if (known === undefined) return [draft(scope, ENTERS[agent.state], about)]
  const drafts = joinedDrafts(scope, known, agent)
  if (agent.state !== known.state) {
    if (known.state === 'loggedOut') {
      agent.loggedInAt = iso(frame.at)
      drafts.push(draft(scope, 'agent.loggedIn', about))
    }
    // No vendor message says busy: it follows from the own calls.
    drafts.push(draft(scope, ENTERS[agent.state], agent.state === 'busy' ? { ...about, derived: true } : about))
  } else if (agent.state === 'notReady' && !samePlain(agent.reason, known.reason)) drafts.push(draft(scope, 'agent.notReady', about))
  else drafts.push(draft(scope, 'agent.updated', about))
  return drafts
}

function joinedDrafts (scope: Scope, known: Agent, agent: Agent): EventDraft[] {
  if (known.queues === undefined || agent.queues === undefined) return []
  const was = new Set(known.queues.filter(({ joined }) => joined).map(({ id }) => id))
  const is = new Set(agent.queues.filter(({ joined }) => joined).map(({ id }) => id))
  const tell = (event: EventName, id: string): EventDraft => draft(scope, event, { agent, user: scope.memory.userRef(agent.id), queue: { id, ...defined({ name: scope.memory.reference.name('skills', id) }) } })
  return [...[...is].filter((id) => !was.has(id)).map((id) => tell('agent.queueJoined', id)), ...[...was].filter((id) => !is.has(id)).map((id) => tell('agent.queueLeft', id))]
}

/** The station of the agent as a device; one without voice is no phone. */
export function deviceOf (memory: Memory, station: Fields = memory.station ?? EMPTY): DeviceState | undefined {
  const type = textOf(station, 'stationType', 'type')?.toUpperCase()
  const state = textOf(station, 'state', 'stationState')?.toUpperCase()
  if ((type === undefined && state === undefined) || type === 'EMPTY') return undefined
  return defined({ id: textOf(station, 'stationId', 'id') ?? `station:${memory.uid}`, name: type, kind: type === 'SOFTPHONE' ? 'app' as const : 'phone' as const, registered: state === undefined ? undefined : state === 'CONNECTED' })
}

/** 18: the station was selected, connected or lost. */
const station: Reducer = (scope) => {
  const { frame, memory, picture } = scope
  if (!isFields(frame.payload)) return asVendor(scope)
  memory.station = { ...memory.station, ...frame.payload }
  return deviceDrafts(scope, deviceOf(memory), picture)
}

function deviceDrafts (scope: Scope, device: DeviceState | undefined, picture: PictureView): EventDraft[] {
  if (device?.registered === undefined) return asVendor(scope)
  if (device.id !== undefined && picture.device(device.id)?.registered === device.registered) return []
  return [draft(scope, device.registered ? 'device.registered' : 'device.unregistered', { device, user: scope.memory.userRef(scope.memory.uid) })]
}

/** 42: the station must be started again before it carries a call. */
const stationLost: Reducer = (scope) => {
  const device = deviceOf(scope.memory, { ...scope.memory.station, state: 'DISCONNECTED' })
  return [...deviceDrafts(scope, device, scope.picture), ...(device === undefined ? [] : asVendor(scope))]
}

/** 17: the agent's own; that of a supervisor has no neutral word. */
const loginState: Reducer = (scope) => {
  const state = stateWord(scope.frame.payload)
  if (state === undefined || scope.half !== 'agent') return asVendor(scope)
  scope.memory.loginState = state
  return []
}

const presence: Reducer = (scope) => {
  if (!isFields(scope.frame.payload)) return asVendor(scope)
  // Which channels exist is told by the agent's record only.
  const { availableChannels } = scope.memory.presence ?? EMPTY
  scope.memory.presence = { ...(availableChannels === undefined ? {} : { availableChannels }), ...scope.frame.payload }
  return []
}

/** 11: the complete list. Without one it is read again, see `reader.ts`. */
const activeSkills: Reducer = (scope) => {
  const payload = scope.frame.payload
  const told = Array.isArray(payload) ? payload : fields(payload).activeSkills ?? fields(payload).skills
  if (Array.isArray(told)) scope.memory.activeSkills = idsIn(told, 'skillId')
  return []
}

/** 15: agents who are ready, for those who look for a colleague. */
const readyAgents: Reducer = (scope) => {
  const payload = scope.frame.payload
  const ids = idsIn(Array.isArray(payload) ? payload : fields(payload).agents, 'agentId', 'userId')
  const rows = objects(payload)
  if (ids.length === 0) return asVendor(scope)
  return ids.flatMap((id) => {
    const row = rows.find((one) => textOf(one, 'agentId', 'userId', 'id') === id)
    const state = textOf(row ?? EMPTY, 'state', 'presence')
    const value = { value: state ?? 'READY', status: state === undefined || state === 'READY' ? 'available' as const : 'away' as const }
    return samePlain(scope.picture.presence(id), value) ? [] : [draft(scope, 'user.presence', { user: { ...scope.memory.userRef(id), id }, presence: value })]
  })
}

export const AGENT_REDUCERS: Readonly<Record<string, Reducer>> = { 11: activeSkills, 12: presence, 15: readyAgents, 17: loginState, 18: station, 42: stationLost }
