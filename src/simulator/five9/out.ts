/** Events on their way to the sockets: collected in order, sent at the end of the turn, so that the reply of a request comes first (five9.md 4.1). */
import { type Faults } from '../faults/faults'
import { type PbxClock } from '../pbx/clock'
import { type User } from '../pbx/types'
import { type Five9Options } from './options'
import { type HalfName, type Session } from './sessions'

/** What the sockets look like from here. */
export interface Receiver { readonly id: string; readonly half: HalfName; readonly session: Session; send (text: string): void }

interface EventFields { eventId: number; payLoad: unknown; reason?: string | null; /** Without a message id and receiver's name, as pongs are. */ bare?: boolean }

interface Waiting { event: EventFields; at: number; wanted: (receiver: Receiver) => boolean; broadcast: boolean }

export class Out {
  readonly receivers = new Set<Receiver>()
  /** Called before the turn ends; may add to it. */
  beforeFlush: () => void = () => {}
  /** Events sent since the start. */
  sent = 0
  private waiting: Waiting[] = []
  private scheduled = false
  private numbered = 0

  constructor (private readonly needs: { clock: PbxClock; faults: Faults; options: Five9Options }) {}

  /** To the sockets of one half of a user's session. */
  toUser (userKey: string, half: HalfName, eventId: number, payLoad: unknown, reason: string | null = 'UPDATED'): void {
    this.push({ eventId, payLoad, reason }, (receiver) => receiver.half === half && receiver.session.user.key === userKey)
  }

  /** To everybody on one half, or on both. */
  broadcast (half: HalfName | 'both', eventId: number, payLoad: unknown, reason: string | null = 'UPDATED'): void {
    this.push({ eventId, payLoad, reason }, (receiver) => half === 'both' || receiver.half === half, true)
  }

  /** To one session what all get who may see it. */
  broadcastTo (session: Session, half: HalfName, eventId: number, payLoad: unknown): void {
    this.push({ eventId, payLoad }, (receiver) => receiver.half === half && receiver.session === session, true)
  }

  /** To one socket. */
  toOne (one: Receiver, eventId: number, payLoad: unknown, reason: string | null = 'UPDATED'): void {
    this.push({ eventId, payLoad, reason }, (receiver) => receiver === one)
  }

  /** An event as one document. */
  write ({ eventId, payLoad, reason = 'UPDATED', bare = false }: EventFields, user: User | undefined, userId: string | null, at = this.needs.clock.now()): string {
    const n = ++this.numbered
    return JSON.stringify({
      context: {
        eventId: String(eventId), eventReason: reason, messageId: bare ? null : `${40_000 + n}:3:4:5:${userId ?? this.needs.options.farmId}:${n}`,
        userId, correlationId: null, userName: bare || user === undefined ? null : user.email, timeStamp: at, tenantId: this.needs.options.orgId, broadCast: user === undefined
      },
      payLoad
    })
  }

  /** Something may have changed: the end of the turn comes even when nothing waits yet. */
  schedule (): void {
    if (this.scheduled) return
    this.scheduled = true
    queueMicrotask(() => {
      this.scheduled = false
      try {
        this.flush()
      } catch (error) {
        process.emitWarning(error instanceof Error ? error : String(error), { type: 'SimulatorWarning' })
      }
    })
  }

  /** Sends what waits. */
  flush (): void {
    this.beforeFlush()
    const { waiting } = this
    this.waiting = []
    for (const { event, at, wanted, broadcast } of waiting) {
      let text: string | undefined
      for (const receiver of this.receivers) {
        if (!wanted(receiver) || this.withheld(receiver, event)) continue
        if (broadcast) text ??= this.write(event, undefined, null, at)
        this.sent++
        receiver.send(text ?? this.write(event, receiver.session.user, this.userId(receiver.session.user), at))
      }
    }
  }

  /** Set by the site: ids of users as events show them. */
  userId: (user: User) => string = ({ key }) => key

  private withheld (receiver: Receiver, event: EventFields): boolean {
    const { faults } = this.needs
    return !faults.idle && faults.take('noEvents', { face: 'five9', connection: receiver.id, path: String(event.eventId) }) !== undefined
  }

  private push (event: EventFields, wanted: Waiting['wanted'], broadcast = false): void {
    if (this.receivers.size === 0) return
    this.waiting.push({ event, at: this.needs.clock.now(), wanted, broadcast })
    this.schedule()
  }
}
