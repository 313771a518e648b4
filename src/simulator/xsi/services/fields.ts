/** Settings as elements and back: schema order out, partial PUT in (xsi.md 3.1, 3.3). */
import { type User } from '../../pbx/types'
import { badRequest } from '../errors'
import { type Values } from '../settings'
import { type Site } from '../site'
import { child, type El, el, text } from '../tree'
import { uriOf } from '../render/party'
import { type Field, type Service } from './types'

const BOOLEANS: Record<string, string> = { true: 'true', 1: 'true', false: 'false', 0: 'false' }

/** `yes`/`no` as the schema writes booleans. */
export function bool (value: boolean | undefined): string | undefined {
  return value === undefined ? undefined : String(value)
}

/** Elements of the fields in schema order. Events leave out what has no value and write numbers as URIs (xsi.md 4.10). */
export function fieldEls (fields: readonly Field[], values: Values, forEvent = false): (El | undefined)[] {
  return fields.map((field) => {
    const value = values[field.name]
    if (value === undefined || value === '') return field.nil && !forEvent ? { name: field.name, nil: true } : undefined
    return text(field.name, forEvent && field.kind === 'phone' ? uriOf(value) : value)
  })
}

function checked (field: Field, given: string): string {
  const value = given.trim()
  if (field.kind === 'boolean') {
    const known = BOOLEANS[value.toLowerCase()]
    if (known === undefined) throw badRequest(`${field.name} is true or false`)
    return known
  }
  if (field.kind === 'integer') {
    const number = Number(value)
    if (!/^\d+$/.test(value) || number < (field.min ?? 0) || number > (field.max ?? Infinity) || number === field.except) throw badRequest(`${field.name} is out of range`)
    return String(number)
  }
  if (field.oneOf && !field.oneOf.includes(value)) throw badRequest(`${field.name} must be one of ${field.oneOf.join(', ')}`)
  return field.kind === 'phone' ? value.replace(/^tel:/i, '') : value
}

/** Values given in a body: those left out are absent, those cleared are undefined. @throws XsiError 400 for wrong values and wrong order */
export function parseFields (fields: readonly Field[], body: El): Values {
  const values: Values = {}
  let last = -1
  for (const item of body.children ?? []) {
    const at = fields.findIndex((field) => field.name === item.name)
    const field = fields[at]
    if (field === undefined) continue
    if (at < last) throw badRequest(`${item.name} is not where the schema has it`)
    last = at
    if (field.readOnly) continue
    if (item.nil || (item.text ?? '').trim() === '') {
      if (!field.nil) throw badRequest(`${field.name} has no value`)
      values[field.name] = undefined
    } else {
      values[field.name] = checked(field, item.text ?? '')
    }
  }
  return values
}

/** The settings document of a service. */
export function serviceEl (site: Site, user: User, service: Service): El {
  return el(service.root ?? service.path, fieldEls(service.fields, service.read(site, user)), service.nested?.(site, user, false))
}

/** Content of a service event: `info` with the settings, or nothing for services without. */
export function serviceInfoEls (site: Site, user: User, service: Service): El[] {
  if (service.event?.empty) return []
  return [el('info', fieldEls(service.fields, service.read(site, user), true), service.nested?.(site, user, true))]
}

/** Applies a PUT. @throws XsiError 400 */
export function applyPut (site: Site, user: User, service: Service, body: El): void {
  const values = parseFields(service.fields, body)
  service.write?.(site, user, values)
  if (child(body, body.children?.[0]?.name ?? '') !== undefined) service.writeNested?.(site, user, body)
}
