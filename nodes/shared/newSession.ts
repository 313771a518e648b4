import { Session } from '../../src/session'
import type { Driver, SessionOptions, TelephonySession } from '../../src/session/types'
import type { AccountSettings } from './accountSettings'

/**
 * The session of an account on a vendor's driver.
 * @param more what only some vendors' accounts set
 */
export function newSession (settings: AccountSettings, driver: Driver, more: Pick<SessionOptions, 'settleMs'> = {}): TelephonySession {
  const { accountId, label, country, timeoutMs } = settings
  return new Session({
    accountId, account: label, driver,
    ...(country === undefined ? {} : { country }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...more
  })
}
