/** What the actions share: whose they are, where a call lives, what is dialled (xsi.md 3.2; model.md 5.1). */
import { CtiError, diallable, legId, type ActionRequest, type ActionResult, type Call, type TelephonyEvent, type To } from '../../model'
import type { ActionContext, ActionEntry } from '../../session/types'
import { path, type ApiReply, type ApiRequest } from '../api'
import type { XsiConnection } from '../connection'
import type { DriverMemory } from '../memory'
import type { XsiOptions } from '../options'
import { text } from '../read'

/** The driver as actions see it. */
export interface Access {
  /** @throws CtiError CTI_NOT_CONNECTED */
  connection (): XsiConnection
  readonly memory: DriverMemory
  readonly options: XsiOptions
}

const PAGE = 100
const MOST = 1000

export type Run = ActionEntry['run']
export type Confirm = NonNullable<ActionEntry['confirm']>

export const invalid = (message: string): CtiError => new CtiError('CTI_INVALID_REQUEST', message, { vendor: 'xsi', retryable: false })
export const conflict = (message: string): CtiError => new CtiError('CTI_CONFLICT', message, { vendor: 'xsi', retryable: false })
export const notFound = (message: string): CtiError => new CtiError('CTI_NOT_FOUND', message, { vendor: 'xsi', retryable: false })

/** Owner id of a user by any of his names; without a name the account's own. @throws CtiError CTI_NOT_CONNECTED before the log-in */
export function actorOf (access: Access, named: string | undefined): string {
  const { people } = access.memory
  if (named !== undefined) return people.find(named) ?? named
  if (people.own === undefined) throw new CtiError('CTI_NOT_CONNECTED', 'The account has not logged in yet.', { vendor: 'xsi', retryable: true })
  return people.own
}

/** Owner id of the person that a request is about: of its leg, of the user or agent named, else the account's own. */
export function subjectOf (access: Access, request: ActionRequest, context: ActionContext): string {
  return context.leg !== undefined && context.leg.owner.kind === 'user' ? context.leg.owner.id : actorOf(access, request.agent ?? request.user)
}

/** Path of a user's resource. */
export function userPath (access: Access, ownerId: string, ...more: readonly string[]): string {
  return path('user', access.memory.people.pathId(ownerId), ...more)
}

/** The leg that the action needs. The session has found it, unless the action may do without. */
export function legOf (context: ActionContext): Call & { vendorId: string } {
  const { leg } = context
  if (leg?.vendorId === undefined) throw notFound('There is no call that this could be done with.')
  return leg as Call & { vendorId: string }
}

/** Path of a call: below its user, or below its call centre when it waits in one. */
export function callPath (access: Access, leg: Call & { vendorId: string }, ...more: readonly string[]): string {
  return leg.owner.kind === 'queue' ? path('callcenter', leg.owner.id, 'calls', leg.vendorId, ...more) : userPath(access, leg.owner.id, 'calls', leg.vendorId, ...more)
}

/** Sends a command to Xsi-Actions, within the limits of the action. */
export function command (access: Access, context: ActionContext, method: string, at: string, query?: ApiRequest['query'], body?: ApiRequest['body']): Promise<ApiReply> {
  return access.connection().api.actions({
    method, path: at, signal: context.signal, ...(query === undefined ? {} : { query }), ...(body === undefined ? {} : { body })
  })
}

/** A number as it may be dialled, or a SIP address as it is. @throws CtiError CTI_INVALID_REQUEST */
export function dialString (raw: string): string {
  const bare = raw.trim()
  const number = diallable(bare)
  if (number !== undefined) return number
  if (/^(?:sip:)?[^\s@]+@[^\s@]+$/i.test(bare)) return bare
  throw invalid(`"${bare.slice(0, 60)}" cannot be dialled.`)
}

/** Number of a user or queue by which others of the group reach it. @throws CtiError CTI_NOT_FOUND */
export function numberOf (access: Access, word: string): string {
  const { people } = access.memory
  const id = people.find(word)
  const person = id === undefined ? undefined : people.get(id)
  const number = person?.extension ?? person?.number
  if (number !== undefined) return number
  if (diallable(word) !== undefined) return dialString(word)
  throw notFound(`No number of "${word.slice(0, 60)}" is known.`)
}

/** `to` of a request as an address to dial. @throws CtiError CTI_INVALID_REQUEST, CTI_UNSUPPORTED, CTI_NOT_FOUND */
export function addressOf (access: Access, to: To): string {
  if (typeof to === 'string') return dialString(to)
  if (to.number !== undefined) return dialString(to.number)
  const person = to.user ?? to.agent ?? to.queue
  if (person !== undefined) return numberOf(access, person)
  const kind = Object.keys(to).join(', ')
  throw CtiError.unsupported('to', 'xsi', `"${kind}" is not a destination of XSI here`, [])
}

/** Id of the leg that a `CallStartInfo` or a `Location` header names (xsi.md 3.2). */
export function newLeg (ownerId: string, reply: ApiReply): string | undefined {
  const { location } = reply.headers
  const last = typeof location === 'string' ? location.split('/').at(-1) : undefined
  const callId = text(reply.node, 'callId') ?? (last === undefined || last === '' ? undefined : safeDecode(last))
  return callId === undefined ? undefined : legId(ownerId, callId)
}

function safeDecode (part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    // Not percent-encoded: as it stands.
    return part
  }
}

/** The result of an action that made a leg; the caller's reference goes with it. */
export function startedLeg (context: ActionContext, ownerId: string, reply: ApiReply): Partial<ActionResult> {
  const newCallId = newLeg(ownerId, reply)
  if (newCallId === undefined) return {}
  context.adopt(newCallId)
  return { newCallId }
}

/** Words of `location`: which of the own phones rings (xsi.md 3.2). */
const LOCATIONS: ReadonlyMap<string, string> = new Map(['All', 'Primary', 'BroadWorksAnywhere', 'SharedCallAppearance', 'Mobility', 'FlexibleSeatingGuest'].map((word) => [word.toLowerCase(), word]))

/** `location` and `device` of a request as parameters of a call that rings an own phone first. A device alone is a shared appearance, or a number of Anywhere. */
export function ownPhone (request: ActionRequest, context: ActionContext): { location?: string; locationAddress?: string } {
  const asked = request.location as string | undefined
  const location = asked === undefined ? undefined : LOCATIONS.get(asked.trim().toLowerCase())
  if (asked !== undefined && location === undefined) context.warn(`"${asked.slice(0, 40)}" is no location: ${[...LOCATIONS.values()].join(', ')} are. All phones ring.`)
  const { device } = request
  if (device === undefined) return location === undefined ? {} : { location }
  const number = diallable(device)
  return { location: location ?? (number === undefined ? 'SharedCallAppearance' : 'BroadWorksAnywhere'), locationAddress: number ?? device.trim() }
}

/** Proved by one of these events of the leg. */
export function onLeg (...events: string[]): Confirm {
  return (event: TelephonyEvent, _request, _partial, leg) => leg !== undefined && event.call?.id === leg.id && events.includes(event.event)
}

/** Proved by one of these events of the leg that the action made. */
export function onNewLeg (...events: string[]): Confirm {
  return (event, _request, partial) => partial.newCallId !== undefined && event.call?.id === partial.newCallId && events.includes(event.event)
}

/** A refusal means: not assigned, nothing there. */
export async function optional (work: Promise<ApiReply>): Promise<ApiReply | undefined> {
  try {
    return await work
  } catch (error) {
    const { code } = CtiError.from(error, 'xsi')
    if (code !== 'CTI_NOT_FOUND' && code !== 'CTI_FORBIDDEN') throw error
    return undefined
  }
}

/** A page of a list; `start` counts from 1. */
export interface Page { readonly start: number; readonly results: number }

/** The cursor is the number of the first entry of the next page. @throws CtiError CTI_INVALID_REQUEST */
export function pageOf (request: ActionRequest): Page {
  const start = request.cursor === undefined || request.cursor === '' ? 1 : Number(request.cursor)
  if (!Number.isInteger(start) || start < 1) throw invalid('"cursor" is not one that an earlier result gave.')
  const limit = request.limit === undefined ? PAGE : Number(request.limit)
  if (!Number.isInteger(limit) || limit < 1) throw invalid('"limit" must be a whole number of at least 1.')
  return { start, results: Math.min(MOST, limit) }
}
