/**
 * The event channels of an account, one to each of its servers (xsi.md 4.2, 6). The server sends each event over one of them; one that breaks is opened
 * again by itself, and only when all are gone the connection is.
 */
import { CtiError } from '../model'
import { Backoff } from '../session/backoff'
import type { XsiApi } from './api'
import { path } from './api'
import { EventChannel, type ChannelOptions } from './channel'
import { eachLimited } from '../session/eachLimited'
import { children, text } from './read'

const WIDTH = 5
/** ms until a server that refuses channels for good is asked again. */
const REFUSED_MS = 60_000
/** ms for looking after old channels: a server that does not answer must not hold up the others. */
const CLEAN_MS = 3000

export interface ChannelSetOptions extends Omit<ChannelOptions, 'api' | 'priority'> {
  /** 0..1, for jitter. */
  readonly random: () => number
  /** The channel to this server is gone; `instead` is the best one that is open. */
  readonly moved: (gone: XsiApi, instead: XsiApi) => void
}

interface Place { readonly api: XsiApi; readonly priority: number; readonly backoff: Backoff; channel?: EventChannel; openedAt: number; timer?: unknown }

const hostOf = (api: XsiApi): string => new URL(api.bases.channel).host
const isUnauthorized = (error: CtiError): boolean => error.code === 'CTI_UNAUTHORIZED'

export class ChannelSet {
  private readonly places: readonly Place[]
  private running = false

  /** @param apis the servers, the preferred one first */
  constructor (apis: readonly XsiApi[], private readonly options: ChannelSetOptions) {
    // A priority of its own for each: while the preferred channel stands all events come over it, and those of one person cannot overtake each other.
    this.places = apis.map((api, index) => ({ api, priority: index + 1, backoff: new Backoff(options.random), openedAt: 0 }))
    options.signal.addEventListener('abort', () => this.stop(), { once: true })
  }

  /** Opens all side by side and waits for the first; those that fail are tried again. @throws CtiError when none can be opened */
  async open (): Promise<void> {
    const failures = new Map<Place, CtiError>()
    await new Promise<void>((resolve, reject) => {
      for (const place of this.places) {
        this.bringUp(place).then(() => {
          this.running = true
          resolve()
        }, (error: unknown) => {
          const problem = CtiError.from(error, 'xsi')
          if (this.running) return this.again(place, problem)
          failures.set(place, problem)
          if (failures.size === this.places.length) reject([...failures.values()].find(isUnauthorized) ?? problem)
        })
      }
    })
    for (const [place, error] of failures) this.again(place, error)
  }

  /** Channels of our set from before: a server would send events to a stream that nobody reads. @throws CtiError when no server can be asked */
  async removeOld (): Promise<void> {
    const { channelSetId, signal } = this.options
    const asked = await Promise.allSettled(this.places.map(async ({ api }) => {
      const reply = await api.events({ path: path('channelset', channelSetId), timeoutMs: CLEAN_MS, signal })
      await eachLimited(children(reply.node, 'channel'), WIDTH, async (node) => {
        const id = text(node, 'channelId')
        if (id !== undefined) await api.events({ method: 'DELETE', path: path('channel', id), timeoutMs: CLEAN_MS, signal }).catch(elsewhere)
      })
    }))
    const failed = asked.filter((one) => one.status === 'rejected')
    if (failed.length === asked.length) throw failed[0].reason
  }

  /** Deletes all of them. Never rejects. */
  async close (signal?: AbortSignal): Promise<void> {
    const open = this.places.flatMap(({ channel }) => channel ?? [])
    this.stop()
    await Promise.all(open.map((channel) => channel.close(signal)))
  }

  private async bringUp (place: Place): Promise<void> {
    const { options } = this
    const channel = new EventChannel({
      ...options,
      api: place.api,
      priority: place.priority,
      // With a single server the session itself watches the silence.
      silenceMs: this.places.length > 1 ? options.silenceMs : 0,
      lost: (error) => this.lost(place, error)
    })
    await channel.open()
    // The first piece of the stream may hold its end as well.
    if (!channel.isOpen) return
    place.channel = channel
    place.openedAt = options.clock.now()
  }

  private lost (place: Place, error: CtiError): void {
    delete place.channel
    const other = this.places.find(({ channel }) => channel !== undefined)
    // Said for the whole set: another program has taken it, the user is gone, the password was changed.
    if (other === undefined || error.cause.retryable === false || isUnauthorized(error)) {
      this.stop()
      return this.options.lost(error)
    }
    this.options.moved(place.api, other.api)
    this.again(place, error)
  }

  private again (place: Place, error: CtiError): void {
    const { clock, warn, signal } = this.options
    if (!this.running || signal.aborted) return
    // Credentials that one server refuses are not tried there again and again: that can lock the account.
    if (isUnauthorized(error)) return warn('channelRefused', `${hostOf(place.api)} opens no event channel: ${error.message}`)
    warn('channelLost', `The event channel to ${hostOf(place.api)} is away, events come over the others: ${error.message}`)
    const lived = place.openedAt === 0 ? 0 : clock.now() - place.openedAt
    place.openedAt = 0
    const wait = place.backoff.next(lived, error.cause.retryAfterMs as number | undefined)
    place.timer = clock.setTimeout(() => {
      delete place.timer
      this.bringUp(place).catch((failure: unknown) => this.again(place, CtiError.from(failure, 'xsi')))
    }, error.cause.retryable === false ? Math.max(wait, REFUSED_MS) : wait)
  }

  private stop (): void {
    this.running = false
    for (const place of this.places) {
      if (place.timer !== undefined) this.options.clock.clearTimeout(place.timer)
      delete place.timer
    }
  }
}

/** A channel that another server of the provider holds, or that has just ended. */
function elsewhere (error: unknown): void {
  const { code } = CtiError.from(error, 'xsi')
  if (code !== 'CTI_NOT_FOUND' && code !== 'CTI_FORBIDDEN') throw error
}
