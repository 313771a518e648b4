/** What a refused request means: status and error body, or a web page of a load balancer (five9.md 6.1). */
import { CtiError, type ErrorCode } from '../model'
import { statusError, type HttpReply } from '../transport/http'
import { fields, text, type Fields } from './read'

const MAX_TEXT = 300
/** Not an IANA status: the API's word for "refused by a rule". */
const BUSINESS = 435

const LOGIN_CODE = 'LOGIN'
export const DUPLICATE = 'DUPLICATE_LOGIN'
const MIGRATED = '5001'

/** The body as JSON; undefined for an empty one and for anything else. Never throws. */
export function parseBody (body: string): unknown {
  const trimmed = body.trim()
  if (trimmed === '') return undefined
  try {
    return JSON.parse(trimmed) as unknown
  } catch {
    // HTML of a load balancer, truncated JSON: the status alone decides then.
    return undefined
  }
}

interface Detail { readonly code?: string; readonly text?: string; readonly context: Fields }

function detailOf (body: string): Detail {
  const detail = fields(fields(parseBody(body)).five9ExceptionDetail)
  const code = text(detail.errorCode)
  const said = text(detail.message)?.slice(0, MAX_TEXT)
  return { context: fields(detail.context), ...(code === undefined ? {} : { code }), ...(said === undefined ? {} : { text: said }) }
}

/** What a business error is to a flow, by its context code or by its words. */
function meaningOf (contextCode: string | undefined, said: string): { code: ErrorCode; text: string } {
  if (contextCode === DUPLICATE) return { code: 'CTI_CONFLICT', text: 'this user is logged in elsewhere already; end that session, or choose "take over" in the account' }
  if (contextCode === LOGIN_CODE) return { code: 'CTI_CONFLICT', text: said || 'the log-in of this user is not finished' }
  if (/permission|not allowed|forbidden/i.test(said)) return { code: 'CTI_FORBIDDEN', text: said }
  return { code: 'CTI_CONFLICT', text: said || 'the system refuses this in the present state' }
}

/**
 * The error that a reply with a failure status is. `cause.code` is the vendor's `errorCode`, `cause.contextCode` and `cause.farmId` come from its context.
 * `cause.retryable` is false for what the same request would meet again.
 */
export function replyError (reply: HttpReply): CtiError {
  const { code, text: said, context } = detailOf(reply.text())
  const contextCode = text(context.contextCode)
  const error = reply.status === BUSINESS || contextCode === DUPLICATE ? businessError(reply, contextCode, said ?? '') : statusError(reply, 'five9', said)
  if (code !== undefined) error.cause.code = code
  if (contextCode !== undefined) error.cause.contextCode = contextCode
  const farmId = text(context.farmId)
  if (farmId !== undefined) error.cause.farmId = farmId
  return error
}

function businessError ({ status }: HttpReply, contextCode: string | undefined, said: string): CtiError {
  const meaning = meaningOf(contextCode, said)
  return new CtiError(meaning.code, `Five9: ${meaning.text.replace(/[.\s]+$/, '')} (status ${status}).`, { vendor: 'five9', httpStatus: status, retryable: false, ...(said === '' ? {} : { text: said }) })
}

/** True when the service has moved to another farm or host (five9.md 6.1). */
export function isMigrated ({ cause }: CtiError): boolean {
  return cause.httpStatus === BUSINESS && cause.code === MIGRATED
}

/** The farm that the error names. */
export function farmOf ({ cause }: CtiError): string | undefined {
  return cause.farmId === undefined ? undefined : String(cause.farmId)
}

/** True when the half is not logged in all the way. */
export function isLoginState ({ cause }: CtiError): boolean {
  return cause.httpStatus === BUSINESS && cause.contextCode === LOGIN_CODE
}

/** Gone, or in a state where what was asked for is true already: for ending and disposing a call (five9.md 6.1). */
export function isAlreadyOver ({ cause }: CtiError): boolean {
  return cause.httpStatus === 404 || (cause.httpStatus === BUSINESS && cause.contextCode !== LOGIN_CODE && cause.code !== MIGRATED && !/permission/i.test(cause.text ?? ''))
}

/** The same trouble, but worth another connection: only wrong credentials and settings are final. */
export function asLost (error: CtiError): CtiError {
  return error.code === 'CTI_UNAUTHORIZED' ? new CtiError('CTI_UNAVAILABLE', error.message, { ...error.cause, retryable: true }) : new CtiError(error.code, error.message, { ...error.cause, retryable: true })
}
