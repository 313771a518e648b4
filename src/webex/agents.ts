/** Agent state, polled: the self API of queues (webex-calling.md 3.8; model.md 4). Pure. */
import { AGENT_STATES, samePlain, type Agent, type AgentState, type Call, type EventName, type Queue } from '../model'
import type { EventDraft } from '../session/types'
import { boolean, defined, number, records, text, type Json } from './read'
import type { Target } from './scope'

/** `SIGN_IN` reads back as available or unavailable in most cases; where it does not, what follows is not known yet (U10). */
const STATES: Readonly<Record<string, AgentState>> = { SIGN_IN: 'notReady', SIGN_OUT: 'loggedOut', AVAILABLE: 'ready', UNAVAILABLE: 'notReady', WRAP_UP: 'wrapUp' }
const ROUTING: Readonly<Record<string, Agent['routing']>> = { SIGN_IN: 'notReady', AVAILABLE: 'ready', UNAVAILABLE: 'notReady' }
const EVENT_OF: Readonly<Partial<Record<AgentState, EventName>>> = { notReady: 'agent.notReady', ready: 'agent.ready', busy: 'agent.busy', wrapUp: 'agent.wrapUp' }

/** On a call of a queue: the vendor does not say so, his own legs do. */
const isBusy = (legs: readonly Call[]): boolean => legs.some(({ queue, state }) => queue !== undefined && (state === 'active' || state === 'held'))

/**
 * The agent as read; undefined for somebody who is none.
 * @param legs his open calls
 * @param now ISO, on the vendor's clock: when a state that is new began
 */
export function mapAgent (node: Json, target: Target, legs: readonly Call[], known: Agent | undefined, now: string): Agent | undefined {
  const word = text(node, 'agentACDState')
  const queues = records(node, 'queues').flatMap((one) => {
    const id = text(one, 'id')
    return id === undefined ? [] : [defined({
      id,
      name: text(one, 'name') ?? known?.queues?.find((queue) => queue.id === id)?.name,
      joined: boolean(one, 'available') ?? false,
      skill: number(one, 'skillLevel'),
      fixed: boolean(one, 'allowLogOffEnabled') === false ? true as const : undefined
    })] as NonNullable<Agent['queues']>
  })
  if (word === undefined && queues.length === 0) return undefined
  return withState({
    id: target.id, state: 'unknown', since: now, queues, user: target.user,
    ...defined({ name: target.owner.name, number: target.owner.number, vendorState: word })
  }, legs, known, now)
}

/** The composite state by what was read last and by the calls of now. */
export function withState (agent: Agent, legs: readonly Call[], known: Agent | undefined, now: string): Agent {
  const word = agent.vendorState ?? ''
  const told = STATES[word] ?? 'unknown'
  const candidates: AgentState[] = isBusy(legs) ? [told, 'busy'] : [told]
  const state = AGENT_STATES.find((one) => candidates.includes(one)) ?? 'unknown'
  const made: Agent = { ...agent, state, since: known?.state === state ? known.since : now }
  const routing = ROUTING[word]
  if (routing === undefined) delete made.routing
  else made.routing = routing
  if (known?.loggedInAt !== undefined && state !== 'loggedOut') made.loggedInAt = known.loggedInAt
  return made
}

/** What has changed of an agent that is known, in order. Nothing for one that is met for the first time: that is a matter of the snapshot. */
export function agentDrafts (known: Agent, agent: Agent, target: Target, queueOf: (id: string) => Queue | undefined): EventDraft[] {
  const draft = (event: EventName): EventDraft => ({ event, agent, user: target.user, derived: true })
  const about = ({ id, name }: { id: string; name?: string }): Queue => queueOf(id) ?? defined({ id, name }) as Queue
  const drafts: EventDraft[] = []
  for (const queue of agent.queues ?? []) {
    const before = known.queues?.find(({ id }) => id === queue.id)
    if ((before?.joined ?? false) !== queue.joined) drafts.push({ ...draft(queue.joined ? 'agent.queueJoined' : 'agent.queueLeft'), queue: about(queue) })
  }
  for (const queue of known.queues ?? []) {
    if (queue.joined && !agent.queues?.some(({ id }) => id === queue.id)) drafts.push({ ...draft('agent.queueLeft'), queue: about(queue) })
  }
  if (known.state === agent.state) {
    const plain = ({ since: _since, ...rest }: Agent): object => rest
    if (drafts.length === 0 && !samePlain(plain(known), plain(agent))) drafts.push(draft('agent.updated'))
    return drafts
  }
  if (agent.state === 'loggedOut') return [...drafts, draft('agent.loggedOut')]
  const wasOut = known.state === 'loggedOut'
  const event = EVENT_OF[agent.state]
  return [...drafts, ...(wasOut ? [draft('agent.loggedIn')] : []), ...(event === undefined ? [draft('agent.updated')] : [draft(event)])]
}
