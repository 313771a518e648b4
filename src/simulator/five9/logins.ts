/** Requests without a session: the ways to get one (five9.md 2.4). */
import { fields } from './bodies'
import { same } from './credentials'
import { badRequest, Five9Error } from './errors'
import { type Origin, type Reply } from './http'
import { cookiesOf, metadata } from './metadata'
import { type User } from '../pbx/types'
import { type Site } from './site'

interface LoginCall { site: Site; body: unknown; origin: Origin; authorization: string | undefined }

const POLICIES = new Set(['AttachExisting', 'ForceIn'])

/** A wrong password has no attested status: 401 with an error body (five9.md 2.4). */
const wrong = (): Five9Error => new Five9Error(401, 401, 'Invalid user name or password')

function enter ({ site, body, origin }: LoginCall, user: User | undefined): Reply {
  const { policy = 'AttachExisting' } = fields(body)
  if (typeof policy !== 'string' || !POLICIES.has(policy)) throw badRequest('policy must be AttachExisting or ForceIn')
  if (user === undefined || site.sessions.expired) throw wrong()
  const { session, token } = site.sessions.login(user, policy)
  return { body: metadata(site, session, token, origin), cookies: cookiesOf(site, session, token, origin) }
}

/** By path after `/rs/svc/`; the same on both context paths and on every data centre, whether clients use that or not. */
export const LOGINS: Record<string, (call: LoginCall) => Reply> = {
  'auth/login': (call) => {
    const { username, password } = fields(fields(call.body).passwordCredentials)
    if (typeof username !== 'string' || typeof password !== 'string') throw badRequest('passwordCredentials are missing')
    const user = call.site.people.byName(username)
    return enter(call, user !== undefined && same(password, user.password) ? user : undefined)
  },
  'auth/login_by_token': (call) => enter(call, call.site.people.byToken(/^Bearer (\S+)$/.exec(call.authorization ?? '')?.[1] ?? ''))
}
