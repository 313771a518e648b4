/** People as the directory shows them (webex-calling.md 2.3 step 4, 3.10, 3.11). */
import { type User } from '../../pbx/types'
import { type Json } from '../http'
import { type Site } from '../site'
import { iso } from './call'

const CREATED = '2024-01-10T08:00:00.000Z'
const PRESENCE: Record<string, string> = { available: 'active', away: 'inactive', disconnected: 'inactive', donotdisturb: 'DoNotDisturb', outtolunch: 'OutOfOffice', berightback: 'inactive', busy: 'call' }

/** A person with a phone is a user of Webex Calling. */
export function hasCalling (user: User): boolean {
  return user.devices.length > 0
}

/** @param full with what only administrators and the person see: numbers, place, licences */
export function personOf (site: Site, user: User, full: boolean): Json {
  const { ids, pbx } = site
  const numbers = user.numbers.map((value, index) => ({ type: 'work', value: spaced(value), ...(index === 0 ? { primary: true } : {}) }))
  return {
    id: ids.person(user),
    emails: [user.email],
    ...(full ? { phoneNumbers: [...numbers, { type: 'work_extension', value: user.extension }], extension: user.extension } : {}),
    ...(full && hasCalling(user) ? { locationId: ids.location } : {}),
    displayName: `${user.first} ${user.last}`,
    nickName: user.first,
    firstName: user.first,
    lastName: user.last,
    ...(user.department === undefined ? {} : { department: user.department }),
    orgId: ids.org,
    ...(full ? { roles: user.admin ? [ids.of('ROLE', 'id_full_admin')] : [], licenses: hasCalling(user) ? [ids.licence] : [] } : {}),
    created: CREATED,
    lastModified: CREATED,
    timezone: 'America/New_York',
    lastActivity: iso(pbx.now()),
    status: presence(site, user),
    sipAddresses: hasCalling(user) ? [{ type: 'cloud-calling', value: `${user.key}@${pbx.domain}`, primary: true }] : [],
    invitePending: false,
    loginEnabled: true,
    type: 'person'
  }
}

export function botOf (site: Site): Json {
  const { email, name } = site.options.bot
  return { id: site.members.bot.id, emails: [email], phoneNumbers: [], displayName: name, nickName: name, orgId: site.ids.org, created: CREATED, status: 'active', type: 'bot' }
}

/** What a service app is told about itself; that it is an `appuser` is an assumption, no reply was seen. */
export function applicationOf (site: Site): Json {
  const { id, email, name } = site.members.service
  return { id, emails: [email], phoneNumbers: [], displayName: name, nickName: name, orgId: site.ids.org, created: CREATED, status: 'unknown', type: 'appuser' }
}

function presence (site: Site, user: User): string {
  if (user.dnd.enabled) return 'DoNotDisturb'
  if (site.pbx.connectionsOf(user.key).some(({ state }) => state === 'connected')) return 'call'
  return PRESENCE[user.presence.toLowerCase()] ?? 'active'
}

/** Numbers of North America are shown in groups. */
function spaced (number: string): string {
  return number.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, '+1 $1 $2 $3')
}
