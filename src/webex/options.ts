/** What a Webex account is made of (webex-calling.md 2, 4, 7.3). The account node builds these from its form and credentials. */
import { CtiError } from '../model'
import type { TokenStore } from '../session/tokenStore'
import type { TlsOptions } from '../transport/http'
import type { WebhookInbox } from './webhookInbox'

/** An integration or service app of the developer portal (webex-calling.md 2.3). */
export interface OAuthClient {
  readonly clientId: string
  readonly clientSecret: string
  /** Exactly as registered; not needed for the device grant. */
  readonly redirectUri?: string
  /** Default: those of `calls` and `people`. */
  readonly scopes?: readonly string[]
}

export type WebexAuth =
  /** Somebody authorised in the browser or by device grant: tokens come from `tokens` and are renewed. Needs `client` and `tokens`. */
  | { readonly kind: 'integration' }
  /** A service app: acts on members of the organisation only. Needs `client`; the first refresh token is the one that the portal showed. */
  | { readonly kind: 'service'; readonly refreshToken: string }
  /** A personal or otherwise given access token, never renewed. */
  | { readonly kind: 'token'; readonly accessToken: string }
  /** No calls of its own: a bot whose people act with their own authorisation. Needs `bot`. */
  | { readonly kind: 'none' }

/** What an account is used for; decides the scopes that are asked for (webex-calling.md 2.4). */
export type Feature = 'calls' | 'settings' | 'people' | 'peopleSettings' | 'members' | 'queues' | 'messages' | 'xsi'

const FEATURE_SCOPES: Readonly<Record<Feature, readonly string[]>> = {
  calls: ['spark:calls_read', 'spark:calls_write'],
  settings: ['spark:telephony_config_read', 'spark:telephony_config_write'],
  people: ['spark:people_read'],
  peopleSettings: ['spark:people_write', 'spark-admin:people_read', 'spark-admin:people_write'],
  members: ['spark-admin:calls_read', 'spark-admin:calls_write'],
  queues: ['spark-admin:telephony_config_read', 'spark-admin:telephony_config_write'],
  messages: ['spark:messages_read', 'spark:messages_write', 'spark:rooms_read'],
  xsi: ['spark:xsi']
}
export const FEATURES = Object.keys(FEATURE_SCOPES) as readonly Feature[]

/** Scopes to ask for, each once; `spark:kms` always goes along (webex-calling.md 2.4). */
export function scopesOf (features: readonly Feature[]): string[] {
  return [...new Set(['spark:kms', ...features.flatMap((feature) => FEATURE_SCOPES[feature])])]
}

export interface WebexOptions {
  /** Id of the account node: named in the OAuth state, so that the callback finds the account. */
  readonly accountId: string
  /** The same at each start, another one in another installation: webhooks are named by it, those of others are left alone (webex-calling.md 6). */
  readonly instanceId: string
  /** Default `https://webexapis.com/v1`; other clouds and the simulator have another. Without a path `/v1` is meant. */
  readonly baseUrl?: string
  /** Default: `authorize` and `access_token` below `baseUrl`. */
  readonly authorizeUrl?: string
  readonly tokenUrl?: string
  readonly auth: WebexAuth
  readonly client?: OAuthClient
  /** Where renewed tokens live: the account's own (key `account`), and one record a person by person id. */
  readonly tokens?: TokenStore
  /** A bot's token: sends messages and receives those of the chat rooms. */
  readonly bot?: { readonly accessToken: string }
  /** Which paths act on the account's own line: `/telephony/calls` (default) or `/telephony/calls/members/me`. */
  readonly ownPaths?: 'calls' | 'membersMe'
  /** The token may act on other people of the organisation by their member id. Default: only a service app may. */
  readonly members?: boolean
  /** Ids or e-mail addresses of members whose calls are watched (service app or administrator). */
  readonly userList?: readonly string[]
  /** Organisation, for administrators of several. */
  readonly orgId?: string
  /** Ids of queues whose waiting calls are polled. */
  readonly queues?: readonly string[]
  /** Interests to register, for instance `Agent`, `Queue`, `Workspaces` (webex-calling.md 4.6). Needs an administrator. */
  readonly interests?: readonly string[]
  /** How webhooks come in. Absent, or without a public address: calls are polled. */
  readonly hooks?: WebhookInbox
  /** Delete the webhooks whenever the session closes; default only when the account is removed. */
  readonly transientHooks?: boolean
  readonly tls?: TlsOptions
  readonly proxy?: string
  /** ms of one request. Default 10,000. */
  readonly timeoutMs?: number
  /** ms between two looks at the calls where they are polled: while nobody talks (4,000), while somebody does (1,500). */
  readonly pollIdleMs?: number
  readonly pollBusyMs?: number
  /** ms between two looks at the calls while webhooks tell of them and a call is known (20,000). */
  readonly reconcileMs?: number
  /** ms between two looks at settings, agent state and mailbox, which no event tells (30,000); 0: never. */
  readonly settingsMs?: number
  /** ms between two checks of the webhooks (180,000). */
  readonly healthMs?: number
}

export const DEFAULT_BASE_URL = 'https://webexapis.com/v1'
/** Key of the account's own record in the token store. */
export const ACCOUNT_KEY = 'account'
/** A token with less than this left is renewed first, ms (webex-calling.md 2.5). */
export const REFRESH_BEFORE_MS = 300_000

/** Options with everything filled in. */
export type Settings = WebexOptions & Required<Pick<WebexOptions,
  'baseUrl' | 'authorizeUrl' | 'tokenUrl' | 'ownPaths' | 'members' | 'userList' | 'queues' | 'interests' | 'timeoutMs' | 'pollIdleMs' | 'pollBusyMs' | 'reconcileMs' | 'settingsMs' | 'healthMs'>>

const missing = (field: string, text: string): CtiError => new CtiError('CTI_INVALID_REQUEST', text, { vendor: 'webex', missing: field, retryable: false })

function addressOf (raw: string, what: string): string {
  if (!URL.canParse(raw) || !/^https?:/i.test(raw)) throw missing(what, `The ${what} of the account must begin with https://.`)
  return raw.replace(/\/+$/, '')
}

/** What each kind of authorisation cannot do without. */
const NEEDS: Readonly<Record<WebexAuth['kind'], (options: WebexOptions) => CtiError | undefined>> = {
  integration: ({ client, tokens }) => client === undefined ? noClient() : tokens === undefined ? missing('tokens', 'The account has no place to keep its tokens.') : undefined,
  service: ({ auth, client }) => client === undefined ? noClient() : auth.kind === 'service' && auth.refreshToken === '' ? missing('refreshToken', 'The service app has no refresh token: copy it from the developer portal.') : undefined,
  token: ({ auth }) => auth.kind === 'token' && auth.accessToken === '' ? missing('accessToken', 'The account has no access token: enter it in the account.') : undefined,
  none: ({ bot }) => bot === undefined || bot.accessToken === '' ? missing('accessToken', 'The bot has no access token: enter it in the account.') : undefined
}
const noClient = (): CtiError => missing('clientId', 'The account has no client id and secret: register an integration and enter them.')

/** Checks the options and fills in what is left out. @throws CtiError CTI_INVALID_REQUEST; `cause.missing` names what has to be entered */
export function settingsOf (options: WebexOptions): Settings {
  const wrong = NEEDS[options.auth.kind](options)
  if (wrong !== undefined) throw wrong
  if (options.client !== undefined && (options.client.clientId === '' || options.client.clientSecret === '')) throw noClient()
  const entered = addressOf(options.baseUrl || DEFAULT_BASE_URL, 'baseUrl')
  const baseUrl = new URL(entered).pathname === '/' ? `${entered}/v1` : entered
  return {
    ...options,
    baseUrl,
    authorizeUrl: addressOf(options.authorizeUrl || `${baseUrl}/authorize`, 'authorizeUrl'),
    tokenUrl: addressOf(options.tokenUrl || `${baseUrl}/access_token`, 'tokenUrl'),
    ownPaths: options.ownPaths ?? 'calls',
    members: options.members ?? options.auth.kind === 'service',
    userList: options.userList ?? [],
    queues: options.queues ?? [],
    interests: options.interests ?? [],
    timeoutMs: options.timeoutMs ?? 10_000,
    pollIdleMs: options.pollIdleMs ?? 4000,
    pollBusyMs: options.pollBusyMs ?? 1500,
    reconcileMs: options.reconcileMs ?? 20_000,
    settingsMs: options.settingsMs ?? 30_000,
    healthMs: options.healthMs ?? 180_000
  }
}
