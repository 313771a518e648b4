/** Knobs of the Webex face; the defaults are those of webex-calling.md, or a choice where the sheet says it is uncertain (U). */
export interface WebexOptions {
  /** Second part of every id (2.2). */
  region: string
  /** Region in the `callId` of events, where it shall differ from that of REST (U24). */
  eventRegion?: string
  /** Absent: made from the name of the enterprise. */
  orgUuid?: string
  /** The integration that persons may authorise. */
  clientId: string
  clientSecret: string
  /** Exact list of redirect addresses; empty: any address of this machine (2.3). */
  redirectUris: string[]
  /** Registered scopes of the integration; empty: all that exist. */
  integrationScopes: string[]
  /** The service app; its access token can be renewed like that of an integration (1.1). */
  serviceClientId: string
  serviceClientSecret: string
  /** Key of a user who signs in and agrees without a page. */
  autoConsent?: string
  /** Nobody agrees: the redirect says `access_denied`. */
  denyConsent: boolean
  accessTokenSeconds: number
  refreshTokenSeconds: number
  codeSeconds: number
  deviceCodeSeconds: number
  /** Shortest time between two questions about a device code, s (U7). */
  deviceIntervalSeconds: number
  /** A refresh gives a new refresh token and ends the old one; otherwise the same one lives longer (U2). */
  rotateRefreshTokens: boolean
  /** Further access tokens. */
  tokens: Record<string, { user: string; scopes?: string[] }>
  bot: { email: string; name: string }
  /** The own phone that rings for dial, retrieve, pickup, bargeIn is lifted after this time, ms; false: nobody lifts it (9.2.5). */
  liftAfterMs: number | false
  /** What `SIGN_IN` reads back as (U10). */
  signInAs: 'AVAILABLE' | 'UNAVAILABLE'
  /** Keys of queues that agents may not leave (3.8, `allowLogOffEnabled: false`). */
  fixedQueues: string[]
  /** Other names for `eventType`, by the default ones: most are not confirmed (U16). */
  eventTypes: Record<string, string>
  /** A queue call that the caller gave up ends with `completedElsewhere`, as seen once (U17). */
  elsewhereWhenAbandoned: boolean
  /** Time of a history record in the offset of the user, as seen; otherwise UTC (2.1). */
  localHistoryTimes: boolean
  /** Header `X-Webex-Signature` beside the usual one: clients disagree on its form (U15). */
  newSignature?: 'sha1' | 'sha256' | 'sha256='
  /** A receiver that does not answer for so long has failed, ms (U14). */
  webhookTimeoutMs: number
  /** Tries of one event; the platform promises no repetition (4.2). */
  webhookAttempts: number
  /** So many failures in `webhookWindowMs` make a webhook inactive (U14). */
  webhookFailures: number
  webhookWindowMs: number
  /** POSTs under way to one webhook; more than one gives up the order. */
  deliveriesAtOnce: number
  /** Certificates of receivers must be trusted, as the platform asks (4.2). */
  verifyReceivers: boolean
  /** `event: all` may be asked for on a single resource (trap 27). */
  eventAll: boolean
  /** `filter` of telephony resources has an effect (U12). */
  telephonyFilters: boolean
  /** Telephony webhooks of the service app bring the calls of everybody (U11). */
  orgWideTelephony: boolean
  /** Events of the gated resources, whose payloads are not published, after an interest was registered (U19). */
  gatedEvents: boolean
  /** Status of a successful registration of interest (U1). */
  interestStatus: 201 | 204
  /** More requests a minute of one token get 429; 0: no limit (U20). */
  requestsPerMinute: number
  /** HTTPS with a certificate that the simulator makes, for this machine and, where it is a text, for that name too. */
  tls: boolean | string
}

export const DEFAULTS: WebexOptions = {
  region: 'us',
  clientId: `C${'5a1e'.repeat(16)}`,
  clientSecret: 'd3'.repeat(32),
  redirectUris: [],
  integrationScopes: [],
  serviceClientId: `C${'7b2f'.repeat(16)}`,
  serviceClientSecret: 'e4'.repeat(32),
  denyConsent: false,
  accessTokenSeconds: 1_209_599,
  refreshTokenSeconds: 7_775_999,
  codeSeconds: 180,
  deviceCodeSeconds: 300,
  deviceIntervalSeconds: 2,
  rotateRefreshTokens: false,
  tokens: {},
  bot: { email: 'callhelper@example.com', name: 'Call Helper' },
  liftAfterMs: 2000,
  signInAs: 'AVAILABLE',
  fixedQueues: [],
  eventTypes: {},
  elsewhereWhenAbandoned: false,
  localHistoryTimes: false,
  webhookTimeoutMs: 5000,
  webhookAttempts: 1,
  webhookFailures: 100,
  webhookWindowMs: 300_000,
  deliveriesAtOnce: 1,
  verifyReceivers: true,
  eventAll: true,
  telephonyFilters: true,
  orgWideTelephony: true,
  gatedEvents: true,
  interestStatus: 204,
  requestsPerMinute: 0,
  tls: false
}
