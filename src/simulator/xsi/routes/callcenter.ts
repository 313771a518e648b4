/** Queues: waiting calls and how the queue is set (xsi.md 3.2, call centre table). */
import { type Connection, type Queue } from '../../pbx/types'
import { badRequest, callNotFound, forbidden, notFound, userNotFound } from '../errors'
import { type Call, type Handler, type Reply } from '../http'
import { queueEntries } from '../render/acd'
import { route, type Route } from '../router'
import { el, text, textOf } from '../tree'
import { dialled } from './calls'

interface QueueCall extends Call { queue: Queue }

/** Agents of the queue, supervisors and administrators may act on it. */
function forQueue (handler: (call: QueueCall) => Reply): Handler {
  return (call) => {
    const id = call.params.queue ?? ''
    const queue = call.site.names.findQueue(id)
    if (!queue) throw userNotFound(id)
    const { user, admin } = call.principal
    const member = queue.members.some((item) => item.agentKey === user.agentKey)
    if (!admin && !user.supervisor && !member) throw forbidden('Call center out of scope')
    return handler({ ...call, queue })
  }
}

function entryOf (call: QueueCall): Connection {
  const id = call.params.call ?? ''
  const key = call.site.ids.connectionKey(id)
  const entry = key !== undefined && call.queue.entries.includes(key) ? call.site.pbx.connections.get(key) : undefined
  if (!entry) throw callNotFound(id)
  return entry
}

function list (call: QueueCall): Reply {
  const entries = queueEntries(call.site, call.queue)
  return { body: el('ACDQueue', entries.length > 0 && el('queueEntries', entries)) }
}

function release (call: QueueCall): Reply {
  call.site.pbx.queueRelease(entryOf(call).key)
  return {}
}

/** `phoneno` here, not `address` (xsi.md 3.2). */
function transfer (call: QueueCall): Reply {
  const to = call.query.get('phoneno')?.trim()
  const entry = entryOf(call)
  if (!to) throw badRequest('Parameter phoneno is missing')
  call.site.pbx.queueRedirect(entry.key, dialled(to))
  return {}
}

const PRIORITIES = ['0-Highest', '1-High', '2-Medium', '3-Low']

/** Position in the reply counts from 0, as `index` of Reorder does (xsi.md 11). */
function order (position: number): Reply {
  return { body: el('QueueCallOrder', text('position', position - 1)) }
}

function promote (call: QueueCall): Reply {
  const entry = entryOf(call)
  if (!PRIORITIES.includes(textOf(call.body, 'priority') ?? '')) throw badRequest(`priority must be one of ${PRIORITIES.join(', ')}`)
  return order(call.site.pbx.queuePromote(entry.key))
}

function reorder (call: QueueCall): Reply {
  const entry = entryOf(call)
  const index = Number(call.query.get('index') ?? Number.NaN)
  if (!Number.isInteger(index) || index < 0) throw badRequest('Parameter index must be a number from 0')
  return order(call.site.pbx.queueReorder(entry.key, index))
}

const POLICIES = { ringAll: 'Simultaneous', linear: 'Regular', longestIdle: 'Uniform' } as const

function profile ({ queue }: QueueCall): Reply {
  return {
    localised: true,
    body: el('ACDProfile',
      el('serviceInstanceProfile', text('name', queue.name), text('callingLineIdLastName', queue.name), text('callingLineIdFirstName', 'Queue'), text('phoneNumber', queue.number.replace(/^\+1/, '')), text('extension', queue.extension)),
      text('type', 'Premium'),
      text('policy', POLICIES[queue.policy]),
      text('queueLength', queue.overflow?.size ?? 50),
      text('allowAgentLogoff', true),
      text('wrapUpSeconds', queue.wrapUpSeconds > 0 ? queue.wrapUpSeconds : undefined))
  }
}

function dnis ({ site, queue }: QueueCall): Reply {
  const numbers = [queue.number, ...[...site.pbx.dids].filter(([, to]) => to === queue.extension || to === queue.number).map(([number]) => number)]
  return {
    localised: true,
    body: el('ACDDNIS', el('dnisInfoList', numbers.map((number, index) => el('dnisInfo', text('name', index === 0 ? queue.name : `${queue.name} ${index}`), text('phoneNumber', number)))))
  }
}

function dispositionCodes ({ site }: QueueCall): Reply {
  const rows = site.pbx.dispositions.map((item) => el('dispositionCodeDetail', text('code', item.code), text('description', item.name), text('level', 'Queue')))
  return {
    localised: true,
    body: el('ACDCallDispostionCodes', text('enableCallDispositionCodes', 'true'), text('includeOrganizationCodes', 'false'), text('forceUseOfCallDispositionCodes', 'false'), el('dispositionCodes', rows))
  }
}

function unavailableCodes (call: Call): Reply {
  if (call.params.group !== call.site.names.group) throw notFound('Group not found')
  const rows = call.site.pbx.reasonCodes.map((item, index) => ({
    ...el('unavailableCodeDetail', text('active', 'true'), text('code', item.code), text('description', item.name)), ...(index === 0 ? { attrs: { isDefault: 'true' } } : {})
  }))
  return { localised: true, body: el('ACDAgentUnavailableCodes', text('enableAgentUnavailableCodes', 'true'), text('forceUseOfAgentUnavailableCodes', 'false'), el('unavailableCodes', rows)) }
}

function nightService ({ queue }: QueueCall): Reply {
  return { localised: true, body: el('ACDNightService', text('action', queue.night.to === undefined ? 'None' : 'Transfer'), text('forceNightService', String(queue.night.enabled)), text('transferPhoneNumber', queue.night.to)) }
}

function setNightService (call: QueueCall): Reply {
  const enabled = textOf(call.body, 'forceNightService') ?? textOf(call.body, 'active')
  if (enabled !== 'true' && enabled !== 'false') throw badRequest('forceNightService is true or false')
  call.site.pbx.setNight(call.queue.key, enabled === 'true', textOf(call.body, 'transferPhoneNumber'))
  return {}
}

function forcedForwarding ({ site, queue }: QueueCall): Reply {
  const kept = site.settings.get(queue.key, 'ForcedForwarding', { active: 'false' })
  return { localised: true, body: el('ACDForcedForwarding', text('active', kept.active), text('forwardToPhoneNumber', kept.forwardToPhoneNumber)) }
}

/** The night rule of the PBX does the forwarding: to its callers both are the same. */
function setForcedForwarding (call: QueueCall): Reply {
  const { site, queue, body } = call
  const before = site.settings.get(queue.key, 'ForcedForwarding', { active: 'false' })
  const active = textOf(body, 'active') ?? before.active
  const to = textOf(body, 'forwardToPhoneNumber') ?? before.forwardToPhoneNumber
  if (active === 'true' && to === undefined) throw badRequest('forwardToPhoneNumber is missing')
  site.settings.put(queue.key, 'ForcedForwarding', { active, forwardToPhoneNumber: to })
  if (active !== before.active || active === 'true') site.pbx.setNight(queue.key, active === 'true', to)
  return {}
}

const QUEUE = '/callcenter/:queue'

export const callCenterRoutes: Route[] = [
  route('actions', `GET ${QUEUE}/calls`, forQueue(list)),
  route('actions', `DELETE ${QUEUE}/calls/:call`, forQueue(release)),
  route('actions', `PUT ${QUEUE}/calls/:call/BlindTransfer`, forQueue(transfer)),
  route('actions', `PUT ${QUEUE}/calls/:call/Promote`, forQueue(promote)),
  route('actions', `PUT ${QUEUE}/calls/:call/Reorder`, forQueue(reorder)),
  route('actions', `GET ${QUEUE}/profile`, forQueue(profile)),
  route('actions', `GET ${QUEUE}/profile/Dnis`, forQueue(dnis)),
  route('actions', `GET ${QUEUE}/profile/DispositionCodes`, forQueue(dispositionCodes)),
  route('actions', `GET ${QUEUE}/profile/policies/NightService`, forQueue(nightService)),
  route('actions', `PUT ${QUEUE}/profile/policies/NightService`, forQueue(setNightService)),
  route('actions', `GET ${QUEUE}/profile/policies/ForcedForwarding`, forQueue(forcedForwarding)),
  route('actions', `PUT ${QUEUE}/profile/policies/ForcedForwarding`, forQueue(setForcedForwarding)),
  route('actions', 'GET /group/:group/services/CallCenter/UnavailableCodes', unavailableCodes)
]
