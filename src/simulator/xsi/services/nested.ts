/** Services with lists in them: the agent, executives, lamps, numbers, locations (xsi.md 3.3). */
import { type User } from '../../pbx/types'
import { badRequest, CODES, XsiError } from '../errors'
import { uriOf } from '../render/party'
import { agentStateOf, queuesOf, unavailableCodeOf } from '../render/acd'
import { type Values } from '../settings'
import { type Site } from '../site'
import { all, attrs, child, type El, el, text, textOf } from '../tree'
import { countryCode } from '../names'
import { type Field, type Service } from './types'

const STATES = ['Sign-In', 'Available', 'Unavailable', 'Wrap-Up', 'Sign-Out'] as const

const AGENT_FIELDS: Field[] = [
  { name: 'agentACDState', kind: 'text', oneOf: STATES }, { name: 'agentUnavailableCode', kind: 'text', nil: true }, { name: 'useDefaultGuardTimer', kind: 'boolean' }, { name: 'enableGuardTimer', kind: 'boolean' },
  { name: 'guardTimerSeconds', kind: 'integer', min: 1, max: 25 }, { name: 'useSystemDefaultUnavailableSettings', kind: 'boolean' }, { name: 'forceAgentUnavailableOnDNDActivation', kind: 'boolean' },
  { name: 'forceUnavailableOnPersonalCalls', kind: 'boolean' }, { name: 'forceAgentUnavailableOnBouncedCallLimit', kind: 'boolean' },
  { name: 'numberConsecutiveBouncedCallsToForceAgentUnavailable', kind: 'integer', min: 1, max: 5 }, { name: 'makeOutgoingCallsAsCallCenter', kind: 'boolean' }, { name: 'outgoingCallDNIS', kind: 'text', nil: true }
]

const AGENT_DEFAULTS: Values = {
  useDefaultGuardTimer: 'true', enableGuardTimer: 'false', guardTimerSeconds: '5', useSystemDefaultUnavailableSettings: 'true', forceAgentUnavailableOnDNDActivation: 'false',
  forceUnavailableOnPersonalCalls: 'false', forceAgentUnavailableOnBouncedCallLimit: 'false', numberConsecutiveBouncedCallsToForceAgentUnavailable: '3', makeOutgoingCallsAsCallCenter: 'false'
}

const LONGEST_CODE = 10

function ensureSignedIn (site: Site, agentKey: string): void {
  if (site.pbx.agents.get(agentKey)?.loggedIn !== true) site.pbx.signIn(agentKey)
}

/** What each word of agentACDState does. */
const DEEDS: Record<typeof STATES[number], (site: Site, agentKey: string, code: string | undefined) => void> = {
  'Sign-In': ensureSignedIn,
  Available: (site, agentKey) => {
    if (site.pbx.agents.get(agentKey)?.loggedIn) site.pbx.setRouting(agentKey, 'ready')
    else site.pbx.signIn(agentKey, { routing: 'ready' })
  },
  Unavailable: (site, agentKey, code) => {
    ensureSignedIn(site, agentKey)
    site.pbx.setRouting(agentKey, 'notReady', code)
  },
  'Wrap-Up': (site, agentKey) => { site.pbx.wrapUp(agentKey) },
  'Sign-Out': (site, agentKey) => { site.pbx.signOut(agentKey) }
}

function setAgentState (site: Site, user: User, { agentACDState: state, agentUnavailableCode: code }: Values): void {
  const agent = site.pbx.agents.get(user.agentKey ?? '')
  if (!agent || state === undefined) return
  if (code !== undefined && (code.length > LONGEST_CODE || !site.pbx.reasonCodes.some((known) => known.code === code))) throw badRequest(`Unknown unavailable code: ${code}`)
  if (state === 'Sign-Out' && !agent.loggedIn) return
  const same = state === agentStateOf(agent) && (state !== 'Unavailable' || unavailableCodeOf(agent) === code)
  if (!same) DEEDS[state as typeof STATES[number]](site, agent.key, code)
}

function queueDetails (site: Site, user: User): El | undefined {
  const agentKey = user.agentKey ?? ''
  const queues = queuesOf(site, agentKey)
  if (queues.length === 0) return undefined
  return el('callCenterList', queues.map((queue) => {
    const member = queue.members.find((item) => item.agentKey === agentKey)
    return el('callCenterDetails',
      text('serviceUserId', site.names.queueId(queue)), text('available', member?.joined ?? false), text('phoneNumber', queue.number.replace(/^\+1/, '')), text('extension', queue.extension), text('isLogOffAllowed', true))
  }))
}

/** Entries left out keep their membership (xsi.md 3.3). */
function joinQueues (site: Site, user: User, body: El): void {
  for (const details of all(child(body, 'callCenterList'), 'callCenterDetails')) {
    const id = textOf(details, 'serviceUserId') ?? ''
    const queue = site.names.findQueue(id)
    const available = textOf(details, 'available')
    if (!queue || !queue.members.some((member) => member.agentKey === user.agentKey)) throw new XsiError(403, CODES.notPermitted, `Not an agent of ${id}`)
    if (available !== undefined) site.pbx.join(user.agentKey ?? '', queue.key, available === 'true' || available === '1')
  }
}

const callCenter: Service = {
  name: 'Call Center - Premium', path: 'CallCenter', fields: AGENT_FIELDS,
  assigned: (user) => user.agentKey !== undefined,
  read: (site, user) => {
    const agent = site.pbx.agents.get(user.agentKey ?? '')
    return { ...site.settings.get(user.key, 'CallCenter', AGENT_DEFAULTS), agentACDState: agent && agentStateOf(agent), agentUnavailableCode: agent && unavailableCodeOf(agent) }
  },
  write: (site, user, values) => {
    site.settings.put(user.key, 'CallCenter', values)
    setAgentState(site, user, values)
  },
  nested: (site, user) => [queueDetails(site, user)],
  writeNested: joinQueues
}

function executivesOf (site: Site, user: User): El[] {
  const executive = site.pbx.users.get(user.assistantOf ?? '')
  if (!executive) return []
  const optIn = site.settings.get(user.key, 'ExecutiveAssistant', { optIn: 'true' }).optIn
  return [el('executiveDetails', text('executiveUserId', site.names.userId(executive)), text('executiveLastName', executive.last), text('executiveFirstName', executive.first), text('optIn', optIn))]
}

const executiveAssistant: Service = {
  name: 'Executive-Assistant', path: 'ExecutiveAssistant',
  fields: [{ name: 'enableDivert', kind: 'boolean' }, { name: 'divertToPhoneNumber', kind: 'phone', nil: true }],
  assigned: (user) => user.assistantOf !== undefined,
  read: (site, user) => site.settings.get(user.key, 'ExecutiveAssistant', { enableDivert: 'false' }),
  write: (site, user, values) => { site.settings.put(user.key, 'ExecutiveAssistant', values) },
  nested: (site, user) => [el('executives', executivesOf(site, user))],
  writeNested: (site, user, body) => {
    const optIn = textOf(all(child(body, 'executives'), 'executiveDetails')[0], 'optIn')
    if (optIn !== undefined) site.settings.put(user.key, 'ExecutiveAssistant', { optIn })
  }
}

const executive: Service = {
  name: 'Executive', path: 'Executive', fields: [],
  read: () => ({}),
  nested: (site, user) => [text('assistants', `/v2.0/user/${site.names.userId(user)}/services/Executive/Assistants`)]
}

/** Who assists a user: content of `services/Executive/Assistants`. */
export function assistantsEl (site: Site, user: User): El {
  const assistants = [...site.pbx.users.values()].filter((other) => other.assistantOf === user.key)
  return el('ExecutiveAssistants', text('allowOptInOut', true), el('assignedUsers', assistants.map((other) => el('userDetails',
    text('userId', site.names.userId(other)), text('optIn', site.settings.get(other.key, 'ExecutiveAssistant', { optIn: 'true' }).optIn)))))
}

const busyLampField: Service = {
  name: 'Busy Lamp Field', path: 'BusyLampField', fields: [{ name: 'listURI', kind: 'text', nil: true }],
  read: (site, user) => ({ listURI: `sip:blf-${user.key}@${site.names.domain}` }),
  nested: (site, user) => [el('monitoredUserList', [...site.pbx.users.values()].filter((other) => other !== user && other.department === user.department && other.devices.length > 0).map((other) => el('userDetails',
    text('userId', site.names.userId(other)), text('firstName', other.first), text('lastName', other.last), text('groupId', site.names.group), text('number', other.numbers[0]), text('extension', other.extension))))]
}

const alternateNumbers: Service = {
  name: 'Alternate Numbers', path: 'AlternateNumbers', fields: [{ name: 'distinctiveRing', kind: 'boolean' }],
  read: (site, user) => site.settings.get(user.key, 'AlternateNumbers', { distinctiveRing: 'false' }),
  write: (site, user, values) => { site.settings.put(user.key, 'AlternateNumbers', values) },
  nested: (_site, user) => user.numbers.length < 2 ? [{ name: 'numbers', nil: true }] : [el('numbers', user.numbers.slice(1).map((number, index) => el('numberEntry', text('alternateNumberId', index + 1), text('phoneNumber', number))))]
}

/** A phone elsewhere that rings along. */
export interface Location { phoneNumber: string; active: string; description?: string; values: Values }

/** Locations of a user, kept in the settings. */
export function locationsOf (site: Site, user: User): Location[] {
  return site.settings.list<Location>(user.key, 'locations', () => [])
}

function locationEl (site: Site, user: User, location: Location, forEvent: boolean): El {
  return el('location',
    text('locationUri', `/v2.0/user/${site.names.userId(user)}/services/broadworksanywhere/location/${encodeURIComponent(location.phoneNumber)}`),
    attrs({ name: 'phoneNumber', text: forEvent ? uriOf(location.phoneNumber) : location.phoneNumber }, { countryCode: countryCode(location.phoneNumber) }),
    text('active', location.active),
    text('description', location.description))
}

const anywhere: Service = {
  name: 'BroadWorks Anywhere', path: 'BroadWorksAnywhere',
  fields: [{ name: 'alertAllLocationsForClickToDialCalls', kind: 'boolean' }, { name: 'alertAllLocationsForGroupPagingCalls', kind: 'boolean' }],
  read: (site, user) => site.settings.get(user.key, 'BroadWorksAnywhere', { alertAllLocationsForClickToDialCalls: 'true', alertAllLocationsForGroupPagingCalls: 'false' }),
  write: (site, user, values) => {
    site.settings.put(user.key, 'BroadWorksAnywhere', values)
    site.changed(user.key, 'BroadWorks Anywhere')
  },
  nested: (site, user, forEvent) => [locationsOf(site, user).length > 0 ? el('locations', locationsOf(site, user).map((location) => locationEl(site, user, location, forEvent))) : undefined],
  event: { package: 'BroadWorks Anywhere', type: 'BroadWorksAnywhere' }
}

export const nestedServices: Service[] = [alternateNumbers, anywhere, busyLampField, callCenter, executive, executiveAssistant]
