/** What the actions share: on whose behalf, which call, what is dialled (webex-calling.md 3, 7.3; model.md 5.1). */
import { CtiError, diallable, parseAddress, type ActionRequest, type ActionResult, type Party, type TelephonyEvent, type To } from '../../model'
import type { VendorLeg } from '../../session/secondLeg'
import type { ActionContext, ActionEntry } from '../../session/types'
import type { ApiReply, WebexApi } from '../api'
import type { Authorizer } from '../authorizer'
import type { WebexConnection } from '../connection'
import { decodeId, keyOf, regionOf } from '../ids'
import { actionPath, callsPath, lineQuery, type Line } from '../line'
import type { DriverMemory, OwnMark } from '../memory'
import type { Settings } from '../options'
import type { Person } from '../people'
import { records, text, type Json } from '../read'
import type { Tokens } from '../tokens'

/** The driver as actions see it. */
export interface Access {
  /** @throws CtiError CTI_NOT_CONNECTED */
  connection (): WebexConnection
  readonly memory: DriverMemory
  readonly settings: Settings
  readonly tokens: Tokens
  readonly authorizer: Authorizer
}

export type Run = ActionEntry['run']
export type Confirm = NonNullable<ActionEntry['confirm']>

export const invalid = (message: string): CtiError => new CtiError('CTI_INVALID_REQUEST', message, { vendor: 'webex', retryable: false })
export const conflict = (message: string): CtiError => new CtiError('CTI_CONFLICT', message, { vendor: 'webex', retryable: false })
export const notFound = (message: string): CtiError => new CtiError('CTI_NOT_FOUND', message, { vendor: 'webex', retryable: false })
const forbidden = (message: string): CtiError => new CtiError('CTI_FORBIDDEN', message, { vendor: 'webex', retryable: false })

/** Whose own authorisation a request is to use: `as` of the request or of its options. */
export function asOf (request: ActionRequest): string | undefined {
  const given = request.vendor?.as ?? request.as
  return typeof given === 'string' && given !== '' ? given : undefined
}

/** An extra text of the request's options. */
export function extra (request: ActionRequest, name: string): string | undefined {
  const given = request.vendor?.[name]
  return typeof given === 'string' && given !== '' ? given : undefined
}

/** A person by id, e-mail address, number or extension. @throws CtiError CTI_NOT_FOUND */
export async function personOf (access: Access, word: string, context: ActionContext, api?: WebexApi): Promise<Person> {
  const known = access.memory.people.find(word)
  if (known !== undefined) return known
  if (decodeId(word) !== word) return { id: word }
  const [found] = word.includes('@') && api !== undefined ? await access.connection().findPeople(api, { email: word }, context.signal) : []
  if (found === undefined) throw notFound(`"${word.slice(0, 60)}" is not known here: name a person by id or e-mail address.`)
  return found
}

/** The person who acts with an own authorisation; it must be his own call and his own line (nobody acts on somebody else's through a bot). */
async function ownToken (access: Access, request: ActionRequest, as: string, context: ActionContext): Promise<Line> {
  const person = access.memory.people.find(as) ?? { id: as }
  const named = request.agent ?? request.user
  const other = context.leg?.owner.id ?? (named === undefined ? undefined : access.memory.people.find(named)?.id ?? named)
  if (other !== undefined && keyOf(other) !== keyOf(person.id)) throw forbidden('Somebody who acts with an own authorisation can act on the own line only.')
  if (await access.tokens.record(person.id) === undefined) {
    throw new CtiError('CTI_UNAUTHORIZED', 'This person has not authorised yet: "webex.authorize" gives the address to send.', { vendor: 'webex', retryable: false, authorise: true })
  }
  const connection = access.connection()
  return connection.watchOf(person.id)?.line ?? connection.lineOf(person, 'calls', connection.person(person.id))
}

/** On whose behalf the request is: of `as`, of its leg, of the user or agent named, else the account's own line. @throws CtiError */
export async function lineOf (access: Access, request: ActionRequest, context: ActionContext): Promise<Line> {
  const as = asOf(request)
  if (as !== undefined) return ownToken(access, request, as, context)
  const connection = access.connection()
  const { main, own } = connection
  // A bot's flow that forgets whose request it is must not act on whoever has a call just now.
  if (access.settings.auth.kind === 'none') throw invalid('The account has no line of its own: say with whose authorisation ("as" in the options).')
  const named = (context.leg?.owner.kind === 'user' ? context.leg.owner.id : undefined) ?? request.agent ?? request.user
  const person = named === undefined ? own : await personOf(access, named, context, main)
  if (person === undefined) {
    throw invalid('The account has no line of its own: say whose with "user", the id of a member.')
  }
  const watched = connection.watchOf(person.id)
  if (watched !== undefined) return watched.line
  if (main !== undefined && own !== undefined && keyOf(own.id) === keyOf(person.id)) return connection.lineOf(own, access.settings.ownPaths, main)
  if (main !== undefined && access.settings.members) return connection.lineOf(person, 'member', main)
  throw forbidden('The account may act on its own line only. A service app, or an administrator with the scopes for members, may act on others.')
}

/** The account's own token, or that of `as`. */
export async function apiOf (access: Access, request: ActionRequest, context: ActionContext): Promise<WebexApi> {
  const connection = access.connection()
  if (asOf(request) !== undefined) return (await lineOf(access, request, context)).api
  const { main } = connection
  if (main === undefined) throw invalid('The account has no token of a user: say with whose authorisation ("as" in the options).')
  return main
}

/** The leg that the action needs. The session has found it, unless the action may do without. */
export function legOf (context: ActionContext): VendorLeg {
  const { leg } = context
  if (leg?.vendorId === undefined) throw notFound('There is no call that this could be done with.')
  if (leg.owner.kind === 'queue') throw CtiError.unsupported('this', 'webex', 'a call that waits in a queue can only be looked at', [])
  return leg as VendorLeg
}

/** The id of a call as requests take it: events of other regions have another (webex-calling.md 2.2, U24). */
export async function callIdOf (access: Access, context: ActionContext, line: Line, leg: VendorLeg): Promise<string> {
  const known = access.memory.restIdOf(leg.vendorId)
  if (known !== undefined || regionOf(leg.vendorId) === regionOf(line.id)) return known ?? leg.vendorId
  const reply = await line.api.get(callsPath(line), context.signal, lineQuery(line))
  for (const call of records(reply.node, 'items')) access.memory.noteRestId(text(call, 'id') ?? '')
  return access.memory.restIdOf(leg.vendorId) ?? leg.vendorId
}

/** Sends an action of a line, once. */
export async function command (access: Access, context: ActionContext, line: Line, action: string, body: Json): Promise<ApiReply> {
  return post(access, context, line, actionPath(line, action), body)
}

/** The same with another path. */
export async function post (access: Access, context: ActionContext, line: Line, at: string, body?: Json): Promise<ApiReply> {
  const query = lineQuery(line)
  const reply = await line.api.send({ method: 'POST', path: at, signal: context.signal, ...(query === undefined ? {} : { query }), ...(body === undefined ? {} : { body: defined(body) }) })
  access.connection().watchOf(line.id)?.acted()
  return reply
}

const defined = (body: Json): Json => Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))

/** An action on the leg of the request. */
export function onCall (access: Access, action: string, more: (request: ActionRequest) => Json = () => ({})): Run {
  return async (request, context) => {
    const leg = legOf(context)
    const line = await lineOf(access, request, context)
    await command(access, context, line, action, { callId: await callIdOf(access, context, line, leg), lineOwnerId: extra(request, 'lineOwnerId'), ...more(request) })
    return {}
  }
}

/** Does something that explains how legs will end; when it fails the explanation is taken back. An event may be faster than the reply. */
export async function marked<T> (access: Access, context: ActionContext, marks: readonly (readonly [string, OwnMark])[], work: () => Promise<T>): Promise<T> {
  const now = context.link.clock.now()
  for (const [leg, mark] of marks) access.memory.mark(leg, mark, now)
  try {
    return await work()
  } catch (error) {
    // A lost reply leaves open what happened: what follows may still be ours.
    const { code } = CtiError.from(error, 'webex')
    if (code !== 'CTI_UNKNOWN_OUTCOME' && code !== 'CTI_TIMEOUT') for (const [leg] of marks) access.memory.unmark(leg)
    throw error
  }
}

/** A number as it may be dialled, or a SIP or e-mail address as it is. @throws CtiError CTI_INVALID_REQUEST */
function dialString (raw: string): string {
  const trimmed = raw.trim()
  const number = diallable(trimmed)
  if (number !== undefined) return number
  if (/^(?:sips?:)?[^\s@]+@[^\s@]+$/i.test(trimmed)) return trimmed
  throw invalid(`"${trimmed.slice(0, 60)}" cannot be dialled.`)
}

/** How a person or queue is dialled. @throws CtiError CTI_NOT_FOUND */
export function numberOf (access: Access, word: string): string {
  const person = access.memory.people.find(word)
  const queue = access.connection().queueNumber(word)
  const number = queue ?? person?.extension ?? person?.number ?? person?.email
  if (number !== undefined) return number
  if (diallable(word) !== undefined || word.includes('@')) return dialString(word)
  throw notFound(`No number of "${word.slice(0, 60)}" is known.`)
}

/** `to` of a request as it is dialled. @throws CtiError CTI_INVALID_REQUEST, CTI_UNSUPPORTED, CTI_NOT_FOUND */
export function addressOf (access: Access, to: To): string {
  if (typeof to === 'string') return dialString(to)
  if (to.number !== undefined) return dialString(to.number)
  const word = to.user ?? to.agent ?? to.queue
  if (word !== undefined) return numberOf(access, word)
  throw CtiError.unsupported('to', 'webex', `"${Object.keys(to).join(', ')}" is not a destination of Webex here`, [])
}

/** What was dialled, as a party. */
export function partyTo (access: Access, address: string): Party {
  const { number } = parseAddress(address)
  const person = access.memory.people.find(address)
  return { ...(number === undefined ? { number: address } : { number }), ...(person?.name === undefined ? {} : { name: person.name, userId: person.id }) }
}

/** Which device rings first, and on which shared line, for an action that makes a call. */
export function ownPhone (request: ActionRequest): Json {
  const mobile = extra(request, 'singleNumberReachPhoneNumber')
  if (mobile !== undefined && request.device !== undefined) throw invalid('"device" and "singleNumberReachPhoneNumber" exclude each other.')
  return { endpointId: request.device, singleNumberReachPhoneNumber: mobile, lineOwnerId: extra(request, 'lineOwnerId') }
}

/**
 * The result of an action that made a leg. The event may have come already, and under another call id: the session is the same (webex-calling.md 6).
 * @param explain what has to be noted of the new leg before anything is told of it
 */
export async function startedLeg (access: Access, context: ActionContext, line: Line, reply: ApiReply, explain?: (newCallId: string) => void): Promise<Partial<ActionResult>> {
  const callId = text(reply.node, 'callId')
  if (callId === undefined) return {}
  const session = text(reply.node, 'callSessionId')
  const seen = session === undefined ? undefined : context.picture.callsOf(line.id).find((leg) => leg.direction === 'outbound' && leg.correlationId === keyOf(session))
  const newCallId = seen?.id ?? access.memory.announce(line.id, callId, session, context.link.clock.now())
  context.adopt(newCallId)
  explain?.(newCallId)
  // What follows names this leg: it must be known by then, though no event has told of it yet.
  if (context.picture.call(newCallId) === undefined && context.picture.tombstone(newCallId) === undefined) await access.connection().watchOf(line.id)?.readNow()
  return { newCallId }
}

/** Proved by one of these events of the leg. */
export function onLeg (...events: string[]): Confirm {
  return (event: TelephonyEvent, _request, _partial, leg) => leg !== undefined && event.call?.id === leg.id && events.includes(event.event)
}

/** Proved by one of these events of the leg that the action made. */
export function onNewLeg (...events: string[]): Confirm {
  return (event, _request, partial) => partial.newCallId !== undefined && event.call?.id === partial.newCallId && events.includes(event.event)
}
