/** Agent state and queue membership: one's own by the self API, membership of others by an administrator (webex-calling.md 3.8, U10). */
import { CtiError, type ActionRequest, type Agent } from '../../model'
import type { ActionContext, ActionTable } from '../../session/types'
import { mapAgent } from '../agents'
import { path } from '../api'
import { keyOf } from '../ids'
import { lineQuery, type Line } from '../line'
import { boolean, records, text, type Json } from '../read'
import { targetOf } from '../scope'
import { conflict, invalid, lineOf, notFound, type Access, type Confirm, type Run } from './tools'

const OWN = path('telephony', 'config', 'people', 'me', 'settings', 'queues')

interface Membership { readonly id: string; readonly available: boolean }

async function readOwn (line: Line, context: ActionContext): Promise<Json> {
  if (line.family === 'member') throw CtiError.unsupported('agent state', 'webex', 'the state of an agent can be read and set with the agent\'s own authorisation only', [])
  return (await line.api.get(OWN, context.signal)).node
}

function membershipsOf (node: Json): Membership[] {
  return records(node, 'queues').flatMap((queue) => {
    const id = text(queue, 'id')
    return id === undefined ? [] : [{ id, available: boolean(queue, 'available') ?? false }]
  })
}

function agentFrom (access: Access, line: Line, node: Json, context: ActionContext): Agent {
  const target = targetOf(line.id, access.connection().source().context)
  const now = new Date(context.link.clock.now() + context.link.clockOffsetMs).toISOString()
  const agent = mapAgent(node, target, context.picture.callsOf(line.id), context.picture.agent(line.id), now)
  if (agent === undefined) throw notFound('The user works in no queue.')
  return agent
}

/** Writes, reads back; the watch tells what has changed. */
async function write (access: Access, line: Line, context: ActionContext, state: string | undefined, queues: readonly Membership[]): Promise<Agent> {
  await line.api.send({ method: 'PUT', path: OWN, body: { ...(state === undefined ? {} : { agentACDState: state }), queues }, signal: context.signal })
  const agent = agentFrom(access, line, await readOwn(line, context), context)
  access.connection().watchOf(line.id)?.lookAtOthersSoon(0)
  return agent
}

/** The state of a call centre agent of one's own; the queues go back as they were read. */
function setState (access: Access, state: string): Run {
  return async (request, context) => {
    const line = await lineOf(access, request, context)
    const before = await readOwn(line, context)
    if (membershipsOf(before).length === 0) throw notFound('The user works in no queue.')
    return { agent: await write(access, line, context, state, membershipsOf(before)) }
  }
}

const login = (access: Access): Run => async (request, context) => {
  const line = await lineOf(access, request, context)
  const before = await readOwn(line, context)
  const queues = withMembership(membershipsOf(before), request.queues === undefined ? [] : queuesOf(request), true)
  if (queues.length === 0) throw notFound('The user works in no queue.')
  return { agent: await write(access, line, context, 'SIGN_IN', queues) }
}

function queuesOf (request: ActionRequest): string[] {
  const list = [request.queues].flat().map(String)
  if (list.length === 0) throw invalid('"queues" is empty.')
  return list
}

/** @throws CtiError CTI_NOT_FOUND for a queue that the agent does not belong to */
function withMembership (memberships: readonly Membership[], asked: readonly string[], available: boolean): Membership[] {
  const keys = asked.map(keyOf)
  const unknown = asked.find((word) => !memberships.some(({ id }) => keyOf(id) === keyOf(word)))
  if (unknown !== undefined) throw notFound(`The agent is not assigned to the queue ${unknown.slice(0, 80)}.`)
  return memberships.map((one) => keys.includes(keyOf(one.id)) ? { ...one, available } : one)
}

function setMembership (access: Access, available: boolean): Run {
  return async (request, context) => {
    const line = await lineOf(access, request, context)
    const asked = queuesOf(request)
    if (line.family === 'member') {
      const query = lineQuery(line)
      await line.api.send({
        method: 'PUT', path: path('telephony', 'config', 'queues', 'agents', line.id, 'settings'), body: { settings: asked.map((queueId) => ({ queueId, joinEnabled: available })) }, signal: context.signal, ...(query === undefined ? {} : { query })
      })
      return {}
    }
    const before = await readOwn(line, context)
    const fixed = records(before, 'queues').find((queue) => boolean(queue, 'allowLogOffEnabled') === false && asked.some((word) => keyOf(word) === keyOf(text(queue, 'id') ?? '')))
    if (!available && fixed !== undefined) throw conflict('Leaving is switched off for this queue.')
    const state = text(before, 'agentACDState')
    return { agent: await write(access, line, context, state, withMembership(membershipsOf(before), asked, available)) }
  }
}

const onAgent = (...events: string[]): Confirm => (event, _request, partial) => partial.agent !== undefined && event.agent?.id === partial.agent.id && events.includes(event.event)

export function agentActions (access: Access): ActionTable {
  return {
    agentLogin: { lacks: ['agentId'], confirm: onAgent('agent.loggedIn', 'agent.notReady', 'agent.ready'), run: login(access) },
    agentLogout: { confirm: onAgent('agent.loggedOut'), run: setState(access, 'SIGN_OUT') },
    agentReady: { confirm: onAgent('agent.ready', 'agent.busy', 'agent.updated'), run: setState(access, 'AVAILABLE') },
    agentNotReady: { confirm: onAgent('agent.notReady', 'agent.updated'), run: setState(access, 'UNAVAILABLE') },
    agentWrapUp: { confirm: onAgent('agent.wrapUp'), run: setState(access, 'WRAP_UP') },
    queueJoin: { confirm: onAgent('agent.queueJoined'), run: setMembership(access, true) },
    queueLeave: { confirm: onAgent('agent.queueLeft'), run: setMembership(access, false) }
  }
}
