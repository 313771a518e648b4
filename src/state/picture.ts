import type { Agent, Call, DeviceState, Dnd, Forwarding, Mailbox, Presence, Queue } from '../model'

/** What is known of an account now. Read only: the session folds events into it. */
export interface PictureView {
  /** Open legs by id; ended legs are found by `tombstone`. */
  call (id: string): Call | undefined
  calls (): IterableIterator<Call>
  callsOf (ownerId: string): Call[]
  /** A leg that ended less than 60 s ago. */
  tombstone (id: string): Call | undefined
  agent (id: string): Agent | undefined
  agents (): IterableIterator<Agent>
  queue (id: string): Queue | undefined
  queues (): IterableIterator<Queue>
  forwarding (userId: string): Forwarding | undefined
  dnd (userId: string): Dnd | undefined
  mailbox (userId: string): Mailbox | undefined
  presence (userId: string): Presence | undefined
  device (id: string): DeviceState | undefined
}
