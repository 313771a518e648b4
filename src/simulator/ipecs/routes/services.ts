/** What stations set for themselves, messages, paging, the numbering plan (ipecs.md 3.2, 4.6, 9.7). */
import { type Condition, type User } from '../../pbx/types'
import { ctiError, refusing } from '../errors'
import { attendant } from '../events/services'
import { type Call, choice, DONE, needed, optional, type Reply, type Route, stationFor, whole } from '../http'
import { type Site } from '../site'
import { forwardingOf } from '../status'
import { pad4 } from '../numbers'
import { target } from './calls'
import { terminals } from './monitor'

const CONDITIONS: Condition[] = ['always', 'busy', 'noAnswer', 'notReachable']
/** Conditions of the PBX by type of this switch, which has one forwarding at a time. */
const TYPES: Record<string, Condition[]> = { disable: [], uncondition: ['always'], busy: ['busy'], no_answer: ['noAnswer'], busy_noans: ['busy', 'noAnswer'] }

/** The number whose service it is: a station's own, as there are no personal groups here. */
function owner (call: Call): User {
  stationFor(call)
  const user = call.site.numbers.station(optional(call, 'DN') ?? needed(call, 'deviceNumber'))
  if (user === undefined) throw ctiError('callingDevice')
  return user
}

function setForward (call: Call): Reply {
  const { pbx } = call.site
  const user = owner(call)
  const cfwdType = choice(call, 'cfwdType', ['disable', 'uncondition', 'busy', 'no_answer', 'busy_noans', 'DND'])
  if (cfwdType === 'DND') {
    pbx.setDnd(user.key, true)
    return DONE
  }
  const wanted = TYPES[cfwdType] ?? []
  const to = wanted.length === 0 ? undefined : target(call, 'destNumber', 'forwarding').to
  // The target is checked before anything changes.
  for (const condition of wanted) refusing({ invalidNumber: 'forwarding', invalidValue: 'forwarding' }, () => pbx.setForwarding(user.key, condition, { enabled: true, to }))
  for (const condition of CONDITIONS) if (!wanted.includes(condition) && user.forwarding[condition].enabled) pbx.setForwarding(user.key, condition, { enabled: false })
  return DONE
}

function getForward (call: Call): Reply {
  const user = owner(call)
  const { cfwdType, destNumber, ringTime } = forwardingOf(call.site, user)
  const shown = cfwdType === 'disable' && user.dnd.enabled ? 'DND' : cfwdType
  return { data: { cfwdType: shown, destNumber, ...(ringTime === undefined ? {} : { ringTime }) } }
}

function setDnd (call: Call): Reply {
  const user = owner(call)
  call.site.pbx.setDnd(user.key, choice(call, 'svcType', ['enable', 'disable']) === 'enable')
  return DONE
}

function getDnd (call: Call): Reply {
  return { data: { svcType: owner(call).dnd.enabled ? 'enable' : 'disable' } }
}

function getMwi (call: Call): Reply {
  const { messages } = stationFor(call).mailbox
  const count = (read: boolean, urgent?: boolean): number => messages.filter((message) => message.read === read && (urgent === undefined || message.urgent === urgent)).length
  return { data: { msgStatus: String(count(false) > 0), newMsg: count(false), oldMsg: count(true), newUrgentMsg: count(false, true) } }
}

/** Which index is which zone is not documented: 0 is all, then internal zones, then external ones. */
function flexPage (call: Call): Reply {
  const { site } = call
  const index = whole(call, 'page_index', 0, site.options.internalZones + site.options.externalZones)
  needed(call, 'service_num')
  const { internalZones } = site.options
  const [code, zone] = index === 0 ? [52, 0] : index <= internalZones ? [54, index] : [53, index - internalZones]
  site.out.acd(site.pbx.now(), code, { source: { type: 'Station', number: attendant(site) }, ...(zone === 0 ? {} : { data1: pad4(zone) }) })
  return DONE
}

export const serviceRoutes: Record<string, Route> = {
  'POST call/forward': setForward,
  'GET call/forward': getForward,
  'POST call/dnd': setDnd,
  'GET call/dnd': getDnd,
  'GET call/mwi': getMwi,
  'POST call/flexpage': flexPage
}

/** Fields of `numbering`. */
export function numberingPlan (site: Site): Record<string, unknown> {
  const { pbx, options, numbers } = site
  const groups = [...pbx.queues.values()].map((queue) => numbers.groupNumber(queue)).sort()
  return {
    deviceINFO: terminals({ site }),
    systemINFO: [
      { parkStartNumber: String(options.parkStart), parkEndNumber: String(options.parkStart + Math.max(0, pbx.parkNumbers.length - 1)) },
      { groupStartNumber: groups[0] ?? '', groupEndNumber: groups.at(-1) ?? '' }
    ]
  }
}
