/** The two cloud services that the vendor's sample pack asks on its way to the application seats (five9.md 2.3): a token for the session's, and permissions for that. */
import { type IncomingHttpHeaders } from 'node:http'
import { identify } from './credentials'
import { unauthorised } from './errors'
import { type Reply } from './http'
import { type Site } from './site'

const EXCHANGE = /^\/cloudauthsvcs\/v1\/domains\/[^/]+\/exchangefdmtoken$/
const PERMISSIONS = /^\/acl\/v1\/domains\/[^/]+\/my-ui-permissions$/
const LIFETIME_S = 600

/** The reply of a cloud service; undefined for other paths. Here the scheme stands before a space. @throws Five9Error 401 */
export function cloudReply ({ sessions, people }: Site, method: string, path: string, headers: IncomingHttpHeaders): Reply | undefined {
  if (method === 'POST' && EXCHANGE.test(path)) {
    const principal = identify(sessions, headers)
    if (principal === undefined) throw unauthorised()
    return { body: { access_token: principal.token, token_type: 'Bearer', expires_in: LIFETIME_S } }
  }
  if (method !== 'GET' || !PERMISSIONS.test(path)) return undefined
  const session = sessions.find(/^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? '')
  if (session === undefined) throw unauthorised()
  return { body: people.permissions(session.user) }
}
