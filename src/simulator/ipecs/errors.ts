/** Errors as the switch answers them: an HTTP status and `{"error":{"code","message"}}` (ipecs.md 2.3, 2.4, 3.6). */
import { Refusal, type RefusalCode } from '../pbx/types'

export class ApiError extends Error {
  /** @param code number of the group that the request belongs to: numbers of several groups overlap */
  constructor (readonly status: number, readonly code: number, message: string) {
    super(message)
    this.name = 'ApiError'
  }
}

/**
 * Errors of CTI requests by name. Which status goes with which code is not documented: 403 for states, 404 for things that are not there,
 * 400 for bad values and missing rights.
 */
const CTI = {
  generic: [400, 101, 'generic'],
  serviceNotSupported: [400, 102, 'serviceNotSupported'],
  invalidMonitorObjectType: [400, 103, 'invalidMonitorObjectType'],
  callingDevice: [404, 104, 'invalidCallingDeviceIdentifier'],
  calledDevice: [404, 105, 'invalidCalledDeviceIdentifier'],
  connection: [404, 106, 'invalidConnectionIdentifier'],
  destination: [400, 107, 'invalidDestination'],
  destinationDevice: [404, 108, 'invalidDestinationDeviceObject'],
  value: [400, 111, 'invalidParameterValue'],
  forwarding: [400, 112, 'invalidForwardingDestination'],
  accessDenied: [403, 143, 'AccessDenied'],
  ascState: [403, 145, 'InvalidAscState'],
  state: [403, 147, 'InvalidState'],
  operation: [403, 148, 'InvalidOperation'],
  password: [403, 149, 'InvalidPassword'],
  unregistered: [403, 150, 'unregistered'],
  noHeldCall: [403, 201, 'NoHeldCall'],
  connectionState: [403, 203, 'invalidConnectionState'],
  noCallToAnswer: [403, 204, 'noCallToAnswer'],
  noConnectionToClear: [403, 205, 'noConnectionToClear'],
  resourceBusy: [403, 301, 'resourceBusy']
} as const satisfies Record<string, readonly [status: number, code: number, message: string]>

type CtiErrorName = keyof typeof CTI

export function ctiError (name: CtiErrorName): ApiError {
  const [status, code, message] = CTI[name]
  return new ApiError(status, code, message)
}

export const badParameter = (): ApiError => new ApiError(400, 1, 'Invalid Parameter')
export const notFound = (): ApiError => new ApiError(404, 99, 'Not Found')
export const badLogin = (): ApiError => new ApiError(401, 2, 'Invalid Login Information')
export const badToken = (): ApiError => new ApiError(401, 3, 'Invalid Token')
export const notTicked = (): ApiError => new ApiError(400, 2, 'Resource is not allowed for this user')

/** What the PBX refuses, as this switch says it. */
const REFUSALS: Record<RefusalCode, CtiErrorName> = {
  unknownUser: 'callingDevice', unknownDevice: 'callingDevice', unknownCall: 'connection', unknownQueue: 'value', unknownAgent: 'value', wrongState: 'connectionState',
  notAllowed: 'accessDenied', notAssigned: 'accessDenied', invalidNumber: 'destination', invalidValue: 'value', noCall: 'connectionState', full: 'resourceBusy'
}

/** The error of a request; undefined for a mistake of the simulator. */
export function toApiError (error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error
  return error instanceof Refusal ? ctiError(REFUSALS[error.code]) : undefined
}

/** Runs an operation of the PBX; what it refuses in the given way has the given name. */
export function refusing<T> (names: Partial<Record<RefusalCode, CtiErrorName>>, run: () => T): T {
  try {
    return run()
  } catch (error) {
    const name = error instanceof Refusal ? names[error.code] : undefined
    throw name === undefined ? error : ctiError(name)
  }
}
