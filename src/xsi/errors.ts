/** What a refused request means: status and ErrorInfo, in whatever form it came (xsi.md 3.6). */
import { CtiError } from '../model'
import { statusError, type HttpReply } from '../transport/http'
import { parseXml } from '../transport/xml'
import { ERROR_CODES, type XsiNode, type XsiValue } from './protocol'
import { text } from './read'

const MAX_TEXT = 300

export interface ErrorInfo { readonly code?: string; readonly text?: string }

function isRecord (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** BadgerFish to the form that the XML parser gives (xsi.md 3.1): `{"code":{"$":"1"}}` -> `{"code":"1"}`. */
export function fromBadgerFish (value: unknown): XsiValue {
  if (Array.isArray(value)) return value.map(fromBadgerFish)
  if (!isRecord(value)) return value === null || value === undefined ? '' : String(value)
  const node: Record<string, XsiValue> = {}
  for (const [key, child] of Object.entries(value)) if (key !== '@xmlns') node[key] = fromBadgerFish(child)
  const keys = Object.keys(node)
  if (keys.length === 0) return ''
  return keys.length === 1 && typeof node.$ === 'string' ? node.$ : node
}

export interface ParsedBody { readonly root: string; readonly value: XsiValue }

/** A body as the document it is, XML or JSON; undefined for an empty body and for anything else (HTML of a proxy). Never throws. */
export function parseBody (body: string): ParsedBody | undefined {
  const trimmed = body.trimStart()
  try {
    if (trimmed.startsWith('{')) {
      const whole: unknown = JSON.parse(trimmed)
      const [root] = isRecord(whole) ? Object.keys(whole) : []
      return root === undefined ? undefined : { root, value: fromBadgerFish((whole as Record<string, unknown>)[root]) }
    }
    return trimmed.startsWith('<') ? parseXml(trimmed) : undefined
  } catch {
    // Not a document of XSI: the status alone decides then (xsi.md 3.6, never fail on parsing an error).
    return undefined
  }
}

/** Code and English text of an ErrorInfo. */
export function errorInfoOf (body: string): ErrorInfo {
  const parsed = parseBody(body)
  if (parsed === undefined || parsed.root !== 'ErrorInfo' || typeof parsed.value !== 'object') return {}
  const node = parsed.value as XsiNode
  const code = text(node, 'errorCode')
  const said = (text(node, 'summaryEnglish') ?? text(node, 'summary'))?.slice(0, MAX_TEXT)
  return { ...(code === undefined ? {} : { code }), ...(said === undefined ? {} : { text: said }) }
}

/** The error that a reply with a failure status is; `cause.code` is the vendor's `errorCode`. */
export function replyError (reply: HttpReply): CtiError {
  const info = errorInfoOf(reply.text())
  const error = statusError(reply, 'xsi', info.text)
  if (info.code !== undefined) error.cause.code = info.code
  return error
}

/** The subscription is not known to the server any more (403 with its code, or 404). */
export function isUnknownSubscription (error: CtiError): boolean {
  return error.cause.code === ERROR_CODES.unknownSubscription || error.code === 'CTI_NOT_FOUND'
}

/** The same trouble, but worth another connection: at the start of a session only wrong settings are final. */
export function asLost (error: CtiError, message: string = error.message): CtiError {
  return new CtiError(error.code === 'CTI_UNAUTHORIZED' ? error.code : 'CTI_UNAVAILABLE', message, { ...error.cause, retryable: error.code !== 'CTI_UNAUTHORIZED' })
}
