/** What the simulator's house is, against what a session believes: servers that list channels, and those that only tell the state of phones. */
import type { Call, Condition } from '../../../src/model'
import type { Connection } from '../../../src/simulator/pbx/types'
import { PLACE_MS } from '../../../src/xivo/channelLegs'
import type { Simulator } from '../../../src/simulator/simulator'
import type { XivoFace } from '../../../src/simulator/xivo/face'
import type { Stage } from './stage'

const CONDITIONS: readonly Condition[] = ['always', 'busy', 'noAnswer']
const STATES: Readonly<Record<string, readonly string[]>> = {
  initiated: ['initiated', 'dialing'], alerting: ['ringing', 'dialing', 'remoteRinging', 'initiated'], connected: ['active'], hold: ['held'], queued: ['dialing', 'remoteRinging', 'active'],
  fail: ['failed', 'dialing', 'remoteRinging', 'active']
}
/** Listening, a mailbox: an application runs on the own channel, and no other end ever shows (xivo-cti.md 4.4). */
const OF_APPLICATION: readonly string[] = ['initiated', 'dialing', 'ringing', 'active']
const AVAILABILITY: Readonly<Record<string, readonly string[]>> = {
  loggedOut: ['loggedOut'], wrapUp: ['wrapUp', 'notReady'], notReady: ['notReady'], ready: ['ready'], busy: ['busy', 'ready', 'notReady']
}

type LegsOf = (ownerId: string) => readonly Call[]
interface At { readonly phone: string; readonly connection: Connection }

const siteOf = (simulator: Simulator): XivoFace['site'] => (simulator.face('xivo') as XivoFace).site

/** A call is at each phone that it rings, or at the one that is used. */
function callsAt (simulator: Simulator, userKey: string): At[] {
  const { pbx } = simulator
  const { ids } = siteOf(simulator)
  return pbx.connectionsOf(userKey).filter(({ state }) => state !== 'null').flatMap((connection) => {
    const { state, alertingDevices, deviceKey } = connection
    const isRinging = (state === 'alerting' || state === 'initiated') && alertingDevices.length > 0
    return (isRinging ? alertingDevices : deviceKey === undefined ? [] : [deviceKey]).map((device) => ({ phone: ids.id('phone', device), connection }))
  })
}

function statesOf ({ pbx }: Simulator, connection: Connection): readonly string[] | undefined {
  const other = pbx.otherEnd(connection)
  const isAlone = connection.monitor !== undefined || other?.party.kind === 'voicemail' || other?.party.kind === 'announcement' || connection.remote?.kind === 'voicemail'
  if (isAlone && connection.state === 'connected') return OF_APPLICATION
  // The far end was transferred and rings again: the channel goes on as it was.
  return connection.state === 'alerting' && connection.answeredAt !== undefined ? [...STATES.alerting ?? [], 'active'] : STATES[connection.state]
}

const shown = (legs: readonly Call[], calls: readonly At[]): string =>
  `session [${legs.map(({ device, state, vendorId }) => `${device?.id ?? ''} ${vendorId ?? ''} ${state}`).join()}] house [${calls.map(({ phone, connection: { key, state, heldBy, personality } }) => `${phone} ${key} ${state} ${heldBy ?? ''} ${personality}`).join()}]`

/** ms until the session has waited for a direction: it learns of a call and of the time some steps late. */
const PLACED_MS = PLACE_MS + 10_000

/** A second call of a phone that rings nobody, or one from a party without a channel: the server does not tell at once who calls whom. */
function isUnplaced ({ pbx }: Simulator, phone: string, connection: Connection, calls: readonly At[]): boolean {
  const other = pbx.otherEnd(connection)?.party.kind
  const isHidden = (connection.direction === 'outbound' && calls.filter((call) => call.phone === phone).length > 1) || (other !== 'user' && other !== 'external')
  return isHidden && pbx.now() - connection.startedAt < PLACED_MS
}

/** With channels: one leg for each call at each phone, in the state of the call. */
function channelsDiffer (simulator: Simulator, legs: readonly Call[], calls: readonly At[]): boolean {
  const rest = [...legs]
  for (const { phone, connection } of calls) {
    const at = rest.findIndex((leg) => leg.device?.id === phone && statesOf(simulator, connection)?.includes(leg.state) === true)
    if (at >= 0) rest.splice(at, 1)
    else if (!isUnplaced(simulator, phone, connection, calls)) return true
  }
  return rest.length > 0
}

/** Calls at one phone that its state can still tell apart. */
const MOST_CALLS = 2

/** Without: no phone rings or talks for nothing. How many calls a busy phone has is not told (xivo-cti.md 10, trap 15), and one that went away has none (7.1). */
function hintsDiffer (simulator: Simulator, legs: readonly Call[], calls: readonly At[]): boolean {
  const { pbx } = simulator
  const { ids } = siteOf(simulator)
  const phones = new Set([...legs.map(({ device }) => device?.id ?? ''), ...calls.map(({ phone }) => phone)])
  return [...phones].some((phone) => {
    const [told, real] = [legs.filter(({ device }) => device?.id === phone), calls.filter((call) => call.phone === phone)]
    if (pbx.devices.get(ids.key('phone', phone) ?? '')?.registered !== true) return told.length > 0
    // The calls of the own line are those that talk: one whose far end rings is not among them (4.7).
    if (real.length === 0 || told.length === 0) return told.length > 0 || real.some(({ connection: { state, personality } }) => (state !== 'alerting' && state !== 'fail') || personality !== 'originator')
    if (real.length > MOST_CALLS) return false
    const rings = real.some(({ connection: { state, personality } }) => state === 'alerting' && personality === 'terminator')
    return rings !== told.some(({ state }) => state === 'ringing' || state === 'initiated') && !(real.some(({ connection: { state } }) => state === 'initiated'))
  })
}

/** Users whose legs are not those of their calls at their phones. */
export function callDifferences (simulator: Simulator, legsOf: LegsOf, people: readonly string[] = [...simulator.pbx.users.keys()]): string[] {
  const { ids, release } = siteOf(simulator)
  return people.flatMap((key) => {
    const [legs, calls] = [legsOf(ids.id('user', key)), callsAt(simulator, key)]
    return (release.channels ? channelsDiffer : hintsDiffer)(simulator, legs, calls) ? [`${key}: ${shown(legs, calls)}`] : []
  })
}

/** @param isOver nothing is still to come: callers who left a queue have their reason (model.md 3.3) */
export function differences ({ simulator, session: { picture } }: Stage, isOver = false): string[] {
  const { pbx } = simulator
  const { ids } = siteOf(simulator)
  const wrong = callDifferences(simulator, (id) => picture.callsOf(id))
  for (const user of pbx.users.values()) {
    const id = ids.id('user', user.key)
    if ((picture.dnd(id)?.enabled ?? false) !== user.dnd.enabled) wrong.push(`${user.key}: do not disturb is ${user.dnd.enabled}`)
    for (const condition of CONDITIONS) if ((picture.forwarding(id)?.rules[condition]?.enabled ?? false) !== user.forwarding[condition].enabled) wrong.push(`${user.key}: ${condition} is ${user.forwarding[condition].enabled}`)
  }
  for (const { key } of pbx.agents.values()) {
    const [state, told] = [pbx.agentState(key), picture.agent(ids.id('agent', key))?.state]
    if (told === undefined || AVAILABILITY[state]?.includes(told) !== true) wrong.push(`${key} is ${state}, told ${told}`)
  }
  for (const queue of pbx.queues.values()) {
    const callers = pbx.queued(queue.key).map((entry) => pbx.otherEnd(entry)?.party)
    const waiting = callers.filter((party) => party?.kind === 'user' || party?.kind === 'external').map((party) => party?.number ?? '').sort()
    const legs = picture.callsOf(`queue:xivo/${ids.id('queue', queue.key)}`)
    const told = legs.map(({ from }) => from?.number ?? '').sort()
    const missing = waiting.filter((number) => !told.includes(number))
    if (missing.length > 0 || told.length < waiting.length || (isOver && told.length !== waiting.length)) wrong.push(`${queue.key}: session ${told.join()}, house ${waiting.join()}`)
  }
  return wrong
}
