/** All services of a user, in the order of `GET services`. */
import { forwardingServices } from './forwarding'
import { nestedServices } from './nested'
import { plainServices } from './plain'
import { type Service } from './types'

export const SERVICES: readonly Service[] = [...forwardingServices, ...plainServices, ...nestedServices].sort((a, b) => a.name.localeCompare(b.name))

/** The service of a path segment, compared without case. */
export function findService (path: string): Service | undefined {
  const wanted = path.toLowerCase()
  return SERVICES.find((service) => service.path.toLowerCase() === wanted)
}
