/** Queues, their waiting calls, and agents (webex-calling.md 3.2, 3.8). */
import { type Agent, type Queue, type QueueMember, type User } from '../../pbx/types'
import { ADMIN_CALLS_READ, ADMIN_CONFIG_READ, ADMIN_CONFIG_WRITE, CALLS_READ, CONFIG_READ, CONFIG_WRITE } from '../auth/scopes'
import { badRequest, notFound } from '../errors'
import { type Call, type Json, parts, type Reply, text } from '../http'
import { pageOf } from '../paging'
import { type AcdState, acdStateOf } from '../render/agent'
import { queueCallOf } from '../render/queueCall'
import { route, type Route } from '../router'
import { type Site } from '../site'
import { self } from './whose'

const ME = '/v1/telephony/config/people/me/settings'
const QUEUES = '/v1/telephony/config/queues'
const PAGE = 2000

export const QUEUE_ROUTES: Route[] = [
  route(`GET ${ME}/queues`, CONFIG_READ, ownQueues),
  route(`PUT ${ME}/queues`, CONFIG_WRITE, setOwnQueues),
  route(`GET ${ME}/featureAccessCode`, CONFIG_READ, () => ({ body: { featureAccessCodeList: [{ name: 'Voice Portal Access', code: '*98' }] } })),
  route(`GET ${QUEUES}/agents`, ADMIN_CONFIG_READ, agents),
  route(`GET ${QUEUES}/agents/:agentId`, ADMIN_CONFIG_READ, oneAgent),
  route(`PUT ${QUEUES}/agents/:agentId/settings`, ADMIN_CONFIG_WRITE, setAgent),
  route(`GET ${QUEUES}`, ADMIN_CONFIG_READ, queues),
  route('GET /v1/telephony/queues/:queueId/calls', [...CALLS_READ, ...ADMIN_CALLS_READ], waiting)
]

/** Queues of an agent, with what he is in them. */
function memberships ({ pbx }: Site, agent: Agent): { queue: Queue; member: QueueMember }[] {
  return [...pbx.queues.values()].flatMap((queue) => queue.members.filter(({ agentKey }) => agentKey === agent.key).map((member) => ({ queue, member })))
}

function agentSelf (call: Call): Agent {
  const agent = call.site.pbx.agentOf(self(call).key)
  if (agent === undefined) throw notFound('The person is no agent')
  return agent
}

function numbers (queue: Queue): Json {
  return { phoneNumber: queue.number, ...(queue.extension === undefined ? {} : { extension: queue.extension }) }
}

/** Somebody who is no agent has no queues. */
function ownQueues (call: Call): Reply {
  const { site } = call
  const agent = site.pbx.agentOf(self(call).key)
  if (agent === undefined) return { body: { queues: [] } }
  const list = memberships(site, agent).map(({ queue, member }) => ({
    id: site.ids.queue(queue), hasCxEssentials: true, available: member.joined && !member.paused, skillLevel: member.priority + 1, ...numbers(queue), allowLogOffEnabled: !site.options.fixedQueues.includes(queue.key)
  }))
  return { body: { agentACDState: acdStateOf(site, agent.key), queues: list } }
}

/** Checked whole before anything changes. */
function setOwnQueues (call: Call): Reply {
  const { site } = call
  const agent = agentSelf(call)
  const own = memberships(site, agent)
  const wanted = parts(call, 'queues').map(({ id, available }) => {
    const found = own.find(({ queue }) => typeof id === 'string' && site.ids.findQueue(id) === queue)
    if (found === undefined) throw badRequest('The agent does not belong to that queue')
    if (available === false && site.options.fixedQueues.includes(found.queue.key)) throw badRequest('The queue does not allow to leave it')
    return { ...found, available }
  })
  const state = text(call, 'agentACDState')
  if (state !== undefined && !Object.hasOwn(STATES, state)) throw badRequest(`agentACDState must be one of ${Object.keys(STATES).join(', ')}`)
  for (const { queue, member, available } of wanted) {
    if (typeof available !== 'boolean') continue
    if (available !== member.joined) site.pbx.join(agent.key, queue.key, available)
    if (available && member.paused) site.pbx.pauseQueue(agent.key, queue.key, false)
  }
  if (state !== undefined && state !== acdStateOf(site, agent.key)) STATES[state as AcdState](site, agent)
  return {}
}

const STATES: Record<AcdState, (site: Site, agent: Agent) => void> = {
  SIGN_IN: ({ pbx, options }, agent) => { if (!agent.loggedIn) pbx.signIn(agent.key, { routing: options.signInAs === 'AVAILABLE' ? 'ready' : 'notReady' }) },
  SIGN_OUT: ({ pbx }, agent) => { pbx.signOut(agent.key) },
  AVAILABLE: (site, agent) => { setRouting(site, agent, 'ready') },
  UNAVAILABLE: (site, agent) => { setRouting(site, agent, 'notReady') },
  WRAP_UP: ({ pbx }, agent) => { pbx.wrapUp(agent.key) }
}

/** Logs in where that is needed first. */
function setRouting ({ pbx }: Site, agent: Agent, routing: Agent['routing']): void {
  if (agent.loggedIn) pbx.setRouting(agent.key, routing)
  else pbx.signIn(agent.key, { routing })
}

function agents (call: Call): Reply {
  const { site, query } = call
  const joined = query.get('joinEnabled')
  const all = [...site.pbx.agents.values()].filter((agent) => joined === null || memberships(site, agent).some(({ member }) => String(member.joined) === joined))
  return pageOf(call, all, (agent) => agentOf(site, agent), { name: 'agents', max: PAGE })
}

function agentOf (site: Site, agent: Agent): Json {
  const user = site.pbx.users.get(agent.userKey)
  const own = memberships(site, agent)
  const joined = own.filter(({ member }) => member.joined).length
  return {
    id: user === undefined ? '' : site.ids.person(user), firstName: user?.first, lastName: user?.last, phoneNumber: user?.numbers[0], extension: user?.extension, esn: user?.extension, queueCount: own.length, locationCount: 1,
    joinCount: joined, unjoinCount: own.length - joined, location: { id: site.ids.location, name: site.pbx.group }, type: 'PEOPLE'
  }
}

function namedAgent ({ site, params }: Call): Agent {
  const user: User | undefined = site.ids.findUser(params.agentId ?? '')
  const agent = user === undefined ? undefined : site.pbx.agentOf(user.key)
  if (agent === undefined) throw notFound('The agent is not known')
  return agent
}

function oneAgent (call: Call): Reply {
  const { site } = call
  const agent = namedAgent(call)
  const list = memberships(site, agent).map(({ queue, member }) => ({
    id: site.ids.queue(queue), name: queue.name, ...numbers(queue), locationId: site.ids.location, locationName: site.pbx.group, joinEnabled: member.joined, hasCxEssentials: true, skillLevel: member.priority + 1
  }))
  return { body: { agent: agentOf(site, agent), queues: list } }
}

function setAgent (call: Call): Reply {
  const { site } = call
  const agent = namedAgent(call)
  const wanted = parts(call, 'settings').map(({ queueId, joinEnabled }) => {
    const queue = typeof queueId === 'string' ? site.ids.findQueue(queueId) : undefined
    if (queue === undefined || typeof joinEnabled !== 'boolean') throw badRequest('settings name queueId and joinEnabled')
    return { queue, joinEnabled }
  })
  for (const { queue, joinEnabled } of wanted) site.pbx.join(agent.key, queue.key, joinEnabled)
  return {}
}

function queues (call: Call): Reply {
  const { site, query } = call
  const name = query.get('name')?.toLowerCase() ?? ''
  const all = [...site.pbx.queues.values()].filter((queue) => queue.name.toLowerCase().includes(name))
  return pageOf(call, all, (queue) => ({ id: site.ids.queue(queue), name: queue.name, locationId: site.ids.location, locationName: site.pbx.group, ...numbers(queue), enabled: true }), { name: 'queues', max: PAGE })
}

function waiting (call: Call): Reply {
  const { site, params } = call
  const queue = site.ids.findQueue(params.queueId ?? '')
  if (queue === undefined) throw notFound('The queue is not known')
  return { body: { items: site.pbx.queued(queue.key).map((entry) => queueCallOf(site, entry)) } }
}
