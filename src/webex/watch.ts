/** One person whose calls, settings and agent state are watched, through one token. */
import { CtiError, type Agent, type CallState } from '../model'
import type { EventDraft, Link, Snapshot } from '../session/types'
import { agentDrafts, mapAgent, withState } from './agents'
import { path, type ApiReply } from './api'
import { conferenceDrafts, mapConference } from './conferences'
import { reduceCall, reduceGone } from './events'
import { callIdOf, mapLeg } from './legs'
import { callsPath, conferencePath, lineQuery, settingPaths, type Line, type Setting } from './line'
import { Loop } from './loop'
import type { DriverMemory } from './memory'
import { mapDnd, mapForwarding, mapMailbox, mapPresence } from './settings'
import type { Settings } from './options'
import { records, type Json } from './read'
import { targetOf, type Source, type Target } from './scope'

export interface WatchOptions {
  readonly link: Link
  readonly line: Line
  readonly settings: Settings
  readonly memory: DriverMemory
  /** Somebody of the organisation whom the account does not name: nothing but the calls is looked at. */
  readonly callsOnly: boolean
  /** How many people are watched. */
  readonly people: () => number
  readonly source: () => Source
  /** Webhooks tell of this person's calls now. */
  readonly hooked: () => boolean
  /** How many people are polled: the more, the more seldom each. */
  readonly polled: () => number
  /** How many events have come in, and whether one told of a leg after so many: a list that was asked for before is older. */
  readonly taken: () => number
  readonly hasNews: (legId: string, since: number) => boolean
  /** A list has told of a leg; `asked`: when it was asked for, ms of the vendor's clock. */
  readonly listed: (legId: string, state: CallState, asked: number) => void
  readonly failed: (error: CtiError) => void
  readonly worked: () => void
}

/** What is read beside the calls; each may be refused for good, then it is left. */
type Part = Setting | 'queues' | 'mailbox' | 'presence' | 'conference'
const REFUSED: ReadonlySet<string> = new Set(['CTI_FORBIDDEN', 'CTI_NOT_FOUND', 'CTI_INVALID_REQUEST', 'CTI_UNSUPPORTED'])
/** ms after the end of a queue's call, to see whether wrap-up began. */
const AFTER_CALL_MS = 300

/** ms after an action to a look at the calls: where events come in, and where they do not. */
const AFTER_ACTION_MS = 5000
const SOON_MS = 150
/** ms that the result of an action waits for a look. */
const LOOK_LIMIT_MS = 1000
/** So many people can be asked in turn within one interval; with the default about what the vendor takes of one client (webex-calling.md U20). */
const SPACED = 20

export class Watch {
  private readonly calls: Loop
  private readonly others: Loop
  private readonly withheld = new Set<Part>()
  /** The last look at the calls failed: the next one tells whether Webex is away, and is not put off. */
  private isFailing = false
  /** Looks at the calls that were begun, and the last of which the result was told. */
  private looks = 0
  private told = 0

  constructor (private readonly options: WatchOptions) {
    const { link, settings } = options
    const loop = { clock: link.clock, signal: link.signal, failed: options.failed }
    const failed = (error: CtiError): void => {
      this.isFailing = true
      options.failed(error)
    }
    this.calls = new Loop({ ...loop, failed, every: () => this.interval(), work: () => this.readCalls() })
    this.others = new Loop({ ...loop, every: () => options.callsOnly ? 0 : settings.settingsMs * Math.max(1, options.people() / SPACED), work: () => this.readOthers() })
  }

  get line (): Line {
    return this.options.line
  }

  /** Who it is, with what is known by now. */
  get target (): Target {
    return targetOf(this.line.id, this.options.source().context)
  }

  /** Begins to look again and again. */
  start (): void {
    this.calls.plan()
    this.others.plan()
  }

  stop (): void {
    this.calls.stop()
    this.others.stop()
  }

  /** Looks at the calls in at most so many ms. */
  lookSoon (ms: number): void {
    this.calls.soon(ms)
  }

  /** An action was taken: its event should come; where none can, or none did, a look tells (webex-calling.md 6). */
  acted (): void {
    this.calls.soon(this.options.hooked() ? AFTER_ACTION_MS : SOON_MS)
  }

  /** Looks at the calls at once, and waits for it a short time; what goes wrong shows at the next look. */
  async readNow (): Promise<void> {
    const { link } = this.options
    const look = this.readCalls().catch((error: unknown) => { link.warn('notRead', CtiError.from(error, 'webex').message) })
    let timer: unknown
    const limit = new Promise<void>((resolve) => { timer = link.clock.setTimeout(resolve, LOOK_LIMIT_MS) })
    await Promise.race([look, limit])
    link.clock.clearTimeout(timer)
  }

  /** Looks at settings, agent state and mailbox in at most so many ms. */
  lookAtOthersSoon (ms: number): void {
    this.others.soon(ms)
  }

  /** A call of this person has changed: what follows from it. */
  callsChanged (drafts: readonly EventDraft[]): void {
    this.calls.plan()
    if (drafts.every(({ call }) => call?.queue === undefined)) return
    const { link } = this.options
    const known = link.picture.agent(this.line.id)
    if (known === undefined) return
    this.tellAgent(withState(known, link.picture.callsOf(this.line.id), known, this.now()))
    if (drafts.some(({ event }) => event === 'call.ended')) this.others.soon(AFTER_CALL_MS)
  }

  /** Everything of now. @throws CtiError when the calls cannot be read */
  async snapshot (): Promise<Snapshot> {
    const { link } = this.options
    const takenAt = link.clock.now()
    const source = this.options.source()
    const { target } = this
    const list = await this.list()
    const calls = list.flatMap((call) => {
      const callId = callIdOf(call)
      if (callId === undefined) return []
      const leg = mapLeg(call, callId, target, undefined, source)
      this.options.listed(leg.id, leg.state, takenAt + link.clockOffsetMs)
      return [mapLeg(call, callId, target, source.picture.call(leg.id), source)]
    })
    const conference = calls.length > 1 ? await this.optional('conference', () => this.ask(conferencePath(this.line))) : undefined
    const found = conference === undefined ? undefined : mapConference(conference.node, target, source)
    const inside = new Set(found?.members.map(({ callId }) => callId))
    return {
      calls: calls.map((leg) => found !== undefined && inside.has(leg.id) ? { ...leg, conference: found } : leg),
      owners: [target.id],
      takenAt,
      ...await this.present()
    }
  }

  /** Reads the calls and tells what is new. */
  async readCalls (): Promise<void> {
    const { link, hasNews, listed } = this.options
    const since = this.options.taken()
    const asked = link.clock.now() + link.clockOffsetMs
    const look = ++this.looks
    const list = await this.list()
    // A look that was begun later has been told: this one is older.
    if (look < this.told) return
    this.told = look
    const source = this.options.source()
    const { target } = this
    const seen = new Set<string>()
    const drafts: EventDraft[] = []
    for (const call of list) {
      const callId = callIdOf(call)
      if (callId === undefined) continue
      const { id, state } = mapLeg(call, callId, target, undefined, source)
      seen.add(id)
      // An event that came meanwhile is newer than this list.
      if (hasNews(id, since)) continue
      listed(id, state, asked)
      drafts.push(...this.tell(reduceCall({ call, target }, source), call))
    }
    for (const leg of link.picture.callsOf(target.id)) {
      if (!seen.has(leg.id) && !hasNews(leg.id, since)) drafts.push(...this.tell(reduceGone(leg, target, source)))
    }
    if (drafts.length > 0) this.callsChanged(drafts)
    if (!this.options.hooked() && list.length > 1) await this.readConference()
  }

  async readConference (): Promise<void> {
    const reply = await this.optional('conference', () => this.ask(conferencePath(this.line)))
    if (reply === undefined) return
    const source = this.options.source()
    this.options.link.receive(conferenceDrafts(mapConference(reply.node, this.target, source), this.target, source), reply.node)
  }

  /** The agent as read now; undefined for somebody who is none. */
  async readAgent (): Promise<Agent | undefined> {
    const reply = this.line.family === 'member' ? undefined : await this.optional('queues', () => this.ask(path('telephony', 'config', 'people', 'me', 'settings', 'queues')))
    if (reply === undefined) return undefined
    const { picture } = this.options.link
    return mapAgent(reply.node, this.target, picture.callsOf(this.line.id), picture.agent(this.line.id), this.now())
  }

  async readMailbox (): Promise<void> {
    const { link } = this.options
    const reply = await this.mailbox()
    if (reply !== undefined) link.reconcile({ mailboxes: [{ user: this.target.user, voicemail: mapMailbox(reply.node) }], poll: true, vendorEvent: reply.node })
  }

  private async readOthers (): Promise<void> {
    const { link } = this.options
    const { agents, ...rest } = await this.present()
    link.reconcile({ ...rest, poll: true })
    for (const agent of agents ?? []) this.tellAgent(agent)
  }

  /** Settings, mailbox, presence, agent: those that may be read. */
  private async present (): Promise<Snapshot> {
    if (this.options.callsOnly) return {}
    const { user } = this.target
    const [forwarding, dnd, mailbox, presence, agent] = await Promise.all([
      this.setting('callForwarding'), this.setting('doNotDisturb'), this.mailbox(), this.optional('presence', () => this.ask(path('people', this.line.id))), this.readAgent()
    ])
    const shown = presence === undefined ? undefined : mapPresence(presence.node)
    return {
      ...(forwarding === undefined ? {} : { forwardings: [mapForwarding(forwarding.node, user)] }),
      ...(dnd === undefined ? {} : { dnd: [{ user, dnd: mapDnd(dnd.node) }] }),
      ...(mailbox === undefined ? {} : { mailboxes: [{ user, voicemail: mapMailbox(mailbox.node) }] }),
      ...(shown === undefined ? {} : { presences: [{ user, presence: shown }] }),
      ...(agent === undefined ? {} : { agents: [agent] })
    }
  }

  private tellAgent (agent: Agent): void {
    const { link } = this.options
    const known = link.picture.agent(agent.id)
    if (known === undefined) link.reconcile({ agents: [agent], poll: true })
    else link.receive(agentDrafts(known, agent, this.target, (id) => link.picture.queue(id)))
  }

  private tell (drafts: EventDraft[], vendorEvent?: Json): EventDraft[] {
    if (drafts.length > 0) this.options.link.receive(drafts, vendorEvent)
    return drafts
  }

  private async list (): Promise<Json[]> {
    const { memory, worked } = this.options
    const reply = await this.ask(callsPath(this.line))
    this.isFailing = false
    worked()
    const list = records(reply.node, 'items')
    for (const call of list) {
      const id = callIdOf(call)
      if (id !== undefined) memory.noteRestId(id)
    }
    return list
  }

  /** Members have no mailbox here: the API takes a user's token only (webex-calling.md 3.7). */
  private async mailbox (): Promise<ApiReply | undefined> {
    return this.line.family === 'member' ? undefined : this.optional('mailbox', () => this.ask(path('telephony', 'voiceMessages', 'summary')))
  }

  private setting (setting: Setting): Promise<ApiReply | undefined> {
    return this.optional(setting, async () => {
      const [first, second] = settingPaths(this.line, setting)
      try {
        return await this.ask(first!)
      } catch (error) {
        if (second === undefined || !REFUSED.has(CtiError.from(error).code)) throw error
        return this.ask(second)
      }
    })
  }

  /** What is not granted or not licensed is not asked for again on this connection. */
  private async optional (part: Part, work: () => Promise<ApiReply>): Promise<ApiReply | undefined> {
    if (this.withheld.has(part)) return undefined
    try {
      return await work()
    } catch (error) {
      if (!REFUSED.has(CtiError.from(error).code)) throw error
      this.withheld.add(part)
      return undefined
    }
  }

  private ask (at: string): Promise<ApiReply> {
    return this.line.api.look(at, this.options.link.signal, lineQuery(this.line))
  }

  private interval (): number {
    const { settings, link, hooked } = this.options
    const isBusy = link.picture.callsOf(this.line.id).length > 0
    if (hooked() && !this.isFailing) return isBusy ? settings.reconcileMs : settings.healthMs
    return Math.max(isBusy ? settings.pollBusyMs : settings.pollIdleMs, this.options.polled() * settings.pollIdleMs / SPACED)
  }

  private now (): string {
    const { clock, clockOffsetMs } = this.options.link
    return new Date(clock.now() + clockOffsetMs).toISOString()
  }
}
