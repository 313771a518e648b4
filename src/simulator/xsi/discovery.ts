/** The organisation document in which Webex Calling tells its XSI addresses (xsi.md 2.1), so that a client can be pointed here for everything. */
import { CODES, XsiError } from './errors'
import { type Reply } from './http'
import { type Site } from './site'

const PATH = /^\/v1\/organizations(?:\/([^/]+))?$/

/** The reply, or undefined when the path is another one. @throws XsiError 401, 404 */
export function discover (site: Site, method: string, path: string, authorization: string | undefined, origin: string): Reply | undefined {
  const match = PATH.exec(path)
  if (!match || method !== 'GET') return undefined
  if (!site.auth.identify(authorization)) throw new XsiError(401, CODES.unauthorised, 'Authentication required')
  const organisation = {
    id: Buffer.from(`ciscospark://us/ORGANIZATION/${site.options.enterpriseIds[0] ?? site.names.enterprise}`).toString('base64url'),
    displayName: site.names.enterprise,
    created: '2024-05-01T08:00:00.000Z',
    xsiActionsEndpoint: `${origin}/com.broadsoft.xsi-actions`,
    xsiEventsEndpoint: `${origin}/com.broadsoft.xsi-events`,
    xsiEventsChannelEndpoint: `${origin}/com.broadsoft.async/com.broadsoft.xsi-events`,
    xsiDomain: new URL(origin).hostname
  }
  if (match[1] !== undefined && match[1].replace(/=+$/, '') !== organisation.id) throw new XsiError(404, CODES.notFound, 'No such organisation')
  return { raw: { contentType: 'application/json;charset=UTF-8', text: JSON.stringify(match[1] === undefined ? { items: [organisation] } : organisation) } }
}
