/** What a supervisor chose to see (five9.md 3.6). */
import { type User } from '../pbx/types'
import { fields } from './bodies'
import { badRequest } from './errors'
import { type Site } from './site'
import { type Row, type Source } from './statistics/row'

const DEFAULT = {
  skillsSelectionType: 'MY', skills: [] as unknown, groupSelectionType: 'ALL', groups: [] as unknown, range: 'CURRENT_DAY', rollingTimePeriod: 'MINUTES30', shiftHours: 0,
  subscribedHourOffset: 0, timeZone: null as unknown, timeZoneId: null as unknown, useAdminTimeZone: false
}
const CHOICES: Record<string, string[]> = {
  skillsSelectionType: ['ALL', 'MY', 'SPECIFY'],
  groupSelectionType: ['ALL', 'MY', 'SPECIFY'],
  range: ['CURRENT_DAY', 'CURRENT_WEEK', 'CURRENT_MONTH', 'CURRENT_SHIFT', 'LIFETIME', 'ROLLING_HOUR'],
  rollingTimePeriod: ['MINUTES5', 'MINUTES10', 'MINUTES15', 'MINUTES30', 'HOUR1', 'HOUR2', 'HOUR3', 'TODAY']
}

type Filter = typeof DEFAULT

/** Filters by user key. */
export class Filters {
  private readonly byUser = new Map<string, Filter>()

  of (user: User): Filter {
    return this.byUser.get(user.key) ?? DEFAULT
  }

  /** @throws Five9Error 400 for a value that is none of the choices */
  set (user: User, body: unknown): Filter {
    const { groupsSelectionType, ...given } = fields(body)
    const asked: Record<string, unknown> = { ...given, ...(groupsSelectionType === undefined ? {} : { groupSelectionType: groupsSelectionType }) }
    for (const [name, allowed] of Object.entries(CHOICES)) {
      if (asked[name] !== undefined && !allowed.includes(String(asked[name]))) throw badRequest(`${name} must be one of ${allowed.join(', ')}`)
    }
    const known = Object.fromEntries(Object.entries(asked).filter(([name]) => Object.hasOwn(DEFAULT, name)))
    const filter = { ...this.of(user), ...known }
    this.byUser.set(user.key, filter)
    return filter
  }
}

/** Whether a supervisor sees a row. `MY` is everything: the PBX assigns no skills and groups to supervisors. Totals are always seen. */
export function filterFor ({ filters, ids, pbx }: Site, user: User): (source: Source, row: Row) => boolean {
  const { skillsSelectionType, skills, groupSelectionType, groups } = filters.of(user)
  const bySkill = skillsSelectionType === 'SPECIFY' && Array.isArray(skills) ? new Set(skills.map(idOf)) : undefined
  const byGroup = groupSelectionType === 'SPECIFY' && Array.isArray(groups) ? new Set(groups.map(idOf)) : undefined
  return ({ by }, { id }) => {
    if (by === 'skill') return id === '0' || bySkill === undefined || bySkill.has(id)
    if (by !== 'agent' || id === '' || byGroup === undefined) return true
    return byGroup.has(ids.groups.id(groupOf(pbx.users.get(ids.users.key(id) ?? ''))))
  }
}

/** Name of the agent group of a user: his department. */
export function groupOf (user: User | undefined): string {
  return user?.department ?? 'Everybody'
}

/** Lists hold ids, or objects with one. */
function idOf (entry: unknown): string {
  return String(fields(entry).id ?? entry)
}
