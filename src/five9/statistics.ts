/** Rows of the supervisor's statistics by source and id, full and incremental frames merged (five9.md 4.4 to 4.6). */
import { isFields, lookup, objects, text, type Fields } from './read'

/** One row as it was and as it is; `after` is absent when it was removed. */
export interface RowChange { readonly id: string; readonly before?: Fields; readonly after?: Fields }
export interface SourceChange { readonly source: string; readonly full: boolean; readonly rows: readonly RowChange[] }

const MAX_SOURCES = 100
const MAX_ROWS = 100_000

export class Statistics {
  /** Leg that each agent is seen in now, by agent, with the beginning of the talk (ms) as his row told it; and the leg before it. */
  readonly calls = new Map<string, { readonly id: string; readonly since?: number }>()
  readonly lastCalls = new Map<string, string>()
  /** The filter as it was last read: it says what time the figures are about. */
  filter: Fields | undefined
  private readonly sources = new Map<string, Map<string, Fields>>()

  /** Payload of 5000: each source in it is replaced. */
  replace (payload: unknown): SourceChange[] {
    return parts(payload).map(({ source, part }) => {
      const before = this.sources.get(source)
      const rows = new Map<string, Fields>()
      for (const row of objects(part.data)) {
        const id = idOf(row)
        if (id !== undefined && rows.size < MAX_ROWS) rows.set(id, row)
      }
      this.put(source, rows)
      const gone = [...before ?? []].filter(([id]) => !rows.has(id)).map(([id, row]) => ({ id, before: row }))
      return { source, full: true, rows: [...[...rows].map(([id, after]) => change(id, before?.get(id), after)), ...gone] }
    })
  }

  /** Payload of 5012: rows added, updated field by field, removed. */
  merge (payload: unknown): SourceChange[] {
    return parts(payload).map(({ source, part }) => {
      const rows = this.sources.get(source) ?? this.put(source, new Map())
      const changes: RowChange[] = []
      for (const row of [...objects(part.added), ...objects(part.updated)]) {
        const id = idOf(row)
        if (id === undefined || (rows.size >= MAX_ROWS && !rows.has(id))) continue
        const before = rows.get(id)
        const after = before === undefined ? row : { ...before, ...row }
        rows.set(id, after)
        changes.push(change(id, before, after))
      }
      // Ids as a rule, rows in an early form.
      for (const item of Array.isArray(part.removed) ? part.removed : []) {
        const id = isFields(item) ? idOf(item) : text(item) ?? (item === '' ? '' : undefined)
        const before = id === undefined ? undefined : rows.get(id)
        if (id === undefined || before === undefined) continue
        rows.delete(id)
        changes.push({ id, before })
      }
      return { source, full: false, rows: changes }
    })
  }

  rows (source: string): ReadonlyMap<string, Fields> {
    return this.sources.get(source) ?? new Map<string, Fields>()
  }

  row (source: string, id: string): Fields | undefined {
    return this.sources.get(source)?.get(id)
  }

  get names (): string[] {
    return [...this.sources.keys()]
  }

  clear (): void {
    this.calls.clear()
    this.lastCalls.clear()
    this.sources.clear()
  }

  private put (source: string, rows: Map<string, Fields>): Map<string, Fields> {
    if (this.sources.size < MAX_SOURCES || this.sources.has(source)) this.sources.set(source, rows)
    return rows
  }
}

/** The id of a row; `""` is the total of the domain (five9.md 4.6). */
function idOf (row: Fields): string | undefined {
  return row.id === '' ? '' : text(lookup(row, 'id'))
}

function change (id: string, before: Fields | undefined, after: Fields): RowChange {
  return before === undefined ? { id, after } : { id, before, after }
}

function parts (payload: unknown): { source: string; part: Fields }[] {
  return objects(Array.isArray(payload) ? payload : [payload]).flatMap((part) => {
    const source = text(part.dataSource)
    return source === undefined ? [] : [{ source, part }]
  })
}
