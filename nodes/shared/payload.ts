/** What an action node reads from `msg.payload` when a field is set to "from the message". Pure. */
import { isPlainObject } from './coerce'

export type Payload = Readonly<Record<string, unknown>>

/** Fields that our own events and results carry: they say what was, not what to do, and are no parameters of the next action. */
const EVENT_FIELDS = new Set([
  'event', 'id', 'seq', 'epoch', 'platform', 'account', 'accountId', 'time', 'timeSource', 'receivedAt', 'initial', 'resynced', 'gap', 'derived', 'changes',
  'reason', 'cause', 'user', 'device', 'call', 'agent', 'queue', 'stats', 'forwarding', 'dnd', 'voicemail', 'presence', 'feature', 'connection', 'reference'
])
const RESULT_FIELDS = new Set([
  'action', 'platform', 'account', 'accountId', 'outcome', 'call', 'agent', 'forwarding', 'dnd', 'presence', 'feature', 'voicemail', 'conference', 'recording',
  'disposition', 'sent', 'data', 'items', 'nextCursor', 'total', 'vendorReply', 'warnings', 'tookMs', 'conversationId', 'newCallId', 'callId'
])
const NOTHING: ReadonlySet<string> = new Set()

/** Names that an event or a result uses for itself; none for a payload that a flow author made. */
export function reservedFields (payload: Payload): ReadonlySet<string> {
  if (typeof payload.event === 'string' && typeof payload.accountId === 'string') return EVENT_FIELDS
  if (typeof payload.outcome === 'string' && typeof payload.tookMs === 'number') return RESULT_FIELDS
  return NOTHING
}

/** An id where an id, or an object that has one, was given. @param keys tried in order on an object */
export function idOf (value: unknown, keys: readonly string[] = ['id', 'number', 'extension', 'email']): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim()
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (!isPlainObject(value)) return undefined
  for (const key of keys) {
    const found = typeof value[key] === 'object' ? undefined : idOf(value[key])
    if (found !== undefined) return found
  }
  return undefined
}

function part (value: unknown, key: string): unknown {
  return isPlainObject(value) ? value[key] : undefined
}

/** Owner of the event's leg, if he is of that kind. */
function owner (payload: Payload, kind: string): unknown {
  const found = part(payload.call, 'owner')
  return part(found, 'kind') === kind ? found : undefined
}

type Source = (payload: Payload) => unknown

/** Where `auto` looks for an id, in order (design.md). */
const ID_SOURCES: Readonly<Record<string, readonly Source[]>> = {
  callId: [(payload) => payload.callId, (payload) => payload.call, (payload) => payload.newCallId],
  consultCallId: [(payload) => payload.consultCallId, (payload) => payload.newCallId],
  user: [(payload) => payload.user, (payload) => owner(payload, 'user'), (payload) => part(payload.agent, 'user')],
  agent: [(payload) => payload.agent, (payload) => part(payload.call, 'agent')],
  queue: [(payload) => payload.queue, (payload) => part(payload.call, 'queue'), (payload) => owner(payload, 'queue')]
}
/** An id of a leg is never its number. */
const LEG_KEYS = ['id']

export function hasIdSources (field: string): boolean {
  return Object.hasOwn(ID_SOURCES, field)
}

/** The id that a message gives for `field`, or undefined. */
export function idFromPayload (field: string, payload: Payload): string | undefined {
  const keys = field.endsWith('allId') ? LEG_KEYS : undefined
  for (const source of ID_SOURCES[field] ?? []) {
    const id = idOf(source(payload), keys)
    if (id !== undefined) return id
  }
  return undefined
}
