/** Search and paging of lists (xsi.md 3.1). */
import { badRequest } from './errors'

/** Whether a value fits a search text: `abc`, `abc*`, `*abc*`, with `/i` at the end for any case, `\/` for a slash. */
export function matches (value: string | undefined, search: string): boolean {
  const insensitive = /(^|[^\\])\/i$/i.test(search)
  const plain = (insensitive ? search.slice(0, -2) : search).replaceAll('\\/', '/')
  const fold = (text: string): string => insensitive ? text.toLowerCase() : text
  const head = plain.startsWith('*')
  const tail = plain.endsWith('*') && plain.length > 1
  const wanted = fold(plain.slice(head ? 1 : 0, tail ? -1 : undefined))
  const given = fold(value ?? '')
  if (head && tail) return given.includes(wanted)
  if (head) return given.endsWith(wanted)
  return tail ? given.startsWith(wanted) : given === wanted
}

/** A numeric parameter, whole and at least 1. @throws XsiError 400 */
function positive (query: ReadonlyMap<string, string>, name: string, absent: number): number {
  const given = query.get(name)
  if (given === undefined || given === '') return absent
  const value = Number(given)
  if (!Number.isInteger(value) || value < 1) throw badRequest(`${name} must be a number from 1`)
  return value
}

export interface Page<T> { start: number; total: number; rows: T[] }

/** The part of a list that `start` and `results` ask for. */
export function page<T> (rows: T[], query: ReadonlyMap<string, string>, limit: number): Page<T> {
  const start = positive(query, 'start', 1)
  const results = Math.min(limit, positive(query, 'results', 50))
  return { start, total: rows.length, rows: rows.slice(start - 1, start - 1 + results) }
}

/** Rows that fit the criteria of a query: all of them, or any with `searchCriteriaModeOr=true`. */
export function search<T> (rows: T[], query: ReadonlyMap<string, string>, fields: Record<string, (row: T) => string | undefined>): T[] {
  const criteria = Object.entries(fields).flatMap(([name, read]) => {
    const wanted = query.get(name.toLowerCase())
    return wanted === undefined || wanted === '' ? [] : [{ wanted, read }]
  })
  if (criteria.length === 0) return rows
  const any = query.get('searchcriteriamodeor')?.toLowerCase() === 'true'
  const fits = (row: T) => (criterion: typeof criteria[number]): boolean => matches(criterion.read(row), criterion.wanted)
  return rows.filter((row) => any ? criteria.some(fits(row)) : criteria.every(fits(row)))
}
