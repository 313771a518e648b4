/** Which events an event node lets through. Pure; runs for every event of an account, before a message is made. */
import { DEFAULT_EVENTS, type Call, type TelephonyEvent } from '../../src/model'
import { toFlag, toList, toText } from './coerce'

/** Stands in the list of events for all `vendor.*` events. */
export const VENDOR_EVENTS = 'vendor.*'

export type EventFilter = (event: TelephonyEvent) => boolean
type Test = (event: TelephonyEvent) => boolean

/** Of the account, not of a person or a call: no filter but the list of events concerns them. */
const ABOUT_ACCOUNT = /^(?:connection\.|reference\.)/
/** An inbound leg that ended so did not miss its call: somebody else has it (model.md 9). */
const NOT_MISSED = new Set(['answeredElsewhere', 'pickedUp', 'forwarded'])

export interface Named { id?: string; name?: string; number?: string; extension?: string; email?: string }

/** Whether a list of wanted ids, numbers, extensions, names or e-mails has this one. */
export function isOneOf (wanted: ReadonlySet<string>, thing: Named | undefined): boolean {
  if (thing === undefined) return false
  const { id, name, number, extension, email } = thing
  return (id !== undefined && wanted.has(id)) || (number !== undefined && wanted.has(number)) || (extension !== undefined && wanted.has(extension))
    || (name !== undefined && wanted.has(name)) || (email !== undefined && wanted.has(email))
}

function userTest (wanted: ReadonlySet<string>): Test {
  return ({ user, call, agent, forwarding, stats }) =>
    isOneOf(wanted, user) || (call !== undefined && call.owner.kind !== 'queue' && isOneOf(wanted, call.owner))
    || isOneOf(wanted, agent) || isOneOf(wanted, agent?.user) || isOneOf(wanted, forwarding?.user)
    || (stats?.subject.kind === 'agent' && isOneOf(wanted, stats.subject))
}

function queueTest (wanted: ReadonlySet<string>): Test {
  return ({ queue, call, stats }) =>
    isOneOf(wanted, queue) || isOneOf(wanted, call?.queue) || (call?.owner.kind === 'queue' && isOneOf(wanted, call.owner))
    || (stats?.subject.kind === 'queue' && isOneOf(wanted, stats.subject))
}

/** The other party: who called, or who was called. */
function otherParty (call: Call): Call['remote'] {
  return call.remote ?? (call.direction === 'inbound' ? call.from : call.to)
}

/**
 * `+1202`, a prefix, or `/^\+?1202/`, an expression between slashes.
 * @throws SyntaxError when the expression is none
 */
function numberTest (pattern: string): Test {
  const expression = pattern.length > 2 && pattern.startsWith('/') && pattern.endsWith('/') ? new RegExp(pattern.slice(1, -1)) : undefined
  const fits = (text: string | undefined): boolean => text !== undefined && (expression ? expression.test(text) : text.startsWith(pattern))
  return ({ call }) => {
    if (call === undefined) return true
    const party = otherParty(call)
    return fits(party?.number) || fits(party?.e164) || fits(party?.extension)
  }
}

/** The end of an inbound leg that rang and was never active (model.md 9, missed per user). */
export function isMissed ({ event, call }: TelephonyEvent): boolean {
  return event === 'call.ended' && call?.direction === 'inbound' && call.owner.kind !== 'queue' && call.ringingAt !== undefined
    && call.answeredAt === undefined && !NOT_MISSED.has(call.endReason ?? '')
}

/**
 * @param def the event node's `events`, `user`, `queue`, `direction`, `number`, `missedOnly`
 * @throws SyntaxError when `number` is an expression that is none
 */
export function eventFilter (def: Readonly<Record<string, unknown>>): EventFilter {
  const chosen = Array.isArray(def.events) ? toList(def.events) : DEFAULT_EVENTS
  const names: ReadonlySet<string> = new Set(chosen)
  const vendor = names.has(VENDOR_EVENTS)
  const tests: Test[] = []
  const users = toList(def.user)
  const queues = toList(def.queue)
  const direction = toText(def.direction)
  const number = toText(def.number)
  if (users.length > 0) tests.push(userTest(new Set(users)))
  if (queues.length > 0) tests.push(queueTest(new Set(queues)))
  if (direction === 'inbound' || direction === 'outbound') tests.push(({ call }) => call === undefined || call.direction === direction)
  if (number !== '') tests.push(numberTest(number))
  const passes: Test = (event) => ABOUT_ACCOUNT.test(event.event) || tests.every((test) => test(event))
  if (toFlag(def.missedOnly)) return (event) => isMissed(event) && passes(event)
  return (event) => (names.has(event.event) || (vendor && event.event.startsWith('vendor.'))) && passes(event)
}
