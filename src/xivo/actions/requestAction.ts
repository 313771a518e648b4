/** Any message of the protocol, for what no action covers (model.md 5.2, request). */
import type { ActionEntry } from '../../session/types'
import type { Desk } from '../desk'
import type { Outgoing, XivoMessage } from '../protocol'
import { fields, text } from '../read'
import { repliesTo } from '../requests'
import { invalid } from './common'

/** Classes that are always acknowledged by id (xivo-cti.md 3.0, 3.1). */
const ACKNOWLEDGED: ReadonlySet<string> = new Set(['keepalive', 'getipbxlist', 'getqueuesstats', 'directory'])

/** Pushes of other rows have the class of the answer too: it repeats what was asked for (xivo-cti.md 3.2). */
function isSameList (line: XivoMessage, asked: Outgoing): boolean {
  return asked.class !== 'getlist' || ['function', 'listname', 'tid'].every((key) => asked[key] === undefined || text(line[key]) === text(asked[key]))
}

export function requestAction (desk: Desk): ActionEntry {
  return {
    lacks: ['method', 'path', 'query', 'headers', 'idempotent'],
    run: async (request, { signal, warn }) => {
      const body = fields(request.message ?? request.body)
      const name = text(body.class)
      if (name === undefined) throw invalid('"request" needs "message", an object with a "class".')
      const { commandid, ...rest } = body
      if (commandid !== undefined) warn('"commandid" is given by the session; the one in the message was left out.')
      const message: Outgoing = { ...rest, class: name }
      const wanted = text(request.reply)
      if (wanted === undefined && !ACKNOWLEDGED.has(name)) {
        desk.tell(message)
        warn('No reply was waited for: name its class with "reply".')
        return { data: {} }
      }
      const reply = (line: XivoMessage, commandId: number): boolean => repliesTo(line, commandId) || (line.class === wanted && line.replyid === undefined && isSameList(line, message))
      const answer = await desk.ask({ message, reply, signal })
      return { data: { body: answer.reply }, vendorReply: answer.reply }
    }
  }
}
