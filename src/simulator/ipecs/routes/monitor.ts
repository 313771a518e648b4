/** Monitor and Presence, terminals (ipecs.md 3.2, 4.5, 5.1). */
import { badParameter, ctiError } from '../errors'
import { type Call, optional, type Reply, type Route } from '../http'
import { callStatus } from '../status'

/** Devices a request, and terminals a page. */
const MOST = 100

function devices (call: Call): string[] {
  const { deviceNumber } = call.params
  const list: unknown[] = Array.isArray(deviceNumber) ? deviceNumber : [deviceNumber]
  if (list.length === 0 || list.length > MOST) throw badParameter()
  return list.map((each) => {
    if (typeof each !== 'string' && typeof each !== 'number') throw ctiError('value')
    return String(each).trim()
  })
}

/** One line a device: a 200 may hold failures. */
function results (all: string[], check: (device: string) => string | undefined): { result: Record<string, string>[]; good: string[] } {
  const good: string[] = []
  const result = all.map((device) => {
    const fault = check(device)
    if (fault === undefined) good.push(device)
    return { [device]: fault ?? 'OK' }
  })
  return { result, good }
}

function monitorable (call: Call, device: string): string | undefined {
  const { numbers, options } = call.site
  if (options.refused.includes(device)) return 'AccessDenied'
  if (options.unlicensed.includes(device)) return 'serviceNotSupported'
  if (numbers.station(device) !== undefined) return undefined
  return options.monitorGroups && numbers.group(device) !== undefined ? undefined : 'invalidParameterValue'
}

/** A device that is out of service is answered OK, and told unregistered afterwards. */
function monitorStart (call: Call): Reply {
  const { site, session } = call
  const { result, good } = results(devices(call), (device) => monitorable(call, device))
  for (const device of good) {
    session.monitors.add(device)
    const user = site.numbers.station(device)
    if (user !== undefined && !site.numbers.inService(user)) site.out.toSession(session, device, 'unregistered')
  }
  return { plain: { result } }
}

function monitorStop (call: Call): Reply {
  const { monitors } = call.session
  const { result, good } = results(devices(call), (device) => monitors.has(device) ? undefined : 'invalidParameterValue')
  for (const device of good) monitors.delete(device)
  return { plain: good.length === result.length ? {} : { result } }
}

function presenceStart (call: Call): Reply {
  const { site, session } = call
  const { numbers } = site
  const { result, good } = results(devices(call), (device) => numbers.station(device) !== undefined || numbers.isLine(device) ? undefined : 'invalidParameterValue')
  for (const device of good) session.presences.add(device)
  return { plain: { result } }
}

function presenceStop (call: Call): Reply {
  const { presences } = call.session
  const { result, good } = results(devices(call), (device) => presences.has(device) ? undefined : 'invalidParameterValue')
  for (const device of good) presences.delete(device)
  return { plain: { result } }
}

/** Types of phones (ipecs.md 4.5, `numbering`). */
const TYPES = { desk: 'lip', app: 'sip', mobile: 'dect' }

/** All stations with the type of their first phone. */
export function terminals (call: Pick<Call, 'site'>): { devicePhy: string; deviceNumber: string; deviceType: string }[] {
  const { numbers, pbx, options } = call.site
  return numbers.stations().map(({ extension, devices: keys }, n) => ({
    devicePhy: String(n + 1), deviceNumber: extension, deviceType: options.analogue.includes(extension) ? 'slt' : TYPES[pbx.devices.get(keys[0] ?? '')?.kind ?? 'desk']
  }))
}

/** The path of this command is printed wrong: GET and POST `call/terminal` are a guess, where pages count from 0. */
function terminalPage (call: Call): Reply {
  const start = Number(optional(call, 'startIndex') ?? 0)
  const count = Number(optional(call, 'count') ?? MOST)
  if (!Number.isInteger(start) || start < 0 || !Number.isInteger(count) || count < 1 || count > MOST) throw ctiError('value')
  const { unlicensed } = call.site.options
  return {
    data: {
      terminals: terminals(call).slice(start, start + count).map(({ deviceNumber, deviceType }, n) => ({
        deviceIndex: start + n, deviceNumber, deviceType, tenantNumber: 1, callControl: unlicensed.includes(deviceNumber) ? 'disable' : 'enable'
      }))
    }
  }
}

function status (call: Call): Reply {
  const user = call.site.numbers.station(optional(call, 'deviceNumber') ?? '')
  if (user === undefined) throw ctiError('callingDevice')
  return { data: { state: callStatus(call.site, user) } }
}

export const monitorRoutes: Record<string, Route> = {
  'POST call/monitor': monitorStart,
  'DELETE call/monitor': monitorStop,
  'POST call/presence': presenceStart,
  'DELETE call/presence': presenceStop,
  'GET call/terminal': terminalPage,
  'POST call/terminal': terminalPage,
  'GET call/status': status
}
