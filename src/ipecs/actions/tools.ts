/** What the actions share: who is meant, which number, how a command is sent, what proves it. */
import { CtiError, diallable, type ActionRequest, type ActionResult, type Call, type To } from '../../model'
import type { ActionContext, ActionEntry } from '../../session/types'
import type { ApiReply } from '../api'
import type { IpecsConnection } from '../connection'
import type { Memory } from '../memory'
import { reference, type Fields } from '../read'

/** What the table of actions is made with. */
export interface Access {
  readonly memory: Memory
  /** @throws CtiError CTI_NOT_CONNECTED */
  readonly connection: () => IpecsConnection
  /** Why call control is off, or nothing. */
  readonly ctiOff: () => string | undefined
}
export type Run = ActionEntry['run']
export type Confirm = NonNullable<ActionEntry['confirm']>

export function invalid (text: string): CtiError {
  return new CtiError('CTI_INVALID_REQUEST', text, { vendor: 'ipecs', retryable: false })
}
export function notFound (text: string): CtiError {
  return new CtiError('CTI_NOT_FOUND', text, { vendor: 'ipecs', retryable: false })
}
export function conflict (text: string): CtiError {
  return new CtiError('CTI_CONFLICT', text, { vendor: 'ipecs', retryable: false })
}

/** Call control needs a server account with the right. */
export function withCti (access: Access): () => true | string {
  return () => access.memory.settings.accountType === 'client' ? 'a client account may only read its call records and make click calls' : access.ctiOff() ?? true
}

/** Sends a command of the table, within the limits of the action. */
export function command (access: Access, context: ActionContext, name: string, values: Fields = {}): Promise<ApiReply> {
  const connection = access.connection()
  return connection.guarded(() => connection.api.call(name, values, { signal: context.signal }))
}

/** Device of a person named by number, id or agent id. @throws CtiError CTI_NOT_FOUND */
export function deviceOf (access: Access, word: string): string {
  const { memory } = access
  if (memory.extensions.has(word)) return word
  const agent = memory.agents.find(word)?.device
  if (agent !== undefined) return agent
  if (/^\d+$/.test(word)) return word
  throw notFound(`No extension of "${word.slice(0, 60)}" is known.`)
}

/** The device that acts: the one named, the leg's, or the account's only one. @throws CtiError CTI_INVALID_REQUEST when it cannot be told */
export function actorOf (access: Access, request: ActionRequest): string {
  const word = request.device ?? request.user
  if (word !== undefined) return deviceOf(access, word)
  const { settings } = access.memory
  if (settings.accountType === 'client') return settings.username
  const { extensions } = settings
  if (extensions.length === 1 && extensions !== 'all') return extensions[0]!
  throw invalid('Say whose extension with "user", in an agent action with "agent": the account has several.')
}

/** The device of an action that may be about a leg. */
export function subjectOf (access: Access, request: ActionRequest, context: ActionContext): string {
  return context.leg !== undefined && context.leg.owner.kind === 'device' ? context.leg.owner.id : actorOf(access, request)
}

/** Number of the call at the switch. @throws CtiError CTI_CONFLICT for one found after a gap, of which it is not known */
export function refOf (leg: Call): number {
  if (leg.vendorId === undefined) throw conflict(`The switch did not tell the number of call ${leg.id}, which was found after a gap: it can be used after its next event.`)
  return Number(leg.vendorId)
}

/** The leg that the action needs; the session has found it. */
export function legOf ({ leg }: ActionContext): Call {
  if (leg === undefined) throw notFound('There is no call that this could be done with.')
  return leg
}

/** Values that name a leg in a request: of a waiting call the group is the device (ipecs.md 3.2, reroute). */
export function legValues (access: Access, leg: Call): { device: string; ref: number } {
  const device = leg.owner.kind === 'queue' ? access.memory.groups.canonical(leg.owner.id) : leg.owner.id
  if (device.startsWith('bin')) throw conflict('The number of this group is not known yet: put it and its bin into the account.')
  return { device, ref: refOf(leg) }
}

/** `to` of a request as a number to dial. @throws CtiError CTI_INVALID_REQUEST, CTI_NOT_FOUND, CTI_UNSUPPORTED */
export function numberOf (access: Access, to: To): string {
  const { memory } = access
  if (typeof to === 'string' || to.number !== undefined) return dialString(typeof to === 'string' ? to : to.number!)
  if (to.user !== undefined) return deviceOf(access, to.user)
  if (to.agent !== undefined) return deviceOf(access, to.agent)
  if (to.queue !== undefined) {
    const group = memory.groups.find(to.queue) ?? (/^\d+$/.test(to.queue) ? to.queue : undefined)
    if (group === undefined) throw notFound(`No number of the group "${to.queue.slice(0, 60)}" is known.`)
    return group
  }
  throw CtiError.unsupported('to', 'ipecs', `"${Object.keys(to).join(', ')}" is no destination there`, [])
}

function dialString (raw: string): string {
  const number = diallable(raw)?.replace(/^\+/, '00')
  if (number === undefined) throw invalid(`"${raw.slice(0, 60)}" cannot be dialled.`)
  return number
}

/** The leg that an answer names; the caller's reference goes with it. */
export function startedLeg (access: Access, context: ActionContext, device: string, reply: ApiReply): Partial<ActionResult> {
  const ref = reference(reply.values.ref)
  if (ref === undefined) return {}
  const { legs } = access.memory
  const known = legs.find(device, ref)
  // Its event may have come before; a leg that has ended is another one.
  const newCallId = known !== undefined && context.picture.tombstone(known) === undefined ? known : legs.reserve(device, ref)
  context.adopt(newCallId)
  return { newCallId }
}

/** The answer of these commands is empty: what it triggers is waited for (ipecs.md 3.3). */
export const EMPTY_ANSWER = { confirmDefault: 'completed', replies: true } as const

/** Proved by one of these events of the leg. */
export function onLeg (...events: string[]): Confirm {
  return (event, _request, _partial, leg) => leg !== undefined && event.call?.id === leg.id && events.includes(event.event)
}

/** Proved by one of these events of the leg that the action made: the one that the answer named, or one that begins at the device when it named none. */
export function onNewLeg (access: Access, first: string, ...further: string[]): Confirm {
  return ({ event, call }, request, partial, leg) => {
    if (call === undefined) return false
    if (partial.newCallId !== undefined) return call.id === partial.newCallId && (event === first || further.includes(event))
    return event === first && call.direction === 'outbound' && call.owner.id === (leg?.owner.id ?? actorOf(access, request))
  }
}

/** A lost repeat is no answer: the other callRefID is tried when the switch does not know the first (ipecs.md 7.2, 11). */
export const UNKNOWN_CALL = '106'
