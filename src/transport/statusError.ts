/** HTTP status codes as CtiError: the part of it that is the same for every vendor. */
import { CtiError, type ErrorCode, type Platform } from '../model'
import { placeOf } from './httpErrors'
import { type HttpReply } from './httpTypes'

interface Meaning { code: ErrorCode; text: string; retryable: boolean }

const MEANINGS: Readonly<Record<number, Meaning>> = {
  400: { code: 'CTI_INVALID_REQUEST', text: 'the request was not understood or a parameter is wrong', retryable: false },
  401: { code: 'CTI_UNAUTHORIZED', text: 'the login or token was not accepted', retryable: false },
  403: { code: 'CTI_FORBIDDEN', text: 'this is not allowed for this login', retryable: false },
  404: { code: 'CTI_NOT_FOUND', text: 'there is no such user, call or address', retryable: false },
  405: { code: 'CTI_UNSUPPORTED', text: 'the server cannot do that', retryable: false },
  408: { code: 'CTI_TIMEOUT', text: 'the server waited too long', retryable: true },
  409: { code: 'CTI_CONFLICT', text: 'it does not fit the present state', retryable: false },
  410: { code: 'CTI_NOT_FOUND', text: 'it is gone', retryable: false },
  412: { code: 'CTI_CONFLICT', text: 'it does not fit the present state', retryable: false },
  413: { code: 'CTI_INVALID_REQUEST', text: 'the request is too large', retryable: false },
  422: { code: 'CTI_INVALID_REQUEST', text: 'a value was not accepted', retryable: false },
  423: { code: 'CTI_CONFLICT', text: 'it is locked', retryable: true },
  429: { code: 'CTI_RATE_LIMITED', text: 'too many requests', retryable: true },
  501: { code: 'CTI_UNSUPPORTED', text: 'the server cannot do that', retryable: false }
}

/** By hundreds, for the rest. */
const CLASSES: Readonly<Record<number, Meaning>> = {
  3: { code: 'CTI_PROTOCOL', text: 'an unexpected redirect', retryable: false },
  4: { code: 'CTI_INVALID_REQUEST', text: 'the request was refused', retryable: false },
  5: { code: 'CTI_UNAVAILABLE', text: 'the server has a problem', retryable: true }
}
const STRANGE: Meaning = { code: 'CTI_PROTOCOL', text: 'an unexpected answer', retryable: false }

/** ms of a `Retry-After`, which is a number of seconds or a date; undefined when absent or not readable. */
export function retryAfterMs (header: string | string[] | undefined, now = Date.now()): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim()
  if (text === undefined || text === '') return undefined
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000)
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/**
 * @param text what the vendor said about it, if the caller could read that: becomes part of the message
 * @returns the error that a reply with this status means; `cause` has vendor, httpStatus, text, retryable and retryAfterMs
 */
export function statusError (reply: Pick<HttpReply, 'status' | 'headers' | 'url'>, vendor: Platform, text?: string): CtiError {
  const { status, headers, url } = reply
  const meaning = MEANINGS[status] ?? CLASSES[Math.floor(status / 100)] ?? STRANGE
  const wait = retryAfterMs(headers['retry-after'])
  const said = text === undefined || text === '' ? meaning.text : text.replace(/[.\s]+$/, '')
  return new CtiError(meaning.code, `${placeOf(url)}: ${said} (status ${status}).`, {
    vendor, httpStatus: status, retryable: meaning.retryable, ...(text ? { text } : {}), ...(wait === undefined ? {} : { retryAfterMs: wait })
  })
}
