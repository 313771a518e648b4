/** Refusals as Five9 tells them (five9.md 6.1): a status and a JSON body with every one. */
import { Refusal, type RefusalCode } from '../pbx/types'

/** What the system refuses for business reasons; not an IANA status. */
export const BUSINESS = 435

export class Five9Error extends Error {
  /**
   * @param errorCode as in the body; 3 with context `LOGIN` is a wrong login state, 5001 a service that migrated
   * @param context further fields of the body's context
   */
  constructor (readonly status: number, readonly errorCode: number, message: string, readonly context: Record<string, string> = {}) {
    super(message)
    this.name = 'Five9Error'
  }
}

/** Codes but 3, 401 and 5001 are the simulator's own: the vendor publishes none. */
const GENERAL = 1

const STATUSES: Partial<Record<RefusalCode, number>> = { unknownUser: 404, unknownCall: 404, unknownQueue: 404, unknownAgent: 404, unknownDevice: 404, invalidValue: 400 }

/** Any error of a handler as one that can be answered; undefined when it is a defect of the simulator. */
export function toFive9Error (error: unknown): Five9Error | undefined {
  if (error instanceof Five9Error) return error
  return error instanceof Refusal ? new Five9Error(STATUSES[error.code] ?? BUSINESS, GENERAL, error.message) : undefined
}

/** @param at ms since 1970 */
export function errorBody (error: Five9Error, at: number): unknown {
  return { five9ExceptionDetail: { timestamp: at, errorCode: error.errorCode, message: error.message, context: error.context } }
}

export const badRequest = (message: string): Five9Error => new Five9Error(400, GENERAL, message)
export const forbidden = (message: string): Five9Error => new Five9Error(403, GENERAL, message)
export const notFound = (message: string): Five9Error => new Five9Error(404, GENERAL, message)
export const refused = (message: string, context: Record<string, string> = {}): Five9Error => new Five9Error(BUSINESS, GENERAL, message, context)
export const unauthorised = (): Five9Error => new Five9Error(401, 401, 'User is not logged in')
