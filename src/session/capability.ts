import { ACTIONS, CtiError, isActionName, PLATFORM_LABELS, type ActionSpec, type Platform } from '../model'
import { entryOf } from './registry'
import type { ActionEntry, ActionTable, Availability, Capability } from './types'

/** What the model or, for a vendor's extra, the vendor says of an action. */
export function specOf (table: ActionTable, action: string): ActionSpec | undefined {
  return isActionName(action) ? ACTIONS[action] : entryOf(table, action)?.spec
}

/** Whether this account can do an action now; `why` is a clause that fits after "not possible here:" (model.md 5.3). */
export function capabilityOf (platform: Platform, table: ActionTable, action: string): Capability {
  const entry = entryOf(table, action)
  if (entry === undefined || specOf(table, action) === undefined) {
    return { can: false, why: isActionName(action) ? `${PLATFORM_LABELS[platform]} has no such function` : 'no such action is known' }
  }
  const available = availabilityOf(entry)
  return available === true ? { can: true } : { can: false, why: available }
}

/** What the vendor says is lacking, or true. A vendor that fails to say is a reason too. */
export function availabilityOf (entry: ActionEntry): Availability {
  try {
    return entry.available?.() ?? true
  } catch (error) {
    return `whether it is available could not be found out (${CtiError.from(error).message})`
  }
}
