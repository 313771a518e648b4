/** Call events: what one half of a call tells its user, or the queue that it waits in (xsi.md 4.9, 9). */
import { type Connection, type Party } from '../../pbx/types'
import { type FactContext, type FactEvent, type FactTable } from '../events'
import { callsState } from '../initial'
import { callEl, type CallView, controlsOf, RECORDING_STATES } from '../render/call'
import { el, type El } from '../tree'
import { monitoringEvents } from './conferences'

/** A transfer of two calls is one event: the first half waits here for the second. */
export interface CallMemory { transferred?: { connection: Connection; call: El } }

const ADVANCED = ['Advanced Call']

function owner (connection: Connection): Pick<FactEvent, 'userKey' | 'queueKey'> | undefined {
  if (connection.party.kind === 'user') return { userKey: connection.party.userKey }
  if (connection.party.kind === 'queue') return { queueKey: connection.party.queueKey ?? connection.queueKey }
  return undefined
}

/** One event with one call, or none when the half belongs to nobody who can be subscribed. */
function event ({ site, fact }: FactContext, type: string, view?: CallView): FactEvent[] {
  const { connection } = fact
  const whose = connection && owner(connection)
  return connection && whose ? [{ ...whose, type: `${type}Event`, data: [callEl(site, connection, view)] }] : []
}

function numberOf (value: unknown): string | undefined {
  return (value as Party | undefined)?.number
}

function changed (context: FactContext): string[] {
  const list = context.fact.detail?.changed
  return Array.isArray(list) ? list.map(String) : []
}

function released (context: FactContext, extra: CallView = {}): FactEvent[] {
  return event(context, 'CallReleased', { state: 'Released', releasedAt: context.fact.connection?.endedAt ?? context.fact.at, ...extra })
}

/** The call went elsewhere: Redirected for those who may know, Released for the others (xsi.md 11). */
function redirected (context: FactContext, to: string | undefined): FactEvent[] {
  const { site, fact } = context
  const { connection } = fact
  const whose = connection && owner(connection)
  if (!connection || !whose) return []
  const view: CallView = { state: 'Detached', redirect: { to, cause: fact.cause, at: fact.at }, detachedAt: fact.at }
  const instead = released(context)[0]
  return [{ ...whose, type: 'CallRedirectedEvent', data: [el('calls', callEl(site, connection, view))], instead }]
}

/** The call is presented to somebody else now, and the user has no control of it any more. */
function detached (context: FactContext): FactEvent[] {
  return event(context, 'CallDetached', { state: 'Detached', detachedAt: context.fact.at }).map((item) => ({ ...item, instead: released(context)[0] }))
}

function diverted (context: FactContext): FactEvent[] {
  const { connection, before, detail, cause } = context.fact
  if (connection?.party.kind !== 'user') return []
  if (cause === 'pickedUp') return detached(context)
  const gone = redirected(context, numberOf(detail?.to))
  if (before?.alertedAt !== undefined) return gone
  // Never rang: services took the call before a phone was tried, which only this package shows.
  return [...event(context, 'CallReceived', { state: 'Alerting', bare: true }), ...gone.map((item) => ({ ...item, instead: undefined }))].map((item) => ({ ...item, only: ADVANCED }))
}

/** The one who transfers: both his halves in one event. */
function transferor (context: FactContext): FactEvent[] {
  const { site, fact, memory } = context
  const { connection, related, detail } = fact
  if (!connection) return []
  const own = redirected(context, numberOf(detail?.to))[0]
  const inner = own?.data[0]?.children?.[0]
  if (!own || !inner) return []
  if (detail?.second !== true && related !== undefined && related.length > 0) {
    memory.transferred = { connection, call: inner }
    return []
  }
  const first = memory.transferred
  memory.transferred = undefined
  if (!first) return [own]
  const single = (one: Connection): FactEvent => ({ userKey: own.userKey, type: 'CallReleasedEvent', data: [callEl(site, one, { state: 'Released', releasedAt: fact.at })], only: ['Basic Call', 'Standard Call'] })
  return [{ ...own, data: [el('calls', first.call, inner)], instead: undefined }, single(first.connection), single(connection)]
}

function transferred (context: FactContext): FactEvent[] {
  return context.fact.detail?.role === 'transferor' ? transferor(context) : event(context, 'CallTransferred')
}

/** Holds: those of the other end are shown only while this end does not hold itself. */
function held (context: FactContext): FactEvent[] {
  const remote = context.fact.detail?.by === 'remote'
  return remote && context.fact.connection?.heldBy === 'both' ? [] : event(context, 'CallHeld')
}

function retrieved (context: FactContext): FactEvent[] {
  const { connection, detail } = context.fact
  if (detail?.by === 'remote') return connection?.heldBy === 'local' ? [] : event(context, 'CallRetrieved')
  if (connection?.heldBy === 'remote') return [...event(context, 'CallRetrieved', { state: 'Active' }), ...event(context, 'CallHeld')]
  return event(context, 'CallRetrieved')
}

function delivered (context: FactContext): FactEvent[] {
  const { connection } = context.fact
  if (connection?.personality === 'terminator') return event(context, 'CallReceived', { bare: true })
  return connection?.party.kind === 'user' ? event(context, 'CallUpdated') : []
}

function information (context: FactContext): FactEvent[] {
  const { connection, detail } = context.fact
  const what = changed(context)
  if (connection?.party.kind !== 'user') return []
  if (detail?.forwardedTo !== undefined) return event(context, 'CallForwarded')
  if (detail?.pickedUpBy !== undefined) return event(context, 'CallPickedUp')
  if (what.includes('monitor')) return monitoringEvents(context, 'ConferenceUpdated')
  if (what.includes('info')) return event(context, 'CallClientSessionInfoUpdated')
  return what.some((name) => ['devices', 'remote', 'appearance'].includes(name)) ? event(context, 'CallUpdated') : []
}

const RECORDING_EVENTS: Record<string, string> = { starting: 'CallRecordingStarting', started: 'CallRecordingStarted', paused: 'CallRecordingPaused', resumed: 'CallRecordingResumed', stopped: 'CallRecordingStopped', failed: 'CallRecordingStopped' }

function recording (context: FactContext): FactEvent[] {
  const { site, fact } = context
  const { connection } = fact
  const action = String(fact.detail?.action ?? '')
  const type = RECORDING_EVENTS[action]
  if (!connection || type === undefined) return []
  const state = connection.recording?.state
  const view: CallView = { recording: { controls: controlsOf(site, connection), state: state && RECORDING_STATES[state], recorded: fact.detail?.recorded === true } }
  const reason = type === 'CallRecordingStopped' ? { name: 'reason', text: action === 'failed' ? 'Failure' : 'User Requested' } : undefined
  return event(context, type, view).map((item) => reason ? { ...item, data: [...item.data, reason] } : item)
}

const MONITORED: Partial<Record<string, string>> = { bargeIn: 'CallBargedIn', silentMonitor: 'CallMonitored', whisper: 'CallMonitored' }

/** Somebody listens to this user's call or joins it. That he left has no event of its own: the call is as it was, and told once more. */
function monitored (context: FactContext): FactEvent[] {
  const type = MONITORED[context.fact.cause ?? '']
  return type === undefined ? [] : event(context, context.fact.detail?.state === 'ended' ? 'CallUpdated' : type)
}

/** The parked party of this house learns that somebody took it. */
function unparked (context: FactContext): FactEvent[] {
  return context.fact.cause === 'unparked' ? event(context, 'CallParkRetrieved') : []
}

function parked (context: FactContext): FactEvent[] {
  const slot = context.fact.detail?.slot
  return redirected(context, typeof slot === 'string' ? slot : undefined)
}

function cleared (context: FactContext): FactEvent[] {
  const { cause, connection } = context.fact
  return cause === 'answeredElsewhere' && connection?.queueConnection !== undefined ? detached(context) : [...monitoringEvents(context, 'ConferenceReleased'), ...released(context)]
}

function hook ({ site, fact }: FactContext): FactEvent[] {
  if (fact.detail?.userChanged === false || fact.userKey === undefined) return []
  const off = (fact.detail?.userHook ?? site.pbx.users.get(fact.userKey)?.hook) === 'off'
  return [{ userKey: fact.userKey, type: 'HookStatusEvent', data: [{ ...el('hookStatus'), text: off ? 'Off-Hook' : 'On-Hook' }] }]
}

/** The server lost its memory: everybody gets the complete list of what is there now. */
function reset ({ site }: FactContext): FactEvent[] {
  return resyncEvents(site)
}

/** CallSubscriptionResyncEvent of each user (xsi.md 4.9). */
export function resyncEvents (site: FactContext['site']): FactEvent[] {
  return [...site.pbx.users.values()].map((user) => ({ userKey: user.key, type: 'CallSubscriptionResyncEvent', data: callsState(site, user) }))
}

export const callEvents: FactTable = {
  serviceInitiated: (context) => context.fact.cause === 'clickToDial' ? event(context, 'CallOriginating', { personality: 'Click-to-Dial', unresolved: true, bare: true }).map((item) => withAppearance(item, context.fact.connection?.appearance ?? 1)) : [],
  originated: (context) => context.fact.connection?.party.kind === 'user' ? event(context, 'CallOriginated', { personality: 'Originator' }) : [],
  delivered,
  queued: (context) => context.fact.connection?.party.kind === 'queue' ? event(context, 'CallReceived') : event(context, 'CallUpdated'),
  established: (context) => [...event(context, 'CallAnswered'), ...monitoringEvents(context, 'ConferenceStarted')],
  held,
  retrieved,
  transferred,
  diverted,
  parked,
  unparked,
  monitored,
  failed: (context) => event(context, 'CallReleasing', { state: 'Active', releaseCause: context.fact.cause }),
  cleared,
  dequeued: (context) => context.fact.detail?.to !== undefined || context.fact.agentKey !== undefined ? redirected(context, numberOf(context.fact.detail?.to) ?? agentNumber(context)) : released(context),
  callInformation: information,
  recording,
  hook,
  reset
}

function agentNumber ({ site, fact }: FactContext): string | undefined {
  return site.pbx.agents.get(fact.agentKey ?? '')?.number
}

/** A click-to-dial has a line although no phone is off-hook yet. */
function withAppearance (item: FactEvent, line: number): FactEvent {
  const call = item.data[0]
  const children = call?.children ?? []
  const at = children.findIndex((child) => child.name === 'startTime')
  return { ...item, data: [{ ...el('call'), children: [...children.slice(0, at), { name: 'appearance', text: String(line) }, ...children.slice(at)] }] }
}
