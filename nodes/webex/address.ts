import type { NodeAPI } from 'node-red'
import { toText } from '../shared/coerce'
import { localUrl } from './hooks'

/** Path of the callback below the admin root; the editor shows the whole address. */
export const CALLBACK = '/cti/oauth/callback'

/** Where a redirect comes back on this machine, for accounts that name no other address. */
export function callbackUrl (RED: NodeAPI): string {
  const root = toText(RED.settings.httpAdminRoot).replace(/^\/+|\/+$/g, '')
  return `${localUrl(RED)}${root === '' ? '' : `/${root}`}${CALLBACK}`
}
