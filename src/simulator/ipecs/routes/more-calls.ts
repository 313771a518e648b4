/** Busy services, park and pickup (ipecs.md 3.2, 9.3, 9.7). */
import { type Connection, type User } from '../../pbx/types'
import { ctiError, refusing } from '../errors'
import { type Call, choice, DONE, optional, type Reply, type Route, stationFor, whole } from '../http'
import { legIn, replyRef } from './calls'

const MOST_LOCATION = 999

/** What one can do on the busy tone of a station, and only there. */
const SERVICES = { intrude, callback: callBack, campon: campOn, callwait: campOn }

function intrude (call: Call, user: User, leg: Connection): Reply {
  const { pbx, memory } = call.site
  const target = leg.remote?.userKey ?? ''
  if (!user.supervisor) throw ctiError('accessDenied')
  pbx.release(leg.key)
  return replyRef(call.site, memory.while({ userKey: user.key, kind: 'feature' }, () => pbx.monitor(user.key, target, 'bargeIn')))
}

/** The station is called when the other one is free. */
function callBack (call: Call, user: User, leg: Connection): Reply {
  const { pbx, memory } = call.site
  const reply = replyRef(call.site, leg)
  memory.callbacks.set(user.key, leg.remote?.userKey ?? '')
  pbx.release(leg.key)
  return reply
}

function campOn (call: Call, user: User, leg: Connection): Reply {
  const { pbx, memory } = call.site
  memory.while({ userKey: user.key, kind: 'campOn' }, () => pbx.campOn(leg.key))
  return replyRef(call.site, leg)
}

function busyService (call: Call): Reply {
  const user = stationFor(call)
  const leg = legIn(call, user)
  const type = choice(call, 'type', ['intrude', 'callback', 'campon', 'callwait'])
  if (leg.state !== 'fail' || leg.cause !== 'busy' || leg.remote?.kind !== 'user') throw ctiError('connectionState')
  return SERVICES[type](call, user, leg)
}

function cancelCallBack (call: Call): Reply {
  const user = stationFor(call)
  choice(call, 'svcType', ['false'])
  if (!call.site.memory.callbacks.delete(user.key)) throw ctiError('state')
  return DONE
}

function park (call: Call): Reply {
  const { pbx, numbers } = call.site
  const { number } = pbx.park(legIn(call, stationFor(call)).key, undefined, { group: true })
  return { data: { parkingLoc: numbers.parkingLoc(number) } }
}

function unpark (call: Call): Reply {
  const { pbx, numbers, memory } = call.site
  stationFor(call)
  const user = stationFor(call, 'callingDN')
  const slot = numbers.slot(whole(call, 'parkingLoc', 0, MOST_LOCATION))
  if (slot === undefined) throw ctiError('value')
  memory.while({ userKey: user.key, kind: 'feature' }, () => refusing({ noCall: 'noHeldCall' }, () => pbx.retrieve(user.key, slot)))
  return DONE
}

function pickup (call: Call): Reply {
  const { pbx, memory, numbers } = call.site
  stationFor(call)
  const user = stationFor(call, 'callingDN')
  const picked = optional(call, 'pickedDN')
  const direct = choice(call, 'pickupType', ['group_pickup', 'direct_pickup']) === 'direct_pickup'
  if (direct && (picked === undefined || numbers.station(picked) === undefined)) throw ctiError('calledDevice')
  memory.while({ userKey: user.key, kind: 'feature', pickup: true }, () => refusing({ noCall: 'noCallToAnswer', unknownUser: 'calledDevice' }, () => pbx.pickup(user.key, picked)))
  return DONE
}

export const moreRoutes: Record<string, Route> = {
  'POST call/busy_service': busyService,
  'POST call/call_back': cancelCallBack,
  'POST call/park': park,
  'POST call/unpark': unpark,
  'POST call/pickup': pickup
}
