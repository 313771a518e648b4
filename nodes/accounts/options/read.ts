/** What the accounts' options share: reading choices and objects, and saying what is missing. Pure. */
import { CtiError, type Platform } from '../../../src/model'
import { isPlainObject, toText } from '../../shared/coerce'

type Properties = Readonly<Record<string, unknown>>

/** Something only a person can give. @param what name of the field, in `cause.missing` */
export function missing (vendor: Platform, what: string, message: string): CtiError {
  return new CtiError('CTI_INVALID_REQUEST', message, { vendor, missing: what, retryable: false })
}

/** Something was given, and cannot be used. @param field its name, in `cause.field` */
export function unusable (vendor: Platform, field: string, message: string): CtiError {
  return new CtiError('CTI_INVALID_REQUEST', message, { vendor, field, retryable: false })
}

/** Only what has a value: an absent option is the driver's default. */
export function given<T extends object> (options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0))) as { [K in keyof T]?: Exclude<T[K], undefined> }
}

/** One of `words`; the first when the property is empty. @throws CtiError for another word, rather than guess */
export function choiceIn<T extends string> (vendor: Platform, properties: Properties, name: string, words: readonly T[]): T {
  const text = toText(properties[name])
  const chosen = text === '' ? words[0] : words.find((word) => word === text)
  if (chosen === undefined) throw unusable(vendor, name, `"${name}" of the account must be one of ${words.join(', ')}.`)
  return chosen
}

/** An object, or the JSON text of one; undefined when empty. @throws CtiError when it is neither */
export function objectIn (vendor: Platform, properties: Properties, name: string): Record<string, unknown> | undefined {
  const value = properties[name]
  if (isPlainObject(value)) return value
  if (value === undefined || value === null || toText(value) === '') return undefined
  try {
    const parsed: unknown = JSON.parse(toText(value))
    if (isPlainObject(parsed)) return parsed
  } catch { /* said below: a text that is no JSON is no object either */ }
  throw unusable(vendor, name, `"${name}" of the account is not a JSON object.`)
}
