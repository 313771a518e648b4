/** What a login and `auth/metadata` answer, and the cookies that go with it (five9.md 2.3, 2.4). */
import { type Origin } from './http'
import { type Session } from './sessions'
import { farmOf, serverOf, type Site } from './site'

const NAMES = ['Atlanta', 'Santa Clara', 'Dallas', 'Frankfurt']

interface Address { host: string; port: string; routeKey: string; version: string }

function addressOf (site: Site, server: number, origin: Origin, kind: string): Address {
  const known = site.options.apiUrls?.[server]
  const port = known?.port ?? (server === origin.server ? origin.port : site.ports()[server] ?? origin.port)
  return { host: known?.host ?? origin.hostname, port: String(port), routeKey: `${kind}KEY${server + 1}`, version: site.options.version }
}

/** The document for a session, with the data centre that it belongs to as the active one. */
export function metadata (site: Site, session: Session, token: string, origin: Origin): Record<string, unknown> {
  const active = serverOf(site, session.generation)
  const scheme = origin.secure ? 'https' : 'http'
  return {
    tokenId: token, sessionId: session.id, orgId: site.options.orgId, userId: site.ids.users.id(session.user.key),
    context: { cloudClientUrl: `${scheme}://${origin.hostname}:${origin.port}/`, cloudTokenUrl: `${scheme}://${origin.hostname}:${origin.port}/`, farmId: farmOf(site, session.generation) },
    metadata: {
      freedomUrl: `${scheme}://${origin.hostname}:${origin.port}`,
      // The active one first: published clients take the first, whatever it is.
      dataCenters: [active, ...Array.from({ length: site.options.servers }, (_, server) => server).filter((server) => server !== active)].map((server) => ({
        name: `${NAMES[server] ?? `No. ${server + 1}`} Data Center`,
        uiUrls: [addressOf(site, server, origin, 'UI')], apiUrls: [addressOf(site, server, origin, 'API')], loginUrls: [addressOf(site, server, origin, 'LOG')],
        active: server === active
      }))
    }
  }
}

/** Cookies of a login. A jar refuses a foreign domain, so only hosts below five9.com get one with a domain (five9.md 2.3). */
export function cookiesOf (site: Site, session: Session, token: string, origin: Origin): string[] {
  const domain = /(?:^|\.)five9\.com$/i.test(origin.hostname) ? '; Domain=five9.com' : ''
  const secure = origin.secure ? '; Secure' : ''
  const values = { Authorization: `Bearer-${token}`, apiRouteKey: `APIKEY${serverOf(site, session.generation) + 1}`, farmId: farmOf(site, session.generation), 'f9-sessionId': session.id }
  return [
    ...Object.entries(values).map(([name, value]) => `${name}=${value}; Path=/${domain}${secure}; HttpOnly`),
    `BIGipServerlogin=${session.startedAt}.20480.0000; Path=/${secure}`
  ]
}
