/** Call control (ipecs.md 3.2, 3.3). Requests are answered before their events. */
import { type Connection, type User } from '../../pbx/types'
import { ctiError, refusing } from '../errors'
import { type Call, choice, DONE, needed, type Reply, type Route, stationFor, whole } from '../http'
import { type Site } from '../site'

const MOST_REF = 0xffffffff
const DIALABLE = /^[0-9*#]{1,48}$/

/** @throws ApiError 400, code 111 */
function refIn (call: Call): number {
  return whole(call, 'callRefID', 1, MOST_REF)
}

/** A number to dial, as the client gave it and as the PBX understands it. @throws ApiError for what cannot be dialled */
export function target (call: Call, name: string, wrong: 'calledDevice' | 'destination' | 'forwarding' = 'calledDevice'): { digits: string; to: string } {
  const digits = needed(call, name)
  if (!DIALABLE.test(digits)) throw ctiError(wrong)
  return { digits, to: call.site.numbers.dialable(digits) }
}

/** The station's own leg under the reference of the request. @throws ApiError 404, code 106 */
export function legIn (call: Call, user: User, fits: (leg: Connection) => boolean = () => true): Connection {
  const legs = call.site.numbers.legs(user, refIn(call))
  const leg = legs.find(fits) ?? legs[0]
  if (leg === undefined) throw ctiError('connection')
  return leg
}

/** The answer that names a call. */
export function replyRef (site: Site, connection: Connection): Reply {
  return { data: { callRefID: site.numbers.ref(connection.callKey) } }
}

const rings = ({ state, personality }: Connection): boolean => state === 'alerting' && personality === 'terminator'
/** The station itself holds this leg. */
export const holds = ({ state, heldBy }: Connection): boolean => state === 'hold' && heldBy !== 'remote'

function make (call: Call): Reply {
  const { site } = call
  const user = stationFor(call)
  const { digits, to } = target(call, 'calledDN')
  const clickToDial = site.options.analogue.includes(user.extension)
  const leg = site.memory.while({ userKey: user.key, dialled: digits }, () => refusing({ invalidNumber: 'calledDevice' }, () => site.pbx.originate(user.key, to, { clickToDial })))
  return replyRef(site, leg)
}

function answer (call: Call): Reply {
  const { site } = call
  const leg = legIn(call, stationFor(call), rings)
  // A held call that rings its station again is answered by taking it back.
  if (site.memory.recalling.has(leg.key)) site.pbx.resume(leg.key)
  else refusing({ wrongState: 'noCallToAnswer', notAllowed: 'serviceNotSupported' }, () => { site.pbx.answer(leg.key, { byCti: true }) })
  return DONE
}

/** Hangs up, or refuses what rings. In a conference the station leaves, the others go on. */
function clear (call: Call): Reply {
  const { site: { pbx } } = call
  const user = stationFor(call)
  const leg = legIn(call, user)
  if (leg.conferenceKey === undefined) pbx.release(leg.key)
  else if (pbx.conferenceOf(user.key) !== undefined) refusing({ wrongState: 'noConnectionToClear' }, () => { pbx.leave(user.key) })
  else pbx.release(leg.key)
  return DONE
}

/** Sends a call that rings, talks or waits in a group to somebody else. */
function reroute (call: Call): Reply {
  const { site } = call
  const { pbx, numbers } = site
  const { to } = target(call, 'divertToDN', 'destination')
  const group = numbers.group(needed(call, 'deviceNumber'))
  if (group !== undefined) {
    const ref = refIn(call)
    const entry = pbx.queued(group.key).find(({ callKey }) => numbers.ref(callKey) === ref)
    if (entry === undefined) throw ctiError('connection')
    pbx.queueRedirect(entry.key, to)
    return DONE
  }
  const user = stationFor(call)
  const leg = legIn(call, user, rings)
  site.memory.while({ userKey: user.key, kind: 'reroute' }, () => {
    if (rings(leg)) pbx.deflect(leg.key, to)
    else pbx.blindTransfer(leg.key, to)
  })
  return DONE
}

function hold (call: Call): Reply {
  const { pbx } = call.site
  const user = stationFor(call)
  const leg = legIn(call, user)
  if (leg.conferenceKey !== undefined && pbx.conferenceOf(user.key) !== undefined) pbx.conferenceHold(user.key)
  else pbx.hold(leg.key)
  return DONE
}

function retrieve (call: Call): Reply {
  const { pbx } = call.site
  const user = stationFor(call)
  const leg = legIn(call, user, holds)
  if (leg.conferenceKey !== undefined && pbx.conferenceOf(user.key) !== undefined) refusing({ wrongState: 'noHeldCall' }, () => { pbx.conferenceResume(user.key) })
  else refusing({ wrongState: 'noHeldCall' }, () => { pbx.resume(leg.key) })
  return DONE
}

/** Holds and calls somebody: the new call has a reference of its own. */
function consultation (call: Call): Reply {
  const { site } = call
  const user = stationFor(call)
  const leg = legIn(call, user)
  const { digits, to } = target(call, 'calledDN')
  choice(call, 'svcType', ['transfer', 'conference'])
  if (leg.state !== 'connected' && !holds(leg)) throw ctiError('connectionState')
  const consult = site.memory.while({ userKey: user.key, dialled: digits, heldKey: leg.key, kind: 'consultation' }, () => refusing({ invalidNumber: 'calledDevice' }, () => site.pbx.originate(user.key, to)))
  return replyRef(site, consult)
}

/** The held and the active call of a station, of which the request names one: which one is not said. @throws ApiError 106, 201 */
function pair (call: Call, user: User): { held: Connection; active: Connection } {
  const { site } = call
  const named = legIn(call, user)
  const own = site.pbx.connectionsOf(user.key)
  const held = holds(named) ? named : own.find((leg) => leg.key === site.memory.consults.get(named.callKey) && holds(leg)) ?? own.find((leg) => leg !== named && holds(leg))
  const active = named === held ? own.findLast((leg) => leg !== held && !holds(leg) && !rings(leg)) : named
  if (held === undefined) throw ctiError('noHeldCall')
  if (active === undefined) throw ctiError('connectionState')
  const { refOf } = site.options
  if (refOf !== 'either' && (refOf === 'held') !== (named === held)) throw ctiError('connection')
  return { held, active }
}

function transfer (call: Call): Reply {
  const { site } = call
  const { held, active } = pair(call, stationFor(call))
  const reply = replyRef(site, held)
  site.pbx.completeTransfer(held.key, active.key)
  return reply
}

function singleStep (call: Call): Reply {
  const { site } = call
  const leg = legIn(call, stationFor(call))
  const { to } = target(call, 'transferDN', 'destination')
  const reply = replyRef(site, leg)
  if (rings(leg)) throw ctiError('connectionState')
  site.pbx.blindTransfer(leg.key, to)
  return reply
}

/** One digit, or several: the name is singular, the type is a set of signs. */
function dialDigit (call: Call): Reply {
  const leg = legIn(call, stationFor(call))
  const digits = needed(call, 'dialDigit')
  if (!/^[0-9*#]+$/.test(digits)) throw ctiError('value')
  call.site.pbx.dtmf(leg.key, digits)
  return DONE
}

/** Drops the active call and goes back to the held one. */
function reconnect (call: Call): Reply {
  const { site } = call
  const { held, active } = pair(call, stationFor(call))
  site.pbx.release(active.key)
  site.pbx.resume(held.key)
  return DONE
}

/** Held and active call become one; a further call joins the conference that is there. */
function conference (call: Call): Reply {
  const { site } = call
  const user = stationFor(call)
  const { held, active } = pair(call, user)
  const own = site.pbx.conferenceOf(user.key)
  if (own === undefined) site.pbx.conferenceStart(user.key, [held.key, active.key])
  else site.pbx.conferenceAdd(user.key, held.conferenceKey === own.key ? active.key : held.key)
  return replyRef(site, held)
}

export const callRoutes: Record<string, Route> = {
  'POST call/make': make,
  'POST call/answer': answer,
  'POST call/clear_connection': clear,
  'POST call/reroute': reroute,
  'POST call/hold': hold,
  'POST call/retrieve': retrieve,
  'POST call/consultation': consultation,
  'POST call/transfer': transfer,
  'POST call/1step_transfer': singleStep,
  'POST call/dial_digit': dialDigit,
  'POST call/reconnect': reconnect,
  'POST call/conference': conference
}
