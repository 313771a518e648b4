/** A frame of a socket: one JSON document with a context and a payload; the capitals are theirs (five9.md 4.1). */
import type { Frame } from './protocol'
import { fields, isFields, millis, text } from './read'

/**
 * @param now ms of our own clock, for a frame that tells no time
 * @returns undefined for what is no JSON object with an event id
 */
export function readFrame (raw: string, now: number): Frame | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(raw)
  } catch {
    // HTML, truncated JSON: the caller counts it.
    return undefined
  }
  if (!isFields(parsed)) return undefined
  const context = fields(parsed.context)
  const id = text(context.eventId)
  if (id === undefined) return undefined
  const messageId = text(context.messageId)
  const at = millis(context.timeStamp)
  return { id, at: at ?? now, timed: at !== undefined, payload: parsed.payLoad ?? parsed.payload, raw: parsed, size: raw.length, ...(messageId === undefined ? {} : { messageId }) }
}
