/** `request`: anything below `/ipxapi`, with the account's token. */
import type { ActionTable } from '../../session/types'
import type { QueryValue } from '../../transport/http'
import { fields, isFields } from '../read'
import { invalid, type Access, type Run } from './tools'

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'DELETE'])
/** Ours alone: the token is not a flow's business, and the others belong to the connection. */
const OURS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'host', 'content-length', 'connection', 'transfer-encoding', 'proxy-authorization'])
const SECRET: ReadonlySet<string> = new Set(['set-cookie', 'www-authenticate'])

/** A path relative to the account, or with a leading slash below `/ipxapi`. @throws CtiError CTI_INVALID_REQUEST */
function checked (raw: string): string {
  const path = raw.trim().replace(/^\/ipxapi(?=\/)/, '')
  const [plain = ''] = path.split(/[?#]/)
  if (plain === '' || path.includes('://') || path.startsWith('//') || path.includes('\\') || /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i.test(plain)) throw invalid('"path" must be a path below /ipxapi, such as call/status or /server/v1/users/…')
  return path
}

const send = (access: Access): Run => async (request, context) => {
  const connection = access.connection()
  const method = ((request.method as string | undefined) ?? 'GET').toUpperCase()
  if (!METHODS.has(method)) throw invalid(`"method" must be one of ${[...METHODS].join(', ')}.`)
  const path = connection.api.pathOf(checked((request.path as string | undefined) ?? ''))
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(fields(request.headers))) {
    if (OURS.has(name.toLowerCase())) context.warn(`The header "${name}" is set by the account and was left out.`)
    else headers[name] = String(value)
  }
  const { body } = request
  const text = body === undefined || body === null || body === '' ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
  const query = Object.fromEntries(Object.entries(fields(request.query)).map(([name, value]) => [name, isFields(value) || Array.isArray(value) ? JSON.stringify(value) : value as QueryValue]))
  const reply = await connection.guarded(() => connection.api.send({
    method, path, query, headers, repeatable: request.idempotent === true || method === 'GET', ...(text === undefined ? {} : { body: text })
  }, { signal: context.signal }))
  const shown = Object.fromEntries(Object.entries(reply.headers).filter(([name]) => !SECRET.has(name.toLowerCase())))
  return { data: { status: reply.status, headers: shown, body: reply.body ?? reply.text } }
}

export function requestActions (access: Access): ActionTable {
  return { request: { lacks: ['message', 'reply'], run: send(access) } }
}
