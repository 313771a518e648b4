import { CtiError, type Platform } from '../model'

/** What a driver answers between two connections; the session's own requests do not come that far. */
export function notConnected (vendor: Platform): CtiError {
  return new CtiError('CTI_NOT_CONNECTED', 'The account has no connection.', { vendor, retryable: true })
}
