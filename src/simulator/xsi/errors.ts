/** Refusals as XSI tells them (xsi.md 3.6): a status and an ErrorInfo. */
import { Refusal, type RefusalCode } from '../pbx/types'
import { type El, el, text } from './tree'

/** Codes seen in the field (xsi.md 3.6); the rest of the simulator's codes are its own, as the vendor publishes none. */
export const CODES = {
  userNotFound: 4008,
  channelSetUnknown: 110842,
  subscriptionUnknown: 110862,
  badRequest: 110001,
  unauthorised: 110002,
  outOfScope: 110003,
  notFound: 110004,
  methodNotSupported: 110005,
  serverError: 110006,
  callNotFound: 110101,
  wrongCallState: 110102,
  invalidNumber: 110103,
  notPermitted: 110104,
  serviceNotAssigned: 110105,
  nothingThere: 110106,
  limitReached: 110107,
  channelUnknown: 110841
} as const

export class XsiError extends Error {
  constructor (readonly status: number, readonly code: number, message: string, readonly headers: Record<string, string> = {}) {
    super(message)
    this.name = 'XsiError'
  }
}

const REFUSALS: Record<RefusalCode, [status: number, code: number]> = {
  unknownUser: [404, CODES.userNotFound],
  unknownCall: [404, CODES.callNotFound],
  unknownQueue: [404, CODES.userNotFound],
  unknownAgent: [403, CODES.serviceNotAssigned],
  unknownDevice: [403, CODES.notPermitted],
  wrongState: [403, CODES.wrongCallState],
  notAllowed: [403, CODES.notPermitted],
  notAssigned: [403, CODES.serviceNotAssigned],
  invalidNumber: [403, CODES.invalidNumber],
  invalidValue: [400, CODES.badRequest],
  noCall: [403, CODES.nothingThere],
  full: [403, CODES.limitReached]
}

/** Any error of a handler as one that can be answered; undefined when it is a defect of the simulator. */
export function toXsiError (error: unknown): XsiError | undefined {
  if (error instanceof XsiError) return error
  if (!(error instanceof Refusal)) return undefined
  const [status, code] = REFUSALS[error.code]
  return new XsiError(status, code, error.message)
}

/** The document; `summary` always present, with the code in front (xsi.md 3.6). */
export function errorInfo (error: XsiError): El {
  return el('ErrorInfo',
    text('summary', `[Error ${error.code}] ${error.message}`),
    text('summaryEnglish', `[Error ${error.code}] ${error.message}`),
    text('errorCode', error.code))
}

export const badRequest = (message: string): XsiError => new XsiError(400, CODES.badRequest, message)
export const notFound = (message: string): XsiError => new XsiError(404, CODES.notFound, message)
export const forbidden = (message: string): XsiError => new XsiError(403, CODES.outOfScope, message)
export const unassigned = (service: string): XsiError => new XsiError(403, CODES.serviceNotAssigned, `Service not assigned: ${service}`)
export const userNotFound = (id: string): XsiError => new XsiError(404, CODES.userNotFound, `User not found: ${id}`)
export const callNotFound = (id: string): XsiError => new XsiError(404, CODES.callNotFound, `Call not found: ${id}`)
