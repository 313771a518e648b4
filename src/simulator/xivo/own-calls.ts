/** Commands that act on the user's present call (xivo-cti.md 3.5). */
import { type Connection, Refusal } from '../pbx/types'
import { ringsHere, talks } from './render/calls'
import { type Site } from './site'

/** The call that commands without an id mean: the first one that is not held, before one that is. */
export function currentCall (site: Site, userKey: string, wanted: (connection: Connection) => boolean = () => true): Connection | undefined {
  const open = site.pbx.connectionsOf(userKey).filter(wanted)
  return open.find(({ state }) => state !== 'hold') ?? open[0]
}

/** The call that somebody talks in. */
export function talkingCall (site: Site, userKey: string): Connection {
  const call = currentCall(site, userKey, talks)
  if (call === undefined) throw new Refusal('noCall', `${userKey} has no call`)
  return call
}

/** Sends the other party of the present call to a number. */
export function transferTo (site: Site, userKey: string, number: string): void {
  site.pbx.blindTransfer(talkingCall(site, userKey).key, number)
}

/** Holds the present call and calls somebody else. */
export function consult (site: Site, userKey: string, number: string): void {
  const held = talkingCall(site, userKey)
  const connection = site.channels.lending(held, () => site.pbx.originate(userKey, number))
  site.memory.consults.set(connection.key, held.key)
}

/** Consultation under way: the held call and the new one. */
export function consultOf (site: Site, userKey: string): { held: Connection; consultation: Connection } | undefined {
  for (const [key, heldKey] of site.memory.consults) {
    const consultation = site.pbx.connections.get(key)
    const held = site.pbx.connections.get(heldKey)
    if (consultation?.party.userKey !== userKey || held === undefined || consultation.state === 'null' || held.state === 'null') continue
    return { held, consultation }
  }
  return undefined
}

export function completeTransfer (site: Site, userKey: string): void {
  const found = consultOf(site, userKey)
  if (found === undefined) throw new Refusal('noCall', `${userKey} consults nobody`)
  site.pbx.completeTransfer(found.held.key, found.consultation.key)
}

/** Ends the consultation and talks to the held party again. */
export function cancelTransfer (site: Site, userKey: string): void {
  const found = consultOf(site, userKey)
  if (found === undefined) throw new Refusal('noCall', `${userKey} consults nobody`)
  site.pbx.release(found.consultation.key)
  if (found.held.state === 'hold' && found.held.heldBy !== 'remote') site.pbx.resume(found.held.key)
  if (!site.release.second) return
  const line = site.ids.line(site.pbx.users.get(userKey)?.devices[0] ?? '').toLowerCase()
  site.out.toUser(userKey, { class: 'current_call_attended_transfer_cancelled', line })
}

/**
 * Takes a caller out of a queue: what rings at the own phone stops, then it rings for him.
 * Silence when the caller is gone, or the user talks (xivo-cti.md 3.5).
 */
export function takeQueued (site: Site, userKey: string, uniqueid: string): void {
  const { pbx } = site
  const user = pbx.users.get(userKey)
  const channel = site.channels.byUniqueid(uniqueid)
  const caller = pbx.connections.get(channel?.connectionKey ?? '')
  const entry = caller === undefined ? undefined : pbx.otherEnd(caller)
  if (user === undefined || entry?.party.kind !== 'queue') return
  const own = pbx.connectionsOf(userKey)
  if (own.some(({ state }) => state === 'connected')) return
  for (const connection of own) if (ringsHere(connection)) pbx.release(connection.key)
  if (entry.state === 'queued') pbx.queueRedirect(entry.key, user.extension)
}
