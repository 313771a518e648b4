/** What a command is given (xivo-cti.md 3.0). */
import { type User } from '../../pbx/types'
import { type Message } from '../codec'
import { type Session } from '../session'
import { type Site } from '../site'

export interface Call {
  site: Site
  session: Session
  user: User
  message: Message & { class: string }
  /** A line of the class of the request, without an id. */
  reply: (fields: Message) => void
  /** The one line that commands of the old style always get: with `replyid` when the request had an id. */
  ack: (fields: Message) => void
}

/** @throws Drop for what costs the connection; Refusal of the PBX is silence */
export type Handler = (call: Call) => void
/** Handlers by class, or by the further word of a class (`command`, `message`, `function`). */
export type Handlers = Record<string, Handler>

/** Answer of a handler of the old style that returns nothing. */
export const NOTHING = { warning_string: 'return_is_none' }
export const UNWRITTEN = { warning_string: 'unimplemented' }
