/** One connection of an account: who it is, whom it watches, how events come in (webex-calling.md 2.5). Everything in it ends with `link.signal`. */
import { CtiError } from '../model'
import type { Link } from '../session/types'
import { createHttpClient, type HttpClient } from '../transport/http'
import { WebexApi, type Query } from './api'
import { Chat } from './chat'
import { asLost } from './errors'
import { Hooks } from './hooks'
import { keyOf, regionOf } from './ids'
import { Inbox } from './inbox'
import type { Family, Line } from './line'
import type { Holder } from './authorizer'
import type { DriverMemory } from './memory'
import type { Settings } from './options'
import { personOf, type Person } from './people'
import { Queues } from './queues'
import { records, type Json } from './read'
import { targetOf, type ReduceContext, type Source } from './scope'
import type { Tokens } from './tokens'
import { Watch } from './watch'

/** A `Date` header has whole seconds: smaller differences say nothing about a clock. */
const CLOCK_NOISE_MS = 2000
/** Looks that fail one after the other until the connection counts as lost. */
const MOST_FAILURES = 3
/** People at once; further ones are not told of. */
const MOST_WATCHED = 2000
/** Keys of webhook owners that are no people. */
const ACCOUNT = 'account'
const BOT = 'bot'
const NOT_FOR_US: ReadonlySet<string> = new Set(['CTI_NOT_FOUND', 'CTI_FORBIDDEN', 'CTI_INVALID_REQUEST'])
/** Note in the store of somebody whose calls are watched. */
export const MONITOR_NOTE = 'monitor'

export class WebexConnection {
  readonly main: WebexApi | undefined
  readonly bot: WebexApi | undefined
  private readonly http: HttpClient
  private readonly inbox: Inbox
  private readonly hooks: Hooks
  private readonly persons = new Map<string, WebexApi>()
  private readonly watches = new Map<string, Watch>()
  private readonly queues: Queues | undefined
  private chat: Chat | undefined
  private me: Person | undefined
  private failures = 0
  private failingSince = 0
  private unlisten: (() => void) | undefined

  constructor (readonly link: Link, readonly settings: Settings, private readonly tokens: Tokens, private readonly memory: DriverMemory) {
    const { timeoutMs, tls, proxy } = settings
    this.http = createHttpClient({ timeoutMs, ...(tls === undefined ? {} : { tls }), ...(proxy === undefined ? {} : { proxy }) })
    this.main = tokens.account === undefined ? undefined : this.api(tokens.account)
    this.bot = tokens.bot === undefined ? undefined : this.api(tokens.bot)
    this.hooks = new Hooks({ link, settings, changed: (key) => this.hooksChanged(key), failed: (error, key) => this.failed(error, key) })
    this.inbox = new Inbox({
      link,
      source: () => this.source(),
      ownerOf: (actor, createdBy) => this.ownerOf(actor, createdBy),
      watchOf: (owner) => this.watches.get(keyOf(owner)),
      chat: (envelope) => void this.chat?.take(envelope),
      look: (what, owner) => this.look(what, owner)
    })
    this.queues = this.main === undefined ? undefined : new Queues({ link, settings, api: this.main, source: () => this.source() })
    link.signal.addEventListener('abort', () => this.end(), { once: true })
  }

  /** Proves the tokens, finds out who they are, switches webhooks on. @throws CtiError */
  async open (): Promise<void> {
    const { link, settings } = this
    link.phase('authenticating')
    this.unlisten = settings.hooks?.listen((body) => this.inbox.take(body))
    this.me = await this.whoIs(this.main, settings.auth.kind === 'service')
    if (this.bot !== undefined) this.chat = new Chat({ link, api: this.bot, bot: await this.whoIs(this.bot, false) as Person, people: this.memory.people })
    link.phase('subscribing')
    if (this.main !== undefined) {
      if (this.me !== undefined && settings.auth.kind !== 'service') this.watch(this.lineOf(this.me, settings.ownPaths, this.main))
      for (const member of await this.members(this.main)) this.watch(this.lineOf(member, 'member', this.main))
      await this.quietly('interestsRefused', () => this.hooks.registerInterests(this.main as WebexApi))
      await this.hooks.add({ key: ACCOUNT, api: this.main, purpose: 'calls' })
      await this.quietly('queuesNotRead', async () => this.queues?.learn())
    }
    if (this.bot !== undefined) {
      if (settings.hooks?.targetUrl === undefined) link.warn('chatNeedsAddress', 'Chat messages reach the bot only by webhook: the account needs a public address.')
      else await this.hooks.add({ key: BOT, api: this.bot, purpose: 'chat' })
    }
    for (const { holder, notes } of await this.tokens.people()) {
      if (holder !== undefined && notes?.[MONITOR_NOTE] === 'on') await this.quietly('personNotWatched', () => this.watchPerson(this.memory.people.add(holder)))
    }
  }

  /** Brings the picture up to date. */
  async resync (): Promise<'full' | 'none'> {
    for (const watch of [...this.watches.values()]) await this.first(watch)
    await this.quietly('queuesNotRead', async () => this.queues?.read())
    this.sayHow()
    return this.watches.size === 0 ? 'none' : 'full'
  }

  /** Begins to look again and again; call it once the present state is known. */
  start (): void {
    for (const watch of this.watches.values()) watch.start()
    this.hooks.start()
    this.queues?.start()
  }

  /** Ends the looking, and removes the webhooks where they are not to stay. The caller limits the time. */
  async close (remove: boolean): Promise<void> {
    for (const watch of this.watches.values()) watch.stop()
    this.queues?.stop()
    if (remove) await this.hooks.close(this.link.signal)
    this.end()
  }

  /** The account's own person; undefined for a bot or service app. */
  get own (): Person | undefined {
    return this.settings.auth.kind === 'service' ? undefined : this.me
  }

  /** Organisation of the account, as far as it is known. */
  get orgId (): string | undefined {
    return this.settings.orgId ?? this.me?.orgId
  }

  /** By the token of somebody who has authorised for himself. */
  person (personId: string): WebexApi {
    const key = keyOf(personId)
    const known = this.persons.get(key)
    if (known !== undefined) return known
    const api = this.api(this.tokens.person(personId))
    this.persons.set(key, api)
    return api
  }

  lineOf (person: Person, family: Family, api: WebexApi): Line {
    const { orgId } = this
    return { id: person.id, family, api, ...(orgId === undefined ? {} : { orgId }) }
  }

  watchOf (ownerId: string): Watch | undefined {
    return this.watches.get(keyOf(ownerId))
  }

  /** Watches the calls of somebody who has authorised for himself, from now on. @throws CtiError */
  async monitor (person: Person): Promise<void> {
    const watch = await this.watchPerson(person)
    await this.first(watch)
    watch.start()
    this.hooks.start()
    this.sayHow()
  }

  /** Somebody of the chat has authorised: the flow may want to say so, and who was watched before is watched again. */
  granted (holder: Holder): void {
    const person = this.memory.people.add(holder)
    this.link.receive([{ event: 'vendor.authorization.granted', derived: true, user: targetOf(person.id, this.context()).user }])
    void this.quietly('personNotWatched', async () => {
      if ((await this.tokens.record(person.id))?.notes?.[MONITOR_NOTE] === 'on') await this.monitor(person)
    })
  }

  /** Ends the watching; the webhooks of that person go. */
  async endMonitor (personId: string): Promise<void> {
    const key = keyOf(personId)
    this.watches.get(key)?.stop()
    this.watches.delete(key)
    this.persons.delete(key)
    await this.hooks.drop(key)
  }

  /** Number by which a queue of the account is called; undefined for a word that names none. */
  queueNumber (word: string): string | undefined {
    return this.queues?.numberOf(word)
  }

  source (): Source {
    return { picture: this.link.picture, context: this.context() }
  }

  /** A page of people, remembered. */
  async findPeople (api: WebexApi, query: Query, signal: AbortSignal): Promise<Person[]> {
    const reply = await api.get('/people', signal, query)
    return this.learn(records(reply.node, 'items'))
  }

  learn (nodes: readonly Json[]): Person[] {
    return nodes.flatMap((node) => {
      const person = personOf(node)
      return person === undefined ? [] : [this.memory.people.add(person)]
    })
  }

  private context (): ReduceContext {
    const { link, memory } = this
    const { clock } = link
    return {
      now: clock.now() + link.clockOffsetMs,
      person: (id) => memory.people.get(id),
      markOf: (leg) => memory.markOf(leg, clock.now()),
      legIdOf: (owner, callId, session) => memory.legIdOf(owner, callId, session, clock.now()),
      restIdOf: (callId) => memory.restIdOf(callId),
      hasSameRegion: (callId, personId) => regionOf(callId) === regionOf(personId),
      queueIdOf: (id, number, name) => this.queues?.idOf(id, number, name)
    }
  }

  private api (token: ConstructorParameters<typeof WebexApi>[2]): WebexApi {
    const { link } = this
    return new WebexApi(this.http, this.settings.baseUrl, token, link.clock, (vendorNow) => {
      const offset = vendorNow - link.clock.now()
      link.clockOffsetMs = Math.abs(offset) > CLOCK_NOISE_MS ? offset : 0
      link.heard()
    }, () => {
      // With webhooks nothing else shows for minutes that Webex is away.
      for (const watch of this.watches.values()) watch.lookSoon(0)
    })
  }

  private async whoIs (api: WebexApi | undefined, mayBeNobody: boolean): Promise<Person | undefined> {
    if (api === undefined) return undefined
    try {
      const { node } = await api.look('/people/me', this.link.signal)
      const person = personOf(node)
      if (person === undefined) throw new CtiError('CTI_PROTOCOL', 'The answer does not say whose token it is. Is this the address of the Webex API?', { vendor: 'webex', retryable: true })
      return this.memory.people.add(person)
    } catch (error) {
      const problem = CtiError.from(error, 'webex')
      if (mayBeNobody && NOT_FOR_US.has(problem.code)) return undefined
      throw problem.code === 'CTI_UNAUTHORIZED' || problem.code === 'CTI_FORBIDDEN' || problem.code === 'CTI_RATE_LIMITED' ? problem : asLost(problem)
    }
  }

  /** The members that the account names, by id or e-mail address. */
  private async members (api: WebexApi): Promise<Person[]> {
    const { userList } = this.settings
    const found: Person[] = []
    for (const word of userList) {
      const known = this.memory.people.find(word)
      const [person] = known === undefined ? await this.findPeople(api, word.includes('@') ? { email: word } : { id: word }, this.link.signal) : [known]
      if (person !== undefined) found.push(person)
      else this.link.warn('memberUnknown', `There is no member "${word.slice(0, 60)}".`)
    }
    return found
  }

  private async watchPerson (person: Person): Promise<Watch> {
    const api = this.person(person.id)
    // Told again: the number is needed, and a revoked authorisation shows here.
    const [known] = this.learn([(await api.get('/people/me', this.link.signal)).node])
    const watch = this.watch(this.lineOf(known ?? person, 'calls', api))
    await this.hooks.add({ key: keyOf(person.id), api, purpose: 'calls' })
    return watch
  }

  private watch (line: Line, callsOnly = false): Watch {
    const key = keyOf(line.id)
    const known = this.watches.get(key)
    if (known !== undefined) return known
    const { link, settings, memory } = this
    const owner = this.hookKey(line)
    const watch = new Watch({
      link, settings, memory, line, callsOnly,
      people: () => this.watches.size,
      source: () => this.source(),
      hooked: () => this.isHooked(line),
      polled: () => this.polledLines().length,
      taken: () => this.inbox.taken,
      hasNews: (leg, since) => this.inbox.hasNews(leg, since),
      listed: (leg, state, asked) => this.inbox.listed(leg, state, asked),
      failed: (error) => this.failed(error, owner),
      worked: () => { this.failures = 0 }
    })
    this.watches.set(key, watch)
    return watch
  }

  private async first (watch: Watch): Promise<void> {
    try {
      this.link.reconcile(await watch.snapshot())
    } catch (error) {
      const problem = CtiError.from(error, 'webex')
      if (!NOT_FOR_US.has(problem.code)) throw problem
      // An administrator without a Calling licence, a member that is not one of Calling: the rest works.
      this.link.warn('callsNotReadable', `The calls of ${watch.target.owner.name ?? 'a user'} cannot be read: ${problem.message}`)
      watch.stop()
      this.watches.delete(keyOf(watch.line.id))
    }
  }

  private ownerOf (actor: string, createdBy: string | undefined): string | undefined {
    const watch = this.watches.get(keyOf(actor)) ?? this.stranger(actor)
    // A webhook of that person's own proves nothing.
    if (watch?.line.family === 'member' && !this.memory.tellsOfMembers && createdBy !== undefined && keyOf(createdBy) !== keyOf(actor)) {
      this.memory.tellsOfMembers = true
      this.sayHow()
    }
    return watch?.line.id
  }

  /** Somebody of the organisation, where the account names nobody in particular: met by the first event. */
  private stranger (actor: string): Watch | undefined {
    const { main, settings, watches } = this
    if (main === undefined || !settings.members || settings.userList.length > 0 || watches.size >= MOST_WATCHED) return undefined
    const watch = this.watch(this.lineOf(this.memory.people.get(actor) ?? { id: actor }, 'member', main), true)
    if (this.memory.people.get(actor) === undefined) void this.quietly('personNotRead', () => this.findPeople(main, { id: actor }, this.link.signal))
    watch.start()
    return watch
  }

  private look (what: 'conference' | 'mailbox' | 'others' | 'queues', owner: string | undefined): void {
    const watch = owner === undefined ? undefined : this.watchOf(owner)
    if (what === 'queues') this.queues?.lookSoon()
    else if (what === 'others') watch?.lookAtOthersSoon(0)
    else if (watch !== undefined) void this.quietly(`${what}NotRead`, () => what === 'conference' ? watch.readConference() : watch.readMailbox())
  }

  private hooksChanged (key: string): void {
    for (const watch of this.watches.values()) {
      if (this.hookKey(watch.line) === key) watch.lookSoon(0)
    }
    this.sayHow()
  }

  private sayHow (): void {
    this.link.note(this.polledLines().length > 0 ? 'polling' : undefined)
  }

  private hookKey ({ api, id }: Line): string {
    return api === this.main ? ACCOUNT : keyOf(id)
  }

  /** Whether the webhooks of a service app or administrator tell of members shows when they do (webex-calling.md U11). */
  private isHooked (line: Line): boolean {
    return this.hooks.works(this.hookKey(line)) && (line.family !== 'member' || this.memory.tellsOfMembers)
  }

  private polledLines (): Line[] {
    return [...this.watches.values()].map(({ line }) => line).filter((line) => !this.isHooked(line))
  }

  private failed (error: CtiError, key: string): void {
    const { link, settings } = this
    if (link.signal.aborted) return
    if (error.code === 'CTI_UNAUTHORIZED' && key !== ACCOUNT && key !== BOT) return this.revoked(key)
    if (error.code === 'CTI_UNAUTHORIZED') return link.lost(error)
    if (error.code === 'CTI_RATE_LIMITED') return link.warn('rateLimited', error.message)
    link.warn('notRead', error.message)
    const now = link.clock.now()
    if (this.failures++ === 0) this.failingSince = now
    // Of many people some looks fail in the same moment: a short trouble is no loss.
    if (this.failures >= MOST_FAILURES && now - this.failingSince >= settings.pollIdleMs * (MOST_FAILURES - 1)) link.lost(asLost(error))
  }

  /** One person's authorisation is gone; that of the others goes on. */
  private revoked (key: string): void {
    const watch = this.watches.get(key)
    watch?.stop()
    this.watches.delete(key)
    this.link.warn('personRevoked', 'The authorisation of a person was revoked: that person has to authorise anew.')
    this.link.receive([{ event: 'vendor.authorization.revoked', derived: true, user: watch?.target.user ?? targetOf(key, this.context()).user }])
  }

  /** What the account can do without. */
  private async quietly (code: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const problem = CtiError.from(error, 'webex')
      if (!this.link.signal.aborted) this.link.warn(code, problem.message)
    }
  }

  private end (): void {
    this.unlisten?.()
    this.http.close()
  }
}
