/** What goes to clients: replies at once, pushes in order at the end of the turn (xivo-cti.md 3.0, 4.1). */
import { type Faults } from '../faults/faults'
import { type PbxClock } from '../pbx/clock'
import { encode, type Message } from './codec'
import { type XivoOptions } from './options'
import { type Session } from './session'

interface Waiting { message: Message; to?: (session: Session) => boolean }

export class Out {
  readonly sessions = new Set<Session>()
  /** Called before the turn ends; may add to it. */
  beforeFlush: () => void = () => {}
  /** Lines pushed since the start. */
  pushed = 0
  private waiting: Waiting[] = []
  private scheduled = false

  constructor (private readonly needs: { clock: PbxClock; faults: Faults; options: XivoOptions }) {}

  /** A list changed: to every connection that listens. */
  getlist (kind: 'updateconfig' | 'updatestatus' | 'addconfig' | 'delconfig', listname: string, fields: Message): void {
    this.push({ message: { class: 'getlist', function: kind, listname, tipbxid: 'xivo', ...fields } })
  }

  /** To all sessions of a user. */
  toUser (userKey: string, message: Message): void {
    this.push({ message, to: (session) => session.user?.key === userKey && session.authenticated })
  }

  /** To the sessions that want it. */
  toThose (wanted: (session: Session) => boolean, message: Message): void {
    this.push({ message, to: wanted })
  }

  /** Something may have changed: the end of the turn comes even when nothing is pushed yet. */
  schedule (): void {
    if (this.scheduled) return
    this.scheduled = true
    queueMicrotask(() => {
      this.scheduled = false
      this.flush()
    })
  }

  /** Sends what waits. */
  flush (): void {
    this.beforeFlush()
    const { waiting } = this
    this.waiting = []
    const { clock, faults, options } = this.needs
    for (const { message, to } of waiting) {
      let line: Buffer | undefined
      for (const session of this.sessions) {
        if (!(to?.(session) ?? session.listening)) continue
        if (!faults.idle && faults.take('noEvents', { face: 'xivo', connection: session.id, path: String(message.class) }) !== undefined) continue
        line ??= encode({ ...message, timenow: clock.now() / 1000 }, options.escapeSlash)
        this.pushed++
        session.sendBytes(line)
      }
    }
  }

  private push (item: Waiting): void {
    if (this.sessions.size === 0) return
    this.waiting.push(item)
    this.schedule()
  }
}
