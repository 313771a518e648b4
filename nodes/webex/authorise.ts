/** Authorisations from the editor: the browser's redirect, the code for another device, who has authorised, and the test of the public address. */
import type { NodeAPI } from 'node-red'
import { CtiError } from '../../src/model'
import { accountOfState, testPublicUrl, WebhookInbox, type CallbackQuery, type Holder, type WebexDriver } from '../../src/webex'
import { isAccountNode } from '../shared/account'
import type { AccountSettings } from '../shared/accountSettings'
import { HTTP_STATUS } from '../shared/admin'
import { isPlainObject, toText } from '../shared/coerce'
import { typedAccount } from '../shared/connectionTest'
import { commonTexts } from '../shared/texts'
import { CALLBACK } from './address'
import { admit, hookPath, hooksBlocked } from './hooks'
import { driverOf, webexDriver } from './service'

/** Authorisations that may be under way at once. */
const MOST = 50

/** How an authorisation stands; what the editor asks for again and again. */
interface Standing { state: 'none' | 'waiting' | 'done' | 'failed'; holder?: Holder; userCode?: string; address?: string; message?: string }
interface Pending { readonly driver: WebexDriver; /** Of the redirect; a code for another device has none. */ readonly state?: string; readonly abort: AbortController; readonly expiresAt: number; standing: Standing }

interface Ask { params: Record<string, string | string[] | undefined>; body?: unknown; query: Record<string, unknown> }
interface Reply { status (code: number): Reply; json (body: unknown): unknown; type (name: string): Reply; send (text: string): unknown }

/** Registry of this process: the last authorisation that the editor began for an account, by its id. */
const pending = new Map<string, Pending>()
const served = new WeakSet<object>()

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;' }
const page = (text: string): string => `<!doctype html><meta charset="utf-8"><title>Node-RED</title><p>${text.replace(/[&<>"']/g, (sign) => HTML[sign] ?? sign)}</p>`
const nameOf = ({ name, email, id }: Holder): string => name ?? email ?? id

async function typedSettings (RED: NodeAPI, id: string, body: unknown): Promise<AccountSettings> {
  const { definition, settings } = typedAccount(RED, id, body)
  if (definition.platform !== 'webex') throw new CtiError('CTI_INVALID_REQUEST', 'Not a Webex account.', { retryable: false })
  return settings()
}

function begun (id: string, driver: WebexDriver, standing: Standing, expiresAt: number, state?: string): Pending {
  pending.get(id)?.abort.abort()
  pending.delete(id)
  for (const [key, { expiresAt: end, abort }] of pending) {
    if (end > Date.now() && pending.size < MOST) continue
    abort.abort()
    pending.delete(key)
  }
  const entry: Pending = { driver, abort: new AbortController(), expiresAt, standing, ...(state === undefined ? {} : { state }) }
  pending.set(id, entry)
  return entry
}

/** The account that waits for this goes on by itself, and so does an XSI account that borrows from it. */
async function authorised (RED: NodeAPI, id: string, entry: Pending, holder: Holder): Promise<void> {
  entry.standing = { state: 'done', holder }
  const waiting = [id]
  RED.nodes.eachNode((def) => { if ((def as { webex?: unknown }).webex === id) waiting.push(def.id) })
  for (const one of waiting) {
    const node: unknown = RED.nodes.getNode(one)
    if (isAccountNode(node)) await node.renew()
  }
}

function failed (entry: Pending, { message }: CtiError): void {
  entry.standing = { state: 'failed', message }
}

/** What Webex says of a client that it does not know, with what to do: it is the integration that was refused, not the person. */
function advised (RED: NodeAPI, error: unknown): CtiError {
  const told = CtiError.from(error, 'webex')
  return told.code === 'CTI_UNAUTHORIZED' ? new CtiError(told.code, `${told.message} ${commonTexts(RED)('oauth.checkClient')}`, told.cause) : told
}

async function begin (RED: NodeAPI, id: string, body: unknown): Promise<Standing> {
  const settings = await typedSettings(RED, id, body)
  if (settings.credentials.tokenKey === undefined) throw new CtiError('CTI_INVALID_REQUEST', 'The account has no key to keep the authorisation with: close the dialog with Update, and open it again.', { missing: 'tokenKey', retryable: false })
  const driver = driverOf(RED, settings, () => undefined)
  if (toText((body as { way?: unknown }).way) !== 'device') {
    const { url, state, expiresAt } = driver.authorizer.begin()
    return begun(id, driver, { state: 'waiting', address: url }, expiresAt, state).standing
  }
  const grant = await driver.authorizer.beginDevice().catch((error: unknown) => { throw advised(RED, error) })
  const entry = begun(id, driver, { state: 'waiting', userCode: grant.userCode, address: grant.verificationUriComplete ?? grant.verificationUri }, grant.expiresAt)
  driver.authorizer.finishDevice(grant, entry.abort.signal).then((holder) => authorised(RED, id, entry, holder)).catch((error: unknown) => { failed(entry, advised(RED, error)) })
  return entry.standing
}

async function standing (id: string): Promise<Standing> {
  const entry = pending.get(id)
  // A try that went wrong, or that nobody ended, says nothing about an authorisation from before: it is told for as long as the try could have lasted.
  if (entry !== undefined && entry.standing.state !== 'done' && entry.expiresAt > Date.now()) return entry.standing
  const holder = await (webexDriver(id) ?? entry?.driver)?.authorizer.holder()
  return holder === undefined ? { state: 'none' } : { state: 'done', holder }
}

/** A redirect: of the editor's authorisation, or of a person who got the link from the account's bot. @throws CtiError */
async function finish (RED: NodeAPI, query: CallbackQuery): Promise<Holder> {
  const id = accountOfState(query.state)
  const entry = id === undefined ? undefined : pending.get(id)
  if (id === undefined || entry === undefined || entry.state !== query.state) {
    const driver = id === undefined ? undefined : webexDriver(id)
    if (driver === undefined) throw new CtiError('CTI_FORBIDDEN', 'This authorisation did not begin here, or has come to its end.', { vendor: 'webex', retryable: false })
    return driver.authorizer.finish(query)
  }
  try {
    const holder = await entry.driver.authorizer.finish(query)
    await authorised(RED, id, entry, holder)
    return holder
  } catch (error) {
    const told = advised(RED, error)
    // The state is good once only: a second redirect does not undo the first.
    if (entry.standing.state !== 'done') failed(entry, told)
    throw told
  }
}

/** Sends a signed delivery to the address that is typed, along the way of the vendor's. An inbox of its own takes it: that of the running account is left alone. */
async function reach (RED: NodeAPI, id: string, body: unknown): Promise<{ ok: boolean; message: string }> {
  const { properties, credentials } = await typedSettings(RED, id, body)
  const blocked = hooksBlocked(RED)
  if (blocked !== undefined) return { ok: false, message: commonTexts(RED)(`log.${blocked}`) }
  const secret = credentials.webhookSecret ?? ''
  const probeId = `${id}-test`
  const inbox = new WebhookInbox({ publicUrl: toText(properties.publicUrl), secret, path: hookPath(RED, probeId, secret) })
  const shut = admit(probeId, inbox)
  try {
    const { ok, text } = await testPublicUrl(inbox)
    return { ok, message: text }
  } finally {
    shut()
  }
}

/** Registers the routes, once for each admin application. The callback needs no permission: a redirect carries none, its one-time state is the proof. */
export function registerAuthorisation (RED: NodeAPI): void {
  const app = RED.httpAdmin as NodeAPI['httpAdmin'] | undefined
  if (typeof app?.get !== 'function' || served.has(app)) return
  served.add(app)
  const t = commonTexts(RED)
  const answer = (work: (id: string, body: unknown) => Promise<unknown>) => ({ params, body }: Ask, reply: Reply): void => {
    work(toText(params.id), isPlainObject(body) ? body : {}).then((result) => { reply.json(result) }, (error: unknown) => {
      const { code, message } = CtiError.from(error, 'webex')
      reply.status(HTTP_STATUS[code] ?? 502).json({ code, message })
    })
  }
  app.get(CALLBACK, ({ query }: Ask, reply: Reply) => {
    const given = Object.fromEntries(['code', 'state', 'error', 'error_description'].map((name) => [name, query[name]]).filter(([, value]) => typeof value === 'string')) as CallbackQuery
    finish(RED, given).then(
      (holder) => { reply.type('html').send(page(t('oauth.done', { who: nameOf(holder) }))) },
      (error: unknown) => { reply.status(400).type('html').send(page(t('oauth.failed', { reason: CtiError.from(error, 'webex').message }))) }
    )
  })
  app.get('/cti/:id/authorization', RED.auth.needsPermission('cti.read'), answer((id) => standing(id)))
  app.post('/cti/:id/authorize', RED.auth.needsPermission('cti.write'), answer((id, body) => begin(RED, id, body)))
  app.post('/cti/:id/reach', RED.auth.needsPermission('cti.write'), answer((id, body) => reach(RED, id, body)))
}
