/** Signed POSTs to the receivers of webhooks (webex-calling.md 4.2). */
import { createHmac } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { type Faults } from '../../faults/faults'
import { Wire } from '../../faults/wire'
import { type PbxClock } from '../../pbx/clock'
import { type Rng } from '../../pbx/rng'
import { type WebexOptions } from '../options'
import { type Webhook, type Webhooks } from './store'

const QUEUE_LIMIT = 10_000
const RETRY_MS = 1000

interface Parcel { body: Buffer; attempts: number }
interface Outgoing { webhook: Webhook; body: Buffer }
interface Lane { webhook: Webhook; wire: Wire; waiting: Parcel[]; underWay: number }

interface DeliveryNeeds { options: WebexOptions; webhooks: Webhooks; faults: Faults; rng: Rng; clock: PbxClock }

/** In order per webhook, unless the option says otherwise; what fails is lost, and counted at the webhook. */
export class Delivery {
  readonly counts = { delivered: 0, failed: 0, lost: 0 }
  private readonly lanes = new Map<string, Lane>()
  private readonly aborts = new Set<() => void>()
  /** Bodies that wait for the reply to the request which caused them. */
  private held: Outgoing[] | undefined
  private closed = false
  private line = true

  constructor (private readonly needs: DeliveryNeeds) {}

  get waiting (): number {
    return [...this.lanes.values()].reduce((sum, lane) => sum + lane.waiting.length + lane.underWay, 0)
  }

  send (webhook: Webhook, event: object): void {
    if (this.closed || webhook.status !== 'active' || this.needs.faults.take('noEvents', { face: 'webex', connection: webhook.id })) return
    const body = Buffer.from(JSON.stringify(event))
    if (this.held === undefined) this.lane(webhook).wire.send(body)
    else this.held.push({ webhook, body })
  }

  /** What `work` causes goes out after it: events follow the reply. */
  after<T> (work: () => T): T {
    if (this.held !== undefined) return work()
    const held: Outgoing[] = []
    this.held = held
    try {
      return work()
    } finally {
      this.held = undefined
      for (const { webhook, body } of held) this.lane(webhook).wire.send(body)
    }
  }

  /** The line to the world breaks, or is there again: while it is down every delivery fails. */
  setLine (up: boolean): void {
    this.line = up
  }

  /** A webhook is gone: what waits for it too. */
  drop (webhook: Webhook): void {
    const lane = this.lanes.get(webhook.id)
    this.lanes.delete(webhook.id)
    if (lane === undefined) return
    lane.waiting.length = 0
    lane.wire.close()
  }

  close (): void {
    this.closed = true
    for (const lane of [...this.lanes.values()]) this.drop(lane.webhook)
    for (const abort of [...this.aborts]) abort()
  }

  private lane (webhook: Webhook): Lane {
    const known = this.lanes.get(webhook.id)
    if (known !== undefined) return known
    const { faults, rng, clock } = this.needs
    const wire = new Wire((body) => { this.enqueue(lane, body) }, {
      faults, rng, clock, where: { face: 'webex', connection: webhook.id, path: webhook.targetUrl }, whole: true,
      unknown: () => Buffer.from(JSON.stringify({ ...this.needs.webhooks.frame(webhook), resource: 'telephony_unheard', event: 'pondered', data: { eventType: 'pondered' } })),
      filler: (bytes) => Buffer.from(JSON.stringify({ ...this.needs.webhooks.frame(webhook), data: { filler: 'x'.repeat(bytes) } }))
    })
    const lane: Lane = { webhook, wire, waiting: [], underWay: 0 }
    this.lanes.set(webhook.id, lane)
    return lane
  }

  private enqueue (lane: Lane, body: Buffer): void {
    if (this.closed || this.lanes.get(lane.webhook.id) !== lane) return
    lane.waiting.push({ body, attempts: 0 })
    if (lane.waiting.length > QUEUE_LIMIT) {
      lane.waiting.shift()
      this.counts.lost++
    }
    this.next(lane)
  }

  private next (lane: Lane): void {
    while (lane.underWay < this.needs.options.deliveriesAtOnce && !this.closed) {
      const parcel = lane.waiting.shift()
      if (parcel === undefined) return
      if (lane.webhook.status !== 'active') {
        this.counts.lost++
        continue
      }
      lane.underWay++
      this.post(lane, parcel)
    }
  }

  private post (lane: Lane, parcel: Parcel): void {
    const { targetUrl, secret } = lane.webhook
    const { webhookTimeoutMs, verifyReceivers, newSignature } = this.needs.options
    parcel.attempts++
    let over = false
    const done = (ok: boolean): void => {
      if (over) return
      over = true
      clearTimeout(timer)
      this.aborts.delete(abort)
      this.settle(lane, parcel, ok)
    }
    const secure = targetUrl.startsWith('https:')
    const headers = { 'Content-Type': 'application/json', 'Content-Length': parcel.body.length, ...(secret === undefined ? {} : signatures(secret, parcel.body, newSignature)) }
    const call = (secure ? httpsRequest : httpRequest)(targetUrl, { method: 'POST', agent: false, headers, ...(secure ? { rejectUnauthorized: verifyReceivers } : {}) }, (response) => {
      response.resume()
      response.on('end', () => { done(response.statusCode !== undefined && response.statusCode >= 200 && response.statusCode < 300) })
      response.on('error', () => { done(false) })
    })
    const abort = (): void => { call.destroy() }
    // The receiver lives in real time, however fast the clock of the PBX goes.
    const timer = setTimeout(abort, webhookTimeoutMs)
    timer.unref()
    this.aborts.add(abort)
    call.on('error', () => { done(false) })
    call.on('close', () => { done(false) })
    if (this.line) call.end(parcel.body)
    else abort()
  }

  private settle (lane: Lane, parcel: Parcel, ok: boolean): void {
    lane.underWay--
    if (this.closed) return
    this.counts[ok ? 'delivered' : 'failed']++
    if (!ok) {
      this.needs.webhooks.failed(lane.webhook)
      if (parcel.attempts < this.needs.options.webhookAttempts) {
        const cancel = this.needs.clock.after(RETRY_MS, () => {
          this.aborts.delete(cancel)
          lane.waiting.unshift(parcel)
          this.next(lane)
        })
        this.aborts.add(cancel)
      }
    }
    this.next(lane)
  }
}

/** The signature every client checks, and the newer one in one of the forms that clients expect (U15). */
function signatures (secret: string, body: Buffer, newer: WebexOptions['newSignature']): Record<string, string> {
  const digest = (algorithm: 'sha1' | 'sha256'): string => createHmac(algorithm, secret).update(body).digest('hex')
  const forms = { sha1: () => digest('sha1'), sha256: () => digest('sha256'), 'sha256=': () => `sha256=${digest('sha256')}` }
  return { 'X-Spark-Signature': digest('sha1'), ...(newer === undefined ? {} : { 'X-Webex-Signature': forms[newer]() }) }
}
