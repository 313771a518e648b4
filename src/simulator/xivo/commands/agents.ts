/** Agents: log-in, pauses, queues, listening (xivo-cti.md 3.7). */
import { type Agent } from '../../pbx/types'
import { addMember, logIn, pauseAll, pauseOne, removeMember } from '../agent-work'
import { Drop, type Message, need, needText, textOf } from '../codec'
import { phoneOf } from '../render/agents'
import { type Site } from '../site'
import { type Call, type Handlers } from './types'

const MEMBER = /^agent:[^/]*\/(\d+)$/
const QUEUE = /^queue:[^/]*\/(\d+|all)$/

/** The agent that a request means: the own one, or that of an id at the end. */
function agentOf ({ site, user, message }: Call): Agent | undefined {
  const given = message.agentids
  if (given === undefined || given === null || given === 'agent:special:me') return site.pbx.agentOf(user.key)
  return site.pbx.agents.get(site.ids.key('agent', textOf(given).split('/').pop()) ?? '')
}

function fail (call: Call, error: string): void {
  call.session.send({ class: 'ipbxcommand', error_string: error })
}

function login (call: Call): void {
  const { site, message } = call
  const agent = agentOf(call)
  const given = message.agentphonenumber
  const number = given === undefined || given === null || given === '' ? site.pbx.users.get(agent?.userKey ?? '')?.extension : textOf(given)
  const owner = number === undefined ? undefined : site.pbx.userByExtension(number)
  if (agent === undefined || owner === undefined || owner.devices.length === 0 || number === undefined) return fail(call, 'agent_login_invalid_exten')
  if (agent.loggedIn) return
  const inUse = [...site.pbx.agents.values()].some((other) => other !== agent && other.loggedIn && phoneOf(site, other) === number)
  if (inUse) return fail(call, 'agent_login_exten_in_use')
  logIn(site, agent.key, number)
}

function logout (call: Call): void {
  const agent = agentOf(call)
  if (agent === undefined) return fail(call, 'agent_login_invalid_exten')
  if (agent.loggedIn) call.site.pbx.signOut(agent.key, { force: true })
}

/** Agent and queue of a request; the queue is absent for all. @throws Drop for another form */
function membership (site: Site, message: Message): { agentKey: string; queueKey?: string; known: boolean } {
  const member = MEMBER.exec(needText(message, 'member'))?.[1]
  const queue = QUEUE.exec(needText(message, 'queue'))?.[1]
  if (member === undefined || queue === undefined) throw new Drop('member or queue has another form')
  const agentKey = site.ids.key('agent', member)
  const queueKey = queue === 'all' ? undefined : site.ids.key('queue', queue)
  return { agentKey: agentKey ?? '', ...(queueKey === undefined ? {} : { queueKey }), known: agentKey !== undefined && (queue === 'all' || queueKey !== undefined) }
}

function pause ({ site, message }: Call, paused: boolean): void {
  const { agentKey, queueKey, known } = membership(site, message)
  if (!known) return
  if (queueKey === undefined) pauseAll(site, agentKey, paused)
  else pauseOne(site, agentKey, queueKey, paused)
}

/** What the agent daemon refuses costs the connection. */
function change ({ site, message }: Call, act: typeof addMember): void {
  const { agentKey, queueKey, known } = membership(site, message)
  if (queueKey === undefined || !known || !act(site, agentKey, queueKey)) throw new Drop('the agent daemon refuses')
}

export const agentCommands: Handlers = {
  agentlogin: login,
  agentlogout: logout,
  queuepause: (call) => { pause(call, true) },
  queueunpause: (call) => { pause(call, false) },
  queueadd: (call) => { change(call, addMember) },
  queueremove: (call) => { change(call, removeMember) },
  listen: ({ site, user, message }) => {
    const destination = textOf(need(message, 'destination'))
    const agent = site.pbx.agents.get(site.ids.key('agent', destination.split('/').pop()) ?? '')
    if (agent !== undefined) site.pbx.monitor(user.key, agent.userKey, 'listen', { clickToDial: true })
  }
}
