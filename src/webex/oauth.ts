/** The OAuth 2 requests of Webex (webex-calling.md 2.3): authorize address, code, refresh, device grant. No state is kept here. */
import { CtiError, type ErrorCode } from '../model'
import type { TokenRecord } from '../session/tokenStore'
import type { HttpClient, HttpReply } from '../transport/http'
import { replyError } from './errors'
import { scopesOf, type OAuthClient, type Settings } from './options'
import { isRecord, number, parseJson, text, type Json } from './read'

export type OAuthPlace = Pick<Settings, 'baseUrl' | 'authorizeUrl' | 'tokenUrl'>

const FORM = 'application/x-www-form-urlencoded'
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
/** Where the reply names no life of a token: an hour, so that it is renewed early rather than late. */
const SHORT_LIFE_S = 3600
/** Device grant: s between two polls where none is told, and what a `slow_down` adds. */
const POLL_S = 5

const scopeText = (client: OAuthClient): string => (client.scopes ?? scopesOf(['calls', 'people'])).join(' ')

/** Address to open in the browser. @param state at most 500 characters */
export function authorizeAddress (place: OAuthPlace, client: OAuthClient, state: string): string {
  if (client.redirectUri === undefined) throw new CtiError('CTI_INVALID_REQUEST', 'The account has no redirect address.', { vendor: 'webex', missing: 'redirectUri', retryable: false })
  const url = new URL(place.authorizeUrl)
  // A blank as %20: "+" is not understood everywhere.
  url.search = Object.entries({ client_id: client.clientId, response_type: 'code', redirect_uri: client.redirectUri, scope: scopeText(client), state })
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
  return url.href
}

/** Tokens for the code of a redirect. @throws CtiError CTI_UNAUTHORIZED when the code is used, expired or of somebody else */
export function exchangeCode (http: HttpClient, place: OAuthPlace, client: OAuthClient, code: string, now: number): Promise<TokenRecord> {
  return grant(http, place.tokenUrl, { grant_type: 'authorization_code', ...clientFields(client), code, redirect_uri: client.redirectUri ?? '' }, now)
}

/** New tokens; the refresh token that comes back may be the same. @throws CtiError CTI_UNAUTHORIZED when it was revoked or has expired */
export async function refreshTokens (http: HttpClient, place: OAuthPlace, client: OAuthClient, refreshToken: string, now: number): Promise<TokenRecord> {
  return { refreshToken, ...await grant(http, place.tokenUrl, { grant_type: 'refresh_token', ...clientFields(client), refresh_token: refreshToken }, now) }
}

export interface DeviceGrant {
  readonly deviceCode: string
  /** What the person types at `verificationUri`. */
  readonly userCode: string
  readonly verificationUri: string
  /** With the code in it already. */
  readonly verificationUriComplete?: string
  /** ms since 1970. */
  readonly expiresAt: number
  /** ms between two polls. */
  readonly intervalMs: number
}

/** Begins the grant of a program that no browser reaches. Paths from general knowledge of the platform (webex-calling.md U7). */
export async function startDeviceGrant (http: HttpClient, { baseUrl }: OAuthPlace, client: OAuthClient, now: number): Promise<DeviceGrant> {
  const reply = await post(http, `${baseUrl}/device/authorize`, { client_id: client.clientId, scope: scopeText(client) })
  const node = ok(reply)
  const deviceCode = text(node, 'device_code')
  const userCode = text(node, 'user_code')
  const verificationUri = text(node, 'verification_uri')
  if (deviceCode === undefined || userCode === undefined || verificationUri === undefined) throw unreadable(reply)
  const complete = text(node, 'verification_uri_complete')
  return {
    deviceCode,
    userCode,
    verificationUri,
    expiresAt: now + (number(node, 'expires_in') ?? POLL_S * 60) * 1000,
    intervalMs: (number(node, 'interval') ?? POLL_S) * 1000,
    ...(complete === undefined ? {} : { verificationUriComplete: complete })
  }
}

/** One poll. @returns the tokens, or how many ms to add to the interval while nobody has confirmed yet. @throws CtiError when the grant is over */
export async function pollDeviceGrant (http: HttpClient, { baseUrl }: OAuthPlace, client: OAuthClient, deviceCode: string, now: number): Promise<TokenRecord | number> {
  const basic = Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')
  const reply = await post(http, `${baseUrl}/device/token`, { grant_type: DEVICE_GRANT, device_code: deviceCode, client_id: client.clientId }, { Authorization: `Basic ${basic}` })
  if (reply.status === 428) return 0
  const said = JSON.stringify(parseJson(reply.text())) ?? ''
  if (said.includes('slow_down')) return POLL_S * 1000
  if (said.includes('authorization_pending')) return 0
  return tokensOf(reply, now)
}

function clientFields ({ clientId, clientSecret }: OAuthClient): Record<string, string> {
  return { client_id: clientId, client_secret: clientSecret }
}

async function grant (http: HttpClient, url: string, fields: Record<string, string>, now: number): Promise<TokenRecord> {
  return tokensOf(await post(http, url, fields), now)
}

function post (http: HttpClient, url: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<HttpReply> {
  return http.request({ method: 'POST', url, headers: { 'Content-Type': FORM, Accept: 'application/json', ...headers }, body: new URLSearchParams(fields).toString() })
}

/** What a refused grant is: the platform answers 400 as well as 401 (webex-calling.md 2.3, U5). */
const GRANT_REFUSED: ReadonlySet<number> = new Set([400, 401, 403])

function ok (reply: HttpReply): Json {
  if (reply.status < 200 || reply.status > 299) {
    const error = replyError(reply)
    const code: ErrorCode = GRANT_REFUSED.has(reply.status) ? 'CTI_UNAUTHORIZED' : error.code
    throw new CtiError(code, error.message, { ...error.cause, ...(code === 'CTI_UNAUTHORIZED' ? { retryable: false } : {}) })
  }
  const node = parseJson(reply.text())
  if (!isRecord(node)) throw unreadable(reply)
  return node
}

function tokensOf (reply: HttpReply, now: number): TokenRecord {
  const node = ok(reply)
  const accessToken = text(node, 'access_token')
  if (accessToken === undefined) throw unreadable(reply)
  const refreshToken = text(node, 'refresh_token')
  const refreshLife = number(node, 'refresh_token_expires_in')
  const scope = text(node, 'scope')
  return {
    accessToken,
    expiresAt: now + (number(node, 'expires_in') ?? SHORT_LIFE_S) * 1000,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(refreshLife === undefined ? {} : { refreshExpiresAt: now + refreshLife * 1000 }),
    ...(scope === undefined ? {} : { scope })
  }
}

function unreadable (reply: HttpReply): CtiError {
  return new CtiError('CTI_PROTOCOL', 'The answer of the authorisation server could not be read: is the address right?', { vendor: 'webex', httpStatus: reply.status, retryable: true })
}
