/** Subscriptions of a session: made, found again after a gap, renewed at half of their time, made anew when they end (xsi.md 4.7, 6). */
import { CtiError } from '../model'
import type { Clock } from '../session/types'
import { element } from '../transport/xml'
import { expectRoot, path, type XsiApi } from './api'
import { asLost, isUnknownSubscription } from './errors'
import { eachLimited } from '../session/eachLimited'
import { ERROR_CODES, NAMESPACE } from './protocol'
import { children, number, text } from './read'

const WIDTH = 5
const RETRY_MS = [1000, 5000, 30_000, 60_000] as const
const LONGEST_REFRESH_MS = 43_200_000
const NEVER_S = 2147483646
/** Release that knows lists of packages (xsi.md 3.5). */
const LIST_VERSION = '23.0'

/** What is wanted of one target: one package, or a list of them in one subscription. */
export interface Wanted {
  /** Path segments after `/v2.0/`, for instance `['user', 'bob@example.com']`. */
  readonly target: readonly string[]
  /** The person or queue, where the target is one: the fall-back for events without `targetId`, and the reason for an initial event. */
  readonly ownerId?: string
  readonly packages: readonly string[]
  /** A refusal is no news: the server may not have it. */
  readonly optional?: boolean
}

interface Held { readonly wanted: Wanted; id: string; renewAt: number }

/** Survives the connection: subscriptions live on the server for as long as they were granted. */
export interface SubscriptionMemory { readonly ids: Map<string, string> }

const named = ({ packages, target }: Wanted): string => `"${packages.join(', ')}" for ${target.at(-1) ?? 'the system'}`

export const keyOf = (wanted: Wanted): string => `${wanted.target.join('/')}\n${wanted.packages.join(', ')}`

export interface SubscriptionsOptions {
  readonly api: XsiApi
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly channelSetId: string
  readonly applicationId: string
  readonly expires: number
  readonly memory: SubscriptionMemory
  /** A renewal or new subscription of a person or queue is on its way: the server will send present values. */
  readonly refreshing: (wanted: Wanted, id: string | undefined) => void
  /** Nothing will come of it: the subscription was not made. */
  readonly refused: (wanted: Wanted) => void
  /** A subscription is known from now on. */
  readonly known: (id: string, wanted: Wanted) => void
  readonly gone: (id: string) => void
  readonly lost: (error: CtiError) => void
  readonly warn: (code: string, text: string) => void
}

export class Subscriptions {
  private readonly byId = new Map<string, Held>()
  private pendingCount = 0
  private timer: unknown
  private readonly retries = new Set<unknown>()
  private over = false

  constructor (private readonly options: SubscriptionsOptions) {
    options.signal.addEventListener('abort', () => this.stop(), { once: true })
  }

  /** A reply to a subscribe request is still to come: its first event may be faster (xsi.md 9.1). */
  get pending (): boolean {
    return this.pendingCount > 0
  }

  wantedOf (id: string): Wanted | undefined {
    return this.byId.get(id)?.wanted
  }

  /** Ids and targets of all that is subscribed. */
  list (): { id: string; wanted: Wanted }[] {
    return [...this.byId.values()].map(({ id, wanted }) => ({ id, wanted }))
  }

  /** Deletes what an earlier run of this program has left behind under our application id. */
  async removeLeftovers (): Promise<void> {
    const { api, signal, applicationId } = this.options
    const reply = await api.events({ path: path('subscription'), signal })
    const ours = children(reply.node, 'subscription').filter((node) => text(node, 'applicationId') === applicationId)
    await eachLimited(ours, WIDTH, async (node) => {
      const id = text(node, 'subscriptionId')
      if (id !== undefined) await this.remove(id)
    })
  }

  /**
   * Subscribes to all of it, or keeps what has survived a gap. A package that is refused is reported and left out; when nothing is left, the first
   * refusal is the error. @throws CtiError
   */
  async establish (wanted: readonly Wanted[]): Promise<void> {
    const refused: CtiError[] = []
    const alone: Wanted[] = []
    await eachLimited(wanted, WIDTH, async (one) => {
      const known = this.options.memory.ids.get(keyOf(one))
      if (known !== undefined && await this.survived(known, one)) return
      try {
        await this.subscribe(one)
      } catch (error) {
        const problem = CtiError.from(error, 'xsi')
        if (problem.cause.retryable !== false || problem.code === 'CTI_UNAUTHORIZED') throw problem
        refused.push(problem)
        if (one.packages.length > 1) alone.push(...one.packages.map((name) => ({ ...one, packages: [name] })))
        else if (one.optional !== true) this.options.warn('packageRefused', `${named(one)} was refused: ${problem.message}`)
      }
    })
    // One package that does not fit and a list is refused as a whole: then each is asked for by itself.
    if (alone.length > 0) return this.establish(alone)
    if (this.byId.size === 0 && refused[0] !== undefined) throw refused[0]
    this.schedule()
  }

  /** Asks the server for the initial event again: present state of a person or queue. Failures are left to the next renewal. */
  async refresh (ids: readonly string[]): Promise<void> {
    await eachLimited(ids, WIDTH, async (id) => {
      const held = this.byId.get(id)
      if (held !== undefined) await this.renew(held)
    })
    this.schedule()
  }

  /** The server has ended it (SubscriptionTerminatedEvent). */
  terminated (id: string): void {
    const held = this.byId.get(id)
    if (held === undefined) return
    this.drop(held)
    this.again(held.wanted, 0)
  }

  /** Deletes all, side by side. Never rejects. */
  async close (): Promise<void> {
    const ids = [...this.byId.keys()]
    this.stop()
    this.options.memory.ids.clear()
    await Promise.all(ids.map((id) => this.remove(id)))
  }

  private async remove (id: string): Promise<void> {
    try {
      await this.options.api.events({ method: 'DELETE', path: path('subscription', id), signal: this.options.signal })
    } catch (error) {
      // Gone already, or it ends by its time: an event that still comes is answered by 481.
      this.options.warn('subscriptionNotDeleted', CtiError.from(error, 'xsi').message)
    }
  }

  private async survived (id: string, wanted: Wanted): Promise<boolean> {
    try {
      const reply = await this.options.api.events({ path: path('subscription', id), signal: this.options.signal })
      this.hold(id, wanted, number(reply.node, 'expires') ?? number(children(reply.node, 'subscription')[0], 'expires'))
      return true
    } catch (error) {
      const problem = CtiError.from(error, 'xsi')
      if (problem.code !== 'CTI_FORBIDDEN' && problem.code !== 'CTI_NOT_FOUND') throw problem
      this.options.memory.ids.delete(keyOf(wanted))
      this.options.gone(id)
      return false
    }
  }

  private async subscribe (wanted: Wanted): Promise<void> {
    const { api, signal, channelSetId, applicationId, expires } = this.options
    this.pendingCount++
    try {
      this.options.refreshing(wanted, undefined)
      const list = wanted.packages.length > 1
      const body = element('Subscription', [
        list ? element('eventPackageList', wanted.packages.map((name) => element('event', name))) : element('event', wanted.packages[0]), element('expires', expires), element('channelSetId', channelSetId), element('applicationId', applicationId)
      ], { xmlns: NAMESPACE })
      const reply = await api.events({ method: 'POST', path: path(...wanted.target), body, signal, ...(list ? { headers: { 'X-BroadWorks-Protocol-Version': LIST_VERSION } } : {}) })
      const node = expectRoot(reply, 'Subscription')
      const id = text(node, 'subscriptionId')
      if (id === undefined) throw new CtiError('CTI_PROTOCOL', 'The server confirmed a subscription without telling its id.', { vendor: 'xsi', retryable: true })
      this.hold(id, wanted, number(node, 'expires'))
    } catch (error) {
      const problem = CtiError.from(error, 'xsi')
      this.options.refused(wanted)
      // The channel is not there any more: a new connection opens one first.
      throw problem.cause.code === ERROR_CODES.unknownChannelSet ? asLost(problem) : problem
    } finally {
      this.pendingCount--
    }
  }

  private hold (id: string, wanted: Wanted, expires: number | undefined): void {
    this.byId.set(id, { id, wanted, renewAt: this.renewAt(expires) })
    this.options.memory.ids.set(keyOf(wanted), id)
    this.options.known(id, wanted)
  }

  private renewAt (expires: number = this.options.expires): number {
    return expires >= NEVER_S ? Infinity : this.options.clock.now() + Math.min(LONGEST_REFRESH_MS, Math.max(1, expires * 500))
  }

  private drop (held: Held): void {
    this.byId.delete(held.id)
    this.options.memory.ids.delete(keyOf(held.wanted))
    this.options.gone(held.id)
  }

  private async renew (held: Held): Promise<void> {
    const { api, signal, expires } = this.options
    this.options.refreshing(held.wanted, held.id)
    try {
      const reply = await api.events({ method: 'PUT', path: path('subscription', held.id), body: element('Subscription', [element('expires', expires)], { xmlns: NAMESPACE }), signal })
      held.renewAt = this.renewAt(number(reply.node, 'expires'))
    } catch (error) {
      const problem = CtiError.from(error, 'xsi')
      if (this.over) return
      if (problem.code === 'CTI_UNAUTHORIZED') return this.options.lost(problem)
      if (isUnknownSubscription(problem) || problem.code === 'CTI_FORBIDDEN') {
        this.drop(held)
        return this.again(held.wanted, 0)
      }
      held.renewAt = this.options.clock.now() + RETRY_MS[2]
    }
  }

  /** One timer for all: at the next renewal that is due. */
  private schedule (): void {
    if (this.over) return
    const { clock } = this.options
    if (this.timer !== undefined) clock.clearTimeout(this.timer)
    this.timer = undefined
    const due = Math.min(Infinity, ...[...this.byId.values()].map(({ renewAt }) => renewAt))
    if (due === Infinity) return
    this.timer = clock.setTimeout(() => {
      this.timer = undefined
      const now = clock.now()
      const ids = [...this.byId.values()].filter(({ renewAt }) => renewAt <= now + 1).map(({ id }) => id)
      void this.refresh(ids)
    }, Math.max(0, due - clock.now()))
  }

  private again (wanted: Wanted, attempt: number): void {
    if (this.over) return
    const { clock } = this.options
    const timer = clock.setTimeout(() => {
      this.retries.delete(timer)
      this.subscribe(wanted).then(() => this.schedule(), (error: unknown) => {
        if (this.over) return
        const problem = CtiError.from(error, 'xsi')
        if (problem.code === 'CTI_UNAUTHORIZED' || problem.cause.code === ERROR_CODES.unknownChannelSet) return this.options.lost(problem)
        this.options.warn('subscriptionLost', `${named(wanted)} has ended and could not be made anew: ${problem.message}`)
        this.again(wanted, attempt + 1)
      })
    }, RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)])
    this.retries.add(timer)
  }

  private stop (): void {
    this.over = true
    const { clock } = this.options
    if (this.timer !== undefined) clock.clearTimeout(this.timer)
    for (const timer of this.retries) clock.clearTimeout(timer)
    this.retries.clear()
    this.byId.clear()
  }
}
