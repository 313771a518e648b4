/** Knobs of the XSI face; the defaults are those of xsi.md 4 and 5. */
export interface XsiOptions {
  /** A channel without a heartbeat for so long is closed, ms. */
  heartbeatTimeoutMs: number
  /** An event without an acknowledgement for so long goes to the next channel, ms. */
  ackTimeoutMs: number
  /** Policy: answer this instead of the `expires` asked for, s. */
  answerExpires?: number
  channelsPerSet: number
  subscriptionsPerOwner: number
  /** Largest page of a directory. */
  pageLimit: number
  /** Encoding of profile, service and directory replies (the user's locale). */
  charset: 'UTF-8' | 'ISO-8859-1'
  /** Newest protocol version spoken. */
  version: string
  /** Further ids under which the enterprise may be addressed (an organisation's uuid). */
  enterpriseIds: string[]
  /** Addresses that the face listens on, as the servers of one provider: a channel lives on one of them, all the rest is shared. */
  servers: number
  /** Bearer tokens besides the demo ones: token -> user id. */
  tokens: Record<string, string>
  /** User id of a token that another face of the same platform gave (Webex Calling, webex-calling.md 7.4). */
  foreignToken?: (token: string) => string | undefined
  /** Tracking ids are uuids, as on Webex Calling. */
  trackingUuids: boolean
}

export const DEFAULTS: XsiOptions = {
  heartbeatTimeoutMs: 30_000,
  ackTimeoutMs: 5_000,
  channelsPerSet: 10,
  subscriptionsPerOwner: 500,
  pageLimit: 1000,
  charset: 'UTF-8',
  version: '25.0',
  enterpriseIds: [],
  servers: 1,
  tokens: {},
  trackingUuids: false
}

const SHORTEST_EXPIRES = 3600
export const NEVER = 2147483647

/** What the server grants for the `expires` asked, s (xsi.md 4.2, 4.7). */
export function grantedExpires (asked: string | undefined, policy: number | undefined): number {
  if (policy !== undefined) return policy
  const seconds = asked === undefined ? SHORTEST_EXPIRES : Number(asked)
  if (!Number.isFinite(seconds)) return SHORTEST_EXPIRES
  return Math.min(NEVER, Math.max(SHORTEST_EXPIRES, Math.floor(seconds)))
}
