/** Signatures of webhook deliveries (webex-calling.md 4.2). */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { InboxHeaders } from './webhookInbox'

/** The published header (SHA-1), and a newer one whose algorithm clients disagree about (U15): its length decides. */
const OLD_HEADER = 'x-spark-signature'
const NEW_HEADER = 'x-webex-signature'
const ALGORITHMS: Readonly<Record<number, string>> = { 40: 'sha1', 64: 'sha256', 128: 'sha512' }
const PREFIX = /^sha(?:1|256|512)=/i

function matches (body: Buffer, shown: string, secret: string, only?: string): boolean {
  const hex = shown.trim().replace(PREFIX, '')
  const algorithm = ALGORITHMS[hex.length]
  if (algorithm === undefined || (only !== undefined && algorithm !== only) || !/^[0-9a-f]+$/i.test(hex)) return false
  return timingSafeEqual(createHmac(algorithm, secret).update(body).digest(), Buffer.from(hex, 'hex'))
}

/** True when a delivery shows that its sender knows the secret. Every signature that is shown must be right; without one, or with an empty secret, it is false. */
export function isSigned (body: Buffer, headers: InboxHeaders, secret: string): boolean {
  if (secret === '') return false
  const old = headers[OLD_HEADER]
  const fresh = headers[NEW_HEADER]
  const shown: [string | readonly string[] | undefined, string | undefined][] = [[old, 'sha1'], [fresh, undefined]]
  const present = shown.filter(([value]) => value !== undefined)
  return present.length > 0 && present.every(([value, only]) => typeof value === 'string' && matches(body, value, secret, only))
}
