import { samePlain } from '../model'

/** Names of the fields that differ between two plain objects, in the order of the later one. `ignored` names are passed over. */
export function changedFields<T extends object> (before: T, after: object, ignored: ReadonlySet<string> = NONE): string[] {
  const changes: string[] = []
  const left = before as Record<string, unknown>
  const right = after as Record<string, unknown>
  for (const key in right) if (!ignored.has(key) && !samePlain(left[key], right[key])) changes.push(key)
  for (const key in left) if (!ignored.has(key) && left[key] !== undefined && right[key] === undefined && !(key in right)) changes.push(key)
  return changes
}

const NONE: ReadonlySet<string> = new Set()
