/** Turns a saved definition of one version into the next. Takes and returns plain properties; never removes what it does not know. */
type Migration = (properties: Readonly<Record<string, unknown>>) => Record<string, unknown>

/**
 * By node type: entry 0 leads from version 1 to 2, and so on. `version` in the HTML defaults of a type is the length of its list plus 1. A property that was
 * added later needs no entry: it is readable when absent.
 */
export const MIGRATIONS: Readonly<Record<string, readonly Migration[]>> = {}

export function currentVersion (type: string, table = MIGRATIONS): number {
  return (table[type]?.length ?? 0) + 1
}

/** The definition as the current code reads it. A definition without version counts as version 1; a newer one is left alone. */
export function migrate<T extends { type: string }> (definition: T, table = MIGRATIONS): T {
  const saved = Number((definition as { version?: unknown }).version ?? 1)
  const steps = (table[definition.type] ?? []).slice(Math.max(0, saved - 1))
  if (steps.length === 0) return definition
  const moved = steps.reduce<Record<string, unknown>>((properties, step) => step(properties), { ...definition })
  return { ...moved, version: currentVersion(definition.type, table) } as unknown as T
}
