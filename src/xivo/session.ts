/** One account's line to a XiVO server: logs in, keeps alive, reads state, turns lines into events (xivo-cti.md 2 to 6). */
import { CtiError } from '../model'
import { registerActions } from '../session/registry'
import type { ActionTable, Driver, EventDraft, Link } from '../session/types'
import type { TlsSettings } from '../transport/tls'
import { actionsOf } from './actions'
import { agentIdOf } from './actions/common'
import { authenticate } from './authenticate'
import { PLACE_MS, placeWaiting } from './channelLegs'
import { tlsOf, type Connection, type LineFault } from './connection'
import { Desk } from './desk'
import type { Dialect, Protocol } from './dialect'
import { prepare, reduce } from './events'
import { isTokenError } from './failures'
import { settingsOf, type Settings, type XivoOptions } from './options'
import { announce, loginPresence } from './presence'
import { DISCONNECTED, TOKEN_LIFE_MS, xid, type XivoMessage } from './protocol'
import { expireDequeuing, LEAVE_MS } from './queueMapping'
import { millis, text } from './read'
import { Requests } from './requests'
import type { Scope } from './scope'
import { snapshotOf } from './snapshot'
import { subscribeOwn, synchronise } from './sync'
import { Tables } from './tables'

/** ms that a token must be old before an error of authorisation is blamed on it. */
const TOKEN_DOUBT_MS = 3600_000
/** ms between two attempts to take our presence back after another session of the user closed (xivo-cti.md 10, trap 18). */
const PRESENCE_PAUSE_MS = 10_000
/** ms by which the server's clock may seem to step before it is believed; what is less is delay on the way. */
const CLOCK_STEP_MS = 2000
const END_MS = 1000

const FAULTS: Readonly<Record<LineFault, string>> = {
  oversize: 'A line of the server was too long.',
  encoding: 'A line of the server was not UTF-8.',
  malformed: 'A line of the server was not JSON.',
  truncated: 'The last line of the server was cut.',
  notObject: 'A line of the server was no JSON object.'
}

/** Answers that are also news. */
const TELLING: ReadonlySet<string> = new Set(['getlist', 'relations', 'current_calls', 'meetme_update', 'queueentryupdate'])

/** A reply carries the id of its command; news never do (xivo-cti.md 3.0). */
function isLateReply (message: XivoMessage): boolean {
  return message.replyid !== undefined && message.replyid !== null && !TELLING.has(String(message.class))
}

/** What belongs to one connection. */
interface Line { readonly link: Link; readonly connection: Connection; readonly requests: Requests; readonly dialect: Dialect; readonly since: number; timers: Map<string, unknown> }

export class XivoDriver implements Driver {
  readonly platform = 'xivo' as const
  readonly actions: ActionTable
  readonly pace = { concurrency: 20, perSecond: 50, queued: 500 }
  private readonly settings: Settings
  private readonly trust: TlsSettings
  private readonly tables = new Tables()
  private readonly desk = new Desk(this.tables)
  private line: Line | undefined
  private protocol: Protocol | undefined
  /** Presence that the user had last, to be taken again after a gap. */
  private presence: string | undefined
  /** Presence to announce when the present state is known. */
  private presenceLater: string | undefined
  private presenceTakenAt = 0

  /** @throws CtiError CTI_INVALID_REQUEST for options that cannot be used */
  constructor (options: XivoOptions) {
    this.settings = settingsOf(options)
    this.trust = tlsOf(this.settings)
    this.actions = actionsOf(this.desk)
  }

  async open (link: Link): Promise<void> {
    this.tables.restart()
    const { state, later } = loginPresence(this.tables, this.presence, this.settings.presence)
    this.presenceLater = later
    const { connection, capabilities, dialect } = await authenticate({
      settings: this.settings,
      trust: this.trust,
      signal: link.signal,
      clock: link.clock,
      presence: state,
      connected: () => link.phase('authenticating'),
      ...(this.protocol === undefined ? {} : { remembered: this.protocol })
    })
    this.protocol = dialect.protocol
    this.tables.capabilities = capabilities
    const requests = new Requests(link.clock, (message) => connection.send(message), link.timeoutMs)
    const line: Line = { link, connection, requests, dialect, since: link.clock.now(), timers: new Map() }
    this.line = line
    this.desk.connected(link, requests, dialect)
    link.signal.addEventListener('abort', () => this.drop(line), { once: true })
    connection.listen({
      message: (message) => this.take(line, message),
      heard: () => link.heard(),
      fault: (kind) => link.warn(`line.${kind}`, FAULTS[kind]),
      ended: (error) => this.lost(line, error)
    })
    link.phase('subscribing')
    subscribeOwn(requests)
    link.watchdog(this.settings.keepaliveMs + this.settings.deadAfterMs)
    this.keepAlive(line)
  }

  async resync (link: Link): Promise<'full'> {
    const line = this.line
    if (line === undefined || line.link !== link) throw new CtiError('CTI_NOT_CONNECTED', 'The connection to the server is gone.', { vendor: 'xivo', retryable: true })
    const { requests, dialect } = line
    await synchronise({ requests, dialect, tables: this.tables, watch: this.settings.watch, signal: link.signal, statusMs: link.timeoutMs, warn: (code, words) => link.warn(code, words) })
    if (this.presenceLater !== undefined) await announce(requests, this.tables, this.presenceLater, link.signal)
    link.reconcile(snapshotOf(this.scope(line, {})))
    this.tables.synced = true
    this.presence ??= this.settings.presence
    this.logAgentIn(line)
    return 'full'
  }

  async close (link: Link, why: 'removed' | 'restart'): Promise<void> {
    const line = this.line
    if (line === undefined || line.link !== link) return
    this.stop(line)
    // A logout has the actions of the presence "disconnected", which log the agent off; a plain end has not (xivo-cti.md 2.8).
    if (why === 'removed') this.tryTo(line, () => line.requests.tell({ class: 'logout', stopper: 'disconnect' }))
    await line.connection.end(END_MS)
  }

  ownerOf (user: string): string | undefined {
    const { tables } = this
    if (tables.lists.users.has(user)) return user
    const phone = tables.phoneOfNumber(user)
    if (phone !== undefined) return tables.ownerOf(phone).id
    for (const id of tables.lists.users.keys()) if (tables.userName(id) === user) return id
    return undefined
  }

  ownOwner (): string | undefined {
    const phone = this.tables.ownPhone
    return phone === undefined ? this.tables.userId || undefined : this.tables.ownerOf(phone).id
  }

  private scope (line: Line, message: XivoMessage): Scope {
    const { link } = line
    return { tables: this.tables, picture: link.picture, message, now: millis(message.timenow) ?? link.clock.now() + link.clockOffsetMs, epoch: link.epoch }
  }

  /** One line of the server. Nothing may escape from here: it runs in the socket's listener. */
  private take (line: Line, raw: XivoMessage): void {
    const { link, requests } = line
    try {
      this.readClock(line, raw)
      const { message, problem } = prepare(raw)
      if (problem !== undefined) link.warn('sheet', problem.message)
      this.checkToken(line, message)
      if (message.class === 'relations') line.dialect.seen('relations')
      const answered = requests.settle(message)
      // Lists change what is known also when they answer a question.
      if (answered && !TELLING.has(String(message.class)) && message.error_string === undefined) return
      if (!answered && isLateReply(message)) {
        // An acknowledgement of nothing is what a command gets that nobody waits for.
        if (message.warning_string === undefined) link.warn('lateReply', 'A reply came for which nobody waits any more.')
        return
      }
      const drafts = reduce(this.scope(line, message))
      this.emit(line, answered ? drafts.filter(({ event }) => !event.startsWith('vendor.')) : drafts, message)
      this.keepPresence(line, message)
    } catch (error) {
      link.warn('message', `A message of class ${String(raw.class).slice(0, 60)} could not be handled: ${CtiError.from(error).message}`)
    }
  }

  private emit (line: Line, drafts: readonly EventDraft[], vendorEvent: unknown): void {
    if (drafts.length > 0) {
      line.requests.watch(drafts)
      line.link.receive(drafts, vendorEvent)
    }
    this.lookAgain(line, 'dequeuing', LEAVE_MS, expireDequeuing)
    this.lookAgain(line, 'unplaced', PLACE_MS, placeWaiting)
  }

  /** What a message left open is settled after a while by what came since. */
  private lookAgain (line: Line, what: 'dequeuing' | 'unplaced', ms: number, look: (scope: Scope) => EventDraft[]): void {
    if (this.tables[what].size > 0 && !line.timers.has(what)) this.later(line, what, ms, () => this.emit(line, look(this.scope(line, {})), undefined))
  }

  private readClock ({ link }: Line, { timenow }: XivoMessage): void {
    const told = millis(timenow)
    if (told === undefined) return
    const offset = told - link.clock.now()
    // The way of a line only ever takes time: the largest difference seen is the nearest to the truth.
    if (link.clockOffsetMs === 0 || offset > link.clockOffsetMs || link.clockOffsetMs - offset > CLOCK_STEP_MS) link.clockOffsetMs = offset
  }

  private keepAlive (line: Line): void {
    this.later(line, 'keepalive', this.settings.keepaliveMs, () => {
      if (line.dialect.isTwo && line.link.clock.now() - line.since > TOKEN_LIFE_MS) return this.renew(line)
      this.tryTo(line, () => line.requests.tell({ class: 'keepalive' }))
      this.keepAlive(line)
    })
  }

  /** The token of a 2.x session is never renewed by the server: only a new log-in gets another (xivo-cti.md 5). */
  private renew (line: Line): void {
    this.lost(line, new CtiError('CTI_UNAVAILABLE', 'The session is renewed because its token expires.', { vendor: 'xivo', retryable: true, code: 'tokenRenewal' }))
  }

  private checkToken (line: Line, message: XivoMessage): void {
    const error = text(message.error_string)
    if (error === undefined || !line.dialect.isTwo || !isTokenError(error) || line.link.clock.now() - line.since < TOKEN_DOUBT_MS) return
    this.later(line, 'renew', 0, () => this.renew(line))
  }

  /** Another session of the same user closed and took the presence with it. */
  private keepPresence (line: Line, message: XivoMessage): void {
    const { tables } = this
    if (message.class !== 'getlist' || message.listname !== 'users' || text(message.tid) !== tables.userId || !tables.synced) return
    const value = text(tables.row('users', tables.userId).status.availstate)
    if (value === undefined) return
    if (value !== DISCONNECTED) {
      this.presence = value
      return
    }
    const now = line.link.clock.now()
    if (now - this.presenceTakenAt < PRESENCE_PAUSE_MS) return
    this.presenceTakenAt = now
    const failed = (error: unknown): void => line.link.warn('presence', `The presence was not taken back: ${CtiError.from(error).message}`)
    announce(line.requests, tables, this.presence ?? this.settings.presence, line.link.signal).catch(failed)
  }

  private logAgentIn (line: Line): void {
    const { agent } = this.settings
    if (agent === undefined) return
    const failed = (error: unknown): void => line.link.warn('agentLogin', `The agent was not logged in: ${CtiError.from(error).message}`)
    try {
      const named = agent.id === undefined ? {} : { agentids: xid('agent', agentIdOf(this.desk, agent.id)) }
      const message = { class: 'ipbxcommand', command: 'agentlogin', ...named, ...(agent.number ? { agentphonenumber: agent.number } : {}) }
      line.requests.ask({ message, family: 'agent', quietMs: line.link.timeoutMs, effect: ({ event }) => event === 'agent.loggedIn', signal: line.link.signal }).catch(failed)
    } catch (error) {
      failed(error)
    }
  }

  private tryTo (line: Line, job: () => unknown): void {
    try {
      job()
    } catch (error) {
      line.link.warn('send', CtiError.from(error).message)
    }
  }

  private lost (line: Line, error: CtiError): void {
    if (this.line !== line) return
    this.drop(line)
    line.link.lost(error)
  }

  private drop (line: Line): void {
    this.stop(line)
    line.connection.destroy()
  }

  private stop (line: Line): void {
    for (const timer of line.timers.values()) line.link.clock.clearTimeout(timer)
    line.timers.clear()
    line.requests.failAll(new CtiError('CTI_NOT_CONNECTED', 'The connection to the server is gone.', { vendor: 'xivo', retryable: true }))
    if (this.line !== line) return
    this.line = undefined
    this.desk.disconnected()
  }

  /** One timer a name; a later one replaces it. */
  private later (line: Line, name: string, ms: number, job: () => void): void {
    const { clock } = line.link
    const before = line.timers.get(name)
    if (before !== undefined) clock.clearTimeout(before)
    line.timers.set(name, clock.setTimeout(() => {
      line.timers.delete(name)
      if (this.line === line) job()
    }, ms))
  }
}

// Known without a connection, so that other vendors' errors can name this one. What a server lacks shows when it is asked.
registerActions('xivo', actionsOf(new Desk(new Tables())))
