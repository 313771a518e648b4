import type { SessionState } from '../model'

/** Where a session may go from each state (design.md, "The life of a session"). */
export const TRANSITIONS: Readonly<Record<SessionState, readonly SessionState[]>> = {
  closed: ['connecting'],
  connecting: ['authenticating', 'subscribing', 'online', 'waiting', 'refused', 'closing'],
  authenticating: ['subscribing', 'online', 'waiting', 'refused', 'closing'],
  subscribing: ['authenticating', 'online', 'waiting', 'refused', 'closing'],
  online: ['waiting', 'refused', 'closing'],
  waiting: ['connecting', 'closing'],
  refused: ['closing'],
  closing: ['closed']
}

/** States in which a connection exists or is being made. */
const CONNECTED: ReadonlySet<SessionState> = new Set<SessionState>(['connecting', 'authenticating', 'subscribing', 'online'])

export function mayGo (from: SessionState, to: SessionState): boolean {
  return TRANSITIONS[from].includes(to)
}

export function hasConnection (state: SessionState): boolean {
  return CONNECTED.has(state)
}
