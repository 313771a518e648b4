/** The domain moves to another data centre and farm (five9.md 4.2, 6.3, 9.5). */
import { type Session } from './sessions'
import { metadata } from './metadata'
import { type Site } from './site'

export interface MigrationOptions {
  /** Calls are no reason to wait (1002). */
  forced?: boolean
  /** Maintenance is announced so long before, ms: tells 37 and 70 first, and 73 when a session is back. */
  announceMs?: number
}

/** Tells an event to all at once, on both halves, or to one socket. */
export function announce ({ out }: Site, eventId: number, payLoad: unknown, connection?: string): void {
  for (const receiver of out.receivers) if (connection === undefined || receiver.id === connection) out.toOne(receiver, eventId, payLoad, null)
  out.flush()
}

/** Begins a migration; returns how many sessions it met. Sessions move when their last call is over, or at once when `forced`. */
export function migrate (site: Site, { forced = false, announceMs }: MigrationOptions = {}): number {
  if (announceMs !== undefined) {
    announce(site, 37, announceMs)
    announce(site, 70, null)
  }
  site.sessions.generation++
  site.sessions.maintenance = announceMs !== undefined
  const sessions = site.sessions.list()
  for (const session of sessions) {
    tell(site, session, forced ? 1002 : 1001)
    if (forced || site.ledger.live(session.user.key).length === 0) moveAway(site, session)
  }
  return sessions.length
}

/** A session that waited for the end of its calls goes along now. */
export function moveWhenIdle (site: Site, userKey: string): void {
  const session = site.sessions.of(userKey)
  if (session === undefined || session.generation === site.sessions.generation || site.ledger.live(userKey).length > 0) return
  // What happened up to here is told on the old sockets.
  site.out.flush()
  moveAway(site, session)
}

function moveAway (site: Site, session: Session): void {
  site.sessions.move(session)
  site.sockets.drop((socket) => socket.session === session, 1000, 'Migrated')
}

/** The payload is the new metadata, as the sample pack reads it. */
function tell (site: Site, session: Session, eventId: number): void {
  const target = { ...session, generation: site.sessions.generation }
  for (const socket of site.sockets.list()) {
    if (socket.session === session) site.out.toOne(socket, eventId, metadata(site, target, [...session.tokens].at(-1) ?? '', socket.origin), null)
  }
  site.out.flush()
}
