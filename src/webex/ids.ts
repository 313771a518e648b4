/** Public ids: base64 of `ciscospark://<region>/<TYPE>/<uuid>` (webex-calling.md 2.2). They are compared by what they hold, and sent as they came. */
const SCHEME = 'ciscospark://'
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const MAX_CACHED = 5000

const decoded = new Map<string, string>()

/** The text that an id holds; an id that is no base64 of text stands for itself. */
export function decodeId (id: string): string {
  const known = decoded.get(id)
  if (known !== undefined) return known
  const plain = BASE64.test(id) && !UUID.test(id) ? Buffer.from(id, 'base64').toString('utf8') : id
  const text = plain.startsWith(SCHEME) || UUID.test(plain) ? plain : id
  if (decoded.size >= MAX_CACHED) decoded.clear()
  decoded.set(id, text)
  return text
}

/** The last part of an id: a uuid, `callhalf-9605420294:0`, a client id. Two ids of one kind mean the same when these are equal. */
export function keyOf (id: string): string {
  const text = decodeId(id)
  return text.slice(text.lastIndexOf('/') + 1)
}

/** `us`, or `urn:TEAM:us-west-2_r`; undefined where the id names none. */
export function regionOf (id: string): string | undefined {
  const text = decodeId(id)
  return text.startsWith(SCHEME) ? text.slice(SCHEME.length).split('/')[0] : undefined
}
