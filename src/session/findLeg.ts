import { copyPlain, CtiError, legId, type ActionRequest, type ActionSpec, type Call } from '../model'
import type { PictureView } from '../state/picture'
import type { Driver } from './types'

/** These mean the held one of two legs when none is named: the other is the consultation (model.md 5.2). */
const OF_HELD: ReadonlySet<string> = new Set(['completeTransfer', 'cancelTransfer'])

type Owners = Pick<Driver, 'ownerOf' | 'ownOwner' | 'keepsCall'>

/**
 * The leg that a request is about (model.md 5.1): `callId` is a leg's id, or the vendor's own id when only one open leg has it; without it the only
 * leg of the user in a state that fits the action.
 * @returns a copy of the leg; undefined when the action is not about a leg or may do without
 * @throws CtiError CTI_NOT_FOUND, CTI_CONFLICT
 */
export function findLeg (picture: PictureView, owners: Owners, request: ActionRequest, spec: ActionSpec): Call | undefined {
  const states = spec.legStates
  if (states === undefined) return undefined
  if (request.callId !== undefined) {
    const ended = spec.afterEnd === true ? endedLeg(picture, owners, request.callId) : undefined
    if (ended !== undefined) return copyPlain(ended)
    if (spec.afterEnd === true && spec.legOptional === true && owners.keepsCall?.(request.callId) === true) return undefined
    const leg = namedLeg(picture, owners, request.callId, request.user)
    if (!states.includes(leg.state)) {
      throw new CtiError('CTI_CONFLICT', `Call ${leg.id} is ${leg.state}; "${request.action}" needs it ${states.join(' or ')}.`, { retryable: false, state: leg.state })
    }
    return copyPlain(leg)
  }
  const found = preferHeld(candidates(picture, owners, request.user, states), request.action)
  if (found.length === 1) return copyPlain(found[0])
  if (spec.legOptional) return undefined
  const whose = request.user === undefined ? '' : ` of ${request.user}`
  if (found.length === 0) throw new CtiError('CTI_NOT_FOUND', `There is no call${whose} that is ${states.join(' or ')}.`, { retryable: false })
  const names = found.slice(0, 5).map(({ id, state }) => `${id} (${state})`).join(', ')
  throw new CtiError('CTI_CONFLICT', `Several calls${whose} fit: ${names}. Say which one with "callId".`, { retryable: false, callIds: found.map(({ id }) => id) })
}

/** A leg that has ended and is still remembered, by its id or, where it is the account's own, by the vendor's. */
function endedLeg (picture: PictureView, owners: Owners, callId: string): Call | undefined {
  const own = owners.ownOwner?.()
  return picture.tombstone(callId) ?? (own === undefined ? undefined : picture.tombstone(legId(own, callId)))
}

/** One open leg by its id or the vendor's id. */
export function namedLeg (picture: PictureView, owners: Owners, callId: string, user?: string): Call {
  const leg = picture.call(callId)
  if (leg !== undefined) return leg
  let found: Call[] = []
  for (const call of picture.calls()) if (call.vendorId === callId) found.push(call)
  if (found.length > 1 && user !== undefined) found = found.filter(isOf(owners, user))
  if (found.length === 1) return found[0]!
  if (found.length > 1) {
    throw new CtiError('CTI_CONFLICT', `Several calls have the id ${callId}: ${found.slice(0, 5).map(({ id }) => id).join(', ')}. Use one of these.`, { retryable: false, callIds: found.map(({ id }) => id) })
  }
  const ended = picture.tombstone(callId) !== undefined
  throw new CtiError('CTI_NOT_FOUND', ended ? `Call ${callId} has ended.` : `There is no call ${callId}.`, { retryable: false, ended })
}

function candidates (picture: PictureView, owners: Owners, user: string | undefined, states: readonly string[]): Call[] {
  const own = user === undefined ? owners.ownOwner?.() : undefined
  const fits = user === undefined ? (call: Call): boolean => own === undefined || call.owner.id === own : isOf(owners, user)
  const found: Call[] = []
  for (const call of picture.calls()) if (states.includes(call.state) && fits(call)) found.push(call)
  return found
}

function isOf (owners: Owners, user: string): (call: Call) => boolean {
  const id = owners.ownerOf?.(user) ?? user
  return ({ owner }) => owner.id === id || owner.number === user
}

function preferHeld (found: Call[], action: string): Call[] {
  if (found.length < 2 || !OF_HELD.has(action)) return found
  const consulted = found.filter((call) => call.related?.some(({ kind }) => kind === 'consultedBy'))
  if (consulted.length === 1) return consulted
  const held = found.filter(({ state }) => state === 'held')
  return held.length === 1 && found.every(({ owner }) => owner.id === held[0]?.owner.id) ? held : found
}
