/** Subscriptions of all owners (xsi.md 3.5, 4.7). They outlive channels; what they deliver is the business of `delivery.ts`. */
import { type PbxClock } from '../pbx/clock'
import { type Rng } from '../pbx/rng'
import { uuid } from '../random'
import { CODES, XsiError } from './errors'
import { grantedExpires, NEVER, type XsiOptions } from './options'
import { type El, el, text } from './tree'

export type TargetType = 'User' | 'Group' | 'ServiceProvider' | 'System'

export interface Target {
  type: TargetType
  /** Id as addressed in the path. */
  id: string
  /** Enterprise of a group. */
  parent?: string
  subId?: string
  userKey?: string
  queueKey?: string
}

export interface Subscription {
  id: string
  owner: string
  target: Target
  packages: string[]
  /** Made with eventPackageList. */
  list: boolean
  expires: number
  expiresAt: number
  channelSetId?: string
  contact?: string
  applicationId?: string
  sharedId?: string
  sequence: number
  cancelExpiry: () => void
}

export type SubscriptionRequest = Pick<Subscription, 'owner' | 'target' | 'packages' | 'list' | 'channelSetId' | 'contact' | 'applicationId' | 'sharedId'> & { expires?: string }

/** Filters of `GET subscription`. */
export interface SubscriptionFilter { subscriberId?: string; targetId?: string; event?: string; extAppId?: string; targetGrpParentId?: string; targetEntityType?: string; targetSubId?: string }

// Node fires longer timers at once; a subscription of more than 24 days need not be watched.
const LONGEST_TIMER = 2 ** 31 - 1

function sameTarget (a: Target, b: Target): boolean {
  return a.type === b.type && a.id === b.id && a.parent === b.parent && a.subId === b.subId
}

function overwrites (request: SubscriptionRequest, present: Subscription): boolean {
  if (present.owner !== request.owner || present.list !== request.list || !sameTarget(present.target, request.target)) return false
  return request.list || (present.packages[0] === request.packages[0] && present.applicationId === request.applicationId)
}

export class Subscriptions {
  private readonly subscriptions = new Map<string, Subscription>()
  /** Told when one ran out; it is still known then. */
  onExpired: (subscription: Subscription) => void = () => {}

  constructor (private readonly needs: { options: XsiOptions; clock: PbxClock; rng: Rng }) {}

  /** Adds one, in place of a duplicate (xsi.md 4.7 Uniqueness). @throws XsiError 403 at the owner's limit */
  add (request: SubscriptionRequest): Subscription {
    for (const present of this.list()) if (overwrites(request, present)) this.remove(present)
    const { options, rng } = this.needs
    if (this.list().filter((present) => present.owner === request.owner).length >= options.subscriptionsPerOwner) throw new XsiError(403, CODES.limitReached, 'Too many subscriptions')
    const subscription: Subscription = { ...request, id: uuid(rng), expires: grantedExpires(request.expires, options.answerExpires), expiresAt: 0, sequence: 0, cancelExpiry: () => {} }
    this.subscriptions.set(subscription.id, subscription)
    this.arm(subscription)
    return subscription
  }

  /** The subscription of that id. @throws XsiError 403 with code 110862 when unknown or another's */
  get (id: string, owner: string): Subscription {
    const subscription = this.subscriptions.get(id)
    if (!subscription || subscription.owner !== owner) throw new XsiError(403, CODES.subscriptionUnknown, 'Subscription not found')
    return subscription
  }

  has (id: string): boolean {
    return this.subscriptions.has(id)
  }

  get size (): number {
    return this.subscriptions.size
  }

  list (): Subscription[] {
    return [...this.subscriptions.values()]
  }

  /** Own subscriptions that fit a filter. */
  find (owner: string, filter: SubscriptionFilter): Subscription[] {
    return this.list().filter((item) => item.owner === owner
      && (filter.subscriberId === undefined || filter.subscriberId === item.owner)
      && (filter.targetId === undefined || filter.targetId === item.target.id)
      && (filter.event === undefined || (!item.list && filter.event === item.packages[0]))
      && (filter.extAppId === undefined || filter.extAppId === item.applicationId)
      && (filter.targetGrpParentId === undefined || filter.targetGrpParentId === item.target.parent)
      && (filter.targetEntityType === undefined || filter.targetEntityType.toLowerCase() === item.target.type.toLowerCase())
      && (filter.targetSubId === undefined || filter.targetSubId === item.target.subId))
  }

  /** Renews the life; returns the granted seconds. */
  refresh (subscription: Subscription, asked: string | undefined): number {
    subscription.expires = grantedExpires(asked, this.needs.options.answerExpires)
    this.arm(subscription)
    return subscription.expires
  }

  /** Forgets it; false when it was gone already. */
  remove (subscription: Subscription): boolean {
    subscription.cancelExpiry()
    return this.subscriptions.delete(subscription.id)
  }

  clear (): void {
    for (const subscription of this.list()) this.remove(subscription)
  }

  /** Element of a list or of `GET subscription/{id}`; `name` as the place wants it. */
  describe (subscription: Subscription, name: string): El {
    const left = subscription.expiresAt === Infinity ? NEVER : Math.max(0, Math.round((subscription.expiresAt - this.needs.clock.now()) / 1000))
    const events = subscription.packages.map((event) => text('event', event))
    return el(name,
      text('subscriptionId', subscription.id),
      text('sharedSubscriptionId', subscription.sharedId),
      text('subscriberId', subscription.owner),
      text('targetIdType', subscription.target.type),
      text('targetGrpParentId', subscription.target.parent),
      text('targetId', subscription.target.type === 'System' ? undefined : subscription.target.id),
      text('targetSubId', subscription.target.subId),
      subscription.list ? el('eventPackageList', events) : events,
      text('expires', left),
      subscription.contact === undefined ? undefined : el('httpContact', text('uri', subscription.contact)),
      text('channelSetId', subscription.channelSetId),
      text('applicationId', subscription.applicationId))
  }

  private arm (subscription: Subscription): void {
    const { clock } = this.needs
    subscription.cancelExpiry()
    const ms = subscription.expires * 1000
    subscription.expiresAt = subscription.expires >= NEVER ? Infinity : clock.now() + ms
    subscription.cancelExpiry = ms > LONGEST_TIMER ? () => {} : clock.after(ms, () => this.onExpired(subscription))
  }
}
