/** Connections and their messages: who may send what, faults of requests, and the end of a client (xivo-cti.md 2.8, 2.9). */
import { type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { type Fault } from '../faults/faults'
import { Refusal } from '../pbx/types'
import { decode, Drop, type Message } from './codec'
import { commandsOf, OLD_STYLE } from './commands/index'
import { type Handlers } from './commands/types'
import { login, replyId } from './login'
import { Session } from './session'
import { type Site } from './site'

type Request = Message & { class: string }

export class XivoServer {
  private readonly commands: Handlers
  private last = 0
  /** Lines that came in since the start. */
  received = 0
  /** The server goes down: its clients vanish without a trace. */
  down = false

  /** Connections since the start. */
  get accepted (): number {
    return this.last
  }

  constructor (private readonly site: Site) {
    this.commands = commandsOf(site.release)
  }

  /** Takes a new connection; offers STARTTLS where the release has it. */
  accept (socket: Socket): void {
    const { options: { tls }, secure: secureContext } = this.site
    const offers = tls !== undefined && tls.mode !== 'immediate' && this.site.release.from('15.20')
    const secure = tls?.mode === 'immediate' && secureContext !== undefined ? new TLSSocket(socket, { isServer: true, secureContext }) : socket
    const session = new Session(`cti-${++this.last}`, secure, this.site, {
      line: (from, line) => { this.take(from, line) },
      closed: (ended) => { this.closed(ended) }
    })
    this.site.out.sessions.add(session)
    session.listening = !this.site.release.second
    session.offered = offers
    if (offers) session.send({ class: 'starttls' })
  }

  /** Ends connections at once; returns how many. */
  drop (id?: string): number {
    const met = [...this.site.out.sessions].filter((session) => id === undefined || session.id === id)
    for (const session of met) session.end(true)
    return met.length
  }

  private take (session: Session, line: Buffer): void {
    if (line.length === 0 && !this.site.release.from('15.01')) return
    this.received++
    const message = decode(line)
    const late = this.spoil(session, message)
    if (late === undefined) this.handle(session, message)
  }

  /** Plays faults of requests; returns the one that already took care of it. `method` of a fault is the class, `path` class and command. */
  private spoil (session: Session, message: Request): Fault | undefined {
    const { faults, later } = this.site
    if (faults.idle) return undefined
    const where = { face: 'xivo' as const, connection: session.id, method: message.class, path: [message.class, message.command ?? message.function ?? message.message ?? ''].join('/') }
    const hang = faults.take('hang', where) ?? (message.class === 'keepalive' ? faults.take('noHeartbeat', where) : undefined)
    if (hang !== undefined) return hang
    const cut = faults.take('cut', where)
    if (cut !== undefined) {
      session.end(true)
      return cut
    }
    const status = faults.take('status', where)
    if (status !== undefined) {
      this.refuse(session, message, status)
      return status
    }
    const slow = faults.take('slow', where)
    if (slow !== undefined) later(slow.ms ?? 1000, () => { this.guarded(session, message) })
    return slow
  }

  /** Answers with the error of a fault: its `body` is the `error_string`. */
  private refuse (session: Session, message: Request, fault: Fault): void {
    const isLogin = message.class.startsWith('login_')
    const withId = isLogin && message.class !== 'login_id' && !this.site.release.second
    session.send({ class: message.class, ...(withId ? replyId(message) : {}), error_string: fault.body ?? 'service_unavailable' })
    if (isLogin) session.step = 'over'
    if (withId) session.end()
  }

  private guarded (session: Session, message: Request): void {
    if (!this.site.out.sessions.has(session)) return
    try {
      this.handle(session, message)
    } catch (error) {
      if (!(error instanceof Drop)) process.emitWarning(error instanceof Error ? error : String(error), { type: 'SimulatorWarning' })
      session.end()
    }
  }

  private handle (session: Session, message: Request): void {
    if (login(this.site, session, message)) return
    const handler = Object.hasOwn(this.commands, message.class) ? this.commands[message.class] : undefined
    const { user } = session
    const second = this.site.release.second
    if (handler === undefined || user === undefined || !session.authenticated) return
    if (session.step !== 'in' && !second && OLD_STYLE.has(message.class)) {
      session.send({ class: message.class, ...replyId(message), error_string: 'notloggedyet' })
      session.end()
      return
    }
    const eventsFirst = !this.site.faults.idle && this.site.faults.take('eventsFirst', { face: 'xivo', connection: session.id, method: message.class }) !== undefined
    const held: Message[] = []
    const send = (fields: Message): void => {
      const line = { class: message.class, ...fields }
      if (eventsFirst) held.push(line)
      else session.send(line)
    }
    try {
      handler({ site: this.site, session, user, message, reply: send, ack: (fields) => { send({ ...replyId(message), ...fields }) } })
    } catch (error) {
      // What the PBX does not allow is only written to the server's log.
      if (!(error instanceof Refusal)) throw error
    }
    if (!eventsFirst) return
    this.site.out.flush()
    for (const line of held) session.send(line)
  }

  /** The presence of a user becomes `disconnected`, without its actions, even when another session of his is alive (xivo-cti.md 2.8). */
  private closed (session: Session): void {
    const { out, memory, pbx } = this.site
    out.sessions.delete(session)
    memory.forget(session)
    if (session.step === 'in' && session.user !== undefined && !this.down) pbx.setPresence(session.user.key, 'disconnected')
  }
}
