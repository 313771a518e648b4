/** From facts of the PBX to the subscriptions that want to know (xsi.md 4.7, 4.8). */
import { type Fact } from '../pbx/types'
import { type EventBody } from './delivery'
import { type FactEvent, Translator } from './events'
import { serviceChanged } from './events/services'
import { carries } from './packages'
import { type Site } from './site'
import { type Subscription, type Target } from './subscriptions'

function concerns (target: Target, event: FactEvent): boolean {
  if (target.type !== 'User') return true
  return target.userKey !== undefined ? target.userKey === event.userKey : target.queueKey !== undefined && target.queueKey === event.queueKey
}

/** The form of an event that a subscription can see: itself, what replaces it in smaller packages, or nothing. */
function visible (subscription: Subscription, event: FactEvent): EventBody | undefined {
  const packages = event.only === undefined ? subscription.packages : subscription.packages.filter((name) => event.only?.includes(name))
  if (carries(packages, event.type)) return event
  if (event.instead && carries(packages, event.instead.type)) return event.instead
  return undefined
}

export class Publisher {
  private readonly translator: Translator
  private readonly unsubscribe: () => void

  constructor (private readonly site: Site) {
    this.translator = new Translator(site)
    this.unsubscribe = site.pbx.facts.on((fact) => this.take(fact))
    site.changed = (userKey, packageName) => this.publish(serviceChanged(site, userKey, packageName))
    site.subscriptions.onExpired = (subscription) => this.terminate(subscription)
  }

  /** Ends a subscription from the server's side: expired, withdrawn by an administrator. */
  terminate (subscription: Subscription): void {
    if (!this.site.subscriptions.remove(subscription)) return
    this.site.delivery.publish(subscription, subscription.target.id, { type: 'SubscriptionTerminatedEvent', data: [] })
  }

  /** Sends events to everybody who subscribed for them. */
  publish (events: FactEvent[]): void {
    const { names, delivery, subscriptions } = this.site
    if (events.length === 0) return
    for (const subscription of subscriptions.list()) {
      for (const event of events) {
        if (!concerns(subscription.target, event)) continue
        const body = visible(subscription, event)
        if (body) delivery.publish(subscription, names.userIdOf(event.userKey) ?? names.queueIdOf(event.queueKey), body)
      }
    }
  }

  close (): void {
    this.unsubscribe()
  }

  private take (fact: Fact): void {
    this.site.agentTimes.note(fact)
    if (this.site.subscriptions.size > 0) this.publish(this.translator.translate(fact))
  }
}
