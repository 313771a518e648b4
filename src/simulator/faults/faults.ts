/** The switchboard of failures: what shall go wrong, where, and how often. Faces and wires ask it; the control API and tests set it. */
import { type Rng } from '../pbx/rng'
import { type FaceName } from '../pbx/types'

/** Failures of bytes on a stream or socket (each message is asked about). */
export const WIRE_FAULTS = ['stall', 'split', 'merge', 'duplicate', 'lose', 'swap', 'malformed', 'truncated', 'oversize', 'unknown', 'delay'] as const
/** Failures of a request and its reply; unusual but legal spellings. */
export const REQUEST_FAULTS = ['status', 'slow', 'hang', 'cut', 'empty', 'latin1', 'pretty', 'prefixes'] as const
/** Duties that a server forgets. */
export const DUTY_FAULTS = ['noHeartbeat', 'noEvents', 'eventsFirst'] as const

export type FaultKind = typeof WIRE_FAULTS[number] | typeof REQUEST_FAULTS[number] | typeof DUTY_FAULTS[number]
export const FAULT_KINDS: readonly FaultKind[] = [...WIRE_FAULTS, ...REQUEST_FAULTS, ...DUTY_FAULTS]

export interface FaultSpec {
  kind: FaultKind
  /** Only on this face. */
  face?: FaceName
  /** Only on this connection (a channel id, a socket id). */
  connection?: string
  /** Ends by itself after so many hits; absent: until revoked. */
  times?: number
  /** Chance of a hit per message, 0 to 1; absent: always. */
  chance?: number
  /** Only requests of this method, or whose path holds this text (case ignored). */
  method?: string
  path?: string
  /** `status`: answer this, with `body` if given. */
  status?: number
  body?: string
  contentType?: string
  /** `status`: header Retry-After, s. */
  retryAfter?: number
  /** `status`: header Location (302). */
  location?: string
  /** `slow`, `delay`: ms; `split`, `merge`: ms between pieces, ms to wait for more. */
  ms?: number
  /** `split`: bytes of a piece (absent: seeded anywhere); `merge`: messages in one; `oversize`: bytes. */
  size?: number
}

export interface Fault extends FaultSpec { readonly id: number; hits: number }

/** Where a message is about to pass. */
export interface Where { face: FaceName; connection?: string; method?: string; path?: string }

type Listener = () => void

function fits (fault: FaultSpec, where: Where): boolean {
  return (fault.face === undefined || fault.face === where.face)
    && (fault.connection === undefined || fault.connection === where.connection)
    && (fault.method === undefined || fault.method.toUpperCase() === where.method?.toUpperCase())
    && (fault.path === undefined || (where.path ?? '').toLowerCase().includes(fault.path.toLowerCase()))
}

export class Faults {
  private readonly active = new Map<number, Fault>()
  private readonly listeners = new Set<Listener>()
  private last = 0
  /** Hits of all times by kind. */
  readonly counts: Partial<Record<FaultKind, number>> = {}

  /** The same seed gives the same failures. */
  constructor (private readonly rng: Rng) {}

  /** True while no fault is set: lets the hot path skip the questions. */
  get idle (): boolean {
    return this.active.size === 0
  }

  /** Sets a fault; revoke it by the id of the result. */
  inject (spec: FaultSpec): Fault {
    const fault: Fault = { ...spec, id: ++this.last, hits: 0 }
    this.active.set(fault.id, fault)
    this.changed()
    return fault
  }

  /** The next `times` (1) requests that fit get this status, e.g. 401, 403, 429 with `retryAfter`, 500, 503, or an HTML page as `body`. */
  failNext (face: FaceName, status: number, options: Omit<FaultSpec, 'kind' | 'face' | 'status'> = {}): Fault {
    return this.inject({ times: 1, ...options, kind: 'status', face, status })
  }

  /** Ends a fault; false if it was over already. */
  revoke (id: number): boolean {
    const known = this.active.delete(id)
    if (known) this.changed()
    return known
  }

  /** Ends all faults. */
  clear (): void {
    this.active.clear()
    this.changed()
  }

  /** Faults that are set. */
  list (): Fault[] {
    return [...this.active.values()].map((fault) => ({ ...fault }))
  }

  /** The fault that hits here, counted; undefined when all goes well. */
  take (kind: FaultKind, where: Where): Fault | undefined {
    if (this.active.size === 0) return undefined
    for (const fault of this.active.values()) {
      if (fault.kind !== kind || !fits(fault, where)) continue
      if (fault.chance !== undefined && !this.rng.chance(fault.chance)) continue
      fault.hits++
      this.counts[kind] = (this.counts[kind] ?? 0) + 1
      if (fault.times !== undefined && fault.hits >= fault.times) {
        this.active.delete(fault.id)
        this.changed()
      }
      return fault
    }
    return undefined
  }

  /** Whether such a fault is set here; does not count as a hit. */
  isSet (kind: FaultKind, where: Where): boolean {
    return [...this.active.values()].some((fault) => fault.kind === kind && fits(fault, where))
  }

  /** Tells when faults were set or ended; the result unsubscribes. */
  onChange (listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private changed (): void {
    for (const listener of [...this.listeners]) listener()
  }
}
