/** The table "who can do what" of the README, made of the vendors' action tables. */
import { ACTIONS, PLATFORM_LABELS, PLATFORMS, type ActionGroup, type ActionName, type Platform } from '../../src/model'
import { availabilityOf } from '../../src/session/capability'
import { actionsOf } from '../../src/session/registry'
import type { ActionEntry } from '../../src/session/types'
import { ACTION_TEXTS } from './actionTexts'

const BEGIN = '<!-- capabilities:begin -->'
const END = '<!-- capabilities:end -->'

/** In the order of the nodes in the README; transfers and calls are one node each. */
const GROUPS: readonly ActionGroup[] = ['originate', 'transfer', 'call', 'agent', 'forwarding', 'lookup', 'request']

/**
 * The platforms of this version, those whose account node is in package.json, with their action tables loaded. A further vendor comes in by `PLATFORMS` and
 * by its account node; its table is in `src/<platform>/session.ts`, which registers it.
 * @throws Error for an account whose platform has registered no table
 */
export function loadPlatforms (nodeSets: Readonly<Record<string, string>>): Platform[] {
  const platforms = PLATFORMS.filter((platform) => `${platform}-account` in nodeSets)
  for (const platform of platforms) {
    require(`../../src/${platform}/session`)
    if (actionsOf(platform) === undefined) throw new Error(`src/${platform}/session.ts registers no actions`)
  }
  return platforms
}

const code = (name: string): string => `\`${name}\``

/** yes, no, or yes with what it depends on (asked without a connection) and which fields it has no means for. */
function cell (entry: ActionEntry | undefined): string {
  if (entry === undefined) return 'no'
  const available = availabilityOf(entry)
  const notes = [...(available === true ? [] : [`unless ${available}`]), ...(entry.lacks === undefined || entry.lacks.length === 0 ? [] : [`without ${entry.lacks.map(code).join(', ')}`])]
  return ['yes', ...notes].join(', ').replace(/[|\n]/g, ' ')
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/** The table as Markdown, without markers. @param platforms columns; their tables are registered */
export function capabilityTable (platforms: readonly Platform[]): string {
  const names = GROUPS.flatMap((group) => (Object.keys(ACTIONS) as ActionName[]).filter((name) => ACTIONS[name].group === group))
  return [
    row(['action', 'what it does', ...platforms.map((platform) => PLATFORM_LABELS[platform])]),
    `|${'---|'.repeat(2 + platforms.length)}`,
    ...names.map((name) => row([code(name), ACTION_TEXTS[name], ...platforms.map((platform) => cell(actionsOf(platform)?.[name]))]))
  ].join('\n')
}

/** `text` with the table between its markers, which stay. @throws Error when there is not exactly one pair of them, in order */
export function withTable (text: string, table: string): string {
  const [before, inside, ...more] = text.split(BEGIN)
  const parts = inside?.split(END)
  if (before === undefined || parts?.length !== 2 || more.length > 0) throw new Error(`One ${BEGIN} and after it one ${END} are needed`)
  return `${before}${BEGIN}\n${table}\n${END}${parts[1]}`
}
