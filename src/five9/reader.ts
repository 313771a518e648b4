/** What is read by request: lists at the start, the state of now, and again what an event says has changed (five9.md 2.6, 6.2). */
import { CtiError, samePlain, type Mailbox } from '../model'
import type { Link, Snapshot } from '../session/types'
import { ownAgentDrafts } from './agentMapping'
import type { ApiReply, ApiRequest } from './api'
import type { Memory } from './memory'
import { CONTEXTS, WORKING, type Frame, type Half } from './protocol'
import { fields, flag, idsIn, isFields, number, objects, text } from './read'
import { LISTS, placesOf, staleBy, type ListName } from './reference'
import { build, type RouteName } from './routes'
import { agentCallsSnapshot, ownAgentSnapshot } from './snapshot'

/** Several events may say the same: it is read once, so many ms after the first. */
const SOON_MS = 100
/** A list that the server could not give just now is asked for again after so many ms. */
const AGAIN_MS = 60_000
/** ms that further sources may come after the first full frame. */
const REST_MS = 2000
const EXPECTED: readonly string[] = ['AGENT_STATE', 'ACD_STATUS', 'AGENT_STATISTIC']
const WIDTH = 3

type Job = 'activeSkills' | 'calls' | 'voicemails' | 'statistics'
const JOBS: Readonly<Record<string, Job>> = { 11: 'activeSkills', 19: 'activeSkills', 39: 'activeSkills', 24: 'voicemails', 25: 'voicemails', 26: 'voicemails', 40: 'calls', 58: 'calls', 6001: 'statistics' }

/** Errors that concern one list or resource only: not there in this version, or not for this role. */
const isHarmless = ({ code }: CtiError): boolean => code === 'CTI_FORBIDDEN' || code === 'CTI_NOT_FOUND' || code === 'CTI_CONFLICT' || code === 'CTI_INVALID_REQUEST' || code === 'CTI_UNSUPPORTED'

/** The server answers, but this resource fails in it: no reason to do without all the others. */
const isOfServer = ({ cause }: CtiError): boolean => (cause.httpStatus ?? 0) >= 500

/** New and old messages of a list of voicemails; field names are not public (five9.md 3.4). */
export function mailboxOf (body: unknown): Mailbox | undefined {
  if (isFields(body)) {
    const fresh = number(body.newCount ?? body.unreadCount ?? body.newMessages ?? body.count)
    return fresh === undefined ? undefined : { newMessages: fresh, waiting: fresh > 0 }
  }
  if (!Array.isArray(body)) return undefined
  const rows = objects(body)
  const old = rows.filter((row) => flag(row.read ?? row.isRead ?? row.markedAsRead) === true).length
  return { newMessages: rows.length - old, oldMessages: old, waiting: rows.length > old }
}

export class Reader {
  private readonly timers = new Map<string, unknown>()
  private awaited: { readonly missing: Set<string>; done: () => void } | undefined

  /** @param send with patience for a session that is still settling */
  constructor (private readonly link: Link, private readonly memory: Memory, private readonly send: (request: ApiRequest) => Promise<ApiReply>) {}

  /** Reads every list that is not there yet; one that the role may not see stays empty, with a warning. @throws CtiError when the line is bad */
  async lists (): Promise<void> {
    const { memory } = this
    if (memory.isAgent) await this.readSelf()
    const wanted = LISTS.filter((name) => !memory.reference.has(name)).values()
    const lane = async (): Promise<void> => { for (const name of wanted) await this.list(name) }
    await Promise.all(Array.from({ length: WIDTH }, lane))
    // Said to fill what the cloud services know of the user's rights; the answer is of no use here (five9.md 2.5).
    await this.optional({ method: 'GET', path: `${CONTEXTS[memory.halves[0] ?? 'agent']}${this.filled('/users/{uid}/permissions')}`, idempotent: true })
  }

  /** One list, from the first place that has it. @returns whether it was read */
  async list (name: ListName): Promise<boolean> {
    const { memory, link } = this
    let trouble: CtiError | undefined
    for (const path of placesOf(name, memory.halves)) {
      const body = await this.optional({ method: 'GET', path: this.filled(path), idempotent: true }, (error) => { trouble = error }, isOfServer)
      if (body !== undefined && memory.reference.set(name, body)) return true
    }
    if (trouble !== undefined && isOfServer(trouble)) this.soon(`list ${name}`, () => this.refresh(name), AGAIN_MS)
    link.warn(`reference.${name}`, `The list "${name}" could not be read; its ids stay without names.${trouble === undefined ? '' : ` ${trouble.message}`}`)
    return false
  }

  /** Compares the state of now with what is known. @param poll the line was not down: what is found are ordinary events */
  async resync (poll: boolean): Promise<void> {
    const { memory } = this
    if (memory.isAgent) await this.agentState(poll)
    if (memory.isSupervisor) await this.statistics(true)
  }

  /** Full statistics came for these sources. */
  gotStatistics (sources: readonly string[]): void {
    const { awaited } = this
    if (awaited === undefined) return
    for (const source of sources) awaited.missing.delete(source)
    if (awaited.missing.size === 0) return awaited.done()
    this.later('rest', REST_MS, () => awaited.done())
  }

  /** Reads again what an event makes stale. */
  react (half: Half, { id, payload }: Frame): void {
    for (const name of staleBy(id, payload)) this.soon(`list ${name}`, () => this.refresh(name))
    const job = Object.hasOwn(JOBS, id) ? JOBS[id] : undefined
    if (job === undefined || (job === 'statistics') !== (half === 'supervisor')) return
    // The complete list came with the event.
    if (job === 'activeSkills' && id === '11' && Array.isArray(payload)) return
    this.soon(job, () => this.run(job))
  }

  stop (): void {
    for (const timer of this.timers.values()) this.link.clock.clearTimeout(timer)
    this.timers.clear()
    this.awaited?.done()
  }

  private async run (job: Job): Promise<void> {
    if (job === 'statistics') return this.statistics(false)
    if (job === 'voicemails') return this.voicemails()
    if (job === 'calls') return this.calls(true)
    await this.skills()
    this.tellAgent()
  }

  private async refresh (name: ListName): Promise<void> {
    if (!await this.list(name)) return
    this.link.receive([{ event: 'reference.changed', reference: { list: name } }])
    this.tellAgent()
  }

  /** The own record: name and extension, also for those who may not read the list of users. */
  private async readSelf (): Promise<void> {
    const { memory } = this
    const record = fields(await this.route('me'))
    if (text(record.id) === memory.uid) memory.reference.know(record)
    if (record.availableChannels !== undefined) memory.presence = { ...memory.presence, availableChannels: record.availableChannels }
  }

  private async agentState (poll: boolean): Promise<void> {
    const { memory, link } = this
    if (memory.loginState === undefined || memory.loginState === WORKING) {
      const [presence, station] = await Promise.all([this.route('presence'), this.route('station'), this.skills()])
      if (isFields(presence)) memory.presence = { availableChannels: memory.presence?.availableChannels, ...presence }
      if (isFields(station)) memory.station = station
      await this.calls(poll)
    }
    link.reconcile({ ...ownAgentSnapshot(memory, link.picture, this.now()), poll })
  }

  private async calls (poll: boolean): Promise<void> {
    const { memory, link } = this
    const takenAt = link.clock.now()
    const body = await this.route('calls')
    // Without the list nothing is known of calls: none may be taken for lost.
    if (!Array.isArray(body)) return
    const snapshot: Snapshot = agentCallsSnapshot(memory, link.picture, body, this.now(), takenAt)
    link.reconcile({ ...snapshot, poll })
    if (poll) this.tellAgent()
  }

  private async skills (): Promise<void> {
    const body = await this.route('active_skills')
    if (Array.isArray(body)) this.memory.activeSkills = idsIn(body, 'skillId')
  }

  private async voicemails (): Promise<void> {
    const { link, memory } = this
    const voicemail = mailboxOf(await this.route('voicemails'))
    if (voicemail === undefined || samePlain(link.picture.mailbox(memory.uid), voicemail)) return
    link.receive([{ event: 'voicemail.updated', voicemail, user: memory.userRef(memory.uid) }])
  }

  /** Asks for all figures; an attached session does not push them by itself (five9.md 2.6). */
  private async statistics (wait: boolean): Promise<void> {
    const { memory, link } = this
    // It only says what time the figures are about.
    const filter = await this.route('stats_filter', isOfServer)
    if (isFields(filter)) memory.statistics.filter = filter
    const came = wait ? this.await(memory.settings.statisticsMs) : undefined
    await this.route('request_full_statistics')
    const complete = await came
    if (complete === false) link.warn('statistics', 'Five9 did not send all statistics that were asked for: what the role and the filter leave out stays unknown.')
  }

  /** @returns whether every source came in time */
  private await (ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const missing = new Set(EXPECTED)
      const done = (): void => {
        this.awaited = undefined
        this.cancel('statistics limit')
        this.cancel('rest')
        resolve(missing.size === 0)
      }
      this.awaited = { missing, done }
      this.later('statistics limit', ms, done)
    })
  }

  private tellAgent (): void {
    const { link, memory } = this
    const frame: Frame = { id: '', at: this.now(), timed: false, payload: undefined, raw: {} }
    link.receive(ownAgentDrafts({ frame, half: 'agent', memory, picture: link.picture }))
  }

  private now (): number {
    return this.link.clock.now() + this.link.clockOffsetMs
  }

  private filled (path: string): string {
    const { identity } = this.memory.credentials
    return path.replace('{uid}', encodeURIComponent(identity?.userId ?? '')).replace('{oid}', encodeURIComponent(identity?.orgId ?? ''))
  }

  private route (name: RouteName, mayFail?: (error: CtiError) => boolean): Promise<unknown> {
    const { memory } = this
    const { half, method, path, body } = build(name, { uid: memory.uid, oid: memory.credentials.identity?.orgId }, memory.settings.advanced)
    return this.optional({ method, path: CONTEXTS[half] + path, idempotent: method === 'GET', ...(body === undefined ? {} : { body }) }, undefined, mayFail)
  }

  /** The body; undefined when the resource is not there or not for us. @throws CtiError when the line is bad */
  private async optional (request: ApiRequest, refused?: (error: CtiError) => void, mayFail: (error: CtiError) => boolean = () => false): Promise<unknown> {
    try {
      return (await this.send(request)).body
    } catch (error) {
      const failure = CtiError.from(error, 'five9')
      if (!isHarmless(failure) && !mayFail(failure)) throw failure
      refused?.(failure)
      return undefined
    }
  }

  private soon (name: string, work: () => Promise<void>, ms = SOON_MS): void {
    this.later(name, ms, () => {
      work().catch((error: unknown) => {
        const failure = CtiError.from(error, 'five9')
        if (this.link.signal.aborted) return
        if (failure.cause.httpStatus === 401) this.link.lost(failure)
        else this.link.warn('refresh', `Something could not be read again: ${failure.message}`)
      })
    })
  }

  private later (name: string, ms: number, work: () => void): void {
    if (this.timers.has(name)) return
    this.timers.set(name, this.link.clock.setTimeout(() => {
      this.timers.delete(name)
      work()
    }, ms))
  }

  private cancel (name: string): void {
    const timer = this.timers.get(name)
    if (timer === undefined) return
    this.link.clock.clearTimeout(timer)
    this.timers.delete(name)
  }
}
