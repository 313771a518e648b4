/** `request`: any path of the API, for what the other actions do not have. */
import type { HttpHeaders, QueryValue } from '../../transport/http'
import type { ActionTable } from '../../session/types'
import { CONTEXTS, STREAMS, type Half } from '../protocol'
import { isFields } from '../read'
import { forbidden, invalid, type Access, type Run } from './tools'

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'DELETE'])
/** Ours alone: an account's credentials are not a flow's business, and the others belong to the connection. */
const OURS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'farmid', 'host', 'content-length', 'connection', 'transfer-encoding', 'proxy-authorization'])
const SECRET: ReadonlySet<string> = new Set(['set-cookie', 'www-authenticate', 'authorization'])
/** Dials although it is a GET (five9.md 10, trap 9). */
const DIALS = /\/click_to_dial(?:[?/]|$)/
/** The log-in and its end are the account's own: a reply there holds the token. */
const SESSION = /\/auth\/(?:login|login_by_token|logout|metadata)(?:[?/]|$)/

/**
 * A path below the API: whole (`/supsvcs/rs/svc/…`), or below the half it belongs to (`/supervisors/{uid}/…`, `/agents/{uid}/…`). `{uid}` and `{oid}` are
 * the account's user and domain. @throws CtiError CTI_INVALID_REQUEST
 */
export function placeOf (raw: string, halves: readonly Half[], ids: { uid: string; oid: string }): { half: Half; path: string } {
  const [plain = ''] = raw.split(/[?#]/)
  if (raw.includes('://') || raw.startsWith('//') || raw.includes('\\') || /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i.test(plain)) throw invalid('"path" must be a path below the API, for instance /agents/{uid}/presence.')
  const path = (raw.startsWith('/') ? raw : `/${raw}`).replace(/\{uid\}/g, encodeURIComponent(ids.uid)).replace(/\{oid\}/g, encodeURIComponent(ids.oid))
  if (path === '/') throw invalid('The request needs a "path", for instance /agents/{uid}/presence.')
  if (SESSION.test(decoded(path))) throw invalid('The log-in belongs to the account: it cannot be requested by a flow.')
  for (const half of ['agent', 'supervisor'] as const) if (path.startsWith(`${CONTEXTS[half]}/`)) return { half, path }
  if (path.startsWith(`${STREAMS}/`)) return { half: halves[0] ?? 'agent', path }
  const half: Half = /^\/(?:supervisors|alerts)(?:\/|$)/.test(path) ? 'supervisor' : /^\/agents\//.test(path) ? 'agent' : halves[0] ?? 'agent'
  return { half, path: CONTEXTS[half] + path }
}

/** As a server may read it; what is not percent-encoded properly stays. */
function decoded (path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    // A server cannot read it either.
    return path
  }
}

function sentHeaders (raw: unknown, warn: (text: string) => void): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(isFields(raw) ? raw : {})) {
    if (OURS.has(name.toLowerCase())) warn(`The header "${name}" is set by the account and was left out.`)
    else headers[name] = String(value)
  }
  return headers
}

const plain = (headers: HttpHeaders): Record<string, unknown> => Object.fromEntries(Object.entries(headers).filter(([name]) => !SECRET.has(name.toLowerCase())))

const send = (access: Access): Run => async (request, context) => {
  const { memory } = access
  const connection = access.connection()
  const method = ((request.method as string | undefined) ?? 'GET').toUpperCase()
  if (!METHODS.has(method)) throw invalid(`"method" must be one of ${[...METHODS].join(', ')}.`)
  const { half, path } = placeOf((request.path as string | undefined) ?? '', memory.halves, { uid: memory.uid, oid: connection.api.identity.orgId })
  if (!memory.halves.includes(half)) throw forbidden(`This path belongs to the role "${half}", which the account has not.`)
  const { body } = request
  const reply = await connection.send({
    method,
    path,
    query: request.query as Record<string, QueryValue | undefined> | undefined,
    headers: sentHeaders(request.headers, context.warn),
    idempotent: (request.idempotent === true || method === 'GET') && !DIALS.test(path),
    signal: context.signal,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? parsed(body) : body })
  }, half)
  return { data: { status: reply.status, headers: plain(reply.headers), body: reply.body ?? reply.text } }
}

/** A text that is JSON is sent as it is meant; any other text as a JSON text. */
function parsed (body: string): unknown {
  try {
    return JSON.parse(body) as unknown
  } catch {
    // Not JSON: the text itself is the value.
    return body
  }
}

export function requestActions (access: Access): ActionTable {
  return { request: { lacks: ['message', 'reply'], run: send(access) } }
}
