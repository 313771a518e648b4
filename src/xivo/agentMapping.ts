/** Agents: one state of `availability`, pause a queue, membership (xivo-cti.md 3.3, 4.5; model.md 4). */
import { samePlain, type Agent, type AgentState, type EventName } from '../model'
import type { EventDraft } from '../session/types'
import { MEMBER } from './protocol'
import { defined, flag, iso, millis, number, text, texts, type Fields } from './read'
import { draft, type Scope } from './scope'
import { queueId, type Tables } from './tables'

/** Direction and kind came with 13.12 and 13.14; the document spells the word in two (xivo-cti.md 1.1, 10 trap 16). */
const NON_ACD = /^on_call_non_?acd(?:_(?:incoming|outgoing))?(?:_(?:internal|external))?$/

const isOther = (status: Fields): boolean => NON_ACD.test(text(status.availability) ?? '')
/** `on_call` is the older name (xivo-cti.md 11). */
const isAcd = (status: Fields): boolean => flag(status.on_call_acd) === true || (flag(status.on_call) === true && !isOther(status))

/** Precedence of model.md 4; `availability` itself says less than the flags beside it. */
function stateOf (status: Fields): AgentState {
  const availability = text(status.availability)
  if (availability === undefined) return 'unknown'
  if (availability === 'logged_out') return 'loggedOut'
  if (flag(status.on_wrapup) === true) return 'wrapUp'
  if (isAcd(status) || isOther(status)) return 'busy'
  return availability === 'available' ? 'ready' : availability === 'unavailable' ? 'notReady' : 'unknown'
}

/** Rows of `queuemembers` of an agent: queue id and row. */
function membershipsOf (tables: Tables, agent: string): { queue: string; config: Fields }[] {
  const dialled = text(tables.row('agents', agent).config.number)
  if (dialled === undefined) return []
  const prefix = `Agent/${dialled},`
  const found: { queue: string; config: Fields }[] = []
  for (const [id, row] of tables.lists.queuemembers) {
    if (!id.startsWith(prefix)) continue
    const queue = tables.queueOfName(text(row.config.queue_name) ?? id.slice(prefix.length))
    if (queue !== undefined) found.push({ queue, config: row.config })
  }
  return found
}

function queuesOf (tables: Tables, agent: string): NonNullable<Agent['queues']> {
  const members = new Map(membershipsOf(tables, agent).map(({ queue, config }) => [queue, config]))
  const ids = new Set([...texts(tables.row('agents', agent).status.queues), ...members.keys()])
  return [...ids].map((id) => {
    const config = members.get(id)
    return defined({
      id: queueId(id), name: tables.queueRef(id).name, joined: true, paused: flag(config?.paused), priority: number(config?.penalty)
    }) as NonNullable<Agent['queues']>[number]
  })
}

/** Why the agent is not ready: there are no pause reasons, but presences that pause (xivo-cti.md 3.7). */
function reasonOf (tables: Tables, agent: string): Agent['reason'] {
  const presence = text(tables.row('users', tables.userOfAgent(agent)).status.availstate)
  if (presence === undefined) return undefined
  const { name, actions } = tables.presence(presence)
  return 'queuepause_all' in actions ? defined({ id: presence, name }) : undefined
}

/**
 * The agent as the server tells it now.
 * @param since ms, used where the server gives no time
 */
export function agentOf (tables: Tables, id: string, since: number, known?: Agent): Agent {
  const { status } = tables.row('agents', id)
  const state = stateOf(status)
  const user = tables.userOfAgent(id)
  const dialled = text(status.phonenumber)
  const phone = dialled === undefined ? undefined : tables.phoneOfNumber(dialled)
  const queues = queuesOf(tables, id)
  const paused = queues.filter((queue) => queue.paused === true).length
  const availability = text(status.availability)
  const told = millis(status.availability_since)
  const acd = tables.acd.get(id)
  const hidden = state === 'loggedOut' || state === 'busy' || state === 'wrapUp' || state === 'unknown'
  return defined({
    ...tables.agentRef(id),
    id,
    user: user === undefined ? undefined : tables.userRef(user),
    device: phone === undefined ? undefined : tables.deviceOf(phone),
    state,
    routing: hidden ? undefined : state === 'ready' ? 'ready' as const : 'notReady' as const,
    reason: state === 'notReady' ? reasonOf(tables, id) : undefined,
    since: told !== undefined && known?.state !== state ? iso(told) : known?.state === state ? known.since : iso(since),
    workload: state === 'unknown' || state === 'loggedOut' ? undefined : { acd: isAcd(status) ? 1 : 0, other: isOther(status) ? 1 : 0, ringing: 0, held: 0 },
    callIds: state === 'busy' && acd?.callId !== undefined ? [acd.callId] : undefined,
    queues: queues.length === 0 ? undefined : queues,
    partial: state === 'ready' && paused > 0 ? true as const : undefined,
    wrapUp: state === 'wrapUp' ? defined({ callId: acd?.callId, queueId: acd?.queueId }) : undefined,
    vendorState: availability
  }) as Agent
}

const ENTERS: Readonly<Partial<Record<AgentState, EventName>>> = {
  loggedOut: 'agent.loggedOut', ready: 'agent.ready', notReady: 'agent.notReady', busy: 'agent.busy', wrapUp: 'agent.wrapUp'
}

/** What is new about an agent, compared with what was told before. */
export function agentDrafts (scope: Scope, id: string): EventDraft[] {
  const { tables, picture } = scope
  if (!tables.watches('agents', id)) return []
  const known = picture.agent(id)
  const agent = agentOf(tables, id, scope.now, known)
  const about = { agent, ...(agent.user === undefined ? {} : { user: agent.user }) }
  if (known === undefined) return agent.state === 'unknown' ? [] : [draft(scope, ENTERS[agent.state] ?? 'agent.updated', about)]
  const drafts: EventDraft[] = []
  const joined = (list: Agent['queues']): string[] => (list ?? []).map((queue) => queue.id)
  for (const queue of joined(agent.queues).filter((one) => !joined(known.queues).includes(one))) drafts.push(queueDraft(scope, 'agent.queueJoined', agent, queue))
  for (const queue of joined(known.queues).filter((one) => !joined(agent.queues).includes(one))) drafts.push(queueDraft(scope, 'agent.queueLeft', agent, queue))
  if (agent.state !== known.state) {
    if (known.state === 'loggedOut') drafts.push(draft(scope, 'agent.loggedIn', about))
    const name = ENTERS[agent.state]
    if (name !== undefined) drafts.push(draft(scope, name, about))
  } else if (agent.state === 'notReady' && !samePlain(agent.reason, known.reason)) drafts.push(draft(scope, 'agent.notReady', about))
  else if (!samePlain(agent, known)) drafts.push(draft(scope, 'agent.updated', about))
  return drafts
}

function queueDraft (scope: Scope, event: 'agent.queueJoined' | 'agent.queueLeft', agent: Agent, queue: string): EventDraft {
  const row = [...scope.tables.lists.queues.keys()].find((id) => queueId(id) === queue)
  return draft(scope, event, {
    agent, ...(agent.user === undefined ? {} : { user: agent.user }), queue: row === undefined ? { id: queue } : { ...scope.tables.queueRef(row), id: queue }
  })
}

/** An agent's queue call begins: its leg and queue are remembered for the wrap-up (model.md 3.2, agent.wrapUp). */
export function foldAgent (scope: Scope, id: string, before: Fields): void {
  const { tables, picture } = scope
  const { status } = tables.row('agents', id)
  if (!isAcd(status) || isAcd(before)) return
  const user = tables.userOfAgent(id)
  const leg = user === undefined ? undefined : picture.callsOf(user).find((call) => call.owner.kind !== 'queue' && (call.state === 'active' || call.state === 'ringing'))
  const member = membershipsOf(tables, id).find(({ config }) => config.status === MEMBER.inUse)
  const queue = leg?.queue?.id ?? (member === undefined ? undefined : queueId(member.queue))
  tables.acd.set(id, defined({ callId: leg?.id, queueId: queue, at: scope.now }) as { at: number })
}

/** `logged_in` of a registration: less than the broadcast, which follows (model.md R5). */
export function foldAgentRegistration (scope: Scope, id: string, status: string | undefined): void {
  const known = text(scope.tables.row('agents', id).status.availability)
  if (status === 'logged_out') scope.tables.merge('agents', id, { status: { availability: 'logged_out' } })
  else if (status === 'logged_in' && (known === undefined || known === 'logged_out')) scope.tables.merge('agents', id, { status: { availability: 'logged_in' } })
}
