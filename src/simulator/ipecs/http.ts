/** A request taken apart, and what a route answers. */
import { badParameter, ctiError } from './errors'
import { type Session } from './sessions'
import { type Site } from './site'
import { type User } from '../pbx/types'

export interface Call {
  site: Site
  session: Session
  /** Parameters: of the body, with or without the envelope `data`, else of the query, plain or in `q`. */
  params: Record<string, unknown>
  /** Condition of a record query. */
  condition: unknown
}

export interface Reply {
  /** Answered in the envelope. */
  data?: Record<string, unknown>
  /** Answered as it is. */
  plain?: Record<string, unknown>
  /** There is no body. */
  empty?: true
  /** Events leave before the answer, not after it (ipecs.md 3.3). */
  eventsFirst?: true
}

/** Carries a request out. @throws ApiError or Refusal */
export type Route = (call: Call) => Reply

/** The answer of most commands: nothing to say. */
export const DONE: Reply = { data: {} }

/** A parameter as trimmed text; undefined when it is absent. @throws ApiError 400 for one that is no text */
export function optional ({ params }: Call, name: string): string | undefined {
  const value = params[name]
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') throw badParameter()
  return String(value).trim()
}

/** @throws ApiError 400, code 111, when it is missing */
export function needed (call: Call, name: string): string {
  const value = optional(call, name)
  if (value === undefined) throw ctiError('value')
  return value
}

/** One of some words. @throws ApiError 400 */
export function choice<Word extends string> (call: Call, name: string, words: readonly Word[]): Word {
  const value = needed(call, name)
  const found = words.find((word) => word === value)
  if (found === undefined) throw ctiError('value')
  return found
}

/** A whole number in a range. @throws ApiError 400 */
export function whole (call: Call, name: string, least: number, most: number): number {
  const value = Number(needed(call, name))
  if (!Number.isInteger(value) || value < least || value > most) throw ctiError('value')
  return value
}

/** The station that a request is for, with a licence for call control. @throws ApiError: no such station, none licensed, out of service */
export function stationFor (call: Call, name = 'deviceNumber', options: { anyState?: true } = {}): User {
  const { numbers, options: { unlicensed } } = call.site
  const user = numbers.station(needed(call, name))
  if (user === undefined) throw ctiError('callingDevice')
  if (unlicensed.includes(user.extension)) throw ctiError('serviceNotSupported')
  if (options.anyState !== true && !numbers.inService(user)) throw ctiError('unregistered')
  return user
}
