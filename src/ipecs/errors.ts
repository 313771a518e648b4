/** What a refused request means: status, code and message together, for the numbers of the groups overlap (ipecs.md 2.3, 3.6, 7.3). */
import { CtiError, type ErrorCode } from '../model'
import { statusError, type HttpReply } from '../transport/http'
import { fields, lookup, parseObject, text, type Fields } from './read'

interface Meaning { readonly code: ErrorCode; readonly text: string; readonly retryable: boolean }
const meaning = (code: ErrorCode, words: string, retryable = false): Meaning => ({ code, text: words, retryable })

const badParameter = meaning('CTI_INVALID_REQUEST', 'the switch did not accept a parameter')
const noDevice = meaning('CTI_NOT_FOUND', 'the switch does not know this device')
const noCall = meaning('CTI_NOT_FOUND', 'the switch does not know this call, or it is not one of this device')
const wrongState = meaning('CTI_CONFLICT', 'it does not fit the present state')
const notAllowed = meaning('CTI_FORBIDDEN', 'the account or the extension has no right or licence for it')
const failed = meaning('CTI_PROTOCOL', 'the switch reported an error without saying why')

/** Errors of call control (ipecs.md 3.6, 7.3). */
const CONTROL: Readonly<Record<string, Meaning>> = {
  101: failed, 102: meaning('CTI_FORBIDDEN', 'the service is not supported or not licensed (API-CTI-EXT)'), 103: badParameter, 104: noDevice, 105: meaning('CTI_NOT_FOUND', 'the switch does not know the called number'),
  106: noCall, 107: badParameter, 108: badParameter, 109: badParameter, 110: badParameter, 111: badParameter, 112: badParameter,
  140: meaning('CTI_CONFLICT', 'the other side is busy', true), 141: meaning('CTI_CONFLICT', 'the other side does not want to be disturbed'), 142: meaning('CTI_CONFLICT', 'the other side is forwarded'),
  143: notAllowed, 144: meaning('CTI_TIMEOUT', 'the switch waited in vain', true), 145: wrongState, 146: wrongState, 147: wrongState, 148: wrongState,
  149: meaning('CTI_CONFLICT', 'the password of the room or service is wrong'), 150: meaning('CTI_CONFLICT', 'the device is not registered'),
  201: meaning('CTI_CONFLICT', 'there is no held call'), 202: wrongState, 203: wrongState, 204: meaning('CTI_CONFLICT', 'there is no call to answer'), 205: meaning('CTI_CONFLICT', 'there is no call to clear'),
  301: meaning('CTI_UNAVAILABLE', 'the switch is short of resources', true)
}
/** Errors of click to call: the same numbers mean other things. */
const CLICK: Readonly<Record<string, Meaning>> = {
  101: meaning('CTI_FORBIDDEN', 'the station is not authorised for click calls'), 102: notAllowed, 103: meaning('CTI_FORBIDDEN', 'the call is restricted'), 104: failed, 105: badParameter,
  106: notAllowed, 107: badParameter, 108: notAllowed, 110: meaning('CTI_CONFLICT', 'the caller is busy', true), 121: meaning('CTI_FORBIDDEN', 'the click call feature is not set for the station'), 199: failed
}
/** Errors of all groups. */
const COMMON: Readonly<Record<string, Meaning>> = { 1: badParameter, 2: notAllowed, 3: notAllowed, 4: meaning('CTI_UNAUTHORIZED', 'the login information does not match'), 99: failed, 299: failed }

interface SwitchError { readonly code?: string; readonly text?: string }

/** `{"error":{"code":n,"message":"…"}}`, in whatever form it came. */
function switchErrorOf (body: Fields | undefined): SwitchError {
  const error = fields(body?.error)
  const code = text(error.code)
  const said = text(error.message)?.slice(0, 300)
  return { ...(code === undefined ? {} : { code }), ...(said === undefined ? {} : { text: said }) }
}

/** The number of `Already Login` was never recorded, so the words decide (ipecs.md 2.3). */
const ALREADY = /already\s*log/i
/** What a fourth account meets was never recorded either: three may be logged in at once. */
const FULL = /too many|maximum|exceed|\blimit/i
const WRONG_LOGIN = /invalid\s*login/i
const NO_RIGHT = /not\s*allowed|licen[sc]e|not\s*supported/i

export function isAlreadyLogin (error: CtiError): boolean {
  return error.cause.alreadyLogin === true
}
/** The token is unknown or has expired: only a new login helps. */
export function isTokenDead (error: CtiError): boolean {
  return error.cause.httpStatus === 401 && error.cause.alreadyLogin !== true
}
/** The account lacks the group or licence: that feature is off, the rest goes on (ipecs.md 6). */
export function isForbidden (error: CtiError): boolean {
  return error.code === 'CTI_FORBIDDEN'
}

/** A failed login. @returns CTI_UNAUTHORIZED for a wrong password, which must not be tried again; CTI_CONFLICT, retryable, while the account is logged in elsewhere */
export function loginError (reply: HttpReply): CtiError {
  const told = switchErrorOf(parseObject(reply.text()))
  const cause = { vendor: 'ipecs' as const, httpStatus: reply.status, ...told }
  if (ALREADY.test(told.text ?? '')) {
    return new CtiError('CTI_CONFLICT', 'The account is logged in already: another program uses it, or the switch still clears the last session.', { ...cause, retryable: true, alreadyLogin: true })
  }
  if (reply.status !== 429 && FULL.test(told.text ?? '')) {
    return new CtiError('CTI_CONFLICT', 'As many accounts are logged in as the switch allows, which are three.', { ...cause, retryable: true, alreadyLogin: true, full: true })
  }
  if (reply.status === 401 && (told.code === '2' || told.code === '4' || WRONG_LOGIN.test(told.text ?? ''))) {
    return new CtiError('CTI_UNAUTHORIZED', 'The switch refused user name or password. Check both, and that the user has the privilege "Web API".', { ...cause, retryable: false })
  }
  return refused(reply, told, {})
}

function refused (reply: HttpReply, told: SwitchError, more: object): CtiError {
  const error = statusError(reply, 'ipecs', told.text)
  // A refused login is tried again only where a wait may help; a number that the sheet does not know says nothing about the password.
  Object.assign(error.cause, told.code === undefined ? {} : { code: told.code }, more)
  return error
}

/**
 * The error of a request that the switch refused; `cause.code` is the switch's own.
 * @param command name in the table of commands
 */
export function replyError (reply: HttpReply, command: string): CtiError {
  const told = switchErrorOf(parseObject(reply.text()))
  const { status } = reply
  if (status === 401) return refused(reply, told, { retryable: true, command })
  const table = command === 'clickCall' ? CLICK : CONTROL
  const known = NO_RIGHT.test(told.text ?? '') && (told.code === '2' || told.code === '3') ? notAllowed : lookup(table, told.code) ?? lookup(COMMON, told.code)
  // A number that says "unknown" says less than the status.
  if (known === undefined || (known === failed && status !== 400)) return refused(reply, told, { command })
  const words = told.text === undefined ? '' : ` (${told.text})`
  return new CtiError(known.code, `The switch refused "${command}": ${known.text}${words}.`, { vendor: 'ipecs', httpStatus: status, ...told, retryable: known.retryable, command })
}
