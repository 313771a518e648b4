import { type Core } from './core'
import { type Call, type Connection, type Party, Refusal, type VoiceMessage } from './types'

const SHORTEST_MESSAGE_MS = 2000
const MOST_MESSAGES = 200

/** Voice messages. */
export class Mailboxes {
  constructor (private readonly core: Core) {}

  /** Leaves a message. @throws Refusal `notAssigned` without a mailbox, `full` with 200 messages */
  leave (userKey: string, from: Party, durationMs: number, urgent = false): VoiceMessage {
    const user = this.core.user(userKey)
    if (!user.features.voicemail) throw new Refusal('notAssigned', `${userKey} has no mailbox`)
    if (user.mailbox.messages.length >= MOST_MESSAGES) throw new Refusal('full', `the mailbox of ${userKey} is full`)
    const message: VoiceMessage = { id: this.core.key('message'), from: { ...from }, at: this.core.now(), durationMs, read: false, urgent }
    user.mailbox.messages.push(message)
    this.tell(userKey, 'left', message)
    return { ...message }
  }

  mark (userKey: string, id: string, read: boolean): void {
    const message = this.message(userKey, id)
    if (message.read === read) return
    message.read = read
    this.tell(userKey, read ? 'read' : 'unread', message)
  }

  delete (userKey: string, id: string): void {
    const message = this.message(userKey, id)
    const { mailbox } = this.core.user(userKey)
    mailbox.messages = mailbox.messages.filter((other) => other !== message)
    this.tell(userKey, 'deleted', message)
  }

  /** The call with a mailbox ended: what was said long enough is a message. */
  recorded (connection: Connection, call: Call): void {
    const user = this.core.users.get(connection.party.userKey ?? '')
    const durationMs = this.core.now() - (connection.answeredAt ?? this.core.now())
    if (user === undefined || !user.features.voicemail || durationMs < SHORTEST_MESSAGE_MS || user.mailbox.messages.length >= MOST_MESSAGES) return
    const from = connection.remote ?? { kind: 'external', ...(call.ani === undefined ? { private: true } : { number: call.ani }) }
    this.leave(user.key, from, durationMs)
  }

  private message (userKey: string, id: string): VoiceMessage {
    const message = this.core.user(userKey).mailbox.messages.find((other) => other.id === id)
    if (message === undefined) throw new Refusal('invalidValue', `no message ${id}`)
    return message
  }

  private tell (userKey: string, change: string, message: VoiceMessage): void {
    const { messages } = this.core.user(userKey).mailbox
    const count = (read: boolean, urgent: boolean): number => messages.filter((other) => other.read === read && other.urgent === urgent).length
    this.core.tell({ type: 'mailbox', userKey, detail: { change, message: { ...message }, newMessages: count(false, false), oldMessages: count(true, false), newUrgent: count(false, true), oldUrgent: count(true, true) } })
  }
}
