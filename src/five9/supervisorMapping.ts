/** Agents, and the calls they are seen in, from rows of the supervisor's statistics (five9.md 4.5, 7.1; model.md 4). */
import { legId, samePlain, type Agent, type AgentState, type Call, type EventName, type Party } from '../model'
import type { CallDraft, EventDraft } from '../session/types'
import type { PictureView } from '../state/picture'
import type { Memory } from './memory'
import { channelsOfRow, reasonOf, routingOf } from './presence'
import { defined, fields, flag, iso, lookup, millis, number, text, textOf, time, type Fields } from './read'
import { draft, type Scope } from './scope'
import type { RowChange } from './statistics'

/** Row states; any other word means that he is at work in a way we do not know (five9.md 4.6). */
const STATES: Readonly<Record<string, AgentState>> = { LOGGED_OUT: 'loggedOut', NOT_READY: 'notReady', READY: 'ready', RINGING: 'busy', ON_CALL: 'busy', ACW: 'wrapUp' }
const ENTERS: Readonly<Record<AgentState, EventName>> = {
  loggedOut: 'agent.loggedOut', wrapUp: 'agent.wrapUp', busy: 'agent.busy', notReady: 'agent.notReady', ready: 'agent.ready', unknown: 'agent.updated'
}
const WITH_CALL: ReadonlySet<string> = new Set(['RINGING', 'ON_CALL'])

/** The agent that a row of AGENT_STATE tells. */
export function agentOfRow (memory: Memory, id: string, row: Fields, at: number, known?: Agent): Agent {
  const { reference } = memory
  const word = textOf(row, 'state')
  const state = word === undefined ? 'unknown' : lookup(STATES, word) ?? 'busy'
  const told = routingOf(reference, fields(row.presence))
  const user = memory.userRef(id)
  const reasonId = text(row.reasonCodeId)
  const reason = reasonId === undefined || reasonId === '0'
    ? told.reason
    : state === 'loggedOut' ? defined({ id: reasonId, name: reference.name('logoutCodes', reasonId) }) : reasonOf(reference, reasonId)
  const onCall = word === 'ON_CALL' ? 1 : 0
  const call = memory.statistics.calls.get(id)
  const hidden = state === 'loggedOut' || state === 'unknown'
  return defined({
    id,
    name: user.name,
    number: user.number,
    user,
    state,
    routing: hidden ? undefined : told.routing ?? (state === 'ready' || state === 'notReady' ? state : undefined),
    reason: state === 'notReady' || state === 'loggedOut' ? reason : undefined,
    pending: hidden ? undefined : told.pending,
    since: time(row.stateSince) ?? (known?.state === state ? known.since : iso(at)),
    reasonSince: state === 'notReady' ? time(row.reasonCodeSince) : undefined,
    loggedInAt: state === 'loggedOut' ? undefined : known?.loggedInAt ?? time(session(memory, id)?.sessionStart),
    workload: hidden ? undefined : { acd: 0, other: onCall, ringing: word === 'RINGING' ? 1 : 0, held: (millis(row.onHoldStateSince) ?? 0) > 0 ? 1 : 0 },
    callIds: state === 'busy' && call !== undefined ? [call.id] : undefined,
    channels: hidden ? undefined : channelsOfRow(row),
    queues: known?.queues,
    wrapUp: state === 'wrapUp' ? defined({ callId: memory.statistics.lastCalls.get(id) }) : undefined,
    vendorState: word
  }) as Agent
}

function session (memory: Memory, id: string): Fields | undefined {
  for (const row of memory.statistics.rows('USER_SESSION').values()) if (text(row.userId) === id && !/super/i.test(text(row.role) ?? '')) return row
  return undefined
}

/** What a changed row of AGENT_STATE means: steps of the call first, then the agent. The own agent's half knows more of him (model.md R5). */
export function agentRowDrafts (scope: Scope, change: RowChange): EventDraft[] {
  const { memory, picture, frame } = scope
  const { id, after } = change
  if (memory.isAgent && id === memory.uid) return []
  const known = picture.agent(id)
  if (after === undefined) {
    const ended = endOfCall(scope, id)
    return known === undefined || known.state === 'unknown' ? ended : [...ended, draft(scope, 'agent.updated', { agent: defined({ id, name: known.name, user: known.user, state: 'unknown' as const, since: iso(frame.at) }) as Agent, changes: ['state'] })]
  }
  const calls = callDrafts(scope, id, change.before, after)
  const agent = agentOfRow(memory, id, after, frame.at, known)
  if (known !== undefined && samePlain(known, agent)) return calls
  const about = { agent, user: memory.userRef(id) }
  const drafts: EventDraft[] = []
  if (known === undefined || agent.state !== known.state) {
    if (known?.state === 'loggedOut') drafts.push(draft(scope, 'agent.loggedIn', about))
    drafts.push(draft(scope, ENTERS[agent.state], about))
  } else if (agent.state === 'notReady' && !samePlain(agent.reason, known.reason)) drafts.push(draft(scope, 'agent.notReady', about))
  else drafts.push(draft(scope, 'agent.updated', about))
  return [...calls, ...drafts]
}

/**
 * The leg that a row shows, or undefined. There is no call id: it is made of agent and beginning, and kept from ringing to the end.
 */
export function legOfRow (memory: Memory, picture: PictureView, agentId: string, row: Fields, at: number): CallDraft | undefined {
  const word = textOf(row, 'state') ?? ''
  const { statistics, reference } = memory
  if (!WITH_CALL.has(word)) return undefined
  const began = millis(row.onCallStateSince)
  const current = statistics.calls.get(agentId)
  // Another beginning is another call.
  const known = current === undefined || (current.since !== undefined && current.since !== began) ? undefined : picture.call(current.id)
  const since = (word === 'RINGING' ? millis(row.stateSince) : began ?? millis(row.stateSince)) ?? at
  const held = word === 'ON_CALL' && millis(row.onHoldStateSince) !== undefined
  const outbound = /OUT|MANUAL|PREVIEW/i.test(textOf(row, 'callType') ?? '')
  const direction = known?.direction ?? (outbound ? 'outbound' as const : 'inbound' as const)
  const owner = memory.ownerOf(agentId)
  const own = defined({ userId: agentId, name: owner.name, number: owner.number, kind: 'user' as const })
  const remote = customerOf(row.customer) ?? known?.remote
  const campaignId = textOf(row, 'campaignId')
  const state = word === 'RINGING' ? outbound ? 'dialing' as const : 'ringing' as const : held ? 'held' as const : 'active' as const
  const id = known?.id ?? legId(`sup:${agentId}`, String(since))
  return defined({
    id,
    owner,
    state,
    vendorState: word,
    heldBy: held ? 'local' as const : undefined,
    heldAt: held ? time(row.onHoldStateSince) : undefined,
    direction,
    from: direction === 'inbound' ? remote : own,
    to: direction === 'inbound' ? own : remote,
    remote,
    startedAt: known?.startedAt ?? iso(since),
    ringingAt: known?.ringingAt ?? (word === 'RINGING' && !outbound ? iso(since) : undefined),
    answeredAt: word === 'ON_CALL' ? known?.answeredAt ?? time(row.onCallStateSince) : undefined,
    agent: defined({ id: agentId, name: owner.name }),
    campaign: campaignId === undefined ? known?.campaign : reference.ref('campaigns', campaignId),
    recording: flag(row.sessionRecording) === true || flag(row.permanentRecording) === true ? { state: 'on' as const } : known?.recording === undefined ? undefined : { state: 'off' as const }
  }) as CallDraft
}

/** The other party of an agent's call: a text in all that is known, of which nobody says whether it may be a number, and no type of the vendor's (five9.md 4.5). */
function customerOf (told: unknown): Party | undefined {
  const word = text(told) ?? textOf(fields(told), 'name', 'fullName')
  const number = textOf(fields(told), 'number', 'ani')
  if (word === undefined && number === undefined) return undefined
  return word !== undefined && number === undefined && /^\+?[\d\s().-]{5,}$/.test(word) ? { number: word } : defined({ number, name: word })
}

/** Remembers which leg an agent is seen in. */
export function follow ({ statistics }: Memory, agentId: string, id: string, row: Fields): void {
  statistics.calls.set(agentId, defined({ id, since: millis(row.onCallStateSince) }) as { id: string; since?: number })
}

function endOfCall ({ memory, picture, ...scope }: Scope, agentId: string, at = scope.frame.at): EventDraft[] {
  const known = picture.call(memory.statistics.calls.get(agentId)?.id ?? '')
  memory.statistics.calls.delete(agentId)
  if (known === undefined) return []
  memory.statistics.lastCalls.set(agentId, known.id)
  const endReason = known.answeredAt === undefined ? 'unknown' as const : 'normal' as const
  const call: Call = { ...known, state: 'ended', endedAt: iso(at), endReason }
  delete call.heldBy
  return [draft(scope, 'call.ended', { call, reason: endReason })]
}

function callDrafts (scope: Scope, agentId: string, before: Fields | undefined, row: Fields): EventDraft[] {
  const { memory, picture, frame } = scope
  const parked = number(row.parkedCallsCount) ?? 0
  const wasParked = number(before?.parkedCallsCount) ?? 0
  const drafts = before !== undefined && parked !== wasParked ? parkedDrafts(scope, agentId, row, parked > wasParked) : []
  const current = memory.statistics.calls.get(agentId)
  const leg = legOfRow(memory, picture, agentId, row, frame.at)
  if (current !== undefined && leg?.id !== current.id) drafts.push(...endOfCall(scope, agentId, millis(row.afterCallWorkStateSince) ?? millis(row.stateSince)))
  if (leg === undefined) return drafts
  follow(memory, agentId, leg.id, row)
  // The step was told just now; the picture learns of it with this frame.
  if (drafts.some(({ event, call }) => event === 'call.unparked' && call?.id === leg.id)) return drafts
  const known = picture.call(leg.id)
  const event = stepOf(known, leg)
  // The first sign of an outbound call is that he talks (five9.md 7.1).
  if (known === undefined && leg.direction === 'outbound' && event !== 'call.originated') drafts.push(draft(scope, 'call.originated', { call: { ...leg, state: 'dialing' } }))
  drafts.push(draft(scope, event, { call: leg }))
  if (event !== 'call.recording' && known !== undefined && known.recording?.state !== leg.recording?.state) drafts.push(draft(scope, 'call.recording', { call: leg }))
  return drafts
}

function stepOf (known: Call | undefined, leg: CallDraft): EventName {
  if (known === undefined || known.state !== leg.state) {
    if (leg.state === 'dialing') return 'call.originated'
    if (leg.state === 'ringing') return 'call.ringing'
    if (leg.state === 'held') return 'call.held'
    return known?.state === 'held' ? 'call.resumed' : 'call.answered'
  }
  return known.recording?.state !== leg.recording?.state ? 'call.recording' : 'call.updated'
}

/** One more or one less is parked. Which one is not told: the one he had, and the last one parked. */
function parkedDrafts (scope: Scope, agentId: string, row: Fields, more: boolean): EventDraft[] {
  const { memory, picture } = scope
  const { calls } = memory.statistics
  if (more) {
    const leg = picture.call(calls.get(agentId)?.id ?? '')
    calls.delete(agentId)
    return leg === undefined ? [] : [draft(scope, 'call.parked', { call: { ...leg, state: 'parked' } })]
  }
  const leg = picture.callsOf(agentId).filter(({ state }) => state === 'parked').at(-1)
  if (leg === undefined) return []
  if (textOf(row, 'state') !== 'ON_CALL') return [draft(scope, 'call.ended', { call: { ...leg, state: 'ended', endReason: 'unknown' }, reason: 'unknown' })]
  follow(memory, agentId, leg.id, row)
  return [draft(scope, 'call.unparked', { call: { ...leg, state: 'active' } })]
}
