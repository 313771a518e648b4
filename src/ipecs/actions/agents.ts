/** Agents: log-on and log-off of a group, pause and back (ipecs.md 3.2, 7.2). The event comes before the answer. */
import { type ActionRequest, type ActionResult } from '../../model'
import type { ActionContext, ActionTable } from '../../session/types'
import type { AgentEntry } from '../agentBook'
import { REASON_CODES } from '../protocol'
import { actorOf, command, deviceOf, invalid, withCti, type Access, type Confirm, type Run } from './tools'

const AGENT_ID = /^\d{4}$/

interface Subject { readonly device: string; readonly agentId: string; readonly entry: AgentEntry | undefined }

function deviceFor (access: Access, request: ActionRequest): string {
  const word = request.agent
  if (request.device !== undefined || word === undefined) return actorOf(access, request)
  return access.memory.agents.find(word)?.device ?? (AGENT_ID.test(word) && !access.memory.extensions.has(word) && request.user !== undefined ? deviceOf(access, request.user) : deviceOf(access, word))
}

function subjectOf (access: Access, request: ActionRequest): Subject {
  const device = deviceFor(access, request)
  const entry = access.memory.agents.get(device)
  const named = request.agent !== undefined && request.agent !== device && AGENT_ID.test(request.agent) ? request.agent : undefined
  const agentId = (request.agentId as string | undefined) ?? named ?? entry?.agentId
  if (agentId === undefined) throw invalid('The agent id is not known: give it with "agentId" (4 digits).')
  if (!AGENT_ID.test(agentId)) throw invalid('"agentId" must be 4 digits.')
  return { device, agentId, entry }
}

/** Number of a group named by number, name or id. @throws CtiError CTI_INVALID_REQUEST */
function groupOf (access: Access, word: string): string {
  const group = access.memory.groups.find(word) ?? (/^\d+$/.test(word) ? word : undefined)
  if (group === undefined) throw invalid(`The number of the group "${word.slice(0, 60)}" is not known: put it into the account.`)
  return group
}

/** Those named, or all that the agent is in. @throws CtiError CTI_INVALID_REQUEST when none is known */
function groupsOf (access: Access, { entry }: Subject, named: readonly string[] | undefined): string[] {
  const groups = (named ?? [...entry?.groups.keys() ?? []].map((id) => access.memory.groups.canonical(id))).map((word) => groupOf(access, word))
  if (groups.length === 0) throw invalid('Say which group: none of this agent is known.')
  return groups
}

function result (context: ActionContext, { agentId, device }: Subject): Partial<ActionResult> {
  const agent = context.picture.agent(agentId) ?? context.picture.agent(device)
  return agent === undefined ? {} : { agent: { ...agent } }
}

const listOf = (value: unknown): readonly string[] | undefined => value === undefined ? undefined : (Array.isArray(value) ? value : [value]) as string[]

/** The first group of somebody who is in none is the primary one (ipecs.md 7.2). */
const logOn = (access: Access): Run => async (request, context) => {
  const subject = subjectOf(access, request)
  const queues = listOf(request.queues)
  if (queues === undefined) throw invalid('Say which groups with "queues".')
  const groups = groupsOf(access, subject, queues)
  const priority = (request.priority as number | undefined) ?? 0
  if (!Number.isInteger(priority) || priority < 0 || priority > 9) throw invalid('"priority" must be 0 to 9.')
  const { device, agentId, entry } = subject
  let isFirst = entry === undefined || !entry.isLoggedIn || entry.groups.size === 0
  for (const group of groups) {
    const isPrimary = request.primary === undefined ? isFirst : request.primary === true && isFirst
    await command(access, context, 'agentLogin', { device, agentId, group, primary: isPrimary ? 'primary' : 'secondary', priority })
    isFirst = false
  }
  return result(context, subject)
}

const logOff = (access: Access): Run => async (request, context) => {
  const subject = subjectOf(access, request)
  const { device, agentId, entry } = subject
  for (const group of groupsOf(access, subject, listOf(request.queues))) {
    await command(access, context, 'agentLogout', { device, agentId, group, primary: entry?.groups.get(group)?.isSecondary === true ? 'secondary' : 'primary' })
  }
  return result(context, subject)
}

/** `reasonCode` stands in every row of the document, so that "on duty" carries one too (ipecs.md 7.2). */
function setState (access: Access, state: 'dutyOn' | 'dutyOff'): Run {
  return async (request, context) => {
    const subject = subjectOf(access, request)
    const reason = (request.reason as string | undefined) ?? '0'
    if (!(REASON_CODES as readonly string[]).includes(reason)) throw invalid(`"reason" must be one of ${REASON_CODES.join(' ')}; reasonCodes lists them.`)
    const { device, agentId } = subject
    for (const group of groupsOf(access, subject, listOf(request.queue))) await command(access, context, 'agentState', { device, agentId, group, state, reason: state === 'dutyOn' ? '0' : reason })
    return result(context, subject)
  }
}

function onAgent (access: Access, ...events: string[]): Confirm {
  return ({ event, agent }, request) => agent?.device !== undefined && events.includes(event) && agent.device.id === deviceFor(access, request)
}

export function agentActions (access: Access): ActionTable {
  const available = withCti(access)
  // Of somebody whose log-on was before our time the id is not known.
  const params = { agentId: { kind: 'string' } } as const
  return {
    agentLogin: { available, supports: ['device', 'primary', 'priority'], confirm: onAgent(access, 'agent.loggedIn', 'agent.queueJoined'), run: logOn(access) },
    agentLogout: { params, available, supports: ['queues'], confirm: onAgent(access, 'agent.loggedOut', 'agent.queueLeft'), run: logOff(access) },
    agentReady: { params, available, supports: ['queue'], confirm: onAgent(access, 'agent.ready', 'agent.updated'), run: setState(access, 'dutyOn') },
    agentNotReady: { params, available, supports: ['reason', 'queue'], confirm: onAgent(access, 'agent.notReady', 'agent.updated'), run: setState(access, 'dutyOff') },
    queueJoin: { params, available, supports: ['priority'], confirm: onAgent(access, 'agent.queueJoined', 'agent.loggedIn'), run: logOn(access) },
    queueLeave: { params, available, confirm: onAgent(access, 'agent.queueLeft', 'agent.loggedOut'), run: logOff(access) }
  }
}
