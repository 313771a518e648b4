/** Commands of Xsi-Events on subscriptions (xsi.md 3.5, 4.7). */
import { contactAddress } from '../contacts'
import { badRequest, CODES, forbidden, notFound, userNotFound, XsiError } from '../errors'
import { initialEvents } from '../initial'
import { type Call, type Reply } from '../http'
import { fitsTarget, isPackage, type TargetKind } from '../packages'
import { route, type Route } from '../router'
import { type Subscription, type Target } from '../subscriptions'
import { all, child, el, text, textOf } from '../tree'

const LIST_VERSION = 23

function userTarget (call: Call): Target {
  const { site, params, principal } = call
  const id = params.user ?? ''
  const user = site.names.findUser(id)
  const queue = user ? undefined : site.names.findQueue(id)
  if (!user && !queue) throw userNotFound(id)
  if (!principal.admin && user !== principal.user && !(queue && principal.user.supervisor)) throw forbidden('Target out of scope')
  return { type: 'User', id: user ? site.names.userId(user) : queue ? site.names.queueId(queue) : id, subId: params.sub, userKey: user?.key, queueKey: queue?.key }
}

function isEnterprise (call: Call, id: string | undefined): boolean {
  const { names, options } = call.site
  return id === names.enterprise || options.enterpriseIds.includes(id ?? '')
}

function collection (call: Call): Target {
  const { params, principal, site } = call
  if (!principal.admin) throw forbidden('Target out of scope')
  if (params.enterprise === undefined) return { type: 'System', id: 'system' }
  if (!isEnterprise(call, params.enterprise)) throw notFound('Enterprise not found')
  if (params.group === undefined) return { type: 'ServiceProvider', id: params.enterprise }
  if (params.group !== site.names.group) throw notFound('Group not found')
  return { type: 'Group', id: params.group, parent: params.enterprise }
}

function kindOf (target: Target): TargetKind {
  return target.queueKey !== undefined ? 'queue' : target.type === 'User' ? 'user' : 'collection'
}

/** Packages asked for, checked against the kind of target. */
function packagesOf (call: Call, target: Target): { packages: string[]; list: boolean } {
  const listed = child(call.body, 'eventPackageList')
  const single = textOf(call.body, 'event')
  if (listed && call.protocol !== undefined && Number.parseInt(call.protocol, 10) < LIST_VERSION) throw badRequest(`eventPackageList needs version ${LIST_VERSION}.0`)
  const packages = listed ? all(listed, 'event').map((item) => item.text?.trim() ?? '') : single === undefined ? [] : [single]
  if (packages.length === 0) throw badRequest('An event package is expected')
  for (const name of packages) {
    if (!isPackage(name)) throw badRequest(`Unknown event package: ${name}`)
    if (!fitsTarget(name, kindOf(target))) throw new XsiError(403, CODES.notPermitted, `Event package ${name} cannot be subscribed for this target`)
  }
  return { packages, list: listed !== undefined }
}

function contactOf (call: Call): string | undefined {
  const uri = textOf(child(call.body, 'httpContact'), 'uri')
  if (uri === undefined) return undefined
  const address = contactAddress(uri)
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) throw badRequest('The contact is no HTTP address')
  return uri
}

function sendInitial (call: Call, subscription: Subscription): void {
  const { site } = call
  if (subscription.target.type !== 'User') return
  for (const body of initialEvents(site, subscription)) site.delivery.publish(subscription, subscription.target.id, body)
}

function subscribe (targetOf: (call: Call) => Target): (call: Call) => Reply {
  return (call) => {
    const { site, body, principal } = call
    if (body?.name !== 'Subscription') throw badRequest('A Subscription is expected')
    const target = targetOf(call)
    const { packages, list } = packagesOf(call, target)
    const channelSetId = textOf(body, 'channelSetId')
    const contact = channelSetId === undefined ? contactOf(call) : undefined
    if (channelSetId === undefined && contact === undefined) throw badRequest('channelSetId or httpContact is expected')
    if (channelSetId !== undefined && !site.channels.ofSet(channelSetId).some((channel) => channel.owner === principal.id)) throw new XsiError(403, CODES.channelSetUnknown, 'Channel set not found')
    const subscription = site.subscriptions.add({
      owner: principal.id, target, packages, list, channelSetId, contact,
      applicationId: textOf(body, 'applicationId'), sharedId: textOf(body, 'sharedSubscriptionId'), expires: textOf(body, 'expires')
    })
    return { body: el('Subscription', text('subscriptionId', subscription.id), text('expires', subscription.expires)), then: () => sendInitial(call, subscription) }
  }
}

function own (call: Call): Subscription {
  return call.site.subscriptions.get(call.params.subscription ?? '', call.principal.id)
}

function list (call: Call): Reply {
  const { query, site, principal } = call
  const found = site.subscriptions.find(principal.id, {
    subscriberId: query.get('subscriberid'), targetId: query.get('targetid'), event: query.get('event'), extAppId: query.get('extappid'),
    targetGrpParentId: query.get('targetgrpparentid'), targetEntityType: query.get('targetentitytype'), targetSubId: query.get('targetsubid')
  })
  return { body: el('SubscriptionList', found.map((item) => site.subscriptions.describe(item, 'subscription'))) }
}

function read (call: Call): Reply {
  return { body: call.site.subscriptions.describe(own(call), 'Subscription') }
}

function refresh (call: Call): Reply {
  const subscription = own(call)
  const expires = call.site.subscriptions.refresh(subscription, textOf(call.body, 'expires'))
  return { body: el('Subscription', text('subscriptionId', subscription.id), text('expires', expires)), then: () => sendInitial(call, subscription) }
}

function remove (call: Call): Reply {
  const subscription = own(call)
  call.site.subscriptions.remove(subscription)
  return { then: () => call.site.delivery.publish(subscription, subscription.target.id, { type: 'SubscriptionTerminatedEvent', data: [] }) }
}

function versions (call: Call): Reply {
  const baseline = (): ReturnType<typeof el> => el('baseline')
  const { version } = call.site.options
  return { body: el('Versions', ...['commands', 'eventPackages'].map((name) => el(name, { ...baseline(), text: version }))) }
}

const toUser = subscribe(userTarget)
const toCollection = subscribe(collection)

export const subscriptionRoutes: Route[] = [
  route('events', 'GET /subscription', list),
  route('events', 'GET /subscription/:subscription', read),
  route('events', 'PUT /subscription/:subscription', refresh),
  route('events', 'DELETE /subscription/:subscription', remove),
  route('events', 'GET /versions', versions),
  route('actions', 'GET /versions', versions),
  route('events', 'POST /system', toCollection),
  route('events', 'POST /user/:user', toUser),
  route('events', 'POST /user/:user/subscription', toUser),
  route('events', 'POST /user/:user/subId/:sub', toUser),
  ...['enterprise', 'serviceprovider'].flatMap((level) => [
    route('events', `POST /${level}/:enterprise`, toCollection),
    route('events', `POST /${level}/:enterprise/group/:group`, toCollection)
  ])
]
