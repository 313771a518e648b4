/** A row of a data source; `id` names it. */
export interface Row { id: string; [field: string]: unknown }

/** What may have changed since rows were compared last. */
export interface Marks {
  /** Keys of users whose state or calls changed, of queues, and of users whose counters moved. */
  users: Set<string>
  queues: Set<string>
  counted: Set<string>
  /** Everything may have. */
  all: boolean
}

/** A data source: which rows it has now. */
export interface Source {
  readonly name: string
  ids (): string[]
  /** Undefined for an id that is not there. */
  row (id: string): Row | undefined
  /** Ids of the rows that marks may have changed; absent: none, as only `all` does. */
  within? (marks: Marks): string[]
  /** Fields that change with time alone: no reason to tell a row. */
  readonly clockwork?: readonly string[]
  /** Rows by skill or by agent, for the filter of a supervisor. */
  readonly by?: 'skill' | 'agent'
}
