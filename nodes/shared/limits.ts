import { CtiError } from '../../src/model'

/** Characters of one text in a request. */
export const TEXT_LIMIT = 64 * 1024
/** Characters of all texts and keys of a request's objects together. */
export const OBJECT_LIMIT = 1024 * 1024
/** The same for `request`, whose body is the vendor's own. */
export const BODY_LIMIT = 16 * 1024 * 1024
const DEPTH_LIMIT = 64

/** Characters left of `budget` after `value`; negative as soon as it is used up, without walking on. */
function spend (value: unknown, budget: number, depth: number): number {
  if (budget < 0 || depth > DEPTH_LIMIT) return -1
  if (typeof value === 'string') return budget - value.length
  if (typeof value !== 'object' || value === null) return budget - 8
  if (ArrayBuffer.isView(value)) return budget - value.byteLength
  let left = budget
  for (const [key, item] of Object.entries(value)) {
    left = spend(item, left - key.length, depth + 1)
    if (left < 0) return -1
  }
  return left
}

/**
 * Refuses what is too large to be a request, cheaply: the walk ends where the limit is reached.
 * @throws CtiError CTI_INVALID_REQUEST naming the field
 */
export function refuseOversize (request: Readonly<Record<string, unknown>>, large: ReadonlySet<string>): void {
  for (const [name, value] of Object.entries(request)) {
    const limit = large.has(name) ? BODY_LIMIT : typeof value === 'string' ? TEXT_LIMIT : OBJECT_LIMIT
    if (spend(value, limit, 0) < 0) {
      throw new CtiError('CTI_INVALID_REQUEST', `"${name}" is too large or nested too deep (limit ${limit} characters).`, { field: name, retryable: false })
    }
  }
}
