/** The way of webhooks into Node-RED: one static route on its HTTP side, told apart by account and by a mac that only the account can make. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { NodeAPI } from 'node-red'
import { MAX_DELIVERY_BYTES, type WebhookInbox } from '../../src/webex'
import { toText } from '../shared/coerce'

const BASE = '/cti/hooks'
/** ms that a delivery may take to arrive. */
const BODY_LIMIT_MS = 10_000

/** Bytes of deliveries under way, as they came. */
const noted = new WeakMap<IncomingMessage, { parts: Buffer[]; size: number }>()
/** Registry of this process: the inboxes of running accounts, by account id. */
const inboxes = new Map<string, WebhookInbox>()
/** The HTTP applications that have the route, and the servers whose deliveries are noted. */
const served = new WeakSet<object>()

/** Ask and reply as Express gives them, as far as the route looks at them. */
type Delivery = IncomingMessage & { params: Record<string, string | undefined> }
interface Reply { status (code: number): Reply; end (): unknown; once (event: 'finish', heard: () => void): unknown }

const macOf = (accountId: string, secret: string): string => createHmac('sha256', secret).update(`hook\n${accountId}`).digest('hex').slice(0, 40)

/** Path of an account's webhooks below the public address, HTTP root of Node-RED included. */
export function hookPath (RED: NodeAPI, accountId: string, secret: string): string {
  const root = toText(RED.settings.httpNodeRoot).replace(/^\/+|\/+$/g, '')
  return `${root === '' ? '' : `/${root}`}${BASE}/${encodeURIComponent(accountId)}/${macOf(accountId, secret)}`
}

/** Why webhooks cannot come in whatever address is entered; undefined when they can. */
export function hooksBlocked (RED: NodeAPI): 'noHttp' | 'httpNodeAuth' | undefined {
  const { httpNodeRoot, httpNodeAuth } = RED.settings as { httpNodeRoot?: unknown; httpNodeAuth?: unknown }
  if (httpNodeRoot === false || typeof (RED.httpNode as Partial<NodeAPI['httpNode']> | undefined)?.post !== 'function') return 'noHttp'
  return httpNodeAuth ? 'httpNodeAuth' : undefined
}

/** Address of this Node-RED for programs on the same machine: a simulator's webhooks, a redirect without another address. */
export function localUrl (RED: NodeAPI): string {
  const { uiPort, uiHost, https } = RED.settings as { uiPort?: unknown; uiHost?: unknown; https?: unknown }
  const bound = (RED.server as NodeAPI['server'] | undefined)?.address() as AddressInfo | string | null | undefined
  const port = typeof bound === 'object' && bound !== null ? bound.port : toText(uiPort) || '1880'
  const host = ['', '0.0.0.0', '::', '[::]'].includes(toText(uiHost)) ? '127.0.0.1' : toText(uiHost)
  return `${https ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Lets deliveries for the account in. @returns ends that */
export function admit (accountId: string, inbox: WebhookInbox): () => void {
  inboxes.set(accountId, inbox)
  return () => { if (inboxes.get(accountId) === inbox) inboxes.delete(accountId) }
}

/**
 * Node-RED's admin API usually lies before the HTTP side at the same root, and parses the JSON of every path: what it has read is gone. So the bytes are noted
 * while they come in. Nothing about the flow of the request changes.
 */
function note (ask: IncomingMessage): void {
  if (ask.method !== 'POST' || ask.url?.includes(`${BASE}/`) !== true) return
  const entry: { parts: Buffer[]; size: number } = { parts: [], size: 0 }
  const push = ask.push.bind(ask)
  noted.set(ask, entry)
  ask.push = (chunk: unknown, encoding?: BufferEncoding) => {
    if (Buffer.isBuffer(chunk)) {
      entry.size += chunk.length
      if (entry.size <= MAX_DELIVERY_BYTES) entry.parts.push(chunk)
    }
    return push(chunk, encoding)
  }
}

/** The raw body; `gone` when the sender went away, or something has read it that nobody knows of. */
async function rawBody (ask: Delivery): Promise<Buffer | 'tooLarge' | 'gone'> {
  if (ask.readableDidRead) {
    const entry = noted.get(ask)
    if (entry === undefined) return 'gone'
    return entry.size > MAX_DELIVERY_BYTES ? 'tooLarge' : Buffer.concat(entry.parts)
  }
  const parts: Buffer[] = []
  let size = 0
  const limit = setTimeout(() => { ask.destroy() }, BODY_LIMIT_MS)
  try {
    for await (const part of ask.iterator({ destroyOnReturn: false })) {
      size += (part as Buffer).length
      if (size > MAX_DELIVERY_BYTES) return 'tooLarge'
      parts.push(part as Buffer)
    }
    return Buffer.concat(parts)
  } catch {
    // The sender went away: there is nobody to be told.
    return 'gone'
  } finally {
    clearTimeout(limit)
  }
}

function inboxOf ({ params: { account = '', mac = '' } }: Delivery): WebhookInbox | undefined {
  const inbox = inboxes.get(account)
  if (inbox === undefined) return undefined
  const expected = Buffer.from(macOf(account, inbox.secret))
  const shown = Buffer.from(mac)
  return shown.length === expected.length && timingSafeEqual(shown, expected) ? inbox : undefined
}

async function take (ask: Delivery, reply: Reply): Promise<void> {
  const inbox = inboxOf(ask)
  if (inbox === undefined) {
    reply.status(404).end()
    return
  }
  const body = await rawBody(ask)
  if (body === 'gone') reply.status(400).end()
  else if (body === 'tooLarge') {
    // What still comes is not read.
    reply.once('finish', () => { ask.destroy() })
    reply.status(413).end()
  } else reply.status(inbox.deliver(body, ask.headers)).end()
}

/** Registers the route, once for each HTTP application. */
export function registerHooks (RED: NodeAPI): void {
  const app = RED.httpNode as NodeAPI['httpNode'] | undefined
  if (typeof app?.post !== 'function' || served.has(app)) return
  served.add(app)
  const server = RED.server as NodeAPI['server'] | undefined
  if (server !== undefined && !served.has(server)) {
    served.add(server)
    server.prependListener('request', note)
  }
  app.post(`${BASE}/:account/:mac`, (ask, reply) => {
    take(ask as unknown as Delivery, reply).catch(() => { reply.status(500).end() })
  })
}
