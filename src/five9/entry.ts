/** The way into a session and back into it: log in or join, follow the host, bring a half to WORKING, with patience (five9.md 2.4 to 2.6, 6.2). */
import { CtiError } from '../model'
import type { Link } from '../session/types'
import type { ApiReply, ApiRequest, Five9Api } from './api'
import { asLost, farmOf, isMigrated } from './errors'
import { loginPort, pause, type Station } from './half'
import { inTurn, logIn, toWorking } from './login'
import type { Memory } from './memory'
import { CONTEXTS, type Half } from './protocol'

/** A new session is not known everywhere at once: so many more tries on 401 (five9.md 5). */
const SETTLE_TRIES = 3
/** Hosts that may send us on, one after the other. */
const MAX_HOSTS = 3

export class Entry {
  /** Halves that are being brought to WORKING: their states on the way are no trouble. */
  private readonly driving = new Set<Half>()

  constructor (private readonly link: Link, private readonly memory: Memory, private readonly api: Five9Api) {}

  /** Joins the session of the last connection when it is still there, else logs in. @throws CtiError */
  enter (): Promise<void> {
    const { root, username } = this.memory.settings
    return inTurn(`${root} ${username}`, () => this.join())
  }

  /** Every half that shall work, one after the other. @throws CtiError */
  async workAll (): Promise<void> {
    for (const half of this.memory.halves) if (half === 'supervisor' || !this.memory.stopped) await this.work(half)
  }

  /** Brings one half to WORKING; the agent's may have a station and skills of its own. @returns whether a session was begun */
  async work (half: Half, station: Station = this.station, skills = this.memory.settings.skills, signal?: AbortSignal): Promise<boolean> {
    const { link, memory } = this
    const { acceptNotices, policy } = memory.settings
    const send = (request: ApiRequest): Promise<ApiReply> => this.patiently(signal === undefined ? request : { ...request, signal })
    this.driving.add(half)
    const { began } = await toWorking(loginPort(half, memory, link, send, station, skills), { acceptNotices, force: policy === 'takeOver' }).finally(() => { this.driving.delete(half) })
    if (began) memory.began.add(half)
    if (half === 'agent') memory.stopped = false
    return began
  }

  isDriving (half: Half): boolean {
    return this.driving.has(half)
  }

  /** The station of the account. */
  get station (): Station {
    return { type: this.memory.settings.stationType, id: this.memory.settings.stationId }
  }

  /** Reads the metadata where they say the session is; a host that names another one is left for that one (five9.md 2.6, 9.5). */
  async settleHost (): Promise<void> {
    const { credentials } = this.memory
    for (let left = MAX_HOSTS; left > 0; left--) {
      const before = credentials.identity?.api
      const body = await this.patiently(this.metadata).then((reply) => reply.body, (error: unknown) => {
        // Not there in this version: what the log-in told stands.
        if (CtiError.from(error, 'five9').code === 'CTI_NOT_FOUND') return undefined
        throw error
      })
      if (body === undefined || credentials.learn(body).api === before) return
    }
  }

  /** 401 is normal for some seconds after a login; the last but one try leaves out `Authorization` (five9.md 2.3, 6.1). @throws CtiError */
  async patiently (request: ApiRequest): Promise<ApiReply> {
    const { api, link, memory } = this
    const { credentials, settings } = memory
    for (let left = SETTLE_TRIES; ; left--) {
      try {
        return await api.send({ signal: link.signal, ...request })
      } catch (error) {
        const failure = CtiError.from(error, 'five9')
        if (isMigrated(failure) && left > 0) {
          credentials.moveTo(farmOf(failure))
          continue
        }
        if (failure.code !== 'CTI_UNAUTHORIZED') throw failure
        if (left === 0) {
          credentials.forget()
          // The password was taken: this is trouble of the session, not of the account.
          throw asLost(failure)
        }
        credentials.cookiesOnly = left === 2
        await pause(link, settings.settleMs)
      }
    }
  }

  private async join (): Promise<void> {
    const { memory, api, link } = this
    const { credentials, settings } = memory
    if (credentials.identity !== undefined) {
      try {
        const { body } = await api.send({ ...this.metadata, signal: link.signal })
        if (body !== undefined) credentials.learn(body)
        return
      } catch (error) {
        const failure = CtiError.from(error, 'five9')
        if (failure.code === 'CTI_RATE_LIMITED' || link.signal.aborted) throw failure
        // Dead token, or a host that is gone: the login root knows where we belong.
        credentials.forget()
      }
    }
    const takeOver = settings.policy === 'takeOver' && !memory.forced
    await logIn(api, credentials, settings, takeOver, link.signal)
    memory.forced ||= takeOver
    await this.settleHost()
  }

  /** The session as the server has it now: token, farm and host may be new. */
  private get metadata (): ApiRequest {
    return { method: 'GET', path: `${CONTEXTS[this.memory.halves[0] ?? 'agent']}/auth/metadata`, idempotent: true }
  }
}
