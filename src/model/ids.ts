import type { Platform } from './names'

/** 64-bit text hash, two 32-bit lanes of multiply and xor: ids, not secrets. Cheap enough for the hot path. */
export function hashText (text: string): string {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, 2654435761)
    b = Math.imul(b ^ unit, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return (b >>> 0).toString(16).padStart(8, '0') + (a >>> 0).toString(16).padStart(8, '0')
}

/**
 * Id of a leg: unique in the account and enough for any action. Only this file knows its shape.
 * @param epoch for vendors whose ids start anew with each connection
 */
export function legId (owner: string, vendorId: string, epoch?: string): string {
  return epoch === undefined ? `${owner}/${vendorId}` : `${owner}/${vendorId}/${epoch}`
}

/** First correlation id seen of a conversation, made unique over accounts. */
export function conversationId (accountId: string, correlationId: string): string {
  return `${accountId}:${correlationId}`
}

/** The same for a redelivered vendor message (model.md 2.1). */
export function eventId (accountId: string, vendorKey: string, event: string, leg: string): string {
  return hashText(`${accountId}\n${vendorKey}\n${event}\n${leg}`)
}

/** Key of a call record: the same conversation written again is the same row (model.md 9). */
export function recordId (platform: Platform, account: string, conversation: string, startedAt: string): string {
  return hashText(`${platform}\n${account}\n${conversation}\n${startedAt}`)
}
