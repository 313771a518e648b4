/** What the actions share: whose they are, which call, who is dialled (model.md 5.1; five9.md 7.2). */
import { CtiError, diallable, type ActionRequest, type ActionResult, type Call, type To, type ToObject } from '../../model'
import type { ActionContext, ActionEntry } from '../../session/types'
import type { ApiReply } from '../api'
import type { Five9Connection } from '../connection'
import type { Memory } from '../memory'
import type { ListName } from '../reference'
import type { RouteName, RouteValues } from '../routes'

/** The driver as actions see it. */
export interface Access {
  /** @throws CtiError CTI_NOT_CONNECTED */
  connection (): Five9Connection
  readonly memory: Memory
}

export type Run = ActionEntry['run']
export type Confirm = NonNullable<ActionEntry['confirm']>

export const invalid = (message: string): CtiError => new CtiError('CTI_INVALID_REQUEST', message, { vendor: 'five9', retryable: false })
export const conflict = (message: string): CtiError => new CtiError('CTI_CONFLICT', message, { vendor: 'five9', retryable: false })
export const notFound = (message: string): CtiError => new CtiError('CTI_NOT_FOUND', message, { vendor: 'five9', retryable: false })
export const forbidden = (message: string): CtiError => new CtiError('CTI_FORBIDDEN', message, { vendor: 'five9', retryable: false })

/** Sends a request of the table, within the limits of the action. */
export function command (access: Access, context: ActionContext, name: RouteName, values: RouteValues = {}, query?: Readonly<Record<string, string | number | boolean | undefined>>): Promise<ApiReply> {
  return access.connection().command(name, values, { signal: context.signal, ...(query === undefined ? {} : { query }) })
}

/** The same; a refusal that only means "not there" or "not for you" gives undefined. */
export async function optional (work: Promise<ApiReply>): Promise<ApiReply | undefined> {
  try {
    return await work
  } catch (error) {
    const { code } = CtiError.from(error, 'five9')
    if (code !== 'CTI_NOT_FOUND' && code !== 'CTI_FORBIDDEN' && code !== 'CTI_CONFLICT' && code !== 'CTI_UNSUPPORTED') throw error
    return undefined
  }
}

type OwnLeg = Call & { vendorId: string }

/** The own call that the action is about. @throws CtiError CTI_NOT_FOUND, CTI_FORBIDDEN for a call of somebody else: only its agent can act on it */
export function legOf (access: Access, context: ActionContext): OwnLeg {
  const { leg } = context
  if (leg === undefined) throw notFound('There is no call that this could be done with.')
  if (leg.vendorId === undefined || leg.owner.id !== access.memory.uid) throw forbidden('Only the agent himself can do this with his call: Five9 gives supervisors no call to act on.')
  return leg as OwnLeg
}

/** One command on the leg and nothing more. */
export function onCall (access: Access, name: RouteName): Run {
  return async (_request, context) => {
    await command(access, context, name, { callId: legOf(access, context).vendorId })
    return {}
  }
}

/** Names that an error lists at most. */
const MOST_NAMED = 15

/** Id of what is named by id or name in a list. @throws CtiError CTI_NOT_FOUND when a name is not known, or not unique */
export function named (access: Access, list: ListName, word: string, what: string): string {
  const { reference } = access.memory
  const found = reference.find(list, word)
  if (found !== undefined) return found
  // The list may be closed to this role: an id is sent as it is.
  if (/^-?\d+$/.test(word.trim())) return word.trim()
  const names = reference.items(list).map(({ name }) => name).filter((name) => name !== undefined)
  const isDouble = names.some((name) => name.toLowerCase() === word.trim().toLowerCase())
  const known = isDouble ? ' alone: several are, use the id.' : names.length === 0 ? '.' : `. There are: ${names.slice(0, MOST_NAMED).join(', ')}${names.length > MOST_NAMED ? ' …' : ''}.`
  throw notFound(`No ${what} is called "${word.slice(0, 60)}"${known}`)
}

/** Id of a user by any of his names. @throws CtiError CTI_NOT_FOUND */
export function userOf (access: Access, word: string): string {
  const found = access.memory.reference.findUser(word)
  if (found !== undefined) return found
  if (word === access.memory.uid || /^\d{5,}$/.test(word)) return word
  throw notFound(`No user is known as "${word.slice(0, 60)}".`)
}

/** The agent that a request is about: named, else the account's own. */
export function agentOf (access: Access, request: ActionRequest): string {
  const word = request.agent ?? request.user
  return word === undefined ? access.memory.uid : userOf(access, word)
}

/** Somebody whom only a supervisor may change. @throws CtiError CTI_FORBIDDEN without that role */
export function isOther (access: Access, agentId: string): boolean {
  const { memory } = access
  if (memory.isAgent && agentId === memory.uid) return false
  if (memory.isSupervisor) return true
  throw forbidden(`Only a supervisor can do this for another agent (${agentId}): choose the role "supervisor" or "both" in the account.`)
}

export interface Target { readonly kind: 'number' | 'agent' | 'skill' | 'campaign' | 'speedDial'; readonly id: string }

/** @throws CtiError CTI_INVALID_REQUEST for a number that cannot be dialled, CTI_NOT_FOUND, CTI_UNSUPPORTED */
export function targetOf (access: Access, to: To): Target {
  if (typeof to === 'string') return numberTarget(to)
  const [kind, value] = Object.entries(to)[0] as [keyof ToObject, string]
  switch (kind) {
    case 'number': return numberTarget(value)
    case 'user':
    case 'agent': return { kind: 'agent', id: userOf(access, value) }
    case 'queue': return { kind: 'skill', id: named(access, 'skills', value, 'skill') }
    case 'campaign': return { kind: 'campaign', id: named(access, 'campaigns', value, 'campaign') }
    case 'speedDial': return { kind: 'speedDial', id: value }
    default: throw CtiError.unsupported('to', 'five9', `"${kind}" is no destination there`, [])
  }
}

function numberTarget (raw: string): Target {
  const number = diallable(raw)
  if (number === undefined) throw invalid(`"${raw.slice(0, 60)}" cannot be dialled.`)
  return { kind: 'number', id: number }
}

/** The target as values of a request's placeholders. */
export function valuesOf (target: Target): RouteValues {
  return { [{ number: 'number', agent: 'agentId', skill: 'skillId', campaign: 'campaignId', speedDial: 'speedDialId' }[target.kind]]: target.id }
}

/** Proved by one of these events of the leg. */
export function onLeg (...events: string[]): Confirm {
  return (event, _request, _partial, leg) => leg !== undefined && event.call?.id === leg.id && events.includes(event.event)
}

const MOST = 1000
/** A page of a list that is here already; the cursor is the number of the first item of the next page. @throws CtiError CTI_INVALID_REQUEST */
export function paged (items: readonly unknown[], request: ActionRequest): Partial<ActionResult> {
  const start = request.cursor === undefined ? 0 : Number(request.cursor)
  const limit = request.limit === undefined ? MOST : Number(request.limit)
  if (!Number.isInteger(start) || start < 0) throw invalid('"cursor" is not one that an earlier result gave.')
  if (!Number.isInteger(limit) || limit < 1) throw invalid('"limit" must be a whole number of at least 1.')
  const end = start + Math.min(limit, MOST)
  return { items: items.slice(start, end), total: items.length, ...(end < items.length ? { nextCursor: String(end) } : {}) }
}
