/** From facts of the PBX to events of calls (webex-calling.md 4.4). Names that were never observed are those that XSI has for the same (U16). */
import { type CauseName, type Connection, type Fact } from '../../pbx/types'
import { type Json } from '../http'
import { callFields, type CallState, endpointFields, iso, stateOf } from '../render/call'
import { type Site } from '../site'

export type EventName = 'created' | 'updated' | 'deleted'
interface CallEvent { event: EventName; eventType: string }

const ENDINGS = new Set<Fact['type']>(['cleared', 'diverted', 'transferred', 'parked', 'dequeued'])
const FORWARDED = new Set<CauseName>(['forwardAlways', 'forwardBusy', 'forwardNoAnswer', 'forwardNotReachable'])
/** The call goes on at somebody else's; it does not prove an answer there (U17). */
const ELSEWHERE = new Set<CauseName>(['answeredElsewhere', 'pickedUp', 'bounced'])
const BEGINNINGS: Partial<Record<Fact['type'], string>> = { serviceInitiated: 'originating', originated: 'originated', delivered: 'received' }
const CHANGES: Partial<Record<`${CallState}>${CallState}`, string>> = {
  'alerting>connected': 'answered', 'connecting>connected': 'answered', 'connected>held': 'held', 'remoteHeld>held': 'held', 'held>connected': 'resumed', 'held>remoteHeld': 'resumed',
  'connected>remoteHeld': 'remoteHeld', 'remoteHeld>connected': 'remoteResumed', 'alerting>held': 'answered', 'connecting>held': 'answered'
}

/** What the owner of a connection hears of a fact; undefined when nothing of it can be seen. */
export function callEvent (site: Site, { type, cause, connection, before, detail }: Fact): CallEvent | undefined {
  if (connection?.party.kind !== 'user') return undefined
  if (connection.state === 'null') return ENDINGS.has(type) ? ending(connection, type, cause) : undefined
  if (before === undefined) {
    if (begins(type, connection)) return { event: 'created', eventType: BEGINNINGS[type] ?? type }
    const rings = type === 'callInformation' && connection.personality === 'terminator' && Array.isArray(detail?.changed) && detail.changed.includes('devices')
    return rings ? { event: 'updated', eventType: 'updated' } : undefined
  }
  if (type === 'originated') return { event: 'updated', eventType: 'originated' }
  if (type === 'recording') return { event: 'updated', eventType: 'recording' }
  const [was, is] = [stateOf(before), stateOf(connection)]
  if (was === is && before.deviceKey === connection.deviceKey && shown(site, before) === shown(site, connection)) return undefined
  return { event: 'updated', eventType: CHANGES[`${was}>${is}`] ?? 'updated' }
}

/** `data` of a call's event. A phone is not tied to the call before its second event. */
export function callData (site: Site, connection: Connection, { event, eventType }: CallEvent, at: number): Json {
  return {
    eventType: site.options.eventTypes[eventType] ?? eventType, eventTimestamp: iso(at), callId: site.ids.call(connection.key, 'event'), ...callFields(site, connection), ...(event === 'created' ? {} : endpointFields(site, connection)),
    completedElsewhere: connection.state === 'null' && elsewhere(site, connection)
  }
}

function elsewhere ({ options }: Site, { cause, queueKey }: Connection): boolean {
  return cause !== undefined && (ELSEWHERE.has(cause) || (options.elsewhereWhenAbandoned && cause === 'cancelled' && queueKey !== undefined))
}

function begins (type: Fact['type'], { personality }: Connection): boolean {
  return type === 'serviceInitiated' || type === 'originated' || (type === 'delivered' && personality === 'terminator')
}

/** Somebody whom nothing rang hears of his call only when it was forwarded. */
function ending (connection: Connection, type: Fact['type'], cause: CauseName | undefined): CallEvent | undefined {
  const forwarded = type === 'diverted' && cause !== undefined && FORWARDED.has(cause)
  if (!forwarded && connection.direction === 'inbound' && connection.alertedAt === undefined && connection.answeredAt === undefined) return undefined
  return { event: 'deleted', eventType: forwarded ? 'forwarded' : 'disconnected' }
}

function shown (site: Site, connection: Connection): string {
  return JSON.stringify(callFields(site, connection))
}
