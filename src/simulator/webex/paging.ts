/** Pages of a list: `max`, and a `Link` to the next one (webex-calling.md 3.10). */
import { badRequest } from './errors'
import { type Call, type Reply } from './http'

/**
 * The page that a request asks for. `start` counts from 0 (queues) or is hidden in `cursor` (people, webhooks); the link carries all other parameters on.
 * @throws WebexError 400 for a `max` or place that is no number
 */
export function pageOf<Item> (call: Call, all: readonly Item[], render: (item: Item) => unknown, options: { name?: string; max: number; most?: number; extra?: Record<string, unknown> }): Reply {
  const { name = 'items', max, most = max, extra = {} } = options
  const { query, origin, path } = call
  const cursor = query.get('cursor')
  const start = cursor === null ? number(query.get('start') ?? query.get('offset'), 0) : number(Buffer.from(cursor, 'base64url').toString('utf8'), 0)
  const size = Math.min(number(query.get('max'), max), most)
  if (size < 1) throw badRequest('max must be above 0')
  const page = all.slice(start, start + size)
  const next = new URLSearchParams(query)
  if (query.has('start')) next.set('start', String(start + size))
  else next.set('cursor', Buffer.from(String(start + size)).toString('base64url'))
  const more = start + size < all.length
  return { body: { [name]: page.map(render), ...extra }, ...(more ? { headers: { Link: `<${origin}${path}?${next.toString()}>; rel="next"` } } : {}) }
}

function number (given: string | null, absent: number): number {
  if (given === null || given === '') return absent
  const value = Number(given)
  if (!Number.isInteger(value) || value < 0) throw badRequest(`${given} is no place in a list`)
  return value
}
