/** Call attached variables: a catalogue of the domain, and values by its ids (five9.md 3.2). */
import { IdTable } from './ids'
import { refused } from './errors'

interface Variable { id: string; group: string; name: string }

/** Variables of the group Call, in the order of their ids from 101; spelling by general knowledge of the product. */
const STANDARD = [
  'ANI', 'DNIS', 'session_id', 'skill_name', 'number', 'call_id', 'campaign_id', 'campaign_name', 'skill_id', 'type_name', 'disposition_id', 'disposition_name', 'start_timestamp', 'queue_time'
] as const
type StandardName = typeof STANDARD[number]

const split = (key: string): [group: string, name: string] => [key.slice(0, key.indexOf('.')), key.slice(key.indexOf('.') + 1)]

export class Variables {
  private readonly standard = new IdTable(101, STANDARD.map((key) => ({ key })))
  private readonly own: IdTable
  private readonly keys: string[]
  /** Set by the publisher: the catalogue grew. */
  grown: (variable: Variable) => void = () => {}

  constructor (domain: { group: string; name: string }[]) {
    this.keys = domain.map(({ group, name }) => `${group}.${name}`)
    this.own = new IdTable(201, this.keys.map((key) => ({ key })))
  }

  /** The catalogue. */
  list (): Variable[] {
    const own = this.keys.map((key) => ({ id: this.own.id(key), group: split(key)[0], name: split(key)[1] }))
    return [...STANDARD.map((name) => ({ id: this.standard.id(name), group: 'Call', name })), ...own]
  }

  /** Values of a call by variable id; data that another system attached gets a variable of the group Custom. */
  values (standard: Partial<Record<StandardName, string>>, data: Record<string, string>): Record<string, string> {
    const values: Record<string, string> = {}
    for (const [name, value] of Object.entries(standard)) values[this.standard.id(name)] = value
    for (const [name, value] of Object.entries(data)) values[this.idOf(name)] = value
    return values
  }

  /**
   * What a client set, as data of the PBX.
   * @throws Five9Error for an id that is not there, or one of the group Call, which the system fills
   */
  data (given: Record<string, unknown>): Record<string, string> {
    return Object.fromEntries(Object.entries(given).map(([id, value]) => {
      const key = this.own.key(id)
      if (key === undefined) throw refused(this.standard.key(id) === undefined ? `No call variable ${id}` : `Call variable ${id} is read only`, { objectId: id })
      return [dataName(key), value === null || value === undefined ? '' : String(value)]
    }))
  }

  private idOf (name: string): string {
    const key = this.keys.find((each) => dataName(each) === name) ?? `Custom.${name}`
    if (this.keys.includes(key)) return this.own.id(key)
    this.keys.push(key)
    const variable = { id: this.own.id(key), group: 'Custom', name }
    this.grown(variable)
    return variable.id
  }
}

/** Name under which the PBX keeps a variable: of the group Custom without the group. */
function dataName (key: string): string {
  const [group, name] = split(key)
  return group === 'Custom' ? name : key
}
