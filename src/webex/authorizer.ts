/** Authorisation by people: the account's own from the editor, and that of each chat user of a bot (webex-calling.md 2.3, 9.1, 10.16). */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { CtiError } from '../model'
import type { TokenRecord } from '../session/tokenStore'
import type { HttpClient } from '../transport/http'
import { replyError } from './errors'
import { keyOf } from './ids'
import { authorizeAddress, exchangeCode, pollDeviceGrant, startDeviceGrant, type DeviceGrant } from './oauth'
import { type OAuthClient, type Settings } from './options'
import { isRecord, parseJson, text } from './read'
import type { Tokens } from './tokens'

/** ms in which a redirect must come back. */
const FLOW_MS = 300_000
const MAX_FLOWS = 200
const MARK = '~'

interface Flow { readonly nonce: Buffer; readonly personId?: string; readonly expiresAt: number }
export interface Holder { readonly id: string; readonly name?: string; readonly email?: string; readonly orgId?: string }
/** Query of the redirect. */
export interface CallbackQuery { readonly code?: string; readonly state?: string; readonly error?: string; readonly error_description?: string }
/** Told of an authorisation; `personId` is absent for the account's own. */
export type Authorised = (holder: Holder, personId: string | undefined) => void

/** Id of the account that a redirect belongs to, for the route that all accounts share; undefined for a state that is not ours. */
export function accountOfState (state: unknown): string | undefined {
  return typeof state === 'string' && state.length <= 500 && state.includes(MARK) ? state.slice(0, state.indexOf(MARK)) : undefined
}

/** One account's authorisations under way. Works without a connection. */
export class Authorizer {
  private readonly flows = new Map<string, Flow>()
  private readonly listeners = new Set<Authorised>()

  constructor (private readonly settings: Settings, private readonly tokens: Tokens, private readonly now: () => number = Date.now) {}

  /** @returns ends it */
  onAuthorised (listener: Authorised): () => void {
    this.listeners.add(listener)
    return () => { this.listeners.delete(listener) }
  }

  /**
   * Begins an authorisation in the browser.
   * @param personId who must come back; absent: anybody, for the account itself
   * @throws CtiError CTI_INVALID_REQUEST without client or redirect address
   */
  begin (personId?: string): { url: string; state: string; expiresAt: number } {
    const id = randomBytes(9).toString('base64url')
    const nonce = randomBytes(24).toString('base64url')
    const state = `${this.settings.accountId}${MARK}${id}.${nonce}`
    const url = authorizeAddress(this.settings, this.client, state)
    this.sweep()
    const expiresAt = this.now() + FLOW_MS
    this.flows.set(id, { nonce: digest(nonce), expiresAt, ...(personId === undefined ? {} : { personId }) })
    return { url, state, expiresAt }
  }

  /** What the redirect brought: checks the state (once only), exchanges the code, checks who it is, keeps the tokens. @throws CtiError */
  async finish ({ code, state, error, error_description: why }: CallbackQuery): Promise<Holder> {
    const flow = this.take(state)
    if (error !== undefined) {
      throw new CtiError('CTI_UNAUTHORIZED', `The authorisation was refused: ${(why ?? error).slice(0, 200)}.`, { vendor: 'webex', code: error.slice(0, 60), retryable: false })
    }
    if (code === undefined || code === '') throw new CtiError('CTI_INVALID_REQUEST', 'The redirect brought no code.', { vendor: 'webex', retryable: false })
    return this.tokens.withHttp(async (http) => this.keep(http, await exchangeCode(http, this.settings, this.client, code, this.now()), flow.personId))
  }

  /** Begins an authorisation without a browser here: the person opens the address anywhere and types the code. */
  beginDevice (): Promise<DeviceGrant> {
    return this.tokens.withHttp((http) => startDeviceGrant(http, this.settings, this.client, this.now()))
  }

  /** Waits until the person has confirmed. @throws CtiError CTI_TIMEOUT, CTI_UNAUTHORIZED, or the signal's reason */
  async finishDevice (grant: DeviceGrant, signal: AbortSignal, personId?: string): Promise<Holder> {
    return this.tokens.withHttp(async (http) => {
      let { intervalMs } = grant
      while (this.now() < grant.expiresAt) {
        await wait(intervalMs, signal)
        const told = await pollDeviceGrant(http, this.settings, this.client, grant.deviceCode, this.now())
        if (typeof told !== 'number') return this.keep(http, told, personId)
        intervalMs += told
      }
      throw new CtiError('CTI_TIMEOUT', 'Nobody confirmed the authorisation in time.', { vendor: 'webex', retryable: true })
    })
  }

  /** Who has authorised; undefined when nobody has. */
  async holder (personId?: string): Promise<Holder | undefined> {
    return (await this.tokens.record(personId))?.holder
  }

  private get client (): OAuthClient {
    const { client } = this.settings
    if (client === undefined) throw new CtiError('CTI_INVALID_REQUEST', 'The account has no client id and secret of an integration.', { vendor: 'webex', missing: 'clientId', retryable: false })
    return client
  }

  private async keep (http: HttpClient, record: TokenRecord, personId: string | undefined): Promise<Holder> {
    const holder = await identify(http, this.settings.baseUrl, record.accessToken)
    if (personId !== undefined && keyOf(holder.id) !== keyOf(personId)) {
      throw new CtiError('CTI_FORBIDDEN', `The authorisation was given by ${holder.name ?? 'somebody else'}, not by the person who asked for it. It was thrown away.`, { vendor: 'webex', retryable: false })
    }
    await this.tokens.keep({ ...record, holder: { ...holder } }, personId)
    for (const listener of [...this.listeners]) listener(holder, personId)
    return holder
  }

  private take (state: string | undefined): Flow {
    const [id = '', nonce = ''] = state?.slice(state.indexOf(MARK) + 1).split('.') ?? []
    const flow = this.flows.get(id)
    const ours = flow !== undefined && accountOfState(state) === this.settings.accountId && timingSafeEqual(flow.nonce, digest(nonce))
    if (ours) this.flows.delete(id)
    if (!ours || flow.expiresAt <= this.now()) {
      throw new CtiError('CTI_FORBIDDEN', 'This authorisation is not expected: it is too old, was used already, or did not begin here. Begin again.', { vendor: 'webex', retryable: false })
    }
    return flow
  }

  private sweep (): void {
    for (const [id, { expiresAt }] of this.flows) if (expiresAt <= this.now() || this.flows.size >= MAX_FLOWS) this.flows.delete(id)
  }
}

const digest = (nonce: string): Buffer => createHash('sha256').update(nonce).digest()

/** Whose token it is. @throws CtiError */
async function identify (http: HttpClient, baseUrl: string, accessToken: string): Promise<Holder> {
  const reply = await http.request({ url: `${baseUrl}/people/me`, headers: { Authorization: `Bearer ${accessToken}`, Accept: 'application/json' } })
  if (reply.status !== 200) throw replyError(reply)
  const node = parseJson(reply.text())
  const id = isRecord(node) ? text(node, 'id') : undefined
  if (!isRecord(node) || id === undefined) throw new CtiError('CTI_PROTOCOL', 'Who authorised could not be read.', { vendor: 'webex', retryable: true })
  const email = Array.isArray(node.emails) ? node.emails.find((one) => typeof one === 'string') as string | undefined : undefined
  const name = text(node, 'displayName')
  const orgId = text(node, 'orgId')
  return { id, ...(name === undefined ? {} : { name }), ...(email === undefined ? {} : { email }), ...(orgId === undefined ? {} : { orgId }) }
}

function wait (ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    if (signal.aborted) return reject(signal.reason)
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal.addEventListener('abort', stop, { once: true })
  })
}
