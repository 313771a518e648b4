/** Management of webhooks, and interests in gated events (webex-calling.md 4.1, 4.6). */
import { ADMIN_CALLS_READ, allows } from '../auth/scopes'
import { badRequest, forbidden, notFound } from '../errors'
import { type Call, neededText, parts, type Reply, text } from '../http'
import { pageOf } from '../paging'
import { iso } from '../render/call'
import { route, type Route } from '../router'
import { type Webhook } from '../webhooks/store'

const CALLS = ['spark:calls_read', 'spark-admin:calls_read']
const MEETINGS = ['spark:meeting:schedules_read', 'spark:meetings_read']
/** Which scope opens a resource: the one that reads it (2.4; whether telephony needs more is disputed, U8). */
const RESOURCES: Record<string, readonly string[]> = {
  all: ['spark:all'], telephony_calls: CALLS, telephony_conference: CALLS, telephony_mwi: CALLS, telephony_hookstatus: CALLS, telephony_agent: CALLS, telephony_services: CALLS, telephony_agentMonitoring: CALLS,
  telephony_queue: CALLS, telephony_queueMonitoring: CALLS, telephony_push: CALLS, convergedRecordings: CALLS, messages: ['spark:messages_read'], attachmentActions: ['spark:messages_read'],
  memberships: ['spark:memberships_read', 'spark:rooms_read'], rooms: ['spark:rooms_read'], meetings: MEETINGS, recordings: MEETINGS, meetingParticipants: MEETINGS, meetingTranscripts: MEETINGS,
  dataSources: ['spark-admin:datasource_read'], serviceApp: ['application:webhooks_read'], adminBatchJobs: ['spark-admin:telephony_config_read'], uc_counters: ['spark-admin:telephony_config_read']
}
const EVENTS = ['created', 'updated', 'deleted', 'started', 'ended', 'joined', 'left', 'migrated', 'authorized', 'deauthorized', 'statusChanged', 'all']
const MOST = 100
const DAY_MS = 86_400_000
const DEFAULT_DAYS = 60

export const WEBHOOK_ROUTES: Route[] = [
  route('GET /v1/webhooks', [], list),
  route('POST /v1/webhooks', [], create),
  route('GET /v1/webhooks/:id', [], (call) => ({ body: call.site.webhooks.render(find(call)) })),
  route('PUT /v1/webhooks/:id', [], update),
  route('DELETE /v1/webhooks/:id', [], remove),
  route('POST /v1/telephony/webhookInterestRegistrations', ADMIN_CALLS_READ, register),
  route('GET /v1/telephony/webhookInterestRegistrations', ADMIN_CALLS_READ, interests),
  route('DELETE /v1/telephony/webhookInterestRegistrations', ADMIN_CALLS_READ, (call) => {
    call.site.interests.remove(ownerOf(call))
    return {}
  })
]

/** Those of this person with this application, the oldest first. */
function list (call: Call): Reply {
  const { site, principal, query } = call
  const own = site.webhooks.of(site.members.of(principal), principal.clientId)
  return pageOf(call, query.get('ownedBy') === 'org' ? own.filter(({ ownedBy }) => ownedBy === 'org') : own, (webhook) => site.webhooks.render(webhook), { max: MOST })
}

function create (call: Call): Reply {
  const { site, principal } = call
  const [name, targetUrl, resource, event] = ['name', 'targetUrl', 'resource', 'event'].map((field) => neededText(call, field)) as [string, string, string, string]
  const [filter, secret, ownedBy] = [text(call, 'filter'), text(call, 'secret'), text(call, 'ownedBy') ?? 'creator']
  const scopes = Object.hasOwn(RESOURCES, resource) ? RESOURCES[resource] : undefined
  if (scopes === undefined) throw badRequest(`There is no resource ${resource}`)
  if (!EVENTS.includes(event) || (event === 'all' && resource !== 'all' && !site.options.eventAll)) throw badRequest(`There is no event ${event}`)
  if (resource === 'all' && (event !== 'all' || filter !== undefined)) throw badRequest('A webhook for everything has the event all and no filter')
  if (ownedBy !== 'creator' && ownedBy !== 'org') throw badRequest('ownedBy must be creator or org')
  if (ownedBy === 'org' && resource.startsWith('telephony')) throw badRequest('A webhook for telephony belongs to its creator')
  if (ownedBy === 'org' && principal.user?.admin !== true && principal.kind !== 'service') throw forbidden('A webhook of the organization needs an administrator')
  // Published bots ask for everything that they may hear, and get it.
  const isBotsAll = resource === 'all' && principal.kind === 'bot'
  if (!isBotsAll && !allows(principal.scopes, scopes)) throw forbidden(`The token lacks the scope ${scopes.join(' or ')}`)
  const everybody = ownedBy === 'org' || (site.options.orgWideTelephony && principal.kind === 'service' && (resource.startsWith('telephony') || resource === 'convergedRecordings'))
  const webhook = site.webhooks.add({
    name, targetUrl: checkedUrl(targetUrl), resource, event, ...(filter === undefined || filter === '' ? {} : { filter }), ...(secret === undefined || secret === '' ? {} : { secret }), ownedBy,
    creator: site.members.of(principal), clientId: principal.clientId, everybody
  })
  return { body: site.webhooks.render(webhook) }
}

/** Resource, event and filter cannot be changed; `status` can only make it active again. */
function update (call: Call): Reply {
  const { site } = call
  const webhook = find(call)
  const name = neededText(call, 'name')
  const targetUrl = checkedUrl(neededText(call, 'targetUrl'))
  const [secret, status] = [text(call, 'secret'), text(call, 'status')]
  Object.assign(webhook, { name, targetUrl, ...(secret === undefined ? {} : { secret: secret === '' ? undefined : secret }) })
  if (status === 'active') site.webhooks.activate(webhook)
  return { body: site.webhooks.render(webhook) }
}

function remove (call: Call): Reply {
  const webhook = find(call)
  call.site.webhooks.remove(webhook)
  call.site.delivery.drop(webhook)
  return {}
}

function find ({ site, principal, params }: Call): Webhook {
  const webhook = site.webhooks.find(params.id ?? '')
  if (webhook === undefined || webhook.creator !== site.members.of(principal) || webhook.clientId !== principal.clientId) throw notFound('The webhook is not known')
  return webhook
}

/** Plain http is taken, as seen in practice (U13). */
function checkedUrl (targetUrl: string): string {
  const url = URL.canParse(targetUrl) ? new URL(targetUrl) : undefined
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw badRequest('targetUrl must be an http or https address')
  return targetUrl
}

function ownerOf ({ site, principal }: Call): string {
  return `${site.members.of(principal).id} ${principal.clientId}`
}

const GATED = ['Hook Status', 'Agent', 'Services', 'Agent Monitoring', 'Queue', 'Queue Monitoring']
const ACTORS = ['Workspaces', 'Virtual Lines']

function register (call: Call): Reply {
  const { site, body } = call
  const wanted = parts(call, 'interests')
  const days = typeof body.duration === 'number' ? body.duration : DEFAULT_DAYS
  if (wanted.length === 0 || wanted.some(({ resource, actor }) => !GATED.includes(String(resource)) && !ACTORS.includes(String(actor)))) throw badRequest('interests must name known resources or actors')
  if (!Number.isFinite(days) || days <= 0) throw badRequest('duration is a number of days')
  site.interests.set(ownerOf(call), wanted, site.clock.now() + days * DAY_MS)
  return { status: site.options.interestStatus }
}

function interests (call: Call): Reply {
  const own = call.site.interests.of(ownerOf(call))
  if (own === undefined) throw notFound('No interest is registered')
  return { body: { interests: own.interests, expiresAt: iso(own.until) } }
}
