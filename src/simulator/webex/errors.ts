/** Refusals as the API tells them (webex-calling.md 3.9): a status and a body with `message`, `errors`, `trackingId`. */
import { Refusal, type RefusalCode } from '../pbx/types'

export class WebexError extends Error {
  constructor (readonly status: number, message: string, readonly more: { errorCode?: number; headers?: Record<string, string> } = {}) {
    super(message)
    this.name = 'WebexError'
  }
}

/** Texts are not published (U5); the codes are the two that were seen. */
const REFUSALS: Record<RefusalCode, [status: number, errorCode?: number]> = {
  unknownUser: [404],
  unknownCall: [404],
  unknownQueue: [404],
  unknownAgent: [404],
  unknownDevice: [400],
  wrongState: [400],
  notAllowed: [400],
  notAssigned: [404, 4008],
  invalidNumber: [400],
  invalidValue: [400],
  noCall: [404],
  full: [400]
}

/** Any error of a handler as one that can be answered; undefined when it is a defect of the simulator. */
export function toWebexError (error: unknown): WebexError | undefined {
  if (error instanceof WebexError) return error
  if (!(error instanceof Refusal)) return undefined
  const [status, errorCode] = REFUSALS[error.code]
  return new WebexError(status, error.code === 'unknownCall' ? 'Call not found' : capital(error.message), errorCode === undefined ? {} : { errorCode })
}

export function errorBody ({ message, more: { errorCode } }: WebexError, trackingId: string): Record<string, unknown> {
  return { message, errors: [{ description: message, ...(errorCode === undefined ? {} : { errorCode }) }], trackingId }
}

export const badRequest = (message: string): WebexError => new WebexError(400, message)
export const notFound = (message: string): WebexError => new WebexError(404, message)
export const forbidden = (message: string): WebexError => new WebexError(403, message)
export const callNotFound = (): WebexError => new WebexError(404, 'Call not found')

function capital (text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
