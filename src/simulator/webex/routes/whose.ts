/** On behalf of whom a request acts (webex-calling.md 3, 7.3). */
import { type User } from '../../pbx/types'
import { allows } from '../auth/scopes'
import { forbidden, notFound, WebexError } from '../errors'
import { type Call } from '../http'
import { hasCalling } from '../render/person'

/** The person of the token, with a licence for calls. @throws WebexError 400 for an application's token, 404 without a licence */
export function self ({ principal, site, query, body }: Call): User {
  const { user } = principal
  if (user === undefined) throw new WebexError(400, 'Target user not authorized', { errorCode: 4003 })
  if (!hasCalling(user)) throw new WebexError(404, 'The user has no licence for calling', { errorCode: 4008 })
  const owner = query.get('lineOwnerId') ?? body.lineOwnerId
  if (typeof owner === 'string' && site.ids.findUser(owner) !== user) throw forbidden('The line belongs to somebody else')
  return user
}

/** The member that the path names. @throws WebexError 404 for nobody, or somebody without a licence */
export function member ({ site, params }: Call): User {
  const user = site.ids.findUser(params.memberId ?? '')
  if (user === undefined) throw notFound('The member is not known')
  if (!hasCalling(user)) throw new WebexError(404, 'The user has no licence for calling', { errorCode: 4008 })
  return user
}

/** The person that the path names, if the token may: with the admin scope, or as oneself with the other one. */
export function person ({ site, params, principal }: Call, scopes: { admin: readonly string[]; own?: readonly string[] }): User {
  const id = params.personId ?? ''
  const user = id === 'me' ? principal.user : site.ids.findUser(id)
  if (user === undefined) throw notFound('The person is not known')
  const own = user === principal.user ? scopes.own ?? [] : []
  if (!allows(principal.scopes, [...scopes.admin, ...own])) throw forbidden('The token lacks a scope for this person')
  return user
}
