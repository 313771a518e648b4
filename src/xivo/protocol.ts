/** Words of the XiVO CTI protocol as they stand on the wire (xivo-cti.md 2 to 4). Nothing here knows the neutral model. */

/** One line of the wire, parsed. Values are checked where they are read. */
export interface XivoMessage { readonly [key: string]: unknown }

/** A message on its way out, before it gets its `commandid`. */
export interface Outgoing { readonly class: string; readonly [key: string]: unknown }

export const PORTS = { cti: 5003, ctis: 5013 } as const
/** `ipbxid` and `tipbxid` are always this (xivo-cti.md 1). */
export const IPBX = 'xivo'
/** Bytes of one line; longer ones are a broken connection (xivo-cti.md 2.2). */
export const MAX_LINE_BYTES = 8 * 1024 * 1024

/** ms from accept to a successful login_capas, then the server closes in silence (xivo-cti.md 5). */
export const LOGIN_TIMER_MS = 5000
/** ms between two keepalives, and of silence after one that mean the line is dead (xivo-cti.md 5). */
export const KEEPALIVE_MS = 30_000
export const DEAD_AFTER_MS = 10_000
/** ms after which a command that would have been refused by now counts as taken (xivo-cti.md 7.1, `dial`). */
export const QUIET_MS = 2000
/** The token that a 2.x session holds lives 60 days and is never renewed (xivo-cti.md 5). */
export const TOKEN_LIFE_MS = 59 * 24 * 3600 * 1000

/** Lists that every server has (xivo-cti.md 3.2). */
export const LISTS = ['users', 'phones', 'agents', 'queues', 'voicemails', 'queuemembers', 'meetmes'] as const
/** Lists that a message may name: `channels` has no configuration and went away with 15.19. */
export type ListName = typeof LISTS[number] | 'channels'

export function isListName (name: unknown): name is ListName {
  return name === 'channels' || (LISTS as readonly unknown[]).includes(name)
}

/** `hintstatus` (xivo-cti.md 3.3). */
export const HINT = { idle: '0', inUse: '1', busy: '2', unavailable: '4', ringing: '8', inUseRinging: '9', held: '16', inUseHeld: '17' } as const
export const OFFLINE_HINTS: ReadonlySet<string> = new Set(['4', '-1', '-2'])
export const RINGING_HINTS: ReadonlySet<string> = new Set([HINT.ringing, HINT.inUseRinging])
export const TALKING_HINTS: ReadonlySet<string> = new Set([HINT.inUse, HINT.busy, HINT.inUseRinging, HINT.held, HINT.inUseHeld])

/** Queue member `status` (xivo-cti.md 3.3). */
export const MEMBER = { unused: '1', inUse: '2', busy: '3', ringing: '6', ringingInUse: '7', held: '8', loggedOut: '101' } as const
export const MEMBER_RINGING: ReadonlySet<string> = new Set([MEMBER.ringing, MEMBER.ringingInUse])
export const MEMBER_BUSY: ReadonlySet<string> = new Set([MEMBER.inUse, MEMBER.busy, MEMBER.ringingInUse, MEMBER.held])

/** Presence that the server sets when a session of the user closes (xivo-cti.md 2.8). */
export const DISCONNECTED = 'disconnected'

/** The acknowledgement of an old-style class that has no handler or nothing to say (xivo-cti.md 3.0). */
export const WARNINGS = { none: 'return_is_none', unimplemented: 'unimplemented' } as const

/** `ipbxreply` values that mean the action was not written to Asterisk (xivo-cti.md 3.5). */
export const REFUSED_REPLIES: ReadonlySet<unknown> = new Set([
  false, 'noaction', 'unknown', 'noconn', 'source', 'destination', 'Incomplete info', 'Incomplete transfer information'
])

/** `type:xivo/id`, how commands name things (xivo-cti.md 3.5, 3.7). */
export function xid (type: string, id: string): string {
  return `${type}:${IPBX}/${id}`
}
