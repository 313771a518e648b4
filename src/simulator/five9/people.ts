/** Users as the domain has them: roles, permissions, how they log in (five9.md 3.5). */
import { type Pbx } from '../pbx/pbx'
import { type User } from '../pbx/types'
import { forbidden } from './errors'
import { type HalfName } from './sessions'
import { type Five9Options } from './options'

const AGENT = [
  'CAN_RUN_WEB_AGENT', 'CAN_MAKE_CALLS_TO_EXTERNAL', 'CAN_MAKE_CALLS_TO_AGENT', 'CAN_MAKE_CALLS_TO_SPEED_DIAL', 'CAN_TRANSFER_TO_AGENT', 'CAN_TRANSFER_TO_EXTERNAL',
  'CAN_TRANSFER_TO_SPEED_DIAL', 'CAN_CREATE_CONFERENCE_WITH_AGENT', 'CAN_CREATE_CONFERENCE_WITH_EXTERNAL', 'CAN_CREATE_CONFERENCE_WITH_SPEED_DIAL', 'CAN_PLACE_CALL_ON_HOLD',
  'CAN_REJECT_CALLS', 'CAN_WRAPUP_CALL', 'CAN_EDIT_AGENT_SKILLS', 'CAN_RECEIVE_TRANSFERS'
]
const SUPERVISOR = [
  'CAN_RUN_SUPERVISOR', 'CAN_SILENT_MONITOR', 'CAN_WHISPER_MONITOR', 'CAN_BARGE_IN_MONITOR', 'CAN_VIEW_AGENTS_DATA', 'CAN_VIEW_SKILLS_DATA', 'CAN_VIEW_CAMPAIGNS_DATA',
  'CAN_VIEW_USERS_DATA', 'CAN_VIEW_STATIONS_DATA', 'CAN_VIEW_ACTIVE_SESSIONS', 'CAN_EDIT_AGENT_SKILLS'
]
const OF_ROLE: Record<string, string[]> = { Agent: AGENT, DomainSupervisor: SUPERVISOR, DomainAdmin: SUPERVISOR }
const TO_RUN: Record<HalfName, string> = { agent: 'CAN_RUN_WEB_AGENT', supervisor: 'CAN_RUN_SUPERVISOR' }

export class People {
  constructor (private readonly needs: { pbx: Pbx; options: Five9Options }) {}

  roles (user: User): string[] {
    const given = [user.agentKey !== undefined && 'Agent', user.supervisor && 'DomainSupervisor', user.admin && 'DomainAdmin'].filter((role) => role !== false)
    return [...given, ...this.needs.options.roles[user.key] ?? []]
  }

  permissions (user: User): string[] {
    const withheld = this.needs.options.withheld[user.key] ?? []
    return [...new Set(this.roles(user).flatMap((role) => OF_ROLE[role] ?? []))].filter((permission) => !withheld.includes(permission))
  }

  /** @throws Five9Error 403 without the permission */
  check (user: User, permission: string): void {
    if (!this.permissions(user).includes(permission)) throw forbidden(`The user has no permission ${permission}`)
  }

  /** @throws Five9Error 403 unless the user may run a half; the agent half needs an agent in the directory as well */
  mayRun (user: User, half: HalfName): void {
    this.check(user, TO_RUN[half])
    if (half === 'agent' && this.needs.pbx.agentOf(user.key) === undefined) throw forbidden('The user is no agent')
  }

  /** The user of a log-in name: his address, or the key of the directory. */
  byName (name: string): User | undefined {
    return this.needs.pbx.userByEmail(name) ?? this.needs.pbx.users.get(name)
  }

  /** Access token of single sign-on that the demo gives a user. */
  tokenOf (user: User): string {
    return `demo-token-${user.key}`
  }

  byToken (token: string): User | undefined {
    return [...this.needs.pbx.users.values()].find((user) => this.tokenOf(user) === token)
  }
}

/** Numbers as the system shows them: national within the country of the domain (five9.md 4.5). */
export function national (number: string | undefined): string {
  return (number ?? '').replace(/^\+1(?=\d{10}$)/, '')
}
