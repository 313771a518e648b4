/** People, the organisation, licences, places (webex-calling.md 2.3, 3.10, 3.11). */
import { type User } from '../../pbx/types'
import { allows, PEOPLE_READ } from '../auth/scopes'
import { badRequest, notFound } from '../errors'
import { type Call, type Json, type Reply } from '../http'
import { pageOf } from '../paging'
import { applicationOf, botOf, hasCalling, personOf } from '../render/person'
import { route, type Route } from '../router'
import { person } from './whose'

const ADMIN_PEOPLE = ['spark-admin:people_read']
const ORGANIZATIONS = ['spark-admin:organizations_read', 'spark:organizations_read', 'spark-admin:people_read', 'spark:people_read']
const LICENSES = ['spark-admin:licenses_read']
const LOCATIONS = ['spark-admin:locations_read', 'spark-admin:telephony_config_read', 'spark-admin:people_read']
const CREATED = '2024-01-05T08:00:00.000Z'
const MOST = 1000
const MOST_WITH_CALLING = 100

export const PEOPLE_ROUTES: Route[] = [
  route('GET /v1/people/me', PEOPLE_READ, me),
  route('GET /v1/people', PEOPLE_READ, people),
  route('GET /v1/people/:personId', PEOPLE_READ, onePerson),
  route('GET /v1/organizations', ORGANIZATIONS, (call) => ({ body: { items: [organization(call)] } })),
  route('GET /v1/organizations/:orgId', ORGANIZATIONS, (call) => {
    if (!call.site.ids.isOrg(call.params.orgId ?? '')) throw notFound('The organization is not known')
    return { body: organization(call) }
  }),
  route('GET /v1/licenses', LICENSES, (call) => ({ body: { items: [licence(call)] } })),
  route('GET /v1/locations', LOCATIONS, (call) => ({ body: { items: [place(call)] } })),
  route('GET /v1/authorizations', ['spark-admin:people_read', 'identity:people_rw', 'spark:people_read'], authorizations),
  route('DELETE /v1/authorizations/:id', ['spark-admin:people_write', 'identity:people_rw', 'spark:people_write'], revoke)
]

/** Some clients write `True`. */
function withCalling (query: URLSearchParams): boolean {
  return query.get('callingData')?.toLowerCase() === 'true'
}

function me (call: Call): Reply {
  const { principal, site } = call
  if (principal.kind === 'bot') return { body: botOf(site) }
  if (principal.user === undefined) return { body: applicationOf(site) }
  return { body: personOf(site, principal.user, true) }
}

function isAdmin ({ principal }: Call): boolean {
  return allows(principal.scopes, ADMIN_PEOPLE)
}

function onePerson (call: Call): Reply {
  const { site, params } = call
  if (site.ids.same(params.personId ?? '', site.members.bot.id)) return { body: botOf(site) }
  const user = person(call, { admin: PEOPLE_READ })
  return { body: personOf(site, user, isAdmin(call) || user === call.principal.user) }
}

/** Administrators may ask for everybody, others need a filter. Ids that nobody has are named beside the others. */
function people (call: Call): Reply {
  const { site, query } = call
  const [name, email, id, location] = ['displayName', 'email', 'id', 'locationId'].map((each) => query.get(each) ?? undefined)
  if (!isAdmin(call) && name === undefined && email === undefined && id === undefined) throw badRequest('displayName, email or id is needed')
  const calling = withCalling(query)
  const wanted = id?.split(',')
  const fits = (user: User): boolean => (wanted === undefined || wanted.some((each) => site.ids.findUser(each) === user))
    && (name === undefined || [`${user.first} ${user.last}`, user.first, user.last].some((each) => each.toLowerCase().startsWith(name.toLowerCase())))
    && (email === undefined || user.email.toLowerCase() === email.toLowerCase()) && (location === undefined || (hasCalling(user) && site.ids.same(location, site.ids.location)))
  const missing = wanted?.filter((each) => site.ids.findUser(each) === undefined) ?? []
  const full = isAdmin(call)
  return pageOf(call, [...site.pbx.users.values()].filter(fits), (user) => listedPerson(personOf(site, user, full), full && !calling), {
    max: 100, most: calling ? MOST_WITH_CALLING : MOST, extra: { ...(missing.length === 0 ? {} : { notFoundIds: missing }) }
  })
}

/** Without `callingData` a list has neither place nor extension. */
function listedPerson (shown: Json, bare: boolean): Json {
  return bare ? Object.fromEntries(Object.entries(shown).filter(([name]) => name !== 'locationId' && name !== 'extension')) : shown
}

/** With `callingData` the addresses of XSI, which are there when the platform has it (7.4). */
function organization ({ site, query }: Call): Json {
  const xsi = withCalling(query) ? site.xsiUrl() : undefined
  return {
    id: site.ids.org, displayName: site.pbx.enterprise, created: CREATED,
    ...(xsi === undefined ? {} : { xsiActionsEndpoint: `${xsi}/com.broadsoft.xsi-actions`, xsiEventsEndpoint: `${xsi}/com.broadsoft.xsi-events`, xsiEventsChannelEndpoint: `${xsi}/com.broadsoft.async/com.broadsoft.xsi-events`, xsiDomain: new URL(xsi).hostname })
  }
}

function licence ({ site }: Call): Json {
  const users = [...site.pbx.users.values()].filter(hasCalling).length
  return { id: site.ids.licence, name: 'Webex Calling - Professional', totalUnits: users + 10, consumedUnits: users, consumedByUsers: users, consumedByWorkspaces: 0, subscriptionId: 'Sub100001' }
}

function place ({ site }: Call): Json {
  return { id: site.ids.location, name: site.pbx.group, orgId: site.ids.org, timeZone: 'America/New_York', preferredLanguage: 'en_US', address: { address1: '1 Sample Street', city: 'Washington', state: 'DC', postalCode: '20001', country: 'US' } }
}

/** What people agreed to; others' only for an administrator. */
function authorizations (call: Call): Reply {
  const { site, query, principal } = call
  const id = query.get('personId')
  const user = id === null ? principal.user : site.ids.findUser(id) ?? site.members.byEmail(query.get('personEmail') ?? '')?.user
  if (user === undefined || (user !== principal.user && !isAdmin(call))) throw notFound('The person is not known')
  return { body: { items: site.tokens.authorizations(user.key).map((grant) => ({ id: grant.id, orgId: site.ids.org, clientId: grant.clientId, scopes: grant.scopes, type: 'refresh', created: new Date(grant.created).toISOString(), applicationName: 'Integration' })) } }
}

function revoke (call: Call): Reply {
  const { site, params, principal } = call
  const own = site.tokens.authorizations(isAdmin(call) ? undefined : principal.user?.key ?? '').some(({ id }) => id === params.id)
  if (!own || !site.tokens.revoke(params.id ?? '')) throw notFound('The authorization is not known')
  return {}
}
