import { CtiError, type ActionRequest, type ActionResult, type Call, type TelephonyEvent } from '../model'
import type { Waiters } from './waiters'
import type { ActionEntry, Clock } from './types'

const REPLY_LOST: ReadonlySet<string> = new Set(['CTI_TIMEOUT', 'CTI_UNKNOWN_OUTCOME'])

/** True for the error of a request that may have been carried out all the same. A transport that knows says so by `cause.sent`. */
function isReplyLost ({ code, cause }: CtiError): boolean {
  if (cause.httpStatus !== undefined) return code === 'CTI_UNKNOWN_OUTCOME'
  return typeof cause.sent === 'boolean' ? cause.sent : REPLY_LOST.has(code)
}

export interface ExchangeOptions {
  readonly clock: Clock
  readonly waiters: Waiters
  readonly request: ActionRequest
  readonly entry: ActionEntry
  readonly leg: Call | undefined
  readonly repeatable: boolean
  /** ms from now until the request is given up. */
  readonly timeoutMs: number
  /** Queues and runs the vendor's part; the signal is aborted when it is given up. `sent` is called when it begins. */
  readonly run: (signal: AbortSignal, sent: () => void) => Promise<Partial<ActionResult>>
}

export interface Outcome { readonly partial: Partial<ActionResult>; readonly outcome: ActionResult['outcome']; readonly proof?: TelephonyEvent; readonly warning?: string }

/**
 * One request and what proves it: the reply, an event, both, or neither in time. Decides the outcome (model.md 5.1). Always settles: at the latest
 * when the time is over or `giveUp` is called.
 */
export class Exchange {
  private readonly aborter = new AbortController()
  private sent = false
  private reply: Partial<ActionResult> | undefined
  private failure: CtiError | undefined
  private proof: TelephonyEvent | undefined
  private settle: { resolve: (outcome: Outcome) => void; reject: (error: CtiError) => void } | undefined

  constructor (private readonly options: ExchangeOptions) {}

  /** Sends the request and waits. @throws CtiError */
  async run (): Promise<Outcome> {
    const { clock, waiters, entry, request, leg, timeoutMs } = this.options
    const waiter = entry.confirm === undefined
      ? undefined
      : waiters.add((event) => this.sent && entry.confirm?.(event, request, this.reply ?? {}, leg) === true, (event) => {
          this.proof = event
          this.decide()
        })
    const timer = clock.setTimeout(() => this.timeUp(), timeoutMs)
    try {
      return await new Promise<Outcome>((resolve, reject) => {
        this.settle = { resolve, reject }
        this.options.run(this.aborter.signal, () => { this.sent = true }).then((partial) => {
          this.reply = partial
          waiter?.review()
          this.decide()
        }, (error: unknown) => {
          // Our own abort comes back as a rejection: what it means was decided where it was made.
          if (this.aborter.signal.aborted) return
          this.failure = CtiError.from(error)
          this.decide()
        })
      })
    } finally {
      clock.clearTimeout(timer)
      waiter?.end()
      this.aborter.abort(new CtiError('CTI_TIMEOUT', 'The request is over.'))
    }
  }

  /** The connection is gone. What cannot be repeated and may still be proved by an event goes on waiting for it, unless `final`. */
  connectionLost (error: CtiError, final: boolean): void {
    if (this.reply !== undefined) {
      if (final) this.timeUp()
      return
    }
    const wasSent = this.sent
    this.aborter.abort(error)
    if (!wasSent) return this.reject(new CtiError('CTI_NOT_CONNECTED', `The connection was lost before "${this.name}" was sent.`, { ...error.cause, retryable: true }))
    if (this.options.repeatable) return this.reject(new CtiError('CTI_NOT_CONNECTED', `The connection was lost during "${this.name}".`, { ...error.cause, retryable: true }))
    this.failure = this.unknownOutcome('the connection was lost')
    if (final) this.reject(this.failure)
    else this.decide()
  }

  /** The caller does not want it any more. */
  cancel (): void {
    const error = this.sent && !this.options.repeatable
      ? this.unknownOutcome('it was cancelled after it had been sent')
      : new CtiError('CTI_CONFLICT', `"${this.name}" was cancelled.`, { retryable: true, cancelled: true })
    this.reject(error)
  }

  private get name (): string {
    return this.options.request.action
  }

  private get mode (): 'accepted' | 'completed' {
    const { entry, request } = this.options
    return request.confirm ?? entry.confirmDefault ?? 'accepted'
  }

  private decide (): void {
    const { entry, repeatable } = this.options
    if (this.failure !== undefined) {
      const lost = isReplyLost(this.failure)
      if (lost && this.proof !== undefined) return this.resolve({ partial: {}, outcome: 'completed', proof: this.proof })
      if (lost && !repeatable && entry.confirm !== undefined) return
      return this.reject(lost && !repeatable ? this.unknownOutcome('its reply was lost', this.failure) : this.failure)
    }
    if (this.reply === undefined) return
    if (entry.confirm === undefined || this.proof !== undefined || this.reply.outcome === 'completed') return this.resolve({ partial: this.reply, outcome: 'completed', ...(this.proof ? { proof: this.proof } : {}) })
    if (this.mode === 'accepted') this.resolve({ partial: this.reply, outcome: 'accepted' })
  }

  private timeUp (): void {
    const { entry, repeatable, timeoutMs } = this.options
    const within = `within ${timeoutMs} ms`
    if (this.proof !== undefined) return this.resolve({ partial: this.reply ?? {}, outcome: 'completed', proof: this.proof })
    if (this.reply !== undefined) {
      const hasReply = entry.confirmDefault !== 'completed' || entry.replies === true
      const warning = `No event confirmed "${this.name}" in time.`
      return this.resolve({ partial: this.reply, outcome: hasReply ? 'accepted' : 'unconfirmed', warning })
    }
    if (!this.sent) return this.reject(new CtiError('CTI_TIMEOUT', `"${this.name}" had to wait for earlier requests and was not sent ${within}.`, { retryable: true }))
    if (repeatable) return this.reject(new CtiError('CTI_TIMEOUT', `No reply to "${this.name}" ${within}.`, { retryable: true }))
    this.reject(this.failure?.code === 'CTI_UNKNOWN_OUTCOME' ? this.failure : this.unknownOutcome(`no reply came ${within}`, this.failure))
  }

  private unknownOutcome (why: string, from?: CtiError): CtiError {
    return new CtiError('CTI_UNKNOWN_OUTCOME', `Whether "${this.name}" was carried out is not known: ${why}. It is not sent again by itself; look at the calls first.`, { ...from?.cause, retryable: false })
  }

  private resolve (outcome: Outcome): void {
    this.settle?.resolve(outcome)
  }

  private reject (error: CtiError): void {
    this.settle?.reject(error)
  }
}
