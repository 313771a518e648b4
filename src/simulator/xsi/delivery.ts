/** Brings events to channels or contacts, and does not give up until they are acknowledged (xsi.md 4.4, 4.6). */
import { type Faults } from '../faults/faults'
import { type PbxClock } from '../pbx/clock'
import { type Rng } from '../pbx/rng'
import { uuid } from '../random'
import { type Channel, type Channels } from './channels'
import { type Contacts } from './contacts'
import { type XsiOptions } from './options'
import { type Subscription, type Subscriptions } from './subscriptions'
import { type El, el, text } from './tree'

/** What an event says: the type with its `Event` ending, and the children of `eventData`. */
export interface EventBody { type: string; data: El[] }

interface Pending {
  eventId: string
  subscription: Subscription
  targetId: string | undefined
  sequence: number
  body: EventBody
  channel: Channel
  tried: Set<string>
  cancel: () => void
}

export interface DeliveryDependencies { options: XsiOptions; clock: PbxClock; rng: Rng; channels: Channels; subscriptions: Subscriptions; contacts: Contacts; faults: Faults }

export class Delivery {
  private readonly pending = new Map<string, Pending>()
  readonly counts = { sent: 0, acknowledged: 0, resent: 0, lost: 0 }

  constructor (private readonly needs: DeliveryDependencies) {
    needs.channels.onGone = (channel) => this.reroute(channel)
    needs.channels.onResponse = (eventId, status) => this.acknowledge(eventId, status)
  }

  /** Sends an event of a subscription; without an open channel of its set it is lost (xsi.md 11). */
  publish (subscription: Subscription, targetId: string | undefined, body: EventBody): void {
    const { channels, contacts, rng, faults } = this.needs
    if (faults.take('noEvents', { face: 'xsi' })) return
    const sequence = ++subscription.sequence
    const eventId = uuid(rng)
    if (subscription.channelSetId === undefined) {
      if (subscription.contact !== undefined) contacts.post(subscription.contact, envelope(subscription, targetId, body, { eventId, sequence }))
      this.counts.sent++
      return
    }
    const channel = this.choose(channels.ofSet(subscription.channelSetId))
    if (!channel) {
      this.counts.lost++
      return
    }
    const entry: Pending = { eventId, subscription, targetId, sequence, body, channel, tried: new Set(), cancel: () => {} }
    this.pending.set(eventId, entry)
    this.counts.sent++
    this.transmit(entry, channel)
  }

  /** A client's answer to an event (xsi.md 4.4): 200 and 400 end it, 404 ends the channel, 481 the subscription, 500 tries the next channel. */
  acknowledge (eventId: string, status: number): void {
    const entry = this.pending.get(eventId)
    if (!entry) return
    entry.cancel()
    if (status === 404) return this.needs.channels.end(entry.channel, 'UnknownChannel')
    if (status === 500) return this.next(entry)
    this.pending.delete(eventId)
    this.counts.acknowledged++
    if (status === 481) this.needs.subscriptions.remove(entry.subscription)
  }

  /** Port of the server whose stream an unacknowledged event went out on. */
  portOf (eventId: string): number | undefined {
    return this.pending.get(eventId)?.channel.port
  }

  /** Events not yet acknowledged. */
  get waiting (): number {
    return this.pending.size
  }

  clear (): void {
    for (const entry of this.pending.values()) entry.cancel()
    this.pending.clear()
  }

  private transmit (entry: Pending, channel: Channel): void {
    const { channels, clock, options } = this.needs
    entry.channel = channel
    entry.tried.add(channel.id)
    entry.cancel = clock.after(options.ackTimeoutMs, () => this.next(entry))
    channels.write(channel, envelope(entry.subscription, entry.targetId, entry.body, { eventId: entry.eventId, sequence: entry.sequence, channelId: channel.id }))
  }

  private next (entry: Pending): void {
    const { channels } = this.needs
    entry.cancel()
    const present = channels.ofSet(entry.subscription.channelSetId ?? '')
    const fresh = this.choose(present.filter((channel) => !entry.tried.has(channel.id)))
    if (fresh) {
      this.counts.resent++
      this.transmit(entry, fresh)
      return
    }
    this.pending.delete(entry.eventId)
    this.counts.lost++
    for (const channel of present) channels.end(channel, 'NonResponsiveChannel')
  }

  private reroute (gone: Channel): void {
    for (const entry of [...this.pending.values()]) {
      if (entry.channel !== gone) continue
      entry.cancel()
      const other = this.choose(this.needs.channels.ofSet(entry.subscription.channelSetId ?? ''))
      if (other) {
        this.counts.resent++
        this.transmit(entry, other)
      } else {
        this.pending.delete(entry.eventId)
        this.counts.lost++
      }
    }
  }

  /** Lowest priority value first; among equals by weight, as in DNS SRV (xsi.md 11). */
  private choose (channels: Channel[]): Channel | undefined {
    if (channels.length < 2) return channels[0]
    const best = Math.min(...channels.map((channel) => channel.priority))
    const equals = channels.filter((channel) => channel.priority === best)
    let at = this.needs.rng.next() * equals.reduce((sum, channel) => sum + channel.weight, 0)
    return equals.find((channel) => (at -= channel.weight) < 0) ?? equals[0]
  }
}

function envelope (subscription: Subscription, targetId: string | undefined, body: EventBody, ids: { eventId: string; sequence: number; channelId?: string }): El {
  return {
    ...el('Event',
      text('eventID', ids.eventId),
      text('sequenceNumber', ids.sequence),
      text('userId', subscription.owner),
      text('externalApplicationId', subscription.applicationId),
      text('subscriptionId', subscription.id),
      text('sharedSubscriptionId', subscription.sharedId),
      text('channelId', ids.channelId),
      ids.channelId === undefined && subscription.contact !== undefined ? el('httpContact', text('uri', subscription.contact)) : undefined,
      // The whole system has no id (xsi.md 4.7).
      text('targetId', subscription.target.type === 'System' && targetId === subscription.target.id ? undefined : targetId),
      text('targetSubId', subscription.target.subId),
      { ...el('eventData', body.data), type: body.type }),
    type: 'SubscriptionEvent'
  }
}
