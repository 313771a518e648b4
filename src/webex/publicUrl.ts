/** Whether the public address leads to the webhook route: a signed delivery of our own, sent the way that the vendor's would come. */
import { createHmac } from 'node:crypto'
import { CtiError } from '../model'
import { createHttpClient } from '../transport/http'
import type { WebhookInbox } from './webhookInbox'

/** What was found. `sameHost` problems (a router that does not lead back in) look like failures from here and may work from outside. */
export interface PublicUrlTest { readonly ok: boolean; readonly text: string }

const LIMIT_MS = 10_000

/** @returns what to tell the person who entered the address; never rejects */
export async function testPublicUrl (inbox: WebhookInbox): Promise<PublicUrlTest> {
  const { targetUrl, secret } = inbox
  if (targetUrl === undefined) return { ok: false, text: 'There is no public address: calls are polled.' }
  const http = createHttpClient({ timeoutMs: LIMIT_MS })
  const { body, arrived } = inbox.expectProbe()
  try {
    const { status } = await http.request({
      method: 'POST', url: targetUrl, body, headers: { 'Content-Type': 'application/json', 'X-Spark-Signature': createHmac('sha1', secret).update(body).digest('hex') }
    })
    if (arrived()) return { ok: true, text: 'The public address leads here.' }
    return { ok: false, text: MEANINGS[status] ?? `Something else answers there, with status ${status}.` }
  } catch (error) {
    return { ok: false, text: CtiError.from(error, 'webex').message }
  } finally {
    http.close()
  }
}

const MEANINGS: Readonly<Record<number, string>> = {
  401: 'The address asks for a login: Node-RED\'s httpNodeAuth, or a proxy before it, must let the path of the webhooks through.',
  403: 'The address does not let the path of the webhooks through.',
  404: 'There is no such path: another server answers there, or a proxy cuts the path.',
  405: 'The address does not take POST.'
}
