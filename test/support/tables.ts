/** The registry of actions belongs to the whole process: a test that puts tables of its own there gives it back. */
import { PLATFORMS, type Platform } from '../../src/model'
import { actionsOf, registerActions } from '../../src/session/registry'
import type { ActionTable } from '../../src/session/types'

/** Runs `work` with these tables and no others. */
export async function withTables (tables: Readonly<Partial<Record<Platform, ActionTable>>>, work: () => unknown): Promise<void> {
  const before = PLATFORMS.map((platform) => [platform, actionsOf(platform)] as const)
  for (const platform of PLATFORMS) registerActions(platform, tables[platform] ?? {})
  try {
    await work()
  } finally {
    for (const [platform, table] of before) registerActions(platform, table ?? {})
  }
}
