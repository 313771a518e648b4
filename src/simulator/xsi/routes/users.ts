/** Handlers that act on the user of the path: looks him up and checks the scope (xsi.md 2.2). */
import { type Connection } from '../../pbx/types'
import { callNotFound, forbidden, userNotFound } from '../errors'
import { type Call, type Handler, type Reply, type UserCall } from '../http'

/** Wraps a handler: 404 for an unknown user, 403 for one out of scope. */
export function forUser (handler: (call: UserCall) => Reply): Handler {
  return (call) => {
    const id = call.params.user ?? ''
    const user = call.site.names.findUser(id)
    if (!user) throw userNotFound(id)
    if (!call.principal.admin && user !== call.principal.user) throw forbidden('User out of scope')
    return handler({ ...call, user, userId: call.site.names.userId(user) })
  }
}

/** An open call of the user by its `callId`. @throws XsiError 404 */
export function ownConnection (call: UserCall, callId: string): Connection {
  const key = call.site.ids.connectionKey(callId)
  const connection = key === undefined ? undefined : call.site.pbx.connections.get(key)
  if (!connection || connection.state === 'null' || connection.party.userKey !== call.user.key || connection.party.kind !== 'user') throw callNotFound(callId)
  return connection
}

/** The key of the call in the path. */
export function callKey (call: UserCall, name = 'call'): string {
  return ownConnection(call, call.params[name] ?? '').key
}

/** Path of a call of a user, below the Actions base. */
export function callUri (call: Call & { userId: string }, callId: string): string {
  return `/v2.0/user/${call.userId}/calls/${callId}`
}
