/** `request`: any command under the bases of Xsi-Actions and Xsi-Events, for what the other actions do not have. */
import type { HttpHeaders, QueryValue } from '../../transport/http'
import { element, type XmlFragment } from '../../transport/xml'
import type { ActionTable } from '../../session/types'
import type { Bases } from '../options'
import { NAMESPACE } from '../protocol'
import { parseBody } from '../errors'
import { invalid, type Access, type Run } from './tools'

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'DELETE'])
/** Ours alone: an account's credentials are not a flow's business, and the others belong to the connection. */
const OURS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'host', 'content-length', 'connection', 'transfer-encoding', 'proxy-authorization'])
const SECRET: ReadonlySet<string> = new Set(['set-cookie', 'www-authenticate'])
/** First words of paths that only Xsi-Events has (xsi.md 3.5). */
const EVENT_PATHS = /^\/v2\.0\/(?:channel|channelset|subscription|systemchannel|systemchannelset|systemsubscription)(?:\/|$)/i
const MAX_DEPTH = 20

/** Base and path of what was asked: whole (`/com.broadsoft.xsi-events/v2.0/…`) or from `/v2.0` on. @throws CtiError CTI_INVALID_REQUEST */
export function placeOf (bases: Bases, raw: string): { base: string; path: string } {
  const [plain] = raw.split(/[?#]/)
  if (raw.includes('://') || raw.startsWith('//') || raw.includes('\\') || /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i.test(plain)) throw invalid('"path" must be a path below the XSI server, for instance /v2.0/user/…')
  const path = raw.startsWith('/') ? raw : `/${raw}`
  for (const base of [bases.actions, bases.events]) {
    const prefix = new URL(base).pathname.replace(/\/+$/, '')
    if (prefix !== '' && path.startsWith(`${prefix}/`)) return { base, path: path.slice(prefix.length) }
  }
  if (!/^\/v\d+\.\d+\//i.test(path)) throw invalid('"path" must begin with /v2.0/, or with the name of the application before it.')
  return { base: EVENT_PATHS.test(path) ? bases.events : bases.actions, path }
}

function isRecord (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function written (name: string, value: unknown, depth: number, root = false): XmlFragment {
  if (depth > MAX_DEPTH) throw invalid('"body" is nested too deeply.')
  const attributes = root ? { xmlns: NAMESPACE } : {}
  if (!isRecord(value)) return element(name, value === null || value === undefined ? undefined : String(value), attributes)
  const parts = Object.entries(value).filter(([key]) => !key.startsWith('@') && key !== '$').flatMap(([key, child]) => (Array.isArray(child) ? child as unknown[] : [child]).map((one) => written(key, one, depth + 1)))
  const given = Object.entries(value).filter(([key]) => key.startsWith('@')).map(([key, text]) => [key.slice(1), String(text)])
  return element(name, parts.length > 0 ? parts : value.$ === undefined ? undefined : String(value.$), { ...attributes, ...Object.fromEntries(given) as Record<string, string> })
}

/** A body as text stays as it is; an object with one key is the document `{ Root: { child: value } }`. @throws CtiError CTI_INVALID_REQUEST */
export function bodyOf (body: unknown): string | XmlFragment | undefined {
  if (body === undefined || body === null || body === '') return undefined
  if (typeof body === 'string') return body
  const [root, ...others] = isRecord(body) ? Object.keys(body) : []
  if (!isRecord(body) || root === undefined || others.length > 0) throw invalid('"body" must be an XML text, or an object with the root element as its only key.')
  try {
    return written(root, body[root], 0, true)
  } catch (error) {
    throw error instanceof TypeError ? invalid(`"body" cannot be written as XML: ${error.message}.`) : error
  }
}

function sentHeaders (raw: unknown, warn: (text: string) => void): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(isRecord(raw) ? raw : {})) {
    if (OURS.has(name.toLowerCase())) warn(`The header "${name}" is set by the account and was left out.`)
    else headers[name] = String(value)
  }
  return headers
}

const plain = (headers: HttpHeaders): Record<string, unknown> => Object.fromEntries(Object.entries(headers).filter(([name]) => !SECRET.has(name.toLowerCase())))

const send = (access: Access): Run => async (request, context) => {
  const { api } = access.connection()
  const method = ((request.method as string | undefined) ?? 'GET').toUpperCase()
  if (!METHODS.has(method)) throw invalid(`"method" must be one of ${[...METHODS].join(', ')}.`)
  const { base, path } = placeOf(api.bases, (request.path as string | undefined) ?? '')
  const body = bodyOf(request.body)
  const reply = await api.send(base, {
    method,
    path,
    query: request.query as Record<string, QueryValue | undefined> | undefined,
    headers: sentHeaders(request.headers, context.warn),
    idempotent: request.idempotent === true || method === 'GET',
    signal: context.signal,
    ...(body === undefined ? {} : { body })
  })
  const parsed = parseBody(reply.text)
  return { data: { status: reply.status, headers: plain(reply.headers), body: parsed === undefined ? reply.text : { [parsed.root]: parsed.value } } }
}

export function requestActions (access: Access): ActionTable {
  return { request: { lacks: ['message', 'reply'], run: send(access) } }
}
