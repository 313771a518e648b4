/** A user service as a row of a table: where it is, which elements it has in schema order, how to read and write them (xsi.md 3.3). */
import { type User } from '../../pbx/types'
import { type Values } from '../settings'
import { type Site } from '../site'
import { type El } from '../tree'

export interface Field {
  name: string
  kind: 'boolean' | 'integer' | 'phone' | 'text'
  /** Nil when it has no value; otherwise it is left out. */
  nil?: boolean
  /** Ignored in a PUT. */
  readOnly?: boolean
  /** Values allowed. */
  oneOf?: readonly string[]
  /** Limits of an integer, both included; `except` is invalid all the same. */
  min?: number
  max?: number
  except?: number
}

export interface Service {
  /** As `GET services` lists it. */
  name: string
  /** Segment after `/services/`. */
  path: string
  /** Root element; the path when absent. */
  root?: string
  fields: readonly Field[]
  /** Assigned to this user; absent: to all. */
  assigned?: (user: User) => boolean
  read: (site: Site, user: User) => Values
  /** Absent: read only. */
  write?: (site: Site, user: User, values: Values) => void
  /** Elements that are no plain fields, after those; events write numbers as URIs. */
  nested?: (site: Site, user: User, forEvent: boolean) => (El | undefined)[]
  writeNested?: (site: Site, user: User, body: El) => void
  /** Event package and the stem of its event. */
  event?: { package: string; type: string; empty?: boolean }
}
