/** One connection of an account, from the profile to the last DELETE (xsi.md 2.3). Everything in it ends with `link.signal`. */
import { CtiError } from '../model'
import type { Link } from '../session/types'
import { createHttpClient, type HttpClient } from '../transport/http'
import { Authorization, expectRoot, path, XsiApi } from './api'
import { Census } from './census'
import { ChannelSet } from './channelSet'
import { asLost } from './errors'
import { Inbox } from './inbox'
import { eachLimited } from '../session/eachLimited'
import type { DriverMemory } from './memory'
import {
  basesOf, CHANNEL_EXPIRES_S, COMMAND_MS, HEARTBEAT_MS, INITIAL_EVENT_MS, PROTOCOL_VERSION, SILENCE_MS, SUBSCRIPTION_EXPIRES_S, trustsRedirect, type Bases, type XsiOptions
} from './options'
import { personOf } from './people'
import { child, text } from './read'
import { Reader } from './reader'
import type { ReduceContext } from './scope'
import { serversOf } from './servers'
import { Subscriptions } from './subscriptions'
import { isCollection, wantedOf, type Identity } from './wanted'

/** A `Date` header has whole seconds: smaller differences say nothing about a clock. */
const CLOCK_NOISE_MS = 2000
const WIDTH = 5

export class XsiConnection {
  readonly api: XsiApi
  readonly reader: Reader
  private readonly http: HttpClient
  private readonly inbox: Inbox
  private readonly census: Census
  private channels: ChannelSet | undefined
  /** All that may be asked, for redirects too. */
  private servers: readonly Bases[]
  private readonly subscriptions: Subscriptions
  private identity: Identity | undefined
  /** Subscriptions that outlived the gap: they must be asked for their present state. */
  private kept: string[] = []

  /** @param server which of the account's servers, counted on with every failure */
  constructor (readonly link: Link, private readonly options: XsiOptions, private readonly memory: DriverMemory, private readonly server: number) {
    this.servers = basesOf(options)
    const timeoutMs = options.timeoutMs ?? COMMAND_MS
    this.http = createHttpClient({
      timeoutMs, trustRedirect: (from, to) => trustsRedirect(this.servers)(from, to), ...(options.tls === undefined ? {} : { tls: options.tls }), ...(options.proxy === undefined ? {} : { proxy: options.proxy })
    })
    this.api = new XsiApi(this.http, this.servers[0], new Authorization(options.auth), options.protocolVersion ?? PROTOCOL_VERSION, timeoutMs)
    const { clock, signal } = link
    const warn = (code: string, message: string): void => link.warn(code, message)
    const lost = (error: CtiError): void => link.lost(error)
    this.inbox = new Inbox({
      link,
      memory,
      wantedOf: (id) => this.subscriptions.wantedOf(id),
      concerns: (targetId) => this.census.concerns(targetId),
      subscribing: () => this.subscriptions.pending,
      terminated: (id) => this.subscriptions.terminated(id),
      gap: (ids) => void this.readAnew(ids)
    })
    this.subscriptions = new Subscriptions({
      api: this.api,
      clock,
      signal,
      channelSetId: options.channelSetId,
      applicationId: options.applicationId,
      expires: options.subscriptionExpires ?? SUBSCRIPTION_EXPIRES_S,
      memory: memory.subscriptions,
      refreshing: (wanted) => this.inbox.expect(wanted),
      refused: (wanted) => this.inbox.forget(wanted),
      known: (id, wanted) => this.inbox.known(id, wanted),
      gone: (id) => memory.sequence.forget(id),
      lost,
      warn
    })
    this.reader = new Reader({ link, api: this.api, people: memory.people, context: () => this.inbox.reduceContext() })
    this.census = new Census({ link, options, memory, reader: this.reader, subscriptions: () => this.subscriptions })
    signal.addEventListener('abort', () => this.http.close(), { once: true })
  }

  /** Proves the credentials, clears away what is left of earlier runs, opens the channel, subscribes. @throws CtiError */
  async open (): Promise<void> {
    const { link, memory, options } = this
    link.phase('authenticating')
    const { commands, channels } = await serversOf(options)
    this.servers = [...commands, ...channels]
    this.api.move(commands[this.server % commands.length])
    await this.learnIdentity()
    if (!memory.cleaned) await this.quietly('leftoversNotRemoved', () => this.subscriptions.removeLeftovers())
    memory.cleaned = true
    const set = this.channelSet(channels)
    this.channels = set
    await this.quietly('channelsNotRemoved', () => set.removeOld())
    link.phase('subscribing')
    const identity = this.who
    const queues = await this.census.queues(identity)
    await this.census.people(identity)
    memory.sequence.rebase()
    await set.open()
    link.watchdog(options.silenceMs ?? SILENCE_MS)
    const before = new Set(memory.subscriptions.ids.values())
    await this.subscriptions.establish(wantedOf(options, identity, queues, (id) => this.census.isAgent(id)))
    this.kept = this.subscriptions.list().filter(({ id, wanted }) => before.has(id) && wanted.ownerId !== undefined).map(({ id }) => id)
  }

  /** Brings the picture up to date. Events that came since the channel was opened go first. */
  async resync (): Promise<'full' | 'openCalls'> {
    this.inbox.goLive()
    await this.subscriptions.refresh(this.kept)
    const collection = isCollection(this.options)
    if (collection) {
      await this.census.readCollections()
      await this.census.firstLook(this.who)
    }
    const missing = await this.inbox.initialEvents(this.options.initialEventMs ?? INITIAL_EVENT_MS)
    await eachLimited(missing, WIDTH, (one) => this.census.readTarget(one))
    return collection ? 'openCalls' : 'full'
  }

  /** For the mapping of replies. */
  reduceContext (): ReduceContext {
    return this.inbox.reduceContext()
  }

  /** Who the account is on this server. @throws CtiError CTI_NOT_CONNECTED before the log-in */
  get who (): Identity {
    if (this.identity === undefined) throw new CtiError('CTI_NOT_CONNECTED', 'The account has not logged in yet.', { vendor: 'xsi', retryable: true })
    return this.identity
  }

  /** Deletes subscriptions and channel. The caller limits the time. */
  async close (): Promise<void> {
    await this.subscriptions.close()
    await this.channels?.close(this.link.signal)
  }

  private async learnIdentity (): Promise<void> {
    const { options, api, link, memory } = this
    const pathId = options.userId ?? (options.auth.kind === 'basic' ? options.auth.username : undefined)
    if (pathId === undefined || pathId === '') {
      throw new CtiError('CTI_INVALID_REQUEST', 'The account has no user id: enter the id of the user that the token belongs to.', { vendor: 'xsi', retryable: false })
    }
    const reply = await api.actions({ path: path('user', pathId, 'profile'), signal: link.signal })
    const details = child(expectRoot(reply, 'Profile'), 'details')
    const date = typeof reply.headers.date === 'string' ? Date.parse(reply.headers.date) : NaN
    const offset = date - link.clock.now()
    if (Number.isFinite(offset) && Math.abs(offset) > CLOCK_NOISE_MS) link.clockOffsetMs = offset
    const person = personOf(details, child(reply.node, 'additionalDetails'))
    if (person !== undefined) memory.people.add(person, pathId)
    memory.people.own = person?.id ?? pathId
    const groupId = text(details, 'groupId')
    const enterpriseId = text(details, 'serviceProvider')
    this.identity = { pathId, ...(groupId === undefined ? {} : { groupId }), ...(enterpriseId === undefined ? {} : { enterpriseId }) }
  }

  private channelSet (servers: readonly Bases[]): ChannelSet {
    const { link, options, api } = this
    return new ChannelSet(servers.map((bases) => api.at(bases)), {
      clock: link.clock,
      signal: link.signal,
      channelSetId: options.channelSetId,
      applicationId: options.applicationId,
      expires: options.channelExpires ?? CHANNEL_EXPIRES_S,
      heartbeatMs: options.heartbeatMs ?? HEARTBEAT_MS,
      silenceMs: options.silenceMs ?? SILENCE_MS,
      random: options.random ?? Math.random,
      event: (event, channel) => this.inbox.take(event, channel),
      heard: () => link.heard(),
      moved: (gone, instead) => { if (api.bases.events === gone.bases.events) api.move(instead.bases) },
      lost: (error) => link.lost(error),
      warn: (code, message) => link.warn(code, message)
    })
  }

  /** Events were lost: persons and queues by their initial event, collections by their open calls. */
  private async readAnew (ids: readonly string[]): Promise<void> {
    try {
      const owned = ids.filter((id) => this.subscriptions.wantedOf(id)?.ownerId !== undefined)
      await this.subscriptions.refresh(owned)
      if (owned.length < ids.length) await this.census.readCollections()
    } catch (error) {
      if (!this.link.signal.aborted) this.link.lost(asLost(CtiError.from(error, 'xsi')))
    }
  }

  /** Cleaning up is a courtesy: a server that refuses it is no reason to stay away. */
  private async quietly (code: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const problem = CtiError.from(error, 'xsi')
      if (problem.code === 'CTI_FORBIDDEN' || problem.code === 'CTI_NOT_FOUND' || problem.code === 'CTI_INVALID_REQUEST') return
      if (problem.cause.retryable !== false || problem.code === 'CTI_UNAUTHORIZED') throw problem
      this.link.warn(code, problem.message)
    }
  }
}
