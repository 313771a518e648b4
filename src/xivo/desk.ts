/** What actions see of the connection of now: a way to send, and what is known. */
import { CtiError } from '../model'
import type { EventDraft, Link } from '../session/types'
import { Dialect } from './dialect'
import { guard } from './guard'
import type { Outgoing } from './protocol'
import type { Answer, Ask, Requests } from './requests'
import type { Scope } from './scope'
import type { Tables } from './tables'

/** ms; the session ends an action by its own time limit, through the signal, long before. */
const ACTION_LIMIT_MS = 600_000

export class Desk {
  dialect: Dialect = new Dialect('1.2')
  private requests: Requests | undefined
  private link: Link | undefined

  constructor (readonly tables: Tables) {}

  connected (link: Link, requests: Requests, dialect: Dialect): void {
    this.link = link
    this.requests = requests
    this.dialect = dialect
  }

  disconnected (): void {
    this.link = undefined
    this.requests = undefined
  }

  /** ms on the server's clock. */
  get now (): number {
    return this.link === undefined ? 0 : this.link.clock.now() + this.link.clockOffsetMs
  }

  /** Sends what needs no answer. @throws CtiError when it would cost the line, or there is none */
  tell (message: Outgoing): number {
    guard(message, this.dialect)
    return this.line.tell(message)
  }

  /** Sends and waits for the answer. @throws CtiError */
  async ask (ask: Ask): Promise<Answer> {
    guard(ask.message, this.dialect)
    return this.line.ask({ limitMs: ACTION_LIMIT_MS, ...ask })
  }

  /** One at a time of the same kind. */
  lane<T> (name: string, job: () => Promise<T>): Promise<T> {
    return this.line.lane(name, job)
  }

  /** Checks a message without sending it. @throws CtiError CTI_INVALID_REQUEST */
  check (message: Outgoing): void {
    guard(message, this.dialect)
  }

  /** Tells what only we know of. */
  emit (drafts: readonly EventDraft[]): void {
    if (drafts.length > 0) this.link?.receive(drafts)
  }

  /** For events that only we know of. */
  scope (): Scope {
    const link = this.link
    if (link === undefined) throw this.gone()
    return { tables: this.tables, picture: link.picture, message: {}, now: this.now, epoch: link.epoch }
  }

  private get line (): Requests {
    if (this.requests === undefined) throw this.gone()
    return this.requests
  }

  private gone (): CtiError {
    return new CtiError('CTI_NOT_CONNECTED', 'The connection to the server is gone.', { vendor: 'xivo', retryable: true })
  }
}
