/** Which subscriptions an account's settings ask for (xsi.md 3.5, 4.7). */
import { CtiError } from '../model'
import type { XsiOptions } from './options'
import { DEFAULT_PACKAGES, EXTRA_PACKAGES, PACKAGES, QUEUE_PACKAGES } from './protocol'
import type { Wanted } from './subscriptions'

export interface Identity {
  /** The own user as paths name it. */
  readonly pathId: string
  readonly groupId?: string
  readonly enterpriseId?: string
}

const missing = (what: string): CtiError => new CtiError('CTI_INVALID_REQUEST', `The account has no ${what}: enter it, or choose another scope.`, { vendor: 'xsi', retryable: false })

interface Target { readonly path: readonly string[]; readonly ownerId?: string }

/** Scopes whose targets are single people: these get initial events. */
export function isCollection ({ scope }: Pick<XsiOptions, 'scope'>): boolean {
  return scope === 'group' || scope === 'enterprise'
}

/** Whom the account is about, by the ids that paths take; of a group or enterprise nobody is named. @throws CtiError CTI_INVALID_REQUEST for an empty list */
export function peopleOf (options: XsiOptions, identity: Identity): string[] {
  if (isCollection(options)) return []
  if (options.scope !== 'users') return [identity.pathId]
  const list = [...new Set(options.userList ?? [])].filter((id) => id !== '')
  if (list.length === 0) throw missing('user')
  return list
}

function collectionOf (options: XsiOptions, identity: Identity): Target {
  const enterprise = options.enterpriseId ?? identity.enterpriseId
  if (options.scope === 'enterprise') {
    if (enterprise === undefined) throw missing('enterprise')
    return { path: ['serviceprovider', enterprise] }
  }
  const group = options.groupId ?? identity.groupId
  if (enterprise === undefined || group === undefined) throw missing('group')
  return { path: ['serviceprovider', enterprise, 'group', group] }
}

/** Names of all packages that the account asks for. */
export function packagesOf ({ packages }: Pick<XsiOptions, 'packages'>): string[] {
  return [...new Set(packages ?? [...DEFAULT_PACKAGES, ...EXTRA_PACKAGES])]
}

/**
 * One subscription a package and target, or one a target where the account wants lists (xsi.md 11).
 * @param queues user ids of call centres, for the packages of queues
 * @param isAgent whether a user works in call centres; asked where the account names no packages
 * @throws CtiError CTI_INVALID_REQUEST when the scope names nobody
 */
export function wantedOf (options: XsiOptions, identity: Identity, queues: readonly string[], isAgent: (id: string) => boolean): Wanted[] {
  const targets: Target[] = isCollection(options) ? [collectionOf(options, identity)] : peopleOf(options, identity).map((id) => ({ path: ['user', id], ownerId: id }))
  const names = packagesOf(options)
  const chosen = options.packages !== undefined
  return [
    ...targets.flatMap((target) => subscriptionsOf(options, target, names.filter((name) => !QUEUE_PACKAGES.has(name) && (chosen || name !== PACKAGES.agent || target.ownerId === undefined || isAgent(target.ownerId))))),
    ...wantedOfQueues(options, queues)
  ]
}

/** The same for call centres alone, which may be found later than the rest. */
export function wantedOfQueues (options: XsiOptions, queues: readonly string[]): Wanted[] {
  const names = packagesOf(options).filter((name) => QUEUE_PACKAGES.has(name))
  return queues.flatMap((id) => subscriptionsOf(options, { path: ['user', id], ownerId: id }, names))
}

function subscriptionsOf (options: XsiOptions, { path, ownerId }: Target, names: readonly string[]): Wanted[] {
  const make = (packages: readonly string[]): Wanted => ({
    target: path,
    packages,
    ...(ownerId === undefined ? {} : { ownerId }),
    ...(options.packages === undefined && packages.every((name) => EXTRA_PACKAGES.includes(name)) ? { optional: true } : {})
  })
  if (names.length === 0) return []
  return options.packageList === true && names.length > 1 ? [make(names)] : names.map((name) => make([name]))
}
