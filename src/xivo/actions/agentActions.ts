/** Agents: log in and out, pause, membership; presence of the user (xivo-cti.md 3.4, 3.7, 7.2). */
import type { ActionRequest, Agent } from '../../model'
import type { ActionContext, ActionEntry, ActionTable } from '../../session/types'
import { agentOf } from '../agentMapping'
import type { Desk } from '../desk'
import { QUIET_MS, xid, type Outgoing } from '../protocol'
import { fields, text, texts } from '../read'
import { queueId } from '../tables'
import { agentIdOf, byEffect, forbidden, invalid, ownUser, queueRowOf, type Proof, type Seen } from './common'

const idOf = (desk: Desk, request: ActionRequest): string => agentIdOf(desk, request.agent ?? text(request.agentId), request.user)
const isAgent = (desk: Desk, seen: Seen, request: ActionRequest): boolean => seen.agent?.id === idOf(desk, request)

const LOGGED_IN: ReadonlySet<string> = new Set(['agent.loggedIn', 'agent.ready', 'agent.notReady', 'agent.busy'])

/** Logging in or out whoever is in that state already is a silent success (xivo-cti.md 3.7). */
function login (desk: Desk): ActionEntry {
  // A registration tells of the log-in before the state that he is in is known (xivo-cti.md 4.5).
  const done: Proof = (seen, request) => LOGGED_IN.has(seen.event) && seen.agent?.state !== 'unknown' && isAgent(desk, seen, request)
  return byEffect(desk, done, (request) => {
    const agent = idOf(desk, request)
    const device = text(request.device)
    const message: Outgoing = { class: 'ipbxcommand', command: 'agentlogin', agentids: xid('agent', agent), ...(device === undefined ? {} : { agentphonenumber: device }) }
    const { status } = desk.tables.row('agents', agent)
    const already = text(status.availability) !== undefined && status.availability !== 'logged_out' && (device === undefined || text(status.phonenumber) === device)
    return { message, family: 'agent', already }
  }, { supports: ['device'], lacks: ['queues'] })
}

function logout (desk: Desk): ActionEntry {
  const done: Proof = (seen, request) => seen.event === 'agent.loggedOut' && isAgent(desk, seen, request)
  return byEffect(desk, done, (request) => {
    const agent = idOf(desk, request)
    const already = desk.tables.row('agents', agent).status.availability === 'logged_out'
    return { message: { class: 'ipbxcommand', command: 'agentlogout', agentids: xid('agent', agent) }, family: 'agent', already }
  })
}

/**
 * One queue, or all: `availability` shows only the pause of all (xivo-cti.md 4.5). It is told after the queues, and not during a call; as long as it says
 * the opposite it is still to come.
 */
function isPaused (agent: Agent | undefined, queue: string | undefined, paused: boolean): boolean {
  const queues = agent?.queues ?? []
  if (queue !== undefined) return queues.some(({ id, paused: now }) => id === queue && now === paused)
  if (agent?.state === 'ready' || agent?.state === 'notReady') return agent.state === (paused ? 'notReady' : 'ready')
  return queues.length > 0 && queues.every(({ paused: now }) => now === paused)
}

function pause (desk: Desk, paused: boolean): ActionEntry {
  const done: Proof = (seen, request) => isAgent(desk, seen, request) && isPaused(seen.agent, text(request.queue) === undefined ? undefined : queueId(queueRowOf(desk, String(request.queue))), paused)
  return byEffect(desk, done, (request) => {
    const agent = idOf(desk, request)
    const reason = text(request.reason)
    if (reason !== undefined) return { message: byPresence(desk, agent, reason) }
    const queue = text(request.queue)
    const message = { class: 'ipbxcommand', command: paused ? 'queuepause' : 'queueunpause', member: xid('agent', agent), queue: xid('queue', queue === undefined ? 'all' : queueRowOf(desk, queue)) }
    const already = isPaused(agentOf(desk.tables, agent, desk.now), queue === undefined ? undefined : queueId(queueRowOf(desk, queue)), paused)
    return { message, already }
  }, { supports: paused ? ['queue', 'reason'] : ['queue'] })
}

/** There are no pause reasons; presences that pause stand for them, and only one's own can be set. */
function byPresence (desk: Desk, agent: string, reason: string): Outgoing {
  const { tables } = desk
  if (agent !== tables.ownAgent) throw forbidden('A reason is a presence here, and only the own user\'s can be set.')
  const key = pauseReasons(desk).find(({ id, name }) => id === reason || name === reason)?.id
  if (key === undefined) throw invalid(`There is no pause reason "${reason}"; there is ${pauseReasons(desk).map(({ id }) => id).join(', ') || 'none'}.`)
  return { class: 'availstate', availstate: key }
}

/** Presences of the profile that pause the agent, as reason codes. */
export function pauseReasons (desk: Desk): { id: string; name: string; selectable: boolean }[] {
  const { tables } = desk
  return Object.keys(tables.capabilities?.userStatus ?? {}).filter((key) => 'queuepause_all' in tables.presence(key).actions)
    .map((key) => ({ id: key, name: tables.presence(key).name ?? key, selectable: true }))
}

/** One command a queue, one after the other. */
function membership (desk: Desk, joins: boolean): ActionEntry {
  const event = joins ? 'agent.queueJoined' : 'agent.queueLeft'
  const isFor = (seen: Seen, request: ActionRequest, queue: string | undefined): boolean => seen.event === event && isAgent(desk, seen, request) && seen.queue?.id === queue
  const rowsOf = (request: ActionRequest): string[] => texts(request.queues).map((queue) => queueRowOf(desk, queue))
  return {
    confirmDefault: 'completed',
    confirm: (seen, request) => {
      const last = rowsOf(request).at(-1)
      return last !== undefined && isFor(seen, request, queueId(last))
    },
    run: async (request: ActionRequest, context: ActionContext) => {
      const member = xid('agent', idOf(desk, request))
      for (const row of rowsOf(request)) {
        const message = { class: 'ipbxcommand', command: joins ? 'queueadd' : 'queueremove', member, queue: xid('queue', row) }
        await desk.ask({ message, quietMs: QUIET_MS, signal: context.signal, effect: (draft) => isFor(draft, request, queueId(row)) })
      }
      return {}
    }
  }
}

/** An unknown presence is ignored by the server without a word, so it is refused here. */
function setPresence (desk: Desk): ActionEntry {
  const done: Proof = (seen, request) => seen.event === 'user.presence' && seen.user?.id === desk.tables.userId && (seen.presence?.value === request.presence || seen.presence?.text === request.presence)
  return byEffect(desk, done, (request) => {
    ownUser(desk, request)
    const { tables } = desk
    const known = tables.capabilities?.userStatus ?? {}
    const wanted = String(request.presence)
    const key = Object.hasOwn(known, wanted) ? wanted : Object.keys(known).find((one) => tables.presence(one).name === wanted)
    if (key === undefined) throw invalid(`There is no presence "${wanted}" in this CTI profile; there is ${Object.keys(known).join(', ') || 'none'}.`)
    const now = text(tables.row('users', tables.userId).status.availstate)
    const allowed = now === undefined ? [] : texts(fields(known[now]).allowed)
    if (allowed.length > 0 && key !== now && !allowed.includes(key)) throw invalid(`From "${now}" the profile allows ${allowed.join(', ')} only.`)
    return { message: { class: 'availstate', availstate: key }, already: key === now }
  })
}

export function agentActions (desk: Desk): ActionTable {
  return {
    agentLogin: login(desk),
    agentLogout: logout(desk),
    agentReady: pause(desk, false),
    agentNotReady: pause(desk, true),
    queueJoin: membership(desk, true),
    queueLeave: membership(desk, false),
    setPresence: setPresence(desk)
  }
}
