/** From the settings of a Webex account to the options of its driver. Pure. */
import type { TokenStore } from '../../../src/session/tokenStore'
import { FEATURES, scopesOf, type Feature, type OAuthClient, type WebexAuth, type WebexOptions, type WebhookInbox } from '../../../src/webex'
import type { AccountSettings } from '../../shared/accountSettings'
import { toCount, toFlag, toList, toText } from '../../shared/coerce'
import { proxyUrl } from '../../shared/proxy'
import type { SimulatorAddress } from '../../shared/simulatorNode'
import { choiceIn, given, missing, unusable } from './read'

/** How the account gets its tokens; `bot` has none of its own, people act with theirs. */
const KINDS = ['integration', 'service', 'token', 'bot'] as const
export type WebexKind = (typeof KINDS)[number]
const OWN_PATHS = ['calls', 'membersMe'] as const satisfies readonly WebexOptions['ownPaths'][]
const API = 'https://webexapis.com'

/** What the node layer lends to the driver. */
export interface WebexMeans {
  readonly tokens: TokenStore
  readonly hooks?: WebhookInbox
  /** Where a redirect comes back, when the account names no address. */
  readonly redirectUri?: string
}

export function webexKind ({ properties }: AccountSettings): WebexKind {
  return choiceIn('webex', properties, 'auth', KINDS)
}

function features (value: unknown): Feature[] {
  const list = value === undefined || value === '' ? ['calls', 'people', 'settings'] : toList(value)
  const unknown = list.find((name) => !(FEATURES as readonly string[]).includes(name))
  if (unknown !== undefined) throw unusable('webex', 'features', `"${unknown.slice(0, 40)}" is nothing that a Webex account can be used for. Possible: ${FEATURES.join(', ')}.`)
  return list as Feature[]
}

function demoClient (kind: WebexKind, simulator: SimulatorAddress): { clientId?: string; clientSecret?: string } {
  const { clientId, clientSecret, serviceClientId, serviceClientSecret } = simulator.login('webex')
  return kind === 'service' ? { clientId: serviceClientId, clientSecret: serviceClientSecret } : { clientId, clientSecret }
}

/** The integration or service app; absent where neither id nor secret is entered. */
function clientOf (kind: WebexKind, { properties, credentials, simulator }: AccountSettings, redirectUri: string | undefined): OAuthClient | undefined {
  const { clientId, clientSecret } = simulator ? demoClient(kind, simulator) : { clientId: toText(properties.clientId), clientSecret: credentials.clientSecret }
  if (!clientId && !clientSecret) return undefined
  if (!clientId) throw missing('webex', 'clientId', 'The account has no client id: copy it from the developer portal.')
  if (!clientSecret) throw missing('webex', 'clientSecret', 'The account has no client secret: copy it from the developer portal.')
  const address = toText(properties.redirectUri) || redirectUri
  return { clientId, clientSecret, scopes: scopesOf(features(properties.features)), ...given({ redirectUri: address }) }
}

function authOf (kind: WebexKind, { properties, credentials, simulator }: AccountSettings): WebexAuth {
  if (kind === 'bot') return { kind: 'none' }
  if (simulator) {
    const { token = '', adminToken = '', serviceRefreshToken = '' } = simulator.login('webex')
    if (kind === 'service') return { kind, refreshToken: serviceRefreshToken }
    // Nobody but an administrator may watch others.
    return { kind: 'token', accessToken: toFlag(properties.members) ? adminToken : token }
  }
  if (kind === 'service') return { kind, refreshToken: credentials.refreshToken ?? '' }
  if (kind === 'token') return { kind, accessToken: credentials.accessToken ?? '' }
  return { kind: 'integration' }
}

function botOf (kind: WebexKind, { credentials, simulator }: AccountSettings): Pick<WebexOptions, 'bot'> {
  const accessToken = simulator ? simulator.login('webex').botToken : credentials.botToken
  if (kind === 'bot' && !accessToken) throw missing('webex', 'botToken', 'The account has no token of a bot: enter it in the account.')
  return accessToken ? { bot: { accessToken } } : {}
}

/** ms of a field; 0 where that is allowed to mean never. */
function pace (properties: AccountSettings['properties']): Partial<WebexOptions> {
  return given({ pollIdleMs: toCount(properties.pollIdle) || undefined, pollBusyMs: toCount(properties.pollBusy) || undefined, settingsMs: toCount(properties.settingsEvery) })
}

/**
 * @returns the options of the driver
 * @throws CtiError CTI_INVALID_REQUEST; `cause.missing` names what has to be entered, `cause.field` what cannot be used
 */
export function webexOptions (settings: AccountSettings, { tokens, hooks, redirectUri }: WebexMeans): WebexOptions {
  const { accountId, properties, tls, simulator, timeoutMs } = settings
  const kind = webexKind(settings)
  const client = clientOf(kind, settings, redirectUri)
  const baseUrl = simulator ? `${simulator.url('webex')}/v1` : toText(properties.baseUrl)
  return {
    accountId,
    instanceId: settings.stableId('webhooks'),
    auth: authOf(kind, settings),
    tokens,
    ...(client === undefined ? {} : { client }),
    ...botOf(kind, settings),
    ownPaths: choiceIn('webex', properties, 'ownPaths', OWN_PATHS),
    ...(toFlag(properties.members) ? { members: true } : {}),
    ...given({
      baseUrl,
      authorizeUrl: simulator ? '' : toText(properties.authorizeUrl),
      tokenUrl: simulator ? '' : toText(properties.tokenUrl),
      orgId: toText(properties.orgId),
      userList: toList(properties.userList),
      queues: toList(properties.queues),
      interests: toList(properties.interests),
      hooks,
      tls: tls ?? (simulator?.ca === undefined ? undefined : { ca: simulator.ca }),
      proxy: simulator ? undefined : proxyUrl(settings.proxy, baseUrl || API),
      timeoutMs
    }),
    ...pace(properties)
  }
}
