/** Agents of call centres and presence (xsi.md 3.3, agent state and queue membership). */
import { CtiError, type Agent, type Presence } from '../../model'
import type { ActionContext, ActionTable } from '../../session/types'
import type { XsiNode } from '../protocol'
import { agentSnapshot, membershipsOfService } from '../snapshot'
import { mapPresence } from '../serviceMapping'
import { membership, settings } from './bodies'
import { command, invalid, subjectOf, userPath, type Access, type Confirm, type Run } from './tools'

const CODE_LENGTH = 10

function agentOf (access: Access, agentId: string, service: XsiNode, context: ActionContext): Agent {
  const source = { picture: context.picture, context: access.connection().reduceContext() }
  return agentSnapshot(source, agentId, service, membershipsOfService(service)).agents?.[0] as Agent
}

/** The agent as the server has it now. */
export async function readAgent (access: Access, agentId: string, context: ActionContext): Promise<Agent> {
  return agentOf(access, agentId, (await command(access, context, 'GET', userPath(access, agentId, 'services', 'CallCenter'))).node, context)
}

async function putState (access: Access, agentId: string, context: ActionContext, state: string, code?: string, query?: Record<string, string>): Promise<void> {
  await command(access, context, 'PUT', userPath(access, agentId, 'services', 'CallCenter'), query, settings('CallCenter', { agentACDState: state, agentUnavailableCode: code }))
}

function setState (access: Access, state: string): Run {
  return async (request, context) => {
    const agentId = subjectOf(access, request, context)
    const code = request.reason as string | undefined
    if (code !== undefined && code.length > CODE_LENGTH) throw invalid(`"reason" is a code of at most ${CODE_LENGTH} characters; reasonCodes lists them.`)
    if (request.when === 'afterCall') context.warn('XSI changes the state at once; "when" was not used.')
    await putState(access, agentId, context, state, code)
    return { agent: await readAgent(access, agentId, context) }
  }
}

const login = (access: Access): Run => async (request, context) => {
  const agentId = subjectOf(access, request, context)
  await putState(access, agentId, context, 'Sign-In')
  for (const queue of queuesOf(access, request.queues)) await join(access, agentId, context, queue, true)
  return { agent: await readAgent(access, agentId, context) }
}

const logout = (access: Access): Run => async (request, context) => {
  const agentId = subjectOf(access, request, context)
  // The server then refuses when the agent is the last one staffing a queue with calls, unless it is forced.
  const force = request.force === true
  await putState(access, agentId, context, 'Sign-Out', undefined, force ? undefined : { validateSignOut: 'true' })
  return { agent: await readAgent(access, agentId, context) }
}

function queuesOf (access: Access, raw: unknown): string[] {
  const list = raw === undefined ? [] : Array.isArray(raw) ? raw.map(String) : [String(raw)]
  return list.map((word) => access.memory.people.find(word) ?? word)
}

async function join (access: Access, agentId: string, context: ActionContext, queueId: string, available: boolean): Promise<void> {
  await command(access, context, 'PUT', userPath(access, agentId, 'services', 'CallCenter'), undefined, membership(queueId, available))
}

/** What happens to memberships that a PUT leaves out is not stated, so each goes alone and the result is read back. */
function setMembership (access: Access, available: boolean): Run {
  return async (request, context) => {
    const agentId = subjectOf(access, request, context)
    const queues = queuesOf(access, request.queues)
    if (queues.length === 0) throw invalid('"queues" is empty.')
    for (const queue of queues) await join(access, agentId, context, queue, available)
    const agent = await readAgent(access, agentId, context)
    const refused = queues.filter((id) => agent.queues?.find((queue) => queue.id === id)?.joined !== available)
    if (refused.length > 0) throw new CtiError('CTI_FORBIDDEN', `The server did not change the membership in ${refused.join(', ')}: joining and leaving may be switched off there.`, { vendor: 'xsi', retryable: false })
    return { agent }
  }
}

const PRESENCES = ['PersonalAssistant', 'CommPilotExpress'] as const

/** One of two services, whichever the user has: the newer one first (xsi.md 7.2). */
async function presenceService (access: Access, owner: string, context: ActionContext): Promise<(typeof PRESENCES)[number]> {
  for (const name of PRESENCES) {
    try {
      await command(access, context, 'GET', userPath(access, owner, 'services', name))
      return name
    } catch (error) {
      const { code } = CtiError.from(error, 'xsi')
      if (code !== 'CTI_NOT_FOUND' && code !== 'CTI_FORBIDDEN') throw error
    }
  }
  throw CtiError.unsupported('setPresence', 'xsi', 'the user has neither Personal Assistant nor CommPilot Express', [])
}

const setPresence = (access: Access): Run => async (request, context) => {
  const owner = subjectOf(access, request, context)
  const service = await presenceService(access, owner, context)
  const value = request.presence as string
  const until = request.until as string | undefined
  const off = value === 'None'
  const body = service === 'PersonalAssistant'
    ? settings(service, { active: !off, presence: value, enableExpirationTime: until === undefined ? undefined : true, expirationTime: until })
    : settings(service, { profile: off ? null : value })
  if (until !== undefined && service !== 'PersonalAssistant') context.warn('CommPilot Express knows no end of a presence; "until" was not used.')
  await command(access, context, 'PUT', userPath(access, owner, 'services', service), undefined, body)
  const reply = await command(access, context, 'GET', userPath(access, owner, 'services', service))
  return { presence: mapPresence(reply.node) satisfies Presence }
}

const onAgent = (...events: string[]): Confirm => (event, _request, partial) => partial.agent !== undefined && event.agent?.id === partial.agent.id && events.includes(event.event)

export function agentActions (access: Access): ActionTable {
  return {
    agentLogin: { lacks: ['agentId'], confirm: onAgent('agent.loggedIn', 'agent.notReady', 'agent.ready'), run: login(access) },
    agentLogout: { supports: ['force'], confirm: onAgent('agent.loggedOut'), run: logout(access) },
    agentReady: { confirm: onAgent('agent.ready', 'agent.updated'), run: setState(access, 'Available') },
    agentNotReady: { supports: ['reason'], confirm: onAgent('agent.notReady', 'agent.updated'), run: setState(access, 'Unavailable') },
    agentWrapUp: { confirm: onAgent('agent.wrapUp'), run: setState(access, 'Wrap-Up') },
    queueJoin: { confirm: onAgent('agent.queueJoined'), run: setMembership(access, true) },
    queueLeave: { confirm: onAgent('agent.queueLeft'), run: setMembership(access, false) },
    setPresence: { supports: ['until'], run: setPresence(access) }
  }
}
