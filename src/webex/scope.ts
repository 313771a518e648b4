/** What the mapping of a call may look at. */
import type { Owner, UserRef } from '../model'
import type { PictureView } from '../state/picture'
import type { OwnMark } from './memory'
import type { Person } from './people'
import { defined } from './read'

export interface ReduceContext {
  /** ms since 1970 on the vendor's clock. */
  readonly now: number
  person (id: string): Person | undefined
  /** What an action of ours did to a leg lately. */
  markOf (legId: string): OwnMark | undefined
  /** Id of the leg that a call is. @param session of an outgoing call that is met for the first time */
  legIdOf (owner: string, callId: string, session: string | undefined): string
  /** The call id as REST told it; undefined while it has not. */
  restIdOf (callId: string): string | undefined
  /** True when a call id names the same region as its person: then it is the one that requests take. */
  hasSameRegion (callId: string, personId: string): boolean
  /** Id of a queue of the account that a redirecting party is. */
  queueIdOf (id: string | undefined, number: string | undefined, name: string | undefined): string | undefined
}

export interface Source { readonly picture: PictureView; readonly context: ReduceContext }

/** Whose view a call is. */
export interface Target { readonly id: string; readonly owner: Owner; readonly user: UserRef & { id: string }; readonly person?: Person }

/** The person of an id in any form; the id becomes the one that the person is known under. */
export function targetOf (id: string, context: Pick<ReduceContext, 'person'>): Target {
  const person = context.person(id)
  const known = person?.id ?? id
  return defined({
    id: known,
    owner: defined({ kind: 'user' as const, id: known, name: person?.name, number: person?.number ?? person?.extension }) as Owner,
    user: defined({ id: known, name: person?.name, number: person?.number, extension: person?.extension, email: person?.email }) as UserRef & { id: string },
    person
  }) as Target
}
