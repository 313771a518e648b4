/** What an XSI account borrows from a Webex account. */
import type { NodeAPI } from 'node-red'
import type { XsiPlace, XsiProvider } from '../../src/webex'
import { missing } from '../accounts/options/read'
import { isAccountNode } from '../shared/account'
import type { AccountSettings } from '../shared/accountSettings'
import { toText } from '../shared/coerce'
import { webexDriver } from './service'

/** Addresses of the organisation, and whose token. */
export interface WebexLoan { readonly place: XsiPlace; readonly token: XsiProvider['token'] }

/**
 * @returns undefined when the account logs in by itself
 * @throws CtiError when there is no such Webex account, or its organisation has no XSI; `retryable` when that cannot be asked now
 */
export async function webexLoan (RED: NodeAPI, { properties, simulator }: AccountSettings): Promise<WebexLoan | undefined> {
  if (simulator !== undefined || toText(properties.auth) !== 'webex') return undefined
  const id = toText(properties.webex)
  const node: unknown = id === '' ? undefined : RED.nodes.getNode(id)
  if (!isAccountNode(node) || node.platform !== 'webex') throw missing('xsi', 'webex', 'The account takes its token from a Webex account, and none is chosen or deployed.')
  const prepared = await node.prepare()
  const driver = webexDriver(id)
  if (!prepared || driver === undefined) throw node.sessionStatus.error ?? missing('xsi', 'webex', 'The Webex account that the token is taken from is not complete.')
  const { xsi } = driver
  return { place: await xsi.discover(), token: (fresh) => xsi.token(fresh) }
}
