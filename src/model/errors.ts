import { PLATFORMS, type Platform } from './names'

export const ERROR_CODES = [
  'CTI_UNAUTHORIZED', 'CTI_FORBIDDEN', 'CTI_NOT_FOUND', 'CTI_INVALID_REQUEST', 'CTI_CONFLICT', 'CTI_RATE_LIMITED', 'CTI_UNAVAILABLE',
  'CTI_NOT_CONNECTED', 'CTI_TIMEOUT', 'CTI_UNKNOWN_OUTCOME', 'CTI_UNSUPPORTED', 'CTI_PROTOCOL'
] as const
export type ErrorCode = typeof ERROR_CODES[number]

/** Plain data about what the vendor said: survives the copy that a Catch node makes. Never holds credentials. */
export interface ErrorCause {
  vendor?: Platform
  /** The vendor's own error code and text. */
  code?: string
  text?: string
  httpStatus?: number
  /** The same request may succeed later. At log-in, `false` means: do not try again before the account changes. */
  retryable?: boolean
  /** ms, from `Retry-After`. */
  retryAfterMs?: number
  /** Platforms that can do what was asked (CTI_UNSUPPORTED). */
  supportedBy?: Platform[]
  [detail: string]: unknown
}

/** The one error of this package. `message` says what to do; `code` is stable; `cause` is plain data. */
export class CtiError extends Error {
  override readonly name = 'CtiError'
  readonly code: ErrorCode
  declare readonly cause: ErrorCause

  constructor (code: ErrorCode, message: string, cause: ErrorCause = {}) {
    super(message)
    this.code = code
    this.cause = cause
  }

  /** Whatever was thrown, as a CtiError: an unforeseen error becomes CTI_PROTOCOL and keeps its text. */
  static from (error: unknown, vendor?: Platform): CtiError {
    if (error instanceof CtiError) return error
    const text = error instanceof Error ? error.message : String(error)
    return new CtiError('CTI_PROTOCOL', `Unexpected error: ${text}`, { ...(vendor ? { vendor } : {}), text, retryable: false })
  }

  /** @param supportedBy platforms that can; the one asked is left out, its own kind is no way out */
  static unsupported (action: string, vendor: Platform, why: string, supportedBy: Platform[] = []): CtiError {
    const able = PLATFORMS.filter((platform) => platform !== vendor && supportedBy.includes(platform))
    const hint = able.length > 0 ? ` Systems that can: ${able.join(', ')}.` : ''
    return new CtiError('CTI_UNSUPPORTED', `"${action}" is not possible here: ${why}.${hint}`, { vendor, retryable: false, supportedBy: able })
  }
}
