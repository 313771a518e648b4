import { PLATFORMS, type Platform } from '../model'
import type { ActionEntry, ActionTable } from './types'

const tables = new Map<Platform, ActionTable>()

/** A vendor makes its table known, once, when it is loaded: so an error can name the systems that can do what this one cannot. */
export function registerActions (platform: Platform, table: ActionTable): void {
  tables.set(platform, table)
}

/** The table of a vendor, undefined while nothing has loaded it. */
export function actionsOf (platform: Platform): ActionTable | undefined {
  return tables.get(platform)
}

/** @returns the platforms that have the action and, when given, honour the field, in the order of `PLATFORMS` */
export function supportedBy (action: string, field?: string): Platform[] {
  return PLATFORMS.filter((platform) => {
    const entry = entryOf(tables.get(platform), action)
    return entry !== undefined && (field === undefined || entry.lacks?.includes(field) !== true)
  })
}

/** The entry of an action, safe for any name that a flow may send. */
export function entryOf (table: ActionTable | undefined, action: string): ActionEntry | undefined {
  return table !== undefined && Object.hasOwn(table, action) ? (table as Readonly<Record<string, ActionEntry | undefined>>)[action] : undefined
}
