import { createHash } from 'node:crypto'
import { type Rng } from './pbx/rng'

/** A UUID of version 4 that is the same at each run with the same seed. */
export function uuid (rng: Rng): string {
  return uuidFrom(Buffer.from(Array.from({ length: 16 }, () => rng.integer(0, 255))))
}

/** A UUID that is the same for the same thing at each run, whatever the seed. */
export function uuidOf (kind: string, key: string): string {
  return uuidFrom(createHash('sha1').update(`${kind}\n${key}`).digest().subarray(0, 16))
}

function uuidFrom (bytes: Buffer): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** `digits` hexadecimal digits, capital. */
export function hex (rng: Rng, digits: number): string {
  return Array.from({ length: digits }, () => rng.integer(0, 15).toString(16)).join('').toUpperCase()
}
