/** Acknowledges events: at once, side by side, never holding up the stream (xsi.md 4.4; performance.md G2). */
import type { HttpClient } from '../transport/http'
import { escapeText } from '../transport/xml'
import type { Authorization } from './api'
import { ACK, NAMESPACE } from './protocol'

/** Unanswered acknowledgements at which reading stops, well below what the HTTP client would refuse, and at which it goes on. */
export const MOST_UNANSWERED = 500
const FEW_UNANSWERED = 250
/** ms; a later acknowledgement is of no use, the server has sent the event elsewhere by then. */
const ACK_MS = 5000

export interface AcknowledgerOptions {
  /** Pinned to the server that holds the stream. */
  readonly http: HttpClient
  /** Events base on that server. */
  readonly base: string
  readonly authorization: Authorization
  /** Of the channel's web session: keeps acknowledgements on its server behind a balancer. */
  readonly cookie?: string
  readonly signal: AbortSignal
  /** Told of each acknowledgement that did not arrive; the count is what matters. */
  readonly failed: (status: number | undefined) => void
  /** True: so many acknowledgements are unanswered that no further event should be read; false: it may go on. */
  readonly busy: (isBusy: boolean) => void
}

export class Acknowledger {
  private readonly url: string
  private unanswered = 0
  private isBusy = false

  constructor (private readonly options: AcknowledgerOptions) {
    this.url = `${options.base}/v2.0/channel/eventresponse`
  }

  received (eventId: string): void {
    this.send(eventId, ACK.received, 'OK')
  }

  /** The server then deletes that subscription: the way to get rid of leftovers. */
  unknownSubscription (eventId: string): void {
    this.send(eventId, ACK.unknownSubscription, 'Subscription does not exist')
  }

  private count (change: 1 | -1): void {
    this.unanswered += change
    const isBusy = this.isBusy ? this.unanswered > FEW_UNANSWERED : this.unanswered >= MOST_UNANSWERED
    if (isBusy === this.isBusy) return
    this.isBusy = isBusy
    this.options.busy(isBusy)
  }

  private send (eventId: string, statusCode: number, reason: string, again = false): void {
    const { http, authorization, cookie, signal, failed } = this.options
    const used = authorization.current
    this.count(1)
    http.fire({
      method: 'POST',
      url: this.url,
      headers: { Authorization: used, 'Content-Type': 'application/xml; charset=UTF-8', Cookie: cookie },
      body: `<?xml version="1.0" encoding="UTF-8"?>\n<EventResponse xmlns="${NAMESPACE}"><eventID>${escapeText(eventId)}</eventID><statusCode>${statusCode}</statusCode><reason>${reason}</reason></EventResponse>`,
      timeoutMs: ACK_MS,
      idempotent: true,
      signal
    }).then((reply) => {
      this.count(-1)
      if (reply.status === 401 && !again) this.renewAndSend(used, eventId, statusCode, reason)
      else if (reply.status < 200 || reply.status > 299) failed(reply.status)
    }, () => {
      this.count(-1)
      failed(undefined)
    })
  }

  /** The token ran out: without an acknowledgement the server would take the event for undelivered and in the end close the channel. */
  private renewAndSend (used: string | undefined, eventId: string, statusCode: number, reason: string): void {
    const { authorization, signal, failed } = this.options
    authorization.renew(used).then((renewed) => {
      if (renewed && !signal.aborted) this.send(eventId, statusCode, reason, true)
      else failed(401)
    }, () => failed(401))
  }
}
