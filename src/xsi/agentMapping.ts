/** Agents of call centres: one state for all queues (xsi.md 3.3, 4.11; model.md 4). */
import { legId, type Agent, type AgentState, type Call, type EventName } from '../model'
import type { EventDraft } from '../session/types'
import type { PictureView } from '../state/picture'
import { legIdOf } from './legs'
import type { XsiNode } from './protocol'
import { child, children, defined, has, iso, millis, number, text, time } from './read'
import { toldQueue } from './queues'
import { draft, legDraft, type ReduceContext, type Reducer, type ReducerTable, type Scope, type Target } from './scope'

interface VendorState { readonly state: AgentState; readonly routing?: Agent['routing'] }
const STATES: Readonly<Record<string, VendorState>> = {
  'Sign-In': { state: 'notReady', routing: 'notReady' },
  Available: { state: 'ready', routing: 'ready' },
  Unavailable: { state: 'notReady', routing: 'notReady' },
  'Wrap-Up': { state: 'wrapUp' },
  'Sign-Out': { state: 'loggedOut' }
}
const EVENT: Readonly<Record<AgentState, EventName>> = {
  loggedOut: 'agent.loggedOut', notReady: 'agent.notReady', ready: 'agent.ready', busy: 'agent.busy', wrapUp: 'agent.wrapUp', unknown: 'agent.updated'
}
/** Being in a queue call outranks these (model.md 4, precedence). */
const BELOW_BUSY: ReadonlySet<AgentState> = new Set<AgentState>(['ready', 'notReady'])

/** Legs of queue calls that the agent is on now. The vendor has no state for it. */
function acdLegs (picture: PictureView, agentId: string): Call[] {
  return picture.callsOf(agentId).filter((leg) => leg.agent !== undefined && (leg.state === 'active' || leg.state === 'held'))
}

/** When the state began, ms: `value` beside a severity, or the plain time of servers before release 19. */
function stateSince (info: XsiNode): number | undefined {
  return millis(child(info, 'stateTimestamp'), 'value') ?? millis(info, 'stateTimestamp')
}

/** One queue membership; `joined` is an empty element and missing means no (xsi.md 10, trap 12). */
function mapMembership (node: XsiNode): NonNullable<Agent['queues']>[number] | undefined {
  const id = text(node, 'acdUserId')
  return id === undefined ? undefined : defined({ id, joined: has(node, 'joined'), skill: number(node, 'skillLevel') })
}

/** Memberships of an `AgentSubscriptionEvent`. */
export function mapMemberships (data: XsiNode): NonNullable<Agent['queues']> {
  return children(child(child(data, 'joinData'), 'joinInfos'), 'joinInfo').map(mapMembership).filter((one) => one !== undefined)
}

/**
 * An agent from `agentStateInfo`, `stateInfo`, or the service `CallCenter` read by GET (`stateName`). Times are the vendor's.
 * @param busy the agent is in a queue call
 */
export function mapAgent (info: XsiNode, target: Pick<Target, 'id' | 'user'>, known: Agent | undefined, busy: boolean, now: number): Agent {
  const vendorState = text(info, 'state') ?? text(info, 'agentACDState')
  const told = vendorState === undefined ? undefined : STATES[vendorState]
  const plain = told?.state ?? 'unknown'
  const state = busy && BELOW_BUSY.has(plain) ? 'busy' : plain
  const code = text(info, 'unavailableCode') ?? text(info, 'agentUnavailableCode')
  const callId = text(info, 'wrapUpCallId')
  const since = stateSince(info)
  return defined({
    id: target.id,
    name: target.user?.name ?? known?.name,
    number: target.user?.number ?? known?.number,
    user: target.user ?? known?.user,
    state,
    routing: told?.routing ?? (plain === 'wrapUp' ? known?.routing : undefined),
    reason: code !== undefined && plain === 'notReady' ? { id: code } : undefined,
    since: (since === undefined ? undefined : iso(since)) ?? (known?.vendorState === vendorState ? known?.since : undefined) ?? iso(now),
    loggedInAt: plain === 'loggedOut' ? undefined : time(info, 'signInTimestamp') ?? known?.loggedInAt,
    queues: known?.queues,
    wrapUp: plain === 'wrapUp'
      ? defined({ callId: callId === undefined ? undefined : legId(target.id, callId), queueId: text(info, 'wrapUpCallCenterUserId') })
      : undefined,
    vendorState
  }) as Agent
}

const agentState: Reducer = (scope, data) => {
  const info = child(data, 'agentStateInfo') ?? child(data, 'stateInfo')
  const vendorState = text(info, 'state')
  if (info === undefined || vendorState === undefined || STATES[vendorState] === undefined) return [draft(scope, `vendor.${scope.message.type}`)]
  const known = scope.picture.agent(scope.target.id)
  const agent = mapAgent(info, scope.target, known, acdLegs(scope.picture, scope.target.id).length > 0, scope.context.now)
  // Sent again when only a severity has changed (xsi.md 4.11).
  if (known !== undefined && known.vendorState === agent.vendorState && known.reason?.id === agent.reason?.id && known.state === agent.state) return []
  const at = stateSince(info)
  const drafts: EventDraft[] = []
  if (known?.state === 'loggedOut' && agent.state !== 'loggedOut') drafts.push(draft(scope, 'agent.loggedIn', { agent }, at))
  if (vendorState === 'Sign-In' && drafts.length > 0) return drafts
  const moved = known?.state !== agent.state || (known.reason?.id !== agent.reason?.id && agent.state === 'notReady')
  drafts.push(moved ? draft(scope, EVENT[agent.state], { agent }, at) : draft(scope, 'agent.updated', { agent, changes: changes(known, agent) }, at))
  return drafts
}

function changes (known: Agent, agent: Agent): string[] {
  return (['routing', 'reason', 'wrapUp'] as const).filter((key) => JSON.stringify(known[key]) !== JSON.stringify(agent[key]))
}

const joinUpdate: Reducer = (scope, data) => {
  const change = children(child(data, 'ccAgentJoinUpdateData'), 'joinInfo').map(mapMembership).filter((one) => one !== undefined)
  const known = scope.picture.agent(scope.target.id) ?? unknownAgent(scope.target, scope.context)
  let agent = known
  return change.flatMap((membership) => {
    const before = agent.queues?.find(({ id }) => id === membership.id)
    if (before?.joined === membership.joined) return []
    agent = { ...agent, queues: [...agent.queues?.filter(({ id }) => id !== membership.id) ?? [], { ...before, ...membership }] }
    return [draft(scope, membership.joined ? 'agent.queueJoined' : 'agent.queueLeft', { agent, queue: toldQueue(scope, membership.id) })]
  })
}

function unknownAgent (target: Target, context: Pick<ReduceContext, 'now'>): Agent {
  return defined({ id: target.id, name: target.user?.name, number: target.user?.number, user: target.user, state: 'unknown' as const, since: iso(context.now) }) as Agent
}

const disposition: Reducer = (scope, data) => {
  const code = text(data, 'dispositionCode')
  const callId = text(data, 'callId')
  const id = callId === undefined ? undefined : legIdOf(scope.picture, scope.target.id, callId)
  const leg = id === undefined ? undefined : scope.picture.call(id) ?? scope.picture.tombstone(id)
  if (code === undefined || leg === undefined) return [draft(scope, `vendor.${scope.message.type}`)]
  return [legDraft(scope, 'call.disposition', { ...leg, disposition: { id: code } })]
}

/** A queue call became active: the agent is busy, which is our conclusion. Nothing is said of agents whose state is not known. */
export function settleDrafts (scope: Scope, leg: Pick<Call, 'id' | 'owner' | 'answeredAt'>): EventDraft[] {
  const known = scope.picture.agent(leg.owner.id)
  if (known === undefined || !BELOW_BUSY.has(known.state)) return []
  return [draft(scope, 'agent.busy', { agent: { ...known, state: 'busy', since: leg.answeredAt ?? iso(scope.context.now), callIds: [leg.id] }, derived: true })]
}

/**
 * The last queue call of a busy agent is over and the vendor said nothing since: back to what he asked for.
 * The session asks some 300 ms after the end, because Wrap-Up mostly follows within that time (xsi.md 9.9).
 */
export function freeDrafts (picture: PictureView, agentId: string, now: number): EventDraft[] {
  const known = picture.agent(agentId)
  if (known?.state !== 'busy' || acdLegs(picture, agentId).length > 0) return []
  const state = known.routing === 'notReady' ? 'notReady' : 'ready'
  const agent: Agent = { ...known, state, since: iso(now) }
  delete agent.callIds
  return [{ event: EVENT[state], agent, derived: true, ...(known.user === undefined ? {} : { user: known.user }) }]
}

export const AGENT_REDUCERS: ReducerTable = {
  AgentStateEvent: agentState,
  ACDAgentJoinUpdateEvent: joinUpdate,
  AgentDispositionCodeAddedEvent: disposition
}
