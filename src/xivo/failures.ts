/** The server's error words as errors of this package (xivo-cti.md 2.6, 3.5, 3.7). */
import { CtiError, type ErrorCode } from '../model'
import { lookup } from './read'

interface Meaning { readonly code: ErrorCode; readonly text: string; readonly retryable: boolean }
const meaning = (code: ErrorCode, text: string, retryable = false): Meaning => ({ code, text, retryable })

const WORDS: Readonly<Record<string, Meaning>> = {
  login_password: meaning('CTI_UNAUTHORIZED', 'The server refused the login or the password. Check both, and that the user has a CTI profile.'),
  capaid_undefined: meaning('CTI_FORBIDDEN', 'This user has no CTI profile. Give one to the user in XiVO.'),
  xivo_auth_error: meaning('CTI_UNAVAILABLE', 'The authentication service of the server does not answer.', true),
  user_not_found: meaning('CTI_UNAVAILABLE', 'The server does not know this user yet.', true),
  'unknown cti_profile_id': meaning('CTI_FORBIDDEN', 'The server does not know this CTI profile.'),
  'wrong cti_profile_id': meaning('CTI_FORBIDDEN', 'This CTI profile is not the one of the user.'),
  notloggedyet: meaning('CTI_PROTOCOL', 'The server says that the log-in is not finished.', true),
  unreachable_extension: meaning('CTI_NOT_FOUND', 'The server cannot reach this number.'),
  call_unauthorized: meaning('CTI_FORBIDDEN', 'The user may not make calls.'),
  hangup_unauthorized: meaning('CTI_FORBIDDEN', 'The user may not hang up.'),
  transfer_unauthorized: meaning('CTI_FORBIDDEN', 'The user may not transfer calls.'),
  service_unavailable: meaning('CTI_UNAVAILABLE', 'The call service of the server does not answer.', true),
  agent_login_exten_in_use: meaning('CTI_CONFLICT', 'Another agent is logged in on this extension.'),
  agent_login_invalid_exten: meaning('CTI_INVALID_REQUEST', 'There is no such extension, or this user is no agent.'),
  undefined_context: meaning('CTI_UNAVAILABLE', 'No directory is configured for this user.')
}

/** `unreachable_extension:1009` -> word and detail; `unknown cti_profile_id` stays whole. */
export function splitError (error: string): { word: string; detail?: string } {
  const colon = error.indexOf(':')
  return colon < 0 ? { word: error } : { word: error.slice(0, colon), detail: error.slice(colon + 1) }
}

/** An `error_string` as an error; unknown words become CTI_PROTOCOL and are kept in `cause`. */
export function failureOf (error: string): CtiError {
  const { word, detail } = splitError(error)
  const known = lookup(WORDS, word)
  const cause = { vendor: 'xivo' as const, code: word, ...(detail === undefined ? {} : { text: detail.slice(0, 200) }) }
  if (known === undefined) return new CtiError('CTI_PROTOCOL', `The server answered with the error "${word.slice(0, 80)}".`, { ...cause, retryable: false })
  return new CtiError(known.code, known.text, { ...cause, retryable: known.retryable })
}

export type Family = 'agent' | 'dial' | 'transfer' | 'hangup'
const FAMILIES: Readonly<Record<string, readonly Family[]>> = {
  agent_login_exten_in_use: ['agent'],
  agent_login_invalid_exten: ['agent'],
  unreachable_extension: ['dial', 'transfer'],
  call_unauthorized: ['dial'],
  hangup_unauthorized: ['hangup'],
  transfer_unauthorized: ['transfer'],
  service_unavailable: ['dial', 'transfer', 'hangup']
}

/** Whether an error without id can belong to a command: by family, and by number where the error names one (xivo-cti.md 6). */
export function concerns (error: string, family: Family, number?: string): boolean {
  const { word, detail } = splitError(error)
  if (lookup(FAMILIES, word)?.includes(family) !== true) return false
  return detail === undefined || number === undefined || detail === number
}

/** True for errors that an expired token causes (xivo-cti.md 5, session expiry). */
export function isTokenError (error: string): boolean {
  return error.endsWith('_unauthorized')
}
