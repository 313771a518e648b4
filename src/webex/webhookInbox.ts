/** Where webhooks come in: the HTTP route of the host program hands raw bodies over, the driver of the account takes them. */
import { randomBytes } from 'node:crypto'
import { CtiError } from '../model'
import { isSigned } from './signature'

/** Headers as node's http gives them. */
export type InboxHeaders = Readonly<Record<string, string | readonly string[] | undefined>>
/** Takes a delivery whose signature was right. Called later than `deliver` has answered. */
export type Receiver = (body: Buffer, headers: InboxHeaders) => void

export interface WebhookInboxOptions {
  /** Address by which the vendor reaches the host program, such as `https://nodered.example.com`; absent or empty: there is none. */
  readonly publicUrl?: string
  /** Path of the route below it, such as `/cti/hooks/<account id>/<hmac>`. */
  readonly path: string
  /** Key of the signatures, at least 16 characters. */
  readonly secret: string
}

/** A larger delivery is refused, bytes. The route should stop reading there too. */
export const MAX_DELIVERY_BYTES = 256 * 1024
const MAX_WAITING = 2000
const SHORTEST_SECRET = 16
const PROBE = 'cti-probe'

/**
 * One account's inbox. `deliver` answers at once, by signature and size alone; the work is done afterwards, in the order of arrival (webex-calling.md 4.2:
 * slow or failing answers make the vendor switch the webhook off).
 */
export class WebhookInbox {
  readonly path: string
  readonly secret: string
  /** Deliveries by what became of them: taken, badSignature, tooLarge, overflow, unheard. */
  readonly counters: Record<string, number> = {}
  private readonly publicUrl: string | undefined
  private receiver: Receiver | undefined
  private waiting: [Buffer, InboxHeaders][] = []
  private isDraining = false
  private probe: string | undefined

  /** @throws CtiError CTI_INVALID_REQUEST for an address that is none, or a secret that is too short to be one */
  constructor ({ publicUrl, path, secret }: WebhookInboxOptions) {
    if (secret.length < SHORTEST_SECRET) throw new CtiError('CTI_INVALID_REQUEST', `The webhook secret must have at least ${SHORTEST_SECRET} characters.`, { vendor: 'webex', missing: 'webhookSecret', retryable: false })
    if (publicUrl && (!URL.canParse(publicUrl) || !/^https?:/i.test(publicUrl))) throw new CtiError('CTI_INVALID_REQUEST', 'The public address must begin with https://.', { vendor: 'webex', missing: 'publicUrl', retryable: false })
    this.publicUrl = publicUrl ? publicUrl.replace(/\/+$/, '') : undefined
    this.path = path.startsWith('/') ? path : `/${path}`
    this.secret = secret
  }

  /** The address that webhooks are sent to; undefined when nobody outside can reach us. */
  get targetUrl (): string | undefined {
    return this.publicUrl === undefined ? undefined : this.publicUrl + this.path
  }

  /**
   * One POST that came to the route.
   * @param body the raw bytes, before any parser
   * @returns the HTTP status to answer with: 204 taken, 401 wrong or no signature, 413 too large, 503 too many wait
   */
  deliver (body: Buffer, headers: InboxHeaders): number {
    if (body.length > MAX_DELIVERY_BYTES) return this.count('tooLarge', 413)
    if (!isSigned(body, headers, this.secret)) return this.count('badSignature', 401)
    if (this.probe !== undefined && body.toString('utf8') === this.probe) {
      this.probe = undefined
      return 204
    }
    // Nobody listens while the account is closed; what happened is read when it comes back. A failure answer would only get the webhook switched off.
    if (this.receiver === undefined) return this.count('unheard', 204)
    if (this.waiting.length >= MAX_WAITING) return this.count('overflow', 503)
    this.waiting.push([body, headers])
    if (!this.isDraining) {
      this.isDraining = true
      setImmediate(() => this.drain())
    }
    return this.count('taken', 204)
  }

  /** @returns ends the listening; what still waits is dropped then */
  listen (receiver: Receiver): () => void {
    this.receiver = receiver
    return () => {
      if (this.receiver !== receiver) return
      this.receiver = undefined
      this.waiting = []
    }
  }

  /** Begins a test of the public address: a delivery with this body must come in. @returns the body, and whether it has arrived */
  expectProbe (): { body: string; arrived: () => boolean } {
    const body = JSON.stringify({ [PROBE]: randomBytes(16).toString('hex') })
    this.probe = body
    return { body, arrived: () => this.probe !== body }
  }

  private drain (): void {
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) this.receiver?.(...next)
    this.isDraining = false
  }

  private count (name: string, status: number): number {
    this.counters[name] = (this.counters[name] ?? 0) + 1
    return status
  }
}
