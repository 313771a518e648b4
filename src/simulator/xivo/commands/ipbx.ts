/** `ipbxcommand`: the command is a word of its own (xivo-cti.md 3.1, 3.5). */
import { Drop, need } from '../codec'
import { type Release } from '../release'
import { agentCommands } from './agents'
import { dialCommands } from './dial'
import { managerCommands } from './manager'
import { roomCommands } from './rooms'
import { type Call, type Handlers, NOTHING } from './types'

const COMMANDS: Handlers = { ...dialCommands, ...agentCommands, ...managerCommands, ...roomCommands }
/** First release that does not have a command any more. */
const UNTIL: Record<string, string> = { originate: '15.19', hangup: '15.19', transfer: '15.19', atxfer: '15.19', intercept: '15.19', parking: '15.19', mailboxcount: '15.19', record: '14.24', sipnotify: '14.24' }

function knows (release: Release, name: string): boolean {
  const until = UNTIL[name]
  return Object.hasOwn(COMMANDS, name) && (until === undefined || !release.from(until))
}

export function ipbxCommand (call: Call): void {
  const name = need(call.message, 'command')
  if (typeof name !== 'string') throw new Drop('command is no text')
  if (knows(call.site.release, name)) COMMANDS[name]?.({ ...call, ack: (fields) => { call.ack({ command: name, ...fields }) } })
  else if (!call.site.release.second) call.ack(NOTHING)
}
