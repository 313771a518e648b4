/** What the driver knows across connections, beside the picture: who it is, lists, statistics, what actions of ours will explain later. */
import { randomBytes } from 'node:crypto'
import type { Owner, Party, UserRef } from '../model'
import { legId } from '../model'
import { Credentials } from './api'
import type { Settings } from './options'
import type { Half } from './protocol'
import { defined, type Fields } from './read'
import { Reference } from './reference'
import { Statistics } from './statistics'

/** What an action of ours did to a call: it explains the end that follows (the vendor gives no reason for it). */
export interface Mark { readonly kind: 'transfer' | 'consultation' | 'reject' | 'hangup' | 'dispose'; /** ms. */ readonly at: number; readonly how?: 'blind' | 'attended'; readonly to?: Party; readonly disposition?: string }
/** A call of ours that the system has not shown yet. */
export interface Dial {
  /** Digits of the number, where one was dialled. */
  readonly number?: string
  readonly until: number
  /** The held leg, for a consultation. */
  readonly consultOf?: string
  readonly made?: (legId: string) => void
  readonly failed?: (text: string) => void
}
type Watcher = { readonly callId: string; readonly test: (state: string) => boolean; readonly done: () => void }

const MAX_KEPT = 1000
/** Digits at the end that two spellings of a number share. */
const SAME_DIGITS = 7

export function sameNumber (a: string, b: string): boolean {
  const [left, right] = [a.replace(/\D/g, ''), b.replace(/\D/g, '')]
  return left === right || (left.length >= SAME_DIGITS && right.length >= SAME_DIGITS && (left.endsWith(right) || right.endsWith(left)))
}

export class Memory {
  readonly credentials: Credentials
  readonly reference = new Reference()
  readonly statistics = new Statistics()
  readonly halves: readonly Half[]
  /** Halves whose session this client started: these it may end. */
  readonly began = new Set<Half>()
  /** Forced in once already: later logins join whatever runs then, or two that force would throw each other out for ever. */
  forced = false
  /** The agent logged out by an action: a lost connection does not log him in again. */
  stopped = false
  readonly marks = new Map<string, Mark>()
  /** Own calls in WRAP_UP: call id and leg id. */
  readonly wrapUps = new Map<string, string>()
  /** Conferences that we asked for, by call id: who was added. */
  readonly conferences = new Map<string, Party | undefined>()
  presence: Fields | undefined
  loginState: string | undefined
  station: Fields | undefined
  activeSkills: readonly string[] | undefined
  /** Name of this client's sockets, and how often it had to be changed: two open sockets never share one. */
  readonly socketKey: string
  socketTurn = 0
  /** The agent who is listened to. */
  monitoring: string | undefined
  private readonly generations = new Map<string, number>()
  private readonly watchers = new Set<Watcher>()
  private dials: Dial[] = []

  constructor (readonly settings: Settings) {
    this.credentials = new Credentials(settings.root)
    this.socketKey = settings.appKey ?? `node-red-${randomBytes(6).toString('hex')}`
    this.halves = settings.role === 'both' ? ['agent', 'supervisor'] : [settings.role]
  }

  get uid (): string {
    return this.credentials.identity?.userId ?? ''
  }

  get isAgent (): boolean {
    return this.halves.includes('agent')
  }

  get isSupervisor (): boolean {
    return this.halves.includes('supervisor')
  }

  /** A person as events name him. */
  userRef (id: string): UserRef {
    const user = this.reference.user(id)
    return defined({ id, name: user?.name, number: user?.number, extension: user?.extension, email: user?.email })
  }

  ownerOf (id: string): Owner {
    const user = this.reference.user(id)
    return defined({ kind: 'user' as const, id, name: user?.name, number: user?.number }) as Owner
  }

  /** Leg of an own call. A call that came back after a transfer had failed is another leg: its first one has ended. */
  legOf (callId: string): string {
    const generation = this.generations.get(callId)
    return legId(this.uid, callId, generation === undefined ? undefined : String(generation))
  }

  /** Vendor's id of a call in wrap-up that is named by this id or by its leg's. */
  wrapUpOf (callId: string): string | undefined {
    return this.wrapUps.has(callId) ? callId : [...this.wrapUps].find(([, id]) => id === callId)?.[0]
  }

  /** @returns whether a call ended by a transfer may come back: its next sign of life is a new leg */
  reopen (callId: string): boolean {
    if (this.marks.get(callId)?.kind !== 'transfer') return false
    this.marks.delete(callId)
    this.generations.set(callId, (this.generations.get(callId) ?? 0) + 1)
    trim(this.generations)
    return true
  }

  mark (callId: string, mark: Mark): void {
    this.marks.set(callId, mark)
    trim(this.marks)
  }

  /** The next event of the call will tell of a conference that we have asked for. @returns takes it back */
  conferring (callId: string, added: Party | undefined): () => void {
    this.conferences.set(callId, added)
    trim(this.conferences)
    return () => { this.conferences.delete(callId) }
  }

  dial (dial: Dial): () => void {
    this.dials = [...this.dials.slice(-MAX_KEPT), dial]
    return () => { this.dials = this.dials.filter((one) => one !== dial) }
  }

  /** The dial of ours that a new call is: by its number, else the oldest one without a number. */
  dialOf (number: string | undefined, now: number): Dial | undefined {
    this.dials = this.dials.filter(({ until }) => until > now)
    const byNumber = number === undefined ? undefined : this.dials.find((dial) => dial.number !== undefined && sameNumber(dial.number, number))
    return byNumber ?? this.dials.find((dial) => dial.number === undefined) ?? (number === undefined ? this.dials[0] : undefined)
  }

  dialDone (dial: Dial): void {
    this.dials = this.dials.filter((one) => one !== dial)
  }

  /** A call of ours has got this vendor state. */
  told (callId: string, state: string): void {
    for (const watcher of [...this.watchers]) {
      if (watcher.callId !== callId || !watcher.test(state)) continue
      this.watchers.delete(watcher)
      watcher.done()
    }
  }

  /** Resolves when a call of ours gets a state; rejects with the signal's reason. Made before the request is sent, since the event may be faster than its reply. */
  until (callId: string, test: (state: string) => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const watcher: Watcher = { callId, test, done: () => {
        signal.removeEventListener('abort', aborted)
        resolve()
      } }
      const aborted = (): void => {
        this.watchers.delete(watcher)
        reject(signal.reason)
      }
      signal.addEventListener('abort', aborted, { once: true })
      this.watchers.add(watcher)
    })
  }

  /** The session is closed: nothing of it is worth keeping. */
  forget (): void {
    this.credentials.forget()
    this.statistics.clear()
    for (const kept of [this.began, this.marks, this.wrapUps, this.conferences, this.generations]) kept.clear()
    this.dials = []
    this.forced = false
    this.stopped = false
    this.presence = this.loginState = this.station = this.activeSkills = this.monitoring = undefined
  }
}

/** Keeps a map bounded: the oldest entry goes. */
function trim (map: Map<string, unknown>): void {
  const [oldest] = map.keys()
  if (map.size > MAX_KEPT && oldest !== undefined) map.delete(oldest)
}
