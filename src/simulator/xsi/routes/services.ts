/** Services of a user: the list, the settings, and the entries that some of them hold (xsi.md 3.3). */
import { type User } from '../../pbx/types'
import { badRequest, CODES, notFound, unassigned, XsiError } from '../errors'
import { type Reply, type UserCall } from '../http'
import { queuesOf } from '../render/acd'
import { route, type Route } from '../router'
import { applyPut, fieldEls, parseFields, serviceEl } from '../services/fields'
import { findService, SERVICES } from '../services/index'
import { assistantsEl, locationsOf, type Location } from '../services/nested'
import { BARE_SERVICES } from '../services/plain'
import { type Field, type Service } from '../services/types'
import { all, child, el, text, textOf } from '../tree'
import { type Values } from '../settings'
import { forUser } from './users'

function assigned (service: { assigned?: (user: User) => boolean }, user: User): boolean {
  return service.assigned?.(user) ?? true
}

/** A service without settings has a nil `uri`, which JSON leaves out: published clients read a missing key so (xsi.md 3.3). */
function list ({ user, userId }: UserCall): Reply {
  const rows = [
    ...SERVICES.filter((service) => assigned(service, user)).map((service) => el('service', text('name', service.name), text('uri', `/v2.0/user/${userId}/services/${service.path.toLowerCase()}`))),
    ...BARE_SERVICES.filter((service) => assigned(service, user)).map((service) => el('service', text('name', service.name), { name: 'uri', nil: true }))
  ]
  return { localised: true, body: el('Services', rows) }
}

function serviceOf (call: UserCall): Service {
  const path = call.params.service ?? ''
  const service = findService(path)
  if (!service) throw notFound(`Service not found: ${path}`)
  if (!assigned(service, call.user)) throw unassigned(service.name)
  return service
}

function read (call: UserCall): Reply {
  return { localised: true, body: serviceEl(call.site, call.user, serviceOf(call)) }
}

/** With validateSignOut the body holds nothing else, and the last agent of a queue with calls may not go (xsi.md 3.3). */
function checkSignOut (call: UserCall): void {
  const only = call.body?.children ?? []
  if (only.length !== 1 || textOf(call.body, 'agentACDState') !== 'Sign-Out') throw badRequest('With validateSignOut only agentACDState Sign-Out is allowed')
  const { site, user } = call
  const alone = queuesOf(site, user.agentKey ?? '').some((queue) => queue.entries.length > 0
    && queue.members.every((member) => member.agentKey === user.agentKey || !member.joined || site.pbx.agents.get(member.agentKey)?.loggedIn !== true))
  if (alone) throw new XsiError(403, CODES.notPermitted, 'The last agent of a queue with calls cannot sign out')
}

function write (call: UserCall): Reply {
  const service = serviceOf(call)
  const root = service.root ?? service.path
  if (!service.write) throw new XsiError(405, CODES.methodNotSupported, `${service.name} cannot be changed`)
  if (call.body?.name !== root) throw badRequest(`A ${root} is expected`)
  if (service.path === 'CallCenter' && call.query.get('validatesignout')?.toLowerCase() === 'true') checkSignOut(call)
  applyPut(call.site, call.user, service, call.body)
  return {}
}

const LOCATION_FIELDS: Field[] = [
  { name: 'phoneNumber', kind: 'phone' }, { name: 'description', kind: 'text', nil: true }, { name: 'active', kind: 'boolean' }, { name: 'outboundAlternateNumber', kind: 'phone', nil: true },
  { name: 'broadworksCallControl', kind: 'boolean' }, { name: 'useDiversionInhibitor', kind: 'boolean' }, { name: 'answerConfirmationRequired', kind: 'boolean' }
]
const LOCATION_DEFAULTS: Values = { active: 'true', broadworksCallControl: 'false', useDiversionInhibitor: 'false', answerConfirmationRequired: 'false' }

function locationOf (call: UserCall): Location {
  const found = locationsOf(call.site, call.user).find((location) => location.phoneNumber === call.params.number)
  if (!found) throw notFound('Location not found')
  return found
}

function locationValues (call: UserCall): Values {
  if (call.body?.name !== 'BroadWorksAnywhereLocation') throw badRequest('A BroadWorksAnywhereLocation is expected')
  return parseFields(LOCATION_FIELDS, call.body)
}

function store (location: Location, values: Values): void {
  Object.assign(location.values, values)
  location.phoneNumber = location.values.phoneNumber ?? location.phoneNumber
  location.active = location.values.active ?? 'true'
  location.description = location.values.description
}

function addLocation (call: UserCall): Reply {
  const values = locationValues(call)
  if (values.phoneNumber === undefined) throw badRequest('phoneNumber is missing')
  const locations = locationsOf(call.site, call.user)
  if (locations.some((location) => location.phoneNumber === values.phoneNumber)) throw new XsiError(409, CODES.notPermitted, 'The location exists already')
  const location: Location = { phoneNumber: values.phoneNumber, active: 'true', values: { ...LOCATION_DEFAULTS } }
  store(location, values)
  locations.push(location)
  call.site.changed(call.user.key, 'BroadWorks Anywhere')
  return { status: 201, headers: { Location: `/v2.0/user/${call.userId}/services/broadworksanywhere/location/${encodeURIComponent(location.phoneNumber)}` } }
}

function readLocation (call: UserCall): Reply {
  return { localised: true, body: el('BroadWorksAnywhereLocation', fieldEls(LOCATION_FIELDS, locationOf(call).values)) }
}

function writeLocation (call: UserCall): Reply {
  store(locationOf(call), locationValues(call))
  call.site.changed(call.user.key, 'BroadWorks Anywhere')
  return {}
}

function removeLocation (call: UserCall): Reply {
  const locations = locationsOf(call.site, call.user)
  locations.splice(locations.indexOf(locationOf(call)), 1)
  call.site.changed(call.user.key, 'BroadWorks Anywhere')
  return {}
}

/** Selective forwarding: its own switch and named criteria. */
interface Criterion { name: string; values: Values }
const SELECTIVE: Field[] = [{ name: 'active', kind: 'boolean' }, { name: 'defaultForwardToPhoneNumber', kind: 'phone', nil: true }, { name: 'playRingReminder', kind: 'boolean' }]
const CRITERION: Field[] = [{ name: 'forwardToNumberSelection', kind: 'text', oneOf: ['Forward To Default Number', 'Forward To Specified Number', 'Do not forward'] }, { name: 'forwardToPhoneNumber', kind: 'phone' }]

function criteriaOf (call: UserCall): Criterion[] {
  return call.site.settings.list<Criterion>(call.user.key, 'CallForwardingSelective', () => [])
}

function criterionOf (call: UserCall): Criterion {
  const found = criteriaOf(call).find((criterion) => criterion.name === call.params.name)
  if (!found) throw notFound('Criteria not found')
  return found
}

function readSelective (call: UserCall): Reply {
  const values = call.site.settings.get(call.user.key, 'CallForwardingSelective', { active: 'false', playRingReminder: 'false' })
  const rows = criteriaOf(call).map((criterion) => el('criteriaActivation',
    text('criteriaName', criterion.name), text('active', criterion.values.active ?? 'true'), text('uri', `/v2.0/user/${call.userId}/services/callforwardingselective/criteria/${encodeURIComponent(criterion.name)}`)))
  return { localised: true, body: el('CallForwardingSelective', fieldEls(SELECTIVE, values), rows.length > 0 && el('criteriaActivations', rows)) }
}

function writeSelective (call: UserCall): Reply {
  if (call.body?.name !== 'CallForwardingSelective') throw badRequest('A CallForwardingSelective is expected')
  call.site.settings.put(call.user.key, 'CallForwardingSelective', parseFields(SELECTIVE, call.body))
  for (const told of all(child(call.body, 'criteriaActivations'), 'criteriaActivation')) {
    const criterion = criteriaOf(call).find(({ name }) => name === textOf(told, 'criteriaName'))
    if (criterion) criterion.values.active = textOf(told, 'active') ?? criterion.values.active
  }
  return {}
}

function addCriterion (call: UserCall): Reply {
  const values = parseFields(CRITERION, call.body ?? el('none'))
  const name = textOf(child(call.body, 'criteria'), 'criteriaName')
  if (name === undefined) throw badRequest('criteriaName is missing')
  if (criteriaOf(call).some((criterion) => criterion.name === name)) throw new XsiError(409, CODES.notPermitted, 'The criteria exist already')
  criteriaOf(call).push({ name, values })
  return { status: 201 }
}

function readCriterion (call: UserCall): Reply {
  const { name, values } = criterionOf(call)
  return { localised: true, body: el('CallForwardingSelectiveCriteria', fieldEls(CRITERION, { forwardToNumberSelection: 'Forward To Default Number', ...values }), el('criteria', text('criteriaName', name))) }
}

function writeCriterion (call: UserCall): Reply {
  Object.assign(criterionOf(call).values, parseFields(CRITERION, call.body ?? el('none')))
  return {}
}

function removeCriterion (call: UserCall): Reply {
  const criteria = criteriaOf(call)
  criteria.splice(criteria.indexOf(criterionOf(call)), 1)
  return {}
}

/** Which call centre licence an agent has. */
function licence (call: UserCall): Reply {
  const has = call.user.agentKey !== undefined
  return { localised: true, body: el('AgentCallCenterAssignedStatus', text('isPremiumCallCenterAssigned', has), text('isStandardCallCenterAssigned', false), text('isBasicCallCenterAssigned', false)) }
}

const SERVICES_PATH = '/user/:user/services'

export const serviceRoutes: Route[] = [
  route('actions', `GET ${SERVICES_PATH}`, forUser(list)),
  route('actions', `GET ${SERVICES_PATH}/agentCallCenterAssignedStatus`, forUser(licence)),
  route('actions', `POST ${SERVICES_PATH}/BroadWorksAnywhere/Location`, forUser(addLocation)),
  route('actions', `GET ${SERVICES_PATH}/BroadWorksAnywhere/Location/:number`, forUser(readLocation)),
  route('actions', `PUT ${SERVICES_PATH}/BroadWorksAnywhere/Location/:number`, forUser(writeLocation)),
  route('actions', `DELETE ${SERVICES_PATH}/BroadWorksAnywhere/Location/:number`, forUser(removeLocation)),
  route('actions', `GET ${SERVICES_PATH}/CallForwardingSelective`, forUser(readSelective)),
  route('actions', `PUT ${SERVICES_PATH}/CallForwardingSelective`, forUser(writeSelective)),
  route('actions', `POST ${SERVICES_PATH}/CallForwardingSelective/criteria`, forUser(addCriterion)),
  route('actions', `GET ${SERVICES_PATH}/CallForwardingSelective/criteria/:name`, forUser(readCriterion)),
  route('actions', `PUT ${SERVICES_PATH}/CallForwardingSelective/criteria/:name`, forUser(writeCriterion)),
  route('actions', `DELETE ${SERVICES_PATH}/CallForwardingSelective/criteria/:name`, forUser(removeCriterion)),
  route('actions', `GET ${SERVICES_PATH}/Executive/Assistants`, forUser(({ site, user }) => ({ localised: true, body: assistantsEl(site, user) }))),
  route('actions', `GET ${SERVICES_PATH}/:service`, forUser(read)),
  route('actions', `PUT ${SERVICES_PATH}/:service`, forUser(write))
]
