/** From the settings of an XSI account to the options of its driver. Pure. */
import type { CtiError } from '../../../src/model'
import type { XsiAuth, XsiOptions, XsiScope } from '../../../src/xsi/options'
import type { AccountSettings } from '../../shared/accountSettings'
import { toList, toText } from '../../shared/coerce'
import { proxyUrl } from '../../shared/proxy'
import type { WebexLoan } from '../../webex/loan'
import { given, missing as missingOf } from './read'

const SCOPES: readonly XsiScope[] = ['user', 'users', 'group', 'enterprise']
const APPLICATIONS = ['actions', 'events', 'channel'] as const
const HAS_SCHEME = /^https?:\/\//i

const missing = (what: string, message: string): CtiError => missingOf('xsi', what, message)

/** Of an application's field, an address with scheme is the whole address; anything else the name that a provider gave the application. */
function address ({ properties, simulator }: AccountSettings, loan: WebexLoan | undefined): Partial<XsiOptions> {
  if (simulator) return { host: simulator.url('xsi') }
  if (loan) {
    const { actionsUrl, eventsUrl, channelUrl, srvDomain } = loan.place
    return given({ actionsUrl, eventsUrl, channelUrl, srvDomain })
  }
  const [host, ...servers] = toList(properties.host)
  const applications: Record<string, string> = {}
  for (const name of APPLICATIONS) {
    const value = toText(properties[`${name}Url`])
    if (value !== '') applications[HAS_SCHEME.test(value) ? `${name}Url` : `${name}Context`] = value
  }
  if (host === undefined && (applications.actionsUrl === undefined || applications.eventsUrl === undefined)) {
    throw missing('host', 'The account has no server: enter its host, or the addresses of actions and events.')
  }
  return given({ host, servers, ...applications })
}

function authentication ({ properties, credentials, simulator }: AccountSettings, loan: WebexLoan | undefined): XsiAuth {
  if (simulator) {
    const { username, password, adminUsername, adminPassword } = simulator.login('xsi')
    // Nobody but an administrator may watch others.
    const others = !['', 'user'].includes(toText(properties.scope))
    if (others && adminUsername !== undefined && adminPassword !== undefined) return { kind: 'basic', username: adminUsername, password: adminPassword }
    return { kind: 'basic', username, password }
  }
  if (loan) return { kind: 'bearer', token: loan.token }
  if (toText(properties.auth) === 'bearer') {
    const { accessToken } = credentials
    if (accessToken === undefined) throw missing('accessToken', 'The account has no access token: enter it in the account.')
    if (toText(properties.userId) === '') throw missing('userId', 'An access token says nothing about its user: enter the user id (at Webex the id of the person).')
    return { kind: 'bearer', token: () => Promise.resolve(accessToken) }
  }
  const { username, password } = credentials
  if (username === undefined) throw missing('username', 'The account has no user name: enter it in the account.')
  if (password === undefined) throw missing('password', 'The account has no password: enter it in the account.')
  return { kind: 'basic', username, password }
}

/** What a scope cannot do without. */
const SCOPE_NEEDS: Readonly<Record<XsiScope, readonly ('userList' | 'groupId' | 'enterpriseId')[]>> = {
  user: [], users: ['userList'], group: ['groupId', 'enterpriseId'], enterprise: ['enterpriseId']
}
const NEED_TEXT = {
  userList: 'The account watches a list of users, and the list is empty.',
  groupId: 'The account watches a group: enter the id of the group.',
  enterpriseId: 'The account watches a group or an enterprise: enter the id of the enterprise.'
}

function scope ({ properties, simulator }: AccountSettings): Partial<XsiOptions> {
  const chosen = SCOPES.find((word) => word === toText(properties.scope)) ?? 'user'
  const login = simulator?.login('xsi')
  const values = {
    userList: toList(properties.userList),
    groupId: toText(properties.groupId) || login?.groupId,
    enterpriseId: toText(properties.enterpriseId) || login?.enterpriseId
  }
  for (const need of SCOPE_NEEDS[chosen]) {
    if ((values[need] ?? '').length === 0) throw missing(need, NEED_TEXT[need])
  }
  return given({ scope: chosen, ...values, queues: toList(properties.queues) })
}

/**
 * @param loan token and addresses of the Webex account that this account borrows from
 * @returns the options of the driver
 * @throws CtiError CTI_INVALID_REQUEST; `cause.missing` names what has to be entered
 */
export function xsiOptions (settings: AccountSettings, loan?: WebexLoan): XsiOptions {
  const { properties, tls, simulator } = settings
  const place = address(settings, loan)
  return {
    ...place,
    ...scope(settings),
    ...(properties.packageList === true ? { packageList: true } : {}),
    ...given({
      packages: toList(properties.packages),
      protocolVersion: toText(properties.protocolVersion),
      userId: simulator ? '' : toText(properties.userId) || loan?.place.userId,
      proxy: proxyUrl(settings.proxy, place.host ?? place.actionsUrl),
      tls: tls ?? (simulator?.ca === undefined ? undefined : { ca: simulator.ca }),
      timeoutMs: settings.timeoutMs
    }),
    auth: authentication(settings, loan),
    applicationId: settings.stableId('application'),
    channelSetId: settings.stableId('channelSet')
  }
}
