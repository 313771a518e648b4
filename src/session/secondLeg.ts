/** Which other legs an action on two or more calls means, for vendors whose calls have ids: the same for all of them. */
import { CtiError, type ActionRequest, type Call } from '../model'
import type { PictureView } from '../state/picture'
import type { ActionContext } from './types'

/** A leg that the vendor knows by an id of its own. */
export type VendorLeg = Call & { vendorId: string }

/**
 * The other call of a consultation: named by `consultCallId`, related, or the only other one of the same user.
 * @throws CtiError CTI_CONFLICT when several fit, CTI_NOT_FOUND when none does
 */
export function consultLeg (request: ActionRequest, { picture }: ActionContext, leg: VendorLeg): VendorLeg {
  const id = (request.consultCallId as string | undefined) ?? leg.related?.find((relation) => relation.kind === 'consultedBy' && picture.call(relation.id) !== undefined)?.id
  const others = picture.callsOf(leg.owner.id).filter((other) => other.id !== leg.id && other.vendorId !== undefined && other.state !== 'ringing' && other.state !== 'parked')
  const found = id === undefined ? others.length === 1 ? others[0] : undefined : picture.call(id)
  if (found?.vendorId === undefined) {
    throw id === undefined && others.length > 1
      ? new CtiError('CTI_CONFLICT', `Several calls could be the consultation: ${others.map((other) => other.id).join(', ')}. Say which one with "consultCallId".`, { retryable: false })
      : new CtiError('CTI_NOT_FOUND', 'There is no second call to consult on.', { retryable: false })
  }
  return found as VendorLeg
}

/**
 * The calls that a conference joins: those named, or all of the owner that are talked on or held.
 * @throws CtiError CTI_NOT_FOUND when a named one or every one is missing, CTI_CONFLICT when they belong to different users
 */
export function conferenceLegs (ids: readonly string[] | undefined, picture: PictureView, owner: string): VendorLeg[] {
  const found = ids === undefined ? picture.callsOf(owner).filter(({ state }) => state === 'active' || state === 'held') : ids.map((id) => {
    const call = picture.call(id)
    if (call === undefined) throw new CtiError('CTI_NOT_FOUND', `There is no call ${id}.`, { retryable: false })
    return call
  })
  const legs = found.filter((call): call is VendorLeg => call.vendorId !== undefined)
  if (legs.length === 0) throw new CtiError('CTI_NOT_FOUND', 'There are no calls to join.', { retryable: false })
  if (legs.some((call) => call.owner.id !== legs[0].owner.id)) throw new CtiError('CTI_CONFLICT', 'The calls belong to different users; a conference joins calls of one.', { retryable: false })
  return legs
}
