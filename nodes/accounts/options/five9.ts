/** From the settings of a Five9 account to the options of its driver. Pure. */
import { REGIONS, type Five9Advanced, type Five9Logout, type Five9Options, type Five9Policy, type Five9Region, type Five9Role } from '../../../src/five9'
import type { AccountSettings } from '../../shared/accountSettings'
import { toCount, toFlag, toList, toText } from '../../shared/coerce'
import { proxyUrl } from '../../shared/proxy'
import { choiceIn, given, missing, objectIn, unusable } from './read'

const ROLES = ['agent', 'supervisor', 'both'] as const satisfies readonly Five9Role[]
const POLICIES = ['attach', 'takeOver'] as const satisfies readonly Five9Policy[]
const LOGOUTS = ['own', 'always', 'never'] as const satisfies readonly Five9Logout[]
const CORRECTIONS: readonly string[] = ['paths', 'methods', 'bodies', 'callStates', 'logoutReason', 'authorization'] satisfies readonly (keyof Five9Advanced)[]
/** Chosen instead of a region: the address is in `host`. */
const OTHER = 'other'
const PLACES = [...Object.keys(REGIONS) as Five9Region[], OTHER] as const

function place ({ properties, simulator }: AccountSettings): Pick<Five9Options, 'region' | 'baseUrl'> {
  if (simulator) return { baseUrl: simulator.url('five9') }
  const region = choiceIn('five9', properties, 'region', PLACES)
  if (region !== OTHER) return { region }
  const baseUrl = toText(properties.host)
  if (baseUrl === '') throw missing('five9', 'host', 'The account has no server: enter its host, or choose a region.')
  return { baseUrl }
}

function login ({ credentials, simulator }: AccountSettings, role: Five9Role): Pick<Five9Options, 'username' | 'password'> {
  if (simulator) {
    const { username, password, adminUsername, adminPassword } = simulator.login('five9')
    // The demo house has a supervisor beside its agents, and an agent who is both.
    const other = role === 'supervisor' && adminUsername !== undefined && adminPassword !== undefined
    return other ? { username: adminUsername, password: adminPassword } : { username, password }
  }
  const { username, password } = credentials
  if (username === undefined) throw missing('five9', 'username', 'The account has no user name: enter it in the account.')
  if (password === undefined) throw missing('five9', 'password', 'The account has no password: enter it in the account.')
  return { username, password }
}

/** In the simulator an agent without a station could not be called: it gets the softphone that needs nothing typed. */
function station ({ properties, simulator }: AccountSettings, role: Five9Role): Partial<Five9Options> {
  if (role === 'supervisor') return {}
  const stationType = toText(properties.stationType) || 'EMPTY'
  return { stationType: simulator && stationType === 'EMPTY' ? 'SOFTPHONE' : stationType, ...given({ stationId: toText(properties.stationId) }) }
}

/** `none` is a list without skills; an empty field leaves them as they are. */
function skills (value: unknown): Pick<Five9Options, 'skills'> {
  const list = toList(value)
  if (list.length === 0) return {}
  return { skills: list.length === 1 && list[0]?.toLowerCase() === 'none' ? [] : list }
}

/** The corrections; what is in each of them the driver checks. */
function corrections (properties: AccountSettings['properties']): Five9Advanced | undefined {
  const advanced = objectIn('five9', properties, 'advanced')
  const unknown = Object.keys(advanced ?? {}).find((name) => !CORRECTIONS.includes(name))
  if (unknown !== undefined) throw unusable('five9', 'advanced', `"${unknown.slice(0, 40)}" is nothing that the advanced settings can correct. Possible: ${CORRECTIONS.join(', ')}.`)
  return advanced
}

/**
 * @returns the options of the driver
 * @throws CtiError CTI_INVALID_REQUEST; `cause.missing` names what has to be entered, `cause.field` what cannot be used
 */
export function five9Options (settings: AccountSettings): Five9Options {
  const { properties, tls, simulator, timeoutMs } = settings
  const role = choiceIn('five9', properties, 'role', ROLES)
  const where = place(settings)
  return {
    ...where,
    ...login(settings, role),
    role,
    // A test throws nobody out.
    policy: settings.trial ? 'attach' : choiceIn('five9', properties, 'policy', POLICIES),
    ...station(settings, role),
    ...skills(properties.skills),
    acceptNotices: toFlag(properties.acceptNotices, true),
    logout: choiceIn('five9', properties, 'logout', LOGOUTS),
    ...given({
      statsIntervalMs: toCount(properties.statsInterval),
      advanced: corrections(properties),
      tls: tls ?? (simulator?.ca === undefined ? undefined : { ca: simulator.ca }),
      proxy: simulator ? undefined : proxyUrl(settings.proxy, where.baseUrl ?? REGIONS[where.region ?? 'us']),
      timeoutMs
    })
  }
}
