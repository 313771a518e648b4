/** `request`: any path of the API, for what the other actions do not have. */
import { redact } from '../../session/redact'
import type { ActionTable } from '../../session/types'
import type { HttpHeaders } from '../../transport/http'
import type { Query } from '../api'
import { isRecord } from '../read'
import { apiOf, asOf, extra, invalid, type Access, type Run } from './tools'

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
/** Ours alone: an account's token is not a flow's business, and the others belong to the connection. */
const OURS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'host', 'content-length', 'connection', 'transfer-encoding', 'proxy-authorization', 'content-type'])
const SECRET: ReadonlySet<string> = new Set(['set-cookie', 'www-authenticate'])

/** Path below the base: `/people`, `people`, `/v1/people`. @throws CtiError CTI_INVALID_REQUEST for anything that leads out of it */
export function pathOf (raw: string): string {
  const [plain = ''] = raw.split(/[?#]/)
  if (plain === '' || raw.includes('://') || raw.startsWith('//') || raw.includes('\\') || /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i.test(plain)) {
    throw invalid('"path" must be a path of the Webex API, for instance /people.')
  }
  return `/${raw.replace(/^\/+/, '')}`.replace(/^\/v1(?=\/)/, '')
}

function headersOf (raw: unknown, warn: (text: string) => void): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(isRecord(raw) ? raw : {})) {
    if (OURS.has(name.toLowerCase())) warn(`The header "${name}" is set by the account and was left out.`)
    else headers[name] = String(value)
  }
  return headers
}

const shown = (headers: HttpHeaders): Record<string, unknown> => Object.fromEntries(Object.entries(headers).filter(([name]) => !SECRET.has(name.toLowerCase())))

const send = (access: Access): Run => async (request, context) => {
  const method = ((request.method as string | undefined) ?? 'GET').toUpperCase()
  if (!METHODS.has(method)) throw invalid(`"method" must be one of ${[...METHODS].join(', ')}.`)
  const { bot } = access.connection()
  // An account of a bot alone asks as the bot; another one when told so.
  const asBot = asOf(request) === undefined && bot !== undefined && (access.settings.auth.kind === 'none' || extra(request, 'token') === 'bot')
  const api = asBot ? bot : await apiOf(access, request, context)
  const path = pathOf((request.path as string | undefined) ?? '')
  const reply = await api.send({
    method,
    path,
    headers: headersOf(request.headers, (text) => context.warn(text)),
    repeatable: request.idempotent === true || method === 'GET',
    signal: context.signal,
    ...(request.query === undefined ? {} : { query: request.query as Query }),
    ...(request.body === undefined || request.body === '' ? {} : { body: request.body })
  })
  // A list of webhooks shows the secrets of their signatures.
  return { data: { status: reply.status, headers: shown(reply.headers), body: path.startsWith('/webhooks') ? redact(reply.body) : reply.body } }
}

export function requestActions (access: Access): ActionTable {
  return { request: { lacks: ['message', 'reply'], run: send(access) } }
}
