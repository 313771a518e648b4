/** Events by callback: one POST an event to the subscriber's own server (xsi.md 4.1). */
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { type PbxClock } from '../pbx/clock'
import { type El } from './tree'
import { DECLARATION, eventXml } from './xml'

const ATTEMPTS = 3
const RETRY_MS = 500
const TIME_LIMIT_MS = 5_000
const QUEUE_LIMIT = 1_000

interface Parcel { body: Buffer; attempts: number }

/** Address of a contact: recorded subscriptions of live servers also name host and path alone. */
export function contactAddress (uri: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(uri) ? uri : `http://${uri}`
}

/** Delivers in order per address; a parcel that three attempts cannot bring is dropped and counted. */
export class Contacts {
  private readonly queues = new Map<string, Parcel[]>()
  private readonly aborts = new Set<() => void>()
  private closed = false
  readonly counts = { delivered: 0, dropped: 0 }

  constructor (private readonly clock: PbxClock) {}

  /** Queues an event document for an address. */
  post (uri: string, event: El): void {
    if (this.closed) return
    const parcel = { body: Buffer.from(DECLARATION + eventXml(event)), attempts: 0 }
    const queue = this.queues.get(uri)
    if (!queue) {
      this.queues.set(uri, [parcel])
      this.attempt(uri)
      return
    }
    queue.push(parcel)
    if (queue.length > QUEUE_LIMIT) {
      queue.splice(1, 1)
      this.counts.dropped++
    }
  }

  close (): void {
    this.closed = true
    this.queues.clear()
    for (const abort of [...this.aborts]) abort()
  }

  private attempt (uri: string): void {
    const parcel = this.queues.get(uri)?.[0]
    if (!parcel || this.closed) {
      this.queues.delete(uri)
      return
    }
    parcel.attempts++
    let over = false
    const done = (ok: boolean): void => {
      if (over) return
      over = true
      this.aborts.delete(abort)
      this.settle(uri, parcel, ok)
    }
    const send = uri.startsWith('https:') ? httpsRequest : httpRequest
    const call = send(contactAddress(uri), { method: 'POST', timeout: TIME_LIMIT_MS, agent: false, headers: { 'Content-Type': 'application/xml; charset=UTF-8', 'Content-Length': parcel.body.length } }, (response) => {
      response.resume()
      response.on('end', () => done(response.statusCode === 200))
      response.on('error', () => done(false))
    })
    const abort = (): void => { call.destroy() }
    this.aborts.add(abort)
    call.on('timeout', abort)
    call.on('error', () => done(false))
    call.on('close', () => done(false))
    call.end(parcel.body)
  }

  private settle (uri: string, parcel: Parcel, ok: boolean): void {
    if (this.closed) return
    if (!ok && parcel.attempts < ATTEMPTS) {
      const cancel = this.clock.after(RETRY_MS, () => {
        this.aborts.delete(cancel)
        this.attempt(uri)
      })
      this.aborts.add(cancel)
      return
    }
    this.counts[ok ? 'delivered' : 'dropped']++
    this.queues.get(uri)?.shift()
    this.attempt(uri)
  }
}
