/** Which event tells the settings of which service (xsi.md 4.10). */
import { type User } from '../../pbx/types'
import { serviceInfoEls } from '../services/fields'
import { SERVICES } from '../services/index'
import { BARE_SERVICES } from '../services/plain'
import { type Site } from '../site'
import { type El } from '../tree'

const BY_PACKAGE = new Map(SERVICES.flatMap((service) => service.event ? [[service.event.package, service] as const] : []))

/** Stem of the event of a service package. */
export const SERVICE_EVENTS: Record<string, string | undefined> = Object.fromEntries([...SERVICES, ...BARE_SERVICES].flatMap(({ event }) => event ? [[event.package, event.type]] : []))

/** Children of `eventData` of a service event: `unassigned` when the user has not got the service. */
export function serviceInfo (site: Site, user: User, packageName: string): El[] {
  const service = BY_PACKAGE.get(packageName)
  if (!service) return []
  if (service.assigned && !service.assigned(user)) return [{ name: 'unassigned' }]
  return serviceInfoEls(site, user, service)
}
