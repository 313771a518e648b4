/** The way to tokens: authorization code with a page, refresh, device grant, log-out (webex-calling.md 2.3). */
import { timingSafeEqual } from 'node:crypto'
import { type User } from '../../pbx/types'
import { WebexError, badRequest } from '../errors'
import { type Asked, neededText, type Reply, text } from '../http'
import { openRoute, type Route } from '../router'
import { type Site } from '../site'
import { consentPage, devicePage, messagePage } from './pages'
import { grantable, type Grant } from './tokens'

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
const BROKER = '/idb/oauth2/v1/authorize'
const DEVICE = '/v1/device/verify'
const MOST_STATE = 500
const HTML = 'text/html; charset=utf-8'

export const OAUTH_ROUTES: Route[] = [
  openRoute('GET /v1/authorize', authorize),
  openRoute(`GET ${BROKER}`, (asked) => ask(asked, asked.query)),
  openRoute(`POST ${BROKER}`, decide),
  openRoute('POST /v1/access_token', accessToken),
  openRoute('POST /v1/device/authorize', deviceAuthorize),
  openRoute('POST /v1/device/token', deviceToken),
  openRoute(`GET ${DEVICE}`, deviceVerify),
  openRoute(`POST ${DEVICE}`, deviceDecide),
  openRoute('GET /idb/oauth2/v1/logout', logout)
]

/** What a client asked for on the address line, checked. */
interface Request { clientId: string; redirectUri: string; scopes: string[]; state?: string; challenge?: string }

/** The platform sends the browser on to its identity broker. */
function authorize (asked: Asked): Reply {
  const checked = check(asked.site, asked.query)
  if ('reply' in checked) return checked.reply
  const { site } = asked
  if (site.options.denyConsent) return back(checked.request, { error: 'access_denied', error_description: 'The person did not agree' })
  const user = site.pbx.users.get(site.options.autoConsent ?? '')
  if (user !== undefined) return agree(site, checked.request, user)
  return { status: 302, headers: { Location: `${BROKER}?${asked.query.toString()}` }, raw: { contentType: HTML, text: '' } }
}

function ask (asked: Asked, query: URLSearchParams, problem?: string): Reply {
  const checked = check(asked.site, query)
  if ('reply' in checked) return checked.reply
  const hidden = Object.fromEntries(['client_id', 'response_type', 'redirect_uri', 'scope', 'state', 'code_challenge', 'code_challenge_method'].flatMap((name) => query.has(name) ? [[name, query.get(name) ?? '']] : []))
  return { raw: { contentType: HTML, text: consentPage({ action: BROKER, hidden, people: people(asked.site), scopes: checked.request.scopes, application: 'The integration', problem }) } }
}

function decide (asked: Asked): Reply {
  const query = new URLSearchParams(Object.entries(asked.body).map(([name, value]): [string, string] => [name, String(value)]))
  const checked = check(asked.site, query)
  if ('reply' in checked) return checked.reply
  if (asked.body.decision !== 'accept') return back(checked.request, { error: 'access_denied', error_description: 'The person did not agree' })
  const user = signIn(asked)
  return user === undefined ? ask(asked, query, 'Wrong person or password') : agree(asked.site, checked.request, user)
}

function agree (site: Site, request: Request, user: User): Reply {
  const { clientId, redirectUri, scopes, challenge } = request
  const refused = scopes.filter((scope) => !grantable(user).includes(scope))
  if (refused.length > 0) return back(request, { error: 'invalid_scope', error_description: `Not to be granted by this person: ${refused.join(' ')}` })
  return back(request, { code: site.flows.code({ user, clientId, redirectUri, scopes, ...(challenge === undefined ? {} : { challenge }) }) })
}

/** An unknown client or address gets a page, never a redirect; other mistakes go back to the client. */
function check ({ options }: Site, query: URLSearchParams): { request: Request } | { reply: Reply } {
  const clientId = query.get('client_id') ?? ''
  const redirectUri = query.get('redirect_uri') ?? ''
  const refuse = (message: string): { reply: Reply } => ({ reply: { status: 400, raw: { contentType: HTML, text: messagePage('Sign-in is not possible', message) } } })
  if (clientId !== options.clientId) return refuse('The client is not known.')
  if (!registered(options.redirectUris, redirectUri)) return refuse('The redirect address is not registered for this client.')
  const state = query.get('state') ?? undefined
  const scopes = (query.get('scope') ?? '').split(/[\s+]+/).filter((scope) => scope !== '')
  const challenge = query.get('code_challenge') ?? undefined
  const request: Request = { clientId, redirectUri, scopes, ...(state === undefined ? {} : { state }), ...(challenge === undefined ? {} : { challenge }) }
  const unknown = options.integrationScopes.length === 0 ? [] : scopes.filter((scope) => !options.integrationScopes.includes(scope))
  if (query.get('response_type') !== 'code') return { reply: back(request, { error: 'unsupported_response_type' }) }
  if (state !== undefined && state.length > MOST_STATE) return { reply: back(request, { error: 'invalid_request', error_description: 'state is too long' }) }
  if (scopes.length === 0 || unknown.length > 0) return { reply: back(request, { error: 'invalid_scope', error_description: `Not registered: ${unknown.join(' ')}` }) }
  if (challenge !== undefined && (query.get('code_challenge_method') ?? 'plain') !== 'S256') return { reply: back(request, { error: 'invalid_request', error_description: 'code_challenge_method must be S256' }) }
  return { request }
}

function registered (list: readonly string[], given: string): boolean {
  if (list.length > 0) return list.includes(given)
  return URL.canParse(given) && LOOPBACK.has(new URL(given).hostname)
}

function back ({ redirectUri, state }: Request, result: Record<string, string>): Reply {
  const url = new URL(redirectUri)
  for (const [name, value] of Object.entries({ ...result, ...(state === undefined ? {} : { state }) })) url.searchParams.set(name, value)
  return { status: 302, headers: { Location: url.href }, raw: { contentType: HTML, text: '' } }
}

function accessToken (asked: Asked): Reply {
  const { site } = asked
  const clientId = needClient(asked)
  const kind = neededText(asked, 'grant_type')
  if (kind === 'refresh_token') {
    const grant = site.tokens.renew(neededText(asked, 'refresh_token'), clientId)
    if (grant === undefined) throw badRequest('The refresh token is not valid')
    return tokens(grant)
  }
  if (kind !== 'authorization_code') throw badRequest('grant_type is not supported')
  const code = site.flows.redeem(neededText(asked, 'code'), { clientId, redirectUri: text(asked, 'redirect_uri') ?? '', verifier: text(asked, 'code_verifier') })
  if (code === undefined) throw badRequest('The code is not valid, or the redirect address is another one')
  return tokens(site.tokens.issue(code.user, clientId, code.scopes))
}

function tokens ({ access, refresh, principal, accessSeconds, refreshSeconds }: Grant): Reply {
  return { body: { access_token: access, expires_in: accessSeconds, refresh_token: refresh, refresh_token_expires_in: refreshSeconds, token_type: 'Bearer', scope: [...principal.scopes].join(' ') } }
}

/** Client id and secret, as form fields or as Basic. */
function needClient (asked: Asked): string {
  const { options } = asked.site
  const basic = /^basic\s+(\S+)$/i.exec(asked.authorization ?? '')?.[1]
  const pair = basic === undefined ? '' : Buffer.from(basic, 'base64').toString('utf8')
  const id = text(asked, 'client_id') ?? pair.slice(0, pair.indexOf(':'))
  const secret = text(asked, 'client_secret') ?? pair.slice(pair.indexOf(':') + 1)
  const wanted = new Map([[options.clientId, options.clientSecret], [options.serviceClientId, options.serviceClientSecret]]).get(id)
  if (wanted === undefined || !same(secret, wanted)) throw new WebexError(401, 'Client authentication failed')
  return id
}

function same (given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function deviceAuthorize (asked: Asked): Reply {
  const { options, flows } = asked.site
  if (neededText(asked, 'client_id') !== options.clientId) throw new WebexError(401, 'Client authentication failed')
  const { deviceCode, userCode } = flows.openDevice(options.clientId, neededText(asked, 'scope').split(/\s+/))
  return { body: {
    device_code: deviceCode, user_code: userCode, verification_uri: `${asked.origin}${DEVICE}`, verification_uri_complete: `${asked.origin}${DEVICE}?userCode=${userCode}`,
    expires_in: options.deviceCodeSeconds, interval: options.deviceIntervalSeconds
  } }
}

function deviceToken (asked: Asked): Reply {
  const clientId = needClient(asked)
  if (neededText(asked, 'grant_type') !== DEVICE_GRANT) throw badRequest('grant_type is not supported')
  const answer = asked.site.flows.askDevice(neededText(asked, 'device_code'), clientId)
  if (answer.is === 'agreed') return tokens(asked.site.tokens.issue(answer.user, clientId, answer.scopes))
  if (answer.is === 'pending') throw new WebexError(428, 'authorization_pending')
  throw badRequest({ tooFast: 'slow_down', denied: 'access_denied', unknown: 'expired_token' }[answer.is])
}

function deviceVerify (asked: Asked): Reply {
  const userCode = asked.query.get('userCode') ?? ''
  const flow = asked.site.flows.deviceOf(userCode)
  const shown = flow === undefined ? devicePage(DEVICE, userCode) : consentPage({ action: DEVICE, hidden: { userCode }, people: people(asked.site), scopes: flow.scopes, application: 'The device' })
  return { raw: { contentType: HTML, text: shown } }
}

function deviceDecide (asked: Asked): Reply {
  const { flows } = asked.site
  const userCode = neededText(asked, 'userCode')
  const flow = flows.deviceOf(userCode)
  const user = asked.body.decision === 'accept' ? signIn(asked) : undefined
  const mayGrant = user !== undefined && flow !== undefined && flow.scopes.every((scope) => grantable(user).includes(scope))
  if (asked.body.decision === 'accept' && user === undefined) return { status: 403, raw: { contentType: HTML, text: messagePage('Connect a device', 'Wrong person or password.') } }
  const done = flows.decideDevice(userCode, mayGrant ? user : undefined)
  return { raw: { contentType: HTML, text: messagePage('Connect a device', done ? 'Done. You may close this page.' : 'The code is not known or too old.') } }
}

function logout (asked: Asked): Reply {
  asked.site.tokens.end(asked.query.get('token') ?? '')
  return { raw: { contentType: HTML, text: messagePage('Signed out', 'You are signed out.') } }
}

function signIn (asked: Asked): User | undefined {
  const user = asked.site.pbx.users.get(text(asked, 'person') ?? '')
  return user !== undefined && same(text(asked, 'password') ?? '', user.password) ? user : undefined
}

function people ({ pbx }: Site): { key: string; name: string }[] {
  return [...pbx.users.values()].map((user) => ({ key: user.key, name: `${user.first} ${user.last}${user.admin ? ' (administrator)' : ''}` }))
}
