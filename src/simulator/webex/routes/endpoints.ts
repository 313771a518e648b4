/** The phones of a person, and which one answers (webex-calling.md 3.5). */
import { type Device, type User } from '../../pbx/types'
import { ADMIN_CONFIG_READ, ADMIN_CONFIG_WRITE, CONFIG_READ, CONFIG_WRITE } from '../auth/scopes'
import { badRequest, notFound } from '../errors'
import { type Call, type Json, part, type Reply, text } from '../http'
import { endpointType } from '../ids'
import { route, type Route } from '../router'
import { type Site } from '../site'
import { person, self } from './whose'

const ME = '/v1/telephony/config/people/me'
const OTHER = '/v1/telephony/config/people/:personId/preferredAnswerEndpoint'
const READ = { admin: ADMIN_CONFIG_READ, own: CONFIG_READ }
const WRITE = { admin: ADMIN_CONFIG_WRITE, own: CONFIG_WRITE }

export const ENDPOINT_ROUTES: Route[] = [
  route(`GET ${ME}/settings/preferredAnswerEndpoint`, CONFIG_READ, (call) => {
    const device = preferred(call.site, self(call))
    return { body: device === undefined ? {} : brief(call.site, device) }
  }),
  route(`PUT ${ME}/settings/preferredAnswerEndpoint`, CONFIG_WRITE, (call) => prefer(call, self(call), 'id')),
  route(`GET ${ME}/settings/availablePreferredAnswerEndpoints`, CONFIG_READ, (call) => {
    const user = self(call)
    const chosen = preferred(call.site, user)
    return { body: { endpoints: devices(call.site, user).map((device) => ({ ...brief(call.site, device), isPreferredAnswerEndpoint: device === chosen })) } }
  }),
  route(`GET ${ME}/endpoints`, CONFIG_READ, (call) => {
    const user = self(call)
    return { body: { endpoints: devices(call.site, user).map((device) => full(call.site, user, device)) } }
  }),
  route(`GET ${ME}/endpoints/:endpointId`, CONFIG_READ, (call) => {
    const user = self(call)
    return { body: full(call.site, user, own(call, user, call.params.endpointId ?? '')) }
  }),
  route(`PUT ${ME}/endpoints/:endpointId`, CONFIG_WRITE, (call) => {
    const device = own(call, self(call), call.params.endpointId ?? '')
    if (device.kind !== 'mobile') throw badRequest('The endpoint has no mobility settings')
    call.site.settings.set(device.key, 'mobility', { alertingEnabled: part(call.body, 'mobilitySettings').alertingEnabled === true })
    return {}
  }),
  route(`GET ${OTHER}`, [...READ.admin, ...READ.own], (call) => {
    const user = person(call, READ)
    const chosen = preferred(call.site, user)
    return { body: { ...(chosen === undefined ? {} : { preferredAnswerEndpointId: call.site.ids.endpoint(chosen) }), endpoints: devices(call.site, user).map((device) => brief(call.site, device)) } }
  }),
  route(`PUT ${OTHER}`, [...WRITE.admin, ...WRITE.own], (call) => prefer(call, person(call, WRITE), 'preferredAnswerEndpointId'))
]

function devices ({ pbx }: Site, user: User): Device[] {
  return user.devices.flatMap((key) => pbx.devices.get(key) ?? [])
}

function preferred ({ pbx, settings }: Site, user: User): Device | undefined {
  const { key } = settings.get(user.key, 'preferredEndpoint')
  return typeof key === 'string' ? pbx.devices.get(key) : undefined
}

/** Null, which reads as absent, chooses none. */
function prefer (call: Call, user: User, field: string): Reply {
  const id = text(call, field)
  call.site.settings.set(user.key, 'preferredEndpoint', id === undefined ? {} : { key: own(call, user, id).key })
  return {}
}

function own ({ site }: Call, user: User, id: string): Device {
  const device = site.ids.findEndpoint(id)
  if (device === undefined || device.userKey !== user.key) throw notFound('The endpoint is not known')
  return device
}

function brief ({ ids }: Site, device: Device): Json {
  return { id: ids.endpoint(device), type: endpointType(device), name: device.name }
}

function full (site: Site, user: User, device: Device): Json {
  const mobility = device.kind === 'mobile' ? { mobilitySettings: { phoneNumber: device.number, alertingEnabled: site.settings.get(device.key, 'mobility').alertingEnabled ?? device.registered } } : {}
  return {
    id: site.ids.endpoint(device), type: device.kind === 'desk' ? 'CALLING_DEVICE' : 'APPLICATION', name: device.name, autoAndForcedAnswerEnabled: device.remoteAnswer, ownerId: site.ids.person(user), ownerType: 'PEOPLE',
    secondaryLines: [], ...mobility
  }
}
