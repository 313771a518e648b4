/** Requests under way and what answers them: ids where the server repeats them, else the class or the visible effect (xivo-cti.md 3.0). */
import { CtiError } from '../model'
import type { Clock, EventDraft } from '../session/types'
import { concerns, failureOf, type Family } from './failures'
import type { Outgoing, XivoMessage } from './protocol'
import { number, text } from './read'

const MAX_PENDING = 1000

/** How to recognise the answer. All that is given counts; the first that comes settles the request. */
export interface Ask {
  readonly message: Outgoing
  /** `more`: belongs to this request but is not the last of it. */
  readonly reply?: (message: XivoMessage, commandId: number) => boolean | 'more'
  /** Which error lines without id are meant for it: the oldest pending command of the family (xivo-cti.md 6). */
  readonly family?: Family
  /** The number in the command, compared with the one in an error. */
  readonly number?: string
  /** The change that shows it was done. */
  readonly effect?: (draft: EventDraft) => boolean
  /** ms without any of these after which it counts as taken; absent: it fails after `limitMs`. */
  readonly quietMs?: number
  readonly limitMs?: number
  /** ms to wait for the rest after a line that was `more`; then that line is the answer. */
  readonly restMs?: number
  readonly signal?: AbortSignal
}

/** What settled it; nothing at all when the quiet time passed. */
export interface Answer { readonly reply?: XivoMessage; readonly draft?: EventDraft }

interface Pending { readonly ask: Ask; readonly commandId: number; settle (answer: Answer): void; more (reply: XivoMessage): void; fail (error: CtiError): void }

/** True for the acknowledgement of this very command. */
export function repliesTo (message: XivoMessage, commandId: number): boolean {
  return number(message.replyid) === commandId
}

export class Requests {
  private readonly pending = new Set<Pending>()
  private readonly lanes = new Map<string, Promise<unknown>>()
  private commandId = 100

  /** @param send writes one message, with its `commandid` already in it */
  constructor (private readonly clock: Clock, private readonly send: (message: Outgoing) => void, private readonly defaultMs: number) {}

  get size (): number {
    return this.pending.size
  }

  /** Sends without waiting for anything; returns its `commandid`. @throws CtiError */
  tell (message: Outgoing): number {
    const commandid = ++this.commandId
    this.send({ ...message, commandid })
    return commandid
  }

  /**
   * Sends and waits.
   * @throws CtiError CTI_TIMEOUT, what the server answered, CTI_RATE_LIMITED when too many are under way
   */
  ask (ask: Ask): Promise<Answer> {
    if (this.pending.size >= MAX_PENDING) return Promise.reject(new CtiError('CTI_RATE_LIMITED', `Too many requests wait for an answer of the server (${MAX_PENDING}).`, { vendor: 'xivo', retryable: true }))
    return new Promise<Answer>((resolve, reject) => {
      if (ask.signal?.aborted) return reject(ask.signal.reason)
      const commandId = ++this.commandId
      const end = (): void => {
        this.pending.delete(entry)
        this.clock.clearTimeout(timer)
        ask.signal?.removeEventListener('abort', aborted)
      }
      const entry: Pending = {
        ask,
        commandId,
        settle: (answer) => { end(); resolve(answer) },
        more: (reply) => {
          if (ask.restMs === undefined) return
          this.clock.clearTimeout(timer)
          timer = this.clock.setTimeout(() => entry.settle({ reply }), ask.restMs)
        },
        fail: (error) => { end(); reject(error) }
      }
      const aborted = (): void => entry.fail(CtiError.from(ask.signal?.reason, 'xivo'))
      let timer = this.clock.setTimeout(() => {
        if (ask.quietMs !== undefined) entry.settle({})
        else entry.fail(new CtiError('CTI_TIMEOUT', `The server did not answer "${ask.message.class}".`, { vendor: 'xivo', retryable: true, class: ask.message.class }))
      }, ask.quietMs ?? ask.limitMs ?? this.defaultMs)
      ask.signal?.addEventListener('abort', aborted, { once: true })
      this.pending.add(entry)
      try {
        this.send({ ...ask.message, commandid: commandId })
      } catch (error) {
        entry.fail(CtiError.from(error, 'xivo'))
      }
    })
  }

  /** One at a time of a kind whose answers cannot be told apart (xivo-cti.md 7.2). */
  lane<T> (name: string, job: () => Promise<T>): Promise<T> {
    const before = this.lanes.get(name) ?? Promise.resolve()
    const mine = before.then(job, job)
    this.lanes.set(name, mine)
    const tidy = (): void => { if (this.lanes.get(name) === mine) this.lanes.delete(name) }
    mine.then(tidy, tidy)
    return mine
  }

  /** Offers a line to those who wait, oldest first. @returns true when it was an answer and nothing else */
  settle (message: XivoMessage): boolean {
    const error = text(message.error_string)
    const replyId = number(message.replyid)
    for (const entry of this.pending) {
      const { ask, commandId } = entry
      if (error !== undefined && this.isFor(entry, message, error, replyId)) {
        entry.fail(failureOf(error))
        return true
      }
      const fits = error === undefined && ask.reply?.(message, commandId)
      if (fits === 'more') {
        entry.more(message)
        return true
      }
      if (fits === true) {
        entry.settle({ reply: message })
        return true
      }
    }
    return false
  }

  /** Shows the drafts of one message to those who wait for an effect; called before the session sees them. */
  watch (drafts: readonly EventDraft[]): void {
    if (this.pending.size === 0) return
    for (const entry of [...this.pending]) {
      const draft = entry.ask.effect === undefined ? undefined : drafts.find((one) => entry.ask.effect?.(one) === true)
      if (draft !== undefined) entry.settle({ draft })
    }
  }

  /** The connection is gone. */
  failAll (error: CtiError): void {
    for (const entry of [...this.pending]) entry.fail(error)
  }

  private isFor ({ ask, commandId }: Pending, message: XivoMessage, error: string, replyId: number | undefined): boolean {
    if (replyId !== undefined) return replyId === commandId
    if (ask.family !== undefined) return concerns(error, ask.family, ask.number)
    return ask.reply !== undefined && message.class === ask.message.class && message.class !== 'ipbxcommand'
  }
}
