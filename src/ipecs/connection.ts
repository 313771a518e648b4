/** One connection of an account: token, socket, monitors, and the way of a frame to the events (ipecs.md 2, 4, 5, 6). */
import { CtiError } from '../model'
import type { EventDraft, Link } from '../session/types'
import type { WebSocketClient } from '../transport/webSocket'
import { IpecsApi } from './api'
import { isTokenDead } from './errors'
import { reduce } from './events'
import { readFrame, type CtiEvent, type Frame } from './frames'
import type { Login } from './login'
import type { Memory } from './memory'
import { Monitors } from './monitors'
import { pause } from './pause'
import { ACD, type SocketVariant } from './protocol'
import { objects, parseObject, text, type Fields } from './read'
import { draft, endLeg, type Scope } from './scope'
import { Serials } from './serials'
import { readSnapshot } from './snapshot'
import { openSocket } from './socket'
import { SummaryTeller } from './summaryTeller'

/** ms between a sign of lost events and the look at the devices: several come at once. */
const LOOK_MS = 1000
/** ms in which so many stations going out of service are the switch going down (ipecs.md 6, switch restart). */
const STORM_MS = 5000
const STORM_DEVICES = 3
/** ms after which waiting callers of before a gap are not believed in any more: no request tells of them. */
const BELIEVED_MS = 10_000
/** Records that need a callRefID to be of use (ipecs.md 10, trap 14). */
const NEED_REF: ReadonlySet<number> = new Set([ACD.seize, ACD.connect, ACD.disconnect])

/** The device that a frame says has a call less. */
function freedBy (frame: Frame): string | undefined {
  if (frame.kind === 'acd') return frame.record.code === ACD.stationIdle ? frame.record.source?.number : undefined
  return frame.kind === 'cti' && (frame.event.type === 'released' || text(frame.event.data.status) === 'idle') ? frame.event.device : undefined
}

/** What outlives a connection: held by the driver. */
export interface Keeper { readonly memory: Memory; readonly login: Login; variant?: SocketVariant; lostAt?: number }

export class IpecsConnection {
  readonly api: IpecsApi
  readonly monitors: Monitors
  private readonly memory: Memory
  private readonly login: Login
  private readonly scope: Scope
  private readonly serials = new Serials()
  private readonly teller: SummaryTeller
  private readonly down = new Map<string, number>()
  private readonly timers = new Map<string, unknown>()
  private readonly look = new Set<string>()
  private socket: WebSocketClient | undefined
  private lastRecord = ''

  constructor (readonly link: Link, private readonly keeper: Keeper) {
    const { memory, login } = keeper
    this.memory = memory
    this.login = login
    this.api = new IpecsApi(memory.settings, (ms, signal) => pause(link.clock, ms, signal))
    this.monitors = new Monitors(link, this.api, memory)
    this.teller = new SummaryTeller(memory, link)
    const { clock } = link
    this.scope = { memory, picture: link.picture, get now () { return clock.now() } }
    memory.begin(link.epoch)
    link.clockOffsetMs = memory.clock.offsetMs
    link.signal.addEventListener('abort', () => this.drop(), { once: true })
  }

  /** Logs in, or goes on with the token that was good a moment ago; then the socket and the monitors. @throws CtiError */
  async open (): Promise<void> {
    const { link, login, api, memory } = this
    link.phase('authenticating')
    const token = login.fresh(link.clock.now())
    api.token = token
    if (memory.settings.accountType === 'client') {
      if (token === undefined) await this.enter()
      link.phase('subscribing')
      return this.checkConnection()
    }
    if (token === undefined || !await this.reconnects()) {
      await this.enter()
      await this.connect()
    }
    link.phase('subscribing')
    this.teller.begin()
    await this.guarded(() => this.monitors.start())
  }

  /** Reads what can be read (ipecs.md 2.8). @throws CtiError */
  async resync (): Promise<'full' | 'openCalls' | 'none'> {
    const { link, memory, keeper } = this
    const lostAt = keeper.lostAt
    delete keeper.lostAt
    const devices = [...memory.monitored]
    const snapshot = await this.guarded(() => readSnapshot(link, this.api, memory, { devices, settings: true }))
    const owners = [...snapshot.owners ?? []]
    if (lostAt !== undefined) {
      memory.agents.forgetStates()
      if (link.clock.now() - lostAt > BELIEVED_MS) owners.push(...this.forgetWaiting())
    }
    link.reconcile({ ...snapshot, owners, ...(lostAt === undefined ? {} : { agents: [], allAgents: true }) })
    this.armDue()
    return devices.length === 0 ? 'none' : 'full'
  }

  /** Stops the monitors, closes the socket, logs out; whatever the peer does, within the limits given. */
  async close (monitorMs: number, logoutMs: number): Promise<void> {
    this.stopTimers()
    if (this.api.token !== undefined) await this.monitors.stop(monitorMs)
    this.socket?.close(1000)
    await this.login.leave(this.api, logoutMs)
    this.api.close()
  }

  /** Runs a request of an action; a dead token ends the connection, for only a new login helps. */
  async guarded<T> (work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (raw) {
      const error = CtiError.from(raw, 'ipecs')
      if (isTokenDead(error) && this.api.token !== undefined) {
        this.login.forget()
        this.api.token = undefined
        const reason = new CtiError('CTI_UNAVAILABLE', 'The switch does not know the session any more: logging in again.', { ...error.cause, retryable: true })
        this.lost(reason)
        throw reason
      }
      throw error
    }
  }

  private async enter (): Promise<void> {
    try {
      await this.login.enter(this.api, this.link)
    } catch (raw) {
      const error = CtiError.from(raw, 'ipecs')
      // The wrapper calls this hook when it gives up.
      if (error.cause.alreadyLogin === true && error.cause.retryable === false) this.link.receive([this.teller.resetHook()])
      throw error
    }
  }

  private async reconnects (): Promise<boolean> {
    try {
      await this.connect()
      return true
    } catch (raw) {
      const error = CtiError.from(raw, 'ipecs')
      if (error.cause.httpStatus === undefined) throw error
      // The token is gone, or the old socket still stands: only a login tells.
      this.login.forget()
      this.api.token = undefined
      return false
    }
  }

  private async connect (): Promise<void> {
    const { link, keeper, memory, api } = this
    const { socket, variant } = await openSocket(memory.settings, api.token ?? '', link.signal, {
      message: (told, bytes) => this.take(told ?? bytes?.toString('utf8') ?? ''),
      alive: () => this.login.touch(link.clock.now()),
      close: (_code, _reason, error) => this.lost(error ?? new CtiError('CTI_UNAVAILABLE', 'The web socket was closed.', { vendor: 'ipecs', retryable: true }))
    }, keeper.variant).catch((raw: unknown) => {
      const error = CtiError.from(raw, 'ipecs')
      // A token that dies between login and socket is no refused password (ipecs.md 2.5).
      throw error.code === 'CTI_UNAUTHORIZED' ? new CtiError('CTI_UNAVAILABLE', 'The switch did not take the token for the web socket.', { ...error.cause, retryable: true }) : error
    })
    this.socket = socket
    keeper.variant = variant
    this.login.touch(link.clock.now())
  }

  /** Without a socket only requests keep the token alive (ipecs.md 2.6). */
  private checkConnection (): void {
    const { link, login, api } = this
    this.later('check', login.seconds * 500, () => {
      this.guarded(() => api.call('checkConnection', {}, { signal: link.signal })).then(() => {
        login.touch(link.clock.now())
        link.heard()
        this.checkConnection()
      }, (raw: unknown) => {
        const error = CtiError.from(raw, 'ipecs')
        this.lost(new CtiError('CTI_UNAVAILABLE', error.message, { ...error.cause, retryable: true }))
      })
    })
  }

  private lost (error: CtiError): void {
    if (this.link.signal.aborted) return
    // No answer to a ping: the line is dead, and no request was too slow.
    const reason = error.code === 'CTI_TIMEOUT' ? new CtiError('CTI_UNAVAILABLE', error.message, { ...error.cause, retryable: true }) : error
    this.keeper.lostAt ??= this.link.clock.now()
    this.teller.end()
    this.link.lost(reason)
  }

  /** One frame. Nothing may escape from here: it runs in the socket's listener. */
  private take (raw: string): void {
    const { link } = this
    this.login.touch(link.clock.now())
    link.heard()
    const whole = parseObject(raw)
    if (whole === undefined) return link.warn('frame', 'A frame of the switch was no JSON object and was left out.')
    try {
      const frame = readFrame(whole)
      if (this.isRepeated(frame, raw)) return
      if (frame.kind === 'acd') this.note(frame)
      const drafts = reduce(this.scope, frame)
      if (drafts.length > 0) link.receive(drafts, whole)
      if (frame.kind === 'acd') this.teller.fold(frame.record, whole)
      this.after(frame, whole)
    } catch (error) {
      link.warn('message', `A frame of the switch could not be handled: ${CtiError.from(error).message}`)
    }
    this.armDue()
  }

  private isRepeated (frame: Frame, raw: string): boolean {
    const isSame = this.lastRecord === raw
    this.lastRecord = raw
    if (frame.kind === 'cti') return this.checkSerial(frame.event)
    // No serial number: only the same record twice in a row, within its second, is taken for one. Two apart may be two facts (hold, resume, hold).
    return frame.kind === 'acd' && isSame
  }

  private checkSerial (event: CtiEvent): boolean {
    const verdict = this.serials.check(event.serial, `${event.type} ${event.device ?? ''} ${event.ref ?? ''}`)
    if (verdict === 'gap') {
      this.link.warn('missedEvents', `Events of the switch were missed (${this.serials.missed} so far); the extensions are looked at again.`)
      this.lookAgain([...this.memory.monitored])
    } else if (verdict === 'restart') this.restarted('its events are numbered from the start')
    return verdict === 'duplicate'
  }

  /** Clock, and what is said once: missing settings of the switch. */
  private note ({ record }: Extract<Frame, { kind: 'acd' }>): void {
    const { link, memory } = this
    if (record.code === ACD.time || !memory.hasAcd) {
      memory.clock.learn(record.time, link.clock.now())
      link.clockOffsetMs = memory.clock.offsetMs
    }
    if (record.code === ACD.time) link.watchdog(memory.settings.silenceMs)
    if (record.ref === undefined && NEED_REF.has(record.code)) link.warn('noCallTracking', 'The switch sends calls without a callRefID, so calls cannot be followed nor controlled: enable CALL TRACKING in its System Attributes (160-161).')
  }

  /** What a frame changes beyond events. */
  private after (frame: Frame, whole: Fields): void {
    const device = frame.kind === 'acd' ? frame.record.code === ACD.outOfService ? frame.record.source?.number : undefined : frame.kind === 'cti' && frame.event.type === 'unregistered' ? frame.event.device : undefined
    if (device !== undefined) this.outOfService(device)
    const free = freedBy(frame)
    if (free !== undefined && this.memory.doubtful.has(free)) this.lookAgain([free])
    if (frame.kind === 'cti' && frame.event.type === 'numbering') this.numbering(frame.event.data, whole)
  }

  private numbering (data: Fields, whole: Fields): void {
    const { memory, link } = this
    link.receive([draft('reference.changed', { reference: { list: 'phones' } })], whole)
    const numbers = objects(data.deviceINFO).map(({ deviceNumber }) => text(deviceNumber)).filter((one) => one !== undefined)
    const fresh = numbers.filter((one) => !memory.monitored.has(one))
    if (memory.settings.extensions === 'all' && fresh.length > 0) this.background(() => this.monitors.add(fresh))
  }

  private outOfService (device: string): void {
    const now = this.link.clock.now()
    this.down.set(device, now)
    for (const [one, at] of this.down) if (now - at > STORM_MS) this.down.delete(one)
    const many = Math.max(STORM_DEVICES, this.memory.extensions.size / 2)
    if (this.down.size >= many) this.restarted('its stations went out of service')
  }

  /** The switch has begun anew: its calls are gone, its numbers begin again, its monitors may be forgotten. */
  private restarted (why: string): void {
    const { link, memory } = this
    this.down.clear()
    link.warn('restarted', `The switch seems to have restarted: ${why}.`)
    const ends: EventDraft[] = []
    for (const call of link.picture.calls()) ends.push(endLeg(this.scope, call, 'lost', { derived: true }, { uncertain: ['endedAt', 'endReason'] }))
    memory.restart(`${link.epoch} ${link.clock.now()}`)
    memory.summary.dropCalls(link.clock.now())
    link.receive([...ends, this.teller.resetHook()])
    this.later('again', LOOK_MS, () => this.background(async () => {
      await this.monitors.again()
      await this.reconcile([...memory.monitored])
    }))
  }

  /** Looks at the devices, shortly: what a gap hid is told as found. */
  lookAgain (devices: readonly string[]): void {
    for (const device of devices) this.look.add(device)
    if (this.timers.has('look')) return
    this.later('look', LOOK_MS, () => {
      const wanted = [...this.look]
      this.look.clear()
      this.background(() => this.reconcile(wanted))
    })
  }

  private async reconcile (devices: readonly string[]): Promise<void> {
    const snapshot = await readSnapshot(this.link, this.api, this.memory, { devices, settings: false })
    this.link.reconcile(snapshot)
  }

  private background (work: () => Promise<void>): void {
    this.guarded(work).catch((raw: unknown) => { if (!this.link.signal.aborted) this.link.warn('background', CtiError.from(raw, 'ipecs').message) })
  }

  private forgetWaiting (): string[] {
    const owners = new Set<string>()
    for (const call of this.link.picture.calls()) if (call.owner.kind === 'queue') owners.add(call.owner.id)
    this.memory.waiting.clear()
    return [...owners]
  }

  private armDue (): void {
    const { next } = this.memory.due
    if (next === undefined || this.timers.has('due')) return
    this.later('due', Math.max(0, next - this.link.clock.now()), () => {
      try {
        // A clock that was set back must not keep waiting what this timer was for.
        const drafts = this.memory.due.take(Math.max(next, this.link.clock.now()))
        if (drafts.length > 0) this.link.receive(drafts)
      } catch (error) {
        this.link.warn('due', CtiError.from(error).message)
      }
      this.armDue()
    })
  }

  private later (name: string, ms: number, run: () => void): void {
    this.link.clock.clearTimeout(this.timers.get(name))
    this.timers.set(name, this.link.clock.setTimeout(() => {
      this.timers.delete(name)
      if (!this.link.signal.aborted) run()
    }, ms))
  }

  private stopTimers (): void {
    for (const timer of this.timers.values()) this.link.clock.clearTimeout(timer)
    this.timers.clear()
    this.teller.end()
  }

  /** The connection is over: nothing of it stays. */
  private drop (): void {
    this.stopTimers()
    this.socket?.terminate()
    this.api.close()
  }
}
